"""The log of reads: gapless, ordered, immutable, apart from the log of goals, and searchable."""

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from okr_es.access_log import ACCESSES, RECORDED, Access, AccessLog
from okr_es.database.append_only import GapFound
from okr_es.database.database import Database
from okr_es.database.engines import APP_ROLE
from tests.support.given import Clock

ANN, BEN, CEM = (UUID(int=0xA1 + n) for n in range(3))
GOAL, CYCLE, TEAM = (UUID(int=0xC1 + n) for n in range(3))


@pytest.fixture
def clock() -> Clock:
    return Clock(date(2025, 7, 15))


@pytest.fixture
def reads(database_url: str, clock: Clock) -> Iterator[AccessLog]:
    reads = opened(database_url, clock)
    yield reads
    reads.database.dispose()


def opened(url: str, clock: Clock) -> AccessLog:
    reads = AccessLog(Database(url, "access"), clock)
    reads.create()
    return reads


def looked(reads: AccessLog, times: int = 1) -> None:
    for _ in range(times):
        reads.record(ANN, "review", {"cycle_id": str(CYCLE), "position": "7"}, [BEN, CEM])


def positions(found: list[Access]) -> list[int]:
    return [each.position for each in found]


def test_a_read_shows_who_looked_at_what_when(reads: AccessLog) -> None:
    about = {"goal_id": str(GOAL), "position": "12", "limit": "10"}
    assert reads.record(ANN, "history", about) == 1
    assert reads.record(None, "people", {"position": "13"}) == 2
    assert reads.search() == [
        Access(2, "2025-07-15T12:00:00.000000Z", None, "people", {"position": "13"}),
        Access(1, "2025-07-15T12:00:00.000000Z", ANN, "history", about),
    ]
    assert reads.head() == 2


def test_an_empty_log_has_nothing_to_tell(reads: AccessLog) -> None:
    assert (reads.search(), reads.search(by=ANN), reads.head()) == ([], [], 0)


def test_a_word_that_is_none_is_refused(reads: AccessLog) -> None:
    with pytest.raises(ValueError, match="peeked"):
        reads.record(ANN, "peeked", {})
    assert reads.head() == 0


def test_positions_have_no_gap_though_many_read_at_once(reads: AccessLog) -> None:
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: reads.record(ANN, "access_log", {}), range(60)))
    assert sorted(taken) == list(range(1, 61))
    assert positions(reads.search(limit=100)) == list(range(60, 0, -1))


def test_a_read_that_fails_leaves_no_hole(
    reads: AccessLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked(reads)
    with monkeypatch.context() as patch:
        patch.setattr(ACCESSES, "update", "UPDATE nowhere SET position = :position")
        with pytest.raises(Exception, match="nowhere"):
            looked(reads)
    looked(reads)
    assert positions(reads.search()) == [2, 1]


def test_times_never_go_backwards_though_the_clock_does(reads: AccessLog, clock: Clock) -> None:
    looked(reads)
    clock.now = datetime(2024, 1, 1, tzinfo=UTC)
    looked(reads)
    clock.now = datetime(2025, 7, 16, tzinfo=UTC)
    looked(reads)
    times = [each.recorded_at[:10] for each in reversed(reads.search())]
    assert times == ["2025-07-15", "2025-07-15", "2025-07-16"]


def test_it_goes_on_where_it_was_when_opened_again(database_url: str, clock: Clock) -> None:
    for _ in range(2):
        reads = opened(database_url, clock)
        looked(reads)
        reads.database.dispose()
    again = opened(database_url, clock)
    assert positions(again.search()) == [2, 1]
    again.database.dispose()


# ---- searching --------------------------------------------------------------------------


@pytest.fixture
def looked_around(reads: AccessLog, clock: Clock) -> AccessLog:
    """Five reads on three days."""
    cycle, goal = {"cycle_id": str(CYCLE)}, {"goal_id": str(GOAL)}
    reads.record(ANN, "review", cycle | {"person_id": str(BEN)}, [BEN])
    reads.record(BEN, "review", cycle, [BEN, CEM])
    clock.now = datetime(2025, 7, 16, 12, tzinfo=UTC)
    reads.record(ANN, "history", goal)
    reads.record(None, "export", cycle | goal)
    clock.now = datetime(2025, 7, 17, 12, tzinfo=UTC)
    reads.record(ANN, "review", cycle | {"team_id": str(TEAM)}, [CEM])
    return reads


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"by": ANN}, [5, 3, 1]),
        ({"by": CEM}, []),
        ({"about": [BEN]}, [2, 1]),
        ({"about": [CEM]}, [5, 2]),
        ({"about": [GOAL]}, [4, 3]),
        ({"about": [CYCLE]}, [5, 4, 2, 1]),
        ({"about": [TEAM]}, [5]),
        ({"about": [CYCLE, GOAL]}, [4]),
        ({"about": [CYCLE, GOAL, TEAM]}, []),
        ({"what": "review"}, [5, 2, 1]),
        ({"what": "people"}, []),
        ({"since": datetime(2025, 7, 16, 12, tzinfo=UTC)}, [5, 4, 3]),
        ({"until": datetime(2025, 7, 16, 12, tzinfo=UTC)}, [2, 1]),
        ({"by": ANN, "about": [CYCLE], "what": "review"}, [5, 1]),
        ({"limit": 2}, [5, 4]),
        ({"limit": 2, "before": 4}, [3, 2]),
        ({"by": ANN, "limit": 1, "before": 5}, [3]),
        ({"before": 1}, []),
        ({"before": 2**62}, [5, 4, 3, 2, 1]),
    ],
    ids=str,
)
def test_reads_are_found_by_what_is_asked(
    asked: dict[str, Any], found: list[int], looked_around: AccessLog
) -> None:
    assert positions(looked_around.search(**asked)) == found


def test_of_people_an_answer_was_about_only_their_number_is_kept_in_words(reads: AccessLog) -> None:
    looked(reads)
    (read,) = reads.search(about=[CEM])
    assert read.about == {"cycle_id": str(CYCLE), "position": "7", "people_seen": "2"}


# ---- immutable --------------------------------------------------------------------------

FORGERIES = {
    "an update": "UPDATE accesses SET what = 'people' WHERE position = 2",
    "an update of what it was about": "UPDATE access_about SET id = 'x'",
    "a delete": "DELETE FROM accesses WHERE position = 3",
    "a delete of what it was about": "DELETE FROM access_about",
}
ON_SQLITE = FORGERIES | {
    "a replace": "REPLACE INTO accesses VALUES (2, '', NULL, 'people', '{}')",
    "an insert behind a gap": "INSERT INTO accesses VALUES (5, '', NULL, 'people', '{}')",
    "an insert without a position": "INSERT INTO accesses VALUES (NULL, '', NULL, 'people', '{}')",
    "a late claim of what it was about": "INSERT INTO access_about VALUES ('x', 2)",
    "a replace of what it was about": "REPLACE INTO access_about SELECT * FROM access_about",
}
ON_POSTGRESQL = FORGERIES | {
    "a truncate": "TRUNCATE accesses",
    "a truncate of what it was about": "TRUNCATE access_about",
}


@pytest.mark.parametrize("forgery", ON_SQLITE)
def test_sqlite_refuses(forgery: str, sqlite_url: str, clock: Clock) -> None:
    reads = opened(sqlite_url, clock)
    looked(reads, 3)
    before = reads.search()
    bare = sqlite3.connect(reads.database.path, isolation_level=None)
    with pytest.raises(sqlite3.IntegrityError):
        bare.execute(ON_SQLITE[forgery])
    bare.close()
    assert reads.search() == before
    reads.database.dispose()


@pytest.fixture
def on_postgresql(postgresql_url: str, clock: Clock) -> Iterator[AccessLog]:
    reads = opened(postgresql_url, clock)
    looked(reads, 3)
    yield reads
    reads.database.dispose()


@pytest.fixture
def owner(on_postgresql: AccessLog) -> Iterator[psycopg.Connection]:
    url = on_postgresql.database.url
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
    ) as connection:
        connection.execute("SET search_path = okr_access")
        yield connection


@pytest.mark.parametrize("forgery", ON_POSTGRESQL)
def test_postgresql_refuses_even_its_owner(
    forgery: str, on_postgresql: AccessLog, owner: psycopg.Connection
) -> None:
    before = on_postgresql.search()
    with pytest.raises(psycopg.errors.RaiseException, match=r"rows of access.* are immutable"):
        owner.execute(ON_POSTGRESQL[forgery])
    assert on_postgresql.search() == before


@pytest.mark.parametrize(
    "forbidden", [*ON_POSTGRESQL.values(), "DROP TABLE accesses", "DELETE FROM access_counter",
                  "ALTER TABLE accesses DISABLE TRIGGER ALL"]
)  # fmt: skip
def test_the_applications_role_lacks_the_right_even_without_the_guard(
    forbidden: str, owner: psycopg.Connection
) -> None:
    owner.execute("ALTER TABLE accesses DISABLE TRIGGER ALL")
    owner.execute("ALTER TABLE access_about DISABLE TRIGGER ALL")
    owner.execute(f"SET ROLE {APP_ROLE}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute(forbidden)


@pytest.mark.parametrize("missing", [3, 2, 1])
def test_a_read_that_is_missing_all_the_same_is_seen(
    missing: int, on_postgresql: AccessLog, owner: psycopg.Connection
) -> None:
    owner.execute("ALTER TABLE accesses DISABLE TRIGGER ALL")
    owner.execute(f"DELETE FROM accesses WHERE position = {missing}")
    with pytest.raises(GapFound):
        on_postgresql.search()


# ---- apart, and without a text ------------------------------------------------------------


def test_it_is_durable_and_apart_from_the_log_of_goals(reads: AccessLog) -> None:
    looked(reads)
    assert reads.database.durable
    with reads.database.reader.connect() as connection:
        if reads.database.is_sqlite:
            assert reads.database.path.name == "okr.access.db"
            assert reads.database.path.stat().st_mode & 0o077 == 0
        else:
            where = text("SELECT schemaname FROM pg_tables WHERE tablename = 'accesses'")
            assert connection.execute(where).scalars().all() == ["okr_access"]
        (about,) = connection.execute(text("SELECT about FROM accesses")).scalars().all()
    assert json.loads(about)["people_seen"] == "2"


def test_each_word_says_what_it_means() -> None:
    assert {"review", "audit_log", "export", "access_log", "history"} <= set(RECORDED)
    assert all(word.isidentifier() and said for word, said in RECORDED.items())
