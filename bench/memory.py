"""The line about memory: verifying a log needs no more of it than verifying a tenth of it.

`python -m bench.memory URL` verifies a log with all that is kept beside it, in a process of its
own, and prints the most anonymous memory it had, in KiB.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

from bench.engines import Engine
from bench.measure import Line, Timed, interleaved
from bench.story import fill, world
from okr_es.database.database import Database
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification
from okr_es.evidence.verify_states import verify_states
from okr_es.log.recorder import LogRecorder
from okr_es.operations.verify_beside import verify_beside

GOALS = {"verify_memory": 1.5}
MANY, FEW = 1_000_000, 100_000
LOOK_EVERY_SECONDS = 0.01
ANONYMOUS = re.compile(r"RssAnon:\s+(\d+) kB")


class Highest(Thread):
    """Looks at the anonymous memory of this process, until stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.kib = 0
        self.stopped = Event()

    def run(self) -> None:
        """Look again and again."""
        while not self.stopped.wait(LOOK_EVERY_SECONDS):
            found = ANONYMOUS.search(Path("/proc/self/status").read_text())
            self.kib = max(self.kib, int(found[1]) if found else 0)


def verified(url: str) -> int:
    """Verify a log and what is beside it; return the most memory that took, in KiB."""
    highest, database = Highest(), Database(url)
    highest.start()
    assert Verification(LogRecorder(database)).run().holds
    assert verify_states(database) == []
    assert verify_beside(url) == []
    highest.stopped.set()
    highest.join()
    database.dispose()
    return highest.kib


def verify_memory(engine: Engine) -> Line:
    """Anonymous memory while a log of 1,000,000 events is verified / one of 100,000."""
    name = f"verify_memory.{engine.name}"
    many, few = filled(engine, MANY), filled(engine, FEW)
    return interleaved(name, GOALS["verify_memory"], many, few, rounds=3, unit="KiB")


def filled(engine: Engine, events: int) -> Timed:
    """Return how to measure the verification of a log of so many events."""
    url = engine.url()
    made = world(url)
    fill(made, events)
    Signer(made.okr).sign()
    made.okr.close()
    command = [sys.executable, "-m", "bench.memory", url]
    return lambda: float(subprocess.run(command, check=True, capture_output=True).stdout)


LINES = (verify_memory,)

if __name__ == "__main__":
    print(verified(sys.argv[1]))
