"""Events of no meaning, to fill a log with, and a program that writes some from outside."""

import sys
from uuid import UUID, uuid4

from eventsourcing.persistence import IntegrityError, StoredEvent

from okr_es.database.database import Database
from okr_es.log.append import Append, Appended
from okr_es.log.recorder import LogRecorder


def notes(stream: UUID, *versions: int, data: bytes = b'{"text":"x"}') -> list[StoredEvent]:
    return [StoredEvent(stream, version, "note.taken", data) for version in versions]


def take(recorder: LogRecorder, count: int = 1) -> Appended:
    """Append some events on a stream of their own."""
    return recorder.append(notes(uuid4(), *range(1, count + 1)), Append())


def positions(recorder: LogRecorder) -> list[int]:
    """The positions as they stand in the table, however wrong."""
    with recorder.database.reader.connect() as connection:
        found = connection.exec_driver_sql("SELECT position FROM events ORDER BY position")
        return [row[0] for row in found]


def recorded(recorder: LogRecorder, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row[1:]) for row in recorder.rows(0, 10_000, columns)]


def write_and_fail(recorder: LogRecorder, rounds: int) -> tuple[int, int]:
    """Append in turn what fits and what collides halfway; return how much of each."""
    written = failed = 0
    stream = uuid4()
    for version in range(1, rounds + 1):
        written += len(recorder.insert_events(notes(stream, version, version + 10_000)) or ())
        try:
            recorder.insert_events(notes(stream, version + 20_000, version))
        except IntegrityError:
            failed += 1
    return written, failed


if __name__ == "__main__":
    database = Database(sys.argv[1])
    print(*write_and_fail(LogRecorder(database), int(sys.argv[2])))
    database.dispose()
