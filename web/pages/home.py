"""Home: what needs who is signed in, their goals, their teams."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from okr_es.domain.values import Role
from web.pages.frame.site import Site

GOALS = 50


def add_to(made: Blueprint, site: Site) -> None:
    """Add the first page."""

    @made.get("/home")
    def home() -> Response:
        """Show what needs somebody first, then what they own."""
        person = site.person
        goals = goals_of(site)
        return site.page(
            "home.html", needs=site.ask("needs", person), objectives=goals,
            teams=teams_of(site, goals),
        )  # fmt: skip


def goals_of(site: Site) -> list[dict[str, Any]]:
    """Return the objectives of who is signed in, in cycles that are open."""
    running = tuple(UUID(each["id"]) for each in running_cycles(site))
    if not running:
        return []
    found = site.ask("objectives", owner_id=site.person, cycle=running, limit=GOALS)
    goals: list[dict[str, Any]] = found["objectives"]
    return goals


def teams_of(site: Site, goals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the teams that somebody leads, and those of their goals, by name."""
    grants = site.queries.grants(person_id=site.person)["grants"]
    led = [each["team"] for each in grants if each["holds"] and each["role"] == Role.LEAD]
    of_goals = [each["team"] for each in goals]
    teams = {each["id"]: each for each in [*led, *of_goals] if each is not None}
    return sorted(teams.values(), key=lambda each: str(each.get("name")))


def running_cycles(site: Site) -> list[dict[str, Any]]:
    """Return the cycles that are not closed."""
    cycles: list[dict[str, Any]] = site.ask("cycles", state="open", limit=40)["cycles"]
    return cycles
