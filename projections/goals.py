"""Objectives with their key results, read from the rows in one statement, and scored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from okr_es import arithmetic
from okr_es.arithmetic import Policy

from .verdicts import Measured, Verdict, expected_by, unpacked, verdict

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
    def horizon(self) -> str:
        """The last day it is planned for."""
        return self.row["due"] or self.cycle["ends"]  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def policy_of(*thresholds: str | None) -> Policy:
    """Return the scoring policy of POLICY_FIELDS, or the built-in one where none was adopted."""
    if None in thresholds:
        return BUILT_IN
    return Policy(*(Decimal(str(threshold)) for threshold in thresholds))


@lru_cache(maxsize=4_096)
def weight_of(text: str) -> Fraction:
    """Return a weight, exact."""
    return Fraction(text)


def linked(goals: dict[str, Goal]) -> dict[str, Goal]:
    """Hang each goal under the one it serves, unless it was abandoned; return them."""
    for goal in goals.values():
        above = goals.get(goal.row["served_id"] or "")
        if above is not None and goal.row["stage"] != "abandoned":
            above.aligned.append(goal)
    return goals


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
        starts, horizon = goal.cycle["starts"], goal.horizon
        verdicts = [
            verdict(measured(row), starts, horizon, self.day, goal.policy)
            for row in goal.key_results
        ]
        own, planned = means(goal.key_results, verdicts)
        expected = planned or expected_by(starts, horizon, self.day, None)
        aligned = [(self.answer(other), other.row["weight"]) for other in goal.aligned]
        whole = arithmetic.rolled_up(own, [(a["exact"], weight_of(w)) for a, w in aligned])
        pace = None if whole is None else arithmetic.pace(whole, expected)
        statuses = [judged.shown["status"] for judged in verdicts]
        row = {name: goal.row[name] for name in OBJECTIVE_FIELDS}
        return row | {
            "key_results": list(map(key_result_answer, goal.key_results, verdicts)),
            "aligned": [
                {"id": a["id"], "weight": weight, "rolled_up": a["rolled_up"]}
                for a, weight in aligned
            ],
            "progress": arithmetic.shown(own),
            "rolled_up": arithmetic.shown(whole),
            "expected": arithmetic.shown(expected),
            "pace": arithmetic.shown(pace),
            "status": arithmetic.status(whole, expected, overdue=False, policy=goal.policy),
            "not_measured": statuses.count("not_measured"),
            "overdue": statuses.count("overdue"),
            "grade": grade(goal, whole),
            "exact": whole,
        }


def measured(row: Row) -> Measured:
    """Return the values of a key result's row that a verdict follows from."""
    return Measured(
        row["kind"],
        row["baseline"],
        row["target"],
        row["steps"],
        row["trajectory"],
        row["cadence"],
        row["value"],
        row["zone"],
        row["as_of"],
    )


def means(rows: list[Row], verdicts: list[Verdict]) -> tuple[Fraction | None, Fraction | None]:
    """Return the weighted means of progress and of expectation, over what is measured."""
    parts = [
        (arithmetic.clamped(judged.progress), judged.expected, weight_of(row["weight"]))
        for row, judged in zip(rows, verdicts, strict=True)
        if judged.progress is not None
    ]
    own = arithmetic.weighted_mean((progress, weight) for progress, _, weight in parts)
    planned = arithmetic.weighted_mean((expected, weight) for _, expected, weight in parts)
    return own, planned


def key_result_answer(row: Row, judged: Verdict) -> Row:
    """Return a key result with its verdict."""
    answer = {name: row[name] for name in KEY_RESULT_FIELDS}
    return answer | lists_of(row) | {"reading": reading_of(row)} | judged.shown


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


def lists_of(row: Row) -> Row:
    """Return steps, zones and trajectory of a key result as they are, not as text."""
    return {
        "steps": unpacked(row["steps"], []),
        "zones": unpacked(row["zones"], None),
        "trajectory": unpacked(row["trajectory"], []),
    }


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
