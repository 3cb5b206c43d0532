"""The cycle that a page is about where its address names none."""

from __future__ import annotations

from typing import Any

from web.pages.frame.moments import as_date
from web.pages.frame.site import Site

MOST = 500


def present_cycle(site: Site) -> dict[str, Any] | None:
    """Return the shortest cycle that today lies in, else the one that began last, else the first.

    None: there is no cycle.
    """
    found = site.ask("cycles", limit=MOST)
    cycles: list[dict[str, Any]] = found["cycles"]
    today = found["day"].isoformat()
    running = [each for each in cycles if each["starts"] <= today <= each["ends"]]
    begun = [each for each in cycles if each["starts"] <= today]
    if running:
        return min(running, key=lambda each: (days_of(each), each["name"]))
    if begun:
        return max(begun, key=lambda each: (each["starts"], -days_of(each)))
    return min(cycles, key=lambda each: str(each["starts"]), default=None)


def days_of(cycle: dict[str, Any]) -> int:
    """Return how many days a cycle has."""
    first, last = (as_date(cycle[name]) for name in ("starts", "ends"))
    return (last - first).days + 1
