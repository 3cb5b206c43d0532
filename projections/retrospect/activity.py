"""What happened to the goals of a cycle since its plan: changes by kind, readings, confidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from projections.as_of.hierarchy import Link, feeding
from projections.as_of.view import View
from projections.goals.cycle_members import Members
from projections.read_model.tables import Row
from projections.retrospect.discipline import Reads
from projections.retrospect.eased_targets import (
    eased_kpi_targets,
    eased_promises,
    kpi_targets,
)
from projections.retrospect.review_answers import Discipline, HappenedCounts, ReportedConfidence

COUNTED = {
    "objective.retitled": "retitlings",
    "key_result.retitled": "retitlings",
    "objective.rescheduled": "reschedulings",
    "objective.commitment_replaced": "commitment_changes",
    "key_result.retargeted": "retargets",
    "key_result.reweighted": "reweightings",
    "objective.realigned": "realignments",
    "objective.reassigned": "reassignments",
    "key_result.reassigned": "reassignments",
    "key_result.moved": "moves",
    "key_result.linked": "links",
    "key_result.unlinked": "links",
    "key_result.corrected": "promise_corrections",
    "objective.corrected": "promise_corrections",
}
RETARGETED = "key_result.retargeted"
EASED = "eased_targets"
CORRECTIONS = ("key_result.corrected", "objective.corrected")  # of what is promised
NAME = itemgetter(0)
NEVER = dict.fromkeys(
    (*COUNTED.values(), EASED, "corrections", "retractions", "on_time", "late", "missing"), 0
)
ENDED = ("objective.graded", "objective.abandoned", "key_result.dropped")
READING = ("measured_id", "id", "as_of", "value", "zone", "done", "confidence", "version",
           "retracted", "known_from", "known_until", "first_position", "recorded_at")  # fmt: skip


class Happening(NamedTuple):
    """Something counted, and the day it was recorded on or, of time alone, on which it came.

    `source` says which it is, since two goals may show the same: its position in the log, or the
    key result with the number of what was due.
    """

    name: str
    day: date
    source: int | tuple[str, int]


class Activity(NamedTuple):
    """What happened to each goal since its plan was committed, and confidence over time."""

    by_goal: dict[str, list[Happening]]
    confidence: dict[str, list[ReportedConfidence]]

    def of(self, *goals: str) -> list[Happening]:
        """Return what happened to some goals."""
        return [each for id_ in goals for each in self.by_goal.get(id_, ())]


def counts(happened: Iterable[Happening]) -> HappenedCounts:
    """Return how often what happened, each once, also where several of the goals show it."""
    whole = NEVER | Counter(map(NAME, set(happened)))
    return {
        "retitlings": whole["retitlings"],
        "reschedulings": whole["reschedulings"],
        "commitment_changes": whole["commitment_changes"],
        "retargets": whole["retargets"],
        "reweightings": whole["reweightings"],
        "realignments": whole["realignments"],
        "reassignments": whole["reassignments"],
        "moves": whole["moves"],
        "links": whole["links"],
        "eased_targets": whole[EASED],
        "promise_corrections": whole["promise_corrections"],
        "corrections": whole["corrections"],
        "retractions": whole["retractions"],
        "discipline": discipline(whole),
    }


def discipline(whole: Mapping[str, int]) -> Discipline:
    """Return how many readings were due, on time, late and missing."""
    kept = {"on_time": whole["on_time"], "late": whole["late"], "missing": whole["missing"]}
    return {"due": sum(kept.values()), **kept}  # type: ignore[typeddict-item]


def activity(view: View, found: Members, *, with_confidence: bool = True) -> Activity:
    """Return what happened to the goals of a cycle from its plan's commitment to the moment.

    `with_confidence`: also how confident check-ins were.
    """
    by_goal: dict[str, list[Happening]] = defaultdict(list)
    ended: dict[str, str] = {}
    promised = {row["id"]: found.promised_at(row) or 0 for row in found.rows}
    day_of, retargeted = view.dates.day_of, dict[tuple[str, int], date]()
    for stream, kind, position, recorded_at in changes(view, promised):
        if kind in ENDED:
            ended[stream] = max(recorded_at, ended.get(stream, ""))
        elif position > promised[stream] and (promised[stream] or kind not in CORRECTIONS):
            by_goal[stream].append(Happening(COUNTED[kind], day_of(recorded_at), position))
            if kind == RETARGETED:
                retargeted[stream, position] = day_of(recorded_at)
    links = feeding(view, list(found.key_results))
    for id_, eased in eased_targets(view, found, links, retargeted):
        by_goal[id_].append(eased)
    fed = fed_by(found, links)
    rows = readings(view, found, [m for each in fed.values() for m in each])
    times = times_of(view, rows, links) if with_confidence else {}
    reads = Reads(view, found, links, rows, ended)
    confidence: dict[str, list[ReportedConfidence]] = {}
    for id_, measured in fed.items():
        row, own = found.key_results[id_], [each for m in measured for each in rows.get(m, ())]
        by_goal[id_] += corrections(own, day_of)
        due = enumerate(reads.timeliness(row))
        by_goal[id_] += [Happening(name, day, (id_, number)) for number, (name, day) in due]
        if with_confidence:
            confidence[id_] = confidences(view, rows.get(id_, []), times)
    return Activity(by_goal, confidence)


def eased_targets(
    view: View, found: Members, links: list[Link], retargeted: Mapping[tuple[str, int], date]
) -> Iterator[tuple[str, Happening]]:
    """Yield the targets of promises that were made easier: of each key result, and of its KPIs.

    `retargeted` are the key results and positions of changed targets, with their days.
    """
    for each in eased_promises(view, retargeted):
        yield each[0], Happening(EASED, retargeted[each], each[1])
    of_kpis = list(eased_kpi_targets(kpi_targets(view, found, links)))
    days = view.days({each.position for each in of_kpis}) if of_kpis else {}
    for target in of_kpis:
        for id_ in target.key_results:
            yield id_, Happening(EASED, days[target.position], target.position)


def changes(view: View, promised: Mapping[str, int]) -> list[Any]:
    """Return what was done to each goal since the first promise, where and when.

    It is what is counted, and what ended a goal.
    """
    dialect = view.dialect
    of_each = "e.stream = i.value AND e.position > :first AND e.position <= :last"
    return view.rows(
        f"SELECT {dialect.id_as_text('e.stream')}, e.type, e.position, e.recorded_at "
        f"FROM ({dialect.unnest('ids', 'uuid')}) AS i {dialect.for_each('e', 'events', of_each)} "
        f"WHERE e.type {dialect.in_array('types')}",
        ids=view.array(promised),
        types=view.array([*COUNTED, *ENDED]),
        first=min(promised.values(), default=0),
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


def times_of(view: View, rows: dict[str, list[Row]], links: list[Link]) -> dict[int, str]:
    """Return when readings and links were first recorded, by position.

    Versions of a reading say it themselves; the first is not there if it was about another cycle.
    """
    versions = [each for own in rows.values() for each in own]
    times = {each["known_from"]: each["recorded_at"] for each in versions}
    wanted = {each["first_position"] for each in versions} | {each.known_from for each in links}
    return times | view.dates.recorded(wanted - times.keys())


def corrections(rows: list[Row], day_of: Callable[[str], date]) -> Iterator[Happening]:
    """Yield the corrections and retractions some readings had."""
    for row in rows:
        if row["known_from"] != row["first_position"]:
            name = "retractions" if row["retracted"] else "corrections"
            yield Happening(name, day_of(row["recorded_at"]), row["known_from"])


def confidences(view: View, rows: list[Row], times: dict[int, str]) -> list[ReportedConfidence]:
    """Return how confident check-ins were, over time; `times` are those of their positions."""
    known, day_of = view.moment.known, view.dates.day_of
    answers: list[ReportedConfidence] = [
        {
            "as_of": row["as_of"],
            "recorded_on": day_of(times[row["first_position"]]),
            "confidence": row["confidence"],
        }
        for row in rows
        if row["confidence"] is not None and row["known_until"] > known and not row["retracted"]
    ]
    return sorted(answers, key=lambda each: (each["as_of"], each["recorded_on"]))
