"""What the question why a score changed answers: by key result, what is aligned, and the rest."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from projections.as_of.answers import (
    AtPosition,
    Count,
    Day,
    Exact,
    Filled,
    Id,
    NamedKpi,
    Rounded,
    Share,
    Title,
    TitledKeyResult,
    TitledObjective,
    ZoneName,
    doc,
)
from projections.audit_log.answers import Heading
from projections.goals.answers import (
    InItsUnit,
    KeyResultKind,
    KeyResultProgress,
    ReachedZone,
    Unit,
    Value,
)
from projections.retrospect.answers import Fixed


class MomentAnswer(TypedDict):
    """A moment."""

    position: Annotated[Count, doc("The position up to which it looks.")]
    day: Annotated[Day, doc("The day it is about.")]
    zone: ZoneName


CauseName = Annotated[str, doc("readings, corrections, targets, weights, time …")]


class ExactChange(TypedDict):
    """A change of a share."""

    exact: Annotated[
        str,
        Meta(pattern="^-?[0-9]+/[1-9][0-9]*$", description="Numerator and denominator."),
    ]
    rounded: Annotated[Rounded, doc("The same, as shown; the parts sum to the whole.")]


class ExplainedEvent(Heading):
    """An event, and by how much it moved the score."""

    cause: CauseName
    key_result: Annotated[
        TitledKeyResult | None, doc("The key result by way of which it did; null: by none.")
    ]
    kpi: Annotated[NamedKpi | None, doc("The KPI that it is about and that feeds it; null: none.")]
    value_before: Annotated[
        str | None,
        doc("The value of the key result right before, its zone, or steps done; null: none."),
    ]
    value_after: Annotated[str | None, doc("The same right after.")]
    change: Annotated[ExactChange, doc("Of the score, by this event.")]


class Part(TypedDict):
    """A part of the change."""

    change: Annotated[ExactChange, doc("The sum of that of its events.")]
    events: Annotated[list[ExplainedEvent], doc("In the order of the log. None: days that passed.")]


class KeyResultSide(TypedDict):
    """What a key result promised and had come to at a moment."""

    value: Value
    zone: ReachedZone
    progress: KeyResultProgress
    baseline: InItsUnit
    target: InItsUnit
    minimum: InItsUnit
    maximum: InItsUnit
    weight: Annotated[Exact, doc("Relative to the others of its objective.")]


NOT_THERE = "null: it was no part of the objective: not added yet, dropped, or in another."
_KeyResultFrom = TypedDict(
    "_KeyResultFrom",
    {"from": Annotated[KeyResultSide | None, doc(f"At the earlier moment; {NOT_THERE}")]},
)


class ExplainedKeyResult(Part, _KeyResultFrom):
    """What moved the score by way of a key result of the objective."""

    key_result: Annotated[TitledKeyResult, doc("The key result.")]
    kind: KeyResultKind
    unit: Unit
    kpi: Annotated[NamedKpi | None, doc("The KPI that feeds it at the later moment; null: none.")]
    to: Annotated[KeyResultSide | None, doc(f"At the later moment; {NOT_THERE}")]


_ScoreFrom = TypedDict("_ScoreFrom", {"from": Share})


class ExplainedAligned(Part, _ScoreFrom):
    """What moved the score by way of an objective that is aligned to it: it has no key result."""

    objective: Annotated[TitledObjective, doc("The aligned objective.")]
    to: Share


class ExplainedOther(Part):
    """What moved the score otherwise."""

    what: Annotated[
        Literal["objective", "cycle", "scoring_policy", "days"],
        doc("Events of the objective itself, of its cycle, of the policy; days that passed."),
    ]


class ExplainedKpi(TypedDict):
    """What moved the score by events of a KPI: a part of that of the key results it feeds."""

    kpi: Annotated[NamedKpi, doc("The KPI.")]
    key_results: Annotated[list[TitledKeyResult], doc("By way of which.")]
    change: Annotated[ExactChange, doc("The sum of that of its events.")]


class Cause(TypedDict):
    """A cause of changes."""

    cause: CauseName
    change: Annotated[ExactChange, doc("The sum of that of all events of this cause.")]


_FromMoment = TypedDict(
    "_FromMoment", {"from": Annotated[MomentAnswer, doc("The earlier moment.")]}
)


class ExplanationAnswer(AtPosition, _FromMoment):
    """Why a score changed.

    The parts of `key_results`, `aligned` and `others` together sum exactly to the whole, and so do
    those of `causes`. In this sum what is not measured counts as 0; a null `before` or `after` says
    so.
    """

    fixed: Fixed
    id: Annotated[Id, doc("Of the objective.")]
    title: Annotated[Title, Filled("objective")]
    to: Annotated[MomentAnswer, doc("The later moment.")]
    before: Share
    after: Share
    change: Annotated[ExactChange, doc("Of the score.")]
    key_results: Annotated[
        list[ExplainedKeyResult],
        doc("All it has or had: those that moved it, the first before the others, then the rest."),
    ]
    aligned: Annotated[
        list[ExplainedAligned], doc("What came from objectives aligned to it, by objective.")
    ]
    others: Annotated[list[ExplainedOther], doc("What came of none of these.")]
    kpis: Annotated[
        list[ExplainedKpi], doc("What of it came of KPIs: contained in the parts above.")
    ]
    causes: Annotated[list[Cause], doc("The whole by cause, by name.")]
