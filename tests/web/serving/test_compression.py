"""Answers made small: what is compressed and what never, tags, streams, and ids of requests."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zstandard
from flask import Flask, Response, request
from werkzeug.test import Client

from tests.support.served import Serving, serving
from web.api.tags import is_match
from web.serving.compression import FROM_BYTES, best_of, compressing
from web.serving.limits import Limits

LONG = b'{"objectives": "' + b"growth " * 500 + b'"}'
TAG = '"7.1f2e"'
LINES = [b'{"day": %d, "status": "on_track", "progress": "0.5"}\n' % each for each in range(200)]


def unzstd(body: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(body)


READ: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "zstd": unzstd}


def answer(
    body: Any = LONG, kind: str = "application/json", status: int = 200, **headers: str
) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(body, status, named, content_type=kind)


def board() -> Response:
    if is_match(TAG, request.headers.get("If-None-Match", "")):
        return Response(None, 304, {"ETag": TAG})
    return answer(ETag=TAG, Vary="Cookie")


@pytest.fixture
def app() -> Flask:
    made = Flask("small")
    made.add_url_rule("/board", "board", board)
    made.add_url_rule("/lines", "lines", lambda: answer(iter(LINES), "application/x-ndjson"))
    made.add_url_rule("/page", "page", lambda: answer(kind="text/html"))
    made.add_url_rule("/zip", "zip", lambda: answer(kind="application/zip"))
    made.add_url_rule("/short", "short", lambda: answer(b"{}" * (FROM_BYTES // 2 - 1)))
    made.add_url_rule("/enough", "enough", lambda: answer(b"{}" * (FROM_BYTES // 2)))
    made.add_url_rule("/failed", "failed", lambda: answer(status=409))
    made.add_url_rule("/send", "send", answer, methods=["POST"])
    made.add_url_rule("/api/v1/sessions", "sessions", answer)
    return made


@pytest.fixture
def client(app: Flask) -> Client:
    return Client(compressing(app.wsgi_app))


@pytest.mark.parametrize("encoding", READ)
def test_an_answer_is_smaller_and_says_the_same(encoding: str, client: Client) -> None:
    got = client.get("/board", headers={"Accept-Encoding": encoding})
    assert got.headers["Content-Encoding"] == encoding
    assert int(got.headers["Content-Length"]) == len(got.data) < len(LONG) / 10
    assert READ[encoding](got.data) == LONG


@pytest.mark.parametrize(
    ("accepted", "best"),
    [
        ("gzip, deflate, br, zstd", "zstd"), ("gzip, deflate", "gzip"), ("br", None), ("", None),
        ("zstd;q=0.5, gzip", "gzip"), ("zstd;q=0", None), ("*", "zstd"), ("identity", None),
        ("gzip;q=x", None), (";;;,", None), ("GZIP", "gzip"), ("x-gzip", "gzip"),
        ("zstd;q=0, *", "gzip"), ("*;q=0.5, zstd;q=0, gzip;q=0", None), ("*;q=0", None),
        ("identity, gzip;q=0.5", None), ("identity;q=0.5, gzip", "gzip"),
        ("identity;q=0", None), ("identity;q=0, *", "zstd"),
    ],
)  # fmt: skip
def test_the_client_says_what_it_reads(accepted: str, best: str | None) -> None:
    assert best_of(accepted) == best


def test_who_accepts_nothing_gets_it_as_it_is_and_caches_know_that(client: Client) -> None:
    for headers in ({}, {"Accept-Encoding": "br"}):
        got = client.get("/board", headers=headers)
        assert (got.data, got.headers["ETag"]) == (LONG, TAG)
        assert got.headers["Vary"] == "Cookie, Accept-Encoding"
        assert "Content-Encoding" not in got.headers


@pytest.mark.parametrize(
    "path", ["/page", "/zip", "/short", "/failed", "/api/v1/sessions", "/api/v1/sessions?x=1"]
)
def test_what_is_never_compressed(path: str, client: Client) -> None:
    got = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in got.headers
    assert "Vary" not in got.headers


def test_it_is_worth_it_from_a_size_on_and_for_questions_alone(client: Client) -> None:
    headers = {"Accept-Encoding": "gzip"}
    assert client.get("/enough", headers=headers).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.post("/send", headers=headers).headers


@pytest.mark.parametrize("encoding", READ)
def test_the_tag_survives(encoding: str, client: Client) -> None:
    accept = {"Accept-Encoding": encoding}
    tag = client.get("/board", headers=accept).headers["ETag"]
    assert tag == f'"7.1f2e-{encoding}"'
    for held in (tag, f'"other", {tag}', f"W/{tag}", TAG):
        again = client.get("/board", headers=accept | {"If-None-Match": held})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == (TAG if held == TAG else tag)
        assert "Accept-Encoding" in again.headers["Vary"]
    plain = client.get("/board", headers={"If-None-Match": tag})
    assert (plain.status_code, plain.headers["ETag"]) == (304, TAG)
    other = client.get("/board", headers=accept | {"If-None-Match": f'"7.1f2f-{encoding}"'})
    assert other.status_code == 200


def test_head_says_what_get_would(client: Client) -> None:
    accept = {"Accept-Encoding": "gzip"}
    got, head = (client.open("/board", method=each, headers=accept) for each in ("GET", "HEAD"))
    assert head.data == b""
    for name in ("ETag", "Vary", "Content-Encoding", "Content-Type"):
        assert head.headers[name] == got.headers[name]


def test_each_line_of_a_stream_can_be_read_as_soon_as_it_is_sent(app: Flask) -> None:
    sent: list[bytes] = []

    def start(*_: Any) -> Any:
        return None

    environ = Client(app).get("/lines").request.environ | {"HTTP_ACCEPT_ENCODING": "gzip"}
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    for line, part in zip(LINES, compressing(app.wsgi_app)(environ, start), strict=False):
        sent.append(part)
        assert reader.decompress(part) == line


@pytest.mark.parametrize("encoding", READ)
def test_a_whole_stream_is_what_it_was(encoding: str, client: Client) -> None:
    got = client.get("/lines", headers={"Accept-Encoding": encoding})
    assert "Content-Length" not in got.headers
    assert READ[encoding](got.data) == b"".join(LINES)
    assert len(got.data) < len(b"".join(LINES))


def test_what_the_application_holds_is_let_go(app: Flask) -> None:
    closed: list[str] = []
    for path in ("/board", "/lines"):
        body: Any = "x" * 5_000 if path == "/board" else iter(LINES)
        kept = Response(body, mimetype="application/json")
        kept.call_on_close(lambda path=path: closed.append(path))
        client = Client(compressing(kept))
        client.get(path, headers={"Accept-Encoding": "gzip"}).close()
    assert closed == ["/board", "/lines"]


# ---- served for real --------------------------------------------------------------------


@pytest.fixture
def served(app: Flask) -> Iterator[Serving]:
    with serving(compressing(app.wsgi_app), Limits()) as made:
        yield made


def test_it_goes_over_a_connection(served: Serving) -> None:
    got = served.ask("/board", Accept_Encoding="zstd")
    assert (got.status, unzstd(got.body)) == (200, LONG)
    assert served.ask("/board", "HEAD", Accept_Encoding="zstd").body == b""
    again = served.ask("/board", Accept_Encoding="zstd", If_None_Match='"7.1f2e-zstd"')
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("path", ["//api/v1/sessions", "/%2Fapi/v1/sessions", "///api/v1/sessions"])
def test_a_second_slash_leads_past_nothing(path: str, served: Serving) -> None:
    got = served.ask(path, Accept_Encoding="gzip")
    assert (got.status, got.body) == (200, LONG)
    assert "content-encoding" not in got.headers


def test_a_request_has_an_id_of_ours_and_keeps_one_of_the_client(served: Serving) -> None:
    sent = "6a0c5f0e-5b1c-4d53-9a51-0d8a3f6d2f01"
    got = served.ask("/short", X_Request_Id=sent).headers
    assert got["x-request-id"] == sent != got["request-id"]
    for bad in ("Ada", "12", "0" * 65, "a\tb", "<script>"):
        got = served.ask("/short", X_Request_Id=bad).headers
        assert got["x-request-id"] == got["request-id"]
