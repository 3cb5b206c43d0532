"""Every command, on one page.

A command is a request for a change; `application.py` executes it. Who wants it, why, and on
whose behalf is in the `Context` that goes with every command.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from okr_es.changes import AnyMeasure, AnyTarget, GraceChanges
from okr_es.domain.api_key import KeyRole
from okr_es.domain.calendar import Holiday
from okr_es.domain.cycle import CycleRef
from okr_es.domain.evidence import Evidence
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure
from okr_es.domain.text import RedactionGround
from okr_es.domain.values import (
    Aggregation,
    Cadence,
    Commitment,
    Controlled,
    Direction,
    NotMeasured,
    PeopleFigures,
    Point,
    Role,
    TeamKind,
    Weekday,
    Zone,
)

# Drafts that a commit of a plan takes along: all of the plan, or those named.
Drafts = Literal["all"] | tuple[UUID, ...]

# Marks a field that a command got after version 1: see `handlers.fingerprints`.
LATER = {"later": True}
# Marks a text that is encrypted beside an event, as reasons and comments are.
WRITTEN = {"written": True}
# Stands where a number has to be given, behind a field that may be left out.
NO_NUMBER = Decimal("NaN")


@dataclass(frozen=True)
class Command:
    """The base of all commands.

    What one changes, but leaves out, is UNSET: it stays. None takes it away, where the field has
    it; an empty tuple empties a list. (`before` is the default from the time when the field
    could not be left out: see `handlers.fingerprints`; a new field needs none.)
    """


# ---- people ---------------------------------------------------------------------------


@dataclass(frozen=True)
class RegisterPerson(Command):
    """Register a person, with name and e-mail in the directory."""

    name: str = field(metadata={"personal": True})
    email: str | None = field(default=None, metadata={"personal": True})
    id: UUID | None = None


@dataclass(frozen=True)
class RenamePerson(Command):
    """Correct the name of a person in the directory.

    The log says only that it was corrected; all answers show the new name, also about the past.
    """

    person_id: UUID
    name: str = field(metadata={"personal": True})


@dataclass(frozen=True)
class ReplaceEmail(Command):
    """Correct the e-mail of a person in the directory; null takes it out.

    The log says only that it was corrected.
    """

    person_id: UUID
    email: str | None = field(metadata={"personal": True})


@dataclass(frozen=True)
class NameDeputy(Command):
    """Name who stands in for a person from `starts` to `ends`.

    It takes the place of the deputy named before; null withdraws them. Without `starts` they begin
    today. But where the same deputy is named before their last day, what is left out stays, also a
    first day still to come. It has no reason and no comment: why somebody is away is nobody's
    business.
    """

    person_id: UUID
    deputy_id: UUID | None
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True)
class DeactivatePerson(Command):
    """Record that a person left: what they own and did stays, they act and own nothing new.

    `effective` is the first day on which they are gone: today if left out, never in the future. Of
    somebody who left, another day takes the place of the one that was recorded. The day they were
    back takes a return back; an earlier one is refused, since the return would be lost.
    """

    person_id: UUID
    effective: date | None = None


@dataclass(frozen=True)
class ReactivatePerson(Command):
    """Record that a person who left is back.

    `effective` is the first day on which they are: today if left out, never in the future. The day
    they left takes a deactivation back; an earlier one is refused, since the leaving would be lost.
    Of somebody who is back, another day takes the place of the one that was recorded.
    """

    person_id: UUID
    effective: date | None = None


@dataclass(frozen=True)
class ErasePerson(Command):
    """Erase a person: destroy their key and directory entry. Needs a reason.

    Their goals and numbers stay, shown as those of a former colleague. The legal ground stays in
    the log, readable: name an article, and no person.
    """

    person_id: UUID
    legal_ground: str


@dataclass(frozen=True)
class RedactText(Command):
    """Destroy what was written with an event: reason and comment of its command, for all events.

    Nothing else changes, and no proof falls. The words of a request go with those of what came of
    it, and the other way round. Needs a reason, and a legal ground: an article of the GDPR. Refused
    while a legal hold keeps the person who wrote it, or whom it is about.
    """

    position: int
    legal_ground: RedactionGround


@dataclass(frozen=True)
class PlaceLegalHold(Command):
    """Keep a person from being erased while a matter is open. Needs a reason.

    The matter stays in the log, readable: give its reference, and no person. What it is about
    goes into the reason, which is encrypted.
    """

    person_id: UUID
    matter: str


@dataclass(frozen=True)
class LiftLegalHold(Command):
    """Lift the legal hold of a matter from a person. Needs a reason."""

    person_id: UUID
    matter: str


@dataclass(frozen=True)
class ChoosePeopleFigures(Command):
    """Choose which figures per person exist in answers. Needs a reason.

    `off`: none; `own_and_leads`, as long as nothing is chosen: people their own, and their leads;
    `hr_too`: HR as well. The present choice decides, also about the past.
    """

    people_figures: PeopleFigures


@dataclass(frozen=True)
class SetRetention(Command):
    """Set for how many years texts about people of closed cycles are kept, from the closing on,
    network address and client of commands, and the access log. Needs a reason. Null: for ever, as
    long as nothing is set. A job destroys what is older, except what a legal hold keeps. Nothing is
    kept of sessions that are over, and of mails.
    """

    person_texts_years: int | UnsetType | None = UNSET
    client_info_years: int | UnsetType | None = UNSET
    access_log_years: int | UnsetType | None = UNSET


@dataclass(frozen=True)
class GrantRole(Command):
    """Give a person a role from a day on, today or later, to a last day or without one.

    Needs a reason, and never yourself. A lead has it for a team and all teams below it, HR and
    administrators for the whole organisation, an auditor for either and for a purpose. The purpose
    stays in the log, readable: give its reference, and no person. The first administrator is made
    on the machine.
    """

    person_id: UUID
    role: Role
    team_id: UUID | None = None
    starts: date | None = None
    ends: date | None = None
    purpose: str | None = None
    id: UUID | None = None


@dataclass(frozen=True)
class RescheduleGrant(Command):
    """Give a grant that is not over another last day, today or later. Needs a reason.

    Null: none. Nobody does so with a grant of their own.
    """

    grant_id: UUID
    ends: date | None


@dataclass(frozen=True)
class EndGrant(Command):
    """End a grant. Needs a reason.

    `effective` is the first day on which it does not hold any more: today if left out, or later.
    """

    grant_id: UUID
    effective: date | None = None


@dataclass(frozen=True)
class CreateApiKey(Command):
    """Make an api key for a program. Needs a reason. The receipt shows its secret, once.

    An `ingest_key` records readings of the KPIs it names. Another role is one that you have
    yourself, for the same teams, or `member`; on the machine any. `ends` is its last day: within a
    year, in 90 days if left out. The name says which program it is for, and no person.
    """

    name: str = field(metadata={"personal": True})
    role: KeyRole
    team_id: UUID | None = None
    kpi_ids: tuple[UUID, ...] = ()
    ends: date | None = None
    id: UUID | None = None


@dataclass(frozen=True)
class RevokeApiKey(Command):
    """Revoke an api key for ever: it works no more. Needs a reason."""

    key_id: UUID


@dataclass(frozen=True)
class AcceptClock(Command):
    """Accept the clock of the server although it is far ahead of another clock, or of the last
    event: what is recorded from now on has its time. Needs a reason. It is for operators.
    """


# ---- teams ----------------------------------------------------------------------------


@dataclass(frozen=True)
class FormTeam(Command):
    """Form a team, at the top or below another one."""

    name: str
    kind: TeamKind = TeamKind.TEAM
    parent_id: UUID | None = None
    id: UUID | None = None


@dataclass(frozen=True)
class RenameTeam(Command):
    """Give a team another name."""

    team_id: UUID
    name: str


@dataclass(frozen=True)
class ReplaceTeamKind(Command):
    """Say that a team is of another kind: a company, a department or a team."""

    team_id: UUID
    kind: TeamKind


@dataclass(frozen=True)
class MoveTeam(Command):
    """Move a team below another one, or to the top.

    `effective` is the day from which it holds: today if left out, never in the future.
    """

    team_id: UUID
    parent_id: UUID | None
    effective: date | None = None


@dataclass(frozen=True)
class DisbandTeam(Command):
    """Disband a team that has neither teams nor running objectives."""

    team_id: UUID


@dataclass(frozen=True)
class ReinstateTeam(Command):
    """Take the disbanding of a team back. What it is below must live."""

    team_id: UUID


# ---- cycles ---------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenCycle(Command):
    """Open a cycle. The names 2025-Q3, 2025-H1 and 2025 stand for their calendar dates.

    A name is unique among all cycles, whatever the case of its letters.
    """

    name: str
    starts: date | None = None
    ends: date | None = None
    id: UUID | None = None


@dataclass(frozen=True)
class RenameCycle(Command):
    """Give a cycle another name. Earlier names stay its own: they still lead to it."""

    cycle_id: CycleRef
    name: str


@dataclass(frozen=True)
class RescheduleCycle(Command):
    """Correct the first or the last day of a cycle: they hold as if they had always been so.

    What is left out stays. Needs a reason once a plan is committed, or while it is closed. What was
    published stays.
    """

    cycle_id: CycleRef
    starts: date | UnsetType = UNSET
    ends: date | UnsetType = UNSET


@dataclass(frozen=True)
class CommitPlan(Command):
    """Commit the plan of a cycle: all of it, a team with all teams below, or a team alone.

    Each team's plan is committed once; teams whose plan was committed before are passed over.
    `with_drafts` are the drafts that are committed along: `all` of the plan, or those named.
    """

    cycle_id: CycleRef
    team_id: UUID | None = field(default=None, metadata=LATER)
    with_teams_below: bool = field(default=True, metadata=LATER)
    with_drafts: Drafts = field(default=(), metadata=LATER)


@dataclass(frozen=True)
class CloseCycle(Command):
    """Close a cycle and so publish its result.

    With `grade_rest` what is committed and not graded yet is graded as computed first.
    """

    cycle_id: CycleRef
    grade_rest: bool = field(default=False, metadata=LATER)


@dataclass(frozen=True)
class ReopenCycle(Command):
    """Reopen a closed cycle. Needs a reason."""

    cycle_id: CycleRef


@dataclass(frozen=True)
class RequireApproval(Command):
    """Set what in a cycle needs approval by someone else from now on. Nothing else does.

    Removing a requirement needs a reason, and approval while it is in force.
    """

    cycle_id: CycleRef
    of: tuple[Controlled, ...]


# ---- approvals ------------------------------------------------------------------------


@dataclass(frozen=True)
class ApproveRequest(Command):
    """Approve what someone else requested: it is executed, under the rules of today."""

    approval_id: UUID


@dataclass(frozen=True)
class RefuseRequest(Command):
    """Refuse what someone else requested. Needs a reason."""

    approval_id: UUID


@dataclass(frozen=True)
class WithdrawRequest(Command):
    """Withdraw your own request, before it is decided."""

    approval_id: UUID


# ---- objectives -----------------------------------------------------------------------


@dataclass(frozen=True)
class DraftObjective(Command):
    """Draft an objective in an open cycle. A confidential one is as KeepConfidential says."""

    cycle_id: CycleRef
    team_id: UUID
    owner_id: UUID
    title: str
    commitment: Commitment = Commitment.COMMITTED
    due: date | None = None
    id: UUID | None = None
    description: str | None = field(default=None, metadata=LATER)
    confidential: bool = field(default=False, metadata=LATER)


@dataclass(frozen=True)
class CommitObjective(Command):
    """Commit to a draft."""

    objective_id: UUID


@dataclass(frozen=True)
class RetitleObjective(Command):
    """Change the title of an objective. Needs a reason once the plan is committed."""

    objective_id: UUID
    title: str


@dataclass(frozen=True)
class DescribeObjective(Command):
    """Describe an objective in words; null takes its description away."""

    objective_id: UUID
    description: str | None


@dataclass(frozen=True)
class KeepConfidential(Command):
    """Let few read the words of an objective and its key results, and of its past.

    Its owner, the leads above it, HR and auditors in scope. Others see that it counts: team, owner,
    score, status and outcome.
    """

    objective_id: UUID


@dataclass(frozen=True)
class OpenToAll(Command):
    """Let everybody read the words of a confidential objective again, and of its past."""

    objective_id: UUID


@dataclass(frozen=True)
class RescheduleObjective(Command):
    """Change the day an objective is due. Needs a reason once the plan is committed.

    Null: the last day of its cycle. What is expected follows; readings count as before.
    """

    objective_id: UUID
    due: date | None


@dataclass(frozen=True)
class ReplaceObjectiveCommitment(Command):
    """Expect an objective in full (`committed`) or in part (`aspirational`). Needs a reason once
    the plan is committed.
    """

    objective_id: UUID
    commitment: Commitment


@dataclass(frozen=True)
class ReassignObjective(Command):
    """Hand an objective to another owner, team or both. Needs a reason once the
    plan is committed.

    `effective` is the day from which it is theirs: today if left out, never in the future nor
    before its cycle. It takes the place of all that held from that day on. Owner or team, what is
    left out stays as it was on each day; where both are, the last hand-over gets another day.
    """

    objective_id: UUID
    owner_id: UUID | UnsetType = UNSET
    team_id: UUID | UnsetType = UNSET
    effective: date | None = None


@dataclass(frozen=True)
class RealignObjective(Command):
    """Align an objective to another, or to a key result. A later change needs a reason.

    What is left out stays. Null takes the alignment away; one to an objective takes the place of
    one to a key result, and the other way round. Aligned to nothing, it can be given no weight.
    """

    objective_id: UUID
    aligned_to_objective_id: UUID | UnsetType | None = UNSET
    aligned_to_key_result_id: UUID | UnsetType | None = UNSET
    weight: Decimal | UnsetType = field(default=UNSET, metadata={"before": Decimal(1)})


@dataclass(frozen=True)
class CorrectObjective(Command):
    """Correct the weight of an objective's alignment to what was meant all along. Needs a reason.

    `version` of its stream names the one that was wrong, the last if left out; later revisions
    stay. Once promised, someone else approves it after the fifth working day from the commit.
    """

    objective_id: UUID
    weight: Decimal
    version: int | None = None


@dataclass(frozen=True)
class CarryOverObjective(Command):
    """Carry an objective and its key results over into another cycle, also from a closed one.

    Key results that reached their target, or are inside, are carried only `with_reached`. A metric
    begins where it had come to in the old cycle; fed by a sum, its target becomes what is missing.
    One to keep stays as it is, of a milestone the steps not done go on. It has owner and team of
    the old one, unless `owner_id` or `team_id` names another, as it must be where they left, or it
    was disbanded.
    """

    objective_id: UUID
    into_cycle_id: CycleRef
    id: UUID | None = None
    with_reached: bool = field(default=False, metadata=LATER)
    owner_id: UUID | None = field(default=None, metadata=LATER)
    team_id: UUID | None = field(default=None, metadata=LATER)


@dataclass(frozen=True)
class GradeObjective(Command):
    """Grade an objective, as computed or adjusted. An adjusted grade needs a reason.

    It may name the document it was taken from.
    """

    objective_id: UUID
    adjusted_grade: Decimal | None = None
    evidence: Evidence | None = field(default=None, metadata=LATER)


@dataclass(frozen=True)
class ReopenObjective(Command):
    """Take back a grade or an abandonment. Needs a reason."""

    objective_id: UUID


@dataclass(frozen=True)
class AbandonObjective(Command):
    """Abandon an objective. Needs a reason."""

    objective_id: UUID


# ---- key results ----------------------------------------------------------------------


@dataclass(frozen=True)
class AddKeyResult(Command):
    """Add a key result to an objective, fed by a KPI if one is named.

    Without a cadence it has that of its KPI, or is weekly; without an owner, its objective's.
    """

    objective_id: UUID
    title: str
    measure: Measure
    weight: Decimal = Decimal(1)
    cadence: Cadence | None = None
    trajectory: tuple[Point, ...] = ()
    kpi_id: UUID | None = None
    id: UUID | None = None
    description: str | None = field(default=None, metadata=LATER)
    owner_id: UUID | None = field(default=None, metadata=LATER)


@dataclass(frozen=True)
class RetitleKeyResult(Command):
    """Change the title of a key result. Needs a reason once the plan is committed."""

    key_result_id: UUID
    title: str


@dataclass(frozen=True)
class DescribeKeyResult(Command):
    """Describe a key result in words; null takes its description away."""

    key_result_id: UUID
    description: str | None


@dataclass(frozen=True)
class ReassignKeyResult(Command):
    """Give a key result an owner of its own. Needs a reason once the plan is committed.

    It holds from now on. Null: the owner of its objective.
    """

    key_result_id: UUID
    owner_id: UUID | None


@dataclass(frozen=True)
class ReplaceKeyResultCadence(Command):
    """Choose another cadence for a key result, from now on."""

    key_result_id: UUID
    cadence: Cadence


@dataclass(frozen=True)
class RetargetKeyResult(Command):
    """Change what a key result promises. Needs a reason once the plan is committed.

    What is left out stays: a new target keeps baseline, unit, direction and trajectory.
    """

    key_result_id: UUID
    measure: AnyMeasure | UnsetType = UNSET
    trajectory: tuple[Point, ...] | UnsetType = UNSET


@dataclass(frozen=True)
class CorrectKeyResult(Command):
    """Correct what a key result promises to what was meant all along. Needs a reason.

    What is left out stays. `version` of its stream names the one that was wrong, the last if left
    out; later revisions stay. Once promised, someone else approves it after the fifth working day
    from the commit.
    """

    key_result_id: UUID
    measure: AnyMeasure | UnsetType = UNSET
    trajectory: tuple[Point, ...] | UnsetType = UNSET
    weight: Decimal | UnsetType = UNSET
    version: int | None = None


@dataclass(frozen=True)
class ReweightKeyResult(Command):
    """Give a key result another weight. Needs a reason once the plan is committed."""

    key_result_id: UUID
    weight: Decimal


@dataclass(frozen=True)
class LinkKeyResult(Command):
    """Let a KPI feed a key result, or unlink it. Needs a reason once the plan is committed."""

    key_result_id: UUID
    kpi_id: UUID | None


@dataclass(frozen=True)
class MoveKeyResult(Command):
    """Move a key result to another objective. Needs a reason once either plan is committed.

    What was promised stays a promise there, also in a draft.
    """

    key_result_id: UUID
    to_objective_id: UUID


@dataclass(frozen=True)
class DropKeyResult(Command):
    """Drop a key result. Needs a reason once the plan is committed."""

    key_result_id: UUID


@dataclass(frozen=True)
class ReinstateKeyResult(Command):
    """Take a dropped key result up again, as it was. Needs a reason once the plan is committed."""

    key_result_id: UUID


@dataclass(frozen=True)
class CheckIn(Command):
    """Check in on a key result: value or zone about a day, and confidence (0..10).

    It may be confidence or a comment alone, which is no reading; a key result that a KPI feeds
    takes nothing else. A check-in of a milestone names the steps done, or counts them: then the
    first so many are meant. Without a day it is today; after the last day of the cycle, until that
    is closed, its last day. One about a day outside the cycle stays in the history and counts
    nowhere.
    """

    key_result_id: UUID
    as_of: date | None = None
    confidence: int | None = None
    value: Decimal | None = None
    zone: Zone | None = None
    id: UUID | None = None
    done_steps: tuple[str, ...] | None = None
    evidence: Evidence | None = field(default=None, metadata=LATER)


# ---- KPIs and readings ----------------------------------------------------------------


@dataclass(frozen=True)
class DefineKpi(Command):
    """Define a KPI with its four parts: target, time frame, source and cadence.

    `counts` says in words what is counted and how; `aggregation` how the readings of a span
    become its value: last, sum, mean, or worst (that of the lowest progress).
    """

    name: str
    direction: Direction
    unit: str
    source: str
    cadence: Cadence
    owner_id: UUID
    target: Target
    team_id: UUID | None = None
    purpose: str | None = None
    baseline: Decimal | None = None
    id: UUID | None = None
    counts: str | None = None
    aggregation: Aggregation = Aggregation.LAST


@dataclass(frozen=True)
class RenameKpi(Command):
    """Give a KPI another name."""

    kpi_id: UUID
    name: str


@dataclass(frozen=True)
class ReassignKpi(Command):
    """Hand a KPI to another owner, team or both. What is left out stays.

    Null takes it out of its team.
    """

    kpi_id: UUID
    owner_id: UUID | UnsetType = UNSET
    team_id: UUID | UnsetType | None = UNSET


@dataclass(frozen=True)
class ReplaceKpiPurpose(Command):
    """Write down what a KPI is for; null takes that away."""

    kpi_id: UUID
    purpose: str | None


@dataclass(frozen=True)
class CorrectKpi(Command):
    """Correct unit, direction or baseline of a KPI before its first reading. Needs a reason.

    What is left out stays; null takes the baseline away. Its targets must fit: one that does not is
    taken away first, by retargeting with null. A KPI with readings keeps all three: define another.
    `with_key_results` corrects the unit of the key results it feeds along, unless their objective
    or cycle is over: where one is promised, someone else approves it after the fifth working day
    from the commit.
    """

    kpi_id: UUID
    unit: str | UnsetType = UNSET
    direction: Direction | UnsetType = UNSET
    baseline: Decimal | UnsetType | None = UNSET
    with_key_results: bool = field(default=False, metadata=LATER)


@dataclass(frozen=True)
class RedefineKpi(Command):
    """Change what a KPI counts and how, from a day up to today on. Needs a reason.

    Without a day it is today. Readings about days before and since cannot be compared. What is
    left out stays; null takes the words away.
    """

    kpi_id: UUID
    counts: str | UnsetType | None = UNSET
    aggregation: Aggregation | UnsetType = UNSET
    effective: date | None = None


@dataclass(frozen=True)
class SetKpiTarget(Command):
    """Set the target for a span of days that has none; without a number nothing is judged."""

    kpi_id: UUID
    target: Target


@dataclass(frozen=True)
class RetargetKpi(Command):
    """Move the target of a span, or from a day inside it to its end. Needs a reason.

    `starts` names the span, and the day from which the target moves. What is left out stays; null
    takes away: without a number nothing is judged.
    """

    kpi_id: UUID
    target: AnyTarget


@dataclass(frozen=True)
class CorrectKpiTarget(Command):
    """Correct the target of a span to what was meant all along. Needs a reason.

    `starts` names the span. What is left out stays. `version` of the KPI's stream names the one
    that was wrong, the last if left out; later moves stay. Where the KPI feeds what is promised,
    someone else approves it after the fifth working day from the commit.
    """

    kpi_id: UUID
    target: AnyTarget
    version: int | None = None


@dataclass(frozen=True)
class ReplaceKpiSource(Command):
    """Name another source of a KPI's readings."""

    kpi_id: UUID
    source: str


@dataclass(frozen=True)
class ReplaceKpiCadence(Command):
    """Choose another cadence of a KPI's readings."""

    kpi_id: UUID
    cadence: Cadence


@dataclass(frozen=True)
class RetireKpi(Command):
    """Retire a KPI. Needs a reason while it feeds a committed plan."""

    kpi_id: UUID


@dataclass(frozen=True)
class ReinstateKpi(Command):
    """Take up a retired KPI again: it takes readings again, which are due again. Needs a reason."""

    kpi_id: UUID


@dataclass(frozen=True)
class RecordReading(Command):
    """Record one value of a KPI about a day, perhaps of one of several subjects.

    Without a day it is today.
    """

    kpi_id: UUID
    as_of: date | None = None
    value: Decimal = field(default=NO_NUMBER, metadata={"required": True})
    id: UUID | None = None
    subject: str | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True)
class RecordReadings(Command):
    """Record many readings at once: all of them, or none."""

    readings: tuple[RecordReading, ...]


@dataclass(frozen=True)
class CorrectReading(Command):
    """Replace what a reading or check-in says. Needs a reason.

    What is left out stays; null takes confidence, comment, evidence or subject away. Value, zone
    and steps are one: a new one replaces them. The comment is that of the reading, in the place of
    the one it has; both stay in its history.
    """

    reading_id: UUID
    value: Decimal | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET
    done_steps: tuple[str, ...] | UnsetType = UNSET
    confidence: int | UnsetType | None = field(default=UNSET, metadata=LATER)
    comment: str | UnsetType | None = field(default=UNSET, metadata=LATER | WRITTEN)
    evidence: Evidence | UnsetType | None = field(default=UNSET, metadata=LATER)
    subject: str | UnsetType | None = field(default=UNSET, metadata=LATER)


@dataclass(frozen=True)
class RetractReading(Command):
    """Take a reading or check-in back. Needs a reason."""

    reading_id: UUID


# ---- calendar -------------------------------------------------------------------------


@dataclass(frozen=True)
class SetCalendar(Command):
    """Set the organisation's calendar from a day on, today or later. Needs a reason.

    What is left out stays as it is valid on that day. `holidays` replaces all holidays;
    `add_holidays` adds some, `remove_holidays` takes those away that begin on a day, and
    `holidays_of` adds those of a country (`SE`) or a part of it (`DE-BY`) for the years from
    `preset_from` to `preset_to`: by default ten, from the year of `valid_from` on. The days that
    come of it are recorded, so what is added never changes later.
    """

    valid_from: date | None = None
    zone: str | UnsetType = UNSET
    working_days: tuple[Weekday, ...] | UnsetType = UNSET
    holidays: tuple[Holiday, ...] | UnsetType = UNSET
    add_holidays: tuple[Holiday, ...] = ()
    remove_holidays: tuple[date, ...] = ()
    holidays_of: str | None = None
    preset_from: int | None = None
    preset_to: int | None = None
    first_month: int | UnsetType = UNSET
    two_weeks_from: date | UnsetType = UNSET
    grace: GraceChanges | UnsetType = UNSET


# ---- scoring --------------------------------------------------------------------------


@dataclass(frozen=True)
class AdoptScoringPolicy(Command):
    """Adopt or revise the thresholds of statuses, the bands of grades, and what is not measured.

    Thresholds have at most four digits after the point. A grade is green from the one that is
    expected, which lies above `yellow_from`. What is not measured counts 0 in a grade and in final
    scores, or is left out of them. What is not named stays as it is, at first as it is built in.
    Needs a reason.
    """

    on_track: Decimal | UnsetType = field(default=UNSET, metadata={"before": Decimal("0.9")})
    at_risk: Decimal | UnsetType = field(default=UNSET, metadata={"before": Decimal("0.7")})
    yellow_from: Decimal | UnsetType = field(default=UNSET, metadata={"before": Decimal("0.4")})
    committed_expected: Decimal | UnsetType = field(
        default=UNSET, metadata={"before": Decimal("1")}
    )
    aspirational_expected: Decimal | UnsetType = field(
        default=UNSET, metadata={"before": Decimal("0.7")}
    )
    not_measured: NotMeasured | UnsetType = field(
        default=UNSET, metadata={"before": NotMeasured.COUNTS_ZERO}
    )


# ---- signing --------------------------------------------------------------------------


@dataclass(frozen=True)
class RotateSigningKey(Command):
    """Let a new key sign the checkpoints of the log, from the next one on. Needs a reason."""
