"""What is answered about how progress went in a cycle."""

from __future__ import annotations

from typing import Annotated, TypedDict

from projections.as_of.answers import (
    AsOf,
    DayText,
    OfCycle,
    Rounded,
    TitledKeyResult,
    doc,
)


class TrendPoint(TypedDict):
    """Progress as of a day."""

    day: Annotated[DayText, doc("The day the reading is about.")]
    progress: Annotated[Rounded, doc("The share of the way gone, not clamped to 0..1.")]


class Trend(TypedDict):
    """How progress of a key result went."""

    key_result: Annotated[TitledKeyResult, doc("The key result.")]
    points: Annotated[
        list[TrendPoint], doc("After each day with a reading, by what it promises at the moment.")
    ]


class TrendsAnswer(AsOf, OfCycle):
    """How progress of the key results of a cycle went, for small drawings."""

    trends: Annotated[
        list[Trend],
        doc(
            "Of each key result with readings about days of the cycle; none where a KPI feeds it "
            "whose readings are combined."
        ),
    ]
