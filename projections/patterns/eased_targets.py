"""Targets that were made easier once the plan was committed, and by how much: exact."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from fractions import Fraction

from okr_es.domain.values import DIGITS_AFTER, DIGITS_BEFORE
from okr_es.scoring.shown import difference
from projections.patterns.cycle_data import CycleData, Facts, Finding
from projections.retrospect.eased import Eased, eased_measure
from projections.retrospect.eased_targets import KpiTargets, eased_kpi_targets

MOST_DIGITS = DIGITS_BEFORE + DIGITS_AFTER + 1


def lowered_targets(data: CycleData) -> Iterable[Finding]:
    """Yield promises of key results that were made easier as a revision of the plan."""
    for id_ in data.key_results:
        for before, after in data.steps("key_result", id_):
            is_revision = after["revisions"] > before["revisions"]
            if is_revision and (eased := eased_measure(before, after)):
                yield lowered(id_, after["known_from"], eased)


def lowered_kpi_targets(data: CycleData) -> Iterable[Finding]:
    """Yield targets of KPIs that were made easier while they fed a promised key result."""
    targets = KpiTargets(
        data.members, data.links, data.kpis, data.kpi_targets, data.kpi_definitions
    )
    for each in eased_kpi_targets(targets):
        yield lowered(each.kpi_id, each.position, each.eased, comparable=each.is_comparable)


def lowered(goal_id: str, position: int, eased: Eased, *, comparable: bool = True) -> Finding:
    """Return the finding of a target made easier."""
    facts: Facts = {
        "amount": exactly(eased.amount),
        "share": difference(eased.share),
        "comparable": comparable,
    }
    return Finding("lowered_target", goal_id, (position,), facts)


def exactly(amount: Fraction | None) -> str | None:
    """Return a difference of two decimals digit by digit."""
    if amount is None:
        return None
    with localcontext(prec=MOST_DIGITS):
        return format(Decimal(amount.numerator) / Decimal(amount.denominator), "f")
