"""Verification of the read model: the whole log is folded again and compared row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Table, select

from okr_es.evidence.verify import Failure
from projections.read_model.catching_up import Progress
from projections.read_model.generations import Model
from projections.read_model.runner import Runner
from projections.read_model.tables import metadata, progress

Stored = tuple[Any, ...]
ROWS_AT_ONCE = 2_000
MOST_FAILURES = 100


class Compared(NamedTuple):
    """How many rows a read model has, up to which position, and those that are wrong."""

    rows: int
    position: int
    failures: list[Failure]


def verify_read_model(runner: Runner, step: Progress | None = None) -> Compared:
    """Fold the log into a new read model, compare the served one with it, and discard it.

    Nothing is served from the new one, and questions go on being answered by the other. One that
    is damaged, or stands on another course of the log, is a failure: it is set aside, built again,
    and then compared.
    """
    before = len(runner.aside)
    runner.require_whole()
    runner.fresh()  # takes the same turn, where there is none yet
    with runner.registry.turn_to_build():
        scratch = runner.registry.begin()
        try:
            runner.catch_up_model(scratch, step)
            found = compared(runner, scratch)
        finally:
            runner.registry.remove([scratch])
    aside = [Failure("read model", None, each) for each in runner.aside[before:]]
    return found._replace(failures=aside + found.failures)


def compared(runner: Runner, scratch: Model) -> Compared:
    """Compare the served read model, as it stands in one snapshot, with a new one."""
    served = runner.fresh()
    with served.database.snapshot() as connection:
        position = connection.execute(select(progress.c.position)).scalar_one()
        runner.catch_up_model(scratch, up_to=position)
        failures: list[Failure] = []
        rows = 0
        for table in metadata.sorted_tables:
            if table is progress:
                continue
            with scratch.database.snapshot() as other:
                count, found = differences(table, connection, other)
            rows += count
            failures += found
    return Compared(rows, position, failures[:MOST_FAILURES])


def differences(table: Table, served: Any, scratch: Any) -> tuple[int, list[Failure]]:
    """Return how many rows of a table are served, and those that are not as they should be."""
    keys = [column.name for column in table.primary_key]
    names = [column.name for column in table.columns]
    picked = [names.index(key) for key in keys]
    count = 0
    failures: list[Failure] = []
    for stored, wanted in pairs(ordered(table, served), ordered(table, scratch), picked):
        count += stored is not None
        if stored != wanted and len(failures) < MOST_FAILURES:
            failures.append(failure(table.name, names, stored, wanted))
    return count, failures


def ordered(table: Table, connection: Any) -> Iterator[Stored]:
    """Yield the rows of a table by its key, some at a time."""
    query = select(table).order_by(*table.primary_key)
    streaming = connection.execution_options(yield_per=ROWS_AT_ONCE)
    for row in streaming.execute(query):
        yield tuple(row)


def pairs(
    stored: Iterator[Stored], wanted: Iterator[Stored], key: list[int]
) -> Iterator[tuple[Stored | None, Stored | None]]:
    """Yield rows of equal keys side by side; None for one that the other side lacks."""
    one, other = next(stored, None), next(wanted, None)
    while one is not None or other is not None:
        mine = None if one is None else [one[n] for n in key]
        theirs = None if other is None else [other[n] for n in key]
        if theirs is None or (mine is not None and mine < theirs):
            yield one, None
            one = next(stored, None)
        elif mine is None or theirs < mine:
            yield None, other
            other = next(wanted, None)
        else:
            yield one, other
            one, other = next(stored, None), next(wanted, None)


def failure(table: str, names: list[str], stored: Stored | None, wanted: Stored | None) -> Failure:
    """Return what is wrong with a row."""
    row = dict(zip(names, stored or wanted or (), strict=True))
    which = f"{table} {row.get('id', row.get('parent_id'))}"
    if stored is None or wanted is None:
        difference = "is missing" if stored is None else "should not be there"
        return Failure("read model", row["known_from"], f"{which}: the row {difference}")
    parts = [
        f"{name} is {mine!r}, not {theirs!r}"
        for name, mine, theirs in zip(names, stored, wanted, strict=True)
        if mine != theirs
    ]
    return Failure("read model", row["known_from"], f"{which}: {'; '.join(parts)}")
