"""The words that filters of lists may be, by list: any other is refused, not passed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from okr_es.domain.refusals import Invalid
from okr_es.domain.values import State
from okr_es.scoring.grades import Outcome
from okr_es.scoring.span_values import Status as KpiStatus
from projections.as_of.answers import Status
from projections.goals.kpi_filters import IN_USE, RETIRED

Words = Mapping[str, Sequence[str]]

STATUSES: tuple[str, ...] = get_args(get_args(Status)[0])
OUTCOMES: tuple[str, ...] = get_args(Outcome)
KPI_STATUSES: tuple[str, ...] = get_args(KpiStatus)
OF_GOALS: Words = {"state": sorted(State), "status": STATUSES, "outcome": OUTCOMES}
WORDS: Mapping[str, Words] = {
    "kpis": {"state": (IN_USE, RETIRED), "status": KPI_STATUSES},
    "cycles": {"state": ("open", "closed")},
    "teams": {"state": ("living", "disbanded")},
    "people": {"state": ("active", "gone", "erased")},
}


def require_words(question: str, filters: Mapping[str, Any]) -> None:
    """Refuse a filter that is none of the words it may be; None: it is not given."""
    for field, words in WORDS.get(question, OF_GOALS).items():
        require_word(field, filters.get(field), words)


def require_word(field: str, found: str | None, words: Sequence[str]) -> None:
    """Refuse what is none of some words; None: it is not given."""
    if found is not None and found not in words:
        raise Invalid(f"{field} is not one of {', '.join(words)}.", field=field)
