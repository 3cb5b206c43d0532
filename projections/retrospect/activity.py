"""What happened to the goals of a cycle on the way: changes by their kind, and readings."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from okr_es.database.database import Database
from okr_es.scoring import formulas
from projections.as_of.moments import Moment
from projections.as_of.rows import among, many
from projections.goals.cycle_members import Members
from projections.goals.reader import Reader
from projections.goals.scoring import Row

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
OVERDUE = "overdue_readings"
NAMES = (*dict.fromkeys(COUNTED.values()), "corrections", "retractions", OVERDUE)


class Happening(NamedTuple):
    """Something counted: where it was recorded or, where time alone brought it, on which day."""

    name: str
    position: int | None = None
    day: date = date.max


class Happenings(NamedTuple):
    """What happened to each goal since its plan was committed, and confidence over time."""

    by_goal: dict[str, list[Happening]]
    confidence: dict[str, list[Row]]

    def of(self, *goals: str) -> list[Happening]:
        """Return what happened to some goals."""
        return [each for id_ in goals for each in self.by_goal.get(id_, ())]


def counted(happened: Iterable[Happening]) -> Row:
    """Return how often what happened."""
    whole = Counter(each.name for each in happened)
    return {name: whole[name] for name in NAMES}


def by_owner(owners: list[Row], happened: list[Happening]) -> list[list[Happening]]:
    """Return what happened in the time of each owner, what a day brought by the days."""
    positions, days = ([owner[name] for owner in owners] for name in ("from_position", "from"))
    found: list[list[Happening]] = [[] for _ in owners]
    for each in happened:
        if each.position is None:
            number = bisect_right(days, each.day)
        else:
            number = bisect_right(positions, each.position)
        found[max(number - 1, 0)].append(each)
    return found


def happenings(asking: Reader, database: Database, found: Members, moment: Moment) -> Happenings:
    """Return what happened to the goals of a cycle from its plan's commitment to a moment."""
    by_goal: dict[str, list[Happening]] = defaultdict(list)
    for stream, kind, position in changes(database, found, moment):
        by_goal[stream].append(Happening(COUNTED[kind], position))
    fed = fed_by(database, found, moment)
    rows = readings(database, found, [m for each in fed.values() for m in each], moment)
    confidence: dict[str, list[Row]] = {}
    for id_, measured in fed.items():
        row, own = found.key_results[id_], [each for m in measured for each in rows.get(m, ())]
        by_goal[id_] += corrected(own)
        by_goal[id_] += overdue(asking, found, row, rows, moment)
        confidence[id_] = confidences(asking, rows.get(id_, []), moment)
    return Happenings(by_goal, confidence)


def changes(database: Database, found: Members, moment: Moment) -> list[Any]:
    """Return what of COUNTED was done to each goal since the plan was committed, and where."""
    ids = many(database, [*found.objectives, *found.key_results])
    cast = "" if database.is_sqlite else "CAST(:ids AS uuid[])"
    streams = among(database, "ids") if database.is_sqlite else f"= ANY({cast})"
    shown = "stream" if database.is_sqlite else "CAST(stream AS text)"
    return database.rows(
        f"SELECT {shown}, type, position FROM events WHERE stream {streams} "
        f"AND type {among(database, 'types')} AND position > :first AND position <= :last",
        {
            "ids": ids,
            "types": many(database, COUNTED),
            "first": found.plan_commit_position or 0,
            "last": moment.known,
        },
    )


def fed_by(database: Database, found: Members, moment: Moment) -> dict[str, list[str]]:
    """Return what has measured each key result: its check-ins, and KPIs that ever fed it."""
    fed = {id_: [id_] for id_ in found.key_results}
    rows = database.rows(
        f"SELECT DISTINCT parent_id, child_id FROM links WHERE parent_id {among(database, 'ids')} "
        "AND kind = 'kpi' AND known_from <= :last",
        {"ids": many(database, list(fed)), "last": moment.plan},
    )
    for above, kpi in rows:
        fed[above].append(kpi)
    return fed


READING = ("measured_id", "id", "as_of", "confidence", "version", "retracted", "known_from",
           "known_until", "first_position", "recorded_at")  # fmt: skip


def readings(
    database: Database, found: Members, measured: list[str], moment: Moment
) -> dict[str, list[Row]]:
    """Return all versions of readings about the days of the cycle, by what they measure."""
    columns = ", ".join(f"r.{name}" for name in READING[:-1])
    last = max([found.cycle["ends"], *(o["due"] or "" for o in found.objectives.values())])
    asked = {
        "ids": many(database, sorted(set(measured))),
        "known": moment.known,
        "first": found.cycle["starts"],
        "until": min(last, moment.read_until.isoformat()),
    }
    rows = database.rows(
        f"SELECT {columns}, e.recorded_at FROM reading r "
        "JOIN events e ON e.position = r.known_from "
        f"WHERE r.measured_id {among(database, 'ids')} AND r.known_from <= :known "
        "AND r.as_of >= :first AND r.as_of <= :until ORDER BY r.known_from",
        asked,
    )
    by_measured: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_measured[row[0]].append(dict(zip(READING, row, strict=True)))
    return by_measured


def corrected(rows: list[Row]) -> Iterator[Happening]:
    """Yield the corrections and retractions some readings had."""
    for row in rows:
        if row["known_from"] != row["first_position"]:
            name = "retractions" if row["retracted"] else "corrections"
            yield Happening(name, row["known_from"])


def overdue(
    asking: Reader, found: Members, row: Row, rows: dict[str, list[Row]], moment: Moment
) -> Iterator[Happening]:
    """Yield each time the readings of a key result had become overdue."""
    objective = found.above(row)
    starts = date.fromisoformat(found.cycle["starts"])
    horizon = date.fromisoformat(objective["due"] or found.cycle["ends"])
    first = max(starts, asking.moments.day_at(row["first_position"]))
    last = min(horizon, moment.day)
    if row["dropped"] or objective["state"] == "abandoned":
        end = row if row["dropped"] else objective
        last = min(last, asking.moments.day_at(end["known_from"]))
    began = [
        (asking.moments.day_of(each["recorded_at"]), date.fromisoformat(each["as_of"]))
        for each in rows.get(row["kpi_id"] or row["id"], ())
        if each["known_from"] == each["first_position"]
    ]
    for day in formulas.overdue_spells(row["cadence"], first, last, began):
        yield Happening(OVERDUE, day=day)


def confidences(asking: Reader, rows: list[Row], moment: Moment) -> list[Row]:
    """Return how confident check-ins were, over time."""
    told = [
        {
            "as_of": row["as_of"],
            "recorded_on": asking.moments.day_at(row["first_position"]),
            "confidence": row["confidence"],
        }
        for row in rows
        if row["confidence"] is not None
        and row["known_until"] > moment.known
        and not row["retracted"]
    ]
    return sorted(told, key=lambda each: (str(each["as_of"]), each["recorded_on"]))
