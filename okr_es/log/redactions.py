"""Texts that somebody had destroyed: the log says which, and what opens them is destroyed after."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.text import TEXTS
from okr_es.log.mapper import decode_json
from okr_es.log.old_texts import OldText, begin_texts, keys_that_open
from okr_es.people.directory import Directory
from okr_es.people.encryption import Keys
from okr_es.people.replaced_keys import replace_key
from okr_es.people.shredding import NotShredded

REDACTED = f"""
  SELECT e.data FROM streams s JOIN events e ON e.stream = s.stream AND e.version = 1
  WHERE s.parent = '{TEXTS}' AND s.type = 'text'
"""
EVENTS = """
  SELECT e.position, {stream}, e.version, e.type, e.data, e.encrypted, {by}, {on_behalf_of}
  FROM commands c JOIN events e ON e.position BETWEEN c.first_position AND c.last_position
  WHERE c.command_id = {command_id} AND e.encrypted IS NOT NULL ORDER BY e.position
"""


def open_directory(log: Database, directory: Directory) -> None:
    """Create the directory where it is missing, with what texts are encrypted with.

    Erasures and redactions that were recorded and not finished are finished.
    """
    directory.create()
    begin_texts(log, directory)
    directory.complete_erasures(log)
    with suppress(NotShredded):
        complete_redactions(log, directory, tries=1)


def complete_redactions(log: Database, directory: Directory, tries: int | None = None) -> None:
    """Destroy what opens texts that were redacted, where that is still to be done.

    Raises NotShredded where the bytes of it could not be overwritten; calling it again is safe.
    """
    redacted = redacted_commands(log)
    for command_id in sorted(directory.texts.left_of(redacted)):
        events = events_of(log, command_id)
        for author in authors_with_old_keys(directory, events):
            replace_key(directory, author)
        directory.texts.destroy([command_id], [each.event_id for each in events])
    directory.shred(tries)


def redacted_commands(log: Database) -> set[UUID]:
    """Return the commands whose texts were redacted."""
    return {UUID(decode_json(bytes(data))["text_of"]) for (data,) in log.rows(REDACTED, {})}


def events_of(log: Database, command_id: UUID) -> list[OldText]:
    """Return the events of a command with which something was written."""
    names = {name: log.dialect.id_as_text(f'e."{name}"') for name in OldText.ids()}
    statement = EVENTS.format(**names, command_id=log.dialect.as_id("command_id"))
    return [OldText(*row) for row in log.rows(statement, {"command_id": str(command_id)})]


def authors_with_old_keys(directory: Directory, events: Iterable[OldText]) -> set[UUID]:
    """Return the people whose own keys open a text: one from before texts had keys of their own."""
    found = list(events)
    authors = {UUID(id_) for text in found for id_ in (text.by, text.on_behalf_of) if id_}
    keys = {person: Keys(key) for person, key in directory.keys(authors).items()}
    return {author for text in found for author, _ in keys_that_open(text, keys)}
