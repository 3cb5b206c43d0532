"""Readings that the join of goals with their readings cannot find: by one more statement."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, TypeAlias

from okr_es.database.database import Row as Stored
from projections.as_of.view import View
from projections.goals.goal import Goal
from projections.goals.key_result_scores import KeyResultRow
from projections.goals.loading_sql import readings_statement
from projections.goals.past_loading import and_past, give_past, past_parameters

Days: TypeAlias = tuple[str, str]  # the first and the last day about which readings count


class Place(NamedTuple):
    """A key result of a goal, by its place among them, and its frame."""

    goal: Goal
    number: int
    row: KeyResultRow
    frame: Days


def complete_readings(
    view: View, goals: dict[str, Goal], joined: Days | None = None, *, with_past: bool = True
) -> bool:
    """Find by one statement the readings that the join missed; return whether there were any.

    Those are of key results whose last check-in has no value or no confidence, and of goals whose
    frame is another than the one readings were joined by; None: each was joined by its own. The
    same statement brings the past of goals that have ended after they were due.
    """
    until = view.moment.read_until.isoformat()
    late = [each for each in goals.values() if with_past and each.is_settled_late(until)]
    places = [
        Place(goal, number, row, frame)
        for goal in goals.values()
        for frame in ((goal.cycle["starts"], min(goal.cycle["ends"], until)),)
        for number, row in enumerate(goal.key_results)
        if is_silent(row) or frame != (joined or frame)
    ]
    if not places and not late:
        return False
    statement, parameters = readings_statement(view.dialect), dict[str, Any]()
    if late:
        statement, parameters = and_past(view.dialect, statement), past_parameters(view, late)
    rows = view.rows(
        statement,
        wanted=json.dumps([wanted(n, each) for n, each in enumerate(places)]),
        known=view.moment.known,
        **parameters,
    )
    take(places, [row for row in rows if row[0] >= 0])
    if late:
        give_past(view, late, {row[0]: row[1] for row in rows if row[0] < 0})
    return True


def is_silent(row: KeyResultRow) -> bool:
    """Return whether the last check-in gave no value, or no confidence."""
    if row.as_of is None or row.kpi_id is not None:
        return False
    return row.confidence is None or (row.value is None and row.zone is None)


def wanted(number: int, place: Place) -> list[Any]:
    """Return what the statement wants to know of a key result: see `WANTED`."""
    row = place.row
    return [number, row.fed_by, row.id, row.definition, row.own_definition, *place.frame]


def take(places: list[Place], rows: list[Stored]) -> None:
    """Put the readings that were found into the goals."""
    for number, value, zone, as_of, reading_id, done, evidence, confidence, started_at in rows:
        each = places[int(number)]
        each.goal.key_results[each.number] = each.row._replace(
            value=value, zone=zone, as_of=as_of, reading_id=reading_id, done=done,
            evidence=evidence, confidence=confidence, started_at=started_at,
        )  # fmt: skip
