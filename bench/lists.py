"""The lines about lists: a page found by what is stored, and one found by what is computed.

The organisation is that of `quarters.py`, with two quarters of 10,000 objectives. The yardstick is
again rows that lie ready: those of the objectives, with a column for each field that a list has of
one, and those of their key results, which their scores rest on; found by an index that has the
filter and the order.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import Column, Index, Table, select, tuple_

from bench.engines import Engine
from bench.history import Looked, Rows, dicts, laid_ready, looked
from bench.measure import Line, interleaved, seconds
from bench.quarters import FIRST
from bench.retrospect import SMALL, asking
from projections.queries import Queries

MANY, PAGE, AT_ONCE = 10_000, 100, 500
STATE = "committed"
GOALS = {"list_stored": 3, "list_computed": 1.5}


def list_stored(engine: Engine) -> Line:
    """A page of 100 of 20,000 objectives by state and title / the same rows by an index.

    It is the second page of the 10,000 that are committed, with the 300 key results of its 100.
    """
    asked = looked(engine, 0, MANY)
    first = asked.queries.objectives(state=STATE, sort="title", limit=PAGE)
    page = partial(second_page, after=first["next"])
    rows = [each["id"] for each in page(asked.queries)["objectives"]]
    objectives, key_results = finished(asked)
    url = asked.made.made.okr.database.url.set(drivername=engine.name)
    engine.settle(url.render_as_string(hide_password=False))
    last = first["objectives"][-1]
    goes_on = tuple_(objectives.c.title, objectives.c.id) > (last["title"], last["id"])

    def yardstick() -> float:
        listed = (
            select(objectives)
            .where(objectives.c.state == STATE, goes_on)
            .order_by(objectives.c.title, objectives.c.id)
            .limit(PAGE)
        )

        def read() -> None:
            ids = [row["id"] for row in dicts(asked.finished, listed)]
            below = key_results.c.objective_id.in_(ids)
            assert len(dicts(asked.finished, select(key_results).where(below))) == 3 * PAGE

        return seconds(read)

    assert len(rows) == PAGE
    return interleaved(
        f"list_stored.{engine.name}",
        GOALS["list_stored"],
        asking(asked, page),
        yardstick,
        rounds=40,
    )


def list_computed(engine: Engine) -> Line:
    """A page of 100 objectives of a cycle by status / the board of the same 625 objectives."""
    asked = looked(engine, 0, SMALL)
    cycle = asked.made.quarters[FIRST].id

    def listed(queries: Queries) -> object:
        return queries.objectives(cycle=(cycle,), status="not_measured", limit=PAGE)

    return interleaved(
        f"list_computed.{engine.name}",
        GOALS["list_computed"],
        asking(asked, listed),
        asking(asked, lambda queries: queries.board(cycle)),
        rounds=20,
    )


def second_page(queries: Queries, after: str) -> Any:
    """Return the page after the first."""
    return queries.objectives(state=STATE, sort="title", limit=PAGE, after=after)


def finished(asked: Looked) -> tuple[Table, Table]:
    """Return tables of all objectives and key results as lists have them, each with its index."""
    objectives = laid_ready(asked.finished, "objectives", list(walked(asked, "objectives")))
    rows = [
        each | {"objective_id": each["objective"]["id"]} for each in walked(asked, "key_results")
    ]
    key_results = laid_ready(asked.finished, "key_results", rows)
    indexed(asked, objectives, "state", "title", "id")
    indexed(asked, key_results, "objective_id")
    return objectives, key_results


def indexed(asked: Looked, table: Table, *names: str) -> None:
    """Make an index of a table that lies ready."""
    columns: list[Column[Any]] = [table.c[name] for name in names]
    with asked.finished.transaction() as connection:
        Index(f"{table.name}_ready", *columns).create(connection)


def walked(asked: Looked, question: str) -> Iterator[dict[str, Any]]:
    """Yield all items of a list, page by page."""
    after: str | None = None
    while True:
        page = getattr(asked.queries, question)(limit=AT_ONCE, after=after)
        found: Rows = page[question]
        yield from found
        if (after := page["next"]) is None:
            return


LINES = (list_stored, list_computed)
