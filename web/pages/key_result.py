"""The page of a key result, and the form to check in on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from okr_es import commands as c
from okr_es.domain.reading import HIGHEST_CONFIDENCE
from web.pages.frame.forms import Form, led_on, sent
from web.pages.frame.moments import at_moment, here, moment_of_page, other_way, time_bar
from web.pages.frame.site import Site

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
        return site.page(
            "key_result.html", found=found, objective=objective, moment=moment, now=here(),
            at=at_moment(moment), other=here(other_way(moment, found["day"])),
            bar=time_bar(changes, moment, found["day"], changes["day"]),
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


def check_in_page(site: Site, id_: UUID, form: Form) -> Response:
    """Return the form of a check-in."""
    found: Any = site.ask("key_result", id_)
    return site.page("check_in.html", form.status, found=found, form=form, confidences=CONFIDENCES)
