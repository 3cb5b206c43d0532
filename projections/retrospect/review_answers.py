"""What the review of a cycle answers."""

from __future__ import annotations

from typing import Annotated, TypedDict

from okr_es.domain.values import PeopleFigures
from projections.as_of.answers import (
    AsOf,
    Count,
    Day,
    Id,
    NamedHolder,
    NamedPerson,
    NamedTeam,
    OfCycle,
    Overdue,
    Position,
    Rounded,
    Share,
    Status,
    Title,
    TitledObjective,
    doc,
)
from projections.goals.answers import (
    Aligning,
    CommitmentOf,
    Due,
    KeyResultProgress,
    Promised,
    ReadingAnswer,
    StateOf,
    TeamRef,
)
from projections.goals.score_answers import Ending, Graded, Scored
from projections.retrospect.answers import AsOfDay, Marked, RecordedOn


class Discipline(TypedDict):
    """Readings that were due; those of a goal that was dropped, up to then."""

    due: Annotated[Count, doc("How many were due: the sum of the others.")]
    on_time: Annotated[Count, doc("Recorded by the end of the period and its grace.")]
    late: Annotated[Count, doc("Recorded later.")]
    missing: Annotated[Count, doc("Not recorded.")]


class HappenedCounts(TypedDict):
    """What happened since the plan was committed, how often."""

    retitlings: Annotated[Count, doc("Titles changed.")]
    reschedulings: Annotated[Count, doc("Due days changed.")]
    commitment_changes: Annotated[Count, doc("Commitments replaced: committed, aspirational.")]
    retargets: Annotated[Count, doc("Targets changed.")]
    reweightings: Annotated[Count, doc("Weights changed.")]
    realignments: Annotated[Count, doc("Alignments changed.")]
    reassignments: Annotated[Count, doc("Owners or teams changed.")]
    moves: Annotated[Count, doc("Key results moved to another objective.")]
    links: Annotated[Count, doc("Key results linked to a KPI or unlinked.")]
    eased_targets: Annotated[
        Count,
        doc("Targets made easier, also those of KPIs that fed a promise; among `retargets`, too."),
    ]
    promise_corrections: Annotated[
        Count, doc("Promises corrected to what was meant all along; none is a revision.")
    ]
    corrections: Annotated[Count, doc("Readings corrected.")]
    retractions: Annotated[Count, doc("Readings retracted.")]
    discipline: Annotated[
        Discipline | None,
        doc("Readings due, on time, late, missing; null: not shown of a team of few owners."),
    ]


class MeanScores(TypedDict):
    """Weighted means; null: none has a score."""

    committed: Annotated[Rounded | None, doc("Against the plan as committed, 0 to 1.")]
    ended: Annotated[Rounded | None, doc("Against the plan as it ended, 0 to 1.")]


class NotMeasured(TypedDict):
    """How many goals are not measured at all.

    While the cycle runs they are left out; then they count 0, unless the policy leaves them out.
    """

    committed: Annotated[Count, doc("Against the plan as committed.")]
    ended: Annotated[Count, doc("Against the plan as it ended.")]


class OutcomeCounts(TypedDict):
    """How many goals came out how; those that have not ended are none of them."""

    met: Annotated[Count, doc("At the expected grade or over it.")]
    partly_met: Annotated[Count, doc("Yellow.")]
    missed: Annotated[Count, doc("Red.")]
    not_measured: Annotated[Count, doc("Nothing was measured, and no grade set by hand.")]


class EndedByCounts(TypedDict):
    """How many goals ended by what; those that have not ended are none of them."""

    graded: Annotated[Count, doc("Graded.")]
    abandoned: Annotated[Count, doc("Given up.")]
    carried_over: Annotated[Count, doc("Carried over, also when graded.")]
    ungraded: Annotated[Count, doc("The cycle was closed without a grade.")]


class MeanCoverage(TypedDict):
    """Weighted means of how much was measured; null: there is no goal to measure."""

    committed: Annotated[Rounded | None, doc("Of the plan as committed, 0 to 1.")]
    ended: Annotated[Rounded | None, doc("Of the plan as it ended, 0 to 1.")]


class BandCounts(TypedDict):
    """How many graded goals are in which band, by the adjusted grade where there is one."""

    green: Annotated[Count, doc("From the expected grade on.")]
    yellow: Annotated[Count, doc("From `yellow_from` of the scoring policy on.")]
    red: Annotated[Count, doc("Below that.")]


class GoalsByStatus(TypedDict):
    """How many goals have which status; what was given up has none."""

    on_track: Annotated[Count, doc("At the pace of `on_track` or over it.")]
    at_risk: Annotated[Count, doc("Below that, or held back by a key result.")]
    off_track: Annotated[Count, doc("Below the pace of `at_risk`.")]
    not_measured: Annotated[Count, doc("Nothing is measured.")]


class Total(TypedDict):
    """The means over several objectives, each counted once; no mean of means."""

    objectives: Annotated[Count, doc("How many there are; drafts are none.")]
    key_results: Annotated[Count, doc("How many they have in the end; dropped ones are none.")]
    scores: Annotated[MeanScores, doc("Against both plans.")]
    coverage: Annotated[MeanCoverage, doc("Of both plans.")]
    not_measured: Annotated[NotMeasured, doc("Against both plans.")]
    added: Annotated[Count, doc("Goals added mid-cycle: promised as they stood when they came.")]
    not_planned: Annotated[Count, doc("Goals that are no promise: part of no committed plan.")]
    given_up: Annotated[Count, doc("Goals that were given up: no score as it ended.")]
    outcomes: Annotated[OutcomeCounts, doc("What came out of them.")]
    ended_by: Annotated[EndedByCounts, doc("What ended them.")]
    bands: Annotated[BandCounts, doc("Of those that are graded.")]
    statuses: Annotated[GoalsByStatus, doc("Where their pace is, or was in the end.")]
    carried_in: Annotated[Count, doc("Goals that go on from one of another cycle.")]
    carried_out: Annotated[Count, doc("Goals that were carried over, also when graded.")]
    adjusted_grades: Annotated[Count, doc("Grades set by hand in place of those computed.")]
    counts: Annotated[HappenedCounts, doc("What happened since the plan was committed.")]


_FromDay = TypedDict("_FromDay", {"from": Annotated[Day, doc("Their first day.")]})


class HeldInterval(_FromDay):
    """The days in which a person or a team held a goal, by effective days.

    The day of a hand-over is the new holder's; progress at the end is that of the eve.
    """

    until: Annotated[Day | None, doc("The day it passed on; null: to the end.")]
    to: Annotated[NamedHolder | None, doc("The person or the team it passed on to; null: to none.")]
    days: Annotated[Count, doc("Of the goal's own days: from its commit to the end of its cycle.")]
    progress_at_start: Share
    progress_at_end: Share
    expected_at_start: Share
    expected_at_end: Share
    counts: Annotated[
        HappenedCounts | None, doc("Of their time; null: figures of people are not shown to you.")
    ]


class Passing(HeldInterval):
    """The days in which a holder had a goal, and the events by which it came and went."""

    from_position: Annotated[Position, doc("The position from which it was theirs.")]
    until_position: Annotated[Position | None, doc("Null: to the end.")]
    recorded_later: Annotated[
        Day | None, doc("The day it was recorded that it is theirs, if later than it was.")
    ]


class Ownership(Passing):
    """Who was accountable, and when."""

    owner: Annotated[NamedPerson, doc("The person.")]


class TeamInterval(Passing):
    """Which team had a goal, and when."""

    team: Annotated[NamedTeam, doc("The team.")]


class HeldGoal(TypedDict):
    """A goal that a person or a team held, once, however often it came back."""

    objective: Annotated[TitledObjective, doc("The objective.")]
    days: Annotated[Count, doc("All days of these intervals.")]
    intervals: Annotated[list[HeldInterval], doc("When it was theirs, in order.")]


class EndedGoal(HeldGoal):
    """A goal that was a person's or a team's at its end."""

    in_mean: Annotated[
        bool, doc("It is in the means: a person had it for a fifth of its own days or more.")
    ]


class Summed(Total):
    """The goals of a person or team in two lists; the total is of the first."""

    ended_with: Annotated[
        list[EndedGoal],
        doc("Objectives theirs at the end of the cycle, when abandoned, or while it runs today."),
    ]
    handed_on: Annotated[list[HeldGoal], doc("Objectives that passed on, with the time until.")]


class ReviewedPerson(Summed):
    """What came out for a person; goals weigh by the days they had them."""

    person: Annotated[NamedPerson, doc("The person.")]


class ReviewedTeam(Summed):
    """What came out for a team with all below it, in the tree of each day."""

    team: Annotated[NamedTeam, doc("The team.")]


class Promise(Aligning):
    """What was promised."""

    title: Title
    team: TeamRef
    owner: Annotated[NamedPerson, doc("The person who was accountable for it.")]
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
    status: Status
    overdue: Overdue


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
    objective: Annotated[TitledObjective, doc("The objective.")]
    promised: Annotated[KeyResultPromise | None, doc("Null: it was no part of the promise.")]
    ended_as: Annotated[KeyResultPromise | None, doc("Null: it was dropped.")]
    scores: Annotated[BothKeyResultScores, doc("Against both plans.")]
    reading: Annotated[ReadingAnswer | None, doc("The one that counts; null without any.")]
    counts: Annotated[HappenedCounts, doc("What happened since the plan was committed.")]
    confidence: Annotated[list[ReportedConfidence], doc("Over time.")]


class ReviewedGoal(Marked, Graded, Ending):
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
    teams: Annotated[list[TeamInterval], doc("Which teams had it, and when.")]
    key_results: Annotated[list[ReviewedKeyResult], doc("Those that were dropped, too.")]


class ReviewAnswer(AsOf, OfCycle):
    """The review of a cycle: as of its last closing, or as known now."""

    goals: Annotated[list[ReviewedGoal], doc("The objectives of the cycle.")]
    people_figures: Annotated[PeopleFigures, doc("Which figures per person there are, for whom.")]
    people: Annotated[
        list[ReviewedPerson],
        doc("Who was accountable for them, by id: those whose figures are shown to you."),
    ]
    teams: Annotated[
        list[ReviewedTeam],
        doc("Each team that had any, and all above; empty if limited to a person or an objective."),
    ]
    total: Annotated[Total | None, doc("Of the whole cycle; null in a review that is limited.")]
