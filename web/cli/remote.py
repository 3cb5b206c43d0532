"""A server in the place of a database: its answers, its commands, and its refusals in one line."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import click

from web.cli.blaming import Refused
from web.settings import is_this_machine

if TYPE_CHECKING:
    from okr_es.context import Receipt
    from okr_es.dry_run import Outcome

PREFIX = "/api/v1"
TIMEOUT_SECONDS = 120.0
# What a server of another version may answer where this one would do what is asked.
OF_ANOTHER_VERSION = frozenset({400, 404, 405, 415, 422})
PART = re.compile(r"<\w+:(\w+)>")
Query = dict[str, Any]


class Address(NamedTuple):
    """Where a server listens."""

    is_tls: bool
    host: str
    port: int | None

    @property
    def url(self) -> str:
        """The address as one text: the same for all ways to write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"{'https' if self.is_tls else 'http'}://{host}{port}"


def address_of(url: str) -> Address:
    """Return the address that a URL names; refuse others, and plain HTTP beyond this machine."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or parts.scheme not in {"http", "https"} or parts.path.strip("/"):
        raise click.UsageError(f"A server is https://HOST or https://HOST:PORT, not {url}.")
    if parts.username is not None or parts.query or parts.fragment:
        raise click.UsageError("The address of a server has no name, question or anchor in it.")
    if parts.scheme == "http" and not is_this_machine(host):
        raise click.UsageError(
            f"{host} is another machine: the key would be sent so that all on the way can read it. "
            "Use https."
        )
    return Address(parts.scheme == "https", host, port)


class Remote:
    """A server, the key that is sent to it, and who is named where it believes that."""

    def __init__(self, address: Address, key: str | None, by: UUID | None = None) -> None:
        self.address = address
        self.key = key
        self.by = by

    def get(self, path: str, query: Query | None = None) -> Any:
        """Return the answer to a question, decoded; raise ClickException where it is refused."""
        with self.answering("GET", path, query or {}) as answer:
            return decoded(answer.read())

    def feed(self, query: Query) -> tuple[list[Any], int]:
        """Return a page of the feed, and where the next one begins."""
        with self.answering("GET", "/events", query) as answer:
            next_after = int(answer.headers["Next-After"])
            return decoded(answer.read()), next_after

    def status_of(self, path: str) -> int:
        """Return the status of the answer to a question, also of a refusal."""
        with self.asking("GET", path, {}) as answer:
            return answer.status

    def lines(self, path: str, query: Query) -> Iterator[Any]:
        """Yield the lines of an answer that comes in parts, decoded."""
        with self.answering("GET", path, query) as answer:
            for line in answer:
                yield decoded(line)

    def send(self, path: str, body: dict[str, Any], key: str, *, dry_run: bool) -> Outcome:
        """Have a command carried out under an idempotency key, or tried out."""
        import msgspec

        from okr_es.context import Receipt
        from okr_es.dry_run import DryRun

        sent = msgspec.json.encode(body | ({"dry_run": True} if dry_run else {}))
        headers = {"Idempotency-Key": quoted_key(key), "Content-Type": "application/json"}
        with self.answering("POST", path, {}, sent, headers) as answer:
            kind: Any = DryRun if dry_run else Receipt
            found: Outcome = msgspec.convert(decoded(answer.read()), kind)
            return found

    def send_many(self, body: bytes, key: str, how: str) -> list[Any]:
        """Send many commands, a line of JSON each; return the verdict on each that has one.

        `how` is dry_run or atomic: of the latter only those that are refused have one, or all.
        """
        more = {"Idempotency-Key": quoted_key(key), "Content-Type": "application/x-ndjson"}
        with self.asking("POST", "/commands", {how: True}, body, more) as answer:
            if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
                problem = decoded(answer.read())
                if "refused" in problem:
                    return list(problem["refused"])
                raise click.ClickException(str(problem["detail"]))
            if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
                raise self.refusal(answer)
            return [decoded(line) for line in answer if line.strip()]

    def receipt(self, command_id: UUID) -> Receipt:
        """Return the receipt of a command; raise ClickException where none is recorded."""
        import msgspec

        from okr_es.context import Receipt

        return msgspec.convert(self.get(f"/commands/{command_id}"), Receipt)

    @contextmanager
    def answering(
        self,
        method: str,
        path: str,
        query: Query,
        body: bytes | None = None,
        more: dict[str, str] | None = None,
    ) -> Iterator[HTTPResponse]:
        """Give the answer to a request; raise ClickException where there is none, or a refusal."""
        with self.asking(method, path, query, body, more) as answer:
            if answer.status >= 300:
                raise self.refusal(answer)
            yield answer

    @contextmanager
    def asking(
        self,
        method: str,
        path: str,
        query: Query,
        body: bytes | None = None,
        more: dict[str, str] | None = None,
    ) -> Iterator[HTTPResponse]:
        """Give any answer to a request; raise ClickException where there is none."""
        asked = urlencode(
            [(name, as_text(each)) for name, value in query.items() for each in several(value)]
        )
        target = f"{PREFIX}{path}{'?' if asked else ''}{asked}"
        connection = self.connection()
        try:
            connection.request(method, target, body, self.headers() | (more or {}))
            yield connection.getresponse()
        except ssl.SSLCertVerificationError as error:
            raise unreachable(self.address, f"its certificate: {error.verify_message}") from error
        except (OSError, HTTPException) as error:
            raise unreachable(self.address, why_of(error)) from error
        finally:
            connection.close()

    def refusal(self, answer: HTTPResponse) -> Refused:
        """Return the error of a refusal."""
        import msgspec

        url, missing = self.address.url, answer.status == HTTPStatus.NOT_FOUND
        try:
            problem = msgspec.json.decode(answer.read())
            kind, detail = problem["type"], str(problem["detail"])
        except (msgspec.DecodeError, KeyError, TypeError):
            said = f"{url} answers {answer.status}, and is perhaps no okr-es."
            return Refused(said, is_not_found=False)
        if answer.status == HTTPStatus.UNAUTHORIZED and self.key is None:
            detail = f"There is no key for {url} here: `okr-es login {url}` takes one."
        elif answer.status == HTTPStatus.UNAUTHORIZED:
            detail = f"{detail} `okr-es login {url}` takes it."
        elif kind == "/problems/actor-is-another":
            detail = "It is the key that acts, and as nobody else: leave out --by."
        elif answer.status in OF_ANOTHER_VERSION:
            detail += self.note_of_version()
        return Refused(detail, problem.get("field"), is_not_found=missing)

    def note_of_version(self) -> str:
        """Return that the server is of another version; nothing where it is not, or is not known.

        It is asked only after something went wrong.
        """
        import msgspec

        from web import version

        try:
            with self.asking("GET", "", {}, more={"Accept": "application/json"}) as answer:
                theirs = msgspec.json.decode(answer.read())["version"]
        except (click.ClickException, msgspec.DecodeError, KeyError, TypeError):
            return ""
        if theirs == version():
            return ""
        return f" The server is okr-es {theirs}, and this is okr-es {version()}."

    def headers(self) -> dict[str, str]:
        """Return who asks, as each request says it."""
        from web import version

        found = {"User-Agent": f"okr-es/{version()}"}
        if self.key is not None:
            found["Authorization"] = f"Bearer {self.key}"
        if self.by is not None:
            found["Okr-Actor"] = str(self.by)
        return found

    def connection(self) -> HTTPConnection:
        """Return a connection that is not open yet; over TLS the certificate is verified."""
        host, port = self.address.host, self.address.port
        if not self.address.is_tls:
            return HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        trusted = ssl.create_default_context()
        return HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=trusted)

    @property
    def acts(self) -> UUID | None:
        """Who acts: the key, or who is named; None where nobody is."""
        from okr_es.access.bearer import read_bearer

        bearer = None if self.key is None else read_bearer(self.key)
        return self.by if bearer is None else bearer.key_id


def quoted_key(key: str) -> str:
    """Return an idempotency key as a header holds it: in UTF-8."""
    return key.encode().decode("latin-1")


def decoded(data: bytes) -> Any:
    """Return what JSON says; raise ClickException for anything else."""
    import msgspec

    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        raise click.ClickException("The server answers something that is no okr-es.") from None


def several(value: Any) -> tuple[Any, ...]:
    """Return the values of a parameter that may be given several times; one alone of others."""
    return value if isinstance(value, tuple) else (value,)


def as_text(value: Any) -> str:
    """Return the value of a parameter as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def why_of(error: OSError | HTTPException) -> str:
    """Return why a server does not answer, without the number that the system has for it."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(said)[:1].lower() + str(said)[1:].rstrip(".")


def unreachable(address: Address, why: str) -> click.ClickException:
    """Return the error of a server that does not answer."""
    return click.ClickException(f"{address.url} does not answer: {why}.")
