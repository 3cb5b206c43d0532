"""The lines: each promise with its yardstick, bare SQL on the same engine, as durable."""

from __future__ import annotations

import gc
import itertools
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.schema import CreateIndex, CreateTable

from bench.engines import Engine, Row
from bench.measure import Line, interleaved, seconds
from bench.serving import (
    bare_flask,
    cpu_seconds,
    exchange,
    okr_es_server,
    post_bytes,
    request,
    requests_rate,
    served_process,
    tag_at,
)
from bench.serving import not_modified as ask
from bench.story import CYCLE, fill, objective, readings, world
from okr_es import commands as c
from okr_es.database.clock import utc_now
from okr_es.domain.measure import Measure
from okr_es.domain.values import Kind
from okr_es.log.schema import COLUMNS
from okr_es.log.schema import events as events_table
from projections.queries import Queries
from projections.read_model import tables
from projections.read_model.runner import Runner

SERVED_AT_ONCE = 50
ASKED_AT_ONCE = 50
GOALS = {
    "record_reading": {"sqlite": 2.5, "postgresql": 2.5},
    "import_readings": {"sqlite": 5, "postgresql": 5},
    "project_events": {"sqlite": 2.5, "postgresql": 6},
    "record_served": {"sqlite": 1.25, "postgresql": 1.25},
    "get_objective": {"sqlite": 2.5, "postgresql": 3},
    "not_modified": {"sqlite": 2, "postgresql": 2},
}


def ddl(connection: Any, engine: Engine, table: Any, *, indexes: bool) -> None:
    """Create a table as it is in okr-es, bare: with its primary key, and its indexes if asked."""
    dialect = dialects()[engine.name]
    connection.execute(str(CreateTable(table).compile(dialect=dialect)))
    for index in table.indexes if indexes else ():
        connection.execute(str(CreateIndex(index).compile(dialect=dialect)))


def dialects() -> dict[str, Any]:
    """Return SQLAlchemy's dialects by engine."""
    from sqlalchemy.dialects import postgresql, sqlite

    return {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


def record_reading(engine: Engine) -> Line:
    """One command through the application, durable, on a KPI with 1,000 readings / one INSERT."""
    url = engine.url()
    made = world(url)
    made.okr.execute(c.RecordReadings(readings(made.kpi, 1_000)), made.context())
    rows: Iterator[Row] = iter(made.okr.log.rows(10, 1_000))
    bare = engine.bare(url)
    ddl(bare, engine, events_table, indexes=False)
    mark = engine.mark
    statement = f"INSERT INTO events VALUES ({','.join([mark] * len(COLUMNS))})"
    more = iter(readings(made.kpi, 2_000))
    line = interleaved(
        f"record_reading.{engine.name}",
        GOALS["record_reading"][engine.name],
        lambda: seconds(lambda: made.okr.execute(next(more), made.context())),
        lambda: seconds(lambda: bare.execute(statement, tuple(next(rows)))),
        rounds=400,
    )
    bare.close()
    made.okr.close()
    return line


def import_readings(engine: Engine, count: int = 100_000) -> Line:
    """100,000 readings in bulk, log and read model up to date / executemany (COPY) of the rows."""
    rows: list[Row] = []

    def subject() -> float:
        made = world(engine.url())
        runner = Runner(made.okr)
        runner.fresh()
        command = c.RecordReadings(readings(made.kpi, count))
        before = made.okr.log.head()

        def work() -> None:
            made.okr.execute(command, made.context())
            runner.fresh()

        gc.collect()
        taken = seconds(work)
        rows[:] = [tuple(row) for row in made.okr.log.rows(before, count)]
        runner.close()
        made.okr.close()
        return taken

    def yardstick() -> float:
        if not rows:
            subject()
        url = engine.url()
        world(url).okr.close()
        bare = engine.bare(url)
        ddl(bare, engine, events_table, indexes=False)
        taken = seconds(lambda: engine.insert_many(bare, "events", rows))
        bare.close()
        return taken

    name = f"import_readings.{engine.name}"
    goal = GOALS["import_readings"][engine.name]
    return interleaved(name, goal, subject, yardstick, rounds=7)


def project_events(engine: Engine, count: int = 200_000) -> Line:
    """The read model from a log of 200,000 events / writing its finished rows, indexes and all."""
    url = engine.url()
    made = world(url)
    fill(made, count)
    runner = Runner(made.okr)
    every = [*tables.VERSIONED, tables.links]
    with runner.fresh().database.reader.connect() as connection:
        finished = {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in every
        }

    def subject() -> float:
        model = runner.registry.begin()
        taken = seconds(lambda: runner.catch_up_model(model))
        runner.registry.forget([model])
        return taken

    def yardstick() -> float:
        bare = engine.bare(url)
        for table in every:
            ddl(bare, engine, table, indexes=True)

        def work() -> None:
            for name, rows in finished.items():
                if rows:
                    engine.insert_many(bare, name, rows)

        taken = seconds(work)
        bare.close()
        return taken

    line = interleaved(
        f"project_events.{engine.name}",
        GOALS["project_events"][engine.name],
        subject,
        yardstick,
        rounds=5,
    )
    runner.close()
    made.okr.close()
    return line


def get_objective(engine: Engine) -> Line:
    """Requests per second of a bare Flask JSON route / of one objective with its key results.

    50 objectives in turn, over a log at rest: each is read and scored once, and held after.
    """
    url = engine.url()
    made = world(url)
    ids = [objective(made) for _ in range(50)]
    queries = Queries(made.okr)
    queries.objective(ids[0])
    queries.runner.close()
    made.okr.close()
    with bare_flask() as bare, okr_es_server(url) as ours:
        paths = [f"/api/v1/objectives/{id_}" for id_ in ids]
        return interleaved(
            f"get_objective.{engine.name}",
            GOALS["get_objective"][engine.name],
            lambda: 1 / requests_rate(ours, paths),
            lambda: 1 / requests_rate(bare, ["/"]),
            rounds=7,
            unit="s/request",
        )


def not_modified(engine: Engine) -> Line:
    """A board of 200 objectives that is held, asked for again / a bare 304.

    Another cycle is written to meanwhile: a check-in after each 50 requests.
    """
    url = engine.url()
    made = world(url, utc_now)
    for _ in range(200):
        objective(made, key_results=3)
    elsewhere = made.do(c.OpenCycle("other", date(2020, 1, 1), date(2030, 12, 31)))
    goal = made.do(c.DraftObjective(elsewhere, made.team, made.person, "Elsewhere"))
    metric = Measure(Kind.METRIC, Decimal(0), Decimal(1_000), "customers")
    written_to = made.do(c.AddKeyResult(goal, "Customers", metric))
    made.do(c.CommitObjective(goal))
    runner = Runner(made.okr)
    runner.fresh()
    runner.close()
    path, values = f"/api/v1/cycles/{CYCLE}/board", itertools.count(1)
    with ExitStack() as stack:
        bare, ours = stack.enter_context(bare_flask()), stack.enter_context(okr_es_server(url))
        held = request(path, ours, tag_at(ours, path))
        to_ours, to_bare = (
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            for port in (ours, bare)
        )

        def subject() -> float:
            taken = seconds(lambda: [ask(to_ours, held) for _ in range(ASKED_AT_ONCE)])
            value = Decimal(next(values)) / 100
            made.do(c.CheckIn(written_to, date(2025, 9, 1), 7, value))
            return taken / ASKED_AT_ONCE

        def yardstick() -> float:
            asked = request("/held", bare, '"1.0"')
            taken = seconds(lambda: [ask(to_bare, asked) for _ in range(ASKED_AT_ONCE)])
            return taken / ASKED_AT_ONCE

        name, goal_of = f"not_modified.{engine.name}", GOALS["not_modified"][engine.name]
        line = interleaved(name, goal_of, subject, yardstick, rounds=60, unit="s/request")
    made.okr.close()
    return line


def record_served(engine: Engine) -> Line:
    """CPU of a reading over HTTP, with deadlines, figures, logs and client info / without them."""
    with ExitStack() as stack:
        subject, yardstick = (
            recorder(
                engine,
                stack,
                target,
                {"OKR_ES_LOG_REQUESTS": log, "OKR_ES_IDLE_SECONDS": "600", **settings},
            )
            for target, log, settings in (
                ("bench.serving:open_okr_es", "1", {}),
                ("bench.serving:unlimited_okr_es", "0", {"OKR_ES_STATEMENT_SECONDS": "0"}),
            )
        )
        goal = GOALS["record_served"][engine.name]
        name = f"record_served.{engine.name}"
        return interleaved(name, goal, subject, yardstick, rounds=15, unit="s/reading")


def recorder(
    engine: Engine, stack: ExitStack, target: str, settings: dict[str, str]
) -> Callable[[], float]:
    """Serve okr-es; return what records readings and says how much work each was."""
    url = engine.url()
    made = world(url, utc_now)
    made.okr.execute(c.RecordReadings(readings(made.kpi, 1_000)), made.context())
    made.okr.close()
    port, pid = stack.enter_context(
        served_process(target, "/health/live", {"OKR_ES_DATABASE": url, **settings})
    )
    connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
    days = itertools.cycle(range(1, 29))

    def record() -> float:
        before = cpu_seconds(pid)
        for day in itertools.islice(days, SERVED_AT_ONCE):
            body = json.dumps({"as_of": f"2025-02-{day:02}", "value": "12.5"}).encode()
            path = f"/api/v1/kpis/{made.kpi}/readings"
            exchange(connection, post_bytes(path, port, str(made.person), body))
        return (cpu_seconds(pid) - before) / SERVED_AT_ONCE

    return record


LINES = (
    record_reading, record_served, import_readings, project_events, get_objective, not_modified,
)  # fmt: skip
