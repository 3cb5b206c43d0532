"""Sessions and links: limited in time, ended by a word, known to the server by a hash alone."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from okr_es.access.links import Links, Purpose
from okr_es.access.secrets import csrf_token, is_csrf_token
from okr_es.access.sessions import MOST_SESSIONS, Limits, Sessions
from okr_es.access.tables import links, sessions

ANN, BEN = UUID(int=1), UUID(int=2)
BEGINS = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMITS = Limits()
MOMENT = timedelta(microseconds=1)


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = BEGINS

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(database_url: str, clock: Clock) -> Iterator[Sessions]:
    with closing(Sessions(database_url, clock)) as kept:
        kept.create()
        yield kept


# ---- sessions ---------------------------------------------------------------------------


def test_a_session_is_found_by_its_secret_and_by_no_other(kept: Sessions) -> None:
    begun = kept.begin(ANN, "link")
    assert kept.find(begun.secret) == begun.session
    assert begun.session.person_id == ANN
    assert begun.session.how == "link"
    other = kept.begin(BEN, "link")
    assert kept.find(other.secret) == other.session
    for wrong in ("", begun.secret[:-1], begun.secret + "A", begun.secret.swapcase(), "\udc80"):
        assert kept.find(wrong) is None


def test_it_is_over_when_nobody_used_it_for_a_while(kept: Sessions, clock: Clock) -> None:
    begun = kept.begin(ANN, "link")
    clock.now += LIMITS.idle - MOMENT
    assert kept.find(begun.secret)
    clock.now += LIMITS.idle - MOMENT
    assert kept.find(begun.secret), "it was used meanwhile"
    clock.now += LIMITS.idle
    assert kept.find(begun.secret) is None
    assert kept.of(ANN) == []


def test_it_is_over_after_its_longest_time_however_much_it_is_used(
    kept: Sessions, clock: Clock
) -> None:
    begun = kept.begin(ANN, "link")
    while clock.now + LIMITS.idle / 2 < BEGINS + LIMITS.longest:
        clock.now += LIMITS.idle / 2
        assert kept.find(begun.secret)
    clock.now = BEGINS + LIMITS.longest - MOMENT
    assert kept.find(begun.secret)
    clock.now = BEGINS + LIMITS.longest
    assert kept.find(begun.secret) is None


def test_a_use_is_written_no_more_often_than_once_a_minute(kept: Sessions, clock: Clock) -> None:
    begun = kept.begin(ANN, "link")
    clock.now += timedelta(seconds=59)
    kept.find(begun.secret)
    assert kept.of(ANN)[0].seen_at == begun.session.seen_at
    clock.now += timedelta(seconds=1)
    kept.find(begun.secret)
    assert kept.of(ANN)[0].seen_at > begun.session.seen_at


def test_a_short_time_without_use_is_counted_from_the_last_use_too(
    database_url: str, clock: Clock
) -> None:
    limits = Limits(idle=timedelta(seconds=30))
    with closing(Sessions(database_url, clock, limits)) as kept:
        kept.create()
        begun = kept.begin(ANN, "link")
        for _ in range(10):
            clock.now += timedelta(seconds=20)
            assert kept.find(begun.secret)
        clock.now += limits.idle
        assert kept.find(begun.secret) is None


def test_a_use_that_cannot_be_written_refuses_nobody(
    kept: Sessions, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun = kept.begin(ANN, "link")
    clock.now += LIMITS.idle / 2
    with monkeypatch.context() as patch:
        patch.setattr(kept.database, "transaction", failing)
        assert kept.find(begun.secret)
        assert kept.find(begun.secret)
    assert caplog.text.count("was not noted") == 1
    clock.now += LIMITS.idle / 2
    assert kept.find(begun.secret) is None, "the use was not noted"


def failing(*_: object) -> None:
    raise OperationalError("", None, sqlite3.OperationalError("the database is read-only"))


def test_a_person_sees_and_ends_their_own_one_by_one_or_all(kept: Sessions) -> None:
    first, second, bens = (kept.begin(who, "link") for who in (ANN, ANN, BEN))
    assert kept.of(ANN) == [second.session, first.session]
    assert not kept.end(bens.session.id, ANN), "it is another's"
    assert kept.end(first.session.id, ANN)
    assert not kept.end(first.session.id, ANN)
    assert kept.find(first.secret) is None
    assert kept.find(second.secret)
    kept.begin(ANN, "link")
    assert kept.end_all(ANN) == 2
    assert kept.of(ANN) == []
    assert kept.find(bens.secret)


def test_one_too_many_ends_the_one_that_was_used_least_lately(kept: Sessions, clock: Clock) -> None:
    first, second = kept.begin(ANN, "link"), kept.begin(ANN, "link")
    clock.now += timedelta(minutes=5)
    kept.find(first.secret)
    kept.begin(BEN, "link")
    more = [kept.begin(ANN, "link") for _ in range(MOST_SESSIONS - 1)]
    assert kept.find(second.secret) is None
    assert kept.find(first.secret)
    assert all(kept.find(each.secret) for each in more)
    assert len(kept.of(BEN)) == 1


def test_a_sweep_removes_what_is_over_and_nothing_else(kept: Sessions, clock: Clock) -> None:
    kept.begin(ANN, "link")
    Links(kept).make(ANN, Purpose.SIGN_IN)
    clock.now += MOMENT
    goes_on = kept.begin(BEN, "link")
    clock.now += LIMITS.longest - MOMENT
    link = Links(kept).make(BEN, Purpose.SIGN_IN)
    assert kept.sweep() == 1
    with kept.database.reader.connect() as connection:
        (left,) = connection.execute(select(sessions.c.id)).scalars()
        assert str(left) == str(goes_on.session.id)
        assert len(connection.execute(select(links)).all()) == 1
    assert Links(kept).person_of(link) == BEN


def test_no_secret_is_kept(kept: Sessions) -> None:
    shown = [kept.begin(ANN, "link").secret, Links(kept).make(ANN, Purpose.INVITATION)]
    with kept.database.reader.connect() as connection:
        rows = [*connection.execute(select(sessions)), *connection.execute(select(links))]
    stored = [value.encode() if isinstance(value, str) else bytes(value) for value in flat(rows)]
    assert len(stored) == len(sessions.c) + len(links.c)
    assert not any(secret.encode() in value for secret in shown for value in stored)


def flat(rows: list[object]) -> list[object]:
    return [str(v) if isinstance(v, UUID) else v for row in rows for v in row]  # type: ignore[attr-defined]


# ---- links ------------------------------------------------------------------------------


def test_a_link_is_used_once(kept: Sessions) -> None:
    made = Links(kept).make(ANN, Purpose.SIGN_IN)
    assert Links(kept).person_of(made) == ANN
    assert Links(kept).person_of(made) == ANN, "to look at it does not use it"
    begun = Links(kept).use(made)
    assert begun is not None
    assert (begun.session.person_id, begun.session.how) == (ANN, "link")
    assert kept.find(begun.secret) == begun.session
    assert Links(kept).use(made) is None
    assert Links(kept).person_of(made) is None


def test_of_many_who_use_it_at_once_one_has_it(kept: Sessions) -> None:
    made = Links(kept).make(ANN, Purpose.SIGN_IN)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: Links(kept).use(made), range(8)))
    assert [each.session for each in found if each is not None] == kept.of(ANN)
    assert len(kept.of(ANN)) == 1


def test_a_session_that_cannot_begin_uses_no_link_up(
    kept: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Links(kept).make(ANN, Purpose.SIGN_IN)
    with monkeypatch.context() as patch:
        patch.setattr(kept, "begin_in", failing)
        with pytest.raises(OperationalError):
            Links(kept).use(made)
    assert Links(kept).use(made)


@pytest.mark.parametrize(
    ("purpose", "lasts"),
    [(Purpose.SIGN_IN, LIMITS.sign_in), (Purpose.INVITATION, LIMITS.invitation)],
)
def test_it_ends_in_time(kept: Sessions, clock: Clock, purpose: Purpose, lasts: timedelta) -> None:
    made = Links(kept).make(ANN, purpose)
    clock.now += lasts - MOMENT
    assert Links(kept).person_of(made) == ANN
    clock.now += MOMENT
    assert Links(kept).use(made) is None


def test_a_new_one_ends_those_before_it_of_the_same_person(kept: Sessions) -> None:
    first, bens = (Links(kept).make(who, Purpose.INVITATION) for who in (ANN, BEN))
    second = Links(kept).make(ANN, Purpose.SIGN_IN)
    assert Links(kept).use(first) is None
    assert [person_signed_in(kept, each) for each in (second, bens)] == [ANN, BEN]


def person_signed_in(kept: Sessions, secret: str) -> UUID | None:
    begun = Links(kept).use(secret)
    return begun and begun.session.person_id


def test_who_ends_all_sessions_of_a_person_ends_their_links_too(kept: Sessions) -> None:
    made = Links(kept).make(ANN, Purpose.INVITATION)
    kept.end_all(ANN)
    assert Links(kept).use(made) is None


# ---- tokens -----------------------------------------------------------------------------


@given(st.text(), st.text())
def test_a_token_is_of_one_secret_alone(secret: str, other: str) -> None:
    assert is_csrf_token(csrf_token(secret), secret)
    assert is_csrf_token(csrf_token(other), secret) == (secret == other)
    assert not is_csrf_token(other, secret)
