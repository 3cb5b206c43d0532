"""From where commands came: erasable, encrypted on disk, never in an event."""

from __future__ import annotations

import errno
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.people.client_info import LONGEST_CLIENT, ClientInfo
from okr_es.people.tables import client_info
from tests.support.begun import Begun
from tests.support.given import Clock, World

ANN, BEN = UUID(int=0xA1), UUID(int=0xA2)
ADDRESS, CLIENT = "192.0.2.77", "canary-browser/12.3"


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    """Ann and Ben, on each engine in turn."""
    with begun.fresh("Ann and Ben", begin) as url:
        made = opened(url)
        yield made
        made.okr.close()


def begin(url: str) -> None:
    made = opened(url)
    for person in (ANN, BEN):
        made.execute(c.RegisterPerson("Someone", id=person))
    made.okr.close()


def opened(url: str) -> World:
    clock = Clock(date(2025, 1, 1))
    return World(Okr(url, clock=clock), clock, ANN)


def rows(okr: Okr) -> list[tuple[UUID, UUID]]:
    """Whose client_info are kept, by command, once all is written."""
    okr.client_info.write()
    with okr.directory.database.reader.connect() as connection:
        found = connection.execute(select(client_info.c.command_id, client_info.c.person_id))
        return [(row.command_id, row.person_id) for row in found]


def test_what_was_noted_is_known(world: World) -> None:
    command, other = uuid4(), uuid4()
    world.okr.client_info.note(command, BEN, ADDRESS, CLIENT)
    known = world.okr.client_info.of_commands([command, other, None])
    assert known == {command: {"address": ADDRESS, "client": CLIENT}}
    assert world.okr.client_info.of_commands([]) == {}


def test_the_first_note_of_a_command_stands(world: World) -> None:
    command = uuid4()
    world.okr.client_info.note(command, BEN, ADDRESS, CLIENT)
    world.okr.client_info.note(command, BEN, "198.51.100.1", "other")
    assert world.okr.client_info.of_commands([command])[command]["address"] == ADDRESS


def test_a_client_is_cut_and_made_printable(world: World) -> None:
    command = uuid4()
    world.okr.client_info.note(command, BEN, None, "a\x00\n" + "b" * 500)
    assert world.okr.client_info.of_commands([command]) == {
        command: {"client": "a" + "b" * (LONGEST_CLIENT - 1)}
    }


def test_it_goes_with_the_person(world: World) -> None:
    mine, yours = uuid4(), uuid4()
    world.okr.client_info.note(mine, ANN, ADDRESS, CLIENT)
    world.okr.client_info.note(yours, BEN, ADDRESS, CLIENT)
    world.execute(c.ErasePerson(BEN, "on request"), reason="why")
    assert rows(world.okr) == [(mine, ANN)]
    assert world.okr.client_info.of_commands([mine, yours]).keys() == {mine}


def test_nothing_is_noted_of_who_was_erased(world: World) -> None:
    world.execute(c.ErasePerson(BEN, "on request"), reason="why")
    world.okr.client_info.note(uuid4(), BEN, ADDRESS, CLIENT)
    assert rows(world.okr) == []


def test_it_is_written_within_a_moment(world: World) -> None:
    command = uuid4()
    world.okr.client_info.note(command, BEN, ADDRESS, CLIENT)
    other = ClientInfo(world.okr.directory)
    until = time.monotonic() + 30
    while not other.of_commands([command]) and time.monotonic() < until:
        time.sleep(0.02)
    assert other.of_commands([command]).keys() == {command}


def test_what_waits_is_written_as_the_application_is_closed(world: World):
    command, url = uuid4(), world.okr.database.url.render_as_string(hide_password=False)
    world.okr.client_info.note(command, BEN, ADDRESS, CLIENT)
    world.okr.close()
    later = Okr(url)
    assert later.client_info.of_commands([command]).keys() == {command}
    later.close()


def test_it_is_written_at_once_where_no_thread_can_be_started(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Timer, "start", no_thread)
    commands = [uuid4(), uuid4()]
    for command in commands:
        world.okr.client_info.note(command, BEN, ADDRESS, CLIENT)
    assert world.okr.client_info.waiting == []
    assert world.okr.client_info.of_commands(commands).keys() == set(commands)


def test_an_outage_is_one_line_and_later_ones_are_noted(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    lost, kept = uuid4(), uuid4()
    with monkeypatch.context() as patch:
        patch.setattr(world.okr.client_info, "insert", full)
        for command in (lost, uuid4(), uuid4()):
            world.okr.client_info.note(command, BEN, ADDRESS, CLIENT)
            world.okr.client_info.write()
    world.okr.client_info.note(kept, BEN, ADDRESS, CLIENT)
    assert world.okr.client_info.of_commands([lost, kept]).keys() == {kept}
    first, last = (record.getMessage() for record in caplog.records)
    assert first.startswith("The database is unavailable for client info: [Errno 28]")
    assert "is available for client info again" in last
    assert ADDRESS not in caplog.text


def test_one_piece_cannot_pass_for_another(world: World) -> None:
    """It is bound to its command: moved to another one, it does not open."""
    command, other = uuid4(), uuid4()
    world.okr.client_info.note(command, BEN, ADDRESS, CLIENT)
    world.okr.client_info.write()
    with world.okr.directory.database.reader.connect() as connection:
        (encrypted,) = connection.execute(select(client_info.c.encrypted)).scalars()
    texts = world.okr.directory.open_own([(BEN, f"client-info/{other}", bytes(encrypted))])
    assert texts == [{}]


def test_nothing_readable_of_it_lies_on_disk(sqlite_url: str, tmp_path: Path) -> None:
    okr = Okr(sqlite_url)
    person, command = uuid4(), uuid4()
    world = World(okr, Clock(date(2025, 1, 1)), person)
    world.execute(c.RegisterPerson("Someone", id=person))
    okr.client_info.note(command, person, ADDRESS, CLIENT)
    okr.client_info.write()
    shutil.copytree(tmp_path, tmp_path / "copy")
    files = [path for path in (tmp_path / "copy").iterdir() if path.is_file()]
    assert any(str(command).encode() in path.read_bytes() for path in files)
    for path in files:
        assert ADDRESS.encode() not in path.read_bytes(), path
        assert CLIENT.encode() not in path.read_bytes(), path
    okr.close()
