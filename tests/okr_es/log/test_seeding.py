"""Only the seeding of an empty log brings times of its own, never backwards, and says so."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from okr_es.commands import FormTeam, RegisterPerson
from okr_es.database.clock import instant
from okr_es.domain.refusals import Invalid, LogIsNotEmpty, TimeGoesBackwards
from okr_es.log.append import Append, Appended
from okr_es.log.canonical import Envelope
from okr_es.log.recorder import LogRecorder
from tests.support.given import Clock, refused
from tests.support.notes import notes, recorded, take
from tests.support.world import ANN, opened

THEN = datetime(2024, 1, 1, 8, tzinfo=UTC)


def seed(recorder: LogRecorder, moment: datetime, count: int = 1) -> Appended:
    envelope = Envelope(origin="seed", written_at="2025-07-15T12:00:00.000000Z")
    return recorder.append(
        notes(uuid4(), *range(1, count + 1)), Append(envelope=envelope, seed_time=moment)
    )


@pytest.mark.parametrize("count", [1, 300])
def test_an_empty_log_takes_times_that_are_brought_along(count: int, recorder: LogRecorder) -> None:
    assert seed(recorder, THEN, count).recorded_at == "2024-01-01T08:00:00.000000Z"
    assert seed(recorder, THEN, count).first_position == count + 1
    seed(recorder, THEN + timedelta(days=1))
    rows = recorded(recorder, "origin", "written_at")
    assert set(rows) == {("seed", "2025-07-15T12:00:00.000000Z")}


@pytest.mark.parametrize("count", [1, 300])
def test_never_backwards(count: int, recorder: LogRecorder) -> None:
    seed(recorder, THEN)
    with pytest.raises(TimeGoesBackwards):
        seed(recorder, THEN - timedelta(microseconds=1), count)
    assert recorder.head() == 1


@pytest.mark.parametrize("count", [1, 300])
def test_not_once_something_happened_here(count: int, recorder: LogRecorder) -> None:
    seed(recorder, THEN)
    take(recorder)
    with pytest.raises(LogIsNotEmpty):
        seed(recorder, THEN + timedelta(days=900), count)
    assert recorder.head() == 2


def test_a_command_that_changes_nothing_does_not_end_the_seeding(recorder: LogRecorder) -> None:
    recorder.append([], Append())
    assert seed(recorder, THEN).first_position == 1


def test_what_happens_here_goes_on_from_the_seed_and_brings_no_time(
    recorder: LogRecorder, clock: Clock
) -> None:
    seed(recorder, clock() + timedelta(days=1))
    assert take(recorder).recorded_at == "2025-07-16T12:00:00.000000Z"
    assert recorded(recorder, "origin", "written_at")[1] == ("job", None)


def test_other_time_zones_are_written_as_utc(recorder: LogRecorder) -> None:
    east = datetime.fromisoformat("2024-01-01T08:00:00.5+02:00")
    assert seed(recorder, east).recorded_at == "2024-01-01T06:00:00.500000Z"


def test_early_years_keep_their_width_so_text_sorts_as_time() -> None:
    assert instant(datetime(33, 4, 3, tzinfo=UTC)) == "0033-04-03T00:00:00.000000Z"
    with pytest.raises(ValueError, match="time zone"):
        instant(datetime(2024, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "context", [{"origin": "seed"}, {"seed_time": THEN}, {"origin": "elsewhere"}]
)
def test_a_seed_and_only_a_seed_has_a_time(context: dict[str, Any], sqlite_url: str) -> None:
    world = opened(sqlite_url)
    with refused(Invalid, field="origin"):
        world.execute(RegisterPerson("Ann", id=ANN), **context)
    assert world.okr.directory.entries() == {}
    world.okr.close()


def test_a_seeded_command_decides_by_its_own_day_and_says_when_it_was_written(
    database_url: str,
) -> None:
    world = opened(database_url)
    as_seed = {"origin": "seed", "seed_time": THEN}
    world.execute(RegisterPerson("Ann", id=ANN), **as_seed)
    assert world.execute(FormTeam("Web"), **as_seed).recorded_at == "2024-01-01T08:00:00.000000Z"
    for origin, written_at in recorded(world.okr.log, "origin", "written_at"):
        assert origin == "seed"
        assert str(written_at) > "2026"
    world.okr.close()
