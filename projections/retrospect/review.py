"""The review of a past cycle: what was promised, what it ended as, and what came out.

A closed cycle is reviewed as of its closing, whatever was recorded since; an open one as known now.
Every goal has two scores side by side, against the plan as committed and as it ended.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.refusals import NotFound
from projections.as_of.known import require_goal
from projections.as_of.moments import Moment
from projections.as_of.rows import one, versions
from projections.goals.cycle_members import Members, Scope, members, subtree
from projections.goals.reader import Reader, standing_on
from projections.goals.scoring import Goal, Row, Scoring
from projections.retrospect.activity import Happenings, counted, happenings
from projections.retrospect.owners import Exact, owners_of, people, teams
from projections.retrospect.plan import public_cycle

PROMISE = (
    "title", "team_id", "owner_id", "commitment", "due", "weight", "aligned_to_objective_id",
    "aligned_to_key_result_id",
)  # fmt: skip
KEY_RESULT_PROMISE = (
    "title", "kind", "baseline", "target", "unit", "weight", "cadence", "steps", "zones",
    "trajectory", "kpi_id",
)  # fmt: skip
SCORE = ("progress", "rolled_up", "status", "not_measured")


class Plan:
    """What there is to say of goals under one plan, measured by the readings of one moment."""

    def __init__(self, goals: dict[str, Goal], moment: Moment) -> None:
        scoring = Scoring(moment.day)
        self.objectives = {id_: scoring.answer(goal) for id_, goal in goals.items()}
        self.exact = {id_: scoring.score(goal).whole for id_, goal in goals.items()}
        self.key_results = {
            row["id"]: row for answer in self.objectives.values() for row in answer["key_results"]
        }


class Reviewed(NamedTuple):
    """A cycle with all its goals under both plans, and what happened to them on the way."""

    asking: Reader
    moment: Moment
    found: Members
    ended: Plan
    committed: Plan
    happened: Happenings

    def exact(self, id_: str) -> Exact:
        """Return the exact scores of an objective, against the plan committed and as it ended."""
        return self.committed.exact.get(id_), self.ended_score(id_)

    def ended_score(self, id_: str) -> Fraction | None:
        """Return the score of an objective as it ended; what was given up has none."""
        is_given_up = self.found.objectives[id_]["state"] == "abandoned"
        return None if is_given_up else self.ended.exact.get(id_)


def review(
    asking: Reader,
    cycle_id: UUID,
    known_at: str | None,
    team_id: UUID | None,
    person_id: UUID | None,
    objective_id: UUID | None,
) -> Row:
    """Return the review of a cycle, per goal, person and team, limited to some if asked."""
    moment = moment_of(asking, cycle_id, known_at)
    reviewed = both_plans(asking, cycle_id, moment)
    require_known(reviewed, cycle_id, person_id, objective_id)
    rows = in_scope(reviewed, team_id, objective_id)
    goals = [goal(reviewed, row) for row in rows]
    person = None if person_id is None else str(person_id)
    if person is not None:
        goals = [each for each in goals if any(o["owner_id"] == person for o in each["owners"])]
    exact = {each["id"]: reviewed.exact(each["id"]) for each in goals}
    return standing_on(moment) | {
        "cycle": public_cycle(reviewed.found.cycle),
        "goals": goals,
        "people": people(goals, exact, person),
        "teams": teams(goals, exact),
    }


def require_known(
    reviewed: Reviewed, cycle_id: UUID, person_id: UUID | None, objective_id: UUID | None
) -> None:
    """Refuse a person or an objective there is nothing to review of; raise NotFound."""
    database, moment = reviewed.asking.settled(reviewed.moment)
    if person_id is not None:
        one(database, "person", person_id, "person", moment.plan, "person_id")
    if objective_id is None:
        return
    row = reviewed.found.objectives.get(str(objective_id))
    if row is None:
        require_goal(
            database, objective_id, moment.plan, "objective_id", ("objective",), (cycle_id,)
        )
    elif row["committed_at"] is None:
        raise NotFound(f"{objective_id} is a draft: nothing is promised.", field="objective_id")


def in_scope(reviewed: Reviewed, team_id: UUID | None, objective_id: UUID | None) -> list[Row]:
    """Return the objectives of a team with all below it, or one objective, or all that ever were
    more than a draft.
    """
    database, moment = reviewed.asking.settled(reviewed.moment)
    below = None if team_id is None else subtree(database, team_id, moment.plan)
    scope = Scope(below, None, None if objective_id is None else str(objective_id))
    rows = reviewed.found.objectives.values()
    return [row for row in rows if scope.covers(row) and row["committed_at"] is not None]


def moment_of(asking: Reader, cycle_id: UUID, known_at: str | None) -> Moment:
    """Return the moment a cycle is reviewed as of: its last closing, or how far one knows."""
    database, moment = asking.settled(asking.moment(known_at, None, cycle_id))
    history = versions(database, "cycle", [str(cycle_id)], moment.plan)
    if not history or not history[-1]["closed"]:
        return moment
    closing_position = asking.moments.at_position(history[-1]["closing_position"], "known_at")
    return closing_position.moment._replace(is_fixed=moment.is_fixed)


def both_plans(asking: Reader, cycle_id: UUID, moment: Moment) -> Reviewed:
    """Return the goals of a cycle under the plan as committed and as it ended."""
    database: Database = asking.caught_up(moment)
    found = members(database, cycle_id, moment.plan)
    ended = asking.board_at(cycle_id, moment).goals
    promised: dict[str, Goal] = {}
    if found.plan_commit_position is not None:
        promised = asking.board_at(cycle_id, moment._replace(plan=found.plan_commit_position)).goals
    promised = {id_: each for id_, each in promised.items() if each.row["state"] != "draft"}
    happened = happenings(asking, database, found, moment)
    return Reviewed(asking, moment, found, Plan(ended, moment), Plan(promised, moment), happened)


def goal(reviewed: Reviewed, row: Row) -> Row:
    """Return the review of an objective."""
    found, id_ = reviewed.found, row["id"]
    ended, committed = reviewed.ended.objectives[id_], reviewed.committed.objectives.get(id_)
    key_results = key_results_of(reviewed, id_)
    happened = reviewed.happened.of(id_, *(each["id"] for each in key_results))
    return {
        "id": id_,
        "title": row["title"],
        "team_id": row["team_id"],
        "commitment": row["commitment"],
        "state": row["state"],
        "planned": committed is not None,
        "added_mid_cycle": found.is_added(row),
        "dropped_mid_cycle": found.is_dropped(row),
        "promised": chosen(committed, PROMISE),
        "ended_as": chosen(row, PROMISE),
        "scores": {
            "committed": chosen(committed, SCORE),
            "ended": None if row["state"] == "abandoned" else chosen(ended, SCORE),
        },
        "grade": ended["grade"],
        "counts": counted(happened),
        "owners": owners_of(reviewed.asking, found.cycle, row, reviewed.moment, happened),
        "key_results": [key_result(reviewed, each) for each in key_results],
    }


def key_results_of(reviewed: Reviewed, objective_id: str) -> list[Row]:
    """Return the key results of an objective: promised, or its own in the end; dropped ones too."""
    promised = reviewed.committed.objectives.get(objective_id, {"key_results": []})
    ids = {each["id"] for each in promised["key_results"]}
    return [
        row
        for row in reviewed.found.key_results.values()
        if row["objective_id"] == objective_id or row["id"] in ids
    ]


def key_result(reviewed: Reviewed, row: Row) -> Row:
    """Return the review of a key result."""
    found, happened, id_ = reviewed.found, reviewed.happened, row["id"]
    ended, committed = reviewed.ended.key_results.get(id_), reviewed.committed.key_results.get(id_)
    return {
        "id": id_,
        "title": row["title"],
        "objective_id": row["objective_id"],
        "planned": committed is not None,
        "added_mid_cycle": found.is_added(row),
        "dropped_mid_cycle": found.is_dropped(row),
        "promised": chosen(committed, KEY_RESULT_PROMISE),
        "ended_as": chosen(ended, KEY_RESULT_PROMISE),
        "scores": {
            "committed": chosen(committed, ("progress", "status")),
            "ended": chosen(ended, ("progress", "status")),
        },
        "reading": (ended or committed or {"reading": None})["reading"],
        "counts": counted(happened.of(id_)),
        "confidence": happened.confidence.get(id_, []),
    }


def chosen(answer: Row | None, names: tuple[str, ...]) -> Row | None:
    """Return some fields of an answer, if there is one."""
    return None if answer is None else {name: answer[name] for name in names}
