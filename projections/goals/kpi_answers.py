"""What the questions about KPIs and readings answer."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from okr_es.domain.values import Aggregation, Cadence, Direction
from okr_es.scoring.span_values import Status as SpanStatus
from projections.as_of.answers import (
    AsOf,
    By,
    Confidence,
    DayText,
    Decrypted,
    Exact,
    Id,
    Instant,
    Name,
    NamedTeam,
    NextBefore,
    OnBehalfOf,
    Paged,
    Position,
    Rounded,
    Version,
    doc,
)
from projections.goals.answers import HitRateAnswer, OwnerRef, ReachedZone, Value
from projections.goals.documents import Document

Counts = Annotated[str | None, doc("What is counted and how, in words; null: not said.")]
AggregationOf = Annotated[
    Aggregation, doc("How the readings of a span become its value; worst: of lowest progress.")
]
RecordedLater = Annotated[bool, doc("It was first recorded after the day the answer is about.")]


class KpiTarget(TypedDict):
    """What is wanted from the first to the last day of a span, in the KPI's unit."""

    starts: Annotated[DayText, doc("The first day.")]
    ends: Annotated[DayText, doc("The last day.")]
    target: Annotated[Exact | None, doc("The value to reach; null: inside bounds, or none.")]
    minimum: Annotated[Exact | None, doc("The lowest good value.")]
    maximum: Annotated[Exact | None, doc("The highest good value.")]


class SpanTarget(KpiTarget):
    """What is wanted in a span; without any number its readings are judged by nothing."""

    recorded_later: RecordedLater


class KpiVerdict(TypedDict):
    """What the readings of a span have come to by the day."""

    value: Annotated[
        Exact | None, doc("What its readings come to, in the KPI's unit; null: there is none.")
    ]
    progress: Annotated[Rounded | None, doc("How near the target is, 0 to 1; null: not judged.")]
    expected: Annotated[
        Rounded | None,
        doc("The share of the way planned for the day, 0 to 1; null: there is no way to go."),
    ]
    pace: Annotated[Rounded | None, doc("Progress over expected; null: no way, or 0 is expected.")]
    status: Annotated[
        SpanStatus,
        doc(
            "met or missed once the span is over; before, by its pace where a target is to be "
            "reached, else inside or outside; no_target: judged by nothing."
        ),
    ]
    inside: Annotated[bool | None, doc("On the good side of the target by now; null: not judged.")]
    met: Annotated[bool | None, doc("Null until the span is over, and where nothing is judged.")]
    hit_rate: Annotated[
        HitRateAnswer | None, doc("Null where a target is to be reached, and of a sum.")
    ]
    comparable: Annotated[
        bool, doc("False: the definition was changed inside the span: not comparable.")
    ]


class JudgedSpan(SpanTarget, KpiVerdict):
    """A span with the verdict on it."""


class KpiBreak(TypedDict):
    """A changed definition: readings about earlier and later days are not comparable."""

    effective: Annotated[DayText, doc("The first day it holds for.")]
    counts: Counts
    aggregation: AggregationOf
    position: Position


class OfSubject(TypedDict):
    """What a reading of a KPI says beside its value."""

    subject: Annotated[str | None, doc("Of which of several subjects; null: of none.")]
    evidence: Document


class KpiReading(OfSubject):
    """The last reading."""

    id: Id
    as_of: Annotated[DayText, doc("The day it is about.")]
    value: Annotated[Exact, doc("In the KPI's unit.")]
    recorded_later: RecordedLater


class SubjectValue(TypedDict):
    """What the readings of one subject come to in the span."""

    subject: Annotated[str | None, doc("Its name; null: the readings that name none.")]
    value: Annotated[Exact | None, doc("In the KPI's unit; null: nothing says which is the worst.")]


class KpiBody(KpiVerdict):
    """A KPI, judged in the span of the day."""

    id: Id
    version: Version
    name: Name
    direction: Annotated[Direction, doc("Where it is wanted.")]
    unit: Annotated[str, doc("The unit of baseline, targets and readings.")]
    source: Annotated[str, doc("Where its readings come from.")]
    cadence: Annotated[Cadence, doc("How often a reading is due.")]
    counts: Counts
    aggregation: AggregationOf
    breaks: Annotated[list[KpiBreak], doc("Changes of its definition, by their days.")]
    owner: OwnerRef
    team: Annotated[NamedTeam | None, doc("Null: of no team.")]
    purpose: Annotated[str | None, doc("What it is good for; null where none was given.")]
    baseline: Annotated[Exact | None, doc("In its unit; null where none was given.")]
    retired: Annotated[bool, doc("It takes no more readings.")]
    recorded_later: RecordedLater
    targets: Annotated[list[SpanTarget], doc("All of them, by their first day.")]
    target: Annotated[
        SpanTarget | None,
        doc("Of the span that holds the day, else of the last one that is over; null: none."),
    ]
    reading: Annotated[KpiReading | None, doc("The last one, of any span; null without any.")]
    subjects: Annotated[
        list[SubjectValue], doc("The value of each subject in the span; empty: it has none.")
    ]
    overdue: Annotated[bool, doc("The last reading is older than the cadence allows.")]


class KpiAnswer(KpiBody, AsOf):
    """A KPI as of a moment."""

    spans: Annotated[list[JudgedSpan], doc("Each that has begun by the day, with its verdict.")]


class KpisAnswer(AsOf, Paged):
    """A page of KPIs."""

    kpis: Annotated[list[KpiBody], doc("By name, or as sorted.")]


class RecordedReading(OfSubject):
    """A reading after its corrections."""

    position: Annotated[int, Meta(ge=1, description="The position at which it was recorded.")]
    id: Id
    as_of: Annotated[DayText, doc("The day it is about.")]
    value: Value
    zone: ReachedZone
    confidence: Confidence
    comment: Decrypted
    recorded_at: Instant
    by: By
    on_behalf_of: OnBehalfOf
    corrected: Annotated[bool, doc("Something of it was corrected since it was recorded.")]
    retracted: Annotated[bool, doc("It was taken back and counts no more.")]
    version: Version


class ReadingsAnswer(AsOf):
    """A page of readings, the last recorded first."""

    readings: Annotated[list[RecordedReading], doc("The last recorded first.")]
    next_before: NextBefore
