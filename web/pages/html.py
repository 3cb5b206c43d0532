"""A page as it is sent: from a template, never kept, and with nothing from elsewhere in it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, render_template, request

from web.api.parameters import accepted_language
from web.api.security_headers import POLICY

# Style sheets draw the marks of form fields as images in their text.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
THEME, THEMES = "okr-es-theme", ("light", "dark")


def html(template: str, status: HTTPStatus, **values: Any) -> Response:
    """Return a page in the language of the request; `values` are what the template names."""
    text = render_template(template, language=accepted_language(), theme=theme(), **values)
    headers = {
        "Cache-Control": "no-store",
        POLICY: PAGE_POLICY,
        "Referrer-Policy": "same-origin",  # else a browser says that a form is of no page at all
        "Vary": "Accept-Language, Cookie",
    }
    return Response(text, status, headers, mimetype="text/html")


def theme() -> str | None:
    """Return the theme that was chosen; None: what the system of the reader has."""
    chosen = request.cookies.get(THEME)
    return chosen if chosen in THEMES else None
