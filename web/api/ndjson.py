"""Answers that come line by line: newline-delimited JSON, each line sent as soon as it is made."""

from __future__ import annotations

from collections.abc import Iterator
from logging import Logger
from typing import Any

from flask import Response, current_app

from okr_es.database.outages import is_outage, reason_of
from web.api.exact_json import encode

NDJSON = "application/x-ndjson"


def streamed(steps: Iterator[Any]) -> Response:
    """Return steps as a response. Errors of the request were raised before the first step."""
    sent = lines(steps, current_app.logger)
    return Response(sent, 200, [("Cache-Control", "no-store")], content_type=NDJSON)


def lines(steps: Iterator[Any], logger: Logger) -> Iterator[bytes]:
    """Yield a line for each step; an error later on ends the stream with a line that says so.

    There is no application context while lines are sent, so the logger is a parameter.
    """
    try:
        for step in steps:
            yield encode(step) + b"\n"
    except Exception as error:
        if is_outage(error):
            logger.error("A stream broke off, the database is unavailable: %s", reason_of(error))
        else:
            logger.error("A stream broke off", exc_info=error)
        yield encode({"error": "Something went wrong here; the rest is missing."}) + b"\n"
