"""Reasons that were given more than once in the same words, by any person, about any goal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from okr_es.database.database import Database
from projections.audit_log.history import History
from projections.audit_log.logged_event import LoggedEvent
from projections.patterns.cycle_data import CycleData, Finding


def repeated_reasons(data: CycleData, history: History, database: Database) -> Iterable[Finding]:
    """Yield reasons given with two commands or more; what one command did to many counts once.

    They are decrypted to be compared, and not stored. Those that the viewer is not shown are left
    out: beside others they would be known by them.
    """
    own = sorted(data.events.keys() - data.beside)
    encrypted = [data.events[at] for at in own if data.events[at].encrypted]
    hidden = history.hidden(database, encrypted)
    encrypted = [event for event in encrypted if event.position not in hidden]
    texts = history.texts(encrypted)
    given: dict[str, list[LoggedEvent]] = defaultdict(list)
    for event in encrypted:
        if reason := texts[event.position].get("reason"):
            given[normalised(reason)].append(event)
    for events in given.values():
        times = len({event.command_id or event.position for event in events})
        if times > 1:
            positions = tuple(event.position for event in events)
            yield Finding("repeated_reason", None, positions, {"times": times})


def normalised(reason: str) -> str:
    """Return a reason without regard to case and blanks."""
    return " ".join(reason.casefold().split())
