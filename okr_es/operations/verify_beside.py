"""What stands beside the events, compared with them: receipts, the directory, and keys.

Receipts: each event belongs to the one command that recorded it. Directory: who is in the log and
not erased is there. Keys: each opens the entry of its person, and there is one for every text that
nobody had destroyed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, select

from okr_es.database.database import run
from okr_es.domain.api_key import API_KEYS
from okr_es.evidence.verify import Failure
from okr_es.ids import event_id
from okr_es.log.mapper import decode_json
from okr_es.log.schema import commands, events, streams
from okr_es.operations.moment import Moment, NoDatabase
from okr_es.people.directory import entry_id
from okr_es.people.encryption import Keys, decrypt_piece
from okr_es.people.key_tree import is_node
from okr_es.people.tables import people, personal_keys, record_keys
from okr_es.people.text_classes import ABOUT_PERSON, GRADE, SUBJECTS, Subject
from okr_es.people.texts import EncryptedText, opened_with
from okr_es.people.wrapping import wrapping

MOST_FAILURES = 100
AT_ONCE = 2_000
STREAMED = {"stream_results": True, "yield_per": AT_ONCE}

# A command has the events of its positions and no other; with as many events that name a command
# as commands have positions, no event belongs to another one.
OF_OTHERS = """
  SELECT c.first_position FROM commands c WHERE c.first_position IS NOT NULL AND
    c.last_position - c.first_position + 1 <> (SELECT count(*) FROM events e
      WHERE e.position BETWEEN c.first_position AND c.last_position
      AND e.command_id = c.command_id AND e.recorded_at = c.recorded_at)
  ORDER BY c.first_position LIMIT 100
"""
COUNTS = """
  SELECT (SELECT count(*) FROM events WHERE command_id IS NOT NULL),
    (SELECT coalesce(sum(last_position - first_position + 1), 0) FROM commands)
"""


class TextKeys(NamedTuple):
    """What opens texts: the keys that are kept by event, and the nodes of the tree of keys."""

    kept: dict[str, list[bytes]]
    nodes: dict[str, bytes]


class StoredReceipt(msgspec.Struct):
    """The part of a stored receipt that every command has."""

    id: UUID | None
    version: int | None
    warnings: list[Any]


def verify_beside(url: str, *, read_only: bool = False, after: int = 0) -> list[Failure]:
    """Compare receipts, directory and keys with the events; texts only behind a position."""
    try:
        with Moment(url, read_only=read_only) as moment:
            entries = read_people(moment.connections["directory"])
            keys = read_keys(moment.connections["directory"])
            moment.release("directory")
            log = moment.connections["log"]
            found = (*wrong_receipts(log), *wrong_people(log, entries))
            return [*found, *unreadable_texts(log, keys, entries.keys(), after)][:MOST_FAILURES]
    except NoDatabase as error:
        return [Failure("files", None, str(error))]


def read_people(directory: Connection) -> dict[UUID, tuple[bytes, bytes]]:
    """Return key and entry of everybody in the directory."""
    found = directory.execute(select(people.c.id, people.c.key, people.c.entry))
    return {id_: (wrapping().open(key), bytes(entry)) for id_, key, entry in found}


def read_keys(directory: Connection) -> TextKeys:
    """Return what opens texts: keys by event, and nodes of the tree of keys by place."""
    kept: dict[str, list[bytes]] = {}
    nodes: dict[str, bytes] = {}
    wraps = wrapping()
    for place, key in directory.execute(select(record_keys.c.place, record_keys.c.key)):
        if is_node(place):
            nodes[place] = wraps.open(key)
        else:
            kept[place] = [wraps.open(key)]
    for event, key in directory.execute(select(personal_keys.c.event_id, personal_keys.c.key)):
        kept.setdefault(event, []).append(wraps.open(key))
    return TextKeys(kept, nodes)


def wrong_receipts(log: Connection) -> Iterator[Failure]:
    """Yield commands that have not the events they say, and receipts that cannot be read."""
    for (position,) in run(log, OF_OTHERS, {}).fetchall():
        message = "the command that stands for it has not the events its receipt says"
        yield Failure("receipt", position, message)
    named, stood_for = run(log, COUNTS, {}).fetchone()
    if named != stood_for:
        message = f"{named} events name a command, and receipts stand for {stood_for}"
        yield Failure("receipt", None, message)
    read = msgspec.json.Decoder(StoredReceipt).decode
    query = select(commands.c.command_id, commands.c.receipt).where(
        commands.c.first_position.is_not(None), commands.c.receipt != b"{}"
    )
    for command_id, receipt in log.execute(query, execution_options=STREAMED):
        try:
            read(bytes(receipt))
        except (msgspec.DecodeError, TypeError):  # or it is no bytes at all
            yield Failure("receipt", None, f"the receipt of command {command_id} cannot be read")


def wrong_people(log: Connection, entries: Mapping[UUID, tuple[bytes, bytes]]) -> Iterator[Failure]:
    """Yield people of the log who are not in the directory, and entries no key opens."""
    is_person = (streams.c.type == "person") & streams.c.parent.is_(None) & streams.c.living
    is_person |= (streams.c.type == "api_key") & (streams.c.parent == API_KEYS)
    for (person,) in log.execute(select(streams.c.stream).where(is_person)):
        if person not in entries:
            message = f"{person} is in the log, not erased, and the directory has no key of theirs"
            yield Failure("directory", None, message)
    for person, (key, entry) in entries.items():
        place = entry_id(person)
        if not decrypt_piece(Keys(key).of(place), place, entry):
            yield Failure("directory", None, f"the entry of {person} does not open with their key")


def unreadable_texts(
    log: Connection, keys: TextKeys, people: Set[UUID], after: int
) -> Iterator[Failure]:
    """Yield events whose text no key opens, though it is not to be gone."""
    e = events.c
    query = select(
        e.position, e.stream, e.version, e.type, e.by, e.on_behalf_of, e.command_id, e.encrypted
    ).where(e.encrypted.is_not(None), e.position > after)
    redacted = redacted_in(log)
    found = log.execute(query.order_by(e.position), execution_options=STREAMED)
    for row in found:
        piece = EncryptedText(
            event_id(row.stream, row.version), bytes(row.encrypted), row.command_id
        )
        ((texts, _),) = opened_with([piece], keys.kept, keys.nodes)
        is_kept = piece.event_id in keys.kept
        if (
            not texts
            and row.command_id not in redacted
            and (is_kept or has_to_open(log, row, people))
        ):
            yield Failure("text", row.position, "no key opens its text")


def has_to_open(log: Connection, row: Any, people: Set[UUID]) -> bool:
    """Return whether nobody is erased with whom the text of an event may have gone.

    What is about somebody goes with them; what was written before there were classes had gone with
    its author.
    """
    whom = {each for each in (row.by, row.on_behalf_of) if each is not None}
    match SUBJECTS[row.type]:
        case Subject.NOBODY:
            return whom <= people
        case Subject.ITSELF:
            return whom | {row.stream} <= people
        case Subject.REQUESTED:
            return whom <= people and not asks_about_somebody(log, row.stream)
    return False


def redacted_in(log: Connection) -> set[UUID]:
    """Return the commands whose texts were redacted."""
    query = select(events.c.data).where(events.c.type == "text.redacted")
    return {UUID(decode_json(bytes(data))["text_of"]) for data in log.execute(query).scalars()}


def asks_about_somebody(log: Connection, request: UUID) -> bool:
    """Return whether a request is about a person, or a grade, and so about who owns the goal."""
    query = select(events.c.data).where(events.c.stream == request, events.c.version == 1)
    return decode_json(bytes(log.execute(query).scalar_one()))["command"] in ABOUT_PERSON | {GRADE}
