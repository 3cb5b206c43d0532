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
        self.refused = 0

    def note(self, error: BaseException) -> None:
        """Count an error; log the first, and one a minute."""
        now = time.monotonic()
        with self.lock:
            self.refused += 1
            if self.since is not None and now - self.said < SAY_AGAIN_SECONDS:
                return
            self.since, self.said = self.since or now, now
        log.error("The database is unavailable for %s: %s", self.name, reason_of(error))

    def end(self) -> None:
        """Log that it is over, if there was one."""
        with self.lock:
            if self.since is None:
                return
            lasted, refused = time.monotonic() - self.since, self.refused
            self.since, self.refused = None, 0
        log.warning(
            "The database is available for %s again, after %.0f s and %d answers without it.",
            self.name, lasted, refused,
        )  # fmt: skip


def kind_of_work() -> str:
    """Return what the request is: commands may fail while questions go on, as where it is full."""
    return "commands" if request.method == "POST" else "questions"


def note_outage(error: BaseException) -> None:
    """Note an error of the database in the request under way; another error gets its traceback."""
    if is_outage(error):
        current_app.extensions[EXTENSION][kind_of_work()].note(error)
    else:
        log.error("The database refused a statement", exc_info=error)


def end_outage(response: Response) -> Response:
    """Note that the database could be used, where an answer says so."""
    if response.status_code < 300 and request.path != "/health/live":
        current_app.extensions[EXTENSION][kind_of_work()].end()
    return response


def gauges_of(app: Flask) -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield for each kind of work whether the database is unavailable for it."""
    for name, outage in app.extensions[EXTENSION].items():
        yield "okr_es_outage", {"work": name}, float(outage.since is not None)


def register(app: Flask) -> None:
    """Watch the answers of an app."""
    app.extensions[EXTENSION] = {name: Outage(name) for name in ("commands", "questions")}
    app.after_request(end_outage)
