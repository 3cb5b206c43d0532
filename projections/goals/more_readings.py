"""Readings that the join of goals with their readings cannot find: by one more statement."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, NamedTuple, TypeAlias

from okr_es.database.database import Row as Stored
from projections.as_of.view import View
from projections.goals.goal import Goal, Later
from projections.goals.key_result_scores import KeyResultRow
from projections.goals.loading_sql import readings_statement

Days: TypeAlias = tuple[str, str]  # the first and the last day about which readings count


class Place(NamedTuple):
    """A key result of a goal, by its place among them, and its frame."""

    goal: Goal
    number: int
    row: KeyResultRow
    frame: Days


def complete_readings(view: View, goals: dict[str, Goal], joined: Days | None = None) -> bool:
    """Find by one statement the readings that the join missed; return whether there were any.

    Those are of key results whose last check-in has no value or no confidence, and of goals whose
    frame is another than the one readings were joined by; None: each was joined by its own. For
    goals that have ended after they were due, and those that score them, also all readings about
    the days after that.
    """
    until = view.moment.read_until.isoformat()
    asked = asked_since(goals, until)
    for id_ in asked:
        goals[id_].later = []
    places = [
        Place(goal, number, row, frame)
        for goal in goals.values()
        for frame in ((goal.cycle["starts"], min(goal.cycle["ends"], until)),)
        for number, row in enumerate(goal.key_results)
        if is_silent(row) or frame != (joined or frame) or goal.row["id"] in asked
    ]
    if not places:
        return False
    lacking = [n for n, each in enumerate(places) if is_lacking(each, joined)]
    late = [n for n, each in enumerate(places) if each.goal.row["id"] in asked]
    rows = view.rows(
        readings_statement(view.dialect),
        wanted=json.dumps([wanted(n, places[n]) for n in lacking]),
        later=json.dumps([wanted_later(n, places[n], asked) for n in late]),
        known=view.moment.known,
    )
    take(places, [row for row in rows if row[-1] is None])
    take_later(places, late, [row for row in rows if row[-1] is not None], asked)
    return True


def asked_since(goals: dict[str, Goal], until: str) -> dict[str, str]:
    """Return from which day on it is asked what goals came to, by id.

    It is the day one was due that ended after it; where others score it, that is asked of them.
    """
    late = [goal for goal in goals.values() if goal.is_settled_late(until)]
    if not late:
        return {}
    below: dict[str, list[Goal]] = defaultdict(list)
    for goal in goals.values():
        below[goal.row["parent_objective_id"] or ""].append(goal)
    found: dict[str, str] = {}
    for goal in late:
        asked, due = [goal], goal.row["due"]
        while asked:
            each = asked.pop()
            found[each.row["id"]] = min(due, found.get(each.row["id"], due))
            if each.is_scored_by_others:
                asked += [one for one in below[each.row["id"]] if each.may_be_scored_by(one)]
    return found


def is_silent(row: KeyResultRow) -> bool:
    """Return whether the last check-in gave no value, or no confidence."""
    if row.as_of is None or row.kpi_id is not None:
        return False
    return row.confidence is None or (row.value is None and row.zone is None)


def is_lacking(place: Place, joined: Days | None) -> bool:
    """Return whether the join did not find the reading of a key result."""
    return is_silent(place.row) or place.frame != (joined or place.frame)


def wanted(number: int, place: Place) -> list[Any]:
    """Return what the statement wants to know of a key result: see `WANTED`."""
    row = place.row
    return [number, row.fed_by, row.id, row.definition, row.own_definition, *place.frame]


def wanted_later(number: int, place: Place, asked: dict[str, str]) -> list[Any]:
    """Return what the statement wants to know of one that was due before: see `LATER`."""
    row, due = place.row, asked[place.goal.row["id"]]
    return [number, row.fed_by, row.own_definition, place.frame[0], due, place.frame[1]]


def take(places: list[Place], rows: list[Stored]) -> None:
    """Put the readings that were found into the goals."""
    for number, value, zone, as_of, reading_id, done, confidence, started_at, _ in rows:
        each = places[int(number)]
        each.goal.key_results[each.number] = each.row._replace(
            value=value, zone=zone, as_of=as_of, reading_id=reading_id, done=done,
            confidence=confidence, started_at=started_at,
        )  # fmt: skip


def take_later(
    places: list[Place], late: list[int], rows: list[Stored], asked: dict[str, str]
) -> None:
    """Put into each goal its key results by the day asked, and with each reading after it."""
    found: dict[str, list[tuple[str, int, int, KeyResultRow]]] = defaultdict(list)
    for number in late:
        found[places[number].goal.row["id"]] = []
    for number, value, zone, as_of, reading_id, done, _, _, first_position in rows:
        each = places[int(number)]
        row = each.row._replace(
            value=value, zone=zone, as_of=as_of, reading_id=reading_id, done=done
        )
        found[each.goal.row["id"]].append((as_of, int(first_position), each.number, row))
    goals = {places[number].goal.row["id"]: places[number].goal for number in late}
    for id_, readings in found.items():
        readings.sort(key=lambda each: each[:2])
        goals[id_].later = later(goals[id_], readings, asked[id_])


def later(goal: Goal, readings: list[tuple[str, int, int, KeyResultRow]], due: str) -> Later:
    """Return key results by the day from which they were so, the first by the day of its due.

    Readings are the last by that day and all about later ones, in order: the day, the position,
    which key result, and that with the reading. On each day they are as they were at its end.
    """
    current = [without_reading(row) for row in goal.key_results]
    found: Later = []
    for day, _, number, row in readings:
        if day > due and not found:
            found.append((due, list(current)))
        current[number] = row
        if day > due and found[-1][0] == day:
            found[-1][1][number] = row
        elif day > due:
            found.append((day, list(current)))
    return found or [(due, current)]


def without_reading(row: KeyResultRow) -> KeyResultRow:
    """Return a key result as if it had not been read."""
    return row._replace(value=None, zone=None, as_of=None, reading_id=None, done=None)
