"""The deadlines and sizes of the server: settings with safe defaults, read in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from web.settings import Unusable

MIB = 1024 * 1024
LARGEST = 100_000


def setting(variable: str, default: float) -> Any:
    """Return a field that a variable of the environment sets."""
    return field(default=default, metadata={"variable": variable})


@dataclass(frozen=True)
class Limits:
    """Seconds, numbers and bytes: how long and how much, never what a command means.

    docs/reference/settings.md says what each is for.
    """

    head_seconds: float = setting(
        "OKR_ES_HEAD_SECONDS", 10
    )  # from the first byte of a request to the end of its headers
    idle_seconds: float = setting(
        "OKR_ES_IDLE_SECONDS", 15
    )  # a connection kept alive, without a request
    body_seconds: float = setting("OKR_ES_BODY_SECONDS", 20)
    wait_seconds: float = setting("OKR_ES_WAIT_SECONDS", 5)
    answer_seconds: float = setting(
        "OKR_ES_ANSWER_SECONDS", 30
    )  # from having a place to the first part of an answer
    send_seconds: float = setting("OKR_ES_SEND_SECONDS", 20)
    stream_seconds: float = setting(
        "OKR_ES_STREAM_SECONDS", 600
    )  # a whole answer that comes in parts
    stop_seconds: float = setting(
        "OKR_ES_STOP_SECONDS", 6
    )  # for answers under way when the server stops
    command_places: int = setting("OKR_ES_COMMAND_PLACES", 8)
    read_places: int = setting("OKR_ES_READ_PLACES", 8)
    waiting: int = setting(
        "OKR_ES_WAITING", 64
    )  # requests that wait for a place, of commands and of reads each
    streams: int = setting(
        "OKR_ES_STREAMS", 4
    )  # answers in parts at a time, between their parts too
    connections: int = setting("OKR_ES_CONNECTIONS", 512)
    buffered_mib: int = setting(
        "OKR_ES_BUFFERED_MIB", 64
    )  # bodies and answers under way, of each so much

    @property
    def buffered_bytes(self) -> int:
        """The bytes of bodies, and of answers, that may be under way."""
        return self.buffered_mib * MIB

    @staticmethod
    def of(environment: Mapping[str, str]) -> Limits:
        """Return the limits the environment sets; raise Unusable for what is no such number."""
        found: dict[str, float] = {}
        for each in fields(Limits):
            name = each.metadata["variable"]
            if written := environment.get(name):
                found[each.name] = number(name, written, whole=each.type == "int")
        return Limits(**found)  # type: ignore[arg-type]


def number(name: str, written: str, *, whole: bool) -> float:
    """Return a setting as a number above 0."""
    try:
        found = int(written) if whole else float(written)
    except ValueError:
        found = 0
    if not 0 < found <= LARGEST:
        kind = "whole number" if whole else "number"
        raise Unusable(f"{name} is no {kind} above 0 and up to {LARGEST}: {written}.")
    return found
