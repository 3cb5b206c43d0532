"""Audit: the log searched in sentences, who looked at what, and how far the log is signed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from okr_es.access_log import RECORDED
from okr_es.context import ORIGINS
from okr_es.domain.refusals import NotAllowed
from okr_es.evidence.checkpoints import Checkpoints
from web.api.evidence_answers import checkpoints_answer
from web.api.parameters import AUDIT_LOG, BEFORE, BY, PERSON_ID, WHAT, accepted_language
from web.pages.approvals import zone_of
from web.pages.frame.cycles import MOST
from web.pages.frame.filters import fields_of_page, filters_of_page
from web.pages.frame.moments import here
from web.pages.frame.site import Site

A_PAGE = 50
SEARCH = tuple(each for each in AUDIT_LOG if each.name not in {"limit", "language"})
READS = (BY, PERSON_ID, WHAT, BEFORE)
CHECKPOINTS = 20


def add_to(made: Blueprint, site: Site) -> None:
    """Add the pages of audit."""

    @made.get("/audit")
    def audit() -> Response:
        """Show the audit log, the newest first, or what the filters find in it."""
        asked, why = filters_of_page(SEARCH), None
        try:
            found = site.ask("audit_log", limit=A_PAGE, language=accepted_language(), **asked)
        except NotAllowed as refusal:  # the log of all is not for them, perhaps that of somebody
            found, why = None, refusal.message
        before, entries = (found["next_before"], found["entries"]) if found else (None, [])
        return site.page(
            "audit.html", found=found, why=why, zone=zone_of(site), origins=sorted(ORIGINS),
            fields=fields_of_page({"before"}), teams=site.ask("teams", limit=MOST)["teams"],
            cycles=site.ask("cycles", limit=MOST)["cycles"], people=people_of(entries),
            next_page=before and here(before=str(before)),
        )  # fmt: skip

    @made.get("/audit/access-log")
    def access_log() -> Response:
        """Show who looked at what about people; it is itself a recorded read."""
        found = site.ask("access_log", limit=A_PAGE, **filters_of_page(READS))
        before = found["next_before"]
        return site.page(
            "access_log.html", found=found, zone=zone_of(site), whats=list(RECORDED),
            what=request.args.get("what", ""), next_page=before and here(before=str(before)),
        )  # fmt: skip

    @made.get("/audit/checkpoints")
    def checkpoints() -> Response:
        """Show up to which position the log is signed, and where to take the evidence from."""
        found = checkpoints_answer(Checkpoints(site.okr.database), CHECKPOINTS)
        head = site.okr.log.head()
        return site.page("checkpoints.html", found=found, zone=zone_of(site), head=head)


def people_of(entries: list[Any]) -> dict[str, Any]:
    """Return who acted in some entries, by id: those to choose from as a filter."""
    return {str(each["by"]["id"]): each["by"] for each in entries if each["by"]}
