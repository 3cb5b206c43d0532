"""Leaving and returning: from which days on somebody is not active, and is again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Turn:
    """From this day on someone is active, or no longer."""

    day: date
    active: bool


def turned(turns: Sequence[Turn], turn: Turn) -> tuple[Turn, ...]:
    """Return turns by days, with one more, which takes the place of all from its day on.

    Everybody is active at first, so a turn that changes nothing on its day is left out. Where the
    last turn was the same one, some days before, it gets the later day.
    """
    before = tuple(each for each in turns if each.day < turn.day)
    was_active = before[-1].active if before else True
    if was_active != turn.active:
        return (*before, turn)
    is_last = len(before) == len(turns)
    return (*before[:-1], turn) if before and is_last else before


def overrides(turn: Turn, other: Turn) -> bool:
    """Return whether a turn would take the place of a later one that says the contrary."""
    return turn.day < other.day and turn.active != other.active


def active_on(turns: Sequence[Turn], day: date) -> bool:
    """Return whether someone was active on a day."""
    return next((each.active for each in reversed(turns) if each.day <= day), True)
