"""What is aligned to a goal, and what a KPI feeds, is found by an index over the states."""

import re
from collections.abc import Iterator

import pytest

from okr_es.commands import (
    AddKeyResult,
    DraftObjective,
    LinkKeyResult,
    RealignObjective,
    RetitleObjective,
)
from okr_es.database.creation import owner_transaction
from okr_es.log.recorder import LogRecorder
from okr_es.log.references import REFERENCES, referring_statement
from okr_es.log.schema import AREA
from tests.okr_es.log.test_readings_by_index import INDEXES, plan
from tests.support.begun import Begun
from tests.support.given import World, given
from tests.support.owners import owner
from tests.support.world import (
    BEN,
    CUSTOMERS,
    GROW,
    LEADS,
    MARKETING,
    NEW,
    OTHER,
    Q4,
    REACH,
    RESPONSE,
    TWENTY,
    begun_world,
)

SCANNED = re.compile(r"^SCAN s|Seq Scan on streams")


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    yield from begun_world(begun)


def found(world: World, field: str, *ids: object) -> list[str]:
    database = world.okr.database
    statement = referring_statement(database.dialect, field)
    return [row[0] for row in database.rows(statement, {"ids": database.dialect.array(ids)})]


@pytest.mark.parametrize("field", REFERENCES)
def test_the_plan_goes_by_the_index(field: str, world: World) -> None:
    dialect = world.okr.database.dialect
    lines = plan(world, referring_statement(dialect, field), ids=dialect.array([GROW]))
    assert [line for line in lines if f"streams_by_{field}" in line]
    assert not [line for line in lines if SCANNED.search(line)]


def test_those_that_name_it_and_no_other(world: World) -> None:
    given(
        world,
        RealignObjective(REACH, GROW),
        DraftObjective(Q4, MARKETING, BEN, "sell", id=NEW),
        RealignObjective(NEW, aligned_to_key_result_id=CUSTOMERS),
        LinkKeyResult(LEADS, RESPONSE),
    )
    assert found(world, "aligned_to_objective_id", GROW, RESPONSE) == [str(REACH)]
    assert found(world, "aligned_to_key_result_id", CUSTOMERS, LEADS) == [str(NEW)]
    assert found(world, "kpi_id", RESPONSE) == [str(LEADS)]
    assert found(world, "kpi_id", GROW) == found(world, "kpi_id") == []


def test_not_once_they_name_another(world: World) -> None:
    given(world, RealignObjective(REACH, GROW), RealignObjective(REACH, None))
    given(world, LinkKeyResult(LEADS, RESPONSE), LinkKeyResult(LEADS, None))
    assert found(world, "aligned_to_objective_id", GROW) == found(world, "kpi_id", RESPONSE) == []


def test_what_a_title_says_in_words_is_no_id(world: World) -> None:
    words = f'"kpi_id":"{RESPONSE}","aligned_to_objective_id":"{GROW}" 東京'
    given(world, AddKeyResult(REACH, words, TWENTY, id=OTHER), RetitleObjective(REACH, words))
    assert found(world, "kpi_id", RESPONSE) == []
    assert found(world, "aligned_to_objective_id", GROW) == []


def test_a_log_from_before_the_indexes_gets_them_as_it_is_opened(recorder: LogRecorder) -> None:
    database, names = recorder.database, {f"streams_by_{field}" for field in REFERENCES}
    with owner(database) as run:
        for name in names:
            run(f"DROP INDEX {name}")
    AREA.open(database)
    with owner_transaction(database) as connection:
        indexes = connection.exec_driver_sql(INDEXES[database.dialect.name]).scalars().all()
    assert names <= set(indexes)
