"""A request as the Flask application takes it, and what it answers, part by part."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

PART_BYTES = 256 * 1024
PART_SECONDS = 0.2
WITHOUT_PREFIX = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
Headers = list[tuple[bytes, bytes]]


class Answer:
    """What the application answers: status and headers, and its parts as they are made."""

    def __init__(self, status: int, headers: Headers, chunks: Iterable[bytes]) -> None:
        self.status = status
        self.headers = headers
        self.chunks = chunks
        self.coming: Iterator[bytes] = iter(chunks)

    def part(self) -> tuple[bytes, bool]:
        """Return what comes next, and whether more may follow.

        A part ends when it is large, or when it took long to make: then it should be sent.
        """
        until = time.monotonic() + PART_SECONDS
        parts, size = [], 0
        for chunk in self.coming:
            parts.append(chunk)
            size += len(chunk)
            if size >= PART_BYTES or time.monotonic() > until:
                return b"".join(parts), True
        self.close()
        return b"".join(parts), False

    def close(self) -> None:
        """Let go of all that the application holds for the answer."""
        close = getattr(self.chunks, "close", None)
        if close is not None:
            with suppress(ValueError):  # a generator that is at work in a thread that came too late
                close()


def begun(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[Answer, bytes, bool]:
    """Ask the application; return its answer, the first part of it, and whether more may follow."""
    head: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        head[:] = [int(status[:3]), encoded]
        return lambda _: None

    chunks = app(environ, start)
    try:
        answer = Answer(head[0], head[1], chunks)
        return answer, *answer.part()
    except BaseException:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
        raise


def environ_of(scope: dict[str, Any], body: bytes) -> WSGIEnvironment:
    """Return the environment of a request whose body is here whole.

    A header with an underscore in its name is left out: it would pass for one with a hyphen, which
    a proxy has perhaps checked or taken away.
    """
    host, port = scope["server"]
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": with_one_slash(unquote_to_bytes(scope["raw_path"]).decode("latin-1")),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": scope["client"][0] if scope["client"] else "",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            continue
        key = WITHOUT_PREFIX.get(name) or header_key(name)
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def with_one_slash(path: str) -> str:
    """Return a path that begins with one slash, as addresses are looked up.

    So nothing that is decided by what a path begins with can be passed by with a second one.
    """
    return "/" + path.lstrip("/")


KEYS: dict[bytes, str] = {}


def header_key(name: bytes) -> str:
    """Return the name of a header in an environment; remembered for those sent often."""
    key = KEYS.get(name)
    if key is None:
        key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        if len(KEYS) < 256:
            KEYS[name] = key
    return key
