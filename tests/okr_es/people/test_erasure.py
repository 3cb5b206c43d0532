"""Erased for good: no key, no entry, none of their bytes; and one text's key opens that text alone.

What is looked for is looked for in files: SQLite's, and the data directory of PostgreSQL.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from okr_es.application import Okr
from okr_es.commands import ErasePerson, RegisterPerson, RenameTeam
from okr_es.database.database import Database
from okr_es.domain.refusals import PersonIsUnknown
from okr_es.ids import event_id
from okr_es.people import directory, shredding
from okr_es.people.directory import Directory
from okr_es.people.encryption import BLANKS, Keys, decrypt_piece, encrypted
from okr_es.people.shredding import NotShredded
from okr_es.people.texts import EncryptedText
from tests.support.begun import Begun, OnPostgresql
from tests.support.files import files_in, read
from tests.support.given import World, refused
from tests.support.world import ANN, BEN, OTHER, PRODUCT, begun_world

WHY = {"by": ANN, "reason": "asked"}
OTHER_DATABASES = "SELECT oid::text FROM pg_database WHERE datname <> current_database()"


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    yield from begun_world(begun)


def url_of(world: World) -> str:
    return world.okr.database.url.render_as_string(hide_password=False)


def files_of(database: Database) -> bytes:
    """Every byte of a SQLite database: its file, its WAL, its index and its lock."""
    files = sorted(database.path.parent.glob(f"{database.path.name}*"))
    return b"".join(file.read_bytes() for file in files)


def owner(database: Database) -> psycopg.Connection:
    url = database.url
    return psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
    )


def tables_of(server: psycopg.Connection) -> bytes:
    """Every byte of PostgreSQL's tables, all of them written to disk; its WAL is not among them.

    Other databases are left out: this one may be a copy of one of them.
    """
    server.execute("CHECKPOINT")
    (folder,) = server.execute("SHOW data_directory").fetchone() or ("",)
    others = {name for (name,) in server.execute(OTHER_DATABASES)}
    files = (path for path in files_in(Path(folder, "base")) if path.parent.name not in others)
    return b"".join(map(read, files))


def bytes_of(directory: Directory) -> bytes:
    if directory.database.is_sqlite:
        return files_of(directory.database)
    with owner(directory.database) as server:
        return tables_of(server)


def row_of(directory: Directory, person: UUID) -> tuple[bytes, bytes]:
    """Key and encrypted entry of a person, as they are stored."""
    with directory.database.reader.connect() as connection:
        found = connection.execute(
            text("SELECT key, entry FROM people WHERE id = :id"), {"id": str(person)}
        ).one()
    return bytes(found.key), bytes(found.entry)


# ---- signing ----------------------------------------------------------------------------


def test_a_name_is_stored_as_encrypted_bytes_that_its_key_opens(world: World) -> None:
    world.execute(RegisterPerson("Xanthippe Quellwasser", "xq@example.org", id=OTHER))
    directory = world.okr.directory
    key, entry = row_of(directory, OTHER)
    found = bytes_of(directory)
    assert key in found
    assert entry in found
    for secret in (b"Xanthippe", b"xq@example.org"):
        assert secret not in found
        assert secret.hex().encode() not in found
    place = f"directory/{OTHER}"
    told = {"name": "Xanthippe Quellwasser", "email": "xq@example.org"}
    assert decrypt_piece(Keys(key).of(place), place, entry).items() >= told.items()
    assert decrypt_piece(key, place, entry) == {}


def test_an_entry_that_its_key_does_not_open_is_nobodys_name(world: World) -> None:
    directory = world.okr.directory
    with directory.database.transaction() as connection:
        connection.execute(text("DELETE FROM people WHERE id = :id"), {"id": str(BEN)})
        forged = {"id": str(BEN), "entry": row_of(directory, ANN)[1], "key": os.urandom(32)}
        connection.execute(text("INSERT INTO people VALUES (:id, :entry, :key)"), forged)
    assert set(directory.entries()) == {ANN}


def test_the_key_of_one_text_opens_that_text_and_no_other(world: World) -> None:
    for name in ("P", "Q"):
        world.execute(RenameTeam(PRODUCT, name), by=BEN, reason=f"so {name} it is")
    found = [
        EncryptedText(event_id(stream, version), bytes(encrypted), UUID(str(command)))
        for _, stream, version, encrypted, command in world.okr.log.rows(
            0, 100, ("stream", "version", "encrypted", "command_id")
        )
        if encrypted
    ]
    (here, piece, _), (there, other, _) = found
    unknown = EncryptedText(here, piece, UUID(int=5))
    key, other_key, nobodys = world.okr.directory.texts.keys_of([*found, unknown])
    assert key is not None
    plain = AESGCM(key).decrypt(piece[:12], piece[12:], here.encode())
    assert msgspec.json.decode(plain) == {"reason": "so P it is"}
    assert other_key is not None
    assert decrypt_piece(other_key, there, other) == {"reason": "so Q it is"}
    assert nobodys is None
    for wrong in (other_key, world.okr.directory.keys([BEN])[BEN]):
        assert decrypt_piece(wrong, here, piece) == {}


def test_bytes_that_may_open_for_two_keys_are_not_believed() -> None:
    """Without the blanks a careful liar could make one ciphertext say two things."""
    key = os.urandom(32)
    assert decrypt_piece(key, "x/1", encrypted(key, "x/1", BLANKS + b'{"reason":"a"}')) == {
        "reason": "a"
    }
    assert decrypt_piece(key, "x/1", encrypted(key, "x/1", b'{"reason":"a"}')) == {}
    assert decrypt_piece(key, "x/1", encrypted(key, "x/1", BLANKS[1:] + b'{"reason":"a"}')) == {}


@pytest.mark.parametrize("piece", [b"", b"short", b"\0" * 12, b"\0" * 60])
def test_bytes_that_were_never_encrypted_say_nothing(piece: bytes) -> None:
    assert decrypt_piece(os.urandom(32), "x/1", piece) == {}


# ---- shredding --------------------------------------------------------------------------


def test_key_and_entry_of_the_erased_are_gone_to_the_last_byte(world: World) -> None:
    world.execute(RegisterPerson("Cem", id=OTHER))
    directory = world.okr.directory
    gone, stay = row_of(directory, OTHER), row_of(directory, BEN)
    found = bytes_of(directory)
    assert all(piece in found for piece in (*gone, *stay))
    world.execute(ErasePerson(OTHER, "GDPR 17"), **WHY)
    found = bytes_of(directory)
    assert not any(piece in found for piece in gone)
    assert all(piece in found for piece in stay)


def test_so_are_the_copies_that_pages_leave_behind_as_they_fill(sqlite_url: str) -> None:
    """Splitting a page leaves the old cells in its free space: only a rewrite removes them.

    Unless SQLite was built to overwrite them at once, which must not be relied on.
    """
    directory = Directory(Database(sqlite_url, "directory"))
    event.listen(
        directory.database.writer, "connect", lambda c, _: c.execute("PRAGMA secure_delete = OFF")
    )
    directory.create()
    people = [UUID(int=random.Random(n).getrandbits(128)) for n in range(300)]
    for person in people:
        directory.add_person(person, f"Person {person}", None)
    rows = {person: row_of(directory, person) for person in people}
    gone = random.Random(1).sample(people, 20)
    directory.remove(*gone)
    found = files_of(directory.database)
    left = {person for person, row in rows.items() if any(piece in found for piece in row)}
    assert left == set(people) - set(gone)
    assert directory.entries().keys() == left
    directory.database.dispose()


def test_what_a_process_did_not_come_to_is_done_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = row_of(world.okr.directory, BEN)

    def dies(*_: object) -> None:
        raise SystemExit("The machine stops.")

    monkeypatch.setattr(world.okr.directory, "remove", dies)
    with pytest.raises(SystemExit):
        world.execute(ErasePerson(BEN, "GDPR 17"), **WHY)
    assert BEN in world.okr.directory.entries()
    again = Okr(url_of(world))
    assert set(again.directory.entries()) == {ANN}
    found = bytes_of(again.directory)
    assert not any(piece in found for piece in gone)
    again.close()


def test_the_one_who_reads_on_keeps_the_bytes_and_the_same_command_removes_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shredding, "TRIES", 1)
    monkeypatch.setattr(shredding, "LOCK_TIMEOUT_MS", 50)
    monkeypatch.setattr(shredding, "CHECKPOINT_TIMEOUT_MS", 50)
    directory, key = world.okr.directory, uuid4()
    gone = row_of(directory, BEN)
    with directory.database.snapshot() as reader:
        reader.execute(text("SELECT id FROM people")).all()
        with pytest.raises(NotShredded):
            world.execute(ErasePerson(BEN, "GDPR 17"), **WHY, command_id=key)
        assert BEN not in directory.entries()
        Okr(url_of(world)).close()  # opens all the same
    assert world.execute(ErasePerson(BEN, "GDPR 17"), **WHY, command_id=key).repeated
    found = bytes_of(directory)
    assert not any(piece in found for piece in gone)


def test_who_is_removed_while_another_process_overwrites_bytes_is_overwritten_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a process that stops before it overwrites them itself, another one does it."""
    mine, bytes_left = world.okr.directory, row_of(world.okr.directory, BEN)
    other = Directory(Database(url_of(world), "directory"))
    overwrite, meanwhile = directory.rewrite, iter([lambda: other.delete(BEN)])

    def and_then(*what: Any) -> None:
        overwrite(*what)
        next(meanwhile, lambda: None)()

    monkeypatch.setattr(directory, "rewrite", and_then)
    mine.remove(uuid4())
    mine.shred()
    found = bytes_of(mine)
    assert not any(piece in found for piece in bytes_left)
    assert not mine.database.rows("SELECT 1 FROM shredding WHERE due", {}), "nothing is left to do"
    other.database.dispose()


@pytest.mark.parametrize("again", ["the same key", "another key"])
def test_what_was_left_is_destroyed_whatever_key_it_is_sent_under(
    again: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, key = row_of(world.okr.directory, BEN), uuid4()

    def away(*_: object) -> None:
        raise OperationalError("DELETE", {}, Exception("away"))

    with monkeypatch.context() as patch:
        patch.setattr(world.okr.directory, "remove", away)
        with pytest.raises(NotShredded):
            world.execute(ErasePerson(BEN, "GDPR 17"), **WHY, command_id=key)
    assert BEN in world.okr.directory.entries()
    head, other = world.okr.log.head(), key if again == "the same key" else uuid4()
    receipt = world.execute(ErasePerson(BEN, "GDPR 17"), **WHY, command_id=other)
    assert (receipt.repeated, world.okr.log.head()) == (other == key, head)
    found = bytes_of(world.okr.directory)
    assert not any(piece in found for piece in gone)
    with refused(PersonIsUnknown, "person_id"):
        world.execute(ErasePerson(BEN, "GDPR 17"), **WHY, command_id=uuid4())


def test_an_old_snapshot_elsewhere_keeps_nothing(begun_on_postgresql: OnPostgresql) -> None:
    """VACUUM FULL would keep what such a snapshot may still see."""
    with contextmanager(begun_world)(begun_on_postgresql) as world:
        gone = row_of(world.okr.directory, BEN)
        with world.okr.database.snapshot() as reader:
            reader.execute(text("SELECT count(*) FROM events")).all()
            world.execute(ErasePerson(BEN, "GDPR 17"), **WHY)
            found = bytes_of(world.okr.directory)
            assert not any(piece in found for piece in gone)


def test_statements_that_are_prepared_go_on_as_before(world: World) -> None:
    directory = world.okr.directory
    for _ in range(8):  # psycopg prepares what it has seen five times
        assert set(directory.entries([ANN, BEN])) == {ANN, BEN}
    world.execute(ErasePerson(BEN, "GDPR 17"), **WHY)
    for _ in range(8):
        assert set(directory.entries([ANN, BEN])) == set(directory.keys([ANN, BEN])) == {ANN}


def test_an_error_does_not_tell_what_was_to_be_stored(world: World) -> None:
    with pytest.raises(Exception) as failed, world.okr.directory.database.transaction() as writer:  # noqa: PT011
        writer.execute(text("INSERT INTO nowhere VALUES (:key)"), {"key": "a secret"})
    assert "nowhere" in str(failed.value)
    assert "a secret" not in str(failed.value)
