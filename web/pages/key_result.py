"""The page of a key result, and the form to check in on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from okr_es import commands as c
from okr_es.domain.reading import HIGHEST_CONFIDENCE
from web.api.parameters import BEFORE
from web.pages import story
from web.pages.deeds import deeds_for
from web.pages.frame.allowed import allowed
from web.pages.frame.filters import filters_of_page
from web.pages.frame.forms import Form, led_on, sent
from web.pages.frame.moments import (
    PageMoment,
    at_moment,
    here,
    moment_of_page,
    other_way,
    time_bar,
)
from web.pages.frame.site import Site
from web.pages.frame.words import title
from web.pages.plan_charts import committed_at, key_result_chart, revisions

READINGS = 50  # on a page
CONFIDENCES = [(each, each) for each in range(HIGHEST_CONFIDENCE + 1)]


def add_to(made: Blueprint, site: Site) -> None:
    """Add the pages of a key result."""

    @made.get("/key-results/<uuid:id>")
    def key_result(id: UUID) -> Response:
        """Show a key result, on a day."""
        moment = moment_of_page()
        found = site.ask("key_result", id, **moment.asked)
        objective = site.ask("objective", UUID(str(found["objective"]["id"])), **moment.asked)
        changes = site.ask("changes_by_day", UUID(str(objective["cycle"]["id"])), goal_id=id)
        plan = site.ask("key_result_plan_and_actual", id, **moment.asked)
        told = story.story(site, id, found, moment)
        marked = revisions(plan, committed_at(plan["planned"]))
        cycle = changes["cycle"]
        return site.page(
            "key_result.html", found=found, objective=objective, moment=moment, now=here(),
            at=at_moment(moment), other=here(other_way(moment, found["day"])), plan=plan,
            bar=time_bar(changes, moment, found["day"], changes["day"]), told=told,
            chart=key_result_chart(plan, found, marked, cycle, title(found)),
            marked=story.explained(marked, told),
            readings=readings_of(site, id, moment),
            **buttons(site, found, moment, closed=cycle["closed"]),
        )  # fmt: skip

    @made.get("/key-results/<uuid:key_result_id>/check-in")
    def check_in(key_result_id: UUID) -> Response:
        """Show the form of a check-in, with the last value beside the field."""
        return check_in_page(site, key_result_id, Form())

    @made.post("/key-results/<uuid:key_result_id>/check-in")
    def check_in_sent(key_result_id: UUID) -> Response:
        """Record a check-in."""
        outcome = sent(site, c.CheckIn)
        if isinstance(outcome, Form):
            return check_in_page(site, key_result_id, outcome)
        return led_on(f"/key-results/{key_result_id}", outcome)


def readings_of(site: Site, goal: UUID, moment: PageMoment) -> dict[str, Any]:
    """Return a page of readings, the last recorded first."""
    before = filters_of_page((BEFORE,)).get("before")
    found: dict[str, Any] = site.ask(
        "readings", goal, limit=READINGS, before=before, **moment.asked
    )
    return found


def older_readings(readings: Any, moment: PageMoment) -> str | None:
    """Return the address of this page with older readings; None where there are none."""
    older = readings["next_before"]
    return here(moment, before=older) if older else None


def buttons(site: Site, found: Any, moment: PageMoment, *, closed: bool) -> dict[str, Any]:
    """Return what who looks may do; of the past nothing."""
    if moment.is_past:
        return {"deeds": [], "may_check_in": False, "may_correct": False}
    may = allowed(site, UUID(str(found["id"])))
    return {
        "deeds": deeds_for(site, "key-results", found, closed=closed),
        "may_check_in": "CheckIn" in may and not found["dropped"] and not closed,
        "may_correct": "CorrectReading" in may,
    }


def check_in_page(site: Site, id_: UUID, form: Form) -> Response:
    """Return the form of a check-in."""
    found: Any = site.ask("key_result", id_)
    return site.page("check_in.html", form.status, found=found, form=form, confidences=CONFIDENCES)
