"""Bombs: bodies and files at their limits and beyond, and how much memory a process takes.

Each is tried / wrong: wrong is an answer that is no 4xx (of a file: an exit that is no refusal),
one of more than 64 KiB, or a process with more than 300 MiB of memory of its own. The control reads
a body as a program without bounds would.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

MOST_MIB = 300
MOST_ANSWER = 64 * 1024
BEGIN_SECONDS = 60
PATIENCE_SECONDS = 120
ROOT = Path(__file__).parents[2]
VERIFIER = str(ROOT / "okr_es/evidence/okr_es_verify.py")
MIB = 1024 * 1024
API = "/api/v1"
ADA = "6a0c5f0e-5b1c-4d53-9a51-0d8a3f6d2f01"
CLI = "import sys; sys.argv[0] = 'okr-es'; from web.cli.main import main; main()"
CONTROL = "import json, sys; json.loads(sys.stdin.buffer.read())"
READING = b'{"kpi_id":"' + ADA.encode() + b'","value":"1","as_of":"2025-01-01"}'

Body = Callable[[], bytes]


def rows(row: bytes, number: int) -> Body:
    """A bulk of so many rows, all alike."""
    return lambda: b'{"readings":[' + b",".join([row] * number) + b"]}"


READINGS, PEOPLE, TEAMS = f"{API}/readings", f"{API}/people", f"{API}/teams"
# Those of the first dictionary take a second together, those of the other a minute.
QUICK: dict[str, tuple[str, Body]] = {
    "a million empty rows": (READINGS, rows(b"{}", 1_000_000)),
    "a list instead of an object": (READINGS, lambda: b"[" + b",".join([b"{}"] * 1_000_000) + b"]"),
    "bad rows within the limit": (READINGS, rows(b"{}", 20_000)),
    "numbers for rows": (READINGS, rows(b"1", 50_000)),
    "lists in lists": (TEAMS, lambda: b"[" * 500_000 + b"]" * 500_000),
    "objects in objects": (TEAMS, lambda: b'{"name":' * 100_000 + b"1" + b"}" * 100_000),
    "a list in a list without an end": (READINGS, lambda: b"[" * 8 * MIB),
    "a number of a million digits": (READINGS, rows(READING.replace(b'"1"', b"9" * 1_000_000), 1)),
    "a text of a million digits": (READINGS, rows(READING.replace(b"1", b"9" * 1_000_000, 1), 1)),
    "a large exponent": (READINGS, rows(READING.replace(b'"1"', b"1e999999999"), 1)),
    "a fraction of a million digits": (
        READINGS, rows(READING.replace(b'"1"', b"0." + b"1" * 1_000_000), 1),
    ),
    "a name of a million letters": (TEAMS, lambda: b'{"name":"' + b"x" * 1_000_000 + b'"}'),
    "an unknown field with a long name": (TEAMS, lambda: b'{"' + b"x" * 1_000_000 + b'":1}'),
    "unknown fields": (
        TEAMS, lambda: b"{" + b",".join(b'"%d":1' % n for n in range(90_000)) + b"}",
    ),
    "more than a MiB": (TEAMS, lambda: b'{"name":"' + b"x" * MIB + b'"}'),
    "bytes that are no text": (PEOPLE, lambda: b'{"name":"\xff\xfe"}'),
    "half a letter": (PEOPLE, lambda: b'{"name":"\xc3'),
    "escapes without a partner": (PEOPLE, lambda: b'{"name":"\\ud800"}'),
    "no JSON at all": (PEOPLE, lambda: os.urandom(MIB)),
    "not a number": (READINGS, rows(READING.replace(b'"1"', b"NaN"), 40_000)),
}  # fmt: skip
LARGE: dict[str, tuple[str, Body]] = {
    "ten million numbers": (READINGS, lambda: b"[" + b",".join([b"1"] * 10_000_000) + b"]"),
    "the most rows": (READINGS, rows(READING, 50_000)),
    "more rows": (READINGS, rows(READING, 60_000)),
    "as many bytes as are taken": (READINGS, lambda: b"9" * 16 * MIB),
    "more bytes": (READINGS, lambda: b" " * 40 * MIB),
    "a text as large as the body": (READINGS, lambda: b'"' + b"x" * (16 * MIB - 2) + b'"'),
    "commas in texts": (
        READINGS, rows(READING.replace(b'"1"', b'"' + b"," * 1_000 + b'"'), 14_000),
    ),
}  # fmt: skip


class Watched:
    """A process, and the most memory of its own that it took (RssAnon)."""

    def __init__(self, process: subprocess.Popen[Any]) -> None:
        self.process = process
        self.mib = 0
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self) -> None:
        """Look at it until it ends."""
        status = Path(f"/proc/{self.process.pid}/status")
        while self.process.poll() is None:
            try:
                lines = status.read_text().splitlines()
            except OSError:
                return
            found = [int(x.split()[1]) for x in lines if x.startswith("RssAnon")]
            self.mib = max(self.mib, *(each // 1024 for each in found), 0)
            time.sleep(0.005)


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a program on a database in a folder."""
    return os.environ | {
        "OKR_ES_DATABASE": f"sqlite:///{folder}/okr.db", "PYTHONPATH": str(ROOT),
    }  # fmt: skip


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, Watched]]:
    """Serve a new log; give the port, and the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", CLI, "serve", "--development", "--port", str(port)],
        env=environment(folder), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline(), process.communicate()
        assert post(port, PEOPLE, json.dumps({"name": "Ada", "id": ADA}).encode())[0] == 201
        yield port, Watched(process)
    finally:
        process.terminate()
        process.communicate(timeout=BEGIN_SECONDS)


def post(port: int, path: str, body: bytes) -> tuple[int, int]:
    """Send a body; return the status, and how long the answer is."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOkr-Actor: {ADA}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        with suppress(ConnectionError):  # it may have answered before the end
            connection.sendall(head.encode() + body)
        while part := connection.recv(1 << 20):
            answer += part
    return int(answer.split(b" ", 2)[1] if answer else 0), len(answer)


def bodies(folder: Path, cases: dict[str, tuple[str, Body]]) -> dict[str, str]:
    """Try bodies; return what is wrong, by name."""
    wrong = {}
    with served(folder) as (port, watched):
        for name, (path, body) in cases.items():
            status, length = post(port, path, body())
            if not 400 <= status < 500 or length > MOST_ANSWER or watched.mib > MOST_MIB:
                wrong[name] = f"{status}, {length} bytes, {watched.mib} MiB"
    return wrong


# ---- files ------------------------------------------------------------------------------


def bomb_zip(path: Path, name: str = "manifest.json", mib: int = 1024) -> Path:
    """Write an archive with one file of zeros, a thousandth of its size."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as file,
    ):
        for _ in range(mib):
            file.write(bytes(MIB))
    return path


def many_files_zip(path: Path) -> Path:
    """Write an archive that lists a great many files."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(60_000):
            archive.writestr(f"{number}.json", b"")
    return path


def lying_zip(path: Path) -> Path:
    """Write an archive whose list of files says that they are small."""
    data = bytearray(bomb_zip(path, mib=512).read_bytes())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    path.write_bytes(data)
    return path


def written(path: Path, text: bytes, times: int = 1) -> Path:
    """Write a file, of a text so many times."""
    with path.open("wb") as file:
        for _ in range(times):
            file.write(text)
    return path


def deep_map(folder: Path) -> list[str]:
    """Return the import of a file by a map of lists in lists."""
    rows_ = written(folder / "a.csv", b"name,unit,direction,starts,ends,target\n")
    deep = written(folder / "deep.toml", b"a = " + b"[" * 20_000)
    return ["import", "kpis", str(rows_), "--map", str(deep), "--by", ADA]


def files(folder: Path) -> dict[str, list[str]]:
    """Return commands that read files which are bombs."""
    verify = [VERIFIER]
    kpis = ["import", "kpis"]
    map_ = written(folder / "map.toml", b'[columns]\nname = "name"\n')
    return {
        "a bundle of zeros": [*verify, str(bomb_zip(folder / "zeros.zip"))],
        "a bundle of many files": [*verify, str(many_files_zip(folder / "many.zip"))],
        "a bundle that lies": [*verify, str(lying_zip(folder / "lying.zip"))],
        "a checkpoint of zeros": [
            "audit", "verify", "--checkpoint", str(written(folder / "zeros.note", bytes(MIB), 512)),
        ],
        "a map of lists in lists": deep_map(folder),
        "a CSV of one cell": [
            *kpis, str(written(folder / "cell.csv", b'"' + b"x" * 15 * MIB)), "--map", str(map_),
            "--by", ADA,
        ],
        "a CSV that is too large": [
            *kpis, str(written(folder / "large.csv", bytes(MIB), 1024)), "--map", str(map_),
            "--by", ADA,
        ],
        "a CSV of columns": [
            *kpis, str(written(folder / "wide.csv", b"a," * 7 * MIB)), "--map", str(map_),
            "--by", ADA,
        ],
        "a copy of one line": [
            "copy", str(written(folder / "line.jsonl", b"[" + b"1," * 40 * MIB)),
            f"sqlite:///{folder}/to.db",
        ],
    }  # fmt: skip


def read_by_program(folder: Path, command: list[str]) -> str | None:
    """Let a program read a file; return what is wrong."""
    begin = [] if command[0].endswith(".py") else ["-c", CLI]
    process = subprocess.Popen(
        [sys.executable, *begin, *command], env=environment(folder), cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    watched = Watched(process)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    is_refused = process.returncode in (1, 2, 3) and b"Traceback" not in err
    if is_refused and watched.mib <= MOST_MIB and len(out) + len(err) <= MOST_ANSWER:
        return None
    return f"exit {process.returncode}, {watched.mib} MiB, {err[-300:].decode(errors='replace')}"


def control(body: bytes) -> int:
    """Read a body without bounds; return how many MiB that took."""
    process = subprocess.Popen([sys.executable, "-c", CONTROL], stdin=subprocess.PIPE)
    watched = Watched(process)
    process.communicate(body)
    return watched.mib


def main() -> int:
    """Try all bombs; write them into build/faults.json."""
    import tempfile

    from tests.faults.results import report

    with tempfile.TemporaryDirectory(prefix="okr-es-bombs-") as made:
        folder = Path(made)
        wrong = bodies(folder, QUICK | LARGE)
        commands = files(folder)
        for name, command in commands.items():
            if found := read_by_program(folder, command):
                wrong[name] = found
        unbounded = control(rows(b"{}", 8_000_000)())
    for name, found in wrong.items():
        print(f"{name}: {found}", file=sys.stderr)
    tried = len(QUICK) + len(LARGE) + len(commands)
    fails = unbounded > MOST_MIB
    return report(
        "bombs: what a body or a file may cost",
        {
            "bombs": {"tried": tried, "wrong": len(wrong), "holds": not wrong},
            "bombs.control": {"tried": 1, "wrong": int(fails), "holds": fails},
        },
    )


if __name__ == "__main__":
    sys.exit(main())
