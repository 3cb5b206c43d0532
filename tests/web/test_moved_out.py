"""A key result that was moved out of a confidential objective: what was said before is withheld."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal

import pytest

from okr_es import commands as c
from okr_es.application import Okr
from tests.support.begun import Begun
from tests.support.company_of_roles import HERE, METRIC, NOW, OTHER, Company, id_of
from tests.support.ids import cycle_uuid
from tests.web.test_confidential import AUGUST, EVERYBODY, Asker, said
from tests.web.test_confidential import Story as Approving

WORD, SINCE = "zanzibar", "lisbon"
CLOSED, OPEN, MOVED = (id_of(WORD, name) for name in ("closed", "open", "moved"))
CLOSED_TOO, OPEN_TOO, TWICE = (id_of(WORD, name) for name in ("closed too", "open too", "twice"))
# In the order in which one was moved out of both; not that of their ids.
FIRST, SECOND = sorted((CLOSED, CLOSED_TOO), reverse=True)
OWN, OWN_WORD, OWN_READING = id_of(WORD, "own"), "quito", id_of(WORD, "own reading")
READINGS = EARLY, LATE = id_of(WORD, "early"), id_of(WORD, "late")
QUARTER = cycle_uuid("2025-Q3")
READERS = {"other", "lead", "lead of all", "hr", "auditor", "auditor of all"}


class Story(Approving):
    """The company with a key result that was below a confidential objective."""

    def tell(self) -> None:
        Company.tell(self)
        why = {"reason": f"Because {WORD}.", "comment": f"Also {WORD}."}
        for id_, title in ((CLOSED, WORD), (OPEN, "in the open")):
            self.approved(c.DraftObjective(QUARTER, HERE, OTHER, title, id=id_), {})
        self.approved(c.AddKeyResult(CLOSED, f"{WORD} metric", METRIC, id=MOVED), why)
        self.approved(c.CommitObjective(CLOSED), why)
        self.approved(c.CheckIn(MOVED, AUGUST, 5, Decimal(3), id=EARLY), why)
        self.approved(c.RetitleKeyResult(MOVED, "a plain title"), why)
        self.approved(c.KeepConfidential(CLOSED), why)
        self.moves_others(why)
        self.approved(c.MoveKeyResult(MOVED, OPEN), why)
        self.approved(c.CommitObjective(OPEN), {})
        late = c.CheckIn(MOVED, AUGUST, 6, Decimal(4), id=LATE)
        self.does(late, comment=f"{SINCE} says so")

    def moves_others(self, why: dict[str, str]) -> None:
        """Move one out of two confidential objectives, and one that a member owns out of one."""
        for id_, title in ((CLOSED_TOO, WORD), (OPEN_TOO, "also in the open")):
            self.approved(c.DraftObjective(QUARTER, HERE, OTHER, title, id=id_), {})
        self.approved(c.AddKeyResult(CLOSED_TOO, WORD, METRIC), why)
        self.approved(c.CommitObjective(CLOSED_TOO), why)
        self.approved(c.KeepConfidential(CLOSED_TOO), why)
        self.approved(c.AddKeyResult(FIRST, f"{WORD} twice", METRIC, id=TWICE), why)
        self.approved(c.MoveKeyResult(TWICE, SECOND), why)
        self.approved(c.CheckIn(TWICE, AUGUST, 5, Decimal(7)), why)
        self.approved(c.RetitleKeyResult(TWICE, "moved twice"), why)
        own = c.AddKeyResult(CLOSED, OWN_WORD, METRIC, id=OWN, owner_id=id_of("member"))
        self.approved(own, why)
        self.does(c.CheckIn(OWN, AUGUST, 5, Decimal(2), id=OWN_READING), comment=OWN_WORD)
        self.approved(c.DescribeKeyResult(OWN, f"{OWN_WORD} described"), why)
        for id_ in (TWICE, OWN):
            self.approved(c.MoveKeyResult(id_, OPEN_TOO), why)


@pytest.fixture(scope="module")
def told(begun_on_sqlite: Begun) -> Iterator[tuple[Asker, int]]:
    with (
        begun_on_sqlite.fresh("company of roles moved", begin) as url,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        asker = Asker(okr)
        (retitled,) = asker.queries.audit_log(type="key_result.retitled", goal_id=MOVED)["entries"]
        yield asker, retitled["position"] - 1
        asker.queries.runner.close()


def begin(url: str) -> None:
    with closing(Okr(url, clock=lambda: NOW)) as okr:
        Story(okr).tell()


def asked(known_at: int) -> list[str]:
    """All there is to ask about both objectives and the key result, today and before the move."""
    ids = {"objectives": OPEN, "key-results": MOVED, "goals": MOVED}
    places = [f"/{kind}/{id_}" for kind, id_ in ids.items() if kind != "goals"]
    places += [f"/{kind}/{id_}/plan-and-actual" for kind, id_ in ids.items() if kind != "goals"]
    places += [f"/goals/{each}/history" for each in (MOVED, OPEN, CLOSED, TWICE, OWN)]
    places += [f"/key-results/{each}" for each in (TWICE, OWN)]
    places += [f"/key-results/{each}/readings" for each in (TWICE, OWN)]
    places += [f"/key-results/{MOVED}/readings", f"/audit-log?goal_id={MOVED}", "/audit-log",
               f"/objectives/{OPEN}/explanation?from=1&to=2025-08-15",
               f"/audit-log?text={WORD}", "/cycles/2025-Q3/board", "/cycles/2025-Q3/tree",
               "/cycles/2025-Q3/plan", "/cycles/2025-Q3/replay", "/approvals"]  # fmt: skip
    places += [f"/readings/{each}" for each in READINGS]
    pasts = [f"{each}?known_at={known_at}" for each in places if "?" not in each]
    return [*places, *pasts, *(f"{each}?at=2025-08-05" for each in places if "?" not in each)]


@pytest.mark.parametrize("who", sorted(EVERYBODY.keys() - READERS))
def test_what_was_said_before_it_was_moved_is_withheld(who: str, told: tuple[Asker, int]) -> None:
    asker, before = told
    leaks = [each for each in asked(before) if WORD in said(asker.get(who, each)).replace(each, "")
             and "text=" not in each]  # fmt: skip
    assert leaks == []
    found = asker.get(who, f"/audit-log?text={WORD}")
    assert found.status_code == 403 or found.json["entries"] == []


def test_who_may_read_the_objective_reads_it(told: tuple[Asker, int]) -> None:
    asker, before = told
    for address in (f"/key-results/{MOVED}?known_at={before}", f"/goals/{MOVED}/history",
                    f"/key-results/{MOVED}/readings"):  # fmt: skip
        assert WORD in said(asker.get("lead", address)), address


def test_what_it_promises_since_is_open_to_all(told: tuple[Asker, int]) -> None:
    asker, _ = told
    today = asker.get("member", f"/key-results/{MOVED}").json
    assert (today["title"], today["unit"]) == ("a plain title", "leads")
    board = asker.get("member", "/cycles/2025-Q3/board").json["objectives"]
    (of_it,) = [each for each in board if each["id"] == str(OPEN)]
    assert [each["title"] for each in of_it["key_results"]] == ["a plain title"]
    (newest, oldest) = asker.get("member", f"/key-results/{MOVED}/readings").json["readings"]
    assert (newest["comment"], newest["value"]) == (f"{SINCE} says so", "4")
    assert (oldest["comment"], oldest["value"]) == (None, None)
    assert SINCE in said(asker.get("member", f"/goals/{MOVED}/history"))


def test_a_reading_since_it_was_moved_is_there_today_and_one_before_is_not(
    told: tuple[Asker, int],
) -> None:
    asker, _ = told
    late = asker.get("member", f"/readings/{LATE}").json
    assert (late["measured"]["title"], late["reading"]["value"]) == ("a plain title", "4")
    assert late["reading"]["comment"] == f"{SINCE} says so"
    assert asker.get("member", f"/readings/{EARLY}").status_code == 404
    # On an earlier day the key result may have been called otherwise.
    assert asker.get("member", f"/readings/{LATE}?at=2025-08-14").status_code == 404
    early = asker.get("lead", f"/readings/{EARLY}").json
    assert (early["measured"]["title"], early["reading"]["value"]) == ("a plain title", "3")
    assert early["recorded"]["by"]["id"] == str(OTHER)


def test_of_one_moved_twice_what_was_said_before_the_last_move_is_withheld(
    told: tuple[Asker, int],
) -> None:
    asker, _ = told
    readings = f"/key-results/{TWICE}/readings"
    assert asker.get("member", f"/key-results/{TWICE}").json["title"] == "moved twice"
    (theirs,), (all_,) = (asker.get(who, readings).json["readings"] for who in ("member", "lead"))
    assert (theirs["value"], theirs["comment"]) == (None, None)
    assert (all_["value"], all_["comment"]) == ("7", f"Also {WORD}.")


def test_who_owns_a_key_result_that_was_moved_reads_its_past(told: tuple[Asker, int]) -> None:
    asker, _ = told
    (of_owner,), (of_deputy,) = (
        asker.get(who, f"/key-results/{OWN}/readings").json["readings"]
        for who in ("member", "deputy")
    )
    assert (of_owner["value"], of_owner["comment"]) == ("2", OWN_WORD)
    assert (of_deputy["value"], of_deputy["comment"]) == (None, None)
    own = asker.get("member", f"/readings/{OWN_READING}").json
    assert (own["measured"]["title"], own["reading"]["value"]) == (OWN_WORD, "2")
    assert asker.get("deputy", f"/readings/{OWN_READING}").status_code == 404
    moves = asker.queries.audit_log(type="key_result.moved", goal_id=OWN)["entries"]
    past = f"/key-results/{OWN}?known_at={moves[0]['position'] - 1}"
    assert [asker.get(who, past).json["title"] for who in ("member", "deputy")] == [OWN_WORD, None]
