"""A database as one of its open transactions sees it: with what that has written so far."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from okr_es.database.database import Database, Given, Row, text_for
from okr_es.database.dialect import driver_of
from okr_es.database.spare import DRIVER_ERRORS


class Within(Database):
    """Stands for a database where only its open transaction may be read, and no other begun.

    `write` is called before each statement, so that what still waits to be written is there to be
    read. What names none of the tables `others` needs less: then `write_states` is called, and its
    answer is given again, until `forget` is called because it may be another one.
    """

    def __init__(
        self,
        database: Database,
        connection: Connection,
        write: Callable[[], None],
        write_states: Callable[[], None],
        others: Sequence[str],
    ) -> None:
        vars(self).update(vars(database))
        self.connection = connection
        self.write, self.write_states = write, write_states
        self.names_others = re.compile(rf"\b({'|'.join(others)})\b").search
        self.kept_rows: dict[tuple[str, str], list[Row]] = {}
        self.reader = cast("Engine", Reader(connection, write))

    def rows(
        self,
        statement: str,
        parameters: Given,
        *,
        for_values: bool = False,  # noqa: ARG002
    ) -> list[Row]:
        """Return the rows of one statement, as of a database."""
        if self.names_others(statement):
            self.write()
            return self.read(statement, parameters)
        key = statement, repr(parameters)
        if key not in self.kept_rows:
            self.write_states()
            self.kept_rows[key] = self.read(statement, parameters)
        return self.kept_rows[key]

    def forget(self) -> None:
        """Read again what was read."""
        self.kept_rows.clear()

    def read(self, statement: str, parameters: Mapping[str, Any] | Sequence[Any]) -> list[Row]:
        """Return the rows of one statement, straight from the driver."""
        driver = driver_of(self.connection)
        text = text_for(driver, statement) if isinstance(parameters, dict) else statement
        cursor = driver if self.is_sqlite else driver.cursor(binary=True)
        try:
            found: list[Row] = cursor.execute(text, parameters).fetchall()
        except DRIVER_ERRORS as error:
            raise DBAPIError.instance(statement, None, error, type(error)) from error
        return found

    def follow_files(self) -> bool:
        """Stay with the file of the transaction."""
        return False

    def transaction(self) -> NoReturn:
        """Refuse to begin another one, which would wait for this for ever."""
        raise RuntimeError("A transaction within a transaction.")


class Reader:
    """Stands for the engine to read by: it gives the connection of the open transaction."""

    def __init__(self, connection: Connection, before_reading: Callable[[], None]) -> None:
        self.connection = connection
        self.before_reading = before_reading

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Give the connection, and leave it open."""
        self.before_reading()
        yield self.connection
