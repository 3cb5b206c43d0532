"""Many commands in one body, and the same one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID, uuid4

from bench.engines import Engine
from bench.measure import Line, interleaved, seconds
from bench.story import CYCLE, World, cycle_uuid, living_key_results, objective, world
from okr_es import commands as c
from okr_es.chunks.lines import Line as CommandLine
from okr_es.chunks.running import in_chunks
from okr_es.context import Context, Receipt
from okr_es.domain.measure import Measure
from okr_es.domain.values import Kind

GOALS = {"bulk_commands": {"sqlite": 0.35, "postgresql": 0.35}}
IN_A_ROUND = 2_000
ROUNDS = 5  # 10,000 commands each way, and a round more to get warm
METRIC = Measure(Kind.METRIC, Decimal(0), Decimal(1000), "customers")


class Goals(NamedTuple):
    """What the commands are about."""

    made: World
    objectives: list[UUID]
    key_results: list[UUID]


def bulk_commands(engine: Engine) -> Line:
    """10,000 mixed commands, durable: in chunks of 500 / one by one."""
    made = world(engine.url())
    objectives = [objective(made) for _ in range(20)]
    there = Goals(made, objectives, living_key_results(made, objectives))
    numbers, teams = itertools.count(), itertools.count()

    def some() -> list[CommandLine]:
        team = made.do(c.FormTeam(f"Team {next(teams)}"))  # with 100 drafts of its own
        commands = itertools.islice(mixed(there, numbers, team), IN_A_ROUND)
        return [
            CommandLine(n, each, Context(made.person, reason_of(each)))
            for n, each in enumerate(commands, 1)
        ]

    def subject() -> float:
        lines = some()

        def work() -> None:
            for answered in in_chunks(made.okr, lines):
                require_done(*(each.verdict for each in answered))

        return seconds(work)

    def yardstick() -> float:
        lines = some()

        def work() -> None:
            for line in lines:
                require_done(made.okr.execute(line.command, line.context))

        return seconds(work)

    name = f"bulk_commands.{engine.name}"
    goal = GOALS["bulk_commands"][engine.name]
    line = interleaved(name, goal, subject, yardstick, rounds=ROUNDS)
    made.okr.close()
    return line


def require_done(*verdicts: object) -> None:
    """Raise an error where a command was not carried out."""
    for each in verdicts:
        if not isinstance(each, Receipt):
            raise TypeError(str(each))


def reason_of(command: c.Command) -> str | None:
    """Return why somebody does it: readings and what begins say it seldom."""
    return "The market moved." if isinstance(command, c.RetitleObjective) else None


def mixed(there: Goals, numbers: Iterator[int], team: UUID) -> Iterator[c.Command]:
    """Yield commands as a running organisation sends them, as far as they are readings and goals.

    Of twenty: ten readings, seven check-ins, a draft, its key result, another title.
    """
    made = there.made
    for n in numbers:
        objective_id = there.objectives[n % len(there.objectives)]
        key_result = there.key_results[n % len(there.key_results)]
        day = date(2025, 7, 1) + timedelta(days=n % 90)
        for number in range(10):
            yield c.RecordReading(made.kpi, day, Decimal(n) / 100, subject=f"site {n} {number}")
        for number in range(7):
            yield c.CheckIn(key_result, day, number, Decimal(n % 1000))
        begun = uuid4()
        yield c.DraftObjective(cycle_uuid(CYCLE), team, made.person, f"Win {n}", id=begun)
        yield c.AddKeyResult(begun, f"Customers {n}", METRIC)
        yield c.RetitleObjective(objective_id, f"Win the market, take {n}")


LINES = (bulk_commands,)
