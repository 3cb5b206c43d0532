"""Wrapping again: each key that is stored gets wrapped by the key that counts now.

It goes on where it was interrupted, and beside all that reads, writes and erases: a key is replaced
only where it is still the one that was read, and nobody waits for this longer than a moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy.exc import OperationalError

from okr_es.database.database import Database, Row, run, run_many
from okr_es.people.wrapping import KEY_BYTES, MARK_BYTES, Wrapping, WrappingKeyIsWrong

AT_ONCE = 500
TRIES = 50
PAUSE_SECONDS = 0.1
BRIEF = "SET LOCAL lock_timeout = '200ms'"  # less than PostgreSQL waits until it ends a deadlock
DUE = "UPDATE shredding SET due = true, records_due = true, removals = removals + 1"


class Place(NamedTuple):
    """A table with keys: by which column a row is found, and which has the key."""

    table: str
    name: str
    key: str = "key"


PLACES = (
    Place("people", "id"),
    Place("personal_keys", "event_id"),
    Place("record_keys", "place"),
    Place("signing_keys", "public_key", "private_key"),
)


def sample(database: Database) -> list[bytes]:
    """Return a key of each table that has one, as it is stored."""
    parts = (f"SELECT * FROM (SELECT {at.key} FROM {at.table} LIMIT 1) a" for at in PLACES)
    return [bytes(key) for (key,) in database.rows(" UNION ALL ".join(parts), {})]


def require_openable(database: Database, wrapping: Wrapping) -> None:
    """Refuse to work with a directory whose keys cannot be opened; raise WrappingKeyIsWrong."""
    for stored in sample(database):
        wrapping.open(stored)


def count(database: Database) -> dict[bytes, int]:
    """Return how many keys each wrapping key has wrapped, by its mark; empty: none has."""
    found: dict[bytes, int] = {}
    for at in PLACES:
        mark = (
            f"substr(CASE WHEN length({at.key}) = {KEY_BYTES} THEN :none ELSE {at.key} END, 1, 9)"
        )
        query = f"SELECT {mark}, count(*) FROM {at.table} GROUP BY 1"
        for stored, number in database.rows(query, {"none": b""}):
            by = bytes(stored or b"")
            found[by] = found.get(by, 0) + number
    return found


def rewrap(
    database: Database, wrapping: Wrapping, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Wrap all keys by the key that counts; return how many were not yet.

    The bytes of what was stored before become due to be overwritten: `Directory.shred` does it.
    Raises WrappingKeyIsWrong where no key is named, or one that is needed is not here.
    """
    if not wrapping.mark:
        raise WrappingKeyIsWrong("There is no key to wrap by.")
    for mark in count(database):
        if mark and mark not in wrapping.ciphers:
            raise WrappingKeyIsWrong(wrapping.describe_lack(mark))
    done = 0
    for at in PLACES:
        while rows := left(database, at, wrapping.mark):
            replace(database, at, rows, wrapping)
            done += len(rows)
            progress(done)
    return done


def left(database: Database, at: Place, mark: bytes) -> list[Row]:
    """Return some rows whose key is not wrapped by the key that counts."""
    query = (
        f"SELECT {database.dialect.id_as_text(at.name) if at.name == 'id' else at.name}, {at.key} "
        f"FROM {at.table} WHERE length({at.key}) = {KEY_BYTES} "
        f"OR substr({at.key}, 1, {MARK_BYTES}) <> :mark LIMIT {AT_ONCE}"
    )
    return database.rows(query, {"mark": mark})


def replace(database: Database, at: Place, rows: list[Row], wrapping: Wrapping) -> None:
    """Replace keys of a table, where nobody did so or removed them meanwhile."""
    changes = [
        {"name": name, "before": bytes(key), "after": wrapping.wrap(wrapping.open(bytes(key)))}
        for name, key in rows
    ]
    for attempt in range(TRIES):
        try:
            with database.transaction() as connection:
                if not database.is_sqlite:
                    run(connection, BRIEF, {})
                run(connection, DUE, {})  # first: of two who do this, one waits
                run_many(connection, statement(database, at), changes)
        except OperationalError:  # somebody is at work here; they must not wait for this
            if attempt == TRIES - 1:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def statement(database: Database, at: Place) -> str:
    """Return what replaces a key: on PostgreSQL a function, as the application may not."""
    if database.is_sqlite:
        change = f"UPDATE {at.table} SET {at.key} = :after"
        return f"{change} WHERE {at.name} = :name AND {at.key} = :before"
    return f"SELECT replace_stored_key('{at.table}', :name, :before, :after)"
