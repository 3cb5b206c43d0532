"""The worker on the command line: what is due is done, until it is stopped."""

import os
import signal
import subprocess
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from okr_es.access.links import Links, Purpose
from okr_es.access.sessions import Sessions
from okr_es.access.tables import links
from okr_es.application import Okr
from okr_es.commands import FormTeam
from okr_es.context import Context
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.jobs import DONE, PERHAPS_DONE, Jobs
from tests.okr_es.operations.test_cutting import begin
from tests.support.begun import Begun
from tests.web.cli.test_main import call
from tests.web.conftest import ADA
from tests.web.test_server import CLI, ROOT

PATIENCE_SECONDS = 30


@pytest.fixture
def url(okr: Okr) -> str:
    """The database of the small company."""
    return okr.database.url.render_as_string(hide_password=False)


def test_what_is_due_is_done_once(url: str, okr: Okr) -> None:
    done = call("--database", url, "worker", "--once")
    assert done.stdout.split() == [
        "sign", "sweep", "sessions", "retention", "people", "verify",
    ], done.output  # fmt: skip
    last = Checkpoints(okr.database).last()
    assert last is not None
    assert last.size == okr.log.head()
    assert call("--database", url, "worker", "--once", "--verify-every", "0").stdout == (
        "nothing is due\n"
    )
    with closing(Jobs(url)) as jobs:
        verified = jobs.last_run("verify")
        assert (verified.outcome, verified.detail) == (DONE, f"{last.size} events, 1 checkpoints")


def test_who_is_in_the_directory_alone_is_swept(url: str, okr: Okr) -> None:
    left = uuid4()
    okr.directory.add_person(left, "Nobody", None, okr.log.head())
    call("--database", url, "worker", "--once", "--verify-every", "0")
    assert okr.directory.entries([left]) == {}
    with closing(Jobs(url)) as jobs:
        assert jobs.last_run("sweep").outcome == DONE


def test_client_info_is_kept_as_long_as_is_asked_for(url: str, okr: Okr) -> None:
    receipt = okr.execute(FormTeam("Late"), Context(UUID(ADA)))
    okr.client_info.note(receipt.command_id, UUID(ADA), "192.0.2.7", "a browser")
    kept = []
    for arguments in ((), ("--keep-client-info", "36500"), ("--keep-client-info", "0")):
        call("--database", url, "worker", "--once", "--verify-every", "0", *arguments)
        kept.append(bool(okr.client_info.of_commands([receipt.command_id])))
        with closing(Jobs(url)) as jobs, jobs.database.transaction() as connection:
            connection.exec_driver_sql("DELETE FROM runs")
    assert kept == [True, True, False]


def test_sessions_and_links_that_are_over_are_removed(url: str) -> None:
    with closing(Sessions(url, lambda: datetime.now(UTC) - timedelta(hours=13))) as yesterday:
        yesterday.create()
        yesterday.begin(UUID(ADA), "link")
        Links(yesterday).make(UUID(ADA), Purpose.SIGN_IN)
    with closing(Sessions(url)) as now:
        now.begin(UUID(ADA), "link")
        assert len(now.all_of(UUID(ADA))) == 2
        call("--database", url, "worker", "--once", "--verify-every", "0")
        assert len(now.all_of(UUID(ADA))) == 1
        with now.database.reader.connect() as connection:
            assert connection.execute(select(links)).all() == []


def test_the_access_log_is_cut_and_verified(begun_on_sqlite: Begun) -> None:
    with begun_on_sqlite.fresh("reads of over a year", begin) as url:
        call("--database", url, "worker", "--once")
        with closing(Jobs(url)) as jobs:
            cut, verified = jobs.last_run("people"), jobs.last_run("verify")
    assert (cut.outcome, verified.outcome) == (DONE, DONE)
    assert "8 reads, 0 reads held" in cut.detail


def test_a_log_that_is_not_as_recorded_is_said_loudly(
    url: str, okr: Okr, caplog: pytest.LogCaptureFixture
) -> None:
    with okr.database.writer.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER events_refuse_update")
        connection.exec_driver_sql("UPDATE events SET origin = 'page' WHERE position = 3")
    call("--database", url, "worker", "--once")
    assert "The log is NOT as it was recorded" in caplog.text
    with closing(Jobs(url)) as jobs:
        assert jobs.last_run("verify").outcome == "failed"


def test_it_works_until_it_is_stopped_and_the_next_takes_over_after_a_crash(
    url: str, tmp_path: Path
) -> None:
    def started() -> subprocess.Popen[str]:
        env = os.environ | {"PYTHONPATH": str(ROOT), "OKR_ES_DATABASE": url}
        return subprocess.Popen(
            [*CLI, "worker"], cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True
        )

    first = started()
    with closing(Jobs(url)) as jobs:
        until = time.monotonic() + PATIENCE_SECONDS
        while not (jobs.exist() and jobs.last_run("verify", DONE)) and time.monotonic() < until:
            time.sleep(0.05)
        assert jobs.last_run("verify", DONE)
        first.kill()
        first.communicate()
        for lease in jobs.leases():  # as if its time had run out
            jobs.release(lease.job, lease.holder)
        jobs.take("verify", "crashed", 1_000)
        crashed = jobs.begin("verify", "crashed")
        jobs.take("verify", "crashed", -1)
        second = started()
        assert second.stdout.readline().startswith("okr-es works in the background")
        second.send_signal(signal.SIGTERM)
        assert second.wait(timeout=PATIENCE_SECONDS) == 0
        second.communicate()
        jobs.take("verify", "next", 1_000)
        jobs.begin("verify", "next")
        assert jobs.last_run("verify", PERHAPS_DONE).id == crashed
