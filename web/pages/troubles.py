"""What a page says when something is refused, is not there, or fails: in words, and what to do.

The API's handlers decide what each error is; here their answer becomes a page.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, g, request

from web import logs
from web.api.caller import PREFIX
from web.api.problems import PROBLEM_JSON
from web.pages.frame.language import gettext
from web.pages.frame.site import Site
from web.pages.html import html


def _(text: str) -> str:
    return text


KEPT = ("Retry-After", "Set-Cookie")  # of the headers of the API's answer
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
        "Try again. If it stays so, give an administrator the number below."
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: _("Try again in a moment."),
}
OTHERWISE = _("This cannot be shown"), _("Go back, and change what was asked for.")


def add_to(made: Blueprint, site: Site) -> None:
    """Let what is refused on a page be a page."""

    @made.after_app_request
    def as_page(answer: Response) -> Response:
        """Return the page of an error in the place of what the API says of it."""
        if answer.mimetype != PROBLEM_JSON or not is_for_a_page(made.name):
            return answer
        page = trouble(site, answer.status_code, answer.get_json())
        for name in KEPT:
            if name in answer.headers:
                page.headers[name] = answer.headers[name]
        return page


def is_for_a_page(blueprint: str) -> bool:
    """Return whether a page was asked for: one of ours, or by a browser one that is not there."""
    if request.blueprint is not None:
        return request.blueprint == blueprint
    is_browser = "text/html" in request.headers.get("Accept", "")
    return is_browser and not f"{request.path}/".startswith(f"{PREFIX}/")


def trouble(site: Site, code: int, problem: Any) -> Response:
    """Return the page of an error: what it is, this time, and what to do.

    Where the server fails, or nobody is known to look, nothing stands around it that has to be
    asked for.
    """
    status = HTTPStatus(code)
    values = {
        "heading": gettext(HEADINGS.get(status, OTHERWISE[0])),
        "detail": problem["detail"],
        "what_to_do": gettext(WHAT_TO_DO.get(status, OTHERWISE[1])),
        "request_id": request.environ.get(logs.REQUEST_ID),
    }
    if "visit" in g and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return site.page("trouble.html", status, **values)
    return html("trouble_alone.html", status, title=values["heading"], **values)
