"""Who calls may carry out what their roles allow, decided on what still holds at the append."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from okr_es import commands as c
from okr_es.access.rights import Held
from okr_es.application import Okr
from okr_es.context import Context, Receipt
from okr_es.domain.api_key import KeyRole
from okr_es.domain.approval import Approval
from okr_es.domain.refusals import (
    ApiKeyMayNot,
    ApiKeyNeedsApproval,
    NotAllowed,
    NotFound,
    Refusal,
    RequestIsYourOwn,
)
from okr_es.domain.values import Action, Role
from okr_es.dry_run import dry_run
from tests.support.begun import Begun
from tests.support.company_of_roles import (
    COMPANY,
    HERE,
    NOW,
    OTHER,
    THERE,
    begin_roles,
    id_of,
)
from tests.support.ids import cycle_uuid
from tests.support.statements import watched

LEAD, HR = id_of("lead"), id_of("hr")
ADMINISTRATOR, MEMBER = id_of("administrator"), id_of("member")
OBJECTIVE, KPI = id_of("other", "objective"), id_of("other", "kpi")


class People:
    """The people of the company, who do what their roles allow them; and an operator."""

    def __init__(self, url: str) -> None:
        self.now = NOW
        self.okr = Okr(url, clock=lambda: self.now)

    def does(self, who: UUID, command: c.Command, **context: Any) -> Receipt:
        said = {"reason": "It is so.", "enforced": True} | context
        return self.okr.execute(command, Context(who, **said))

    def refused(self, who: UUID, command: c.Command, **context: Any) -> Refusal:
        """The refusal of a command, which records nothing; tried out, it is refused too."""
        head = self.okr.log.head()
        with pytest.raises(Refusal) as tried:
            dry_run(self.okr, command, Context(who, **({"enforced": True} | context)))
        with pytest.raises(type(tried.value)) as found:
            self.does(who, command, **context)
        assert self.okr.log.head() == head
        return found.value

    def operator(self, command: c.Command, who: UUID = ADMINISTRATOR, **context: Any) -> Receipt:
        return self.does(who, command, enforced=False, origin="cli", **context)

    @contextmanager
    def meanwhile(self, command: c.Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Let an operator do something once the next command is decided, before it is written."""
        append = self.okr.log.append

        def later(*arguments: Any) -> Any:
            monkeypatch.setattr(self.okr.log, "append", append)
            self.operator(command)
            return append(*arguments)

        monkeypatch.setattr(self.okr.log, "append", later)
        yield

    def close(self) -> None:
        self.okr.close()


@pytest.fixture
def people(begun: Begun) -> Iterator[People]:
    with begun.fresh("company of roles", begin_roles) as url, closing(People(url)) as people:
        yield people


@pytest.fixture
def on_sqlite(begun_on_sqlite: Begun) -> Iterator[People]:
    with (
        begun_on_sqlite.fresh("company of roles", begin_roles) as url,
        closing(People(url)) as people,
    ):
        yield people


# ---- whose own it is, and in which teams ------------------------------------------------


def test_a_lead_changes_goals_of_their_teams_and_of_no_other(people: People) -> None:
    abandon = c.AbandonObjective(OBJECTIVE), c.AbandonObjective(id_of("elsewhere", "objective"))
    people.operator(c.RequireApproval(cycle_uuid("2025-Q3"), ()))
    assert isinstance(people.refused(LEAD, abandon[1]), NotAllowed)
    assert isinstance(people.refused(MEMBER, abandon[0]), NotAllowed)
    assert people.does(LEAD, abandon[0]).approval_id is not None, "asked for, as of everybody"


def test_a_grant_holds_from_its_first_to_its_last_day(people: People) -> None:
    rename, in_a_week = c.RenameTeam(THERE, "Yonder"), NOW.date() + timedelta(days=7)
    lead = c.GrantRole(MEMBER, Role.LEAD, COMPANY, in_a_week, in_a_week)
    people.does(ADMINISTRATOR, lead)
    people.refused(MEMBER, rename)
    people.now += timedelta(days=7)
    people.does(MEMBER, rename)
    people.now += timedelta(days=1)
    people.refused(MEMBER, c.RenameTeam(THERE, "Beyond"))


def test_what_two_things_are_needed_for_needs_the_right_to_both(on_sqlite: People) -> None:
    elsewhere = id_of("elsewhere", "objective")
    for command in (
        c.ReassignObjective(OBJECTIVE, team_id=THERE),
        c.CarryOverObjective(OBJECTIVE, cycle_uuid("2025-Q4"), team_id=THERE),
        c.MoveKeyResult(id_of("other", "key result"), elsewhere),
        c.ReassignKpi(KPI, team_id=THERE),
        c.MoveTeam(HERE, THERE),
        c.RecordReadings((reading(KPI), reading(id_of("elsewhere", "kpi")))),
    ):
        assert isinstance(on_sqlite.refused(LEAD, command), NotAllowed), command
    on_sqlite.does(LEAD, c.RecordReadings((reading(KPI), reading(id_of("member", "kpi")))))


def reading(kpi: UUID) -> c.RecordReading:
    return c.RecordReading(kpi, date(2025, 8, 2), Decimal(3))


def test_a_lead_takes_a_kpi_that_has_no_team_into_one_of_theirs(on_sqlite: People) -> None:
    on_sqlite.operator(c.ReassignKpi(KPI, team_id=None))
    for team in (None, THERE):
        on_sqlite.refused(LEAD, c.ReassignKpi(KPI, owner_id=MEMBER, team_id=team))
    on_sqlite.does(LEAD, c.ReassignKpi(KPI, team_id=HERE))


def test_what_is_not_there_is_not_found_by_anybody(on_sqlite: People) -> None:
    for who in (MEMBER, LEAD, ADMINISTRATOR):
        assert isinstance(on_sqlite.refused(who, c.AbandonObjective(uuid4())), NotFound)
        assert isinstance(on_sqlite.refused(who, c.ApproveRequest(uuid4())), NotFound)


def test_a_deputy_records_readings_while_they_stand_in(people: People) -> None:
    deputy = id_of("deputy")
    people.does(deputy, reading(KPI))
    people.refused(MEMBER, reading(KPI))
    people.refused(deputy, c.RenameKpi(KPI, "Another"))
    people.now += timedelta(days=60)
    people.refused(deputy, reading(KPI))


def test_it_is_the_rights_of_who_acts_that_count_and_not_of_whom_they_act_for(
    on_sqlite: People,
) -> None:
    on_sqlite.refused(MEMBER, reading(KPI), on_behalf_of=OTHER)
    on_sqlite.does(LEAD, reading(KPI), on_behalf_of=MEMBER)


def test_a_key_asks_for_no_approval(on_sqlite: People) -> None:
    """Else who made it would approve what they ask for themselves."""
    key = on_sqlite.operator(c.CreateApiKey("Lake", KeyRole.LEAD, HERE)).id
    assert key is not None
    abandon, as_lead = c.AbandonObjective(OBJECTIVE), (Held("lead", HERE),)
    refusal = on_sqlite.refused(key, abandon, reason="It is over.", key_roles=as_lead)
    assert isinstance(refusal, ApiKeyNeedsApproval)
    cycle = cycle_uuid("2025-Q3")
    waiting = on_sqlite.operator(c.RequireApproval(cycle, ())).approval_id
    assert waiting is not None
    on_sqlite.operator(c.ApproveRequest(waiting), HR)
    on_sqlite.does(key, abandon, key_roles=as_lead)


@pytest.mark.parametrize("who", ["administrator", "lead", "auditor"])
def test_hr_replaces_no_address_of_somebody_with_a_role(who: str, on_sqlite: People) -> None:
    """Links to sign in go to the address: whose it is could act with all their roles."""
    replace = c.ReplaceEmail(id_of(who), "elsewhere@example.org")
    assert isinstance(on_sqlite.refused(HR, replace), NotAllowed)
    on_sqlite.does(HR, c.ReplaceEmail(MEMBER, "member@example.org"))


def test_an_administrator_replaces_the_address_of_a_lead(on_sqlite: People) -> None:
    on_sqlite.does(ADMINISTRATOR, c.ReplaceEmail(LEAD, "lead@example.org"))


@pytest.mark.parametrize(
    "command", [c.ReplaceEmail(MEMBER, "elsewhere@example.org"), c.SetRetention(1, 1)]
)
def test_a_key_of_an_administrator_takes_nobodys_place_and_destroys_nothing(
    command: c.Command, on_sqlite: People
) -> None:
    key = on_sqlite.operator(c.CreateApiKey("Lake", KeyRole.ADMINISTRATOR)).id
    assert key is not None
    as_administrator = (Held("administrator"),)
    assert isinstance(on_sqlite.refused(key, command, key_roles=as_administrator), ApiKeyMayNot)


def test_roles_and_kpis_are_looked_for_once_however_many_readings_there_are(
    begun_on_sqlite: Begun,
) -> None:
    def looks_for(*names: str) -> int:
        command = c.RecordReadings(tuple(reading(id_of(name, "kpi")) for name in names))
        sent = statements.sent_by(lambda: people.does(LEAD, command))
        return sum(each.startswith("SELECT") for each in sent)

    with (
        watched() as statements,
        begun_on_sqlite.fresh("company of roles", begin_roles) as url,
        closing(People(url)) as people,
    ):
        looks_for("other")
        assert looks_for("member") == looks_for("hr", "auditor", "administrator")


def test_the_roles_of_a_key_count_and_none_of_the_persons(on_sqlite: People) -> None:
    key = on_sqlite.operator(c.CreateApiKey("Lake", KeyRole.LEAD, HERE)).id
    assert key is not None
    as_lead, as_nobody = (Held("lead", HERE),), ()
    on_sqlite.does(key, reading(KPI), key_roles=as_lead)
    on_sqlite.refused(key, reading(id_of("elsewhere", "kpi")), key_roles=as_lead)
    on_sqlite.refused(key, c.OpenCycle("2026-Q1"), key_roles=as_lead)
    on_sqlite.refused(key, reading(KPI), key_roles=as_nobody)


def test_an_operator_on_the_machine_is_asked_for_no_right(on_sqlite: People) -> None:
    on_sqlite.operator(c.RenameTeam(THERE, "Yonder"), MEMBER)


# ---- what the decision rests on ---------------------------------------------------------


@pytest.mark.parametrize("what", ["grant", "team", "owner", "deputy"])
def test_a_right_that_ends_before_it_is_written_is_no_right(
    what: str, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, command, meanwhile = {
        "grant": (LEAD, c.RenameTeam(HERE, "x"), c.EndGrant(id_of("lead", "grant"))),
        "team": (LEAD, c.CommitObjective(id_of("below", "draft")),
                 c.MoveTeam(id_of("below"), THERE)),
        "owner": (OTHER, reading(id_of("elsewhere", "kpi")),
                  c.ReassignKpi(id_of("elsewhere", "kpi"), owner_id=MEMBER)),
        "deputy": (id_of("deputy"), reading(KPI), c.NameDeputy(OTHER, None)),
    }[what]  # fmt: skip
    people.operator(c.FormTeam("Below", parent_id=HERE, id=id_of("below")))
    draft = c.DraftObjective(cycle_uuid("2025-Q4"), id_of("below"), OTHER, "Draft",
                             id=id_of("below", "draft"))  # fmt: skip
    people.operator(draft)
    people.operator(c.EndGrant(id_of("other", "grant")))
    reasons = {"reason": None} if what == "deputy" else {}
    original = people.operator
    monkeypatch.setattr(people, "operator", lambda each: original(each, **reasons))
    head = people.okr.log.head()
    with people.meanwhile(meanwhile, monkeypatch), pytest.raises(NotAllowed):
        people.does(who, command)
    assert people.okr.log.head() == head + 1, "what happened meanwhile, and nothing else"


def test_what_is_ones_own_costs_no_statement_more(
    on_sqlite: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    rows = on_sqlite.okr.database.rows
    monkeypatch.setattr(
        on_sqlite.okr.database, "rows", lambda *each: (counted.append(each[0]), rows(*each))[1]
    )
    statements = []
    on_sqlite.does(OTHER, reading(KPI))
    for enforced in (False, True):
        counted.clear()
        on_sqlite.does(OTHER, reading(KPI), enforced=enforced)
        statements.append(list(counted))
    assert statements[0] == statements[1] != []


# ---- what nobody does alone -------------------------------------------------------------


def test_a_lead_asks_for_the_grade_of_their_own_goal_and_another_approves(people: People) -> None:
    own = id_of("lead", "objective")
    asked = people.does(LEAD, c.GradeObjective(own))
    assert asked.approval_id is not None
    request = people.okr.repository.get(asked.approval_id)
    assert isinstance(request, Approval)
    assert (request.action, request.command) == (Action.OWN_GRADE, "GradeObjective")
    approve = c.ApproveRequest(asked.approval_id)
    for who in (LEAD, MEMBER, ADMINISTRATOR):
        assert isinstance(people.refused(who, approve), NotAllowed)
    done = people.does(HR, approve)
    assert done.last_position == people.okr.log.head()
    assert people.does(LEAD, c.GradeObjective(id_of("member", "objective"))).approval_id is None


def test_a_lead_above_approves_it_as_well_and_nobody_for_another(on_sqlite: People) -> None:
    asked = on_sqlite.does(LEAD, c.GradeObjective(id_of("lead", "objective"))).approval_id
    assert asked is not None
    on_sqlite.does(id_of("lead of all"), c.ApproveRequest(asked))


def test_a_request_is_still_ones_own_for_an_operator(on_sqlite: People) -> None:
    asked = on_sqlite.does(LEAD, c.GradeObjective(id_of("lead", "objective"))).approval_id
    assert asked is not None
    with pytest.raises(RequestIsYourOwn):
        on_sqlite.operator(c.ApproveRequest(asked), LEAD)


# ---- what a refusal says ----------------------------------------------------------------


def test_a_refusal_names_the_right_and_the_roles_and_nobody(on_sqlite: People) -> None:
    found = on_sqlite.refused(MEMBER, c.GradeObjective(OBJECTIVE))
    assert found.message == (
        "You have no right to commit plans, hand over, grade and carry over here. This is for a "
        "lead of its team or of one above it."
    )
    assert found.facts == {
        "right": {"line": "plans", "part": "grade"}, "could": ["lead"],
    }  # fmt: skip
    swedish = on_sqlite.refused(MEMBER, c.AbandonObjective(OBJECTIVE), language="sv")
    assert swedish.message == (
        "Du har ingen rätt att ändra mål här. Den rätten har den vars eget det är eller den som "
        "leder teamet eller ett ovanför."
    )
    deputies = on_sqlite.refused(MEMBER, reading(KPI))
    assert deputies.facts["could"] == ["owner", "deputy", "lead", "ingest_key"]
