"""The warnings of a command: collected while it is decided, stored as codes, answered as texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import msgspec

from okr_es.context import Thing, ThingKind, WarningAnswer
from okr_es.domain.base import Aggregate
from okr_es.log.mapper import topic_of
from okr_es.warning_catalogue import OTHER, WARNINGS, warning_text

MOST_THINGS = 100

Fact = int | date | Decimal


@dataclass
class Warned:
    """A warning as it is stored in a receipt: its text is made when it is answered."""

    code: str
    count: int
    things: list[Thing]
    facts: dict[str, Any] = field(default_factory=dict)


class Warnings:
    """What a command warns of, in the order of the first of each kind."""

    def __init__(self) -> None:
        self.noted: list[Warned] = []

    def add(
        self,
        code: str,
        things: Iterable[Aggregate | Thing],
        count: int | None,
        facts: dict[str, Fact],
    ) -> None:
        """Add a warning; one with the same code and facts becomes one with it, counts added.

        One of nothing is none. Raises KeyError for a code that is not in the catalogue.
        """
        if code not in WARNINGS:
            raise KeyError(code)
        about = [each if isinstance(each, Thing) else thing(each) for each in things]
        count = len(about) if count is None else count
        if not count:
            return
        for earlier in self.noted:
            if (earlier.code, earlier.facts) == (code, facts):
                earlier.count += count
                earlier.things = first_of(earlier.things + about)
                return
        self.noted.append(Warned(code, count, first_of(about), dict(facts)))


def first_of(things: list[Thing]) -> list[Thing]:
    """Return as many things as a receipt holds, each once."""
    return list(dict.fromkeys(things))[:MOST_THINGS]


def thing(aggregate: Aggregate) -> Thing:
    """Return the reference to an aggregate."""
    return Thing(cast("ThingKind", topic_of(type(aggregate))), UUID(str(aggregate.id)))


def as_stored(noted: list[Warned]) -> list[Warned | str]:
    """Return warnings as they come out of a receipt, facts as JSON has them."""
    return msgspec.json.decode(msgspec.json.encode(noted), type=list[Warned | str])


def warnings_of(stored: Iterable[Warned | str], language: str) -> tuple[WarningAnswer, ...]:
    """Return the warnings of a stored receipt, in a language.

    Receipts of earlier versions hold texts: each becomes a warning of the code `other`.
    """
    return tuple(answered(each, language) for each in stored)


def together(
    receipts: Iterable[Sequence[WarningAnswer]], language: str = "en"
) -> list[WarningAnswer]:
    """Return the warnings of several receipts, alike ones as one, in the order they came first.

    Those of a code whose sentence says how many are one; of the others those of one text.
    """
    found: dict[tuple[str, str], list[WarningAnswer]] = {}
    for warning in (each for warnings in receipts for each in warnings):
        found.setdefault(kind_of(warning), []).append(warning)
    return [each[0] if len(each) == 1 else summed(each, language) for each in found.values()]


def kind_of(warning: WarningAnswer) -> tuple[str, str]:
    """Return what alike warnings have in common: the code, and the text where it says no number."""
    says_count = isinstance(WARNINGS[warning.code].en, tuple)
    return warning.code, "" if says_count else warning.text


def summed(alike: list[WarningAnswer], language: str) -> WarningAnswer:
    """Return alike warnings as one: what they count is added up, or counted once where a thing."""
    first = alike[0]
    kind = WARNINGS[first.code]
    things = list(dict.fromkeys(each for warning in alike for each in warning.things))
    count = sum(warning.count for warning in alike)
    if kind.counted is not None:
        count = sum(each.kind == kind.counted for each in things)
    is_counted = isinstance(kind.en, tuple)
    text = warning_text(first.code, count, {}, language) if is_counted else first.text
    return WarningAnswer(first.code, text, count, tuple(first_of(things)))


def answered(stored: Warned | str, language: str) -> WarningAnswer:
    """Return a warning as it is answered."""
    if isinstance(stored, str):
        return WarningAnswer(OTHER, stored, 1)
    text = warning_text(stored.code, stored.count, stored.facts, language)
    return WarningAnswer(stored.code, text, stored.count, tuple(stored.things))
