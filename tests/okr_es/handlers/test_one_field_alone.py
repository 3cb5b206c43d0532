"""Sending one field of a command changes that field alone, whichever command it is."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from okr_es import commands
from okr_es.changes import MeasureChanges
from okr_es.commands import Command, RealignObjective
from okr_es.domain.refusals import Refusal
from okr_es.handlers.comments import comments
from tests.okr_es.handlers.test_every_command import all_commands
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.one_field import (
    BRANDED,
    CHECKED,
    NOTHING_STAYS,
    ONE_THING,
    READ,
    STEPPED,
    WAYS,
    Way,
    begin_settled,
    leavable,
)
from tests.support.world import opened

READINGS = (READ, CHECKED, STEPPED, BRANDED)
# How a span, a definition and a calendar is known in a list of them.
KNOWN_BY = ("starts", "effective", "valid_from")
ALL = [(command, each) for command, ways in WAYS.items() for each in ways]

State = dict[str, Any]


@contextmanager
def settled(begun: Begun) -> Iterator[World]:
    with begun.fresh("settled", begin_settled) as url:
        world = opened(url)
        with closing(world.okr):
            yield world


def state(world: World) -> State:
    """Every attribute of all that there is, by its path."""
    found: State = {}
    for row in world.streams():
        for name, value in msgspec.json.decode(bytes(row.state)).items():
            found |= flat(f"{row.stream}.{name}", value)
    for id_ in READINGS:
        for name, value in vars(world.okr.repository.get(id_)).items():
            found |= {} if name.startswith("_") else flat(f"{id_}.{name}", value)
    said = comments(world.okr.database, world.okr.directory, READINGS)
    found |= {f"{id_}.comment": said.get(id_) for id_ in READINGS}
    return found


def flat(path: str, value: Any) -> State:
    """A value by its path, taken apart where it is an object, or a list of objects in order."""
    if isinstance(value, dict):
        return {
            k: v for name, each in value.items() for k, v in flat(f"{path}.{name}", each).items()
        }
    if isinstance(value, list) and value and isinstance(value[0], dict):
        by = next((name for name in KNOWN_BY if name in value[0] and "name" not in value[0]), None)
        if by is not None:
            named = {f"{path}[{each[by]}]": each for each in value}
            return {k: v for at, each in named.items() for k, v in flat(at, each).items()}
    return {path: value}


def changed(before: State, after: State) -> set[str]:
    """The paths whose values differ."""
    return {k for k in before.keys() | after.keys() if before.get(k, "-") != after.get(k, "-")}


def stray(way: Way, allowed: frozenset[str], paths: set[str]) -> set[str]:
    """The paths that are none of its thing, or none that may change."""
    about = "" if way.subject is None else f"{way.subject}."
    return {path for path in paths if not path.startswith(about) or not named(path, allowed)}


def named(path: str, names: frozenset[str]) -> set[str]:
    """The names a path ends in, in whole words."""
    return {name for name in names if f".{path}".endswith(f".{name}")}


def described(case: tuple[type[Command], Way]) -> str:
    return f"{case[0].__name__} {case[1].name} {case[1].sure}"


@pytest.mark.parametrize("case", ALL, ids=described)
def test_one_field_changes_what_it_names_and_nothing_else(
    case: tuple[type[Command], Way], begun_on_sqlite: Begun
) -> None:
    _, way = case
    with settled(begun_on_sqlite) as world:
        before = state(world)
        world.execute(way.command(way.sure), reason="because")
        paths = changed(before, state(world))
    assert stray(way, way.changed, paths) == set()
    assert {name for path in paths for name in named(path, way.changed)} == way.changed


STEPS = st.sampled_from(ALL).flatmap(lambda case: st.tuples(st.just(case[1]), case[1].others))


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=10, max_size=30))
def test_so_it_does_whatever_was_changed_before(steps: list[tuple[Way, Any]], begun: Begun) -> None:
    with settled(begun) as world:
        before = state(world)
        for way, value in steps:
            with suppress(Refusal):
                world.execute(way.command(value), reason="because")
            after = state(world)
            one_thing = [names for names in ONE_THING if names & way.changed]
            assert stray(way, way.changed.union(*one_thing), changed(before, after)) == set(), way
            before = after


def tried(ways: dict[type[Command], list[Way]]) -> dict[str, set[str]]:
    return {command.__name__: {way.name for way in found} for command, found in ways.items()}


def test_every_command_is_tried_unless_nothing_stays() -> None:
    assert tried(WAYS).keys() | NOTHING_STAYS == all_commands()
    assert tried(WAYS).keys() & NOTHING_STAYS == set()


def test_every_field_that_can_be_left_out_is_tried() -> None:
    names = [name for name in all_commands() if leavable(getattr(commands, name))]
    missing = {name: leavable(getattr(commands, name)) - tried(WAYS)[name] for name in names}
    assert {name: fields for name, fields in missing.items() if fields} == {}


def test_a_field_that_is_not_tried_is_seen() -> None:
    """The planted violations: a field, a part of a part, and an attribute that does not stay."""

    @dataclass(frozen=True)
    class Repaint(Command):
        colour: str | UnsetType = UNSET
        measure: MeasureChanges | UnsetType = UNSET

    assert leavable(Repaint) == {"colour"} | {f"measure.{f.name}" for f in fields(MeasureChanges)}
    weight = next(way for way in WAYS[RealignObjective] if way.name == "weight")
    paths = {f"{weight.subject}.weight", f"{weight.subject}.aligned_to_objective_id"}
    assert stray(weight, weight.changed, paths) == {f"{weight.subject}.aligned_to_objective_id"}
