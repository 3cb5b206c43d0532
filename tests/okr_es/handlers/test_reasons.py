"""Which command needs a reason, and when: DESIGN section 3, command by command.

GROW is a committed objective of the company, REACH a draft of marketing; LEADS is fed by RESPONSE.
"""

from __future__ import annotations

import inspect
from datetime import date
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.api_key import KeyRole
from okr_es.domain.calendar import Holiday
from okr_es.domain.kpi import Target
from okr_es.domain.refusals import ReasonIsMissing
from okr_es.domain.values import (
    Cadence,
    Commitment,
    Controlled,
    Direction,
    PeopleFigures,
    Role,
    TeamKind,
)
from tests.support.given import World, given, refused
from tests.support.world import (
    ANN,
    BEN,
    COMPANY,
    CUSTOMERS,
    GROW,
    LEADS,
    MARKETING,
    PRODUCT,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    Q4,
    Q4_ENDS,
    Q4_STARTS,
    REACH,
    RESPONSE,
    TODAY,
    TWENTY,
    TWO_DAYS,
    d,
)

READ, CHECKED, HAS = UUID(int=0xA11), UUID(int=0xA12), UUID(int=0xA13)
READ_FIRST = c.RecordReading(RESPONSE, TODAY, d("3"), READ)
COMMITTED = (c.CommitObjective(REACH), c.CommitPlan(Q3))
FED = (c.LinkKeyResult(LEADS, RESPONSE),)
MORE = Target(Q3_STARTS, Q3_ENDS, d("3"))
BY_OTHERS = (c.RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)),)

# Needs a reason: what happened before, if anything, and the command.
NEEDED: list[tuple[tuple[c.Command, ...], c.Command]] = [
    # whoever is erased or kept from it
    ((), c.ErasePerson(BEN, "GDPR 17")),
    ((), c.PlaceLegalHold(BEN, "7 O 12/25")),
    ((c.PlaceLegalHold(BEN, "7 O 12/25"),), c.LiftLegalHold(BEN, "7 O 12/25")),
    # rules of the organisation
    ((), c.ChoosePeopleFigures(PeopleFigures.OFF)),
    ((), c.SetRetention(3)),
    ((), c.GrantRole(BEN, Role.HR)),
    ((c.GrantRole(BEN, Role.HR, id=HAS),), c.RescheduleGrant(HAS, Q3_ENDS)),
    ((c.GrantRole(BEN, Role.HR, id=HAS),), c.EndGrant(HAS)),
    ((), c.CreateApiKey("Lake", KeyRole.MEMBER)),
    ((c.CreateApiKey("Lake", KeyRole.MEMBER, id=HAS),), c.RevokeApiKey(HAS)),
    ((), c.AdoptScoringPolicy(on_track=d("0.8"))),
    ((), c.SetCalendar(add_holidays=(Holiday(date(2025, 12, 24), "Eve"),))),
    # re-alignment
    ((c.RealignObjective(REACH, GROW),), c.RealignObjective(REACH, None)),
    ((c.CommitObjective(REACH),), c.RealignObjective(REACH, GROW)),
    # change of a committed plan
    (COMMITTED, c.RetitleObjective(GROW, "grow")),
    (COMMITTED, c.ReassignObjective(GROW, BEN)),
    ((c.CommitPlan(Q3, COMPANY, with_teams_below=False), c.CommitObjective(REACH)),
     c.ReassignObjective(REACH, team_id=COMPANY)),
    (COMMITTED, c.RescheduleCycle(Q3, ends=Q4_ENDS)),
    ((c.CloseCycle(Q3),), c.RescheduleCycle(Q3, ends=Q4_ENDS)),
    (COMMITTED, c.RescheduleObjective(GROW, TODAY)),
    (COMMITTED, c.ReplaceObjectiveCommitment(GROW, Commitment.ASPIRATIONAL)),
    (COMMITTED, c.RetitleKeyResult(CUSTOMERS, "clients")),
    (COMMITTED, c.ReassignKeyResult(CUSTOMERS, BEN)),
    ((c.DropKeyResult(CUSTOMERS), *COMMITTED), c.ReinstateKeyResult(CUSTOMERS)),
    (COMMITTED, c.RetargetKeyResult(CUSTOMERS, TWENTY)),
    (COMMITTED, c.ReweightKeyResult(CUSTOMERS, d("2"))),
    (COMMITTED, c.LinkKeyResult(CUSTOMERS, RESPONSE)),
    ((*FED, *COMMITTED), c.LinkKeyResult(LEADS, None)),
    (COMMITTED, c.MoveKeyResult(CUSTOMERS, REACH)),
    ((c.CommitPlan(Q3),), c.MoveKeyResult(CUSTOMERS, REACH)),
    ((c.CommitPlan(Q3),), c.MoveKeyResult(LEADS, GROW)),
    # what switches a committed promise off
    (COMMITTED, c.DropKeyResult(CUSTOMERS)),
    ((*FED, *COMMITTED), c.RetireKpi(RESPONSE)),
    ((), c.AbandonObjective(REACH)),
    # grades and what takes them back
    ((), c.GradeObjective(GROW, d("0.5"))),
    ((c.GradeObjective(GROW),), c.ReopenObjective(GROW)),
    ((c.CloseCycle(Q3),), c.ReopenCycle(Q3)),
    (BY_OTHERS, c.RequireApproval(Q3, ())),
    # numbers
    ((), c.RetargetKpi(RESPONSE, MORE)),
    ((), c.RedefineKpi(RESPONSE, "by hand")),
    ((), c.CorrectKpi(RESPONSE, "hours")),
    ((c.RetireKpi(RESPONSE),), c.ReinstateKpi(RESPONSE)),
    ((), c.CorrectKeyResult(LEADS, TWENTY, weight=d("2"))),
    ((c.RealignObjective(REACH, GROW),), c.CorrectObjective(REACH, d("2"))),
    ((), c.CorrectKpiTarget(RESPONSE, MORE)),
    ((READ_FIRST,), c.CorrectReading(READ, d("4"))),
    ((READ_FIRST,), c.RetractReading(READ)),
]  # fmt: skip

# Needs none.
FREE: list[tuple[tuple[c.Command, ...], c.Command]] = [
    ((), c.RegisterPerson("Eve")),
    ((), c.FormTeam("x")),
    ((), c.RenamePerson(BEN, "Benny")),
    ((), c.ReplaceEmail(BEN, "ben@example.com")),
    ((), c.NameDeputy(BEN, ANN, ends=TODAY)),
    ((), c.DeactivatePerson(BEN)),
    ((c.DeactivatePerson(BEN),), c.ReactivatePerson(BEN)),
    ((), c.RenameTeam(COMPANY, "x")),
    ((), c.ReplaceTeamKind(PRODUCT, TeamKind.TEAM)),
    ((), c.MoveTeam(MARKETING, PRODUCT)),
    ((), c.DisbandTeam(PRODUCT)),
    ((c.DisbandTeam(PRODUCT),), c.ReinstateTeam(PRODUCT)),
    ((), c.OpenCycle("2026-Q1")),
    (COMMITTED, c.RenameCycle(Q3, "summer")),
    ((), c.RescheduleCycle(Q3, ends=Q4_ENDS)),
    ((), c.CommitPlan(Q3)),
    ((), c.CommitPlan(Q3, with_drafts="all")),
    ((), c.CloseCycle(Q3)),
    ((), c.CloseCycle(Q3, grade_rest=True)),
    ((), c.RequireApproval(Q3, (Controlled.CLOSING,))),
    ((), c.DraftObjective(Q3, PRODUCT, BEN, "x")),
    (COMMITTED[1:], c.CommitObjective(REACH)),  # what is added makes a promise of its own
    ((), c.RetitleObjective(GROW, "grow")),
    ((), c.ReassignObjective(GROW, BEN)),
    ((), c.RealignObjective(REACH, GROW)),
    (COMMITTED, c.CarryOverObjective(GROW, Q4)),
    (COMMITTED, c.GradeObjective(GROW)),
    (COMMITTED, c.AddKeyResult(GROW, "x", TWENTY)),
    (COMMITTED, c.DescribeObjective(GROW, "by all of us")),
    (COMMITTED, c.KeepConfidential(GROW)),
    ((*COMMITTED, c.KeepConfidential(GROW)), c.OpenToAll(GROW)),
    ((), c.RescheduleObjective(GROW, TODAY)),
    ((), c.ReplaceObjectiveCommitment(GROW, Commitment.ASPIRATIONAL)),
    ((), c.RetitleKeyResult(CUSTOMERS, "clients")),
    (COMMITTED, c.DescribeKeyResult(CUSTOMERS, "who pay")),
    ((), c.ReassignKeyResult(CUSTOMERS, BEN)),
    (COMMITTED, c.ReplaceKeyResultCadence(CUSTOMERS, Cadence.MONTHLY)),
    ((c.DropKeyResult(CUSTOMERS),), c.ReinstateKeyResult(CUSTOMERS)),
    ((), c.RetargetKeyResult(CUSTOMERS, TWENTY)),
    ((), c.ReweightKeyResult(CUSTOMERS, d("2"))),
    ((), c.LinkKeyResult(LEADS, RESPONSE)),
    ((), c.MoveKeyResult(CUSTOMERS, REACH)),
    ((), c.DropKeyResult(CUSTOMERS)),
    (COMMITTED, c.CheckIn(CUSTOMERS, TODAY, 7, d("1"))),
    ((), c.DefineKpi("x", Direction.DECREASE, "x", "x", Cadence.DAILY, ANN, TWO_DAYS)),
    ((), c.SetKpiTarget(RESPONSE, Target(Q4_STARTS, Q4_ENDS, d("2")))),
    (COMMITTED, c.RenameKpi(RESPONSE, "x")),
    (COMMITTED, c.ReassignKpi(RESPONSE, BEN)),
    (COMMITTED, c.ReplaceKpiPurpose(RESPONSE, "x")),
    (COMMITTED, c.ReplaceKpiSource(RESPONSE, "x")),
    (COMMITTED, c.ReplaceKpiCadence(RESPONSE, Cadence.WEEKLY)),
    (FED, c.RetireKpi(RESPONSE)),
    (COMMITTED, c.RecordReading(RESPONSE, TODAY, d("1"))),
    (COMMITTED, c.RecordReadings((c.RecordReading(RESPONSE, TODAY, d("1")),))),
]  # fmt: skip

# Of requests, keys, the clock and redactions there are none here: see test_approvals.py,
# test_signing_keys.py, test_clock.py and test_redactions.py.
ELSEWHERE = {
    "ApproveRequest", "RefuseRequest", "RotateSigningKey", "WithdrawRequest", "AcceptClock",
    "RedactText",
}  # fmt: skip


@pytest.mark.parametrize(("before", "command"), NEEDED, ids=lambda each: repr(each)[:60])
@pytest.mark.parametrize("reason", [None, " "])
def test_without_a_reason_it_is_refused(
    before: tuple[c.Command, ...], command: c.Command, reason: str | None, world: World
) -> None:
    given(world, *before)
    head = world.okr.log.head()
    with refused(ReasonIsMissing, "reason"):
        world.execute(command, reason=reason)
    assert world.okr.log.head() == head
    assert world.execute(command, reason="so it is").last_position == world.okr.log.head() > head


@pytest.mark.parametrize(("before", "command"), FREE, ids=lambda each: repr(each)[:60])
def test_without_a_reason_it_is_done(
    before: tuple[c.Command, ...], command: c.Command, world: World
) -> None:
    given(world, *before)
    assert world.execute(command).last_position is not None


def test_every_command_stands_here() -> None:
    asked = {type(command).__name__ for _, command in (*NEEDED, *FREE)}
    known = {
        name
        for name, value in vars(c).items()
        if inspect.isclass(value) and issubclass(value, c.Command) and value is not c.Command
    }
    assert asked | ELSEWHERE == known


def test_a_docstring_says_so_where_one_is_needed() -> None:
    silent = {
        type(command).__name__
        for _, command in NEEDED
        if "reason" not in (type(command).__doc__ or "")
    }
    assert silent == set()
