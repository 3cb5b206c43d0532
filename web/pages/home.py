"""Home: what needs who is signed in, their goals, their teams."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from okr_es.domain.values import Role
from web.pages.frame.site import Site

GOALS = 50
MOST = 40  # cycles that are open


def add_to(made: Blueprint, site: Site) -> None:
    """Add the first page."""

    @made.get("/home")
    def home() -> Response:
        """Show what needs somebody first, then what they own."""
        person = site.person
        open_ = site.ask("cycles", state="open", limit=MOST)
        grants = roles_of(site)
        goals = goals_of(site, open_["cycles"])
        return site.page(
            "home.html", needs=site.ask("needs", person), objectives=goals,
            teams=teams_of(grants, goals), cycles=cycles_that_wait(grants, open_),
        )  # fmt: skip


def roles_of(site: Site) -> list[dict[str, Any]]:
    """Return the roles that who is signed in holds today, with the teams they are for."""
    found = site.queries.named("grants", site.queries.grants(person_id=site.person))
    return [each for each in found["grants"] if each["holds"]]


def cycles_that_wait(grants: list[dict[str, Any]], open_: Any) -> list[tuple[str, Any]]:
    """Return the cycles whose plan is to commit or that are to close, for who may do it.

    A plan is to commit from the first day of its cycle on, a cycle to close after its last.
    """
    roles, today = {each["role"] for each in grants}, open_["day"].isoformat()
    plans = [each for each in open_["cycles"] if each["starts"] <= today <= each["ends"]]
    ended = [each for each in open_["cycles"] if each["ends"] < today]
    if Role.ADMINISTRATOR not in roles:
        return []
    waiting = [("commit", each) for each in plans if not each["plan_committed"]]
    return waiting + [("close", each) for each in ended]


def goals_of(site: Site, cycles: list[Any]) -> list[dict[str, Any]]:
    """Return the objectives of who is signed in, in these cycles."""
    running = tuple(UUID(str(each["id"])) for each in cycles)
    if not running:
        return []
    found = site.ask("objectives", owner_id=site.person, cycle=running, limit=GOALS)
    goals: list[dict[str, Any]] = found["objectives"]
    return goals


def teams_of(grants: list[dict[str, Any]], goals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the teams that somebody leads, and those of their goals, by name."""
    led = [each["team"] for each in grants if each["role"] == Role.LEAD]
    of_goals = [each["team"] for each in goals]
    teams = {str(each["id"]): each for each in [*led, *of_goals] if each is not None}
    return sorted(teams.values(), key=lambda each: str(each["name"]))
