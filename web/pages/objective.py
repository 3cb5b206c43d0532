"""The page of an objective: plan against actual, its story, its owners, and what can be done."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from web.pages import story
from web.pages.deeds import deeds_for
from web.pages.frame.moments import at_moment, here, moment_of_page, other_way, time_bar
from web.pages.frame.site import Site
from web.pages.frame.words import title
from web.pages.plan_charts import objective_chart, revisions


def add_to(made: Blueprint, site: Site) -> None:
    """Add the page of an objective."""

    @made.get("/objectives/<uuid:id>")
    def objective(id: UUID) -> Response:
        """Show an objective, on a day."""
        moment = moment_of_page()
        found = site.ask("objective", id, **moment.asked)
        changes = site.ask("changes_by_day", UUID(str(found["cycle"]["id"])), goal_id=id)
        plan = site.ask("objective_plan_and_actual", id, **moment.asked)
        told = story.story(site, id, found, moment)
        marked = revisions(plan, plan["committed_position"])
        return site.page(
            "objective.html", found=found, moment=moment, cycle=changes["cycle"],
            now=here(), other=here(other_way(moment, found["day"])), at=at_moment(moment),
            bar=time_bar(changes, moment, found["day"], changes["day"]),
            plan=plan, chart=objective_chart(plan, marked, changes["cycle"], title(found)),
            marked=story.explained(marked, told), told=told,
            owners=story.owners(site, found, told, moment),
            deeds=[]
            if moment.is_past
            else deeds_for(site, "objectives", found, closed=changes["cycle"]["closed"]),
        )  # fmt: skip
