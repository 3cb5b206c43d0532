"""A clock far ahead does not stamp the future on all that comes after; a quiet weekend is none."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okr_es.application import Okr
from okr_es.commands import AcceptClock, Command, FormTeam
from okr_es.context import Context, Receipt
from okr_es.domain.clock import ClockAcceptance
from okr_es.domain.refusals import ClockIsAhead
from okr_es.log import clocks
from okr_es.log.clocks import ClockLimits
from tests.support.begun import OnPostgresql, OnSqlite
from tests.support.given import refused
from tests.support.world import ANN, begin_world

YEARS_AHEAD = timedelta(days=400)


class Machine:
    """A program whose clock is moved from the true time."""

    def __init__(self, url: str) -> None:
        self.off = timedelta(0)
        self.okr = Okr(url, clock=self.clock, clock_limits=ClockLimits())

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.off

    def execute(self, command: Command, **context: Any) -> Receipt:
        return self.okr.execute(command, Context(**({"by": ANN} | context)))

    def team(self) -> Receipt:
        return self.execute(FormTeam("Web"))


@pytest.fixture
def on_sqlite(begun_on_sqlite: OnSqlite) -> Iterator[Machine]:
    """A program on a SQLite database whose last event is of now."""
    with begun_on_sqlite.fresh("world", begin_world) as url, closing(Okr(url)) as okr:
        okr.execute(FormTeam("Now"), Context(ANN))
        machine = Machine(url)
        with closing(machine.okr):
            yield machine


@pytest.fixture
def on_postgresql(begun_on_postgresql: OnPostgresql) -> Iterator[Machine]:
    """A program on PostgreSQL, which has a clock of its own, and a log quiet since 2025."""
    with begun_on_postgresql.fresh("world", begin_world) as url:
        machine = Machine(url)
        with closing(machine.okr):
            yield machine


@pytest.fixture
def both(request: pytest.FixtureRequest) -> Machine:
    machine: Machine = request.getfixturevalue(request.param)
    return machine


on_both = pytest.mark.parametrize("both", ["on_sqlite", "on_postgresql"], indirect=True)


@on_both
def test_a_clock_far_ahead_records_nothing(both: Machine) -> None:
    head = both.okr.log.head()
    both.off = YEARS_AHEAD
    with refused(ClockIsAhead):
        both.team()
    assert both.okr.log.head() == head
    both.off = timedelta(0)
    assert both.team().recorded_at[:4] == str(datetime.now(UTC).year)


@on_both
def test_a_clock_that_is_right_or_behind_records(both: Machine) -> None:
    assert both.team().last_position
    both.off = -YEARS_AHEAD
    assert both.team().last_position


@pytest.mark.parametrize("days", [0.5, 3, 4, 35, 99])
def test_a_quiet_weekend_or_holiday_is_no_jump(days: float, on_sqlite: Machine) -> None:
    on_sqlite.off = timedelta(days=days)
    assert on_sqlite.team().last_position


def test_it_is_none_where_another_clock_agrees(on_postgresql: Machine) -> None:
    """The last event is more than a year old."""
    state = on_postgresql.okr.clock_watch.state()
    assert state.ahead_of_last_event is not None
    assert state.ahead_of_last_event > timedelta(days=200).total_seconds()
    assert state.warnings == ()
    assert on_postgresql.team().last_position


@pytest.mark.parametrize(("seconds", "is_refused"), [(50, False), (75, True)])
def test_a_minute_beyond_the_clock_of_the_database_is_too_much(
    seconds: int, is_refused: bool, on_postgresql: Machine
) -> None:
    on_postgresql.off = timedelta(seconds=seconds)
    if is_refused:
        with refused(ClockIsAhead):
            on_postgresql.team()
    else:
        assert on_postgresql.team().last_position


def test_the_clock_of_the_database_is_asked_now_and_then(
    on_postgresql: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_postgresql.team()
    watch = on_postgresql.okr.clock_watch
    assert watch.measured is not None
    measured = watch.measured
    on_postgresql.team()
    assert watch.measured == measured
    monkeypatch.setattr(clocks, "MEASURED_FOR_SECONDS", -1.0)
    on_postgresql.team()
    assert watch.measured != measured


@on_both
def test_an_operator_accepts_it_which_is_recorded(both: Machine) -> None:
    both.off = YEARS_AHEAD
    accepted = both.execute(AcceptClock(), reason="The other clock is wrong.")
    stored = both.okr.log.select_events(accepted.id)  # type: ignore[arg-type]
    event = both.okr.mapper.to_domain_event(stored[0])
    assert isinstance(event, ClockAcceptance.Accepted)
    assert (event.ahead_seconds is None) == both.okr.database.is_sqlite
    later = both.team()
    assert later.recorded_at >= accepted.recorded_at
    assert later.recorded_at[:4] == str(both.clock().year)
    both.off += timedelta(days=101)
    with refused(ClockIsAhead):
        both.team()


@on_both
def test_what_is_far_off_is_logged_in_one_line(
    both: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    both.team()
    with caplog.at_level(logging.WARNING):
        both.okr.clock_watch.warn()
        assert caplog.records == []
        both.off = timedelta(days=3)
        both.okr.clock_watch.warn()
        both.off = timedelta(days=-3)
        both.okr.clock_watch.warn()
    ahead, behind = (record.getMessage() for record in caplog.records)
    assert ("3 days ago" in ahead) == both.okr.database.is_sqlite
    assert "behind the last event" in behind


def test_an_empty_log_has_nothing_to_compare_with(sqlite_url: str) -> None:
    with closing(Okr(sqlite_url, clock_limits=ClockLimits())) as okr:
        assert okr.clock_watch.state() == clocks.ClockState(None, None, ())
        okr.clock_watch.require(datetime.now(UTC) + YEARS_AHEAD)


def test_without_limits_any_clock_records(begun_on_sqlite: OnSqlite) -> None:
    with begun_on_sqlite.fresh("world", begin_world) as url, closing(Okr(url)) as okr:
        assert okr.execute(FormTeam("Web"), Context(ANN)).last_position
