"""Logs of the server: a line of JSON for each entry, with the ids of request and command.

No entry has a personal text, a path or a parameter: a request is named by its route.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog.typing import Processor

REQUEST_ID = "okr_es.request_id"  # in the environment of a request
REQUESTS = "OKR_ES_LOG_REQUESTS"
SANE_ID = re.compile(rb"[0-9A-Fa-f-]{8,64}")  # a UUID, a trace id: nobody's name

requests = logging.getLogger("okr_es.requests")


def configure() -> None:
    """Write logs as lines of JSON to standard error, those of the standard library too."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    requests.setLevel(logging.INFO if logs_requests() else logging.WARNING)


def logs_requests() -> bool:
    """Return whether each request gets a line."""
    return os.environ.get(REQUESTS, "") not in {"", "0"}


def new_request_id() -> str:
    """Return an id for a request."""
    return secrets.token_hex(8)


def sane_request_id(sent: bytes) -> str | None:
    """Return the id that a client gave its request, None where it is no short hexadecimal number.

    It stands beside our own, never in its place: nobody can make two requests look like one.
    """
    return sent.decode() if SANE_ID.fullmatch(sent) else None


@contextmanager
def request_logged(request_id: str) -> Iterator[None]:
    """Let all entries of this thread name the request."""
    structlog.contextvars.bind_contextvars(request_id=request_id)
    try:
        yield
    finally:
        structlog.contextvars.clear_contextvars()


def name_command(command_id: object) -> None:
    """Let all further entries of the request name the command too."""
    structlog.contextvars.bind_contextvars(command_id=str(command_id))
