"""The key result: how we know that an objective is reached."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.corrections import Promise
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result_corrections import Correctable
from okr_es.domain.key_result_feeding import Feedable
from okr_es.domain.key_result_standing import KeyResultStanding
from okr_es.domain.kpi import Kpi
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.values import Cadence, Point

TO_REACH = {"direction": None, "minimum": None, "maximum": None}


class KeyResult(Correctable, Feedable, KeyResultStanding, Aggregate):
    """A measure of an objective, with a weight, and perhaps fed by a KPI."""

    TOPIC = "key_result"
    STATE = {"kpi_id": UUID | None, "dropped": bool, "promised": bool}
    LATER = {"description": None, "owner_id": None, "promised": False}

    class Added(Beginning):
        """Someone added a key result to an objective; `carried_from` is its predecessor."""

        TOPIC = "key_result.added"
        class_version = 3
        objective_id: UUID
        title: str
        measure: Measure
        weight: Decimal
        cadence: Cadence
        trajectory: tuple[Point, ...] = ()
        carried_from: UUID | None = None
        description: str | None = None
        owner_id: UUID | None = None

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Every metric was one to reach."""
            state["measure"] |= TO_REACH

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            """There were no descriptions, and its owner was that of the objective."""
            state.update(description=None, owner_id=None)

    class Retitled(Change):
        """Someone changed the title of the key result. Not raised for the same title."""

        TOPIC = "key_result.retitled"
        title: str

    class Described(Change):
        """Someone described the key result, or took its description away.

        Not raised for the same description.
        """

        TOPIC = "key_result.described"
        description: str | None

    class Reassigned(Change):
        """Someone gave the key result an owner of its own; null: it is its objective's owner again.

        Not raised for the same owner.
        """

        TOPIC = "key_result.reassigned"
        owner_id: UUID | None

    class CadenceReplaced(Change):
        """Someone chose another cadence for check-ins. Not raised for the same."""

        TOPIC = "key_result.cadence_replaced"
        cadence: Cadence

    class Retargeted(Change):
        """Someone changed what is promised: target, baseline, steps, zones or trajectory."""

        TOPIC = "key_result.retargeted"
        class_version = 2
        measure: Measure
        trajectory: tuple[Point, ...] = ()

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Every metric was one to reach."""
            state["measure"] |= TO_REACH

    class Rebased(Change):
        """The promise of a carried key result was fixed: it begins where the old cycle ended.

        That comes with the commit of the plan that covers it. Not raised where it stays.
        """

        TOPIC = "key_result.rebased"
        measure: Measure

    class Corrected(Change):
        """Someone corrected what is promised to what was meant all along.

        That is `what` of it, from version `since` of its stream until before `until`, which revised
        it; null: it is in force. `now` is what it promises from now on. Values of several versions
        come as several events. Not raised for the same.
        """

        TOPIC = "key_result.corrected"
        since: int
        until: int | None
        what: tuple[str, ...]
        said: Promise
        meant: Promise
        now: Promise

    class Reweighted(Change):
        """Someone gave the key result another weight; 0 leaves it out of the roll-up."""

        TOPIC = "key_result.reweighted"
        weight: Decimal

    class Linked(Change):
        """Someone linked the key result to the KPI whose readings feed it from now on."""

        TOPIC = "key_result.linked"
        kpi_id: UUID

    class Unlinked(Change):
        """Someone unlinked the key result from its KPI; its values come from check-ins again."""

        TOPIC = "key_result.unlinked"

    class Moved(Change):
        """Someone moved the key result to another objective of the same cycle.

        `promised` says that it was part of a committed plan: it stays a promise in any objective.
        """

        TOPIC = "key_result.moved"
        class_version = 2
        objective_id: UUID
        promised: bool = False

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """It did not say whether it was a promise."""
            state["promised"] = False

    class Dropped(Change):
        """Someone dropped the key result from its objective."""

        TOPIC = "key_result.dropped"

    class Reinstated(Change):
        """Someone took a dropped key result up again, as it was."""

        TOPIC = "key_result.reinstated"

    def __init__(
        self,
        objective_id: UUID,
        title: str,
        measure: Measure,
        weight: Decimal,
        cadence: Cadence,
        trajectory: tuple[Point, ...] = (),
        carried_from: UUID | None = None,
        description: str | None = None,
        owner_id: UUID | None = None,
    ) -> None:
        self.objective_id = objective_id
        self.title = title
        self.measure = measure
        self.weight = weight
        self.cadence = cadence
        self.trajectory = trajectory
        self.carried_from = carried_from
        self.description = description
        self.owner_id = owner_id
        self.kpi_id: UUID | None = None
        self.dropped = False
        self.promised = False

    @classmethod
    def add(
        cls,
        *,
        id: UUID,
        objective: Objective,
        cycle: Cycle,
        title: str,
        measure: Measure,
        weight: Decimal,
        cadence: Cadence,
        trajectory: tuple[Point, ...] = (),
        carried_from: UUID | None = None,
        description: str | None = None,
        owner_id: UUID | None = None,
    ) -> KeyResult:
        """Add a key result to a running objective. Without an owner it has the objective's."""
        objective.require_running(cycle)
        return cls._create(
            cls.Added,
            id=id,
            objective_id=objective.id,
            title=values.text(title, "title"),
            measure=measure.checked(),
            weight=values.weight(weight),
            cadence=cadence,
            trajectory=values.trajectory(trajectory),
            carried_from=carried_from,
            description=values.maybe_text(description, "description"),
            owner_id=owner_id,
        )

    def retitle(self, title: str, objective: Objective, cycle: Cycle, reason: str | None) -> None:
        """Change its title; once promised, with a reason. What was read of it stays."""
        title = values.text(title, "title")
        self.require_living(objective, cycle)
        if title != self.title:
            self.require_reason(objective, cycle, reason, "retitle a promised key result")
            self._retitled(title)

    def describe(self, description: str | None, objective: Objective, cycle: Cycle) -> None:
        """Describe it in words, which promise nothing; None takes them away."""
        description = values.maybe_text(description, "description")
        self.require_living(objective, cycle)
        if description != self.description:
            self._described(description)

    def reassign(
        self, owner_id: UUID | None, objective: Objective, cycle: Cycle, reason: str | None
    ) -> None:
        """Give it an owner of its own, or None; once promised, with a reason."""
        self.require_living(objective, cycle)
        if owner_id != self.owner_id:
            self.require_reason(objective, cycle, reason, "reassign a promised key result")
            self._reassigned(owner_id)

    def replace_cadence(self, cadence: Cadence, objective: Objective, cycle: Cycle) -> None:
        """Choose how often a reading is due from now on."""
        self.require_living(objective, cycle)
        if cadence != self.cadence:
            self._cadence_replaced(cadence)

    def retarget(
        self,
        measure: Measure,
        trajectory: tuple[Point, ...],
        objective: Objective,
        cycle: Cycle,
        reason: str | None,
        fed_by: Kpi | None = None,
    ) -> None:
        """Change what is promised; the kind cannot change. `fed_by` is its KPI, if any."""
        self.require_living(objective, cycle)
        self.require_kind(measure)
        measure, trajectory = measure.checked(), values.trajectory(trajectory)
        if fed_by is not None and measure.unit != self.measure.unit:
            fed_by.require_unit(measure.unit, "unit")
        if (measure, trajectory) != (self.measure, self.trajectory):
            self.require_reason(objective, cycle, reason, "retarget a promised key result")
            self._retargeted(measure, trajectory)

    def rebase(self, measure: Measure) -> None:
        """Fix what a key result that was carried over promises, when its plan is committed."""
        if measure != self.measure:
            self._rebased(measure.checked())

    def reweight(
        self, weight: Decimal, objective: Objective, cycle: Cycle, reason: str | None
    ) -> None:
        """Set its weight in the roll-up; once promised, with a reason."""
        self.require_living(objective, cycle)
        if values.weight(weight) != self.weight:
            self.require_reason(objective, cycle, reason, "reweight a promised key result")
            self._reweighted(weight)

    def move(
        self,
        source: Objective,
        target: Objective,
        cycle: Cycle,
        aligned_through: set[UUID],
        reason: str | None,
    ) -> None:
        """Move it to another objective of the cycle.

        `aligned_through` are the key results `target` is aligned to, directly or through others;
        a move under one of its own would make the alignment loop, and is refused.
        """
        self.require_living(source, cycle)
        target.require_running(cycle)
        self.require_place(source, target, aligned_through)
        if target.id != source.id:
            for objective in (source, target):
                self.require_reason(
                    objective, cycle, reason, "move a key result of a committed plan"
                )
            self._moved(target.id, self.is_promised(source, cycle))

    def drop(self, objective: Objective, cycle: Cycle, reason: str | None) -> None:
        """Drop it; once promised, with a reason."""
        self.require_living(objective, cycle)
        self.require_reason(objective, cycle, reason, "drop a promised key result")
        self._dropped()

    def reinstate(self, objective: Objective, cycle: Cycle, reason: str | None) -> None:
        """Take it up again after it was dropped; where the plan is committed, with a reason."""
        self.require_dropped(objective, cycle)
        self.require_reason(objective, cycle, reason, "reinstate a promised key result")
        self._reinstated()

    @event(Retitled)
    def _retitled(self, title: str) -> None:
        self.title = title

    @event(Described)
    def _described(self, description: str | None) -> None:
        self.description = description

    @event(Reassigned)
    def _reassigned(self, owner_id: UUID | None) -> None:
        self.owner_id = owner_id

    @event(CadenceReplaced)
    def _cadence_replaced(self, cadence: Cadence) -> None:
        self.cadence = cadence

    @event(Retargeted)
    def _retargeted(self, measure: Measure, trajectory: tuple[Point, ...]) -> None:
        self.measure = measure
        self.trajectory = trajectory

    @event(Rebased)
    def _rebased(self, measure: Measure) -> None:
        self.measure = measure

    @event(Corrected)
    def _corrected(
        self,
        since: int,
        until: int | None,
        what: tuple[str, ...],
        said: Promise,
        meant: Promise,
        now: Promise,
    ) -> None:
        self.measure = now.measure
        self.trajectory = now.trajectory
        self.weight = now.weight

    @event(Reweighted)
    def _reweighted(self, weight: Decimal) -> None:
        self.weight = weight

    @event(Linked)
    def _linked(self, kpi_id: UUID) -> None:
        self.kpi_id = kpi_id

    @event(Unlinked)
    def _unlinked(self) -> None:
        self.kpi_id = None

    @event(Moved)
    def _moved(self, objective_id: UUID, promised: bool) -> None:  # noqa: FBT001
        self.objective_id = objective_id
        self.promised = promised

    @event(Dropped)
    def _dropped(self) -> None:
        self.dropped = True

    @event(Reinstated)
    def _reinstated(self) -> None:
        self.dropped = False
