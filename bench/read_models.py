"""The lines about building a read model: what it holds up, and how it answers right after."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from bench.engines import Engine
from bench.measure import Line, interleaved, seconds
from bench.story import fill, living_key_results, objective, world
from okr_es import commands as c
from projections.queries import Queries
from projections.read_model.runner import Runner

GOALS = {"write_during_rebuild": 2, "after_build": 1.3}
EVENTS = 50_000
WRITES, OBJECTIVES = 2_000, 20


def write_during_rebuild(engine: Engine) -> Line:
    """The 99th of 2,000 writes while another process rebuilds a read model / while none does."""
    url = engine.url()
    made = world(url)
    fill(made, EVENTS)
    values = iter(range(1, 1_000_000))

    def write() -> float:
        command = c.RecordReading(made.kpi, date(2025, 9, 1), Decimal(next(values)) / 100)
        return seconds(lambda: made.okr.execute(command, made.context()))

    def slowest_of_a_hundred() -> float:
        return sorted(write() for _ in range(WRITES))[WRITES * 99 // 100]

    def subject() -> float:
        with rebuilding(url):
            return slowest_of_a_hundred()

    line = interleaved(
        f"write_during_rebuild.{engine.name}",
        GOALS["write_during_rebuild"],
        subject,
        slowest_of_a_hundred,
        rounds=5,
    )
    made.okr.close()
    return line


@contextmanager
def rebuilding(url: str) -> Iterator[None]:
    """Let another process rebuild the read model, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.rebuilding", url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    finally:
        process.kill()
        process.communicate()


def after_build(engine: Engine) -> Line:
    """20 objectives right after a build / after the database has looked at all its rows.

    Each time of a read model that was just built, by connections that were just opened.
    """
    url = engine.url()
    made = world(url)
    fill(made, EVENTS)
    ids = [objective(made) for _ in range(OBJECTIVES)]
    assert living_key_results(made, ids)

    def asked(settle: Callable[[], None]) -> float:
        runner = Runner(made.okr)
        runner.rebuild()
        settle()
        queries = Queries(made.okr, runner)
        queries.cycles()
        taken = seconds(lambda: [queries.objective(id_) for id_ in ids])
        runner.close()
        return taken

    line = interleaved(
        f"after_build.{engine.name}",
        GOALS["after_build"],
        lambda: asked(lambda: None),
        lambda: asked(lambda: engine.settle(url)),
        rounds=7,
    )
    made.okr.close()
    return line


LINES = (write_during_rebuild, after_build)
