"""The page of a person: who they are, and their goals over the cycles."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from web.pages.frame.site import Site
from web.pages.teams import GOALS, by_cycle


def add_to(made: Blueprint, site: Site) -> None:
    """Add the page of a person."""

    @made.get("/people/<uuid:id>")
    def person(id: UUID) -> Response:
        """Show a person, as far as who looks may see: it is a recorded read."""
        found = site.ask("person", id)
        goals = site.ask("objectives", owner_id=id, limit=GOALS)
        return site.page(
            "person.html", found=found, is_me=id == site.person,
            cycles=by_cycle(goals["objectives"]), has_more=goals["next"] is not None,
            kpis=site.ask("kpis", owner_id=id)["kpis"],
        )  # fmt: skip
