"""A cycle laid open for an auditor: its goals with all their versions, and what measured them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from projections.as_of.moments import Moment
from projections.as_of.rows import among, many, named, versions
from projections.audit_log.history import History
from projections.goals.cycle_members import Members, members
from projections.goals.reader import Reader
from projections.goals.scoring import Row
from projections.read_model.tables import plain
from projections.retrospect.activity import readings

Versions = dict[str, list[Row]]
FED = "SELECT parent_id, child_id, known_from, known_until FROM links WHERE kind = 'kpi'"
TARGETS = f"SELECT {named('kpi_target')} FROM kpi_target WHERE known_from <= :last"


class Finding(NamedTuple):
    """Something worth a look: of which goal (None: of several), in which events, and numbers."""

    kind: str
    goal_id: str | None
    positions: tuple[int, ...]
    facts: dict[str, Any]


class Fed(NamedTuple):
    """From when to when a KPI fed a key result."""

    key_result_id: str
    kpi_id: str
    known_from: int
    known_until: int


class Looked(NamedTuple):
    """What a cycle's findings are made of, as of a moment; versions are the oldest first."""

    asking: Reader
    records: History
    database: Database
    moment: Moment
    found: Members
    cycle: list[Row]
    objectives: Versions
    key_results: Versions
    kpis: Versions
    kpi_targets: Versions
    readings: Versions
    fed: list[Fed]
    goal_at: dict[int, str]

    @property
    def ends(self) -> date:
        """The last day of the cycle."""
        return date.fromisoformat(self.found.cycle["ends"])

    def steps(self, table: str, id_: str) -> Iterator[tuple[Row, Row]]:
        """Yield each change of an objective or key result: before and after."""
        rows = self.objectives if table == "objective" else self.key_results
        return pairwise(rows[id_])

    def is_closed_at(self, position: int) -> bool:
        """Return whether the cycle was closed when an event was recorded."""
        then = [row for row in self.cycle if row["known_from"] < position]
        return bool(then) and then[-1]["closed"]

    def goal(self, id_: str) -> Row:
        """Return which goal a finding is about, as known at the moment."""
        if id_ in self.kpis:
            row = self.kpis[id_][-1]
            fed = next(each.key_result_id for each in self.fed if each.kpi_id == id_)
            objective = self.found.above(self.found.key_results[fed])
            kind, statement, whose = "kpi", row["name"], row
        else:
            row = self.found.objectives.get(id_) or self.found.key_results[id_]
            objective = whose = self.found.above(row)
            kind, statement = "objective" if row is objective else "key_result", row["title"]
        return {
            "kind": kind,
            "id": id_,
            "objective_id": objective["id"],
            "title": statement,
            "team_id": whose["team_id"],
            "owner_id": whose["owner_id"],
        }


def look(asking: Reader, records: History, cycle_id: UUID, known_at: str | None) -> Looked:
    """Lay a cycle open as of a moment; raise NotFound."""
    database, moment = asking.settled(asking.moment(known_at, None, cycle_id))
    found, last = members(database, cycle_id, moment.plan), moment.plan
    fed = feeding(database, list(found.key_results), last)
    kpis = sorted({each.kpi_id for each in fed})
    measured = readings(database, found, [*found.key_results, *kpis], moment)
    looked = Looked(
        asking,
        records,
        database,
        moment,
        found,
        cycle=versions(database, "cycle", [str(cycle_id)], last),
        objectives=by_id(versions(database, "objective", list(found.objectives), last)),
        key_results=by_id(versions(database, "key_result", list(found.key_results), last)),
        kpis=by_id(versions(database, "kpi", kpis, last)),
        kpi_targets=by_id(targets(database, kpis, last)),
        readings=by_id([row for rows in measured.values() for row in rows]),
        fed=fed,
        goal_at={},
    )
    looked.goal_at.update(goals_by_position(looked))
    return looked


def by_id(rows: list[Row]) -> Versions:
    """Return versions by what they are of."""
    found: Versions = defaultdict(list)
    for row in rows:
        found[row["id"]].append(row)
    return dict(found)


def feeding(database: Database, key_results: list[str], last: int) -> list[Fed]:
    """Return which KPIs fed some key results up to a position, and when."""
    rows = database.rows(
        f"{FED} AND parent_id {among(database, 'ids')} AND known_from <= :last "
        "ORDER BY known_from, parent_id",
        {"ids": many(database, key_results), "last": last},
    )
    return [Fed(*row) for row in rows]


def targets(database: Database, kpis: list[str], last: int) -> list[Row]:
    """Return all versions of the targets of some KPIs up to a position, oldest first."""
    rows = database.rows(
        f"{TARGETS} AND kpi_id {among(database, 'ids')} ORDER BY known_from",
        {"ids": many(database, kpis), "last": last},
    )
    return [plain("kpi_target", row) for row in rows]


def goals_by_position(looked: Looked) -> Iterator[tuple[int, str]]:
    """Yield the position of every event of the cycle's goals, with the goal it is about.

    Of a KPI those count that set its targets, and its readings about the days of the cycle.
    """
    for rows in (*looked.objectives.values(), *looked.key_results.values()):
        yield from ((row["known_from"], row["id"]) for row in rows)
    for rows in looked.kpi_targets.values():
        yield from ((row["known_from"], row["kpi_id"]) for row in rows)
    for rows in looked.readings.values():
        yield from ((row["known_from"], row["measured_id"]) for row in rows)
