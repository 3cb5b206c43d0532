"""Totals of several objectives: the one function that makes them, for people, teams and cycles.

A total is the mean over objectives, each counted once, never a mean of means.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from okr_es.scoring import formulas
from okr_es.scoring.shown import cut_down
from projections.retrospect.activity import Happening, counts
from projections.retrospect.people_figures import without_discipline
from projections.retrospect.review_answers import Total


class Counted(NamedTuple):
    """An objective in a total, no draft: its exact scores, None where it has none.

    `committed` is the score against the plan as committed, `ended` that as it ended: what was
    abandoned has only the first. `weight` is 1 but for people, whose goals weigh by days.
    """

    committed: Fraction | None
    ended: Fraction | None
    is_promised: bool
    is_added: bool
    is_abandoned: bool
    weight: int = 1


def total(
    objectives: Sequence[Counted], happened: Sequence[Happening], *, has_discipline: bool
) -> Total:
    """Return the means of both scores of some objectives, and what happened to them added up.

    What was not measured is left out of the means and counted. `has_discipline`: readings late or
    missing are among what happened.
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
            "committed": promised - len(committed),
            "ended": len(objectives) - abandoned - len(ended),
        },
        "added": sum(each.is_added for each in objectives),
        "not_planned": len(objectives) - promised,
        "given_up": abandoned,
        "counts": whole if has_discipline else without_discipline(whole),
    }
