"""What the scoreboard answers: the figures of several cycles or moments, side by side."""

from __future__ import annotations

from typing import Annotated, TypedDict

from okr_es.domain.values import Aggregation, Direction, PeopleFigures
from projections.as_of.answers import (
    AsOf,
    Exact,
    NamedKpi,
    NamedPerson,
    NamedTeam,
    OfCycle,
    Rounded,
    doc,
)
from projections.goals.kpi_answers import KpiVerdict, SpanTarget
from projections.retrospect.answers import CompareBody
from projections.retrospect.review_answers import Total

More = Annotated[int, doc("How many more than in the column before; below 0: fewer.")]
Moved = Annotated[
    Rounded | None,
    doc("By how much, formed exactly and rounded last; null: one of the columns has none."),
]


class ScoresChange(TypedDict):
    """By how much a share changed, of both plans."""

    committed: Moved
    ended: Moved


class NotMeasuredChange(TypedDict):
    """How many more goals are not measured at all."""

    committed: More
    ended: More


class OutcomesChange(TypedDict):
    """How many more goals came out so."""

    met: More
    partly_met: More
    missed: More
    not_measured: More


class EndedByChange(TypedDict):
    """How many more goals ended so."""

    graded: More
    abandoned: More
    carried_over: More
    ungraded: More


class BandsChange(TypedDict):
    """How many more graded goals are in this band."""

    green: More
    yellow: More
    red: More


class StatusesChange(TypedDict):
    """How many more goals have this status."""

    on_track: More
    at_risk: More
    off_track: More
    not_measured: More


class DisciplineChange(TypedDict):
    """How many more readings were so."""

    due: More
    on_time: More
    late: More
    missing: More


class CountsChange(TypedDict):
    """How much more happened."""

    retitlings: More
    reschedulings: More
    commitment_changes: More
    retargets: More
    reweightings: More
    realignments: More
    reassignments: More
    moves: More
    links: More
    eased_targets: More
    promise_corrections: More
    corrections: More
    retractions: More
    discipline: Annotated[
        DisciplineChange | None, doc("Null: one of the columns does not show it to you.")
    ]


class TotalChange(TypedDict):
    """By how much each figure of a total differs from the column before."""

    objectives: More
    key_results: More
    scores: Annotated[ScoresChange, doc("Of the means, against both plans.")]
    coverage: Annotated[ScoresChange, doc("Of how much was measured, of both plans.")]
    not_measured: Annotated[NotMeasuredChange, doc("Against both plans.")]
    added: More
    not_planned: More
    given_up: More
    outcomes: Annotated[OutcomesChange, doc("What came out of them.")]
    ended_by: Annotated[EndedByChange, doc("What ended them.")]
    bands: Annotated[BandsChange, doc("Of those that are graded.")]
    statuses: Annotated[StatusesChange, doc("Where their pace is, or was in the end.")]
    carried_in: More
    carried_out: More
    adjusted_grades: More
    counts: Annotated[CountsChange, doc("What happened since the plan was committed.")]


Totals = Annotated[
    list[Total | None],
    doc("One for each column, as the review has it; null: nothing there in that column."),
]
Changes = Annotated[
    list[TotalChange | None],
    doc("One for each column, against the one before; null: of the first, or nothing to compare."),
]


class InColumns(TypedDict):
    """The totals of something, side by side."""

    totals: Totals
    changes: Changes


class TeamInColumns(InColumns):
    """A team with all below it, side by side."""

    team: Annotated[NamedTeam, doc("The team.")]


class PersonInColumns(InColumns):
    """A person, side by side."""

    person: Annotated[NamedPerson, doc("The person.")]


class KpiFigures(KpiVerdict):
    """What a KPI came to in a cycle: in its span that holds the last day, or the last within."""

    span: Annotated[SpanTarget, doc("The days, and what is wanted in them.")]
    aggregation: Annotated[Aggregation, doc("How the readings of the span become its value.")]


class KpiChange(TypedDict):
    """By how much the value of a KPI differs from the column before."""

    value: Annotated[
        Exact | None,
        doc("In its unit; null: a column has no value, or both are not comparable."),
    ]
    comparable: Annotated[
        bool,
        doc(
            "False: the KPI was defined otherwise, or has another unit, on some day from the "
            "first of the earlier span to the last of the later: not comparable."
        ),
    ]


class KpiInColumns(TypedDict):
    """A KPI, side by side."""

    kpi: Annotated[NamedKpi, doc("The KPI.")]
    team: Annotated[NamedTeam | None, doc("As of the last column that has it; null: of no team.")]
    owner: Annotated[NamedPerson | None, doc("Who is accountable for it, in that column.")]
    unit: Annotated[str, doc("The unit of its values.")]
    direction: Annotated[Direction, doc("Where it is wanted.")]
    figures: Annotated[
        list[KpiFigures | None], doc("One for each column; null: no span in that cycle by then.")
    ]
    changes: Annotated[
        list[KpiChange | None],
        doc("One for each column, against the one before; null: nothing to compare."),
    ]


class ScoreboardColumn(AsOf, OfCycle):
    """A column: a cycle as of its last closing, or as known at a moment or now."""

    asked: Annotated[str | None, doc("The moment that was asked for; null: none.")]


class ScoreboardBody(TypedDict):
    """The figures of cycles side by side, column by column; those of the review, nothing else."""

    columns: Annotated[list[ScoreboardColumn], doc("In the order asked for.")]
    total: Annotated[
        InColumns | None, doc("Of the whole organisation; null where it is limited to a part.")
    ]
    teams: Annotated[
        list[TeamInColumns],
        doc("Each with all below it, those above first; none if limited to a person."),
    ]
    kpis: Annotated[list[KpiInColumns], doc("KPIs with a span in any of the cycles, by name.")]


class ScoreboardAnswer(ScoreboardBody, AsOf):
    """Cycles, or moments of them, side by side."""

    people_figures: Annotated[PeopleFigures, doc("Which figures per person there are, for whom.")]
    people: Annotated[
        list[PersonInColumns],
        doc("Those whose figures are shown to you, by id; goals weigh by days held."),
    ]


class CompareAnswer(CompareBody):
    """What differs between two sides, the scoreboard first. Applied to the one it gives the other.

    People are in none of it: their figures are in the scoreboard itself, of which reads are
    recorded.
    """

    scoreboard: Annotated[
        ScoreboardBody | None,
        doc(
            "Both sides as columns; null: a side is of all cycles, it is about one goal or "
            "person, or reviews of this are not for you."
        ),
    ]
