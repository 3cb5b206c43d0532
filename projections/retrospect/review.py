"""The review of a cycle: what was promised, what it ended as, and the scores.

A closed cycle is reviewed as of its closing, whatever was recorded since; an open one as known now.
Every goal has two scores side by side, against the plan as committed and as it ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.refusals import NotFound
from okr_es.scoring.shown import cut_down
from projections.as_of.moments import Moment
from projections.as_of.references import cycle_answer, ref
from projections.as_of.view import View, as_of_fields
from projections.goals.answers import KeyResultBody, ObjectiveBody
from projections.goals.cycle_members import Members, cycle_versions, members
from projections.goals.goal import Goal
from projections.goals.loading import board
from projections.goals.promised import promised_goals
from projections.goals.scoring import Scoring
from projections.read_model.tables import Row
from projections.retrospect.activity import Activity, Happening, activity, counts
from projections.retrospect.holders import Holders
from projections.retrospect.ownership import (
    AtEnd,
    Held,
    at_ends_of,
    by_stretch,
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
    Total,
)
from projections.retrospect.totals import Counted, total


class Scored:
    """Goals under one plan, measured by the readings of one moment.

    `ended` are the same goals as they ended: where their score is final, it is final under any
    plan.
    """

    def __init__(self, goals: dict[str, Goal], view: View, ended: Mapping[str, Goal]) -> None:
        scoring = Scoring(view.moment.day, view.calendars)
        self.objectives = {id_: scoring.answer(goal) for id_, goal in goals.items()}
        self.exact = {
            id_: final_score(scoring, goal, ended.get(id_, goal)) for id_, goal in goals.items()
        }
        self.measured = {
            id_ for id_, answer in self.objectives.items() if answer["score"] is not None
        }
        self.key_results = {
            row["id"]: row for answer in self.objectives.values() for row in answer["key_results"]
        }


def final_score(scoring: Scoring, goal: Goal, ended: Goal) -> Fraction | None:
    """Return the score of a goal; once it is final, what is not measured counts as its policy says.

    So it is 0 for a goal of which nothing is measured, unless the policy leaves that out.
    """
    score = scoring.score(goal)
    return score.final if ended.is_final(scoring.day_text) else score.exact


class Reviewed(NamedTuple):
    """A cycle with all its goals under both plans, and what happened to them on the way."""

    view: View
    found: Members
    ended: Scored
    committed: Scored
    activity: Activity
    key_results: dict[str, list[Row]]

    def counted(self, row: Row) -> Counted:
        """Return an objective as totals count it: exact scores against both plans."""
        id_: str = row["id"]
        return Counted(
            self.committed.exact.get(id_),
            self.ended_score(id_),
            is_promised=id_ in self.committed.objectives,
            is_added=self.found.is_added(self.found.objectives[id_]),
            is_abandoned=row["state"] == "abandoned",
            is_committed_measured=id_ in self.committed.measured,
            is_ended_measured=id_ in self.ended.measured,
            outcome=self.ended.objectives[id_]["outcome"],
            ended_by=self.ended.objectives[id_]["ended_by"],
        )

    def ended_score(self, id_: str) -> Fraction | None:
        """Return the score of an objective as it ended; what was abandoned has none."""
        is_abandoned = self.found.objectives[id_]["state"] == "abandoned"
        return None if is_abandoned else self.ended.exact.get(id_)

    def in_the_end(self, id_: str) -> AtEnd:
        """Return how an objective stands in the end."""
        expected = self.ended.objectives[id_]["expected"]
        return AtEnd(cut_down(self.ended.exact[id_]), expected)

    def happened(self, id_: str) -> list[Happening]:
        """Return what happened to an objective and its key results."""
        key_results = self.key_results.get(id_, ())
        return self.activity.of(id_, *(each["id"] for each in key_results))


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
    shown, owners = shown_about_people(view), owners_by_team(held)
    open_teams = [id_ for id_, each in owners.items() if shown.has_discipline_of(each)]
    return {
        **as_of_fields(view),
        "cycle": cycle_answer(reviewed.found.cycle),
        "goals": [goal(reviewed, each, shown, open_teams) for each in held],
        "people_figures": shown.people_figures,
        "people": people(held, shown, person, team),
        "teams": teams(held, open_teams, team) if is_of_all else [],
        "total": of_cycle(held, shown) if is_of_all and team is None else None,
    }


def of_cycle(held: list[Held], shown: Shown) -> Total:
    """Return the total of all objectives of a cycle."""
    happened = [each for goal in held for share in goal.happened for each in share]
    owners = {each.owner.value for goal in held for each in goal.stretches}
    return total(
        [each.counted for each in held],
        happened,
        has_discipline=shown.has_discipline_of(owners),
    )


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
    found = members(view, cycle_id)
    ended = board(view, cycle_id).goals
    committed = Scored(promised_goals(view, cycle_id), view, ended)
    return Reviewed(
        view,
        found,
        Scored(ended, view, ended),
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


def held_goals(reviewed: Reviewed) -> list[Held]:
    """Return all objectives that ever were more than a draft, with who held them when."""
    rows = {
        row["id"]: row
        for row in reviewed.found.objectives.values()
        if row["committed_at"] is not None
    }
    view, holders = reviewed.view, Holders(reviewed.view, reviewed.found.cycle, rows)
    at_ends = at_ends_of(view, holders)
    return [
        Held(
            id_,
            stretches,
            by_stretch(stretches, reviewed.happened(id_)),
            reviewed.counted(rows[id_]),
            at_ends,
            at_ends.get((id_, stretches[-1].last), reviewed.in_the_end(id_)),
        )
        for id_, stretches in holders.of.items()
    ]


def is_in_scope(held: Held, team: str | None, person: str | None, objective: str | None) -> bool:
    """Return whether a team with its subtree, or a person, ever held a goal; None: any."""
    return (
        (team is None or any(team in each.teams for each in held.stretches))
        and (person is None or any(person == each.owner.value for each in held.stretches))
        and objective in (None, held.id)
    )


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
