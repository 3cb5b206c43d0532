"""Every question the read side answers, on one page. Answers are plain and stand on a position."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.directory import FORMER_COLLEAGUE
from okr_es.domain.refusals import NotFound

from .goals import Goal, Row, Scoring, lists_of, tree
from .history import History
from .kpis import judged_kpis
from .loading import CYCLE_GOALS, ONE_GOAL, Loaded, goals_in, unsettled
from .rows import NOW, all_rows, one, position_of
from .runner import Runner
from .schema import FOREVER, plain

MOST_HELD = 1_024
NOTHING_HELD = -1


class Held(NamedTuple):
    """An answer about a goal, its position and day, and the rows it followed from."""

    position: int
    day: date
    rows: tuple[tuple[Any, ...], ...]
    answer: Row


class Queries:
    """Answers about goals as they stand now. Whoever wrote sees their write."""

    def __init__(self, okr: Okr, runner: Runner | None = None) -> None:
        self.okr = okr
        self.runner = runner or Runner(okr)
        self.records = History(okr, self.runner)
        self.held: dict[UUID, Held] = {}

    # ---- objectives ---------------------------------------------------------------------

    def objective(self, id_: UUID) -> Row:
        """Return an objective with its key results, progress, pace, status and roll-up."""
        day, held = self.okr.today(), self.held.get(id_)
        if held is not None and held.day != day:
            held = None
        loaded = self.goals(ONE_GOAL, str(id_), held)
        if held is not None and loaded.rows == held.rows:
            return held.answer | {"position": loaded.read_model}
        if not loaded.rows:
            raise NotFound(f"There is no objective {id_}.", field="id")
        goals, settled = self.settled(loaded)
        answer = without_exact(Scoring(day).answer(goals[str(id_)]))
        if not settled:
            self.hold(id_, Held(loaded.read_model, day, loaded.rows, answer))
        return answer | {"position": loaded.read_model}

    def hold(self, id_: UUID, held: Held) -> None:
        """Hold an answer: it follows from its rows and the day alone."""
        while len(self.held) >= MOST_HELD:
            self.held.pop(next(iter(self.held)), None)
        self.held[id_] = held

    def board(self, cycle_id: UUID) -> Row:
        """Return the board of a cycle: its objectives, each with its roll-up."""
        cycle, loaded, goals, scoring = self.cycle_goals(cycle_id)
        answers = [scoring.answer(g) for g in goals.values() if g.row["cycle_id"] == cycle["id"]]
        return {
            "position": loaded.read_model,
            "cycle": cycle,
            "day": scoring.day,
            "objectives": [without_exact(answer) for answer in answers],
        }

    def tree(self, cycle_id: UUID) -> Row:
        """Return the alignment tree of a cycle: its goals, and from any cycle what serves them."""
        cycle, loaded, goals, scoring = self.cycle_goals(cycle_id)
        return {
            "position": loaded.read_model,
            "cycle": cycle,
            "day": scoring.day,
            "objectives": tree(goals, scoring),
        }

    def cycle_goals(self, cycle_id: UUID) -> tuple[Row, Loaded, dict[str, Goal], Scoring]:
        """Load a cycle and its goals; raise NotFound for an unknown one."""
        loaded = self.goals(CYCLE_GOALS, str(cycle_id))
        with self.runner.model.database.snapshot() as connection:
            cycle = one(connection, "cycle", cycle_id, "cycle")
        goals, _ = self.settled(loaded)
        return cycle, loaded, goals, Scoring(self.okr.today())

    def goals(self, statement: str, id_: str, held: Held | None = None) -> Loaded:
        """Load goals; catch up first where the read model is behind or nothing was found."""
        asked = {"id": id_, "held": NOTHING_HELD if held is None else held.position}
        with suppress(DBAPIError):
            rows = self.runner.model.database.rows(statement, asked)
            if held is not None and not rows:
                return Loaded.still(held.position, held.rows)
            loaded = Loaded(rows)
            if loaded.is_current:
                return loaded
        database = self.runner.fresh().database
        loaded = Loaded(database.rows(statement, {"id": id_, "held": NOTHING_HELD}))
        if not loaded.rows:
            loaded.read_model = database.rows("SELECT position FROM progress", {})[0][0]
        return loaded

    def settled(self, loaded: Loaded) -> tuple[dict[str, Goal], bool]:
        """Return the goals, and whether some got an earlier reading than the latest."""
        goals, settled = goals_in(loaded.rows), False
        for goal in goals.values():
            for row in unsettled(goal):
                row.update(self.reading_at(row["kpi_id"] or row["id"], goal.horizon))
                settled = True
        return goals, settled

    def reading_at(self, measured_id: str, day: str) -> Row:
        """Return the reading that counts as of a day."""
        with self.runner.model.database.reader.connect() as connection:
            found = connection.execute(READING_AT, {"id": measured_id, "day": day}).first()
        names = ("reading_id", "as_of", "value", "zone")
        return dict.fromkeys(names) if found is None else dict(zip(names, found, strict=True))

    # ---- key results, KPIs, readings ----------------------------------------------------

    def key_result(self, id_: UUID) -> Row:
        """Return a key result with progress, pace and status."""
        with self.runner.fresh().database.snapshot() as connection:
            row = one(connection, "key_result", id_, "key result")
        if row["dropped"]:
            return row | lists_of(row) | {"status": "dropped"}
        objective = self.objective(UUID(row["objective_id"]))
        found = next((k for k in objective["key_results"] if k["id"] == str(id_)), None)
        if found is None:  # moved or dropped between the two looks
            return self.key_result(id_)
        return {**found, "position": objective["position"]}

    def kpis(self, team_id: UUID | None = None, *, overdue: bool | None = None) -> Row:
        """Return all KPIs with last reading, target, met or not, overdue or not."""
        with self.runner.fresh().database.snapshot() as connection:
            rows = all_rows(connection, "kpi")
            answers = judged_kpis(connection, rows, self.okr.today())
            position = position_of(connection)
        found = [
            answer
            for answer in answers
            if (team_id is None or answer["team_id"] == str(team_id))
            and (overdue is None or answer["overdue"] == overdue)
        ]
        return {"position": position, "kpis": sorted(found, key=lambda a: (a["name"], a["id"]))}

    def kpi(self, id_: UUID) -> Row:
        """Return a KPI with all its targets."""
        with self.runner.fresh().database.snapshot() as connection:
            row = one(connection, "kpi", id_, "KPI")
            position = row.pop("position")
            answer = judged_kpis(connection, [row], self.okr.today())[0]
        return answer | {"position": position}

    def readings(self, measured_id: UUID, limit: int = 100, before: int | None = None) -> Row:
        """Return readings, the last recorded first; retracted ones are marked."""
        asked = {"id": str(measured_id), "before": before or FOREVER, "limit": limit + 1}
        with self.runner.fresh().database.snapshot() as connection:
            position = position_of(connection)
            found = [plain("reading", row) for row in connection.execute(READINGS, asked)]
            if not found and connection.execute(MEASURED, asked).first() is None:
                raise NotFound(f"There is nothing measured as {measured_id}.", field="id")
        page = found[:limit]
        return {
            "position": position,
            "readings": [
                {"position": row["first_position"]} | {name: row[name] for name in READING_FIELDS}
                for row in page
            ],
            "next_before": page[-1]["first_position"] if len(found) > limit else None,
        }

    # ---- cycles, teams, people, history -------------------------------------------------

    def cycles(self) -> Row:
        """Return all cycles by their first day."""
        return self.listed("cycle", "cycles", lambda row: row["starts"])

    def teams(self) -> Row:
        """Return all teams; `above_id` makes them a tree."""
        return self.listed("team", "teams", lambda row: row["name"])

    def people(self) -> Row:
        """Return all people with what the directory still tells of them."""
        answer = self.listed("person", "people", lambda row: row["id"])
        entries = self.okr.directory.entries()
        for row in answer["people"]:
            entry = entries.get(UUID(row["id"]))
            row["name"] = entry.name if entry else FORMER_COLLEAGUE
            row["email"] = entry.email if entry else None
        return answer

    def history(self, id_: UUID, limit: int = 100, before: int | None = None) -> Row:
        """Return the change record of a goal: who, when, what before and after, and why."""
        return self.records.of(str(id_), limit, before)

    def position(self) -> Row:
        """Return how far read model and log have come."""
        _, standing = self.runner.stand()
        return {
            "log": standing.log,
            "read_model": standing.read_model,
            "behind": standing.behind,
        }

    def listed(self, table: str, name: str, order: Callable[[Row], Any]) -> Row:
        """Return all current rows of a table under a name."""
        with self.runner.fresh().database.snapshot() as connection:
            rows = all_rows(connection, table)
            position = position_of(connection)
        return {"position": position, name: sorted(rows, key=order)}


READING_AT = text(
    f"SELECT id, as_of, value, zone FROM reading WHERE measured_id = :id AND {NOW} "  # noqa: S608
    "AND NOT retracted AND coalesce(value, zone) IS NOT NULL AND as_of <= :day "
    "ORDER BY as_of DESC, first_position DESC LIMIT 1"
)
READINGS = text(
    f"SELECT * FROM reading WHERE measured_id = :id AND {NOW} AND first_position < :before "  # noqa: S608
    "ORDER BY first_position DESC LIMIT :limit"
)
MEASURED = text("SELECT id FROM kpi WHERE id = :id UNION SELECT id FROM key_result WHERE id = :id")
READING_FIELDS = ("id", "as_of", "value", "zone", "confidence", "retracted", "version")


def without_exact(answer: Row) -> Row:
    """Return an answer without what is only for reckoning on."""
    return {name: value for name, value in answer.items() if name != "exact"}
