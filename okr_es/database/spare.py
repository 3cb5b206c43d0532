"""Connections of the drivers' own for single statements; on SQLite kept for the next one."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import Engine, Pool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

from okr_es.database.engines import ENDED

DRIVER_ERRORS = (sqlite3.Error, psycopg.Error)


class Spare:
    """Connections of an engine that are kept out of its pool until the next statement.

    To give one back and take it again costs as much as a short statement itself. Only those to a
    file are kept: one to a server may be dead by then, which the pool looks for.
    """

    def __init__(self, engine: Engine, *, keeps: bool) -> None:
        self.engine = engine
        self.keeps = keeps
        self.kept: deque[tuple[Pool, PoolProxiedConnection]] = deque()

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self.kept)

    def take(self) -> PoolProxiedConnection:
        """Return a connection that was kept, or else one of the pool."""
        while self.kept:
            try:
                pool, pooled = self.kept.pop()
            except IndexError:  # another thread was quicker
                break
            if self.is_current(pool):
                return pooled
            pooled.close()
        return self.engine.raw_connection()

    def give_back(self, pool: Pool, pooled: PoolProxiedConnection) -> None:
        """Keep a connection that came from a pool, or give it back."""
        if self.keeps and self.is_current(pool):
            self.kept.append((pool, pooled))
        else:
            pooled.close()

    def is_current(self, pool: Pool) -> bool:
        """Return whether the engine still goes by a pool."""
        return pool is self.engine.pool and self.engine not in ENDED

    def close(self) -> None:
        """Give all back to their pools; one that the engine goes by no more closes them."""
        while self.kept:
            _, pooled = self.kept.pop()
            pooled.close()


class Driver:
    """A connection of the driver's own for a `with` block, outside transactions.

    `known` says what an error of the driver is raised as. It is a class, because a generator costs
    twice as much.
    """

    __slots__ = ("known", "pool", "pooled", "spare")

    def __init__(self, spare: Spare, known: Callable[[BaseException], DBAPIError]) -> None:
        self.spare = spare
        self.known = known

    def __enter__(self) -> Any:
        """Take a connection."""
        self.pool = self.spare.engine.pool
        try:
            self.pooled = self.spare.take()
        except DRIVER_ERRORS as error:
            raise self.known(error) from error
        return self.pooled.driver_connection

    def __exit__(self, kind: type[BaseException] | None, error: Any, traceback: Any) -> None:
        """Give the connection back, or put it out of use where the driver failed."""
        if error is None:
            self.spare.give_back(self.pool, self.pooled)
            return
        try:
            if isinstance(error, DRIVER_ERRORS):
                self.pooled.invalidate(error)
                raise self.known(error) from error
        finally:
            self.pooled.close()
