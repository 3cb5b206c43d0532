"""From where commands came: network address and client, in the directory's database alone.

They are sealed under the key of whoever acted and deleted with them, so an event never holds
them, nothing readable of them lies on disk, and a person can be erased.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Column, Connection, Index, LargeBinary, MetaData, Table, delete

from okr_es.database.database import APP_ROLE, Database, pyformat
from okr_es.log.schema import Id

if TYPE_CHECKING:
    from okr_es.people.directory import Directory

LONGEST_CLIENT = 200
LONGEST_ADDRESS = 64

metadata = MetaData()
whereabouts = Table(
    "whereabouts",
    metadata,
    Column("command_id", Id, primary_key=True),
    Column("person_id", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
Index("whereabouts_by_person", whereabouts.c.person_id)

# Noted once, and only of someone who was not erased meanwhile. It is not worth a wait for the disk:
# what was noted right before a power failure may be lost, and nothing else.
NOTE_ON = {
    True: """
  INSERT INTO whereabouts (command_id, person_id, sealed)
  SELECT :command_id, id, :sealed FROM people WHERE id = :person_id
  ON CONFLICT (command_id) DO NOTHING
""",
    False: """
  WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS is)
  INSERT INTO whereabouts (command_id, person_id, sealed)
  SELECT CAST(:command_id AS uuid), p.id, :sealed FROM people p CROSS JOIN unhurried
  WHERE p.id = CAST(:person_id AS uuid)
  ON CONFLICT (command_id) DO NOTHING
""",
}
KNOWN_ON = {
    True: "SELECT command_id, person_id, sealed FROM whereabouts "
    "WHERE command_id IN (SELECT value FROM json_each(:ids))",
    False: "SELECT command_id::text, person_id::text, sealed FROM whereabouts "
    "WHERE command_id = ANY(CAST(:ids AS uuid[]))",
}


class Whereabouts:
    """From where commands came, by their ids."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory

    def note(self, command_id: UUID, person_id: UUID, address: str | None, client: str) -> None:
        """Note from where someone's command came, once; not of someone who was erased."""
        texts = {"address": (address or "")[:LONGEST_ADDRESS], "client": printable(client)}
        try:
            (sealed,) = self.directory.seal(
                person_id, [bound_to(command_id)], {name: t for name, t in texts.items() if t}
            )
        except KeyError:
            return
        noted = {"command_id": str(command_id), "person_id": str(person_id), "sealed": sealed}
        database = self.directory.database
        with database.turn(), unhurried(database) as driver:
            statement = NOTE_ON[database.is_sqlite]
            driver.execute(statement if database.is_sqlite else pyformat(statement), noted)

    def known(self, command_ids: Iterable[UUID | None]) -> dict[UUID, dict[str, str]]:
        """Return `address` and `client` of commands, where they are known and can be unsealed."""
        ids = sorted({str(id_) for id_ in command_ids if id_ is not None})
        if not ids:
            return {}
        database = self.directory.database
        asked = {"ids": json.dumps(ids) if database.is_sqlite else ids}
        rows = database.rows(KNOWN_ON[database.is_sqlite], asked)
        commands = [UUID(command_id) for command_id, _, _ in rows]
        texts = self.directory.unseal(
            (UUID(person_id), bound_to(command_id), bytes(sealed))
            for command_id, (_, person_id, sealed) in zip(commands, rows, strict=True)
        )
        return {id_: each for id_, each in zip(commands, texts, strict=True) if each}


@contextmanager
def unhurried(database: Database) -> Iterator[Any]:
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


def create(connection: Connection) -> None:
    """Create the table in the directory's database, where it is missing."""
    metadata.create_all(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"GRANT SELECT, INSERT, DELETE ON whereabouts TO {APP_ROLE}")


def forget(connection: Connection, person_id: UUID) -> None:
    """Delete from where a person's commands came."""
    connection.execute(delete(whereabouts).where(whereabouts.c.person_id == person_id))


def bound_to(command_id: UUID) -> str:
    """Return what a sealed piece is bound to."""
    return f"whereabouts/{command_id}"


def printable(client: str) -> str:
    """Return the name a client gives itself, cut to a sensible length, in printable characters."""
    return "".join(each for each in client if each.isprintable())[:LONGEST_CLIENT]
