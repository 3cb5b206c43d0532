"""`python -m tests.faults.course [CASES]`: a log that is replaced while a program has it open.

An older log is put back, also beside a newer read model, or another log of the same length or a
longer one, by rows or (on SQLite) by files. An answer is wrong where the program says something
else than one that never saw the log before. The control does not check what was seen; it must be
wrong now and then.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from okr_es import commands as c
from okr_es.domain.refusals import Refusal
from okr_es.log.course import Seen
from projections.queries import Queries
from projections.read_model.catching_up import Start
from projections.read_model.generations import Model
from projections.read_model.runner import Positions, Runner
from tests.faults.__main__ import stores
from tests.faults.logs import resumed, something
from tests.faults.results import run_families
from tests.faults.stores import Store
from tests.support.given import Clock, World
from tests.support.other_course import kept, put_back
from tests.support.world import CUSTOMERS, GROW, RESPONSE, TODAY, built

CASES = 20
KINDS = ("older", "same_length", "longer")
Answers = dict[str, Any]


def happens(world: World, chance: random.Random, events: int) -> None:
    """Let so many events be recorded."""
    end = world.okr.log.head() + events
    while world.okr.log.head() < end:
        world.clock.now += timedelta(minutes=1)
        world.execute(something(chance), reason=f"because {chance.random()}")


def answers(queries: Queries) -> Answers:
    """What a program says: about now, by the caches, and about a moment that was asked before."""
    objective = queries.objective(GROW)
    head, cycle = str(objective["position"]), objective["cycle"]["id"]
    return {
        "objective": objective,
        "then": queries.objective(GROW, known_at=head),
        "board": queries.board(UUID(cycle)),
        "history": queries.history(GROW),
        "readings": queries.readings(RESPONSE),
        "check-ins": queries.readings(CUSTOMERS),
        "teams": queries.teams(),
        "position": queries.position(),
    }


def other_course(store: Store, url: str, kind: str, seed: int) -> tuple[Any, Answers]:
    """The rows of another course of a log, and what is right to say about it."""
    there = store.duplicate(url)
    chance = random.Random(seed + 1_000_000)
    with resumed(there, Clock(TODAY)) as world, closing(Runner(world.okr)) as runner:
        happens(world, chance, {"older": 0, "same_length": 8, "longer": 14}[kind])
        return kept(world.okr.database), answers(Queries(world.okr, runner))


def is_wrong(store: Store, begun: str, kind: str, seed: int) -> bool:
    """Replace a log under a program that has it open; return whether it says what is not so."""
    chance, url = random.Random(seed), store.duplicate(begun)
    rows, right = other_course(store, url, kind, seed)
    with resumed(url, Clock(TODAY)) as world, closing(Runner(world.okr)) as runner:
        queries = Queries(world.okr, runner)
        happens(world, chance, 8)
        answers(queries)
        for _ in range(chance.randrange(2)):  # a command decided from the cache
            world.execute(c.RecordReading(RESPONSE, TODAY, Decimal(1)))
            answers(queries)
        replace(store, world, rows, by_file=chance.random() < 0.5)
        if chance.random() < 0.3:  # another process is the first to see it
            with closing(Runner(world.okr)) as other:
                other.fresh()
        try:
            return answers(queries) != right
        except (Refusal, RuntimeError, LookupError):
            return True


def replace(store: Store, world: World, rows: Any, *, by_file: bool) -> None:
    """Put other rows in the place of a log, or a file that has them."""
    database = world.okr.database
    if not (database.is_sqlite and by_file):
        put_back(database, rows)
        return
    database.complete_file(1)
    there = database.path.with_suffix(".new")
    shutil.copyfile(database.path, there)
    copied = type(database)(f"sqlite:///{there}")
    put_back(copied, rows)
    copied.complete_file(1)
    copied.dispose()
    for suffix in ("-wal", "-shm"):
        Path(f"{database.path}{suffix}").unlink(missing_ok=True)
    there.replace(database.path)


@contextmanager
def without_check() -> Iterator[None]:
    """Remember positions alone, as it was before."""

    def positions_alone(runner: Runner, model: Model) -> Positions:
        position = model.position()
        return Positions(position, max(position, runner.okr.log.head()))

    with ExitStack() as stack:
        stack.enter_context(patch.object(Seen, "is_in", lambda *_: True))
        stack.enter_context(patch.object(Start, "require", lambda *_: None))
        stack.enter_context(patch.object(Runner, "positions_in", positions_alone))
        yield


def tried(
    store: Store, begun: str, kind: str, cases: int, *, is_control: bool = False
) -> dict[str, Any]:
    """Replace a log so many times; return how often something wrong was said."""
    with ExitStack() as stack:
        if is_control:
            stack.enter_context(without_check())
        wrong = sum(is_wrong(store, begun, kind, seed) for seed in range(cases))
    holds = wrong > 0 if is_control else not wrong
    return {"tried": cases, "wrong": wrong, "holds": holds and cases > 0}


def families(both: list[Store], cases: int) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """Every kind on each engine, and the controls."""
    for store in both:
        begun = store.url()
        world = built(begun)
        happens(world, random.Random(7), 10)
        with closing(Runner(world.okr)) as runner:
            runner.fresh()
        world.okr.close()
        for kind in KINDS:
            yield f"course.{kind}_{store.name}", partial(tried, store, begun, kind, cases)
        control = partial(tried, store, begun, "same_length", cases, is_control=True)
        yield f"course.control_{store.name}", control


def main(arguments: list[str]) -> int:
    """Try each kind so many times; return 1 if one does not hold."""
    cases = int(arguments[0]) if arguments else CASES
    with stores() as both:
        return run_families("a log that is replaced while it is open", families(both, cases))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
