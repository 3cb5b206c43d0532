"""Client info: network address and user agent of commands, in the directory's database only.

They are encrypted under the key of the person who acted and deleted with them, so an event never
holds them, nothing readable of them lies on disk, and a person can be erased. They are written soon
after the command, those of many commands at once: of a process that is killed, the last are lost.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from okr_es.database.database import run, run_many
from okr_es.database.outages import Outage, is_outage
from okr_es.people.directory import Directory
from okr_es.people.encryption import Keys, encrypted, padded

logger = logging.getLogger("okr_es")

LONGEST_CLIENT = 200
LONGEST_ADDRESS = 64
WAIT_SECONDS = 0.1  # for others to be written with
CLIENT_INFO = "client info"

# Noted once, and only of someone who was not erased meanwhile.
NOTE = """
  INSERT INTO client_info (command_id, person_id, encrypted)
  SELECT {command_id}, id, :encrypted FROM people WHERE id = {person_id}
  ON CONFLICT (command_id) DO NOTHING
"""
ALL = "SELECT {command_id}, {person_id} FROM client_info"
OF_PERSON = """
  SELECT {command_id}, encrypted FROM client_info
  WHERE person_id = {person_id} AND {command_id} > :after ORDER BY 1 LIMIT :limit
"""
AT_ONCE = 500
REMOVE = "DELETE FROM client_info WHERE command_id {in_ids}"
NOTED = "SELECT {command_id}, {person_id}, encrypted FROM client_info WHERE command_id {in_ids}"


class Noted(NamedTuple):
    """The client info of one command."""

    command_id: UUID
    person_id: UUID
    texts: dict[str, str]


class ClientInfo:
    """Stores and reads the client info of commands, by command id."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.waiting: list[Noted] = []
        self.lock = threading.Lock()
        self.writing = threading.Lock()
        self.outage = Outage(CLIENT_INFO)

    def note(self, command_id: UUID, person_id: UUID, address: str | None, client: str) -> None:
        """Store the client info of a person's command, once; not for someone who was erased.

        It is written within a moment, and by `write` at once.
        """
        texts = {"address": (address or "")[:LONGEST_ADDRESS], "client": printable(client)}
        noted = Noted(command_id, person_id, {name: text for name, text in texts.items() if text})
        with self.lock:
            self.waiting.append(noted)
            waiting = len(self.waiting)
        if waiting == 1:
            self.write_later()

    def write_later(self) -> None:
        """Write within a moment; at once where no thread can be started."""
        timer = threading.Timer(WAIT_SECONDS, self.write)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:
            self.write()

    def write(self) -> None:
        """Write what was noted. An error is logged: the commands themselves are recorded."""
        with self.writing:
            with self.lock:
                noted, self.waiting = self.waiting, []
            if not noted:
                return
            try:
                self.insert(noted)
            except Exception as error:
                if not is_outage(error):
                    logger.exception("Where %s commands came from was not noted", len(noted))
                    return
                self.outage.note(error, CLIENT_INFO)
            else:
                self.outage.end(CLIENT_INFO)

    def insert(self, noted: list[Noted]) -> None:
        """Insert client info in one transaction."""
        database = self.directory.database
        people = {each.person_id for each in noted}
        keys = {person: Keys(key) for person, key in self.directory.keys(people).items()}
        rows = [
            {
                "command_id": str(each.command_id),
                "person_id": str(each.person_id),
                "encrypted": encrypted_for(keys[each.person_id], each),
            }
            for each in noted
            if each.person_id in keys
        ]
        if not rows:
            return
        as_id = database.dialect.as_id
        statement = NOTE.format(command_id=as_id("command_id"), person_id=as_id("person_id"))
        with database.driver_transaction() as connection:
            run_many(connection, statement, rows)

    def command_ids(self) -> set[UUID]:
        """Return the commands of which client info is stored."""
        return set(self.people_by_command())

    def people_by_command(self) -> dict[UUID, UUID]:
        """Return whose client info is stored, by the command it is of."""
        self.write()
        dialect = self.directory.database.dialect
        statement = ALL.format(
            command_id=dialect.id_as_text("command_id"), person_id=dialect.id_as_text("person_id")
        )
        rows = self.directory.database.rows(statement, {})
        return {UUID(id_): UUID(person_id) for id_, person_id in rows}

    def remove(self, command_ids: Iterable[UUID]) -> None:
        """Remove the client info of commands that is written."""
        dialect, ids = self.directory.database.dialect, sorted(map(str, command_ids))
        if ids:
            statement = REMOVE.format(in_ids=dialect.in_array("ids", "uuid"))
            with self.directory.database.transaction() as connection:
                run(connection, statement, {"ids": dialect.array(ids)})

    def of_commands(self, command_ids: Iterable[UUID | None]) -> dict[UUID, dict[str, str]]:
        """Return `address` and `client` of commands, where they are known and can be decrypted."""
        ids = sorted({str(id_) for id_ in command_ids if id_ is not None})
        if not ids:
            return {}
        self.write()
        database = self.directory.database
        dialect = database.dialect
        statement = NOTED.format(
            command_id=dialect.id_as_text("command_id"),
            person_id=dialect.id_as_text("person_id"),
            in_ids=dialect.in_array("ids", "uuid"),
        )
        rows = database.rows(statement, {"ids": dialect.array(ids)})
        commands = [UUID(command_id) for command_id, _, _ in rows]
        texts = self.directory.open_own(
            (UUID(person_id), bound_to(command_id), bytes(encrypted))
            for command_id, (_, person_id, encrypted) in zip(commands, rows, strict=True)
        )
        return {id_: each for id_, each in zip(commands, texts, strict=True) if each}

    def of_person(self, person_id: UUID) -> Iterator[dict[str, str]]:
        """Yield the client info of a person's commands, by the ids of the commands."""
        self.write()
        database, after = self.directory.database, ""
        dialect = database.dialect
        statement = OF_PERSON.format(
            command_id=dialect.id_as_text("command_id"), person_id=dialect.as_id("person_id")
        )
        person = {"person_id": str(person_id), "limit": AT_ONCE}
        while rows := database.rows(statement, {**person, "after": after}):
            places = [(person_id, bound_to(UUID(id_)), bytes(encrypted)) for id_, encrypted in rows]
            for (id_, _), texts in zip(rows, self.directory.open_own(places), strict=True):
                yield {"command_id": id_, **texts}
            after = rows[-1][0]


def encrypted_for(keys: Keys, noted: Noted) -> bytes:
    """Return client info encrypted under a person's key."""
    place = bound_to(noted.command_id)
    return encrypted(keys.of(place), place, padded(noted.texts))


def bound_to(command_id: UUID) -> str:
    """Return what an encrypted piece is bound to."""
    return f"client-info/{command_id}"


def printable(client: str) -> str:
    """Return the name a client gives itself, cut to a sensible length, in printable characters."""
    return "".join(each for each in client if each.isprintable())[:LONGEST_CLIENT]
