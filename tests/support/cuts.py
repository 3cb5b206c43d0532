"""Connections that break on purpose: a proxy before PostgreSQL, a COMMIT of SQLite that fails."""

from __future__ import annotations

import selectors
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url

from okr_es.database.database import Database

SOCKET = ".s.PGSQL.5432"
BUFFER = 2**18
TO_SERVER, TO_CLIENT = "to server", "to client"
Judge = Callable[[str, bytes], str]  # direction, bytes -> PASS, DROP (and cut) or LAST (and cut)
PASS, DROP, LAST = "pass", "drop", "last"


class Proxy:
    """Stands between a program and PostgreSQL's socket; asks of all bytes whether they pass."""

    def __init__(self, folder: str, server: Path) -> None:
        self.server = str(server / SOCKET)
        self.judge: Judge | None = None
        self.cuts = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{folder}/{SOCKET}")
        self.listener.listen(64)
        self.open: list[socket.socket] = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.server)
                self.open += [client, server]
                threading.Thread(target=self.carry, args=(client, server), daemon=True).start()

    def carry(self, client: socket.socket, server: socket.socket) -> None:
        """Carry bytes both ways until one side ends, or they are cut."""
        with selectors.DefaultSelector() as selector, client, server, suppress(OSError):
            selector.register(client, selectors.EVENT_READ, (server, TO_SERVER))
            selector.register(server, selectors.EVENT_READ, (client, TO_CLIENT))
            while True:
                for key, _ in selector.select():
                    other, direction = key.data
                    data = key.fileobj.recv(BUFFER)  # type: ignore[union-attr]
                    if not data or not self.passes(other, direction, data):
                        return

    def passes(self, other: socket.socket, direction: str, data: bytes) -> bool:
        """Send bytes on, unless they are cut; return whether the connection lives."""
        said = PASS if self.judge is None else self.judge(direction, data)
        if said != DROP:
            other.sendall(data)
        if said != PASS:
            self.judge = None
            self.cuts += 1
        return said == PASS

    def close(self) -> None:
        self.listener.close()
        for each in self.open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(url: str) -> Iterator[tuple[str, Proxy]]:
    """The URL of a PostgreSQL database behind a proxy, and the proxy."""
    parsed = make_url(url)
    with tempfile.TemporaryDirectory(prefix="okr-es-proxy-") as folder:
        proxy = Proxy(folder, Path(str(parsed.query["host"])))
        behind = parsed.update_query_dict({"host": folder})
        try:
            yield behind.render_as_string(hide_password=False), proxy
        finally:
            proxy.close()


def at_commit(cut: str) -> Judge:
    """Cut where something is committed: `before` it arrives, or `after`, its answer lost."""
    seen: list[bool] = []

    def judge(direction: str, data: bytes) -> str:
        commits = direction == TO_SERVER and (b"COMMIT" in data or b"append_events" in data)
        if seen and direction == TO_CLIENT:
            return DROP
        if commits and cut == "before":
            return DROP
        if commits and cut == "at once":
            return LAST
        if commits:
            seen.append(True)
        return PASS

    return judge


class Breaking(sqlite3.Connection):
    """A connection whose COMMIT fails once: `before` anything is done, or `after` it was."""

    cut: str | None = None
    code = sqlite3.SQLITE_IOERR_FSYNC

    def commit(self) -> None:
        cut, Breaking.cut = Breaking.cut, None
        if cut != "before":
            super().commit()
        if cut is not None:
            raise failure(Breaking.code)


def failure(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


def break_commits(database: Database) -> None:
    """Let commits of a SQLite database fail when `Breaking.cut` says so."""

    @event.listens_for(database.writer, "do_connect")
    def connect(_: Any, __: Any, args: list[Any], options: dict[str, Any]) -> None:
        options["factory"] = Breaking

    database.writer.dispose()
