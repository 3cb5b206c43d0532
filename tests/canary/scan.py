"""Looking for a word in everything that is stored, in each form it may be written in."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import psycopg

from okr_es.application import Okr
from tests.support.files import files_in, read


def forms(word: str) -> dict[str, bytes]:
    """A word as text, in UTF-16 of either order, as hex, and inside base64 wherever it begins."""
    plain = word.encode()
    # What lies before and after it colours the first and last characters of base64.
    shifted = {f"base64+{n}": base64.b64encode(b"\0" * n + plain)[4:-4] for n in range(3)}
    return {
        "text": plain,
        "UTF-16": word.encode("utf-16-le")[:-1],
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        **shifted,
    }


def found_in(data: bytes, word: str) -> list[str]:
    """The forms in which a word is in some bytes."""
    return [name for name, form in forms(word).items() if form in data]


def hits(okr: Okr, word: str) -> list[tuple[str, str]]:
    """Every file of the database in which a word is found, and in which form.

    On SQLite it is all that lies in the folder: databases, WAL, indexes, locks, read models of
    every generation, whatever is temporary. On PostgreSQL it is the server's whole data directory.
    """
    return [(path.name, form) for path in files(okr) for form in found_in(read(path), word)]


def files(okr: Okr) -> Iterator[Path]:
    """All files of a database, everything written to disk before."""
    folder = okr.database.path.parent if okr.database.is_sqlite else data_directory(okr)
    yield from files_in(folder)


def owner(okr: Okr) -> psycopg.Connection:
    """A session of the owner of the tables."""
    url = okr.database.url
    return psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
    )


def data_directory(okr: Okr) -> Path:
    """Where PostgreSQL keeps everything, `pg_wal` and its own log included."""
    with owner(okr) as server:
        server.execute("CHECKPOINT")
        (folder,) = server.execute("SHOW data_directory").fetchone() or ("",)
    return Path(folder)


def plant(okr: Okr, word: str) -> None:
    """Store a word in the clear: in a file on SQLite, in a table on PostgreSQL."""
    if okr.database.is_sqlite:
        (okr.database.path.parent / "planted.txt").write_text(f"the word is {word}")
        return
    with owner(okr) as server:
        server.execute("CREATE SCHEMA IF NOT EXISTS planted")
        server.execute("CREATE TABLE planted.words (word text)")
        server.execute("INSERT INTO planted.words VALUES (%s)", (word,))
