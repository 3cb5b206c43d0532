"""Sign-ins under way: each comes back once, to the browser and the provider it began with."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from okr_es.access.attempts import LASTS, Attempt, Attempts, nonce_of, verifier_of
from okr_es.access.links import MOST_ASKED_FOR, PAUSE, Links, Purpose
from okr_es.access.secrets import hash_of
from okr_es.access.sessions import Sessions
from tests.support.world import ANN, BEN

NOW = datetime(2025, 8, 15, 12, tzinfo=UTC)


class Time:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with closing(Sessions(database_url, Time())) as sessions:
        sessions.create()
        yield sessions


def test_an_attempt_comes_back_once(sessions: Sessions) -> None:
    attempts = Attempts(sessions)
    plain = attempts.begin("corp")
    assert attempts.end("corp", plain.state, plain.secret) == Attempt("", None)
    assert attempts.end("corp", plain.state, plain.secret) is None
    begun = attempts.begin("corp", "/board", "a link")
    assert attempts.end("corp", begun.state, begun.secret) == Attempt("/board", hash_of("a link"))


def test_it_is_of_one_browser_and_one_provider(sessions: Sessions) -> None:
    attempts = Attempts(sessions)
    one, other = attempts.begin("corp"), attempts.begin("corp")
    assert attempts.end("corp", one.state, other.secret) is None
    assert attempts.end("corp", one.state, one.secret) is None, "it is over"
    assert attempts.end("else", other.state, other.secret) is None
    assert attempts.end("corp", other.state, other.secret) is None, "it is over"
    assert attempts.end("corp", "guessed", "guessed") is None


def test_it_ends_by_itself(sessions: Sessions) -> None:
    attempts, clock = Attempts(sessions), sessions.clock
    assert isinstance(clock, Time)
    late, soon = attempts.begin("corp"), attempts.begin("corp")
    clock.now += LASTS - timedelta(seconds=1)
    assert attempts.end("corp", soon.state, soon.secret) is not None
    clock.now += timedelta(seconds=1)
    assert attempts.end("corp", late.state, late.secret) is None


def test_what_is_over_is_removed_by_the_next_one(sessions: Sessions) -> None:
    attempts, clock = Attempts(sessions), sessions.clock
    assert isinstance(clock, Time)
    attempts.begin("corp")
    clock.now += LASTS
    attempts.begin("corp")
    assert len(sessions.database.rows("SELECT provider FROM attempts", {})) == 1


def test_nothing_that_is_stored_signs_anybody_in(sessions: Sessions) -> None:
    begun = Attempts(sessions).begin("corp")
    (row,) = sessions.database.rows("SELECT state_hash, secret_hash, next FROM attempts", {})
    shown = (begun.state, begun.secret, nonce_of(begun.secret), verifier_of(begun.secret))
    assert not [each for each in shown if each in repr([bytes(row[0]), bytes(row[1]), row[2]])]
    assert len(set(shown)) == 4
    assert 43 <= len(verifier_of(begun.secret)) <= 128


def test_who_asks_for_links_gets_some_and_loses_none(sessions: Sessions) -> None:
    links, clock = Links(sessions), sessions.clock
    assert isinstance(clock, Time)
    invitation = links.make(ANN, Purpose.INVITATION)
    asked = [links.make_another(ANN) for _ in range(MOST_ASKED_FOR + 1)]
    assert [each is not None for each in asked] == [True] * MOST_ASKED_FOR + [False]
    assert links.person_of(invitation) == ANN
    assert [links.person_of(each) for each in asked if each] == [ANN] * MOST_ASKED_FOR
    assert links.make_another(BEN) is not None
    clock.now += timedelta(minutes=15)
    assert links.make_another(ANN) is not None, "those of before are over"


def test_however_often_somebody_asks_the_person_has_a_link_that_goes_on(sessions: Sessions) -> None:
    links, clock = Links(sessions), sessions.clock
    assert isinstance(clock, Time)
    sent: list[str] = []
    for minute in range(120):
        flood = [links.make_another(ANN) for _ in range(5)]
        sent += filter(None, flood)
        assert links.person_of(sent[-1]) == ANN, f"after {minute} minutes"
        clock.now += timedelta(minutes=1)
    assert len(sent) <= MOST_ASKED_FOR + 2 * 60 / (PAUSE / timedelta(minutes=1))
