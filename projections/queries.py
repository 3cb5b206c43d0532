"""Every question about goals as they stand or stood, on one page. Answers are plain.

Each says which position it stands on. `known_at` looks only at what was recorded up to then, `at`
is the day the answer is about; without either it is as known now, about today (`moments.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.domain.refusals import NotFound
from okr_es.gc_pause import gc_paused
from okr_es.people.directory import FORMER_COLLEAGUE
from projections.as_of.moments import Moment, now, require_year
from projections.as_of.rows import all_rows, named, one
from projections.goals.key_result_scores import decoded
from projections.goals.kpis import judged_kpis
from projections.goals.loading import STILL, Loaded, goals_in, linked, one_goal, settle
from projections.goals.reader import parameters, standing_on
from projections.goals.scoring import Row, Scoring, lists_of, of_cycle, tree
from projections.past import Past
from projections.read_model.projector import matters_in
from projections.read_model.runner import Runner
from projections.read_model.tables import FOREVER, plain

MOST_HELD = 1_024
ONE_DAY = timedelta(days=1)


class Held(NamedTuple):
    """An answer about a goal, its position and day, and the rows it followed from."""

    position: int
    day: date
    rows: tuple[tuple[Any, ...], ...]
    answer: Row


class Queries(Past):
    """Answers about goals as they stand or stood. Whoever wrote sees their write."""

    def __init__(self, okr: Okr, runner: Runner | None = None) -> None:
        super().__init__(okr, runner)
        self.held: dict[UUID, Held] = {}

    # ---- objectives ---------------------------------------------------------------------

    def objective(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        """Return an objective with its key results, progress, pace, status and roll-up."""
        if known_at is not None or at is not None:
            moment = self.moment(known_at, at, self.cycle_of(id_, known_at, at))
            return self.objective_at(id_, moment)
        day, held = self.okr.today(), self.held.get(id_)
        if held is not None and held.day != day:
            held = None
        loaded = self.loaded(id_, now(day), held)
        if held is not None and loaded.rows == held.rows:
            if held.position != loaded.read_model:
                self.hold(id_, held._replace(position=loaded.read_model))
            return held.answer | standing_on(now(day).up_to(loaded.read_model))
        answer, settled = self.scored(id_, loaded, now(day))
        if not settled:
            self.hold(id_, Held(loaded.read_model, day, loaded.rows, answer))
        return answer | standing_on(now(day).up_to(loaded.read_model))

    def scored(self, id_: UUID, loaded: Loaded, moment: Moment) -> tuple[Row, bool]:
        """Score a loaded objective; also say whether readings had to be looked for."""
        if not loaded.rows:
            raise NotFound(f"There is no objective {id_} by then.", field="id")
        goals = linked(goals_in(loaded.rows))
        settled = settle(self.runner.model.database, goals.values(), moment, self_loaded=True)
        return Scoring(moment.day).answer(goals[str(id_)]), settled

    def hold(self, id_: UUID, held: Held) -> None:
        """Hold an answer: it follows from its rows and the day alone."""
        self.held.pop(id_, None)
        while len(self.held) >= MOST_HELD:
            self.held.pop(next(iter(self.held)), None)
        self.held[id_] = held

    def loaded(self, id_: UUID, moment: Moment, held: Held | None = None) -> Loaded:
        """Load a goal as it is; catch up first where the read model is behind or has nothing."""
        with suppress(DBAPIError):
            database = self.runner.model.database
            if held is not None and database.rows(STILL, {"held": held.position}):
                return Loaded.still(held.position, held.rows)
            loaded = Loaded(one_goal(database, parameters(id_, moment)))
            if loaded.is_current:
                return loaded
        return Loaded(one_goal(self.runner.fresh().database, parameters(id_, moment)))

    @gc_paused(bulk=True)
    def board(self, cycle_id: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        """Return the board of a cycle: its objectives, each with its roll-up."""
        cycle, goals, moment, _ = self.board_at(cycle_id, self.moment(known_at, at, cycle_id))
        scoring = Scoring(moment.day)
        answers = [scoring.answer(goal) for goal in of_cycle(goals.values(), cycle["id"])]
        return standing_on(moment) | {"cycle": cycle, "objectives": answers}

    @gc_paused(bulk=True)
    def tree(self, cycle_id: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        """Return the alignment tree of a cycle: its goals, and all that is aligned to them."""
        cycle, goals, moment, _ = self.board_at(cycle_id, self.moment(known_at, at, cycle_id))
        objectives = tree(goals, Scoring(moment.day))
        return standing_on(moment) | {"cycle": cycle, "objectives": objectives}

    # ---- key results, KPIs, readings ----------------------------------------------------

    def key_result(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        """Return a key result with progress, pace and status."""
        moment = self.moment(known_at, at, self.cycle_of(id_, known_at, at))
        database, moment = self.settled(moment)
        row = one(database, "key_result", id_, "key result", moment.plan)
        if row["dropped"]:
            row.pop("cycle_id")
            lists = lists_of(row["steps"], row["zones"], row["trajectory"])
            return row | lists | {"status": "dropped"} | standing_on(moment)
        objective = self.objective_at(UUID(row["objective_id"]), moment)
        found: Row = next(k for k in objective["key_results"] if k["id"] == str(id_))
        return found | standing_on(moment)

    def kpis(
        self,
        team_id: UUID | None = None,
        *,
        overdue: bool | None = None,
        known_at: str | None = None,
        at: str | None = None,
    ) -> Row:
        """Return all KPIs with last reading, target, met or not, overdue or not."""
        database, moment = self.then(known_at, at)
        if team_id is not None:
            one(database, "team", team_id, "team", moment.plan, "team_id")
        answers = judged_kpis(database, all_rows(database, "kpi", moment.plan), moment)
        found = [
            answer
            for answer in answers
            if (team_id is None or answer["team_id"] == str(team_id))
            and (overdue is None or answer["overdue"] == overdue)
        ]
        found.sort(key=lambda answer: (answer["name"], answer["id"]))
        return standing_on(moment) | {"kpis": found}

    def kpi(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        """Return a KPI with all its targets."""
        database, moment = self.then(known_at, at)
        row = one(database, "kpi", id_, "KPI", moment.plan)
        return judged_kpis(database, [row], moment)[0] | standing_on(moment)

    def readings(
        self,
        measured_id: UUID,
        limit: int = 100,
        before: int | None = None,
        known_at: str | None = None,
        at: str | None = None,
    ) -> Row:
        """Return readings, the last recorded first; retracted ones are marked."""
        database, moment = self.then(known_at, at)
        about = {"id": str(measured_id), **moment.parameters}
        if not database.rows(MEASURED, about):
            raise NotFound(f"There is no KPI or key result {measured_id} by then.", field="id")
        page = {**about, "before": before or FOREVER, "limit": limit + 1}
        found = [plain("reading", row) for row in database.rows(READINGS, page)]
        return standing_on(moment) | {
            "readings": [
                {name: row[name] for name in READING_FIELDS} | {"position": row["first_position"]}
                for row in found[:limit]
            ],
            "next_before": found[limit - 1]["first_position"] if len(found) > limit else None,
        }

    # ---- cycles, teams, people, history -------------------------------------------------

    def cycles(self) -> Row:
        """Return all cycles by their first day."""
        answer = self.listed("cycle", "cycles", lambda row: row["starts"])
        for row in answer["cycles"]:
            row["approval_required"] = decoded(row["approval_required"])
        return answer

    def teams(self) -> Row:
        """Return all teams; `parent_id` makes them a tree."""
        return self.listed("team", "teams", lambda row: row["name"])

    def people(self) -> Row:
        """Return all people with what the directory still tells of them."""
        answer = self.listed("person", "people", lambda row: row["id"])
        entries = self.okr.directory.entries()
        for row in answer["people"]:
            entry = entries.get(UUID(row["id"]))
            row["name"] = entry.name if entry else FORMER_COLLEAGUE
            row["email"] = entry.email if entry else None
            row["holds"] = matters_in(row["holds"])
        return answer

    def history(self, id_: UUID, limit: int = 100, before: int | None = None) -> Row:
        """Return the history of a goal: who, when, what before and after, and why."""
        return self.records.of(id_, limit, before)

    def access_log(
        self,
        by: UUID | None = None,
        *,
        person_id: UUID | None = None,
        goal_id: UUID | None = None,
        cycle: UUID | None = None,
        team_id: UUID | None = None,
        what: str | None = None,
        from_: date | None = None,
        to: date | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> Row:
        """Return who looked at what, the newest first: about all that is named, on these days."""
        log, newest = self.okr.log.head(), self.okr.access_log.head()
        named_ids = (person_id, goal_id, cycle, team_id)
        found = self.okr.access_log.search(
            by=by,
            about=[id_ for id_ in named_ids if id_ is not None],
            what=what,
            since=None if from_ is None else self.start_of(from_, "from"),
            until=None if to is None else self.start_of(to, "to") + ONE_DAY,
            limit=limit + 1,
            before=min(before or FOREVER, newest + 1),
        )
        return {
            "position": log,
            "newest": newest,
            "entries": [each._asdict() for each in found[:limit]],
            "next_before": found[limit - 1].position if len(found) > limit else None,
        }

    def start_of(self, day: date, field: str) -> datetime:
        """Return the first instant of a day of the organisation."""
        require_year(day, field)
        return datetime.combine(day, time(), self.okr.timezone)

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
        database, moment = self.then(None, None)
        rows = all_rows(database, table, moment.plan)
        return {"position": moment.known, name: sorted(rows, key=order)}


READINGS = f"""
  SELECT {named("reading")} FROM reading
  WHERE measured_id = :id AND known_from <= :known AND known_until > :known AND as_of <= :day
    AND first_position < :before ORDER BY first_position DESC LIMIT :limit
"""
MEASURED = """
  SELECT id FROM kpi WHERE id = :id AND known_from <= :plan
  UNION SELECT id FROM key_result WHERE id = :id AND known_from <= :plan
"""
READING_FIELDS = ("id", "as_of", "value", "zone", "confidence", "retracted", "version")
