"""Where an objective stands, and what that refuses: it runs or is over, and is promised or not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.cycle import Cycle
from okr_es.domain.refusals import (
    AlignmentLoops,
    Invalid,
    ObjectiveIsNotCommitted,
    ObjectiveIsNotDraft,
    ObjectiveIsNotOver,
    ObjectiveIsOver,
)
from okr_es.domain.values import State, needs_reason

ONE_YEAR_DAYS = 366


class Standing:
    """What an objective is asked before something of it is decided; it changes nothing."""

    id: UUID
    team_id: UUID
    due: date | None
    aligned_to_objective_id: UUID | None
    aligned_to_key_result_id: UUID | None
    state: State
    state_before: State
    graded: bool
    promised: bool
    weight: Decimal

    def require_running(self, cycle: Cycle) -> None:
        """Refuse changes of an objective that is over or in a closed cycle."""
        cycle.require_open()
        if not self.is_living:
            raise ObjectiveIsOver(f"The objective is {'graded' if self.graded else self.state}.")

    def require_draft(self) -> None:
        """Refuse to commit to anything but a draft."""
        if self.state != State.DRAFT:
            raise ObjectiveIsNotDraft(f"The objective is {self.state}.")

    def require_committed(self, *states: State) -> None:
        """Refuse what is for a committed objective, in one of these states."""
        if self.state not in states:
            raise ObjectiveIsNotCommitted(f"The objective is {self.state}.")

    def require_gradable(self, cycle: Cycle) -> None:
        """Refuse to grade it in a closed cycle, before it is promised, and twice."""
        cycle.require_open()
        self.require_committed(State.COMMITTED, State.CARRIED_OVER)
        if self.graded:
            raise ObjectiveIsOver("The objective was graded; reopen it to grade it again.")

    def require_over(self) -> None:
        """Refuse to reopen what is neither graded nor abandoned."""
        if not self.graded and self.state != State.ABANDONED:
            raise ObjectiveIsNotOver(f"The objective is {self.state} and not graded.")

    def require_not_abandoned(self, field: str) -> None:
        """Refuse to align another objective to an abandoned one."""
        if self.state == State.ABANDONED:
            raise ObjectiveIsOver("The objective was abandoned.", field=field)

    def require_reason(self, cycle: Cycle, reason: str | None, what: str) -> None:
        """Refuse to revise a committed plan without a reason."""
        if self.is_promised(cycle):
            needs_reason(reason, what)

    def require_alignment(
        self,
        to_objective: UUID | None,
        to_key_result: UUID | None,
        weight: Decimal,
        above: set[UUID],
    ) -> None:
        """Refuse to align it to two things, or through others to itself; `above` are those.

        Only an alignment has a weight: one of nothing is refused.
        """
        if to_objective is not None and to_key_result is not None:
            both = "An objective is aligned to one objective or one key result."
            raise Invalid(both, field="aligned_to_key_result_id")
        if to_objective is None and to_key_result is None and weight != self.weight:
            raise Invalid("It is aligned to nothing that it could weigh for.", field="weight")
        if self.id in above:
            field = f"aligned_to_{'objective' if to_objective else 'key_result'}_id"
            raise AlignmentLoops("The objective would be aligned to itself.", field=field)

    def is_promised(self, cycle: Cycle) -> bool:
        """Return whether it is part of a committed plan, wherever it was moved since."""
        return self.was_committed and (self.promised or cycle.has_committed(self.team_id))

    def comes_to_plan(self, cycle: Cycle, team_id: UUID) -> bool:
        """Return whether it is added to a committed plan by a move into a team."""
        is_ready = self.was_committed and not self.is_promised(cycle)
        return is_ready and cycle.has_committed(team_id)

    def is_long(self, cycle: Cycle) -> bool:
        """True if it runs for more than a year, which a warning points out."""
        return ((self.due or cycle.ends) - cycle.starts).days + 1 > ONE_YEAR_DAYS

    @property
    def was_committed(self) -> bool:
        """True if it is more than a draft; of one that was abandoned, if it was then."""
        state = self.state_before if self.state == State.ABANDONED else self.state
        return state != State.DRAFT

    @property
    def is_aligned(self) -> bool:
        """True if it is aligned to something."""
        return self.aligned_to_objective_id is not None or self.aligned_to_key_result_id is not None

    @property
    def parent_stream(self) -> UUID | None:
        """The team it belongs to."""
        return self.team_id

    @property
    def is_living(self) -> bool:
        """True while it runs, as a draft or committed, not yet graded."""
        return self.state in {State.DRAFT, State.COMMITTED} and not self.graded


def due_day(due: date | None, cycle: Cycle) -> date | None:
    """Return the day something is due; refuse one before its cycle. None: the cycle's last."""
    if due is not None and values.day(due, "due") < cycle.starts:
        raise Invalid("due lies before the cycle starts.", field="due")
    return due


def effective_day(effective: date | None, today: date, cycle: Cycle) -> date | None:
    """Return the day from which a hand-over holds, today or before, but not before the cycle."""
    effective = values.effective_day(effective, today)
    if effective is not None and effective < cycle.starts:
        raise Invalid("effective lies before the cycle starts.", field="effective")
    return effective


def grade_by_hand(grade: Decimal | None, reason: str | None) -> Decimal | None:
    """Return an adjusted grade (0..1), which needs a reason; None: as computed."""
    if grade is not None:
        if not 0 <= values.exact(grade, "adjusted_grade") <= 1:
            raise Invalid("A grade lies within 0..1.", field="adjusted_grade")
        needs_reason(reason, "adjust a grade")
    return grade
