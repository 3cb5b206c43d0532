"""Whoever reads an event learns which version of its schema it was written under."""

from uuid import UUID

from okr_es.log.mapper import TypedStoredEvent
from okr_es.log.recorder import LogRecorder

STREAM = UUID(int=7)


def test_every_way_to_read_an_event_says_its_version(recorder: LogRecorder) -> None:
    written = [TypedStoredEvent(STREAM, n, "team.moved", b"{}", n) for n in (1, 2, 3)]
    recorder.insert_events(written)
    streams = recorder.select_events(STREAM)
    notifications = recorder.select_notifications(1, 10)
    assert [getattr(each, "schema_version", 1) for each in streams] == [1, 2, 3]
    assert [getattr(each, "schema_version", 1) for each in notifications] == [1, 2, 3]
