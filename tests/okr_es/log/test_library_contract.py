"""The recorder passes the test cases that ship inside the eventsourcing wheel, on both engines.

The cases are unittest classes; each engine's class takes its fresh database from a pytest fixture.
"""

import threading
from collections.abc import Iterator

import pytest
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from okr_es.database.database import Database
from okr_es.log.recorder import LogRecorder


class OnThisEngine:
    """Gives the library's cases a recorder of ours on a fresh database."""

    engine = ""

    @pytest.fixture(autouse=True)
    def fresh_recorder(self, request: pytest.FixtureRequest) -> Iterator[None]:
        database = Database(request.getfixturevalue(f"{self.engine}_url"))
        self.recorder = LogRecorder(database)
        self.recorder.create()
        running = set(threading.enumerate())
        yield
        for left_behind in set(threading.enumerate()) - running:  # the cases do not wait for theirs
            left_behind.join(timeout=10)
        database.dispose()

    def create_recorder(self) -> ApplicationRecorder:
        return self.recorder


class TestApplicationRecorderOnSqlite(OnThisEngine, ApplicationRecorderTestCase):
    engine = "sqlite"

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestApplicationRecorderOnPostgresql(OnThisEngine, ApplicationRecorderTestCase):
    engine = "postgresql"

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleavingOnSqlite(OnThisEngine, NonInterleavingNotificationIDsBaseCase):
    engine = "sqlite"


class TestNonInterleavingOnPostgresql(OnThisEngine, NonInterleavingNotificationIDsBaseCase):
    engine = "postgresql"


# The base classes are imported for their cases alone; pytest must not collect them bare.
del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
