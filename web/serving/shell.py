"""The shell around the application: reads bodies, gives places, sends answers, all in time.

The application itself runs in threads and gets a body only when it is here whole. So nobody who
sends or reads slowly holds a thread: only memory, which is bounded too.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from okr_es.database.timeouts import deadline
from web import logs
from web.api.command_ids import NAMED
from web.app import ROUTE
from web.serving.lanes import BULK_LANE, HEALTH_LANE, LIVE, METRICS, Lane, body_limit, lane_of
from web.serving.limits import Limits
from web.serving.metrics import OTHER, Metrics
from web.serving.places import NoPlace, Places
from web.serving.proxies import Proxies
from web.serving.refusals import (
    Refused,
    busy,
    failed,
    late_answer,
    late_body,
    refusal_of,
    too_large,
)
from web.serving.wsgi import Answer, begun, environ_of, with_one_slash

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

SLICE_BYTES = 64 * 1024
READY_SECONDS = 4.0
CLOSE_SECONDS = 1.5
LINGER_SECONDS = 2.0
NOBODY = Proxies()

log = logging.getLogger("okr_es.server")

Scope = dict[str, Any]
Message = dict[str, Any]
Begun = tuple[Answer, bytes, bool]


class Gone(Exception):
    """The client has left: there is nobody to answer."""


class Shell:
    """An ASGI application around a WSGI one."""

    def __init__(
        self,
        app: WSGIApplication,
        limits: Limits,
        close: Callable[[], None] = lambda: None,
        proxies: Proxies = NOBODY,
    ) -> None:
        self.app = app
        self.limits = limits
        self.close = close
        self.proxies = proxies
        self.connections: Collection[Any] = ()
        self.metrics: Metrics | None = None
        self.measured: WSGIApplication | None = None
        places = {Lane.COMMANDS: limits.command_places, Lane.READS: limits.read_places}
        self.places = {
            lane: Places(lane, places.get(lane, 1), limits.waiting, limits.wait_seconds)
            for lane in Lane
        }
        self.buffered = {"bodies": 0, "answers": 0}
        self.streams = 0

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer a request; begin and end with the server."""
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http":
            scope["path"] = with_one_slash(scope["path"])
            connection = scope["connection"]
            self.connections = connection.connections
            exchange = Exchange(self, scope, receive, send)
            try:
                await exchange.answer()
            except (Gone, asyncio.CancelledError):  # or the server stops and has waited long enough
                connection.transport.abort()
                await asyncio.sleep(0)  # so that uvicorn knows that the connection is lost
            finally:
                self.note(exchange)

    def gauges(self) -> Iterator[tuple[str, dict[str, str], float]]:
        """Yield how much of everything is in use now: name, labels, value."""
        for lane, places in self.places.items():
            labels = {"lane": str(lane)}
            yield "okr_es_places", labels, places.number
            yield "okr_es_places_taken", labels, places.taken
            yield "okr_es_requests_waiting", labels, len(places.waiting)
        yield "okr_es_streams", {}, self.streams
        yield "okr_es_connections", {}, len(self.connections)
        for what, count in self.buffered.items():
            yield "okr_es_buffered_bytes", {"what": what}, count

    def note(self, exchange: Exchange) -> None:
        """Count a request, and log it where that is wanted; one that was cut off has status 0."""
        seconds = time.perf_counter() - exchange.begun
        method = exchange.scope["method"]
        if self.metrics is not None:
            self.metrics.note(exchange.environ, method, exchange.status, seconds)
        if logs.requests.isEnabledFor(logging.INFO):
            entry = {
                "request_id": exchange.request_id,
                "method": method,
                "route": exchange.environ.get(ROUTE, OTHER),
                "status": exchange.status,
                "seconds": round(seconds, 4),
            }
            if exchange.client_request_id is not None:
                entry["client_request_id"] = exchange.client_request_id
            if NAMED in exchange.environ:
                entry["command_id"] = str(exchange.environ[NAMED][0])
            logs.requests.info("request", extra=entry)

    async def live(self, receive: Any, send: Any) -> None:
        """Wait until the server stops, then for the threads, and close the application."""
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        for places in self.places.values():
            places.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                while any(places.taken for places in self.places.values()):
                    await asyncio.sleep(0.02)
        self.close()
        await send({"type": "lifespan.shutdown.complete"})

    def seconds_of(self, lane: Lane) -> float:
        """Return how long work in a lane may take before its caller gets another answer."""
        return READY_SECONDS if lane is HEALTH_LANE else self.limits.answer_seconds


class Exchange:
    """One request and its answer."""

    def __init__(self, shell: Shell, scope: Scope, receive: Any, send: Any) -> None:
        self.shell = shell
        self.limits = shell.limits
        self.scope = scope
        self.receive = receive
        self.send = send
        self.environ: WSGIEnvironment = {}
        self.is_read = False
        self.request_id = logs.new_request_id()
        self.client_request_id = logs.sane_request_id(sent_id(scope))
        self.begun = time.perf_counter()
        self.status = 0

    async def answer(self) -> None:
        """Read the body, ask the application in a place of its lane, and send what it answers."""
        try:
            self.require_room()
            body = await self.body()
            answer, part, more = await self.ask(self.environ_with(body), len(body))
            if more:
                await self.stream(answer, part)
                return
        except Refused as refused:
            answer, part, _ = begun(refusal_of(refused), self.environ_with(b""))
        except (Gone, asyncio.CancelledError):
            raise
        except Exception as error:
            if self.status:
                raise Gone from error
            log.exception("Unexpected error of the server")
            answer, part, _ = begun(refusal_of(failed()), self.environ_with(b""))
        await self.begin(answer)
        await self.send_part(part, last=self.is_read)
        if not self.is_read:
            await self.discard()
            await self.send_part(b"", last=True)

    def environ_with(self, body: bytes) -> WSGIEnvironment:
        """Return the environment of the request, as a trusted proxy describes it if one sent it."""
        environ = environ_of(self.scope, body)
        self.shell.proxies.apply(environ)
        environ[logs.REQUEST_ID] = self.request_id
        return environ

    def require_room(self) -> None:
        """Refuse one connection too many; who asks for health is answered all the same."""
        many = len(self.scope["connection"].connections) > self.limits.connections
        if many and lane_of(self.scope["method"], self.scope["path"], 0) is not HEALTH_LANE:
            raise busy("connections")

    # ---- the body ---------------------------------------------------------------------

    async def body(self) -> bytes:
        """Return the whole body; refuse one that is too large, or too late."""
        headers = dict(self.scope["headers"])
        if not ({b"content-length", b"transfer-encoding"} & headers.keys()):
            self.is_read = True
            return b""
        most = body_limit(self.scope["method"], self.scope["path"])
        if int(headers.get(b"content-length", 0)) > most:
            raise too_large(most)
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                return await self.read(most)
        except TimeoutError:
            raise late_body(self.limits.body_seconds) from None

    async def read(self, most: int) -> bytes:
        """Return what comes, up to so many bytes."""
        buffered = self.shell.buffered
        parts: list[bytes] = []
        size = 0
        try:
            while not self.is_read:
                part = await self.body_part()
                size += len(part)
                buffered["bodies"] += len(part)
                if size > most:
                    raise too_large(most)
                if buffered["bodies"] > self.limits.buffered_bytes:
                    raise busy("bodies")
                parts.append(part)
        finally:
            buffered["bodies"] -= size
        return b"".join(parts)

    async def body_part(self) -> bytes:
        """Return the next part of the body."""
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise Gone
        self.is_read = not message.get("more_body")
        part: bytes = message.get("body", b"")
        return part

    async def discard(self) -> None:
        """Read what still comes, and keep nothing; else the client may not see its answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not self.is_read:
                    await self.body_part()

    # ---- the application --------------------------------------------------------------

    async def ask(self, environ: WSGIEnvironment, size: int) -> Begun:
        """Let the application answer, in a thread of the lane the request belongs to."""
        self.environ = environ
        path = self.scope["path"]
        work = partial(begun, self.app_for(path), environ)
        if path == LIVE:
            return work()  # it waits for nothing, and must not wait in a queue
        lane = lane_of(self.scope["method"], path, size)
        held = size if lane is BULK_LANE else 0
        self.shell.buffered["bodies"] += held
        try:
            found: Begun = await self.in_place(lane, work)
        finally:
            self.shell.buffered["bodies"] -= held
        return found

    def app_for(self, path: str) -> WSGIApplication:
        """Return the application, or what answers with the figures of the server."""
        measured = self.shell.measured
        return measured if measured is not None and path == METRICS else self.shell.app

    async def in_place(self, lane: Lane, work: Callable[[], Any]) -> Any:
        """Run something in a place of a lane; refuse where there is none, or where it is late."""
        try:
            seconds = self.shell.seconds_of(lane)
            return await self.shell.places[lane].run(
                partial(timed, work, seconds, self.request_id), seconds
            )
        except NoPlace:
            raise busy(lane) from None
        except TimeoutError:
            raise late_answer(lane, self.environ) from None

    # ---- the answer -------------------------------------------------------------------

    async def begin(self, answer: Answer) -> None:
        """Send status and headers."""
        self.status = answer.status
        theirs = self.client_request_id or self.request_id
        headers = [
            *answer.headers,
            (b"request-id", self.request_id.encode()),
            (b"x-request-id", theirs.encode()),
        ]
        start = {"type": "http.response.start", "status": answer.status, "headers": headers}
        await self.send(start)

    async def send_part(self, part: bytes, *, last: bool) -> None:
        """Send a part slice by slice: each waits until the client has read most of the others."""
        connection, buffered = self.scope["connection"], self.shell.buffered
        buffered["answers"] += len(part)
        try:
            for start in range(0, max(len(part), 1), SLICE_BYTES):
                end = start + SLICE_BYTES
                more = not last or end < len(part)
                body = part if len(part) <= SLICE_BYTES else part[start:end]
                await self.send({"type": "http.response.body", "body": body, "more_body": more})
                if more and connection.is_gone:
                    raise Gone
        finally:
            buffered["answers"] -= len(part)

    async def stream(self, answer: Answer, part: bytes) -> None:
        """Send an answer that comes in parts; one that takes too long is cut off, visibly."""
        shell = self.shell
        close = partial(shell.places[Lane.READS].run, answer.close, self.limits.answer_seconds)
        if shell.streams >= self.limits.streams and not has_length(answer):
            await close()
            raise busy("streams")
        shell.streams += 1
        try:
            async with asyncio.timeout(self.limits.stream_seconds):
                await self.begin(answer)
                await self.send_part(part, last=False)
                more = True
                while more:
                    part, more = await self.in_place(Lane.READS, answer.part)
                    if part or not more:
                        await self.send_part(part, last=not more)
        except (Refused, TimeoutError):
            raise Gone from None
        finally:
            shell.streams -= 1
            with suppress(NoPlace, TimeoutError, asyncio.CancelledError):
                await close()


def sent_id(scope: Scope) -> bytes:
    """Return the id that a client gave its request, nothing where it gave none."""
    return next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")


def has_length(answer: Answer) -> bool:
    """Return whether an answer says how long it is: then it is made already."""
    return any(name.lower() == b"content-length" for name, _ in answer.headers)


def timed(work: Callable[[], Any], seconds: float, request_id: str) -> Any:
    """Do something for a request in a thread whose statements end when their time is over."""
    with deadline(seconds), logs.request_logged(request_id):
        return work()
