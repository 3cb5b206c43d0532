"""A replay line by line: of each step the goals that changed visibly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from web.cli.text.goals import Row, graded, in_plain_words, share

# What is shown of a goal where it changes; all else moves with the days, or with goals below.
SHOWN = ("title", "score", "status", "state", "grade")


def replay_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield a heading and a line for each step, each as soon as it is there."""
    seen: dict[str, Row] = {}
    ends = ""  # the last day of the cycle, where each day is as it was recorded
    for row in rows:
        if "cycle" in row:
            ends = row["cycle"]["ends"] if row["by"] == "recorded" else ""
            yield heading_line(row)
        elif row.get("since", row["day"]) != row["day"]:
            is_late = ends and str(row["day"]) >= str(ends)
            hint = "; --by as_of shows each day as it is known now" if is_late else ""
            yield f"{row['since']} to {row['day']}  {row['position']:>6}  no goals{hint}"
        else:
            yield step_line(row, changes(row["changed"], seen))


def heading_line(row: Row) -> str:
    """Return what is replayed, and which thresholds are overridden."""
    span = f"{row['cycle']['name']} by {row['step']}, {row['from']} to {row['to']} ({row['zone']})"
    named = [f"{name} {value}" for name, value in row["policy"]["overridden"].items()]
    if row["known_at"] is not None:
        span += f", each day as known at position {row['known_at']}"
    if row["plan_from"] is not None:
        span += f", entered after its last day: with the plan as of position {row['plan_from']}"
    return ", ".join([span, *named, *(["other thresholds as valid then"] if named else [])])


def step_line(row: Row, changed: list[str]) -> str:
    """Return a step: where it stands, the event if it is one, and what changed."""
    statuses = ", ".join(f"{n} {in_plain_words(name)}" for name, n in row["statuses"].items() if n)
    what, event = "; ".join(changed), row.get("event")
    if event:
        what = f"{event['type']}: {what or 'no score or status changed'}"
    return f"{row['day']}  {row['position']:>6}  {statuses or 'no goals':<40} {what}".rstrip()


def changes(changed: list[Row], seen: dict[str, Row]) -> list[str]:
    """Return a line for each goal that looks different than in `seen`, and update `seen`."""
    lines = []
    for goal in changed:
        before = seen.get(goal["id"])
        after = seen[goal["id"]] = {name: goal[name] for name in SHOWN}
        if after != before:
            lines.append(goal_line(goal, before))
    return lines


def goal_line(goal: Row, before: Row | None) -> str:
    """Return a goal with its score, and with status, state and grade where these differ."""
    parts = [f"{goal['title'] or '(confidential)'} {share(goal['score'])}"]
    if before is None:
        return parts[0]
    parts += [
        f"{in_plain_words(before[name])} → {in_plain_words(goal[name])}"
        for name in ("status", "state")
        if goal[name] != before[name]
    ]
    if goal["grade"] != before["grade"]:
        parts.append(f"graded {graded(goal['grade'])}" if goal["grade"] else "not graded")
    return ", ".join(parts)
