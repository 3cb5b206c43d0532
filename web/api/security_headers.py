"""Headers that keep a browser from making more of an answer than it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = "Content-Security-Policy"
# What an answer does not say itself.
ALWAYS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (POLICY, "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
]
# Over TLS: a browser that was here once comes back over TLS alone, for a year.
OVER_TLS = ("Strict-Transport-Security", "max-age=31536000")


def guarded(app: WSGIApplication) -> WSGIApplication:
    """Return the app with safe headers on every answer.

    It wraps the app instead of hooking into each request: that costs a tenth. What the app says
    itself stays.
    """
    over_tls = [*ALWAYS, OVER_TLS]

    def answering(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[..., Any]:
            present = {name for name, _ in headers}
            safe = over_tls if stays_on_tls(environ) else ALWAYS
            headers.extend(each for each in safe if each[0] not in present)
            return start(status, headers, *error)

        return app(environ, begin)

    return answering


def stays_on_tls(environ: WSGIEnvironment) -> bool:
    """Return whether a browser shall come back over TLS alone.

    Not to localhost: browsers know no ports there, and other programs of the machine may lack TLS.
    """
    host = str(environ.get("HTTP_HOST", ""))
    return environ["wsgi.url_scheme"] == "https" and host.partition(":")[0] != "localhost"
