"""Objectives with their key results, as loaded, and scored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from okr_es.scoring import formulas, ratios
from okr_es.scoring.calendar import Calendars
from okr_es.scoring.formulas import Policy
from okr_es.scoring.ratios import Ratio
from okr_es.scoring.shown import cut_down
from okr_es.scoring.span_values import HitRate
from projections.as_of.references import aligned_to, ref
from projections.goals.answers import (
    Aligned,
    Branch,
    Grade,
    HitRateAnswer,
    KeyResultBody,
    Lists,
    ObjectiveBody,
    OfSpan,
    ReadingAnswer,
)
from projections.goals.key_result_scores import (
    KeyResultRow,
    KeyResultScore,
    KeyResultScorer,
    decoded,
)
from projections.goals.overdue import OverdueFlags
from projections.read_model.tables import Row

BUILT_IN = Policy()
POLICY_FIELDS = (
    "on_track",
    "at_risk",
    "yellow_from",
    "green_from",
    "committed_expected",
    "aspirational_expected",
)


@dataclass(slots=True)
class Goal:
    """An objective as loaded: its row, cycle, policy, key results, and what is aligned to it."""

    row: Row
    cycle: Row
    policy: Policy
    key_results: list[KeyResultRow] = field(default_factory=list)
    aligned: list[Goal] = field(default_factory=list)

    @property
    def horizon(self) -> str:
        """The last day it is planned for."""
        return self.row["due"] or self.cycle["ends"]  # type: ignore[no-any-return]

    @property
    def is_added(self) -> bool:
        """Return whether it came to a plan that was committed before."""
        return self.row["promised_at"] is not None and self.row["covered_by"] is None

    def came_later(self, key_result: KeyResultRow) -> bool:
        """Return whether a key result was added after the plan was committed."""
        promised_at = self.row["promised_at"]
        return self.is_added or (
            promised_at is not None and key_result.first_position > promised_at
        )


@lru_cache(maxsize=64)
def policy_of(*thresholds: str | None) -> Policy:
    """Return the scoring policy of POLICY_FIELDS, or the built-in one where none was adopted."""
    if None in thresholds:
        return BUILT_IN
    return Policy(*(Decimal(str(threshold)) for threshold in thresholds))


class Score(NamedTuple):
    """What a goal has come to: exact shares, None where nothing is measured."""

    own_share: Ratio | None
    whole_share: Ratio | None
    expected_share: Ratio
    key_result_scores: list[KeyResultScore]

    @property
    def own(self) -> Fraction | None:
        """What its key results have come to."""
        return ratios.fraction(self.own_share)

    @property
    def whole(self) -> Fraction | None:
        """What it has come to with everything that is aligned to it."""
        return ratios.fraction(self.whole_share)

    @property
    def expected(self) -> Fraction:
        """What was planned by now."""
        return Fraction(*self.expected_share)


class Scoring:
    """Scores goals as of a day; each goal once, however often it is asked for.

    `overridden` are thresholds in place of those of the goals' policies: what if we had score by
    others.
    """

    def __init__(
        self, day: date, calendars: Calendars, overridden: Mapping[str, Decimal] | None = None
    ) -> None:
        self.day = day
        self.flags = OverdueFlags(calendars, day)
        self.overridden = overridden or {}
        self.scores: dict[str, Score] = {}
        self.scorers: dict[tuple[str, str, int], KeyResultScorer] = {}
        self.policies: dict[int, tuple[Policy, Policy]] = {}

    def scorer(self, goal: Goal) -> KeyResultScorer:
        """Return the scorer of a goal's key results: one for each span and policy."""
        policy = self.policy(goal.policy) if self.overridden else goal.policy
        starts, horizon = goal.cycle["starts"], goal.horizon
        found = self.scorers.get((starts, horizon, id(policy)))
        if found is None:
            found = KeyResultScorer(starts, horizon, self.day, policy)
            self.scorers[starts, horizon, id(policy)] = found
        return found

    def policy(self, own: Policy) -> Policy:
        """Return a policy with the thresholds that are overridden."""
        found = self.policies.get(id(own))
        if found is None:
            found = self.policies[id(own)] = own, replace(own, **self.overridden)
        return found[1]

    def score(self, goal: Goal) -> Score:
        """Return what a goal has come to, with everything that is aligned to it."""
        id_: str = goal.row["id"]
        found = self.scores.get(id_)
        if found is None:
            found = self.scores[id_] = self.scored(goal)
        return found

    def scored(self, goal: Goal) -> Score:
        """Score a goal and everything that is aligned to it."""
        scorer, rows = self.scorer(goal), goal.key_results
        key_result_scores = [scorer.score(row) for row in rows]
        own, planned = means(rows, key_result_scores)
        expected = scorer.expected(None).share if planned is None else planned
        if not goal.aligned:
            return Score(own, own and ratios.clamped(own), expected, key_result_scores)
        aligned = [
            (self.score(other).whole_share, ratios.ratio(other.row["weight"]))
            for other in goal.aligned
        ]
        return Score(own, ratios.rolled_up(own, aligned), expected, key_result_scores)

    def answer(self, goal: Goal) -> ObjectiveBody:
        """Return an objective with its key results, progress, pace, status and roll-up."""
        scorer, row = self.scorer(goal), goal.row
        own, whole, expected, scores = self.score(goal)
        statuses = [score.status for score in scores]
        pace, status = scorer.pace_and_status(whole, expected)
        key_results = [
            key_result_answer(
                each,
                score,
                is_added=goal.came_later(each),
                is_overdue=self.flags.is_overdue(row, goal.cycle, each, score),
            )
            for each, score in zip(goal.key_results, scores, strict=True)
        ]
        return {
            "id": row["id"],
            "version": row["version"],
            "cycle": {"id": row["cycle_id"]},
            "team": {"id": row["team_id"]},
            "owner": {"id": row["owner_id"]},
            "recorded_later": row.get("recorded_later"),
            "title": row["title"],
            "commitment": row["commitment"],
            "due": row["due"],
            "state": row["state"],
            "graded": row["graded"],
            "adjusted_grade": row["adjusted_grade"],
            "aligned_to": aligned_to(row),
            "weight": row["weight"],
            "carried_from": ref(row["carried_from"]),
            "carried_to": ref(row["carried_to"]),
            "revisions": row["revisions"],
            "key_results": key_results,
            "aligned": [self.aligned(other) for other in goal.aligned],
            "added_mid_cycle": goal.is_added,
            "progress": cut_down(own),
            "rolled_up": cut_down(whole),
            "expected": cut_down(expected),
            "pace": pace,
            "status": status,
            "not_measured": statuses.count("not_measured"),
            "overdue": sum(each["overdue"] for each in key_results),
            "grade": grade(goal, whole, scorer.policy) if row["graded"] else None,
        }

    def aligned(self, other: Goal) -> Aligned:
        """Return a goal as the one it is aligned to shows it."""
        return {
            "id": other.row["id"],
            "weight": other.row["weight"],
            "rolled_up": cut_down(self.score(other).whole_share),
        }


def means(
    rows: list[KeyResultRow], key_result_scores: list[KeyResultScore]
) -> tuple[Ratio | None, Ratio | None]:
    """Return the weighted means of progress and of expectation, over what is measured."""
    own, planned, plans = [], [], set()
    for row, score in zip(rows, key_result_scores, strict=True):
        if score.clamped is not None:
            weight = ratios.ratio(row.weight)
            own.append((score.clamped, weight))
            planned.append((score.expected, weight))
            plans.add(score.expected)
    mean = ratios.weighted_mean(own)
    if mean is not None and len(plans) == 1:
        return mean, plans.pop()
    return mean, ratios.weighted_mean(planned)


def key_result_answer(
    row: KeyResultRow, score: KeyResultScore, *, is_added: bool, is_overdue: bool
) -> KeyResultBody:
    """Return a key result's row and score as the answer has them, with references."""
    return {
        "id": row.id,
        "version": row.version,
        "objective": {"id": row.objective_id},
        "title": row.title,
        "unit": row.unit,
        "weight": row.weight,
        "kpi": ref(row.kpi_id),
        "carried_from": ref(row.carried_from),
        "revisions": row.revisions,
        "confidence": row.confidence,
        "kind": row.kind,
        "baseline": row.baseline,
        "target": row.target,
        "direction": row.direction,
        "minimum": row.minimum,
        "maximum": row.maximum,
        "cadence": row.cadence,
        "dropped": False,
        "added_mid_cycle": is_added,
        **lists_of(row.steps, row.zones, row.trajectory),
        "reading": reading_of(row),
        **span_answer(row),
        "progress": score.progress_shown,
        "expected": score.expected_shown,
        "pace": score.pace_shown,
        "status": score.status,
        "overdue": is_overdue,
    }


def span_answer(row: KeyResultRow) -> OfSpan:
    """Return what the readings of a key result come to, and in how many periods it was inside."""
    if row.span is None:
        return {"value": row.value, "comparable": True, "hit_rate": None}
    return {
        "value": row.span.shown,
        "comparable": row.span.comparable,
        "hit_rate": hit_rate_answer(row.span.hit_rate),
    }


def hit_rate_answer(found: HitRate | None) -> HitRateAnswer | None:
    """Return a hit rate as answers have it; None stays None."""
    if found is None:
        return None
    return {
        "inside": found.inside,
        "periods": found.periods,
        "without_reading": found.without,
        "share": cut_down(found.share),
    }


def grade(goal: Goal, whole: Ratio | None, policy: Policy) -> Grade:
    """Return computed and adjusted grade of a goal side by side."""
    adjusted = goal.row["adjusted_grade"]
    computed = None if whole is None else ratios.clamped(whole)
    final = Fraction(Decimal(adjusted)) if adjusted is not None else ratios.fraction(computed)
    return {
        "computed": cut_down(computed),
        "adjusted": adjusted,
        "band": None if final is None else formulas.grade_band(final, policy),
        "expected": format(formulas.expected_grade(goal.row["commitment"], policy), "f"),
    }


def reading_of(row: KeyResultRow) -> ReadingAnswer | None:
    """Return the reading that counts."""
    if row.reading_id is None or row.as_of is None:
        return None
    return {"id": row.reading_id, "as_of": row.as_of, "value": row.value, "zone": row.zone}


def lists_of(steps: str | None, zones: str | None, trajectory: str | None) -> Lists:
    """Return steps, zones and trajectory of a key result under their names."""
    return {
        "steps": decoded(steps) if steps else [],
        "zones": decoded(zones) if zones else None,
        "trajectory": decoded(trajectory) if trajectory else [],
    }


def tree(goals: dict[str, Goal], scoring: Scoring) -> list[Branch]:
    """Return the goals as trees, each under what it is aligned to."""
    below: dict[str, list[Branch]] = defaultdict(list)
    roots: list[Branch] = []
    nodes = {id_: branch(scoring.answer(goal), below[id_]) for id_, goal in goals.items()}
    for id_, goal in goals.items():
        above = goal.row["parent_objective_id"]
        (below[above] if above in goals else roots).append(nodes[id_])
    return roots


def branch(answer: ObjectiveBody, below: list[Branch]) -> Branch:
    """Return a goal as a node of the tree."""
    return {
        "id": answer["id"],
        "cycle": answer["cycle"],
        "team": answer["team"],
        "owner": answer["owner"],
        "recorded_later": answer["recorded_later"],
        "title": answer["title"],
        "state": answer["state"],
        "weight": answer["weight"],
        "aligned_to": answer["aligned_to"],
        "progress": answer["progress"],
        "rolled_up": answer["rolled_up"],
        "expected": answer["expected"],
        "pace": answer["pace"],
        "status": answer["status"],
        "not_measured": answer["not_measured"],
        "key_results": answer["key_results"],
        "aligned": below,
    }
