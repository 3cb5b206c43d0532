"""What stands between a server and its callers: proxies, host names, TLS; and where it listens.

Beyond this machine it listens only where people have to sign in, what is said cannot be read on the
way, and it has a name to answer to.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import NamedTuple

from web.serving.hosts import ALLOWED_HOSTS, Hosts
from web.serving.proxies import TRUSTED_PROXIES, Proxies
from web.serving.tls import CERTIFICATE, KEY, Tls
from web.serving.watchers import Watchers
from web.settings import URL, Unusable, is_this_machine


class Outside(NamedTuple):
    """What the environment says about the way from callers to this server."""

    proxies: Proxies
    hosts: Hosts
    tls: Tls | None
    watchers: Watchers = Watchers()

    @staticmethod
    def of(environment: Mapping[str, str], *, asks_who: bool) -> Outside:
        """Return what the environment says; raise Unusable for a value that cannot be used.

        Where nobody has to sign in (`asks_who` is false), no proxy counts and no name but those of
        this machine: whatever is set, nobody else is answered.
        """
        proxies, hosts = Proxies.of(environment), Hosts.of(environment)
        tls, watchers = Tls.of(environment), Watchers.of(environment)
        if not asks_who:
            return Outside(Proxies(), Hosts(), tls)
        return Outside(proxies, hosts, tls, watchers)

    @property
    def scheme(self) -> str:
        """How this server itself is called."""
        return "https" if self.tls else "http"


def address_to_listen(host: str, outside: Outside, *, asks_who: bool) -> str:
    """Return the address of a host to listen on.

    `asks_who` says that people have to sign in. Raises Unusable for an address that other machines
    reach, unless everything they need is set.
    """
    address = address_of(host)
    if not is_this_machine(address):
        require_safe(host, outside, asks_who=asks_who)
    return address


def address_of(host: str) -> str:
    """Return a host as an address; raise Unusable for a name other than localhost."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        raise Unusable(f"{host} is neither localhost nor an IP address.") from None


def require_safe(host: str, outside: Outside, *, asks_who: bool) -> None:
    """Refuse to listen for other machines where something is missing for it."""
    if not asks_who:
        raise Unusable(
            f"{host} can be reached from other machines, and nobody has to sign in: "
            "anyone could act as anybody. Listen on 127.0.0.1, ::1 or localhost."
        )
    if outside.tls is None and not outside.proxies.networks:
        raise Unusable(
            f"{host} can be reached from other machines, and what is said could be read on the "
            f"way. Set {CERTIFICATE} and {KEY}, or name the proxy in front in {TRUSTED_PROXIES}."
        )
    if not outside.hosts.named:
        raise Unusable(
            f"{host} can be reached from other machines, and this server has no name to answer to. "
            f"Set {URL}, or {ALLOWED_HOSTS}."
        )
