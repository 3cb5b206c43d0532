"""The cycle: the period goals live in."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID, uuid5

from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import (
    CycleHasNotStarted,
    CycleIsClosed,
    CycleIsOpen,
    Invalid,
    PlanIsCommitted,
)
from okr_es.domain.values import Controlled, needs_reason, span

CYCLES = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c01")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def cycle_id(cycle_name: str) -> UUID:
    """Return the id of the cycle of that name: a name is given once, for ever."""
    return uuid5(CYCLES, cycle_name)


class NamedCycle(UUID):
    """The id of a cycle that somebody named; it still tells the name they wrote."""

    name: str

    def __init__(self, name: str) -> None:
        super().__init__(int=cycle_id(name).int)
        object.__setattr__(self, "name", name)  # an id refuses to be changed


def as_written(id_: UUID) -> str:
    """Return an id as somebody wrote it: by the name where they gave a cycle's name."""
    return id_.name if isinstance(id_, NamedCycle) else str(id_)


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
        """Someone decided what of the cycle needs approval by someone else from now on."""

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
    def open(cls, *, name: str, starts: date, ends: date) -> Cycle:
        """Open a cycle; the name is its identity, the days are its own (fiscal calendars work)."""
        if NAME.fullmatch(name) is None:
            raise Invalid(
                "A cycle's name is 1 to 40 letters, digits, dots, dashes or underscores.",
                field="name",
            )
        span(starts, ends)
        return cls._create(cls.Opened, id=cycle_id(name), name=name, starts=starts, ends=ends)

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
        """Decide what needs approval by someone else; taking some of it away needs a reason."""
        self.require_open()
        wanted = tuple(each for each in Controlled if each in of)
        if wanted == self.approval_required:
            return
        if set(self.approval_required) - set(wanted):
            needs_reason(reason, "take a requirement of approval away")
        self._approval_required(wanted)

    def require_open(self) -> None:
        """Refuse whatever would change a closed cycle's goals."""
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
