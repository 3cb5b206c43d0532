"""A recorder on a fresh log of each engine in turn, with a clock that a test can turn."""

from collections.abc import Iterator
from datetime import date

import pytest

from okr_es.database.database import Database
from okr_es.log.recorder import LogRecorder
from tests.support.given import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(date(2025, 7, 15))


@pytest.fixture
def recorder(database_url: str, clock: Clock) -> Iterator[LogRecorder]:
    yield from opened(database_url, clock)


@pytest.fixture
def on_sqlite(sqlite_url: str, clock: Clock) -> Iterator[LogRecorder]:
    yield from opened(sqlite_url, clock)


@pytest.fixture
def on_postgresql(postgresql_url: str, clock: Clock) -> Iterator[LogRecorder]:
    yield from opened(postgresql_url, clock)


def opened(url: str, clock: Clock) -> Iterator[LogRecorder]:
    recorder = LogRecorder(Database(url), clock)
    recorder.create()
    yield recorder
    recorder.database.dispose()
