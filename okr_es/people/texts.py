"""Texts that people write with events, and the keys that open them, each text its own.

Where a key lies says who can make it go. That of a text about somebody lies beside the person it is
about, and goes with them. That of a business record is made from a tree of keys (`key_tree.py`), by
the command it was written with: no erasure of a person touches it, and one leaf can be destroyed.
Keys of texts from before there were classes are kept one by one (`okr_es/log/old_texts.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database, run, run_many
from okr_es.people.encryption import Keys, decrypt_piece, encrypted, new_key, padded
from okr_es.people.key_tree import ROOT, leaf, path_of, places_above, without
from okr_es.people.wrapping import wrapping

KEPT = """
  SELECT place, key FROM record_keys WHERE place {in_places}
  UNION ALL SELECT event_id, key FROM personal_keys WHERE event_id {in_places}
"""
NODES = "SELECT place, key FROM record_keys WHERE place {in_places}"
ANY_NODE = (
    "SELECT place FROM record_keys WHERE place LIKE '/%' LIMIT 1"  # of the tree, not of an event
)
ADD_NODE = (
    "INSERT INTO record_keys (place, key) VALUES (:place, :key) ON CONFLICT (place) DO NOTHING"
)
REMOVE_NODES = "DELETE FROM record_keys WHERE place {in_places}"
OF_PEOPLE = """
  SELECT event_id, {person}, key FROM personal_keys WHERE event_id {in_places}
"""
EVENTS_BY_PERSON = "SELECT {person}, event_id FROM personal_keys ORDER BY event_id"
ABOUT = "SELECT event_id FROM personal_keys WHERE person_id = {person_id}"
# Of nobody who was erased meanwhile.
ADD_PERSONAL = """
  INSERT INTO personal_keys (event_id, person_id, key)
  SELECT :event_id, id, :key FROM people WHERE id = {person_id}
  ON CONFLICT (event_id, person_id) DO NOTHING
"""
REMOVE_PERSONAL = "DELETE FROM personal_keys WHERE event_id {in_places}"
DUE = "UPDATE shredding SET due = true, records_due = true, removals = removals + 1"


class EncryptedText(NamedTuple):
    """An encrypted text: of which event, recorded by which command."""

    event_id: str
    encrypted: bytes
    command_id: UUID | str | None


class Texts:
    """Encrypts and opens texts, and destroys what opens them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def has_begun_records(self) -> bool:
        """Return whether there is a key that those of records are made from, or what is left."""
        return bool(self.database.rows(ANY_NODE, {}))

    def begin_records(self) -> None:
        """Make the key that all those of records are made from, if there is none yet."""
        with self.database.transaction() as connection:
            run(connection, ADD_NODE, {"place": ROOT, "key": wrapping().wrap(new_key())})

    def keep(
        self, records: Mapping[str, bytes], personal: Mapping[tuple[str, UUID], bytes]
    ) -> None:
        """Keep keys of texts by event: of records, and of what is about a person, beside them.

        Those that are there stay; of a person who was erased none is kept.
        """
        about = [
            {"event_id": event_id, "person_id": str(person), "key": wrapping().wrap(key)}
            for (event_id, person), key in personal.items()
        ]
        with self.database.transaction() as connection:
            if records:
                nodes = [
                    {"place": event_id, "key": wrapping().wrap(key)}
                    for event_id, key in records.items()
                ]
                run_many(connection, ADD_NODE, nodes)
            if about:
                run_many(connection, self.statement(ADD_PERSONAL), about)

    # ---- encrypting and opening ---------------------------------------------------------

    def encrypt(
        self,
        command_id: UUID | None,
        events: Sequence[tuple[str, UUID | None]],
        texts: Mapping[str, Any],
    ) -> list[bytes]:
        """Return texts encrypted once for each event of a command, each under a key of its own.

        `events` are their ids, with the person whom what is written is about, or None. Where that
        person was erased it is kept as a record.
        """
        about = {event_id: person for event_id, person in events if person is not None}
        personal = self.personal_keys(about) if about else {}
        path = path_of(str(command_id))
        # Where it was destroyed the command was recorded before, which the append finds out.
        of_command = Keys(leaf(self.nodes([path]), path) or new_key())
        plain = padded(texts)
        return [
            encrypted(personal.get(event_id) or of_command.of(event_id), event_id, plain)
            for event_id, _ in events
        ]

    def personal_keys(self, about: Mapping[str, UUID]) -> dict[str, bytes]:
        """Return the keys of texts about people, by event, made where they are missing.

        The key of an event and a person is made once, so that of two commands which race for that
        event the one that records it has written with this key. One that nobody used opens nothing.
        """
        found = self.keys_about(about)
        rows = [
            {"event_id": event_id, "person_id": str(person), "key": wrapping().wrap(new_key())}
            for event_id, person in about.items()
            if event_id not in found
        ]
        if not rows:
            return found
        statement = self.statement(ADD_PERSONAL)
        with self.database.transaction() as connection:
            run_many(connection, statement, rows)
        return self.keys_about(about)

    def keys_about(self, about: Mapping[str, UUID]) -> dict[str, bytes]:
        """Return the keys that lie beside these people, by event."""
        rows = self.database.rows(self.statement(OF_PEOPLE), self.places(about))
        wraps = wrapping()
        return {
            event_id: wraps.open(key) for event_id, id_, key in rows if about[event_id] == UUID(id_)
        }

    def decrypt(self, pieces: Iterable[EncryptedText]) -> list[dict[str, str]]:
        """Return the texts of encrypted pieces, empty where no key is left that opens them."""
        return [texts for texts, _ in self.opened(pieces)]

    def keys_of(self, pieces: Iterable[EncryptedText]) -> list[bytes | None]:
        """Return the keys of encrypted pieces, None where there is none any more.

        Each opens the text of its event and no other.
        """
        return [key for _, key in self.opened(pieces)]

    def opened(self, pieces: Iterable[EncryptedText]) -> list[tuple[dict[str, str], bytes | None]]:
        """Return the texts of encrypted pieces, each with its key."""
        found = list(pieces)
        if not found:
            return []
        kept = self.kept(each.event_id for each in found)
        if ROOT in kept:
            nodes = {ROOT: kept[ROOT][0]}
        else:
            nodes = self.nodes({path_of(str(each.command_id)) for each in found})
        return opened_with(found, kept, nodes)

    def kept(self, event_ids: Iterable[str]) -> dict[str, list[bytes]]:
        """Return the keys that are kept by event, and the root of the tree where it is whole."""
        found: dict[str, list[bytes]] = {}
        parameters, wraps = self.places([ROOT, *event_ids]), wrapping()
        for place, key in self.database.rows(self.statement(KEPT), parameters):
            found.setdefault(place, []).append(wraps.open(key))
        return found

    def nodes(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the nodes of the tree that lie above some leaves."""
        rows = self.database.rows(self.statement(NODES), self.places(places_above(paths)))
        wraps = wrapping()
        return {place: wraps.open(key) for place, key in rows}

    def subjects_of(self, event_ids: Iterable[str]) -> set[UUID]:
        """Return whom the texts of events are about, as far as they are not erased."""
        rows = self.database.rows(self.statement(OF_PEOPLE), self.places(event_ids))
        return {UUID(id_) for _, id_, _ in rows}

    def events_by_person(self) -> list[tuple[UUID, str]]:
        """Return all people with texts about them, each with the id of an event of one."""
        rows = self.database.rows(self.statement(EVENTS_BY_PERSON), {})
        return [(UUID(id_), event_id) for id_, event_id in rows]

    def about(self, person_id: UUID) -> set[str]:
        """Return the ids of the events with texts about a person."""
        rows = self.database.rows(self.statement(ABOUT), {"person_id": str(person_id)})
        return {event_id for (event_id,) in rows}

    # ---- destroying ---------------------------------------------------------------------

    def destroy(self, command_ids: Iterable[UUID | None], event_ids: Iterable[str]) -> None:
        """Destroy what opens the texts of commands and their events; the bytes become due.

        It may be done again; all other keys stay as they are.
        """
        events = list(event_ids)
        with self.database.transaction() as connection:
            run(connection, DUE, {})  # first: of two who do this, one waits
            run(connection, self.statement(REMOVE_PERSONAL), self.places(events))
            run(connection, self.statement(REMOVE_NODES), self.places(events))
            for command_id in command_ids:
                self.cut(connection, path_of(str(command_id)))

    def left_of(self, command_ids: Iterable[UUID]) -> set[UUID]:
        """Return those of these commands whose leaf in the tree of keys was not destroyed yet."""
        paths = {command_id: path_of(str(command_id)) for command_id in command_ids}
        nodes = self.nodes(paths.values()) if paths else {}
        return {id_ for id_, path in paths.items() if leaf(nodes, path) is not None}

    def cut(self, connection: Any, path: str) -> None:
        """Take a leaf out of the tree, inside the caller's transaction."""
        rows = run(connection, self.statement(NODES), self.places(places_above([path]))).fetchall()
        wraps = wrapping()
        found = without({place: wraps.open(key) for place, key in rows}, path)
        if found is None:
            return
        above, beside = found
        run(connection, self.statement(REMOVE_NODES), self.places([above]))
        run_many(
            connection,
            ADD_NODE,
            [{"place": at, "key": wraps.wrap(key)} for at, key in beside.items()],
        )

    def statement(self, template: str) -> str:
        """Return a statement as the engine writes it."""
        dialect = self.database.dialect
        return template.format(
            person=dialect.id_as_text("person_id"),
            person_id=dialect.as_id("person_id"),
            in_places=dialect.in_array("places"),
        )

    def places(self, places: Iterable[str]) -> dict[str, str]:
        """Return places as the one parameter of a statement, `places`."""
        return {"places": self.database.dialect.array(places)}


def opened_with(
    pieces: Iterable[EncryptedText],
    kept: Mapping[str, Sequence[bytes]],
    nodes: Mapping[str, bytes],
) -> list[tuple[dict[str, str], bytes | None]]:
    """Return the texts of pieces, each with its key: one kept for its event, or made from a node.

    Without a key that opens it a piece has no texts, and None for its key.
    """
    of_commands: dict[UUID | str | None, Keys | None] = {}
    found = []
    for piece in pieces:
        if piece.command_id not in of_commands:
            key = leaf(nodes, path_of(str(piece.command_id)))
            of_commands[piece.command_id] = None if key is None else Keys(key)
        of_command = of_commands[piece.command_id]
        derived = [] if of_command is None else [of_command.of(piece.event_id)]
        found.append(opened(piece, [*kept.get(piece.event_id, ()), *derived]))
    return found


def opened(piece: EncryptedText, keys: Iterable[bytes]) -> tuple[dict[str, str], bytes | None]:
    """Return the texts of a piece, and which of some keys opens it."""
    for key in keys:
        if texts := decrypt_piece(key, piece.event_id, piece.encrypted):
            return texts, key
    return {}, None
