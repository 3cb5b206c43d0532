"""Objectives with their key results, as loaded, and scored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from okr_es.scoring import grades, ratios
from okr_es.scoring.calendar import Calendars
from okr_es.scoring.formulas import Policy
from okr_es.scoring.grades import Band, EndedBy, Outcome
from okr_es.scoring.ratios import Ratio
from okr_es.scoring.shown import cut_down
from projections.as_of.answers import Status
from projections.as_of.references import aligned_to, ref
from projections.goals.answers import Aligned, ObjectiveBody
from projections.goals.documents import evidence_of
from projections.goals.goal import Goal
from projections.goals.key_result_answers import key_result_answer
from projections.goals.key_result_scores import (
    KeyResultRow,
    KeyResultScore,
    KeyResultScorer,
)
from projections.goals.lateness import Lateness
from projections.goals.overdue import OverdueFlags
from projections.goals.score_answers import Grade

BUILT_IN = Policy()
SHARES = ("on_track", "at_risk", "yellow_from", "committed_expected", "aspirational_expected")
POLICY_FIELDS = (*SHARES, "not_measured")


@lru_cache(maxsize=64)
def policy_of(*fields: str | None) -> Policy:
    """Return the scoring policy of POLICY_FIELDS, or the built-in one where none was adopted."""
    if None in fields:
        return BUILT_IN
    named = dict(zip(POLICY_FIELDS, map(str, fields), strict=True))
    not_measured = named.pop("not_measured")
    thresholds = {name: Decimal(threshold) for name, threshold in named.items()}
    return Policy(**thresholds, not_measured=not_measured)


class Score(NamedTuple):
    """What a goal has come to: exact shares, None where nothing is measured.

    `share` is the score. Once it is final, what is not measured counts 0 in it, unless the policy
    leaves it out; `final_share` is what it would be then, 0 where nothing at all is measured.
    """

    share: Ratio | None
    final_share: Ratio | None
    coverage_share: Ratio
    expected_share: Ratio
    key_result_scores: list[KeyResultScore]

    @property
    def exact(self) -> Fraction | None:
        """The score."""
        return ratios.fraction(self.share)

    @property
    def final(self) -> Fraction | None:
        """The score with what is not measured counted as the policy says."""
        return ratios.fraction(self.final_share)

    @property
    def expected(self) -> Fraction:
        """What was planned by now."""
        return Fraction(*self.expected_share)


class Ending(NamedTuple):
    """What came out of a goal, by what it ended, and how many days late it was met."""

    outcome: Outcome | None = None
    ended_by: EndedBy | None = None
    late_days: int | None = None


class Scoring:
    """Scores goals as of a day; each goal once, however often it is asked for.

    `overridden` are parts of a policy in place of those of the goals' policies: what if we had
    score by others.
    """

    def __init__(
        self, day: date, calendars: Calendars, overridden: Mapping[str, Any] | None = None
    ) -> None:
        self.day = day
        self.day_text = day.isoformat()
        self.flags = OverdueFlags(calendars, day)
        self.lateness = Lateness(self.scorer, self.day_text)
        self.overridden = overridden or {}
        self.scores: dict[str, Score] = {}
        self.scorers: dict[tuple[str, str, str, int], KeyResultScorer] = {}
        self.policies: dict[int, tuple[Policy, Policy]] = {}

    def scorer(self, goal: Goal) -> KeyResultScorer:
        """Return the scorer of a goal's key results: one for each span, commitment and policy."""
        policy = self.policy(goal.policy) if self.overridden else goal.policy
        first, horizon, commitment = goal.first_day, goal.horizon, goal.row["commitment"]
        key = (first, horizon, commitment, id(policy))
        found = self.scorers.get(key)
        if found is None:
            found = KeyResultScorer(first, horizon, self.day, policy, commitment)
            self.scorers[key] = found
        return found

    def policy(self, own: Policy) -> Policy:
        """Return a policy with the thresholds that are overridden."""
        found = self.policies.get(id(own))
        if found is None:
            found = self.policies[id(own)] = own, replace(own, **self.overridden)
        return found[1]

    def score(self, goal: Goal) -> Score:
        """Return what a goal has come to."""
        id_: str = goal.row["id"]
        found = self.scores.get(id_)
        if found is None:
            found = self.scores[id_] = self.scored(goal)
        return found

    def scored(self, goal: Goal) -> Score:
        """Score a goal by its own key results; one that never had any by what is aligned to it."""
        scorer, rows = self.scorer(goal), goal.key_results
        scores = [scorer.score(row) for row in rows]
        if goal.is_scored_by_others:
            parts = self.parts(filter(goal.may_be_scored_by, goal.counting()))
        else:
            parts = [
                (score.clamped, ratios.ratio(row.weight))
                for row, score in zip(rows, scores, strict=True)
            ]
        mean = ratios.mean_of(parts)
        counts_zero = scorer.policy.counts_zero
        final = mean.complete if counts_zero else mean.measured
        is_final = goal.is_final(self.day_text)
        share = final if is_final and mean.measured is not None else mean.measured
        expected = expected_of(rows, scores, with_unmeasured=is_final and counts_zero)
        if expected is None:
            expected = scorer.expected(None).share
        return Score(share, final, mean.coverage, expected, scores)

    def parts(self, goals: Iterable[Goal]) -> list[tuple[Ratio | None, Ratio]]:
        """Return scores and weights of objectives that count for the one they are aligned to."""
        return [(self.score(each).share, ratios.ratio(each.row["weight"])) for each in goals]

    def rolled_up(self, share: Ratio | None, counting: list[Goal]) -> Ratio | None:
        """Return a score with the scores of what is aligned and counts; never graded."""
        return ratios.rolled_up(share, self.parts(counting)) if counting else share

    def answer(self, goal: Goal, *, nested: bool = True) -> ObjectiveBody:
        """Return an objective with its key results, score, pace, status, roll-up and outcome.

        `nested`: with what it has below it; a list leaves that out.
        """
        scorer, row = self.scorer(goal), goal.row
        score = self.score(goal)
        scores = score.key_result_scores
        statuses = [each.status for each in scores]
        off_track = off_track_of(goal.key_results, scores) if "off_track" in statuses else 0
        pace, status = scorer.pace_and_status(score.share, score.expected_share, off_track)
        outcome, ended_by, late_days = self.ending(goal, scorer)
        counting = goal.counting() if nested else []
        overdue = [
            self.flags.is_overdue(row, goal.cycle, each, one)
            for each, one in zip(goal.key_results, scores, strict=True)
        ]
        key_results = [
            key_result_answer(each, one, is_added=goal.came_later(each), is_overdue=is_overdue)
            for each, one, is_overdue in zip(
                goal.key_results if nested else (), scores if nested else (), overdue, strict=nested
            )
        ]
        return {
            "id": row["id"],
            "version": row["version"],
            "cycle": ref(row["cycle_id"]),
            "team": ref(row["team_id"]),
            "owner": ref(row["owner_id"]),
            "recorded_later": row.get("recorded_later"),
            "title": row["title"],
            "description": row["description"],
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
            "aligned": self.aligned(goal, counting) if nested else [],
            "added_mid_cycle": goal.is_added,
            "score": cut_down(score.share),
            "coverage": cut_down(score.coverage_share),
            "rolled_up": cut_down(self.rolled_up(score.share, counting)),
            "expected": cut_down(score.expected_share),
            "pace": pace,
            "status": status,
            "off_track": off_track,
            "not_measured": statuses.count("not_measured"),
            "overdue": sum(overdue),
            "grade": grade(goal, score, scorer.policy) if row["graded"] else None,
            "outcome": outcome,
            "ended_by": ended_by,
            "late_days": late_days,
        }

    def aligned(self, goal: Goal, counting: list[Goal]) -> list[Aligned]:
        """Return what is aligned to a goal as that shows it; `counting` is what of it counts."""
        ids = {other.row["id"] for other in counting}
        return [
            {  # type: ignore[typeddict-item]  # named later
                "id": other.row["id"],
                "weight": other.row["weight"],
                "score": cut_down(self.score(other).share),
                "counts": other.row["id"] in ids,
            }
            for other in goal.aligned
            if other.row["state"] != "abandoned"
        ]

    def status(self, goal: Goal) -> Status:
        """Return the status of a goal, as its answer has it."""
        score = self.score(goal)
        off_track = off_track_of(goal.key_results, score.key_result_scores)
        scorer = self.scorer(goal)
        return scorer.pace_and_status(score.share, score.expected_share, off_track)[1]

    def ending(self, goal: Goal, scorer: KeyResultScorer) -> Ending:
        """Return what came out of a goal and by what it ended; nothing while it runs."""
        outcome = self.outcome(goal, scorer)
        is_late_known = outcome == "met" and goal.row["adjusted_grade"] is None
        late = self.lateness.days(goal, scorer.policy) if is_late_known else None
        return Ending(outcome, goal.ended_by, late)

    def outcome(self, goal: Goal, scorer: KeyResultScorer) -> Outcome | None:
        """Return what came out of a goal; None while it runs."""
        if goal.ended_by is None:
            return None
        score, adjusted = self.score(goal), goal.row["adjusted_grade"]
        final = score.share if adjusted is None else ratios.ratio(adjusted)
        return ratios.outcome(final, scorer.bands)

    def band(self, goal: Goal) -> Band | None:
        """Return the band of a goal's grade; None until it is graded, and where unmeasured."""
        if not goal.row["graded"]:
            return None
        return band(goal, self.score(goal), self.scorer(goal).policy)


def expected_of(
    rows: list[KeyResultRow], scores: list[KeyResultScore], *, with_unmeasured: bool
) -> Ratio | None:
    """Return the weighted mean of what was expected of key results: of those that are measured."""
    planned = [
        (score.expected, ratios.ratio(row.weight))
        for row, score in zip(rows, scores, strict=True)
        if with_unmeasured or score.clamped is not None
    ]
    if len({share for share, _ in planned}) == 1 and any(weight[0] for _, weight in planned):
        return planned[0][0]
    return ratios.weighted_mean(planned)


def off_track_of(rows: list[KeyResultRow], scores: list[KeyResultScore]) -> int:
    """Return how many key results that weigh something are off track."""
    return sum(
        score.status == "off_track" and ratios.ratio(row.weight)[0] > 0
        for row, score in zip(rows, scores, strict=True)
    )


def band(goal: Goal, score: Score, policy: Policy) -> Band | None:
    """Return the band of the adjusted, else of the computed grade; None: unmeasured."""
    adjusted = goal.row["adjusted_grade"]
    final = Fraction(Decimal(adjusted)) if adjusted is not None else score.exact
    return None if final is None else grades.grade_band(final, goal.row["commitment"], policy)


def grade(goal: Goal, score: Score, policy: Policy) -> Grade:
    """Return computed and adjusted grade of a goal side by side, and of how much they are made."""
    scores = score.key_result_scores
    return {
        "computed": cut_down(score.final_share),
        "adjusted": goal.row["adjusted_grade"],
        "band": band(goal, score, policy),
        "expected": format(grades.expected_grade(goal.row["commitment"], policy), "f"),
        "coverage": cut_down(score.coverage_share),
        "not_measured": sum(each.clamped is None for each in scores),
        "of": len(scores),
        "evidence": evidence_of(goal.row["evidence"]),
    }
