"""The access log is cut: its oldest reads are destroyed, up to a checkpoint signed long enough ago.

A read that concerns somebody whom a legal hold keeps stays, and so do all after it: the cut stops
before the first such read. The last read stays too, since the next one is numbered after it.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from okr_es.application import Okr
from okr_es.database.append_only import GapFound
from okr_es.database.clock import instant, years_before
from okr_es.domain.person import Person
from okr_es.evidence.access_tree import (
    AccessCheckpoint,
    AccessCheckpoints,
    as_access_key,
    reads_after,
)
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.evidence.okr_es_verify import read_note
from okr_es.evidence.rehash import Tampered
from okr_es.log.merkle import Frontier
from okr_es.log.stream_states import decode_aggregate

NO_READ = 2**62
PEOPLE = "SELECT {stream}, version, state FROM streams WHERE type = 'person' AND parent IS NULL"
FIRST_BY = 'SELECT min(position) FROM accesses WHERE "by" {in_ids}'
FIRST_ABOUT = "SELECT min(position) FROM access_about WHERE id {in_texts}"


class DueCut(NamedTuple):
    """Where the access log can be cut (None: nowhere), and how many reads go, or stay for a hold.

    `reads` counts those that are there still.
    """

    checkpoint: AccessCheckpoint | None
    reads: int
    held: int


def due_cut(okr: Okr, years: int | None) -> DueCut:
    """Return where the access log can be cut by now; nothing is destroyed."""
    if years is None:
        return DueCut(None, 0, 0)
    before = instant(years_before(okr.clock(), years))
    begins, most = begins_after(okr), okr.access_log.head() - 1
    checkpoints = AccessCheckpoints(okr.database)
    signed = checkpoints.signed_before(before, most)
    if signed is None or signed.size <= begins:
        return DueCut(None, 0, 0)
    kept = checkpoints.signed_before(before, min(most, first_held(okr) - 1))
    size = begins if kept is None else max(kept.size, begins)
    return DueCut(kept if size > begins else None, size - begins, signed.size - size)


def first_held(okr: Okr) -> int:
    """Return the position of the first read that concerns somebody whom a legal hold keeps.

    It concerns who read, and everybody it was about or showed.
    """
    people = okr.database.rows(PEOPLE.format(stream=okr.database.dialect.id_as_text("stream")), {})
    held = [str(id_) for id_, version, state in people if is_held(UUID(str(id_)), version, state)]
    if not held:
        return NO_READ
    dialect, rows = okr.access_log.database.dialect, okr.access_log.database.rows
    ids = {"ids": dialect.array(held)}
    found = (
        *rows(FIRST_BY.format(in_ids=dialect.in_array("ids", "uuid")), ids),
        *rows(FIRST_ABOUT.format(in_texts=dialect.in_array("ids")), ids),
    )
    return min((position for (position,) in found if position is not None), default=NO_READ)


def is_held(id_: UUID, version: int, state: bytes) -> bool:
    """Return whether a legal hold keeps a person."""
    person = decode_aggregate("person", id_, version, bytes(state))
    return isinstance(person, Person) and bool(person.holds)


def is_free_to_cut(okr: Okr, size: int) -> bool:
    """Return whether no legal hold keeps a read up to there; asked while nobody can place one.

    Other years, or another cut, are events of the same stream: then nothing is recorded anyhow.
    """
    return first_held(okr) > size


def require_as_signed(okr: Okr, cut: DueCut) -> None:
    """Hash the reads that are to go; raise Tampered or GapFound where they were not signed so."""
    checkpoint = cut.checkpoint
    if checkpoint is None:
        return
    begins = AccessCheckpoints(okr.database).at(begins_after(okr))
    frontier = Frontier() if begins is None else begins.frontier
    database = okr.access_log.database
    for reads in reads_after(database.rows, database.dialect, frontier.size):
        for read in reads[: checkpoint.size - frontier.size]:
            if read.position != frontier.size + 1:
                raise GapFound(f"Read {frontier.size + 1} is missing in the access log.")
            frontier.append(read.leaf)
        if frontier.size == checkpoint.size:
            break
    note = read_note(checkpoint.note)
    keys = map(as_access_key, Checkpoints(okr.database).adopted_keys())
    if not (
        frontier.root == checkpoint.root == note.root
        and checkpoint.frontier.root == checkpoint.root
        and any(map(note.is_signed_by, keys))
    ):
        raise Tampered(checkpoint.size, "the reads up to here are not those that were signed")


def finish_cut(okr: Okr, cut_at: int) -> None:
    """Destroy the reads up to the position of a recorded cut, where they are still there."""
    if 0 < okr.access_log.oldest() <= cut_at:
        okr.access_log.cut(cut_at)


def begins_after(okr: Okr) -> int:
    """Return the position before the oldest read that is there; 0 where nothing was cut."""
    return max(okr.access_log.oldest() - 1, 0)
