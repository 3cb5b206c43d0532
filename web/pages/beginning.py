"""Where somebody begins who knows nothing yet: the root, and what problems mean.

A program gets JSON; a browser, which asks for HTML by name, a page or the way to one.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from web import version
from web.api.caller import PREFIX
from web.api.entrance import Mode
from web.api.exact_json import JSON, encode
from web.api.problem_types import ADDRESS, ProblemType, problem_types
from web.api.security_headers import POLICY
from web.pages import routes
from web.pages.html import PAGE_POLICY
from web.pages.local_paths import HOME

DOCS = f"{PREFIX}/docs/"
LINKS = {
    "name": "okr-es",
    "version": version(),
    "api": PREFIX,
    "docs": DOCS,
    "openapi": f"{PREFIX}/openapi.json",
    "health": "/health/ready",
    "problems": ADDRESS,
}
KEPT = {"Cache-Control": "public, max-age=3600", "Vary": "Accept"}


def blueprint(mode: Mode, *, has_pages: bool) -> Blueprint:
    """Return the root and the pages of problem types. `has_pages`: people can sign in here."""
    made = Blueprint("beginning", __name__, template_folder="templates")
    made.record(routes.prepare_templates)
    begins_at = DOCS
    if has_pages and mode is not Mode.OPEN:
        begins_at = HOME

    @made.get("/")
    def root() -> Response:
        """Lead a browser to where it begins, and tell a program where everything is."""
        return led_to(begins_at)

    @made.get(PREFIX)
    def api() -> Response:
        """Lead a browser to the documentation, and tell a program where everything is."""
        return led_to(DOCS)

    @made.get(ADDRESS)
    def all_types() -> Response:
        """Show all problem types."""
        return shown(list(problem_types().values()), {"problems": [*problem_types().values()]})

    @made.get(f"{ADDRESS}/<slug>")
    def one_type(slug: str) -> Response:
        """Show one problem type, at the address that a problem has as its `type`."""
        found = problem_types().get(slug)
        if found is None:
            raise NotFound(f"There is no problem type {slug}.")
        return shown([found], found)

    return made


def led_to(page: str) -> Response:
    """Return the way to a page, or to a program where everything is."""
    if wants_page(otherwise=True):
        found = redirect(page, HTTPStatus.SEE_OTHER)
        found.headers["Vary"] = "Accept"
        return found
    return Response(encode(LINKS), HTTPStatus.OK, {"Vary": "Accept"}, content_type=JSON)


def wants_page(*, otherwise: bool) -> bool:
    """Return whether HTML is asked for by name; `otherwise` where nothing is asked for."""
    accepted = request.environ.get("HTTP_ACCEPT")
    return otherwise if accepted is None else "text/html" in accepted


def shown(types: list[ProblemType], as_json: object) -> Response:
    """Return problem types as a page or as JSON."""
    if not wants_page(otherwise=False):
        return Response(encode(as_json), HTTPStatus.OK, KEPT, content_type=JSON)
    is_one = len(types) == 1
    text = render_template(
        "problems.html", language="en", title=types[0]["title"] if is_one else "Problems",
        sentence="What the problems mean that this server answers with.",
        types=types, all_at=ADDRESS if is_one else None,
    )  # fmt: skip
    return Response(text, HTTPStatus.OK, {**KEPT, POLICY: PAGE_POLICY}, mimetype="text/html")
