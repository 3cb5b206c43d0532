"""`python -m tests.planted [--jobs N] [WORD ...]`: plant each fault, and see that its tests fail.

First, as a control, all these tests pass without a fault. A WORD chooses the faults that have it
in the part of the page, in the rule, or in the name of the file.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tests.planted.faults import ROOT, Fault, Named, faults
from tests.planted.outcomes import ERROR, FAILED, PASSED, outcomes_in
from tests.support.memory import in_memory

COPIED = ("okr_es", "projections", "web", "tests", "pyproject.toml")
LONGEST_SECONDS = 600

# What takes long to import and has no fault: it is there already in each process that is forked.
HEAVY = (
    "alembic.command", "cryptography.hazmat.primitives.ciphers.aead", "eventsourcing.application",
    "hypothesis.strategies", "msgspec", "psycopg", "sqlalchemy.dialects.sqlite", "uuid_utils",
)  # fmt: skip
FORK = multiprocessing.get_context("fork")


class Try(NamedTuple):
    """A fault to plant, None for the control, and the tests to run then."""

    fault: Fault | None
    tests: tuple[Named, ...]

    @property
    def wanted(self) -> str:
        """What is to become of each of the tests."""
        return PASSED if self.fault is None else FAILED


Tried = tuple[dict[str, str], float]
"""What became of the tests of a try, by their names, and how many seconds it took."""


def copied(to: Path) -> None:
    """Copy the code and its tests to a folder."""
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, to / name)


def sends_outcomes(one: Try, whole: Path, result: Connection) -> None:
    """Run the tests of a try, the control in the whole copy, a fault in a copy of that.

    The control leaves there what it compiles, for the others.
    """
    signal.alarm(LONGEST_SECONDS)
    started = monotonic()
    if one.fault is None:
        sys.dont_write_bytecode = False
        outcomes = outcomes_of(one.tests, whole)
    else:
        with tempfile.TemporaryDirectory(dir=whole.parent) as folder:
            copy = shutil.copytree(whole, Path(folder) / "copy")
            path = copy / one.fault.file
            path.write_text(one.fault.planted(path.read_text()))
            outcomes = outcomes_of(one.tests, copy)
    result.send((outcomes, monotonic() - started))


def outcomes_of(tests: Iterable[Named], folder: Path) -> dict[str, str]:
    """Return what becomes of some tests where all code is that of a folder."""
    os.chdir(folder)
    sys.path[0] = str(folder)
    for name in [each for each in sys.modules if each.partition(".")[0] == "tests"]:
        del sys.modules[name]
    return outcomes_in(folder, tests)


def all_tried(tries: list[Try], jobs: int, whole: Path) -> Iterator[tuple[Try, Tried]]:
    """Yield each try with what became of it, several at a time, each in a process of its own."""
    waiting, running = deque(tries), dict[Connection, Try]()
    while waiting or running:
        while waiting and len(running) < jobs:
            one = waiting.popleft()
            result, sends = FORK.Pipe(duplex=False)
            FORK.Process(target=sends_outcomes, args=(one, whole, sends)).start()
            sends.close()
            running[result] = one
        for result in wait(running):
            one = running.pop(result)
            try:
                yield one, result.recv()
            except EOFError:
                yield one, (dict.fromkeys(map("::".join, one.tests), f"{ERROR}: it did not end"), 0)


def holds(one: Try, tried: Tried) -> bool:
    """Print what became of a try; return whether it was as wanted."""
    outcomes, seconds = tried
    others = {test: found for test, found in outcomes.items() if found != one.wanted}
    what = "control: nothing is planted" if one.fault is None else str(one.fault)
    print(f"{'NO' if others else 'ok'} {seconds:5.1f} s  {what}", flush=True)
    for test, outcome in others.items():
        print(f"       {test}: {outcome}", flush=True)
    return not others


def main(arguments: list[str]) -> int:
    """Try the faults that are asked for; return 1 if one is not seen by a test that it names."""
    parser = argparse.ArgumentParser("tests.planted")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("words", nargs="*")
    asked = parser.parse_args(arguments)
    chosen = [
        each for each in faults()
        if all(word in f"{each.rule.part}: {each.rule.words} {each.file}" for word in asked.words)
    ]  # fmt: skip
    os.environ |= {"HYPOTHESIS_PROFILE": "planted", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    for name in HEAVY:
        importlib.import_module(name)
    control = Try(None, tuple(dict.fromkeys(test for each in chosen for test in each.fails)))
    tries = [Try(each, each.fails) for each in chosen]
    with tempfile.TemporaryDirectory(prefix="okr-es-planted-", dir=in_memory()) as folder:
        whole = Path(folder) / "whole"
        whole.mkdir()
        copied(whole)
        if not all(holds(*each) for each in all_tried([control], 1, whole)):
            return 1
        seen = [holds(*each) for each in all_tried(tries, asked.jobs, whole)]
    print(f"{sum(seen)} of {len(seen)} faults are seen by all tests that they name.")
    return 0 if seen and all(seen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
