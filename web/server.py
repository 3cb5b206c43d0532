"""The server: uvicorn with deadlines, on a loopback address alone."""

from __future__ import annotations

import ipaddress
import os
import socket
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from math import ceil
from threading import Thread
from typing import TYPE_CHECKING
from urllib.request import urlopen

from web.settings import (
    DATABASE,
    DEFAULT_DATABASE,
    Unusable,
    default_actor,
    in_development,
    opened,
    session_limits,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from web.serving.shell import Shell

STOP_SECONDS = 10
STOP_SIGNING_SECONDS = 1.0
LOOK_EVERY_SECONDS = 0.05


def application() -> Shell:
    """Return the application of one worker process, with its places and deadlines."""
    from okr_es.access.sessions import Sessions
    from okr_es.database.timeouts import STATEMENT, WHILE_SERVING
    from okr_es.evidence.background import BackgroundSigner, signer_of
    from projections.queries import Queries
    from projections.read_model.runner import Runner
    from web import logs
    from web.api import outages
    from web.api.entrance import Mode
    from web.api.security_headers import guarded
    from web.app import create_app
    from web.serving.limits import Limits
    from web.serving.metrics import Metrics, gauges_of_data
    from web.serving.process import stop_without_parent
    from web.serving.shell import Shell

    stop_without_parent()
    logs.configure()
    os.environ.setdefault(STATEMENT, WHILE_SERVING)
    limits = Limits.of(os.environ)
    okr = opened()
    okr.clock_watch.warn()
    signing = BackgroundSigner(signer_of(okr))
    okr.on_commit.append(signing.look_at)
    signing.start()
    runner = Runner(okr, waits=False)
    runner.build_in_background()  # it says that it is ready once that is done
    queries = Queries(okr, runner)
    sessions = Sessions(os.environ.get(DATABASE, DEFAULT_DATABASE), okr.clock, session_limits())
    sessions.create()
    app = create_app(
        okr, queries, default_actor=default_actor(), sessions=sessions,
        mode=Mode.DEVELOPMENT if in_development() else Mode.SIGN_IN,
    )  # fmt: skip

    def close() -> None:
        runner.close()
        signing.stop(STOP_SIGNING_SECONDS)
        sessions.close()
        okr.close()

    shell = Shell(loopback_alone(app.wsgi_app), limits, close)
    shell.metrics = Metrics(
        shell.gauges,
        lambda: gauges_of_data(okr, queries),
        lambda: outages.gauges_of(app),
    )
    shell.measured = loopback_alone(guarded(shell.metrics.app))
    return shell


def serve(host: str, port: int, workers: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; answers under way are finished first, if they are in time."""
    from web.serving.limits import Limits

    address = loopback(host)
    require_free(address, port)
    default_actor()
    Limits.of(os.environ)
    Thread(target=announce, args=(address, port, ready), daemon=True).start()
    run("web.server:application", address, port, workers)


def run(target: str, address: str, port: int, workers: int) -> None:
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
    )
    if workers == 1:
        Server(config).run()
    else:
        Multiprocess(config, [config.bind_socket()]).run()


def announce(address: str, port: int, ready: Callable[[str], None]) -> None:
    """Call `ready` with the URL once the server answers; before that a stop signal may be lost."""
    at = f"http://{bracketed(address)}:{port}"
    while True:
        try:
            with urlopen(f"{at}/health/live", timeout=STOP_SECONDS):  # noqa: S310  - it is ours
                break
        except OSError:
            time.sleep(LOOK_EVERY_SECONDS)
    ready(at)


def loopback(host: str) -> str:
    """Return a loopback address; refuse every other."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        raise Unusable(f"{host} is neither localhost nor an IP address.") from None
    if not address.is_loopback:
        raise Unusable(
            f"{host} can be reached from other machines, and what is sent there is not encrypted. "
            "Listen on 127.0.0.1, ::1 or localhost."
        )
    return str(address)


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


def loopback_alone(app: WSGIApplication) -> WSGIApplication:
    """Return the app for requests that name a loopback host.

    A page of another site can let its own name point here; its browser then sends that name.
    """
    from web.api.problems import Problem, answer

    problem = Problem(
        "host-is-foreign",
        421,
        "This server answers requests from this machine only.",
        "Call localhost.",
    )

    def answering(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if names_loopback(environ.get("HTTP_HOST", "")):
            return app(environ, start)
        return answer(problem)(environ, start)

    return answering


@lru_cache(maxsize=64)
def names_loopback(host: str) -> bool:
    """Return whether a Host header names this machine; remembered, as all requests send it."""
    name = host.partition("]")[0].strip("[") if host.startswith("[") else host.partition(":")[0]
    try:
        return bool(loopback(name))
    except Unusable:
        return False
