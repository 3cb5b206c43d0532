"""`python -m tests.faults.damaged [CASES]`: read models that are damaged while a program uses them.

Right is: the process goes on, what it answers is what a read model built from the log says, the
damage is named, and the log verifies. A bit that was turned over inside a value is found by
verification alone, so there it is enough that it is named. The control asks on without setting
anything aside; it must be wrong now and then.
"""

from __future__ import annotations

import logging
import random
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy.exc import DBAPIError

from okr_es.domain.refusals import Refusal
from okr_es.evidence.verify import Verification
from projections.queries import Queries
from projections.read_model.generations import Model
from projections.read_model.runner import Runner
from projections.read_model.verification import verify_read_model
from tests.faults.__main__ import stores
from tests.faults.course import answers, happens
from tests.faults.logs import resumed
from tests.faults.results import run_families
from tests.faults.stores import Store
from tests.support.given import Clock
from tests.support.other_course import raw
from tests.support.world import TODAY, built

CASES = 20
Damage = Callable[[Model, random.Random], None]


def file_at_rest(model: Model) -> Path:
    """The file of a read model on SQLite, all of it in the one file."""
    model.database.complete_file(1)
    return model.database.path


def missing(model: Model, _: random.Random) -> None:
    """The file is removed, or the schema dropped."""
    model.discard()


def truncated(model: Model, chance: random.Random) -> None:
    """The file ends somewhere; on PostgreSQL a table is emptied."""
    if not model.database.is_sqlite:
        table = chance.choice(["objective", "key_result", "reading", "links", "progress"])
        statement(model, f"TRUNCATE {table}")
        return
    path = file_at_rest(model)
    with path.open("r+b") as file:
        file.truncate(chance.randrange(path.stat().st_size))


def garbage(model: Model, chance: random.Random) -> None:
    """The file has other bytes; on PostgreSQL a table is dropped."""
    if not model.database.is_sqlite:
        table = chance.choice(["objective", "key_result", "reading", "links", "progress"])
        statement(model, f"DROP TABLE {table}")
        return
    path = file_at_rest(model)
    path.write_bytes(chance.randbytes(path.stat().st_size))


def pages_overwritten(model: Model, chance: random.Random) -> None:
    """Some pages have other bytes; on PostgreSQL a column is dropped."""
    if not model.database.is_sqlite:
        statement(model, "ALTER TABLE objective DROP COLUMN title")
        return
    path = file_at_rest(model)
    with path.open("r+b") as file:
        for _ in range(3):
            file.seek(chance.randrange(path.stat().st_size // 4096) * 4096)
            file.write(chance.randbytes(4096))


def flipped(model: Model, chance: random.Random) -> None:
    """A bit of the file is turned over; on PostgreSQL a value is another."""
    if not model.database.is_sqlite:
        statement(model, "UPDATE objective SET title = title || '!' WHERE known_until > 1000000")
        return
    path = file_at_rest(model)
    with path.open("r+b") as file:
        at = chance.randrange(path.stat().st_size)
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << chance.randrange(8))]))


KINDS: dict[str, Damage] = {
    "missing": missing,
    "truncated": truncated,
    "garbage": garbage,
    "pages_overwritten": pages_overwritten,
    "flipped": flipped,
}


def statement(model: Model, text: str) -> None:
    """Run a statement as someone who may do everything."""
    with raw(model.database) as connection:
        connection.execute(text)


def is_wrong(store: Store, begun: str, damage: Damage, seed: int) -> bool:
    """Damage a read model under a program that uses it; return whether that comes out wrong."""
    chance, url = random.Random(seed), store.duplicate(begun)
    with resumed(url, Clock(TODAY)) as world, closing(Runner(world.okr)) as runner:
        queries = Queries(world.okr, runner)
        happens(world, chance, 4)
        right = answers(queries)
        with Lines() as lines:
            damage(runner.model, chance)
            try:
                is_same = answers(queries) == right
                named = [each.message for each in verify_read_model(runner).failures]
            except (DBAPIError, sqlite3.Error, Refusal, LookupError, TypeError, ValueError):
                return True
        is_whole = Verification(world.okr.log).run().holds
        is_named = bool(named or lines.found)
        if damage is flipped:
            return not (is_whole and (is_same or is_named))
        return not (is_same and is_whole and (is_named or damage is missing))


class Lines(logging.Handler):
    """The lines of error of read models."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.found.append(record.getMessage())

    def __enter__(self) -> Lines:
        logging.getLogger("okr_es.read_model").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("okr_es.read_model").removeHandler(self)


@contextmanager
def without_check() -> Iterator[None]:
    """Set nothing aside: neither what is damaged, nor what does not say how far it has come."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(Runner, "put_aside", lambda *_: None))
        stack.enter_context(patch.object(Runner, "recovers", lambda *_: False))
        stack.enter_context(patch.object(Model, "damage", lambda _: None))
        yield


def tried(
    store: Store, begun: str, kind: str, cases: int, *, is_control: bool = False
) -> dict[str, Any]:
    """Damage a read model so many times; return how often that came out wrong."""
    with ExitStack() as stack:
        if is_control:
            stack.enter_context(without_check())
        wrong = sum(is_wrong(store, begun, KINDS[kind], seed) for seed in range(cases))
    holds = wrong > 0 if is_control else not wrong
    return {"tried": cases, "wrong": wrong, "holds": holds and cases > 0}


def families(both: list[Store], cases: int) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """Every kind on each engine, and the controls."""
    for store in both:
        begun = store.url()
        world = built(begun)
        happens(world, random.Random(7), 60)
        world.clock.now += timedelta(minutes=1)
        with closing(Runner(world.okr)) as runner:
            runner.fresh()
        world.okr.close()
        for kind in KINDS:
            yield f"damaged.{kind}_{store.name}", partial(tried, store, begun, kind, cases)
        control = partial(tried, store, begun, "garbage", min(cases, 3), is_control=True)
        yield f"damaged.control_{store.name}", control


def main(arguments: list[str]) -> int:
    """Try each kind so many times; return 1 if one does not hold."""
    cases = int(arguments[0]) if arguments else CASES
    with stores() as both:
        return run_families(
            "read models that are damaged while they are used", families(both, cases)
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
