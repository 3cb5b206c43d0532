"""A name is taken for good by one stream of its kind: the database itself sees to it."""

from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from okr_es.log.append import Append
from okr_es.log.names import Name
from okr_es.log.recorder import LogRecorder
from okr_es.log.schema import names
from okr_es.log.writers import FUNCTION_UP_TO
from tests.support.notes import notes

FIRST, SECOND = UUID(int=1), UUID(int=2)
SIZES = {"by one call": 1, "by steps": FUNCTION_UP_TO + 1}


def taken(recorder: LogRecorder) -> list[tuple[str, str, UUID]]:
    with recorder.database.reader.connect() as connection:
        return [tuple(row) for row in connection.execute(select(names))]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_second_stream_of_the_kind_is_refused_with_all_its_events(
    size: int, recorder: LogRecorder
) -> None:
    name = Name("cycle", "2025-q3", FIRST)
    recorder.append(notes(FIRST, *range(1, size + 1)), Append(names=[name]))
    before = recorder.rows(0, 1_000)
    with pytest.raises(IntegrityError):
        recorder.append(
            notes(SECOND, *range(1, size + 1)), Append(names=[name._replace(stream=SECOND)])
        )
    assert recorder.rows(0, 1_000) == before
    assert taken(recorder) == [name]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_another_name_and_another_kind_are_free(size: int, recorder: LogRecorder) -> None:
    free = [Name("cycle", "2025-q3", FIRST), Name("cycle", "q3", FIRST), Name("team", "q3", SECOND)]
    recorder.append(notes(uuid4(), *range(1, size + 1)), Append(names=free))
    assert sorted(taken(recorder)) == sorted(free)


@pytest.mark.parametrize("forbidden", ["UPDATE names SET name = 'x'", "DELETE FROM names"])
def test_a_name_stays_reserved(forbidden: str, recorder: LogRecorder) -> None:
    name = Name("cycle", "2025-q3", FIRST)
    recorder.append(notes(FIRST, 1), Append(names=[name]))
    with pytest.raises(DBAPIError), recorder.database.transaction() as connection:
        connection.exec_driver_sql(forbidden)
    assert taken(recorder) == [name]
