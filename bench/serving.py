"""Requests per second of a served application, over loopback with kept-alive connections."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.request import urlopen

from web.serving.limits import Limits
from web.serving.wsgi import begun, environ_of

SECONDS = 1.5
CONNECTIONS = 4
READY_SECONDS = 30
SCHEDULED = 2  # which of a process's clocks: the time it was at work, to the nanosecond

SERVE = "from web.server import run; run({target!r}, '127.0.0.1', {port}, 1)"


def bare_app():  # type: ignore[no-untyped-def]
    """Return a Flask app with nothing but one JSON route, in the server's own shell."""
    from flask import Flask, Response, jsonify

    from web.serving.limits import Limits
    from web.serving.shell import Shell

    app = Flask("bare")
    app.add_url_rule("/", "bare", lambda: jsonify({"status": "on_track", "progress": "0.5"}))
    app.add_url_rule("/held", "held", lambda: Response(None, 304, {"ETag": '"1.0"'}))
    return Shell(app, Limits())


@contextmanager
def bare_flask() -> Iterator[int]:
    """Serve the bare app; give its port."""
    with serving("bench.serving:bare_app", "/", {}) as port:
        yield port


def open_okr_es():  # type: ignore[no-untyped-def]
    """Return okr-es as it is served, but nobody has to sign in, and everybody may do everything."""
    from web.api.entrance import Mode
    from web.server import served

    return served(Mode.OPEN)


@contextmanager
def okr_es_server(url: str) -> Iterator[int]:
    """Serve okr-es from a database; give its port."""
    with serving("bench.serving:open_okr_es", "/health/live", {"OKR_ES_DATABASE": url}) as port:
        yield port


async def unlimited(app, scope, receive, send):  # type: ignore[no-untyped-def]
    """Answer a request without any deadline, place or figure: read all, ask in a thread, send."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    work = partial(begun, app, environ_of(scope, body))
    answer, part, _ = await asyncio.get_running_loop().run_in_executor(None, work)
    start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
    await send(start)
    await send({"type": "http.response.body", "body": part})


class Unlimited:
    """An application that is served without all that this server adds."""

    limits = Limits(**{name: 1e6 for name in Limits.__annotations__ if name.endswith("seconds")})

    def __init__(self, app) -> None:  # type: ignore[no-untyped-def]
        self.app = app

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        """Answer; begin and end with the server."""
        if scope["type"] == "http":
            await unlimited(self.app, scope, receive, send)
            return
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})


def unlimited_okr_es():  # type: ignore[no-untyped-def]
    """Return okr-es without deadlines, figures, logs of requests, and client info."""
    from projections.queries import Queries
    from web.api.entrance import Mode
    from web.app import create_app
    from web.settings import opened

    okr = opened()
    okr.client_info.note = lambda *_: None  # type: ignore[method-assign]
    return Unlimited(create_app(okr, Queries(okr), mode=Mode.OPEN).wsgi_app)


def cpu_seconds(pid: int) -> float:
    """Return the time that all threads of a process have been at work, also those that ended.

    Linux has a clock for each process, by the kernel's MAKE_PROCESS_CPUCLOCK.
    """
    return time.clock_gettime(~pid << 3 | SCHEDULED)


def post_bytes(path: str, port: int, actor: str, body: bytes) -> bytes:
    """Return the bytes of a command."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOkr-Actor: {actor}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def serving(target: str, path: str, environment: dict[str, str]) -> Iterator[int]:
    """Serve an app in a process of its own, one worker, until the block ends; give its port."""
    with served_process(target, path, environment) as (port, _):
        yield port


@contextmanager
def served_process(
    target: str, path: str, environment: dict[str, str]
) -> Iterator[tuple[int, int]]:
    """Serve an app as `serving` does; give its port and the id of the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = SERVE.format(target=target, port=port)
    log = subprocess.DEVNULL if environment.get("OKR_ES_LOG_REQUESTS") else None
    process = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, **environment}, stderr=log
    )
    try:
        wait_for(port, path)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(READY_SECONDS)


def wait_for(port: int, path: str) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                exchange(connection, request(path, port))
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"The server on port {port} does not answer.")


def request(path: str, port: int, held: str = "") -> bytes:
    """Return the bytes of a request; `held` is the tag of an answer that is there already."""
    more = f"If-None-Match: {held}\r\n" if held else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}\r\n".encode()


def tag_at(port: int, path: str) -> str:
    """Return the tag of an answer."""
    with urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return str(answer.headers["ETag"])


def not_modified(connection: socket.socket, asked: bytes) -> None:
    """Send a request whose answer is held; raise unless it is a 304."""
    connection.sendall(asked)
    answer = connection.recv(65_536)
    if not (answer.startswith(b"HTTP/1.1 304") and answer.endswith(b"\r\n\r\n")):
        raise RuntimeError(answer.decode(errors="replace"))


def exchange(connection: socket.socket, asked: bytes) -> bytes:
    """Send a request and return the answer; raise unless it is a 200."""
    connection.sendall(asked)
    answer = connection.recv(65_536)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
        raise RuntimeError(head.decode(errors="replace"))
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536)
    return body


def requests_rate(port: int, paths: list[str]) -> float:
    """Return how many requests a second the server answers over a few connections."""
    counts = [0] * CONNECTIONS
    until = time.perf_counter() + SECONDS
    asked = [request(path, port) for path in paths]

    def ask(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            while time.perf_counter() < until:
                exchange(connection, asked[counts[number] % len(asked)])
                counts[number] += 1

    started = time.perf_counter()
    threads = [threading.Thread(target=ask, args=(n,)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)
