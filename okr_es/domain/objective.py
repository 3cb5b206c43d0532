"""The objective: what we want, in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.cycle import Cycle
from okr_es.domain.refusals import (
    AlignmentLoops,
    Invalid,
    ObjectiveIsNotCommitted,
    ObjectiveIsNotDraft,
    ObjectiveIsNotOver,
    ObjectiveIsOver,
)
from okr_es.domain.values import Commitment, Stage, needs_reason

ONE_YEAR_DAYS = 366


class Objective(Aggregate):
    """I will [statement], measured by its key results.

    It lives in a cycle, belongs to a team, has one owner, and may serve another
    objective, or a key result of another, with a weight.
    """

    TOPIC = "objective"
    STATE = {
        "carried_to": UUID | None,
        "serves_objective_id": UUID | None,
        "serves_key_result_id": UUID | None,
        "weight": Decimal,
        "stage": Stage,
        "stage_before": Stage,
        "graded": bool,
        "adjusted_grade": Decimal | None,
    }

    class Drafted(Beginning):
        """Someone drafted an objective in a cycle; `carried_from` names the one it goes on from."""

        TOPIC = "objective.drafted"
        cycle_id: UUID
        team_id: UUID
        owner_id: UUID
        statement: str
        commitment: Commitment
        due: date | None = None
        carried_from: UUID | None = None

    class Committed(Change):
        """Someone committed to a draft: it is part of the plan from here on."""

        TOPIC = "objective.committed"

    class Reworded(Change):
        """Someone put the objective in other words. Not raised for the same words."""

        TOPIC = "objective.reworded"
        statement: str

    class Reassigned(Change):
        """Someone handed the objective to another owner or team. Not raised when both stay."""

        TOPIC = "objective.reassigned"
        owner_id: UUID
        team_id: UUID

    class Realigned(Change):
        """Someone chose what the objective serves, and with which weight: a re-alignment."""

        TOPIC = "objective.realigned"
        serves_objective_id: UUID | None
        serves_key_result_id: UUID | None
        weight: Decimal

    class CarriedOver(Change):
        """Someone carried the unfinished objective over into another cycle, as a new objective."""

        TOPIC = "objective.carried_over"
        into_cycle_id: UUID
        as_objective_id: UUID

    class Graded(Change):
        """Someone graded the objective: as computed, or adjusted with a reason."""

        TOPIC = "objective.graded"
        adjusted_grade: Decimal | None

    class Reopened(Change):
        """Someone took back a grade or an abandonment, with a reason; `stage` is where it is."""

        TOPIC = "objective.reopened"
        stage: Stage

    class Abandoned(Change):
        """Someone gave the objective up, with a reason."""

        TOPIC = "objective.abandoned"

    def __init__(
        self,
        cycle_id: UUID,
        team_id: UUID,
        owner_id: UUID,
        statement: str,
        commitment: Commitment,
        due: date | None = None,
        carried_from: UUID | None = None,
    ) -> None:
        self.cycle_id = cycle_id
        self.team_id = team_id
        self.owner_id = owner_id
        self.statement = statement
        self.commitment = commitment
        self.due = due
        self.carried_from = carried_from
        self.carried_to: UUID | None = None
        self.serves_objective_id: UUID | None = None
        self.serves_key_result_id: UUID | None = None
        self.weight = Decimal(1)
        self.stage = Stage.DRAFT
        self.stage_before = Stage.DRAFT
        self.graded = False
        self.adjusted_grade: Decimal | None = None

    @classmethod
    def draft(
        cls,
        *,
        id: UUID,
        cycle: Cycle,
        team_id: UUID,
        owner_id: UUID,
        statement: str,
        commitment: Commitment,
        due: date | None = None,
        carried_from: UUID | None = None,
    ) -> Objective:
        """Draft an objective in an open cycle. `due` is its last day, if not the cycle's."""
        cycle.require_open()
        if due is not None and values.day(due, "due") < cycle.starts:
            raise Invalid("due lies before the cycle starts.", field="due")
        return cls._create(
            cls.Drafted,
            id=id,
            cycle_id=cycle.id,
            team_id=team_id,
            owner_id=owner_id,
            statement=values.text(statement, "statement"),
            commitment=commitment,
            due=due,
            carried_from=carried_from,
        )

    def commit(self, cycle: Cycle) -> None:
        """Commit to a draft."""
        cycle.require_open()
        if self.stage != Stage.DRAFT:
            raise ObjectiveIsNotDraft(f"The objective is {self.stage}.")
        self._committed()

    def reword(self, statement: str, cycle: Cycle, reason: str | None) -> None:
        """Put it in other words; once promised, with a reason."""
        statement = values.text(statement, "statement")
        self.require_running(cycle)
        if statement != self.statement:
            self.require_reason(cycle, reason, "reword an objective of a committed plan")
            self._reworded(statement)

    def reassign(self, owner_id: UUID, team_id: UUID, cycle: Cycle, reason: str | None) -> None:
        """Hand it to another owner or team; once promised, with a reason."""
        self.require_running(cycle)
        if (owner_id, team_id) != (self.owner_id, self.team_id):
            self.require_reason(cycle, reason, "reassign an objective of a committed plan")
            self._reassigned(owner_id, team_id)

    def realign(
        self,
        *,
        serves_objective_id: UUID | None,
        serves_key_result_id: UUID | None,
        weight: Decimal,
        served: set[UUID],
        cycle: Cycle,
        reason: str | None,
    ) -> None:
        """Choose what it serves; `served` are the ids of all objectives it would then serve.

        The first alignment of a draft needs no reason; every other change of it does.
        """
        self.require_running(cycle)
        values.weight(weight)
        if serves_objective_id is not None and serves_key_result_id is not None:
            raise Invalid(
                "An objective serves one objective or one key result.", field="serves_key_result_id"
            )
        if self.id in served:
            field = "serves_objective_id" if serves_objective_id else "serves_key_result_id"
            raise AlignmentLoops("The objective would serve itself.", field=field)
        wanted = (serves_objective_id, serves_key_result_id, weight)
        if wanted == (self.serves_objective_id, self.serves_key_result_id, self.weight):
            return
        if self.is_aligned or self.stage != Stage.DRAFT:
            needs_reason(reason, "re-align an objective")
        self._realigned(*wanted)

    def carry_over(self, into: Cycle, as_objective_id: UUID, cycle: Cycle) -> None:
        """End it here; it goes on in another open cycle under another id."""
        cycle.require_open()
        into.require_open()
        if self.stage != Stage.COMMITTED:
            raise ObjectiveIsNotCommitted(f"The objective is {self.stage}.")
        if into.id == self.cycle_id:
            raise Invalid("An objective is carried into another cycle.", field="into_cycle_id")
        self._carried_over(into.id, as_objective_id)

    def grade(self, adjusted_grade: Decimal | None, cycle: Cycle, reason: str | None) -> None:
        """Grade it as computed, or adjusted (0..1) with a reason."""
        cycle.require_open()
        if self.stage not in {Stage.COMMITTED, Stage.CARRIED_OVER}:
            raise ObjectiveIsNotCommitted(f"The objective is {self.stage}.")
        if self.graded:
            raise ObjectiveIsOver("The objective was graded; reopen it to grade it again.")
        if adjusted_grade is not None:
            if not 0 <= values.exact(adjusted_grade, "adjusted_grade") <= 1:
                raise Invalid("A grade lies within 0..1.", field="adjusted_grade")
            needs_reason(reason, "adjust a grade")
        self._graded(adjusted_grade)

    def reopen(self, cycle: Cycle, reason: str | None) -> None:
        """Take back its grade or its abandonment."""
        cycle.require_open()
        if not self.graded and self.stage != Stage.ABANDONED:
            raise ObjectiveIsNotOver(f"The objective is {self.stage} and not graded.")
        needs_reason(reason, "reopen an objective")
        self._reopened(self.stage_before if self.stage == Stage.ABANDONED else self.stage)

    def abandon(self, cycle: Cycle, reason: str | None) -> None:
        """Give it up."""
        self.require_running(cycle)
        needs_reason(reason, "abandon an objective")
        self._abandoned()

    def require_running(self, cycle: Cycle) -> None:
        """Refuse changes of an objective that is over or in a closed cycle."""
        cycle.require_open()
        if not self.is_living:
            state = "graded" if self.graded else self.stage
            raise ObjectiveIsOver(f"The objective is {state}.")

    def require_not_abandoned(self, field: str) -> None:
        """Refuse that another objective serves an abandoned one."""
        if self.stage == Stage.ABANDONED:
            raise ObjectiveIsOver("The objective was abandoned.", field=field)

    def require_reason(self, cycle: Cycle, reason: str | None, what: str) -> None:
        """Refuse to revise a committed plan without a reason."""
        if cycle.plan_committed and self.stage != Stage.DRAFT:
            needs_reason(reason, what)

    def is_long(self, cycle: Cycle) -> bool:
        """True if it runs for longer than a year, which is better cut into parts."""
        return ((self.due or cycle.ends) - cycle.starts).days + 1 > ONE_YEAR_DAYS

    @property
    def is_aligned(self) -> bool:
        """True if it serves something."""
        return self.serves_objective_id is not None or self.serves_key_result_id is not None

    @property
    def parent_id(self) -> UUID | None:
        """The team it belongs to."""
        return self.team_id

    @property
    def is_living(self) -> bool:
        """True while it runs, as a draft or committed, not yet graded."""
        return self.stage in {Stage.DRAFT, Stage.COMMITTED} and not self.graded

    @event(Committed)
    def _committed(self) -> None:
        self.stage = Stage.COMMITTED

    @event(Reworded)
    def _reworded(self, statement: str) -> None:
        self.statement = statement

    @event(Reassigned)
    def _reassigned(self, owner_id: UUID, team_id: UUID) -> None:
        self.owner_id = owner_id
        self.team_id = team_id

    @event(Realigned)
    def _realigned(
        self,
        serves_objective_id: UUID | None,
        serves_key_result_id: UUID | None,
        weight: Decimal,
    ) -> None:
        self.serves_objective_id = serves_objective_id
        self.serves_key_result_id = serves_key_result_id
        self.weight = weight

    @event(CarriedOver)
    def _carried_over(self, into_cycle_id: UUID, as_objective_id: UUID) -> None:
        self.stage = Stage.CARRIED_OVER
        self.carried_to = as_objective_id

    @event(Graded)
    def _graded(self, adjusted_grade: Decimal | None) -> None:
        self.graded = True
        self.adjusted_grade = adjusted_grade

    @event(Reopened)
    def _reopened(self, stage: Stage) -> None:
        self.stage = stage
        self.graded = False
        self.adjusted_grade = None

    @event(Abandoned)
    def _abandoned(self) -> None:
        self.stage_before = self.stage
        self.stage = Stage.ABANDONED
