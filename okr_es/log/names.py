"""Names that streams take: unique among those of a kind, and reserved for ever, also once another
is taken: each still leads to its stream.

They are derived: the events say which there are (`evidence/verify_states.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.cycle import Cycle
from okr_es.domain.values import folded
from okr_es.log.mapper import topic_of

CYCLE = topic_of(Cycle)
NAMING = (topic_of(Cycle.Opened), topic_of(Cycle.Renamed))
HOLDER = """
  SELECT n.stream, e.position FROM names n JOIN events e ON e.stream = n.stream AND e.version = 1
  WHERE n.kind = :kind AND n.name = :name
"""


class Name(NamedTuple):
    """A name that a stream takes, folded: no other stream of the kind can have it."""

    kind: str
    name: str
    stream: UUID


class Holder(NamedTuple):
    """The stream that has a name, and the position of its first event."""

    stream: UUID
    position: int


def names_of(events: Iterable[Any]) -> list[Name]:
    """Return the names that events take for their streams; events of NAMING take one."""
    return [
        Name(CYCLE, folded(event.name), event.originator_id)
        for event in events
        if isinstance(event, Cycle.Opened | Cycle.Renamed)
    ]


def holder(database: Database, kind: str, name: str) -> Holder | None:
    """Return who took a folded name of a kind; None if it is free."""
    found = database.rows(HOLDER, {"kind": kind, "name": name})
    return Holder(UUID(str(found[0][0])), int(found[0][1])) if found else None
