"""A cycle replayed event by event: what an event touched is loaded anew, and nothing else.

The state is that of a board; a step scores only the goals an event touched and those above them.
The log is looked through in parts, so memory does not grow with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from uuid import UUID

from okr_es.database.database import Database
from projections.as_of.moments import Moment, Point
from projections.as_of.rows import among, many
from projections.audit_log.history import History
from projections.goals.loading import GOALS, Loaded, goals_in, linked, settle
from projections.goals.reader import Reader
from projections.goals.scoring import Goal, Row, Scoring
from projections.read_model.tables import FOREVER
from projections.retrospect.threshold_overrides import Named

Touched = dict[int, set[str] | None]  # None: all of them
Shown = Callable[[Scoring, Goal], Row]

EVENTS_AT_ONCE = 20_000
STATUSES = ("on_track", "at_risk", "off_track", "not_measured")
OBJECTIVES = f"""
  WITH RECURSIVE ids(id) AS (
    SELECT o.id FROM objective o WHERE o.cycle_id = :cycle AND o.known_until = {FOREVER}
    UNION
    SELECT b.child_id FROM ids JOIN links b ON b.parent_id = ids.id AND b.kind = 'objective'
  )
  SELECT id FROM ids
"""


def statuses(answers: dict[str, Row]) -> dict[str, int]:
    """Return how many objectives have which status."""
    counted = Counter(row["status"] for row in answers.values())
    return {status: counted[status] for status in STATUSES}


class Closure:
    """All that ever belonged to the goals of a cycle: where an event can touch them."""

    def __init__(self, database: Database, cycle_id: str) -> None:
        self.database = database
        self.cycle_id = cycle_id
        self.objectives = [row[0] for row in database.rows(OBJECTIVES, {"cycle": cycle_id})]
        self.of_key_result = self.above(self.objectives, "key_result")
        self.of_kpi = self.above(list(self.of_key_result), "kpi")

    def above(self, ids: list[str], kind: str) -> dict[str, set[str]]:
        """Return what ever hung below these, each with all it hung below."""
        rows = self.database.rows(
            f"SELECT child_id, parent_id FROM links WHERE parent_id {self.among} AND kind = :kind",
            {"ids": many(self.database, ids), "kind": kind},
        )
        found: dict[str, set[str]] = defaultdict(set)
        for child_id, parent_id in rows:
            found[child_id].add(parent_id)
        return found

    @property
    def among(self) -> str:
        """The SQL of being among :ids."""
        return among(self.database, "ids")

    def measured_by(self, id_: str) -> set[str]:
        """Return the objectives a reading of something may touch."""
        key_results = self.of_kpi.get(id_, {id_})
        return {above for key_result in key_results for above in self.of_key_result[key_result]}

    def touched(self, first: int, last: int) -> Touched:
        """Return which objectives each event behind a position, up to another, may have touched."""
        found: Touched = defaultdict(set)
        span = "{0} > :first AND {0} <= :last"
        for position, id_ in self.look("objective", "id", "id", self.objectives, first, last):
            self.add(found, position, {id_})
        columns = "id", "objective_id"
        key_results = list(self.of_key_result)
        for position, id_ in self.look("key_result", *columns, key_results, first, last):
            self.add(found, position, {id_})
        measured = [*key_results, *self.of_kpi]
        for position, id_ in self.look(
            "reading", "measured_id", "measured_id", measured, first, last
        ):
            self.add(found, position, self.measured_by(id_))
        for bound in ("known_from", "known_until"):
            rows = self.database.rows(
                f"SELECT {bound}, parent_id FROM links WHERE parent_id {self.among} "
                f"AND kind <> 'kpi' AND {span.format(bound)}",
                {"ids": many(self.database, self.objectives), "first": first, "last": last},
            )
            for position, id_ in rows:
                self.add(found, position, {id_})
        asked = {"first": first, "last": last, "cycle": self.cycle_id}
        for (position,) in self.database.rows(
            f"SELECT known_from FROM cycle WHERE id = :cycle AND {span.format('known_from')} "
            f"UNION SELECT known_from FROM scoring_policy WHERE {span.format('known_from')}",
            asked,
        ):
            found[position] = None
        return dict(sorted(found.items()))

    def look(
        self, table: str, by: str, told: str, ids: list[str], first: int, last: int
    ) -> list[tuple[int, str]]:
        """Return position and one column of the versions that began between two positions."""
        return self.database.rows(
            f"SELECT known_from, {told} FROM {table} WHERE {by} {self.among} "
            "AND known_from > :first AND known_from <= :last",
            {"ids": many(self.database, ids), "first": first, "last": last},
        )

    @staticmethod
    def add(found: Touched, position: int, ids: set[str]) -> None:
        """Note that an event touches some objectives."""
        before = found.setdefault(position, set())
        if before is not None:
            before |= ids


class Live:
    """The goals of a cycle as they stand while it is replayed."""

    def __init__(
        self, asking: Reader, cycle_id: str, point: Point, overridden: Named, shown: Shown
    ) -> None:
        self.asking = asking
        self.database = asking.caught_up(point.moment)
        self.cycle_id = cycle_id
        self.overridden = overridden
        self.shown = shown
        self.goals: dict[str, Goal] = {}
        self.answers: dict[str, Row] = {}
        self.scoring = Scoring(point.day, overridden)

    def begin(self, goals: dict[str, Goal]) -> dict[str, Row]:
        """Take the goals of a board; return what is shown of them."""
        self.goals = goals
        return self.answered(goals)

    def step(self, position: int, day: date, touched: set[str] | None) -> list[Row]:
        """Let an event happen; return the objectives of the cycle that it changed."""
        ids = set(self.goals) if touched is None else touched
        affected = self.load(ids, Moment(position, position, day, day)) if ids else set()
        if day != self.scoring.day:
            self.scoring = Scoring(day, self.overridden)
            affected = set(self.goals)
        for id_ in affected:
            self.scoring.scores.pop(id_, None)
        before = self.answers
        after = self.answered({i: goal for i, goal in self.goals.items() if i in affected})
        changed = [row for id_, row in after.items() if before.get(id_) != row]
        self.answers = before | after
        return changed

    def answered(self, goals: dict[str, Goal]) -> dict[str, Row]:
        """Return what is shown of those goals that are of the cycle itself."""
        return {
            id_: self.shown(self.scoring, goal)
            for id_, goal in goals.items()
            if goal.row["cycle_id"] == self.cycle_id
        }

    def load(self, ids: Iterable[str], moment: Moment) -> set[str]:
        """Load some goals anew; return them and all they are aligned to, before and after."""
        asked = moment.parameters | {"ids": many(self.database, sorted(ids))}
        fresh = goals_in(Loaded(self.database.rows(GOALS[self.database.is_sqlite], asked)).rows)
        settle(self.database, fresh.values(), moment, self_loaded=True)
        affected = self.upwards_of(fresh)
        self.goals |= fresh
        for goal in self.goals.values():
            goal.aligned.clear()
        linked(self.goals)
        return affected | self.upwards_of(fresh)

    def upwards_of(self, ids: Iterable[str]) -> set[str]:
        """Return some goals and all they are aligned to, directly or through others."""
        found: set[str] = set()
        for each in ids:
            id_: str | None = each
            while id_ is not None and id_ not in found:
                found.add(id_)
                goal = self.goals.get(id_)
                id_ = None if goal is None else goal.row["parent_objective_id"]
        return found

    def statuses(self) -> dict[str, int]:
        """Return how many objectives have which status."""
        return statuses(self.answers)


def by_event(
    asking: Reader,
    records: History,
    live: Live,
    first: Point,
    last: Point,
    progress: Callable[[int, int], None] | None,
) -> Iterator[Row]:
    """Yield the state right after each event that is about the cycle or its goals."""
    closure = Closure(live.database, live.cycle_id)
    goals: dict[str, Goal] = {}
    if first.position:
        found = asking.board_at(UUID(live.cycle_id), first.moment)
        goals = found.goals
    live.answers = live.begin(goals)
    yield {
        "day": first.day,
        "position": first.position,
        "event": None,
        "statuses": live.statuses(),
        "changed": list(live.answers.values()),
    }
    for start in range(first.position, last.position, EVENTS_AT_ONCE):
        end = min(start + EVENTS_AT_ONCE, last.position)
        touched = closure.touched(start, end)
        headings = records.headings(list(touched))
        for position, ids in touched.items():
            heading = headings[position]
            changed = live.step(position, asking.moments.day_of(heading["recorded_at"]), ids)
            yield {
                "day": live.scoring.day,
                "position": position,
                "event": heading,
                "statuses": live.statuses(),
                "changed": changed,
            }
        if progress is not None:
            progress(end - first.position, last.position - first.position)
