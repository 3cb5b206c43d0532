"""The lines about reviews, replays and explanations: a quarter looked back on as a whole.

The organisations are those of `quarters.py`, the yardstick again rows, read as dicts. Each time
the question is put to `Queries` of its own, on a read model that is up to date, so that nothing of
the answer can have been cached.

BENCH_OBJECTIVES=625,5000 are the sizes `review_growth` compares; its goal is one and a half times
what grows with the objectives alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bench.engines import Engine
from bench.history import FEW, Looked, Rows, dicts, laid_ready, looked, objectives_in
from bench.measure import Line, interleaved, seconds
from bench.quarters import (
    CHANGES_OF_LATER,
    DAYS,
    FIRST,
    KEY_RESULTS_EACH,
    PROMISED,
    SECOND,
    STARTS,
    Quarter,
    top_of,
)
from okr_es.log.schema import events
from projections.queries import Queries
from projections.read_model import tables

SMALL, LARGE = (int(n) for n in os.environ.get("BENCH_OBJECTIVES", "625,5000").split(","))
TEAM = 50  # objectives, with their key results 200 goals
REPLAYED_CHANGES = 20  # of each goal in the quarter that is replayed: 4,000 events
EXPLAINED_CHANGES = 5  # of each of the 100 goals below an objective of the company: 500 events
QUARTERS = 8
GOALS = {
    "scoreboard": 8,
    "review": 10,
    "review_growth": 1.5 * LARGE / SMALL,
    "replay_day": 3,
    "replay_as_of": 3,
    "explain": 8,
}
HEAD = ("position", "recorded_at", "stream", "version", "type", "by", "on_behalf_of")
Question = Callable[[Queries], object]


def review(engine: Engine) -> Line:
    """The review of a quarter of all 2,000 goals / reading 2,000 finished rows.

    It is the second quarter, in which each objective is retitled twice, handed over and re-aligned,
    and each key result is checked in on twice, retargeted and reweighted.
    """
    asked = looked(engine, FEW)
    answer = asked.queries.review(asked.made.quarters[SECOND].id)
    table = laid_ready(asked.finished, "review", rows_of(answer["goals"]))
    yardstick = partial(seconds, partial(dicts, asked.finished, select(table)))
    return line("review", engine, reviewing(asked), yardstick, rounds=15)


def review_growth(engine: Engine) -> Line:
    """The review of a quarter with 5,000 objectives / with 625, three key results each."""
    many, few = (reviewing(looked(engine, 0, objectives)) for objectives in (LARGE, SMALL))
    return line("review_growth", engine, many, few, rounds=5)


def scoreboard(engine: Engine) -> Line:
    """The figures of 8 quarters of 2,000 goals side by side / reading 8 boards as finished rows.

    All goals are carried over from quarter to quarter, and each changes four times in each.
    """
    asked = looked(engine, CHANGES_OF_LATER, quarters=QUARTERS)
    ids = [quarter.id for quarter in asked.made.quarters.values()]
    boards = {str(id_): asked.queries.board(id_) for id_ in ids}
    ready = [
        {"quarter": id_} | row | {"overdue": int(row["overdue"])}
        for id_, board in boards.items()
        for row in rows_of(board["objectives"])
    ]
    table = laid_ready(asked.finished, "eight_boards", ready, ("quarter", "id"))

    def finished() -> None:
        for id_ in boards:
            dicts(asked.finished, select(table).where(table.c.quarter == id_))

    subject = asking(asked, lambda queries: queries.scoreboard(ids))
    return line("scoreboard", engine, subject, partial(seconds, finished), rounds=10)


def replay_day(engine: Engine) -> Line:
    """A quarter of 200 goals by day / reading a finished board of 200 rows for each of its days."""
    return replayed(engine, "replay_day", "recorded")


def replay_as_of(engine: Engine) -> Line:
    """The same quarter by the days things are about / reading the same finished boards."""
    return replayed(engine, "replay_as_of", "as_of")


def replayed(engine: Engine, name: str, by: str) -> Line:
    """Return the line of a replay by record, or by the days things are about."""
    asked = looked(engine, REPLAYED_CHANGES, TEAM)
    days = [(STARTS[FIRST] + timedelta(days=n)).isoformat() for n in range(DAYS)]
    ready = [row for day in days for row in board_rows(asked, day)]
    table = laid_ready(asked.finished, "boards", ready, ("on_day", "id"))

    def boards() -> None:
        for day in days:
            dicts(asked.finished, select(table).where(table.c.on_day == day))

    subject = asking(asked, lambda queries: list(queries.replay(asked.quarter.id, "day", by=by)))
    return line(name, engine, subject, partial(seconds, boards), rounds=15)


def explain(engine: Engine) -> Line:
    """One objective over a quarter, 500 events below it / reading the rows that this rests on.

    It is one of the company's: 24 others are aligned to it, and all have three key results. The
    rows are the versions of all these goals, their readings and the heads of the 500 events.
    """
    asked = looked(engine, EXPLAINED_CHANGES, TEAM)
    last = STARTS[FIRST] + timedelta(days=DAYS - 1)
    span = PROMISED.date().isoformat(), last.isoformat()
    subject = asking(asked, lambda queries: queries.explanation(asked.quarter.objectives[0], *span))
    return line("explain", engine, subject, partial(seconds, rows_below_first(asked)), rounds=40)


def rows_below_first(asked: Looked) -> Callable[[], None]:
    """Return how to read all rows about the first objective and the goals below it."""
    model, log, quarter = asked.queries.runner.fresh().database, asked.made.made.okr, asked.quarter
    objectives, key_results = goals_below_first(quarter)
    statements = [
        select(table).where(table.c[column].in_([str(id_) for id_ in ids]))
        for table, column, ids in (
            (tables.objective, "id", objectives),
            (tables.key_result, "id", key_results),
            (tables.reading, "measured_id", key_results),
        )
    ]
    readings = [UUID(row["id"]) for row in dicts(model, statements[-1])]
    heads = select(*(events.c[name] for name in HEAD)).where(
        events.c.stream.in_([*objectives, *key_results, *readings]),
        events.c.position > quarter.first_position,
        events.c.position <= quarter.last_position,
    )
    positions = [row["position"] for row in dicts(log.database, heads)]
    heads = select(*(events.c[name] for name in HEAD)).where(events.c.position.in_(positions))

    def read() -> None:
        for statement in statements:
            dicts(model, statement)
        assert len(dicts(log.database, heads)) == len(positions)

    return read


def goals_below_first(quarter: Quarter) -> tuple[list[UUID], list[UUID]]:
    """Return the first objective with those aligned to it, and the key results of all."""
    top, each = top_of(quarter), KEY_RESULTS_EACH
    numbers = [0, *(n for n in range(top, len(quarter.objectives)) if n % top == 0)]
    return (
        [quarter.objectives[n] for n in numbers],
        [id_ for n in numbers for id_ in quarter.key_results[n * each : (n + 1) * each]],
    )


def line(name: str, engine: Engine, subject: Any, yardstick: Any, rounds: int) -> Line:
    """Measure a line of this module."""
    return interleaved(f"{name}.{engine.name}", GOALS[name], subject, yardstick, rounds=rounds)


def asking(asked: Looked, question: Question) -> Callable[[], float]:
    """Return how to time a question of which nothing is cached."""

    def timed() -> float:
        queries = Queries(asked.made.made.okr, asked.queries.runner)
        return seconds(lambda: question(queries))

    return timed


def reviewing(asked: Looked) -> Callable[[], float]:
    """Return how to time a review of the second quarter."""
    return asking(asked, lambda queries: queries.review(asked.made.quarters[SECOND].id))


def rows_of(goals: Rows) -> Rows:
    """Return the rows of objectives and of their key results, in an answer that nests them."""
    return objectives_in({"objectives": goals}) + [
        key_result for goal in goals for key_result in goal["key_results"]
    ]


def board_rows(asked: Looked, day: str) -> Rows:
    """Return the rows of the first quarter's board at the end of a day."""
    board = asked.queries.board(asked.quarter.id, known_at=day)
    return [{"on_day": day} | row for row in rows_of(board["objectives"])]


LINES = (scoreboard, review, review_growth, replay_day, replay_as_of, explain)
