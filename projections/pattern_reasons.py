"""Reasons that were given word for word more than once, whoever gave them and of which goal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .goals import Row
from .looking import Finding, Looked


def repeated_reasons(looked: Looked) -> Iterable[Finding]:
    """Yield reasons given with two commands or more; what one command did to many counts once.

    They are unsealed to be compared, and nothing of them is kept.
    """
    positions = {*looked.goal_at, *(row["known_from"] for row in looked.cycle)}
    happened = [row for row in looked.records.events(list(positions)) if row["sealed"]]
    texts = looked.records.texts(happened)
    given: dict[str, list[Row]] = defaultdict(list)
    for row in reversed(happened):
        if reason := texts[row["position"]].get("reason"):
            given[normalised(reason)].append(row)
    for rows in given.values():
        times = len({row["command_id"] or row["position"] for row in rows})
        if times > 1:
            found = tuple(row["position"] for row in rows)
            yield Finding("repeated_reason", None, found, {"times": times})


def normalised(reason: str) -> str:
    """Return a reason without regard to case and blanks."""
    return " ".join(reason.casefold().split())
