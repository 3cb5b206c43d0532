"""Connections to PostgreSQL without an answer: it is frozen, or a COMMIT waits for a standby.

No time-out of the server ends these. A COMMIT must not be cancelled either, since the server would
then report success; closing the connection leaves the outcome unknown, which it is.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

LOOK_EVERY_SECONDS = 0.5
MARGIN_SECONDS = 5.0  # by then the server itself ends what a time-out of its own can end


class Hanging(threading.Thread):
    """Closes connections that wait for the server longer than anything may take."""

    def __init__(self, seconds: float) -> None:
        super().__init__(name="okr-es-hanging", daemon=True)
        self.seconds = seconds
        self.since: dict[Any, float | None] = {}
        self.lock = threading.Lock()

    def watch(self, engine: Engine) -> None:
        """Look after the connections of an engine while they are in use."""

        @event.listens_for(engine, "checkout")
        def on_checkout(connection: Any, *_: Any) -> None:
            with self.lock:
                self.since[connection] = None

        @event.listens_for(engine, "checkin")
        def on_checkin(connection: Any, *_: Any) -> None:
            with self.lock:
                self.since.pop(connection, None)

        @event.listens_for(engine, "invalidate")
        def on_invalidate(connection: Any, *_: Any) -> None:
            with self.lock:
                self.since.pop(connection, None)

    def run(self) -> None:
        """Look every now and then, for ever."""
        while True:
            time.sleep(LOOK_EVERY_SECONDS)
            self.look(time.monotonic())

    def look(self, now: float) -> None:
        """Close what was at work at each look for too long."""
        with self.lock:
            for connection, since in list(self.since.items()):
                if connection.pgconn.transaction_status != TransactionStatus.ACTIVE:
                    self.since[connection] = None
                elif since is None:
                    self.since[connection] = now
                elif now - since > self.seconds:
                    self.since.pop(connection)
                    cut_off(connection.pgconn.socket)


def cut_off(descriptor: int) -> None:
    """Close a connection on both sides, under the thread that waits for it."""
    with socket.socket(fileno=os.dup(descriptor)) as found:
        found.shutdown(socket.SHUT_RDWR)


watchers: dict[float, Hanging] = {}
starting = threading.Lock()


def watch(engine: Engine, statement_seconds: float) -> None:
    """Look after an engine's connections, where statements have a time-out at all."""
    if not statement_seconds:
        return
    with starting:
        if statement_seconds not in watchers:
            watchers[statement_seconds] = Hanging(statement_seconds + MARGIN_SECONDS)
            watchers[statement_seconds].start()
    watchers[statement_seconds].watch(engine)
