"""The hash of every row, made anew from the row alone, in words of an auditor's own.

Nothing of okr_es.log is used here: the canonical line is rebuilt with the standard library.
"""

import hashlib
import json
import random
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from okr_es.commands import RecordReading, RecordReadings, RenameTeam
from okr_es.log.append import Append
from okr_es.log.canonical import Envelope
from okr_es.log.mapper import TypedStoredEvent
from okr_es.log.recorder import LogRecorder
from tests.support.notes import notes
from tests.support.world import BEN, PRODUCT, RESPONSE, TODAY, built, d

COLUMNS = (
    "by", "causation_id", "command_id", "correlation_id", "data", "on_behalf_of", "origin",
    "recorded_at", "schema_version", "encrypted", "stream", "type", "version", "written_at", "hash",
)  # fmt: skip
ALL = Envelope(*(uuid4() for _ in range(2)), "import", *(uuid4() for _ in range(3)), "2025")


def rebuilt(row: dict[str, Any]) -> bytes:
    """The leaf of RFC 6962 over one line of JSON with sorted keys and no blanks."""
    line = {k: str(v) if isinstance(v, UUID) else v for k, v in row.items() if k != "hash"}
    data = bytes(row["data"])
    line["data"] = json.loads(data) if data.startswith(b"{") else data.hex()
    line["encrypted"] = row["encrypted"] and hashlib.sha256(bytes(row["encrypted"])).hexdigest()
    text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def rows(recorder: LogRecorder) -> list[dict[str, Any]]:
    names = ("position", *COLUMNS)
    return [dict(zip(names, row, strict=True)) for row in recorder.rows(0, 10_000, COLUMNS)]


def assert_every_hash_is_right(recorder: LogRecorder, count: int) -> None:
    found = rows(recorder)
    assert len(found) == count
    for row in found:
        assert bytes(row["hash"]) == rebuilt(row), row["position"]


@pytest.mark.parametrize("count", [1, 200, 201], ids=["one", "by function", "by copy"])
@pytest.mark.parametrize("envelope", [Envelope(), ALL], ids=["bare", "full"])
def test_every_way_into_the_log_hashes_the_same_line(
    count: int, envelope: Envelope, recorder: LogRecorder
) -> None:
    versions = range(1, count + 1)
    recorder.append(notes(uuid4(), *versions), Append(envelope=envelope))
    again = envelope._replace(command_id=envelope.command_id and uuid4())
    encrypted = [random.Random(v).randbytes(40) if v % 2 else None for v in versions]
    recorder.append(notes(uuid4(), *versions), Append(envelope=again, encrypted=encrypted))
    assert_every_hash_is_right(recorder, 2 * count)


@pytest.mark.parametrize("encrypted", [None, [b"mine", b"theirs", None]])
def test_what_is_carried_out_for_another_has_an_envelope_of_its_own(
    encrypted: list[bytes | None] | None, recorder: LogRecorder
) -> None:
    theirs = ALL._replace(on_behalf_of=uuid4(), causation_id=uuid4())
    done = recorder.append(
        notes(uuid4(), 1, 2, 3), Append(envelope=ALL, approved=(1, theirs), encrypted=encrypted)
    )
    assert (done.first_position, done.last_position) == (1, 3)
    found = rows(recorder)
    assert [UUID(str(row["on_behalf_of"])) for row in found] == [
        ALL.on_behalf_of, theirs.on_behalf_of, theirs.on_behalf_of,
    ]  # fmt: skip
    assert [UUID(str(row["causation_id"])) for row in found][1:] == [theirs.causation_id] * 2
    assert [row["encrypted"] and bytes(row["encrypted"]) for row in found] == (
        encrypted or [None] * 3
    )
    assert_every_hash_is_right(recorder, 3)


@pytest.mark.parametrize("filler", [0, 200], ids=["by function", "by copy"])
@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"",
        b"\x00\xff not JSON",
        '{"text":"Zürich 東京 🙂 \\"quoted\\" back\\\\slash\\nline"}'.encode(),
        b'{"a":{"b":[1,null,true]},"n":"0.300000000000000004"}',
    ],
)
def test_whatever_the_data_is(data: bytes, filler: int, recorder: LogRecorder) -> None:
    stored = notes(uuid4(), *range(1, 2 + filler), data=data)
    recorder.append(stored, Append())
    assert_every_hash_is_right(recorder, 1 + filler)
    assert {bytes(row["data"]) for row in rows(recorder)} == {data}


def test_the_schema_version_and_the_type_count(recorder: LogRecorder) -> None:
    stream = uuid4()
    recorder.append(
        [StoredEvent(stream, 1, "Ünusual", b"{}"), TypedStoredEvent(stream, 2, "x", b"{}", 3)],
        Append(),
    )
    assert [row["schema_version"] for row in rows(recorder)] == [1, 3]
    assert_every_hash_is_right(recorder, 2)


def test_of_every_event_of_a_real_story(database_url: str) -> None:
    world = built(database_url)
    world.execute(RenameTeam(PRODUCT, "Plattform „Zürich“"), reason="weil", on_behalf_of=BEN)
    many = tuple(RecordReading(RESPONSE, TODAY, d(n), subject=f"{n}") for n in range(300))
    world.execute(RecordReadings(many), origin="import", reason="import")
    assert_every_hash_is_right(world.okr.log, world.okr.log.head())
    world.okr.close()


def test_a_changed_field_shows(recorder: LogRecorder) -> None:
    recorder.append(notes(uuid4(), 1), Append(envelope=ALL, encrypted=[b"encrypted"]))
    (row,) = rows(recorder)
    for name in ("position", *COLUMNS[:-1]):
        forged = row | {name: b"{}" if name == "data" else b"x" if name == "encrypted" else "x"}
        assert rebuilt(forged) != bytes(row["hash"]), name
