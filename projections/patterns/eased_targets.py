"""Targets that were made easier once the plan was committed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Any

from okr_es.domain.values import DIGITS_AFTER, DIGITS_BEFORE
from okr_es.scoring import formulas
from projections.goals.scoring import Row
from projections.patterns.cycle_data import Finding, Looked
from projections.patterns.easing import Eased, eased_measure, eased_target

MOST_DIGITS = DIGITS_BEFORE + DIGITS_AFTER + 1


def lowered_targets(looked: Looked) -> Iterable[Finding]:
    """Yield promises of key results that were made easier as a revision of the plan."""
    for id_ in looked.key_results:
        for before, after in looked.steps("key_result", id_):
            is_revision = after["revisions"] > before["revisions"]
            if is_revision and (eased := eased_measure(before, after)):
                yield lowered(id_, after, eased)


def lowered_kpi_targets(looked: Looked) -> Iterable[Finding]:
    """Yield targets of KPIs that were made easier while they fed a promised key result."""
    for rows in looked.kpi_targets.values():
        for before, after in pairwise(rows):
            kpi = looked.kpis[after["kpi_id"]][-1]
            eased = eased_target(kpi["direction"], kpi["baseline"], before, after)
            if eased and concerns(looked, after):
                yield lowered(kpi["id"], after, eased)


def lowered(goal_id: str, after: Row, eased: Eased) -> Finding:
    """Return the finding of a target made easier."""
    facts: dict[str, Any] = {
        "amount": exactly(eased.amount),
        "share": formulas.shown(eased.share),
    }
    return Finding("lowered_target", goal_id, (after["known_from"],), facts)


def exactly(amount: Fraction | None) -> str | None:
    """Return a difference of two decimals digit by digit."""
    if amount is None:
        return None
    with localcontext(prec=MOST_DIGITS):
        return format(Decimal(amount.numerator) / Decimal(amount.denominator), "f")


def concerns(looked: Looked, target: Row) -> bool:
    """Return whether a KPI's target is for days of the cycle, and the KPI fed its plan then."""
    position, cycle, plan_commit_position = (
        target["known_from"],
        looked.found.cycle,
        looked.found.plan_commit_position,
    )
    if plan_commit_position is None or position < plan_commit_position:
        return False
    return (target["starts"] <= cycle["ends"] and cycle["starts"] <= target["ends"]) and any(
        each.known_from < position <= each.known_until
        and is_promised(looked, each.key_result_id, position)
        for each in looked.fed
        if each.kpi_id == target["kpi_id"]
    )


def is_promised(looked: Looked, key_result_id: str, position: int) -> bool:
    """Return whether a key result belonged to an objective that was more than a draft by then."""
    row = looked.found.key_results[key_result_id]
    committed_at = looked.found.above(row)["committed_at"]
    return committed_at is not None and committed_at < position
