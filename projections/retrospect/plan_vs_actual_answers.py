"""The answers of plan against actual: of an objective, a key result and a KPI."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from okr_es.domain.values import Direction
from projections.as_of.answers import (
    AsOf,
    Confidence,
    Count,
    Day,
    DayText,
    Exact,
    Filled,
    Id,
    MeasuredRef,
    NamedKpi,
    Position,
    Rounded,
    Title,
    doc,
)
from projections.audit_log.answers import Heading
from projections.goals.answers import KeyResultKind, Lists, ReachedZone, Unit, Value
from projections.retrospect.answers import AsOfDay, RecordedOn

Bound = Annotated[Exact | None, doc("In the unit; null: none.")]


class Marker(Heading):
    """A change since the first plan."""

    what: Annotated[str, doc("added, retargeted, corrected …")]
    day: RecordedOn


class DefinitionBreak(TypedDict):
    """A KPI was defined otherwise: what is before the day is not comparable with what is after."""

    kpi: Annotated[NamedKpi, doc("The KPI.")]
    effective: Annotated[DayText, doc("The first day of the new definition.")]
    position: Position


class WithMarkers(TypedDict):
    """The changes since the first plan."""

    breaks: Annotated[
        list[DefinitionBreak],
        doc("Of what feeds it, by their days; numbers on both sides are not comparable."),
    ]

    markers: Annotated[
        list[Marker],
        doc(
            "Changes on the way, oldest first: of what was the goal's own then. A KPI's readings "
            "are from its link until its unlink, what is below a goal while it is there."
        ),
    ]


class ReadValue(TypedDict):
    """The value of a reading."""

    value: Value
    zone: ReachedZone


class TracedReading(TypedDict):
    """A reading as believed when it was recorded, and as known."""

    id: Id
    measured: Annotated[MeasuredRef, doc("What it is a reading of.")]
    as_of: AsOfDay
    position: Position
    recorded_on: RecordedOn
    believed: Annotated[ReadValue, doc("As recorded.")]
    known: Annotated[ReadValue | None, doc("As known. Null: it was retracted.")]
    confidence: Confidence


class WithReadings(WithMarkers):
    """Readings and changes since the first plan."""

    readings: Annotated[list[TracedReading], doc("By the day they are about.")]


class ObjectiveDay(TypedDict):
    """A day on which something happened to an objective."""

    day: Annotated[Day, doc("The day.")]
    position: Annotated[Count, doc("Where the log was at its end.")]
    comparable: Annotated[
        bool, doc("False: a KPI below was defined otherwise since the day before in the list.")
    ]
    believed: Annotated[Rounded | None, doc("Progress as known then; null: not measured.")]
    known: Annotated[Rounded | None, doc("Progress as known now; null: not measured.")]
    expected_original: Annotated[
        Rounded | None, doc("Planned for the day when it was committed; null: it was not there.")
    ]
    expected_revised: Annotated[
        Rounded | None, doc("Planned for the day by then; null: it was not there.")
    ]


class ObjectivePlanAndActualAnswer(AsOf, WithMarkers):
    """Planned and actual progress, on each day something happened."""

    id: Id
    title: Annotated[Title, Filled("objective")]
    kind: Annotated[Literal["objective"], doc("An objective.")]
    committed_position: Annotated[
        Position | None, doc("Where the original plan is; null: it is not committed.")
    ]
    series: Annotated[list[ObjectiveDay], doc("Day by day.")]


class TrajectoryPoint(TypedDict):
    """A turn of a trajectory."""

    on: Annotated[DayText, doc("At whose end it is planned.")]
    share: Annotated[Rounded, doc("Of the way, 0 to 1.")]
    value: Annotated[
        Rounded | None, doc("In its unit; null unless it is a metric, and of one to keep within.")
    ]


class Trajectory(Lists):
    """A trajectory."""

    position: Position
    day: RecordedOn
    original: Annotated[bool, doc("It was in force when the plan was committed.")]
    baseline: Bound
    target: Bound
    direction: Annotated[
        Direction | None, doc("Of a metric to keep: at_least, at_most or within; null: to reach.")
    ]
    minimum: Bound
    maximum: Bound
    points: Annotated[list[TrajectoryPoint], doc("From the first day to the last.")]


class KeyResultPlanAndActualAnswer(AsOf, WithReadings):
    """Planned trajectories and readings."""

    id: Id
    title: Annotated[Title, Filled("key_result")]
    kind: KeyResultKind
    unit: Unit
    planned: Annotated[list[Trajectory], doc("In the order they were recorded.")]


class PlannedTarget(TypedDict):
    """A target of a KPI."""

    position: Position
    day: RecordedOn
    original: Annotated[bool, doc("It is the first of its span.")]
    starts: Annotated[DayText, doc("The first day.")]
    ends: Annotated[DayText, doc("The last day.")]
    target: Bound
    minimum: Bound
    maximum: Bound
    comparable: Annotated[
        bool, doc("False: the KPI was defined otherwise inside the span: not comparable.")
    ]


class KpiPlanAndActualAnswer(AsOf, WithReadings):
    """Targets and readings of a KPI."""

    id: Id
    name: Annotated[str, doc("Its name."), Filled("kpi")]
    kind: Annotated[Literal["kpi"], doc("A KPI.")]
    unit: Annotated[str, doc("The unit of targets and readings.")]
    direction: Annotated[Direction, doc("Where it is wanted.")]
    planned: Annotated[list[PlannedTarget], doc("In the order they were recorded.")]
