"""Requests per second of a served application, over loopback with kept-alive connections."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 1.5
CONNECTIONS = 4
READY_SECONDS = 30

SERVE = "from web.server import run; run({target!r}, '127.0.0.1', {port}, 1)"


def bare_app():  # type: ignore[no-untyped-def]
    """Return a Flask app with nothing but one JSON route, in the server's own shell."""
    from flask import Flask, jsonify

    from web.serving.limits import Limits
    from web.serving.shell import Shell

    app = Flask("bare")
    app.add_url_rule("/", "bare", lambda: jsonify({"status": "on_track", "progress": "0.5"}))
    return Shell(app, Limits())


@contextmanager
def bare_flask() -> Iterator[int]:
    """Serve the bare app; give its port."""
    with serving("bench.serving:bare_app", "/", {}) as port:
        yield port


@contextmanager
def okr_es_server(url: str) -> Iterator[int]:
    """Serve okr-es from a database; give its port."""
    with serving("web.server:application", "/health/live", {"OKR_ES_DATABASE": url}) as port:
        yield port


@contextmanager
def serving(target: str, path: str, environment: dict[str, str]) -> Iterator[int]:
    """Serve an app in a process of its own, one worker, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = SERVE.format(target=target, port=port)
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **environment})
    try:
        wait_for(port, path)
        yield port
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


def request(path: str, port: int) -> bytes:
    """Return the bytes of a request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def exchange(connection: socket.socket, asked: bytes) -> bytes:
    """Send a request and return the answer; raise unless it is a 200."""
    connection.sendall(asked)
    answer = connection.recv(65_536)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
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
