"""The beginnings of readings are found by an index, however long the log is."""

import re
from collections.abc import Iterator
from datetime import date

import pytest

from okr_es.commands import CheckIn, RecordReading, RecordReadings
from okr_es.database.creation import owner_transaction
from okr_es.database.database import text_for
from okr_es.domain.evidence import Evidence
from okr_es.handlers.stream_events import of_streams
from okr_es.log.readings import readings_statement
from okr_es.log.recorder import LogRecorder
from okr_es.log.schema import AREA
from tests.support.begun import Begun
from tests.support.given import World, given
from tests.support.owners import owner
from tests.support.world import CUSTOMERS, LAUNCH, RESPONSE, begun_world, d

INDEX = "readings_by_measured"
INDEXES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
    "postgresql": "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()",
}
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
SCANNED = re.compile(r"^SCAN e|Seq Scan|events_pkey")
SEARCHED = re.compile(rf"^SEARCH e USING INDEX {INDEX} |Index Scan using {INDEX} ")
KEY_OF_A_STREAM = re.compile(r"one_event_a_version|sqlite_autoindex_events_\d \(stream=")
JULY, AUGUST = date(2025, 7, 3), date(2025, 7, 9)
NAMES_AN_ID = f'x","_id":"{CUSTOMERS}","as_of":"2025-07-09'


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    yield from begun_world(begun)


def found(world: World, *measured: object, first: date = JULY, last: date = AUGUST) -> list[int]:
    database = world.okr.database
    statement = readings_statement(database.dialect, "position")
    parameters = {
        "ids": database.dialect.array(measured),
        "first": first.isoformat(),
        "last": last.isoformat(),
    }
    return [int(position) for (position,) in database.rows(statement, parameters)]


def plan(world: World, statement: str, **parameters: str) -> list[str]:
    """The lines of the plan of a statement, stripped."""
    database = world.okr.database
    with database.snapshot() as connection:
        if not database.is_sqlite:  # a log of three pages would be scanned
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        driver = connection.connection.driver_connection
        assert driver is not None
        text = f"{EXPLAIN[database.dialect.name]} {text_for(driver, statement)}"
        return [str(row[-1]).strip() for row in driver.execute(text, parameters)]  # type: ignore[attr-defined]


def test_the_plan_goes_by_the_index(world: World) -> None:
    dialect = world.okr.database.dialect
    statement = readings_statement(dialect, "position")
    lines = plan(world, statement, ids=dialect.array([RESPONSE]), first="", last="")
    assert [line for line in lines if SEARCHED.search(line)]
    assert not [line for line in lines if SCANNED.search(line)]


def test_what_became_of_them_is_found_by_their_streams(world: World) -> None:
    dialect = world.okr.database.dialect
    types, streams = dialect.array(["x"]), dialect.array([RESPONSE])
    lines = plan(world, of_streams(dialect), types=types, streams=streams)
    assert [line for line in lines if KEY_OF_A_STREAM.search(line)]
    assert not [line for line in lines if SCANNED.search(line)]


def test_only_those_of_the_things_and_days_that_are_asked_for(world: World) -> None:
    given(world, CheckIn(CUSTOMERS, JULY, 7, d("1")))
    head = world.okr.log.head()
    given(
        world, RecordReading(RESPONSE, AUGUST, d("2")), CheckIn(CUSTOMERS, AUGUST, 7, d("3")),
        RecordReading(RESPONSE, date(2025, 7, 2), d("4")), CheckIn(LAUNCH, AUGUST, 7, d("1")),
        RecordReading(RESPONSE, JULY, d("5")), RecordReading(RESPONSE, date(2025, 7, 10), d("6")),
    )  # fmt: skip
    assert found(world, CUSTOMERS) == [head, head + 2]
    assert found(world, RESPONSE) == [head + 1, head + 5]
    assert found(world, RESPONSE, CUSTOMERS, first=AUGUST) == [head + 1, head + 2]
    assert found(world) == []


def test_what_a_reading_says_in_words_is_no_id_and_no_day(world: World) -> None:
    head = world.okr.log.head()
    tricky = [
        RecordReading(RESPONSE, JULY, d("1"), subject=NAMES_AN_ID),
        RecordReading(
            RESPONSE, JULY, d("2"), evidence=Evidence(f"https://x.example/{NAMES_AN_ID}", "0" * 64)
        ),
        RecordReading(RESPONSE, JULY, d("3"), subject="東京 _id"),
    ]
    given(world, RecordReadings(tuple(tricky)))
    assert found(world, CUSTOMERS) == []
    assert found(world, RESPONSE, last=JULY) == [head + 1, head + 2, head + 3]


def test_a_log_from_before_the_index_gets_it_as_it_is_opened(recorder: LogRecorder) -> None:
    database = recorder.database
    with owner(database) as run:
        run(f"DROP INDEX {INDEX}")
    AREA.open(database)
    with owner_transaction(database) as connection:
        indexes = connection.exec_driver_sql(INDEXES[database.dialect.name]).scalars().all()
    assert INDEX in indexes
