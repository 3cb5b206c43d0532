"""The access log is cut at a signed checkpoint: what goes, what stays, what is proven after."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from okr_es import commands as c
from okr_es.access_log import AccessLog
from okr_es.database.append_only import GapFound
from okr_es.database.clock import instant
from okr_es.database.database import Database
from okr_es.domain.refusals import Conflict
from okr_es.domain.retention import Retention, RetentionRun
from okr_es.evidence.access_cut import last_cut
from okr_es.evidence.access_tree import AccessCheckpoints
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification
from okr_es.evidence.verify_access import verify_accesses
from okr_es.operations import retention
from okr_es.operations.retention import NotCut, carry_out, due
from projections.audit_log.access import page
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.world import ANN, BEN, built, opened

GOAL = UUID(int=0xC1)
YEAR = timedelta(days=366)
DAY = timedelta(days=1)


def read(world: World, times: int = 1, by: UUID = ANN, shown: UUID = ANN) -> None:
    for _ in range(times):
        world.okr.access_log.record(by, "review", {"goal_id": str(GOAL)}, [shown])


def sign(world: World) -> None:
    Signer(world.okr, origin="okr-es.example").sign()


def begin(url: str) -> None:
    """Five reads signed, three signed a day later; a year after the first two more, not signed."""
    world = built(url)
    read(world, 5, shown=UUID(int=0x5EE5EE5EE5EE))
    sign(world)
    world.clock.now += DAY
    read(world, 3)
    sign(world)
    world.clock.now += YEAR - DAY
    read(world, 2)
    world.execute(c.SetRetention(access_log_years=1), reason="So says our list.")
    world.okr.close()


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    with begun.fresh("reads of over a year", begin) as url:
        yield from a_year_later(url)


@pytest.fixture
def on_sqlite(begun_on_sqlite: Begun) -> Iterator[World]:
    with begun_on_sqlite.fresh("reads of over a year", begin) as url:
        yield from a_year_later(url)


def a_year_later(url: str) -> Iterator[World]:
    world = opened(url)
    world.clock.now += YEAR
    yield world
    world.okr.close()


def positions(world: World) -> list[int]:
    found = world.okr.access_log.search(cut_at=lambda: 1_000)
    return [each.position for each in reversed(found)]


def failures(world: World) -> list[str]:
    return [
        each.message
        for each in (
            *Verification(world.okr.log).run().failures,
            *verify_accesses(world.okr.database).failures,
        )
    ]


# ---- cut --------------------------------------------------------------------------------


def test_reads_go_up_to_the_last_checkpoint_signed_long_enough_ago(world: World) -> None:
    done = carry_out(world.okr)
    assert (done.cut.reads, done.cut.held, positions(world)) == (5, 0, [6, 7, 8, 9, 10])
    root = AccessCheckpoints(world.okr.database).all()[0].root.hex()
    run, cut = world.facts()[-2:]
    assert isinstance(run, RetentionRun.CarriedOut)
    assert isinstance(cut, Retention.AccessLogCut)
    assert (run.reads, run.reads_held, cut.cut_at, cut.root) == (5, 0, 5, root)
    assert failures(world) == []


def test_what_is_left_is_proven_as_before_and_the_log_goes_on(world: World) -> None:
    whole = verify_accesses(world.okr.database)
    carry_out(world.okr)
    verified = verify_accesses(world.okr.database)
    assert (verified.start, verified.reads, verified.root) == (5, 5, whole.root)
    assert (verified.checkpoints, verified.failures) == (2, [])
    read(world)
    sign(world)
    assert verify_accesses(world.okr.database).failures == []
    assert positions(world) == [6, 7, 8, 9, 10, 11]


def test_a_verification_says_where_when_and_by_what(world: World) -> None:
    head = world.okr.log.head()
    carry_out(world.okr)
    cut = verify_accesses(world.okr.database).cut
    day = world.clock.now.date()
    assert str(cut) == (
        f"cut at 5 by retention on {day} (event {head + 2}), under event {head}, by which reads "
        "are kept for 1 year"
    )


def test_a_dry_run_says_where_and_changes_nothing(world: World) -> None:
    head = world.okr.log.head()
    found = due(world.okr)
    assert found.cut.checkpoint is not None
    assert (found.cut.checkpoint.size, found.cut.reads, found.cut.held) == (5, 5, 0)
    assert (world.okr.log.head(), positions(world)) == (head, list(range(1, 11)))


def test_it_is_cut_again_from_where_it_was_cut(world: World) -> None:
    carry_out(world.okr)
    world.clock.now += DAY
    assert carry_out(world.okr).cut.reads == 3
    assert positions(world) == [9, 10]
    cut = last_cut(world.okr.database)
    assert cut is not None
    assert cut.size == 8
    assert failures(world) == []


def test_nothing_is_cut_twice_and_then_nothing_is_recorded(world: World) -> None:
    carry_out(world.okr)
    head = world.okr.log.head()
    assert carry_out(world.okr).counts()["reads"] == 0
    assert world.okr.log.head() == head


def test_the_last_read_stays_as_the_next_is_numbered_after_it(world: World) -> None:
    sign(world)
    world.clock.now += YEAR
    assert carry_out(world.okr).cut.reads == 8
    assert positions(world) == [9, 10]
    read(world)
    assert failures(world) == []


@pytest.mark.parametrize("years", [None, 2])
def test_nothing_goes_before_its_time(years: int | None, world: World) -> None:
    world.execute(c.SetRetention(access_log_years=years), reason="Longer.")
    assert carry_out(world.okr).counts()["reads"] == 0
    assert positions(world) == list(range(1, 11))


def test_what_was_signed_late_stays_longer(sqlite_url: str) -> None:
    world = built(sqlite_url)
    read(world, 3)
    world.clock.now += YEAR
    sign(world)
    read(world)
    world.execute(c.SetRetention(access_log_years=1), reason="So says our list.")
    assert carry_out(world.okr).cut.reads == 0
    world.okr.close()


# ---- legal holds ------------------------------------------------------------------------


@pytest.mark.parametrize("concerns", ["who read", "who was shown"])
def test_a_read_of_somebody_on_hold_stays_and_all_after_it(concerns: str, sqlite_url: str) -> None:
    world = built(sqlite_url)
    read(world, 2)
    sign(world)
    read(world, by=BEN if concerns == "who read" else ANN, shown=ANN if "read" in concerns else BEN)
    read(world, 2)
    sign(world)
    world.clock.now += YEAR
    read(world)
    world.execute(c.SetRetention(access_log_years=1), reason="So says our list.")
    world.execute(c.PlaceLegalHold(BEN, "T 1"), reason="a claim")
    done = carry_out(world.okr)
    assert (done.cut.reads, done.cut.held, positions(world)) == (2, 3, [3, 4, 5, 6])
    assert carry_out(world.okr).counts()["reads_held"] == 3
    world.execute(c.LiftLegalHold(BEN, "T 1"), reason="settled")
    assert carry_out(world.okr).cut.reads == 3
    assert (positions(world), failures(world)) == ([6], [])
    world.okr.close()


def test_a_hold_that_comes_meanwhile_stops_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = world.okr.log.head()
    found = due(world.okr)
    world.execute(c.PlaceLegalHold(ANN, "T 1"), reason="a claim")
    monkeypatch.setattr(retention, "due_by", lambda *_: found)
    with pytest.raises(Conflict):
        carry_out(world.okr)
    assert (world.okr.log.head(), positions(world)) == (head + 1, list(range(1, 11)))


def test_other_years_that_are_set_meanwhile_stop_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = retention.retention_of(world.okr)
    world.execute(c.SetRetention(access_log_years=None), reason="For ever.")
    monkeypatch.setattr(retention, "retention_of", lambda _: before)
    with pytest.raises(Conflict):
        carry_out(world.okr)
    assert positions(world) == list(range(1, 11))


# ---- interrupted, or not as it was signed -----------------------------------------------


def stopped_after_it_was_recorded(world: World) -> None:
    def away(_: int) -> None:
        raise OSError("away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.okr.access_log, "cut", away)
        with pytest.raises(OSError, match="away"):
            carry_out(world.okr)


def test_a_run_that_stops_after_it_was_recorded_is_followed_by_another(world: World) -> None:
    stopped_after_it_was_recorded(world)
    assert positions(world) == list(range(1, 11))
    verified = verify_accesses(world.okr.database)
    assert (verified.start, verified.failures) == (0, [])
    head = world.okr.log.head()
    assert carry_out(world.okr).counts()["reads"] == 0
    assert (world.okr.log.head(), positions(world)) == (head, [6, 7, 8, 9, 10])
    assert failures(world) == []


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE accesses SET what = 'people' WHERE position = 2",
        "DELETE FROM accesses WHERE position = 4",
        "DELETE FROM access_about WHERE position = 3",
    ],
)
def test_reads_that_are_not_as_they_were_signed_are_not_destroyed(
    forgery: str, on_sqlite: World
) -> None:
    with closing(sqlite3.connect(on_sqlite.okr.access_log.database.path)) as bare, bare:
        for (name,) in bare.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            bare.execute(f"DROP TRIGGER {name}")
        bare.execute(forgery)
    before, head = positions(on_sqlite), on_sqlite.okr.log.head()
    with pytest.raises(NotCut, match="not as it was signed"):
        carry_out(on_sqlite.okr)
    assert (positions(on_sqlite), on_sqlite.okr.log.head()) == (before, head)


# ---- beside others ----------------------------------------------------------------------


def test_who_has_it_open_reads_and_records_on_without_a_gap(world: World) -> None:
    database = Database(world.okr.database.url.render_as_string(hide_password=False), "access")
    other = AccessLog(database, world.clock)
    other.record(ANN, "people", {})
    with ThreadPoolExecutor(4) as threads:
        recorded = [threads.submit(other.record, ANN, "people", {}) for _ in range(40)]
        carry_out(world.okr)
        assert sorted(each.result() for each in recorded) == list(range(12, 52))
    assert positions(world) == list(range(6, 52))
    assert failures(world) == []
    database.dispose()


# ---- guards -----------------------------------------------------------------------------


def test_nothing_else_can_be_deleted_before_or_after(world: World) -> None:
    for _ in range(2):
        for table in ("accesses", "access_about"):
            with (
                pytest.raises(DBAPIError),
                world.okr.access_log.database.transaction() as connection,
            ):
                connection.exec_driver_sql(f"DELETE FROM {table} WHERE position = 7")
        carry_out(world.okr)
    assert positions(world) == [6, 7, 8, 9, 10]


def test_bytes_of_what_is_gone_are_overwritten(on_sqlite: World) -> None:
    seen = str(UUID(int=0x5EE5EE5EE5EE))
    path = on_sqlite.okr.access_log.database.path
    assert seen.encode() in stored(path)
    carry_out(on_sqlite.okr)
    assert seen.encode() not in stored(path)


def stored(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


# ---- asked for --------------------------------------------------------------------------


def test_a_page_of_the_access_log_says_where_it_begins(world: World) -> None:
    asked = (None, [], None, (None, None), 3)
    assert page(world.okr, *asked, None)["cut"] is None
    head = world.okr.log.head()
    carry_out(world.okr)
    found = page(world.okr, *asked, 9)
    assert [each["position"] for each in found["entries"]] == [8, 7, 6]
    assert found["next_before"] is None
    assert found["cut"] == {
        "at": 5,
        "recorded_at": instant(world.clock.now),
        "event": head + 2,
        "years": 1,
        "set_by_event": head,
    }


def test_a_read_that_is_missing_behind_the_cut_is_seen(world: World) -> None:
    carry_out(world.okr)
    with pytest.raises(GapFound):
        world.okr.access_log.search(cut_at=lambda: 4)
