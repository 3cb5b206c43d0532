"""Proxies in front of the server: from whom it believes who asked, how, and under which name.

Of the headers by which proxies say this, the server reads X-Forwarded-For, X-Forwarded-Proto and
X-Forwarded-Host, which all common proxies can send. They count only from an address in the setting;
from everybody else they are taken away unread, and so are all others of their kind.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.settings import Unusable

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

TRUSTED_PROXIES = "OKR_ES_TRUSTED_PROXIES"
FOR, PROTO, HOST = "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"
OF_PROXIES = ("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP")
# In the environment of a request: a trusted proxy sent it; it says that it was forwarded.
BY_PROXY, FORWARDED = "okr_es.by_proxy", "okr_es.forwarded"
MOST_HOPS = 32  # proxies behind each other that are read
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Proxies:
    """The addresses whose word about a request counts; none, unless the setting names some."""

    networks: tuple[Network, ...] = ()

    @staticmethod
    def of(environment: Mapping[str, str]) -> Proxies:
        """Return the proxies that the environment names; raise Unusable for what is no address."""
        return Proxies(networks_in(environment, TRUSTED_PROXIES))

    def trust(self, address: str) -> bool:
        """Return whether a request from this address comes from a trusted proxy."""
        found = address_in(address) if self.networks else None
        return found is not None and any(
            found in each for each in self.networks if each.version == found.version
        )

    def apply(self, environ: WSGIEnvironment) -> None:
        """Let a trusted proxy say who asked, how, and for which host; take its headers away.

        A value that is not exactly one address chain, `http` or `https`, or host does not count.
        """
        said = {key: environ.pop(key) for key in [*environ] if key.startswith(OF_PROXIES)}
        peer = environ["REMOTE_ADDR"]
        environ[BY_PROXY], environ[FORWARDED] = self.trust(peer), bool(said)
        if not environ[BY_PROXY]:
            return
        environ["REMOTE_ADDR"] = self.client(peer, said.get(FOR, ""))
        if said.get(PROTO) in {"http", "https"}:
            environ["wsgi.url_scheme"] = said[PROTO]
        if said.get(HOST):
            environ["HTTP_HOST"] = said[HOST]

    def client(self, peer: str, chain: str) -> str:
        """Return the last address of a chain that no trusted proxy has.

        Each proxy adds at the end whom it got the request from. What stands before the first
        address that is not trusted was written by whom nobody trusts.
        """
        address = peer
        for written in reversed(chain.rsplit(",", MOST_HOPS)[-MOST_HOPS:]):
            found = address_in(written.strip())
            if found is None or not self.trust(address):
                break
            address = str(found)
        return address


def networks_in(environment: Mapping[str, str], setting: str) -> tuple[Network, ...]:
    """Return the networks that a setting names; raise Unusable for what is no address."""
    written = environment.get(setting, "").split(",")
    return tuple(network(each.strip(), setting) for each in written if each.strip())


def network(written: str, setting: str) -> Network:
    """Return an address, or a network such as 10.0.0.0/8; raise Unusable for anything else."""
    try:
        found = ipaddress.ip_network(written)
    except ValueError as error:
        raise Unusable(f"{setting} names no address and no network: {error}.") from None
    if found.prefixlen == 0:
        raise Unusable(f"{setting} would trust every address: {written}.")
    return found


def address_in(written: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address as a proxy writes it, with or without a port; None where it is none."""
    if written.startswith("["):
        written = written[1:].partition("]")[0]
    elif written.count(":") == 1:
        written = written.partition(":")[0]
    try:
        found = ipaddress.ip_address(written)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
