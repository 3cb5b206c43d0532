"""Totals of several objectives: the one function that makes them, for people, teams and cycles.

A total is the mean over objectives, each counted once, never a mean of means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from okr_es.scoring import formulas
from okr_es.scoring.grades import EndedBy, Outcome
from okr_es.scoring.shown import cut_down
from projections.retrospect.activity import Happening, counts
from projections.retrospect.people_figures import without_discipline
from projections.retrospect.review_answers import EndedByCounts, OutcomeCounts, Total


class Counted(NamedTuple):
    """An objective in a total, no draft: its exact scores, None where it has none.

    `committed` is the score against the plan as committed, `ended` that as it ended: what was
    abandoned has only the first. A final score counts what is not measured as 0, unless the policy
    leaves it out; whether anything at all was measured is said beside. While it runs it has no
    outcome. `weight` is 1 but for people, whose goals weigh by days.
    """

    committed: Fraction | None
    ended: Fraction | None
    is_promised: bool
    is_added: bool
    is_abandoned: bool
    is_committed_measured: bool
    is_ended_measured: bool
    outcome: Outcome | None = None
    ended_by: EndedBy | None = None
    weight: int = 1


def total(
    objectives: Sequence[Counted], happened: Sequence[Happening], *, has_discipline: bool
) -> Total:
    """Return the means of both scores of some objectives, and what happened to them added up.

    What has no score is left out of the means, and what was not measured is counted.
    `has_discipline`: readings late or missing are among what happened.
    """
    whole = counts(happened)
    committed = [(each.committed, each.weight) for each in objectives if each.committed is not None]
    ended = [(each.ended, each.weight) for each in objectives if each.ended is not None]
    promised = sum(each.is_promised for each in objectives)
    abandoned = sum(each.is_abandoned for each in objectives)
    return {
        "objectives": len(objectives),
        "scores": {
            "committed": cut_down(formulas.weighted_mean(committed)),
            "ended": cut_down(formulas.weighted_mean(ended)),
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
        "ended_by": endings(objectives),
        "counts": whole if has_discipline else without_discipline(whole),
    }


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
