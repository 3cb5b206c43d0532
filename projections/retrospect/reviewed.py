"""A cycle looked back on: its goals under both plans, what happened to them, and who held them.

Reviews and scoreboards are made of this. What only a review shows, goal by goal, is worked out
where it is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from okr_es.scoring import ratios
from okr_es.scoring.shown import cut_down
from projections.as_of.moments import Moment
from projections.as_of.view import View
from projections.goals.answers import KeyResultBody, ObjectiveBody
from projections.goals.cycle_members import Members, cycle_versions, members
from projections.goals.goal import Goal
from projections.goals.loading import board
from projections.goals.promised import promised_goals
from projections.goals.scoring import Scoring
from projections.read_model.tables import Row
from projections.retrospect.activity import Activity, Happening, activity
from projections.retrospect.holders import Holders
from projections.retrospect.ownership import AtEnd, Held, at_ends_of, by_stretch
from projections.retrospect.people_figures import Shown
from projections.retrospect.totals import Counted, ExactTotal, exact_total


class Scored:
    """Goals under one plan, measured by the readings of one moment.

    `ended` are the same goals as they ended: where their score is final, it is final under any
    plan.
    """

    def __init__(self, goals: dict[str, Goal], view: View, ended: Mapping[str, Goal]) -> None:
        self.goals = goals
        self.scoring = Scoring(view.moment.day, view.calendars)
        self.exact = {
            id_: final_score(self.scoring, goal, ended.get(id_, goal))
            for id_, goal in goals.items()
        }
        self.measured = {
            id_ for id_, goal in goals.items() if self.scoring.score(goal).share is not None
        }

    @cached_property
    def objectives(self) -> dict[str, ObjectiveBody]:
        """The goals as answers have them, by id."""
        return {id_: self.scoring.answer(goal) for id_, goal in self.goals.items()}

    @cached_property
    def key_results(self) -> dict[str, KeyResultBody]:
        """Their key results as answers have them, by id."""
        return {
            row["id"]: row for answer in self.objectives.values() for row in answer["key_results"]
        }

    def coverage(self, id_: str) -> Fraction | None:
        """Return how much of a goal is measured; None where it is not there."""
        goal = self.goals.get(id_)
        return None if goal is None else ratios.fraction(self.scoring.score(goal).coverage_share)


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
        is_abandoned = row["state"] == "abandoned"
        goal, scoring = self.ended.goals[id_], self.ended.scoring
        return Counted(
            self.committed.exact.get(id_),
            self.ended_score(id_),
            is_promised=id_ in self.committed.goals,
            is_added=self.found.is_added(self.found.objectives[id_]),
            is_abandoned=is_abandoned,
            is_committed_measured=id_ in self.committed.measured,
            is_ended_measured=id_ in self.ended.measured,
            key_results=len(goal.key_results),
            committed_coverage=self.committed.coverage(id_),
            ended_coverage=None if is_abandoned else self.ended.coverage(id_),
            outcome=scoring.outcome(goal, scoring.scorer(goal)),
            ended_by=goal.ended_by,
            band=scoring.band(goal),
            status=None if is_abandoned else scoring.status(goal),
            is_carried_in=row["carried_from"] is not None,
            is_adjusted=bool(row["graded"]) and row["adjusted_grade"] is not None,
        )

    def ended_score(self, id_: str) -> Fraction | None:
        """Return the score of an objective as it ended; what was abandoned has none."""
        is_abandoned = self.found.objectives[id_]["state"] == "abandoned"
        return None if is_abandoned else self.ended.exact.get(id_)

    def in_the_end(self, id_: str) -> AtEnd:
        """Return how an objective stands in the end."""
        expected = self.ended.scoring.score(self.ended.goals[id_]).expected_share
        return AtEnd(cut_down(self.ended.exact[id_]), cut_down(expected))

    def happened(self, id_: str) -> list[Happening]:
        """Return what happened to an objective and its key results."""
        key_results = self.key_results.get(id_, ())
        return self.activity.of(id_, *(each["id"] for each in key_results))


def as_of_closing(view: View, cycle_id: UUID, field: str = "id") -> View:
    """Return the view a cycle is reviewed as of: of its last closing, or as it is.

    Raises NotFound, with the field, for a cycle there is not by then.
    """
    cycle, moment = cycle_versions(view, cycle_id, field)[-1], view.moment
    if not cycle["closed"]:
        return view
    position = cycle["closing_position"]
    day = view.days((position,))[position]
    return view.at(Moment(position, position, day, day, moment.is_fixed))


def both_plans(view: View, cycle_id: UUID, *, with_confidence: bool = True) -> Reviewed:
    """Return the goals of a cycle under the plan as committed and as it ended.

    `with_confidence`: also how confident check-ins were.
    """
    found = members(view, cycle_id)
    ended = board(view, cycle_id).goals
    committed = Scored(promised_goals(view, cycle_id), view, ended)
    return Reviewed(
        view,
        found,
        Scored(ended, view, ended),
        committed,
        activity(view, found, with_confidence=with_confidence),
        by_objective(found, committed.goals),
    )


def by_objective(found: Members, committed: Mapping[str, Goal]) -> dict[str, list[Row]]:
    """Return the key results of each objective: promised, or its own in the end; dropped too."""
    promised = {
        each.id: each.objective_id for goal in committed.values() for each in goal.key_results
    }
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in found.key_results.values():
        own = row["objective_id"]
        for id_ in {own, promised.get(row["id"], own)}:
            rows[id_].append(row)
    return rows


def held_goals(reviewed: Reviewed, *, with_ends: bool = True) -> list[Held]:
    """Return all objectives that ever were more than a draft, with who held them when.

    `with_ends`: also how each stood where it passed on, and in the end.
    """
    rows = {
        row["id"]: row
        for row in reviewed.found.objectives.values()
        if row["committed_at"] is not None
    }
    view, holders = reviewed.view, Holders(reviewed.view, reviewed.found.cycle, rows)
    at_ends = at_ends_of(view, holders) if with_ends else {}
    held = [
        Held(
            id_,
            stretches,
            by_stretch(stretches, reviewed.happened(id_)),
            reviewed.counted(rows[id_]),
            at_ends,
        )
        for id_, stretches in holders.of.items()
    ]
    return [with_end(reviewed, each) for each in held] if with_ends else held


def with_end(reviewed: Reviewed, held: Held) -> Held:
    """Return a goal with how it stood in the end: of the one who had it last."""
    last = held.stretches[-1].last
    stood = held.at_ends.get((held.id, last), reviewed.in_the_end(held.id))
    return held._replace(in_the_end=stood)


def is_in_scope(held: Held, team: str | None, person: str | None, objective: str | None) -> bool:
    """Return whether a team with its subtree, or a person, ever held a goal; None: any."""
    return (
        (team is None or any(team in each.teams for each in held.stretches))
        and (person is None or any(person == each.owner.value for each in held.stretches))
        and objective in (None, held.id)
    )


def exact_total_of_cycle(held: Iterable[Held], shown: Shown) -> ExactTotal:
    """Return the total of all objectives of a cycle, with exact shares."""
    goals = list(held)
    happened = [each for goal in goals for share in goal.happened for each in share]
    owners = {each.owner.value for goal in goals for each in goal.stretches}
    return exact_total(
        [each.counted for each in goals],
        happened,
        has_discipline=shown.has_discipline_of(owners),
    )
