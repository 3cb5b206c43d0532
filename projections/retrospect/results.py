"""What was published of a cycle, and what is known of it since.

Closing a cycle publishes its result: a position, the scoring policy in force, the grades. A late
reading or a correction never changes it, but shows as a restatement beside it. Each closing
stays, also when the cycle was reopened.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from okr_es.scoring.formulas import Policy
from projections.as_of.hierarchy import below_cycle
from projections.as_of.moments import Moment
from projections.as_of.references import cycle_answer
from projections.as_of.view import View, as_of_fields
from projections.audit_log.answers import EntryAnswer
from projections.audit_log.history import History
from projections.goals.cycle_members import cycle_versions
from projections.goals.goal import Goal
from projections.goals.goal_history import GoalHistory
from projections.goals.loading import board
from projections.goals.scoring import Scoring
from projections.goals.timeline import Timeline, at_position
from projections.read_model.tables import Row
from projections.retrospect.answers import (
    Closing,
    PolicyAnswer,
    PublishedObjective,
    Restated,
    Restatement,
    ResultsAnswer,
    Statement,
)


class Published(NamedTuple):
    """What was published at a closing: where, on which day, under which policy, of which goals."""

    position: int
    day: date
    policy: PolicyAnswer
    objectives: list[PublishedObjective]


def results(view: View, history: History, cycle_id: UUID) -> ResultsAnswer:
    """Return every closing of a cycle as it was published, and the restatement of the last."""
    cycle = cycle_versions(view, cycle_id)
    closed_at = [each["position"] for each in cycle[-1]["closings"]]
    reopened_at = reopenings(cycle)
    entries = history.entries(view, [*closed_at, *reopened_at])
    words = {each["position"]: words_of(view, each) for each in entries}
    days = [words[position]["day"] for position in closed_at]
    now = last_as_known_now(view, cycle[-1], closed_at[-1], days[-1]) if closed_at else {}
    published = publications(view, cycle[-1], closed_at, days, now)
    closings: list[Closing] = [
        {
            "number": number,
            **words[each.position],
            "policy": each.policy,
            "objectives": each.objectives,
            "reopened": None,
        }
        for number, each in enumerate(published, 1)
    ]
    for reopened, position in reopened_at.items():
        found = next(each for each in closings if each["position"] == position)
        found["reopened"] = words[reopened]
    return {
        **as_of_fields(view),
        "cycle": cycle_answer(cycle[-1]),
        "closings": closings,
        "restatement": restatement(view, published, now) if published else None,
    }


def last_as_known_now(view: View, cycle: Row, position: int, day: date) -> dict[str, Goal]:
    """Return the goals of a cycle as of its last closing by what is known at the moment, by id."""
    moment = view.moment
    until = min(max(day, date.fromisoformat(cycle["ends"])), moment.day)
    known_now = Moment(position, moment.known, day, until)
    own = board(view.at(known_now), UUID(cycle["id"])).own
    return {goal.row["id"]: goal for goal in own}


def publications(
    view: View, cycle: Row, closed_at: list[int], days: list[date], now: dict[str, Goal]
) -> list[Published]:
    """Return what was published at each closing, by one timeline that goes through them.

    `now` are the goals as of the last closing: what was loaded of their past is not loaded again.
    """
    if not closed_at:
        return []
    closure = below_cycle(view, cycle["id"])
    history = GoalHistory(view, closure, closed_at[0], closed_at[0], days[0])
    if past := next((goal.past for goal in now.values() if goal.past), None):
        history.plans = past.plans
    timeline = Timeline(history, at_position(closed_at[0], days[0]))
    published = []
    for position, day in zip(closed_at, days, strict=True):
        timeline.move(at_position(position, day))
        policy = thresholds_of(timeline.policy(position))
        objectives = [result(timeline.scoring, goal) for goal in timeline.of_cycle(cycle["id"])]
        published.append(Published(position, day, policy, objectives))
    return published


def thresholds_of(policy: Policy) -> PolicyAnswer:
    """Return the thresholds of a scoring policy, in plain notation."""
    return {
        "on_track": format(policy.on_track, "f"),
        "at_risk": format(policy.at_risk, "f"),
        "yellow_from": format(policy.yellow_from, "f"),
        "committed_expected": format(policy.committed_expected, "f"),
        "aspirational_expected": format(policy.aspirational_expected, "f"),
        "not_measured": "counts_zero" if policy.counts_zero else "left_out",
    }


def words_of(view: View, entry: EntryAnswer) -> Statement:
    """Return who closed or reopened a cycle, when and why."""
    return {
        "position": entry["position"],
        "recorded_at": entry["recorded_at"],
        "by": entry["by"],
        "reason": entry["reason"],
        "comment": entry["comment"],
        "day": view.dates.day_of(entry["recorded_at"]),
    }


def reopenings(versions: list[Row]) -> dict[int, int]:
    """Return the positions at which a cycle was reopened, each with that of the closing before."""
    return {
        after["known_from"]: before["closing_position"]
        for before, after in pairwise(versions)
        if before["closed"] and not after["closed"]
    }


def result(scoring: Scoring, goal: Goal) -> PublishedObjective:
    """Return an objective as a result shows it."""
    answer = scoring.answer(goal)
    return {
        "id": answer["id"],
        "title": answer["title"],
        "team": answer["team"],
        "owner": answer["owner"],
        "commitment": answer["commitment"],
        "state": answer["state"],
        "score": answer["score"],
        "coverage": answer["coverage"],
        "rolled_up": answer["rolled_up"],
        "status": answer["status"],
        "off_track": answer["off_track"],
        "not_measured": answer["not_measured"],
        "overdue": answer["overdue"],
        "grade": answer["grade"],
        "outcome": answer["outcome"],
        "ended_by": answer["ended_by"],
        "late_days": answer["late_days"],
    }


def restatement(view: View, published: list[Published], now: dict[str, Goal]) -> Restatement:
    """Return the objectives whose published result differs from what is known at the moment."""
    last = published[-1]
    scoring = Scoring(last.day, view.calendars)
    before = {row["id"]: row for row in last.objectives}
    pairs = [
        (id_, restated(before[id_]), restated(result(scoring, goal))) for id_, goal in now.items()
    ]
    return {
        "of": len(published),
        "position": view.moment.known,
        "objectives": [
            {"id": id_, "published": one, "restated": other}  # type: ignore[typeddict-item]  # named later
            for id_, one, other in pairs
            if one != other
        ],
    }


def restated(objective: PublishedObjective) -> Restated:
    """Return what of a published objective may read otherwise later."""
    return {
        "score": objective["score"],
        "coverage": objective["coverage"],
        "rolled_up": objective["rolled_up"],
        "not_measured": objective["not_measured"],
        "grade": objective["grade"],
        "outcome": objective["outcome"],
        "late_days": objective["late_days"],
    }
