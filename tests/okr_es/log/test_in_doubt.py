"""A connection that breaks around COMMIT: what was recorded is never denied, nor undone."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import OperationalError

from okr_es.application import Okr
from okr_es.commands import (
    Command,
    ErasePerson,
    FormTeam,
    RegisterPerson,
    RenamePerson,
    RenameTeam,
    ReplaceEmail,
)
from okr_es.context import Context
from okr_es.log import in_doubt
from okr_es.log.in_doubt import OutcomeUnknown
from tests.support.begun import OnPostgresql, OnSqlite
from tests.support.cuts import Breaking, Proxy, at_commit, break_commits, proxied
from tests.support.given import World
from tests.support.world import ANN, BEN, NEW, PRODUCT, begin_world, opened

KEY = UUID(int=7)
COMMANDS = [
    FormTeam("Web"),
    RenameTeam(PRODUCT, "Product"),  # it has that name: nothing changes
    RegisterPerson("Cem", "c@example.org", NEW),
    RegisterPerson("Cem", "c@example.org"),
    RenamePerson(BEN, "Benedict"),
    ReplaceEmail(BEN, "b@example.org"),
    ErasePerson(BEN, "GDPR 17"),
]


def asked(**fields: Any) -> Context:
    return Context(**({"by": ANN, "command_id": KEY, "reason": "because"} | fields))


@pytest.fixture(autouse=True)
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_doubt, "PAUSE_SECONDS", 0.01)


@pytest.fixture
def on_postgresql(begun_on_postgresql: OnPostgresql) -> Iterator[tuple[World, Proxy]]:
    """The world on PostgreSQL, behind a proxy."""
    with begun_on_postgresql.fresh("world", begin_world) as url, proxied(url) as (behind, proxy):
        world = opened(behind)
        with world.okr.database.transaction():
            pass  # connected: that has a COMMIT of its own
        with closing(world.okr):
            yield world, proxy


@pytest.fixture
def on_sqlite(begun_on_sqlite: OnSqlite) -> Iterator[World]:
    """The world on SQLite, whose commits can break."""
    with begun_on_sqlite.fresh("world", begin_world) as url:
        world = opened(url)
        break_commits(world.okr.database)
        with closing(world.okr):
            yield world


def known_people(okr: Okr) -> dict[UUID, tuple[str, str | None]]:
    return {entry.id: entry[1:] for entry in okr.directory.entries().values()}


def arm(okr: Okr, act: Any) -> None:
    """Let something happen right before the next append of the log."""
    append = okr.log.append

    def armed(*arguments: Any) -> Any:
        del okr.log.append
        act()
        return append(*arguments)

    okr.log.append = armed  # type: ignore[method-assign]


def cut_next(world: World, proxy: Proxy, cut: str) -> None:
    """Cut the connection of the next append; what is committed around it stays whole."""
    arm(world.okr, lambda: setattr(proxy, "judge", at_commit(cut)))


def require_once(world: World, command: Command, head: int) -> None:
    """It is recorded once and sending it again changes nothing, in the directory neither."""
    after, people = world.snapshot(), known_people(world.okr)
    again = world.okr.execute(command, asked())
    assert again.repeated
    assert (world.snapshot(), known_people(world.okr)) == (after, people)
    assert again.last_position in {None, world.okr.log.head()}
    registered = {e.originator_id for e in world.facts() if e.TOPIC == "person.registered"}  # type: ignore[attr-defined]
    erased = {e.originator_id for e in world.facts() if e.TOPIC == "person.erased"}  # type: ignore[attr-defined]
    world.okr.sweep()
    assert set(known_people(world.okr)) == registered - erased


# ---- PostgreSQL: the network ------------------------------------------------------------


@pytest.mark.parametrize("cut", ["after", "at once"])
@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_a_command_whose_acknowledgement_is_lost_is_looked_up(
    command: Command, cut: str, on_postgresql: tuple[World, Proxy]
) -> None:
    world, proxy = on_postgresql
    head = world.okr.log.head()
    cut_next(world, proxy, cut)
    receipt = world.okr.execute(command, asked())
    assert (proxy.cuts, receipt.repeated) == (1, False)
    assert receipt.last_position in {None, world.okr.log.head()}
    assert world.okr.receipt(KEY) == replace(receipt, repeated=True)
    require_once(world, command, head)


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_one_that_never_arrived_is_known_not_to_be_recorded(
    command: Command, on_postgresql: tuple[World, Proxy]
) -> None:
    world, proxy = on_postgresql
    before, people = world.snapshot(), known_people(world.okr)
    cut_next(world, proxy, "before")
    with pytest.raises(OperationalError):
        world.okr.execute(command, asked())
    assert proxy.cuts == 1
    assert (world.snapshot(), known_people(world.okr)) == (before, people)
    assert world.okr.receipt(KEY) is None
    assert not world.okr.execute(command, asked()).repeated
    require_once(world, command, 0)


@contextmanager
def counter_locked(world: World) -> Iterator[psycopg.Connection]:
    """Nobody can append while it lasts."""
    url = world.okr.database.url
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database
    ) as other:
        other.execute("SELECT * FROM okr_log.counter FOR UPDATE")
        yield other


@pytest.mark.parametrize("command", [FormTeam("Web"), RegisterPerson("Cem", id=NEW)], ids=repr)
def test_what_still_waits_in_the_server_is_unknown_and_not_taken_back(
    command: Command, on_postgresql: tuple[World, Proxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, proxy = on_postgresql
    monkeypatch.setattr(in_doubt, "LOOK_SECONDS", 1)
    monkeypatch.setattr("okr_es.log.recorder.suits_function", lambda *_: True)
    with counter_locked(world) as other:
        cut_next(world, proxy, "at once")
        with pytest.raises(OutcomeUnknown) as unknown:
            world.okr.execute(command, asked())
        assert unknown.value.command_id == KEY
        other.rollback()
    until = time.monotonic() + 10
    while world.okr.receipt(KEY) is None and time.monotonic() < until:
        time.sleep(0.01)
    assert world.okr.execute(command, asked()).repeated
    require_once(world, command, 0)


# ---- SQLite: the disk -------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_a_commit_of_sqlite_that_fails_after_all_was_done_is_looked_up(
    command: Command, on_sqlite: World
) -> None:
    world = on_sqlite
    arm(world.okr, lambda: setattr(Breaking, "cut", "after"))
    receipt = world.okr.execute(command, asked())
    assert world.okr.receipt(KEY) == replace(receipt, repeated=True)
    require_once(world, command, 0)


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_one_that_fails_before_is_unknown_until_it_is_sent_again(
    command: Command, on_sqlite: World
) -> None:
    """What a failed sync left in the write-ahead log may come to light after a crash."""
    world = on_sqlite
    head = world.okr.log.head()
    arm(world.okr, lambda: setattr(Breaking, "cut", "before"))
    with pytest.raises(OutcomeUnknown):
        world.okr.execute(command, asked())
    assert world.okr.log.head() == head
    assert not world.okr.execute(command, asked()).repeated
    require_once(world, command, head)


def test_a_full_disk_is_no_doubt(on_sqlite: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = on_sqlite
    before, people = world.snapshot(), known_people(world.okr)
    monkeypatch.setattr(Breaking, "code", sqlite3.SQLITE_FULL)
    arm(world.okr, lambda: setattr(Breaking, "cut", "before"))
    with pytest.raises(OperationalError):
        world.okr.execute(RegisterPerson("Cem", id=NEW), asked())
    assert (world.snapshot(), known_people(world.okr)) == (before, people)


# ---- afterwards -------------------------------------------------------------------------


def test_what_fails_after_the_commit_denies_nothing(
    on_sqlite: World, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: Any) -> None:
        raise ZeroDivisionError

    on_sqlite.okr.on_commit.append(fails)
    assert on_sqlite.okr.execute(FormTeam("Web"), asked()).last_position is not None
    assert "recorded" in caplog.text
