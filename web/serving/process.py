"""A process that serves: uvicorn's server, which returns after a signal to stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from threading import Thread

import uvicorn

STOPPING = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """A server that returns after a stop, so that its caller can close what is open."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal; uvicorn would raise it again afterwards, and the process die of it."""
        for number in STOPPING:
            signal.signal(number, self.handle_exit)
        yield


def stop_without_parent() -> None:
    """Stop, as by SIGTERM, once the process that began this one is gone.

    When it was killed, nobody else would, and the port would stay taken.
    """
    if (parent := parent_process()) is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=wait, name="okr-es-parent", daemon=True).start()
