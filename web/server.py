"""The server: uvicorn with deadlines, and with TLS where there is a certificate."""

from __future__ import annotations

import os
import socket
import ssl
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from math import ceil
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from web.settings import (
    Unusable,
    default_actor,
    in_development,
    key_requests,
    mail_settings,
    named_database,
    opened,
    providers_file,
    server_url,
    session_limits,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from web.api.entrance import Mode
    from web.oidc.exchange import Exchange
    from web.pages.link_by_mail import Post
    from web.serving.outside import Outside
    from web.serving.shell import Shell

STOP_SECONDS = 10
STOP_SIGNING_SECONDS = 1.0
LOOK_EVERY_SECONDS = 0.05


def application() -> Shell:
    """Return the application of one worker process, in the mode that the settings say."""
    from web.api.entrance import Mode

    return served(Mode.DEVELOPMENT if in_development() else Mode.SIGN_IN)


def served(mode: Mode) -> Shell:
    """Return the application of one worker process, with its places and deadlines."""
    from okr_es.access.key_uses import KeyUses
    from okr_es.access.sessions import Sessions
    from okr_es.database.timeouts import STATEMENT, WHILE_SERVING
    from okr_es.evidence.background import BackgroundSigner, signer_of
    from projections.queries import Queries
    from projections.read_model.runner import Runner
    from web import logs
    from web.api import outages
    from web.api.security_headers import guarded
    from web.app import create_app
    from web.serving.compression import compressing
    from web.serving.hosts import answering_to
    from web.serving.limits import Limits
    from web.serving.metrics import Metrics, gauges_of_data
    from web.serving.outside import Outside
    from web.serving.process import stop_without_parent
    from web.serving.shell import Shell
    from web.serving.watchers import watched_by

    stop_without_parent()
    logs.configure()
    os.environ.setdefault(STATEMENT, WHILE_SERVING)
    limits, outside = Limits.of(os.environ), Outside.of(os.environ, asks_who=asks_who())
    okr = opened()
    okr.clock_watch.warn()
    signing = BackgroundSigner(signer_of(okr))
    okr.on_commit.append(signing.look_at)
    signing.start()
    runner = Runner(okr, waits=False)
    runner.build_in_background()  # it says that it is ready once that is done
    queries = Queries(okr, runner)
    sessions = Sessions(named_database(), okr.clock, session_limits())
    sessions.create()
    app = create_app(
        okr, queries, default_actor=default_actor(), sessions=sessions, mode=mode,
        exchanges=exchanges(), post=post(),
        key_uses=KeyUses(sessions.database, okr.clock, key_requests()),
    )  # fmt: skip

    def close() -> None:
        runner.close()
        signing.stop(STOP_SIGNING_SECONDS)
        sessions.close()
        okr.close()

    def reached(inner: WSGIApplication) -> WSGIApplication:
        """Return the app for requests that reach this server as they may."""
        watched = watched_by(outside.watchers, inner)
        return answering_to(outside.hosts, watched, plain_from_others=False)

    shell = Shell(reached(compressing(app.wsgi_app)), limits, close, outside.proxies)
    shell.metrics = Metrics(
        shell.gauges,
        lambda: gauges_of_data(okr, queries),
        lambda: outages.gauges_of(app),
    )
    shell.measured = reached(guarded(shell.metrics.app))
    return shell


def asks_who() -> bool:
    """Return whether people have to sign in."""
    return not in_development()


def exchanges() -> dict[str, Exchange]:
    """Return the exchanges with the providers of identity that the environment names."""
    file = providers_file()
    if file is None:
        return {}
    from web.oidc import exchange

    return exchange.exchanges(file, server_url())


def post() -> Post | None:
    """Return what sends links to those who ask for one, None where no mail is set up."""
    from web.mail import mailer_of
    from web.pages.link_by_mail import Post

    mailer = mailer_of(*mail_settings())
    return None if mailer is None else Post(mailer, server_url())


def listening(host: str) -> str:
    """Return the address to listen on; raise Unusable where host or settings do not allow it.

    What should be looked at soon, such as a certificate that ends, is written to stderr.
    """
    from web.serving.outside import Outside, address_to_listen

    outside = Outside.of(os.environ, asks_who=asks_who())
    address = address_to_listen(host, outside, asks_who=asks_who())
    for warning in outside.tls.check(datetime.now(UTC)) if outside.tls else ():
        sys.stderr.write(f"{warning}\n")
    return address


def serve(address: str, port: int, workers: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; answers under way are finished first, if they are in time.

    The address is one that `listening` returned.
    """
    from web.serving.limits import Limits
    from web.serving.outside import Outside

    outside = Outside.of(os.environ, asks_who=asks_who())
    require_free(address, port)
    default_actor()
    exchanges()
    post()
    Limits.of(os.environ)
    at = f"{outside.scheme}://{bracketed(own_address(address))}:{port}"
    Thread(target=announce, args=(at, ready), daemon=True).start()
    run("web.server:application", address, port, workers, outside)


def run(target: str, address: str, port: int, workers: int, outside: Outside | None = None) -> None:
    """Serve what a function by this name makes, in so many processes."""
    from uvicorn import Config
    from uvicorn.supervisors import Multiprocess

    from web.serving.connection import Connection
    from web.serving.limits import Limits
    from web.serving.process import Server

    config = Config(
        target,
        factory=True,
        host=address,
        port=port,
        workers=workers,
        http=Connection,
        loop="uvloop",
        ws="none",
        lifespan="on",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        log_config=None,
        log_level="error",
        access_log=False,  # addresses may hold words that somebody searched for
        timeout_worker_healthcheck=STOP_SECONDS,
        timeout_graceful_shutdown=ceil(Limits.of(os.environ).stop_seconds),
        **protection(outside),
    )
    if workers == 1:
        Server(config).run()
    else:
        Multiprocess(config, [config.bind_socket()]).run()


def protection(outside: Outside | None) -> dict[str, Any]:
    """Return what uvicorn needs to speak TLS; nothing where it does not."""
    from web.serving.tls import context_for

    if outside is None or outside.tls is None:
        return {}
    return {
        "ssl_certfile": outside.tls.certificate,
        "ssl_keyfile": outside.tls.key,
        "ssl_context_factory": context_for,
    }


def announce(at: str, ready: Callable[[str], None]) -> None:
    """Call `ready` with the URL once the server answers; before that a stop signal may be lost."""
    asked = Request(f"{at}/health/live", headers={"Host": "localhost"})  # noqa: S310  - it is ours
    anyone = ssl.create_default_context()  # it is asked if it answers, and given nothing
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    while True:
        try:
            with urlopen(asked, timeout=STOP_SECONDS, context=anyone):  # noqa: S310  - it is ours
                break
        except OSError:
            time.sleep(LOOK_EVERY_SECONDS)
    ready(at)


def own_address(address: str) -> str:
    """Return where this machine reaches what listens on an address: 0.0.0.0 is every one of it."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104  - listened on


def require_free(address: str, port: int) -> None:
    """Refuse a port that is in use: the other program would answer too."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            where = f"{bracketed(address)}:{port}"
            raise Unusable(f"Cannot listen on {where}: {error.strerror}.") from error


def bracketed(address: str) -> str:
    """Return an address as URLs have it: IPv6 in brackets."""
    return f"[{address}]" if ":" in address else address
