"""What an objective decides about its grade, its end, and being taken up again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from okr_es.domain.cycle import Cycle
from okr_es.domain.evidence import Document, maybe_checked
from okr_es.domain.objective_standing import Standing, grade_by_hand
from okr_es.domain.values import State, needs_reason


class EndingObjective(Standing):
    """What ends an objective, and undoes that."""

    _graded: Any
    _reopened: Any
    _abandoned: Any

    def grade(
        self, adjusted: Decimal | None, cycle: Cycle, reason: str | None, evidence: Document = None
    ) -> None:
        """Grade it as computed, or adjusted (0..1) with a reason; `evidence` is its document."""
        self.require_gradable(cycle)
        self._graded(grade_by_hand(adjusted, reason), maybe_checked(evidence))

    def reopen(self, cycle: Cycle, reason: str | None) -> None:
        """Undo its grade or its abandonment, with a reason."""
        cycle.require_open()
        self.require_over()
        needs_reason(reason, "reopen an objective")
        self._reopened(self.state_before if self.state == State.ABANDONED else self.state)

    def abandon(self, cycle: Cycle, reason: str | None) -> None:
        """Abandon it, with a reason: it no longer counts."""
        self.require_running(cycle)
        needs_reason(reason, "abandon an objective")
        self._abandoned()
