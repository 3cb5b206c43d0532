"""A connection: how long a request's head, a silence, and an answer nobody reads may take."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from web import logs
from web.api.problems import Problem, answer
from web.api.security_headers import ALWAYS, OVER_TLS

if TYPE_CHECKING:
    from web.serving.limits import Limits

HEAD_BYTES = 64 * 1024
BESIDE_HEADER = len(": \r\n")
TOO_LONG = (
    "request-header-fields-too-large",
    431,
    "The head of the request is too long.",
    f"Address and headers have {HEAD_BYTES} bytes at most.",
)


class Connection(HttpToolsProtocol):
    """Uvicorn's connection, with deadlines of its own. The application carries the limits."""

    limits: Limits
    head: asyncio.TimerHandle | None = None
    head_bytes = 0  # that came of a head which is not here whole
    parsed_bytes = 0  # of the address and headers that were read, of one request
    unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, with a deadline for the first head."""
        super().connection_made(transport)
        self.limits = self.app.limits
        self.timeout_keep_alive = self.limits.idle_seconds  # type: ignore[assignment]
        give_up_unread(transport, self.limits.send_seconds)
        self.await_head(self.limits.idle_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """End; no deadline stays behind."""
        self.cancel_head()
        self.cancel_unread()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        """Take bytes; the first ones of a request begin the time of its head."""
        cycle: RequestResponseCycle | None = self.cycle
        if self.head is None and (cycle is None or cycle.response_complete):
            self.await_head(self.limits.head_seconds)
        super().data_received(data)
        if self.head is not None and not self.is_gone:
            self.head_bytes += len(data)
            if self.head_bytes > HEAD_BYTES:
                self.refuse(Problem(*TOO_LONG))

    def await_head(self, seconds: float) -> None:
        """Cut the connection off unless a whole head comes in time."""
        self.head = self.loop.call_later(seconds, self.cut_off)

    def on_message_begin(self) -> None:
        """Begin a request; what answers it can see the connection."""
        self.parsed_bytes = 0
        super().on_message_begin()
        self.scope["connection"] = self  # type: ignore[typeddict-unknown-key]

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        self.take(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self.take(len(name) + len(value) + BESIDE_HEADER)
        super().on_header(name, value)

    def take(self, size: int) -> None:
        """Count what was read of a head, which may come in one piece; stop where it is too long."""
        self.parsed_bytes += size
        if self.parsed_bytes > HEAD_BYTES:
            raise ValueError(TOO_LONG)

    def on_headers_complete(self) -> None:
        """Begin to answer; a path that is no text at all is answered as well."""
        self.cancel_head()
        self.head_bytes = 0
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or has too long a head, with a problem as everywhere."""
        if self.parsed_bytes > HEAD_BYTES:
            self.refuse(Problem(*TOO_LONG))
            return
        self.refuse(
            Problem("bad-request", 400, "The request is not HTTP as this server reads it.", msg)
        )

    def refuse(self, problem: Problem) -> None:
        """Answer with a problem, past the application, and close; the answer has an id as well."""
        request_id = logs.new_request_id()
        entry = {"request_id": request_id, "status": problem.status}
        logs.requests.info("refused", extra=entry)
        response = answer(problem)
        response.headers["Request-Id"] = response.headers["X-Request-Id"] = request_id
        body = response.get_data()
        safe = [*ALWAYS, OVER_TLS] if self.scheme == "https" else ALWAYS
        lines = [
            f"HTTP/1.1 {response.status}",
            *(f"{name}: {value}" for name, value in (*response.headers, *safe)),
            "Connection: close",
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        self.transport.close()

    def pause_writing(self) -> None:
        """Wait until some of the answer was read, up to a deadline."""
        super().pause_writing()
        self.unread = self.loop.call_later(self.limits.send_seconds, self.cut_off)

    def resume_writing(self) -> None:
        """Go on: enough was read."""
        self.cancel_unread()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close after a silence, even where the end of an answer was never read."""
        self.cut_off()

    def cut_off(self) -> None:
        """Close at once, without what was not read yet."""
        self.head = self.unread = None
        self.transport.abort()

    def cancel_head(self) -> None:
        """End the time of the head."""
        if self.head is not None:
            self.head.cancel()
            self.head = None

    def cancel_unread(self) -> None:
        """End the time in which something must be read."""
        if self.unread is not None:
            self.unread.cancel()
            self.unread = None

    @property
    def is_gone(self) -> bool:
        """Whether nobody is there to read an answer."""
        return self.transport.is_closing()


def give_up_unread(transport: asyncio.Transport, seconds: float) -> None:
    """Let the system close a connection on which nothing is read for so long, where it can."""
    found: Any = transport.get_extra_info("socket")
    if found is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))
