"""How pages are shown: the language and the colours somebody chooses; and the cycle they go to."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from okr_es.domain.cycle import parse_cycle
from okr_es.people.preferences import LANGUAGES, keep_preferences, preferences_of
from web.api.problems import invalid
from web.api.signed_in import signed_in
from web.pages.frame.site import Site
from web.pages.html import THEME, THEMES
from web.pages.local_paths import HOME, local_path

A_YEAR = 365 * 24 * 3600
OF_A_CYCLE = ("board", "tree", "replay")  # the pages that one can go to by choosing a cycle


def add_to(made: Blueprint, site: Site) -> None:
    """Add the routes of what is shown how."""

    @made.post("/display")
    def display() -> Response:
        """Keep a language with the person, or colours with the browser, and lead back."""
        signed_in()  # refuses a form of another page
        headers = {"Location": local_path(request.form.get("next", "")) or HOME}
        answer = Response(status=HTTPStatus.SEE_OTHER, headers=headers)
        wanted = request.form.get("language")
        if wanted is not None:
            if wanted not in LANGUAGES:
                raise invalid({"language": [f"Not one of {', '.join(LANGUAGES)}."]})
            preferred = preferences_of(site.okr.directory, site.person)
            keep_preferences(site.okr.directory, site.person, preferred._replace(language=wanted))
        theme = request.form.get("theme")
        if theme in THEMES:
            answer.set_cookie(
                THEME, theme, max_age=A_YEAR, path="/", secure=request.is_secure, httponly=True,
                samesite="Lax",
            )  # fmt: skip
        elif theme is not None:
            answer.delete_cookie(THEME, path="/", secure=request.is_secure, httponly=True)
        return answer

    @made.get("/go")
    def go() -> AnyResponse:
        """Lead to a page of the cycle that was chosen."""
        page, cycle = request.args.get("to", ""), request.args.get("cycle", "")
        if page not in OF_A_CYCLE:
            raise invalid({"to": [f"Not one of {', '.join(OF_A_CYCLE)}."]})
        return redirect(f"/{page}/{parse_cycle(cycle)}", HTTPStatus.SEE_OTHER)
