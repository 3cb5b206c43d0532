"""`python -m tests.faults.access_log [CASES]`: an access log lost, cut, rewritten or reordered.

It is done with all rights, and what is beside it is made to agree: counter and ids. All must be
found in place, since what was signed over the reads lies with the log. One control changes nothing,
and nothing may be found; the other verifies the log alone, as was done before, and must miss all.
"""

from __future__ import annotations

import logging
import random
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID

import psycopg

from okr_es.application import Okr
from okr_es.commands import FormTeam
from okr_es.context import Context
from okr_es.database.database import Database
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification
from okr_es.evidence.verify_access import verify_accesses
from tests.faults.__main__ import stores
from tests.faults.results import report
from tests.faults.stores import Forger, Store, file_of
from tests.support.world import ANN, BEN, begin_world

CASES = 20
READS = 40
WHAT = ("people", "history", "review", "export")
Tamper = Callable[[Forger, random.Random], None]


def made(store: Store, seed: int = 7) -> str:
    """The URL of a world whose access log was signed several times, the last reads not yet."""
    url, chance = store.url(), random.Random(seed)
    if store.name == "sqlite":
        file_of(url).parent.mkdir(parents=True)
    begin_world(url)
    with closing(Okr(url)) as okr:
        signer = Signer(okr, origin="okr-es.example")
        for number in range(READS):
            person = chance.choice((ANN, BEN))
            about = {"goal_id": str(UUID(int=number + 1)), "position": str(number)}
            okr.access_log.record(person, chance.choice(WHAT), about, chance.sample((ANN, BEN), 1))
            if number % 10 == 9:
                okr.execute(FormTeam(f"Team {number}"), Context(ANN))
                signer.sign()
    return url


@contextmanager
def forger(store: Store, url: str) -> Iterator[Forger]:
    """Give a session of someone who may do everything to the access log, all guards off."""
    if store.name == "sqlite":
        path = file_of(url).with_name("okr.access.db")
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in found.fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            yield Forger(connection, "?")
        return
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SET search_path = okr_access")
        server.execute("SET session_replication_role = replica")
        yield Forger(server, "%s")


def settle(session: Forger) -> None:
    """Let the counter agree with the reads."""
    last = session.run("SELECT position, recorded_at FROM accesses ORDER BY position DESC LIMIT 1")
    position, recorded_at = last[0] if last else (0, "")
    session.run("UPDATE access_counter SET position = ?, recorded_at = ?", position, recorded_at)


def lost(session: Forger, _: random.Random) -> None:
    """All reads are gone, as in a file that was made again."""
    session.run("DELETE FROM accesses")
    session.run("DELETE FROM access_about")


def cut(session: Forger, chance: random.Random) -> None:
    """The last reads are gone."""
    keep = chance.randrange(1, READS)
    session.run("DELETE FROM accesses WHERE position > ?", keep)
    session.run("DELETE FROM access_about WHERE position > ?", keep)


def rewritten(session: Forger, chance: random.Random) -> None:
    """A read is another's, or of something else."""
    at, column = chance.randrange(1, READS + 1), chance.choice(("by", "what", "about"))
    value = {"by": str(UUID(int=99)), "what": "access_log", "about": '{"position":"0"}'}[column]
    if column == "by" and session.mark == "?":
        value = UUID(value).hex
    session.run(f'UPDATE accesses SET "{column}" = ? WHERE position = ?', value, at)


def shown_to_others(session: Forger, chance: random.Random) -> None:
    """Of a read somebody who was shown is left out, or somebody else put in."""
    at = chance.randrange(1, READS + 1)
    if chance.random() < 0.5:
        session.run("DELETE FROM access_about WHERE position = ?", at)
    else:
        session.run("INSERT INTO access_about VALUES (?, ?)", str(UUID(int=77)), at)


def reordered(session: Forger, chance: random.Random) -> None:
    """Two reads change places, their times staying in order."""
    one, other = chance.sample(range(1, READS + 1), 2)
    both = {
        at: session.run('SELECT "by", what, about FROM accesses WHERE position = ?', at)[0]
        for at in (one, other)
    }
    for at, there in ((one, other), (other, one)):
        session.run(
            'UPDATE accesses SET "by" = ?, what = ?, about = ? WHERE position = ?', *both[there], at
        )


def left_out(session: Forger, chance: random.Random) -> None:
    """A read is gone, and those behind it move up."""
    at = chance.randrange(1, READS)
    for table in ("accesses", "access_about"):
        session.run(f"DELETE FROM {table} WHERE position = ?", at)
        for position in range(at + 1, READS + 1):
            session.run(
                f"UPDATE {table} SET position = ? WHERE position = ?", position - 1, position
            )


TAMPERS: dict[str, Tamper] = {
    "lost": lost, "cut": cut, "rewritten": rewritten, "shown_to_others": shown_to_others,
    "reordered": reordered, "left_out": left_out,
}  # fmt: skip


def failures(url: str) -> list[str]:
    """What a verification of the access log finds."""
    with closing(Okr(url)):
        pass  # guards and all that is missing are made again
    with closing_database(url) as log:
        return [each.message for each in verify_accesses(log).failures]


@contextmanager
def closing_database(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()


def found_after(store: Store, url: str, tamper: Tamper, seed: int) -> list[str]:
    """What is found after an access log was tampered with."""
    with store.copy(url) as copy:
        with forger(store, copy) as session:
            tamper(session, random.Random(seed))
            settle(session)
        return failures(copy)


def removed(store: Store, url: str) -> list[str]:
    """What is found where the file is gone; on PostgreSQL, where the schema is."""
    with store.copy(url) as copy:
        if store.name == "sqlite":
            for path in file_of(copy).parent.glob("okr.access.db*"):
                path.unlink()
        else:
            with psycopg.connect(copy, autocommit=True) as server:
                server.execute("DROP SCHEMA okr_access CASCADE")
        return failures(copy)


def tried(store: Store, cases: int) -> dict[str, dict[str, Any]]:
    """Try each kind so many times, and the control."""
    url, found = made(store), {}
    for name, tamper in TAMPERS.items():
        missed = sum(not found_after(store, url, tamper, seed) for seed in range(cases))
        found[f"access_log.{name}_{store.name}"] = result(cases, missed)
    missed = sum(not removed(store, url) for _ in range(2))
    found[f"access_log.removed_{store.name}"] = result(2, missed)
    alarms = sum(bool(found_after(store, url, lambda *_: None, seed)) for seed in range(2))
    found[f"access_log.control_untouched_{store.name}"] = result(2, alarms)
    blind = sum(missed_by_the_log_alone(store, url, seed) for seed in range(2))
    found[f"access_log.control_log_alone_{store.name}"] = {
        "tried": 2, "wrong": blind, "holds": blind == 2,
    }  # fmt: skip
    return found


def missed_by_the_log_alone(store: Store, url: str, seed: int) -> bool:
    """Whether verifying the log alone finds nothing in an access log that was cut."""
    with store.copy(url) as copy:
        with forger(store, copy) as session:
            cut(session, random.Random(seed))
            settle(session)
        with closing(Okr(copy)) as okr:
            return Verification(okr.log).run().holds


def result(tried: int, wrong: int) -> dict[str, Any]:
    return {"tried": tried, "wrong": wrong, "holds": tried > 0 and wrong == 0}


def main(arguments: list[str]) -> int:
    """Try each kind so many times on each engine; return 1 if one was not found."""
    cases = int(arguments[0]) if arguments else CASES
    logging.disable(logging.CRITICAL)
    with stores() as both:
        found = {name: said for store in both for name, said in tried(store, cases).items()}
    return report("the access log, tampered with", found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
