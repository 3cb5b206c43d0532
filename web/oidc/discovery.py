"""What a provider says of itself: its addresses and its keys, fetched, checked and remembered.

Answers are bounded in size and time. What was fetched is used for an hour; where it cannot be
fetched again it is used on, for a day at most. A key that is not known is looked for once, and at
most once a minute, whatever somebody sends.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import requests
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import PreparedRequest, Response, Session
from requests.exceptions import RequestException

from web.oidc.providers import Provider, is_safe_url

WELL_KNOWN = "/.well-known/openid-configuration"
LARGEST = 1 << 20  # bytes of an answer
CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 3.0, 5.0, 8.0
TRIES = 2
FRESH_SECONDS, USABLE_SECONDS, AGAIN_SECONDS = 3_600.0, 86_400.0, 60.0
ASKED_SECONDS = 2.0  # how long somebody waits for what another asks for
WAIT_SECONDS = 5.0  # before what failed is tried again
SIGNING = frozenset({
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
})  # fmt: skip
KEY_TYPES = frozenset({"RSA", "EC"})
MOST_KEYS = 100


class ProviderFails(Exception):
    """A provider cannot be reached, or answers what cannot be used; the message says what."""


class Metadata(NamedTuple):
    """The addresses of a provider, the algorithms it signs by, and if it repeats its issuer."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    algorithms: frozenset[str]
    names_issuer: bool
    auth_method: str


T = TypeVar("T")


class Remembered(Generic[T]):
    """Something that is fetched, used for a while, and used on where it cannot be fetched."""

    def __init__(self, fetch: Callable[[], T], clock: Callable[[], float]) -> None:
        self.fetch, self.clock = fetch, clock
        self.lock = threading.Lock()
        self.value: T | None = None
        self.fetched_at = self.failed_at = float("-inf")
        self.failure = ""

    def get(self, older_than: float = FRESH_SECONDS) -> T:
        """Return it, fetched again where it is older than some seconds; raise ProviderFails."""
        if not self.lock.acquire(timeout=ASKED_SECONDS):
            raise ProviderFails("It is asked already, and takes long to answer.")
        try:
            now = self.clock()
            if self.value is not None and now - self.fetched_at < older_than:
                return self.value
            if now - self.failed_at >= WAIT_SECONDS:
                try:
                    self.value, self.fetched_at = self.fetch(), now
                except ProviderFails as error:
                    self.failed_at, self.failure = now, str(error)
                else:
                    return self.value
            if self.value is not None and now - self.fetched_at < USABLE_SECONDS:
                return self.value
            raise ProviderFails(self.failure)
        finally:
            self.lock.release()


class Discovery:
    """What one provider says of itself."""

    def __init__(self, provider: Provider, clock: Callable[[], float] = time.monotonic) -> None:
        self.provider, self.clock = provider, clock
        self.metadata = Remembered(self.fetch_metadata, clock)
        self.key_set = Remembered(self.fetch_keys, clock)

    def keys(self, *, again: bool = False) -> KeySet:
        """Return the keys it signs by; `again`: fetched now, unless that was a minute ago."""
        return self.key_set.get(AGAIN_SECONDS if again else FRESH_SECONDS)

    def fetch_metadata(self) -> Metadata:
        """Return what it says of itself; raise ProviderFails."""
        issuer = self.provider.issuer
        found = fetched(f"{issuer.rstrip('/')}{WELL_KNOWN}")
        if found.get("issuer") != issuer:
            raise ProviderFails(f"{issuer} calls itself {str(found.get('issuer'))[:200]!r}.")
        return Metadata(
            authorization_endpoint=address(found, "authorization_endpoint"),
            token_endpoint=address(found, "token_endpoint"),
            jwks_uri=address(found, "jwks_uri"),
            end_session_endpoint=(
                address(found, "end_session_endpoint") if "end_session_endpoint" in found else None
            ),
            algorithms=algorithms_of(found),
            names_issuer=found.get("authorization_response_iss_parameter_supported") is True,
            auth_method=auth_method_of(found),
        )

    def fetch_keys(self) -> KeySet:
        """Return its public keys; raise ProviderFails."""
        uri = self.metadata.get().jwks_uri
        keys = fetched(uri).get("keys")
        wanted = [
            each
            for each in (keys if isinstance(keys, list) else [])[:MOST_KEYS]
            if isinstance(each, dict) and each.get("kty") in KEY_TYPES
            and each.get("use", "sig") == "sig"
        ]  # fmt: skip
        try:
            return KeySet.import_key_set({"keys": wanted})
        except (JoseError, ValueError, TypeError) as error:
            raise ProviderFails(f"{uri} has no keys that can be used: {error}.") from error


def algorithms_of(found: Mapping[str, Any]) -> frozenset[str]:
    """Return the algorithms of public keys that a provider signs by."""
    said = found.get("id_token_signing_alg_values_supported", ["RS256"])
    usable = SIGNING.intersection(each for each in said if isinstance(each, str))
    if not usable:
        raise ProviderFails("It signs by no algorithm of public keys.")
    return usable


def auth_method_of(found: Mapping[str, Any]) -> str:
    """Return the way in which a client shows its secret: by the header, unless only by the body."""
    said = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    by_body = "client_secret_post" in said and "client_secret_basic" not in said
    return "client_secret_post" if by_body else "client_secret_basic"


def address(found: Mapping[str, Any], key: str) -> str:
    """Return an address of a provider; raise ProviderFails where it is none, or not safe."""
    value = found.get(key)
    if not isinstance(value, str) or not is_safe_url(value.partition("?")[0]):
        raise ProviderFails(f"Its {key} is no https URL.")
    return value


# ---- asking ----------------------------------------------------------------------------


def fetched(url: str) -> dict[str, Any]:
    """Return the JSON object at an address; raise ProviderFails."""
    for tries_left in reversed(range(TRIES)):
        try:
            with Session() as session:
                bound(session)
                answer = session.get(url, timeout=TIMEOUT, allow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except RequestException as error:
            if not tries_left:
                raise ProviderFails(f"{url} does not answer: {type(error).__name__}.") from error
        else:
            if answer.status_code != requests.codes.ok or not isinstance(found, dict):
                raise ProviderFails(f"{url} is no JSON object.")
            return found
    raise AssertionError


TIMEOUT = (CONNECT_SECONDS, READ_SECONDS)


def bound(session: Session) -> None:
    """Let a session read no answer that is larger or slower than one may be."""
    session.hooks["response"].append(read_bounded)


def read_bounded(answer: Response, **_: Any) -> Response:
    """Read an answer, and put what was read in its place; raise RequestException."""
    ends, parts, size = time.monotonic() + WHOLE_SECONDS, [], 0
    while part := answer.raw.read1(65_536, decode_content=True):
        size += len(part)
        parts.append(part)
        if size > LARGEST or time.monotonic() > ends:
            answer.close()
            raise RequestException("The answer is too large or too slow.", request=of(answer))
    answer.raw.release_conn()
    answer.raw = io.BytesIO(b"".join(parts))
    return answer


def of(answer: Response) -> PreparedRequest:
    """Return the request an answer is to."""
    return answer.request
