"""An objective with its key results, as loaded."""

from __future__ import annotations

from dataclasses import dataclass, field

from okr_es.scoring import grades
from okr_es.scoring.formulas import Policy
from okr_es.scoring.grades import EndedBy
from projections.goals.key_result_scores import KeyResultRow
from projections.goals.past import Past
from projections.goals.roll_up import counting
from projections.read_model.tables import Row


@dataclass(slots=True)
class Goal:
    """An objective as loaded: its row, cycle, policy, key results, and all that is aligned to it.

    `committed_on` is the day it was committed itself, where that matters; `past` is what it was
    on the days since it was due, where it has ended after that.
    """

    row: Row
    cycle: Row
    policy: Policy
    committed_on: str | None = None
    key_results: list[KeyResultRow] = field(default_factory=list)
    aligned: list[Goal] = field(default_factory=list)
    past: Past | None = None

    @property
    def horizon(self) -> str:
        """The last day it is planned for."""
        return self.row["due"] or self.cycle["ends"]  # type: ignore[no-any-return]

    @property
    def first_day(self) -> str:
        """The day from which something is expected of it: its own commit may be the later one."""
        starts: str = self.cycle["starts"]
        committed = self.committed_on
        return committed if committed and starts < committed <= self.horizon else starts

    @property
    def ended_by(self) -> EndedBy | None:
        """By what it has ended; None while it runs, and for a draft."""
        row = self.row
        return grades.ended_by(row["state"], graded=row["graded"], closed=self.cycle["closed"])

    def is_final(self, day: str) -> bool:
        """Return whether its score is final as of a day: graded, closed, or after its cycle."""
        return bool(self.row["graded"] or self.cycle["closed"] or day > self.cycle["ends"])

    def is_settled_late(self, day: str) -> bool:
        """Return whether it has ended, and the day it was due is over."""
        due = self.row["due"]
        return due is not None and due < day and self.ended_by is not None

    @property
    def is_scored_by_others(self) -> bool:
        """Return whether it is scored by what is aligned to it: it never had a key result."""
        return not self.key_results and self.row["first_key_result"] is None

    def may_be_scored_by(self, other: Goal) -> bool:
        """Return whether an objective aligned to it is of its own cycle, which alone scores it."""
        return bool(other.row["cycle_id"] == self.row["cycle_id"])

    def counting(self) -> list[Goal]:
        """Return the objectives aligned to it whose scores count in its roll-up."""
        if not self.aligned:
            return []
        own = {key_result.id for key_result in self.key_results}
        ids = counting([goal.row for goal in self.aligned], own)
        return [goal for goal in self.aligned if goal.row["id"] in ids]

    @property
    def is_added(self) -> bool:
        """Return whether it came to a plan that was committed before."""
        return self.row["promised_at"] is not None and self.row["covered_by"] is None

    def came_later(self, key_result: KeyResultRow) -> bool:
        """Return whether a key result was added after the plan was committed that promised it."""
        if key_result.promised_at is not None:
            return key_result.covered_by is None
        promised_at = self.row["promised_at"]
        return self.is_added or (promised_at is not None and key_result.came_with > promised_at)
