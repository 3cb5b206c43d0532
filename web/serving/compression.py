"""Answers made small on the way: zstd or gzip, as the client accepts, streams line by line.

Compressed is what GET answers as data. Never a page, nor what holds the token of a session: who can
have something of theirs put beside a secret, and sees the size of what is sent, could find it out.

A tag stays what it is but for an ending, since a strong tag names bytes: `"7.1f2e"` of a plain
answer is `"7.1f2e-gzip"` of the compressed one. Each of them is known again in `If-None-Match`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from web.api.caller import PREFIX

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FROM_BYTES = 1_024  # a smaller answer fits into one packet in any case
ENCODINGS = ("zstd", "gzip")  # the better one first
OLD_NAMES = {"x-gzip": "gzip"}
TYPES = frozenset({
    "application/json", "application/x-ndjson", "application/cloudevents-batch+json",
    "text/css", "text/javascript", "application/javascript",
})  # fmt: skip
WITH_SECRETS = f"{PREFIX}/sessions"
ENDING = re.compile(rf'-({"|".join(ENCODINGS)})"')
GZIP = 16 + zlib.MAX_WBITS
Headers = list[tuple[str, str]]


class Compressor(Protocol):
    """What makes an answer small, part by part."""

    def compress(self, part: bytes) -> bytes:
        """Take a part; return what can be sent already."""

    def flush_part(self) -> bytes:
        """Return the rest of what was taken, so that the other side can read all of it."""

    def end(self) -> bytes:
        """Return the end of the answer."""


class Gzip:
    """A Compressor, by zlib."""

    def __init__(self) -> None:
        self.inner = zlib.compressobj(level=5, wbits=GZIP)

    def compress(self, part: bytes) -> bytes:
        """Take a part; return what can be sent already."""
        return self.inner.compress(part)

    def flush_part(self) -> bytes:
        """Return the rest of what was taken."""
        return self.inner.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        """Return the end of the answer."""
        return self.inner.flush()


class Inner(Protocol):
    """What zstandard has."""

    def compress(self, part: bytes, /) -> bytes:
        """Take a part; return what can be sent already."""

    def flush(self, how: int = ..., /) -> bytes:
        """Return what was taken and not sent."""


class Zstd:
    """A Compressor, by zstd."""

    def __init__(self) -> None:
        import zstandard

        self.inner: Inner = zstandard.ZstdCompressor(level=3).compressobj()
        self.flush_block: int = zstandard.COMPRESSOBJ_FLUSH_BLOCK

    def compress(self, part: bytes) -> bytes:
        """Take a part; return what can be sent already."""
        return self.inner.compress(part)

    def flush_part(self) -> bytes:
        """Return the rest of what was taken."""
        return self.inner.flush(self.flush_block)

    def end(self) -> bytes:
        """Return the end of the answer."""
        return self.inner.flush()


COMPRESSORS: dict[str, Callable[[], Compressor]] = {"gzip": Gzip, "zstd": Zstd}


def compressing(app: WSGIApplication) -> WSGIApplication:
    """Return the app with answers as small as the client can read them."""

    def answering(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        accepted = environ.get("HTTP_ACCEPT_ENCODING")
        encoding = None if accepted is None else best_of(accepted)
        held = without_endings(environ)
        said: list[Any] = []

        def begin(*head: Any) -> Callable[[bytes], object]:
            said[:] = head
            return refuse_to_write

        chunks = app(environ, begin)
        status, headers, *error = said
        if not may_be_small(environ, status, headers):
            start(status, headers, *error)
            return chunks
        headers = varying(headers)
        if encoding is None or status.startswith("304"):
            is_held = encoding is not None and encoding in held
            start(status, tagged(headers, encoding) if is_held else headers, *error)
            return chunks
        is_whole = len(without_length(headers)) < len(headers)
        headers = [*without_length(tagged(headers, encoding)), ("Content-Encoding", encoding)]
        smaller = Smaller(chunks, COMPRESSORS[encoding]())
        if environ["REQUEST_METHOD"] == "HEAD":
            start(status, headers, *error)
            return chunks
        if is_whole:
            body = smaller.whole()
            start(status, [*headers, ("Content-Length", str(len(body)))], *error)
            return [body]
        start(status, headers, *error)
        return smaller

    return answering


class Smaller:
    """An answer that is compressed part by part; each part can be read as soon as it is sent."""

    def __init__(self, chunks: Iterable[bytes], by: Compressor) -> None:
        self.chunks = chunks
        self.by = by

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            yield self.by.compress(chunk) + self.by.flush_part()
        yield self.by.end()

    def whole(self) -> bytes:
        """Return the answer in one part."""
        try:
            return self.by.compress(b"".join(self.chunks)) + self.by.end()
        finally:
            self.close()

    def close(self) -> None:
        """Let go of all that the application holds for the answer."""
        close = getattr(self.chunks, "close", None)
        if close is not None:
            close()


def refuse_to_write(_: bytes) -> object:
    """Refuse the old way to send a body, which nothing here uses."""
    raise NotImplementedError


@lru_cache(64)
def best_of(accepted: str) -> str | None:
    """Return the encoding that a client accepts best, None where it wants none of ours.

    What is named counts before `*`, also with q=0; plain is what it would rather have, or all else.
    """
    said = {
        OLD_NAMES.get(name, name): q for name, q in parse_accept_header(accepted.lower(), Accept)
    }
    wanted = {name: said.get(name, said.get("*", 0)) for name in ENCODINGS}
    best = max(ENCODINGS, key=lambda name: wanted[name])
    return best if wanted[best] > 0 and wanted[best] >= said.get("identity", 0) else None


def without_endings(environ: WSGIEnvironment) -> set[str]:
    """Let `If-None-Match` name tags as the application knows them; return which endings it had."""
    sent = environ.get("HTTP_IF_NONE_MATCH")
    if sent is None or "-" not in sent:
        return set()
    environ["HTTP_IF_NONE_MATCH"] = ENDING.sub('"', sent)
    return set(ENDING.findall(sent))


def may_be_small(environ: WSGIEnvironment, status: str, headers: Headers) -> bool:
    """Return whether an answer is one that is compressed for those who accept it."""
    is_asked = environ["REQUEST_METHOD"] in {"GET", "HEAD"}
    if not is_asked or environ["PATH_INFO"].startswith(WITH_SECRETS):
        return False
    said = {name.lower(): value for name, value in headers}
    if status.startswith("304"):
        return "etag" in said
    if not status.startswith("200"):
        return False
    length = said.get("content-length")
    if length is not None and int(length) < FROM_BYTES:
        return False
    kind = said.get("content-type", "").partition(";")[0]
    return kind in TYPES and "content-encoding" not in said


def varying(headers: Headers) -> Headers:
    """Return headers that say that the answer differs by what the client accepts."""
    others = [value for name, value in headers if name.lower() == "vary"]
    kept = [each for each in headers if each[0].lower() != "vary"]
    return [*kept, ("Vary", ", ".join([*others, "Accept-Encoding"]))]


def tagged(headers: Headers, encoding: str | None) -> Headers:
    """Return headers with the tag of the compressed answer in the place of the plain one."""
    return [
        (name, f'{value[:-1]}-{encoding}"' if name.lower() == "etag" else value)
        for name, value in headers
    ]


def without_length(headers: Headers) -> Headers:
    """Return headers without the length, which is that of the plain answer."""
    return [each for each in headers if each[0].lower() != "content-length"]
