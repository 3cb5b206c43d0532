"""Reasons that were given word for word more than once, whoever gave them and of which goal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from projections.audit_log.history import Event
from projections.patterns.cycle_data import Finding, Looked


def repeated_reasons(looked: Looked) -> Iterable[Finding]:
    """Yield reasons given with two commands or more; what one command did to many counts once.

    They are decrypted to be compared, and nothing of them is kept.
    """
    positions = {*looked.goal_at, *(row["known_from"] for row in looked.cycle)}
    happened = [event for event in looked.records.events(list(positions)) if event.encrypted]
    texts = looked.records.texts(happened)
    given: dict[str, list[Event]] = defaultdict(list)
    for event in reversed(happened):
        if reason := texts[event.position].get("reason"):
            given[normalised(reason)].append(event)
    for events in given.values():
        times = len({event.command_id or event.position for event in events})
        if times > 1:
            found = tuple(event.position for event in events)
            yield Finding("repeated_reason", None, found, {"times": times})


def normalised(reason: str) -> str:
    """Return a reason without regard to case and blanks."""
    return " ".join(reason.casefold().split())
