"""Who had which role, and who could do what, worked out from the log in the plainest way.

Written from the issue and the pages of the documentation; no code of handlers, rights or
projections. Every list is looked through from its beginning, for each moment at least.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.domain.base import Change
from okr_es.domain.grant import Grant
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.people_figures import PeopleFiguresChoice
from okr_es.domain.person import Person
from okr_es.domain.team import Team

BEGINNING = date(1, 1, 1)
ALONE, TOGETHER = True, False


class Fact(NamedTuple):
    """An event, where it stands, and on which day it was recorded."""

    position: int
    recorded: date
    event: Change


class HasRole(NamedTuple):
    """A role of a person, as known by some position."""

    id: str
    person: UUID
    role: str
    team: UUID | None
    starts: date
    ends: date | None


class Thing(NamedTuple):
    """What a question is about: whose it is, who stands in, and where it is on the day."""

    owners: frozenset[UUID] = frozenset()
    deputies: frozenset[UUID] = frozenset()
    teams: frozenset[UUID] = frozenset()


class Moment:
    """What was known by a position, about a day."""

    def __init__(self, log: Sequence[Fact], known: int, day: date) -> None:
        self.day = day
        self.known = [each for each in log if each.position <= known]
        self.by_then = [each for each in self.known if each.recorded <= day]

    # ---- people and roles -----------------------------------------------------------------

    def there(self) -> Set[UUID]:
        """Who is registered by the end of the day, not erased, and has not left by the day."""
        return self.found_there

    @cached_property
    def found_there(self) -> Set[UUID]:
        """What `there` answers, looked for once."""
        registered = {f.event.originator_id for f in self.by_then
                      if isinstance(f.event, Person.Registered)}  # fmt: skip
        erased = {f.event.originator_id for f in self.by_then if isinstance(f.event, Person.Erased)}
        return {each for each in registered - erased if self.is_active(each)}

    def is_active(self, person: UUID) -> bool:
        """Leaving and returning take the place of what was said from their day on."""
        turns: list[tuple[date, bool]] = []
        for fact in self.known:
            event = fact.event
            if event.originator_id != person or not isinstance(
                event, Person.Deactivated | Person.Reactivated
            ):
                continue
            here = isinstance(event, Person.Reactivated)
            before = [each for each in turns if each[0] < event.effective]
            was_here = before[-1][1] if before else True
            if was_here != here:
                before.append((event.effective, here))
            elif before and len(before) == len(turns):
                before[-1] = (event.effective, here)
            turns = before
        return [True, *(here for since, here in turns if since <= self.day)][-1]

    def roles(self) -> Sequence[HasRole]:
        """Every role that was ever given, with the last day it has."""
        return self.found_roles

    @cached_property
    def found_roles(self) -> Sequence[HasRole]:
        """What `roles` answers, looked for once."""
        found: dict[UUID, HasRole] = {}
        for fact in self.known:
            match fact.event:
                case Grant.Given() as event:
                    found[event.originator_id] = HasRole(
                        str(event.originator_id), event.person_id, str(event.role), event.team_id,
                        event.starts, event.ends,
                    )  # fmt: skip
                case Grant.Rescheduled(originator_id=id_, ends=ends):
                    found[id_] = found[id_]._replace(ends=ends)
                case Grant.Ended(originator_id=id_, effective=effective):
                    found[id_] = found[id_]._replace(ends=effective - timedelta(days=1))
        return sorted(found.values(), key=lambda each: (each.starts, each.id))

    def holds(self, role: HasRole) -> bool:
        """Whether it is one of the days from the first to the last."""
        return role.starts <= self.day and (role.ends is None or self.day <= role.ends)

    # ---- where things are -----------------------------------------------------------------

    def above(self, team: UUID | None) -> frozenset[UUID]:
        """A team and all above it, each as its last move before the day has it."""
        found: set[UUID] = set()
        while team is not None and team not in found:
            found.add(team)
            team = self.parent(team)
        return frozenset(found)

    def parent(self, team: UUID) -> UUID | None:
        moves: list[tuple[date, UUID | None]] = []
        last: UUID | None = None
        for fact in self.known:
            event = fact.event
            if event.originator_id != team:
                continue
            if isinstance(event, Team.Formed):
                moves, last = [(BEGINNING, event.parent_id)], event.parent_id
            elif isinstance(event, Team.Moved):
                if event.parent_id != last or event.effective is not None:
                    passed(moves, event.effective or fact.recorded, event.parent_id)
                last = event.parent_id
        return [parent for since, parent in moves if since <= self.day][-1]

    def objective(self, id_: UUID) -> tuple[UUID, UUID]:
        """The owner and the team on the day."""
        held: dict[str, list[tuple[date, Any]]] = {"owner_id": [], "team_id": []}
        last: dict[str, UUID] = {}
        for fact in self.known:
            event = fact.event
            if event.originator_id != id_:
                continue
            if isinstance(event, Objective.Drafted):
                for field in held:
                    last[field] = getattr(event, field)
                    held[field] = [(BEGINNING, last[field])]
            elif isinstance(event, Objective.Reassigned):
                for field, by_days in held.items():
                    now = getattr(event, field)
                    if now != last[field] or field in (event.redated or ()):
                        passed(by_days, event.effective or fact.recorded, now)
                    last[field] = now
        owner, team = (
            [value for since, value in each if since <= self.day][-1] for each in held.values()
        )
        return owner, team

    def last(self, id_: UUID, *events: type[Change]) -> list[Change]:
        """The events of some types that something had by the end of the day."""
        return [f.event for f in self.by_then
                if f.event.originator_id == id_ and isinstance(f.event, events)]  # fmt: skip

    def goal(self, id_: UUID) -> Thing | None:
        """Whose a goal is; None before there is one."""
        first = next((f.event for f in self.by_then if f.event.originator_id == id_), None)
        match first:
            case Objective.Drafted():
                owner, team = self.objective(id_)
                owners = {owner}
            case KeyResult.Added(objective_id=objective_id):
                owner, team = self.objective(objective_id)
                own = self.last(id_, KeyResult.Added, KeyResult.Reassigned)[-1].owner_id  # type: ignore[attr-defined]
                owners = {owner} | ({own} if own else set())
            case Kpi.Defined():
                said: Any = self.last(id_, Kpi.Defined, Kpi.Reassigned)[-1]
                owners, team = {said.owner_id}, said.team_id
            case _:
                return None
        deputies = {each for owner in owners for each in self.deputy(owner)}
        return Thing(frozenset(owners), frozenset(deputies), self.above(team))

    def deputy(self, owner: UUID) -> list[UUID]:
        """Who stands in for somebody on the day, if anybody does."""
        said = self.last(owner, Person.DeputyNamed, Person.DeputyWithdrawn)
        match said[-1:]:
            case [Person.DeputyNamed(deputy_id=deputy, starts=starts, ends=ends)]:
                return [deputy] if starts <= self.day <= ends else []
        return []

    def figures(self) -> str:
        """Which figures per person existed, by the last choice by the end of the day."""
        chosen = PeopleFiguresChoice.Chosen | PeopleFiguresChoice.Replaced
        said = [f.event for f in self.by_then if isinstance(f.event, chosen)]
        return str(said[-1].people_figures) if said else "own_and_leads"  # type: ignore[attr-defined]

    # ---- who could --------------------------------------------------------------------------

    def who_could(self, line: str, thing: Thing) -> dict[str, list[tuple[str, str | None, bool]]]:
        """Who could, by which roles (each with its grant), and whether alone."""
        found: dict[str, list[tuple[str, str | None, bool]]] = {}
        for person in self.there():
            mine = [HasRole("", person, "member", None, BEGINNING, None)]
            mine += [each for each in self.roles() if each.person == person and self.holds(each)]
            for role in mine:
                alone = self.by_role(line, role, thing)
                if alone is not None:
                    found.setdefault(str(person), []).append((role.role, role.id or None, alone))
        return found

    def by_role(self, line: str, role: HasRole, thing: Thing) -> bool | None:
        """The columns of the table, one after the other; None: not at all."""
        own = role.person in thing.owners
        within = role.team is None or role.team in thing.teams
        return COLUMNS[role.role](line, own, within, role.person in thing.deputies, self.figures())


def passed(held: list[tuple[date, Any]], since: date, value: Any) -> None:
    """From a day on it is another's, whatever was said of the days from there on."""
    while held and held[-1][0] >= since:
        held.pop()
    held.append((since, value))


def member(line: str, own: bool, _: bool, deputy: bool, figures: str) -> bool | None:
    if line == "see":
        return ALONE
    if line == "figures" and figures == "off":
        return None
    if line == "readings" and deputy:
        return ALONE
    lines = {"goals", "readings", "reviews", "figures", "personal", "audit", "access_log"}
    return ALONE if own and line in lines else None


def lead(line: str, own: bool, within: bool, _: bool, figures: str) -> bool | None:
    if line == "see":
        return ALONE
    if not within or (line == "figures" and figures == "off") or (line == "approve" and own):
        return None
    lines = {"goals", "plans", "readings", "approve", "reviews", "figures", "audit", "directory"}
    return ALONE if line in lines else None


def hr(line: str, own: bool, _: bool, __: bool, figures: str) -> bool | None:
    if line == "figures":
        return ALONE if figures == "hr_too" else None
    if line == "approve":
        return None if own else ALONE
    return ALONE if line in {"see", "reviews", "personal", "audit", "directory"} else None


def auditor(line: str, own: bool, within: bool, _: bool, __: str) -> bool | None:
    if line in {"see", "goals"}:
        return ALONE if line == "see" or own else None
    return ALONE if within and line in {"reviews", "personal", "audit", "access_log"} else None


def administrator(line: str, own: bool, _: bool, __: bool, ___: str) -> bool | None:
    if line == "goals":
        return ALONE if own else None
    if line == "approve":
        return None if own else ALONE
    if line == "personal":
        return TOGETHER
    return ALONE if line in {"see", "cycles", "audit", "directory"} else None


COLUMNS: dict[str, Callable[[str, bool, bool, bool, str], bool | None]] = {
    "member": member, "lead": lead, "hr": hr, "auditor": auditor, "administrator": administrator,
}  # fmt: skip
