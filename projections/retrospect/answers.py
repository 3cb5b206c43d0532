"""What the questions about results and comparison answer, and what those about plans share.

Plan, explanation, review, replay, and plan against actual have pages of their own beside this one.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from okr_es.scoring.grades import Outcome
from projections.as_of.answers import (
    Anything,
    AsOf,
    AtPosition,
    By,
    Count,
    Day,
    DayText,
    Decrypted,
    Exact,
    Filled,
    Id,
    Instant,
    KindRef,
    NamedCycle,
    NamedPerson,
    NamedTeam,
    NamesAsOf,
    OfCycle,
    Position,
    Title,
    TitledGoal,
    TitledObjective,
    ZoneName,
    doc,
)
from projections.audit_log.answers import EntryAnswer
from projections.goals.answers import AddedMidCycle, CommitmentOf, Revisions, StateOf, TeamRef
from projections.goals.score_answers import Ending, Graded, Progressed, Scored

PlannedKind = Annotated[Literal["objective", "key_result"], doc("Which of the two it is.")]
Fixed = Annotated[bool, doc("Nothing recorded later can change this answer.")]
RecordedOn = Annotated[Day, doc("The day it was recorded.")]
ItsObjective = Annotated[
    TitledObjective, doc("The objective itself, or the one a key result is of.")
]
AsOfDay = Annotated[DayText, doc("The day it is about.")]


class Marked(TypedDict):
    """What became of a goal since the plan of its team was committed."""

    planned: Annotated[bool, doc("It was part of the plan when that was committed.")]
    added_mid_cycle: AddedMidCycle
    dropped_mid_cycle: Annotated[bool, doc("It was promised, and dropped or given up since.")]


# ---- plan -------------------------------------------------------------------------------


class Revised(TypedDict):
    """How much of a plan was revised."""

    revisions: Annotated[Count, doc("Changes since the plan was committed; corrections are none.")]
    corrected: Annotated[
        Count, doc("Corrections since the plan was committed, of what was meant all along.")
    ]
    added: Annotated[Count, doc("Goals that came since.")]
    dropped: Annotated[Count, doc("Goals that were dropped or given up since.")]
    returned: Annotated[Count, doc("How often goals that were given up came back since.")]


class CommittedAt(TypedDict):
    """When a plan was committed."""

    position: Position
    day: Annotated[Day, doc("The day it was recorded.")]


class TeamRevisions(Revised):
    """A team's share."""

    team: Annotated[NamedTeam, doc("The team.")]
    committed: Annotated[CommittedAt | None, doc("When its plan was committed; null: not yet.")]


class PlannedGoal(Marked):
    """What became of a goal since the plan was committed."""

    id: Id
    objective: ItsObjective
    team: TeamRef
    owner: Annotated[NamedPerson, doc("The person who is accountable for it.")]
    kind: PlannedKind
    title: Title
    promised_at: Annotated[
        Position | None,
        doc(
            "The position whose plan is its promise: that of the commit that covered it, or where "
            "it came later; null: nothing is promised."
        ),
    ]
    revisions: Revisions
    corrections: Annotated[Count, doc("How often what was meant all along was corrected since.")]
    returns: Annotated[Count, doc("How often it came back after it was given up.")]


class Revision(EntryAnswer):
    """An entry of the history, with the goal it is about."""

    goal: Annotated[KindRef, doc("The goal it is about.")]
    objective: ItsObjective


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

    on_track: Annotated[Exact, doc("The pace from which a goal is on track.")]
    at_risk: Annotated[Exact, doc("The pace from which it is at risk, not off track.")]
    yellow_from: Annotated[Exact, doc("The grade from which it is yellow, not red.")]
    committed_expected: Annotated[
        Exact, doc("The grade a committed objective lets expect: from it, it is green.")
    ]
    aspirational_expected: Annotated[
        Exact, doc("The grade an aspirational one lets expect: from it, it is green.")
    ]
    not_measured: Annotated[
        Literal["counts_zero", "left_out"],
        doc("How what is not measured counts in grades and final scores."),
    ]


class PublishedObjective(Scored, Graded, Ending):
    """An objective as it was published."""

    id: Id
    team: TeamRef
    owner: Annotated[NamedPerson, doc("The person who was accountable for it.")]
    title: Title
    commitment: CommitmentOf
    state: StateOf
    overdue: Annotated[Count, doc("How many of its key results were overdue.")]


class Closing(Statement):
    """A closing: it published this result, which never changes."""

    number: Annotated[int, Meta(ge=1, description="The first is 1: published-1.")]
    policy: Annotated[PolicyAnswer, doc("Under which it was closed.")]
    objectives: Annotated[
        list[PublishedObjective], doc("As they were published."), NamesAsOf("position")
    ]
    reopened: Annotated[Statement | None, doc("Null: it was not.")]


class Restated(Progressed, Graded):
    """A result."""

    not_measured: Annotated[Count, doc("How many of its key results are not measured.")]
    outcome: Annotated[Outcome | None, doc("By its final grade; null: none was promised.")]
    late_days: Annotated[Count | None, doc("Days after its due day that it was met; null: not.")]


class RestatedObjective(TypedDict):
    """An objective whose result differs."""

    id: Id
    title: Annotated[Title, Filled("objective")]
    published: Annotated[Restated, doc("What was published.")]
    restated: Annotated[Restated, doc("What is known since.")]


class Restatement(TypedDict):
    """What differs now from what was published."""

    of: Annotated[int, Meta(ge=1, description="The number of the closing.")]
    position: Annotated[Count, doc("Up to which readings count.")]
    objectives: Annotated[list[RestatedObjective], doc("Those that differ.")]


class ResultsAnswer(AsOf, OfCycle):
    """All that was published of a cycle, and what is known of it since."""

    closings: Annotated[list[Closing], doc("The oldest first.")]
    restatement: Annotated[Restatement | None, doc("Of the last closing; null before it.")]


# ---- compare ----------------------------------------------------------------------------


class SideAnswer(TypedDict):
    """One side of a comparison."""

    asked: Annotated[str, doc("What was asked for.")]
    cycle: Annotated[
        NamedCycle | None,
        doc("The cycle whose goals it is limited to; null: of all."),
        NamesAsOf("position"),
    ]
    position: Annotated[Count, doc("The position up to which it looks.")]
    day: Annotated[Day, doc("The day it is about.")]
    zone: ZoneName


class LimitedTo(TypedDict):
    """What both sides are limited to, beside their cycles; null: nothing."""

    team: Annotated[NamedTeam | None, doc("The goals of this team and those below it.")]
    person: Annotated[NamedPerson | None, doc("The goals of this person.")]
    goal: Annotated[
        TitledGoal | None, doc("This objective with its key results, or this key result.")
    ]


class WhatCount(TypedDict):
    """How many goals differ so."""

    what: Annotated[
        str,
        doc(
            "added, dropped, not_in_the_other_cycle, carried_over, retitled, retargeted, "
            "corrected …"
        ),
    ]
    goals: Annotated[Count, doc("How many.")]


class StatusMove(TypedDict):
    """How many goals moved from a status to another."""

    kind: PlannedKind
    before: Annotated[str | None, doc("Null: it was not there.")]
    after: Annotated[str | None, doc("Null: it is not there.")]
    goals: Annotated[Count, doc("How many.")]


class Difference(TypedDict):
    """A field on both sides, under the names of the answers."""

    field: Annotated[str, doc("Its name.")]
    before: Annotated[Anything, Filled(None), NamesAsOf("from")]
    after: Annotated[Anything, Filled(None), NamesAsOf("to")]


class ComparedAnswer(TypedDict):
    """A goal that differs."""

    kind: PlannedKind
    before: Annotated[
        TitledGoal | None,
        doc("Null: it was not there."),
        NamesAsOf("from", of_its_kind=True),
    ]
    after: Annotated[
        TitledGoal | None,
        doc("Another id: it was carried over. Null: it is not there."),
        NamesAsOf("to", of_its_kind=True),
    ]
    objective: ItsObjective
    title: Title
    what: Annotated[
        list[str],
        doc(
            "added, dropped, carried_over, retitled, retargeted, score_moved …; corrected: what was"
            " meant all along, no revision; not_in_the_other_cycle: it goes on from no goal there, "
            "and none from it."
        ),
    ]
    comparable: Annotated[
        bool,
        doc("False: a KPI that feeds it was defined otherwise between both: not comparable."),
    ]
    changes: Annotated[list[Difference], doc("Field by field.")]


_FromSide = TypedDict("_FromSide", {"from": Annotated[SideAnswer, doc("The one side.")]})


class CompareBody(AtPosition, _FromSide):
    """What differs between two sides. Applied to the one it gives the other."""

    fixed: Fixed
    to: Annotated[SideAnswer, doc("The other side.")]
    limited_to: Annotated[LimitedTo, doc("Beside their cycles.")]
    counts: Annotated[list[WhatCount], doc("How many goals differ in which way.")]
    statuses: Annotated[list[StatusMove], doc("How many goals moved between statuses.")]
    entries: Annotated[
        list[ComparedAnswer],
        doc("The goals that differ; of two cycles first those that go on from one in the other."),
    ]
