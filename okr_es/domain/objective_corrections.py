"""What an objective decides about changes of its words, its due day, commitment and weight."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from okr_es.domain import values
from okr_es.domain.corrections import Versions
from okr_es.domain.cycle import Cycle
from okr_es.domain.objective_standing import Standing, due_day
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import Commitment, needs_reason


class CorrectableObjective(Standing):
    """What can be changed of an objective without another owner or alignment."""

    version: int
    weight: Decimal
    title: str
    description: str | None
    confidential: bool
    commitment: Commitment
    _retitled: Any
    _described: Any
    _kept_confidential: Any
    _opened_to_all: Any
    _rescheduled: Any
    _commitment_replaced: Any
    _corrected: Any

    def retitle(self, title: str, cycle: Cycle, reason: str | None) -> None:
        """Change its title; once promised, with a reason."""
        title = values.text(title, "title")
        self.require_running(cycle)
        if title != self.title:
            self.require_reason(cycle, reason, "retitle an objective of a committed plan")
            self._retitled(title)

    def describe(self, description: str | None, cycle: Cycle) -> None:
        """Describe it in words, which promise nothing; None takes them away."""
        description = values.maybe_text(description, "description")
        self.require_running(cycle)
        if description != self.description:
            self._described(description)

    def keep_confidential(self) -> None:
        """Let few read its words, and those of its key results, also when it is over."""
        if not self.confidential:
            self._kept_confidential()

    def open_to_all(self) -> None:
        """Let everybody read its words again."""
        if self.confidential:
            self._opened_to_all()

    def reschedule(self, due: date | None, cycle: Cycle, reason: str | None) -> None:
        """Change the day it is due; once promised, with a reason. None: its cycle's last day."""
        self.require_running(cycle)
        if due_day(due, cycle) != self.due:
            self.require_reason(cycle, reason, "reschedule an objective of a committed plan")
            self._rescheduled(due)

    def replace_commitment(self, commitment: Commitment, cycle: Cycle, reason: str | None) -> None:
        """Expect it in full or in part from now on; once promised, with a reason."""
        self.require_running(cycle)
        if commitment != self.commitment:
            what = "replace the commitment of an objective of a committed plan"
            self.require_reason(cycle, reason, what)
            self._commitment_replaced(commitment)

    def correct(
        self,
        weight: Decimal,
        versions: Versions,
        number: int | None,
        cycle: Cycle,
        reason: str | None,
    ) -> None:
        """Correct the weight of its alignment in one of its versions; None: the one in force."""
        self.require_running(cycle)
        place = versions.place(number, self.version)
        if versions.all[place].values["aligned_to"] is None:
            raise Invalid("It was aligned to nothing in that version.", field="weight")
        for wrong in versions.wrong(place, {"weight": values.weight(weight)}):
            needs_reason(reason, "correct what an objective promises")
            said, meant = wrong.said["weight"], wrong.meant["weight"]
            now = meant if wrong.until is None else self.weight
            self._corrected(wrong.since, wrong.until, said, meant, now)
