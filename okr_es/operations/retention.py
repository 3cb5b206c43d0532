"""What was kept long enough is destroyed: by what an event set, and never where a hold stands.

A text about a person belongs to a cycle where its event is about an objective of it, or a request
in it. It is old once the cycle was closed for that many years. What is recorded says how much, and
of whom nothing; it is recorded before anything is destroyed, so that a run which stops in between
is followed by another that destroys the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from okr_es.application import KEEPS_CHANGING, Okr
from okr_es.database.append_only import GapFound
from okr_es.database.clock import instant, years_before
from okr_es.domain.base import Aggregate
from okr_es.domain.person import Person
from okr_es.domain.refusals import Conflict
from okr_es.domain.retention import RETENTION_ID, Retention, RetentionRun
from okr_es.evidence.rehash import Tampered
from okr_es.ids import ordered_id
from okr_es.log.append import StaleDecision
from okr_es.log.canonical import Envelope
from okr_es.log.mapper import decode_json
from okr_es.log.stream_states import decode_aggregate
from okr_es.operations.cutting import DueCut, due_cut, finish_cut, is_free_to_cut, require_as_signed

AT_ONCE = 500
NO_CUT = DueCut(None, 0, 0)
STATES = "SELECT {stream}, type, version, state FROM streams WHERE stream {in_ids}"
FIRST_EVENTS = "SELECT {stream}, data FROM events WHERE stream {in_ids} AND version = 1"
CLOSINGS = """
  SELECT {stream}, type, recorded_at FROM events
  WHERE stream {in_ids} AND type IN ('cycle.closed', 'cycle.reopened') ORDER BY position
"""
OLD_COMMANDS = "SELECT {command_id} FROM commands WHERE command_id {in_ids} AND recorded_at < :at"


class NotCut(RuntimeError):
    """The access log is not as it was signed: what is wrong with it is to be looked at first."""


class Due(NamedTuple):
    """What was kept long enough: events with texts about people, commands with client info, reads.

    `held` is how many texts stay for a legal hold.
    """

    texts: list[str]
    client_info: list[UUID]
    held: int
    cut: DueCut

    def counts(self) -> dict[str, int]:
        """Return how much it is."""
        return {
            "person_texts": len(self.texts),
            "client_info": len(self.client_info),
            "held": self.held,
            "reads": self.cut.reads,
            "reads_held": self.cut.held,
        }


NOTHING = Due([], [], 0, NO_CUT)


def due(okr: Okr) -> Due:
    """Return what was kept long enough; nothing is destroyed."""
    retention = retention_of(okr)
    return NOTHING if retention is None else due_by(okr, retention)


def due_by(okr: Okr, retention: Retention) -> Due:
    """Return what was kept long enough by what is set."""
    texts, held = due_texts(okr, retention.person_texts_years)
    info = due_client_info(okr, retention.client_info_years)
    return Due(texts, info, held, due_cut(okr, retention.access_log_years))


def retention_of(okr: Okr) -> Retention | None:
    """Return what is set, None where nothing was set yet."""
    found = aggregates(okr, [RETENTION_ID]).get(RETENTION_ID)
    return found if isinstance(found, Retention) else None


def carry_out(okr: Okr, origin: str = "job") -> Due:
    """Destroy what was kept long enough, and record how much before; return it.

    Raises NotShredded where bytes could not be overwritten; they stay due. Raises NotCut, after all
    else is done, where the access log is not as it was signed: then nothing of it is destroyed.
    """
    retention = retention_of(okr)
    if retention is None:
        okr.directory.shred()
        return NOTHING
    finish_cut(okr, retention.cut_at)  # of a run that stopped in between
    found, damage = due_by(okr, retention), None
    try:
        require_as_signed(okr, found.cut)
    except (Tampered, GapFound) as error:
        found, damage = found._replace(cut=NO_CUT), error
    if found.texts or found.client_info or found.cut.checkpoint:
        record_run(okr, retention, found, origin)
        okr.directory.texts.destroy([], found.texts)
        okr.client_info.remove(found.client_info)
        finish_cut(okr, retention.cut_at)
    okr.directory.shred()
    if damage is not None:
        raise NotCut("The access log is not as it was signed, and was not cut.") from damage
    return found


def record_run(okr: Okr, retention: Retention, found: Due, origin: str) -> None:
    """Record how much is destroyed, and where the access log is cut, by one command.

    Raises Conflict where somebody meanwhile placed a legal hold on whom the reads concern, set
    other years, or did the same: then nothing is recorded.
    """
    run_id = ordered_id()
    recorded: list[Aggregate] = [RetentionRun.carry_out(id=run_id, **found.counts())]
    is_ready = None
    if (checkpoint := found.cut.checkpoint) is not None:
        retention.cut_access_log(cut_at=checkpoint.size, root=checkpoint.root.hex())
        recorded.append(retention)
        is_ready = partial(is_free_to_cut, okr, checkpoint.size)
    envelope = Envelope(origin=origin, command_id=ordered_id())
    try:
        okr.record(recorded, envelope, run_id.bytes, is_ready=is_ready)
    except (StaleDecision, IntegrityError) as error:
        raise Conflict(KEEPS_CHANGING) from error


def due_texts(okr: Okr, years: int | None) -> tuple[list[str], int]:
    """Return the events whose texts about people are old, and how many stay for a hold."""
    if years is None:
        return [], 0
    people = okr.directory.texts.events_by_person()
    cycles = cycles_of(okr, {event.partition("/")[0] for _, event in people})
    old = old_cycles(okr, set(cycles.values()), years)
    wanted = [(person, event) for person, event in people
              if cycles.get(event.partition("/")[0]) in old]  # fmt: skip
    kept = held(okr, {person for person, _ in wanted})
    texts = sorted({event for person, event in wanted if person not in kept})
    return texts, sum(person in kept for person, _ in wanted)


def cycles_of(okr: Okr, streams: Iterable[str]) -> dict[str, str]:
    """Return the cycle of each of these streams that is an objective or a request."""
    found: dict[str, str] = {}
    for some in in_parts(streams):
        for stream, data in okr.database.rows(*statement(okr, FIRST_EVENTS, some)):
            cycle = decode_json(bytes(data)).get("cycle_id")
            if cycle is not None:
                found[str(stream)] = cycle
    return found


def old_cycles(okr: Okr, cycles: Iterable[str], years: int) -> set[str]:
    """Return the cycles that were closed so long ago, and not opened again since."""
    last: dict[str, tuple[str, str]] = {}
    for some in in_parts(cycles):
        for stream, kind, at in okr.database.rows(*statement(okr, CLOSINGS, some)):
            last[str(stream)] = kind, at
    before = instant(years_before(okr.clock(), years))
    return {cycle for cycle, (kind, at) in last.items() if kind == "cycle.closed" and at < before}


def held(okr: Okr, people: set[UUID]) -> set[UUID]:
    """Return those of these people whom a legal hold keeps."""
    found = aggregates(okr, people)
    return {id_ for id_, each in found.items() if isinstance(each, Person) and each.holds}


def due_client_info(okr: Okr, years: int | None) -> list[UUID]:
    """Return the commands whose client info was kept for so many years; None: for ever."""
    if years is None:
        return []
    return client_info_before(okr, instant(years_before(okr.clock(), years)))


def client_info_before(okr: Okr, before: str) -> list[UUID]:
    """Return the commands recorded before a time, of those whose client info is there.

    Not those of people whom a legal hold keeps.
    """
    found: list[UUID] = []
    people = okr.client_info.people_by_command()
    kept = held(okr, set(people.values()))
    for some in in_parts(str(id_) for id_, person in people.items() if person not in kept):
        query, parameters = statement(okr, OLD_COMMANDS, some)
        rows = okr.database.rows(query, {**parameters, "at": before})
        found += [UUID(str(id_)) for (id_,) in rows]
    return sorted(found)


def aggregates(okr: Okr, ids: Iterable[UUID]) -> dict[UUID, object]:
    """Return the states of streams."""
    found: dict[UUID, object] = {}
    for some in in_parts(map(str, ids)):
        for stream, kind, version, state in okr.database.rows(*statement(okr, STATES, some)):
            id_ = UUID(str(stream))
            found[id_] = decode_aggregate(kind, id_, version, bytes(state))
    return found


def statement(okr: Okr, template: str, ids: list[str]) -> tuple[str, dict[str, str]]:
    """Return a statement about some ids with its parameters."""
    dialect = okr.database.dialect
    text = template.format(
        stream=dialect.id_as_text("stream"),
        command_id=dialect.id_as_text("command_id"),
        in_ids=dialect.in_array("ids", "uuid"),
    )
    return text, {"ids": dialect.array(ids)}


def in_parts(ids: Iterable[str]) -> Iterable[list[str]]:
    """Yield ids, some at a time."""
    listed = sorted(ids)
    return (listed[start : start + AT_ONCE] for start in range(0, len(listed), AT_ONCE))
