"""The cycle: the period that goals belong to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import (
    CycleHasNotStarted,
    CycleIsClosed,
    CycleIsOpen,
    Invalid,
    PlanIsCommitted,
)
from okr_es.domain.values import Controlled, exact_id, folded, needs_reason, span

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
LONGEST_SHOWN = 40


@dataclass(frozen=True)
class CycleName:
    """The name of a cycle as somebody wrote it, in upper or lower case."""

    written: str

    def __str__(self) -> str:
        return self.written

    @property
    def folded(self) -> str:
        """The name as names are compared and looked up."""
        return folded(self.written)


CycleRef = UUID | CycleName


def parse_cycle(written: str, field: str | None = None) -> CycleRef:
    """Return the id or the name that a text is; an id is written out in full.

    Raises Invalid, with the field, where it is neither. Whether there is such a cycle is not
    looked up here.
    """
    if (id_ := exact_id(written)) is not None:
        return id_
    if NAME.fullmatch(written):
        return CycleName(written)
    shown = written[:LONGEST_SHOWN] + "…" * (len(written) > LONGEST_SHOWN)
    raise Invalid(f"{shown} is neither the UUID nor the name of a cycle.", field=field)


class Cycle(Aggregate):
    """A period with a plan, which is committed once, and a result, which is published at close."""

    TOPIC = "cycle"
    STATE = {
        "plan_committed": bool,
        "closed": bool,
        "approval_required": tuple[Controlled, ...],
    }
    LATER = {"approval_required": ()}

    class Opened(Beginning):
        """Someone opened a cycle, first to last day, for goals to be drafted in."""

        TOPIC = "cycle.opened"
        name: str
        starts: date
        ends: date

    class PlanCommitted(Change):
        """Someone committed the plan of the cycle: every change of it from now on is a revision."""

        TOPIC = "cycle.plan_committed"

    class Closed(Change):
        """Someone closed the cycle and so published its result."""

        TOPIC = "cycle.closed"

    class Reopened(Change):
        """Someone reopened a closed cycle, with a reason; what was published stays published."""

        TOPIC = "cycle.reopened"

    class ApprovalRequired(Change):
        """Someone set what in the cycle needs approval by someone else from now on."""

        TOPIC = "cycle.approval_required"
        of: tuple[Controlled, ...]

    def __init__(self, name: str, starts: date, ends: date) -> None:
        self.name = name
        self.starts = starts
        self.ends = ends
        self.plan_committed = False
        self.closed = False
        self.approval_required: tuple[Controlled, ...] = ()

    @classmethod
    def open(cls, *, id: UUID, name: str, starts: date, ends: date) -> Cycle:
        """Open a cycle; its first and last day are free (fiscal calendars work)."""
        if NAME.fullmatch(name) is None or exact_id(name) is not None:
            raise Invalid(
                "A cycle's name is 1 to 40 letters, digits, dots, dashes or underscores, and no "
                "UUID.",
                field="name",
            )
        span(starts, ends)
        return cls._create(cls.Opened, id=id, name=name, starts=starts, ends=ends)

    def commit_plan(self) -> None:
        """Commit the plan, once."""
        self.require_open()
        if self.plan_committed:
            raise PlanIsCommitted(f"The plan of {self.name} was committed before.")
        self._plan_committed()

    def close(self, today: date) -> None:
        """Close the cycle; not before its first day."""
        self.require_open()
        if today < self.starts:
            raise CycleHasNotStarted(f"{self.name} starts on {self.starts}.")
        self._closed()

    def reopen(self, reason: str | None) -> None:
        """Reopen a closed cycle."""
        if not self.closed:
            raise CycleIsOpen(f"{self.name} is open.")
        needs_reason(reason, "reopen a cycle")
        self._reopened()

    def require_approval(self, of: tuple[Controlled, ...], reason: str | None) -> None:
        """Set what needs approval by someone else; removing some of it needs a reason."""
        self.require_open()
        wanted = tuple(each for each in Controlled if each in of)
        if wanted == self.approval_required:
            return
        if set(self.approval_required) - set(wanted):
            needs_reason(reason, "take a requirement of approval away")
        self._approval_required(wanted)

    def require_open(self) -> None:
        """Refuse any change of a closed cycle's goals."""
        if self.closed:
            raise CycleIsClosed(f"{self.name} is closed.")

    @property
    def is_living(self) -> bool:
        """False while closed."""
        return not self.closed

    @event(PlanCommitted)
    def _plan_committed(self) -> None:
        self.plan_committed = True

    @event(Closed)
    def _closed(self) -> None:
        self.closed = True

    @event(Reopened)
    def _reopened(self) -> None:
        self.closed = False

    @event(ApprovalRequired)
    def _approval_required(self, of: tuple[Controlled, ...]) -> None:
        self.approval_required = of
