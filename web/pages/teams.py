"""Teams as a tree of a day, and the page of a team: its goals over the cycles, its KPIs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from web.pages.frame.cycles import MOST
from web.pages.frame.moments import at_moment, here, moment_of_page, other_way
from web.pages.frame.site import Site

GOALS = 200


def add_to(made: Blueprint, site: Site) -> None:
    """Add the pages of teams."""

    @made.get("/teams")
    def teams() -> Response:
        """Show all teams of a day, below each other."""
        moment = moment_of_page()
        found = site.ask("teams", limit=MOST, **moment.asked)
        return site.page(
            "teams.html", found=found, roots=below(found["teams"]), moment=moment,
            at=at_moment(moment), now=here(), other=here(other_way(moment, found["day"])),
        )  # fmt: skip

    @made.get("/teams/<uuid:id>")
    def team(id: UUID) -> Response:
        """Show a team of a day."""
        moment = moment_of_page()
        found = site.ask("team", id, **moment.asked)
        goals = site.ask("objectives", team_id=id, limit=GOALS, **moment.asked)
        return site.page(
            "team.html", found=found, moment=moment, at=at_moment(moment), now=here(),
            other=here(other_way(moment, found["day"])),
            cycles=by_cycle(goals["objectives"]), has_more=goals["next"] is not None,
            kpis=site.ask("kpis", id, **moment.asked)["kpis"],
        )  # fmt: skip


def below(teams: Iterable[Any], parent: str | None = None) -> list[dict[str, Any]]:
    """Return the living teams below one, each with those below it; by name."""
    living = [each for each in teams if not each["disbanded"]]
    there = {str(each["id"]) for each in living}
    found = []
    for each in living:
        above = each["parent"] and str(each["parent"]["id"])
        if (above if above in there else None) == parent:
            found.append({**each, "below": below(living, str(each["id"]))})
    return sorted(found, key=lambda each: str(each["name"]))


def by_cycle(objectives: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """Return objectives by the name of their cycle, the last cycle first."""
    named = sorted(objectives, key=lambda each: str(each["cycle"]["name"]), reverse=True)
    return [(name, [*rows]) for name, rows in groupby(named, lambda each: each["cycle"]["name"])]
