"""Client info: network address and user agent of commands, in the directory's database only.

They are encrypted under the key of the person who acted and deleted with them, so an event never
holds them, nothing readable of them lies on disk, and a person can be erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from okr_es.database.database import Database, run
from okr_es.people.directory import Directory

LONGEST_CLIENT = 200
LONGEST_ADDRESS = 64

# Noted once, and only of someone who was not erased meanwhile. It is not worth a wait for the disk:
# what was noted right before a power failure may be lost, and nothing else.
NOTE_ON = {
    "sqlite": """
  INSERT INTO client_info (command_id, person_id, encrypted)
  SELECT :command_id, id, :encrypted FROM people WHERE id = :person_id
  ON CONFLICT (command_id) DO NOTHING
""",
    "postgresql": """
  WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS is)
  INSERT INTO client_info (command_id, person_id, encrypted)
  SELECT CAST(:command_id AS uuid), p.id, :encrypted FROM people p CROSS JOIN unhurried
  WHERE p.id = CAST(:person_id AS uuid)
  ON CONFLICT (command_id) DO NOTHING
""",
}
ALL = "SELECT {command_id} FROM client_info"
REMOVE = "DELETE FROM client_info WHERE command_id {in_ids}"
NOTED = "SELECT {command_id}, {person_id}, encrypted FROM client_info WHERE command_id {in_ids}"


class ClientInfo:
    """Stores and reads the client info of commands, by command id."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory

    def note(self, command_id: UUID, person_id: UUID, address: str | None, client: str) -> None:
        """Store the client info of a person's command, once; not for someone who was erased."""
        texts = {"address": (address or "")[:LONGEST_ADDRESS], "client": printable(client)}
        try:
            (encrypted,) = self.directory.encrypt(
                person_id, [bound_to(command_id)], {name: t for name, t in texts.items() if t}
            )
        except KeyError:
            return
        noted = {"command_id": str(command_id), "person_id": str(person_id), "encrypted": encrypted}
        database = self.directory.database
        with database.turn(), without_sync(database) as driver:
            driver.execute(database.driver_text(NOTE_ON[database.dialect.name]), noted)

    def command_ids(self) -> set[UUID]:
        """Return the commands of which client info is stored."""
        dialect = self.directory.database.dialect
        rows = self.directory.database.rows(
            ALL.format(command_id=dialect.id_as_text("command_id")), {}
        )
        return {UUID(id_) for (id_,) in rows}

    def remove(self, command_ids: Iterable[UUID]) -> None:
        """Remove the client info of commands."""
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
        database = self.directory.database
        dialect = database.dialect
        statement = NOTED.format(
            command_id=dialect.id_as_text("command_id"),
            person_id=dialect.id_as_text("person_id"),
            in_ids=dialect.in_array("ids", "uuid"),
        )
        rows = database.rows(statement, {"ids": dialect.array(ids)})
        commands = [UUID(command_id) for command_id, _, _ in rows]
        texts = self.directory.decrypt(
            (UUID(person_id), bound_to(command_id), bytes(encrypted))
            for command_id, (_, person_id, encrypted) in zip(commands, rows, strict=True)
        )
        return {id_: each for id_, each in zip(commands, texts, strict=True) if each}


@contextmanager
def without_sync(database: Database) -> Iterator[Any]:
    """Give a connection of the driver's own that on SQLite does not wait for the disk."""
    with database.driver() as driver:
        if not database.is_sqlite:
            yield driver
            return
        driver.execute("PRAGMA synchronous = NORMAL")
        try:
            yield driver
        finally:
            driver.execute("PRAGMA synchronous = FULL")


def bound_to(command_id: UUID) -> str:
    """Return what an encrypted piece is bound to."""
    return f"client-info/{command_id}"


def printable(client: str) -> str:
    """Return the name a client gives itself, cut to a sensible length, in printable characters."""
    return "".join(each for each in client if each.isprintable())[:LONGEST_CLIENT]
