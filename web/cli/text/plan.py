"""A plan, line by line: what was promised, and every revision of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from web.cli.output import change_line, number_of
from web.cli.text.goals import (
    Names,
    actors,
    as_of_line,
    in_plain_words,
    marks_of,
    name_of,
)
from web.cli.text.instants import instant

if TYPE_CHECKING:
    from projections.retrospect.answers import CommittedAt, PlannedGoal, Revised
    from projections.retrospect.plan_answers import (
        PlanAnswer,
        PromisedKeyResult,
        PromisedObjective,
    )


def plan_lines(found: PlanAnswer, names: Names) -> Iterable[str]:
    """Yield a plan: what was promised and when, what was changed since, by whom, and why."""
    yield f"{found['cycle']['name']}, {as_of_line(found)}"
    yield f"plan {committed_on(found['committed'])}: {counted(found)}"
    for team in found["teams"]:
        whose = name_of(team["team"], names)
        yield f"  {whose}: {committed_on(team['committed'])}, {counted(team)}"
    for objective in found["promises"]:
        yield from promise_lines(objective, names)
    for goal in found["goals"]:
        marks, more = marks_of(goal), changes_apart(goal)
        if marks or goal["revisions"] or more:
            marked = ", ".join([*marks, number_of(goal["revisions"], "revisions"), *more])
            yield f"  {goal['title'] or '(confidential)'}: {marked}"
    for each in found["changes"]:
        why = each["reason"] or each["comment"]
        said = actors(each, names) + (f" – {why}" if why else "")
        yield f"{each['position']}  {instant(each['recorded_at'])}  {each['type']}  {said}"
        for change in each["changes"]:
            yield f"    {change_line(change, names)}"


def promise_lines(row: PromisedObjective, names: Names) -> Iterable[str]:
    """Yield what an objective promised: whose it was, by when, and its key results."""
    whose = f"{name_of(row['team'], names)}, {name_of(row['owner'], names)}"
    due = f", due {row['due']}" if row["due"] else ""
    title = row["title"] or "(confidential)"
    yield f"  promised: {title}  ({whose}, {row['commitment']}{due})"
    for each in row["key_results"]:
        weight = "" if each["weight"] == "1" else f", weight {each['weight']}"
        what = promised_text(each)
        yield f"    · {each['title'] or '(confidential)'}: {what}{weight}"


def promised_text(row: PromisedKeyResult) -> str:
    """Return what a key result promised, in its unit, or its steps or zones."""
    unit = f" {row['unit']}" if row["unit"] else ""
    if row["steps"]:
        return f"{number_of(len(row['steps']), 'steps')}: {', '.join(row['steps'])}"
    if (zones := row["zones"]) is not None:
        return f"{zones['commit']} / {zones['target']} / {zones['stretch']}"
    if row["direction"] == "within":
        return f"within {row['minimum']} to {row['maximum']}{unit}"
    if row["target"] is None:
        return "done or not" if row["kind"] == "milestone" else "(confidential)"
    if row["direction"] is not None:
        return f"{in_plain_words(row['direction'])} {row['target']}{unit}"
    return f"{row['baseline']} to {row['target']}{unit}"


def committed_on(committed: CommittedAt | None) -> str:
    """Return when a plan was committed, in words."""
    if committed is None:
        return "open"
    return f"committed on {committed['day']} at {committed['position']}"


def changes_apart(goal: PlannedGoal) -> list[str]:
    """Return how often a goal was corrected and returned, which is no revision, in words."""
    counts = (goal["corrections"], "corrected"), (goal["returns"], "returned")
    return [f"{count} {word}" for count, word in counts if count]


def counted(row: Revised) -> str:
    """Return how much of a plan was revised."""
    return (
        f"{number_of(row['revisions'], 'revisions')}, {row['corrected']} corrected, "
        f"{row['added']} added, {row['dropped']} dropped, {row['returned']} returned"
    )
