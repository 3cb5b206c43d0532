"""What sentences need and no words: kinds of fields, the case of an event, how a text ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from projections.audit_log.sentence_facts import EventFacts
from projections.read_model.tables import Row

DAYS = frozenset({
    "due", "starts", "ends", "as_of", "effective", "two_weeks_from", "valid_from",
    "deputy_starts", "deputy_ends",
})  # fmt: skip
NUMBERS = frozenset({
    "baseline", "target", "minimum", "maximum", "weight", "adjusted_grade", "value", "confidence",
    "on_track", "at_risk", "yellow_from", "committed_expected", "aspirational_expected",
    "closing_position",
})  # fmt: skip
TEXTS = frozenset({
    "name", "title", "description", "unit", "source", "purpose", "legal_ground", "counts",
    "subject",
})  # fmt: skip
LISTS = frozenset({
    "steps", "zones", "trajectory", "working_days", "holidays", "grace", "kpi_ids",
    "approval_required",
})  # fmt: skip
OF_WORDS = frozenset({"working_days", "approval_required"})
BESIDE = {"target", "measure", "meant", "calendar", "evidence"}  # fields of events that hold fields


def case_of(event: EventFacts) -> str | None:
    """Return which case of its type an event is: whose plan it commits, or all it changes."""
    if event.entry["type"] == "cycle.plan_committed" and event.data["team_id"] is not None:
        return "with teams below" if event.data["with_teams_below"] else "team"
    changed = {change["field"] for change in event.entry["changes"]}
    return next(iter(changed)) if len(changed) == 1 else None


def as_sentence(text: str) -> str:
    """Return a text with a capital and one full stop, also where a quotation ends in one."""
    if text[-3:-2] in {".", "!", "?"} and not text[-2:-1].isalnum():
        text = text[:-1]
    return text[:1].upper() + text[1:]


def is_later(event: EventFacts) -> bool:
    """Return whether an event is not the first of its stream."""
    return not event.entry["id"].endswith("/1")


def bare(field: str) -> str:
    """Return the name of a field as templates have it: what it names, not its id."""
    return field.removesuffix("_id")


def flat(data: Row) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an event, those of what it holds as its own."""
    for field, value in data.items():
        if field in BESIDE and isinstance(value, dict):
            yield from flat(value)
        else:
            yield field, value


def without_none(facts: dict[str, Any]) -> dict[str, str]:
    """Return the facts that are not None."""
    return {name: value for name, value in facts.items() if value is not None}
