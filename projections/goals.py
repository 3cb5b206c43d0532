"""Objectives with their key results, as loaded, and scored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from okr_es import arithmetic
from okr_es.arithmetic import Policy

from .verdicts import Verdict, expected_by, unpacked, verdict

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


class KeyResult(NamedTuple):
    """A key result as loaded, with the reading that counts; texts as they stand in the rows.

    First what an answer tells as it is, then what it tells otherwise. From `kind` to `as_of` stands
    what a verdict follows from.
    """

    id: str
    version: int
    objective_id: str
    statement: str
    unit: str | None
    weight: str
    kpi_id: str | None
    carried_from: str | None
    revisions: int
    confidence: int | None
    kind: str
    baseline: str | None
    target: str | None
    cadence: str
    steps: str | None
    trajectory: str | None
    value: str | None
    zone: str | None
    as_of: str | None
    zones: str | None
    first_position: int
    reading_id: str | None


TOLD = KeyResult._fields[: KeyResult._fields.index("steps")]
MEASURED = slice(KeyResult._fields.index("kind"), KeyResult._fields.index("as_of") + 1)


@dataclass(slots=True)
class Goal:
    """An objective as loaded: its row, cycle, policy, key results, and what serves it."""

    row: Row
    cycle: Row
    policy: Policy
    key_results: list[KeyResult] = field(default_factory=list)
    aligned: list[Goal] = field(default_factory=list)

    @property
    def horizon(self) -> str:
        """The last day it is planned for."""
        return self.row["due"] or self.cycle["ends"]  # type: ignore[no-any-return]

    @property
    def has_own_end(self) -> bool:
        """True if it has a last day other than its cycle's."""
        return self.row["due"] is not None and self.row["due"] != self.cycle["ends"]

    def is_added(self, position: int | None) -> bool:
        """Return whether something promised at a position came after the plan was committed."""
        planned_at = self.cycle["planned_at"]
        return position is not None and planned_at is not None and position > planned_at


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


class Score(NamedTuple):
    """What a goal has come to: exact shares, None where nothing is measured."""

    own: Fraction | None
    whole: Fraction | None
    expected: Fraction
    verdicts: list[Verdict]


class Scoring:
    """Scores goals as of a day; each goal once, however often it is asked for.

    `policy` takes the place of the goals' own: what if we had judged by another.
    """

    def __init__(self, day: date, policy: Policy | None = None) -> None:
        self.day = day
        self.policy = policy
        self.scores: dict[str, Score] = {}

    def score(self, goal: Goal) -> Score:
        """Return what a goal has come to, with everything that serves it."""
        id_: str = goal.row["id"]
        found = self.scores.get(id_)
        if found is None:
            found = self.scores[id_] = self.scored(goal)
        return found

    def scored(self, goal: Goal) -> Score:
        """Score a goal and everything that serves it."""
        starts, horizon, day = goal.cycle["starts"], goal.horizon, self.day
        policy = self.policy or goal.policy
        rows = goal.key_results
        verdicts = [verdict(row[MEASURED], starts, horizon, day, policy) for row in rows]
        own, planned = means(rows, verdicts)
        expected = expected_by(starts, horizon, day, None) if planned is None else planned
        if not goal.aligned:
            return Score(own, own and arithmetic.clamped(own), expected, verdicts)
        aligned = [
            (self.score(other).whole, weight_of(other.row["weight"])) for other in goal.aligned
        ]
        return Score(own, arithmetic.rolled_up(own, aligned), expected, verdicts)

    def answer(self, goal: Goal) -> Row:
        """Return what there is to say of a goal."""
        policy, row = self.policy or goal.policy, goal.row
        own, whole, expected, verdicts = self.score(goal)
        statuses = [judged.status for judged in verdicts]
        pace, status = standing(whole, expected, policy)
        is_added = goal.is_added(row["committed_at"])
        answer = {name: row[name] for name in OBJECTIVE_FIELDS}
        answer["key_results"] = [
            key_result_answer(goal, each, judged, is_added=is_added)
            for each, judged in zip(goal.key_results, verdicts, strict=True)
        ]
        answer["aligned"] = [self.aligned(other) for other in goal.aligned]
        answer["added_mid_cycle"] = is_added
        answer["progress"] = arithmetic.shown(own)
        answer["rolled_up"] = arithmetic.shown(whole)
        answer["expected"] = arithmetic.shown(expected)
        answer["pace"] = pace
        answer["status"] = status
        answer["not_measured"] = statuses.count("not_measured")
        answer["overdue"] = statuses.count("overdue")
        answer["grade"] = grade(goal, whole, policy)
        return answer

    def aligned(self, other: Goal) -> Row:
        """Return what there is to say of a goal below the one it serves."""
        return {
            "id": other.row["id"],
            "weight": other.row["weight"],
            "rolled_up": arithmetic.shown(self.score(other).whole),
        }


def standing(
    progress: Fraction | None, expected: Fraction, policy: Policy
) -> tuple[Decimal | None, str]:
    """Return pace, as shown, and status of a goal."""
    pace = None if progress is None else arithmetic.pace(progress, expected)
    status = arithmetic.status(progress, expected, overdue=False, policy=policy)
    return arithmetic.shown(pace), status


def means(
    rows: list[KeyResult], verdicts: list[Verdict]
) -> tuple[Fraction | None, Fraction | None]:
    """Return the weighted means of progress and of expectation, over what is measured."""
    parts = [
        (judged.clamped, judged.expected, weight_of(row.weight))
        for row, judged in zip(rows, verdicts, strict=True)
        if judged.clamped is not None
    ]
    own = arithmetic.weighted_mean((progress, weight) for progress, _, weight in parts)
    planned = arithmetic.weighted_mean((expected, weight) for _, expected, weight in parts)
    return own, planned


def key_result_answer(goal: Goal, row: KeyResult, judged: Verdict, *, is_added: bool) -> Row:
    """Return a key result with its verdict."""
    answer: Row = dict(zip(TOLD, row, strict=False))
    answer["dropped"] = False
    answer["added_mid_cycle"] = is_added or goal.is_added(row.first_position)
    answer |= lists_of(row.steps, row.zones, row.trajectory)
    answer["reading"] = reading_of(row)
    answer |= judged.shown
    return answer


def grade(goal: Goal, whole: Fraction | None, policy: Policy) -> Row | None:
    """Return computed and adjusted grade side by side, for a goal that was graded."""
    if not goal.row["graded"]:
        return None
    adjusted = goal.row["adjusted_grade"]
    computed = None if whole is None else arithmetic.clamped(whole)
    final = Fraction(Decimal(adjusted)) if adjusted is not None else computed
    return {
        "computed": arithmetic.shown(computed),
        "adjusted": adjusted,
        "band": None if final is None else arithmetic.grade_band(final, policy),
        "expected": arithmetic.expected_grade(goal.row["commitment"], policy),
    }


def reading_of(row: KeyResult) -> Row | None:
    """Return the reading that counts."""
    if row.reading_id is None:
        return None
    return {"id": row.reading_id, "as_of": row.as_of, "value": row.value, "zone": row.zone}


def lists_of(steps: str | None, zones: str | None, trajectory: str | None) -> Row:
    """Return steps, zones and trajectory of a key result as they are, not as text."""
    return {
        "steps": unpacked(steps, []) if steps else [],
        "zones": unpacked(zones, None) if zones else None,
        "trajectory": unpacked(trajectory, []) if trajectory else [],
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


def of_cycle(goals: Iterable[Goal], cycle_id: str) -> list[Goal]:
    """Return the goals of a cycle, without those of others that serve them."""
    return [goal for goal in goals if goal.row["cycle_id"] == cycle_id]


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
    "revisions",
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
