"""What a forger does: each class of tampering, in many random forms, the clumsy and the clever.

The clever one leaves nothing behind that can be put right without the signing key: hashes,
counter and the states beside the streams fit the events again.
"""

from __future__ import annotations

import random
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from okr_es.evidence.okr_es_verify import leaf_hash
from okr_es.evidence.rehash import canonical_line
from okr_es.evidence.signed_notes import key_of, signed_note
from okr_es.log.merkle import Frontier
from okr_es.log.recorder import LogRecorder
from okr_es.log.schema import COLUMNS, ID_COLUMNS
from tests.faults.stores import Forger

Row = dict[str, Any]
POSITION = "position"


class Forgery:
    """A log open to a forger, with what forging takes."""

    def __init__(self, forger: Forger, log: LogRecorder, chance: random.Random) -> None:
        self.forger = forger
        self.chance = chance
        self.is_sqlite = log.database.is_sqlite
        self.columns = log.column_list(COLUMNS)
        self.head = self.number("SELECT max(position) FROM events")
        self.signed = self.number("SELECT max(size) FROM checkpoints")

    def number(self, statement: str) -> int:
        """Return the number a statement brings."""
        return int(self.forger.run(statement)[0][0] or 0)

    def rows(self) -> list[Row]:
        """Return all events, ids as text."""
        found = self.forger.run(f"SELECT {self.columns} FROM events ORDER BY position")
        return [dict(zip(COLUMNS, row, strict=True)) for row in found]

    def write(self, rows: Sequence[Row], *, rehashed: bool) -> None:
        """Put these events in place of all there are, with hashes that fit or as they were."""
        self.forger.run("DELETE FROM events")
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        marks = ", ".join("?" * len(COLUMNS))
        for row in rows:
            if rehashed:
                row["hash"] = leaf_hash(canonical_line([row[name] for name in COLUMNS]))
            self.forger.run(
                f"INSERT INTO events ({names}) VALUES ({marks})", *(row[n] for n in COLUMNS)
            )

    def renumber(self, rows: Sequence[Row]) -> list[Row]:
        """Return events with positions that follow one another."""
        return [row | {POSITION: n} for n, row in enumerate(rows, 1)]

    def cover_up(self) -> None:
        """Let counter and states fit the events there are."""
        last = self.forger.run("SELECT position, recorded_at FROM events ORDER BY 1 DESC LIMIT 1")
        self.forger.run("UPDATE counter SET position = ?, recorded_at = ?", *last[0])
        self.forger.run("DELETE FROM streams WHERE stream NOT IN (SELECT stream FROM events)")
        self.forger.run(
            "UPDATE streams SET version = "
            "(SELECT max(version) FROM events e WHERE e.stream = streams.stream)"
        )

    def some(self, count: int = 1, upto: int | None = None) -> list[int]:
        """Return some positions of signed events."""
        return self.chance.sample(range(1, (upto or self.signed) + 1), count)


# ---- events -----------------------------------------------------------------------------


def bit_flipped(forgery: Forgery) -> None:
    """Flip one bit of one column of one event; another one where a key of the table forbids it."""
    rows, is_done = forgery.rows(), False
    while not is_done:
        row = forgery.chance.choice(rows)
        column = forgery.chance.choice([c for c in COLUMNS if c != POSITION])
        value = flipped(row[column], column, forgery.chance)
        with suppress(sqlite3.IntegrityError, psycopg.IntegrityError):
            where = "WHERE position = ?"
            forgery.forger.run(f'UPDATE events SET "{column}" = ? {where}', value, row[POSITION])
            is_done = True


def flipped(value: Any, column: str, chance: random.Random) -> Any:
    """Return a value with one bit flipped; something where there was nothing."""
    if value is None:
        if column == "encrypted":
            return bytes([chance.randrange(256)])
        return str(uuid4()) if column in ID_COLUMNS else "2025-01-01T00:00:00.000000Z"
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(8))
    if column in ID_COLUMNS:
        return str(UUID(int=UUID(str(value)).int ^ (1 << chance.randrange(128))))
    data = bytearray(value.encode() if isinstance(value, str) else bytes(value))
    at, bit = chance.randrange(len(data)), chance.randrange(7 if isinstance(value, str) else 8)
    data[at] ^= 1 << bit
    if isinstance(value, str):
        return data.decode().replace("\x00", "\x01")
    return bytes(data)


def deleted(forgery: Forgery) -> None:
    """Delete an event; the clever one closes the gap."""
    (gone,) = forgery.some()
    rows = [row for row in forgery.rows() if row[POSITION] != gone]
    if forgery.chance.random() < 0.5:
        forgery.forger.run("DELETE FROM events WHERE position = ?", gone)
        return
    forgery.write(versioned(forgery.renumber(rows)), rehashed=True)
    forgery.cover_up()


def inserted(forgery: Forgery) -> None:
    """Insert an event among those that were signed; the clever one makes everything fit."""
    (at,) = forgery.some()
    rows = forgery.rows()
    stream, clever = str(uuid4()), forgery.chance.random() < 0.5
    extra = rows[at - 1] | {"stream": stream, "version": 1, "command_id": None}
    made = forgery.renumber([*rows[:at], extra, *rows[at:]])
    forgery.write(made, rehashed=clever or forgery.chance.random() < 0.5)
    if clever:
        forgery.cover_up()


def swapped(forgery: Forgery) -> None:
    """Let two events change places; the clever one leaves times and hashes in order."""
    one, other = sorted(forgery.some(2))
    rows = forgery.rows()
    rows[one - 1], rows[other - 1] = rows[other - 1], rows[one - 1]
    clever = forgery.chance.random() < 0.5
    if clever:
        for first, second in (("recorded_at", "recorded_at"),):
            a, b = rows[one - 1], rows[other - 1]
            a[first], b[second] = b[second], a[first]
    forgery.write(forgery.renumber(rows), rehashed=clever)


def versioned(rows: list[Row]) -> list[Row]:
    """Return events with versions that follow one another in each stream."""
    seen: dict[str, int] = {}
    for row in rows:
        row["version"] = seen[row["stream"]] = seen.get(row["stream"], 0) + 1
    return rows


def spliced(forgery: Forgery, other: Sequence[Row]) -> None:
    """Go on with the events of another log from somewhere on; the clever one makes them fit."""
    rows = forgery.rows()
    same = next(n for n, (a, b) in enumerate(zip(rows, other, strict=False)) if a != b)
    at = forgery.chance.randrange(same, min(len(other), len(rows)) - 1)
    forgery.write(
        versioned([*rows[:at], *(dict(row) for row in other[at:])]),
        rehashed=forgery.chance.random() < 0.5,
    )
    if forgery.chance.random() < 0.5:
        forgery.cover_up()


def cut_off(forgery: Forgery) -> None:
    """Cut off the end; the clever one takes the checkpoints over it along."""
    keep = forgery.chance.randrange(1, forgery.head)
    forgery.forger.run("DELETE FROM events WHERE position > ?", keep)
    if forgery.chance.random() < 0.3:
        return
    forgery.cover_up()
    if forgery.chance.random() < 0.3:
        return
    forgery.forger.run("DELETE FROM checkpoints WHERE size > ?", keep)
    left = forgery.number("SELECT max(size) FROM checkpoints")
    forgery.forger.run("DELETE FROM tree WHERE (number + 1) * 256 > ?", left)


# ---- checkpoints ------------------------------------------------------------------------


def signed_anew(forgery: Forgery) -> None:
    """Sign a checkpoint with another key, true or over another root."""
    rows = forgery.forger.run("SELECT size, root, note FROM checkpoints")
    size, root, note = forgery.chance.choice(rows)
    origin = note.partition("\n")[0]
    private = Ed25519PrivateKey.generate()
    key = key_of(origin, public(private), 1, None)
    other_root = forgery.chance.random() < 0.5
    if other_root:
        root = leaf_hash(bytes(root))
    forged = signed_note(origin, size, bytes(root), [(key, private)])
    if other_root and forgery.chance.random() < 0.5:
        forged = forged.replace("\u2014", f"{note.splitlines()[-1]}\n\u2014", 1)
    forgery.forger.run(
        "UPDATE checkpoints SET note = ?, root = ? WHERE size = ?", forged, root, size
    )


def rewritten(forgery: Forgery) -> None:
    """Rewrite the whole log to one's liking, keys included, and sign all of it anew."""
    rows = forgery.rows()
    changed = forgery.chance.choice([row for row in rows if row["type"] == "team.formed"])
    changed["data"] = bytes(changed["data"]).replace(b'"name":"', b'"name":"Forged ')
    private = Ed25519PrivateKey.generate()
    for row in rows:
        if row["type"] == "signing_key.adopted":
            data = bytes(row["data"])
            start = data.index(b'"public_key":"') + 14
            row["data"] = data[:start] + public(private).encode() + data[data.index(b'"', start) :]
    forgery.write(rows, rehashed=True)
    sign_all(forgery, rows, private)


def sign_all(forgery: Forgery, rows: Sequence[Row], private: Ed25519PrivateKey) -> None:
    """Sign all checkpoints anew over these events, and let the tree fit."""
    frontier = Frontier()
    noted = dict(forgery.forger.run("SELECT size, note FROM checkpoints"))
    for row in rows:
        frontier.append(row["hash"])
        if (note := noted.get(row[POSITION])) is not None:
            origin = note.partition("\n")[0]
            key = key_of(origin, public(private), 1, None)
            forged = signed_note(origin, frontier.size, frontier.root, [(key, private)])
            forgery.forger.run(
                "UPDATE checkpoints SET note = ?, root = ? WHERE size = ?",
                forged, frontier.root, frontier.size,
            )  # fmt: skip
    for level, number, found in frontier.full_blocks:
        forgery.forger.run(
            "UPDATE tree SET hash = ? WHERE level = ? AND number = ?", found, level, number
        )


def public(private: Ed25519PrivateKey) -> str:
    """Return the public half of a key."""
    return b64encode(private.public_key().public_bytes_raw()).decode()


IN_PLACE: dict[str, Callable[[Forgery], None]] = {
    "bit_flipped": bit_flipped,
    "event_deleted": deleted,
    "event_inserted": inserted,
    "events_swapped": swapped,
    "tail_cut": cut_off,
    "checkpoint_signed_anew": signed_anew,
    "log_rewritten": rewritten,
}
