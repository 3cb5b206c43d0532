"""What was published of a cycle, and what is known of it since.

Closing a cycle publishes its result: a position, the scoring policy in force, the grades. A late
reading or a correction never changes it, but shows as a restatement beside it. Each closing is
kept, also when the cycle was reopened.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from projections.as_of.moments import Moment
from projections.as_of.references import cycle_answer
from projections.as_of.view import View, standing_on
from projections.audit_log.history import History
from projections.goals.cycle_members import cycle_versions
from projections.goals.loading import Board, board
from projections.goals.scoring import Goal, Scoring, thresholds_of
from projections.read_model.tables import Row

PUBLISHED = (
    "id", "title", "team", "owner", "commitment", "state", "progress", "rolled_up",
    "status", "not_measured", "overdue", "grade",
)  # fmt: skip
RESTATED = ("progress", "rolled_up", "not_measured", "grade")
WORDS = ("position", "recorded_at", "by", "reason", "comment")


class Published(NamedTuple):
    """What was published at a closing: where, on which day, the goals by then."""

    position: int
    day: date
    board: Board


def results(view: View, history: History, cycle_id: UUID) -> Row:
    """Return every closing of a cycle as it was published, and the restatement of the last."""
    versions = cycle_versions(view, cycle_id)
    closed_at = [each["position"] for each in versions[-1]["closings"]]
    reopened_at = reopenings(versions)
    words = {each["position"]: each for each in history.entries(view, [*closed_at, *reopened_at])}
    days = view.days(words)
    published = [publication(view, cycle_id, at, days[at]) for at in closed_at]
    closings = [
        closing(each, number, words_of(words[each.position], each.day))
        for number, each in enumerate(published, 1)
    ]
    for reopened, position in reopened_at.items():
        found = next(each for each in closings if each["position"] == position)
        found["reopened"] = words_of(words[reopened], days[reopened])
    return standing_on(view.moment) | {
        "cycle": cycle_answer(versions[-1]),
        "closings": closings,
        "restatement": restatement(view, closings, published[-1]) if published else None,
    }


def publication(view: View, cycle_id: UUID, position: int, day: date) -> Published:
    """Return what was published at a closing."""
    then = view.at(Moment(position, position, day, day))
    return Published(position, day, board(then, cycle_id))


def closing(published: Published, number: int, words: Row) -> Row:
    """Return a closing: when, by whom, under which policy, and with which result."""
    scoring = Scoring(published.day)
    return {
        "number": number,
        **words,
        "policy": thresholds_of(published.board.policy),
        "objectives": [result(scoring, goal) for goal in published.board.own],
        "reopened": None,
    }


def words_of(entry: Row, day: date) -> Row:
    """Return who closed or reopened a cycle, when and why."""
    return {name: entry[name] for name in WORDS} | {"day": day}


def reopenings(versions: list[Row]) -> dict[int, int]:
    """Return the positions at which a cycle was reopened, each with that of the closing before."""
    return {
        after["known_from"]: before["closing_position"]
        for before, after in pairwise(versions)
        if before["closed"] and not after["closed"]
    }


def result(scoring: Scoring, goal: Goal) -> Row:
    """Return an objective as a result shows it."""
    answer = scoring.answer(goal)
    return {name: answer[name] for name in PUBLISHED}


def restatement(view: View, closings: list[Row], published: Published) -> Row:
    """Return the objectives whose published result differs from what is known at the moment."""
    last, moment = closings[-1], view.moment
    ends = date.fromisoformat(published.board.cycle["ends"])
    until = min(max(published.day, ends), moment.day)
    restated = Moment(published.position, moment.known, published.day, until)
    after = board(view.at(restated), UUID(published.board.cycle["id"]))
    scoring = Scoring(published.day)
    before = {row["id"]: row for row in last["objectives"]}
    pairs = [(before[goal.row["id"]], result(scoring, goal)) for goal in after.own]
    return {
        "of": last["number"],
        "position": moment.known,
        "objectives": [
            {
                "id": one["id"],
                "published": {name: one[name] for name in RESTATED},
                "restated": {name: other[name] for name in RESTATED},
            }
            for one, other in pairs
            if any(one[name] != other[name] for name in RESTATED)
        ],
    }
