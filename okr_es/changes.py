"""Parts of commands that change a part of something: what they leave out, UNSET, stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from msgspec import UNSET, UnsetType


@dataclass(frozen=True)
class GraceChanges:
    """Another grace for some cadences; those left out stay."""

    daily: int | UnsetType = UNSET
    weekly: int | UnsetType = UNSET
    every_two_weeks: int | UnsetType = UNSET
    monthly: int | UnsetType = UNSET
    quarterly: int | UnsetType = UNSET
    half_yearly: int | UnsetType = UNSET
    yearly: int | UnsetType = UNSET


def named(changes: object) -> dict[str, Any]:
    """Return the fields of a command, or of a part of it, that it does not leave out."""
    return {name: value for name, value in vars(changes).items() if value is not UNSET}
