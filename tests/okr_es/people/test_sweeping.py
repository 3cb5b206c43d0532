"""The directory follows the log: what no event knows is removed, and nothing that one may know."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import OperationalError

from okr_es.application import Okr
from okr_es.commands import (
    ErasePerson,
    FormTeam,
    RegisterPerson,
    RenamePerson,
    RotateSigningKey,
)
from okr_es.database.engines import UnusableDatabase
from okr_es.domain.refusals import ReasonIsMissing
from okr_es.evidence.signer import Signer
from okr_es.handlers.sweeping import Swept
from okr_es.people.corrections import READY, Correction
from okr_es.people.shredding import NotShredded
from tests.okr_es.people.test_erasure import bytes_of, row_of
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.world import ANN, BEN, NEW, begin_world, opened

KILLED = """
import os, signal, sys
from uuid import UUID
from okr_es.application import Okr
from okr_es.commands import RegisterPerson, RenamePerson
from okr_es.context import Context

okr = Okr(sys.argv[1])
okr.log.append = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
okr.execute({command}, Context(UUID(int=0xA1)))
"""


class PowerFails(BaseException):
    """The machine stops: nothing that would come after happens."""


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    with begun.fresh("world", begin_world) as url:
        world = opened(url)
        with closing(world.okr):
            yield world


@pytest.fixture
def elsewhere(world: World) -> Iterator[Callable[[], Okr]]:
    """Begins another application on the same database, as the next process has it."""
    begun: list[Okr] = []

    def begin() -> Okr:
        begun.append(Okr(url_of(world), clock=world.clock))
        return begun[-1]

    yield begin
    for okr in begun:
        okr.close()


def url_of(world: World) -> str:
    return world.okr.database.url.render_as_string(hide_password=False)


def before_append(okr: Okr, act: Callable[[], Any]) -> None:
    """Let something happen right before the next append."""
    append = okr.log.append

    def interrupted(*arguments: Any) -> Any:
        okr.log.append = append  # type: ignore[method-assign]
        act()
        return append(*arguments)

    okr.log.append = interrupted  # type: ignore[method-assign]


def stop() -> None:
    raise PowerFails


def test_an_erasure_that_was_not_finished_is_finished_by_a_sweep(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_is_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    world.execute(RegisterPerson("Xanthippe", id=NEW))
    gone = row_of(world.okr.directory, NEW)
    with monkeypatch.context() as patch:
        patch.setattr(world.okr.directory, "remove", disk_is_full)
        with pytest.raises(NotShredded):
            world.execute(ErasePerson(NEW, "GDPR 17"), reason="asked for")
    assert NEW in world.okr.directory.ids()
    world.okr.sweep()
    assert world.okr.directory.ids() == {ANN, BEN}
    found = bytes_of(world.okr.directory)
    assert not any(piece in found for piece in gone)


# ---- what was never recorded ------------------------------------------------------------


@pytest.mark.parametrize(
    "command", ['RegisterPerson("Xanthippe", id=UUID(int=0xF1))', 'RegisterPerson("Xanthippe")']
)
def test_a_killed_registration_leaves_nothing_once_the_database_is_opened(
    command: str, world: World, elsewhere: Callable[[], Okr]
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED.format(command=command), url_of(world)],
        timeout=60,
        check=False,
    )
    assert killed.returncode == -9
    (left,) = world.okr.directory.ids() - {ANN, BEN}
    row = row_of(world.okr.directory, left)
    okr = elsewhere()
    assert okr.directory.ids() == {ANN, BEN}
    found = bytes_of(okr.directory)
    assert not any(piece in found for piece in row)
    assert not okr.execute(RegisterPerson("Xanthippe", id=left), world_context()).repeated


def world_context() -> Any:
    from okr_es.context import Context

    return Context(ANN)


def test_so_does_a_worker_that_sweeps(world: World) -> None:
    before_append(world.okr, stop)
    with pytest.raises(PowerFails):
        world.execute(RegisterPerson("Cem", id=NEW))
    assert NEW in world.okr.directory.ids()
    assert world.okr.sweep() == Swept(people=1)
    assert world.okr.directory.ids() == {ANN, BEN}
    assert world.okr.sweep() == Swept()


def test_a_correction_that_was_stopped_is_dropped(world: World) -> None:
    directory = world.okr.directory
    before_append(world.okr, stop)
    with pytest.raises(PowerFails):
        world.execute(RenamePerson(BEN, "Benedict"))
    assert directory.with_ready() == [BEN]
    assert world.okr.sweep() == Swept(corrections=1)
    assert READY not in directory.texts_of([BEN])[BEN]
    assert directory.entries()[BEN].name == "Ben Example"


def test_a_correction_that_was_recorded_is_put_in_force(world: World) -> None:
    directory = world.okr.directory
    world.okr.on_commit.append(lambda _: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(directory, "settle", lambda *_: None)
        world.execute(RenamePerson(BEN, "Benedict"))
    assert directory.with_ready() == [BEN]
    assert world.okr.sweep() == Swept()
    assert directory.texts_of([BEN])[BEN]["name"] == "Benedict"


def test_signing_keys_and_client_info_that_no_event_knows_go_too(world: World) -> None:
    okr = world.okr
    assert Signer(okr).sign() is not None
    done = world.execute(FormTeam("Web"))
    okr.client_info.note(done.command_id, ANN, "192.0.2.7", "a browser")
    okr.client_info.note(uuid4(), ANN, "192.0.2.8", "a browser")
    (kept,) = okr.signing_keys.all()
    okr.signing_keys.new()
    assert okr.sweep() == Swept(signing_keys=1, client_info=1)
    assert okr.signing_keys.all() == [kept]
    assert okr.client_info.command_ids() == {done.command_id}


def test_a_refused_rotation_leaves_no_key(world: World) -> None:
    assert Signer(world.okr).sign() is not None
    (kept,) = world.okr.signing_keys.all()
    with pytest.raises(ReasonIsMissing):
        world.execute(RotateSigningKey())
    assert world.okr.signing_keys.all() == [kept]


def test_what_cannot_be_taken_back_now_does_not_hide_why_it_was_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        from sqlalchemy.exc import OperationalError as Away

        raise Away("DELETE", {}, Exception("away"))

    def fails() -> None:
        raise OperationalError("disk")

    monkeypatch.setattr(world.okr.directory, "delete", away)
    before_append(world.okr, fails)
    with pytest.raises(OperationalError, match="disk"):
        world.execute(RegisterPerson("Cem", id=NEW))


# ---- beside commands under way ----------------------------------------------------------


def test_a_registration_under_way_elsewhere_is_not_lost(
    world: World, elsewhere: Callable[[], Okr]
) -> None:
    """It finds what it made ready gone, and makes it ready again."""
    swept: list[set[UUID]] = []

    def open_another() -> None:
        swept.append(elsewhere().directory.ids())

    before_append(world.okr, open_another)
    receipt = world.execute(RegisterPerson("Cem", "c@example.org", NEW), reason="joined")
    assert swept == [{ANN, BEN}]
    assert world.okr.directory.entries()[NEW][1:] == ("Cem", "c@example.org")
    assert world.execute(
        RegisterPerson("Cem", "c@example.org", NEW), reason="joined", command_id=receipt.command_id
    ).repeated


def test_nor_is_one_that_is_swept_before_its_append_begins(world: World) -> None:
    add_person = world.okr.directory.add_person

    def swept_at_once(*arguments: Any, **named: Any) -> bool:
        world.okr.directory.add_person = add_person  # type: ignore[method-assign]
        added = add_person(*arguments, **named)
        assert world.okr.sweep().people == 1
        return added

    world.okr.directory.add_person = swept_at_once  # type: ignore[method-assign]
    world.execute(RegisterPerson("Cem", id=NEW), reason="joined")
    assert world.okr.directory.entries()[NEW].name == "Cem"


def test_nor_is_a_correction_or_a_key(world: World) -> None:
    okr = world.okr
    before_append(okr, okr.sweep)
    world.execute(RenamePerson(BEN, "Benedict"))
    assert okr.directory.entries()[BEN].name == "Benedict"
    before_append(okr, okr.sweep)
    assert Signer(okr).sign() is not None
    before_append(okr, okr.sweep)
    world.execute(RotateSigningKey(), reason="yearly")
    assert Signer(okr).sign() is not None


def test_of_two_arrivals_the_refused_one_takes_nothing_from_the_other(world: World) -> None:
    """One command, sent twice at once: the first is refused while the second is recorded."""
    key = uuid4()
    command = RegisterPerson("Cem", id=NEW)

    def overtaken() -> None:
        world.execute(command, command_id=key)
        raise OperationalError("disk")

    before_append(world.okr, overtaken)
    with pytest.raises(OperationalError):
        world.execute(command, command_id=key)
    assert NEW in world.okr.directory.entries()


def test_nothing_can_be_appended_while_it_is_looked_at(world: World) -> None:
    log, directory = world.okr.log, world.okr.directory
    delete = directory.delete

    def while_locked(*people: UUID) -> None:
        assert locked == [True]
        delete(*people)

    locked: list[bool] = []
    lock = log.locked

    def noted() -> Any:
        locked.append(True)
        return lock()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "locked", noted)
        patch.setattr(directory, "delete", while_locked)
        directory.add_person(NEW, "Cem", None, 1)
        assert world.okr.sweep().people == 1


# ---- beside an older log ----------------------------------------------------------------


def test_people_newer_than_the_log_stay_unless_asked(
    world: World, elsewhere: Callable[[], Okr]
) -> None:
    """An older log was put back by mistake: the keys of the newer one must not be destroyed."""
    okr = world.okr
    okr.directory.add_person(NEW, "Cem", None, okr.log.head() + 1)
    okr.signing_keys.new()
    again = elsewhere()
    assert NEW in again.directory.ids()
    assert again.sweep() == Swept(newer=1)
    assert len(again.signing_keys.all()) == 1
    assert again.sweep(also_newer=True) == Swept(people=1, signing_keys=1)
    assert again.directory.ids() == {ANN, BEN}


def test_so_do_those_of_whom_it_is_not_noted(world: World) -> None:
    world.okr.directory.add_person(NEW, "Cem", None)
    assert world.okr.sweep() == Swept(newer=1)


def test_beside_a_missing_log_nobody_begins_another(begun_on_sqlite: Any) -> None:
    with begun_on_sqlite.fresh("world", begin_world) as url:
        world = opened(url)
        world.okr.close()
        for suffix in ("", "-wal", "-shm"):
            path = world.okr.database.path
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        with pytest.raises(UnusableDatabase, match="no log in"):
            Okr(url)
        assert not world.okr.database.path.exists()
        assert {ANN, BEN} <= world.okr.directory.ids()
        world.okr.close()


def test_the_erased_are_gone_before(world: World, elsewhere: Callable[[], Okr]) -> None:
    world.execute(ErasePerson(BEN, "GDPR 17"), reason="asked")
    assert elsewhere().directory.ids() == {ANN}


def test_a_correction_is_there_until_it_is_settled(world: World) -> None:
    correction = Correction(2, uuid4(), {"name": "Benedict"})
    assert not world.okr.directory.is_ready(BEN, correction)
    world.okr.directory.make_ready(BEN, correction)
    assert world.okr.directory.is_ready(BEN, correction)
