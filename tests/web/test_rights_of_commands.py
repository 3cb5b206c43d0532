"""Every command × every role × both sides of scope, over HTTP, against the table written by hand.

Commands are tried out (`dry_run`), so nothing changes and one company is enough. Whether the rules
of goals would refuse it afterwards does not matter here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from okr_es import commands as c
from okr_es.access import rights
from okr_es.access.rights import Line
from okr_es.application import Okr
from okr_es.domain.approval import approval_id
from projections.queries import Queries
from tests.okr_es.access.test_rights import ALONE, NO, TOGETHER, Cell, Scene, cells, meant
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
    ids_of,
)
from tests.web.api.test_commands import BODIES, filled
from web.api.commands import ROUTES, Route
from web.api.entrance import Mode
from web.app import PREFIX, create_app

# By hand: the line of each command, the part, and what it is about.
GOAL, KPI, TEAM, PERSON, GRANT, REQUEST, OF_ALL, NOTHING, GONE, ABOUT, ERASED = range(11)
LINES: dict[str, tuple[str, str | None, int]] = {
    **dict.fromkeys(
        ["DraftObjective", "CommitObjective", "RetitleObjective", "DescribeObjective",
         "KeepConfidential", "OpenToAll",
         "RescheduleObjective", "ReplaceObjectiveCommitment", "RealignObjective",
         "CorrectObjective", "AbandonObjective", "AddKeyResult", "RetitleKeyResult",
         "DescribeKeyResult", "ReplaceKeyResultCadence", "RetargetKeyResult", "CorrectKeyResult",
         "ReweightKeyResult", "LinkKeyResult", "MoveKeyResult", "DropKeyResult",
         "ReinstateKeyResult", "CheckIn", "DefineKpi", "RenameKpi", "ReplaceKpiPurpose",
         "CorrectKpi", "RedefineKpi", "SetKpiTarget", "RetargetKpi", "CorrectKpiTarget",
         "ReplaceKpiSource", "ReplaceKpiCadence", "RetireKpi", "ReinstateKpi"],
        ("goals", None, GOAL),
    ),
    "WithdrawRequest": ("goals", None, PERSON),
    **dict.fromkeys(
        ["ReassignObjective", "ReassignKeyResult", "ReassignKpi", "CarryOverObjective",
         "ReopenObjective"],
        ("plans", "plan", GOAL),
    ),
    "CommitPlan": ("plans", "plan", TEAM),
    "GradeObjective": ("plans", "grade", GOAL),
    **dict.fromkeys(
        ["OpenCycle", "RenameCycle", "RescheduleCycle", "CloseCycle", "ReopenCycle",
         "RequireApproval", "SetCalendar", "AdoptScoringPolicy", "ChoosePeopleFigures",
         "SetRetention"],
        ("cycles", None, NOTHING),
    ),
    **dict.fromkeys(
        ["RecordReading", "RecordReadings", "CorrectReading", "RetractReading"],
        ("readings", None, KPI),
    ),
    "ApproveRequest of a plan": ("approve", "plan", REQUEST),
    "ApproveRequest of a grade": ("approve", "grade", REQUEST),
    "ApproveRequest of a policy": ("approve", "policy", OF_ALL),
    "RefuseRequest of a plan": ("approve", "plan", REQUEST),
    "RefuseRequest of a grade": ("approve", "grade", REQUEST),
    "RefuseRequest of a policy": ("approve", "policy", OF_ALL),
    **dict.fromkeys(["DeactivatePerson", "PlaceLegalHold"], ("personal", "change", PERSON)),
    **dict.fromkeys(["ReactivatePerson", "LiftLegalHold"], ("personal", "change", GONE)),
    **dict.fromkeys(
        ["ApproveRequest of a change", "RefuseRequest of a change"], ("personal", "change", ABOUT)
    ),
    **dict.fromkeys(
        ["ApproveRequest of an erasure", "RefuseRequest of an erasure"],
        ("personal", "erasure", ERASED),
    ),
    "RedactText": ("personal", "change", NOTHING),
    "ErasePerson": ("personal", "erasure", PERSON),
    **dict.fromkeys(["RenamePerson", "ReplaceEmail", "NameDeputy"],
                    ("directory", "people", PERSON)),
    "RegisterPerson": ("directory", "people", NOTHING),
    **dict.fromkeys(
        ["FormTeam", "RenameTeam", "ReplaceTeamKind", "MoveTeam", "DisbandTeam", "ReinstateTeam"],
        ("directory", "teams", TEAM),
    ),
    "GrantRole": ("directory", "grant", PERSON),
    "RescheduleGrant": ("directory", "grant", GRANT),
    "EndGrant": ("directory", "grant", NOTHING),
    **dict.fromkeys(
        ["RotateSigningKey", "AcceptClock", "CreateApiKey", "RevokeApiKey"],
        ("directory", "configuration", NOTHING),
    ),
}  # fmt: skip
# By hand: what waits for somebody else where the table says that it takes two.
TAKES_TWO = {
    "GradeObjective", "DeactivatePerson", "ReactivatePerson", "PlaceLegalHold", "LiftLegalHold",
    "RedactText", "ErasePerson",
}  # fmt: skip
COPY: dict[tuple[str, str], Cell] = {(cell.line, cell.role): cell for cell in cells()}
BY_NAME = {route.command.__name__: route for route in ROUTES}
# What a body names, where it is not what the path is about already.
BODY: dict[str, dict[str, Any]] = {
    "DraftObjective": BODIES[c.DraftObjective] | {"owner_id": "{person_id}"},
    "DefineKpi": BODIES[c.DefineKpi] | {"owner_id": "{person_id}", "team_id": "{team_id}"},
    "CommitPlan": {"team_id": "{team_id}"},
    "GradeObjective": {},
    "GrantRole": BODIES[c.GrantRole] | {"person_id": "{person_id}"},
    "NameDeputy": BODIES[c.NameDeputy] | {"deputy_id": str(id_of("member"))},
    "ReassignKeyResult": {"owner_id": str(id_of("member"))},
}


class Side(NamedTuple):
    """Something of somebody's, in a team: the actor's own or not, in a scope or not."""

    own: bool
    name: str
    owner: UUID
    team: UUID


def sides(actor: str, kind: int) -> Iterator[Side]:
    """The sides on which what a command is about can lie, seen from an actor."""
    others = [Side(False, "other", OTHER, HERE), Side(False, "elsewhere", OTHER, THERE)]
    own = [Side(True, actor, id_of(actor), HERE)]
    match kind:
        case _ if kind in {GOAL, KPI, REQUEST}:
            yield from [*own, *others]
        case _ if kind == TEAM:
            yield from others
        case _ if kind == GRANT:
            yield from [*(own if ROLES[actor] else []), others[0]]
        case _ if kind in {PERSON, OF_ALL, ABOUT}:
            yield from [*own, others[0]]
        case _ if kind == GONE:
            yield Side(False, "gone", id_of("gone"), HERE)
        case _:
            yield others[0]


def expected(actor: str, name: str, side: Side, *, by_role: bool = True) -> int:
    """What the copy of the table says of an actor, a command and a side; or of them as a member."""
    line, part, kind = LINES[name]
    if name == "ReplaceEmail" and not side.own:
        part = "grant"  # the other leads a team: whose the address is can sign in as its lead
    role = ROLES[actor] if by_role else None
    is_there = {HERE: {HERE, COMPANY}, THERE: {THERE, COMPANY}}[side.team]
    in_a_team = kind in {GOAL, KPI, TEAM, REQUEST}
    asker = asker_of(kind, side)

    def scene(team: UUID | None) -> Scene:
        return Scene(
            own=side.own and kind not in {TEAM, NOTHING},
            asked=(side.own and kind in {REQUEST, OF_ALL}) or actor == asker,
            deputy=actor == "deputy" and side.owner == OTHER,
            whole=team is None,
            below=in_a_team and team in is_there,
            kpi=False,
            part=part,
            figures="own_and_leads",
            asked_as=asker,
        )

    of_member = meant(COPY[line, "member"], scene(None))
    return of_member if role is None else max(
        of_member, meant(COPY[line, str(role[0])], scene(role[1]))
    )  # fmt: skip


def asker_of(kind: int, side: Side) -> str | None:
    """By hand: who asked for what is about a person, and as what: both are called the same."""
    if kind == ABOUT:
        return "hr" if side.name == "hr" else "administrator"
    return "hr" if kind == ERASED else None


def answered(client: FlaskClient, actor: str, name: str, side: Side) -> int:
    """What the server says of it."""
    route, part = BY_NAME[name.split(maxsplit=1)[0]], LINES[name][1] or "plan"
    ids = ids_of(side.name, side.owner, side.team)
    ids["approval_id"] = str(approval_id(id_of(side.name, part)))
    body = filled(BODY.get(name, BODIES[route.command]), ids)
    response = client.post(
        PREFIX + address_of(route, ids),
        json=body | {"dry_run": True},
        headers={"Okr-Actor": str(id_of(actor))},
    )
    slug = (response.json.get("type") or "").removeprefix("/problems/")
    assert response.status_code < 500, response.text
    if slug == "api-key-needs-approval":
        return TOGETHER if name in TAKES_TWO else ALONE
    if slug in {"not-allowed", "api-key-may-not"}:
        return NO
    if name in TAKES_TWO and response.json.get("waits_for_approval"):
        return TOGETHER
    return ALONE


MANY = 14  # commands of a line are enough to find a wrong cell of it


def address_of(route: Route, ids: dict[str, str]) -> str:
    path = route.path
    for name in route.in_path:
        path = re.sub(rf"<\w+:{name}>", ids[name], path)
    return path


def wrong_cells(
    client: FlaskClient, actors: list[str], names: list[str]
) -> Iterator[tuple[str, str, str]]:
    """Who could do what otherwise than the table says, and with what."""
    for actor in actors:
        for name in names:
            for side in sides(actor, LINES[name][2]):
                if answered(client, actor, name, side) != expected(actor, name, side):
                    yield actor, name, side.name


@pytest.fixture(scope="module")
def client(begun_on_sqlite: Begun) -> Iterator[FlaskClient]:
    """The company's server, where the rights of the person who is named hold."""
    with (
        begun_on_sqlite.fresh("company of roles", begin_roles) as url,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        queries = Queries(okr)
        yield create_app(okr, queries, mode=Mode.DEVELOPMENT).test_client()
        queries.runner.close()


def test_every_command_has_a_line_here() -> None:
    assert {name.split()[0] for name in LINES} == set(BY_NAME)


@pytest.mark.parametrize("actor", ROLES)
def test_every_command_is_allowed_as_the_table_says(actor: str, client: FlaskClient) -> None:
    assert list(wrong_cells(client, [actor], list(LINES))) == []


@pytest.mark.parametrize("line", sorted({line for line, _, _ in LINES.values()}))
def test_a_wrong_cell_is_found(
    line: str, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever it is, and whether it allows too much or too little."""
    names = [name for name, about in LINES.items() if about[0] == line][:MANY]
    actors = [actor for actor in ROLES if actor not in {"deputy", "lead of all"}]
    for actor in actors:
        role = ROLES[actor]
        number = rights.COLUMNS.index("member" if role is None else str(role[0]))
        row = rights.TABLE[Line(line)]
        for word in {"yes", "no"} - {row[number]}:
            planted: Any = (*row[:number], word, *row[number + 1 :])
            if word == "no" and not gives_something(actor, names):
                continue
            with monkeypatch.context() as patch:
                patch.setitem(rights.TABLE, Line(line), planted)
                assert any(wrong_cells(client, [actor], names)), (actor, word)


def gives_something(actor: str, names: list[str]) -> bool:
    """Whether the cell of an actor's role gives more than a member has; a member's, anything."""
    tried = [(name, side) for name in names for side in sides(actor, LINES[name][2])]
    if ROLES[actor] is None:
        return any(expected(actor, *each) for each in tried)
    return any(expected(actor, *each) > expected(actor, *each, by_role=False) for each in tried)
