"""Commands of okr-es in processes of their own, which can be killed at any moment.

They are forked from a process that has imported everything already: most of what a start costs is
imports, and no kill in the middle of one says anything about data.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

IMPORTED = [
    "okr_es.evidence.background", "okr_es.imports.kpis", "okr_es.operations.clean_stop",
    "okr_es.operations.copying", "okr_es.operations.regular_jobs", "projections.queries",
    "projections.read_model.runner", "psycopg", "uvicorn.lifespan.on", "uvicorn.supervisors",
    "uvloop", "web.app", "web.cli.main", "web.logs", "web.server", "web.serving.connection",
    "web.serving.metrics", "web.serving.process", "web.serving.shell",
]  # fmt: skip
BEHIND_SECONDS = 0.2
LEASE_SECONDS = 1.0
Change = Callable[[], None]

forked = multiprocessing.get_context("forkserver")
forked.set_forkserver_preload(IMPORTED)


class Program:
    """A command of okr-es that runs, on a database; what it says is appended to a file."""

    def __init__(self, url: str, said: Path, *arguments: str, change: Change | None = None) -> None:
        self.process = forked.Process(target=run, args=(url, str(said), arguments, change))
        self.process.start()
        self.begun = time.monotonic()

    @property
    def pid(self) -> int:
        """The process."""
        return int(self.process.pid or 0)

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self.process.exitcode

    def kill(self) -> bool:
        """Kill it with signal 9; return whether it ran until then."""
        self.process.kill()
        self.process.join()
        return self.process.exitcode == -9

    def wait(self, seconds: float) -> int | None:
        """Wait until it ends; return its exit code, None if it does not end."""
        self.process.join(seconds)
        return self.process.exitcode


def run(url: str, said: str, arguments: tuple[str, ...], change: Change | None) -> None:
    """Be the command."""
    os.environ["OKR_ES_DATABASE"] = url
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(file, number)
    sys.argv[0] = "okr-es"
    from web.cli.main import main

    ask_for_no_right()
    if change is not None:
        change()
    main(list(arguments))


# ---- changes of a program ---------------------------------------------------------------


def ask_for_no_right() -> None:
    """Let everybody do everything: who may what is no matter of crashes."""
    from web.api.entrance import Mode

    setattr(Mode, "enforces", False)  # noqa: B010  - mypy knows it as a property


def without_long_pauses() -> None:
    """Let a worker do its jobs all the time, and take over soon what another one left."""
    from okr_es.operations import regular_jobs, worker

    worker.LOOK_EVERY_SECONDS = 0.2
    regular_jobs.HOURLY = regular_jobs.DAILY = timedelta(0)
    worker.Worker = partial(worker.Worker, lease_seconds=LEASE_SECONDS)


def acknowledging_first() -> None:
    """Let a server acknowledge before it commits: what a control must be caught at."""
    from okr_es.application import Okr
    from okr_es.context import Receipt

    execute, later = Okr.execute, ThreadPoolExecutor(1)

    def commit(okr: Okr, command: Any, context: Any) -> None:
        time.sleep(BEHIND_SECONDS)
        execute(okr, command, context)

    def acknowledge(okr: Okr, command: Any, context: Any) -> Receipt:
        later.submit(commit, okr, command, context)
        return Receipt(context.command_id, None, None, None, None, "", ())

    Okr.execute = acknowledge
