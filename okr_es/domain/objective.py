"""The objective: a goal in words, measured by key results."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.cycle import Cycle
from okr_es.domain.effective_days import Held, what_stays
from okr_es.domain.evidence import Evidence, none_named
from okr_es.domain.objective_corrections import CorrectableObjective
from okr_es.domain.objective_ending import EndingObjective
from okr_es.domain.objective_standing import Standing, due_day, effective_day
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import Commitment, State, needs_reason


class Objective(CorrectableObjective, EndingObjective, Standing, Aggregate):
    """I will [title], measured by its key results.

    It lives in a cycle, belongs to a team, has one owner, and may be aligned to another
    objective, or a key result of another, with a weight.
    """

    TOPIC = "objective"
    STATE = {
        "carried_to": UUID | None,
        "aligned_to_objective_id": UUID | None,
        "aligned_to_key_result_id": UUID | None,
        "weight": Decimal,
        "state": State,
        "state_before": State,
        "graded": bool,
        "adjusted_grade": Decimal | None,
        "effective": date | None,
        "promised": bool,
    }
    LATER = {"effective": None, "promised": False, "description": None, "confidential": False}

    class Drafted(Beginning):
        """Someone drafted an objective in a cycle; `carried_from` is its predecessor."""

        TOPIC = "objective.drafted"
        class_version = 3
        cycle_id: UUID
        team_id: UUID
        owner_id: UUID
        title: str
        commitment: Commitment
        due: date | None = None
        carried_from: UUID | None = None
        description: str | None = None
        confidential: bool = False

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """There were no descriptions."""
            state["description"] = None

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            """None was confidential."""
            state["confidential"] = False

    class Committed(Change):
        """Someone committed to a draft: it is part of the plan from now on."""

        TOPIC = "objective.committed"

    class Retitled(Change):
        """Someone changed the title of the objective. Not raised for the same title."""

        TOPIC = "objective.retitled"
        title: str

    class Described(Change):
        """Someone described the objective, or took its words away. Not raised for the same."""

        TOPIC = "objective.described"
        description: str | None

    class KeptConfidential(Change):
        """Someone decided who reads its words: few. Not raised for one that is confidential."""

        TOPIC = "objective.kept_confidential"

    class OpenedToAll(Change):
        """Someone decided that everybody reads its words. Not raised for one that is open."""

        TOPIC = "objective.opened_to_all"

    class Rescheduled(Change):
        """Someone changed the day the objective is due; null: the last day of its cycle.

        Not raised for the same day.
        """

        TOPIC = "objective.rescheduled"
        due: date | None

    class CommitmentReplaced(Change):
        """Someone chose to expect the objective in full, or in part. Not raised for the same."""

        TOPIC = "objective.commitment_replaced"
        commitment: Commitment

    class Reassigned(Change):
        """Someone gave the objective another owner or team.

        `effective` is an earlier day from which it is theirs; null: the day it was recorded.
        `redated` names what stays and is theirs from then on; null (before version 3): where both
        stay, what was handed over before. `promised` says that it was part of a committed plan: it
        stays a promise in any team. Not raised when both stay, unless others had it on such a day.
        """

        TOPIC = "objective.reassigned"
        class_version = 3
        owner_id: UUID
        team_id: UUID
        effective: date | None = None
        promised: bool = False
        redated: tuple[str, ...] | None = ()

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """It held from the day of recording, and plans were those of whole cycles."""
            state.update(effective=None, promised=False)

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            """It did not say what stays."""
            state.update(redated=None)

    class Realigned(Change):
        """Someone aligned the objective to another, or to a key result, with a weight."""

        TOPIC = "objective.realigned"
        aligned_to_objective_id: UUID | None
        aligned_to_key_result_id: UUID | None
        weight: Decimal

    class Corrected(Change):
        """Someone corrected the weight of its alignment to what was meant all along.

        That is from version `since` of its stream until before `until`, which revised it; null: it
        is in force. `weight` is that from now on. Not raised for the same weight.
        """

        TOPIC = "objective.corrected"
        since: int
        until: int | None
        said: Decimal
        meant: Decimal
        weight: Decimal

    class CarriedOver(Change):
        """Someone carried the objective over into another cycle, as a new objective."""

        TOPIC = "objective.carried_over"
        into_cycle_id: UUID
        as_objective_id: UUID

    class Graded(Change):
        """Someone graded the objective: as computed, or adjusted with a reason."""

        TOPIC = "objective.graded"
        class_version = 2
        adjusted_grade: Decimal | None
        evidence: Evidence | None = None
        upcast_v1_v2 = staticmethod(none_named)

    class Reopened(Change):
        """Someone reopened a graded or abandoned objective, with a reason: `state` is its state."""

        TOPIC = "objective.reopened"
        state: State

    class Abandoned(Change):
        """Someone abandoned the objective, with a reason."""

        TOPIC = "objective.abandoned"

    def __init__(
        self,
        cycle_id: UUID,
        team_id: UUID,
        owner_id: UUID,
        title: str,
        commitment: Commitment,
        due: date | None = None,
        carried_from: UUID | None = None,
        description: str | None = None,
        confidential: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        self.cycle_id = cycle_id
        self.team_id = team_id
        self.owner_id = owner_id
        self.title = title
        self.commitment = commitment
        self.due = due
        self.carried_from = carried_from
        self.description = description
        self.confidential = confidential
        self.carried_to: UUID | None = None
        self.aligned_to_objective_id: UUID | None = None
        self.aligned_to_key_result_id: UUID | None = None
        self.weight = Decimal(1)
        self.state = State.DRAFT
        self.state_before = State.DRAFT
        self.graded = False
        self.adjusted_grade: Decimal | None = None
        self.effective: date | None = None
        self.promised = False

    @classmethod
    def draft(
        cls,
        *,
        id: UUID,
        cycle: Cycle,
        team_id: UUID,
        owner_id: UUID,
        title: str,
        commitment: Commitment,
        due: date | None = None,
        carried_from: UUID | None = None,
        description: str | None = None,
        confidential: bool = False,
    ) -> Objective:
        """Draft an objective in an open cycle. `due` is its last day, if not the cycle's."""
        cycle.require_open()
        return cls._create(
            cls.Drafted,
            id=id,
            cycle_id=cycle.id,
            team_id=team_id,
            owner_id=owner_id,
            title=values.text(title, "title"),
            commitment=commitment,
            due=due_day(due, cycle),
            carried_from=carried_from,
            description=values.maybe_text(description, "description"),
            confidential=confidential,
        )

    def commit(self, cycle: Cycle) -> None:
        """Commit to a draft."""
        cycle.require_open()
        self.require_draft()
        self._committed()

    def reassign(
        self,
        owner_id: UUID,
        team_id: UUID,
        *,
        effective: date | None,
        today: date,
        cycle: Cycle,
        reason: str | None,
        since: Mapping[Held, date],
    ) -> None:
        """Change its owner, its team or both; once promised, with a reason.

        It holds from `effective` on, in the past but not before the cycle; None: from today.
        `since` are the days from which those named are owner or team.
        """
        self.require_running(cycle)
        effective = effective_day(effective, today, cycle)
        before = (self.owner_id, self.team_id)
        redated = what_stays((owner_id, team_id), before, effective, since)
        if redated or (owner_id, team_id) != before:
            if self.is_promised(cycle) or self.comes_to_plan(cycle, team_id):
                needs_reason(reason, "reassign an objective of a committed plan")
            self._reassigned(owner_id, team_id, effective, self.is_promised(cycle), redated)

    def realign(
        self,
        *,
        aligned_to_objective_id: UUID | None,
        aligned_to_key_result_id: UUID | None,
        weight: Decimal,
        above: set[UUID],
        cycle: Cycle,
        reason: str | None,
    ) -> None:
        """Align it; `above` are the ids of all objectives it would be aligned to, also indirectly.

        The first alignment of a draft needs no reason; every other change of it does.
        """
        self.require_running(cycle)
        values.weight(weight)
        wanted = (aligned_to_objective_id, aligned_to_key_result_id, weight)
        self.require_alignment(*wanted, above)
        if wanted == (self.aligned_to_objective_id, self.aligned_to_key_result_id, self.weight):
            return
        if self.is_aligned or self.state != State.DRAFT:
            needs_reason(reason, "re-align an objective")
        self._realigned(*wanted)

    def carry_over(self, into: Cycle, as_objective_id: UUID) -> None:
        """Let it continue in another open cycle under another id; its own may be closed."""
        into.require_open()
        self.require_committed(State.COMMITTED)
        if into.id == self.cycle_id:
            raise Invalid("An objective is carried into another cycle.", field="into_cycle_id")
        self._carried_over(into.id, as_objective_id)

    def follow(self, to: Objective, through: UUID | None, weight: Decimal, cycle: Cycle) -> None:
        """Align a successor to that of what its predecessor was aligned to; needs no reason.

        `through` is the key result it is aligned to; None: the objective itself.
        """
        self.require_running(cycle)
        self._realigned(None if through else to.id, through, weight)

    @event(Committed)
    def _committed(self) -> None:
        self.state = State.COMMITTED

    @event(Retitled)
    def _retitled(self, title: str) -> None:
        self.title = title

    @event(Described)
    def _described(self, description: str | None) -> None:
        self.description = description

    @event(KeptConfidential)
    def _kept_confidential(self) -> None:
        self.confidential = True

    @event(OpenedToAll)
    def _opened_to_all(self) -> None:
        self.confidential = False

    @event(Rescheduled)
    def _rescheduled(self, due: date | None) -> None:
        self.due = due

    @event(CommitmentReplaced)
    def _commitment_replaced(self, commitment: Commitment) -> None:
        self.commitment = commitment

    @event(Reassigned)
    def _reassigned(
        self,
        owner_id: UUID,
        team_id: UUID,
        effective: date | None,
        promised: bool,  # noqa: FBT001
        redated: tuple[str, ...] | None,
    ) -> None:
        self.owner_id = owner_id
        self.team_id = team_id
        self.effective = effective
        self.promised = promised

    @event(Realigned)
    def _realigned(
        self,
        aligned_to_objective_id: UUID | None,
        aligned_to_key_result_id: UUID | None,
        weight: Decimal,
    ) -> None:
        self.aligned_to_objective_id = aligned_to_objective_id
        self.aligned_to_key_result_id = aligned_to_key_result_id
        self.weight = weight

    @event(Corrected)
    def _corrected(
        self, since: int, until: int | None, said: Decimal, meant: Decimal, weight: Decimal
    ) -> None:
        self.weight = weight

    @event(CarriedOver)
    def _carried_over(self, into_cycle_id: UUID, as_objective_id: UUID) -> None:
        self.state = State.CARRIED_OVER
        self.carried_to = as_objective_id

    @event(Graded)
    def _graded(self, adjusted_grade: Decimal | None, evidence: Evidence | None) -> None:
        self.graded = True
        self.adjusted_grade = adjusted_grade

    @event(Reopened)
    def _reopened(self, state: State) -> None:
        self.state = state
        self.graded = False
        self.adjusted_grade = None

    @event(Abandoned)
    def _abandoned(self) -> None:
        self.state_before = self.state
        self.state = State.ABANDONED
