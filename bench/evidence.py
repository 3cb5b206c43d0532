"""The lines about evidence: what signing, verifying and proving cost."""

from __future__ import annotations

import random
from collections.abc import Callable
from hashlib import sha256

from bench.engines import Engine
from bench.measure import Line, interleaved, seconds
from bench.story import World, fill, readings, world
from okr_es import commands as c
from okr_es.evidence.background import BackgroundSigner
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.evidence.rehash import hashed
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification
from okr_es.log.merkle import node_hash

GOALS = {"sign_cost": 1.15, "verify_rate": 8, "proof_time": 3}
EVENTS, MANY, FEW = 200_000, 1_000_000, 1_000
SIGN_EVERY_SECONDS = 1.0  # sixty times as often as it is done


class Eager(Signer):
    """A signer to which everything is due at once."""

    def sign_when_due(self) -> None:  # type: ignore[override]
        """Sign whatever is new."""
        self.sign()


def sign_cost(engine: Engine) -> Line:
    """20 readings recorded while a signer signs once a second / without one."""
    signed, unsigned = world(engine.url()), world(engine.url())
    signing = BackgroundSigner(Eager(signed.okr), SIGN_EVERY_SECONDS)
    signing.start()
    line = interleaved(
        f"sign_cost.{engine.name}",
        GOALS["sign_cost"],
        recording(signed),
        recording(unsigned),
        rounds=150,
    )
    signing.stop()
    for each in (signed, unsigned):
        each.okr.close()
    return line


def recording(made: World) -> Callable[[], float]:
    """Return how to time the recording of 20 readings, one command each."""
    more = iter(readings(made.kpi, 20_000))

    def record() -> None:
        for _ in range(20):
            made.okr.execute(next(more), made.context())

    return lambda: seconds(record)


def verify_rate(engine: Engine) -> Line:
    """Verifying a log of 200,000 events in place / hashing the same bytes, leaves and nodes."""
    made = world(engine.url())
    fill(made, EVENTS)
    Signer(made.okr).sign()
    lines = [
        b"\x00" + event.line
        for start in range(0, EVENTS + 1, 10_000)
        for event in hashed(made.okr.log.rows(start, 10_000))
    ]
    nodes = [b"\x01" + node_hash(b"", b"") * 2] * (len(lines) - 1)

    def verify() -> None:
        assert Verification(made.okr.log).run().holds

    def yardstick() -> None:
        for data in lines:
            sha256(data).digest()
        for data in nodes:
            sha256(data).digest()

    name = f"verify_rate.{engine.name}"
    line = interleaved(
        name, GOALS["verify_rate"], lambda: seconds(verify), lambda: seconds(yardstick), rounds=5
    )
    made.okr.close()
    return line


def proof_time(engine: Engine) -> Line:
    """An inclusion proof of a random event from a log of 1,000,000 events / of 1,000."""
    many, few = signed_log(engine, MANY), signed_log(engine, FEW)
    chance = random.Random(1)
    line = interleaved(
        f"proof_time.{engine.name}",
        GOALS["proof_time"],
        proving(many, chance),
        proving(few, chance),
        rounds=300,
    )
    for each in (many, few):
        each.okr.close()
    return line


def signed_log(engine: Engine, events: int) -> World:
    """Return a world with so many events, signed."""
    made = world(engine.url())
    while (missing := events - 1 - made.okr.log.head()) > 0:
        batch = readings(made.kpi, min(missing, 50_000))
        made.okr.execute(c.RecordReadings(batch), made.context())
    Signer(made.okr).sign()
    return made


def proving(made: World, chance: random.Random) -> Callable[[], float]:
    """Return how to time a proof, everything it takes read again."""
    checkpoints = Checkpoints(made.okr.database)

    def prove() -> None:
        last = checkpoints.last()
        assert last is not None
        checkpoints.tree(last.size).inclusion(chance.randrange(last.size))

    return lambda: seconds(prove)


LINES = (sign_cost, verify_rate, proof_time)
