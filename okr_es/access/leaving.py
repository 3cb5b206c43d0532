"""Who leaves or is erased is signed out, also where nobody asks for anything by their session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime

from okr_es.access.sessions import Sessions
from okr_es.database.outages import log_failure
from okr_es.domain.base import Change
from okr_es.domain.person import Person

ENDS = (Person.Deactivated, Person.Erased)
log = logging.getLogger("okr_es.sessions")


def sign_out_leavers(url: str, clock: Callable[[], datetime]) -> Callable[[Sequence[Change]], None]:
    """Return what to do after each commit: end the sessions of people who left or were erased.

    Where that fails it is logged: a session whose person is not there is refused all the same.
    """

    def sign_out(events: Sequence[Change]) -> None:
        left = {event.originator_id for event in events if isinstance(event, ENDS)}
        if not left:
            return
        try:
            with closing(Sessions(url, clock)) as sessions:
                for person in left if sessions.exist() else ():
                    sessions.end_all(person)
        except Exception as error:  # noqa: BLE001  - what was recorded stays recorded
            log_failure(log, error, "Who left was not signed out at once")

    return sign_out
