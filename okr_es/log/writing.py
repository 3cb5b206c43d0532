"""The two ways into the log: step by step (both engines), or one function call (PostgreSQL).

Both take the counter row first thing they write, so order of positions is order of commits,
and a rollback leaves no hole. The function exists because on PostgreSQL each step is a round
trip, and the lock on the counter is held for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from sqlalchemy import Connection, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import ARRAY, BigInteger, Boolean, Integer, LargeBinary, Text, Uuid

from .append import NO_GUARD, Append
from .database import Database
from .leaf import Halves, leaf_hash
from .schema import COLUMNS, commands, counter, events, streams

Verdict = tuple[str, int | None, int | None, str, bytes]

INSERT_SQLITE = 'INSERT INTO events ({}) VALUES ({})'.format(  # noqa: S608
    ", ".join(f'"{name}"' for name in COLUMNS), ", ".join("?" * len(COLUMNS))
)
COPY_POSTGRESQL = "COPY events ({}) FROM STDIN".format(", ".join(f'"{n}"' for n in COLUMNS))

FUNCTION_PARAMETERS: dict[str, Any] = {
    "now": Text, "seed": Boolean, "fingerprint": LargeBinary, "receipt": LargeBinary,
    "after": BigInteger, "guard_streams": ARRAY(Uuid), "guard_types": ARRAY(Text),
    "streams": ARRAY(Uuid), "versions": ARRAY(Integer), "types": ARRAY(Text),
    "schema_versions": ARRAY(Integer), "data": ARRAY(LargeBinary), "sealed": ARRAY(LargeBinary),
    "heads": ARRAY(LargeBinary), "tails": ARRAY(LargeBinary),
    "by": Uuid, "on_behalf_of": Uuid, "origin": Text, "command_id": Uuid,
    "correlation_id": Uuid, "causation_id": Uuid, "written_at": Text,
    "s_streams": ARRAY(Uuid), "s_types": ARRAY(Text), "s_versions": ARRAY(Integer),
    "s_parents": ARRAY(Uuid), "s_living": ARRAY(Boolean), "s_states": ARRAY(LargeBinary),
}  # fmt: skip
CASTS = {Text: "text", Boolean: "boolean", LargeBinary: "bytea", BigInteger: "bigint", Uuid: "uuid",
         Integer: "int"}  # fmt: skip


def cast_of(kind: Any) -> str:
    """Return the PostgreSQL name of a parameter's type."""
    return f"{CASTS[type(kind.item_type)]}[]" if isinstance(kind, ARRAY) else CASTS[kind]


CALL = "SELECT * FROM append_events({})".format(  # noqa: S608
    ", ".join(f"%s::{cast_of(kind)}" for kind in FUNCTION_PARAMETERS.values())
)


def append_by_function(
    database: Database,
    stored: Sequence[StoredEvent],
    parts: Sequence[Halves],
    append: Append,
    now: str,
) -> Verdict:
    """Append by one call of a database function: one round trip."""
    columns = list(zip(*append.states, strict=True)) or [()] * 6
    e = append.envelope
    values = (
        now, append.seed_time is not None, append.fingerprint, append.receipt,
        append.after, list(append.guard_streams), list(append.guard_types),
        [s.originator_id for s in stored], [s.originator_version for s in stored],
        [s.topic for s in stored], [getattr(s, "schema_version", 1) for s in stored],
        [s.state for s in stored], list(append.sealed or [None] * len(stored)),
        [p.head for p in parts], [p.tail for p in parts],
        e.by, e.on_behalf_of, e.origin, e.command_id, e.correlation_id, e.causation_id,
        e.written_at, *(list(column) for column in columns),
    )  # fmt: skip
    with database.reader.connect() as connection:
        row = connection.exec_driver_sql(CALL, values).one()
        verdict: Verdict = tuple(row)  # type: ignore[assignment]
        return verdict


def append_by_steps(
    database: Database,
    stored: Sequence[StoredEvent],
    parts: Sequence[Halves],
    append: Append,
    now: str,
) -> Verdict:
    """Append in one transaction of several statements."""
    seed = append.seed_time is not None
    with database.transaction() as connection:
        at = connection.execute(COUNTER).one()
        if against := standing_against(connection, append, at, now, seed=seed):
            return against
        moment = max(now, at.recorded_at)
        first, last = at.position + 1, at.position + len(stored)
        if stored:
            insert_rows(connection, event_rows(stored, parts, append, first, moment))
            connection.execute(
                ADVANCE, {"to": last, "moment": moment, "still": at.seeding and seed}
            )
        keep_states(connection, append)
        if append.envelope.command_id is not None:
            connection.execute(
                insert(commands),
                {
                    "command_id": append.envelope.command_id,
                    "fingerprint": append.fingerprint,
                    "first_position": first if stored else None,
                    "last_position": last if stored else None,
                    "recorded_at": moment,
                    "receipt": append.receipt,
                },
            )
    return "appended", first, last, moment, b""


COUNTER = select(counter.c.position, counter.c.recorded_at, counter.c.seeding).with_for_update()
ADVANCE = update(counter).values(
    position=bindparam("to"), recorded_at=bindparam("moment"), seeding=bindparam("still")
)
EARLIER = select(
    commands.c.fingerprint,
    commands.c.first_position,
    commands.c.last_position,
    commands.c.recorded_at,
    commands.c.receipt,
).where(commands.c.command_id == bindparam("command_id"))
GUARD = (
    select(events.c.position)
    .where(
        events.c.position > bindparam("after"),
        or_(
            events.c.stream.in_(bindparam("streams", expanding=True)),
            events.c.type.in_(bindparam("types", expanding=True)),
        ),
    )
    .limit(1)
)


def standing_against(
    connection: Connection, append: Append, at: Any, now: str, *, seed: bool
) -> Verdict | None:
    """Return the verdict that keeps the command out of the log, or None."""
    command_id = append.envelope.command_id
    earlier = command_id and connection.execute(EARLIER, {"command_id": command_id}).first()
    if earlier:
        verdict = "repeated" if earlier.fingerprint == append.fingerprint else "taken"
        return (verdict, *earlier[1:])
    if append.after < min(at.position, NO_GUARD) and is_overtaken(connection, append):
        return "overtaken", None, None, "", b""
    if seed and not at.seeding:
        return "not_empty", None, None, "", b""
    if seed and now < at.recorded_at:
        return "backwards", None, None, at.recorded_at, b""
    return None


def is_overtaken(connection: Connection, append: Append) -> bool:
    """Return whether something the decision rested on was recorded behind it."""
    found = connection.execute(
        GUARD,
        {
            "after": append.after,
            "streams": list(append.guard_streams),
            "types": list(append.guard_types),
        },
    )
    return found.first() is not None


def event_rows(
    stored: Sequence[StoredEvent], parts: Sequence[Halves], append: Append, first: int, moment: str
) -> list[tuple[Any, ...]]:
    """Return the finished rows, in the order of the columns."""
    sealed = append.sealed or [None] * len(stored)
    common = tuple(append.envelope)
    return [
        (
            position,
            moment,
            event.originator_id,
            event.originator_version,
            event.topic,
            getattr(event, "schema_version", 1),
            event.state,
            secret,
            *common,
            leaf_hash(part, position, moment),
        )
        for position, (event, part, secret) in enumerate(
            zip(stored, parts, sealed, strict=True), first
        )
    ]


def insert_rows(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Write finished rows by the fastest way the engine has."""
    if connection.dialect.name == "sqlite":
        texts = [tuple(str(v) if type(v) is UUID else v for v in row) for row in rows]
        connection.exec_driver_sql(INSERT_SQLITE, texts)
        return
    cursor = connection.connection.cursor()
    with cursor.copy(COPY_POSTGRESQL) as copy:
        for row in rows:
            copy.write_row(row)


def keep_states(connection: Connection, append: Append) -> None:
    """Keep the state of every changed stream beside its last event."""
    if append.states:
        rows = [state._asdict() for state in append.states]
        connection.execute(KEEP[connection.dialect.name], rows)


def upsert(dialect: Any) -> Any:
    """Return the statement that inserts or replaces a stream's state."""
    statement = dialect.insert(streams)
    kept = {n: statement.excluded[n] for n in ("version", "parent", "living", "state")}
    return statement.on_conflict_do_update(index_elements=["stream"], set_=kept)


KEEP = {"sqlite": upsert(sqlite), "postgresql": upsert(postgresql)}
