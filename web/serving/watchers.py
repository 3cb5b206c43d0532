"""Who may watch the server: its figures, and how far its read model is, are not for strangers.

Who asks on the machine itself may, and those whose addresses a setting names. A request that says
that it was forwarded comes from elsewhere, also where its sender is a proxy on this machine. So
does one that a trusted proxy sent without a word of where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.api.health import WATCHES
from web.api.problems import Problem, answer
from web.api.security_headers import guarded
from web.serving.lanes import HEALTH, METRICS
from web.serving.proxies import BY_PROXY, FORWARDED, Network, address_in, networks_in
from web.settings import is_this_machine

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WATCHED_FROM = "OKR_ES_WATCHED_FROM"
NOT_FOR_STRANGERS = Problem(
    "not-for-strangers",
    403,
    "The figures of the server are for those who watch it.",
    f"Ask on its own machine, or let {WATCHED_FROM} name your address.",
)


@dataclass(frozen=True)
class Watchers:
    """The addresses of other machines that may watch; none, unless the setting names some."""

    networks: tuple[Network, ...] = ()

    @staticmethod
    def of(environment: Mapping[str, str]) -> Watchers:
        """Return those that the environment names; raise Unusable for what is no address."""
        return Watchers(networks_in(environment, WATCHED_FROM))

    def are(self, environ: WSGIEnvironment) -> bool:
        """Return whether a request comes from one of them, or from this machine."""
        address = address_in(environ["REMOTE_ADDR"])
        if address is None:
            return False
        is_named = any(address in each for each in self.networks if each.version == address.version)
        is_direct = not (environ.get(FORWARDED) or environ.get(BY_PROXY))
        return is_named or (is_direct and is_this_machine(str(address)))


def watched_by(watchers: Watchers, app: WSGIApplication) -> WSGIApplication:
    """Return the app, which learns who watches where that matters; strangers get no figures."""

    def watched(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == METRICS or path.startswith(HEALTH):
            environ[WATCHES] = watchers.are(environ)
            if path == METRICS and not environ[WATCHES]:
                return guarded(answer(NOT_FOR_STRANGERS))(environ, start)
        return app(environ, start)

    return watched
