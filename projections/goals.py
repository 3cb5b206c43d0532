"""Objectives with their key results, read from the rows in one statement, and scored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from okr_es import arithmetic
from okr_es.arithmetic import Policy

Row = dict[str, Any]
BUILT_IN = Policy()
POLICY_FIELDS = (
    "on_track",
    "at_risk",
    "yellow_from",
    "green_from",
    "committed_expected",
    "aspirational_expected",
)


@dataclass
class Goal:
    """An objective as loaded: its row, cycle, policy, key results, and what serves it."""

    row: Row
    cycle: Row
    policy: Policy
    key_results: list[Row] = field(default_factory=list)
    aligned: list[Goal] = field(default_factory=list)

    @property
    def horizon(self) -> date:
        """The last day it is planned for."""
        return date.fromisoformat(self.row["due"] or self.cycle["ends"])


def policy_of(row: Row) -> Policy:
    """Return the scoring policy of a row, or the built-in one where none was adopted."""
    if row["on_track"] is None:
        return BUILT_IN
    return Policy(**{name: Decimal(row[name]) for name in POLICY_FIELDS})


def linked(goals: Iterable[Goal]) -> dict[str, Goal]:
    """Hang each goal under the one it serves; return all by id."""
    by_id = {goal.row["id"]: goal for goal in goals}
    for goal in by_id.values():
        above = by_id.get(goal.row["served_id"] or "")
        if above is not None and goal.row["stage"] != "abandoned":
            above.aligned.append(goal)
    return by_id


class Scoring:
    """Scores goals as of a day; each goal once, however often it is asked for."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.answers: dict[str, Row] = {}

    def answer(self, goal: Goal) -> Row:
        """Return what there is to say of a goal."""
        id_: str = goal.row["id"]
        if id_ not in self.answers:
            self.answers[id_] = self.scored(goal)
        return self.answers[id_]

    def scored(self, goal: Goal) -> Row:
        """Score a goal and everything that serves it."""
        key_results = [self.key_result(goal, row) for row in goal.key_results]
        own = mean(key_results, "progress")
        planned = mean(key_results, "expected")
        aligned = [(self.answer(other), Decimal(other.row["weight"])) for other in goal.aligned]
        whole = arithmetic.rolled_up(own, [(a["exact"], weight) for a, weight in aligned])
        expected = planned if planned is not None else self.expected(goal, ())
        pace = None if whole is None else arithmetic.pace(whole, expected)
        row = {name: goal.row[name] for name in OBJECTIVE_FIELDS}
        return row | {
            "key_results": [shown(answer) for answer in key_results],
            "aligned": [
                {"id": a["id"], "weight": str(weight), "rolled_up": a["rolled_up"]}
                for a, weight in aligned
            ],
            "progress": arithmetic.shown(own),
            "rolled_up": arithmetic.shown(whole),
            "expected": arithmetic.shown(expected),
            "pace": arithmetic.shown(pace),
            "status": arithmetic.status(whole, expected, overdue=False, policy=goal.policy),
            "not_measured": counted(key_results, "not_measured"),
            "overdue": counted(key_results, "overdue"),
            "grade": grade(goal, whole),
            "exact": whole,
        }

    def key_result(self, goal: Goal, row: Row) -> Row:
        """Score a key result."""
        progress = key_result_progress(row)
        trajectory = points(row["trajectory"])
        expected = self.expected(goal, trajectory)
        overdue = arithmetic.is_overdue(
            row["as_of"] and date.fromisoformat(row["as_of"]),
            row["cadence"],
            min(self.day, goal.horizon),
        )
        answer = {name: row[name] for name in KEY_RESULT_FIELDS}
        answer["steps"] = unpacked(row["steps"], [])
        answer["zones"] = unpacked(row["zones"], None)
        answer["trajectory"] = unpacked(row["trajectory"], [])
        answer["reading"] = reading_of(row)
        answer["progress"] = progress
        answer["expected"] = expected
        answer["pace"] = None if progress is None else arithmetic.pace(progress, expected)
        answer["status"] = arithmetic.status(
            progress, expected, overdue=overdue, policy=goal.policy
        )
        return answer

    def expected(self, goal: Goal, trajectory: tuple[tuple[date, Decimal], ...]) -> Fraction:
        """Return the share of the way planned for the day."""
        starts = date.fromisoformat(goal.cycle["starts"])
        return arithmetic.expected(starts, goal.horizon, self.day, trajectory)


def mean(answers: list[Row], name: str) -> Fraction | None:
    """Return the weighted mean over what is measured, each clamped."""
    return arithmetic.weighted_mean(
        (arithmetic.clamped(answer[name]), Decimal(answer["weight"]))
        for answer in answers
        if answer["progress"] is not None
    )


def counted(answers: list[Row], status: str) -> int:
    """Return how many have a status."""
    return sum(answer["status"] == status for answer in answers)


def key_result_progress(row: Row) -> Fraction | None:
    """Return the progress of a key result, by its kind, or None where it is not measured."""
    if row["kind"] == "ordinal":
        return None if row["zone"] is None else arithmetic.ordinal_progress(row["zone"])
    if row["value"] is None:
        return None
    value = Decimal(row["value"])
    if row["kind"] == "milestone":
        return arithmetic.milestone_progress(int(value), len(unpacked(row["steps"], [])))
    return arithmetic.metric_progress(Decimal(row["baseline"]), Decimal(row["target"]), value)


def grade(goal: Goal, whole: Fraction | None) -> Row | None:
    """Return computed and adjusted grade side by side, for a goal that was graded."""
    if not goal.row["graded"]:
        return None
    adjusted = goal.row["adjusted_grade"]
    computed = None if whole is None else arithmetic.clamped(whole)
    final = Fraction(Decimal(adjusted)) if adjusted is not None else computed
    return {
        "computed": arithmetic.shown(computed),
        "adjusted": adjusted,
        "band": None if final is None else arithmetic.grade_band(final, goal.policy),
        "expected": arithmetic.expected_grade(goal.row["commitment"], goal.policy),
    }


def reading_of(row: Row) -> Row | None:
    """Return the reading that counts."""
    if row["reading_id"] is None:
        return None
    return {
        "id": row["reading_id"],
        "as_of": row["as_of"],
        "value": row["value"],
        "zone": row["zone"],
    }


def shown(answer: Row) -> Row:
    """Return an answer with its exact shares rounded for people."""
    for name in ("progress", "expected", "pace"):
        answer[name] = arithmetic.shown(answer[name])
    return answer


def points(trajectory: str | None) -> tuple[tuple[date, Decimal], ...]:
    """Return the dated points of a trajectory."""
    found = unpacked(trajectory, [])
    return tuple((date.fromisoformat(p["on"]), Decimal(p["share"])) for p in found)


def unpacked(text: str | None, empty: Any) -> Any:
    """Return what JSON text stands for."""
    return empty if text is None else msgspec.json.decode(text)


def tree(goals: dict[str, Goal], scoring: Scoring) -> list[Row]:
    """Return the goals as trees, each under what it serves."""
    below: dict[str, list[Row]] = defaultdict(list)
    roots: list[Row] = []
    nodes = {id_: branch(scoring.answer(goal), below[id_]) for id_, goal in goals.items()}
    for id_, goal in goals.items():
        above = goal.row["served_id"]
        (below[above] if above in goals else roots).append(nodes[id_])
    return roots


def branch(answer: Row, below: list[Row]) -> Row:
    """Return a goal as a node of the tree."""
    return {name: answer[name] for name in BRANCH_FIELDS} | {"aligned": below}


OBJECTIVE_FIELDS = [
    "id",
    "version",
    "cycle_id",
    "team_id",
    "owner_id",
    "statement",
    "commitment",
    "due",
    "stage",
    "graded",
    "adjusted_grade",
    "serves_objective_id",
    "serves_key_result_id",
    "weight",
    "carried_from",
    "carried_to",
]
KEY_RESULT_FIELDS = [
    "id",
    "version",
    "objective_id",
    "statement",
    "kind",
    "baseline",
    "target",
    "unit",
    "weight",
    "cadence",
    "kpi_id",
    "carried_from",
    "dropped",
    "confidence",
]
BRANCH_FIELDS = [
    "id",
    "cycle_id",
    "team_id",
    "owner_id",
    "statement",
    "stage",
    "weight",
    "serves_objective_id",
    "serves_key_result_id",
    "progress",
    "rolled_up",
    "expected",
    "pace",
    "status",
    "not_measured",
    "key_results",
]
