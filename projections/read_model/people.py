"""Rows of people: the matters that hold them, and when they left and were back, each as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

from okr_es.domain.activity import Turn, turned
from projections.read_model.tables import Row


def matters_in(kept: str | None) -> list[str]:
    """Return the matters that hold a person."""
    return [] if kept is None else msgspec.json.decode(kept, type=list[str])


def turns_in(kept: str | None) -> tuple[Turn, ...]:
    """Return from which days on a person had left, or was back."""
    return () if kept is None else msgspec.json.decode(kept, type=tuple[Turn, ...])


def in_json(listed: Any) -> str | None:
    """Return a list as it is kept; null for an empty one."""
    return msgspec.json.encode(listed).decode() if listed else None


def held(before: Row, data: Row) -> Row:
    """Return what a hold that was placed changes."""
    return {"holds": in_json([*matters_in(before["holds"]), data["matter"]])}


def released(before: Row, data: Row) -> Row:
    """Return what a hold that was lifted changes."""
    left = [each for each in matters_in(before["holds"]) if each != data["matter"]]
    return {"holds": in_json(left)}


def turning(*, active: bool) -> Callable[[Row, Row], Row]:
    """Return what gives the change by leaving, or by being back."""

    def change(before: Row, data: Row) -> Row:
        turn = Turn(date.fromisoformat(data["effective"]), active)
        return {"turns": in_json(turned(turns_in(before["turns"]), turn))}

    return change


# What events change of a person's row by way of what it was before.
OF_PEOPLE: dict[str, Callable[[Row, Row], Row]] = {
    "person.hold_placed": held,
    "person.hold_lifted": released,
    "person.deactivated": turning(active=False),
    "person.reactivated": turning(active=True),
}
