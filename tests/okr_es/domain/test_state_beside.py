"""What is kept beside the streams is what the streams say, after every command of any history."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from okr_es.context import Context
from okr_es.domain.base import Aggregate
from okr_es.domain.refusals import Refusal
from okr_es.log.schema import streams
from okr_es.log.stream_states import WITH_STATE, decode_aggregate
from tests.support.given import World
from tests.support.histories import HISTORIES
from tests.support.memory import in_memory
from tests.support.world import built, opened

SLOWLY = settings(max_examples=15, suppress_health_check=list(HealthCheck))
seen: Counter[str] = Counter()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    built(f"sqlite:///{folder}/okr.db").okr.close()
    return folder


@contextmanager
def copied(files: Path) -> Iterator[World]:
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        for name in ("okr.db", "okr.directory.db"):
            shutil.copy(files / name, folder)
        world = opened(f"sqlite:///{folder}/okr.db")
        yield world
        world.okr.close()


def public(aggregate: Aggregate) -> dict[str, Any]:
    """All that an aggregate knows, in the digits it knows it in."""
    state = {name: repr(v) for name, v in vars(aggregate).items() if not name.startswith("_")}
    return state | {"id": aggregate.id, "version": aggregate.version}


def live(
    world: World, history: Any, check: Callable[[World, int], None] = lambda world, head: None
) -> None:
    """Carry a history out, each step checked; whatever is refused leaves the log as it was."""
    for command, reason, twice, days in history:
        world.clock.now += timedelta(days=days)
        context = Context(by=world.actor, reason=reason)
        head = world.okr.log.head()
        name = type(command).__name__
        try:
            receipt = world.okr.execute(command, context)
        except Refusal:
            assert world.okr.log.head() == head
            seen[f"{name} refused"] += 1
            continue
        seen[f"{name} done"] += 1
        assert world.okr.log.head() == (receipt.last_position or head)
        if twice:
            again = world.okr.execute(command, context)
            assert again == replace(receipt, repeated=True)
            assert world.okr.log.head() == (receipt.last_position or head)
        check(world, head)


def assert_kept_is_folded(world: World, after: int) -> None:
    changed = {fact.originator_id for fact in world.facts(after)}
    with world.okr.database.reader.connect() as connection:
        rows = connection.execute(select(streams).where(streams.c.stream.in_(changed))).all()
    for row in rows:
        folded = world.okr.repository.get(row.stream)
        kept = decode_aggregate(row.type, row.stream, row.version, bytes(row.state))
        assert type(folded) is type(kept)
        assert public(folded) == public(kept)  # type: ignore[type-var]
        assert (row.parent, row.living) == (folded.parent_stream, folded.is_living)  # type: ignore[attr-defined]


@SLOWLY
@given(HISTORIES)
def test_the_state_beside_a_stream_is_its_fold_and_replay_is_live(
    files: Path, history: Any
) -> None:
    """It is so after each command; and in the end one pass over the log, from nothing, gives all.

    Told again, the same history gives the same log.
    """
    with copied(files) as one, copied(files) as other:
        live(one, history, assert_kept_is_folded)
        assert_replay_gives_every_state(one)
        live(other, history)
        columns = ("type", "version", "recorded_at")
        assert one.okr.log.rows(0, 10_000, columns) == other.okr.log.rows(0, 10_000, columns)


def assert_replay_gives_every_state(world: World) -> None:
    """One pass over the whole log gives every state that commands decided on."""
    folded: dict[Any, Any] = {}
    for fact in world.facts():
        folded[fact.originator_id] = fact.mutate(folded.get(fact.originator_id))
    with world.okr.database.reader.connect() as connection:
        rows = connection.execute(select(streams)).all()
    assert {row.stream for row in rows} == {
        id_ for id_, aggregate in folded.items() if type(aggregate) in WITH_STATE.values()
    }
    for row in rows:
        kept = decode_aggregate(row.type, row.stream, row.version, bytes(row.state))
        assert public(kept) == public(folded[row.stream])


def test_the_histories_do_most_of_what_can_be_done() -> None:
    """Were all commands refused, the properties above would hold of nothing."""
    done = {name for name in seen if name.endswith(" done")}
    if seen:  # it ran after the properties, in this process
        assert len(done) >= 28, sorted(done)
