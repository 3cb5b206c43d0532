"""Requests with an api key are counted for all processes together, and when it was used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, make_url

from okr_es.access.key_uses import KeyUses, last_uses, share_of
from okr_es.access.sessions import Sessions

NOON = datetime(2025, 8, 15, 12, 0, 7, 500_000, tzinfo=UTC)
LAKE, CRM = UUID(int=0xAE1), UUID(int=0xAE2)


class Processes:
    """Two processes at one database, and the clock they have."""

    def __init__(self, url: str) -> None:
        self.now = NOON
        self.url = make_url(url)
        self.sessions = [Sessions(url, self.clock) for _ in range(2)]
        self.sessions[0].create()

    def clock(self) -> datetime:
        return self.now

    def counting(self, per_minute: int) -> list[KeyUses]:
        return [KeyUses(each.database, self.clock, per_minute) for each in self.sessions]

    def close(self) -> None:
        for each in self.sessions:
            each.close()


@pytest.fixture
def processes(sqlite_url: str) -> Iterator[Processes]:
    with closing(Processes(sqlite_url)) as found:
        yield found


@pytest.fixture
def on_both(database_url: str) -> Iterator[Processes]:
    with closing(Processes(database_url)) as found:
        yield found


def test_all_processes_together_let_through_what_a_minute_has(on_both: Processes) -> None:
    one, other = on_both.counting(per_minute=3)
    assert [one.take(LAKE), other.take(LAKE), one.take(LAKE)] == [0, 0, 0]
    assert [other.take(LAKE), one.take(LAKE)] == [53, 53]
    assert one.take(CRM) == 0
    on_both.now += timedelta(seconds=53)
    assert [other.take(LAKE) for _ in range(4)] == [0, 0, 0, 60]


@pytest.mark.parametrize("per_minute", [1, 7, 60, 100, 600])
def test_no_more_and_no_less_than_the_limit_by_one_process(
    per_minute: int, processes: Processes
) -> None:
    uses, _ = processes.counting(per_minute)
    assert [uses.take(LAKE) > 0 for _ in range(per_minute + 3)] == [
        *[False] * per_minute, *[True] * 3,
    ]  # fmt: skip


def test_few_requests_ask_the_database(processes: Processes) -> None:
    uses, _ = processes.counting(per_minute=600)
    begun: list[object] = []
    event.listen(uses.database.writer, "begin", begun.append)
    for _ in range(605):
        uses.take(LAKE)
    assert len(begun) == 600 // 30 + 1


def test_a_share_is_for_its_minute(processes: Processes) -> None:
    uses, _ = processes.counting(per_minute=40)
    uses.take(LAKE)
    processes.now += timedelta(minutes=1)
    assert [uses.take(LAKE) for _ in range(41)].count(0) == 40


def test_the_minute_of_the_last_use_is_kept(on_both: Processes) -> None:
    uses, _ = on_both.counting(per_minute=600)
    url = on_both.url
    assert last_uses(url) == {}
    uses.take(LAKE)
    on_both.now += timedelta(hours=1)
    uses.take(LAKE)
    uses.take(CRM)
    at = "2025-08-15T13:00:00.000000Z"
    assert last_uses(url) == {LAKE: at, CRM: at}


def test_nothing_is_known_where_nobody_served(sqlite_url: str) -> None:
    assert last_uses(make_url(sqlite_url)) == {}


@pytest.mark.parametrize("per_minute", range(1, 130))
def test_a_minute_is_made_of_whole_shares(per_minute: int) -> None:
    assert per_minute % share_of(per_minute) == 0
    assert 1 <= share_of(per_minute) <= max(1, per_minute // 20)
