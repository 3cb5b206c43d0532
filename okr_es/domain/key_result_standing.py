"""Where a key result stands, and what that refuses: it lives or was dropped, is a metric or not."""

from __future__ import annotations

from uuid import UUID

from okr_es.domain.cycle import Cycle
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import (
    AlignmentLoops,
    KeyResultIsDropped,
    KeyResultIsNotDropped,
    KindDoesNotFit,
)
from okr_es.domain.values import Kind, needs_reason


class KeyResultStanding:
    """What a key result is asked before something of it is decided; it changes nothing."""

    id: UUID
    objective_id: UUID
    measure: Measure
    dropped: bool
    promised: bool

    def require_living(self, objective: Objective, cycle: Cycle) -> None:
        """Refuse changes of a dropped key result, or of one whose objective is over."""
        objective.require_running(cycle)
        self.require_not_dropped()

    def require_not_dropped(self, field: str | None = None) -> None:
        """Refuse to change a dropped key result, or to align to it."""
        if self.dropped:
            raise KeyResultIsDropped("The key result was dropped.", field=field)

    def require_dropped(self, objective: Objective, cycle: Cycle) -> None:
        """Refuse to reinstate what was not dropped, or is of an objective that is over."""
        objective.require_running(cycle)
        if not self.dropped:
            raise KeyResultIsNotDropped("The key result was not dropped.")

    def require_kind(self, measure: Measure) -> None:
        """Refuse a measure of another kind than its own."""
        if measure.kind != self.measure.kind:
            raise KindDoesNotFit(f"The key result is a {self.measure.kind}.", field="kind")

    def require_metric(self, objective: Objective, cycle: Cycle) -> None:
        """Refuse to let a KPI feed a key result that has ended, or is no metric."""
        self.require_living(objective, cycle)
        if self.measure.kind != Kind.METRIC:
            raise KindDoesNotFit("Only a metric can be fed by a KPI.", field="kpi_id")

    def require_place(
        self, source: Objective, target: Objective, aligned_through: set[UUID]
    ) -> None:
        """Refuse to move it to another cycle, or under what is aligned to it."""
        if target.cycle_id != source.cycle_id:
            raise KindDoesNotFit("Both objectives are in one cycle.", field="to_objective_id")
        if self.id in aligned_through:
            raise AlignmentLoops(
                "The objective is aligned to this very key result.", field="to_objective_id"
            )

    def require_reason(
        self, objective: Objective, cycle: Cycle, reason: str | None, what: str
    ) -> None:
        """Refuse to revise a promise without a reason."""
        if self.is_promised(objective, cycle):
            needs_reason(reason, what)

    def is_promised(self, objective: Objective, cycle: Cycle) -> bool:
        """Return whether it is part of a committed plan, or was until it was moved."""
        return self.promised or objective.is_promised(cycle)

    @property
    def parent_stream(self) -> UUID | None:
        """The objective it measures."""
        return self.objective_id

    @property
    def is_living(self) -> bool:
        """False once dropped, until it is reinstated."""
        return not self.dropped
