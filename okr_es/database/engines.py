"""Engines for the two databases: URLs, and the settings that make a commit durable."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, NullPool, QueuePool, create_engine, event
from sqlalchemy.engine import URL, make_url

APP_ROLE = "okr_es_app"
BUSY_TIMEOUT_MS = 30_000
CACHE_KIB = 65_536
MAPPED_BYTES = 2**31
CHECKPOINT_PAGES = 4_096
# SQLAlchemy would search the catalogue for a type that is used nowhere, at the first connection.
NO_SEARCH_FOR_TYPES: dict[str, Any] = {"use_native_hstore": False}


def database_url(url: str, area: str) -> URL:
    """Return the URL of an area; raise ValueError for an engine other than the two."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    in_memory = parsed.database in (None, "", ":memory:") or parsed.query.get("mode") == "memory"
    if backend != "sqlite" or in_memory:
        raise ValueError(
            "OKR_ES_DATABASE is sqlite:///FILE or postgresql://…; other engines, and SQLite in "
            f"memory, do not keep an audit log (got {parsed.render_as_string()})."
        )
    if not area:
        return parsed
    path = Path(str(parsed.database))
    return parsed.set(database=str(path.with_name(f"{path.stem}.{area}{path.suffix or '.db'}")))


def engine_options(*, writes: bool) -> dict[str, Any]:
    """Return options: outside write transactions every statement stands alone, at once.

    Error messages hide parameters: keys and encrypted texts have no business in a log of errors.
    """
    hidden: dict[str, Any] = {"hide_parameters": True}
    if writes:
        return hidden
    return hidden | {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}


def sqlite_engine(url: URL, *, writes: bool, durable: bool, log_url: URL) -> Engine:
    """Return an engine on a SQLite file: WAL, synchronous=FULL, writes by BEGIN IMMEDIATE.

    One that need not be durable (a read model) can read the log beside its own tables, as `log`;
    not where it writes, because BEGIN IMMEDIATE would lock the log as well.
    """
    engine = create_engine(url, pool_size=8, max_overflow=64, **engine_options(writes=writes))

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        if not (durable or writes):
            connection.execute("ATTACH DATABASE ? AS log", (log_url.database,))
            # A past day lies anywhere in the file.
            connection.execute(f"PRAGMA main.mmap_size = {MAPPED_BYTES}")
        require_durable_sqlite(connection, synchronous=2 if durable else 1)

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

    return create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, **engine_options(writes=False)
    )


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
    return create_engine(
        url, connect_args={"options": options}, hide_parameters=True, **NO_SEARCH_FOR_TYPES
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


def postgresql_engine(url: URL, *, writes: bool, durable: bool, schema: str) -> Engine:
    """Return an engine on a PostgreSQL schema, acting as the role without rights to rewrite."""
    wanted = {"fsync": "on", "synchronous_commit": "on" if durable else "off"}
    options = (
        f"-csearch_path={schema},okr_log"
        f" -csynchronous_commit={wanted['synchronous_commit']}"
        # Statements go by keys: planned once, not again for each of their parameters.
        # Several processes for one of them cost more than they bring, and a bitmap loses the order
        # of the index, of which most statements want the first row alone.
        " -cplan_cache_mode=force_generic_plan -cjit=off -cmax_parallel_workers_per_gather=0"
        " -cenable_bitmapscan=off"
    )
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=24,
        connect_args={"options": options},
        **NO_SEARCH_FOR_TYPES,
        **engine_options(writes=writes),
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {APP_ROLE}")
            for setting, value in wanted.items():
                cursor.execute(f"SHOW {setting}")
                if (found := cursor.fetchone()[0]) != value:
                    raise RuntimeError(f"PostgreSQL is not durable here: {setting} is {found}.")
        connection.commit()

    return engine
