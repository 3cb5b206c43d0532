"""What a key result decides about corrections of what it promises."""

from __future__ import annotations

from typing import Any

from okr_es.domain import values
from okr_es.domain.corrections import Version, Versions, measure_of, promise_of, values_of
from okr_es.domain.cycle import Cycle
from okr_es.domain.kpi import Kpi
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import UnitsDiffer
from okr_es.domain.values import Kind, needs_reason


class Correctable:
    """What was meant all along takes the place of what was said."""

    measure: Measure
    version: int
    _corrected: Any

    def correct(
        self,
        meant: dict[str, Any],
        versions: Versions,
        number: int | None,
        objective: Objective,
        cycle: Cycle,
        reason: str | None,
        fed_by: Kpi | None = None,
    ) -> None:
        """Correct what is promised in one of its versions; None: the one in force.

        One that was dropped counts in the score as committed, and is corrected as any other.
        """
        objective.require_running(cycle)
        place = versions.place(number, self.version)
        found = versions.wrong(place, as_meant(self.measure.kind, versions.all[place], meant))
        if not found:
            return
        needs_reason(reason, "correct what a key result promises")
        kind = self.measure.kind
        for each in found:
            versions.correct(each.since, each.until, each.what, each.meant)
        for version in versions.all:
            measure_of(kind, version.values).checked()
        if fed_by is not None and not fed_by.is_in(versions.all[-1].values["unit"]):
            raise UnitsDiffer(
                f"The KPI that feeds it is in {fed_by.unit}. Before its first reading, correct the "
                "unit of the KPI with its key results.",
                field="unit",
            )
        now = promise_of(kind, versions.all[-1].values)
        for since, until, what, said, wanted in found:
            before, after = promise_of(kind, said), promise_of(kind, wanted)
            self._corrected(since, until, what, before, after, now)


def as_meant(kind: Kind, version: Version, meant: dict[str, Any]) -> dict[str, Any]:
    """Return what was meant in a version as it is kept; refuse what does not fit its kind."""
    measure = values_of(measure_of(kind, version.values | meant).checked())
    if "trajectory" in meant:
        values.trajectory(meant["trajectory"])
    if "weight" in meant:
        values.weight(meant["weight"])
    return {name: measure.get(name, value) for name, value in meant.items()}
