"""`python -m tests.faults.load URL LEDGER`: people come, change and go, until it is ended.

Each line of the ledger stands for what was acknowledged: a position of the log, or one of the
access log with a minus before it.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context

BOSS = UUID(int=0xB055)
PAUSE_SECONDS = 0.002
READY_SECONDS = 30


def main(url: str, ledger: str) -> None:
    """Go on for ever."""
    okr, chance, here = Okr(url), random.Random(7), [BOSS]
    with Path(ledger).open("a", buffering=1) as file:
        while True:
            receipt = okr.execute(command(chance, here), Context(BOSS, "so it is"))
            if receipt.last_position is not None:
                file.write(f"{receipt.last_position}\n")
            if chance.random() < 0.3:
                file.write(f"-{okr.access_log.record(BOSS, 'people', {}, here[:3])}\n")
            time.sleep(PAUSE_SECONDS)


def command(chance: random.Random, here: list[UUID]) -> c.Command:
    """Return the next thing that happens."""
    dice = chance.random()
    if dice < 0.5:
        here.append(uuid4())
        return c.RegisterPerson(f"Person {len(here)}", None, here[-1])
    if dice < 0.6 and len(here) > 5:
        return c.ErasePerson(here.pop(chance.randrange(1, len(here))), "GDPR 17")
    if dice < 0.8:
        return c.RenamePerson(chance.choice(here), f"Person {chance.random()}")
    return c.FormTeam(f"Team {chance.random()}")


@contextmanager
def under_load(url: str, ledger: Path) -> Iterator[None]:
    """Let another process write, until the block ends."""
    okr = Okr(url)
    if not okr.log.head():
        okr.execute(c.RegisterPerson("Boss", None, BOSS), Context(BOSS))
    okr.close()
    process = subprocess.Popen([sys.executable, "-m", "tests.faults.load", url, str(ledger)])
    try:
        until = time.monotonic() + READY_SECONDS
        while not (ledger.exists() and acknowledged(ledger)[1]):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("The load does not begin.")
            time.sleep(0.05)
        yield
        if process.poll() is not None:
            raise RuntimeError("The load has ended by itself.")
    finally:
        process.kill()
        process.wait()


def acknowledged(ledger: Path) -> tuple[int, int]:
    """The last position of log and access log that was acknowledged."""
    lines = ledger.read_text().rpartition("\n")[0].split("\n")
    numbers = [int(line) for line in lines if line]
    return max(numbers, default=0), -min(numbers, default=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
