"""What was published of a cycle, and what is known of it since.

Closing a cycle publishes its result: a position, the scoring policy in force, the grades. A late
reading or a correction never changes it, but shows as a restatement beside it. Each closing is
kept, also when the cycle was reopened.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from uuid import UUID

from okr_es.domain.cycle import as_written
from okr_es.domain.refusals import NotFound
from projections.as_of.moments import Moment, positions_of
from projections.as_of.rows import versions
from projections.audit_log.history import History
from projections.goals.loading import Board
from projections.goals.reader import Reader, standing_on
from projections.goals.scoring import Goal, Row, Scoring, of_cycle, thresholds_of
from projections.retrospect.plan import public_cycle

PUBLISHED = (
    "id", "title", "team_id", "owner_id", "commitment", "state", "progress", "rolled_up",
    "status", "not_measured", "overdue", "grade",
)  # fmt: skip
RESTATED = ("progress", "rolled_up", "not_measured", "grade")


def results(asking: Reader, records: History, cycle_id: UUID, known_at: str | None = None) -> Row:
    """Return every closing of a cycle as it was published, and the restatement of the last."""
    database, moment = asking.settled(asking.moment(known_at, None, cycle_id))
    history = versions(database, "cycle", [str(cycle_id)], moment.plan)
    if not history:
        raise NotFound(f"There is no cycle {as_written(cycle_id)} by then.", field="id")
    closings = [
        closing(asking, records, cycle_id, number, position)
        for number, position in enumerate(positions_of(history, "closing_position"), 1)
    ]
    reopenings(asking, records, history, closings)
    return standing_on(moment) | {
        "cycle": public_cycle(history[-1]),
        "closings": closings,
        "restatement": restatement(asking, cycle_id, closings, moment) if closings else None,
    }


def published(asking: Reader, cycle_id: UUID, position: int) -> tuple[Board, Scoring]:
    """Return the board that was published at a position, and its scores."""
    moment = asking.moments.at_position(position, "known_at").moment
    return asking.board_at(cycle_id, moment), Scoring(moment.day)


def closing(asking: Reader, records: History, cycle_id: UUID, number: int, position: int) -> Row:
    """Return a closing: when, by whom, under which policy, and with which result."""
    board, scoring = published(asking, cycle_id, position)
    goals = of_cycle(board.goals.values(), str(cycle_id))
    return {
        "number": number,
        **said(asking, records, position),
        "policy": thresholds_of(board.policy),
        "objectives": [told(scoring, goal) for goal in goals],
        "reopened": None,
    }


def said(asking: Reader, records: History, position: int) -> Row:
    """Return who closed or reopened a cycle, when and why."""
    (entry,) = records.entries(asking.runner.fresh().database, [position])
    names = ("position", "recorded_at", "by", "reason", "comment")
    return {name: entry[name] for name in names} | {"day": asking.moments.day_at(position)}


def reopenings(asking: Reader, records: History, history: list[Row], closings: list[Row]) -> None:
    """Say of each closing whether, when and why the cycle was reopened after it."""
    for before, after in pairwise(history):
        if before["closed"] and not after["closed"]:
            found = next(
                each for each in closings if each["position"] == before["closing_position"]
            )
            found["reopened"] = said(asking, records, after["known_from"])


def told(scoring: Scoring, goal: Goal) -> Row:
    """Return what a result says of an objective."""
    answer = scoring.answer(goal)
    return {name: answer[name] for name in PUBLISHED}


def restatement(asking: Reader, cycle_id: UUID, closings: list[Row], moment: Moment) -> Row:
    """Return the objectives whose published result reads otherwise as known by a moment."""
    last = closings[-1]
    after, scoring = restated(asking, cycle_id, last["position"], moment)
    before = {row["id"]: row for row in last["objectives"]}
    goals = of_cycle(after.goals.values(), str(cycle_id))
    pairs = [(before[goal.row["id"]], told(scoring, goal)) for goal in goals]
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


def restated(
    asking: Reader, cycle_id: UUID, position: int, moment: Moment
) -> tuple[Board, Scoring]:
    """Return the board of a closing with the readings known by a moment, late ones included."""
    then = asking.moments.at_position(position, "known_at")
    asked = Moment(position, moment.known, then.day, then.day, moment.is_fixed)
    ends = date.fromisoformat(asking.board_at(cycle_id, then.moment).cycle["ends"])
    until = min(max(then.day, ends), moment.day)
    return asking.board_at(cycle_id, asked._replace(read_until=until)), Scoring(then.day)
