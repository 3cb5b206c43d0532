"""The team: a node of the organisation."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import (
    TeamHasLivingChildren,
    TeamHasLivingObjectives,
    TeamIsDisbanded,
    TeamIsNotDisbanded,
    TeamLoops,
)
from okr_es.domain.values import TeamKind, is_change


class Team(Aggregate):
    """A company, department or team; teams form a tree."""

    TOPIC = "team"
    STATE = {"disbanded": bool, "effective": date | None}
    LATER = {"effective": None}

    class Formed(Beginning):
        """Someone formed a team, at the top or below another."""

        TOPIC = "team.formed"
        name: str
        kind: TeamKind
        parent_id: UUID | None = None

    class Renamed(Change):
        """Someone gave a team another name. Not raised for the name it has."""

        TOPIC = "team.renamed"
        name: str

    class KindReplaced(Change):
        """Someone said that a team is of another kind. Not raised for the kind it is of."""

        TOPIC = "team.kind_replaced"
        kind: TeamKind

    class Moved(Change):
        """Someone moved a team below another, or to the top.

        `effective` is an earlier day from which it holds; null: the day it was recorded. Not raised
        for the same parent, unless it was elsewhere on a day from which that is to hold.
        """

        TOPIC = "team.moved"
        class_version = 2
        parent_id: UUID | None
        effective: date | None = None

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Bring the fields of version 1 up to version 2: it held from the day of recording."""
            state["effective"] = None

    class Disbanded(Change):
        """Someone disbanded a team that had neither teams nor running objectives left."""

        TOPIC = "team.disbanded"

    class Reinstated(Change):
        """Someone took the disbanding of a team back."""

        TOPIC = "team.reinstated"

    def __init__(self, name: str, kind: TeamKind, parent_id: UUID | None = None) -> None:
        self.name = name
        self.kind = kind
        self.parent_id = parent_id
        self.disbanded = False
        self.effective: date | None = None

    @classmethod
    def form(cls, *, id: UUID, name: str, kind: TeamKind, above: Team | None) -> Team:
        """Form a team below a living one, or at the top."""
        if above is not None:
            above.require_living("parent_id")
        parent_id = None if above is None else above.id
        return cls._create(
            cls.Formed, id=id, name=values.name(name), kind=kind, parent_id=parent_id
        )

    def rename(self, name: str) -> None:
        """Give the team another name."""
        self.require_living()
        name = values.name(name)
        if name != self.name:
            self._renamed(name)

    def replace_kind(self, kind: TeamKind) -> None:
        """Say that it is of another kind."""
        self.require_living()
        if kind != self.kind:
            self._kind_replaced(kind)

    def move(
        self,
        above: Team | None,
        ancestors: set[UUID],
        effective: date | None,
        today: date,
        *,
        since: date = date.min,
        looping_day: date | None = None,
    ) -> None:
        """Move the team, from a day on that may lie in the past; None: from today.

        `ancestors` are the ids of `above` and of all teams above that; `since` is the day from
        which the team has been where it is; `looping_day` is one in the past on which it would be
        below itself.
        """
        self.require_living()
        effective = values.effective_day(effective, today)
        if above is not None:
            above.require_living("parent_id")
        if self.id in ancestors:
            raise TeamLoops(f"{self.name} would be below itself.", field="parent_id")
        if looping_day is not None:
            raise TeamLoops(
                f"{self.name} would be below itself on {looping_day}.", field="effective"
            )
        parent_id = None if above is None else above.id
        if is_change((parent_id,), (self.parent_id,), effective, since):
            self._moved(parent_id, effective)

    def disband(self, *, living_teams: int, living_objectives: int) -> None:
        """End the team; refused while it has teams or running objectives."""
        self.require_living()
        if living_teams:
            still = "1 team" if living_teams == 1 else f"{living_teams} teams"
            lives = "lives" if living_teams == 1 else "live"
            raise TeamHasLivingChildren(f"{still} below {self.name} still {lives}.")
        if living_objectives:
            still = "1 objective" if living_objectives == 1 else f"{living_objectives} objectives"
            runs = "runs" if living_objectives == 1 else "run"
            raise TeamHasLivingObjectives(f"{still} of {self.name} still {runs}.")
        self._disbanded()

    def reinstate(self, above: Team | None) -> None:
        """Take its disbanding back, below a living team or at the top."""
        if not self.disbanded:
            raise TeamIsNotDisbanded(f"{self.name} was not disbanded.")
        if above is not None:
            above.require_living()
        self._reinstated()

    def require_living(self, field: str | None = None) -> None:
        """Refuse what needs a living team."""
        if self.disbanded:
            raise TeamIsDisbanded(f"{self.name} was disbanded.", field=field)

    @property
    def parent_stream(self) -> UUID | None:
        """The team above."""
        return self.parent_id

    @property
    def is_living(self) -> bool:
        """False once disbanded."""
        return not self.disbanded

    @event(Renamed)
    def _renamed(self, name: str) -> None:
        self.name = name

    @event(KindReplaced)
    def _kind_replaced(self, kind: TeamKind) -> None:
        self.kind = kind

    @event(Moved)
    def _moved(self, parent_id: UUID | None, effective: date | None) -> None:
        self.parent_id = parent_id
        self.effective = effective

    @event(Disbanded)
    def _disbanded(self) -> None:
        self.disbanded = True

    @event(Reinstated)
    def _reinstated(self) -> None:
        self.disbanded = False
