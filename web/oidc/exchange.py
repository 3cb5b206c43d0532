"""The way to a provider and back: the address to go to, the code, and the ID token it is worth."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from requests.exceptions import RequestException

from okr_es.access.attempts import nonce_of, verifier_of
from okr_es.people.identities import Identity
from web.oidc.discovery import TIMEOUT, Discovery, Metadata, ProviderFails, bound
from web.oidc.providers import Provider, is_safe_url, read_providers
from web.settings import Unusable

SKEW_SECONDS = 60  # how far the clocks of a provider and of this server may be apart
MOST_AT_ONCE, TURN_SECONDS = 3, 1.0
TURNS = BoundedSemaphore(MOST_AT_ONCE)
LONGEST = 500  # characters of a claim
LONGEST_TOKEN = 100_000


class NotProven(Exception):
    """Nobody is signed in by what came back: one word for the log of why, and who it is about."""

    def __init__(self, why: str, person_id: UUID | None = None) -> None:
        super().__init__(why)
        self.why, self.person_id = why, person_id


class Account(NamedTuple):
    """What a provider proved: the account, its verified e-mail address if any, and a name."""

    identity: Identity
    email: str | None
    name: str | None
    claims: dict[str, Any]


def exchanges(file: Path, url: str) -> dict[str, Exchange]:
    """Return the exchanges with all providers of a file, by name; `url` is where we answer.

    Raises Unusable.
    """
    if not is_safe_url(url) or urlsplit(url).path:
        raise Unusable(f"{url} is no https URL without a path, nor http of this machine.")
    return {
        name: Exchange(provider, f"{url}/sign-in/oidc/{name}")
        for name, provider in read_providers(file).items()
    }


@contextmanager
def turn() -> Iterator[None]:
    """Let a few at a time ask providers, so that a slow one does not take all places of the server.

    Raises ProviderFails where too many ask already.
    """
    if not TURNS.acquire(timeout=TURN_SECONDS):
        raise ProviderFails("Too many sign in at once.")
    try:
        yield
    finally:
        TURNS.release()


class Exchange:
    """Signs in at one provider: a browser leaves from one address of ours, and comes back below."""

    def __init__(
        self,
        provider: Provider,
        begins_at: str,
        clock: Callable[[], float] = time.time,
        discovery: Discovery | None = None,
    ) -> None:
        self.provider, self.begins_at, self.clock = provider, begins_at, clock
        self.redirect_uri = f"{begins_at}/callback"
        self.discovery = discovery or Discovery(provider)

    def address(self, state: str, secret: str) -> str:
        """Return where to send a browser that keeps a secret; raise ProviderFails."""
        metadata = self.discovery.metadata.get()
        with self.client(metadata) as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=state,
                code_verifier=verifier_of(secret),
                nonce=nonce_of(secret),
            )
        return str(url)

    def signing_out(self) -> str | None:
        """Return where somebody also signs out of the provider, None where it cannot be said.

        The way back from there is to the page on which one signs in.
        """
        try:
            address = self.discovery.metadata.get().end_session_endpoint
        except ProviderFails:
            return None
        if address is None:
            return None
        back = f"{self.begins_at.partition('/sign-in/')[0]}/sign-in"
        about = {"client_id": self.provider.client_id, "post_logout_redirect_uri": back}
        return str(add_params_to_uri(address, about))

    def account(self, code: str, issuer: str | None, secret: str) -> Account:
        """Return whom a code is worth. Raises NotProven, ProviderFails.

        `issuer` is what the address said of who sends the browser back, where it said something.
        """
        with turn():
            return self.account_now(code, issuer, secret)

    def account_now(self, code: str, issuer: str | None, secret: str) -> Account:
        """Return whom a code is worth, as `account` does."""
        metadata = self.discovery.metadata.get()
        if issuer != self.provider.issuer and (issuer is not None or metadata.names_issuer):
            raise NotProven("issuer")
        if not 0 < len(code) <= LONGEST_TOKEN or not (code.isascii() and code.isprintable()):
            raise NotProven("code")
        token = self.token_of(metadata, code, verifier_of(secret))
        return account_of(self.proven(metadata, token, nonce_of(secret)))

    def token_of(self, metadata: Metadata, code: str, verifier: str) -> str:
        """Return the ID token that a code is worth, as it is."""
        with self.client(metadata) as client:
            try:
                found = client.fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    timeout=TIMEOUT,
                    allow_redirects=False,
                )
            except OAuthError as error:
                raise NotProven("code") from error
            except (RequestException, ValueError, KeyError) as error:
                where = metadata.token_endpoint
                raise ProviderFails(f"{where} does not answer: {type(error).__name__}.") from error
        token = found.get("id_token") if isinstance(found, dict) else None
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise NotProven("token")
        return token

    def proven(self, metadata: Metadata, token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an ID token that is signed for us, now, and for this attempt."""
        try:
            decoded = self.decoded(metadata, token)
            wanted = {
                "iss": {"essential": True, "value": self.provider.issuer},
                "sub": {"essential": True},
                "aud": {"essential": True, "value": self.provider.client_id},
            }
            about = {"nonce": nonce, "client_id": self.provider.client_id}
            claims = CodeIDToken(decoded.claims, decoded.header, wanted, about)
            claims.validate(now=int(self.clock()), leeway=SKEW_SECONDS)
        except JoseError as error:
            raise NotProven(word_of(error)) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise NotProven("token") from error
        return dict(claims)

    def decoded(self, metadata: Metadata, token: str) -> jwt.Token:
        """Return an ID token whose signature is right; keys that are new are fetched once."""
        try:
            return jwt.decode(token, self.discovery.keys(), algorithms=metadata.algorithms)
        except InvalidKeyIdError:
            keys = self.discovery.keys(again=True)
            return jwt.decode(token, keys, algorithms=metadata.algorithms)

    def client(self, metadata: Metadata) -> OAuth2Session:
        """Return the client of OAuth, which asks bounded questions."""
        secret = self.provider.client_secret
        client = OAuth2Session(
            self.provider.client_id,
            secret,
            token_endpoint_auth_method=metadata.auth_method if secret else "none",
            scope=" ".join(self.provider.scopes),
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
        )
        bound(client)
        return client


def word_of(error: JoseError) -> str:
    """Return one word for the log of why a token proves nothing."""
    claim = getattr(error, "claim", None)
    return f"token-{claim}" if isinstance(claim, str) and claim.isalpha() else "token"


def account_of(claims: dict[str, Any]) -> Account:
    """Return the account of proven claims. Raises NotProven."""
    subject = text_of(claims, "sub")
    if subject is None:
        raise NotProven("token-sub")
    email = text_of(claims, "email")
    is_verified = claims.get("email_verified") is True and email is not None and "@" in email
    name = text_of(claims, "name") or text_of(claims, "preferred_username")
    identity = Identity(str(claims["iss"]), subject)
    return Account(identity, email if is_verified else None, name, claims)


def text_of(claims: dict[str, Any], key: str) -> str | None:
    """Return a claim that is a sensible text."""
    value = claims.get(key)
    is_text = isinstance(value, str) and 0 < len(value.strip()) <= LONGEST and value.isprintable()
    return str(value).strip() if is_text else None
