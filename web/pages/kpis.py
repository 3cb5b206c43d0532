"""KPIs: the list of all, and the page of one."""

from __future__ import annotations

from typing import Any, get_args
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from okr_es.scoring.span_values import Status
from web.api.list_parameters import KPIS
from web.pages import story
from web.pages.deeds import deeds_for
from web.pages.frame.allowed import allowed
from web.pages.frame.filters import fields_of_page, filters_of_page
from web.pages.frame.formats import NOTHING, number, quantity
from web.pages.frame.moments import (
    OURS,
    PageMoment,
    at_moment,
    here,
    moment_of_page,
    other_way,
    plain_here,
)
from web.pages.frame.site import Site
from web.pages.frame.words import title
from web.pages.key_result import readings_of
from web.pages.plan_charts import kpi_chart, revisions

ON_A_PAGE = 50
MOST = 500
STATUSES = get_args(Status)
FILTERS = tuple(each for each in KPIS if each.name != "limit")


def add_to(made: Blueprint, site: Site) -> None:
    """Add the pages of KPIs."""

    @made.get("/kpis")
    def list_kpis() -> Response:
        """Show KPIs, fifty a page."""
        moment, filters = moment_of_page(), filters_of_page(FILTERS)
        found = site.ask("kpis", limit=ON_A_PAGE, **filters, **moment.asked)
        return site.page(
            "kpis.html", found=found, moment=moment, asked=filters, statuses=STATUSES,
            teams=site.ask("teams", limit=MOST, **moment.asked)["teams"],
            owners=owners_of(found), fields=fields_of_page({*OURS, "after"}),
            clear=plain_here(moment), at=at_moment(moment),
            now=here(), other=here(other_way(moment, found["day"])),
            next_page=found["next"] and here(moment, after=found["next"]),
        )  # fmt: skip

    @made.get("/kpis/<uuid:id>")
    def kpi(id: UUID) -> Response:
        """Show a KPI, on a day."""
        moment = moment_of_page()
        found = site.ask("kpi", id, **moment.asked)
        plan = site.ask("kpi_plan_and_actual", id, **moment.asked)
        told = story.story(site, id, found, moment)
        marked = revisions(plan, first_plan(plan))
        return site.page(
            "kpi.html", found=found, plan=plan, moment=moment, told=told, at=at_moment(moment),
            now=here(), other=here(other_way(moment, found["day"])), fed=fed_by(site, id, moment),
            chart=kpi_chart(plan, marked, title(found)), marked=story.explained(marked, told),
            readings=readings_of(site, id, moment), **buttons(site, found, moment),
        )  # fmt: skip


def first_plan(plan: Any) -> int | None:
    """Return the position of the first target."""
    return min((each["position"] for each in plan["planned"]), default=None)


def owners_of(found: Any) -> list[dict[str, Any]]:
    """Return who owns what stands on the page, by name."""
    owners = {each["owner"]["id"]: each["owner"] for each in found["kpis"] if each["owner"]}
    return sorted(owners.values(), key=lambda each: str(each["name"]))


def fed_by(site: Site, kpi: UUID, moment: PageMoment) -> list[Any]:
    """Return the key results of open cycles that a KPI feeds."""
    cycles = site.ask("cycles", state="open", limit=40)["cycles"]
    ids = tuple(UUID(str(each["id"])) for each in cycles)
    if not ids:
        return []
    rows = site.ask("key_results", cycle=ids, limit=MOST, **moment.asked)["key_results"]
    return [each for each in rows if each["kpi"] and str(each["kpi"]["id"]) == str(kpi)]


def buttons(site: Site, found: Any, moment: PageMoment) -> dict[str, Any]:
    """Return what who looks may do; of the past nothing."""
    if moment.is_past:
        return {"deeds": [], "may_correct": False}
    may_correct = "CorrectReading" in allowed(site, UUID(str(found["id"])))
    return {"deeds": deeds_for(site, "kpis", found), "may_correct": may_correct}


def kpi_target(found: Any) -> str:
    """Return what is wanted of a KPI in its span, in words; a dash where nothing is."""
    return NOTHING if found["target"] is None else span_target(found["target"], found["unit"])


def span_target(span: Any, unit: str) -> str:
    """Return what is wanted in a span, in words; a dash where nothing is."""
    if span["minimum"] is not None and span["maximum"] is not None:
        return f"{number(span['minimum'])}–{quantity(span['maximum'], unit)}"
    return quantity(span["target"], unit)


FUNCTIONS = {"kpi_target": kpi_target, "span_target": span_target}
