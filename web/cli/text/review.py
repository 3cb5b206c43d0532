"""The review of a cycle, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from web.cli.text.goals import Names, as_of_line, graded, marks_of, name_of, share, shown

if TYPE_CHECKING:
    from projections.retrospect.answers import Marked
    from projections.retrospect.review_answers import (
        HappenedCounts,
        Means,
        ReviewAnswer,
        ReviewedGoal,
        ReviewedKeyResult,
    )

INDENT = " " * 24


def review_lines(found: ReviewAnswer, names: Names) -> Iterable[str]:
    """Yield a review: each goal with its details, then people and teams."""
    yield f"{found['cycle']['name']}, {as_of_line(found)}"
    yield f"{'as committed':>12} {'as ended':>9}  goal"
    for goal in found["goals"]:
        committed, ended = (share(s and s["rolled_up"]) for s in scores(goal))
        yield f"{committed:>12} {ended:>9}  {goal['title']}{marks(goal)}"
        yield from (INDENT + line for line in goal_lines(goal, names))
    for person in found["people"]:
        yield from mean_lines(person, name_of(person["person"], names), len(person["goals"]))
    for team in found["teams"]:
        yield from mean_lines(team, name_of(team["team"], names), len(team["goals"]))


def mean_lines(row: Means, name: str, goals: int) -> Iterable[str]:
    """Yield what came out for a person or team."""
    committed, ended = (share(score) for score in scores(row))
    yield f"{committed:>12} {ended:>9}  {name}: {goals_of(row, goals)}"
    if counts := counted(row["counts"]):
        yield INDENT + counts


def goal_lines(goal: ReviewedGoal, names: Names) -> Iterable[str]:
    """Yield grade, owners, what became of the promise, and each key result of a goal."""
    if goal["grade"] is not None:
        yield f"graded {graded(goal['grade'])}"
    for owner in goal["owners"]:
        until, who = owner["until"] or "the end", name_of(owner["owner"], names)
        progress = f"{share(owner['progress_at_start'])} → {share(owner['progress_at_end'])}"
        facts = [f"{owner['days']} days", progress, *filter(None, [counted(owner["counts"])])]
        yield f"{who}: {owner['from']} to {until}, {', '.join(facts)}"
    yield from revised(goal, names)
    for each in goal["key_results"]:
        yield from key_result_lines(each, names)


def key_result_lines(row: ReviewedKeyResult, names: Names) -> Iterable[str]:
    """Yield a key result: both scores, what became of its promise, and confidence over time."""
    committed, ended = (share(score and score["progress"]) for score in scores(row))
    yield f"· {row['title']}{marks(row)}: {committed} as committed, {ended} as ended"
    yield from (f"  {line}" for line in revised(row, names))
    if row["confidence"]:
        confidences = ", ".join(
            f"{each['confidence']} ({each['as_of']})" for each in row["confidence"]
        )
        yield f"  confidence {confidences}"


def revised(row: ReviewedGoal | ReviewedKeyResult, names: Names) -> Iterable[str]:
    """Yield each field of a promise that was revised: from what to what."""
    promised: Mapping[str, object] | None = row["promised"]
    ended: Mapping[str, object] | None = row["ended_as"]
    if promised is None or ended is None:
        return
    for name, before in promised.items():
        if ended[name] != before:
            yield f"{name}: promised {shown(before, names)}, ended as {shown(ended[name], names)}"


def counted(counts: HappenedCounts) -> str:
    """Return how often each kind of change happened, without those that did not."""
    return ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in counts.items() if n)


def goals_of(row: Means, goals: int) -> str:
    """Return of how many goals a score is made, and what is left out of it."""
    left_out = {
        "not measured": row["not_measured"]["ended"],
        "added": row["added"],
        "not planned": row["not_planned"],
        "given up": row["given_up"],
    }
    return ", ".join([f"{goals} goals", *(f"{n} {w}" for w, n in left_out.items() if n)])


def scores(row: ReviewedGoal | ReviewedKeyResult | Means) -> tuple[Any, Any]:
    """Return both scores."""
    return row["scores"]["committed"], row["scores"]["ended"]


def marks(goal: Marked) -> str:
    """Return what became of a goal since the plan was committed."""
    found = marks_of(goal)
    return f" ({', '.join(found)} mid-cycle)" if found else ""
