"""A cycle played day by day: how the goals stood at the end of each, and what moved."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from okr_es.domain.cycle import CycleRef
from web.api.parameters import a_day
from web.api.problems import invalid
from web.pages.frame.cycles import MOST, present_cycle
from web.pages.frame.filters import filters_of_page
from web.pages.frame.moments import PageMoment, as_date, here, time_bar
from web.pages.frame.site import Site

A_DAY = timedelta(days=1)
DAY = a_day("day", "day", "The day that is shown.")


class Played(NamedTuple):
    """A goal at the end of a day, and as it was the day before; None: it was not there."""

    goal: Any
    before: Any

    @property
    def moved(self) -> bool:
        """Whether its score or its state is another one than the day before."""
        if self.before is None:
            return True
        return any(self.goal[name] != self.before[name] for name in ("score", "state", "outcome"))


def add_to(made: Blueprint, site: Site) -> None:
    """Add the pages of a replay."""

    @made.get("/replay")
    def present_replay() -> Response:
        """Lead to the replay of the present cycle."""
        cycle = present_cycle(site)
        if cycle is None:
            return site.page("no_cycles.html")
        return redirect(f"/replay/{cycle['name']}", HTTPStatus.SEE_OTHER)

    @made.get("/replay/<cycle:id>")
    def replay(id: CycleRef) -> Response:
        """Show the end of a day of the cycle, the first one if the address names none."""
        changes = site.ask("changes_by_day", id)
        cycle = changes["cycle"]
        bounds = as_date(cycle["starts"]), min(last_day(cycle), changes["day"])
        day = picked(bounds[0])
        if not bounds[0] <= day <= bounds[1]:
            raise invalid({"day": [f"Not a day from {bounds[0]} to {bounds[1]}."]})
        goals, statuses = played(site, UUID(str(cycle["id"])), day, bounds[0])
        of_day = next((each for each in changes["days"] if as_date(each["day"]) == day), None)
        bar = time_bar(changes, PageMoment(), day, changes["day"])
        return site.page(
            "replay.html", cycle=cycle, cycles=site.ask("cycles", limit=MOST)["cycles"], day=day,
            goals=goals, statuses=statuses, of_day=of_day, bounds=bounds,
            bar=bar._replace(dots=[{**dot, "address": address(dot["day"])} for dot in bar.dots]),
            back=address(day - A_DAY) if day > bounds[0] else None,
            on=address(day + A_DAY) if day < bounds[1] else None,
            next_change=next_change(changes, day, bounds[1]),
        )  # fmt: skip


def picked(first: date) -> date:
    """Return the day of the address; raise a Problem for what is none."""
    day: date = filters_of_page((DAY,)).get("day", first)
    return day


def last_day(cycle: Any) -> date:
    """Return the day a cycle was closed on last, or the last of its days."""
    return max([as_date(cycle["ends"]), *(as_date(each["at"]) for each in cycle["closings"])])


def next_change(changes: Any, day: date, last: date) -> str | None:
    """Return the address of the next day on which something was changed; None: there is none."""
    days = [as_date(each["day"]) for each in changes["days"]]
    later = [each for each in days if day < each <= last]
    return address(min(later)) if later else None


def address(day: date) -> str:
    """Return the address of another day of this replay."""
    return here(day=day.isoformat())


def played(site: Site, cycle: UUID, day: date, first: date) -> tuple[list[Played], Any]:
    """Return the goals at the end of a day, each beside the day before; and how many are where."""
    begin = max(first, day - A_DAY)
    lines = list(site.ask("replay", cycle, step="day", from_=begin, to=day))
    steps = [line for line in lines if "changed" in line]
    if not steps:
        return [], None
    before = {each["id"]: each for each in steps[0]["changed"]} if len(steps) > 1 else {}
    now = dict(before)
    for step in steps[1:] if len(steps) > 1 else steps:
        now |= {each["id"]: each for each in step["changed"]}
    goals = [Played(each, before.get(each["id"])) for each in now.values()]
    return sorted(goals, key=lambda each: not each.moved), steps[-1]["statuses"]
