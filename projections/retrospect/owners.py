"""Who was accountable for a goal, from when to when, and the scores of people and teams."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from okr_es.scoring import formulas
from projections.as_of.hierarchy import below_objectives
from projections.as_of.moments import Moment
from projections.as_of.references import ref
from projections.as_of.view import View
from projections.goals.goal_history import GoalHistory
from projections.goals.timeline import Timeline
from projections.read_model.tables import Row
from projections.retrospect.activity import Happening, by_owner, counts
from projections.retrospect.review_answers import (
    HappenedCounts,
    Means,
    ReviewedGoal,
    ReviewedPerson,
    ReviewedTeam,
)
from projections.retrospect.review_answers import Ownership as OwnershipAnswer

Exact = tuple[Fraction | None, Fraction | None]  # against the plan as committed, and as it ended
ONE_DAY = timedelta(days=1)


class Ownership(NamedTuple):
    """Since which position an objective had an owner."""

    position: int
    owner_id: str


class Ownerships:
    """Who owned some objectives, since when, with progress at each change of owner."""

    def __init__(self, view: View, ids: list[str]) -> None:
        self.view = view
        self.of: dict[str, list[Ownership]] = defaultdict(list)
        for row in view.versions("objective", ids):
            owners = self.of[row["id"]]
            if not owners or owners[-1].owner_id != row["owner_id"]:
                owners.append(Ownership(row["known_from"], row["owner_id"]))
        handed_over = [each.position for owners in self.of.values() for each in owners[1:]]
        before = [position - 1 for position in handed_over]
        first = [owners[0].position for owners in self.of.values()]
        self.days = view.days([*first, *handed_over, *before])
        self.progress = self.progress_before(before) if before else {}

    def progress_before(self, positions: list[int]) -> dict[tuple[str, int], Decimal | None]:
        """Return the rolled-up progress of objectives right before each change of owner."""
        hand_overs = sorted(
            (each.position - 1, id_) for id_, owners in self.of.items() for each in owners[1:]
        )
        closure = below_objectives(self.view, [id_ for _, id_ in hand_overs])
        first = min(positions)
        history = GoalHistory(self.view, closure, first, first, self.days[first])
        timeline = Timeline(history, self.moment(first))
        found = {}
        for position, id_ in hand_overs:
            timeline.move(self.moment(position))
            score = timeline.score(id_)
            found[id_, position] = None if score is None else formulas.shown(score.whole)
        return found

    def moment(self, position: int) -> Moment:
        """Return the moment right after an event."""
        return Moment(position, position, self.days[position], self.days[position])


def owners_of(
    ownerships: Ownerships,
    cycle: Row,
    objective: Row,
    progress: Decimal | None,
    happened: list[Happening],
) -> list[OwnershipAnswer]:
    """Return who owned an objective, each from when to when, with what happened in their time.

    Days are those of the cycle up to the moment; the day of a change of owner is the new owner's.
    `progress` is that of the objective in the end.
    """
    days, id_ = ownerships.days, objective["id"]
    changes = ownerships.of[id_]
    starts = date.fromisoformat(cycle["starts"])
    end = last_day(cycle, objective, ownerships.view.moment)
    firsts = [max(days[each.position], starts) for each in changes]
    shares = by_owner([each.position for each in changes], firsts, happened)
    found: list[OwnershipAnswer] = []
    for each, following, first, share in zip(
        changes, [*changes[1:], None], firsts, shares, strict=True
    ):
        after = end + ONE_DAY if following is None else days[following.position]
        until = None if following is None else following.position
        found.append({
            "owner": ref(each.owner_id),
            "from": first,
            "until": None if following is None else after,
            "days": max((min(after, end + ONE_DAY) - first).days, 0),
            "from_position": each.position,
            "until_position": until,
            "progress_at_start": ownerships.progress.get((id_, each.position - 1)),
            "progress_at_end": progress
            if until is None
            else ownerships.progress.get((id_, until - 1)),
            "counts": counts(share),
        })  # fmt: skip
    return found


def last_day(cycle: Row, objective: Row, moment: Moment) -> date:
    """Return the last day an objective is accounted for."""
    return min(date.fromisoformat(objective["due"] or cycle["ends"]), moment.day)


def people(
    goals: list[ReviewedGoal], exact: dict[str, Exact], only: str | None
) -> list[ReviewedPerson]:
    """Return the scores of each person, a goal counting for each by the days they owned it."""
    owned: dict[str, list[tuple[ReviewedGoal, OwnershipAnswer]]] = defaultdict(list)
    for goal in goals:
        for owner in goal["owners"]:
            if only in (None, owner["owner"]["id"]):
                owned[owner["owner"]["id"]].append((goal, owner))
    return [
        {
            "person": ref(person_id),
            "goals": [{"objective": ref(goal["id"]), **owner} for goal, owner in each],
            **outcome(
                [(goal, exact[goal["id"]], owner["days"]) for goal, owner in each],
                [owner["counts"] for _, owner in each],
            ),
        }
        for person_id, each in sorted(owned.items())
    ]


def teams(goals: list[ReviewedGoal], exact: dict[str, Exact]) -> list[ReviewedTeam]:
    """Return the scores of each team, by the team a goal ended with."""
    of: dict[str, list[ReviewedGoal]] = defaultdict(list)
    for goal in goals:
        of[goal["team"]["id"]].append(goal)
    return [
        {
            "team": ref(team_id),
            "goals": [ref(goal["id"]) for goal in each],
            **outcome(
                [(goal, exact[goal["id"]], 1) for goal in each], [goal["counts"] for goal in each]
            ),
        }
        for team_id, each in sorted(of.items())
    ]


def outcome(each: list[tuple[ReviewedGoal, Exact, int]], happened: list[HappenedCounts]) -> Means:
    """Return the weighted means of both scores of some goals, and what happened added up.

    What was not measured, not promised or abandoned has no score: it is left out and counted.
    """
    committed = [(score[0], weight) for _, score, weight in each if score[0] is not None]
    ended = [(score[1], weight) for _, score, weight in each if score[1] is not None]
    promised = sum(goal["promised"] is not None for goal, _, _ in each)
    abandoned = sum(goal["state"] == "abandoned" for goal, _, _ in each)
    return {
        "scores": {
            "committed": formulas.shown(formulas.weighted_mean(committed)),
            "ended": formulas.shown(formulas.weighted_mean(ended)),
        },
        "not_measured": {
            "committed": promised - len(committed),
            "ended": len(each) - abandoned - len(ended),
        },
        "added": sum(goal["added_mid_cycle"] for goal, _, _ in each),
        "not_planned": len(each) - promised,
        "given_up": abandoned,
        "counts": summed(happened),
    }


def summed(each: list[HappenedCounts]) -> HappenedCounts:
    """Return counts added up."""
    return {
        "retitlings": sum(one["retitlings"] for one in each),
        "retargets": sum(one["retargets"] for one in each),
        "reweightings": sum(one["reweightings"] for one in each),
        "realignments": sum(one["realignments"] for one in each),
        "reassignments": sum(one["reassignments"] for one in each),
        "moves": sum(one["moves"] for one in each),
        "links": sum(one["links"] for one in each),
        "corrections": sum(one["corrections"] for one in each),
        "retractions": sum(one["retractions"] for one in each),
        "overdue_readings": sum(one["overdue_readings"] for one in each),
    }
