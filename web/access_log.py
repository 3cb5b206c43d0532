"""Recording reads at the door: no answer that is to be recorded is given before it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from okr_es.application import Okr
from web.api.problems import RETRY_AFTER_SECONDS, Problem


def record(
    okr: Okr, by: UUID | None, what: str, found: Mapping[str, Any], asked: Mapping[str, Any]
) -> int:
    """Record that someone read an answer, and what they had asked for; return its position.

    Raises a Problem where it cannot be recorded.
    """
    try:
        return record_plainly(okr, by, what, found, asked)
    except (DBAPIError, PoolTimeout, OSError) as error:
        current_app.logger.error("A read could not be recorded: %s", error)
        raise Problem(
            "read-is-not-recorded",
            503,
            "This read cannot be recorded, so there is no answer.",
            "The access log is unavailable; ask again later.",
            headers={"Retry-After": RETRY_AFTER_SECONDS},
        ) from error


def record_plainly(
    okr: Okr, by: UUID | None, what: str, found: Mapping[str, Any], asked: Mapping[str, Any]
) -> int:
    """Do the same, and raise whatever stands against it."""
    about = {name: told(value) for name, value in asked.items() if value is not None}
    about["position"] = str(found["position"])
    return okr.access_log.record(by, what, about, set(people_in(what, found)))


def told(value: Any) -> str:
    """Return a value as it stands in a query string."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def people_in(what: str, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield whose review or results an answer told of."""
    if what == "review":
        yield from (each["person"]["id"] for each in found["people"])
    elif what == "results":
        for closing in found["closings"]:
            yield from (each["owner"]["id"] for each in closing["objectives"])
