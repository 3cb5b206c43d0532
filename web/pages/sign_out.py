"""Signing out, on a page without scripts: here, and then at the provider of identity as well."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from flask import Blueprint, Response, request

from okr_es.access.secrets import csrf_token, is_csrf_token
from okr_es.access.sessions import Session, Sessions
from okr_es.application import Okr
from web.access_log import record_sign_in
from web.api.signed_in import cookie_name, forget_cookie
from web.oidc.names import HOW, SEPARATOR
from web.pages.sign_in import LONGEST_FORM, Ending, Way, buttons_of, page


class Current(NamedTuple):
    """The session of the browser, and its secret."""

    session: Session
    secret: str


def blueprint(okr: Okr, sessions: Sessions, endings: Mapping[str, Ending]) -> Blueprint:
    """Return the page on which somebody signs out; `endings` are by the names of providers."""
    made = Blueprint("sign_out", __name__)

    def current() -> Current | None:
        """Return the session of the browser, None where none goes on."""
        secret = request.cookies.get(cookie_name(), "")
        found = sessions.find(secret) if secret else None
        return None if found is None else Current(found, secret)

    @made.get("/sign-out")
    def look() -> Response:
        """Show a button, where there is a session to end."""
        found = current()
        if found is None:
            return page("nobody", HTTPStatus.OK)
        return page("leaving", HTTPStatus.OK, token=csrf_token(found.secret))

    @made.post("/sign-out")
    def sign_out() -> Response:
        """End the session, and say where else there may be one."""
        request.max_content_length = LONGEST_FORM
        found = current()
        if found is None:
            return page("nobody", HTTPStatus.OK)
        if not is_csrf_token(request.form.get("token", ""), found.secret):
            return page("leaving", HTTPStatus.FORBIDDEN, token=csrf_token(found.secret))
        session = found.session
        record_sign_in(okr, session.person_id, "sign_out", {"session": str(session.id)})
        sessions.end(session.id, session.person_id)
        answer = page("signed_out", HTTPStatus.OK, buttons=elsewhere(session, endings))
        forget_cookie(answer)
        return answer

    return made


def elsewhere(session: Session, endings: Mapping[str, Ending]) -> list[Way]:
    """Return the button that also signs out at the provider, where it has an address for that."""
    how, _, name = session.how.partition(SEPARATOR)
    ending = endings.get(name) if how == HOW else None
    address = None if ending is None else ending.address()
    if ending is None or address is None:
        return []
    return buttons_of("there", [Way(ending.title, address)], {})
