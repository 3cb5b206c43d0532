"""The comments of readings: encrypted texts beside the events that began or corrected them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from uuid import UUID

from okr_es.database.database import Database
from okr_es.database.dialect import Dialect
from okr_es.ids import event_id
from okr_es.log.readings import BEGINNINGS
from okr_es.people.directory import Directory
from okr_es.people.texts import EncryptedText

WITH_COMMENT = (*BEGINNINGS, "reading.comment_corrected")
LATEST = 2**62


def comments(
    database: Database, directory: Directory, readings: Iterable[UUID], known: int = LATEST
) -> dict[UUID, str]:
    """Return the comment of each reading that has one, as corrected up to a position.

    A comment that was redacted is not there.
    """
    dialect = database.dialect
    rows = database.rows(
        comments_statement(dialect),
        {"ids": dialect.array(readings), "types": dialect.array(WITH_COMMENT), "known": known},
    )
    last = {UUID(row[0]): row for row in rows}
    pieces = {
        id_: EncryptedText(event_id(id_, version), bytes(text), command and UUID(command))
        for id_, (_, version, text, command) in last.items()
        if text is not None
    }
    texts = directory.texts.decrypt(pieces.values())
    return {
        id_: text["comment"] for id_, text in zip(pieces, texts, strict=True) if "comment" in text
    }


@cache
def comments_statement(dialect: Dialect) -> str:
    """Return the query of the events of some streams that give or take a comment, the last last."""
    stream, command = (dialect.id_as_text(f"e.{column}") for column in ("stream", "command_id"))
    given = f"e.stream = i.value AND e.type {dialect.in_array('types')} AND e.position <= :known"
    return (
        f"SELECT {stream}, e.version, e.encrypted, {command} "
        f"FROM ({dialect.unnest('ids', 'uuid')}) AS i {dialect.for_each('e', 'events', given)} "
        "ORDER BY e.position"
    )
