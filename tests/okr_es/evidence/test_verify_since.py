"""A verification goes on from a checkpoint up to which an earlier one has come."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from okr_es.application import Okr
from okr_es.commands import FormTeam, RegisterPerson
from okr_es.context import Context
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.evidence.okr_es_verify import read_note
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification, Verified
from okr_es.evidence.verify_states import verify_states
from tests.okr_es.operations.test_verify_beside import unguarded
from tests.support.begun import Begun
from tests.support.world import ANN

EACH = 300  # events before each of two checkpoints: more than one block of the tree


@pytest.fixture
def url(begun: Begun) -> Iterator[str]:
    """A log with two checkpoints, and some events behind them."""
    with begun.fresh("twice signed", begin_twice_signed) as url:
        yield url


def begin_twice_signed(url: str) -> None:
    with closing(Okr(url)) as okr:
        okr.execute(RegisterPerson("Ann", None, ANN), Context(ANN))
        for _ in range(2):
            form_teams(okr, EACH)
            Signer(okr, origin="okr-es.example").sign()
        form_teams(okr, 3)


@pytest.fixture
def okr(url: str) -> Iterator[Okr]:
    """That log, open."""
    with closing(Okr(url)) as okr:
        yield okr


def form_teams(okr: Okr, number: int) -> None:
    for each in range(number):
        okr.execute(FormTeam(f"Team {each}"), Context(ANN))


def notes(okr: Okr) -> list[str]:
    return [each.note for each in Checkpoints(okr.database).all()]


def since(okr: Okr, note: str, *known: str) -> tuple[Verified, int, int]:
    """What was found, where it began, and how many events were hashed."""
    hashed = []
    verification = Verification(
        okr.log, known, lambda done, _: hashed.append(done), read_note(note)
    )
    found = verification.run()
    return found, verification.start, (hashed[-1] if hashed else 0) - verification.start


def test_it_comes_to_the_same_root_and_hashes_only_what_is_new(okr: Okr) -> None:
    whole = Verification(okr.log).run()
    for note in notes(okr):
        found, start, hashed = since(okr, note, *notes(okr))
        assert found.failures == []
        assert (found.root, found.events) == (whole.root, whole.events)
        assert (start, hashed) == (read_note(note).size, okr.log.head() - start)
    assert verify_states(okr.database, after=okr.log.head() - 1) == []


def change(url: str, position: int, *, rehashed: bool = False) -> None:
    hash_ = ", hash = sha256('x')" if rehashed else ""
    with unguarded(url) as run:
        if rehashed and url.startswith("sqlite"):
            hash_ = ", hash = x'" + "00" * 32 + "'"
        run(f"UPDATE events SET origin = 'page'{hash_} WHERE position = {position}")


def test_a_change_behind_it_is_found(okr: Okr, url: str) -> None:
    change(url, okr.log.head() - 1)
    found, _, _ = since(okr, notes(okr)[0])
    assert [each.position for each in found.failures] == [okr.log.head() - 1]


def test_a_hash_that_was_changed_before_it_is_found_and_all_is_verified(okr: Okr, url: str) -> None:
    size = read_note(notes(okr)[1]).size
    change(url, size, rehashed=True)
    found, start, _ = since(okr, notes(okr)[1])
    assert (found.failures[0].check, start) == ("since", 0)
    assert size in {each.position for each in found.failures}


def test_what_an_earlier_verification_has_seen_is_not_hashed_again(okr: Okr, url: str) -> None:
    """The limit of it: a change of an event alone, its hash left as it was."""
    change(url, 5)
    assert since(okr, notes(okr)[0])[0].failures == []
    assert Verification(okr.log).run().failures != []


def test_a_checkpoint_of_another_log_or_behind_the_end_is_refused(
    okr: Okr, sqlite_url: str, url: str
) -> None:
    note = notes(okr)[1]
    with unguarded(url) as run:
        run(f"DELETE FROM events WHERE position > {EACH}")
    assert since(okr, note)[0].failures[0][:2] == ("since", read_note(note).size)
