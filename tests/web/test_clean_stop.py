"""A server that is stopped under load leaves complete main files."""

import json
import shutil
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.support.administering import make_administrator
from tests.web.conftest import ADA
from tests.web.test_server import Serve, Served, serve  # noqa: F401  - the fixture
from web.app import PREFIX
from web.server import require_free

STOP_SECONDS = 10
BEGIN_SECONDS = 60
MARGIN_SECONDS = 3


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_copy_of_the_main_file_alone_holds_all_that_was_acknowledged(
    workers: str,
    serve: Serve,  # noqa: F811
    tmp_path: Path,
) -> None:
    served = serve("serve", "--development", "--workers", workers)
    body = json.dumps({"name": "Ada", "id": ADA}).encode()
    assert served.ask(f"{PREFIX}/people", body)[0] == 201
    make_administrator(f"sqlite:///{tmp_path}/okr.db", ADA)
    with ThreadPoolExecutor(3) as clients:
        last = [clients.submit(record, served) for _ in range(3)]
        served.ask("/health/live")
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(timeout=STOP_SECONDS + MARGIN_SECONDS) == 0
        acknowledged = max(each.result() for each in last)
    assert acknowledged > 1
    assert head_of(shutil.copy(tmp_path / "okr.db", tmp_path / "alone.db")) >= acknowledged


def test_the_workers_of_a_server_that_was_killed_stop_too(
    serve: Serve,  # noqa: F811
) -> None:
    served = serve("serve", "--development", "--workers", "2")
    served.process.kill()
    served.process.communicate(timeout=BEGIN_SECONDS)  # one of them may be about to begin
    require_free("127.0.0.1", int(served.at.rpartition(":")[2]))


def record(served: Served) -> int:
    """Form teams until the server is gone; return the last position that was acknowledged."""
    last = 0
    while True:
        try:
            status, receipt = served.ask(f"{PREFIX}/teams", b'{"name": "Web"}', Okr_Actor=ADA)
        except (OSError, HTTPException):
            return last
        if status == 201:
            last = receipt["last_position"]


def head_of(copy: str) -> int:
    """The last position in a copy of the main file alone."""
    with closing(sqlite3.connect(copy)) as connection:
        return int(connection.execute("SELECT max(position) FROM events").fetchone()[0])
