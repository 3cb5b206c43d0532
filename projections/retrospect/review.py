"""The review of a cycle: what was promised, what it ended as, and the scores.

A closed cycle is reviewed as of its closing, whatever was recorded since; an open one as known now.
Every goal has two scores side by side, against the plan as committed and as it ended.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.refusals import NotFound
from okr_es.scoring import formulas
from projections.as_of.hierarchy import team_subtree
from projections.as_of.moments import Moment
from projections.as_of.references import cycle_answer, ref
from projections.as_of.view import View, standing_on
from projections.goals.answers import KeyResultBody, ObjectiveBody
from projections.goals.cycle_members import Members, Scope, cycle_versions, members
from projections.goals.loading import board
from projections.goals.scoring import Goal, Scoring
from projections.read_model.tables import Row
from projections.retrospect.activity import Activity, activity, counts
from projections.retrospect.owners import Exact, Ownerships, owners_of, people, teams
from projections.retrospect.review_answers import (
    KeyResultProgressed,
    KeyResultPromise,
    Promise,
    ReviewAnswer,
    ReviewedGoal,
    ReviewedKeyResult,
    ScoreAnswer,
)


class Scored:
    """Goals under one plan, measured by the readings of one moment."""

    def __init__(self, goals: dict[str, Goal], moment: Moment) -> None:
        scoring = Scoring(moment.day)
        self.objectives = {id_: scoring.answer(goal) for id_, goal in goals.items()}
        self.exact = {id_: scoring.score(goal).whole for id_, goal in goals.items()}
        self.key_results = {
            row["id"]: row for answer in self.objectives.values() for row in answer["key_results"]
        }


class Reviewed(NamedTuple):
    """A cycle with all its goals under both plans, and what happened to them on the way."""

    view: View
    found: Members
    ended: Scored
    committed: Scored
    activity: Activity
    key_results: dict[str, list[Row]]

    def exact(self, id_: str) -> Exact:
        """Return the exact scores of an objective, against the plan committed and as it ended."""
        return self.committed.exact.get(id_), self.ended_score(id_)

    def ended_score(self, id_: str) -> Fraction | None:
        """Return the score of an objective as it ended; what was abandoned has none."""
        is_abandoned = self.found.objectives[id_]["state"] == "abandoned"
        return None if is_abandoned else self.ended.exact.get(id_)


def review(
    view: View,
    cycle_id: UUID,
    team_id: UUID | None,
    person_id: UUID | None,
    objective_id: UUID | None,
) -> ReviewAnswer:
    """Return the review of a cycle, per goal, person and team, limited to some if asked."""
    view = as_of_closing(view, cycle_id)
    reviewed = both_plans(view, cycle_id)
    require_known(reviewed, cycle_id, person_id, objective_id)
    rows = in_scope(reviewed, team_id, objective_id)
    ownerships = Ownerships(view, [row["id"] for row in rows])
    goals = [goal(reviewed, ownerships, row) for row in rows]
    person = None if person_id is None else str(person_id)
    if person is not None:
        goals = [each for each in goals if any(o["owner"] == ref(person) for o in each["owners"])]
    exact = {each["id"]: reviewed.exact(each["id"]) for each in goals}
    return {
        **standing_on(view.moment),
        "cycle": cycle_answer(reviewed.found.cycle),
        "goals": goals,
        "people": people(goals, exact, person),
        "teams": teams(goals, exact),
    }


def as_of_closing(view: View, cycle_id: UUID) -> View:
    """Return the view a cycle is reviewed as of: of its last closing, or as it is."""
    cycle, moment = cycle_versions(view, cycle_id)[-1], view.moment
    if not cycle["closed"]:
        return view
    position = cycle["closing_position"]
    day = view.days((position,))[position]
    return view.at(Moment(position, position, day, day, moment.is_fixed))


def both_plans(view: View, cycle_id: UUID) -> Reviewed:
    """Return the goals of a cycle under the plan as committed and as it ended."""
    found, moment = members(view, cycle_id), view.moment
    ended = board(view, cycle_id).goals
    promised: dict[str, Goal] = {}
    if found.plan_commit_position is not None:
        as_committed = view.at(moment._replace(plan=found.plan_commit_position))
        promised = board(as_committed, cycle_id).goals
    promised = {id_: each for id_, each in promised.items() if each.row["state"] != "draft"}
    committed = Scored(promised, moment)
    return Reviewed(
        view,
        found,
        Scored(ended, moment),
        committed,
        activity(view, found),
        by_objective(found, committed),
    )


def by_objective(found: Members, committed: Scored) -> dict[str, list[Row]]:
    """Return the key results of each objective: promised, or its own in the end; dropped too."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in found.key_results.values():
        promised = committed.key_results.get(row["id"])
        ids = {row["objective_id"]} | ({promised["objective"]["id"]} if promised else set())
        for id_ in ids:
            rows[id_].append(row)
    return rows


def require_known(
    reviewed: Reviewed, cycle_id: UUID, person_id: UUID | None, objective_id: UUID | None
) -> None:
    """Refuse a person or an objective there is nothing to review of; raise NotFound."""
    view = reviewed.view
    if person_id is not None:
        view.one("person", person_id, "person", "person_id")
    if objective_id is None:
        return
    row = reviewed.found.objectives.get(str(objective_id))
    if row is None:
        view.require_goal(objective_id, "objective_id", ("objective",), (cycle_id,))
    elif row["committed_at"] is None:
        raise NotFound(f"{objective_id} is a draft: nothing is promised.", field="objective_id")


def in_scope(reviewed: Reviewed, team_id: UUID | None, objective_id: UUID | None) -> list[Row]:
    """Return the objectives of a team's subtree, or one objective, or all that ever were more than
    a draft.
    """
    below = None
    if team_id is not None:
        reviewed.view.one("team", team_id, "team", "team_id")
        below = team_subtree(reviewed.view, team_id)
    scope = Scope(below, None, None if objective_id is None else str(objective_id))
    rows = reviewed.found.objectives.values()
    return [row for row in rows if scope.covers(row) and row["committed_at"] is not None]


def goal(reviewed: Reviewed, ownerships: Ownerships, row: Row) -> ReviewedGoal:
    """Return the review of an objective."""
    found, id_ = reviewed.found, row["id"]
    ended, committed = reviewed.ended.objectives[id_], reviewed.committed.objectives.get(id_)
    key_results = reviewed.key_results.get(id_, [])
    happened = reviewed.activity.of(id_, *(each["id"] for each in key_results))
    progress = formulas.shown(reviewed.ended.exact[id_])
    return {
        "id": id_,
        "title": row["title"],
        "team": ended["team"],
        "commitment": row["commitment"],
        "state": row["state"],
        "planned": committed is not None,
        "added_mid_cycle": found.is_added(row),
        "dropped_mid_cycle": found.is_dropped(row),
        "promised": committed and promise(committed),
        "ended_as": promise(ended),
        "scores": {
            "committed": committed and score(committed),
            "ended": None if row["state"] == "abandoned" else score(ended),
        },
        "grade": ended["grade"],
        "counts": counts(happened),
        "owners": owners_of(ownerships, found.cycle, row, progress, happened),
        "key_results": [key_result(reviewed, each) for each in key_results],
    }


def key_result(reviewed: Reviewed, row: Row) -> ReviewedKeyResult:
    """Return the review of a key result."""
    found, happened, id_ = reviewed.found, reviewed.activity, row["id"]
    ended, committed = reviewed.ended.key_results.get(id_), reviewed.committed.key_results.get(id_)
    either = ended or committed
    return {
        "id": id_,
        "title": row["title"],
        "objective": ref(row["objective_id"]),
        "planned": committed is not None,
        "added_mid_cycle": found.is_added(row),
        "dropped_mid_cycle": found.is_dropped(row),
        "promised": committed and key_result_promise(committed),
        "ended_as": ended and key_result_promise(ended),
        "scores": {
            "committed": committed and key_result_score(committed),
            "ended": ended and key_result_score(ended),
        },
        "reading": either and either["reading"],
        "counts": counts(happened.of(id_)),
        "confidence": happened.confidence.get(id_, []),
    }


def promise(objective: ObjectiveBody) -> Promise:
    """Return what an objective promises."""
    return {
        "title": objective["title"],
        "team": objective["team"],
        "owner": objective["owner"],
        "commitment": objective["commitment"],
        "due": objective["due"],
        "weight": objective["weight"],
        "aligned_to": objective["aligned_to"],
    }


def score(objective: ObjectiveBody) -> ScoreAnswer:
    """Return what an objective has come to."""
    return {
        "progress": objective["progress"],
        "rolled_up": objective["rolled_up"],
        "status": objective["status"],
        "not_measured": objective["not_measured"],
    }


def key_result_promise(answer: KeyResultBody) -> KeyResultPromise:
    """Return what a key result promises."""
    return {
        "title": answer["title"],
        "kind": answer["kind"],
        "baseline": answer["baseline"],
        "target": answer["target"],
        "direction": answer["direction"],
        "minimum": answer["minimum"],
        "maximum": answer["maximum"],
        "unit": answer["unit"],
        "weight": answer["weight"],
        "cadence": answer["cadence"],
        "steps": answer["steps"],
        "zones": answer["zones"],
        "trajectory": answer["trajectory"],
        "kpi": answer["kpi"],
    }


def key_result_score(answer: KeyResultBody) -> KeyResultProgressed:
    """Return what a key result has come to."""
    return {"progress": answer["progress"], "status": answer["status"]}
