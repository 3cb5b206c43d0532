"""What is answered about readings that are due: a week's check-ins."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from projections.as_of.answers import AsOf, Day, NamedPerson, doc
from projections.goals.answers import CycleRef, KeyResultBody, TeamRef
from projections.goals.kpi_answers import KpiBody

Recorded = Annotated[
    bool,
    doc("The last reading is about the last period due that has begun, or a later day."),
]


class DueIn(TypedDict):
    """A reading that is due: about any of these days."""

    first: Annotated[Day, doc("The first day it may be about.")]
    last: Annotated[Day, doc("The last one.")]
    by: Annotated[
        Day | None,
        doc("The last day on which it is on time; null: by grading or closing, the last of all."),
    ]


DueOf = Annotated[DueIn | None, doc("Null: nothing is due in the week; an earlier one is overdue.")]


LateSince = Annotated[
    Day | None, doc("The first day on which the last one that was due is late; null: not overdue.")
]


class KeyResultToRead(KeyResultBody):
    """A key result of which a check-in is due, as it is now."""

    cycle: CycleRef
    team: TeamRef
    person: Annotated[
        NamedPerson, doc("Who is accountable: its own owner, or that of its objective.")
    ]
    due: DueOf
    late_since: LateSince
    recorded: Recorded


class KpiToRead(KpiBody):
    """A KPI of which a reading is due, as it is now."""

    due: DueOf
    late_since: LateSince
    recorded: Recorded


class CheckInsAnswer(AsOf):
    """What is to be read in a week: the form that check-ins fill."""

    week: Annotated[str, Meta(pattern="^[0-9]{4}-W[0-9]{2}$", description="By ISO 8601.")]
    first: Annotated[Day, doc("Its Monday.")]
    last: Annotated[Day, doc("Its Sunday.")]
    key_results: Annotated[
        list[KeyResultToRead], doc("By cycle, objective and key result; no KPI feeds them.")
    ]
    kpis: Annotated[list[KpiToRead], doc("By name.")]
