"""What the questions about objectives, key results, KPIs and readings answer."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from okr_es.domain.values import Cadence, Commitment, Direction, Kind, State, Zone
from projections.as_of.answers import (
    AlignedTo,
    AsOf,
    Confidence,
    Count,
    Day,
    DayText,
    Exact,
    Id,
    Name,
    NextBefore,
    OfCycle,
    Overdue,
    Ref,
    Rounded,
    Status,
    Title,
    Version,
    doc,
)

# ---- what goals share -------------------------------------------------------------------

CommitmentOf = Annotated[
    Commitment, doc("committed: expected in full; aspirational: expected in part.")
]
StateOf = Annotated[State, doc("Where it is in its life.")]
KeyResultKind = Annotated[Kind, doc("How it is measured.")]
CycleRef = Annotated[Ref, doc("The cycle it belongs to.")]
TeamRef = Annotated[Ref, doc("The team it belongs to.")]
OwnerRef = Annotated[Ref, doc("The person who is accountable for it.")]
RecordedLater = Annotated[
    Day | None,
    doc("The day its owner or team of the day was recorded, where others were believed to be it."),
]
Due = Annotated[DayText | None, doc("Null: the last day of its cycle.")]
Expected = Annotated[Rounded, doc("The share of the way planned for the day, 0 to 1.")]
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


class Progressed(TypedDict):
    """How far an objective has come."""

    progress: Annotated[
        Rounded | None, doc("The weighted mean of its own key results, 0 to 1; null: none.")
    ]
    rolled_up: Annotated[
        Rounded | None,
        doc("Progress with that of all that is aligned to it, 0 to 1; null: unmeasured."),
    ]


class Scored(Progressed):
    """How far an objective has come."""

    status: Status
    not_measured: Annotated[Count, doc("How many of its key results are not measured.")]


class Paced(Scored):
    """What an objective has come to, beside what was planned for the day."""

    expected: Expected
    pace: Annotated[
        Rounded | None, doc("Rolled up over expected; null: unmeasured, or 0 is expected.")
    ]


class Grade(TypedDict):
    """Computed and adjusted grade side by side."""

    computed: Annotated[Rounded | None, doc("Progress rolled up, 0 to 1; null: unmeasured.")]
    adjusted: Annotated[Exact | None, doc("0 to 1; null where the computed grade holds.")]
    band: Annotated[
        Literal["red", "yellow", "green"] | None,
        doc("Of the adjusted, else of the computed grade; null: unmeasured."),
    ]
    expected: Annotated[Exact, doc("The grade its commitment lets expect, 0 to 1.")]


class Graded(TypedDict):
    """The grade of an objective."""

    grade: Annotated[Grade | None, doc("Null until it is graded.")]


class Aligned(TypedDict):
    """An objective that is aligned to another, or to a key result of it."""

    id: Id
    weight: Annotated[Exact, doc("In the roll-up of what it is aligned to.")]
    rolled_up: Annotated[
        Rounded | None,
        doc("Progress with that of all that is aligned to it, 0 to 1; null: unmeasured."),
    ]


# ---- key results ------------------------------------------------------------------------


class ReadingAnswer(TypedDict):
    """The reading that counts."""

    id: Id
    as_of: Annotated[DayText, doc("The day it is about.")]
    value: Value
    zone: ReachedZone


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
    kind: KeyResultKind
    baseline: InItsUnit
    target: InItsUnit
    unit: Unit
    weight: Annotated[
        Exact, doc("Relative to the others of its objective; 0 leaves it out of the roll-up.")
    ]
    cadence: Annotated[Cadence, doc("How often a reading is due.")]
    kpi: Annotated[Ref | None, doc("The KPI whose readings feed it; null: check-ins do.")]


class OfKeyResult(Promised):
    """The fields of a key result, dropped or not."""

    id: Id
    objective: Annotated[Ref, doc("The objective it belongs to.")]
    version: Version
    carried_from: Annotated[
        Ref | None, doc("The key result of an earlier cycle that it continues; null: none.")
    ]
    revisions: Revisions


class KeyResultBody(OfKeyResult):
    """A key result."""

    dropped: Annotated[Literal[False], doc("It was not dropped.")]
    added_mid_cycle: AddedMidCycle
    confidence: Confidence
    reading: Annotated[ReadingAnswer | None, doc("The one that counts; null without any.")]
    progress: KeyResultProgress
    expected: Expected
    pace: Annotated[
        Rounded | None, doc("Progress over expected; null: unmeasured, or 0 is expected.")
    ]
    status: Status
    overdue: Overdue


class LivingKeyResult(KeyResultBody, AsOf):
    """A key result as of a moment."""


class DroppedKeyResult(OfKeyResult, AsOf):
    """A key result that was dropped: what it promised, without progress."""

    dropped: Annotated[Literal[True], doc("It was dropped.")]
    status: Annotated[Literal["dropped"], doc("It has no other any more.")]


KeyResultAnswer = LivingKeyResult | DroppedKeyResult


# ---- objectives -------------------------------------------------------------------------


class ObjectiveBody(Aligning, Paced, Graded):
    """An objective."""

    id: Id
    version: Version
    cycle: CycleRef
    team: TeamRef
    owner: OwnerRef
    recorded_later: RecordedLater
    title: Title
    commitment: CommitmentOf
    due: Due
    state: StateOf
    graded: Annotated[bool, doc("It has a grade.")]
    adjusted_grade: Annotated[Exact | None, doc("0 to 1; null where the computed grade holds.")]
    carried_from: Annotated[
        Ref | None, doc("The objective of an earlier cycle that it continues; null: none.")
    ]
    carried_to: Annotated[
        Ref | None, doc("The objective of a later cycle that continues it; null: none.")
    ]
    revisions: Revisions
    added_mid_cycle: AddedMidCycle
    key_results: Annotated[list[KeyResultBody], doc("Without those that were dropped.")]
    aligned: Annotated[
        list[Aligned], doc("What is aligned to it or a key result of it, unless abandoned.")
    ]
    overdue: Annotated[Count, doc("How many of its key results are overdue.")]


class ObjectiveAnswer(ObjectiveBody, AsOf):
    """An objective as of a moment."""


class BoardAnswer(AsOf, OfCycle):
    """The objectives of a cycle, in the order they were drafted."""

    objectives: Annotated[list[ObjectiveBody], doc("In the order they were drafted.")]


class Branch(Aligning, Paced):
    """An objective in the tree."""

    id: Id
    cycle: CycleRef
    team: TeamRef
    owner: OwnerRef
    recorded_later: RecordedLater
    title: Title
    state: StateOf
    key_results: Annotated[list[KeyResultBody], doc("Without those that were dropped.")]
    aligned: Annotated[
        list[Branch], doc("What is aligned to it, from any cycle, abandoned or not.")
    ]


class TreeAnswer(AsOf, OfCycle):
    """The objectives of a cycle, each under what it is aligned to."""

    objectives: Annotated[list[Branch], doc("Those that are aligned to none of the others.")]


# ---- KPIs and readings ------------------------------------------------------------------


class KpiTarget(TypedDict):
    """What is wanted from the first to the last day of a span, in the KPI's unit."""

    starts: Annotated[DayText, doc("The first day.")]
    ends: Annotated[DayText, doc("The last day.")]
    target: Annotated[Exact | None, doc("The value to reach; null: inside bounds.")]
    minimum: Annotated[Exact | None, doc("The lowest good value.")]
    maximum: Annotated[Exact | None, doc("The highest good value.")]


class KpiReading(TypedDict):
    """The last reading."""

    id: Id
    as_of: Annotated[DayText, doc("The day it is about.")]
    value: Annotated[Exact, doc("In the KPI's unit.")]


class KpiBody(TypedDict):
    """A KPI."""

    id: Id
    version: Version
    name: Name
    direction: Annotated[Direction, doc("Where it is wanted.")]
    unit: Annotated[str, doc("The unit of baseline, targets and readings.")]
    source: Annotated[str, doc("Where its readings come from.")]
    cadence: Annotated[Cadence, doc("How often a reading is due.")]
    owner: OwnerRef
    team: Annotated[Ref | None, doc("Null: of no team.")]
    purpose: Annotated[str | None, doc("What it is good for; null where none was given.")]
    baseline: Annotated[Exact | None, doc("In its unit; null where none was given.")]
    retired: Annotated[bool, doc("It takes no more readings.")]
    targets: Annotated[list[KpiTarget], doc("All of them, by their first day.")]
    target: Annotated[
        KpiTarget | None, doc("That of the day of the last reading, or of today; null: none.")
    ]
    reading: Annotated[KpiReading | None, doc("Null without any.")]
    met: Annotated[bool | None, doc("Null without a reading, or a target for its day.")]
    progress: Annotated[
        Rounded | None, doc("How near the target is, 0 to 1; 1 is met; null as `met`.")
    ]
    overdue: Overdue


class KpiAnswer(KpiBody, AsOf):
    """A KPI as of a moment."""


class KpisAnswer(AsOf):
    """KPIs by name."""

    kpis: Annotated[list[KpiBody], doc("By name.")]


class RecordedReading(TypedDict):
    """A reading after its corrections."""

    position: Annotated[int, Meta(ge=1, description="The position at which it was recorded.")]
    id: Id
    as_of: Annotated[DayText, doc("The day it is about.")]
    value: Value
    zone: ReachedZone
    confidence: Confidence
    retracted: Annotated[bool, doc("It was taken back and counts no more.")]
    version: Version


class ReadingsAnswer(AsOf):
    """A page of readings, the last recorded first."""

    readings: Annotated[list[RecordedReading], doc("The last recorded first.")]
    next_before: NextBefore
