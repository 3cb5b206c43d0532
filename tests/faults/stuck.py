"""Stuck: clients and locks that hold everything they can, more of them than there are places.

Tried are requests of others meanwhile; wrong is one that is neither served nor refused with 503 in
the deadline, a health check that is not answered at once, or a place that is not free again
afterwards. The control serves the same application by eight plain threads.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import psycopg

from tests.faults.bombs import ADA, API, CLI, ROOT, environment
from tests.faults.results import report
from tests.support.administering import make_administrator

MANY = 40  # 8 places of a lane, and 8 that may wait
SETTINGS = {
    "OKR_ES_HEAD_SECONDS": "2", "OKR_ES_BODY_SECONDS": "2", "OKR_ES_WAIT_SECONDS": "1",
    "OKR_ES_SEND_SECONDS": "2", "OKR_ES_LOCK_SECONDS": "3", "OKR_ES_ANSWER_SECONDS": "6",
    "OKR_ES_WAITING": "8", "OKR_ES_STREAM_SECONDS": "5", "OKR_ES_STOP_SECONDS": "4",
}  # fmt: skip
DEADLINE_SECONDS = 1 + 6  # to wait, and to be answered
MARGIN_SECONDS = 5
PATIENCE_SECONDS = DEADLINE_SECONDS + MARGIN_SECONDS
HEALTH_SECONDS = 3
PLAIN = """
import sys
from concurrent.futures import ThreadPoolExecutor
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from okr_es.application import Okr
from projections.queries import Queries
from web.api.entrance import Mode
from web.app import create_app
from web.settings import opened
class Plain(WSGIServer):
    request_queue_size = 128
    pool = ThreadPoolExecutor(8)
    def process_request(self, request, address):
        self.pool.submit(self.work, request, address)
    def work(self, request, address):
        self.finish_request(request, address)
        self.shutdown_request(request)
okr = opened()
app = create_app(okr, Queries(okr), mode=Mode.OPEN)
server = make_server("127.0.0.1", int(sys.argv[1]), app, Plain)
print("ready", flush=True)
server.serve_forever()
"""
Hold = Callable[[int], bytes]


def head(method: str, path: str, *more: str) -> bytes:
    """Return the head of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Okr-Actor: {ADA}", *more, "", ""]
    return "\r\n".join(lines).encode()


BODY = ("Content-Type: application/json", "Content-Length: 30")
CLIENTS: dict[str, bytes] = {
    "heads": head("GET", f"{API}/teams")[:-2],
    "bodies": head("POST", f"{API}/teams", *BODY) + b'{"name"',
    "answers": head("GET", f"{API}/openapi.json"),
    "streams": head("GET", f"{API}/cycles/2025-Q3/replay?step=day&to=2025-09-30"),
    "many on one line": head("GET", f"{API}/openapi.json") * 200,
}


@contextmanager
def served(folder: Path, url: str, *, plain: bool = False) -> Iterator[int]:
    """Serve the API; give its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = ["-c", CLI, "serve", "--development", "--port", str(port)]
    command = ["-c", PLAIN, str(port)] if plain else serve
    errors = (folder / "errors").open("ab")
    process = subprocess.Popen(
        [sys.executable, *command], cwd=folder, stdout=subprocess.PIPE, stderr=errors,
        env=environment(folder) | SETTINGS | {"OKR_ES_DATABASE": url, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield port
    finally:
        process.kill() if plain else process.terminate()
        process.communicate(timeout=60)
        errors.close()


def ask(
    port: int, path: str, body: dict | None = None, patience: float = PATIENCE_SECONDS
) -> tuple[int, float, str]:
    """Ask; return status (0 for none), seconds and text."""
    begun = time.monotonic()
    data = None if body is None else json.dumps(body).encode()
    headers = {"Okr-Actor": ADA, "Content-Type": "application/json"}
    request = Request(f"http://127.0.0.1:{port}{path}", data, headers)
    try:
        with urlopen(request, timeout=patience) as answer:
            return answer.status, time.monotonic() - begun, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, time.monotonic() - begun, error.read().decode()
    except OSError:
        return 0, time.monotonic() - begun, ""


class Others:
    """Requests of others, one after the other, while something is stuck."""

    def __init__(self, port: int, patience: float = PATIENCE_SECONDS) -> None:
        self.port = port
        self.patience = patience
        self.tried = 0
        self.wrong: list[str] = []
        self.stopped = threading.Event()
        self.threads = [
            threading.Thread(target=self.go, args=(path, body, seconds))
            for path, body, seconds in (
                ("/health/live", None, HEALTH_SECONDS),
                (f"{API}/teams", None, patience),
                (f"{API}/teams", {"name": "Sales"}, patience),
            )
        ]

    def go(self, path: str, body: dict | None, seconds: float) -> None:
        """Ask again and again."""
        allowed = {200} if path.startswith("/health") else {200, 201, 503}
        while not self.stopped.wait(0.1):
            status, took, _ = ask(self.port, path, body, self.patience)
            self.tried += 1
            if status not in allowed or took > seconds:
                self.wrong.append(f"{path} {status} after {took:.1f} s")

    def __enter__(self) -> Others:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def is_free(port: int) -> bool:
    """Return whether all places become free, and somebody is served."""
    until = time.monotonic() + DEADLINE_SECONDS + 2 * MARGIN_SECONDS
    while time.monotonic() < until:
        figures = ask(port, "/metrics")[2].splitlines()
        taken = [x for x in figures if x.startswith(("okr_es_places_taken", "okr_es_streams "))]
        busy = [x for x in taken if not x.endswith(" 0.0") and "health" not in x]
        if taken and not busy and ask(port, f"{API}/teams", {"name": "Sales"})[0] == 201:
            return True
        time.sleep(0.2)
    return False


def by_clients(
    port: int, data: bytes, seconds: float, patience: float = PATIENCE_SECONDS
) -> Others:
    """Let many clients be stuck for some seconds; return how others fared."""
    with ExitStack() as stack, Others(port, patience) as others:
        for _ in range(MANY):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", port))
            connection.sendall(data)
        time.sleep(seconds)
    return others


def by_lock(port: int, url: str, seconds: float) -> Others:
    """Hold the lock of all writers for some seconds; return how others fared."""
    with ExitStack() as stack, Others(port) as others:
        if url.startswith("sqlite"):
            path = url.removeprefix("sqlite:///")
            held = stack.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
            held.execute("BEGIN IMMEDIATE")
        else:
            held = stack.enter_context(psycopg.connect(url))
            held.execute("SELECT * FROM okr_log.counter FOR UPDATE")
        for _ in range(MANY):
            thread = threading.Thread(target=ask, args=(port, f"{API}/teams", {"name": "Stuck"}))
            thread.start()
            stack.callback(thread.join)
        time.sleep(seconds)
        held.execute("ROLLBACK")
    return others


def tried(folder: Path, url: str, seconds: float, *names: str) -> dict[str, tuple[int, list[str]]]:
    """Try all ways to be stuck, or those named; return how many were tried, and what was wrong."""
    found = {}
    with served(folder, url) as port:
        assert ask(port, f"{API}/people", {"name": "Ada", "id": ADA})[0] == 201
        make_administrator(url, ADA)
        assert ask(port, f"{API}/cycles", {"name": "2025-Q3"})[0] == 201
        for name in names or (*CLIENTS, "a lock"):
            if name == "a lock":
                others = by_lock(port, url, seconds)
            else:
                others = by_clients(port, CLIENTS[name], seconds)
            free = [] if is_free(port) else ["not all places are free again"]
            found[name] = others.tried, others.wrong + free
    return found


def control(folder: Path, patience: float = PATIENCE_SECONDS) -> int:
    """Serve by plain threads; return how many requests went wrong."""
    with served(folder, f"sqlite:///{folder}/okr.db", plain=True) as port:
        assert ask(port, f"{API}/people", {"name": "Ada", "id": ADA})[0] == 201
        others = by_clients(port, CLIENTS["bodies"], 3, patience)
        return len(others.wrong)


def main() -> int:
    """Try both engines; write the results into build/faults.json."""
    from tests.faults.__main__ import stores

    results = {}
    with stores() as both, tempfile.TemporaryDirectory(prefix="okr-es-stuck-") as made:
        for store in both:
            folder = Path(made) / store.name
            folder.mkdir()
            url = f"sqlite:///{folder}/okr.db" if store.name == "sqlite" else store.url()
            found = tried(folder, url, 12)
            wrong = [f"{name}: {each}" for name, (_, all_) in found.items() for each in all_]
            print(*wrong[:20], sep="\n", file=sys.stderr)
            count = sum(number for number, _ in found.values())
            results[f"stuck.{store.name}"] = {
                "tried": count, "wrong": len(wrong), "holds": bool(count and not wrong),
            }  # fmt: skip
        bad = control(Path(made))
        results["stuck.control"] = {"tried": 1, "wrong": bad, "holds": bad > 0}
    return report("stuck: more that hangs than there are places", results)


if __name__ == "__main__":
    sys.exit(main())
