"""Every question the read side answers, on one page. Answers are plain and stand on a position."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from okr_es import arithmetic
from okr_es.application import Okr
from okr_es.domain.refusals import NotFound
from sqlalchemy import TextClause, text

from .goals import Goal, Row, Scoring, linked, tree
from .history import History
from .loading import CYCLE_GOALS, ONE_GOAL, Loaded
from .runner import Runner
from .schema import FOREVER, plain

NOW = f"known_until = {FOREVER}"


class Queries:
    """Answers about goals as they stand now. Whoever wrote sees their write."""

    def __init__(self, okr: Okr, runner: Runner | None = None) -> None:
        self.okr = okr
        self.runner = runner or Runner(okr)
        self.records = History(okr, self.runner)

    # ---- objectives ---------------------------------------------------------------------

    def objective(self, id_: UUID) -> Row:
        """Return an objective with its key results, progress, pace, status and roll-up."""
        loaded = self.goals(ONE_GOAL, str(id_))
        if not loaded.goals:
            raise NotFound(f"There is no objective {id_}.", field="id")
        goals = linked(loaded.goals.values())
        self.settle(goals)
        answer = Scoring(self.okr.today()).answer(goals[str(id_)])
        return without_exact(answer) | {"position": loaded.read_model}

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
        cycle = self.one("cycle", cycle_id, "cycle")
        loaded = self.goals(CYCLE_GOALS, str(cycle_id))
        goals = linked(loaded.goals.values())
        self.settle(goals)
        return cycle, loaded, goals, Scoring(self.okr.today())

    def goals(self, statement: TextClause, id_: str) -> Loaded:
        """Load goals; catch up first where the read model is behind or nothing was found."""
        with self.runner.model.database.reader.connect() as connection:
            loaded = Loaded(connection, statement, id_)
        if loaded.is_current:
            return loaded
        with self.runner.fresh().database.reader.connect() as connection:
            loaded = Loaded(connection, statement, id_)
            if not loaded.goals:
                loaded.read_model = connection.execute(POSITION).scalar_one()
            return loaded

    def settle(self, goals: dict[str, Goal]) -> None:
        """Cut readings of a KPI that came after a goal's last day back to that day."""
        for goal in goals.values():
            horizon = goal.horizon.isoformat()
            for row in goal.key_results:
                if row["as_of"] is not None and row["as_of"] > horizon:
                    row.update(self.reading_at(row["kpi_id"] or row["id"], horizon))

    def reading_at(self, measured_id: str, day: str) -> Row:
        """Return the reading that counts as of a day."""
        with self.runner.model.database.reader.connect() as connection:
            found = connection.execute(READING_AT, {"id": measured_id, "day": day}).first()
        names = ("reading_id", "as_of", "value", "zone")
        return dict.fromkeys(names) if found is None else dict(zip(names, found, strict=True))

    # ---- key results, KPIs, readings ----------------------------------------------------

    def key_result(self, id_: UUID) -> Row:
        """Return a key result with progress, pace and status."""
        row = self.one("key_result", id_, "key result")
        if row["dropped"]:
            return row | {"position": row["position"], "status": "dropped"}
        objective = self.objective(UUID(row["objective_id"]))
        found = next(k for k in objective["key_results"] if k["id"] == str(id_))
        return found | {"position": objective["position"]}

    def kpis(self, team_id: UUID | None = None, overdue: bool | None = None) -> Row:
        """Return all KPIs with last reading, target, met or not, overdue or not."""
        rows = self.all("SELECT * FROM kpi WHERE " + NOW, "kpi")
        position, answers = rows["position"], self.kpi_answers(rows["rows"])
        found = [
            a
            for a in answers
            if (team_id is None or a["team_id"] == str(team_id))
            and (overdue is None or a["overdue"] == overdue)
        ]
        return {"position": position, "kpis": sorted(found, key=lambda a: a["name"])}

    def kpi(self, id_: UUID) -> Row:
        """Return a KPI with all its targets."""
        row = self.one("kpi", id_, "KPI")
        position = row.pop("position")
        return self.kpi_answers([row])[0] | {"position": position}

    def kpi_answers(self, rows: list[Row]) -> list[Row]:
        """Judge KPIs: the last reading against the target of its day."""
        ids = [row["id"] for row in rows]
        targets, latest = self.targets(ids), self.latest(ids)
        return [kpi_answer(r, targets[r["id"]], latest.get(r["id"]), self.okr.today()) for r in rows]

    def targets(self, kpi_ids: list[str]) -> dict[str, list[Row]]:
        """Return the targets of KPIs by span."""
        found: dict[str, list[Row]] = {id_: [] for id_ in kpi_ids}
        rows = self.all(f"SELECT * FROM kpi_target WHERE {NOW} ORDER BY starts", "kpi_target")
        for row in rows["rows"]:
            if row["kpi_id"] in found:
                fields = ("starts", "ends", "target", "minimum", "maximum")
                found[row["kpi_id"]].append({name: row[name] for name in fields})
        return found

    def latest(self, ids: list[str]) -> dict[str, Row]:
        """Return the readings that count now."""
        rows = self.all("SELECT * FROM latest", "latest")["rows"]
        wanted = set(ids)
        return {row["measured_id"]: row for row in rows if row["measured_id"] in wanted}

    def readings(self, measured_id: UUID, limit: int = 100, before: int | None = None) -> Row:
        """Return readings of a KPI or key result, the last recorded first, retracted ones marked."""
        with self.runner.fresh().database.reader.connect() as connection:
            position = connection.execute(POSITION).scalar_one()
            rows = connection.execute(
                READINGS, {"id": str(measured_id), "before": before or FOREVER, "limit": limit + 1}
            )
            found = [plain("reading", row) for row in rows]
        page = found[:limit]
        names = ("id", "as_of", "value", "zone", "confidence", "retracted", "version")
        return {
            "position": position,
            "readings": [
                {"position": row["first_position"]} | {name: row[name] for name in names}
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
            row["name"] = entry.name if entry else "former colleague"
            row["email"] = entry.email if entry else None
        return answer

    def history(self, id_: UUID, limit: int = 100, before: int | None = None) -> Row:
        """Return the change record of a goal: who, when, what before and after, and why."""
        return self.records.of(str(id_), limit, before)

    def position(self) -> Row:
        """Return how far read model and log have come."""
        standing, _ = self.runner.stand()
        return {
            "log": standing.log,
            "read_model": standing.read_model,
            "behind": standing.behind,
        }

    # ---- rows ---------------------------------------------------------------------------

    def one(self, table: str, id_: UUID, noun: str) -> Row:
        """Return the current row of one thing, with the position; raise NotFound."""
        with self.runner.fresh().database.reader.connect() as connection:
            statement = text(f"SELECT * FROM {table} WHERE {NOW} AND id = :id")  # noqa: S608
            row = connection.execute(statement, {"id": str(id_)}).first()
            position = connection.execute(POSITION).scalar_one()
        if row is None:
            raise NotFound(f"There is no {noun} {id_}.", field="id")
        return public(plain(table, row)) | {"position": position}

    def all(self, statement: str, table: str) -> Row:
        """Return rows of a table, with the position."""
        with self.runner.fresh().database.reader.connect() as connection:
            rows = [public(plain(table, row)) for row in connection.execute(text(statement))]
            return {"position": connection.execute(POSITION).scalar_one(), "rows": rows}

    def listed(self, table: str, name: str, order: Callable[[Row], Any]) -> Row:
        """Return all current rows of a table under a name."""
        rows = self.all(f"SELECT * FROM {table} WHERE {NOW}", table)  # noqa: S608
        return {"position": rows["position"], name: sorted(rows["rows"], key=order)}


POSITION = text("SELECT position FROM progress")
READING_AT = text(
    f"SELECT id, as_of, value, zone FROM reading WHERE measured_id = :id AND {NOW} "  # noqa: S608
    "AND NOT retracted AND as_of <= :day ORDER BY as_of DESC, first_position DESC LIMIT 1"
)
READINGS = text(
    f"SELECT * FROM reading WHERE measured_id = :id AND {NOW} AND first_position < :before "  # noqa: S608
    "ORDER BY first_position DESC LIMIT :limit"
)


def public(row: Row) -> Row:
    """Return a row without the bounds of its version."""
    row.pop("known_from", None)
    row.pop("known_until", None)
    row.pop("first_position", None)
    return row


def without_exact(answer: Row) -> Row:
    """Return an answer without what is only for reckoning on."""
    return {name: value for name, value in answer.items() if name != "exact"}


def kpi_answer(row: Row, targets: list[Row], latest: Row | None, today: date) -> Row:
    """Return a KPI with its targets, last reading, met or not, and overdue or not."""
    reading = latest and {
        "id": latest["reading_id"],
        "as_of": latest["as_of"],
        "value": latest["value"],
    }
    day = latest["as_of"] if latest else today.isoformat()
    target = next((t for t in targets if t["starts"] <= day <= t["ends"]), None)
    verdict = judged(row, target, latest)
    last = date.fromisoformat(latest["as_of"]) if latest else None
    overdue = not row["retired"] and arithmetic.is_overdue(last, row["cadence"], today)
    return row | {"targets": targets, "target": target, "reading": reading, "overdue": overdue} | verdict


def judged(row: Row, target: Row | None, latest: Row | None) -> Row:
    """Return whether the last reading meets its target, and how near it is."""
    if target is None or latest is None:
        return {"met": None, "progress": None}
    bounds = {name: decimal(target[name]) for name in ("target", "minimum", "maximum")}
    value = Decimal(latest["value"])
    progress = arithmetic.kpi_progress(
        row["direction"], value, baseline=decimal(row["baseline"]), **bounds
    )
    return {
        "met": arithmetic.kpi_met(row["direction"], value, **bounds),
        "progress": arithmetic.shown(progress),
    }


def decimal(value: str | None) -> Decimal | None:
    """Return the number a text stands for."""
    return None if value is None else Decimal(value)

