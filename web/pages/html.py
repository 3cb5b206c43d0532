"""A page as it is sent: from a template, never kept, and with nothing from elsewhere in it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, render_template

from web.api.parameters import accepted_language
from web.api.security_headers import POLICY

PAGE_POLICY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


def html(template: str, status: HTTPStatus, **values: Any) -> Response:
    """Return a page in the language of the request; `values` are what the template names."""
    text = render_template(template, language=accepted_language(), **values)
    headers = {
        "Cache-Control": "no-store",
        POLICY: PAGE_POLICY,
        "Referrer-Policy": "same-origin",  # else a browser says that a form is of no page at all
        "Vary": "Accept-Language",
    }
    return Response(text, status, headers, mimetype="text/html")
