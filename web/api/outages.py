"""An outage of the database in the log: a line when it begins, one a minute, and one at its end."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import current_app, request

from okr_es.database.outages import is_outage, reason_of

if TYPE_CHECKING:
    from flask import Flask, Response

SAY_AGAIN_SECONDS = 60.0
EXTENSION = "okr_es.outages"

log = logging.getLogger("okr_es.database")


class Outage:
    """One kind of work, and since when the database does not let it be done."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = threading.Lock()
        self.since: float | None = None
        self.said = 0.0
        self.last = 0.0
        self.refused = 0
        self.failed: set[str] = set()

    def note(self, error: BaseException, what: str) -> None:
        """Count an error of what was asked for; log the first, and one a minute."""
        now = time.monotonic()
        with self.lock:
            self.refused += 1
            self.failed.add(what)
            self.last = now
            if self.since is not None and now - self.said < SAY_AGAIN_SECONDS:
                return
            self.since, self.said = self.since or now, now
        log.error("The database is unavailable for %s: %s", self.name, reason_of(error))

    def end(self, what: str) -> None:
        """Log that it is over, if there was one and this had failed, or nothing did for a while.

        Where one file of several cannot be written, other commands go on meanwhile.
        """
        now = time.monotonic()
        with self.lock:
            goes_on = what not in self.failed and now - self.last < SAY_AGAIN_SECONDS
            if self.since is None or goes_on:
                return
            lasted, refused = now - self.since, self.refused
            self.since, self.refused = None, 0
            self.failed.clear()
        log.warning(
            "The database is available for %s again, after %.0f s and %d answers without it.",
            self.name, lasted, refused,
        )  # fmt: skip


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
    if response.status_code < 300 and request.path != "/health/live":
        current_app.extensions[EXTENSION][kind_of_work()].end(what_is_asked())
    return response


def gauges_of(app: Flask) -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield for each kind of work whether the database is unavailable for it."""
    for name, outage in app.extensions[EXTENSION].items():
        yield "okr_es_outage", {"work": name}, float(outage.since is not None)


def register(app: Flask) -> None:
    """Watch the answers of an app."""
    app.extensions[EXTENSION] = {name: Outage(name) for name in ("commands", "questions")}
    app.after_request(end_outage)
