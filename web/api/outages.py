"""Which kinds of requests an outage of the database is noted of, and which answers end it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import current_app, request

from okr_es.database.outages import Outage, is_outage

if TYPE_CHECKING:
    from flask import Flask, Response

EXTENSION = "okr_es.outages"

log = logging.getLogger("okr_es.database")


def kind_of_work() -> str:
    """Return what the request is: commands may fail while questions go on, as where it is full."""
    return "commands" if request.method == "POST" else "questions"


def what_is_asked() -> str:
    """Return the route of the request, without ids."""
    return str(request.url_rule)


def note_outage(error: BaseException) -> None:
    """Note an error of the database in the request under way; another error gets its traceback."""
    if is_outage(error):
        current_app.extensions[EXTENSION][kind_of_work()].note(error, what_is_asked())
    else:
        log.error("The database refused a statement", exc_info=error)


def end_outage(response: Response) -> Response:
    """Note that the database could be used, where an answer says so."""
    outage: Outage = current_app.extensions[EXTENSION][kind_of_work()]
    if outage.since is None or response.status_code >= 300 or request.path == "/health/live":
        return response
    outage.end(what_is_asked())
    return response


def gauges_of(app: Flask) -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield for each kind of work whether the database is unavailable for it."""
    for name, outage in app.extensions[EXTENSION].items():
        yield "okr_es_outage", {"work": name}, float(outage.since is not None)


def register(app: Flask) -> None:
    """Watch the answers of an app."""
    app.extensions[EXTENSION] = {name: Outage(name) for name in ("commands", "questions")}
    app.after_request(end_outage)
