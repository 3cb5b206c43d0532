"""The facts that the sentences of events need, gathered for many events at once.

Names of people come from the directory at the time of the question and are stored nowhere; those
of goals, teams and cycles are the ones they had right after the event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.scoring.calendar import Calendars
from projections.as_of.answers import Actor, GoalKind
from projections.as_of.rows import RowsAt
from projections.audit_log.answers import ChangeAnswer, EntryAnswer, LoggedGoal, Redacted, Subject
from projections.audit_log.languages import Language
from projections.read_model.changes import CHANGES
from projections.read_model.tables import Row

# What the fields of events and rows refer to. What something is carried over from is of its kind.
REFERS_TO = {
    "owner_id": "person", "team_id": "team", "parent_id": "team", "cycle_id": "cycle",
    "into_cycle_id": "cycle", "kpi_id": "kpi", "objective_id": "objective",
    "aligned_to_objective_id": "objective", "aligned_to_key_result_id": "key_result",
    "carried_to": "objective", "as_objective_id": "objective", "key_result_id": "key_result",
    "asked_by": "person", "asked_for": "person", "deputy_id": "person",
    "person_id": "person", "created_by": "person",
}  # fmt: skip
IN_DIRECTORY = frozenset({"person", "api_key"})  # what has its name there
OF_ITS_KIND = "carried_from"
NAME_FIELDS = {
    "objective": "title", "key_result": "title", "kpi": "name", "team": "name",
    "cycle": "name",
}  # fmt: skip
GOALS: tuple[GoalKind, ...] = ("objective", "key_result", "kpi")


class RequestFacts(NamedTuple):
    """What a request for approval asks for, compared with its subject right before an event of it.

    `reason` is the one it was asked for with; None where the event is the request itself.
    """

    command: str
    fields: Row
    asked_by: str
    subject: Subject | None
    changes: list[ChangeAnswer]
    reason: str | None


class EventFacts(NamedTuple):
    """An event: its entry, its stream, its data, and the reading or request it is about, if any.

    `withheld`: what it did is not for the viewer.
    """

    entry: EntryAnswer
    stream: str
    data: Row
    reading: Row | None
    withheld: bool = False
    request: RequestFacts | None = None

    @property
    def position(self) -> int:
        """Its position in the log."""
        return self.entry["position"]

    @property
    def by(self) -> UUID | None:
        """Who decided it."""
        return id_of(self.entry["by"])

    @property
    def on_behalf_of(self) -> UUID | None:
        """On whose behalf."""
        return id_of(self.entry["on_behalf_of"])

    @property
    def noun(self) -> str:
        """What kind of thing it is about."""
        kind = self.entry["type"]
        return CHANGES[kind][0] if kind in CHANGES else kind.partition(".")[0]

    @property
    def fields(self) -> Iterator[tuple[str, Any]]:
        """Every field it has, with its value, and the values before and after a change."""
        yield from self.data.items()
        wanted = [] if self.request is None else self.request.changes
        for change in (*self.entry["changes"], *wanted):
            yield change["field"], change["before"]
            yield change["field"], change["after"]

    def refers_to(self, field: str) -> str | None:
        """Return what kind of thing a field refers to, if it refers to one."""
        return self.noun if field == OF_ITS_KIND else REFERS_TO.get(field)


class NamedThings:
    """All that some events name: rows as of each event, people as of now.

    Goals that are `hidden`, by their ids, are called `instead`.
    """

    def __init__(
        self,
        database: Database,
        people: Mapping[UUID, str],
        hidden: frozenset[str] = frozenset(),
        instead: str = "",
    ) -> None:
        self.people = people
        self.hidden, self.instead = hidden, instead
        self.rows = RowsAt(database)

    def load(self, events: list[EventFacts]) -> None:
        """Load the rows of all that some events are about or name."""
        pairs: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for event in events:
            for table, id_ in references(event):
                pairs[table].add((id_, event.position))
        objectives = pairs.pop("objective", set())
        self.rows.load_several(pairs)
        objectives |= {
            (row["objective_id"], position)
            for (table, _, position), row in self.rows.rows.items()
            if table == "key_result" and row is not None
        }
        self.rows.load("objective", objectives)

    def row(self, table: str, id_: str | None, position: int) -> Row | None:
        """Return the row of a thing as of a position, None if it was not loaded."""
        found = self.rows.at(table, id_, position)
        return found | {"title": self.instead} if found and id_ in self.hidden else found

    def name(self, table: str, id_: str, position: int) -> str | None:
        """Return the name of a thing as of a position, of a person that of now."""
        if table in IN_DIRECTORY:
            return self.people.get(UUID(id_))
        row = self.row(table, id_, position)
        return None if row is None else str(row[NAME_FIELDS[table]])

    def subject(self, event: EventFacts) -> tuple[GoalKind, Row] | None:
        """Return the kind and the row of the goal an event is about; None if it is about none."""
        kinds, id_ = [kind for kind in GOALS if kind == event.noun], event.stream
        if event.reading is not None:
            kinds, id_ = ["key_result", "kpi"], event.reading["measured_id"]
        if event.request is not None and (about := event.request.subject) is not None:
            kinds, id_ = [kind for kind in GOALS if kind == about["kind"]], about["id"]
        for kind in kinds:
            if (row := self.row(kind, id_, event.position)) is not None:
                return kind, row
        return None

    def goal(self, event: EventFacts) -> LoggedGoal | None:
        """Return the goal an event is about as it was right after it."""
        subject = self.subject(event)
        if subject is None:
            return None
        kind, row = subject
        objective = self.row("objective", row.get("objective_id"), event.position)
        return {
            "kind": kind,
            "id": row["id"],
            "title": row[NAME_FIELDS[kind]],
            "objective": None
            if objective is None
            else {"id": objective["id"], "title": objective["title"]},
        }


def id_of(reference: Actor | None) -> UUID | None:
    """Return the id in a reference; None for None."""
    return None if reference is None else reference["id"]


def references(event: EventFacts) -> Iterator[tuple[str, str]]:
    """Yield what an event is about and all it names, each with its table."""
    if event.noun in NAME_FIELDS:
        yield event.noun, event.stream
    if event.reading is not None:
        yield "key_result", event.reading["measured_id"]
        yield "kpi", event.reading["measured_id"]
    about = event.request and event.request.subject
    if about and about["kind"] in NAME_FIELDS:
        yield about["kind"], about["id"]
    for field, value in event.fields:
        table = event.refers_to(field)
        if table in NAME_FIELDS and isinstance(value, str):
            yield str(table), value


def people_named(events: Iterable[EventFacts]) -> set[UUID]:
    """Return the people whose names the sentences of events need."""
    people: set[UUID | None] = set()
    for event in events:
        people |= {event.by, event.on_behalf_of}
        if event.noun in IN_DIRECTORY:
            people.add(UUID(event.stream))
        if (request := event.request) is not None:
            people.add(UUID(request.asked_by))
            if request.subject is not None and request.subject["kind"] == "person":
                people.add(UUID(request.subject["id"]))
        people |= {
            UUID(value)
            for field, value in event.fields
            if value and REFERS_TO.get(field) == "person"
        }
    return {person for person in people if person is not None}


def redaction(
    redacted: Redacted | None, calendars: Calendars, language: Language
) -> dict[str, str]:
    """Return the facts of a redaction, none where there is none."""
    if redacted is None:
        return {}
    at = calendars.local(datetime.fromisoformat(redacted["recorded_at"]))
    return {
        "redacted_on": language.day(at.date().isoformat()),
        "redacted_ground": language.word("legal_ground", redacted["legal_ground"]),
    }
