"""What happens while it is recorded: commands of every kind, and a life from its beginning.

Whatever is acknowledged is noted, with how to look whether it is so.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from werkzeug.test import TestResponse

from okr_es.application import Okr
from okr_es.evidence.checkpoint_sinks import DirectorySink
from okr_es.evidence.kept_lists import ERASURES
from okr_es.evidence.signer import Signer
from okr_es.imports.kpis import import_kpis, mapping_from
from okr_es.jobs import DONE, Jobs
from okr_es.log.recorder import LogRecorder
from okr_es.operations.regular_jobs import DAILY, regular_jobs
from okr_es.operations.worker import Worker
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.support.csv_files import SIMPLE
from tests.support.disk_cut import Disk
from tests.support.disk_recorder import Recording, contents, recorded
from tests.support.memory import in_memory
from tests.web.api.test_commands import BODIES, address, filled, prepare
from tests.web.conftest import ADA, BO, NOW, Caller, FakeQueries, client_of, found_company
from web.api.commands import Route

LOG = "installation/okr.db"
OUTSIDE = "outside"
KPIS = """name,year,target,actual
Uptime,2024,99,98
Churn,2024,2,3
"""


@dataclass
class Story:
    """What happens in a folder: the recording, and where the log ended after each append."""

    recording: Recording
    ends: set[int] = field(default_factory=lambda: {0})
    hashes: dict[int, bytes] = field(default_factory=dict)
    keys: list[bytes] = field(default_factory=list)

    def url(self) -> str:
        """The URL of the installation."""
        return f"sqlite:///{self.recording.folder}/{LOG}"

    @contextmanager
    def opened(self) -> Iterator[Okr]:
        """Open the application."""
        with closing(Okr(self.url(), clock=lambda: NOW)) as okr:
            self.ends.add(okr.log.head())
            yield okr

    def caller(self, okr: Okr) -> Caller:
        """Somebody who remembers what was acknowledged."""
        return Remembering(okr, self.recording)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note where the log ends after each append."""
        append = LogRecorder.append

        def noted(log: LogRecorder, *arguments: Any) -> Any:
            done = append(log, *arguments)
            self.ends.add(log.head())
            return done

        with patch.object(LogRecorder, "append", noted):
            yield

    def end(self) -> None:
        """Note which events there are in the end."""
        with closing(sqlite3.connect(Path(self.recording.folder) / LOG)) as log:
            self.hashes = dict(log.execute("SELECT position, hash FROM events"))


class Remembering(Caller):
    """Calls the API, and notes what was acknowledged."""

    def __init__(self, okr: Okr, recording: Recording) -> None:
        super().__init__(client_of(okr, FakeQueries(okr)))
        self.recording = recording

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a command; its receipt must be there from now on."""
        answer = super().post(path, body, **headers)
        if answer.status_code < 300:
            command_id, last = UUID(answer.headers["Command-Id"]), answer.json["last_position"]

            def is_there(okr: Okr) -> bool:
                receipt = okr.receipt(command_id)
                return receipt is not None and receipt.last_position == last

            self.recording.said(f"{path} as {command_id}", is_there)
        return answer


def command(route: Route, story: Story, ids: dict[str, Any]) -> None:
    """A command is sent to a company that stands."""
    with story.opened() as okr:
        caller = story.caller(okr)
        prepare(route, caller, ids, okr)
        path, body = address(route, ids), filled(BODIES[route.command], ids)
        assert caller.post(path, body).status_code < 300


def life(story: Story) -> None:
    """From an empty folder on: a company is founded, and all that can happen to it happens."""
    with story.opened() as okr:
        ada = story.caller(okr)
        ada.done("/people", {"name": "Ada", "id": ADA})
        found_company(ada)
        said, number = story.recording.said, okr.access_log.record(UUID(ADA), "people", {}, [BO])
        said("a read", lambda there: there.access_log.head() >= number)
        sign(story, okr)
        okr.database.complete_file(1)
        erase(story, okr, ada)
        read_model(okr)
    with story.opened() as okr:
        imports(story, okr)
        jobs(story, okr)
        sign(story, okr)
        read_model(okr)


def sign(story: Story, okr: Okr) -> None:
    """A checkpoint is signed, and published with the list of erasures."""
    outside = Path(story.recording.folder) / OUTSIDE
    signer = Signer(okr, [DirectorySink(outside)], "okr-es.example")
    signer.sign()
    size, erased = signer.checkpoints.last().size, len(ERASURES.read(outside / "erasures.jsonl"))

    def is_there(there: Okr) -> bool:
        beside = there.database.path.parent.parent / OUTSIDE
        return (
            Signer(there).checkpoints.last().size >= size
            and (beside / f"{size:012}.checkpoint").stat().st_size > 0
            and len(ERASURES.read(beside / "erasures.jsonl")) >= erased
        )

    story.recording.said(f"a checkpoint over {size}", is_there)


def erase(story: Story, okr: Okr, ada: Caller) -> None:
    """Somebody is registered and erased; their key is in no file any more."""
    someone = ada.done("/people", {"name": "Somebody"})["id"]
    found = "SELECT key FROM people WHERE id = :id"
    ((key,),) = okr.directory.database.rows(found, {"id": someone})
    ada.done(f"/people/{someone}/erase", {"legal_ground": "GDPR 17", "reason": "asked"})

    def is_gone(there: Okr) -> bool:
        files = contents(there.database.path.parent.parent)
        return not any(key in content for content in files.values())

    story.recording.said("an erasure", is_gone)


def imports(story: Story, okr: Okr) -> None:
    """A file of KPIs is imported."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kpis.csv"
        file.write_text(KPIS, encoding="utf-8")
        done = import_kpis(okr, file, mapping_from(SIMPLE), by=UUID(ADA))
    assert done.stopped is None
    head = okr.log.head()
    story.recording.said("an import", lambda there: there.log.head() >= head)


def jobs(story: Story, okr: Okr) -> None:
    """A worker does what is due."""
    with closing(Jobs(story.url(), clock=lambda: NOW)) as table:
        table.create()
        done = Worker(table, list(regular_jobs(okr, table, Signer(okr), DAILY))).step()
    assert done

    def are_done(there: Okr) -> bool:
        with closing(Jobs(str(there.database.url))) as beside:
            return all(beside.last_run(name, DONE) for name in done)

    story.recording.said("jobs", are_done)


def read_model(okr: Okr) -> None:
    """A read model is built, or caught up, and asked."""
    with closing(Runner(okr)) as runner:
        Queries(okr, runner).teams()


def stories(
    template: Path, ids: dict[str, Any], routes: Sequence[Route], *, also_life: bool = True
) -> Iterator[tuple[str, Story]]:
    """Yield all that happens, one after the other, with its name."""
    if also_life:
        yield "life", told(None, life)
    for route in routes:
        yield route.command.__name__, told(template, partial(command, route, ids=ids))


def told(template: Path | None, happens: Callable[[Story], None]) -> Story:
    """Let something happen in a folder, and record it."""
    with tempfile.TemporaryDirectory(prefix="okr-es-power-", dir=in_memory()) as made:
        folder = Path(made)
        if template is not None:
            shutil.copytree(template, folder, dirs_exist_ok=True)
        with recorded(folder) as recording:
            story = Story(recording)
            with story.watched():
                happens(story)
        require_whole(recording, folder)
        story.end()
        return story


def require_whole(recording: Recording, folder: Path) -> None:
    """Require that the recording, all of it, gives what is in the folder."""
    disk = Disk(recording.start)
    for step in recording.steps:
        disk.do(step)
    found, there = disk.cut(None), contents(folder)
    differ = sorted(path for path in found.keys() | there if found.get(path) != there.get(path))
    assert not differ, f"Not all was recorded that was written to {differ}."


def founded(folder: Path) -> dict[str, Any]:
    """Found a company, close it, and return its ids."""
    with closing(Okr(f"sqlite:///{folder}/{LOG}", clock=lambda: NOW)) as okr:
        ada = Caller(client_of(okr, FakeQueries(okr)))
        ada.done("/people", {"name": "Ada", "id": ADA})
        return found_company(ada)
