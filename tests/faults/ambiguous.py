"""`python -m tests.faults.ambiguous [ROUNDS]`: connections that break around COMMIT, over the API.

Every command there is, on both engines, so many times: its connection is cut at a random moment of
the append, before or after the bytes of that moment pass. The answer may not deny what happened,
and once it is sent again under its key it has happened once, in the directory as in the log. The
control takes every error for a failure, as a program does that thinks nothing of it; it must deny.
"""

from __future__ import annotations

import logging
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.database.commits import Commit
from okr_es.log import in_doubt
from tests.faults.__main__ import stores
from tests.faults.results import report
from tests.faults.stores import Store
from tests.support.cuts import DROP, LAST, PASS, Breaking, Proxy, break_commits, proxied
from tests.web.api.test_commands import BODIES, address, filled, prepare
from tests.web.conftest import ADA, NOW, Caller, FakeQueries, client_of, found_company
from web.api.commands import ROUTES, Route

ROUNDS = 8
TRIES = 8
MESSAGES = 14  # of an append in steps, there and back, and a few after it
DENIED = "database-is-unavailable"  # "this time nothing was recorded"
UNKNOWN = "outcome-is-unknown"
RECORDED = "erasure-is-unfinished"  # "it is recorded and in force"


@dataclass
class Tally:
    """What came of the commands whose connection was cut."""

    tried: int = 0
    cut: int = 0
    unknown: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Company:
    """A company whose appends can be cut."""

    okr: Okr
    ids: dict[str, Any]
    proxy: Proxy | None
    chance: random.Random

    def arm(self) -> None:
        """Cut the next append."""
        append = self.okr.log.append

        def cut(*arguments: Any) -> Any:
            del self.okr.log.append
            self.choose_moment()
            return append(*arguments)

        self.okr.log.append = cut  # type: ignore[method-assign]

    def choose_moment(self) -> None:
        """Choose when, and whether what is on its way then still arrives."""
        how = self.chance.choice((DROP, LAST))
        if self.proxy is None:
            Breaking.cut = "before" if how == DROP else "after"
            return
        left = self.chance.randrange(self.chance.choice((2, MESSAGES)))

        def judge(_: str, __: bytes) -> str:
            nonlocal left
            left -= 1
            return PASS if left >= 0 else how

        self.proxy.judge = judge

    def disarm(self) -> bool:
        """Let all pass again; return whether something was cut."""
        self.okr.log.__dict__.pop("append", None)
        if self.proxy is None:
            was_cut, Breaking.cut = Breaking.cut is None, None
            return was_cut
        self.proxy.judge = None
        return self.proxy.cuts > 0


@contextmanager
def company(store: Store, founded: tuple[str, dict[str, Any]], seed: int) -> Iterator[Company]:
    """A copy of a company."""
    template, ids = founded
    with store.copy(template) as url:
        behind = nullcontext((url, None)) if store.name == "sqlite" else proxied(url)
        with behind as (reached, proxy), closing(Okr(reached, clock=lambda: NOW)) as okr:
            if proxy is None:
                break_commits(okr.database)
            with okr.database.transaction():
                pass  # connected
            yield Company(okr, ids, proxy, random.Random(seed))


def founded(store: Store) -> tuple[str, dict[str, Any]]:
    """The URL of a company that stands, and its ids."""
    url = store.url()
    with closing(Okr(url, clock=lambda: NOW)) as okr:
        ada = Caller(client_of(okr, FakeQueries(okr)))
        ada.done("/people", {"name": "Ada", "id": ADA})
        return url, found_company(ada)


def try_one(there: Company, route: Route, tally: Tally) -> None:
    """Send a command while its connection is cut, look what came of it, and send it again."""
    okr, caller = there.okr, Caller(client_of(there.okr, FakeQueries(there.okr)))
    prepare(route, caller, there.ids, okr)
    head, key = okr.log.head(), str(uuid4())
    path, body = address(route, there.ids), filled(BODIES[route.command], there.ids)
    there.arm()
    answer = caller.post(path, body, Idempotency_Key=key)
    tally.tried += 1
    tally.cut += there.disarm()
    command_id = UUID(answer.headers["Command-Id"])
    tally.unknown += slug(answer) == UNKNOWN
    was_recorded = settled(okr, command_id, waits=slug(answer) == UNKNOWN)
    for _ in range(TRIES):  # where a connection of the pool was cut, it is away once more
        again = caller.post(path, body, Idempotency_Key=key)
        if again.status_code != 503:
            break
    for fault in faults(answer, was_recorded, again, okr, head):
        tally.wrong.append(f"{route.command.__name__}: {fault} ({answer.status}, {answer.text})")


def slug(answer: Any) -> str:
    """The word of a problem, nothing of a receipt."""
    return "" if answer.status_code < 400 else answer.json["type"].removeprefix("/problems/")


def settled(okr: Okr, command_id: UUID, *, waits: bool) -> bool:
    """Whether a command is recorded; where that is not known yet, also a while later."""
    until = time.monotonic() + (0.3 if waits else 0.0)
    while receipt(okr, command_id) is None:
        if time.monotonic() >= until:
            return False
        time.sleep(0.01)
    return True


def receipt(okr: Okr, command_id: UUID) -> Any:
    """The receipt of a command, asked until a connection of the pool is whole."""
    for _ in range(TRIES):
        with suppress(DBAPIError):
            return okr.receipt(command_id)
    raise AssertionError("No connection is whole.")


def faults(answer: Any, was_recorded: bool, again: Any, okr: Okr, head: int) -> Iterator[str]:
    """Yield what is wrong with the answer, and with what is there in the end."""
    done = answer.status_code < 300 or slug(answer) == RECORDED
    if done != was_recorded and slug(answer) != UNKNOWN:
        yield "denied" if was_recorded else "acknowledged, and not there"
    if not done and slug(answer) not in {DENIED, UNKNOWN}:
        yield "neither done nor unknown nor refused as it should be"
    if again.status_code >= 300:
        yield f"refused as it came again: {again.text}"
        return
    receipt = again.json
    if receipt["repeated"] != was_recorded:
        yield "it was done twice, or never"
    first, last = receipt["first_position"], receipt["last_position"]
    if okr.log.head() != (last or head) or (first or head + 1) != head + 1:
        yield f"there are events of {head + 1} to {okr.log.head()}, and it has {first} to {last}"
    living = people(okr)
    if okr.directory.ids() != living:
        okr.sweep()
        if okr.directory.ids() != living:
            yield f"the directory has {okr.directory.ids() ^ living} otherwise than the log"


def people(okr: Okr) -> set[UUID]:
    """Who lives, as the log has it."""
    rows = okr.database.rows("SELECT stream FROM streams WHERE type = 'person' AND living", {})
    return {UUID(str(id_)) for (id_,) in rows}


def tried(store: Store, rounds: int, routes: Sequence[Route] = ROUTES) -> Tally:
    """Try each command so many times."""
    tally, begun = Tally(), founded(store)
    for number in range(rounds):
        for place, route in enumerate(routes):
            with company(store, begun, seed=number * 1_000 + place) as there:
                try_one(there, route, tally)
    return tally


def as_result(tally: Tally, *, is_control: bool = False) -> dict[str, Any]:
    """Return it as it stands in build/faults.json."""
    holds = bool(tally.wrong) if is_control else not tally.wrong
    return {
        "tried": tally.tried,
        "wrong": len(tally.wrong),
        "cut": tally.cut,
        "unknown": tally.unknown,
        "holds": holds and tally.cut > 0,
    }


def control(store: Store, rounds: int, routes: Sequence[Route] = ROUTES) -> Tally:
    """Take every error for a failure."""
    with patch.object(Commit, "is_in_doubt", lambda *_: False):
        return tried(store, rounds, routes)


def main(arguments: list[str]) -> int:
    """Try each command so many times on each engine; return 1 if something is wrong."""
    rounds = int(arguments[0]) if arguments else ROUNDS
    logging.disable(logging.CRITICAL)  # each cut is logged, as it should be
    found: dict[str, dict[str, Any]] = {}
    with stores() as both, patch.object(in_doubt, "PAUSE_SECONDS", 0.005):
        for store in both:
            print(f"ambiguous.{store.name}", file=sys.stderr, flush=True)
            tally = tried(store, rounds)
            print(*tally.wrong[:5], sep="\n", file=sys.stderr)
            found[f"ambiguous.{store.name}"] = as_result(tally)
            denying = control(store, 1)
            found[f"ambiguous.control_{store.name}"] = as_result(denying, is_control=True)
    return report("connections cut around COMMIT", found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
