"""All that the findings of a cycle are made of: its goals with all versions, and what fed them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple, TypedDict
from uuid import UUID

from okr_es.domain.policy import POLICY_ID
from projections.as_of.answers import GoalKind
from projections.as_of.hierarchy import Link, feeding
from projections.as_of.references import ref
from projections.as_of.view import View
from projections.audit_log.history import History
from projections.audit_log.logged_event import LoggedEvent
from projections.goals.cycle_members import Members, members
from projections.patterns.answers import AuditedGoal, FindingKind, MovedOutcome
from projections.read_model.tables import Row
from projections.retrospect.activity import readings
from projections.retrospect.eased_targets import Versions, by_id


class Facts(TypedDict, total=False):
    """The numbers of a finding, those that belong to its kind (see `FindingAnswer`)."""

    amount: str | None
    share: Decimal | None
    comparable: bool
    computed: Decimal | None
    days_left: int
    days_late: int
    days_back: int
    after_closing: bool
    times: int
    moved: list[MovedOutcome]


class Finding(NamedTuple):
    """An example of a pattern: of which goal (None: of several), in which events, and numbers."""

    kind: FindingKind
    goal_id: str | None
    positions: tuple[int, ...]
    facts: Facts


class CycleData(NamedTuple):
    """A cycle as of a view's moment; versions are the oldest first, events by position.

    Events are those of the cycle and its goals. Of a KPI those count that set its targets, and
    its readings about the days of the cycle. `beside` are the positions of others that a finding
    may show: of KPIs as such, of requests for approval, of scoring policies.
    """

    view: View
    members: Members
    objectives: Versions
    key_results: Versions
    kpis: Versions
    kpi_targets: Versions
    kpi_definitions: Versions
    readings: Versions
    approvals: Versions
    policies: list[Row]
    links: list[Link]
    goal_at: dict[int, str]
    beside: set[int]
    events: dict[int, LoggedEvent]

    @property
    def ends(self) -> date:
        """The last day of the cycle."""
        return date.fromisoformat(self.members.cycle["ends"])

    def steps(self, table: str, id_: str) -> Iterator[tuple[Row, Row]]:
        """Yield each change of an objective or key result: before and after."""
        rows = self.objectives if table == "objective" else self.key_results
        return pairwise(rows[id_])

    def is_closed_at(self, position: int) -> bool:
        """Return whether the cycle was closed when an event was recorded."""
        then = [row for row in self.members.versions if row["known_from"] < position]
        return bool(then) and then[-1]["closed"]

    def runs_at(self, position: int) -> bool:
        """Return whether the cycle had begun and was not closed when an event was recorded."""
        starts: str = self.members.cycle["starts"]
        return self.day(position).isoformat() >= starts and not self.is_closed_at(position)

    def before(self, table: str, id_: str, position: int) -> Row | None:
        """Return an objective or key result as it was before an event; None: it was not there."""
        rows = self.objectives if table == "objective" else self.key_results
        return next((r for r in reversed(rows[id_]) if r["known_from"] < position), None)

    def day(self, position: int) -> date:
        """Return the day one of the events was recorded on."""
        return self.view.dates.day_of(self.events[position].recorded_at)

    def kind_of(self, goal_id: str) -> GoalKind:
        """Return what a goal is: objective, key_result or kpi."""
        if goal_id in self.kpis:
            return "kpi"
        return "objective" if goal_id in self.members.objectives else "key_result"

    def goal(self, id_: str) -> AuditedGoal:
        """Return which goal a finding is about, as known at the moment."""
        kind = self.kind_of(id_)
        if kind == "kpi":
            row = owned = self.kpis[id_][-1]
            fed = next(each.parent_id for each in self.links if each.child_id == id_)
            objective = self.members.above(self.members.key_results[fed])
        else:
            row = self.members.objectives.get(id_) or self.members.key_results[id_]
            objective = self.members.above(row)
            owned = objective | {"owner_id": row["owner_id"] or objective["owner_id"]}
        return {
            "kind": kind,
            "id": id_,
            "objective": ref(objective["id"]),
            "title": row["name" if kind == "kpi" else "title"],
            "team": ref(owned["team_id"]),
            "owner": ref(owned["owner_id"]),
        }


def cycle_data(view: View, history: History, cycle_id: UUID) -> CycleData:
    """Return all that the findings of a cycle are made of; raise NotFound."""
    found = members(view, cycle_id)
    links = feeding(view, list(found.key_results))
    kpis = sorted({link.child_id for link in links})
    measured = readings(view, found, [*found.key_results, *kpis])
    data = CycleData(
        view,
        found,
        objectives=by_id(view.versions("objective", list(found.objectives))),
        key_results=by_id(view.versions("key_result", list(found.key_results))),
        kpis=by_id(view.versions("kpi", kpis)),
        kpi_targets=by_id(view.versions("kpi_target", kpis, by="kpi_id")),
        kpi_definitions=by_id(view.versions("kpi_definition", kpis, by="kpi_id")),
        readings=by_id(row for rows in measured.values() for row in rows),
        approvals=by_id(view.versions("approval", [str(cycle_id)], by="cycle_id")),
        policies=view.versions("scoring_policy", [str(POLICY_ID)]),
        links=links,
        goal_at={},
        beside=set(),
        events={},
    )
    data.goal_at.update(goals_by_position(data))
    positions = {*data.goal_at, *(row["known_from"] for row in found.versions)}
    data.beside.update(others(data) - positions)
    for rows in data.kpis.values():
        for row in rows:
            data.goal_at.setdefault(row["known_from"], row["id"])
    wanted = positions | data.beside
    data.events.update((event.position, event) for event in history.events(wanted))
    return data


def goals_by_position(data: CycleData) -> Iterator[tuple[int, str]]:
    """Yield the position of every event of the cycle's goals, with the goal it is about."""
    for rows in (*data.objectives.values(), *data.key_results.values()):
        yield from ((row["known_from"], row["id"]) for row in rows)
    for rows in data.kpi_targets.values():
        yield from ((row["known_from"], row["kpi_id"]) for row in rows)
    for rows in data.readings.values():
        yield from ((row["known_from"], row["measured_id"]) for row in rows)


def others(data: CycleData) -> set[int]:
    """Return the positions of what was done to its KPIs, to requests and to the policy."""
    versions = (*data.kpis.values(), *data.approvals.values(), data.policies)
    return {row["known_from"] for rows in versions for row in rows}
