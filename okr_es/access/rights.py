"""Who may do and see what: one table, of lines and roles, and the function that reads it.

A person has the rights of a member and those of each role they have; one role takes nothing away
from another. What is not in the table is not allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.values import PeopleFigures, Role

MEMBER, INGEST_KEY = "member", "ingest_key"
COLUMNS = (MEMBER, *map(str, (Role.LEAD, Role.HR, Role.AUDITOR, Role.ADMINISTRATOR)), INGEST_KEY)


class Line(StrEnum):
    """A line of the table: what may be done or seen."""

    SEE = "see"
    GOALS = "goals"
    PLANS = "plans"
    CYCLES = "cycles"
    READINGS = "readings"
    APPROVE = "approve"
    REVIEWS = "reviews"
    FIGURES = "figures"
    PERSONAL = "personal"
    AUDIT = "audit"
    ACCESS_LOG = "access_log"
    DIRECTORY = "directory"


class Part(StrEnum):
    """A part of a line that a role may have alone, or may not have."""

    GRADE = "grade"
    PLAN = "plan"
    POLICY = "policy"
    CALENDAR = "calendar"
    GRANT = "grant"
    READ = "read"
    CHANGE = "change"
    ERASURE = "erasure"
    PEOPLE = "people"
    TEAMS = "teams"
    CONFIGURATION = "configuration"


class Answer(IntEnum):
    """Whether somebody may: not, together with somebody else, or alone."""

    NO = 0
    WITH_ANOTHER = 1
    YES = 2


class Held(NamedTuple):
    """A role somebody has: without a team for the whole organisation, of a key for some KPIs."""

    role: str
    team_id: UUID | None = None
    kpi_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class About:
    """What something is done about.

    `owners` are the people whose own it is: who owns a goal, who a text or a role is about, who did
    what is looked at. `teams` are its team and all above it. Without a `part` any part is meant.
    Of a request to decide about, `asked_by` are who asked and for whom, and `asked_as` the roles
    that who asked has today; it is None of all else.
    """

    owners: frozenset[UUID] = frozenset()
    deputies: frozenset[UUID] = frozenset()
    asked_by: frozenset[UUID] = frozenset()
    asked_as: frozenset[str] | None = None
    teams: frozenset[UUID] = frozenset()
    kpi_id: UUID | None = None
    part: Part | None = None
    people_figures: PeopleFigures = PeopleFigures.OWN_AND_LEADS

    def has(self, *parts: Part) -> bool:
        """Return whether one of some parts may be meant."""
        return self.part is None or self.part in parts


class Case(NamedTuple):
    """Somebody, a role they have, and what they want to do something about."""

    actor: UUID
    held: Held
    about: About

    @property
    def is_own(self) -> bool:
        """It is the actor's own."""
        return self.actor in self.about.owners

    @property
    def is_asked_for(self) -> bool:
        """The actor asked for it, or it is their own."""
        return self.is_own or self.actor in self.about.asked_by

    @property
    def in_scope(self) -> bool:
        """It is in the subtree the role is for; all is, without a team."""
        return self.held.team_id is None or self.held.team_id in self.about.teams


# ---- the cells: each word of the table, and what it allows -----------------------------------

Cell = Callable[[Case], bool | Answer]
CELLS: dict[str, Cell] = {}


def cell(word: str) -> Callable[[Cell], Cell]:
    """Note what a word of the table allows."""

    def noted(allows: Cell) -> Cell:
        CELLS[word] = allows
        return allows

    return noted


CELLS |= {
    "no": lambda _: False,
    "yes": lambda _: True,
    "own": lambda case: case.is_own,
    "own only": lambda case: case.is_own,
    "own doings": lambda case: case.is_own,
    "own read": lambda case: case.is_own and case.about.has(Part.READ),
    "owner or deputy": lambda case: case.is_own or case.actor in case.about.deputies,
    "subtree": lambda case: case.in_scope,
    "in scope": lambda case: case.in_scope,
    "read in scope": lambda case: case.in_scope and case.about.has(Part.READ),
    "teams of subtree": lambda case: case.in_scope and case.about.has(Part.TEAMS),
    "subtree, not own or asked by them": lambda case: case.in_scope and not case.is_asked_for,
    "adjusted grades": lambda case: case.about.has(Part.GRADE) and not case.is_asked_for,
    "people": lambda case: case.about.has(Part.PEOPLE),
    "people's": lambda case: case.about.has(Part.PEOPLE),
    "configuration": lambda case: case.about.has(Part.CONFIGURATION),
    "its KPIs": lambda case: case.about.kpi_id in case.held.kpi_ids,
    "named KPIs": lambda case: case.about.kpi_id in case.held.kpi_ids,
    # They approve, by another line; nothing of this one is theirs.
    "grades: approve": lambda _: False,
}


@cell("subtree, not own grade alone")
def not_own_grade_alone(case: Case) -> Answer:
    """A lead grades their own goal only with somebody else."""
    if not case.in_scope:
        return Answer.NO
    is_own_grade = case.is_own and case.about.part == Part.GRADE
    return Answer.WITH_ANOTHER if is_own_grade else Answer.YES


@cell("policy, calendar, own grants of others")
def approves_settings(case: Case) -> bool:
    """An administrator approves settings, and grants that are not about themselves."""
    return case.about.has(Part.POLICY, Part.CALENDAR, Part.GRANT) and not case.is_asked_for


@cell("as people_figures says")
def as_chosen(case: Case) -> bool:
    """Figures per person: what the organisation chose decides, and names no auditor."""
    chosen, role = case.about.people_figures, case.held.role
    if chosen == PeopleFigures.OFF:
        return False
    allowed = {
        MEMBER: case.is_own,
        Role.LEAD: case.in_scope,
        Role.HR: chosen == PeopleFigures.HR_TOO,
    }
    return allowed.get(role, False)


@cell("with HR")
def with_hr(case: Case) -> Answer:
    """An administrator asks, and HR approves; or HR asked, and an administrator approves."""
    if case.about.asked_as is None:
        return Answer.WITH_ANOTHER
    return seconded(case, Role.HR)


@cell("yes (erasure: two of them, or HR and administrator)")
def erases_with_another(case: Case) -> Answer:
    """HR erases nobody alone, and changes nothing alone about themselves."""
    if case.about.asked_as is not None:
        return seconded(case, Role.HR, Role.ADMINISTRATOR)
    is_own_change = case.is_own and case.about.part == Part.CHANGE
    takes_two = is_own_change or case.about.part == Part.ERASURE
    return Answer.WITH_ANOTHER if takes_two else Answer.YES


def seconded(case: Case, *roles: Role) -> Answer:
    """Approve what somebody with one of some roles asks for: not whom it is about, or who asked."""
    with_them = not (case.about.asked_as or frozenset()).isdisjoint(roles)
    return Answer.YES if with_them and not case.is_asked_for else Answer.NO


@cell("yes, not to themselves")
def not_to_themselves(case: Case) -> bool:
    """An administrator grants nothing to themselves."""
    return not (case.is_own and case.about.part == Part.GRANT)


# ---- the table -------------------------------------------------------------------------------

# Line: the words of the cells, in the order of COLUMNS.
FIGURES = "as people_figures says"
TABLE: dict[Line, tuple[str, str, str, str, str, str]] = {
    Line.SEE: ("yes", "yes", "yes", "yes", "yes", "its KPIs"),
    Line.GOALS: ("own", "subtree", "no", "own only", "own only", "no"),
    Line.PLANS: ("no", "subtree, not own grade alone", "grades: approve", "no", "no", "no"),
    Line.CYCLES: ("no", "no", "no", "no", "yes", "no"),
    Line.READINGS: ("owner or deputy", "subtree", "no", "no", "no", "named KPIs"),
    Line.APPROVE: (
        "no", "subtree, not own or asked by them", "adjusted grades", "no",
        "policy, calendar, own grants of others", "no",
    ),
    Line.REVIEWS: ("own", "subtree", "yes", "in scope", "no", "no"),
    Line.FIGURES: (FIGURES, FIGURES, FIGURES, FIGURES, "no", "no"),
    Line.PERSONAL: (
        "own read", "no", "yes (erasure: two of them, or HR and administrator)", "read in scope",
        "with HR", "no",
    ),
    Line.AUDIT: ("own doings", "subtree", "people's", "in scope", "configuration", "no"),
    Line.ACCESS_LOG: ("own", "no", "no", "in scope", "no", "no"),
    Line.DIRECTORY: ("no", "teams of subtree", "people", "no", "yes, not to themselves", "no"),
}  # fmt: skip


def word_of(line: Line, role: str) -> str:
    """Return the cell of a line and a role, in words."""
    return TABLE[line][COLUMNS.index(role)]


def by_role(line: Line, actor: UUID, held: Held, about: About) -> Answer:
    """Return whether somebody may do what a line says about something, by one role they have."""
    allowed = CELLS[word_of(line, held.role)](Case(actor, held, about))
    if isinstance(allowed, Answer):
        return allowed
    return Answer.YES if allowed else Answer.NO


def may(line: Line, actor: UUID, roles: Iterable[Held], about: About) -> Answer:
    """Return whether somebody may do what a line says about something, by any role they have.

    `roles` are those in force; everybody who is registered and there has that of a member.
    """
    return max((by_role(line, actor, held, about) for held in roles), default=Answer.NO)
