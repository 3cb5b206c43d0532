"""The server: it answers, and is gone when it is stopped, its answers given."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from okr_es.example.naming import team as team_of_example
from tests.support.certificates import made
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
NOBODY_HAS_TO = "nobody has to sign in"


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

    def start(*arguments: str, scheme: str = "http") -> Served:
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
        at = f"{scheme}://127.0.0.1:{port}"
        assert at in first, first + str(process.communicate(timeout=10))
        return Served(at, process, None if "demo" in arguments else ADA)

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
    served.process.terminate()
    assert NOBODY_HAS_TO not in served.process.communicate(timeout=20)[1]


def test_it_says_that_nobody_has_to_sign_in_and_logs_no_name_no_reason_and_no_address(serve: Serve):
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
    assert NOBODY_HAS_TO in printed


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
    team = json.dumps({"name": "Support", "parent_id": str(team_of_example("company"))})
    assert first.ask(f"{PREFIX}/teams", team.encode())[0] == 201
    first.process.terminate()
    assert first.process.wait(timeout=20) == 0
    begun = time.monotonic()
    second = serve("demo")
    assert second.ask("/health/ready")[1]["log"] == head + 1
    assert time.monotonic() - begun < 30


def test_beyond_this_machine_it_answers_to_its_name_by_a_proxy_and_never_in_development(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
):
    named = {"Host": "okr.example.org"}
    monkeypatch.setenv("OKR_ES_URL", "https://okr.example.org")
    monkeypatch.setenv("OKR_ES_TRUSTED_PROXIES", "192.0.2.1")
    served = serve("serve", "--host", "0.0.0.0")
    assert served.ask("/health/live", **named)[0] == 200
    assert served.ask("/health/live", Host="evil.example")[0] == 421
    assert serve("serve", "--development").ask("/health/live", **named)[0] == 421
    refused = subprocess.run(
        [*CLI, "serve", "--development", "--host", "0.0.0.0"], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (refused.returncode, NOBODY_HAS_TO in refused.stderr) == (1, True)


def test_it_speaks_tls_and_nothing_older_than_1_2(
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    today = made(tmp_path, "today", datetime.now(UTC) - timedelta(days=1))
    for name, value in today.environment.items():
        monkeypatch.setenv(name, value)
    served = serve("serve", scheme="https")
    port = int(served.at.rpartition(":")[2])
    context = ssl.create_default_context(cafile=today.certificate)
    status, head = asked(port, context)
    assert status == 200
    assert "strict-transport-security: max-age=" in head
    old = ssl.create_default_context(cafile=today.certificate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        asked(port, old)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        plain.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP/1.1" not in plain.recv(4096)


def asked(port: int, context: ssl.SSLContext) -> tuple[int, str]:
    """Ask over TLS if the server lives."""
    request = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as connection,
        context.wrap_socket(connection, server_hostname="127.0.0.1") as protected,
    ):
        protected.sendall(request)
        data = b"".join(iter(lambda: protected.recv(65_536), b""))
    return int(data.split()[1]), data.decode().lower()
