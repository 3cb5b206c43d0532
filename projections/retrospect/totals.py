"""Totals of several objectives: the one function that makes them, for people, teams and cycles.

A total is the mean over objectives, each counted once, never a mean of means. Reviews and
scoreboards show the same totals. A total is made exactly; it is rounded where it is shown, and
where it is compared with another the difference is formed first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, cast

from okr_es.scoring.grades import Band, EndedBy, Outcome
from okr_es.scoring.shown import cut_down, difference
from projections.retrospect.activity import Happening, counts
from projections.retrospect.people_figures import without_discipline
from projections.retrospect.review_answers import (
    BandCounts,
    EndedByCounts,
    GoalsByStatus,
    OutcomeCounts,
    Total,
)
from projections.retrospect.scoreboard_answers import TotalChange

# A total as `Total` has it, with exact shares where that has rounded ones.
ExactTotal = Mapping[str, Any]


class Counted(NamedTuple):
    """An objective in a total, no draft: its exact scores, None where it has none.

    `committed` is the score against the plan as committed, `ended` that as it ended: what was
    abandoned has only the first, and no status. A final score counts what is not measured as 0,
    unless the policy leaves it out; whether anything at all was measured is said beside. While it
    runs it has no outcome. `weight` is 1 but for people, whose goals weigh by days.
    """

    committed: Fraction | None
    ended: Fraction | None
    is_promised: bool
    is_added: bool
    is_abandoned: bool
    is_committed_measured: bool
    is_ended_measured: bool
    key_results: int = 0
    committed_coverage: Fraction | None = None
    ended_coverage: Fraction | None = None
    outcome: Outcome | None = None
    ended_by: EndedBy | None = None
    band: Band | None = None
    status: str | None = None
    is_carried_in: bool = False
    is_adjusted: bool = False
    weight: int = 1


def total(
    objectives: Sequence[Counted], happened: Sequence[Happening], *, has_discipline: bool
) -> Total:
    """Return the means of both scores of some objectives, and what happened to them added up.

    What has no score is left out of the means, and what was not measured is counted.
    `has_discipline`: readings late or missing are among what happened.
    """
    return shown(exact_total(objectives, happened, has_discipline=has_discipline))


def exact_total(
    objectives: Sequence[Counted], happened: Sequence[Happening], *, has_discipline: bool
) -> ExactTotal:
    """Return what `total` does, with exact shares."""
    whole = counts(happened)
    promised = sum(each.is_promised for each in objectives)
    abandoned = sum(each.is_abandoned for each in objectives)
    ended_by = endings(objectives)
    return {
        "objectives": len(objectives),
        "key_results": sum(each.key_results for each in objectives),
        "scores": {
            "committed": mean((each.committed, each.weight) for each in objectives),
            "ended": mean((each.ended, each.weight) for each in objectives),
        },
        "coverage": {
            "committed": mean((each.committed_coverage, each.weight) for each in objectives),
            "ended": mean((each.ended_coverage, each.weight) for each in objectives),
        },
        "not_measured": {
            "committed": promised - sum(each.is_committed_measured for each in objectives),
            "ended": len(objectives)
            - abandoned
            - sum(each.is_ended_measured and not each.is_abandoned for each in objectives),
        },
        "added": sum(each.is_added for each in objectives),
        "not_planned": len(objectives) - promised,
        "given_up": abandoned,
        "outcomes": outcomes(objectives),
        "ended_by": ended_by,
        "bands": bands(objectives),
        "statuses": statuses(objectives),
        "carried_in": sum(each.is_carried_in for each in objectives),
        "carried_out": ended_by["carried_over"],
        "adjusted_grades": sum(each.is_adjusted for each in objectives),
        "counts": whole if has_discipline else without_discipline(whole),
    }


def mean(shares: Iterable[tuple[Fraction | None, int]]) -> Fraction | None:
    """Return the weighted mean of the shares that are there; None where none is, or none weighs.

    They are summed by twos, so that the numbers stay small for long.
    """
    weights, parts = 0, list[tuple[int, int]]()
    for share, weight in shares:
        if share is not None:
            weights += weight
            parts.append((share.numerator * weight, share.denominator))
    while len(parts) > 1:
        rest = parts[-1:] if len(parts) % 2 else []
        pairs = zip(parts[0::2], parts[1::2], strict=False)
        parts = [(a * d + c * b, b * d) for (a, b), (c, d) in pairs] + rest
    return Fraction(parts[0][0], parts[0][1] * weights) if weights else None


def outcomes(objectives: Sequence[Counted]) -> OutcomeCounts:
    """Return how many objectives came out how; those that run have no outcome."""
    found = Counter(each.outcome for each in objectives)
    return {
        "met": found["met"],
        "partly_met": found["partly_met"],
        "missed": found["missed"],
        "not_measured": found["not_measured"],
    }


def endings(objectives: Sequence[Counted]) -> EndedByCounts:
    """Return how many objectives ended by what; those that run have not ended."""
    found = Counter(each.ended_by for each in objectives)
    return {
        "graded": found["graded"],
        "abandoned": found["abandoned"],
        "carried_over": found["carried_over"],
        "ungraded": found["ungraded"],
    }


def bands(objectives: Sequence[Counted]) -> BandCounts:
    """Return how many graded objectives are in which band; those not measured are in none."""
    found = Counter(each.band for each in objectives)
    return {"green": found["green"], "yellow": found["yellow"], "red": found["red"]}


def statuses(objectives: Sequence[Counted]) -> GoalsByStatus:
    """Return how many objectives have which status; what was abandoned has none."""
    found = Counter(each.status for each in objectives)
    return {
        "on_track": found["on_track"],
        "at_risk": found["at_risk"],
        "off_track": found["off_track"],
        "not_measured": found["not_measured"],
    }


# ---- as shown, and against another ----------------------------------------------------------


def shown(exact: ExactTotal) -> Total:
    """Return an exact total as it is shown: its shares cut to the worse side."""
    return cast("Total", shown_part(exact))


def shown_part(exact: Any) -> Any:
    """Return a part of a total as it is shown."""
    if isinstance(exact, Mapping):
        return {name: shown_part(value) for name, value in exact.items()}
    return cut_down(exact) if isinstance(exact, Fraction) else exact


def change(before: ExactTotal, after: ExactTotal) -> TotalChange:
    """Return by how much each figure of a total differs from another, rounded at the end.

    None where either has no such figure.
    """
    return cast("TotalChange", changed_part(before, after))


def changed_part(before: Any, after: Any) -> Any:
    """Return by how much a part of a total differs from that of another."""
    if before is None or after is None:
        return None
    if isinstance(after, Mapping):
        return {name: changed_part(before[name], value) for name, value in after.items()}
    by = after - before
    return difference(by) if isinstance(by, Fraction) else by
