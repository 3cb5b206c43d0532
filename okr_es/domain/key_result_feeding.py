"""What a key result decides about the KPI whose readings feed it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result_standing import KeyResultStanding
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective


class Feedable(KeyResultStanding):
    """A KPI of its own unit feeds it, or check-ins do."""

    kpi_id: UUID | None
    _linked: Any
    _unlinked: Any

    def link(self, kpi: Kpi, objective: Objective, cycle: Cycle, reason: str | None) -> None:
        """Let a living KPI of its own unit feed it from now on."""
        self.require_metric(objective, cycle)
        kpi.require_living()
        if kpi.id != self.kpi_id:
            kpi.require_unit(self.measure.unit, "kpi_id")
            self.require_reason(objective, cycle, reason, "link a promised key result")
            self._linked(kpi.id)

    def feed(self, kpi: Kpi, objective: Objective, cycle: Cycle) -> None:
        """Let a living KPI of its own unit feed it from the start."""
        self.require_metric(objective, cycle)
        kpi.require_living()
        kpi.require_unit(self.measure.unit, "kpi_id")
        self._linked(kpi.id)

    def continue_feed(self, kpi_id: UUID) -> None:
        """Let the KPI that feeds its predecessor feed it too, whatever its unit was then."""
        self._linked(kpi_id)

    def unlink(self, objective: Objective, cycle: Cycle, reason: str | None) -> None:
        """Unlink it from its KPI; once promised, with a reason."""
        self.require_living(objective, cycle)
        if self.kpi_id is not None:
            self.require_reason(objective, cycle, reason, "unlink a promised key result")
            self._unlinked()
