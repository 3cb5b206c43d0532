"""The audit log page by page: stable while the log grows, bad filters named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import Invalid, NotFound, Refusal
from projections.audit_log import search
from projections.audit_log.search import Search
from tests.support.story import ANN, BEN, COMPANY, NOW, SALES, Story, day

NOBODY = UUID(int=0xDEAD)


def positions(page: dict[str, Any]) -> list[int]:
    return [entry["position"] for entry in page["entries"]]


def types(story: Story, **search: Any) -> list[str]:
    """The types of what is found, the oldest first."""
    return [e["type"] for e in story.queries.audit_log("oldest", **search)["entries"]]


def every_page(story: Story, order: str, limit: int, **search: Any) -> Iterator[dict[str, Any]]:
    """All pages, while after each of them somebody goes on writing."""
    cursor: dict[str, int] = {}
    name = {"newest": "before", "oldest": "after"}[order]
    while True:
        page = story.queries.audit_log(order, limit=limit, **search, **cursor)
        yield page
        story.objective("meanwhile")
        if page[f"next_{name}"] is None:
            return
        cursor = {name: page[f"next_{name}"]}


def test_pages_stay_what_they_are_while_the_log_grows(story: Story) -> None:
    for number in range(5):
        story.objective(str(number))
    head = story.okr.log.head()
    found = [n for page in every_page(story, "newest", 4) for n in positions(page)]
    assert found == list(range(head, 0, -1))


def test_the_oldest_first_what_is_written_meanwhile_comes_last(story: Story) -> None:
    before = story.okr.log.head()
    pages = every_page(story, "oldest", 5)
    found = [n for _ in range(before // 5 + 1) for n in positions(next(pages))]
    assert found == list(range(1, len(found) + 1))
    assert len(found) > before


def test_a_page_lies_between_its_cursors(story: Story) -> None:
    assert positions(story.queries.audit_log(after=2, before=6)) == [5, 4, 3]
    assert positions(story.queries.audit_log("oldest", after=2, before=6, limit=2)) == [3, 4]
    assert positions(story.queries.audit_log(after=6, before=2)) == []
    last = story.queries.audit_log(after=2, before=6, limit=3)
    assert (last["next_before"], last["next_after"], last["complete"]) == (None, None, True)


def test_an_empty_log_has_an_empty_audit_log(untold: Story) -> None:
    page = untold.queries.audit_log()
    assert (page["entries"], page["position"], page["next_before"]) == ([], 0, None)
    assert untold.queries.audit_log(recorded_from="2025-01-01", about_to=day(1))["entries"] == []


def test_the_one_who_wrote_finds_their_write(story: Story) -> None:
    goal = story.objective("win")
    page = story.queries.audit_log(goal_id=goal, limit=1)
    assert positions(page) == [story.okr.log.head()]
    assert page["position"] == story.okr.log.head()


# ---- what belongs to what ---------------------------------------------------------------


def test_a_goal_has_all_below_it_while_it_was_below(story: Story) -> None:
    top, goal, kpi = story.objective("top"), story.objective("goal"), story.kpi()
    leads = story.key_result(goal)
    story.reads(kpi, "1")
    story.aligns(goal, aligned_to_objective_id=top)
    story.does(c.LinkKeyResult(leads, kpi))
    reading = story.reads(kpi, "2")
    story.does(c.CorrectReading(reading, Decimal(3)))
    story.does(c.ReplaceKpiSource(kpi, "ERP"))
    story.does(c.LinkKeyResult(leads, None))
    story.reads(kpi, "4")
    story.checks_in(leads, "5")
    story.aligns(goal)
    story.does(c.RetitleObjective(goal, "on its own"))
    assert types(story, goal_id=top) == [
        "objective.drafted", "objective.committed", "objective.realigned", "key_result.linked",
        "reading.recorded", "reading.corrected", "kpi.source_replaced", "key_result.unlinked",
        "reading.checked_in", "objective.realigned",
    ]  # fmt: skip
    assert types(story, goal_id=kpi).count("reading.recorded") == 3


def test_a_team_has_its_goals_while_they_were_its(story: Story) -> None:
    goal = story.objective("goal", team_id=SALES)
    leads = story.key_result(goal)
    story.does(c.ReassignObjective(goal, team_id=COMPANY))
    story.checks_in(leads, "5")
    story.does(c.MoveTeam(SALES, None))
    story.does(c.RenameTeam(SALES, "Growth"))
    assert types(story, team_id=SALES) == [
        "team.formed", "objective.drafted", "objective.committed", "key_result.added",
        "objective.reassigned", "team.moved", "team.renamed",
    ]  # fmt: skip
    assert types(story, team_id=COMPANY)[-3:] == [
        "objective.reassigned", "reading.checked_in", "team.moved",
    ]  # fmt: skip


def test_a_team_that_had_a_goal_twice_has_it_for_both_times(story: Story) -> None:
    goal = story.objective("0", team_id=SALES)
    story.does(c.ReassignObjective(goal, team_id=COMPANY))
    story.does(c.RetitleObjective(goal, "elsewhere"))
    story.does(c.ReassignObjective(goal, team_id=SALES))
    story.does(c.RetitleObjective(goal, "back"))
    assert types(story, team_id=SALES, type="objective") == [
        "objective.drafted", "objective.committed", "objective.reassigned",
        "objective.reassigned", "objective.retitled",
    ]  # fmt: skip


def test_a_person_acted_was_acted_for_or_is_named(story: Story) -> None:
    goal = story.objective("win", owner_id=BEN)
    story.does(c.RetitleObjective(goal, "more"), by=BEN)
    story.does(c.ReassignObjective(goal, ANN))
    story.does(c.RetitleObjective(goal, "most"))
    story.does(c.RenameTeam(SALES, "Growth"), on_behalf_of=BEN)
    assert types(story, person_id=BEN) == [
        "person.registered", "objective.drafted", "objective.retitled", "objective.reassigned",
        "team.renamed",
    ]  # fmt: skip


def test_filters_narrow_one_another_down(story: Story) -> None:
    goal, other = story.objective("win"), story.objective("other", team_id=SALES)
    for each in (goal, other):
        story.does(c.RetitleObjective(each, "new"), by=BEN, origin="page")
    found = story.queries.audit_log(
        cycle=NOW, team_id=SALES, person_id=BEN, type="objective.retitled", origin="page",
        text="it was", recorded_from="2025-02-19", recorded_to="2025-02-19T12:00:00Z",
    )  # fmt: skip
    assert [entry["id"] for entry in found["entries"]] == [f"{other}/3"]


def test_days_are_those_readings_are_about(story: Story) -> None:
    kpi = story.kpi()
    early, late = story.reads(kpi, "1", day(10)), story.reads(kpi, "2", day(20))
    story.does(c.RetractReading(early))
    found = story.queries.audit_log(about_from=day(10), about_to=day(19))["entries"]
    assert [e["id"] for e in found] == [f"{early}/2", f"{early}/1"]
    assert [e["id"] for e in story.queries.audit_log(about_from=day(11))["entries"]] == [
        f"{late}/1"
    ]


# ---- words ------------------------------------------------------------------------------


def test_words_are_found_until_who_they_are_about_is_erased(story: Story) -> None:
    story.does(c.DeactivatePerson(BEN), reason="The Canary sang", comment="loudly")
    assert len(story.queries.audit_log(text="canary  SANG")["entries"]) == 1
    assert len(story.queries.audit_log(text="LOUD")["entries"]) == 1
    story.does(c.ErasePerson(BEN, "on request"))
    for text in ("canary", "loud"):
        found = story.queries.audit_log(text=text)
        assert (found["entries"], found["complete"]) == ([], True)
    assert len(story.queries.audit_log(person_id=BEN, type="person.deactivated")["entries"]) == 1


def test_a_search_for_words_says_where_it_stopped(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "DECRYPTED_AT_ONCE", 2)
    monkeypatch.setattr(search, "MOST_DECRYPTED", 4)
    goal = story.objective("win")
    story.does(c.RetitleObjective(goal, "more"), reason="a needle")
    needle = story.okr.log.head()
    for number in range(10):
        story.does(c.RetitleObjective(goal, str(number)), reason="hay")
    page = story.queries.audit_log(text="needle")
    assert (page["entries"], page["complete"]) == ([], False)
    assert page["next_before"] == needle + 7
    looked = 1
    while not page["entries"]:
        page = story.queries.audit_log(text="needle", before=page["next_before"])
        looked += 1
    assert (positions(page), looked) == ([needle], 3)


# ---- what is refused --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "refusal", "field"),
    [
        ({"goal_id": NOBODY}, NotFound, "goal_id"),
        ({"goal_id": SALES}, NotFound, "goal_id"),
        ({"team_id": NOBODY}, NotFound, "team_id"),
        ({"person_id": NOBODY}, NotFound, "person_id"),
        ({"cycle": NOBODY}, NotFound, "cycle"),
        ({"type": "objective.re"}, Invalid, "type"),
        ({"type": "colour"}, Invalid, "type"),
        ({"origin": "elsewhere"}, Invalid, "origin"),
        ({"text": " \n"}, Invalid, "text"),
        ({"recorded_from": "yesterday"}, Invalid, "recorded_from"),
        ({"recorded_from": "2025-02-30"}, Invalid, "recorded_from"),
        ({"recorded_from": "5"}, Invalid, "recorded_from"),
        ({"recorded_to": "2025-02-19T12:00:00"}, Invalid, "recorded_to"),
        ({"recorded_to": "0001-01-01"}, Invalid, "recorded_to"),
        ({"recorded_from": "2025-02-20", "recorded_to": "2025-02-19"}, Invalid, "recorded_to"),
        ({"about_from": date(1, 1, 1)}, Invalid, "about_from"),
        ({"about_from": day(2), "about_to": day(1)}, Invalid, "about_to"),
        ({"language": "de"}, Invalid, "language"),
        ({"order": "random"}, Invalid, "order"),
    ],
)
def test_a_filter_that_cannot_be_is_named(
    search: dict[str, Any], refusal: type[Refusal], field: str, story_on_sqlite: Story
) -> None:
    with pytest.raises(refusal) as raised:
        story_on_sqlite.queries.audit_log(**search)
    assert raised.value.field == field  # type: ignore[attr-defined]


def test_an_export_is_refused_before_it_begins(story_on_sqlite: Story) -> None:
    with pytest.raises(Invalid):
        story_on_sqlite.queries.audit_logs.positions(Search(type="colour"))


def test_all_of_the_log_is_found_in_order_and_shown_in_the_order_asked(story: Story) -> None:
    whole = story.queries.audit_logs
    (found,) = whole.positions(Search())
    assert found == list(range(1, story.okr.log.head() + 1))
    assert [entry["position"] for entry in whole.entries([3, 1, 2])] == [3, 1, 2]
    assert whole.entries([]) == []
