"""Positions have no gap and follow the order of commits, whoever writes and whoever fails."""

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from okr_es.database.append_only import GapFound
from okr_es.database.database import Database
from okr_es.log.append import Append
from okr_es.log.recorder import LogRecorder
from okr_es.log.schema import COLUMNS
from tests.support.given import Clock
from tests.support.notes import notes, positions, recorded, take, write_and_fail

ROOT = Path(__file__).parents[3]


def test_an_empty_log_is_at_position_zero(recorder: LogRecorder) -> None:
    assert recorder.head() == 0
    assert recorder.max_notification_id() is None
    assert recorder.rows(0, 10) == []


def test_the_first_event_is_at_position_one(recorder: LogRecorder) -> None:
    assert take(recorder, 3)[:2] == (1, 3)
    assert recorder.head() == 3


def test_an_append_of_nothing_takes_no_position(recorder: LogRecorder) -> None:
    take(recorder)
    assert recorder.append([], Append())[:2] == (None, None)
    assert take(recorder).first_position == 2


def test_a_refused_append_leaves_no_hole(recorder: LogRecorder) -> None:
    stream = uuid4()
    recorder.append(notes(stream, 1), Append())
    with pytest.raises(IntegrityError):
        recorder.append(notes(stream, 2, 3, 1), Append())
    assert take(recorder).first_position == 2
    assert positions(recorder) == [1, 2]


def test_a_refused_append_of_many_is_refused_alike_and_leaves_no_hole(
    recorder: LogRecorder,
) -> None:
    stream = uuid4()
    recorder.append(notes(stream, 300), Append())
    with pytest.raises(IntegrityError):
        recorder.append(notes(stream, *range(1, 301)), Append())
    assert take(recorder, 201)[:2] == (2, 202)
    assert positions(recorder) == list(range(1, 203))


def test_threads_that_write_and_fail_leave_no_gap(recorder: LogRecorder) -> None:
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: write_and_fail(recorder, 8), range(6)))
    assert done == [(16, 8)] * 6
    assert positions(recorder) == list(range(1, 6 * 16 + 1))
    assert recorder.head() == 6 * 16


def test_processes_that_write_and_fail_leave_no_gap(recorder: LogRecorder) -> None:
    url = recorder.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.support.notes", url, "8"]
    writers = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [writer.communicate(timeout=60)[0].split() for writer in writers]
    assert said == [["16", "8"]] * 2
    assert positions(recorder) == list(range(1, 33))


def test_a_position_and_its_time_are_of_one_order(recorder: LogRecorder) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: take(recorder), range(24)))
    times = [moment for (moment,) in recorded(recorder, "recorded_at")]
    assert times == sorted(times)


def test_time_never_goes_back_with_a_clock_that_does(recorder: LogRecorder, clock: Clock) -> None:
    first = take(recorder).recorded_at
    clock.now -= timedelta(days=400)
    assert take(recorder).recorded_at == first
    assert take(recorder, 201).recorded_at == first
    clock.now += timedelta(days=400, microseconds=1)
    assert take(recorder).recorded_at == "2025-07-15T12:00:00.000001Z"


def test_a_reader_stops_at_a_gap(on_sqlite: LogRecorder, tmp_path: Path) -> None:
    take(on_sqlite, 5)
    copy = forged(on_sqlite, tmp_path, "DELETE FROM events WHERE position = 3")
    with pytest.raises(GapFound, match="Position 3 is missing"):
        copy.rows(0, 10)
    with pytest.raises(GapFound):
        copy.rows(2, 10)
    assert [row[0] for row in copy.rows(0, 2)] == [1, 2]
    assert [row[0] for row in copy.rows(3, 10)] == [4, 5]
    copy.database.dispose()


def test_a_reader_reads_the_same_copy_without_the_gap(
    on_sqlite: LogRecorder, tmp_path: Path
) -> None:
    take(on_sqlite, 5)
    copy = forged(on_sqlite, tmp_path, "SELECT 1")
    assert copy.rows(0, 10) == on_sqlite.rows(0, 10)
    copy.database.dispose()


def test_whole_rows_come_with_all_columns_and_the_position_first(recorder: LogRecorder) -> None:
    take(recorder)
    (row,) = recorder.rows(0, 10)
    assert len(row) == len(COLUMNS)
    assert recorder.rows(0, 10, ("type", "position"))[0][:] == (1, "note.taken")


def forged(recorder: LogRecorder, folder: Path, statement: str) -> LogRecorder:
    """A copy of the log that someone with the file in hand has changed."""
    recorder.database.dispose()
    shutil.copy(recorder.database.path, folder / "forged.db")
    connection = sqlite3.connect(folder / "forged.db")
    connection.execute("DROP TRIGGER events_refuse_delete")
    connection.execute(statement)
    connection.commit()
    connection.close()
    return LogRecorder(Database(f"sqlite:///{folder}/forged.db"))
