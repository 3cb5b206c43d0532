"""Who is signed in: the cookie of a session, and the token that is sent beside it."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from flask import Response, g, request

from okr_es.access.secrets import csrf_token, is_csrf_token
from okr_es.access.sessions import Begun, Session
from okr_es.application import Okr
from okr_es.domain.refusals import Refusal
from web.api.entrance import entrance
from web.api.problems import Problem

COOKIE = "okr-es-session"
HOW_IN_DEVELOPMENT = "development"  # chosen from a list
TOKEN = "CSRF-Token"  # noqa: S105  - the name of a header
TOKEN_FIELD = "csrf_token"  # noqa: S105  - the name of a field of a form
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
READS = {"GET", "HEAD", "OPTIONS"}


class SignedIn(NamedTuple):
    """A session that goes on, and the secret its cookie holds."""

    session: Session
    secret: str

    @property
    def token(self) -> str:
        """What has to be sent beside the cookie with every change."""
        return csrf_token(self.secret)


def signed_in() -> SignedIn | None:
    """Return who is signed in by the request's cookie, None where it has none.

    Looked up once a request. Raises a Problem where the session is over, its person is not there
    any more, or a change comes without the token.
    """
    if "signed_in" not in g:
        g.signed_in = looked_up()
    found: SignedIn | None = g.signed_in
    return found


def looked_up() -> SignedIn | None:
    """Return who is signed in, as `signed_in` does."""
    if "HTTP_COOKIE" not in request.environ:
        return None
    to, secret = entrance(), request.cookies.get(cookie_name())
    if to.sessions is None or not secret:
        return None
    session = to.sessions.find(secret)
    if session is None or (session.how == HOW_IN_DEVELOPMENT and not to.mode.believes):
        raise session_is_over()
    if not is_there(to.okr, session.person_id):
        to.sessions.end_all(session.person_id)
        raise session_is_over()
    g.person_signed_in = session.person_id
    if request.method not in READS and not is_csrf_token(sent_token(), secret):
        raise Problem(
            "csrf-token-is-missing",
            403,
            "The token of the session is missing.",
            f"Send the csrf_token of GET /sessions in the header {TOKEN} with every change.",
            field=TOKEN,
        )
    return SignedIn(session, secret)


def sent_token() -> str:
    """Return the token that came with the request: in a header, or in the form of a page."""
    in_header = request.headers.get(TOKEN, "")
    return in_header or (request.form.get(TOKEN_FIELD, "") if is_form() else "")


def is_form() -> bool:
    """Return whether the request brings a form of a page; the API takes none."""
    return request.mimetype in FORMS


def is_there(okr: Okr, person: UUID) -> bool:
    """Return whether a person is registered, did not leave, and was not erased."""
    try:
        okr.require_person(person)
    except Refusal:
        return False
    return True


def end_session_of_cookie() -> None:
    """End the session that the request's cookie is of, if it goes on: another one begins."""
    to, secret = entrance(), request.cookies.get(cookie_name())
    if to.sessions is not None and secret and (found := to.sessions.find(secret)):
        to.sessions.end(found.id, found.person_id)


def person_signed_in() -> UUID | None:
    """Return the person who is signed in, None where nobody is; see `signed_in`."""
    found = signed_in()
    return None if found is None else found.session.person_id


def nobody_is_signed_in() -> Problem:
    """Return the problem of a request that only somebody who is signed in may send."""
    return Problem(
        "nobody-is-signed-in",
        401,
        "Nobody is signed in.",
        "Sign in at /sign-in; a program sends its api key in the header Authorization.",
        headers={"WWW-Authenticate": "Cookie"},
    )


def session_is_over() -> Problem:
    """Return the problem of a cookie whose session does not go on; it takes the cookie away."""
    answer = Response()
    forget_cookie(answer)
    return Problem(
        "session-is-over",
        401,
        "The session is over.",
        "Sign in again, at /sign-in.",
        headers={"Set-Cookie": answer.headers["Set-Cookie"], "WWW-Authenticate": "Cookie"},
    )


def cookie_name() -> str:
    """Return the name of the cookie: over TLS one that no other host can set.

    Cookies know no ports, and several servers may run on one machine.
    """
    if request.is_secure:
        return f"__Host-{COOKIE}"
    _, _, port = request.host.rpartition("]")[2].rpartition(":")
    return f"{COOKIE}-{port}" if port.isdecimal() else COOKIE


def set_cookie(answer: Response, begun: Begun) -> None:
    """Let the browser keep the secret of a session; scripts of pages never see it."""
    answer.set_cookie(
        cookie_name(), begun.secret, path="/", secure=request.is_secure, httponly=True,
        samesite="Lax",
    )  # fmt: skip


def forget_cookie(answer: Response) -> None:
    """Let the browser forget the secret."""
    answer.delete_cookie(
        cookie_name(), path="/", secure=request.is_secure, httponly=True, samesite="Lax"
    )
