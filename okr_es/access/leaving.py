"""Who leaves or is erased is signed out, wherever that was recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime

from okr_es.access.sessions import Sessions
from okr_es.domain.base import Change
from okr_es.domain.person import Person

ENDS = (Person.Deactivated, Person.Erased)


def sign_out_leavers(url: str, clock: Callable[[], datetime]) -> Callable[[Sequence[Change]], None]:
    """Return what to do after each commit: end the sessions of people who left or were erased."""

    def sign_out(events: Sequence[Change]) -> None:
        left = {event.originator_id for event in events if isinstance(event, ENDS)}
        if not left:
            return
        with closing(Sessions(url, clock)) as sessions:
            sessions.create()
            for person in left:
                sessions.end_all(person)

    return sign_out
