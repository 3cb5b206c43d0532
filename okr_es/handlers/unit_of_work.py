"""The unit of work of one command: what it loaded, what it decided, and its read set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Repository
from sqlalchemy import bindparam, select

from okr_es.access.secrets import Secret, new_secret
from okr_es.commands import Command
from okr_es.context import Context, Thing
from okr_es.database.database import Database
from okr_es.database.dialect import Dialect
from okr_es.domain.api_key import ApiKey
from okr_es.domain.approval import Approval
from okr_es.domain.base import Aggregate, Change
from okr_es.domain.calendar import CALENDAR_ID, OrganisationCalendar
from okr_es.domain.cycle import Cycle, CycleName
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.person import Person
from okr_es.domain.policy import ScoringPolicy
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import Conflict, NotFound, PersonIsUnknown
from okr_es.domain.signing_key import SigningKey
from okr_es.domain.team import Team
from okr_es.handlers.aggregate_cache import AggregateCache, looks_only
from okr_es.handlers.warnings import Fact, Warnings
from okr_es.log.append import Appended, StaleDecision
from okr_es.log.calendars import CALENDAR_VERSION, LoggedCalendars
from okr_es.log.course import HASH_AT, Course
from okr_es.log.mapper import topic_of
from okr_es.log.names import CYCLE
from okr_es.log.schema import streams
from okr_es.log.stream_states import decode_aggregate
from okr_es.people.directory import Directory
from okr_es.scoring.calendar import Calendars

NOT_READ_YET = -1

A = TypeVar("A", bound=Aggregate)

NOUNS = {
    KeyResult: "key result",
    Kpi: "KPI",
    ScoringPolicy: "scoring policy",
    SigningKey: "signing key",
    ApiKey: "api key",
    Approval: "request",
    OrganisationCalendar: "calendar",
}

# The events by which a child comes to live under a parent: what such a decision is guarded by.
JOINS: dict[type[Aggregate], tuple[str, ...]] = {
    Team: ("team.formed", "team.moved", "team.reinstated"),
    Objective: ("objective.drafted", "objective.reassigned", "objective.reopened"),
    KeyResult: ("key_result.added", "key_result.moved", "key_result.reinstated"),
    SigningKey: ("signing_key.adopted",),
}
# What makes a cycle hold other days, or closes or opens it again.
CYCLES_MOVE = tuple(map(topic_of, (Cycle.Opened, Cycle.Rescheduled, Cycle.Closed, Cycle.Reopened)))
CHILDREN = select(streams.c.stream).where(
    streams.c.parent == bindparam("parent"),
    streams.c.type == bindparam("type"),
    streams.c.living.is_(True),
)


@dataclass(frozen=True)
class ApprovedPart:
    """What an approved request asked for: the events from `first` on, with their own context.

    They are by the person who approves, on behalf of the person who asked, whose reason they carry.
    """

    first: int
    context: Context
    command: Command


class LateCorrection(NamedTuple):
    """A correction of a promise that comes late: of which cycle, and the command it asks for."""

    cycle_id: UUID
    command: Command


class UnitOfWork:
    """Loads aggregates and collects what was decided about them.

    It notes the position the decision is made at and every stream it looked at, so that the
    append can refuse a decision whose read set has changed meanwhile; and the last event it has
    seen, so that nothing decided on one log is appended to another.
    """

    def __init__(
        self,
        database: Database,
        repository: Repository[UUID],
        context: Context,
        calendars: LoggedCalendars,
        now: datetime,
        cache: AggregateCache | None = None,
        directory: Directory | None = None,
        new_signing_key: Callable[[], str] | None = None,
        course: Course | None = None,
    ) -> None:
        self.database = database
        self.repository = repository
        self.context = context
        self.logged_calendars = calendars
        self.now = now
        self.after = NOT_READ_YET
        self.course = course or Course()
        self.seen = self.course.seen
        self.cache = cache
        self.new_signing_key = new_signing_key or no_key
        self.ahead_of_database: Callable[[], int | None] = lambda: None  # the server's clock
        self.signing_keys: list[str] = []  # made for this command
        self.new_secret: Callable[[], Secret] = new_secret
        self.secret: str | None = None  # of a new api key, for who asked for it alone
        self.directory = directory
        self.approved: ApprovedPart | None = None
        self.late_correction: LateCorrection | None = None
        self.approval_id: UUID | None = None
        self.needs_another = False  # by the table of rights, nobody does this alone
        self.roles: list[Any] = []  # of who calls, once they were looked for
        self.from_cache = False
        self.loaded: dict[UUID, Aggregate] = {}
        self.stored: dict[UUID, tuple[str, int, bytes]] = {}
        self.changed: dict[UUID, Aggregate] = {}
        self.events: list[Change] = []
        self.guard_types: set[str] = set()
        self.all_cycles: list[Cycle] | None = None
        self.warnings = Warnings()

    @property
    def calendars(self) -> Calendars:
        """The organisation's calendars, as of the position the decision is made at."""
        return self.logged_calendars.current

    @property
    def today(self) -> date:
        """The current date in the organisation's calendar; while seeding, the seed's."""
        return self.calendars.day_of(self.now)

    @property
    def reason(self) -> str | None:
        """The reason of the command."""
        return self.context.reason

    def warn(
        self,
        code: str,
        things: Iterable[Aggregate | Thing] = (),
        count: int | None = None,
        **facts: Fact,
    ) -> None:
        """Warn of something, by a code of `okr_es.warning_catalogue`.

        `count` says how many there are of what it warns of: the number of things unless given.
        Facts are what the sentence names besides; never a text, which could be personal.
        """
        self.warnings.add(code, things, count, facts)

    def make_signing_key(self) -> str:
        """Make a new signing key; return its public half."""
        self.signing_keys.append(self.new_signing_key())
        return self.signing_keys[-1]

    def fetch(self, ids: set[UUID]) -> None:
        """Load what exists of these streams, by one statement."""
        missing = [id_ for id_ in ids if id_ not in self.loaded and not self.load_from_cache(id_)]
        if not missing and self.after != NOT_READ_YET:
            return
        rows = self.stored_states(missing)
        self.note_log(*rows[0][:3])
        self.logged_calendars.up_to(rows[0][3])
        for *_, stream, kind, version, state in rows:
            if stream is not None:
                id_ = UUID(stream)
                self.stored[id_] = kind, version, state
                self.loaded[id_] = decode_aggregate(kind, id_, version, bytes(state))

    def stored_states(self, ids: Iterable[UUID]) -> Sequence[Sequence[Any]]:
        """Return rows of the log, calendar, stream, type, version and state; one at least.

        Of the log there is its last position, the hash of that, and that of what was seen last.
        """
        dialect = self.database.dialect
        parameters = {"ids": dialect.array(ids), "seen": self.seen.position}
        return self.database.rows(states_statement(dialect), parameters)

    def states(self, ids: Iterable[UUID]) -> list[Aggregate]:
        """Return streams as they are stored, for a warning: the decision does not rest on them."""
        return [
            decode_aggregate(kind, UUID(stream), version, bytes(state))
            for *_, stream, kind, version, state in self.stored_states(ids)
            if stream is not None
        ]

    def cycles(self) -> list[Cycle]:
        """Return all cycles; one that is opened, closed or reopened makes the decision stale.

        They come from the cache where it has them, and go there with what a reading loaded.
        """
        if self.all_cycles is not None:
            return self.all_cycles
        self.guard_types.update(CYCLES_MOVE)
        cached = None if self.cache is None else self.cache.cycles
        if cached is not None:
            self.note_position(cached.position)
            self.from_cache = True
            self.all_cycles = cached.cycles
            return cached.cycles
        parameters = {"kind": CYCLE, "seen": self.seen.position}
        rows = self.database.rows(cycles_statement(self.database.dialect), parameters)
        self.note_log(*rows[0][:3])
        found = [
            decode_aggregate(kind, UUID(stream), version, bytes(state))
            for *_, stream, kind, version, state in rows
            if stream is not None
        ]
        self.all_cycles = [each for each in found if isinstance(each, Cycle)]
        return self.all_cycles

    def load_from_cache(self, id_: UUID) -> bool:
        """Take a stream from the cache; return whether it is there."""
        found = None if self.cache is None else self.cache.get(id_)
        if found is None:
            return False
        self.loaded[id_] = found.aggregate
        self.note_position(found.position)
        self.from_cache = True
        return True

    def note_position(self, position: int) -> None:
        """Note that the decision rests on the log as of a position, or an earlier one."""
        self.after = position if self.after == NOT_READ_YET else min(self.after, position)

    def note_log(self, position: int, last_hash: bytes | None, seen_hash: bytes | None) -> None:
        """Note where the log stands; raise StaleDecision where it has no more what was seen."""
        if not self.course.has(self.seen, seen_hash):
            raise StaleDecision
        self.note_position(position)
        self.seen = self.course.advance(self.seen, position, last_hash)

    def remember(self, command: Command, done: Appended, cache: AggregateCache) -> None:
        """Remember the last event, and cache what a command has only looked at.

        What is cached is as of no later event than the one remembered, whose place in the log is
        checked before it is used.
        """
        if done.last_position is None or done.last_hash is None:
            return
        self.course.advance(self.seen, done.last_position, done.last_hash)
        seen = self.course.seen
        position = min(seen.position, done.last_position)
        if looks_only(command) and seen.turn == self.seen.turn and position >= self.after:
            cache.put(self.loaded.values(), position, self.all_cycles, seen.turn)

    def load(self, cls: type[A], ref: UUID | CycleName, field: str) -> A:
        """Return an aggregate; raise NotFound that names the field if there is none.

        Names of cycles in a command were replaced by ids before; one that is left is unknown.
        """
        found = self.find(cls, ref) if isinstance(ref, UUID) else None
        if found is None:
            noun = NOUNS.get(cls, cls.__name__.lower())
            raise NotFound(f"There is no {noun} {ref}.", field=field)
        return found

    def find(self, cls: type[A], id_: UUID) -> A | None:
        """Return an aggregate, or None if there is none."""
        found = self.loaded.get(id_)
        if found is None:
            self.fetch({id_})
            found = self.loaded.get(id_)
        return found if isinstance(found, cls) else None

    def as_loaded(self, cls: type[A], id_: UUID) -> A | None:
        """Return an aggregate as it was loaded, whatever was decided about it since."""
        if id_ not in self.stored:
            return None
        kind, version, state = self.stored[id_]
        found = decode_aggregate(kind, id_, version, bytes(state))
        return found if isinstance(found, cls) else None

    def person(self, id_: UUID, field: str) -> Person:
        """Return a registered person who was not erased and has not left."""
        found = self.find(Person, id_)
        if found is None:
            raise PersonIsUnknown(f"There is no person {id_}.", field=field)
        found.require_known(field)
        found.require_active(field)
        return found

    def living_children(
        self, parent: UUID, cls: type[Aggregate], *, guarded: bool = True
    ) -> list[UUID]:
        """Return the living streams of a kind below a parent.

        Unless they only matter for a warning, the append guards the kind.
        """
        kind = topic_of(cls)
        if guarded:
            self.guard_types.update(JOINS[cls])
        with self.database.reader.connect() as connection:
            rows = connection.execute(CHILDREN, {"parent": parent, "type": kind})
            return [row.stream for row in rows]

    def reading(self, id_: UUID) -> Reading:
        """Return a reading, folded from its few events; raise NotFound if there is none."""
        try:
            reading: Aggregate | None = self.repository.get(id_)
        except AggregateNotFoundError:
            reading = None
        if not isinstance(reading, Reading):
            raise NotFound(f"There is no reading {id_}.", field="reading_id")
        return reading

    def save(self, *aggregates: Aggregate, seen: Aggregate | None = None) -> None:
        """Collect what these aggregates decided, in the order they are named.

        `seen` is the one whose version the caller may expect, if that is not the first.
        """
        for aggregate in aggregates:
            self.require_expected_version(seen or aggregate)
            decided = aggregate.collect_events()
            self.events.extend(decided)  # type: ignore[arg-type]
            self.loaded[aggregate.id] = aggregate
            if decided:
                self.changed[aggregate.id] = aggregate

    def require_expected_version(self, aggregate: Aggregate) -> None:
        """Refuse when the first thing to be changed is not at the version the caller saw."""
        expected = self.context.expected_version
        before = aggregate.version - len(aggregate.pending_events)
        if expected is not None and not self.events and before not in {0, expected}:
            raise Conflict(
                f"It is at version {before}, not {expected}: "
                "look at what changed and decide again.",
                field="expected_version",
                current_version=before,
            )

    def read_set(self) -> tuple[UUID, ...]:
        """Return the streams the decision rested on and did not change itself.

        The calendar is one of them: it says which day it is.
        """
        return tuple(id_ for id_ in {*self.loaded, CALENDAR_ID} if id_ not in self.changed)


LOG_NOW = ", ".join(
    ("c.position", HASH_AT.format(position="c.position"), HASH_AT.format(position=":seen"))
)


@cache
def states_statement(dialect: Dialect) -> str:
    """Return the query of the log, its calendar, and the states of some streams."""
    return f"""
      SELECT {LOG_NOW}, {CALENDAR_VERSION}, {dialect.id_as_text("s.stream")}, s.type, s.version,
        s.state
      FROM counter c LEFT JOIN streams s ON s.stream {dialect.in_array("ids", "uuid")}
    """


@cache
def cycles_statement(dialect: Dialect) -> str:
    """Return the query of the log and the states of all cycles, found by their names."""
    return f"""
      SELECT {LOG_NOW}, {dialect.id_as_text("s.stream")}, s.type, s.version, s.state
      FROM counter c LEFT JOIN streams s
        ON s.stream IN (SELECT n.stream FROM names n WHERE n.kind = :kind)
    """


def no_key() -> str:
    """The default of `new_signing_key`, for applications without keys: raises an error."""
    raise RuntimeError("There is nobody here who makes keys.")


def ids_in(command: Any) -> set[UUID]:
    """Return the ids a command names, so that one statement loads them all.

    A reading's own id is left out: it is begun without a look at the log.
    """
    names = vars(command)
    if looks_only(command):
        names = {name: value for name, value in names.items() if name != "id"}
    return {value for value in names.values() if isinstance(value, UUID)}
