"""Histories to measure on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4, uuid5

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.reading import Reading
from okr_es.domain.values import Cadence, Direction, Kind
from okr_es.log.append import Append
from okr_es.log.canonical import Envelope
from okr_es.log.stream_states import states_of

NOW = datetime(2025, 9, 30, 12, tzinfo=UTC)
CYCLE = "2025-Q3"
CYCLES = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c01")
CHUNK = 20_000
DAYS = 270  # of the year so far


@dataclass
class World:
    """An application with one person, team, cycle and KPI."""

    okr: Okr
    person: UUID
    team: UUID
    kpi: UUID

    def context(self) -> Context:
        """Return the context of a command."""
        return Context(by=self.person)

    def do(self, command: c.Command, reason: str | None = None) -> UUID:
        """Carry a command out and return the id of what it touched."""
        done = self.okr.execute(command, Context(by=self.person, reason=reason))
        return done.id or self.person


def world(url: str, clock: Callable[[], datetime] = lambda: NOW) -> World:
    """Return a small world in a fresh database."""
    okr = Okr(url, clock=clock)
    person = uuid4()
    okr.execute(c.RegisterPerson("Ada", id=person), Context(by=person))
    made = World(okr, person, person, person)
    made.team = made.do(c.FormTeam("Acme"))
    made.do(c.OpenCycle(CYCLE, id=cycle_uuid(CYCLE)))
    span = Target(date(2025, 1, 1), date(2025, 12, 31), Decimal(3))
    made.kpi = made.do(
        c.DefineKpi("Lead response", Direction.DECREASE, "days", "CRM", Cadence.DAILY, person, span)
    )
    return made


def cycle_uuid(name: str) -> UUID:
    """Return the id that the cycle of a name is opened with here."""
    return uuid5(CYCLES, name)


def readings(kpi: UUID, count: int) -> tuple[c.RecordReading, ...]:
    """Return readings to record, spread over the year so far; more than its days, of subjects."""
    return tuple(
        c.RecordReading(
            kpi,
            date(2025, 1, 1) + timedelta(days=n % DAYS),
            Decimal(n) / 100,
            subject=None if n < DAYS else f"site {n // DAYS}",
        )
        for n in range(count)
    )


def objective(made: World, key_results: int = 4) -> UUID:
    """Return a committed objective with key results, each checked in on."""
    id_ = made.do(c.DraftObjective(cycle_uuid(CYCLE), made.team, made.person, "Win the market"))
    metric = Measure(Kind.METRIC, Decimal(0), Decimal(1000), "customers")
    added = [made.do(c.AddKeyResult(id_, f"Customers {n}", metric)) for n in range(key_results)]
    made.do(c.CommitObjective(id_))
    for n, key_result in enumerate(added):
        made.do(c.CheckIn(key_result, date(2025, 9, 1), 7, Decimal(100 * n + 1)))
    return id_


def fill(made: World, events: int) -> None:
    """Fill the log up to so many events: of 20, ten readings, nine check-ins, one change.

    They are appended as they are, without deciding on each: what is measured is reading them.
    """
    goals = [objective(made, key_results=3) for _ in range(100)]
    envelope = Envelope(by=made.person)
    while (missing := events - made.okr.log.head()) > 0:
        loaded: list[Objective] = [made.okr.repository.get(id_) for id_ in goals]
        chunk = list(mixed(made, loaded, min(missing, CHUNK)))
        stored = [made.okr.mapper.to_stored_event(event) for event in chunk]
        states = states_of(loaded)
        made.okr.log.append(stored, Append(envelope=envelope, states=states))


def mixed(made: World, loaded: list[Objective], count: int) -> Iterator[object]:
    """Yield events as a running organisation writes them."""
    goals = [goal.id for goal in loaded]
    key_results = living_key_results(made, goals)
    for n in range(count):
        as_of = date(2025, 7, 1) + timedelta(days=n % 90)
        if n % 20 == 0:
            yield from changed(loaded[n // 20 % len(loaded)], n)
        elif n % 2:
            yield Reading.Recorded(uuid4(), 1, "reading", made.kpi, as_of, Decimal(n) / 100)
        else:
            key_result = key_results[n // 2 % len(key_results)]
            yield Reading.CheckedIn(
                uuid4(), 1, "reading", key_result, as_of, Decimal(n % 1000), None, n % 11
            )


def changed(goal: Objective, n: int) -> Iterator[object]:
    """Yield the event of a change of an objective."""
    days = {"starts": date(2025, 7, 1), "ends": date(2025, 9, 30)}
    cycle = Cycle.open(id=cycle_uuid(CYCLE), name=CYCLE, **days)
    goal.retitle(f"Win the market, take {n}", cycle, None)
    yield from goal.collect_events()


def living_key_results(made: World, goals: list[UUID]) -> list[UUID]:
    """Return the key results of the goals."""
    work = made.okr.work(made.context())
    return [id_ for goal in goals for id_ in work.living_children(goal, KeyResult)]
