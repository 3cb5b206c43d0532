"""The change record of a goal: who, when, what before and after, and why.

What was before and after is read off the versions of the rows: an event's position ends one
version and begins the next.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Connection, Text, bindparam, select, text

from okr_es.application import Okr, event_id
from okr_es.domain.refusals import NotFound
from okr_es.log.schema import events

from .goals import Row
from .runner import Runner
from .schema import FOREVER, VERSIONED, plain

ITSELF = " UNION ALL ".join(
    f"SELECT known_from AS position FROM {table.name} WHERE id = :id"  # noqa: S608
    for table in VERSIONED
)
POSITIONS = text(f"""
  SELECT DISTINCT position FROM (
    {ITSELF}
    UNION ALL SELECT known_from FROM key_result
      WHERE objective_id = :id AND known_until = {FOREVER}
    UNION ALL SELECT known_from FROM key_result
      WHERE objective_id = :id AND known_until < {FOREVER}
    UNION ALL SELECT known_until FROM key_result
      WHERE objective_id = :id AND known_until < {FOREVER}
    UNION ALL SELECT known_from FROM kpi_target
      WHERE kpi_id = :id AND known_until = {FOREVER}
    UNION ALL SELECT known_from FROM kpi_target
      WHERE kpi_id = :id AND known_until < {FOREVER}
    UNION ALL SELECT known_from FROM reading WHERE measured_id = :id
    UNION ALL SELECT known_from FROM reading
      WHERE measured_id IN (SELECT id FROM key_result WHERE objective_id = :id)
  ) AS found WHERE position < :before ORDER BY position DESC LIMIT :limit
""")  # noqa: S608

EVENTS = (
    select(
        events.c.position,
        events.c.recorded_at,
        events.c.stream,
        events.c.version,
        events.c.type,
        events.c.by,
        events.c.on_behalf_of,
        events.c.origin,
        events.c.command_id,
        events.c.sealed,
    )
    .where(events.c.position.in_(bindparam("positions", expanding=True)))
    .order_by(events.c.position.desc())
)

HIDDEN = {"id", "version", "known_from", "known_until", "first_position", "served_id"}


class History:
    """Reads change records."""

    def __init__(self, okr: Okr, runner: Runner) -> None:
        self.okr = okr
        self.runner = runner

    def of(self, id_: str, limit: int, before: int | None) -> Row:
        """Return a page of the change record of a goal, the newest change first."""
        with self.runner.fresh().database.reader.connect() as connection:
            asked = {"id": id_, "before": before or FOREVER, "limit": limit + 1}
            positions = list(connection.execute(POSITIONS, asked).scalars())
            if not positions and before is None:
                raise NotFound(f"There is nothing {id_}.", field="id")
            page = positions[:limit]
            happened = self.events(page)
            changes = self.changes(connection, page, [str(row.stream) for row in happened])
            position = connection.execute(text("SELECT position FROM progress")).scalar_one()
        return {
            "position": position,
            "id": id_,
            "entries": self.entries(happened, changes),
            "next_before": page[-1] if len(positions) > limit else None,
        }

    def events(self, positions: list[int]) -> list[Any]:
        """Return the events at some positions, the newest first."""
        with self.okr.database.reader.connect() as connection:
            return list(connection.execute(EVENTS, {"positions": positions}))

    def entries(self, happened: list[Any], changes: dict[int, list[Row]]) -> list[Row]:
        """Return the entries of a page, with the sealed texts the reader may see."""
        sealed = [row for row in happened if row.sealed]
        pieces = [(row.by, event_id(row.stream, row.version), bytes(row.sealed)) for row in sealed]
        opened = self.okr.directory.unseal(pieces)
        texts = {row.position: found for row, found in zip(sealed, opened, strict=True)}
        return [
            entry(row, changes.get(row.position, []), texts.get(row.position, {}))
            for row in happened
        ]

    def changes(
        self, connection: Connection, positions: list[int], streams: list[str]
    ) -> dict[int, list[Row]]:
        """Return what changed at each position, field by field."""
        found: dict[int, list[Row]] = {}
        asked = {"positions": positions, "streams": streams}
        for name, statement in TOUCHING.items():
            rows = [plain(name, row) for row in connection.execute(statement, asked)]
            before = {(row["id"], row["known_until"]): row for row in rows}
            for row in rows:
                if row["known_from"] in positions:
                    old = before.get((row["id"], row["known_from"]), {})
                    found.setdefault(row["known_from"], []).extend(difference(old, row))
        return found


def touching(name: str) -> Any:
    """Return the statement for the versions that end or begin at some positions."""
    where = f"(known_from IN :positions OR (known_until IN :positions AND known_until < {FOREVER}))"
    binds: list[BindParameter[Any]] = [bindparam("positions", expanding=True)]
    if name == "reading":
        where += " AND id IN :streams"
        binds.append(bindparam("streams", expanding=True, type_=Text))
    return text(f"SELECT * FROM {name} WHERE {where}").bindparams(*binds)  # noqa: S608


TOUCHING = {str(table.name): touching(str(table.name)) for table in VERSIONED}


def difference(before: Row, after: Row) -> list[Row]:
    """Return the fields that differ between two versions."""
    return [
        {"field": name, "before": before.get(name), "after": value}
        for name, value in after.items()
        if name not in HIDDEN and before.get(name) != value
    ]


def entry(row: Any, changes: list[Row], texts: dict[str, str]) -> Row:
    """Return one entry of the record."""
    return {
        "position": row.position,
        "recorded_at": row.recorded_at,
        "id": event_id(row.stream, row.version),
        "type": row.type,
        "by": row.by,
        "on_behalf_of": row.on_behalf_of,
        "origin": row.origin,
        "command_id": row.command_id,
        "reason": texts.get("reason"),
        "comment": texts.get("comment"),
        "changes": changes,
    }
