"""What all questions share: the log, the read model, and the moment an answer stands on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from okr_es.application import Okr
from okr_es.database.database import Database
from okr_es.domain.cycle import as_written
from okr_es.domain.refusals import Invalid, NotFound
from projections.as_of.moments import LAST, Moment, Moments, Point, is_word, now
from projections.goals.loading import Board, Loaded, board, goals_in, linked, one_goal, settle
from projections.goals.scoring import Goal, Row, Score, Scoring
from projections.read_model.runner import Runner
from projections.read_model.tables import FOREVER

NOTHING_YET = -1
POSITION = "SELECT position FROM progress"
CYCLE_OF = f"""
  SELECT cycle_id FROM objective WHERE id = :id AND known_until = {FOREVER}
  UNION ALL SELECT cycle_id FROM key_result WHERE id = :id AND known_until = {FOREVER}
"""
KIND_OF = " UNION ALL ".join(
    f"SELECT '{kind}' FROM {kind} WHERE id = :id AND known_until = {FOREVER}"
    for kind in ("objective", "key_result", "kpi")
)


class Reader:
    """Finds moments, and loads goals as of them. Whoever wrote sees their write."""

    def __init__(self, okr: Okr, runner: Runner | None = None) -> None:
        self.okr = okr
        self.runner = runner or Runner(okr)
        self.moments = Moments(okr, lambda: self.runner.fresh().database)
        self.come_to: dict[int, int] = {}

    # ---- moments ------------------------------------------------------------------------

    def moment(self, known_at: str | None, at: str | None, cycle: UUID | None = None) -> Moment:
        """Return the moment of a question."""
        if known_at is None and at is None:
            return now(self.okr.today())
        return self.moments.moment(known_at, at, cycle)

    def caught_up(self, moment: Moment) -> Database:
        """Return the read model, come at least to the position a moment stands on.

        What it has come to once it has for good, so a past one is not even asked about.
        """
        model = self.runner.model
        if moment.known > self.come_to.get(model.generation, NOTHING_YET):
            model = self.runner.fresh()
            if moment.known != LAST:
                self.come_to[model.generation] = moment.known
        return model.database

    def looked_again(self, moment: Moment) -> Database | None:
        """Return the read model where it was not really asked about, for who found nothing in it.

        Someone may have thrown it away since.
        """
        if moment.known == LAST:
            return None
        self.come_to.clear()
        return self.caught_up(moment)

    def then(self, known_at: str | None, at: str | None) -> tuple[Database, Moment]:
        """Return the read model and the moment of a question, settled on a position."""
        return self.settled(self.moment(known_at, at))

    def settled(self, moment: Moment) -> tuple[Database, Moment]:
        """Return the read model and a moment, settled on a position."""
        database = self.runner.fresh().database
        if moment.known == LAST:
            moment = moment.up_to(database.rows(POSITION, {})[0][0])
        return database, moment

    def span(
        self, first: str, last: str, fields: tuple[str, str], cycle: UUID | None = None
    ) -> tuple[Point, Point]:
        """Return two points of the past in order; the fields name the texts."""
        points = [
            self.moments.past(text, field, cycle)
            for text, field in zip((first, last), fields, strict=True)
        ]
        if points[1].position < points[0].position or points[1].day < points[0].day:
            raise Invalid(f"{fields[1]} lies before {fields[0]}.", field=fields[1])
        return points[0], points[1]

    def cycle_of(self, id_: UUID, *texts: str | None) -> UUID | None:
        """Return the cycle of a goal where a text is a word of a cycle; raise NotFound."""
        if not any(text and is_word(text) for text in texts):
            return None
        found = self.runner.fresh().database.rows(CYCLE_OF, {"id": str(id_)})
        if not found:
            raise NotFound(f"There is no objective or key result {id_}.", field="id")
        return UUID(found[0][0])

    def kind_of(self, id_: UUID) -> str:
        """Return what a goal is: objective, key_result or kpi; raise NotFound."""
        found = self.runner.fresh().database.rows(KIND_OF, {"id": str(id_)})
        if not found:
            raise NotFound(f"There is no goal {id_}.", field="id")
        return str(found[0][0])

    # ---- goals --------------------------------------------------------------------------

    def board_at(self, cycle_id: UUID, moment: Moment) -> Board:
        """Return a cycle and its goals as of a moment; raise NotFound for an unknown one."""
        found = board(self.caught_up(moment), cycle_id, moment)
        if found is None and (database := self.looked_again(moment)):
            found = board(database, cycle_id, moment)
        if found is None:
            raise NotFound(f"There is no cycle {as_written(cycle_id)} by then.", field="id")
        return found

    def goals_at(self, id_: UUID, moment: Moment) -> dict[str, Goal]:
        """Return an objective and all that is aligned to it; nothing if it was not there."""
        database, asked = self.caught_up(moment), parameters(id_, moment)
        rows = one_goal(database, asked)
        if not rows and (again := self.looked_again(moment)):
            rows = one_goal(again, asked)
        goals = linked(goals_in(Loaded(rows).rows))
        settle(database, goals.values(), moment, self_loaded=True)
        return goals

    def score_at(self, id_: UUID, moment: Moment) -> Score | None:
        """Return what an objective had come to as of a moment; None if it was not there."""
        goals = self.goals_at(id_, moment)
        return Scoring(moment.day).score(goals[str(id_)]) if goals else None

    def objective_at(self, id_: UUID, moment: Moment) -> Row:
        """Return an objective as of a moment that was asked for; raise NotFound."""
        goals = self.goals_at(id_, moment)
        if not goals:
            raise NotFound(f"There is no objective {id_} by then.", field="id")
        return Scoring(moment.day).answer(goals[str(id_)]) | standing_on(moment)


def parameters(id_: UUID, moment: Moment) -> dict[str, Any]:
    """Return the parameters of the statement for one goal."""
    return {"id": str(id_), **moment.parameters}


def standing_on(moment: Moment) -> Row:
    """Return what an answer says of the moment it stands on."""
    return {
        "position": moment.known,
        "plan_position": moment.plan,
        "day": moment.day,
        "fixed": moment.is_fixed,
    }
