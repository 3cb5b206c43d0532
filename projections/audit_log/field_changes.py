"""Field changes of events, before and after, from the versions that the events ended and began."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import compress
from operator import ne
from typing import Any

import msgspec

from okr_es.database.database import Row as Stored
from okr_es.database.dialect import Dialect
from projections.audit_log.answers import ChangeAnswer
from projections.audit_log.logged_event import LoggedEvent
from projections.read_model.changes import CHANGES
from projections.read_model.projector import KPI_SPANS, NEW_READINGS
from projections.read_model.tables import BOOLEANS, FIELDS, FOREVER, VERSIONED

HIDDEN = {
    "id", "known_from", "known_until", "version", "first_position", "parent_objective_id", "node",
    "committed_at", "committed_time", "added_time", "linked_time", "promised_at", "covered_by",
    "ended_at", "first_key_result", "lineage", "definition", "earlier_steps", "done",
    "earlier_cadences", "came_at", "about",
    "redefined_at", "revisions", "returns", "closing_position", "plan_commits", "closings",
    "defined_from", "redated", "turns", "corrections", "corrected", "corrects", "renamed_steps",
    "title_key", "words",
}  # fmt: skip
HIDDEN_OF = {table.name: HIDDEN | {"cycle_id"} for table in VERSIONED} | {"objective": HIDDEN}

# Of each table the fields whose changes are shown.
SHOWN_FIELDS = {
    table.name: [name for name in FIELDS[table.name] if name not in HIDDEN_OF[table.name]]
    for table in VERSIONED
}
# Few goals have this, and only of these it is said as they begin.
UNLESS_TRUE = frozenset({"confidential"})
CORRECTS = "corrects"  # read beside them: what the event of a version corrected, if it did
READ_FIELDS = {
    table: [*names, CORRECTS] if CORRECTS in FIELDS[table] else names
    for table, names in SHOWN_FIELDS.items()
}
PLACE_OF_DAY = {
    table: names.index("effective") if "effective" in names else None
    for table, names in SHOWN_FIELDS.items()
}
NONE_YET = {table: [None] * len(names) for table, names in READ_FIELDS.items()}

# All versions of some things that held between the first and the last of some events.
BETWEEN = f"""
  FROM {{table}} now JOIN {{table}} v ON v.id = now.id AND v.known_from <= :last
    AND v.known_from >= coalesce((SELECT max(u.known_from) FROM {{table}} u
      WHERE u.id = now.id AND u.known_from < :first), :first)
  WHERE now.known_until = {FOREVER} AND now.{{whose}} {{in_ids}}
"""
# The versions that began or ended at an event of their thing.
AT = """
  FROM {pairs} AS p CROSS JOIN {table} v WHERE v.id = p.id AND v.known_from IN (p.position,
    (SELECT max(u.known_from) FROM {table} u WHERE u.id = p.id AND u.known_from < p.position))
"""
TARGETS_AT = f"""
  FROM {{pairs}} AS p JOIN {{table}} now ON now.kpi_id = p.id AND now.known_until = {FOREVER}
  JOIN {{table}} v ON v.id = now.id AND (v.known_from = p.position OR v.known_until = p.position)
"""
NEW = "FROM reading v WHERE v.known_from {in_positions}"
CHANGED = "FROM events e JOIN reading v ON v.known_from = e.position WHERE e.stream {in_ids}"
NOTHING = "SELECT '', '', 0, 0, '' WHERE 1 = 0"

Statement = tuple[str, dict[str, Any]]
decode = msgspec.json.Decoder(list[Any]).decode


def versions_statement(
    events: Sequence[LoggedEvent], dialect: Dialect, *, lie_close: bool
) -> Statement:
    """Return the statement of the versions that events began and ended, with its parameters.

    Where events are of few things (a history), all versions between the first and the last are
    read, which is faster than to look up each. Each row is a table, the version's id
    and bounds, and a JSON array of its fields.
    """
    places: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for event in events:
        for source in sources_of(event.type):
            places[source].append((event.stream, event.position))
    parameters: dict[str, Any] = {
        source: parameter_of(source, each, dialect, lie_close=lie_close)
        for source, each in places.items()
    }
    if lie_close and events:
        parameters |= {"first": events[-1].position, "last": events[0].position}
    return versions_of(tuple(sorted(places)), dialect, lie_close), parameters


@cache
def sources_of(kind: str) -> tuple[str, ...]:
    """Return the sources of versions of a type of event: tables; of readings new or changed."""
    targets = ("kpi_target",) if kind in KPI_SPANS else ()
    if kind in NEW_READINGS:
        return "new", *targets
    if kind.startswith("reading."):
        return "changed", *targets
    return (CHANGES[kind][0], *targets) if kind in CHANGES else targets


def parameter_of(
    source: str, places: list[tuple[str, int]], dialect: Dialect, *, lie_close: bool
) -> str:
    """Return the parameter of a source: positions, ids, or pairs of both."""
    if source == "new":
        return dialect.array(position for _, position in places)
    if source == "changed" or lie_close:
        return dialect.array(sorted({stream for stream, _ in places}))
    return json.dumps(places)


@cache
def versions_of(sources: tuple[str, ...], dialect: Dialect, lie_close: bool) -> str:  # noqa: FBT001
    """Return the SQL of the versions in some sources, each with a parameter of its name."""
    queries = []
    for source in sources:
        table = "reading" if source in {"new", "changed"} else source
        fields = dialect.json_array(f"v.{name}" for name in READ_FIELDS[table])
        where = query_of(source, dialect, lie_close=lie_close)
        queries.append(f"SELECT '{table}', v.id, v.known_from, v.known_until, {fields} {where}")
    return " UNION ALL ".join(queries) or NOTHING


def query_of(source: str, dialect: Dialect, *, lie_close: bool) -> str:
    """Return the query of versions `v` in a source, from FROM on."""
    if source == "new":
        return NEW.format(in_positions=dialect.in_array(source, "bigint"))
    if source == "changed":
        return CHANGED.format(in_ids=dialect.in_array(source, "uuid"))
    if lie_close:
        whose = "kpi_id" if source == "kpi_target" else "id"
        return BETWEEN.format(table=source, whose=whose, in_ids=dialect.in_array(source))
    query = TARGETS_AT if source == "kpi_target" else AT
    return query.format(table=source, pairs=dialect.relation(source, id="text", position="bigint"))


def changes_by_position(
    events: Iterable[LoggedEvent], rows: Sequence[Stored]
) -> dict[int, list[ChangeAnswer]]:
    """Return what each event changed, field by field, by position, from the statement's rows."""
    began: dict[tuple[str, str, int], list[Any]] = {}
    ended: dict[tuple[str, str, int], list[Any]] = {}
    for table, id_, first, until, text in rows:
        began[table, id_, first] = ended[table, id_, until] = decode(text)
    positions = {event.position for event in events}
    changes: dict[int, list[ChangeAnswer]] = defaultdict(list)
    for version, fields in began.items():
        table, _, position = version
        if position in positions:
            before = ended.get(version, NONE_YET[table])
            changes[position] += differences(table, without_days(table, before), fields)
    return changes


def differences(table: str, before: list[Any], after: list[Any]) -> list[ChangeAnswer]:
    """Return the fields that differ between two versions; of a first one all that are set.

    A correction says itself what was said and what was meant, also where neither is in force.
    """
    if READ_FIELDS[table][-1] == CORRECTS and after[-1] is not None:
        return [
            {"field": name, "before": said, "after": meant}
            for name, said, meant in decode(after[-1])
        ]
    shown = zip(SHOWN_FIELDS[table], before, after, strict=False)  # what it corrects stands behind
    differ = map(ne, before, after)
    return [
        {"field": name, "before": was, "after": is_}
        if name not in BOOLEANS[table]
        else {"field": name, "before": as_boolean(was), "after": as_boolean(is_)}
        for name, was, is_ in compress(shown, differ)
        if is_ or was or name not in UNLESS_TRUE
    ]


def without_days(table: str, fields: list[Any]) -> list[Any]:
    """Return fields of a version without the day it held from: only its own event shows that."""
    place = PLACE_OF_DAY[table]
    if place is None or fields[place] is None:
        return fields
    return [*fields[:place], None, *fields[place + 1 :]]


def as_boolean(value: Any) -> bool | None:
    """Return a stored boolean as such on both engines."""
    return value if value is None else bool(value)
