"""What the questions about plan, results, comparison and explanation answer.

Review, replay, and plan against actual have pages of their own beside this one.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from okr_es.domain.values import Commitment, State
from projections.as_of.answers import (
    Anything,
    AsOf,
    By,
    Count,
    Day,
    DayText,
    Decrypted,
    Exact,
    Id,
    Instant,
    KindRef,
    NextBefore,
    OfCycle,
    Position,
    Ref,
    Rounded,
    Share,
    Standing,
    doc,
)
from projections.audit_log.answers import EntryAnswer, Heading
from projections.goals.answers import (
    AddedMidCycle,
    Graded,
    Progressed,
    Revisions,
    Scored,
)

PlannedKind = Literal["objective", "key_result"]
Fixed = Annotated[bool, doc("Nothing recorded later can change this answer.")]
RecordedOn = Annotated[Day, doc("The day it was recorded.")]
AsOfDay = Annotated[DayText, doc("The day it is about.")]


class Marked(TypedDict):
    """What became of a goal since the plan was committed."""

    planned: Annotated[bool, doc("It was part of the plan when that was committed.")]
    added_mid_cycle: AddedMidCycle
    dropped_mid_cycle: Annotated[bool, doc("It was dropped or given up since.")]


# ---- plan -------------------------------------------------------------------------------


class Revised(TypedDict):
    """How much of a plan was revised."""

    revisions: Annotated[Count, doc("Changes since the plan was committed.")]
    added: Annotated[Count, doc("Goals that came since.")]
    dropped: Annotated[Count, doc("Goals that were dropped or given up since.")]


class CommittedAt(TypedDict):
    """When the plan was committed."""

    position: Position
    day: Annotated[Day, doc("The day it was recorded.")]


class TeamRevisions(Revised):
    """A team's share."""

    team: Ref


class PlannedGoal(Marked):
    """What became of a goal since the plan was committed."""

    id: Id
    objective: Annotated[Ref, doc("The objective itself, or the one a key result is of.")]
    team: Ref
    owner: Annotated[Ref, doc("The person who is accountable for it.")]
    kind: PlannedKind
    title: str
    revisions: Revisions


class Revision(EntryAnswer):
    """An entry of the history, with the goal it is about."""

    goal: KindRef
    objective: Annotated[Ref, doc("The objective itself, or the one a key result is of.")]


class PlanAnswer(AsOf, OfCycle, Revised):
    """The plan of a cycle, and a page of its revisions, the newest first."""

    committed: Annotated[CommittedAt | None, doc("Null: not yet.")]
    teams: list[TeamRevisions]
    goals: list[PlannedGoal]
    changes: list[Revision]
    next_before: NextBefore


# ---- results ----------------------------------------------------------------------------


class Statement(TypedDict):
    """Who closed or reopened a cycle, when and why."""

    position: Position
    recorded_at: Instant
    by: By
    reason: Decrypted
    comment: Decrypted
    day: RecordedOn


class PolicyAnswer(TypedDict):
    """The thresholds of a scoring policy, shares from 0 to 1."""

    on_track: Exact
    at_risk: Exact
    yellow_from: Exact
    green_from: Exact
    committed_expected: Exact
    aspirational_expected: Exact


class PublishedObjective(Scored, Graded):
    """An objective as it was published."""

    id: Id
    team: Ref
    owner: Annotated[Ref, doc("The person who was accountable for it.")]
    title: str
    commitment: Commitment
    state: State
    overdue: Annotated[Count, doc("How many of its key results were overdue.")]


class Closing(Statement):
    """A closing: it published this result, for good."""

    number: Annotated[int, Meta(ge=1, description="The first is 1: published-1.")]
    policy: Annotated[PolicyAnswer, doc("Under which it was closed.")]
    objectives: list[PublishedObjective]
    reopened: Annotated[Statement | None, doc("Null: it was not.")]


class Restated(Progressed, Graded):
    """A result."""

    not_measured: Annotated[Count, doc("How many of its key results are not measured.")]


class RestatedObjective(TypedDict):
    """An objective whose result differs."""

    id: Id
    published: Restated
    restated: Restated


class Restatement(TypedDict):
    """What reads otherwise now than it was published."""

    of: Annotated[int, Meta(ge=1, description="The number of the closing.")]
    position: Annotated[Count, doc("Up to which readings count.")]
    objectives: list[RestatedObjective]


class ResultsAnswer(AsOf, OfCycle):
    """All that was published of a cycle, and what is known of it since."""

    closings: Annotated[list[Closing], doc("The oldest first.")]
    restatement: Annotated[Restatement | None, doc("Of the last closing; null before it.")]


# ---- compare ----------------------------------------------------------------------------


class SideAnswer(TypedDict):
    """One side of a comparison."""

    asked: Annotated[str, doc("What was asked for.")]
    cycle: Annotated[Ref | None, doc("The cycle whose goals it is limited to; null: of all.")]
    position: Count
    day: Day


class LimitedTo(TypedDict):
    """What both sides are limited to, beside their cycles; null: nothing."""

    team: Ref | None
    person: Ref | None
    goal: Ref | None


class WhatCount(TypedDict):
    """How many goals differ so."""

    what: str
    goals: Count


class StatusMove(TypedDict):
    """How many goals moved from a status to another."""

    kind: PlannedKind
    before: Annotated[str | None, doc("Null: it was not there.")]
    after: Annotated[str | None, doc("Null: it is not there.")]
    goals: Count


class Difference(TypedDict):
    """A field on both sides, under the names of the answers."""

    field: str
    before: Anything
    after: Anything


class ComparedAnswer(TypedDict):
    """A goal that differs."""

    kind: PlannedKind
    before: Annotated[Ref | None, doc("Null: it was not there.")]
    after: Annotated[Ref | None, doc("Another id: it was carried over. Null: it is not there.")]
    objective: Annotated[Ref, doc("The objective itself, or the one a key result is of.")]
    title: str
    what: Annotated[
        list[str], doc("added, dropped, carried_over, retitled, retargeted, score_moved …")
    ]
    changes: list[Difference]


_FromSide = TypedDict("_FromSide", {"from": SideAnswer})


class CompareAnswer(Standing, _FromSide):
    """What differs between two sides. Applied to the one it gives the other."""

    fixed: Fixed
    to: SideAnswer
    limited_to: LimitedTo
    counts: list[WhatCount]
    statuses: list[StatusMove]
    entries: list[ComparedAnswer]


# ---- explanation ------------------------------------------------------------------------


class MomentAnswer(TypedDict):
    """A moment."""

    position: Count
    day: Day


class ExactChange(TypedDict):
    """A change of a share."""

    exact: Annotated[
        str,
        Meta(pattern="^-?[0-9]+/[1-9][0-9]*$", description="Numerator and denominator."),
    ]
    rounded: Rounded


class CauseEvent(Heading):
    """An event, and by how much it moved progress."""

    change: ExactChange


class Cause(TypedDict):
    """A cause, with its events."""

    cause: str
    change: ExactChange
    events: list[CauseEvent]


_FromMoment = TypedDict("_FromMoment", {"from": MomentAnswer})


class ExplanationAnswer(Standing, _FromMoment):
    """Why progress changed, by cause; the parts sum exactly to the whole.

    In this sum what is not measured counts as 0, and a null `before` or `after` says so.
    """

    fixed: Fixed
    id: Id
    to: MomentAnswer
    before: Share
    after: Share
    change: ExactChange
    causes: list[Cause]
