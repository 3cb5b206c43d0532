"""A process that serves: uvicorn's server, which returns after a signal to stop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

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
