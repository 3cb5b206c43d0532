"""A command is carried out once, however often and from wherever it arrives."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from okr_es.application import Okr
from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    CarryOverObjective,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    DefineKpi,
    DraftObjective,
    ErasePerson,
    FormTeam,
    OpenCycle,
    RecordReading,
    RecordReadings,
    RegisterPerson,
    RenameTeam,
    RetitleObjective,
)
from okr_es.context import Context
from okr_es.domain.kpi import Target
from okr_es.domain.refusals import (
    CommandIdIsTaken,
    Invalid,
    NotFound,
    PersonIsUnknown,
    PlanIsCommitted,
)
from okr_es.domain.values import Cadence, Direction
from okr_es.log.append import Appended
from tests.support.given import World, refused
from tests.support.world import (
    ANN,
    BEN,
    GROW,
    NEW,
    NOBODY,
    PRODUCT,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    Q4,
    REACH,
    RESPONSE,
    TODAY,
    TWENTY,
    d,
)

COMMANDS: list[Command] = [
    RegisterPerson("Cem", "cem@example.org"),
    RegisterPerson("Cem", id=NEW),
    ErasePerson(BEN, "GDPR 17"),
    FormTeam("Web"),
    FormTeam("Web", id=NEW),
    RenameTeam(PRODUCT, "Platform"),
    RenameTeam(PRODUCT, "Product"),
    OpenCycle("2026-Q1"),
    CommitPlan(Q3),
    CloseCycle(Q3),
    DraftObjective(Q3, PRODUCT, ANN, "ship"),
    CommitObjective(REACH),
    CarryOverObjective(GROW, Q4),
    AbandonObjective(GROW),
    AddKeyResult(GROW, "x", TWENTY),
    DefineKpi(
        "x", Direction.INCREASE, "x", "x", Cadence.DAILY, ANN, Target(Q3_STARTS, Q3_ENDS, d("1"))
    ),
    RecordReading(RESPONSE, TODAY, d("1")),
    RecordReading(RESPONSE, TODAY, d("1"), NEW),
    RecordReadings(tuple(RecordReading(RESPONSE, TODAY, d("1"), subject=n) for n in "abc")),
]


def context(**fields: Any) -> Context:
    return Context(**({"by": ANN, "reason": "because", "command_id": UUID(int=7)} | fields))


@pytest.fixture
def elsewhere(world: World) -> Iterator[Okr]:
    """Another application on the same database, as another process has it."""
    okr = Okr(world.okr.database.url.render_as_string(hide_password=False), clock=world.clock)
    yield okr
    okr.close()


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_the_second_arrival_answers_as_the_first(command: Command, world: World) -> None:
    first = world.okr.execute(command, context())
    after = world.snapshot()
    again = world.okr.execute(command, context())
    assert again == replace(first, repeated=True)
    assert world.snapshot() == after


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_so_it_does_elsewhere(command: Command, world: World, elsewhere: Okr) -> None:
    first = world.okr.execute(command, context())
    after = world.snapshot()
    assert elsewhere.execute(command, context()) == replace(first, repeated=True)
    assert world.snapshot() == after


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_so_it_does_when_the_first_answer_was_lost(command: Command, world: World) -> None:
    """The connection breaks after the commit; the caller knows nothing and sends it again."""
    lose_the_next_answer(world.okr)
    with pytest.raises(ConnectionResetError):
        world.okr.execute(command, context())
    head = world.okr.log.head()
    again = world.okr.execute(command, context())
    assert again.repeated
    assert world.okr.log.head() == head
    assert set(world.okr.directory.entries()) == living_people(world)


def test_on_both_engines(world_on_both: World) -> None:
    for number, command in enumerate(COMMANDS[:1] + COMMANDS[2:4] + COMMANDS[-2:]):
        asked = context(command_id=UUID(int=number + 1))
        first = world_on_both.okr.execute(command, asked)
        assert world_on_both.okr.execute(command, asked) == replace(first, repeated=True)


def test_with_the_version_the_caller_saw(world: World) -> None:
    """The first arrival itself changed the version; that is no conflict."""
    asked = context(expected_version=2)
    first = world.okr.execute(RetitleObjective(GROW, "x"), asked)
    assert world.okr.execute(RetitleObjective(GROW, "x"), asked) == replace(first, repeated=True)


def test_many_at_once(world_on_both: World) -> None:
    with ThreadPoolExecutor(6) as pool:
        done = list(
            pool.map(lambda _: world_on_both.okr.execute(FormTeam("Web"), context()), range(6))
        )
    assert len({receipt.id for receipt in done}) == 1
    assert sorted(receipt.repeated for receipt in done) == [False] + [True] * 5


@pytest.mark.parametrize(
    "other",
    [RenameTeam(PRODUCT, "Y"), RenameTeam(NOBODY, "X"), FormTeam("X"), CommitPlan(Q3)],
    ids=repr,
)
def test_another_command_under_the_same_id_is_refused(other: Command, world: World) -> None:
    world.okr.execute(RenameTeam(PRODUCT, "X"), context())
    after = world.snapshot()
    with refused(CommandIdIsTaken, field="command_id"):
        world.okr.execute(other, context())
    assert world.snapshot() == after


def test_an_equal_number_written_otherwise_is_another_command(world: World) -> None:
    world.okr.execute(RecordReading(RESPONSE, TODAY, d("1")), context())
    with refused(CommandIdIsTaken, field="command_id"):
        world.okr.execute(RecordReading(RESPONSE, TODAY, d("2")), context())


def test_a_refused_command_may_come_again(world: World) -> None:
    with refused(NotFound, field="team_id"):
        world.okr.execute(RenameTeam(NEW, "X"), context())
    world.execute(FormTeam("Web", id=NEW))
    assert not world.okr.execute(RenameTeam(NEW, "X"), context()).repeated


def test_the_same_under_another_id_is_decided_anew(world: World) -> None:
    world.okr.execute(CommitPlan(Q3), context())
    with refused(PlanIsCommitted):
        world.okr.execute(CommitPlan(Q3), context(command_id=UUID(int=8)))


def test_an_erasure_whose_answer_was_lost_is_finished_when_sent_again(world: World) -> None:
    lose_the_next_answer(world.okr)
    with pytest.raises(ConnectionResetError):
        world.okr.execute(ErasePerson(BEN, "GDPR 17"), context())
    world.okr.execute(ErasePerson(BEN, "GDPR 17"), context())
    assert BEN not in world.okr.directory.entries()


def test_a_registration_refused_when_decided_anew_leaves_no_entry(world: World) -> None:
    log = world.okr.log
    append = log.append

    def overtaken(*what: Any) -> Appended:
        del log.append
        world.execute(ErasePerson(BEN, "GDPR 17"), reason="asked")
        return append(*what)

    log.append = overtaken  # type: ignore[method-assign]
    with refused(PersonIsUnknown, field="on_behalf_of"):
        world.execute(RegisterPerson("Cem"), on_behalf_of=BEN)
    assert set(world.okr.directory.entries()) == {ANN}


@pytest.mark.parametrize("context_field", ["reason", "comment"])
@pytest.mark.parametrize("text", [" ", "a\0b", "x" * 2001, "\ud800"])
def test_a_registration_refused_for_its_texts_leaves_no_entry(
    context_field: str, text: str, world: World
) -> None:
    with refused(Invalid, field=context_field):
        world.execute(RegisterPerson("Cem"), **{context_field: text})
    assert set(world.okr.directory.entries()) == {ANN, BEN}


def lose_the_next_answer(okr: Okr) -> None:
    append = okr.log.append

    def append_and_break(*what: Any) -> Appended:
        del okr.log.append
        append(*what)
        raise ConnectionResetError

    okr.log.append = append_and_break  # type: ignore[method-assign]


def living_people(world: World) -> set[UUID]:
    """Who was registered and not erased, as the log has it."""
    registered = {e.originator_id for e in world.facts() if e.TOPIC == "person.registered"}  # type: ignore[attr-defined]
    return registered - {e.originator_id for e in world.facts() if e.TOPIC == "person.erased"}  # type: ignore[attr-defined]
