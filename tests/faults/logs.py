"""The logs that are tampered with: one with a past, an old backup, and another course of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.evidence.signer import Signer
from projections.read_model.runner import Runner
from tests.faults.stores import Store, log_at
from tests.support.given import Clock, World
from tests.support.world import CUSTOMERS, GROW, RESPONSE, TODAY, built, d

EVENTS_EACH = 45


class Logs(NamedTuple):
    """URLs of logs that nobody has open, and the checkpoints that were kept outside."""

    whole: str
    backup: str
    fork: str
    known: tuple[str, ...]


def course(world: World, chance: random.Random) -> None:
    """Let a good many things happen."""
    for _ in range(EVENTS_EACH):
        world.clock.now += timedelta(minutes=1)
        world.execute(something(chance), reason=f"because {chance.random()}")


def something(chance: random.Random) -> c.Command:
    """Return one of the things that can happen at any time."""
    number = chance.randrange(10_000)
    return chance.choice(
        (
            c.FormTeam(f"Team {number}", id=uuid4()),
            c.RetitleObjective(GROW, f"become number {number}"),
            c.CheckIn(CUSTOMERS, TODAY, number % 11, d(str(number))),
            c.RecordReading(RESPONSE, TODAY, d(f"{number}.5")),
            c.ReweightKeyResult(CUSTOMERS, d(str(number % 90 + 1))),
            c.RegisterPerson(f"Person {number}", id=uuid4()),
        )
    )


@contextmanager
def resumed(url: str, clock: Clock) -> Iterator[World]:
    """Open a world again where it was left."""
    from tests.support.world import ANN

    world = World(Okr(url, clock=clock), clock, ANN)
    yield world
    world.okr.close()


def made(store: Store, seed: int) -> Logs:
    """Make the logs: more than 256 events, six checkpoints, two keys, a read model."""
    chance, url = random.Random(seed), store.url()
    world = built(url)
    clock = world.clock
    sign(world, chance, times=3)
    world.okr.close()
    backup, fork = store.duplicate(url), store.duplicate(url)
    with resumed(url, Clock(TODAY)) as again:
        again.clock.now = clock.now
        again.execute(c.RotateSigningKey(), reason="a year has passed")
        sign(again, chance, times=3)
        catch_up(again)
    with resumed(fork, Clock(TODAY)) as other:
        other.clock.now = clock.now
        sign(other, random.Random(seed + 1), times=3)
    for each in (backup, fork):
        with resumed(each, clock) as opened:
            catch_up(opened)
    with log_at(url) as log:
        known = tuple(each.note for each in Checkpoints(log.database).all())
    return Logs(url, backup, fork, known)


def sign(world: World, chance: random.Random, times: int) -> None:
    """Let time go on, and sign it, so many times."""
    for _ in range(times):
        course(world, chance)
        assert Signer(world.okr, origin="okr-es.example").sign() is not None


def catch_up(world: World) -> None:
    """Let there be a read model."""
    runner = Runner(world.okr)
    runner.catch_up()
    runner.close()
