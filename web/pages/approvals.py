"""Requests for approval: what waits, what is asked with before and after, and deciding about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from okr_es import commands as c
from okr_es.domain.values import Decision
from web.api.parameters import BEFORE, CYCLE, STATE
from web.api.problems import invalid
from web.pages.frame.filters import fields_of_page, filters_of_page
from web.pages.frame.forms import Form, led_on, sent
from web.pages.frame.moments import here
from web.pages.frame.site import Site

A_PAGE = 50
FILTERS = (STATE, CYCLE, BEFORE)
DEEDS = {"approve": c.ApproveRequest, "refuse": c.RefuseRequest, "withdraw": c.WithdrawRequest}


def add_to(made: Blueprint, site: Site) -> None:
    """Add the pages of requests."""

    @made.get("/approvals")
    def approvals() -> Response:
        """Show the requests that wait, or others that the filters name."""
        asked = filters_of_page(FILTERS)
        if "state" not in request.args:
            asked["decision"] = Decision.PENDING
        found = site.ask("approvals", limit=A_PAGE, **asked)
        before = found["next_before"]
        return site.page(
            "approvals.html", found=found, states=list(Decision), zone=zone_of(site),
            state=request.args.get("state", Decision.PENDING), fields=fields_of_page({"before"}),
            next_page=before and here(before=str(before)),
        )  # fmt: skip

    @made.get("/approvals/<uuid:id>")
    def approval(id: UUID) -> Response:
        """Show a request."""
        return approval_page(site, id, Form())

    @made.post("/approvals/<uuid:approval_id>/decide")
    def decided(approval_id: UUID) -> Response:
        """Approve, refuse or withdraw a request."""
        deed = DEEDS.get(request.form.get("deed", ""))
        if deed is None:
            raise invalid({"deed": [f"Not one of {', '.join(DEEDS)}."]})
        outcome = sent(site, deed)
        if isinstance(outcome, Form):
            return approval_page(site, approval_id, outcome)
        return led_on(f"/approvals/{approval_id}", outcome)


def approval_page(site: Site, id_: UUID, form: Form) -> Response:
    """Return the page of a request, with the form to decide while it waits."""
    found: Any = site.ask("approval", id_)
    is_own = str(found["requested"]["by"]["id"]) == str(site.person)
    return site.page(
        "approval.html", form.status, found=found, form=form, is_own=is_own, zone=zone_of(site)
    )


def zone_of(site: Site) -> str:
    """Return the time zone of the organisation's calendar."""
    zone: str = site.ask("calendar")["zone"]
    return zone
