"""The review of a cycle: what was promised, what it ended as, and the scores.

A closed cycle is reviewed as of its closing, whatever was recorded since; an open one as known now.
Every goal has two scores side by side, against the plan as committed and as it ended.
"""

from __future__ import annotations

from fractions import Fraction
from uuid import UUID

from okr_es.domain.refusals import NotFound
from okr_es.scoring.shown import cut_down
from projections.as_of.references import cycle_answer, ref
from projections.as_of.view import View, as_of_fields
from projections.goals.answers import KeyResultBody, ObjectiveBody
from projections.read_model.tables import Row
from projections.retrospect.activity import counts
from projections.retrospect.ownership import (
    Held,
    owners_by_team,
    owners_of,
    people,
    teams,
    teams_of,
)
from projections.retrospect.people_figures import Shown
from projections.retrospect.people_figures import shown as shown_about_people
from projections.retrospect.review_answers import (
    KeyResultProgressed,
    KeyResultPromise,
    Promise,
    ReviewAnswer,
    ReviewedGoal,
    ReviewedKeyResult,
    ScoreAnswer,
)
from projections.retrospect.reviewed import (
    Reviewed,
    as_of_closing,
    both_plans,
    exact_total_of_cycle,
    held_goals,
    is_in_scope,
)
from projections.retrospect.totals import shown as shown_total


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
    require_known(reviewed, cycle_id, team_id, person_id, objective_id)
    team, person, objective = (
        None if each is None else str(each) for each in (team_id, person_id, objective_id)
    )
    held = [each for each in held_goals(reviewed) if is_in_scope(each, team, person, objective)]
    is_of_all = person is None and objective is None
    is_whole = is_of_all and team is None
    shown, owners = shown_about_people(view), owners_by_team(held)
    open_teams = [id_ for id_, each in owners.items() if shown.has_discipline_of(each)]
    return {
        **as_of_fields(view),
        "cycle": cycle_answer(reviewed.found.cycle),
        "goals": [goal(reviewed, each, shown, open_teams) for each in held],
        "people_figures": shown.people_figures,
        "people": people(held, shown, person, team),
        "teams": teams(held, open_teams, team) if is_of_all else [],
        "total": shown_total(exact_total_of_cycle(held, shown)) if is_whole else None,
    }


def require_known(
    reviewed: Reviewed,
    cycle_id: UUID,
    team_id: UUID | None,
    person_id: UUID | None,
    objective_id: UUID | None,
) -> None:
    """Refuse a team, person or objective there is nothing to review of; raise NotFound."""
    view = reviewed.view
    for kind, id_ in (("team", team_id), ("person", person_id)):
        if id_ is not None:
            view.one(kind, id_, kind, f"{kind}_id")
    if objective_id is None:
        return
    row = reviewed.found.objectives.get(str(objective_id))
    if row is None:
        view.require_goal(objective_id, "objective_id", ("objective",), (cycle_id,))
    elif row["committed_at"] is None:
        raise NotFound(f"{objective_id} is a draft: nothing is promised.", field="objective_id")


def goal(reviewed: Reviewed, held: Held, shown: Shown, open_teams: list[str]) -> ReviewedGoal:
    """Return the review of an objective."""
    found, id_ = reviewed.found, held.id
    row = found.objectives[id_]
    ended, committed = reviewed.ended.objectives[id_], reviewed.committed.objectives.get(id_)
    key_results = reviewed.key_results.get(id_, [])
    return {
        "id": id_,
        "title": row["title"],
        "team": ended["team"],
        "commitment": row["commitment"],
        "state": row["state"],
        "planned": found.is_planned(row),
        "added_mid_cycle": found.is_added(row),
        "dropped_mid_cycle": found.is_dropped(row),
        "promised": committed and promise(committed),
        "ended_as": promise(ended),
        "scores": {
            "committed": committed and score(committed, reviewed.committed.exact[id_]),
            "ended": None
            if row["state"] == "abandoned"
            else score(ended, reviewed.ended.exact[id_]),
        },
        "grade": ended["grade"],
        "outcome": ended["outcome"],
        "ended_by": ended["ended_by"],
        "late_days": ended["late_days"],
        "counts": counts(reviewed.happened(id_)),
        "owners": owners_of(held, shown),
        "teams": teams_of(held, open_teams),
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
        "planned": committed is not None and found.is_planned(row),
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


def score(objective: ObjectiveBody, exact: Fraction | None) -> ScoreAnswer:
    """Return what an objective has come to, with its exact score."""
    return {
        "score": cut_down(exact),
        "coverage": objective["coverage"],
        "rolled_up": objective["rolled_up"],
        "status": objective["status"],
        "off_track": objective["off_track"],
        "not_measured": objective["not_measured"],
    }


def key_result_promise(answer: KeyResultBody) -> KeyResultPromise:
    """Return what a key result promises."""
    return {
        "title": answer["title"],
        "owner": answer["owner"],
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
    return {
        "progress": answer["progress"],
        "status": answer["status"],
        "overdue": answer["overdue"],
    }
