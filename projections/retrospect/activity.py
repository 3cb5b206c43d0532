"""What happened to the goals of a cycle since its plan: changes by kind, readings, confidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from projections.as_of.hierarchy import Link, feeding
from projections.as_of.view import View
from projections.goals.cycle_members import Members
from projections.read_model.tables import Row
from projections.retrospect.discipline import Reads
from projections.retrospect.review_answers import Discipline, HappenedCounts, ReportedConfidence

COUNTED = {
    "objective.retitled": "retitlings",
    "key_result.retargeted": "retargets",
    "key_result.reweighted": "reweightings",
    "objective.realigned": "realignments",
    "objective.reassigned": "reassignments",
    "key_result.moved": "moves",
    "key_result.linked": "links",
    "key_result.unlinked": "links",
}
ENDED = ("objective.graded", "objective.abandoned", "key_result.dropped")
READING = ("measured_id", "id", "as_of", "value", "zone", "done", "confidence", "version",
           "retracted", "known_from", "known_until", "first_position", "recorded_at")  # fmt: skip


class Happening(NamedTuple):
    """Something counted: where it was recorded or, where time alone brought it, on which day."""

    name: str
    position: int | None = None
    day: date = date.max


class Activity(NamedTuple):
    """What happened to each goal since its plan was committed, and confidence over time."""

    by_goal: dict[str, list[Happening]]
    confidence: dict[str, list[ReportedConfidence]]

    def of(self, *goals: str) -> list[Happening]:
        """Return what happened to some goals."""
        return [each for id_ in goals for each in self.by_goal.get(id_, ())]


def counts(happened: Iterable[Happening]) -> HappenedCounts:
    """Return how often what happened."""
    whole = Counter(each.name for each in happened)
    return {
        "retitlings": whole["retitlings"],
        "retargets": whole["retargets"],
        "reweightings": whole["reweightings"],
        "realignments": whole["realignments"],
        "reassignments": whole["reassignments"],
        "moves": whole["moves"],
        "links": whole["links"],
        "corrections": whole["corrections"],
        "retractions": whole["retractions"],
        "discipline": discipline(whole),
    }


def discipline(whole: Counter[str]) -> Discipline:
    """Return how many readings were due, on time, late and missing."""
    kept = {"on_time": whole["on_time"], "late": whole["late"], "missing": whole["missing"]}
    return {"due": sum(kept.values()), **kept}  # type: ignore[typeddict-item]


def activity(view: View, found: Members) -> Activity:
    """Return what happened to the goals of a cycle from its plan's commitment to the moment."""
    by_goal: dict[str, list[Happening]] = defaultdict(list)
    ended: dict[str, int] = {}
    goals = {**found.objectives, **found.key_results}
    for stream, kind, position in changes(view, found):
        if kind in ENDED:
            ended[stream] = max(position, ended.get(stream, 0))
        elif position > (found.promised_at(goals[stream]) or 0):
            by_goal[stream].append(Happening(COUNTED[kind], position))
    links = feeding(view, list(found.key_results))
    fed = fed_by(found, links)
    rows = readings(view, found, [m for each in fed.values() for m in each])
    view.dates.recorded(
        {*positions_to_date(found, rows), *ended.values(), *(each.known_from for each in links)}
    )
    reads = Reads(view, found, links, rows)
    confidence: dict[str, list[ReportedConfidence]] = {}
    for id_, measured in fed.items():
        row, own = found.key_results[id_], [each for m in measured for each in rows.get(m, ())]
        by_goal[id_] += corrections(own)
        by_goal[id_] += [Happening(how, day=day) for how, day in reads.timeliness(row, ended)]
        confidence[id_] = confidences(view, rows.get(id_, []))
    return Activity(by_goal, confidence)


def positions_to_date(found: Members, rows: dict[str, list[Row]]) -> Iterator[int]:
    """Yield the positions whose days are asked for, so that one statement finds them all."""
    for row in found.rows:
        yield row["first_position"]
        if row["ended_at"] is not None:
            yield row["ended_at"]
    for each in rows.values():
        yield from (row["first_position"] for row in each if row["confidence"] is not None)


def changes(view: View, found: Members) -> list[Any]:
    """Return what was done to each goal since the first promise, and where.

    It is what is counted, and what ended a goal.
    """
    dialect = view.dialect
    of_each = "e.stream = i.value AND e.position > :first AND e.position <= :last"
    return view.rows(
        f"SELECT {dialect.id_as_text('e.stream')}, e.type, e.position "
        f"FROM ({dialect.unnest('ids', 'uuid')}) AS i {dialect.for_each('e', 'events', of_each)} "
        f"WHERE e.type {dialect.in_array('types')}",
        ids=view.array([*found.objectives, *found.key_results]),
        types=view.array([*COUNTED, *ENDED]),
        first=min((found.promised_at(row) or 0 for row in found.rows), default=0),
        last=view.moment.known,
    )


def fed_by(found: Members, links: list[Link]) -> dict[str, list[str]]:
    """Return what has measured each key result: its check-ins, and KPIs that ever fed it."""
    fed = {id_: {id_: None} for id_ in found.key_results}
    for link in links:
        fed[link.parent_id][link.child_id] = None
    return {id_: list(measured) for id_, measured in fed.items()}


def readings(view: View, found: Members, measured: list[str]) -> dict[str, list[Row]]:
    """Return all versions of readings about the days of the cycle, by what they measure."""
    columns = ", ".join(f"r.{name}" for name in READING[:-1])
    rows = view.rows(
        f"SELECT {columns}, e.recorded_at FROM reading r "
        "JOIN events e ON e.position = r.known_from "
        f"WHERE r.measured_id {view.dialect.in_array('ids')} AND r.known_from <= :known "
        "AND r.as_of >= :first AND r.as_of <= :until ORDER BY r.known_from",
        ids=view.array(sorted(set(measured))),
        known=view.moment.known,
        first=found.cycle["starts"],
        until=min(found.cycle["ends"], view.moment.read_until.isoformat()),
    )
    by_measured: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_measured[row[0]].append(dict(zip(READING, row, strict=True)))
    return by_measured


def corrections(rows: list[Row]) -> Iterator[Happening]:
    """Yield the corrections and retractions some readings had."""
    for row in rows:
        if row["known_from"] != row["first_position"]:
            name = "retractions" if row["retracted"] else "corrections"
            yield Happening(name, row["known_from"])


def confidences(view: View, rows: list[Row]) -> list[ReportedConfidence]:
    """Return how confident check-ins were, over time."""
    counting = [
        row
        for row in rows
        if row["confidence"] is not None
        and row["known_until"] > view.moment.known
        and not row["retracted"]
    ]
    days = view.days(row["first_position"] for row in counting)
    answers: list[ReportedConfidence] = [
        {
            "as_of": row["as_of"],
            "recorded_on": days[row["first_position"]],
            "confidence": row["confidence"],
        }
        for row in counting
    ]
    return sorted(answers, key=lambda each: (each["as_of"], each["recorded_on"]))
