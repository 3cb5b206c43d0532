"""Texts that were encrypted under the keys of who wrote them get keys of their own, and classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from okr_es.application import Okr
from okr_es.areas import upgrade
from okr_es.commands import ErasePerson
from okr_es.context import Context
from okr_es.database.database import Database
from okr_es.evidence.verify import Verification
from okr_es.log import old_texts
from okr_es.log.redactions import open_directory
from okr_es.operations.verify_beside import verify_beside
from okr_es.people.directory import Directory
from okr_es.people.encryption import Keys, decrypt_piece
from okr_es.people.identities import Identities, Identity
from okr_es.people.replaced_keys import replace_key
from okr_es.people.text_classes import PERSONAL
from okr_es.people.texts import EncryptedText
from tests.support.begun import Begun
from tests.support.old_databases import FOLDER, MARA, SAMIR, load
from tests.support.owners import owner

ACCOUNT = Identity("https://login.example", "samir")
COLUMNS = ("type", "stream", "version", "encrypted", "command_id", "by", "on_behalf_of")


def of_version_1(url: str) -> None:
    load(FOLDER / "version_1.jsonl.xz", url)


@pytest.fixture
def old_url(begun: Begun) -> Iterator[str]:
    """A database of version 1."""
    with begun.fresh("version_1_with_texts", of_version_1) as url:
        yield url


@pytest.fixture
def keys(old_url: str) -> dict[UUID, bytes]:
    """The keys of people before the upgrade."""
    database = Database(old_url, "directory")
    with owner(database) as run:
        found = {UUID(str(id_)): bytes(key) for id_, key in run("SELECT id, key FROM people")}
    database.dispose()
    return found


@pytest.fixture
def okr(old_url: str, keys: dict[UUID, bytes]) -> Iterator[Okr]:
    """The same, upgraded."""
    assert keys
    upgrade(old_url)
    okr = Okr(old_url)
    yield okr
    okr.close()


def pieces(okr: Okr) -> list[tuple[Any, EncryptedText]]:
    rows = [row[1:] for row in okr.log.rows(0, 10_000, COLUMNS) if row[4] is not None]
    return [
        (row, EncryptedText(f"{row[1]}/{row[2]}", bytes(row[3]), row[4] and UUID(str(row[4]))))
        for row in rows
    ]


def by_author(row: Any, piece: EncryptedText, keys: dict[UUID, bytes]) -> dict[str, Any]:
    """What the key of who wrote it opens."""
    for author in (row[5], row[6]):
        if author is not None and (key := keys.get(UUID(str(author)))):
            opened = decrypt_piece(Keys(key).of(piece.event_id), piece.event_id, piece.encrypted)
            if opened:
                return opened
    return {}


def is_about_erased(row: Any, keys: dict[UUID, bytes]) -> bool:
    """Whether it is about the person who was erased before."""
    return row[0] in PERSONAL and row[0].startswith("person.") and UUID(str(row[1])) not in keys


def expected(okr: Okr, keys: dict[UUID, bytes]) -> list[dict[str, Any]]:
    """What could be read before, without what is about the person who was erased before."""
    return [
        {} if is_about_erased(row, keys) else by_author(row, piece, keys)
        for row, piece in pieces(okr)
    ]


def test_all_reads_as_it_did_and_the_log_verifies(
    okr: Okr, old_url: str, keys: dict[UUID, bytes]
) -> None:
    before = expected(okr, keys)
    assert okr.directory.texts.decrypt(piece for _, piece in pieces(okr)) == before
    assert sum(map(bool, before)) > 80
    assert Verification(okr.log).run().failures == verify_beside(old_url) == []


def test_an_author_is_erased_and_the_records_stay(okr: Okr, keys: dict[UUID, bytes]) -> None:
    found = [(row, piece) for row, piece in pieces(okr) if row[5] == str(SAMIR) or row[5] == SAMIR]
    before = okr.directory.texts.decrypt(piece for _, piece in found)
    records = [
        text if row[0] not in PERSONAL else None
        for (row, _), text in zip(found, before, strict=True)
    ]
    assert any(records)
    okr.execute(ErasePerson(SAMIR, "GDPR 17"), Context(MARA, "asked"))
    after = okr.directory.texts.decrypt(piece for _, piece in found)
    assert [text for text, kept in zip(after, records, strict=True) if kept] == list(
        filter(None, records)
    )


def test_what_was_written_about_somebody_goes_with_them(okr: Okr, keys: dict[UUID, bytes]) -> None:
    """Nothing that is left opens it: neither a key of a text, nor one of a person."""
    held = [(r, p) for r, p in pieces(okr) if r[0] == "person.hold_placed"]
    ((row, piece),) = held
    person = UUID(str(row[1]))
    assert okr.directory.texts.decrypt([piece]) != [{}]
    assert person != UUID(str(row[5]))
    okr.execute(ErasePerson(person, "GDPR 17"), Context(MARA, "asked"))
    assert okr.directory.texts.decrypt([piece]) == [{}]
    left = okr.directory.keys(keys)
    assert by_author(row, piece, keys) != {}
    assert by_author(row, piece, left) == {}


def test_names_and_client_info_of_who_got_another_key_are_read_as_before(
    okr: Okr, keys: dict[UUID, bytes]
) -> None:
    changed = {id_ for id_, key in okr.directory.keys(keys).items() if key != keys[id_]}
    assert MARA in changed
    assert len(changed) < len(keys)
    assert okr.directory.entries([MARA])[MARA].name == "Mara Lindqvist"
    assert okr.client_info.of_commands([UUID(int=0)]) == {
        UUID(int=0): {"address": "192.0.2.7", "client": "a browser"}
    }


@pytest.mark.parametrize("step", ["replace_key", "keep_keys"])
def test_what_was_interrupted_is_gone_on_with(
    step: str, old_url: str, keys: dict[UUID, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = getattr(old_texts, step)

    def stops(*arguments: Any) -> None:
        done(*arguments)
        raise SystemExit("The machine stops.")

    with monkeypatch.context() as patch:
        patch.setattr(old_texts, step, stops)
        with pytest.raises(SystemExit):
            upgrade(old_url)
    log, directory = Database(old_url), Directory(Database(old_url, "directory"))
    assert not directory.texts.has_begun_records()
    open_directory(log, directory)
    okr = Okr(old_url)
    opened = okr.directory.texts.decrypt(piece for _, piece in pieces(okr))
    assert opened == expected(okr, keys)
    for each in (log, directory.database):
        each.dispose()
    okr.close()


def test_whose_key_is_replaced_keeps_their_account_at_a_provider(okr: Okr) -> None:
    accounts = Identities(okr.directory)
    accounts.connect(SAMIR, ACCOUNT)
    replace_key(okr.directory, SAMIR)
    assert accounts.of(SAMIR) == [ACCOUNT]
