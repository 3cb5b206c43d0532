"""One key stands for one content: whichever part of a command differs, what people write too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, replace
from typing import Any, TypeVar, get_type_hints
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from okr_es import commands as c
from okr_es.commands import Command
from okr_es.context import Context
from okr_es.domain.refusals import CommandIdIsTaken, PersonIsUnknown
from okr_es.handlers.fingerprints import fingerprint
from okr_es.handlers.same_command import all_said, recorded_fingerprint, whole_fingerprint
from okr_es.log.append import Append
from okr_es.log.canonical import Envelope
from tests.okr_es.handlers.test_every_command import all_commands
from tests.support.begun import Begun
from tests.support.given import World, refused
from tests.support.world import ANN, BEN, CUSTOMERS, GROW, NEW, Q3, TODAY, begin_world, d, opened

T = TypeVar("T")
KEY = UUID(int=7)
CHECKED = c.CheckIn(CUSTOMERS, TODAY, 7, d("100"), id=NEW)

st.register_type_strategy(UnsetType, st.just(UNSET))
st.register_type_strategy(type(d("1")), st.decimals(-9, 9, places=2))

COMMANDS = [
    getattr(c, name) for name in sorted(all_commands())
]  # in one order: examples are the same
HINTS = {each: get_type_hints(each) for each in COMMANDS}


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    with begun.fresh("world", begin_world) as url:
        world = opened(url)
        with closing(world.okr):
            yield world


def asked(**fields: Any) -> Context:
    return Context(**({"by": ANN, "command_id": KEY} | fields))


def arrived(world: World, command: Command, context: Context) -> None:
    """Record the outcome of a command as if it had changed nothing, whatever it says."""
    okr = world.okr
    said = all_said(command, context, BEN)
    keys = okr.directory.keys({each.person_id for each in said})
    receipt = msgspec.json.encode({"id": str(BEN), "version": 2, "warnings": []})
    print_ = whole_fingerprint(command, context, said, keys)
    okr.log.append([], Append(Envelope(by=ANN, command_id=context.command_id),
                              fingerprint=print_, receipt=receipt))  # fmt: skip


def is_known(world: World, command: Command, context: Context) -> bool:
    """Whether it arrived before; False if something else did under its key."""
    try:
        return world.okr.earlier_outcome(command, context) is not None
    except CommandIdIsTaken:
        return False


# ---- every field of every command -------------------------------------------------------

NAMES = st.sampled_from(COMMANDS).flatmap(
    lambda of: st.tuples(st.just(of), st.sampled_from([*fields(of), None]))
)
MAYBE = st.none() | st.sampled_from(["ill", "on holiday", ""])
WHOSE = st.sampled_from([None, ANN, BEN])
SAID_BESIDE = [("reason", MAYBE), ("comment", MAYBE), ("on_behalf_of", WHOSE)]


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data(), named=NAMES)
def test_whatever_differs_is_another_command(data: st.DataObject, named: Any, world: World) -> None:
    of, field = named
    command = data.draw(st.builds(of))
    context = Context(ANN, data.draw(MAYBE), data.draw(MAYBE), data.draw(WHOSE), command_id=uuid4())
    if field is None:
        name, values = data.draw(st.sampled_from(SAID_BESIDE))
        other, elsewhere = command, changed(data, context, name, values)
    else:
        values = st.from_type(HINTS[of][field.name])
        other, elsewhere = changed(data, command, field.name, values), context
    arrived(world, command, context)
    assert is_known(world, command, context)
    assert not is_known(world, other, elsewhere), (other, elsewhere)


def changed(data: st.DataObject, said: T, name: str, values: st.SearchStrategy[Any]) -> T:
    """The same with another value of one field."""
    before = getattr(said, name)
    return replace(said, **{name: data.draw(values.filter(lambda value: value != before))})  # type: ignore[type-var]


def test_a_field_that_is_left_out_is_seen() -> None:
    """The planted violation: without what people write, these were one."""
    late, later = (c.CorrectReading(NEW, comment=text) for text in ("late", "later"))
    assert fingerprint(late) == fingerprint(later)


# ---- as it comes ------------------------------------------------------------------------


SENT = [
    (CHECKED, {"comment": "all well"}, {"comment": "half of them left"}),
    (CHECKED, {}, {"comment": "half of them left"}),
    (CHECKED, {"comment": "all well"}, {}),
    (c.RetitleObjective(GROW, "win"), {"reason": "typo"}, {"reason": "a new plan"}),
    (c.RetitleObjective(GROW, "win"), {"reason": "typo"}, {"comment": "typo"}),
    (c.RetitleObjective(GROW, "win"), {"on_behalf_of": BEN}, {}),
    (c.CommitPlan(Q3), {"reason": "agreed"}, {"reason": "agreed by all"}),
    (c.RegisterPerson("Cem"), {"reason": "hired"}, {"reason": "moved"}),
    (c.RenamePerson(BEN, "Benno"), {"reason": "married"}, {}),
]


@pytest.mark.parametrize(("command", "first", "other"), SENT, ids=repr)
def test_the_same_key_with_another_text_is_refused(
    command: Command, first: dict[str, Any], other: dict[str, Any], world: World
) -> None:
    receipt = world.okr.execute(command, asked(**first))
    head = world.okr.log.head()
    with refused(CommandIdIsTaken, "command_id"):
        world.okr.execute(command, asked(**other))
    again = world.okr.execute(command, asked(**first))
    assert (again.id, again.repeated, world.okr.log.head()) == (receipt.id, True, head)


def test_so_it_is_where_the_text_is_part_of_the_command(world: World) -> None:
    world.okr.execute(CHECKED, asked(command_id=UUID(int=8)))
    world.okr.execute(c.CorrectReading(NEW, comment="late"), asked(reason="why"))
    with refused(CommandIdIsTaken, "command_id"):
        world.okr.execute(c.CorrectReading(NEW, comment="later"), asked(reason="why"))
    assert world.okr.execute(c.CorrectReading(NEW, comment="late"), asked(reason="why")).repeated


def test_a_key_used_before_texts_were_compared_gives_its_first_receipt(world: World) -> None:
    receipt = b'{"id": "%s", "version": 3, "warnings": []}' % str(GROW).encode()
    command = c.RetitleObjective(GROW, "win")
    world.okr.log.append(
        [],
        Append(Envelope(by=ANN, command_id=KEY), fingerprint=fingerprint(command), receipt=receipt),
    )
    for text in (None, "typo"):
        assert world.okr.execute(command, asked(reason=text)).repeated


# ---- what is stored ---------------------------------------------------------------------


def test_what_is_stored_opens_with_the_key_of_who_wrote_it_alone(world: World) -> None:
    command, found = c.CommitPlan(Q3), set()
    work = world.okr.work(asked())
    for by, key in ((ANN, KEY), (BEN, KEY), (ANN, NEW)):
        context = Context(by, "agreed", command_id=key)
        found.add(recorded_fingerprint(world.okr.directory, command, context, work))
    assert len(found) == 3


def test_once_who_wrote_it_was_erased_nothing_can_be_compared(world: World) -> None:
    by_ben = asked(by=BEN, reason="typo")
    world.okr.execute(c.RetitleObjective(GROW, "win"), by_ben)
    world.execute(c.ErasePerson(BEN, "GDPR 17"), reason="asked")
    assert world.okr.earlier_outcome(c.RetitleObjective(GROW, "win"), by_ben) is None
    with refused(PersonIsUnknown, "by"):
        world.okr.execute(c.RetitleObjective(GROW, "win"), by_ben)


def test_who_erased_themself_may_ask_again(world: World) -> None:
    command = c.ErasePerson(BEN, "GDPR 17")
    world.okr.execute(command, asked(by=BEN, reason="I leave."))
    assert world.okr.execute(command, asked(by=BEN, reason="I leave.")).repeated
