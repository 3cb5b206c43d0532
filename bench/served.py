"""The line about a board over HTTP, against the same rows that lie ready in a table.

Each board is another one than the last: one of its key results was checked in on meanwhile, so that
none can be sent from what was kept. The rows lie ready with a column for every field that an
objective or a key result has in the answer, names included, and a bare Flask route reads all of
them through SQLAlchemy Core and sends them.
"""

from __future__ import annotations

import itertools
import os
import socket
from contextlib import ExitStack, closing
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import MetaData, Table, select

from bench.engines import Engine
from bench.history import Json, Rows, dicts, laid_ready
from bench.measure import Line, interleaved, seconds
from bench.serving import exchange, okr_es_server, request, serving
from bench.story import CYCLE, World, cycle_uuid, living_key_results, objective, world
from okr_es import commands as c
from okr_es.database.clock import utc_now
from okr_es.database.database import Database
from projections.queries import Queries

GOALS = {"board_served": 2.5}
OBJECTIVES, KEY_RESULTS, ROUNDS = 200, 3, 100
URL, AS_JSON = "BENCH_FINISHED_URL", "BENCH_FINISHED_JSON"
FIRST_DAY, DAYS = date(2025, 9, 2), 28


def board_served(engine: Engine) -> Line:
    """A board of 200 objectives, 600 key results, over HTTP / its finished rows by a bare route."""
    url = engine.url()
    made = world(url, utc_now)
    goals = [objective(made, KEY_RESULTS) for _ in range(OBJECTIVES)]
    key_results = itertools.cycle(living_key_results(made, goals))
    values = itertools.count(1)
    ready = laid_out(made, url)
    with ExitStack() as stack:
        stack.enter_context(closing(made.okr))
        bare = stack.enter_context(serving("bench.served:finished_rows_app", "/", ready))
        ours = stack.enter_context(okr_es_server(url))
        to_ours, to_bare = (
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            for port in (ours, bare)
        )

        def subject() -> float:
            number = next(values)
            day = FIRST_DAY + timedelta(days=number % DAYS)
            made.do(c.CheckIn(next(key_results), day, 7, Decimal(number)))
            asked = request(f"/api/v1/cycles/{CYCLE}/board", ours)
            return seconds(lambda: exchange(to_ours, asked))

        def yardstick() -> float:
            return seconds(lambda: exchange(to_bare, request("/", bare)))

        name = f"board_served.{engine.name}"
        return interleaved(name, GOALS["board_served"], subject, yardstick, rounds=ROUNDS)


def laid_out(made: World, url: str) -> dict[str, str]:
    """Write the rows of the board, with names, into a table; return how a server finds them."""
    queries = Queries(made.okr)
    with closing(queries.runner):
        board = queries.named("board", queries.board(cycle_uuid(CYCLE)))
    rows: Rows = []
    for each in board["objectives"]:
        rows += [{k: v for k, v in each.items() if k != "key_results"}, *each["key_results"]]
    database = Database(url, "finished", disposable=True)
    table = laid_ready(database, "board", rows)
    database.dispose()
    as_json = [column.name for column in table.columns if isinstance(column.type, Json)]
    return {URL: url, AS_JSON: ",".join(as_json)}


def finished_rows_app():  # type: ignore[no-untyped-def]
    """Return a Flask app with one route: all rows that lie ready, as JSON."""
    from flask import Flask, jsonify

    from web.serving.limits import Limits
    from web.serving.shell import Shell

    database = Database(os.environ[URL], "finished")
    table = Table("board", MetaData(), autoload_with=database.reader)
    for name in os.environ[AS_JSON].split(","):
        table.c[name].type = Json()
    app = Flask("finished")

    def board() -> Any:
        return jsonify({"objectives": dicts(database, select(table))})

    app.add_url_rule("/", "board", board)
    return Shell(app, Limits())


LINES = (board_served,)
