"""Whatever happened: every roll-up is a share, and what a plain recursion over the fold gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from projections.queries import Queries
from tests.support import plain
from tests.support.fraction_formulas import cut_down
from tests.support.random_history import CYCLES, Told

Every = Callable[..., None]
Row = dict[str, Any]


def test_roll_ups_are_what_plain_recursion_gives_and_lie_between_nothing_and_all(
    every_history: Every,
) -> None:
    def holds(told: Told) -> None:
        rows = without_days_to_come(plain.fold(told.facts()), told.okr.today())
        for goal in goals(told):
            expected = rolled_up(rows, goal["id"])
            assert goal["rolled_up"] == cut_down(expected)
            assert goal["progress"] == cut_down(own(rows, goal["id"]))
            assert expected is None or 0 <= expected <= 1

    every_history(holds)


def test_what_is_counted_as_not_measured_is_what_has_no_progress(every_history: Every) -> None:
    def holds(told: Told) -> None:
        for goal in goals(told):
            unmeasured = [kr for kr in goal["key_results"] if kr["progress"] is None]
            assert goal["not_measured"] == len(unmeasured)
            assert {kr["status"] for kr in unmeasured} <= {"not_measured"}
            assert (goal["rolled_up"] is None) == (goal["status"] == "not_measured")

    every_history(holds)


def test_every_question_about_a_goal_gives_one_answer(every_history: Every) -> None:
    def holds(told: Told) -> None:
        queries = Queries(told.okr, told.runner)
        for cycle in CYCLES:
            board = {goal["id"]: goal for goal in queries.board(cycle)["objectives"]}
            branches = {node["id"]: node for node in nodes(queries.tree(cycle)["objectives"])}
            assert board.keys() <= branches.keys()
            for id_, goal in board.items():
                alone = queries.objective(UUID(id_))
                assert goal == {k: v for k, v in alone.items() if k not in STANDING}
                for name in ("progress", "rolled_up", "expected", "pace", "status", "key_results"):
                    assert branches[id_][name] == goal[name]

    every_history(holds)


STANDING = {"position", "plan_position", "day", "zone", "fixed"}


def without_days_to_come(rows: plain.Rows, today: date) -> plain.Rows:
    """The rows without readings about a later day: where the clock went back there are some."""
    readings = rows["reading"].items()
    return rows | {"reading": {i: row for i, row in readings if row["as_of"] <= str(today)}}


def goals(told: Told) -> list[Row]:
    """The goals on the boards of both cycles."""
    queries = Queries(told.okr, told.runner)
    return [goal for cycle in CYCLES for goal in queries.board(cycle)["objectives"]]


def nodes(branches: list[Row]) -> Iterator[Row]:
    for branch in branches:
        yield branch
        yield from nodes(branch["aligned"])


def rolled_up(rows: plain.Rows, id_: str) -> Fraction | None:
    """The mean of its own key results, as one part, and of all that serves it."""
    serving = [
        (rolled_up(rows, other), row["weight"])
        for other, row in rows["objective"].items()
        if row["parent_objective_id"] == id_ and row["state"] != "abandoned"
    ]
    return mean([(own(rows, id_), "1"), *serving])


def own(rows: plain.Rows, id_: str) -> Fraction | None:
    """The mean of its key results that were not dropped."""
    goal = rows["objective"][id_]
    last_day = goal["due"] or rows["cycle"][goal["cycle_id"]]["ends"]
    return mean([
        (progress(row, reading(rows, row["kpi_id"] or key_result, last_day)), row["weight"])
        for key_result, row in rows["key_result"].items()
        if row["objective_id"] == id_ and not row["dropped"]
    ])  # fmt: skip


def reading(rows: plain.Rows, measured_id: str, last_day: str) -> Row | None:
    """The last reading that stands and says something, about a day within the goal's time."""
    standing = [
        row
        for row in rows["reading"].values()
        if row["measured_id"] == measured_id
        and not row["retracted"]
        and (row["value"] or row["zone"])
        and date.fromisoformat(row["as_of"]) <= date.fromisoformat(last_day)
    ]
    return max(standing, key=lambda row: (row["as_of"], row["first_position"]), default=None)


def progress(row: Row, reading: Row | None) -> Fraction | None:
    """How far a key result is, by its kind, from 0 to 1."""
    if reading is None:
        return None
    if row["kind"] == "ordinal":
        zones = {"none": "0", "commit": "0.3", "target": "0.7", "stretch": "1"}
        return Fraction(zones[reading["zone"]])
    value = Fraction(reading["value"])
    if row["kind"] == "milestone":
        share = value / max(len(row["steps"] or ()), 1)
    else:
        baseline, target = Fraction(row["baseline"]), Fraction(row["target"])
        share = (value - baseline) / (target - baseline)
    return min(max(share, Fraction(0)), Fraction(1))


def mean(parts: list[tuple[Fraction | None, str]]) -> Fraction | None:
    measured = [(share, Fraction(weight)) for share, weight in parts if share is not None]
    weights = sum(weight for _, weight in measured)
    return sum(share * weight for share, weight in measured) / weights if weights else None
