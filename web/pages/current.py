"""The session of the browser that asks for a page."""

from __future__ import annotations

from typing import NamedTuple

from flask import request

from okr_es.access.secrets import csrf_token
from okr_es.access.sessions import Session, Sessions
from web.api.signed_in import cookie_name


class Current(NamedTuple):
    """The session of the browser, and its secret."""

    session: Session
    secret: str

    @property
    def token(self) -> str:
        """What a form has to send beside the cookie."""
        return csrf_token(self.secret)


def current(sessions: Sessions) -> Current | None:
    """Return the session of the browser, None where none goes on."""
    secret = request.cookies.get(cookie_name(), "")
    found = sessions.find(secret) if secret else None
    return None if found is None else Current(found, secret)
