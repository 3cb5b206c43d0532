"""The board of a cycle: its objectives with key results, now or on a day of the past."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, get_args

from flask import Blueprint, redirect
from markupsafe import Markup
from werkzeug.wrappers import Response

from okr_es.domain.cycle import CycleRef
from projections.as_of.answers import Status
from web.api.list_parameters import BOARD
from web.pages.frame.cycles import MOST, present_cycle
from web.pages.frame.drawings import spark
from web.pages.frame.filters import fields_of_page, filters_of_page
from web.pages.frame.moments import (
    OURS,
    as_date,
    at_moment,
    here,
    moment_of_page,
    other_way,
    plain_here,
    time_bar,
)
from web.pages.frame.site import Site

OBJECTIVES_A_PAGE = 50
STRAIGHT = (0.0, 1.0)  # what is expected on the first and on the last day
STATUSES = get_args(get_args(Status)[0])
FILTERS = tuple(each for each in BOARD if each.name != "limit")


def add_to(made: Blueprint, site: Site) -> None:
    """Add the board's pages."""

    @made.get("/board")
    def present_board() -> Response:
        """Lead to the board of the present cycle."""
        cycle = present_cycle(site)
        if cycle is None:
            return site.page("no_cycles.html")
        return redirect(f"/board/{cycle['name']}", HTTPStatus.SEE_OTHER)

    @made.get("/board/<cycle:id>")
    def board(id: CycleRef) -> Response:
        """Show a cycle's goals, fifty objectives a page."""
        moment, filters = moment_of_page(), filters_of_page(FILTERS)
        found = site.ask("board", id, limit=OBJECTIVES_A_PAGE, **filters, **moment.asked)
        changes = site.ask("changes_by_day", id)
        trends = site.ask("trends", id, **moment.asked)
        return site.page(
            "board.html",
            found=found,
            cycle=found["cycle"],
            cycles=site.ask("cycles", limit=MOST)["cycles"],
            teams=site.ask("teams", limit=MOST, **moment.asked)["teams"],
            owners=owners_of(found),
            statuses=STATUSES,
            moment=moment,
            now=here(),
            other=here(other_way(moment, found["day"])),
            sparks=sparks_of(trends),
            bar=time_bar(changes, moment, found["day"], changes["day"]),
            fields=fields_of_page({*OURS, "after"}),
            asked=filters,
            at=at_moment(moment),
            clear=plain_here(moment),
            next_page=found["next"] and here(moment, after=found["next"]),
        )


def owners_of(found: Any) -> list[dict[str, Any]]:
    """Return who owns what stands on the page, by name."""
    owners = {each["owner"]["id"]: each["owner"] for each in found["objectives"] if each["owner"]}
    return sorted(owners.values(), key=lambda each: str(each["name"]))


def sparks_of(found: Any) -> dict[str, Markup]:
    """Return a small line of how progress went for each key result, by its id."""
    first, last = (as_date(found["cycle"][name]) for name in ("starts", "ends"))
    days = max((last - first).days, 1)
    return {
        str(each["key_result"]["id"]): spark(
            [
                ((as_date(point["day"]) - first).days / days, float(point["progress"]))
                for point in each["points"]
            ],
            STRAIGHT,
        )
        for each in found["trends"]
    }
