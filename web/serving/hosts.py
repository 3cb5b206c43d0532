"""Names this server answers to: a page of another site can let its own name point here.

The browser of somebody who opens such a page then sends that name. So a request that names another
host is not answered, whatever it asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from web.api.problems import Problem, answer
from web.api.security_headers import guarded
from web.serving.proxies import BY_PROXY
from web.settings import URL, Unusable, is_this_machine

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ALLOWED_HOSTS = "OKR_ES_ALLOWED_HOSTS"
WRITTEN = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::([0-9]{1,5}))?")
FOREIGN = Problem(
    "host-is-foreign",
    421,
    "This server does not answer to that name.",
    f"Call it by a name of {URL} or {ALLOWED_HOSTS}, or on its own machine localhost.",
)
PLAIN = Problem(
    "tls-is-missing",
    403,
    "From another machine this server answers over TLS only.",
    "Call the address of the proxy in front of it, by https.",
)


class Host(NamedTuple):
    """A name or an address, in small letters, and a port; None is any."""

    name: str
    port: int | None


@dataclass(frozen=True)
class Hosts:
    """The names a server answers to, beside those of this machine itself."""

    named: frozenset[Host] = frozenset()

    @staticmethod
    def of(environment: Mapping[str, str]) -> Hosts:
        """Return the hosts the environment names, that of the server's URL among them.

        Raises Unusable for what is no host, and for a URL without one.
        """
        written = environment.get(ALLOWED_HOSTS, "").split(",")
        found = {allowed(each.strip()) for each in written if each.strip()}
        if url := environment.get(URL):
            found.add(host_of_url(url))
        return Hosts(frozenset(each for each in found if not is_this_machine(each.name)))

    def answer_to(self, written: str) -> bool:
        """Return whether a Host header names this server; loopback names always do."""
        host = host_in(written)
        if host is None:
            return False
        at_any_port = Host(host.name, None)
        return is_this_machine(host.name) or host in self.named or at_any_port in self.named


def allowed(written: str) -> Host:
    """Return a host of the setting; raise Unusable for what is none."""
    found = host_in(written)
    if found is None:
        raise Unusable(f"{ALLOWED_HOSTS} has no host name and no address: {written}.")
    return found


def host_of_url(url: str) -> Host:
    """Return the host of the server's URL, at any port; raise Unusable where it has none."""
    try:
        parts = urlsplit(url)
        found = host_in(parts.netloc) if parts.scheme in {"http", "https"} else None
    except ValueError:
        found = None
    if found is None:
        raise Unusable(f"{URL} is no URL such as https://okr.example.org: {url}.")
    return Host(found.name, None)


def host_in(written: str) -> Host | None:
    """Return a host as headers and settings have it; None where it is none."""
    match = WRITTEN.fullmatch(written.lower())
    if match is None:
        return None
    name, port = match.groups()
    return Host(name.strip("[]").removesuffix("."), int(port) if port else None)


def answering_to(
    hosts: Hosts, app: WSGIApplication, *, plain_from_others: bool = True
) -> WSGIApplication:
    """Return the app for requests that name one of these hosts; others get a problem.

    Where `plain_from_others` is false, one that comes from another machine, neither over TLS nor
    by a trusted proxy, gets a problem too: what it says and is given could be read on the way.
    """
    answer_to = lru_cache(maxsize=64)(hosts.answer_to)  # nearly all requests send the same

    def answering(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if not answer_to(environ.get("HTTP_HOST", "")):
            return guarded(answer(FOREIGN))(environ, start)
        if not plain_from_others and is_plain_from_another(environ):
            return guarded(answer(PLAIN))(environ, start)
        return app(environ, start)

    return answering


def is_plain_from_another(environ: WSGIEnvironment) -> bool:
    """Return whether a request comes from another machine without anything that protects it."""
    return not (
        environ["wsgi.url_scheme"] == "https"
        or environ.get(BY_PROXY)
        or is_this_machine(environ["REMOTE_ADDR"])
    )
