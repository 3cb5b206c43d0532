"""How many days after its due day a goal was met: the day from which its score stayed there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from okr_es.scoring import grades, ratios
from okr_es.scoring.formulas import Policy
from okr_es.scoring.ratios import Mean, Ratio
from projections.goals.goal import Goal
from projections.goals.key_result_scores import KeyResultScorer
from projections.goals.past import Past
from projections.read_model.tables import Row


class Lateness:
    """Scores goals by the end of each day since one was due, as of the day `day`."""

    def __init__(self, scorer: Callable[[Goal], KeyResultScorer], day: str) -> None:
        self.scorer = scorer
        self.day = day

    def days(self, goal: Goal, policy: Policy) -> int:
        """Return how many days after its due day the score of a goal came to stay at its grade."""
        if goal.past is None or not goal.is_settled_late(self.day):
            return 0
        id_, due = goal.row["id"], goal.row["due"]
        scores = ScoresThen(goal, goal.past, self.scorer(goal), self.day)
        days = sorted({due, *(day for day in goal.past.turns(id_, goal.cycle) if day > due)})
        wanted = grades.expected_grade(goal.row["commitment"], policy)
        found = [(date.fromisoformat(day), ratios.fraction(scores.final_by(day))) for day in days]
        return grades.days_late(date.fromisoformat(due), wanted, found)


class ScoresThen(NamedTuple):
    """The scores of a goal by days, each by the plan that was in force then.

    Before it was committed itself nothing was planned: its plan as of that day stands for it.
    """

    goal: Goal
    past: Past
    scorer: KeyResultScorer
    day: str

    def final_by(self, day: str) -> Ratio | None:
        """Return the final score by the end of a day since it was due."""
        id_: str = self.goal.row["id"]
        planned = max(day, self.past.committed_on(id_))
        objective = self.past.on(id_, planned)
        if objective is None:
            return None
        mean = self.mean_by(objective, day, planned)
        return mean.complete if self.scorer.policy.counts_zero else mean.measured

    def mean_by(self, objective: Row, day: str, planned: str) -> Mean:
        """Return what an objective had come to by a day, by the plan of a day."""
        if objective["first_key_result"] is None:
            parts = [
                (self.share_by(other, day, planned), ratios.ratio(other["weight"]))
                for other in self.past.scoring(objective, planned)
            ]
        else:
            rows = [
                self.past.readings.by(row, self.goal.cycle, day)
                for row in self.past.key_results(objective["id"], planned)
            ]
            parts = [(self.scorer.score(row).clamped, ratios.ratio(row.weight)) for row in rows]
        return ratios.mean_of(parts)

    def share_by(self, objective: Row, day: str, planned: str) -> Ratio | None:
        """Return the score of an objective by a day, as it counts in one that it scores."""
        mean, cycle = self.mean_by(objective, day, planned), self.goal.cycle
        is_graded = self.past.known(objective["id"])[-1].row["graded"]
        is_final = is_graded or cycle["closed"] or self.day > cycle["ends"]
        if is_final and self.scorer.policy.counts_zero and mean.measured is not None:
            return mean.complete
        return mean.measured
