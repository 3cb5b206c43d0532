"""Who leaves or is erased is signed out, also where nobody asks for anything by their session.

Whose e-mail is corrected keeps their sessions, and the links end that were sent to the one before.
"""

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

    Also end the links of those whose e-mail was corrected: somebody else may read that mail.

    Where that fails it is logged: a session whose person is not there is refused all the same.
    """

    def sign_out(events: Sequence[Change]) -> None:
        left = {event.originator_id for event in events if isinstance(event, ENDS)}
        moved = {
            event.originator_id for event in events if isinstance(event, Person.EmailReplaced)
        } - left
        if not (left or moved):
            return
        try:
            with closing(Sessions(url, clock)) as sessions:
                if not sessions.exist():
                    return
                for person in left:
                    sessions.end_all(person)
                for person in moved:
                    sessions.end_links(person)
        except Exception as error:  # noqa: BLE001  - what was recorded stays recorded
            log_failure(log, error, "Who left was not signed out at once")

    return sign_out
