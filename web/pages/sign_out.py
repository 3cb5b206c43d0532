"""Signing out, on a page without scripts: here, and then at the provider of identity as well."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, Response, request

from okr_es.access.secrets import csrf_token, is_csrf_token
from okr_es.access.sessions import Session, Sessions
from okr_es.application import Okr
from web.api.sessions import end_all, end_one
from web.api.signed_in import forget_cookie
from web.oidc.names import HOW, SEPARATOR
from web.pages.current import current
from web.pages.sign_in import LONGEST_FORM, Ending, Way, buttons_of, page


def blueprint(okr: Okr, sessions: Sessions, endings: Mapping[str, Ending]) -> Blueprint:
    """Return the page on which somebody signs out; `endings` are by the names of providers."""
    made = Blueprint("sign_out", __name__)

    @made.get("/sign-out")
    def look() -> Response:
        """Show a button, where there is a session to end."""
        found = current(sessions)
        if found is None:
            return page("nobody", HTTPStatus.OK)
        return page("leaving", HTTPStatus.OK, token=csrf_token(found.secret))

    @made.post("/sign-out")
    def sign_out() -> Response:
        """End the session, or all of the person, and say where else there may be one."""
        request.max_content_length = LONGEST_FORM
        found = current(sessions)
        if found is None:
            return page("nobody", HTTPStatus.OK)
        if not is_csrf_token(request.form.get("token", ""), found.secret):
            return page("leaving", HTTPStatus.FORBIDDEN, token=csrf_token(found.secret))
        session = found.session
        if "everywhere" in request.form:
            end_all(okr, sessions, session.person_id)
        else:
            end_one(okr, sessions, session.person_id, session.id)
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
