"""The server: on this machine alone, and gone when told to go, its answers given."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.web.conftest import ADA
from web import server
from web.app import PREFIX
from web.settings import Unusable, opened

ROOT = Path(__file__).parents[2]
CLI = (
    sys.executable,
    "-c",
    "import sys; sys.argv[0] = 'okr-es'; from web.cli.main import main; main()",
)


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("127.1.2.3", "127.1.2.3"),
     ("::1", "::1"), ("[::1]", "::1")],
)  # fmt: skip
def test_it_listens_on_loopback(host: str, address: str):
    assert server.loopback(host) == address


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.168.1.2", "10.0.0.1", "8.8.8.8", "example.com", "", "127.0.0.1.nip.io"],
)
def test_it_refuses_to_listen_for_others(host: str):
    with pytest.raises(Unusable):
        server.loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]"]
)
def test_it_answers_to_names_of_this_machine(host: str):
    assert server.names_loopback(host)


@pytest.mark.parametrize("host", ["", "evil.example:8000", "localhost.evil.example", "10.0.0.1"])
def test_it_answers_to_no_other_name(host: str):
    assert not server.names_loopback(host)


def test_a_port_that_is_taken_is_not_shared():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Unusable, match="Cannot listen"):
            server.require_free("127.0.0.1", taken.getsockname()[1])


def test_a_time_zone_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, sqlite_url: str):
    monkeypatch.setenv("OKR_ES_DATABASE", sqlite_url)
    monkeypatch.setenv("OKR_ES_TIMEZONE", "Mars/Base")
    with pytest.raises(Unusable, match="Mars/Base"):
        opened()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """A server in a process of its own."""

    def __init__(self, at: str, process: subprocess.Popen[str], actor: str | None) -> None:
        self.at = at
        self.process = process
        self.actor = {} if actor is None else {"Okr-Actor": actor}

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict]:
        """Ask, and return status and JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = self.actor | {"Content-Type": "application/json"} | named
        try:
            with urlopen(Request(self.at + path, body, named), timeout=20) as response:
                return response.status, json.load(response)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)


Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a server with these arguments, and wait until it says where it answers."""
    begun: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> Served:
        port = str(free_port())
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        env.pop("OKR_ES_DATABASE", None)
        process = subprocess.Popen(
            [*CLI, *arguments, "--port", port], cwd=tmp_path, env=env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        begun.append(process)
        assert process.stdout is not None
        first = process.stdout.readline()
        assert f"http://127.0.0.1:{port}" in first, first + str(process.communicate(timeout=10))
        return Served(f"http://127.0.0.1:{port}", process, None if "demo" in arguments else ADA)

    yield start
    for process in begun:
        process.terminate()
        process.communicate(timeout=20)


def test_it_serves_until_it_is_stopped(serve: Serve):
    served = serve("serve", "--development")
    status, receipt = served.ask(
        f"{PREFIX}/people", json.dumps({"name": "Ada", "id": ADA}).encode()
    )
    assert (status, receipt["id"]) == (201, ADA)
    assert served.ask(f"{PREFIX}/people")[1]["people"][0]["name"] == "Ada"
    assert served.ask("/health/ready")[0] == 200
    assert served.ask("/health/live", Host="evil.example")[0] == 421
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(timeout=20) == 0


def test_who_has_not_signed_in_is_answered_nothing_whatever_a_header_says(serve: Serve):
    served = serve("serve")
    body = json.dumps({"name": "Ada", "id": ADA}).encode()
    for status, problem in (served.ask(f"{PREFIX}/people", body), served.ask(f"{PREFIX}/people")):
        assert (status, problem["type"]) == (401, "/problems/nobody-is-signed-in")
    assert served.ask("/health/ready")[1]["log"] == 0


def test_it_says_that_nobody_has_to_sign_in_where_that_is_so(serve: Serve):
    for arguments, says in ((["serve"], False), (["serve", "--development"], True)):
        process = serve(*arguments).process
        process.terminate()
        assert ("nobody has to sign in" in process.communicate(timeout=20)[1]) == says


def test_it_logs_no_name_no_reason_and_no_address(serve: Serve):
    served, word = serve("serve", "--development"), "kanarienvogel"
    body = {"name": f"Ada {word}", "email": f"{word}@example.org", "id": ADA, "reason": word}
    assert served.ask(f"{PREFIX}/people", json.dumps(body).encode())[0] == 201
    assert served.ask(f"{PREFIX}/people", json.dumps(body | {"id": word}).encode())[0] == 422
    assert served.ask(f"{PREFIX}/teams", f'{{"name": "x", "{word}": 1}}'.encode())[0] == 422
    assert served.ask(f"{PREFIX}/access-log?what={word}")[0] == 422
    assert served.ask(f"{PREFIX}/{word}")[0] == 404
    assert word in served.ask(f"{PREFIX}/people")[1]["people"][0]["name"]
    served.process.terminate()
    printed = "".join(served.process.communicate(timeout=20))
    assert word not in printed


def test_a_body_in_chunks_is_read_whole_or_refused_until_it_is_interrupted(serve: Serve):
    served = serve("serve", "--development")
    port = int(served.at.rpartition(":")[2])
    assert in_chunks(port, b'{"name": "Ada"}' + b" " * 2_000_000) == 413
    assert in_chunks(port, b'{"name": "Ada"}') == 201
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(timeout=20) == 0


def in_chunks(port: int, body: bytes) -> int:
    """Send a first person in one chunk, without a length; return the status."""
    head = f"POST {PREFIX}/people HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(
            head.encode() + b"Transfer-Encoding: chunked\r\n\r\n"
            + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
        )  # fmt: skip
        return int(connection.recv(4096).split()[1])


def test_the_demo_builds_its_company_once_and_keeps_it(serve: Serve, tmp_path: Path):
    first = serve("demo")
    assert (tmp_path / "build/demo/okr.db").exists()
    head = first.ask("/health/ready")[1]["log"]
    assert head > 100
    status, _ = first.ask(f"{PREFIX}/teams", b'{"name": "Support"}')
    assert status == 201
    first.process.terminate()
    assert first.process.wait(timeout=20) == 0
    begun = time.monotonic()
    second = serve("demo")
    assert second.ask("/health/ready")[1]["log"] == head + 1
    assert time.monotonic() - begun < 30
