"""The review of a cycle, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from web.cli.output import number_of
from web.cli.text.goals import (
    Names,
    as_of_line,
    graded,
    in_plain_words,
    marks_of,
    name_of,
    share,
    shown,
)

if TYPE_CHECKING:
    from projections.retrospect.answers import Marked
    from projections.retrospect.review_answers import (
        Discipline,
        HappenedCounts,
        HeldInterval,
        Passing,
        ReviewAnswer,
        ReviewedGoal,
        ReviewedKeyResult,
        Summed,
        Total,
    )

INDENT = " " * 24
FIGURES = {
    "off": "Figures per person: none.",
    "own_and_leads": "Figures per person are shown to people themselves and to their leads.",
}


def review_lines(found: ReviewAnswer, names: Names) -> Iterable[str]:
    """Yield a review: each goal with its details, then people and teams."""
    yield f"{found['cycle']['name']}, {as_of_line(found)}"
    yield f"{'as committed':>12} {'as ended':>9}  goal"
    for goal in found["goals"]:
        committed, ended = (share(s and s["score"]) for s in scores(goal))
        yield f"{committed:>12} {ended:>9}  {goal['title'] or '(confidential)'}{marks(goal)}"
        yield from (INDENT + line for line in goal_lines(goal, names))
    titles = {goal["id"]: goal["title"] or "(confidential)" for goal in found["goals"]}
    for person in found["people"]:
        yield from total_lines(person, name_of(person["person"], names))
        yield from (INDENT + line for line in list_lines(person, titles, names))
    for team in found["teams"]:
        yield from total_lines(team, name_of(team["team"], names))
        yield from (INDENT + line for line in list_lines(team, titles, names))
    if not found["people"] and (why := FIGURES.get(found["people_figures"])):
        yield why
    if found["total"] is not None:
        yield from total_lines(found["total"], "all")


def total_lines(row: Total, name: str) -> Iterable[str]:
    """Yield what came out for a person, a team or a cycle."""
    committed, ended = (share(score) for score in scores(row))
    yield f"{committed:>12} {ended:>9}  {name}: {objectives_of(row)}"
    if counts := counted(row["counts"]):
        yield INDENT + counts


def list_lines(row: Summed, titles: Mapping[str, str], names: Names) -> Iterable[str]:
    """Yield the goals that were left out of a person's mean, and those that were handed on."""
    for ended in row["ended_with"]:
        if not ended["in_mean"]:
            title = titles[ended["objective"]["id"]]
            yield f"not in the mean, {number_of(ended['days'], 'days')} only: {title}"
    for passed in row["handed_on"]:
        title = titles[passed["objective"]["id"]]
        for each in passed["intervals"]:
            to = name_of(each["to"], names) if each["to"] else "nobody"
            yield f"handed on: {title}, {held_text(each)}, to {to}"


def held_text(row: HeldInterval) -> str:
    """Return the days in which a goal was held, and its progress at both ends of them."""
    until = row["until"] or "the end"
    progress = f"{share(row['progress_at_start'])} → {share(row['progress_at_end'])}"
    expected = f"expected {share(row['expected_at_start'])} → {share(row['expected_at_end'])}"
    days = number_of(row["days"], "days")
    return f"{row['from']} to {until}, {days}, {progress} ({expected})"


def goal_lines(goal: ReviewedGoal, names: Names) -> Iterable[str]:
    """Yield grade, owners, what became of the promise, and each key result of a goal."""
    if goal["grade"] is not None:
        yield f"graded {graded(goal['grade'])}"
    for owner in goal["owners"]:
        yield f"{name_of(owner['owner'], names)}: {passing_text(owner)}"
    if len(goal["teams"]) > 1:
        yield from (
            f"{name_of(each['team'], names)}: {passing_text(each)}" for each in goal["teams"]
        )
    yield from revised(goal, names)
    for each in goal["key_results"]:
        yield from key_result_lines(each, names)


def passing_text(row: Passing) -> str:
    """Return when a goal was held, when that was recorded if later, and what happened."""
    later = f"recorded on {row['recorded_later']}" if row["recorded_later"] else None
    return ", ".join(filter(None, [held_text(row), later, counted(row["counts"])]))


def key_result_lines(row: ReviewedKeyResult, names: Names) -> Iterable[str]:
    """Yield a key result: both scores, what became of its promise, and confidence over time."""
    committed, ended = (share(score and score["progress"]) for score in scores(row))
    title = row["title"] or "(confidential)"
    yield f"· {title}{marks(row)}: {committed} as committed, {ended} as ended"
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


def counted(counts: HappenedCounts | None) -> str:
    """Return how often each kind of change happened, without those that did not."""
    if counts is None:
        return ""
    each = [
        number_of(n, in_plain_words(name)) for name, n in counts.items() if isinstance(n, int) and n
    ]
    return ", ".join([*each, *discipline(counts["discipline"])])


def discipline(readings: Discipline | None) -> Iterable[str]:
    """Yield how many readings were due, and how many of them were not on time."""
    if readings is None or not readings["due"]:
        return
    kept = {"late": readings["late"], "missing": readings["missing"]}
    rest = ", ".join(f"{n} {what}" for what, n in kept.items() if n) or "all on time"
    yield f"{number_of(readings['due'], 'readings')} due ({rest})"


def objectives_of(row: Total) -> str:
    """Return of how many objectives a score is made, what is left out of it, and what came out."""
    left_out = {
        "not measured": row["not_measured"]["ended"],
        "added": row["added"],
        "not planned": row["not_planned"],
        "given up": row["given_up"],
    }
    ended_by, outcomes = row["ended_by"], row["outcomes"]
    came_out = {
        "met": outcomes["met"],
        "partly met": outcomes["partly_met"],
        "missed": outcomes["missed"],
        "carried over": ended_by["carried_over"],
        "ungraded": ended_by["ungraded"],
    }
    each = [*left_out.items(), *came_out.items()]
    return ", ".join([number_of(row["objectives"], "goals"), *(f"{n} {w}" for w, n in each if n)])


def scores(row: ReviewedGoal | ReviewedKeyResult | Total) -> tuple[Any, Any]:
    """Return both scores."""
    return row["scores"]["committed"], row["scores"]["ended"]


def marks(goal: Marked) -> str:
    """Return what became of a goal since the plan was committed."""
    found = marks_of(goal)
    return f" ({', '.join(found)} mid-cycle)" if found else ""
