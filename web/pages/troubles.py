"""What a page says when something is refused, is not there, or fails: in words, and what to do."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from okr_es.domain.refusals import Refusal
from web.api.problems import Problem, problem_of
from web.pages.frame.language import gettext
from web.pages.frame.site import Site
from web.pages.html import html

log = logging.getLogger("okr_es.pages")


def _(text: str) -> str:
    return text


HEADINGS = {
    HTTPStatus.FORBIDDEN: _("This is not for you to see"),
    HTTPStatus.NOT_FOUND: _("There is no such page"),
    HTTPStatus.CONFLICT: _("It was changed meanwhile"),
    HTTPStatus.INTERNAL_SERVER_ERROR: _("Something went wrong here"),
    HTTPStatus.SERVICE_UNAVAILABLE: _("Not possible at the moment"),
}
WHAT_TO_DO = {
    HTTPStatus.FORBIDDEN: _("Ask who has this right, or go back to what is yours."),
    HTTPStatus.NOT_FOUND: _("Perhaps the address was cut short, or it is of another time."),
    HTTPStatus.CONFLICT: _("Go back, look at how it stands now, and try again."),
    HTTPStatus.INTERNAL_SERVER_ERROR: _(
        "Try again. If it stays so, tell an administrator the number below."
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: _("Nothing was changed. Try again in a moment."),
}
OTHERWISE = _("This cannot be shown"), _("Go back, and change what was asked for.")


def add_to(made: Blueprint, site: Site) -> None:
    """Let errors of pages be pages."""

    @made.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        return of_problem(problem_of(refusal))

    @made.errorhandler(Problem)
    def of_problem(problem: Problem) -> Response:
        answer = trouble(site, problem.status, problem.detail)
        answer.headers.update(problem.headers)
        return answer

    @made.errorhandler(HTTPException)
    def of_http(error: HTTPException) -> Response:
        return trouble(site, error.code or 500, error.description or "")


def trouble(site: Site, code: int, detail: str) -> Response:
    """Return the page of an error: what it is, this time, and what to do."""
    status = HTTPStatus(code)
    heading, what_to_do = HEADINGS.get(status), WHAT_TO_DO.get(status)
    values = {
        "heading": gettext(heading or OTHERWISE[0]),
        "detail": detail,
        "what_to_do": gettext(what_to_do or OTHERWISE[1]),
        "request_id": request.environ.get("okr_es.request_id"),
    }
    if "visit" in g or site.require_somebody() is None:
        return site.page("trouble.html", status, **values)
    return html("trouble_alone.html", status, title=values["heading"], **values)
