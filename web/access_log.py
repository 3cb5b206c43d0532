"""Recording reads: where a read is to be recorded, it is recorded before the answer is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from okr_es.application import Okr


class ReadNotRecorded(Exception):
    """A read cannot be recorded, so there is no answer."""


def record(
    okr: Okr, by: UUID | None, what: str, answer: Mapping[str, Any], asked: Mapping[str, Any]
) -> int:
    """Record that someone read an answer, with the parameters; return the access log's position.

    Raises ReadNotRecorded when the access log cannot be written.
    """
    with refused_unrecorded():
        return record_access(okr, by, what, answer, asked)


def record_sign_in(okr: Okr, by: UUID | None, what: str, about: Mapping[str, str]) -> None:
    """Record that somebody signed in or out, or was refused. Raises ReadNotRecorded."""
    with refused_unrecorded():
        okr.access_log.record(by, what, about)


@contextmanager
def refused_unrecorded() -> Iterator[None]:
    """Raise ReadNotRecorded where what is done in it cannot be recorded."""
    try:
        yield
    except (DBAPIError, PoolTimeout, OSError) as error:
        raise ReadNotRecorded(str(error)) from error


def record_access(
    okr: Okr, by: UUID | None, what: str, answer: Mapping[str, Any], asked: Mapping[str, Any]
) -> int:
    """Record a read as `record` does; raise what the database raises."""
    about = {name: query_text(value) for name, value in asked.items() if value not in (None, ())}
    about["position"] = str(answer["position"])
    return okr.access_log.record(by, what, about, set(people_in(what, answer)))


def query_text(value: Any) -> str:
    """Return a value as text, booleans as `true` and `false`, a list with spaces between."""
    if isinstance(value, tuple):
        return " ".join(map(query_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def people_in(what: str, answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of the people whose review, figures or results an answer shows."""
    if what == "review":
        yield from (each["person"]["id"] for each in answer["people"])
        yield from (each["owner"]["id"] for goal in answer["goals"] for each in goal["owners"])
    elif what == "scoreboard":
        yield from (each["person"]["id"] for each in answer["people"])
    elif what == "results":
        for closing in answer["closings"]:
            yield from (each["owner"]["id"] for each in closing["objectives"])
