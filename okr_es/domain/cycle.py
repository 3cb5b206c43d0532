"""The cycle: the period that goals belong to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import (
    CycleHasNotStarted,
    CycleIsClosed,
    CycleIsOpen,
    Invalid,
    PlanIsCommitted,
    PlanIsEmpty,
)
from okr_es.domain.values import Controlled, exact_id, folded, needs_reason, span

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
LONGEST_SHOWN = 40
# The words for moments of a cycle: a cycle of such a name could not be distinguished from them.
WORD = re.compile(r"opened|plan-committed|cycle-end|published(?:-\d{1,9})?")


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


def require_name(name: str) -> None:
    """Refuse a name that no cycle can have."""
    if NAME.fullmatch(name) is None or exact_id(name) is not None:
        raise Invalid(
            "A cycle's name is 1 to 40 letters, digits, dots, dashes or underscores, and no UUID.",
            field="name",
        )
    if WORD.fullmatch(folded(name)):
        raise Invalid(f"{name} is a word for a moment of a cycle.", field="name")


class Cycle(Aggregate):
    """A period with a plan, committed once per team, and a result, which is published at close.

    `plan_committed` says that the plan of every team was committed, `committed_teams` are those
    whose plan was committed before that.
    """

    TOPIC = "cycle"
    STATE = {
        "plan_committed": bool,
        "committed_teams": tuple[UUID, ...],
        "closed": bool,
        "approval_required": tuple[Controlled, ...],
    }
    LATER = {"approval_required": (), "committed_teams": ()}

    class Opened(Beginning):
        """Someone opened a cycle, first to last day, for goals to be drafted in."""

        TOPIC = "cycle.opened"
        name: str
        starts: date
        ends: date

    class Renamed(Change):
        """Someone gave the cycle another name; the earlier ones stay its own. Not raised for the
        name it has.
        """

        TOPIC = "cycle.renamed"
        name: str

    class Rescheduled(Change):
        """Someone corrected the days of the cycle: they hold as if they had always been these.

        Not raised for the days it has.
        """

        TOPIC = "cycle.rescheduled"
        starts: date
        ends: date

    class PlanCommitted(Change):
        """Someone committed the plan: every change of it from now on is a revision.

        It is the plan of a team, alone or with the teams below it, or, without a team, of all.
        `teams` are those whose plan it is, without any committed before; none: all others, also
        teams that are formed later.
        """

        TOPIC = "cycle.plan_committed"
        class_version = 2
        team_id: UUID | None = None
        with_teams_below: bool = True
        teams: tuple[UUID, ...] = ()

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Complete an event of version 1: it was the plan of the whole cycle."""
            state.update(team_id=None, with_teams_below=True, teams=())

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
        self.committed_teams: tuple[UUID, ...] = ()
        self.closed = False
        self.approval_required: tuple[Controlled, ...] = ()

    @classmethod
    def open(cls, *, id: UUID, name: str, starts: date, ends: date) -> Cycle:
        """Open a cycle; its first and last day are free (fiscal calendars work)."""
        require_name(name)
        span(starts, ends)
        return cls._create(cls.Opened, id=id, name=name, starts=starts, ends=ends)

    def rename(self, name: str) -> None:
        """Give it another name."""
        require_name(name)
        if name != self.name:
            self._renamed(name)

    def reschedule(self, starts: date, ends: date, today: date, reason: str | None) -> None:
        """Correct its days; with a reason once a plan is committed, and while it is closed."""
        span(starts, ends)
        if (starts, ends) == (self.starts, self.ends):
            return
        if self.has_plan or self.closed:
            needs_reason(reason, "correct the days of a cycle that is committed or closed")
        if self.closed and today < starts:
            raise CycleHasNotStarted(
                f"{self.name} is closed; it cannot start after today.", field="starts"
            )
        self._rescheduled(starts, ends)

    def commit_plan(
        self,
        team_id: UUID | None,
        named: tuple[UUID, ...],
        promising: set[UUID],
        *,
        with_teams_below: bool,
    ) -> None:
        """Commit the plan of the `named` teams, once each; without a team those are all.

        `promising` are the teams that have a committed objective in the cycle. Teams whose plan
        was committed before are passed over; raises PlanIsCommitted where none is left, and
        PlanIsEmpty where none of those left has anything committed.
        """
        self.require_open()
        teams = tuple(each for each in named if not self.has_committed(each))
        if self.plan_committed or (named and not teams):
            raise PlanIsCommitted(f"The plan of {self.name} was committed before.")
        if not promising.intersection(teams):
            raise PlanIsEmpty(f"Nothing in it is committed: {self.name} has drafts at most.")
        self._plan_committed(team_id, with_teams_below, () if team_id is None else teams)

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

    def has_committed(self, team_id: UUID) -> bool:
        """Return whether the plan of a team was committed."""
        return self.plan_committed or team_id in self.committed_teams

    @property
    def has_plan(self) -> bool:
        """True once the plan of any team was committed."""
        return self.plan_committed or bool(self.committed_teams)

    @property
    def is_living(self) -> bool:
        """False while closed."""
        return not self.closed

    @event(Renamed)
    def _renamed(self, name: str) -> None:
        self.name = name

    @event(Rescheduled)
    def _rescheduled(self, starts: date, ends: date) -> None:
        self.starts = starts
        self.ends = ends

    @event(PlanCommitted)
    def _plan_committed(
        self,
        team_id: UUID | None,
        with_teams_below: bool,  # noqa: FBT001
        teams: tuple[UUID, ...],
    ) -> None:
        self.plan_committed = self.plan_committed or team_id is None
        self.committed_teams = (*self.committed_teams, *teams)

    @event(Closed)
    def _closed(self) -> None:
        self.closed = True

    @event(Reopened)
    def _reopened(self) -> None:
        self.closed = False

    @event(ApprovalRequired)
    def _approval_required(self, of: tuple[Controlled, ...]) -> None:
        self.approval_required = of
