"""What SQLAlchemy makes again for each engine, and here once a process.

Each test opens databases of its own, and each of them has engines of its own. Each engine would
compile again what all others have compiled, and on PostgreSQL ask the same server again what it is:
that takes longer than most of the statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, MutableMapping
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg


def make_once() -> None:
    """From now on."""
    event.listen(Engine, "engine_connect", share)
    PGDialect_psycopg.initialize = initialize  # type: ignore[method-assign]


class Compiled(MutableMapping[Any, Any]):
    """What was compiled for one kind of database; of its keys, the dialect of an engine is cut."""

    def __init__(self) -> None:
        self.kept: dict[Any, Any] = {}

    def __getitem__(self, key: tuple[Any, ...]) -> Any:
        return self.kept[key[1:]]

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return self.kept.get(key[1:], default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        self.kept[key[1:]] = compiled

    def __delitem__(self, key: tuple[Any, ...]) -> None:
        del self.kept[key[1:]]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.kept)

    def __len__(self) -> int:
        return len(self.kept)


COMPILED: defaultdict[str, Compiled] = defaultdict(Compiled)  # by the name of the dialect


def share(connection: Connection) -> None:
    """Let a connection go by what was compiled for others of its kind."""
    connection.execution_options(compiled_cache=COMPILED[connection.dialect.name])


ASK = PGDialect_psycopg.initialize
ANSWERS: dict[tuple[Any, ...], dict[str, Any]] = {}  # by server, and what a session is begun with


def initialize(dialect: PGDialect_psycopg, connection: Any) -> None:
    """Learn what a server is; another engine with the same options may have asked it."""
    known = connection.connection.driver_connection.info.get_parameters()
    key = known.get("host"), known.get("port"), known.get("user"), known.get("options")
    if key not in ANSWERS:
        before = dict(vars(dialect))
        ASK(dialect, connection)
        ANSWERS[key] = {
            name: value
            for name, value in vars(dialect).items()
            if name not in before or before[name] is not value
        }
    vars(dialect).update(ANSWERS[key])
