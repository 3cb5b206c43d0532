"""Where a page leads to afterwards: only to another page of this server."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Response

LONGEST = 500  # characters
ME = "/me"  # the page that says who is signed in
HOME = "/home"  # the page that comes first


def local_path(text: str) -> str:
    """Return a path of this server as it is; nothing for whatever leads elsewhere.

    Browsers read a backslash as a slash, leave out blanks and controls, and take two slashes for
    the name of a host.
    """
    is_plain = text.isascii() and text.isprintable() and not {" ", "\\"} & set(text)
    if not (is_plain and text.startswith("/") and len(text) <= LONGEST) or text.startswith("//"):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else text


def on_to(next_: str) -> Response:
    """Lead who signed in to where they were going, if that is here; else to the first page."""
    headers = {"Location": local_path(next_) or HOME, "Cache-Control": "no-store"}
    return Response(status=HTTPStatus.SEE_OTHER, headers=headers)
