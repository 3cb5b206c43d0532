"""Counts statements at the driver: all that any database is asked, on both engines, by any thread.

One call of the driver is one statement, and so is each row of `executemany`. Statements inside
triggers and functions are no calls and do not count. Nor do transactions and settings (BEGIN,
COMMIT, PRAGMA, SET, SHOW …), nor what a pool asks of a connection while it opens it, or to see if
an idle one is still there (";"): a connection counts from the first time it is checked out.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from typing import Any
from unittest.mock import patch
from weakref import WeakSet

import psycopg
from sqlalchemy import event
from sqlalchemy.pool import Pool

BLANKS = re.compile(r"\s+")
NOT_COUNTED = re.compile(
    r"\s*;$|\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|SET|RESET|SHOW)\b", re.IGNORECASE
)
CURSORS = (psycopg.Cursor, psycopg.ServerCursor)
METHODS = ("execute", "executemany", "copy", "stream")


class Statements:
    """The statements that were sent to the drivers, in order, their blanks evened."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.connections: WeakSet[Any] = WeakSet()

    def sent_by(self, work: Callable[[], object]) -> list[str]:
        """The statements of some work, in whatever thread."""
        before = len(self.texts)
        work()
        return self.texts[before:]

    def note(self, connection: Any, statement: Any, times: int = 1) -> None:
        text = BLANKS.sub(" ", str(statement)).strip()
        if connection in self.connections and not NOT_COUNTED.match(text):
            self.texts += [text] * times

    def check_out(self, connection: Any, *_: object) -> None:
        """Count what a connection of a pool sends from now on."""
        if isinstance(connection, sqlite3.Connection):
            assert isinstance(connection, Watched), "It was opened before anybody watched."
            connection.statements = self
        self.connections.add(connection)


class Watched(sqlite3.Connection):
    """A connection to SQLite whose cursors note what it is asked."""

    statements: Statements | None = None

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or WatchedCursor)

    def execute(self, sql: str, *parameters: Any) -> Any:
        return self.cursor().execute(sql, *parameters)

    def executemany(self, sql: str, rows: Any) -> Any:
        return self.cursor().executemany(sql, rows)

    def executescript(self, script: str) -> Any:
        return self.cursor().executescript(script)


class WatchedCursor(sqlite3.Cursor):
    """A cursor that notes what its connection is asked."""

    def execute(self, sql: str, *parameters: Any) -> Any:
        self.note(sql)
        return super().execute(sql, *parameters)

    def executemany(self, sql: str, rows: Any) -> Any:
        rows = list(rows)
        self.note(sql, len(rows))
        return super().executemany(sql, rows)

    def executescript(self, script: str) -> Any:
        self.note(script)
        return super().executescript(script)

    def note(self, sql: str, times: int = 1) -> None:
        statements = self.connection.statements
        if statements is not None:
            statements.note(self.connection, sql, times)


@contextmanager
def watched() -> Iterator[Statements]:
    """Notes what is sent meanwhile; connections to SQLite have to be opened meanwhile too."""
    statements = Statements()
    with ExitStack() as stack:
        connect = partial(sqlite3.connect, factory=Watched)
        stack.enter_context(patch("sqlite3.dbapi2.connect", connect))
        for cursor in CURSORS:
            for name in METHODS:
                if name in vars(cursor):
                    method = noting(statements, name, vars(cursor)[name])
                    stack.enter_context(patch.object(cursor, name, method))
        event.listen(Pool, "checkout", statements.check_out)
        stack.callback(event.remove, Pool, "checkout", statements.check_out)
        yield statements


def noting(statements: Statements, name: str, method: Any) -> Any:
    """A method of psycopg's cursors that notes what it sends."""

    @wraps(method)
    def noted(cursor: Any, query: Any, *arguments: Any, **named: Any) -> Any:
        times = 1
        if name == "executemany":
            rows, *rest = arguments or (named.pop("params_seq"),)
            arguments = (list(rows), *rest)
            times = len(arguments[0])
        statements.note(cursor.connection, query, times)
        return method(cursor, query, *arguments, **named)

    return noted


def by_text(texts: list[str], width: int = 120) -> str:
    """Statements grouped by their text, the most frequent first: what a limit was spent on."""
    counted = Counter(text if len(text) <= width else f"{text[:width]} …" for text in texts)
    return "\n".join(f"{times:5} × {text}" for text, times in counted.most_common())
