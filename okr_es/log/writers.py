"""The two ways into the log: step by step (both engines), or one function call (PostgreSQL).

Both lock the counter row before they write, so the order of positions is the order of commits,
and a rollback leaves no gap. The function exists because on PostgreSQL each step is a round
trip, and the counter stays locked during all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent
from sqlalchemy import bindparam, select

from okr_es.database.bulk import write_rows
from okr_es.database.commits import Commit
from okr_es.database.database import Database, run, run_many
from okr_es.database.dialect import Dialect, dialect_of
from okr_es.log.append import OLDEST_READ_SET, Append
from okr_es.log.canonical import Envelope, Prepared, leaf_hash, prepared
from okr_es.log.names import Name
from okr_es.log.schema import COLUMNS, LOG, commands, events
from okr_es.log.stream_states import StreamState

AppendOutcome = tuple[str, int | None, int | None, str, bytes]

INSERT_SQLITE = "INSERT INTO events ({}) VALUES ({})".format(
    ", ".join(f'"{name}"' for name in COLUMNS), ", ".join("?" * len(COLUMNS))
)
COPY_POSTGRESQL = "COPY events ({}) FROM STDIN".format(", ".join(f'"{n}"' for n in COLUMNS))

CALL = "SELECT * FROM append_events(%s::jsonb)"
FUNCTION_UP_TO = 200


def suits_function(stored: Sequence[StoredEvent], append: Append) -> bool:
    """Return whether the function can append them: not too many, JSON, and of one envelope."""
    return (
        len(stored) <= FUNCTION_UP_TO
        and append.approved is None
        and append.is_ready is None
        and all(event.state[:1] == b"{" for event in stored)
    )


def append_by_function(
    database: Database, stored: Sequence[StoredEvent], append: Append, now: str, commit: Commit
) -> AppendOutcome:
    """Append by one call of a database function, which commits too: one round trip."""
    parameters = {
        "now": now,
        "seed": append.seed_time is not None,
        "fingerprint": append.fingerprint.hex(),
        "receipt": append.receipt.decode(),
        "after": append.after,
        "seen": append.seen.position,
        "seen_hash": append.seen.hash.hex(),
        "guard_streams": append.guard_streams,
        "guard_types": append.guard_types,
        **append.envelope._asdict(),
        "events": [in_json(event) for event in prepared(stored, append.envelope, append.encrypted)],
        "states": [{**state._asdict(), "state": state.state.decode()} for state in append.states],
        "names": [name._asdict() for name in append.names],
    }
    written = msgspec.json.encode(parameters).decode()
    with database.driver() as driver:
        commit.begin(driver)
        row = driver.execute(CALL, (written,)).fetchone()
    outcome, first, last, moment, answer = row
    return outcome, first, last, moment, answer


def in_json(event: Prepared) -> dict[str, Any]:
    """Return an event as the function takes it."""
    return {
        "stream": event.stream,
        "version": event.version,
        "type": event.type,
        "schema_version": event.schema_version,
        "data": event.data.decode(),
        "encrypted": None if event.encrypted is None else event.encrypted.hex(),
        "head": event.head.decode(),
        "tail": event.tail.decode(),
    }


def append_by_steps(
    database: Database, stored: Sequence[StoredEvent], append: Append, now: str, commit: Commit
) -> AppendOutcome:
    """Append in one transaction of several statements.

    The command id goes in first: its key refuses a second arrival before anything is written.
    Events are made ready while those before them are on their way.
    """
    seed, last_hash = append.seed_time is not None, b""
    with database.driver_transaction() as connection:
        at = Counter(*LOG.lock(connection))
        if refused := refused_outcome(connection, append, at, now, seed=seed):
            return refused
        moment = max(now, at.recorded_at)
        first, last = at.position + 1, at.position + len(stored)
        if append.envelope.command_id is not None:
            row = command_row(append, first if stored else None, last, moment)
            run(connection, INSERT_COMMAND, row)
        if stored:
            last_hash = insert_rows(connection, all_rows(stored, append, first, moment))
            still = bool(at.seeding and seed)
            LOG.advance(connection, {"position": last, "recorded_at": moment, "seeding": still})
        if append.states:
            run_many(connection, UPSERT_STATE, [in_columns(state) for state in append.states])
        if append.names:
            run_many(connection, INSERT_NAME, [in_columns(name) for name in append.names])
        commit.begin(connection)
    return "appended", first, last, moment, last_hash


def in_columns(row: StreamState | Name) -> dict[str, Any]:
    """Return a row by the names of its columns, ids as text."""
    found = row._asdict()
    return {name: str(value) if isinstance(value, UUID) else value for name, value in found.items()}


def hash_at(connection: Any, position: int) -> bytes | None:
    """Return the hash of an event, None if there is none at the position."""
    found = run(connection, HASH, {"position": position}).fetchone()
    return None if found is None else bytes(found[0])


def command_row(append: Append, first: int | None, last: int, moment: str) -> dict[str, Any]:
    """Return the outcome of the command as it is stored, for when it arrives again."""
    return {
        "command_id": str(append.envelope.command_id),
        "fingerprint": append.fingerprint,
        "first_position": first,
        "last_position": None if first is None else last,
        "recorded_at": moment,
        "receipt": append.receipt,
    }


class Counter(NamedTuple):
    """The counter of the log: its last position and time of record."""

    position: int
    recorded_at: str
    seeding: bool


INSERT_COMMAND = (
    "INSERT INTO commands (command_id, fingerprint, first_position, last_position, recorded_at, "
    "receipt) VALUES (:command_id, :fingerprint, :first_position, :last_position, :recorded_at, "
    ":receipt)"
)
HASH = "SELECT hash FROM events WHERE position = :position"
SELECT_COMMAND = select(
    commands.c.fingerprint,
    commands.c.first_position,
    commands.c.last_position,
    commands.c.recorded_at,
    commands.c.receipt,
).where(commands.c.command_id == bindparam("command_id"))
SELECT_SENDER = (
    select(events.c.by)
    .select_from(commands.outerjoin(events, events.c.position == commands.c.first_position))
    .where(commands.c.command_id == bindparam("command_id"))
)
INSERT_NAME = "INSERT INTO names (kind, name, stream) VALUES (:kind, :name, :stream)"
UPSERT_STATE = """
  INSERT INTO streams (stream, type, version, parent, living, state)
  VALUES (:stream, :type, :version, :parent, :living, :state)
  ON CONFLICT (stream) DO UPDATE SET version = excluded.version, parent = excluded.parent,
    living = excluded.living, state = excluded.state
"""


@cache
def guard_statement(dialect: Dialect) -> str:
    """Return the query of an event after a position that is of some streams, or of some types."""
    return f"""
      SELECT position FROM events WHERE position > :after
        AND (stream {dialect.in_array("streams", "uuid")} OR type {dialect.in_array("types")})
      LIMIT 1
    """


def refused_outcome(
    connection: Any, append: Append, at: Counter, now: str, *, seed: bool
) -> AppendOutcome | None:
    """Return the outcome for which the command is refused, or None."""
    behind = at.position - append.after
    seen = append.seen
    if seen.position and not seen.is_in(hash_at(connection, seen.position)):
        return "stale", None, None, "", b""
    if behind > OLDEST_READ_SET or (behind > 0 and is_stale(connection, append)):
        return "stale", None, None, "", b""
    if seed and not at.seeding:
        return "not_empty", None, None, "", b""
    if seed and now < at.recorded_at:
        return "backwards", None, None, at.recorded_at, b""
    if append.is_ready is not None and not append.is_ready():
        return "stale", None, None, "", b""
    return None


def is_stale(connection: Any, append: Append) -> bool:
    """Return whether something in the read set was recorded after the decision was made."""
    dialect = dialect_of(connection)
    parameters = {
        "after": append.after,
        "streams": dialect.array(append.guard_streams),
        "types": dialect.array(append.guard_types),
    }
    return run(connection, guard_statement(dialect), parameters).fetchone() is not None


def all_rows(
    stored: Sequence[StoredEvent], append: Append, first: int, moment: str
) -> Iterator[tuple[Any, ...]]:
    """Return the finished rows of a command: its own, then those of the request it approves."""
    if append.approved is None:
        events_ = prepared(stored, append.envelope, append.encrypted)
        return event_rows(events_, append.envelope, first, moment)
    number, other = append.approved
    parts = []
    for part, envelope in ((slice(0, number), append.envelope), (slice(number, None), other)):
        events_ = prepared(stored[part], envelope, append.encrypted and append.encrypted[part])
        parts.append(event_rows(events_, envelope, first + (part.start or 0), moment))
    return chain(*parts)


def event_rows(
    events_: Iterable[Prepared], envelope: Envelope, first: int, moment: str
) -> Iterator[tuple[Any, ...]]:
    """Yield the finished rows, in the order of the columns, ids as text."""
    common = tuple(None if value is None else str(value) for value in envelope)
    for position, event in enumerate(events_, first):
        yield position, moment, *event[:6], *common, leaf_hash(event, position, moment)


def insert_rows(connection: Any, rows: Iterator[tuple[Any, ...]]) -> bytes:
    """Write finished rows by the fastest way the engine has; return the hash of the last."""
    last: list[bytes] = [b""]

    def noted() -> Iterator[tuple[Any, ...]]:
        for row in rows:
            last[0] = row[-1]
            yield row

    write_rows(connection, INSERT_SQLITE, COPY_POSTGRESQL, noted(), copy_line)
    return last[0]


def copy_line(row: tuple[Any, ...]) -> str:
    """Return a row of events as COPY reads it. Its texts are ids, times and names: no escapes."""
    position, moment, stream, version, kind, schema_version, data, encrypted, *envelope, digest = (
        row
    )
    secret = "\\N" if encrypted is None else f"\\\\x{encrypted.hex()}"
    common = "\t".join("\\N" if value is None else value for value in envelope)
    return (
        f"{position}\t{moment}\t{stream}\t{version}\t{kind}\t{schema_version}\t"
        f"\\\\x{data.hex()}\t{secret}\t{common}\t\\\\x{digest.hex()}\n"
    )
