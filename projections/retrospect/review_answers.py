"""What the review of a cycle answers."""

from __future__ import annotations

from typing import Annotated, TypedDict

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
    Title,
    doc,
)
from projections.goals.answers import (
    Aligning,
    CommitmentOf,
    Due,
    Graded,
    KeyResultProgress,
    Promised,
    ReadingAnswer,
    Scored,
    StateOf,
    TeamRef,
)
from projections.retrospect.answers import AsOfDay, Marked, RecordedOn


class HappenedCounts(TypedDict):
    """What happened since the plan was committed, how often."""

    retitlings: Annotated[Count, doc("Titles changed.")]
    retargets: Annotated[Count, doc("Targets changed.")]
    reweightings: Annotated[Count, doc("Weights changed.")]
    realignments: Annotated[Count, doc("Alignments changed.")]
    reassignments: Annotated[Count, doc("Owners or teams changed.")]
    moves: Annotated[Count, doc("Key results moved to another objective.")]
    links: Annotated[Count, doc("Key results linked to a KPI or unlinked.")]
    corrections: Annotated[Count, doc("Readings corrected.")]
    retractions: Annotated[Count, doc("Readings retracted.")]
    overdue_readings: Annotated[Count, doc("Readings that were late or missing.")]


class MeanScores(TypedDict):
    """Weighted means; null: none has a score."""

    committed: Annotated[Rounded | None, doc("Against the plan as committed, 0 to 1.")]
    ended: Annotated[Rounded | None, doc("Against the plan as it ended, 0 to 1.")]


class NotMeasured(TypedDict):
    """How many goals are not measured: left out, and no zeros."""

    committed: Annotated[Count, doc("Against the plan as committed.")]
    ended: Annotated[Count, doc("Against the plan as it ended.")]


class Means(TypedDict):
    """The scores of several goals."""

    scores: Annotated[MeanScores, doc("Against both plans.")]
    not_measured: Annotated[NotMeasured, doc("Against both plans.")]
    added: Annotated[Count, doc("Goals added mid-cycle: promised as they stood when they came.")]
    not_planned: Annotated[Count, doc("Goals that are no promise: part of no committed plan.")]
    given_up: Annotated[Count, doc("Goals that were given up: no score as it ended.")]
    counts: Annotated[HappenedCounts, doc("What happened since the plan was committed.")]


_FromDay = TypedDict("_FromDay", {"from": Annotated[Day, doc("Their first day.")]})


class Ownership(_FromDay):
    """Who was accountable, and when."""

    owner: Annotated[Ref, doc("The person.")]
    until: Annotated[Day | None, doc("The day another owner took over; null: to the end.")]
    days: Annotated[Count, doc("Days of the cycle, the day of a hand-over being the new owner's.")]
    from_position: Annotated[Position, doc("The position from which it was theirs.")]
    until_position: Annotated[Position | None, doc("Null: to the end.")]
    progress_at_start: Share
    progress_at_end: Share
    counts: Annotated[HappenedCounts, doc("Of their time.")]


class OwnedGoal(Ownership):
    """A goal of a person, and their time with it."""

    objective: Annotated[Ref, doc("The objective.")]


class ReviewedPerson(Means):
    """What came out for a person; goals weigh by the days they had them."""

    person: Annotated[Ref, doc("The person.")]
    goals: Annotated[list[OwnedGoal], doc("Their objectives, each with their time.")]


class ReviewedTeam(Means):
    """What came out for a team."""

    team: Annotated[Ref, doc("The team.")]
    goals: Annotated[list[Ref], doc("The objectives that were the team's in the end.")]


class Promise(Aligning):
    """What was promised."""

    title: Title
    team: TeamRef
    owner: Annotated[Ref, doc("The person who was accountable for it.")]
    commitment: CommitmentOf
    due: Due


class ScoreAnswer(Scored):
    """A score."""


class BothScores(TypedDict):
    """Against the plan as committed, and as it ended."""

    committed: Annotated[ScoreAnswer | None, doc("Null: nothing is promised yet.")]
    ended: Annotated[ScoreAnswer | None, doc("Null: it was given up.")]


class KeyResultPromise(Promised):
    """What a key result promised."""


class KeyResultProgressed(TypedDict):
    """A score."""

    progress: KeyResultProgress
    status: KeyResultStatus


class BothKeyResultScores(TypedDict):
    """Against the plan as committed, and as it ended."""

    committed: Annotated[KeyResultProgressed | None, doc("Null: it was no part of the promise.")]
    ended: Annotated[KeyResultProgressed | None, doc("Null: it was dropped.")]


class ReportedConfidence(TypedDict):
    """Reported by a check-in."""

    as_of: AsOfDay
    recorded_on: RecordedOn
    confidence: Annotated[Count, doc("Of success, 0 to 10.")]


class ReviewedKeyResult(Marked):
    """The review of a key result."""

    id: Id
    title: Title
    objective: Annotated[Ref, doc("The objective.")]
    promised: Annotated[KeyResultPromise | None, doc("Null: it was no part of the promise.")]
    ended_as: Annotated[KeyResultPromise | None, doc("Null: it was dropped.")]
    scores: Annotated[BothKeyResultScores, doc("Against both plans.")]
    reading: Annotated[ReadingAnswer | None, doc("The one that counts; null without any.")]
    counts: Annotated[HappenedCounts, doc("What happened since the plan was committed.")]
    confidence: Annotated[list[ReportedConfidence], doc("Over time.")]


class ReviewedGoal(Marked, Graded):
    """The review of an objective."""

    id: Id
    title: Title
    team: TeamRef
    commitment: CommitmentOf
    state: StateOf
    promised: Annotated[Promise | None, doc("When it was committed or added; null: nothing yet.")]
    ended_as: Annotated[Promise, doc("What it was in the end.")]
    scores: Annotated[BothScores, doc("Against both plans.")]
    counts: Annotated[HappenedCounts, doc("What happened since the plan was committed.")]
    owners: Annotated[list[Ownership], doc("Who was accountable, and when.")]
    key_results: Annotated[list[ReviewedKeyResult], doc("Those that were dropped, too.")]


class ReviewAnswer(AsOf, OfCycle):
    """The review of a cycle: as of its last closing, or as known now."""

    goals: Annotated[list[ReviewedGoal], doc("The objectives of the cycle.")]
    people: Annotated[list[ReviewedPerson], doc("Who was accountable for them.")]
    teams: Annotated[list[ReviewedTeam], doc("Whose they were.")]
