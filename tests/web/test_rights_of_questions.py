"""Every question × every role × both sides of scope, over HTTP, against the table by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from okr_es import commands as c
from okr_es.access import rights
from okr_es.access.rights import Held, Line
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.approval import approval_id
from okr_es.domain.refusals import NotAllowed
from okr_es.domain.values import PeopleFigures
from okr_es.evidence.signer import Signer
from projections.queries import Queries
from tests.okr_es.access.test_rights import ALONE, NO, Scene, meant
from tests.support.begun import Begun
from tests.support.company_of_roles import (
    COMPANY,
    HERE,
    NOW,
    OTHER,
    ROLES,
    THERE,
    begin_roles,
    id_of,
)
from tests.support.ids import cycle_uuid
from tests.web.test_rights_of_commands import COPY
from web.api.entrance import Mode
from web.app import PREFIX, create_app

MEMBER, HR, LEAD, ADMINISTRATOR = (
    str(id_of(name)) for name in ("member", "hr", "lead", "administrator")
)
# What every member may ask, and is answered the same: by hand, as addresses.
SEEN = [
    "/calendar", "/retention", "/scoring-policy", "/cycles", "/cycles/2025-Q3",
    "/cycles/2025-Q3/board", "/cycles/2025-Q3/tree",
    "/objectives", "/objectives/{objective}", "/key-results", "/key-results/{key_result}",
    "/objectives?owner={person}", "/kpis", "/kpis/{kpi}",
    "/kpis/{kpi}/readings", "/key-results/{key_result}/readings", "/goals/{objective}/history",
    "/cycles/2025-Q3/plan", "/cycles/2025-Q3/results", "/cycles/2025-Q3/replay",
    "/compare?from=2025-Q3&to=2025-Q4", "/objectives/{objective}/explanation?from=1&to=2025-08-15",
    "/objectives/{objective}/plan-and-actual", "/key-results/{key_result}/plan-and-actual",
    "/cycles/2025-Q3/changes-by-day", "/cycles/2025-Q3/trends", "/check-ins", "/templates",
    "/kpis/{kpi}/plan-and-actual", "/teams", "/teams/{team}", "/people", "/people/{person}",
    "/readings/{reading}", "/checkpoints", "/checkpoints/latest",
    "/checkpoints/{size}", "/checkpoints/{size}/consistency?from=1", "/evidence/verifier",
]  # fmt: skip


class Case(NamedTuple):
    """A question with a filter: of which line and part it is, and what the filter is about."""

    address: str
    line: str
    part: str | None
    about: str  # goal, team, person (perhaps in the team of a lead), all, or nothing


# By hand: what not everybody may ask.
CASES = [
    Case("/cycles/2025-Q3/review?person_id={person}", "reviews", "read", "person in a team"),
    Case("/cycles/2025-Q3/review?team={team}", "reviews", "read", "team"),
    Case("/cycles/2025-Q3/review?objective_id={objective}", "reviews", "read", "goal"),
    Case("/scoreboard?cycle=2025-Q3&cycle=2025-Q4&person_id={person}", "reviews", "read",
         "person in a team"),
    Case("/scoreboard?cycle=2025-Q3&cycle=2025-Q4&team={team}", "reviews", "read", "team"),
    Case("/compare?from=2025-Q3&to=2025-Q4&person_id={person}", "reviews", "read",
         "person in a team"),
    Case("/audit-log?person_id={person}", "audit", "plan", "person in a team"),
    Case("/audit-log?acted_by={person}", "audit", "plan", "person in a team"),
    Case("/audit-log?team={team}", "audit", "plan", "team"),
    Case("/events?after=0&person_id={person}", "audit", "plan", "person in a team"),
    Case("/events?team={team}", "audit", "plan", "team"),
    Case("/events?goal_id={objective}&type=objective", "audit", "plan", "goal"),
    Case("/audit-log?goal_id={objective}&type=objective", "audit", "plan", "goal"),
    Case("/audit-log?type=person&person_id={person}", "audit", "people", "person in a team"),
    Case("/audit-log?type=cycle&person_id={person}", "audit", "configuration", "person in a team"),
    Case("POST /evidence?team={team}", "audit", "plan", "team"),
    Case("POST /evidence?person_id={person}", "audit", "plan", "person in a team"),
    Case("/evidence/sample?seed=1&team={team}", "audit", "plan", "team"),
    Case("/evidence/sample?seed=1&goal_id={objective}", "audit", "plan", "goal"),
    Case("/evidence/sample?seed=1&person_id={person}", "audit", "plan", "person in a team"),
    Case("POST /evidence/sample?seed=1&team={team}", "audit", "plan", "team"),
    Case("POST /evidence/sample?seed=1&person_id={person}", "audit", "plan", "person in a team"),
    Case("/cycles/2025-Q3/patterns", "audit", "plan", "all"),
    Case("/grants?person_id={person}", "audit", None, "person in a team"),
    Case("/grants?team={team}", "audit", None, "team"),
    Case("/who-could?may=plans", "audit", None, "nothing"),
    Case("/who-could?may=plans&goal_id={objective}", "audit", None, "goal"),
    Case("/who-could?may=plans&team={team}", "audit", None, "team"),
    Case("/who-could?may=personal&person_id={person}", "audit", None, "person"),
    Case("/access-log?by={person}", "access_log", "read", "person in a team"),
    Case("/access-log?team={team}", "access_log", "read", "team"),
    # Who looked at a goal is nobody's own, not even its owner's.
    Case("/access-log?goal_id={objective}", "access_log", "read", "goal of others"),
    Case("/access-log?person_id={person}&by={person}", "access_log", "read", "person in a team"),
    Case("/people/{person}/held-data", "personal", "read", "person"),
    Case("/people/{person}/needs", "reviews", "read", "person"),
    Case("/keys", "directory", "configuration", "nothing"),
]  # fmt: skip
# Routes that show each their own, or are open to all: other tests below, and in test_callers.
ELSEWHERE = {
    "/approvals", "/approvals/{}", "/commands/{}", "/events/{}/proof", "/sessions",
    "", "/openapi.json", "/docs/", "/docs/{}", "/people/{}/preferences",
}  # fmt: skip


class Side(NamedTuple):
    """Something of somebody's, in a team."""

    own: bool
    name: str
    owner: UUID
    team: UUID


def sides(actor: str, about: str) -> list[Side]:
    own = Side(True, actor, id_of(actor), HERE)
    others = [Side(False, "other", OTHER, HERE), Side(False, "elsewhere", OTHER, THERE)]
    return {
        "goal": [own, *others],
        "goal of others": [own._replace(own=False), *others],
        "team": others,
        "person": [own, others[0]],
        "person in a team": [own, others[0]],
    }.get(about, [others[0]])


def expected(actor: str, line: str, part: str | None, about: str, side: Side) -> int:
    """What the copy of the table says; what takes two is not seen by one."""
    role = ROLES[actor]
    above = {"goal": {side.team, COMPANY}, "team": {side.team, COMPANY}, "all": {COMPANY},
             "goal of others": {side.team, COMPANY},
             "person in a team": {HERE, COMPANY}}  # fmt: skip

    def scene(team: UUID | None) -> Scene:
        return Scene(
            own=side.own, asked=side.own, deputy=False, whole=team is None,
            below=team in above.get(about, set()), kpi=False, part=part, figures="own_and_leads",
        )  # fmt: skip

    meanings = [meant(COPY[line, "member"], scene(None))]
    if role is not None:
        meanings.append(meant(COPY[line, str(role[0])], scene(role[1])))
    return ALONE if max(meanings) == ALONE else NO


class Asker:
    """Asks a server where the rights of the person who is named hold."""

    def __init__(self, okr: Okr, queries: Queries) -> None:
        self.okr, self.queries = okr, queries
        self.client = create_app(okr, queries, mode=Mode.DEVELOPMENT).test_client()
        self.size = 0

    def ask(self, who: str | UUID, address: str, side: Side, **headers: str) -> TestResponse:
        method, _, path = (
            f"GET {address}".split(" ")[-2:][0],
            "",
            address.rsplit(" ", maxsplit=1)[-1],
        )
        ids = {kind: id_of(side.name, kind.replace("_", " ")) for kind in KINDS}
        filled = path.format(person=side.owner, team=side.team, size=self.size, **ids)
        named = {"Okr-Actor": str(who)} | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.client.open(PREFIX + filled, method=method, headers=named)

    def may(self, actor: str, address: str, side: Side) -> int:
        response = self.ask(id_of(actor), address, side)
        if response.status_code == 403:
            slug = response.json["type"].removeprefix("/problems/")
            assert slug in {"not-allowed", "api-key-may-not"}, response.text
            return NO
        assert response.status_code == 200, f"{address}: {response.text}"
        return ALONE

    def wrong_cells(self, actors: list[str], cases: list[Case]) -> Iterator[tuple[str, str, str]]:
        for actor in actors:
            for case in cases:
                for side in sides(actor, case.about):
                    means = expected(actor, case.line, case.part, case.about, side)
                    if self.may(actor, case.address, side) != means:
                        yield actor, case.address, side.name


KINDS = ("objective", "key_result", "kpi", "reading")
OTHERS = Side(False, "other", OTHER, HERE)


@pytest.fixture(scope="module")
def asker(begun_on_sqlite: Begun) -> Iterator[Asker]:
    with (
        begun_on_sqlite.fresh("company of roles", begin_roles) as url,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        Signer(okr).sign()
        asker = Asker(okr, Queries(okr))
        asker.size = okr.log.head()
        yield asker
        asker.queries.runner.close()


def bare(address: str) -> str:
    return re.sub(r"\{[^}]+\}|<[^>]+>|2025-Q3", "{}", address.partition("?")[0].split(" ")[-1])


def test_every_route_that_answers_has_its_line_here(asker: Asker) -> None:
    routes = {
        bare(rule.rule.removeprefix(PREFIX))
        for rule in asker.client.application.url_map.iter_rules()
        if rule.rule.startswith(PREFIX) and ("GET" in rule.methods or "/evidence" in rule.rule)
    }  # fmt: skip
    covered = {bare(each) for each in SEEN} | {bare(each.address) for each in CASES} | ELSEWHERE
    assert sorted(routes - covered) == []
    assert sorted(covered - routes) == []


@pytest.mark.parametrize("actor", ROLES)
def test_every_question_is_answered_as_the_table_says(actor: str, asker: Asker) -> None:
    assert list(asker.wrong_cells([actor], CASES)) == []


@pytest.mark.parametrize("actor", ["member", "administrator"])
def test_everybody_sees_goals(actor: str, asker: Asker) -> None:
    assert [each for each in SEEN if asker.may(actor, each, OTHERS) != ALONE] == []


@pytest.mark.parametrize("line", ["reviews", "personal", "audit", "access_log", "directory"])
def test_a_wrong_cell_is_found(line: str, asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever it is, and whether it allows too much or too little."""
    cases = [case for case in CASES if case.line == line]
    for actor in [actor for actor in ROLES if actor not in {"deputy", "lead of all"}]:
        role = ROLES[actor]
        number = rights.COLUMNS.index("member" if role is None else str(role[0]))
        row = rights.TABLE[Line(line)]
        for word in {"yes", "no"} - {row[number]}:
            if not differs(actor, cases, word):
                continue
            planted: Any = (*row[:number], word, *row[number + 1 :])
            with monkeypatch.context() as patch:
                patch.setitem(rights.TABLE, Line(line), planted)
                assert any(asker.wrong_cells([actor], cases)), (actor, word)


def differs(actor: str, cases: list[Case], word: str) -> bool:
    """Whether a planted yes allows an actor more than the table, a planted no less."""
    tried = [(case, side) for case in cases for side in sides(actor, case.about)]
    has = [expected(actor, each.line, each.part, each.about, side) for each, side in tried]
    if word == "yes":
        return min(has) < ALONE
    if ROLES[actor] is None:
        return max(has) > NO
    members = [expected("member", each.line, each.part, each.about, side) for each, side in tried]
    return any(mine > members for mine, members in zip(has, members, strict=True))


def test_a_comparison_has_the_scoreboard_for_those_whom_reviews_are_for(asker: Asker) -> None:
    """As far as the scoreboard itself is not narrowed to what is theirs; nobody is in it."""
    shown = set()
    for actor in ROLES:
        compared = asker.ask(id_of(actor), "/compare?from=2025-Q3&to=2025-Q4", OTHERS)
        itself = asker.ask(id_of(actor), "/scoreboard?cycle=2025-Q3&cycle=2025-Q4", OTHERS)
        is_whole = itself.status_code == 200 and itself.json["total"] is not None
        if compared.status_code == 200:
            figures = compared.json["scoreboard"]
            assert (figures is not None) == is_whole, actor
            assert figures is None or "people" not in figures
            shown.add(is_whole)
    assert shown == {True, False}


def test_a_scoreboard_has_for_each_role_the_figures_of_the_review(asker: Asker) -> None:
    """Totals, readings that were due, teams and people: those that the role is shown, no others."""
    shown: set[tuple[str, bool]] = set()
    for actor in ROLES:
        for side in sides(actor, "person in a team"):
            for part in ("", "team={team}", "person_id={person}"):
                found, review = (
                    asker.ask(id_of(actor), f"{path}{part}", side)
                    for path in ("/scoreboard?cycle=2025-Q3&", "/cycles/2025-Q3/review?")
                )
                assert found.status_code == review.status_code, (actor, side, part)
                if found.status_code == 200:
                    shown |= agreeing(found.json, review.json)
    assert shown == {(kind, has) for kind in ("people", "discipline") for has in (True, False)}


def agreeing(found: Any, review: Any) -> set[tuple[str, bool]]:
    """Whether there are people and discipline in a scoreboard, which has what the review has."""
    lists = ("ended_with", "handed_on", "team", "person")
    for kind, name in (("teams", "team"), ("people", "person")):
        expected = {
            each[name]["id"]: {key: value for key, value in each.items() if key not in lists}
            for each in review[kind]
        }
        assert {each[name]["id"]: each["totals"][0] for each in found[kind]} == expected
    assert (found["total"] and found["total"]["totals"][0]) == review["total"]
    due = {each["totals"][0]["counts"]["discipline"] is not None for each in found["teams"]}
    return {("people", bool(found["people"])), *(("discipline", has) for has in due)}


# ---- each their own ---------------------------------------------------------------------


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize(
    ("part", "audited", "approved"),
    [("plan", "plan", "plan"), ("grade", "people", "grade"), ("policy", "configuration", "policy")],
)
def test_a_request_is_shown_to_who_may_audit_or_decide_it_and_as_if_not_there_to_others(
    actor: str, part: str, audited: str, approved: str, asker: Asker
) -> None:
    about = "nothing" if part == "policy" else "goal"
    listed = ids(asker.ask(id_of(actor), "/approvals?limit=1000", OTHERS).json)
    for side in sides(actor, "goal"):
        id_ = approval_id(id_of(side.name, part))
        answer = asker.ask(id_of(actor), f"/approvals/{id_}", side)
        may = side.own or ALONE in {
            expected(actor, "audit", audited, about, side),
            expected(actor, "approve", approved, about, side),
        }
        assert answer.status_code == (200 if may else 404), side
        assert (str(id_) in listed) == may


def test_a_page_of_requests_goes_on_behind_those_that_are_not_shown(asker: Asker) -> None:
    all_of_them = ids(asker.ask(LEAD, "/approvals?limit=1000", OTHERS).json)
    found, before = [], ""
    while True:
        page = asker.ask(LEAD, f"/approvals?limit=2{before}", OTHERS).json
        found += ids(page)
        if page["next_before"] is None:
            break
        before = f"&before={page['next_before']}"
    assert found == all_of_them
    assert len(found) > 5


def ids(page: Any) -> list[str]:
    return [each["id"] for each in page["approvals"]]


def test_a_receipt_is_for_who_sent_the_command_and_for_auditors(asker: Asker) -> None:
    command = id_of("other", "plan")
    for who, status in ((OTHER, 200), (id_of("auditor of all"), 200), (MEMBER, 404), (HR, 404),
                        (id_of("auditor"), 404), (ADMINISTRATOR, 404)):  # fmt: skip
        answer = asker.ask(who, f"/commands/{command}", OTHERS)
        assert answer.status_code == status, who
    unknown = asker.ask(MEMBER, f"/commands/{id_of('nothing')}", OTHERS).json
    hidden = asker.ask(MEMBER, f"/commands/{command}", OTHERS).json
    assert {**hidden, "detail": "", "command_id": ""} == {**unknown, "detail": "", "command_id": ""}


def test_an_event_is_proved_to_who_may_read_it_in_the_audit_log(asker: Asker) -> None:
    def position(by: UUID, **search: str) -> int:
        found = asker.queries.audit_log(**search)
        theirs = (each for each in found["entries"] if str(each["by"]["id"]) == str(by))
        return next(each["position"] for each in theirs)

    of_goal = position(OTHER, type="objective.drafted", goal_id=id_of("other", "objective"))
    of_person = position(OTHER, type="person.registered")
    for who, goal, person in (
        (OTHER, 200, 200), (LEAD, 200, 404), (MEMBER, 404, 404), (HR, 404, 404),
        (id_of("auditor"), 200, 404), (id_of("auditor of all"), 200, 200),
    ):  # fmt: skip
        for event, status in ((of_goal, goal), (of_person, person)):
            answer = asker.ask(who, f"/events/{event}/proof", OTHERS)
            assert answer.status_code == status, (who, event)


@pytest.mark.parametrize(
    ("what", "shown_to"),
    [
        ("other objective", [*ROLES]),
        ("other reading", [*ROLES]),
        ("cycle", [*ROLES]),
        ("other", ["hr", "auditor of all"]),
        ("member", ["member", "hr", "auditor of all"]),
        ("here", ["lead", "lead of all", "auditor", "auditor of all", "administrator"]),
        ("there", ["lead of all", "auditor of all", "administrator"]),
        ("hr grant", ["hr", "auditor of all", "administrator"]),
        ("lead grant",
         ["lead", "lead of all", "hr", "auditor", "auditor of all", "administrator"]),
        ("request", ["lead", "lead of all", "auditor", "auditor of all"]),
    ],
)  # fmt: skip
def test_the_history_of_what_is_no_goal_is_shown_as_the_audit_log_is_and_not_there_to_others(
    what: str, shown_to: list[str], asker: Asker
) -> None:
    found = {"cycle": cycle_uuid("2025-Q3"), "request": approval_id(id_of("other", "plan"))}
    address = f"/goals/{found.get(what, id_of(what))}/history"
    unknown = asker.ask(MEMBER, f"/goals/{id_of('nothing')}/history", OTHERS).json["detail"]
    for who in ROLES:
        answer = asker.ask(id_of(who), address, OTHERS)
        assert answer.status_code == (200 if who in shown_to else 404), who
        if who not in shown_to:
            detail = answer.json["detail"]
            assert detail.replace(address[7:43], "") == unknown.replace(str(id_of("nothing")), "")


# ---- narrowed where nobody asked for a part ---------------------------------------------


def test_who_asks_for_all_is_shown_what_is_theirs(asker: Asker) -> None:
    of_member = asker.ask(MEMBER, "/audit-log?limit=1000", OTHERS).json["entries"]
    own = asker.queries.audit_log(person_id=UUID(MEMBER), limit=1000)["entries"]
    assert [each["position"] for each in of_member] == [each["position"] for each in own] != []
    of_lead = asker.ask(LEAD, "/audit-log?limit=1000", OTHERS).json["entries"]
    team = asker.queries.audit_log(team_id=HERE, limit=1000)["entries"]
    assert [each["position"] for each in of_lead] == [each["position"] for each in team] != []
    review = asker.ask(MEMBER, "/cycles/2025-Q3/review", OTHERS).json
    assert {each["owners"][0]["owner"]["id"] for each in review["goals"]} == {MEMBER}
    accesses = asker.ask(MEMBER, "/access-log", OTHERS).json["entries"]
    assert {each["by"]["id"] for each in accesses} == {MEMBER}
    grants = asker.ask(LEAD, "/grants", OTHERS).json["grants"]
    assert {(each["team"] or {}).get("id") for each in grants} == {str(HERE)}


@pytest.mark.parametrize("who", [HR, ADMINISTRATOR])
def test_who_may_see_a_part_says_which(who: str, asker: Asker) -> None:
    refused = asker.ask(who, "/audit-log", OTHERS)
    assert (refused.status_code, refused.json["right"]["line"]) == (403, "audit")
    part = "person" if who == HR else "calendar"
    assert asker.ask(who, f"/audit-log?type={part}", OTHERS).status_code == 200


def test_the_owner_of_a_goal_is_not_shown_who_looked_at_it(asker: Asker) -> None:
    own = Side(True, "member", UUID(MEMBER), HERE)
    assert asker.ask(HR, "/goals/{objective}/history", own).status_code == 200
    refused = asker.ask(MEMBER, "/access-log?goal_id={objective}&person_id={person}", own)
    assert refused.status_code == 403
    allowed = asker.ask(MEMBER, "/access-log?goal_id={objective}&by={person}", own)
    assert HR not in {each["by"]["id"] for each in allowed.json["entries"]}


def test_what_was_narrowed_stands_in_the_access_log_as_it_was_asked(asker: Asker) -> None:
    asker.ask(MEMBER, "/cycles/2025-Q3/review", OTHERS)
    (read,) = asker.okr.access_log.search(by=UUID(MEMBER), what="review", limit=1)
    assert read.about["person_id"] == MEMBER


# ---- parts of answers -------------------------------------------------------------------


def test_holds_are_shown_to_their_person_to_hr_and_to_auditors_of_all(asker: Asker) -> None:
    by_hr = Context(UUID(HR), reason="A matter.", origin="cli")
    asker.okr.execute(c.PlaceLegalHold(UUID(MEMBER), "T 1-25"), by_hr)
    for who, holds in ((MEMBER, ["T 1-25"]), (HR, ["T 1-25"]), (LEAD, None),
                       (id_of("auditor of all"), ["T 1-25"]), (id_of("auditor"), None),
                       (ADMINISTRATOR, None)):  # fmt: skip
        found = asker.ask(who, "/people", OTHERS).json["people"]
        assert next(each for each in found if each["id"] == MEMBER)["holds"] == holds, who


def test_from_where_a_command_came_is_shown_to_who_sent_it_and_to_auditors(asker: Asker) -> None:
    asker.client.post(
        f"{PREFIX}/objectives/{id_of('member', 'draft')}/describe", json={"description": "x"},
        headers={"Okr-Actor": MEMBER, "User-Agent": "a browser"},
    )  # fmt: skip
    asker.okr.client_info.write()
    question = f"/audit-log?goal_id={id_of('member', 'draft')}&type=objective.described"
    for who, client in (
        (MEMBER, "a browser"),
        (LEAD, None),
        (id_of("auditor of all"), "a browser"),
    ):
        (entry,) = asker.ask(who, question, OTHERS).json["entries"]
        assert entry["client"] == client, who
    scoped = f"/audit-log?team={HERE}&type=objective.described"
    (entry,) = asker.ask(id_of("auditor"), scoped, OTHERS).json["entries"]
    assert entry["client"] == "a browser"


@pytest.mark.parametrize("chosen", list(PeopleFigures))
def test_figures_of_people_are_shown_as_was_chosen(
    chosen: PeopleFigures, begun_on_sqlite: Begun
) -> None:
    with (
        begun_on_sqlite.fresh("company of roles", begin_roles) as url,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        by = Context(UUID(ADMINISTRATOR), reason="Agreed.", origin="cli")
        okr.execute(c.ChoosePeopleFigures(chosen), by)
        asker = Asker(okr, Queries(okr))
        for actor, question, own, others in (
            ("member", "?person_id={person}", True, None),
            ("lead", "?team={team}", True, True),
            ("hr", "", chosen == PeopleFigures.HR_TOO, chosen == PeopleFigures.HR_TOO),
            ("auditor", "?team={team}", True, False),
        ):
            side = Side(True, actor, id_of(actor), HERE)
            answer = asker.ask(id_of(actor), f"/cycles/2025-Q3/review{question}", side).json
            people = {each["person"]["id"] for each in answer["people"]}
            is_off = chosen == PeopleFigures.OFF
            assert (str(id_of(actor)) in people) == (own and not is_off) or actor == "hr", actor
            if others is not None:
                assert (str(OTHER) in people) == (others and not is_off), actor
        asker.queries.runner.close()


# ---- caches -----------------------------------------------------------------------------


def test_answers_that_differ_by_viewer_have_tags_that_differ(asker: Asker) -> None:
    question = "/grants"
    of_lead, of_hr = (asker.ask(who, question, OTHERS) for who in (LEAD, HR))
    assert of_lead.json["grants"] != of_hr.json["grants"]
    assert of_lead.headers["ETag"] != of_hr.headers["ETag"]
    again = asker.ask(LEAD, question, OTHERS, If_None_Match=of_lead.headers["ETag"])
    assert again.status_code == 304
    assert asker.ask(HR, question, OTHERS, If_None_Match=of_lead.headers["ETag"]).status_code == 200
    for answer in (of_lead, again):
        assert answer.headers["Vary"] == "Cookie, Authorization, Okr-Actor"
    boards = [asker.ask(who, "/cycles/2025-Q3/board", OTHERS) for who in (LEAD, MEMBER)]
    assert boards[0].headers["ETag"] == boards[1].headers["ETag"], "all see the same"


def test_what_differs_by_viewer_is_never_kept_for_ever(asker: Asker) -> None:
    past = "known_at=2025-08-14"
    requests = asker.ask(MEMBER, f"/approvals?{past}", OTHERS)
    assert requests.status_code == 422, "they have no past"
    fixed = asker.ask(MEMBER, "/calendar?known_at=1", OTHERS)
    assert "immutable" in fixed.headers["Cache-Control"]
    theirs = asker.ask(LEAD, f"/who-could?may=plans&team={HERE}&known_at=20", OTHERS)
    assert theirs.headers["Cache-Control"] == "private, no-cache"


# ---- keys, engines ----------------------------------------------------------------------


def test_a_key_is_answered_by_its_role_alone(asker: Asker) -> None:
    kpi, other = id_of("other", "kpi"), id_of("elsewhere", "kpi")
    ingest = (Held("ingest_key", kpi_ids=frozenset({kpi})),)

    def may(roles: tuple[Held, ...], question: str, about: UUID | None, **asked: Any) -> bool:
        try:
            asker.queries.permitted(id_of("key"), roles, question, about, asked)
        except NotAllowed:
            return False
        return True

    for question in ("kpi", "readings", "kpi_plan_and_actual", "history"):
        assert may(ingest, question, kpi)
        assert not may(ingest, question, other)
    for name in ("other", "elsewhere"):
        assert not may(ingest, "reading", id_of(name, "reading")), name
    for question in ("team", "person", "cycle"):
        assert not may(ingest, question, HERE), question
    for question in ("kpis", "board", "people", "review", "audit_log", "access_log", "checkpoints"):
        assert not may(ingest, question, None), question
    auditor = (Held("auditor", HERE),)
    assert may(auditor, "review", None, team_id=HERE)
    assert not may(auditor, "review", None, team_id=THERE)
    member = (Held("member"),)
    assert may(member, "board", None)
    assert not may(member, "audit_log", None), "a key has no doings of its own to ask for"


def test_it_is_so_on_both_engines(begun: Begun) -> None:
    with (
        begun.fresh("company of roles", begin_roles) as url,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        asker = Asker(okr, Queries(okr))
        assert list(asker.wrong_cells(["lead"], CASES)) == []
        asker.queries.runner.close()
