"""How answers about goals, then and now, are told line by line."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Names = dict[str, str]


# ---- as of ------------------------------------------------------------------------------


def standing(found: Row) -> str:
    """Return what an answer stands on, in one line."""
    return f"as known at position {found['position']}, about {found['day']}"


def goal_line(row: Row, names: Names, indent: str = "") -> str:
    """Return an objective in one line."""
    whole = share(row.get("rolled_up", row.get("progress")))
    owner = names.get(str(row.get("owner_id")), "")
    said = f"{row['status']:<13} {whole:>7} {pace(row['pace']):>7}"
    return f"{said}  {indent}{row['title']}  {owner}".rstrip()


def share(value: Any) -> str:
    """Return a share as a percentage, a dash where nothing is measured."""
    return "–" if value is None else f"{Decimal(value) * 100:.1f} %"


def pace(value: Any) -> str:
    """Return a pace, a dash where there is none."""
    return "–" if value is None else f"{Decimal(value):.2f}"


HEADING = f"{'status':<13} {'score':>7} {'pace':>7}  goal"


def board_lines(found: Row, names: Names) -> Iterable[str]:
    """Yield a board: each objective with its key results."""
    yield f"{found['cycle']['name']}, {standing(found)}"
    yield HEADING
    for row in found["objectives"]:
        yield goal_line(row, names)
        for each in row["key_results"]:
            yield goal_line(each, names, "  · ")


def tree_lines(found: Row, names: Names) -> Iterable[str]:
    """Yield a tree, each goal indented below what it is aligned to."""
    yield f"{found['cycle']['name']}, {standing(found)}"
    yield HEADING
    yield from branches(found["objectives"], names, "")


def branches(rows: list[Row], names: Names, indent: str) -> Iterable[str]:
    """Yield goals and those below them."""
    for row in rows:
        yield goal_line(row, names, indent)
        yield from branches(row["aligned"], names, indent + "  ")


def kpi_lines(found: Row, names: Names) -> Iterable[str]:
    """Yield KPIs with their last reading and whether they meet their target."""
    yield standing(found)
    for row in found.get("kpis", [found]):
        met = {True: "met", False: "missed", None: "–"}[row["met"]]
        reading = row["reading"]
        last = (
            f"{reading['value']} {row['unit']} on {reading['as_of']}" if reading else "no reading"
        )
        late = ", overdue" if row["overdue"] else ""
        owner = names.get(str(row["owner_id"]), "")
        yield f"{met:<7} {share(row['progress']):>7}  {row['name']}: {last}{late}  {owner}".rstrip()


def goal_lines(found: Row, names: Names) -> Iterable[str]:
    """Yield an objective, a key result or a KPI."""
    if "cadence" in found and "direction" in found:
        yield from kpi_lines(found, names)
        return
    yield standing(found)
    if found["status"] == "dropped":
        yield f"dropped  {found['title']}"
        return
    yield HEADING
    yield goal_line(found, names)
    for each in found.get("key_results", ()):
        yield goal_line(each, names, "  · ")


# ---- plans and results ------------------------------------------------------------------


def plan_lines(found: Row, names: Names) -> Iterable[str]:
    """Yield a plan: when it was committed, what was changed since, and why."""
    committed = found["committed"]
    when = f"committed on {committed['day']} at {committed['position']}" if committed else "open"
    yield f"{found['cycle']['name']}: plan {when}"
    yield counted(found)
    for team in found["teams"]:
        yield f"  {names.get(team['team_id'], team['team_id'])}: {counted(team)}"
    for goal in found["goals"]:
        marks = [m for m in ("added", "dropped") if goal[f"{m}_mid_cycle"]]
        if goal["revisions"] or marks:
            said = ", ".join([*marks, f"{goal['revisions']} revisions"])
            yield f"  {goal['title']}: {said}"
    for each in found["changes"]:
        who = names.get(str(each["by"]), str(each["by"]))
        why = each["reason"] or each["comment"]
        said = f" – {why}" if why else ""
        yield f"{each['position']}  {each['recorded_at']}  {each['type']}  {who}{said}"


def counted(row: Row) -> str:
    """Return how much of a plan was revised."""
    return f"{row['revisions']} revisions, {row['added']} added, {row['dropped']} dropped"


def results_lines(found: Row, names: Names) -> Iterable[str]:
    """Yield each closing as published, and the restatement of the last."""
    if not found["closings"]:
        yield f"{found['cycle']['name']} was not closed yet."
    for each in found["closings"]:
        who = names.get(str(each["by"]), str(each["by"]))
        yield f"closing {each['number']}: {each['day']} by {who}, position {each['position']}"
        for text in (each["comment"], each["reason"]):
            if text:
                yield f"  {text}"
        for row in each["objectives"]:
            yield f"  {graded(row):<22} {row['title']}"
        if each["reopened"]:
            yield f"  reopened on {each['reopened']['day']} – {each['reopened']['reason']}"
    called = {row["id"]: row["title"] for each in found["closings"] for row in each["objectives"]}
    for row in (found["restatement"] or {"objectives": ()})["objectives"]:
        before, after = share(row["published"]["rolled_up"]), share(row["restated"]["rolled_up"])
        yield f"restated as known now: {before} → {after}  {called.get(row['id'], row['id'])}"


def graded(row: Row) -> str:
    """Return the grade of an objective, computed and adjusted."""
    grade = row["grade"]
    if grade is None:
        return f"not graded {share(row['rolled_up'])}"
    adjusted = f" → {share(grade['adjusted'])}" if grade["adjusted"] is not None else ""
    return f"{grade['band']} {share(grade['computed'])}{adjusted}"


# ---- comparisons ------------------------------------------------------------------------


def compare_lines(found: Row, names: Names) -> Iterable[str]:
    """Yield what differs, a line for each change."""
    sides = [f"{side['asked']} ({side['position']}, {side['day']})" for side in both(found)]
    yield " against ".join(sides) + limits(found, names)
    yield ", ".join(f"{each['goals']} {each['what']}" for each in found["counts"]) or "equal"
    for each in found["entries"]:
        yield f"{', '.join(each['what']) or 'changed'}: {each['title']}"
        for change in each["changes"] if each["before_id"] else ():
            before, after = (shown(change[side], names) for side in ("before", "after"))
            yield f"    {change['field']}: {before} → {after}"


def limits(found: Row, names: Names) -> str:
    """Return what both sides of a comparison are limited to."""
    cycles = {side["cycle_id"] for side in both(found)}
    same = cycles if len(cycles) == 1 else ()
    told = [names.get(id_, id_) for id_ in (*same, *found["limited_to"].values()) if id_]
    return f", limited to {', '.join(told)}" if told else ""


def both(found: Row) -> tuple[Row, Row]:
    """Return both sides of a comparison."""
    return found["from"], found["to"]


def shown(value: Any, names: Names) -> str:
    """Return a value as it is read, people and teams by name, of a reading or grade the gist."""
    if isinstance(value, dict):
        told = (value.get(name) for name in ("value", "zone", "as_of", "computed", "adjusted"))
        return " ".join(str(each) for each in told if each is not None)
    return "–" if value is None else names.get(str(value), str(value))


# ---- plan against actual, explanations -------------------------------------------------


def actual_lines(found: Row, _: Names) -> Iterable[str]:
    """Yield plan against actual: trajectories, readings or progress, and what was changed."""
    yield standing(found)
    for plan in found.get("planned", ()):
        which = "planned" if plan["original"] else "revised"
        bounds = (plan.get(name) for name in ("target", "minimum", "maximum"))
        to = " ".join(str(bound) for bound in bounds if bound is not None)
        yield f"{plan['day']}  {which}: {to or 'steps or zones'} {found['unit'] or ''}".rstrip()
    for each in found.get("readings", ()):
        was, now = each["believed"], each["known"]
        known = "retracted" if now is None else now["value"] or now["zone"]
        believed = was["value"] or was["zone"]
        also = "" if known == believed else f" → {known}"
        yield f"{each['as_of']}  read: {believed}{also} (recorded {each['recorded_on']})"
    for each in found.get("series", ()):
        yield (
            f"{each['day']}  believed {share(each['believed'])}, known {share(each['known'])}, "
            f"planned {share(each['expected_original'])}, "
            f"revised {share(each['expected_revised'])}"
        )
    for each in found["markers"]:
        yield f"{each['day']}  {each['what'].replace('_', ' ')} at {each['position']}"


def explain_lines(found: Row, names: Names) -> Iterable[str]:
    """Yield the change in progress by cause, each with its events."""
    yield f"{share(found['before'])} → {share(found['after'])}: {points(found['change'])}"
    for cause in found["causes"]:
        yield f"{points(cause['change']):>10}  {cause['cause']}"
        for event in cause["events"]:
            who = names.get(str(event["by"]), str(event["by"]))
            what = f"{event['position']}  {event['recorded_at']}  {event['type']}  {who}"
            yield f"{points(event['change']):>10}    {what}"


def points(change: Row) -> str:
    """Return a change of a share with its sign."""
    return f"{Decimal(change['rounded']) * 100:+.1f} %"
