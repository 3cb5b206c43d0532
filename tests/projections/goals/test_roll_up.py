"""Whatever happened: scores and roll-ups are the means of what is shown beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from projections.queries import Queries
from tests.support.random_history import CYCLES, Told

Every = Callable[..., None]
Row = dict[str, Any]


def test_roll_ups_are_the_mean_of_scores_shown_and_lie_between_nothing_and_all(
    every_history: Every,
) -> None:
    """Over what the answers themselves show, so the parts explain the whole."""

    def holds(told: Told) -> None:
        for goal in goals(told):
            parts = [(goal["score"], "1")]
            parts += [(each["score"], each["weight"]) for each in goal["aligned"] if each["counts"]]
            expected = mean(parts)
            if expected is None:
                assert goal["rolled_up"] is None
            else:
                assert 0 <= goal["rolled_up"] <= 1
                assert abs(Fraction(goal["rolled_up"]) - expected) <= Fraction(1, 10_000)

    every_history(holds)


def test_nothing_that_is_aligned_moves_the_score_of_what_has_key_results(
    every_history: Every,
) -> None:
    """Whoever serves a goal that has key results: its score is the mean of these alone."""

    def holds(told: Told) -> None:
        for goal in goals(told):
            own = [(row["progress"], row["weight"]) for row in goal["key_results"]]
            if own:
                expected = mean([(clamped(share), weight) for share, weight in own])
                is_measured = expected is not None
                assert (goal["score"] is not None) == is_measured
                if is_measured and goal["coverage"] == 1:
                    assert abs(Fraction(goal["score"]) - expected) <= Fraction(1, 10_000)

    every_history(holds)


def test_what_is_counted_as_not_measured_is_what_has_no_progress(every_history: Every) -> None:
    def holds(told: Told) -> None:
        for goal in goals(told):
            unmeasured = [kr for kr in goal["key_results"] if kr["progress"] is None]
            assert goal["not_measured"] == len(unmeasured)
            assert {kr["status"] for kr in unmeasured} <= {"not_measured"}
            assert (goal["score"] is None) == (goal["status"] == "not_measured")

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
                for name in (
                    "score",
                    "coverage",
                    "rolled_up",
                    "expected",
                    "pace",
                    "status",
                    "key_results",
                ):
                    assert branches[id_][name] == goal[name]

    every_history(holds)


STANDING = {"pending_requests", "position", "plan_position", "day", "zone", "fixed"}


def goals(told: Told) -> list[Row]:
    """The goals on the boards of both cycles."""
    queries = Queries(told.okr, told.runner)
    return [goal for cycle in CYCLES for goal in queries.board(cycle)["objectives"]]


def nodes(branches: list[Row]) -> Iterator[Row]:
    for branch in branches:
        yield branch
        yield from nodes(branch["aligned"])


def clamped(share: Decimal | None) -> Fraction | None:
    return None if share is None else min(max(Fraction(share), Fraction(0)), Fraction(1))


def mean(parts: list[tuple[Any, str]]) -> Fraction | None:
    measured = [(Fraction(share), Fraction(weight)) for share, weight in parts if share is not None]
    weights = sum(weight for _, weight in measured)
    return sum(share * weight for share, weight in measured) / weights if weights else None
