"""How many days after its due day a goal was met: the day from which its score stayed there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from okr_es.scoring import grades, ratios
from okr_es.scoring.formulas import Policy
from okr_es.scoring.ratios import Mean, Ratio
from projections.goals.goal import Goal
from projections.goals.key_result_scores import KeyResultScorer


class Lateness:
    """Scores goals by the end of each day since one was due, as of the day `day`."""

    def __init__(self, scorer: Callable[[Goal], KeyResultScorer], day: str) -> None:
        self.scorer = scorer
        self.day = day

    def days(self, goal: Goal, policy: Policy) -> int:
        """Return how many days after its due day the score of a goal came to stay at its grade."""
        if goal.later is None or not goal.is_settled_late(self.day):
            return 0
        wanted = grades.expected_grade(goal.row["commitment"], policy)
        due = goal.row["due"]
        days = sorted({due, *(day for day in self.turns(goal) if day > due)})
        scores = [
            (date.fromisoformat(day), ratios.fraction(self.final_by(goal, day))) for day in days
        ]
        return grades.days_late(date.fromisoformat(due), wanted, scores)

    def turns(self, goal: Goal) -> set[str]:
        """Return the days on which the score of a goal may have turned since it was due."""
        if not goal.is_scored_by_others:
            return {day for day, _ in goal.later or ()}
        return {day for other in scoring(goal) for day in self.turns(other)}

    def final_by(self, goal: Goal, day: str) -> Ratio | None:
        """Return the final score of a goal by the end of a day since it was due."""
        mean = self.mean_by(goal, day)
        return mean.complete if self.scorer(goal).policy.counts_zero else mean.measured

    def mean_by(self, goal: Goal, day: str) -> Mean:
        """Return what a goal had come to by the end of a day since it was due."""
        if goal.is_scored_by_others:
            parts = [
                (self.share_by(other, day), ratios.ratio(other.row["weight"]))
                for other in scoring(goal)
            ]
        else:
            scorer = self.scorer(goal)
            parts = [(scorer.score(row).clamped, ratios.ratio(row.weight)) for row in goal.by(day)]
        return ratios.mean_of(parts)

    def share_by(self, goal: Goal, day: str) -> Ratio | None:
        """Return the score of a goal by the end of a day, as it counts in one that it scores."""
        mean = self.mean_by(goal, day)
        is_final = goal.is_final(self.day) and self.scorer(goal).policy.counts_zero
        return mean.complete if is_final and mean.measured is not None else mean.measured


def scoring(goal: Goal) -> list[Goal]:
    """Return the objectives that score one that never had a key result."""
    return [other for other in goal.counting() if goal.may_be_scored_by(other)]
