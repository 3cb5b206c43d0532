"""A server of this process, in a thread, around any WSGI application; and raw clients of it."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvloop
from uvicorn import Config

from web.serving.connection import Connection
from web.serving.limits import Limits
from web.serving.process import Server
from web.serving.proxies import Proxies
from web.serving.shell import NOBODY, Shell

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BEGIN_SECONDS = 20


@dataclass
class Response:
    """What a server answered, and how long that took."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass
class Serving:
    """A server at a port."""

    port: int
    shell: Shell
    server: Server
    thread: threading.Thread | None = None
    stuck: ExitStack = field(default_factory=ExitStack)

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes = b"",
        *,
        patience: float = 20,
        **named: str,
    ) -> Response:
        """Send a request and read the answer to its end; the connection is closed afterwards."""
        head = {"Host": f"127.0.0.1:{self.port}", "Connection": "close"}
        head |= {name.replace("_", "-"): value for name, value in named.items()}
        if body or method == "POST":
            head = {"Content-Length": str(len(body)), "Content-Type": "application/json"} | head
        return self.send(request_bytes(method, path, head) + body)

    def send(self, data: bytes, patience: float = 20) -> Response:
        """Send bytes, and read what comes until the other side closes."""
        begun, parts = time.monotonic(), []
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience) as connection:
            connection.sendall(data)
            while part := connection.recv(65_536):
                parts.append(part)
        return response_of(b"".join(parts), time.monotonic() - begun)

    def hold(self, data: bytes, number: int) -> list[socket.socket]:
        """Begin so many requests and leave them: nothing more is sent, and nothing read."""
        return [self.stuck.enter_context(self.hold_one(data)) for _ in range(number)]

    def hold_one(self, data: bytes) -> socket.socket:
        """Begin one request and leave it."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", self.port))
        connection.sendall(data)
        return connection

    def head(self, path: str, method: str = "GET", **named: str) -> bytes:
        """Return the head of a request."""
        head = {"Host": f"127.0.0.1:{self.port}"}
        head |= {name.replace("_", "-"): value for name, value in named.items()}
        return request_bytes(method, path, head)

    @property
    def taken(self) -> int:
        """How many places are taken, and streams under way."""
        return sum(each.taken for each in self.shell.places.values()) + self.shell.streams

    def stop(self) -> float:
        """Stop the server; return how many seconds it took."""
        begun = time.monotonic()
        self.server.should_exit = True
        assert self.thread is not None
        self.thread.join(60)
        return time.monotonic() - begun


def request_bytes(method: str, path: str, headers: dict[str, str]) -> bytes:
    """Return the head of a request as it is sent."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def response_of(data: bytes, seconds: float) -> Response:
    """Return an answer, read; status 0 where there is none."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    status = int(first.split()[1]) if first else 0
    return Response(status, headers, body, seconds)


@contextmanager
def serving(
    app: WSGIApplication,
    limits: Limits,
    close: Callable[[], None] = lambda: None,
    proxies: Proxies = NOBODY,
) -> Iterator[Serving]:
    """Serve an application until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shell = Shell(app, limits, close, proxies)
    config = Config(
        shell, host="127.0.0.1", port=port, http=Connection, ws="none", lifespan="on",
        interface="asgi3", log_config=None, proxy_headers=False, server_header=False,
        timeout_graceful_shutdown=round(limits.stop_seconds),
    )  # fmt: skip
    server = Server(config)
    made = Serving(port, shell, server)
    made.thread = threading.Thread(target=lambda: run(server), daemon=True)
    made.thread.start()
    until = time.monotonic() + BEGIN_SECONDS
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield made
    finally:
        made.stuck.close()
        made.stop()


def run(server: Server) -> None:
    """Run a server in this thread; signals are for the main thread alone."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server._serve())


def eventually(holds: Callable[[], bool], seconds: float) -> bool:
    """Wait until something holds; return whether it came to that in time."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
