"""Down: the database stopped, restarted, busy, read-only or out of connections.

Tried are all questions and commands meanwhile; wrong is an answer other than 503 with Retry-After
(what needs no database may be 4xx), or one of 5xx after the database is back. The control counts
the answers of a bare Flask route on the same database, which has no such rule.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import text

from okr_es.database.database import Database
from tests.faults.results import report
from tests.support import postgresql
from tests.web.test_outages import Api, admin

NO_DATABASE = {400, 403, 404, 409, 415, 422}
Wrong = list[str]
SHORT = {"OKR_ES_LOCK_SECONDS": "0.3", "OKR_ES_POOL_SECONDS": "1", "OKR_ES_CONNECT_SECONDS": "2"}


class Tally:
    """What was tried, and what was wrong."""

    def __init__(self) -> None:
        self.tried = 0
        self.wrong: Wrong = []

    def during(self, found: dict[str, tuple[int, str | None]], *also: int) -> None:
        """Count answers while the database is down; `also` are statuses that are right too."""
        self.tried += len(found)
        for name, (status, retry) in found.items():
            if not (status == 503 and retry) and status not in NO_DATABASE | set(also):
                self.wrong.append(f"{name}: {status}")

    def afterwards(self, api: Api) -> None:
        """Count answers when it is back."""
        found = api.every_question() | {"a team": api.ask("/teams", {"name": str(uuid4())})}
        self.tried += len(found)
        self.wrong += [f"{name} afterwards: {s}" for name, (s, _) in found.items() if s >= 500]

    def as_json(self) -> dict[str, Any]:
        """Return it as it stands in build/faults.json."""
        holds = bool(self.tried and not self.wrong)
        return {"tried": self.tried, "wrong": len(self.wrong), "holds": holds}


def on_sqlite(folder: Path) -> Tally:
    """Try a file that is busy, and one that is away."""
    tally = Tally()
    api = Api(f"sqlite:///{folder}/okr.db")
    with closing(sqlite3.connect(api.okr.database.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        tally.during(api.every_command(), 200)  # a dry run writes nothing
        other.execute("ROLLBACK")
    tally.afterwards(api)
    path = api.okr.database.path
    api.okr.database.dispose()
    moved = path.rename(path.with_suffix(".moved"))
    path.mkdir()
    tally.during(api.every_command())
    path.rmdir()
    moved.rename(path)
    tally.afterwards(api)
    api.close()
    return tally


def on_postgresql(server: Any) -> Tally:
    """Try a server that is stopped, restarted, read-only, and without a connection."""
    tally = Tally()
    with admin(server) as connection:
        connection.execute("CREATE DATABASE down")
    api = Api(url_of(server))
    server.stop()
    tally.during(api.every_question())
    tally.during(api.every_command())
    server.ensure_postgres_running()
    tally.afterwards(api)
    ways: tuple[tuple[str, str, tuple[int, ...]], ...] = (
        ("SET default_transaction_read_only = on", "RESET default_transaction_read_only", (200,)),
        ("ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true", ()),
    )
    for away, back, also in ways:
        change(server, away, api)
        tally.during(api.every_command(), *also)
        change(server, back, api)
        tally.afterwards(api)
    api.close()
    return tally


def change(server: Any, setting: str, api: Api) -> None:
    """Change the database, for new connections alone."""
    with admin(server) as connection:
        connection.execute(f"ALTER DATABASE down {setting}")
    for each in (api.okr.database, api.okr.directory.database, api.okr.access_log.database):
        each.dispose()


def url_of(server: Any) -> str:
    """Return the URL of the database."""
    return str(server.get_uri("down")).replace("postgresql://", "postgresql+psycopg://", 1)


def control(server: Any, stop: Callable[[], None]) -> int:
    """Return how many answers of a bare route are no 503 while the database is away."""
    database = Database(url_of(server))
    app = Flask("bare")

    def count() -> dict[str, int]:
        with database.reader.connect() as connection:
            return {"events": connection.execute(text("SELECT count(*) FROM events")).scalar_one()}

    app.add_url_rule("/", "count", count)
    stop()
    statuses = [app.test_client().get("/").status_code for _ in range(10)]
    database.dispose()
    return sum(status != 503 for status in statuses)


def main() -> int:
    """Try both engines; write the results into build/faults.json."""
    os.environ.update(SHORT)
    with tempfile.TemporaryDirectory(prefix="okr-es-down-") as made:
        folder = Path(made)
        found = {"sqlite": on_sqlite(folder)}
        server = postgresql.start(folder)
        try:
            found["postgresql"] = on_postgresql(server)
            bad = control(server, server.stop)
        finally:
            server.ensure_postgres_running()
            server.cleanup()
    for tally in found.values():
        print(*tally.wrong, sep="\n", file=sys.stderr)
    results = {f"down.{name}": tally.as_json() for name, tally in found.items()}
    results["down.control"] = {"tried": 10, "wrong": bad, "holds": bad > 0}
    return report("down: no database, or one that does not do its work", results)


if __name__ == "__main__":
    sys.exit(main())
