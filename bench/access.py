"""What it costs to know who asks, and whether they may: the same server, open and with sign-in.

Work is measured as the processor time of the server's process. A board is that of 20 objectives
with four key results each, asked for by its owner; a reading is of a KPI, sent by an api key.
"""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import NamedTuple

from bench.engines import Engine
from bench.measure import Line, interleaved
from bench.serving import cpu_seconds, exchange, served_process
from bench.story import CYCLE, World, objective, readings, world
from okr_es import commands as c
from okr_es.access.sessions import Sessions
from okr_es.context import Context
from okr_es.database.clock import utc_now
from okr_es.domain.api_key import KeyRole
from web.api.signed_in import COOKIE

OPEN, SIGN_IN = "bench.serving:open_okr_es", "web.server:application"
GOALS = {"signed_in": 1.15, "record_with_key": 1.3}
OBJECTIVES, AT_ONCE, ROUNDS = 20, 50, 15


class Server(NamedTuple):
    """A server: its port, the id of its process, and a connection to it."""

    port: int
    pid: int
    connection: socket.socket

    def work(self, requests: list[bytes]) -> float:
        """Return the processor time of a request, in seconds, over some requests."""
        before = cpu_seconds(self.pid)
        for request in requests:
            exchange(self.connection, request)
        return (cpu_seconds(self.pid) - before) / len(requests)


def served(stack: ExitStack, target: str, url: str) -> Server:
    """Serve a database until the stack ends."""
    settings = {
        "OKR_ES_DATABASE": url, "OKR_ES_IDLE_SECONDS": "600", "OKR_ES_KEY_REQUESTS": "100000",
    }  # fmt: skip
    port, pid = stack.enter_context(served_process(target, "/health/live", settings))
    address = ("127.0.0.1", port)
    return Server(port, pid, stack.enter_context(socket.create_connection(address)))


def both(
    engine: Engine, stack: ExitStack, made: Callable[[World], str]
) -> tuple[str, list[Server]]:
    """Serve a world with sign-in, and open; return what `made` says, and the two servers."""
    url = engine.url()
    with closing((there := world(url, utc_now)).okr):
        said = made(there)
    return said, [served(stack, target, url) for target in (SIGN_IN, OPEN)]


def head(method: str, path: str, port: int, more: str) -> str:
    """Return the head of a request, without its end."""
    return f"{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}"


def signed_in(engine: Engine) -> Line:
    """A board for who is signed in, session and rights looked up / the same for anybody."""

    def made(there: World) -> str:
        for _ in range(OBJECTIVES):
            objective(there)
        with closing(
            Sessions(there.okr.database.url.render_as_string(hide_password=False), utc_now)
        ) as sessions:
            sessions.create()
            return sessions.begin(there.person, "link").secret

    with ExitStack() as stack:
        secret, (subject, yardstick) = both(engine, stack, made)
        path = f"/cycles/{CYCLE}/board"
        cookie = f"Cookie: {COOKIE}-{subject.port}={secret}\r\n"
        asked = [f"{head('GET', path, subject.port, cookie)}\r\n".encode()] * AT_ONCE
        open_ = [f"{head('GET', path, yardstick.port, '')}\r\n".encode()] * AT_ONCE
        return line("signed_in", engine, lambda: subject.work(asked), lambda: yardstick.work(open_))


def record_with_key(engine: Engine) -> Line:
    """A reading over HTTP by an api key, counted and checked / by whom a header names."""
    about: dict[str, str] = {}

    def made(there: World) -> str:
        there.okr.execute(c.RecordReadings(readings(there.kpi, 1_000)), there.context())
        about.update(kpi=str(there.kpi), person=str(there.person))
        key = c.CreateApiKey("Warehouse", KeyRole.INGEST_KEY, kpi_ids=(there.kpi,))
        asked = Context(there.person, origin="cli", reason="Sends readings every night.")
        return there.okr.execute(key, asked).secret or ""

    with ExitStack() as stack:
        bearer, (subject, yardstick) = both(engine, stack, made)
        by_key = f"Authorization: Bearer {bearer}\r\n"
        by_name = f"Okr-Actor: {about['person']}\r\n"
        path, days = f"/kpis/{about['kpi']}/readings", itertools.cycle(range(1, 29))

        def recorded(server: Server, who: str) -> float:
            bodies = [
                json.dumps({"as_of": f"2025-02-{day:02}", "value": "12.5"})
                for day in itertools.islice(days, AT_ONCE)
            ]
            start = head("POST", path, server.port, who + "Content-Type: application/json\r\n")
            return server.work(
                [f"{start}Content-Length: {len(each)}\r\n\r\n{each}".encode() for each in bodies]
            )

        return line(
            "record_with_key",
            engine,
            lambda: recorded(subject, by_key),
            lambda: recorded(yardstick, by_name),
        )


def line(
    name: str, engine: Engine, subject: Callable[[], float], yardstick: Callable[[], float]
) -> Line:
    """Measure a line of this module."""
    return interleaved(
        f"{name}.{engine.name}", GOALS[name], subject, yardstick, rounds=ROUNDS, unit="s/request"
    )


LINES = (signed_in, record_with_key)
