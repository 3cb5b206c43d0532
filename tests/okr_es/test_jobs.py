"""Jobs: one holder, taken over when it is gone, recorded before they act."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from okr_es.jobs import DONE, FAILED, PERHAPS_DONE, Jobs, LeaseIsLost
from okr_es.operations.worker import Job, Worker, every

LONG, OVER = 1_000.0, -1.0  # seconds of a lease
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Time:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def jobs(database_url: str, time: Time) -> Iterator[Jobs]:
    with closing(Jobs(database_url, time)) as jobs:
        jobs.create()
        yield jobs


def test_one_holder_has_it_and_renews_it(jobs: Jobs) -> None:
    assert jobs.take("sign", "one", LONG)
    assert not jobs.take("sign", "two", LONG)
    assert jobs.take("sign", "one", LONG)
    assert jobs.take("verify", "two", LONG)


def test_it_is_taken_over_when_the_lease_has_run_out_or_was_given_back(jobs: Jobs) -> None:
    jobs.take("sign", "one", OVER)
    assert jobs.take("sign", "two", LONG)
    jobs.release("sign", "one")
    assert not jobs.take("sign", "three", LONG), "who lost it cannot give it back"
    jobs.release("sign", "two")
    assert jobs.take("sign", "three", LONG)


def test_of_many_who_want_it_at_once_one_gets_it(jobs: Jobs) -> None:
    for number in range(10):
        start = threading.Barrier(6)

        def want(holder: int, job: str = f"job {number}", start: threading.Barrier = start) -> bool:
            start.wait()
            return jobs.take(job, str(holder), LONG)

        with ThreadPoolExecutor(6) as holders:
            assert sum(holders.map(want, range(6))) == 1


def test_nobody_acts_who_has_lost_the_lease(jobs: Jobs) -> None:
    jobs.take("sign", "one", OVER)
    jobs.take("sign", "two", LONG)
    with pytest.raises(LeaseIsLost):
        jobs.begin("sign", "one")
    assert jobs.last_run("sign") is None


def test_after_a_crash_what_had_begun_is_perhaps_done(jobs: Jobs, time: Time) -> None:
    jobs.take("sign", "one", OVER)
    jobs.take("sign", "one", LONG)
    crashed = jobs.begin("sign", "one")
    jobs.take("sign", "one", OVER)
    time.now += timedelta(minutes=5)
    jobs.take("sign", "two", LONG)
    second = jobs.begin("sign", "two")
    assert jobs.last_run("sign", PERHAPS_DONE).id == crashed
    jobs.end(crashed, DONE)
    assert jobs.last_run("sign", PERHAPS_DONE).id == crashed, "who comes back late changes nothing"
    jobs.end(second, DONE, "all of it")
    assert jobs.last_run("sign")[5:] == (DONE, "all of it")


# ---- the worker -------------------------------------------------------------------------


def test_a_run_is_recorded_before_it_acts(jobs: Jobs) -> None:
    seen = []
    job = Job("mail", lambda: not seen, lambda: seen.append(jobs.last_run("mail")) or "sent")
    assert Worker(jobs, [job]).step() == ["mail"]
    (during,) = seen
    assert (during.ended_at, during.outcome) == (None, None)
    assert jobs.last_run("mail")[5:] == (DONE, "sent")
    assert jobs.leases() == []


def test_a_job_that_fails_is_recorded_and_ends_nothing(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> str:
        raise ZeroDivisionError("of somebody's name")

    done = []
    work = [
        Job("mail", lambda: True, fail),
        Job("post", lambda: True, lambda: done.append(1) or "posted"),
    ]
    assert Worker(jobs, work).step() == ["post"]
    assert jobs.last_run("mail")[5:] == (FAILED, "ZeroDivisionError")
    assert "The job mail could not be done" in caplog.text
    assert jobs.leases() == []


def test_an_outage_is_one_line_and_no_traceback(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    is_away = [True, True, False]

    def act() -> str:
        if is_away.pop(0):
            raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("unable to open"))
        return "sent"

    worker = Worker(jobs, [Job("mail", lambda: True, act)])
    assert [worker.step() for _ in range(3)] == [[], [], ["mail"]]
    first, last = (record.getMessage() for record in caplog.records)
    assert first == "The database is unavailable for jobs: unable to open"
    assert "is available for jobs again" in last
    assert "Traceback" not in caplog.text


def test_an_outage_is_over_once_jobs_can_be_looked_for_though_none_is_due(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    is_away = [True, False]

    def is_due() -> bool:
        if is_away.pop(0):
            raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("unable to open"))
        return False

    worker = Worker(jobs, [Job("mail", is_due, lambda: "sent")])
    assert [worker.step() for _ in range(2)] == [[], []]
    assert "is available for jobs again" in caplog.records[-1].getMessage()


def test_what_another_holds_is_left_alone(jobs: Jobs) -> None:
    jobs.take("mail", "another", LONG)
    acted = []
    job = Job("mail", lambda: True, lambda: acted.append(1) or "sent")
    assert Worker(jobs, [job]).step() == []
    assert acted == []


def test_a_lease_is_renewed_while_the_work_lasts(jobs: Jobs) -> None:
    renewed = threading.Event()
    take = jobs.take

    def noticed(job: str, holder: str, seconds: float) -> bool:
        if renewing:
            renewed.set()
        renewing.append(holder)
        return take(job, holder, seconds)

    renewing: list[str] = []
    jobs.take = noticed  # type: ignore[method-assign]
    job = Job("mail", lambda: True, lambda: str(renewed.wait(20)))
    Worker(jobs, [job], lease_seconds=0.3).step()
    assert jobs.last_run("mail").detail == "True"


def test_several_workers_do_a_job_once(jobs: Jobs) -> None:
    acted = []
    work = [every(jobs, "mail", timedelta(hours=1), lambda: acted.append(1) or "sent")]
    with ThreadPoolExecutor(4) as workers:
        done = list(workers.map(lambda _: Worker(jobs, work).step(), range(12)))
    assert acted == [1]
    assert sum(map(len, done)) == 1


def test_what_is_done_every_hour_is_due_an_hour_later(jobs: Jobs, time: Time) -> None:
    worker = Worker(jobs, [every(jobs, "mail", timedelta(hours=1), lambda: "sent")])
    assert [worker.step(), worker.step()] == [["mail"], []]
    time.now += timedelta(hours=1)
    assert worker.step() == ["mail"]


def test_old_runs_are_forgotten_but_the_last_of_each_outcome_stays(jobs: Jobs, time: Time) -> None:
    jobs.take("mail", "one", LONG)
    for outcome in (DONE, DONE, FAILED, DONE):
        jobs.end(jobs.begin("mail", "one"), outcome)
        time.now += timedelta(days=1)
    assert jobs.forget_before(time.now) == 2
    assert jobs.last_run("mail").outcome == DONE
    assert jobs.last_run("mail", FAILED) is not None
    assert jobs.forget_before(time.now) == 0
