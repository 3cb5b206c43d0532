"""`python -m tests.faults.access_log [CASES]`: an access log lost, cut, rewritten or reordered.

It is done with all rights, and what is beside it is made to agree: counter and ids. All must be
found in place, since what was signed over the reads lies with the log. All is done as well to one
whose oldest reads were cut by retention, and cuts are forged: without the event, without the signed
checkpoint, further than was recorded. Controls change nothing, of a log that is whole and of one
that was cut, and nothing may be found; another verifies the log alone, as was done before, and must
miss all.
"""

from __future__ import annotations

import logging
import random
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from okr_es.application import Okr
from okr_es.commands import FormTeam, SetRetention
from okr_es.context import Context
from okr_es.database.database import Database
from okr_es.domain.retention import RETENTION_ID
from okr_es.evidence.okr_es_verify import Key
from okr_es.evidence.signed_notes import signed_note
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification
from okr_es.evidence.verify_access import verify_accesses
from okr_es.log.merkle import Frontier
from okr_es.operations.retention import carry_out
from tests.faults.__main__ import stores
from tests.faults.results import report
from tests.faults.stores import Forger, Store, file_of
from tests.support.given import Clock
from tests.support.world import ANN, BEN, TODAY, begin_world

CASES = 20
READS = 40
WHAT = ("people", "history", "review", "export")
Tamper = Callable[[Forger, random.Random], None]


def made(store: Store, seed: int = 7, *, cut: bool = False) -> str:
    """The URL of a world whose access log was signed several times; perhaps cut at the first."""
    url, chance, clock = store.url(), random.Random(seed), Clock(TODAY)
    if store.name == "sqlite":
        file_of(url).parent.mkdir(parents=True)
    begin_world(url)
    with closing(Okr(url, clock=clock)) as okr:
        signer = Signer(okr, origin="okr-es.example")
        for number in range(READS):
            person = chance.choice((ANN, BEN))
            about = {"goal_id": str(UUID(int=number + 1)), "position": str(number)}
            okr.access_log.record(person, chance.choice(WHAT), about, chance.sample((ANN, BEN), 1))
            if number % 10 == 9:
                okr.execute(FormTeam(f"Team {number}"), Context(ANN))
                signer.sign()
                clock.now += timedelta(days=1)
        if cut:
            clock.now = Clock(TODAY).now + timedelta(days=366)
            okr.execute(SetRetention(access_log_years=1), Context(ANN, "So says our list."))
            carry_out(okr)
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


def oldest(session: Forger) -> int:
    """The position of the oldest read that is there."""
    return int(session.run("SELECT min(position) FROM accesses")[0][0])


def lost(session: Forger, _: random.Random) -> None:
    """All reads are gone, as in a file that was made again."""
    session.run("DELETE FROM accesses")
    session.run("DELETE FROM access_about")


def cut(session: Forger, chance: random.Random) -> None:
    """The last reads are gone."""
    keep = chance.randrange(oldest(session), READS)
    session.run("DELETE FROM accesses WHERE position > ?", keep)
    session.run("DELETE FROM access_about WHERE position > ?", keep)


def rewritten(session: Forger, chance: random.Random) -> None:
    """A read is another's, or of something else."""
    at, column = (
        chance.randrange(oldest(session), READS + 1),
        chance.choice(("by", "what", "about")),
    )
    value = {"by": str(UUID(int=99)), "what": "access_log", "about": '{"position":"0"}'}[column]
    if column == "by" and session.mark == "?":
        value = UUID(value).hex
    session.run(f'UPDATE accesses SET "{column}" = ? WHERE position = ?', value, at)


def shown_to_others(session: Forger, chance: random.Random) -> None:
    """Of a read somebody who was shown is left out, or somebody else put in."""
    at = chance.randrange(oldest(session), READS + 1)
    if chance.random() < 0.5:
        session.run("DELETE FROM access_about WHERE position = ?", at)
    else:
        session.run("INSERT INTO access_about VALUES (?, ?)", str(UUID(int=77)), at)


def reordered(session: Forger, chance: random.Random) -> None:
    """Two reads change places, their times staying in order."""
    one, other = chance.sample(range(oldest(session), READS + 1), 2)
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
    at = chance.randrange(oldest(session), READS)
    for table in ("accesses", "access_about"):
        session.run(f"DELETE FROM {table} WHERE position = ?", at)
        for position in range(at + 1, READS + 1):
            session.run(
                f"UPDATE {table} SET position = ? WHERE position = ?", position - 1, position
            )


def cut_oldest(session: Forger, chance: random.Random) -> None:
    """The oldest reads are gone, as if cut: up to another checkpoint, or to none."""
    first = oldest(session) - 1
    upto = chance.choice([size for size in (10, 20, 30) if size > first] + [first + 3, READS - 1])
    for table in ("accesses", "access_about"):
        session.run(f"DELETE FROM {table} WHERE position <= ?", upto)


TAMPERS: dict[str, Tamper] = {
    "lost": lost, "cut": cut, "rewritten": rewritten, "shown_to_others": shown_to_others,
    "reordered": reordered, "left_out": left_out, "cut_oldest": cut_oldest,
}  # fmt: skip

# ---- what is done to the log, where an access log was cut, or is to look like it ---------------


def without_checkpoint(session: Forger, _: random.Random) -> None:
    """The checkpoint that it was cut at is gone."""
    session.run("DELETE FROM access_checkpoints WHERE size = 10")


def with_another_edge(session: Forger, chance: random.Random) -> None:
    """The edge of the tree that was kept is another."""
    session.run(
        "UPDATE access_checkpoints SET edge = ? WHERE size = 10", bytes(chance.randbytes(64))
    )


def signed_by_another(session: Forger, chance: random.Random) -> None:
    """The checkpoint is over other reads, made to agree with itself, and signed by another key."""
    frontier = Frontier()
    for _ in range(10):
        frontier.append(chance.randbytes(32))
    private = Ed25519PrivateKey.generate()
    key = Key("okr-es.example/access", private.public_key().public_bytes_raw())
    note = signed_note(key.name, 10, frontier.root, [(key, private)])
    session.run(
        "UPDATE access_checkpoints SET root = ?, note = ?, edge = ? WHERE size = 10",
        frontier.root, note, b"".join(frontier.edge),
    )  # fmt: skip


def signed_later(session: Forger, _: random.Random) -> None:
    """The years are fewer than those by which it could be cut."""
    data = b'{"access_log_years":9,"client_info_years":null,"person_texts_years":null}'
    session.run("UPDATE events SET data = ? WHERE type = 'retention.chosen'", data)


def without_event(session: Forger, _: random.Random) -> None:
    """The event of the cut is of another type."""
    session.run("UPDATE events SET type = 'clock.accepted' WHERE type = 'retention.access_log_cut'")


def event_of_another_size(session: Forger, _: random.Random) -> None:
    """The event says that it was cut further."""
    root = session.run("SELECT root FROM access_checkpoints WHERE size = 20")[0][0]
    data = f'{{"cut_at":20,"root":"{bytes(root).hex()}"}}'.encode()
    session.run("UPDATE events SET data = ? WHERE type = 'retention.access_log_cut'", data)


OF_THE_LOG: dict[str, Tamper] = {
    "without_checkpoint": without_checkpoint, "with_another_edge": with_another_edge,
    "signed_by_another": signed_by_another, "signed_later": signed_later,
    "without_event": without_event, "event_of_another_size": event_of_another_size,
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


def found_after_forging(store: Store, url: str, tamper: Tamper, seed: int) -> list[str]:
    """What is found where the log was made to tell otherwise where the access log was cut."""
    with store.copy(url) as copy:
        with store.forger(copy) as session:
            tamper(session, random.Random(seed))
        return failures(copy)


def found_after_forged_event(store: Store, url: str, seed: int) -> list[str]:
    """What is found where reads are gone, and an event that tells of a cut was put into the log."""
    size = random.Random(seed).choice((10, 20, 30))
    with store.copy(url) as copy:
        with forger(store, copy) as session:
            for table in ("accesses", "access_about"):
                session.run(f"DELETE FROM {table} WHERE position <= ?", size)
        with store.forger(copy) as session:
            root = bytes(
                session.run("SELECT root FROM access_checkpoints WHERE size = ?", size)[0][0]
            )
            data = f'{{"cut_at":{size},"root":"{root.hex()}"}}'.encode()
            session.run(
                "UPDATE events SET stream = ?, version = 1, type = 'retention.access_log_cut', "
                "schema_version = 1, data = ? WHERE position = 7",
                str(RETENTION_ID), data,
            )  # fmt: skip
        with closing(Okr(copy)) as okr:
            of_the_log = [each.message for each in Verification(okr.log).run().failures]
        assert of_the_log, "the log alone shows that an event was replaced"
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
    url, was_cut, found = made(store), made(store, cut=True), {}
    for name, tamper in TAMPERS.items():
        for of, where in (("", url), ("of_cut_", was_cut)):
            missed = sum(not found_after(store, where, tamper, seed) for seed in range(cases))
            found[f"access_log.{of}{name}_{store.name}"] = result(cases, missed)
    for name, tamper in OF_THE_LOG.items():
        missed = sum(not found_after_forging(store, was_cut, tamper, seed) for seed in range(cases))
        found[f"access_log.cut_{name}_{store.name}"] = result(cases, missed)
    missed = sum(not found_after_forged_event(store, url, seed) for seed in range(cases))
    found[f"access_log.cut_by_forged_event_{store.name}"] = result(cases, missed)
    missed = sum(not removed(store, url) for _ in range(2))
    found[f"access_log.removed_{store.name}"] = result(2, missed)
    for of, where in (("untouched", url), ("cut_by_retention", was_cut)):
        alarms = sum(bool(found_after(store, where, lambda *_: None, seed)) for seed in range(2))
        found[f"access_log.control_{of}_{store.name}"] = result(2, alarms)
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
