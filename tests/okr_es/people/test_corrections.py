"""A corrected name or address: in force with its event, whatever stops in between, and erasable."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from okr_es.application import Okr
from okr_es.commands import Command, ErasePerson, RegisterPerson, RenamePerson, ReplaceEmail
from okr_es.context import Context
from okr_es.domain.person import Person
from okr_es.domain.refusals import CommandIdIsTaken, PersonIsUnknown
from okr_es.handlers.fingerprints import fingerprint
from okr_es.log.schema import commands
from okr_es.people.corrections import Correction
from okr_es.people.directory import Directory
from tests.okr_es.people.test_erasure import bytes_of, row_of
from tests.support.begun import Begun
from tests.support.given import World, refused
from tests.support.world import ANN, BEN, NEW, begun_world

KEY, ANOTHER_KEY = UUID(int=7), UUID(int=8)
OLD, FIRST, SECOND = "Ben Example", "Benedict Xylander", "Benno Ypsilon"


class PowerFails(BaseException):
    """The machine stops: nothing that would come after happens."""


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    yield from begun_world(begun)


@pytest.fixture
def elsewhere(world: World) -> Iterator[Callable[[], Okr]]:
    """Begins another application on the same database, as the next process has it."""
    begun: list[Okr] = []

    def begin() -> Okr:
        url = world.okr.database.url.render_as_string(hide_password=False)
        begun.append(Okr(url, clock=world.clock))
        return begun[-1]

    yield begin
    for okr in begun:
        okr.close()


def asked(key: UUID = KEY, **context: Any) -> Context:
    return Context(**({"by": ANN, "command_id": key} | context))


def name_in(okr: Okr, person: UUID = BEN) -> str:
    return okr.directory.entries([person])[person].name


def stop(monkeypatch: pytest.MonkeyPatch, *, before_append: bool, okr: Okr) -> None:
    """Let the machine stop right before the append of the next command, or right after it."""
    append = okr.log.append

    def stopped(*arguments: Any) -> None:
        if not before_append:
            append(*arguments)
        raise PowerFails

    def stands_still(*_: Any) -> None:
        raise PowerFails

    monkeypatch.setattr(okr.log, "append", stopped)
    monkeypatch.setattr(okr.directory, "settle", stands_still)


# ---- what stops in between --------------------------------------------------------------


def test_a_machine_that_stops_after_the_append_has_corrected(
    world: World, elsewhere: Callable[[], Okr]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stop(patch, before_append=False, okr=world.okr)
        with pytest.raises(PowerFails):
            world.okr.execute(RenamePerson(BEN, FIRST), asked())
    okr = elsewhere()
    assert isinstance(world.facts()[-1], Person.Renamed)
    assert (name_in(okr), name_in(world.okr)) == (FIRST, FIRST)
    head = okr.log.head()
    assert okr.execute(RenamePerson(BEN, FIRST), asked()).repeated
    assert okr.log.head() == head
    assert okr.directory.entries()[BEN].name == FIRST


def test_one_that_stops_before_it_has_not(world: World, elsewhere: Callable[[], Okr]) -> None:
    head = world.okr.log.head()
    with pytest.MonkeyPatch.context() as patch:
        stop(patch, before_append=True, okr=world.okr)
        with pytest.raises(PowerFails):
            world.okr.execute(RenamePerson(BEN, FIRST), asked())
    okr = elsewhere()
    assert (name_in(okr), okr.log.head()) == (OLD, head)
    okr.execute(RenamePerson(BEN, SECOND), asked(ANOTHER_KEY))
    assert name_in(okr) == SECOND
    assert okr.execute(RenamePerson(BEN, FIRST), asked()).repeated is False
    assert name_in(okr) == FIRST


def test_what_was_left_ready_never_takes_the_place_of_what_came_later(
    world: World, elsewhere: Callable[[], Okr]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stop(patch, before_append=False, okr=world.okr)
        with pytest.raises(PowerFails):
            world.okr.execute(RenamePerson(BEN, FIRST), asked())
    okr = elsewhere()
    okr.execute(RenamePerson(BEN, SECOND), asked(ANOTHER_KEY))
    okr.execute(ReplaceEmail(BEN, "b@example.org"), asked(UUID(int=9)))
    assert okr.execute(RenamePerson(BEN, FIRST), asked()).repeated
    assert okr.directory.entries()[BEN][1:] == (SECOND, "b@example.org")


def test_two_at_once_are_both_settled_as_the_log_says(world: World) -> None:
    directory = world.okr.directory
    waiting = Correction(3, ANOTHER_KEY, {"email": "w@example.org"})
    dead = Correction(2, ANOTHER_KEY, {"name": "Nobody"})
    for each in (waiting, dead):
        directory.make_ready(BEN, each)
    assert directory.entries()[BEN][1:] == (OLD, None)
    world.okr.execute(RenamePerson(BEN, FIRST), asked())
    assert directory.entries()[BEN][1:] == (FIRST, None)
    world.okr.execute(ReplaceEmail(BEN, "w@example.org"), asked(ANOTHER_KEY))
    assert directory.entries()[BEN][1:] == (FIRST, "w@example.org")


def test_the_one_who_is_settled_twice_is_as_before(world: World) -> None:
    world.okr.execute(RenamePerson(BEN, FIRST), asked())
    before = row_of(world.okr.directory, BEN)
    world.okr.directory.settle(BEN)
    assert row_of(world.okr.directory, BEN) == before


# ---- once, and not for another name -----------------------------------------------------


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (RenamePerson(BEN, FIRST), RenamePerson(BEN, SECOND)),
        (RenamePerson(BEN, OLD), RenamePerson(BEN, SECOND)),
        (ReplaceEmail(BEN, "b@example.org"), ReplaceEmail(BEN, None)),
        (ReplaceEmail(BEN, "b@example.org"), ReplaceEmail(BEN, "c@example.org")),
        (RegisterPerson("Cem", id=NEW), RegisterPerson("Cem Two", id=NEW)),
        (RegisterPerson("Cem"), RegisterPerson("Cem Two")),
        (RegisterPerson("Cem", "c@example.org"), RegisterPerson("Cem")),
        (RenamePerson(BEN, FIRST), RenamePerson(ANN, FIRST)),
        (RenamePerson(BEN, FIRST), ReplaceEmail(BEN, FIRST)),
    ],
    ids=repr,
)
def test_the_same_key_with_something_else_is_refused(
    first: Command, other: Command, world: World, elsewhere: Callable[[], Okr]
) -> None:
    receipt = world.okr.execute(first, asked())
    after = world.snapshot()
    for okr in (world.okr, elsewhere()):
        with refused(CommandIdIsTaken, "command_id"):
            okr.execute(other, asked())
        assert okr.execute(first, asked()).id == receipt.id
    assert world.snapshot() == after


def test_a_fingerprint_of_before_stands_for_any_name(world: World) -> None:
    """It was stored while names were left out of it; what was asked cannot be compared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "okr_es.handlers.appending.recorded_fingerprint",
            lambda _, command, *__: fingerprint(command),
        )
        world.okr.execute(RegisterPerson("Cem", id=NEW), asked())
    assert world.okr.execute(RegisterPerson("Dag", id=NEW), asked()).repeated
    assert name_in(world.okr, NEW) == "Cem"


def test_what_is_stored_to_compare_with_is_that_of_no_name_alone(world: World) -> None:
    """Under another person's key, or another idempotency key, the same name is something else."""
    found = []
    for number, person in enumerate((ANN, BEN, BEN)):
        world.okr.execute(RenamePerson(person, FIRST), asked(UUID(int=30 + number)))
        with world.okr.database.reader.connect() as connection:
            query = select(commands.c.fingerprint).where(
                commands.c.command_id == UUID(int=30 + number)
            )
            found.append(bytes(connection.execute(query).scalar_one()))
    assert len({*found, fingerprint(RenamePerson(BEN, FIRST))}) == 4


def test_once_they_were_erased_nothing_can_be_compared(world: World) -> None:
    world.okr.execute(RenamePerson(BEN, FIRST), asked())
    world.okr.execute(ErasePerson(BEN, "GDPR 17"), asked(ANOTHER_KEY, reason="asked"))
    for name in (FIRST, SECOND):
        with refused(PersonIsUnknown, "person_id"):
            world.okr.execute(RenamePerson(BEN, name), asked())


# ---- nothing readable -------------------------------------------------------------------


def test_nothing_of_it_can_be_read_and_all_of_it_is_erased(world: World) -> None:
    directory: Directory = world.okr.directory
    rows = [row_of(directory, BEN)]
    for number, name in enumerate((FIRST, SECOND)):
        world.okr.execute(RenamePerson(BEN, name), asked(UUID(int=20 + number)))
        rows.append(row_of(directory, BEN))
    assert len({entry for _, entry in rows}) == 3
    found = bytes_of(directory)
    assert not any(name.encode() in found for name in (OLD, FIRST, SECOND))
    world.okr.execute(ErasePerson(BEN, "GDPR 17"), asked(reason="asked"))
    found = bytes_of(directory)
    assert not any(piece in found for row in rows for piece in row)
