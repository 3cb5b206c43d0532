"""`python -m tests.faults.power [CUTS]`: power cuts through the whole application, on SQLite.

What an installation writes and syncs is recorded while commands of every kind come, people are
registered and erased, files are imported, checkpoints are signed and published, jobs done, and a
read model built. Then the power is cut at random moments of it, and at some once more while the
installation is opened again: what was synced is there, all else is there, or lost, or torn. It is
opened, swept and verified. Wrong is what was acknowledged and is not so, a command half done, or a
verification that does not hold. The control commits without waiting for the disk; it must lose.
"""

from __future__ import annotations

import logging
import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.database import engines
from okr_es.domain.refusals import Refusal
from okr_es.evidence.verify import Verification
from okr_es.evidence.verify_access import verify_accesses
from okr_es.evidence.verify_states import verify_states
from okr_es.operations.verify_beside import verify_beside
from projections.queries import Queries
from projections.read_model.runner import Runner
from projections.read_model.verification import verify_read_model
from tests.faults.ambiguous import people
from tests.faults.power_stories import LOG, Story, founded, stories
from tests.faults.results import report
from tests.support.disk_cut import Disk, lay_out
from tests.support.disk_recorder import CannotListen, recorded
from tests.support.memory import in_memory
from tests.web.conftest import NOW
from web.api.commands import ROUTES, Route

CUTS = 3_200
CONTROL_CUTS = 60
FEW = 1_000  # cuts: with less, not all commands are tried
OFTEN = {"RegisterPerson", "RenamePerson", "ErasePerson", "RecordReadings", "RotateSigningKey"}
SOME = [route for route in ROUTES if route.command.__name__ in OFTEN]
LIFE = 0.3  # of the cuts
BROKEN = (
    DBAPIError, sqlite3.Error, RuntimeError, LookupError, OSError, Refusal, TypeError, ValueError,
    AttributeError,
)  # fmt: skip
READ_MODEL_EVERY = 8  # cuts: then it is also caught up, and compared with one that is built
TWICE_EVERY = 5  # cuts: then the power is cut again while the installation is opened


@dataclass
class Tally:
    """Power cuts, and what was wrong after them."""

    tried: int = 0
    twice: int = 0
    steps: int = 0
    wrong: list[str] = field(default_factory=list)


def faults_of(url: str, story: Story, said: Sequence[Any], *, also_read_model: bool) -> list[str]:
    """What is wrong with an installation after a power cut."""
    try:
        with closing(Okr(url, clock=lambda: NOW)) as okr:
            found = [*faults_in(okr, url, story)]
            found += [f"not so any more: {each.what}" for each in said if not each.holds(okr)]
            if also_read_model:
                found += faults_of_read_model(okr)
            return found
    except BROKEN as error:
        return [f"{type(error).__name__}: {error}"]


def faults_in(okr: Okr, url: str, story: Story) -> Iterator[str]:
    """Yield what is half done, or not as it was recorded."""
    swept = okr.sweep()
    if swept.newer:
        yield f"{swept.newer} people are newer than the log"
    head, last = okr.log.last()
    if head not in story.ends:
        yield f"the log ends at {head}, in the middle of a command"
    if story.hashes.get(head) != last:
        yield f"another event is at {head}"
    if okr.directory.ids() != people(okr):
        yield "the directory has others than the log"
    for failure in (
        *Verification(okr.log).run().failures,
        *verify_accesses(okr.database).failures,
        *verify_states(okr.database),
        *verify_beside(url),
    ):
        yield str(failure)


def faults_of_read_model(okr: Okr) -> list[str]:
    """What is wrong with the read model, which may have to be built again."""
    with closing(Runner(okr)) as runner:
        Queries(okr, runner).teams()
        return [each.message for each in verify_read_model(runner).failures]


class Cuts:
    """Cuts the power again and again, and looks each time."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.tally = Tally()

    def through(self, name: str, story: Story, cuts: int) -> None:
        """Cut the power so many times in a story."""
        disk, done = Disk(story.recording.start), 0
        self.tally.steps += len(story.recording.steps)
        for moment in moments(story, cuts, self.chance):
            for step in story.recording.steps[done:moment]:
                disk.do(step)
            done = moment
            for found in self.after(disk, story):
                self.tally.wrong.append(f"{name}, cut after step {moment}: {found}")

    def after(self, disk: Disk, story: Story) -> list[str]:
        """Return what is wrong after a power cut."""
        number = self.tally.tried
        self.tally.tried += 1
        folder = self.folder / str(number)
        lay_out(disk.cut(self.chance), folder, self.chance)
        if number % TWICE_EVERY == 0:
            self.cut_again(folder)
        also = number % READ_MODEL_EVERY == 0
        found = faults_of(f"sqlite:///{folder}/{LOG}", story, disk.said, also_read_model=also)
        shutil.rmtree(folder)
        return found

    def cut_again(self, folder: Path) -> None:
        """Open an installation, and cut the power while that is under way."""
        with recorded(folder) as recording, suppress(*BROKEN):  # found afterwards as well
            Okr(f"sqlite:///{folder}/{LOG}", clock=lambda: NOW).close()
        disk = Disk(recording.start)
        for step in recording.steps[: self.chance.randint(0, len(recording.steps))]:
            disk.do(step)
        shutil.rmtree(folder)
        lay_out(disk.cut(self.chance), folder, self.chance)
        self.tally.twice += 1


def moments(story: Story, cuts: int, chance: random.Random) -> list[int]:
    """Return so many moments of a story, in order: each once before one comes twice."""
    steps = range(1, len(story.recording.steps) + 1)
    rounds, rest = divmod(cuts, len(steps))
    return sorted([*steps] * rounds + chance.sample(steps, rest))


def tried(cuts: int, routes: Sequence[Route] = ROUTES, *, life: float = LIFE) -> Tally:
    """Cut the power so many times, a share of them in a life. Raises CannotListen."""
    with tempfile.TemporaryDirectory(prefix="okr-es-power-", dir=in_memory()) as made:
        template, left, of_commands = Path(made) / "template", cuts, len(routes)
        found = Cuts(Path(made), seed=7)
        ids = founded(template)
        for name, story in stories(template, ids, routes, also_life=life > 0):
            share = round(cuts * life) if name == "life" else left // of_commands
            of_commands -= name != "life"
            left -= share
            found.through(name, story, share)
        return found.tally


def without_waiting(connection: Any, synchronous: int) -> None:
    """Commit without waiting for the disk."""
    del synchronous
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = WAL")


def control(cuts: int) -> Tally:
    """The same, recorded while nothing waits for the disk."""
    with patch.object(engines, "require_durable_sqlite", without_waiting):
        return tried(cuts, SOME, life=0)


def as_result(tally: Tally, *, is_control: bool = False) -> dict[str, Any]:
    """Return it as it stands in build/faults.json."""
    wrong = len(tally.wrong)
    holds = bool(wrong) if is_control else not wrong
    return {
        "tried": tally.tried,
        "wrong": wrong,
        "of_steps": tally.steps,
        "cut_twice": tally.twice,
        "holds": holds and tally.tried > 0,
    }


def main(arguments: list[str]) -> int:
    """Cut the power so many times; return 1 if something is wrong."""
    cuts = int(arguments[0]) if arguments else CUTS
    logging.disable(logging.CRITICAL)  # what is mended is logged, as it should be
    try:
        tally = tried(cuts, SOME if cuts < FEW else ROUTES)
        losing = control(CONTROL_CUTS)
    except CannotListen as error:
        print(f"power.sqlite was not tried. {error}", file=sys.stderr)
        return 0
    print(*tally.wrong[:10], sep="\n", file=sys.stderr)
    found = {"power.sqlite": as_result(tally)}
    found["power.control_sqlite"] = as_result(losing, is_control=True)
    return report("power cuts", found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
