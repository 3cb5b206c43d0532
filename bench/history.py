"""The lines about the past: any day of a quarter, as quick as today, however much has changed.

All are asked of one organisation for each engine and number of changes (`quarters.py`), built
once. The yardstick of rows is what an application could do at best that had every answer lying
ready: one plain table with a column for every field that an objective or a key result has, read
through SQLAlchemy Core as the same dicts, from a database of the same kind and settings, by the
read model's own class. Lists within a field (steps, a trajectory, what is aligned, what changed)
lie there as JSON and come out as lists; numbers stay the texts they are sent as.

The changes a goal are 100 and 500; `make bench-large` has more (BENCH_CHANGES=100,500,4000), of
which the one in the middle has a line of its own.

No moment is asked for twice with the same goal or cycle, so no answer can have been remembered.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text, TypeDecorator, select

from bench.engines import Engine
from bench.measure import Line, interleaved, seconds
from bench.quarters import (
    BEGINS,
    FIRST,
    OBJECTIVES,
    SPAN,
    Organisation,
    Quarter,
    organisation,
)
from okr_es.database.clock import instant
from okr_es.database.database import Database
from projections.queries import Queries
from projections.read_model.generations import create

CHANGES = [int(number) for number in os.environ.get("BENCH_CHANGES", "100,500").split(",")]
FEW, *BETWEEN, MANY = CHANGES * 2 if len(CHANGES) == 1 else CHANGES
ROUNDS = 30
GOALS = {
    "board_then": 2.5,
    "board_then_of_some": 3,
    "board_then_of_few": 3,
    "board_then_flat": 1.3,
    "board_then_vs_now": 1.5,
    "goal_then": 3,
    "goal_history": 2.5,
    "compare_quarters": 4.5,
}
Rows = list[dict[str, Any]]


class Json(TypeDecorator[Any]):
    """A list or dict as JSON text, by the fastest codec there is."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:  # noqa: ARG002
        """Return it as text."""
        return None if value is None else msgspec.json.encode(value, enc_hook=str).decode()

    def process_result_value(self, value: str | None, dialect: Any) -> Any:  # noqa: ARG002
        """Return it as it was."""
        return None if value is None else msgspec.json.decode(value)


TYPES: dict[type, Any] = {bool: Boolean, int: Integer, list: Json, dict: Json}


@dataclass
class Looked:
    """An organisation that is being looked back on, and moments of its first quarter to ask for."""

    made: Organisation
    queries: Queries
    finished: Database
    moments: Iterator[str]
    ready: Table | None = None

    @property
    def quarter(self) -> Quarter:
        """The quarter that is asked about."""
        return self.made.quarters[FIRST]

    def then(self) -> float:
        """Return how long its board takes at a moment nobody asked for before."""
        known_at = next(self.moments)
        return seconds(lambda: self.queries.board(self.quarter.id, known_at=known_at))

    def now(self) -> float:
        """Return how long its board takes as it is now."""
        return seconds(lambda: self.queries.board(self.quarter.id))


def looked(engine: Engine, changes: int, objectives: int = OBJECTIVES, quarters: int = 2) -> Looked:
    """Return the organisation of so many changes, objectives and quarters, built at first."""
    found: Looked | None = engine.kept.get((changes, objectives, quarters))
    if found is None:
        size = f"{objectives} objectives, {changes} changes a goal, {quarters} quarters"
        print(f"building {engine.name}, {size} …", file=sys.stderr, flush=True)
        url = engine.url()
        made = organisation(url, changes, objectives, quarters)
        queries = Queries(made.made.okr)
        queries.runner.fresh()
        engine.settle(url)
        finished = Database(url, "finished", disposable=True)
        found = engine.kept[changes, objectives, quarters] = Looked(
            made, queries, finished, moments(made)
        )
        for closed in (finished.dispose, queries.runner.close, made.made.okr.close):
            engine.closing.callback(closed)
    return found


def moments(made: Organisation, seed: int = 7) -> Iterator[str]:
    """Yield days, instants and positions of the quarter at random, in turn, none of them twice."""
    chance, quarter = random.Random(seed), made.quarters[FIRST]
    days = [(BEGINS[FIRST] + timedelta(days=n)).date().isoformat() for n in range(1, 91)]
    chance.shuffle(days)
    given: set[str] = set()
    while True:
        when = BEGINS[FIRST] + SPAN * chance.random()
        position = chance.randint(quarter.first_position + 1, quarter.last_position)
        for text in (days.pop() if days else "", instant(when.astimezone(UTC)), str(position)):
            if text and text not in given:
                given.add(text)
                yield text


def columns(rows: Rows, keys: tuple[str, ...]) -> list[Column[Any]]:
    """Return columns for all fields the rows have."""
    kinds: dict[str, type] = {}
    for row in rows:
        kinds |= {name: type(value) for name, value in row.items() if value is not None}
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [
        Column(name, TYPES.get(kinds.get(name, str), Text), primary_key=name in keys)
        for name in names
    ]


def laid_ready(database: Database, name: str, rows: Rows, keys: tuple[str, ...] = ("id",)) -> Table:
    """Write rows into a plain table of their own, every value as it would be sent."""
    metadata = MetaData()
    table = Table(name, metadata, *columns(rows, keys))
    create(database, metadata.create_all)
    nothing = dict.fromkeys(table.columns.keys())
    with database.transaction() as connection:
        connection.execute(
            table.insert(), [nothing | {k: plain(v) for k, v in row.items()} for row in rows]
        )
    return table


def plain(value: Any) -> Any:
    """Return a value as a column holds it: numbers and ids as text."""
    keep = value is None or isinstance(value, bool | int | str | list | dict)
    return value if keep else str(value)


def dicts(database: Database, statement: Any) -> Rows:
    """Return the rows of a statement as dicts, by SQLAlchemy Core, as fast as it can."""
    with database.reader.connect() as connection:
        result = connection.execute(statement)
        names = tuple(result.keys())
        return [dict(zip(names, row, strict=True)) for row in result]


def objectives_in(answer: dict[str, Any]) -> Rows:
    """Return the rows of the objectives in a board's answer, without their key results."""
    return [
        {name: value for name, value in each.items() if name != "key_results"}
        for each in answer["objectives"]
    ]


def finished_board(asked: Looked) -> Callable[[], float]:
    """Return how to time reading a board that lies ready: 500 objectives, 1,500 key results."""
    if asked.ready is None:
        answer = asked.queries.board(asked.quarter.id, known_at=next(asked.moments))
        key_results = [row for each in answer["objectives"] for row in each["key_results"]]
        rows = objectives_in(answer) + key_results
        asked.ready = laid_ready(asked.finished, "board", rows)
    return partial(seconds, partial(dicts, asked.finished, select(asked.ready)))


def board_then(engine: Engine) -> Line:
    """The board at a past day, instant or position / reading its 2,000 finished rows."""
    return board_line("board_then", engine, MANY)


def board_then_of_some(engine: Engine) -> Line:
    """The same with fewer changes a goal, but not the fewest."""
    return board_line("board_then_of_some", engine, BETWEEN[0])


def board_then_of_few(engine: Engine) -> Line:
    """The same with the fewest changes a goal."""
    return board_line("board_then_of_few", engine, FEW)


def board_line(name: str, engine: Engine, changes: int) -> Line:
    """Measure a board at a past moment against its finished rows."""
    asked = looked(engine, changes)
    return line(name, engine, asked.then, finished_board(asked))


def board_then_flat(engine: Engine) -> Line:
    """The board at a past moment with the most changes a goal / with the fewest."""
    return line("board_then_flat", engine, looked(engine, MANY).then, looked(engine, FEW).then)


def board_then_vs_now(engine: Engine) -> Line:
    """The board at a past moment / the board as it is now, asked again and again."""
    asked = looked(engine, MANY)
    return line("board_then_vs_now", engine, asked.then, asked.now)


def line(name: str, engine: Engine, subject: Any, yardstick: Any, rounds: int = ROUNDS) -> Line:
    """Measure a line of this module."""
    return interleaved(f"{name}.{engine.name}", GOALS[name], subject, yardstick, rounds=rounds)


def goal_then(engine: Engine) -> Line:
    """An objective with its key results at a past day / one finished row by its primary key.

    No goal is asked for at the same day twice; a day's position is looked up once.
    """
    asked = looked(engine, MANY)
    objectives = objectives_in(asked.queries.board(asked.quarter.id))
    table = laid_ready(asked.finished, "goals", objectives)
    pairs = iter(goals_and_days(asked.quarter))
    ids = iter(random.Random(5).choices(asked.quarter.objectives, k=10_000))

    def subject() -> float:
        id_, day = next(pairs)
        return seconds(lambda: asked.queries.objective(id_, known_at=day))

    def yardstick() -> float:
        id_ = str(next(ids))
        return seconds(lambda: dicts(asked.finished, select(table).where(table.c.id == id_)))

    return line("goal_then", engine, subject, yardstick, rounds=600)


def goals_and_days(quarter: Quarter) -> Sequence[tuple[UUID, str]]:
    """Return all pairs of an objective and a day of the quarter, in random order."""
    days = [(BEGINS[FIRST] + timedelta(days=n)).date().isoformat() for n in range(91)]
    pairs = [(id_, day) for id_ in quarter.objectives for day in days]
    random.Random(3).shuffle(pairs)
    return pairs


def goal_history(engine: Engine) -> Line:
    """The last 100 changes of a goal, before and after, reasons decrypted / 100 finished rows.

    Each time of another goal; the finished rows lie by goal and position.
    """
    asked = looked(engine, MANY)
    rounds, read = 200, asked.queries.history
    goals = asked.quarter.objectives[: rounds + rounds // 10]
    ready = [{"goal": str(id_)} | each for id_ in goals for each in read(id_)["entries"]]
    table = laid_ready(asked.finished, "entries", ready, ("goal", "position"))
    ours, theirs = iter(goals), iter(goals)

    def subject() -> float:
        id_ = next(ours)
        return seconds(lambda: read(id_, limit=100))

    def yardstick() -> float:
        of_goal = select(table).where(table.c.goal == str(next(theirs)))
        newest = of_goal.order_by(table.c.position.desc()).limit(100)
        return seconds(lambda: dicts(asked.finished, newest))

    return line("goal_history", engine, subject, yardstick, rounds=rounds)


def compare_quarters(engine: Engine) -> Line:
    """Two quarters of all 2,000 goals, every one of them carried over / 2,000 finished entries.

    An entry has each field that differs, before and after: more to read than a goal of a board. It
    is asked for without the scoreboard, which has a line of its own.
    """
    asked = looked(engine, MANY)
    sides = [f"cycle:{name}" for name in asked.made.quarters]
    goals_alone = partial(asked.queries.compare, *sides, scoreboard=False)
    entries = goals_alone()["entries"]
    rows = [{"number": number} | each for number, each in enumerate(entries)]
    table = laid_ready(asked.finished, "compared", rows, ("number",))

    def subject() -> float:
        return seconds(goals_alone)

    return line(
        "compare_quarters",
        engine,
        subject,
        partial(seconds, partial(dicts, asked.finished, select(table))),
    )


LINES = (
    board_then_of_few, *(board_then_of_some for _ in BETWEEN[:1]), board_then, board_then_flat,
    board_then_vs_now, compare_quarters, goal_then, goal_history,
)  # fmt: skip
