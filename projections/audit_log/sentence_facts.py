"""How an event is told: the facts a sentence needs, gathered for many events at once.

Names of people come from the directory at the moment of asking, and are nowhere kept; words of
goals, teams and cycles are those that stood when the event happened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from projections.as_of.rows_at import Standings
from projections.read_model.changes import CHANGES
from projections.read_model.tables import Row

# What the fields of events and rows refer to. What something is carried over from is of its kind.
REFERS = {
    "owner_id": "person", "team_id": "team", "parent_id": "team", "cycle_id": "cycle",
    "into_cycle_id": "cycle", "kpi_id": "kpi", "objective_id": "objective",
    "aligned_to_objective_id": "objective", "aligned_to_key_result_id": "key_result",
    "carried_to": "objective", "as_objective_id": "objective", "key_result_id": "key_result",
    "asked_by": "person", "asked_for": "person",
}  # fmt: skip
OF_ITS_KIND = "carried_from"
NAMED = {
    "objective": "title", "key_result": "title", "kpi": "name", "team": "name",
    "cycle": "name",
}  # fmt: skip
SIDES = ("before", "after")
GOALS = frozenset({"objective", "key_result", "kpi"})


class Happened(NamedTuple):
    """An event: its entry in the audit log, its stream, and what it says."""

    entry: Row
    stream: str
    data: Row
    reading: Row | None

    @property
    def position(self) -> int:
        """Where in the log it stands."""
        return int(self.entry["position"])

    @property
    def noun(self) -> str:
        """What kind of thing it is about."""
        kind = self.entry["type"]
        return CHANGES[kind][0] if kind in CHANGES else kind.partition(".")[0]

    @property
    def fields(self) -> Iterator[tuple[str, Any]]:
        """Every field it names, with what it says, said before or has changed it to."""
        yield from self.data.items()
        for change in self.entry["changes"]:
            yield change["field"], change["before"]
            yield change["field"], change["after"]

    def refers(self, field: str) -> str | None:
        """Return what kind of thing a field names, if it names one."""
        return self.noun if field == OF_ITS_KIND else REFERS.get(field)


class Known:
    """What is known of the things some events name: rows as of then, people as of now."""

    def __init__(self, database: Database, people: Mapping[UUID, str]) -> None:
        self.people = people
        self.standings = Standings(database)

    def load(self, events: list[Happened]) -> None:
        """Bring in the rows of all that some events are about or name."""
        wanted: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for event in events:
            for table, id_ in named_by(event):
                wanted[table].add((id_, event.position))
        for table, pairs in wanted.items():
            self.standings.load(table, pairs)
        above = [
            (row["objective_id"], position)
            for (table, _, position), row in self.standings.rows.items()
            if table == "key_result" and row is not None
        ]
        self.standings.load("objective", above)

    def row(self, table: str, id_: str | None, position: int) -> Row | None:
        """Return a thing as of a position."""
        return self.standings.at(table, id_, position)

    def name(self, table: str, id_: str, position: int) -> str | None:
        """Return what a thing was called as of a position; of a person, what they are now."""
        if table == "person":
            return self.people.get(UUID(id_))
        row = self.row(table, id_, position)
        return None if row is None else str(row[NAMED[table]])

    def subject(self, event: Happened) -> tuple[str, Row] | None:
        """Return the goal an event is about, and what kind it is; None if it is about none."""
        tables, id_ = [event.noun], event.stream
        if event.reading is not None:
            tables, id_ = ["key_result", "kpi"], event.reading["measured_id"]
        for table in tables:
            row = self.row(table, id_, event.position) if table in GOALS else None
            if row is not None:
                return table, row
        return None

    def goal(self, event: Happened) -> Row | None:
        """Return the goal an event is about as an entry tells it, as it stood then."""
        found = self.subject(event)
        if found is None:
            return None
        kind, row = found
        above = self.row("objective", row.get("objective_id"), event.position)
        return {
            "kind": kind,
            "id": row["id"],
            "title": row[NAMED[kind]],
            "objective_id": above and above["id"],
            "objective": above and above["title"],
        }


def named_by(event: Happened) -> Iterator[tuple[str, str]]:
    """Yield what an event is about and all it names, each with its table."""
    if event.noun in NAMED:
        yield event.noun, event.stream
    if event.reading is not None:
        yield "key_result", event.reading["measured_id"]
        yield "kpi", event.reading["measured_id"]
    for field, value in event.fields:
        table = event.refers(field)
        if table in NAMED and isinstance(value, str):
            yield str(table), value


def people_named(entries: Iterable[Row], data: Mapping[int, Row]) -> set[UUID]:
    """Return the people whose names telling some entries takes."""
    found: set[UUID | None] = set()
    for entry in entries:
        found |= {entry["by"], entry["on_behalf_of"]}
        if entry["type"].startswith("person."):
            found.add(UUID(entry["id"].partition("/")[0]))
        said = [*data[entry["position"]].items()]
        said += [(each["field"], each[side]) for each in entry["changes"] for side in SIDES]
        found |= {UUID(value) for field, value in said if value and REFERS.get(field) == "person"}
    return {person for person in found if person is not None}
