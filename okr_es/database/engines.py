"""Engines for the two databases: URLs, and the settings that make a commit durable."""

from __future__ import annotations

import math
import sqlite3
import time
from pathlib import Path
from typing import Any
from weakref import WeakSet

import psycopg
from sqlalchemy import Engine, NullPool, Pool, QueuePool, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from okr_es.database.files import name_file
from okr_es.database.timeouts import Timeouts, is_over
from okr_es.database.unanswered import watch

APP_ROLE = "okr_es_app"
BUSY_TIMEOUT_MS = 30_000
CACHE_KIB = 65_536
READ_ONCE_KIB = 8_192  # of what is read from one end to the other
CHECKPOINT_PAGES = 4_096
STEPS_BETWEEN_LOOKS = 100_000  # of SQLite's machine: some milliseconds
IDLE_SECONDS = 1.0
# SQLAlchemy would search the catalogue for a type that is used nowhere, at the first connection.
NO_SEARCH_FOR_TYPES: dict[str, Any] = {"use_native_hstore": False}
ENDED: WeakSet[Engine] = WeakSet()  # what is asked of them all the same goes by new connections


class UnusableDatabase(ValueError):
    """A database that cannot be used; the message says what to change."""


IS = "OKR_ES_DATABASE is sqlite:///FILE or postgresql://…."
ODD_CHARACTERS = (
    "In a name or a password, write odd characters by their code: @ is %40, : is %3A, / is %2F, "
    "% is %25."
)
DIRECTORY = "directory"
APART = "keys"  # an option of a URL: the URL of the database with the directory and its keys
DRIVERS = {"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"}
# Options of libpq that say where the server is and how to reach it; all others are ours to set.
ALLOWED_OPTIONS: dict[str, set[str]] = {
    "sqlite": {"uri", "vfs"},
    "postgresql": {
        "host", "port", "hostaddr", "user", "password", "passfile", "dbname", "service",
        "connect_timeout", "application_name", "target_session_attrs", "load_balance_hosts",
        "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
        "tcp_user_timeout", "channel_binding", "require_auth", "gssencmode", "krbsrvname",
        "sslmode", "sslnegotiation", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl",
        "sslcrldir", "sslcertmode", "ssl_min_protocol_version", "ssl_max_protocol_version",
    },
}  # fmt: skip


def database_url(url: str, area: str) -> URL:
    """Return the URL of an area; raise UnusableDatabase for one that cannot be used.

    The directory, with all keys, may lie in another database: the option `keys` of the URL.
    """
    parsed, apart = read_url(url), keys_url(url)
    if apart is not None and area == DIRECTORY:
        return database_url(apart, area)
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if not area:
        return parsed
    path = Path(str(parsed.database))
    return parsed.set(database=str(path.with_name(f"{path.stem}.{area}{path.suffix or '.db'}")))


def keys_url(url: str) -> str | None:
    """Return the URL of the database with the keys, None where they lie beside the log."""
    found = any_url(url).query.get(APART)
    return found if isinstance(found, str) else None


def with_keys_at(url: str, keys: str) -> str:
    """Return the URL of a database whose keys lie in another one."""
    read_url(keys)
    parsed = any_url(url).update_query_dict({APART: keys})
    return parsed.render_as_string(hide_password=False)


def any_url(url: str) -> URL:
    """Return a URL, whatever it names."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        return URL.create("unreadable")


def read_url(url: str) -> URL:
    """Return a URL; raise UnusableDatabase, which shows no password, for one that is odd."""
    parsed = any_url(url).difference_update_query([APART])
    if parsed.drivername == "unreadable" or "@" in (parsed.host or ""):
        raise UnusableDatabase(f"{IS} This one cannot be read. {ODD_CHARACTERS}")
    backend, allowed = parsed.get_backend_name(), ALLOWED_OPTIONS.get(parsed.get_backend_name())
    in_memory = parsed.database in (None, "", ":memory:") or parsed.query.get("mode") == "memory"
    if allowed is None or (backend == "sqlite" and in_memory):
        raise UnusableDatabase(
            f"{IS} Other engines, and SQLite in memory, do not keep an audit log (got "
            f"{parsed.set(query={}).render_as_string()})."
        )
    if parsed.drivername not in DRIVERS:
        raise UnusableDatabase(f"{IS} The driver {parsed.drivername} is not used here.")
    if odd := sorted(set(parsed.query) - allowed):
        raise UnusableDatabase(f"{IS} The option {odd[0]} is unknown, or set by okr-es itself.")
    return parsed


def engine_options(*, writes: bool) -> dict[str, Any]:
    """Return options: outside write transactions every statement stands alone, at once.

    Error messages hide parameters: keys and encrypted texts have no business in a log of errors.
    """
    hidden: dict[str, Any] = {"hide_parameters": True}
    if writes:
        return hidden
    return hidden | {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}


def sqlite_engine(
    url: URL, timeouts: Timeouts, *, writes: bool, durable: bool, log_url: URL
) -> Engine:
    """Return an engine on a SQLite file: WAL, synchronous=FULL, writes by BEGIN IMMEDIATE.

    One that need not be durable (a read model) can read the log beside its own tables, as `log`;
    not where it writes, because BEGIN IMMEDIATE would lock the log as well.
    """
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=64,
        pool_timeout=timeouts.pool,
        **engine_options(writes=writes),
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {round(timeouts.lock * 1000)}")
        connection.set_progress_handler(is_over, STEPS_BETWEEN_LOOKS)
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        if not (durable or writes):
            connection.execute("ATTACH DATABASE ? AS log", (log_url.database,))
        require_durable_sqlite(connection, synchronous=2 if durable else 1)

    close_what_comes_back_late(engine)

    @event.listens_for(engine, "handle_error")
    def on_error(context: ExceptionContext) -> None:
        name_file(context.original_exception, url.database)

    if writes:

        @event.listens_for(engine, "begin")
        def on_begin(connection: Any) -> None:
            connection.connection.driver_connection.execute("BEGIN IMMEDIATE")

    return engine


def read_only_engine(url: URL) -> Engine:
    """Return an engine on a SQLite file that is only read, where nothing else can be written.

    Without a write-ahead log to be read nothing can change there either (`immutable`), so no file
    has to be made beside it, as on a file system that is read-only.
    """
    path = Path(str(url.database)).absolute()
    log = path.with_name(f"{path.name}-wal")
    has_log = log.exists() and log.stat().st_size > 0
    uri = f"{path.as_uri()}?mode=ro" + ("" if has_log else "&immutable=1")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False,
            timeout=BUSY_TIMEOUT_MS / 1_000,
        )  # fmt: skip
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        return connection

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, **engine_options(writes=False)
    )
    close_what_comes_back_late(engine)
    return engine


def require_durable_sqlite(connection: Any, synchronous: int) -> None:
    """Set write-ahead log and synchronous; raise RuntimeError where the file does not take them."""
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    found = connection.execute("PRAGMA synchronous").fetchone()[0]
    if (mode, found) != ("wal", synchronous):
        raise RuntimeError(f"SQLite is not durable here: {mode=}, synchronous={found}.")


def owner_engine(url: URL, schema: str, options: str = "") -> Engine:
    """Return an engine on a PostgreSQL schema that acts as the login, who owns the tables."""
    options = f"-csearch_path={schema} {options}"
    engine = create_engine(
        url, connect_args={"options": options}, hide_parameters=True, **NO_SEARCH_FOR_TYPES
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        require_utf8(connection)

    return engine


def require_utf8(connection: Any) -> None:
    """Refuse a database whose encoding cannot hold every text; the log hashes UTF-8."""
    if (found := connection.info.parameter_status("server_encoding")) != "UTF8":
        raise UnusableDatabase(
            f"The encoding of the database is {found}, and okr-es needs UTF8: create it with "
            "ENCODING 'UTF8' TEMPLATE template0."
        )


def brief_engine(url: URL, schema: str, seconds: int) -> Engine:
    """Return an engine on a PostgreSQL schema that only reads, each time by a new connection.

    It waits so many seconds for one, and for each statement.
    """
    options = f"-csearch_path={schema} -cstatement_timeout={seconds}s"
    engine = create_engine(
        url,
        poolclass=NullPool,
        connect_args={"options": options, "connect_timeout": seconds},
        **NO_SEARCH_FOR_TYPES,
        **engine_options(writes=False),
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.execute(f"SET ROLE {APP_ROLE}")

    return engine


def postgresql_engine(
    url: URL, timeouts: Timeouts, *, writes: bool, durable: bool, schema: str
) -> Engine:
    """Return an engine on a PostgreSQL schema, acting as the role without rights to rewrite."""
    wanted = {"fsync": "on", "synchronous_commit": "on" if durable else "off"}
    settings = ", ".join(f"current_setting('{setting}')" for setting in wanted)
    become = f"SELECT set_config('role', '{APP_ROLE}', false), {settings}"
    options = (
        f"-csearch_path={schema},okr_log"
        f" -csynchronous_commit={wanted['synchronous_commit']}"
        # Statements go by keys: planned once, not again for each of their parameters.
        # Several processes for one of them cost more than they bring, and a bitmap loses the order
        # of the index, of which most statements want the first row alone.
        " -cplan_cache_mode=force_generic_plan -cjit=off -cmax_parallel_workers_per_gather=0"
        " -cenable_bitmapscan=off"
    ) + timeouts.postgresql_options
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=24,
        pool_timeout=timeouts.pool,
        connect_args={"connect_timeout": max(2, math.ceil(timeouts.connect)), "options": options},
        **NO_SEARCH_FOR_TYPES,
        **engine_options(writes=writes),
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        require_utf8(connection)
        with connection.cursor() as cursor:
            found = cursor.execute(become).fetchone()
        for (setting, value), it_is in zip(wanted.items(), found[1:], strict=True):
            if it_is != value:
                raise RuntimeError(f"PostgreSQL is not durable here: {setting} is {it_is}.")
        connection.commit()

    close_what_comes_back_late(engine)
    try_idle_ones_first(engine)
    watch(engine, timeouts.statement)
    return engine


def end(engine: Engine) -> None:
    """Close all connections of an engine, and each that is in use or made later once it is back."""
    ENDED.add(engine)
    if has_connections(engine.pool):
        engine.dispose()


def has_connections(pool: Pool) -> bool:
    """Return whether a pool has any: to close none takes long, as another pool is made for it."""
    return not isinstance(pool, QueuePool) or bool(pool.checkedin() or pool.checkedout())


def close_what_comes_back_late(engine: Engine) -> None:
    """Let a connection be closed that was in use while all others were closed.

    On SQLite it would keep a file open that may have been replaced.
    """

    @event.listens_for(engine, "connect")
    def on_connect(_: Any, record: Any) -> None:
        record.info["pool"] = engine.pool

    @event.listens_for(engine, "checkin")
    def on_checkin(connection: Any, record: Any) -> None:
        is_late = engine in ENDED or record.info.get("pool") is not engine.pool
        if connection is not None and is_late:
            record.close()


def try_idle_ones_first(engine: Engine) -> None:
    """Let a connection that lay idle be tried before it is used: the server may be another one."""

    @event.listens_for(engine, "checkin")
    def on_checkin(_: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, _: Any) -> None:
        if connection.closed:
            raise DisconnectionError("The connection broke while it was used last.")
        if time.monotonic() - record.info.get("idle_since", math.inf) > IDLE_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except psycopg.Error as error:
                raise DisconnectionError(str(error)) from error
