"""The tables of the log, the same on both engines, and what makes them immutable."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    insert,
    select,
    text,
)

from okr_es.database.types import BigInt, Id, Instant
from okr_es.log.append import OLDEST_READ_SET

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("position", BigInt, primary_key=True, autoincrement=False),
    Column("recorded_at", Instant, nullable=False),
    Column("stream", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("encrypted", LargeBinary),
    Column("by", Id),
    Column("on_behalf_of", Id),
    Column("origin", Text, nullable=False),
    Column("command_id", Id),
    Column("correlation_id", Id),
    Column("causation_id", Id),
    Column("written_at", Text),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("stream", "version", name="one_event_a_version"),
)

counter = Table(
    "counter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", BigInt, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("seeding", Boolean, nullable=False),
)

commands = Table(
    "commands",
    metadata,
    Column("command_id", Id, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("first_position", BigInt),
    Column("last_position", BigInt),
    Column("recorded_at", Instant, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
)

# What a command needs to decide, kept beside the log in the append transaction: the state
# of each stream after its last event. Derived, and checked against the fold of the events.
streams = Table(
    "streams",
    metadata,
    Column("stream", Id, primary_key=True),
    Column("type", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("parent", Id),
    Column("living", Boolean, nullable=False),
    Column("state", LargeBinary, nullable=False),
)
Index("living_children", streams.c.parent, streams.c.type, streams.c.living)

# The Merkle tree over the events: the hashes of its full blocks, see `merkle.py`; and what was
# signed over it, as it was sent out, and which sink has it.
tree = Table(
    "tree",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInt, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInt, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("cause", Text, nullable=False),
)
published_checkpoints = Table(
    "published_checkpoints",
    metadata,
    Column("sink", Text, primary_key=True),
    Column("size", BigInt, primary_key=True, autoincrement=False),
    Column("published_at", Instant, nullable=False),
)
IMMUTABLE = ("tree", "checkpoints", "published_checkpoints")

COLUMNS = [str(column.name) for column in events.columns]
ID_COLUMNS = frozenset(str(c.name) for c in events.columns if isinstance(c.type, Id))

SQLITE_GUARDS = (
    """CREATE TRIGGER IF NOT EXISTS events_refuse_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are immutable'); END""",
    """CREATE TRIGGER IF NOT EXISTS events_refuse_delete BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are immutable'); END""",
    # INSERT OR REPLACE deletes without firing the trigger above: refuse what would be replaced.
    # The same line keeps positions without a gap, whoever writes.
    """CREATE TRIGGER IF NOT EXISTS events_refuse_gap BEFORE INSERT ON events
    WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM events)
      OR EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version)
    BEGIN SELECT CASE
      WHEN EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version)
      THEN RAISE(ABORT, 'UNIQUE constraint failed: events.stream, events.version')
      ELSE RAISE(ABORT, 'positions have no gap and events are immutable') END; END""",
)

SQLITE_GUARDS_BESIDE = (
    *(
        f"""CREATE TRIGGER IF NOT EXISTS {table}_refuse_{change} BEFORE {change} ON {table}
        BEGIN SELECT RAISE(ABORT, '{table} is immutable'); END"""
        for table in IMMUTABLE
        for change in ("update", "delete")
    ),
    """CREATE TRIGGER IF NOT EXISTS checkpoints_refuse_insert BEFORE INSERT ON checkpoints
    WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoints)
    BEGIN SELECT RAISE(ABORT, 'checkpoints only grow'); END""",
)

POSTGRESQL_GUARDS = (
    """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' are immutable'; END $$""",
    """CREATE OR REPLACE TRIGGER events_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE
    ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)

POSTGRESQL_GUARDS_BESIDE = tuple(
    f"""CREATE OR REPLACE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE
    ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
    for table in IMMUTABLE
)

# One parameter of JSON instead of two dozen arrays: the driver spends less on it than the server.
POSTGRESQL_APPEND = """
CREATE OR REPLACE FUNCTION append_events(p jsonb)
RETURNS TABLE (outcome text, first_position bigint, last_position bigint, at text, answer bytea)
LANGUAGE plpgsql AS $$
DECLARE
  c record; earlier record; moment text; n int := jsonb_array_length(p->'events');
  command uuid := (p->>'command_id')::uuid; fingerprinted bytea := decode(p->>'fingerprint', 'hex');
  seed boolean := (p->>'seed')::boolean; after_position bigint := (p->>'after')::bigint;
BEGIN
  SELECT * INTO c FROM counter WHERE id = 1 FOR UPDATE;
  SELECT * INTO earlier FROM commands k WHERE k.command_id = command;
  IF FOUND THEN
    RETURN QUERY SELECT
      CASE WHEN earlier.fingerprint = fingerprinted THEN 'repeated' ELSE 'taken' END,
      earlier.first_position, earlier.last_position, earlier.recorded_at, earlier.receipt;
    RETURN;
  END IF;
  -- The positions are listed, so that the planner goes by the key and never reads the whole log.
  IF c.position > after_position AND (c.position - after_position > OLDEST_READ_SET OR EXISTS (
    SELECT 1 FROM events e
    WHERE e.position = ANY(ARRAY(SELECT generate_series(after_position + 1, c.position)))
      AND (e.stream = ANY(ARRAY(SELECT jsonb_array_elements_text(p->'guard_streams')::uuid))
        OR e.type = ANY(ARRAY(SELECT jsonb_array_elements_text(p->'guard_types')))))) THEN
    RETURN QUERY SELECT 'stale', 0::bigint, 0::bigint, '', ''::bytea; RETURN;
  END IF;
  IF seed AND NOT c.seeding THEN
    RETURN QUERY SELECT 'not_empty', 0::bigint, 0::bigint, '', ''::bytea; RETURN;
  END IF;
  IF seed AND (p->>'now') COLLATE "C" < c.recorded_at THEN
    RETURN QUERY SELECT 'backwards', 0::bigint, 0::bigint, c.recorded_at, ''::bytea; RETURN;
  END IF;
  moment := greatest((p->>'now') COLLATE "C", c.recorded_at);
  INSERT INTO events SELECT
    c.position + e.n, moment, e.stream, e.version, e.type, e.schema_version,
    convert_to(e.data, 'UTF8'), decode(e.encrypted, 'hex'),
    (p->>'by')::uuid, (p->>'on_behalf_of')::uuid, p->>'origin', command,
    (p->>'correlation_id')::uuid, (p->>'causation_id')::uuid, p->>'written_at',
    sha256('\\x00'::bytea || convert_to(e.head || '"position":' || c.position + e.n
      || ',"recorded_at":"' || moment || '"' || e.tail, 'UTF8'))
  FROM ROWS FROM (jsonb_to_recordset(p->'events') AS (stream uuid, version int, type text,
    schema_version int, data text, encrypted text, head text, tail text))
    WITH ORDINALITY AS e(stream, version, type, schema_version, data, encrypted, head, tail, n);
  INSERT INTO streams
  SELECT s.stream, s.type, s.version, s.parent, s.living, convert_to(s.state, 'UTF8')
  FROM jsonb_to_recordset(p->'states')
    AS s(stream uuid, type text, version int, parent uuid, living boolean, state text)
  ON CONFLICT (stream) DO UPDATE SET version = excluded.version, parent = excluded.parent,
    living = excluded.living, state = excluded.state;
  IF command IS NOT NULL THEN
    INSERT INTO commands VALUES (command, fingerprinted,
      CASE WHEN n > 0 THEN c.position + 1 END, CASE WHEN n > 0 THEN c.position + n END,
      moment, convert_to(p->>'receipt', 'UTF8'));
  END IF;
  IF n > 0 THEN
    UPDATE counter SET position = c.position + n, recorded_at = moment,
      seeding = c.seeding AND seed WHERE id = 1;
  END IF;
  RETURN QUERY SELECT 'appended', c.position + 1, c.position + n, moment, ''::bytea;
END $$
""".replace("OLDEST_READ_SET", str(OLDEST_READ_SET))

POSTGRESQL_RIGHTS = (
    "GRANT USAGE ON SCHEMA okr_log TO okr_es_app",
    "GRANT SELECT, INSERT ON events TO okr_es_app",
    "GRANT SELECT, INSERT ON commands, tree, checkpoints, published_checkpoints TO okr_es_app",
    "GRANT SELECT, UPDATE ON counter TO okr_es_app",
    "GRANT SELECT, INSERT, UPDATE ON streams TO okr_es_app",
)


def create_tables(connection: Connection) -> None:
    """Create what is missing of the log, inside the caller's transaction."""
    metadata.create_all(connection)
    sqlite = connection.dialect.name == "sqlite"
    statements = (
        (*SQLITE_GUARDS, *SQLITE_GUARDS_BESIDE)
        if sqlite
        else (*POSTGRESQL_GUARDS, *POSTGRESQL_GUARDS_BESIDE, POSTGRESQL_APPEND)
    )
    for statement in statements:
        connection.exec_driver_sql(statement)
    if not sqlite:
        for statement in POSTGRESQL_RIGHTS:
            connection.execute(text(statement))
    if connection.execute(select(counter.c.id)).first() is None:
        connection.execute(insert(counter).values(id=1, position=0, recorded_at="", seeding=True))
