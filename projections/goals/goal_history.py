"""Versions of the goals of a closure between two positions, read a stretch of the log at a time.

However many events lie between, a stretch takes three statements; what was valid at the first
position takes three more, cycles and scoring policies one each.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, Generic, NamedTuple, TypeVar

from okr_es.database.database import Row as Stored
from okr_es.domain.values import Zone
from okr_es.scoring.formulas import Policy
from projections.as_of.hierarchy import Closure, Span
from projections.as_of.rows import columns
from projections.as_of.view import View
from projections.goals.kpi_facts import Definition
from projections.goals.loading import objective_of, unpacked_cycle
from projections.goals.loading_sql import KEY_RESULT, OBJECTIVE, named
from projections.goals.past import Plans
from projections.goals.past_loading import plans_of
from projections.goals.scoring import BUILT_IN, POLICY_FIELDS, policy_of
from projections.read_model.tables import FOREVER, Row, plain

STRETCH = 20_000

# A key result as a row of KEY_RESULT; its reading is found by the timeline.
FROM_READINGS = frozenset({
    "confidence", "value", "zone", "as_of", "reading_id", "done", "evidence", "started_at",
    "combines", "span",
})  # fmt: skip
KEY_RESULT_COLUMNS = ", ".join(
    f"NULL AS {name}" if name in FROM_READINGS else name for name in KEY_RESULT
)
KEY_RESULT_ID = KEY_RESULT.index("id")
READING = ("known_from", "measured_id", "id", "first_position", "as_of", "value", "zone",
           "confidence", "retracted", "definition", "done", "subject", "evidence")  # fmt: skip


class GoalVersion(NamedTuple):
    """A version of an objective or a key result that began at a position."""

    position: int
    table: str
    row: Any  # of an objective its fields; of a key result KEY_RESULT, and whether it is dropped

    @property
    def id(self) -> str:
        """The id of the objective or key result."""
        return str(self.row["id"] if self.table == "objective" else self.row[KEY_RESULT_ID])


class ReadingVersion(NamedTuple):
    """A version of a reading that began at a position."""

    position: int
    measured_id: str
    id: str
    first_position: int
    as_of: str
    value: str | None
    zone: Zone | None
    confidence: int | None
    retracted: bool
    definition: str | None
    done: str | None
    subject: str | None
    evidence: str | None


class KpiDefinition(NamedTuple):
    """A definition of a KPI, and the position it was recorded at."""

    position: int
    kpi_id: str
    definition: Definition


class GoalHistory:
    """The versions of all goals of a closure, from positions of plan and readings to a view's."""

    def __init__(
        self, view: View, closure: Closure, plan: int, known: int, first_day: date
    ) -> None:
        self.view = view
        self.closure = closure
        self.plan = plan
        self.known = known
        self.first_day = first_day
        self.objective_ids = view.array(closure.objectives)
        self.key_result_ids = view.array(closure.key_results)
        self.measured_ids = view.array([*closure.key_results, *closure.kpis])
        self.plans = Plans((), ())
        self.plan_changes = lru_cache(maxsize=1)(self.read_plan_changes)
        self.reading_changes = lru_cache(maxsize=1)(self.read_reading_changes)

    def share_plan(self, other: GoalHistory) -> None:
        """Take cycles, policies, objectives and key results from another of the same positions."""
        self.cycles, self.policies, self.first_plan = other.cycles, other.policies, other.first_plan
        self.plan_changes = other.plan_changes
        self.definitions = other.definitions

    # ---- what few events change -------------------------------------------------------------

    @cached_property
    def cycles(self) -> dict[str, list[Row]]:
        """All versions of the goals' cycles by id, the oldest first."""
        among = self.view.dialect.in_array("ids")
        rows = self.view.rows(
            f"SELECT {columns('cycle')} FROM cycle WHERE known_from <= :known AND id IN "
            f"(SELECT o.cycle_id FROM objective o WHERE o.id {among} "
            f"AND o.known_until = {FOREVER}) ORDER BY known_from",
            ids=self.objective_ids,
            known=self.view.moment.known,
        )
        found: dict[str, list[Row]] = {}
        for row in rows:
            cycle = unpacked_cycle(plain("cycle", row))
            found.setdefault(cycle["id"], []).append(cycle)
        return found

    @cached_property
    def policies(self) -> list[tuple[int, Policy]]:
        """The scoring policies with the positions they hold from, the built-in one first."""
        rows = self.view.rows(
            f"SELECT known_from, {', '.join(POLICY_FIELDS)} FROM scoring_policy "
            "WHERE known_from <= :plan ORDER BY known_from",
            plan=self.view.moment.plan,
        )
        return [(0, BUILT_IN), *((int(first), policy_of(*fields)) for first, *fields in rows)]

    @cached_property
    def definitions(self) -> list[KpiDefinition]:
        """All definitions of the KPIs that ever fed the goals, in the order they were recorded."""
        if not self.closure.kpis:
            return []
        rows = self.view.rows(
            "SELECT known_from, kpi_id, effective, counts, aggregation FROM kpi_definition "
            f"WHERE kpi_id {self.view.dialect.in_array('ids')} AND known_from <= :known "
            "ORDER BY known_from",
            ids=self.view.array(self.closure.kpis),
            known=self.view.moment.known,
        )
        return [
            KpiDefinition(int(position), kpi_id, Definition(*definition))
            for position, kpi_id, *definition in rows
        ]

    def plans_of(self, id_: str) -> Plans:
        """Return all plans of an objective that has ended after it was due; found once for all."""
        if id_ not in self.plans.versions:
            self.plans = plans_of(self.view, list(self.closure.objectives))
        return self.plans

    # ---- what was valid at the first positions ----------------------------------------------

    @cached_property
    def first_plan(self) -> list[GoalVersion]:
        """The objectives and key results that were valid at the first position."""
        return self.changes("known_from <= :first AND known_until > :first", {"first": self.plan})

    @cached_property
    def first_readings(self) -> list[ReadingVersion]:
        """The readings that were known at the first position and may count from then on.

        What lies before a reading that is known before the first of their days, and is never
        corrected, never does.
        """
        versions = chain.from_iterable(self.cycles.values())
        starts = min((row["starts"] for row in versions), default="")
        return self.readings(
            f"FROM ({self.view.dialect.unnest('ids')}) AS i JOIN reading r "
            "ON r.measured_id = i.value WHERE r.known_from <= :first AND r.known_until > :first "
            "AND NOT r.retracted AND r.as_of >= coalesce((SELECT a.as_of FROM reading a "
            "WHERE a.measured_id = i.value AND a.as_of < :day AND a.known_from + 0 <= :first "
            "AND a.known_until > :last AND NOT a.retracted "
            "AND coalesce(a.value, a.zone) IS NOT NULL "
            "ORDER BY a.as_of DESC, a.first_position DESC LIMIT 1), '')",
            first=self.known,
            last=self.view.moment.known,
            day=min(self.first_day.isoformat(), starts),
        )

    # ---- what began later -------------------------------------------------------------------

    def read_plan_changes(self, first: int, last: int) -> list[GoalVersion]:
        """Return the objectives and key results that began behind a position, up to another."""
        between = {"first": first, "last": last}
        found = self.changes("known_from > :first AND known_from <= :last", between)
        return sorted(found, key=lambda change: change.position)

    def read_reading_changes(self, first: int, last: int) -> list[ReadingVersion]:
        """Return the readings that began behind a position, up to another, in order."""
        dialect = self.view.dialect
        between = "r.measured_id = i.value AND r.known_from > :first AND r.known_from <= :last"
        return self.readings(
            f"FROM ({dialect.unnest('ids')}) AS i {dialect.for_each('r', 'reading', between)} "
            "ORDER BY r.known_from",
            first=first,
            last=last,
        )

    def positions(self, first: int, last: int, cycle_id: str) -> list[int]:
        """Return the positions of all that began behind a position, up to another, in order.

        Changes of a cycle and of the scoring policy count as well.
        """
        found = {position for _, position in self.changed(first, last)}
        found |= {row["known_from"] for row in self.cycles.get(cycle_id, ())}
        found |= {position for position, _ in self.policies}
        return sorted(position for position in found if first < position <= last)

    def changed(self, first: int, last: int) -> Iterator[tuple[str, int]]:
        """Yield goals and KPIs with the positions at which they changed, behind one, up to another.

        What happens to a thing counts while it is below what the closure was made of: readings of
        a KPI from its link until its unlink.
        """
        plan = ((change.id, change.position) for change in self.plan_changes(first, last))
        readings = ((each.measured_id, each.position) for each in self.reading_changes(first, last))
        definitions = ((each.kpi_id, each.position) for each in self.definitions)
        for id_, position in chain(plan, readings, definitions):
            if first < position <= last and self.is_below(id_, position):
                yield id_, position

    def is_below(self, id_: str, position: int) -> bool:
        """Return whether what happened to a thing at a position counts."""
        return any(span.first <= position <= span.last for span in self.spans[id_])

    @cached_property
    def spans(self) -> dict[str, list[Span]]:
        """What is below what the closure was made of, by id, while it was."""
        found: dict[str, list[Span]] = defaultdict(list)
        for span in self.closure.spans:
            found[span.id].append(span)
        return found

    # ---- statements -------------------------------------------------------------------------

    def changes(self, when: str, bounds: dict[str, int]) -> list[GoalVersion]:
        """Return the versions of objectives and key results that meet a condition."""
        among = self.view.dialect.in_array("ids")
        objectives = self.view.rows(
            f"SELECT {named('o', OBJECTIVE)}, o.known_from FROM objective o "
            f"WHERE o.id {among} AND {when} ORDER BY o.first_position",
            ids=self.objective_ids,
            **bounds,
        )
        key_results = self.view.rows(
            f"SELECT {KEY_RESULT_COLUMNS}, dropped, known_from FROM key_result "
            f"WHERE id {among} AND {when}",
            ids=self.key_result_ids,
            **bounds,
        )
        return [
            *(GoalVersion(row[-1], "objective", objective_of(row)) for row in objectives),
            *(GoalVersion(row[-1], "key_result", row[:-1]) for row in key_results),
        ]

    def readings(self, rest: str, **parameters: Any) -> list[ReadingVersion]:
        """Return versions of readings; `rest` is the statement from FROM on, over `r`."""
        rows: list[Stored] = self.view.rows(
            f"SELECT {named('r', READING)} {rest}", ids=self.measured_ids, **parameters
        )
        return [ReadingVersion._make(row) for row in rows]


T = TypeVar("T", GoalVersion, ReadingVersion)


class Feed(Generic[T]):
    """Changes behind a position, in order, read a stretch at a time when they are wanted."""

    def __init__(self, read: Callable[[int, int], list[T]], first: int, last: int) -> None:
        self.read: Callable[[int, int], list[T]] = read
        self.read_to = first
        self.last = last
        self.waiting: deque[T] = deque()

    def up_to(self, position: int) -> Iterator[T]:
        """Yield the changes up to a position that were not yielded before."""
        while True:
            while self.waiting and self.waiting[0].position <= position:
                yield self.waiting.popleft()
            if self.read_to >= min(position, self.last):
                return
            first, self.read_to = self.read_to, min(self.read_to + STRETCH, self.last)
            self.waiting.extend(self.read(first, self.read_to))
