"""Requests are text in UTF-8: path, query string and headers too. Anything else is refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from web.api.problems import Problem, answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def not_utf8(where: str, field: str | None = None) -> Problem:
    """Return the problem of bytes that are no text."""
    return Problem(
        "not-utf-8", 400, "The request is not UTF-8.", f"{where} is not UTF-8.", field=field
    )


def utf8_alone(app: WSGIApplication) -> WSGIApplication:
    """Return the app for requests whose path, query string and headers are UTF-8."""

    def answering(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        problem = problem_of(environ)
        return app(environ, start) if problem is None else answer(problem)(environ, start)

    return answering


def problem_of(environ: WSGIEnvironment) -> Problem | None:
    """Return the problem of the first part that is not UTF-8."""
    if not is_utf8(environ.get("PATH_INFO", "")):
        return not_utf8("The path")
    query = environ.get("QUERY_STRING", "")
    if "%" in query or not query.isascii():
        try:
            unquote_to_bytes(query.encode("latin-1")).decode("utf-8")
        except UnicodeError:
            return not_utf8("The query string")
    for name, value in environ.items():
        if name.startswith("HTTP_") and not value.isascii() and not is_utf8(value):
            header = name.removeprefix("HTTP_").replace("_", "-").title()
            return not_utf8(f"The header {header}", header)
    return None


def is_utf8(text: str) -> bool:
    """Return whether the bytes behind a text of an environment are UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    return True
