"""What the questions about objectives, key results, KPIs and readings answer."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from okr_es.domain.values import (
    Cadence,
    Commitment,
    Direction,
    Kind,
    State,
    Zone,
)
from projections.as_of.answers import (
    ITSELF,
    AlignedTo,
    AsOf,
    Confidence,
    Count,
    Day,
    DayText,
    Exact,
    Filled,
    Id,
    Instant,
    KindRef,
    NamedCycle,
    NamedKpi,
    NamedPerson,
    NamedTeam,
    OfCycle,
    Overdue,
    Paged,
    Rounded,
    Status,
    Title,
    TitledKeyResult,
    TitledObjective,
    Version,
    doc,
)
from projections.goals.documents import Document
from projections.goals.score_answers import (
    Ending,
    Expected,
    Graded,
    Judged,
    Paced,
    Planned,
    ScoredAlone,
)

# ---- what goals share -------------------------------------------------------------------

CommitmentOf = Annotated[
    Commitment, doc("committed: expected in full; aspirational: expected in part.")
]
StateOf = Annotated[State, doc("Where it is in its life.")]
KeyResultKind = Annotated[Kind, doc("How it is measured.")]
CycleRef = Annotated[NamedCycle, doc("The cycle it belongs to.")]
TeamRef = Annotated[NamedTeam, doc("The team it belongs to.")]
OwnerRef = Annotated[NamedPerson, doc("The person who is accountable for it.")]
RecordedLater = Annotated[
    Day | None,
    doc("The day its owner or team of the day was recorded, where others were believed to be it."),
]
Description = Annotated[str | None, doc("What is meant, in words; null: nobody described it.")]
OwnOwner = Annotated[
    NamedPerson | None,
    doc("Its own owner; null: the owner of its objective is accountable for it."),
]
Due = Annotated[DayText | None, doc("Null: the last day of its cycle.")]
Revisions = Annotated[Count, doc("How often it was changed since its plan was committed.")]
AddedMidCycle = Annotated[bool, doc("It came after the plan of its team was committed.")]
Unit = Annotated[
    str | None, doc("The unit of baseline, target and readings; only a metric has one.")
]
InItsUnit = Annotated[Exact | None, doc("In its unit; only a metric has one.")]
Value = Annotated[
    Exact | None,
    doc("In its unit, or steps done; null for an ordinal, or confidence alone."),
]
ReachedZone = Annotated[Zone | None, doc("Of an ordinal; null for all others.")]
KeyResultProgress = Annotated[
    Rounded | None,
    doc("The share of the way gone, not clamped to 0..1; null where nothing is measured."),
]


class Aligning(TypedDict):
    """What an objective is aligned to."""

    weight: Annotated[Exact, doc("In the roll-up of what it is aligned to.")]
    aligned_to: Annotated[
        AlignedTo | None, doc("The objective or key result it is aligned to; null: none.")
    ]


class Aligned(TypedDict):
    """An objective that is aligned to another, or to a key result of it."""

    id: Id
    title: Annotated[Title, Filled("objective")]
    weight: Annotated[Exact, doc("In the roll-up of what it is aligned to.")]
    score: Annotated[Rounded | None, doc("Its score, 0 to 1; null: not measured.")]
    counts: Annotated[
        bool,
        doc(
            "Its score counts in the roll-up. A draft does not, what is aligned to a dropped key "
            "result, and a goal whose successor is committed."
        ),
    ]


class HitRateAnswer(TypedDict):
    """In how many periods of the cadence the last reading was inside."""

    inside: Annotated[Count, doc("How many of them.")]
    periods: Annotated[Count, doc("How many periods have a reading.")]
    without_reading: Annotated[Count, doc("How many that were due have none; they do not count.")]
    share: Annotated[Rounded | None, doc("Inside / periods, 0 to 1; null: no period has one.")]


# ---- key results ------------------------------------------------------------------------


class ReadingAnswer(TypedDict):
    """The reading that counts."""

    id: Id
    as_of: Annotated[DayText, doc("The day it is about.")]
    value: Value
    zone: ReachedZone
    done_steps: Annotated[
        list[str] | None, doc("The steps done, of those a milestone has now; null for all others.")
    ]
    evidence: Document


class StartedAt(TypedDict):
    """The last reading about a day before the cycle: where a KPI stood, never progress."""

    id: Id
    as_of: Annotated[DayText, doc("The day it is about.")]
    value: Annotated[Exact, doc("In its unit.")]


class PlannedPoint(TypedDict):
    """A planned point."""

    on: Annotated[DayText, doc("At whose end it is planned.")]
    share: Annotated[Exact, doc("Of the way, 0 to 1.")]


class ZoneWords(TypedDict):
    """In words."""

    commit: Annotated[str, doc("What it means to reach 0.3.")]
    target: Annotated[str, doc("What it means to reach 0.7.")]
    stretch: Annotated[str, doc("What it means to reach 1.")]


class Lists(TypedDict):
    """What a key result has of lists."""

    steps: Annotated[list[str], doc("Of a milestone; empty: it is done or not.")]
    zones: Annotated[
        ZoneWords | None, doc("What it means to reach each zone; only an ordinal has them.")
    ]
    trajectory: Annotated[list[PlannedPoint], doc("The planned way; empty: a straight line.")]


class Promised(Lists):
    """What a key result promises."""

    title: Title
    owner: OwnOwner
    kind: KeyResultKind
    baseline: InItsUnit
    target: InItsUnit
    unit: Unit
    direction: Annotated[
        Direction | None, doc("Of a metric to keep: at_least, at_most or within; null: to reach.")
    ]
    minimum: Annotated[Exact | None, doc("The lowest good value of a metric to keep within.")]
    maximum: Annotated[Exact | None, doc("The highest good value of a metric to keep within.")]
    weight: Annotated[
        Exact, doc("Relative to the others of its objective; 0 leaves it out of the roll-up.")
    ]
    cadence: Annotated[Cadence, doc("How often a reading is due.")]
    kpi: Annotated[NamedKpi | None, doc("The KPI whose readings feed it; null: check-ins do.")]


class OfKeyResult(Promised):
    """The fields of a key result, dropped or not."""

    id: Id
    objective: Annotated[TitledObjective, doc("The objective it belongs to.")]
    description: Description
    version: Version
    carried_from: Annotated[
        TitledKeyResult | None,
        doc("The key result of an earlier cycle that it continues; null: none."),
    ]
    revisions: Revisions


class OfSpan(TypedDict):
    """What the readings of a key result come to."""

    value: Annotated[
        Exact | None,
        doc(
            "What its readings come to: of one fed by a KPI by the KPI's rule over the days of the "
            "cycle, else the value of the reading that counts; null: none, or an ordinal."
        ),
    ]
    comparable: Annotated[
        bool, doc("False: its KPI was defined otherwise inside the cycle: not comparable.")
    ]
    hit_rate: Annotated[
        HitRateAnswer | None, doc("Of a metric to keep; null of all others, and of a sum.")
    ]


class KeyResultBody(OfKeyResult, OfSpan):
    """A key result."""

    dropped: Annotated[Literal[False], doc("It was not dropped.")]
    added_mid_cycle: AddedMidCycle
    confidence: Confidence
    reading: Annotated[ReadingAnswer | None, doc("The one that counts; null without any.")]
    started_at: Annotated[
        StartedAt | None,
        doc("Where its KPI stood before the cycle; null: no KPI feeds it, or no reading."),
    ]
    redefined: Annotated[
        bool,
        doc("Its unit or zones were changed: it is not measured until a new reading."),
    ]
    progress: KeyResultProgress
    expected: Expected
    pace: Annotated[
        Rounded | None,
        doc("Progress over expected times expected grade; null: unmeasured, or 0 is expected."),
    ]
    status: Status
    overdue: Overdue


class PendingRequest(TypedDict):
    """A request for approval that waits for a decision."""

    id: Id
    what: Annotated[str, doc("What it asks for, in a sentence.")]
    goal: Annotated[KindRef, doc("The objective, or the key result of it, that it is about.")]
    requester: Annotated[NamedPerson, doc("The person who asked for it.")]
    since: Annotated[Instant, doc("When it was asked for.")]


class WithRequests(TypedDict):
    """What waits for approval about a goal."""

    pending_requests: Annotated[
        list[PendingRequest],
        doc("About it, and of an objective its key results; the oldest first."),
    ]


class LivingKeyResult(KeyResultBody, WithRequests, AsOf):
    """A key result as of a moment."""


class DroppedKeyResult(OfKeyResult, WithRequests, AsOf):
    """A key result that was dropped: what it promised, without progress."""

    dropped: Annotated[Literal[True], doc("It was dropped.")]
    status: Annotated[Literal["dropped"], doc("It has no other any more.")]


KeyResultAnswer = LivingKeyResult | DroppedKeyResult


# ---- objectives -------------------------------------------------------------------------


class ObjectiveItem(Aligning, ScoredAlone, Judged, Planned, Graded, Ending):
    """An objective in a list, without what a board nests in it and rolls up."""

    id: Id
    version: Version
    cycle: CycleRef
    team: TeamRef
    owner: OwnerRef
    recorded_later: RecordedLater
    title: Annotated[Title, ITSELF]
    description: Description
    commitment: CommitmentOf
    due: Due
    state: StateOf
    graded: Annotated[bool, doc("It has a grade.")]
    adjusted_grade: Annotated[Exact | None, doc("0 to 1; null where the computed grade holds.")]
    carried_from: Annotated[
        TitledObjective | None,
        doc("The objective of an earlier cycle that it continues; null: none."),
    ]
    carried_to: Annotated[
        TitledObjective | None, doc("The objective of a later cycle that continues it; null: none.")
    ]
    revisions: Revisions
    added_mid_cycle: AddedMidCycle
    overdue: Annotated[Count, doc("How many of its key results are overdue.")]


class ObjectiveBody(ObjectiveItem, Paced):
    """An objective."""

    key_results: Annotated[list[KeyResultBody], doc("Without those that were dropped.")]
    aligned: Annotated[
        list[Aligned], doc("What is aligned to it or a key result of it, unless abandoned.")
    ]


class ObjectiveAnswer(ObjectiveBody, WithRequests, AsOf):
    """An objective as of a moment."""


class ObjectivesAnswer(AsOf, Paged):
    """A page of objectives, in the order that was asked for."""

    objectives: Annotated[list[ObjectiveItem], doc("As they were drafted, or as sorted.")]


class KeyResultsAnswer(AsOf, Paged):
    """A page of key results that were not dropped, in the order that was asked for."""

    key_results: Annotated[list[KeyResultBody], doc("As they were added, or as sorted.")]


class BoardAnswer(AsOf, OfCycle, Paged):
    """The objectives of a cycle, or a page of them."""

    objectives: Annotated[list[ObjectiveBody], doc("As they were drafted, or as sorted.")]


class Branch(Aligning, Paced):
    """An objective in the tree."""

    id: Id
    cycle: CycleRef
    team: TeamRef
    owner: OwnerRef
    recorded_later: RecordedLater
    title: Annotated[Title, ITSELF]
    state: StateOf
    key_results: Annotated[list[KeyResultBody], doc("Without those that were dropped.")]
    matches: Annotated[bool, doc("It meets the filters; without any, all do.")]
    aligned: Annotated[
        list[Branch], doc("What is aligned to it, from any cycle, abandoned or not.")
    ]


class TreeAnswer(AsOf, OfCycle, Paged):
    """The objectives of a cycle, each under what it is aligned to, or a page of the topmost."""

    objectives: Annotated[list[Branch], doc("Those that are aligned to none of the others.")]
