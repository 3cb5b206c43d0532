"""Why a score changed, line by line: by key result, with values, and events beneath."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from okr_es.scoring.shown import percent
from web.cli.text.goals import Names, actors, name_of, share
from web.cli.text.instants import instant

if TYPE_CHECKING:
    from projections.retrospect.explanation_answers import (
        ExactChange,
        ExplainedEvent,
        ExplainedKeyResult,
        ExplanationAnswer,
        KeyResultSide,
    )

WORDS = {
    "objective": "the objective itself", "cycle": "its cycle",
    "scoring_policy": "the scoring policy", "days": "days that passed",
}  # fmt: skip


def explain_lines(found: ExplanationAnswer, names: Names) -> Iterable[str]:
    """Yield the change of a score by key result, what is aligned, and the rest; then by cause."""
    days = [f"{side['day']} ({side['zone']})" for side in (found["from"], found["to"])]
    scores = f"{share(found['before'])} → {share(found['after'])}"
    title = found["title"] or "(confidential)"
    yield f"{title}, {' to '.join(days)}: {scores}, {points(found['change'])}"
    for part in found["key_results"]:
        yield f"{points(part['change']):>10}  {key_result_text(part)}"
        yield from event_lines(part["events"], part["unit"], names)
    for each in found["aligned"]:
        moved = f"{share(each['from'])} → {share(each['to'])}"
        title = each["objective"]["title"] or "(confidential)"
        yield f"{points(each['change']):>10}  aligned: {title}: {moved}"
        yield from event_lines(each["events"], None, names)
    for other in found["others"]:
        yield f"{points(other['change']):>10}  {WORDS[other['what']]}"
        yield from event_lines(other["events"], None, names)
    for kpi in found["kpis"]:
        yield f"{points(kpi['change']):>10}  of it by the KPI {name_of(kpi['kpi'], names)}"
    for cause in found["causes"]:
        yield f"{points(cause['change']):>10}  by {cause['cause']}"


def key_result_text(part: ExplainedKeyResult) -> str:
    """Return a key result with its value, progress, target and weight, first and last."""
    title = part["key_result"]["title"] or "(confidential)"
    first, last = part["from"], part["to"]
    if first is None or last is None:
        there = "added" if last is not None else "dropped or moved"
        side = last or first
        return f"{title}: {there}" + (f" ({side_text(side, part['unit'])})" if side else "")
    texts = [side_text(each, part["unit"]) for each in (first, last)]
    values = texts[0] if texts[0] == texts[1] else " → ".join(texts)
    changes = [
        f"{name} {first[name]} → {last[name]}"
        for name in ("baseline", "target", "minimum", "maximum", "weight")
        if first[name] != last[name]
    ]
    return ", ".join([f"{title}: {values}", *changes])


def side_text(side: KeyResultSide, unit: str | None) -> str:
    """Return what a key result had come to, with its progress."""
    value = side["zone"] or side["value"]
    of_unit = f" {unit}" if unit and side["value"] is not None else ""
    return "not measured" if value is None else f"{value}{of_unit} ({share(side['progress'])})"


def event_lines(events: Iterable[ExplainedEvent], unit: str | None, names: Names) -> Iterable[str]:
    """Yield events, each with the value of its key result before and after."""
    for event in events:
        what = f"{event['position']}  {instant(event['recorded_at'])}  {event['type']}"
        yield f"{points(event['change']):>12}  {what}  {actors(event, names)}" + values_text(
            event, unit
        )


def values_text(event: ExplainedEvent, unit: str | None) -> str:
    """Return the value before and after an event, in brackets; empty where neither is there."""
    before, after = event["value_before"], event["value_after"]
    if before is None and after is None:
        return ""
    of_unit = f" {unit}" if unit else ""
    return f"  ({before or '–'} → {after or '–'}{of_unit})" if before != after else ""


def points(change: ExactChange) -> str:
    """Return a change of a share with its sign."""
    return percent(change["rounded"], sign="+")
