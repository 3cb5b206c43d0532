"""Signing in at a provider of identity: on the way there, and back.

Who comes back is refused with one sentence, whatever the reason: it stands in the access log alone,
so that nobody finds out here who is registered.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID

from flask import Blueprint, Response, redirect, request

from okr_es.access.attempts import LASTS, Attempt, Attempts
from okr_es.access.links import Links
from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.domain.refusals import Refusal
from web.access_log import record_sign_in
from web.api.signed_in import cookie_name, end_session_of_cookie, is_there, set_cookie
from web.api.throttle import Failures, retry_after
from web.oidc.arrival import Arrival, Arrivals, connected
from web.oidc.discovery import ProviderFails
from web.oidc.exchange import Account, Exchange, NotProven, turn
from web.oidc.names import HOW, how_at
from web.oidc.roles import follow_groups
from web.pages.local_paths import local_path, on_to
from web.pages.refusals import Refusals
from web.pages.sign_in import page

log = logging.getLogger("okr_es.oidc")
MOST_BEGUN = 60  # attempts of one client address in a minute
NO_STORE = {"Cache-Control": "no-store"}


def blueprint(okr: Okr, sessions: Sessions, exchanges: Mapping[str, Exchange]) -> Blueprint:
    """Return the ways to providers and back."""
    made = Blueprint("oidc", __name__)
    desks = {name: Desk(okr, sessions, exchange) for name, exchange in exchanges.items()}

    @made.get("/sign-in/oidc/<name>")
    def begin(name: str) -> Response:
        """Send the browser to a provider."""
        desk = desks.get(name)
        return no_provider() if desk is None else desk.begin()

    @made.get("/sign-in/oidc/<name>/callback")
    def come_back(name: str) -> Response:
        """Sign in who comes back from a provider."""
        desk = desks.get(name)
        return no_provider() if desk is None else without_secret(desk.come_back())

    return made


class Sent(NamedTuple):
    """What a browser comes back with: its own secret, and what the provider adds."""

    secret: str
    state: str
    code: str
    issuer: str | None
    error: str


class Desk:
    """Where people leave for one provider, and come back."""

    def __init__(self, okr: Okr, sessions: Sessions, exchange: Exchange) -> None:
        self.okr, self.sessions, self.exchange = okr, sessions, exchange
        self.provider = exchange.provider
        self.attempts, self.links = Attempts(sessions), Links(sessions)
        self.arrivals, self.refusals = Arrivals(okr), Refusals(okr)
        self.failures, self.begun = Failures(), Failures(most=MOST_BEGUN)
        self.about = {"how": HOW, "provider": self.provider.name}

    def begin(self) -> Response:
        """Begin an attempt, and send the browser away with its secret."""
        if seconds := self.begun.note(request.remote_addr):
            return too_often(seconds)
        link, next_ = request.args.get("link", ""), local_path(request.args.get("next", ""))
        if link and not self.goes_on(link):
            return self.refused(NotProven("link"))
        try:
            with turn():
                self.exchange.discovery.metadata.get()
            attempt = self.attempts.begin(self.provider.name, next_, link)
            answer = redirect(self.exchange.address(attempt.state, attempt.secret), 303)
        except ProviderFails as error:
            return self.failed(error)
        answer.headers.update(NO_STORE)
        answer.set_cookie(
            attempt_cookie(), attempt.secret, max_age=LASTS, path="/", secure=request.is_secure,
            httponly=True, samesite="Lax",
        )  # fmt: skip
        return answer  # type: ignore[return-value]

    def goes_on(self, link: str) -> bool:
        """Return whether a link could be used by who it is for."""
        person = self.links.person_of(link)
        return person is not None and is_there(self.okr, person)

    def come_back(self) -> Response:
        """Begin a session for who comes back, or say that they are not signed in."""
        sent = sent_back()
        attempt = self.attempts.end(self.provider.name, sent.state, sent.secret)
        try:
            if attempt is None:
                raise NotProven("attempt")
            if sent.error:
                raise NotProven("provider")
            return self.signed_in(attempt, sent)
        except NotProven as why:
            return self.refused(why)
        except ProviderFails as error:
            return self.failed(error)
        except Refusal as refusal:
            kind, name = type(refusal).__name__, self.provider.name
            log.warning("Nobody could be registered by %s: %s", name, kind)
            return self.refused(NotProven("registration"))

    def signed_in(self, attempt: Attempt, sent: Sent) -> Response:
        """Begin the session of whom the code is worth. Raises NotProven, ProviderFails."""
        account = self.exchange.account(sent.code, sent.issuer, sent.secret)
        invited = self.invited(attempt)
        if attempt.link_hash is not None:
            self.use_up(attempt.link_hash, account, invited)
        person = connected(
            self.arrivals, account, self.provider, invited, self.record_connection
        )  # fmt: skip
        follow_groups(self.okr, self.provider, person, account.claims)
        record_sign_in(self.okr, person, "sign_in", self.about)
        begun = self.sessions.begin(person, how_at(self.provider.name))
        end_session_of_cookie()
        answer = on_to(attempt.next)
        set_cookie(answer, begun)
        return answer

    def invited(self, attempt: Attempt) -> UUID | None:
        """Return whom the link of an attempt is for; raise NotProven where it is over."""
        if attempt.link_hash is None:
            return None
        person = self.links.person_of_hash(attempt.link_hash)
        if person is None:
            raise NotProven("link")
        return person

    def use_up(self, link_hash: bytes, account: Account, invited: UUID | None) -> None:
        """End a link before the account is connected: of two who come back at once, one is.

        It stays where the account is not to be connected. Raises NotProven.
        """
        person = self.arrivals.person_of(account, self.provider, invited).person_id
        if self.links.use_up(link_hash) is None:
            raise NotProven("link", person)

    def record_connection(self, arrival: Arrival) -> None:
        """Record that a person and an account are connected."""
        about = self.about | {"by": arrival.connected_by or ""}
        record_sign_in(self.okr, arrival.person_id, "account_connected", about)

    def refused(self, why: NotProven) -> Response:
        """Answer that nobody is signed in, and record why."""
        about = self.about | {"why": why.why}
        self.refusals.record(request.remote_addr, why.person_id, about)
        if seconds := self.failures.note(request.remote_addr):
            return too_often(seconds)
        return page("not_signed_in", HTTPStatus.FORBIDDEN, name=self.provider.title)

    def failed(self, error: ProviderFails) -> Response:
        """Answer that the provider cannot be asked."""
        log.warning("%s fails: %s", self.provider.name, error)
        answer = page("provider_fails", HTTPStatus.SERVICE_UNAVAILABLE, name=self.provider.title)
        answer.headers["Retry-After"] = "10"
        return answer


def too_often(seconds: int) -> Response:
    """Answer that an address has to wait."""
    answer = page("too_often", HTTPStatus.TOO_MANY_REQUESTS)
    answer.headers.update(retry_after(seconds))
    return answer


def sent_back() -> Sent:
    """Return what the browser came back with."""
    sent = request.args
    return Sent(
        secret=request.cookies.get(attempt_cookie(), ""),
        state=sent.get("state", ""),
        code=sent.get("code", ""),
        issuer=sent.get("iss"),
        error=sent.get("error", ""),
    )


def attempt_cookie() -> str:
    """Return the name of the cookie of an attempt; it follows that of a session."""
    return f"{cookie_name()}-begun"


def without_secret(answer: Response) -> Response:
    """Let the browser forget the secret of an attempt: it was used."""
    answer.delete_cookie(
        attempt_cookie(), path="/", secure=request.is_secure, httponly=True, samesite="Lax"
    )
    return answer


def no_provider() -> Response:
    """Answer that there is no such provider."""
    return page("no_provider", HTTPStatus.NOT_FOUND)
