"""An installation that people and a worker use, and what it logs, while a fault lasts."""

from __future__ import annotations

import logging
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.exc import DBAPIError

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.evidence.checkpoint_sinks import DirectorySink
from okr_es.evidence.signer import Signer
from okr_es.jobs import Jobs
from okr_es.operations.regular_jobs import DAILY, regular_jobs
from okr_es.operations.worker import Worker
from projections.queries import Queries
from tests.web.conftest import ADA
from tests.web.test_outages import Api
from web.api.entrance import Mode
from web.app import PREFIX, create_app

MOST_ROUNDS = 12  # until something is refused; first the room in the files is used up
PEOPLE = [UUID(int=0xE00 + number) for number in range(2 * MOST_ROUNDS)]
ERASURE = {"legal_ground": "GDPR 17", "reason": "asked for"}
DAYS = {"starts": "2025-01-01", "ends": "2025-03-31"}
Found = dict[str, tuple[int, str | None]]


class Lines(logging.Handler):
    """What the program logs, with tracebacks."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(logging.Formatter())
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.found.append(self.format(record))


class Installation(Api):
    """The API, a worker and a signer on a database that is there."""

    def __init__(self, url: str, outside: Path) -> None:
        self.okr = Okr(url)
        self.queries = Queries(self.okr)
        self.app = create_app(self.okr, self.queries, mode=Mode.OPEN)
        self.client = self.app.test_client()
        self.jobs = Jobs(url)
        self.signer = Signer(self.okr, [DirectorySink(outside)], "okr-es.example")
        self.people = iter(PEOPLE)
        self.recorded: dict[UUID, int | None] = {}

    def commands(self) -> Found:
        """What some commands answer."""
        some = {
            "a team": ("/teams", {"name": str(uuid4())}),
            "a person": ("/people", {"name": "Bo"}),
            "a name": (f"/people/{ADA}/rename", {"name": str(uuid4())}),
            "an erasure": (f"/people/{next(self.people)}/erase", ERASURE),
            "a cycle": ("/cycles", {"name": str(uuid4()), **DAYS}),
        }
        return {name: self.send(*each) for name, each in some.items()}

    def send(self, path: str, body: dict[str, Any]) -> tuple[int, str | None]:
        """Send a command, and keep what it acknowledges."""
        answer = self.client.post(PREFIX + path, json=body, headers={"Okr-Actor": ADA})
        if answer.status_code < 300:
            self.recorded[UUID(answer.headers["Command-Id"])] = answer.json["last_position"]
        return answer.status_code, answer.headers.get("Retry-After")

    def work(self) -> None:
        """Do what is due, sign and publish; no fault of a disk ends it."""
        Worker(self.jobs, list(regular_jobs(self.okr, self.jobs, self.signer, DAILY))).step()
        with suppress(DBAPIError):
            self.signer.sign()

    def close(self) -> None:
        """Close all."""
        self.jobs.close()
        super().close()


def build(url: str, outside: Path) -> None:
    """Make an installation, with people to erase, a checkpoint and jobs that were done."""
    with closing(Okr(url)) as okr:
        boss = UUID(ADA)
        okr.execute(c.RegisterPerson("Ada", id=boss), Context(boss))
        okr.execute(c.OpenCycle("2025-Q3"), Context(boss))
        for each in PEOPLE:
            okr.execute(c.RegisterPerson(str(each), id=each), Context(boss))
    there = Installation(url, outside)
    there.jobs.create()
    there.work()
    there.ask("/people")
    there.close()
