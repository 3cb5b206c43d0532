"""What the review of a cycle answers."""

from __future__ import annotations

from typing import Annotated, TypedDict

from okr_es.domain.values import Commitment, State
from projections.as_of.answers import (
    AsOf,
    Count,
    Day,
    Id,
    KeyResultStatus,
    OfCycle,
    Position,
    Ref,
    Rounded,
    Share,
    doc,
)
from projections.goals.answers import (
    Aligning,
    Due,
    Graded,
    KeyResultProgress,
    Promised,
    ReadingAnswer,
    Scored,
)
from projections.retrospect.answers import AsOfDay, Marked, RecordedOn


class HappenedCounts(TypedDict):
    """What happened since the plan was committed, how often."""

    retitlings: Count
    retargets: Count
    reweightings: Count
    realignments: Count
    reassignments: Count
    moves: Count
    links: Count
    corrections: Count
    retractions: Count
    overdue_readings: Count


class MeanScores(TypedDict):
    """Weighted means; null: none has a score."""

    committed: Annotated[Rounded | None, doc("Against the plan as committed, 0 to 1.")]
    ended: Annotated[Rounded | None, doc("Against the plan as it ended, 0 to 1.")]


class NotMeasured(TypedDict):
    """How many goals are not measured: left out, and no zeros."""

    committed: Count
    ended: Count


class Means(TypedDict):
    """What came out for several goals."""

    scores: MeanScores
    not_measured: NotMeasured
    not_planned: Annotated[Count, doc("Goals that were no part of the committed plan.")]
    given_up: Annotated[Count, doc("Goals that were given up: no score as it ended.")]
    counts: HappenedCounts


_FromDay = TypedDict("_FromDay", {"from": Annotated[Day, doc("Their first day.")]})


class Ownership(_FromDay):
    """Who was accountable, and when."""

    owner: Ref
    until: Annotated[Day | None, doc("The day it was handed over; null: to the end.")]
    days: Annotated[Count, doc("Days of the cycle, the day of a hand-over being the new owner's.")]
    from_position: Position
    until_position: Annotated[Position | None, doc("Null: to the end.")]
    progress_at_start: Share
    progress_at_end: Share
    counts: Annotated[HappenedCounts, doc("Of their time.")]


class OwnedGoal(Ownership):
    """A goal of a person, and their time with it."""

    objective: Ref


class ReviewedPerson(Means):
    """What came out for a person; goals weigh by the days they had them."""

    person: Ref
    goals: list[OwnedGoal]


class ReviewedTeam(Means):
    """What came out for a team."""

    team: Ref
    goals: Annotated[list[Ref], doc("The objectives that were the team's in the end.")]


class Promise(Aligning):
    """What was promised."""

    title: str
    team: Ref
    owner: Annotated[Ref, doc("The person who was accountable for it.")]
    commitment: Commitment
    due: Due


class ScoreAnswer(Scored):
    """A score."""


class BothScores(TypedDict):
    """Side by side."""

    committed: Annotated[ScoreAnswer | None, doc("Null: it was no part of the plan.")]
    ended: Annotated[ScoreAnswer | None, doc("Null: it was given up.")]


class KeyResultPromise(Promised):
    """What a key result promised."""


class KeyResultProgressed(TypedDict):
    """A score."""

    progress: KeyResultProgress
    status: KeyResultStatus


class BothKeyResultScores(TypedDict):
    """Side by side."""

    committed: Annotated[KeyResultProgressed | None, doc("Null: it was no part of the plan.")]
    ended: Annotated[KeyResultProgressed | None, doc("Null: it was dropped.")]


class ReportedConfidence(TypedDict):
    """Reported by a check-in."""

    as_of: AsOfDay
    recorded_on: RecordedOn
    confidence: Annotated[Count, doc("Of success, 0 to 10.")]


class ReviewedKeyResult(Marked):
    """The review of a key result."""

    id: Id
    title: str
    objective: Ref
    promised: Annotated[KeyResultPromise | None, doc("Null: it was no part of the committed plan.")]
    ended_as: Annotated[KeyResultPromise | None, doc("Null: it was dropped.")]
    scores: BothKeyResultScores
    reading: Annotated[ReadingAnswer | None, doc("The one that counts; null without any.")]
    counts: HappenedCounts
    confidence: Annotated[list[ReportedConfidence], doc("Over time.")]


class ReviewedGoal(Marked, Graded):
    """The review of an objective."""

    id: Id
    title: str
    team: Ref
    commitment: Commitment
    state: State
    promised: Annotated[Promise | None, doc("Null: it was no part of the committed plan.")]
    ended_as: Promise
    scores: BothScores
    counts: HappenedCounts
    owners: Annotated[list[Ownership], doc("Who was accountable, and when.")]
    key_results: list[ReviewedKeyResult]


class ReviewAnswer(AsOf, OfCycle):
    """The review of a cycle: as of its last closing, or as known now."""

    goals: list[ReviewedGoal]
    people: list[ReviewedPerson]
    teams: list[ReviewedTeam]
