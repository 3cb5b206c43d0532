"""Corrections: what was meant all along takes the place of what a version says.

A version of a value begins where an event of its stream set it, and lasts until another one revises
it. Each value has versions of its own: a new target leaves the version of the baseline as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from okr_es.domain.measure import Measure
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import Kind, Point

Values = dict[str, Any]
MEASURED = (
    "baseline", "target", "unit", "steps", "zones", "direction", "minimum", "maximum",
)  # fmt: skip


def renamed_steps(said: Sequence[str], meant: Sequence[str]) -> dict[str, str]:
    """Return the names of steps as they were meant by those said, where there are as many of both.

    A name that stands in both is that of its own step.
    """
    if len(said) != len(meant):
        return {}
    pairs = zip(said, meant, strict=True)
    return {old: new for old, new in pairs if old not in meant and new not in said}


@dataclass(frozen=True)
class Promise:
    """All that a key result promises."""

    measure: Measure
    trajectory: tuple[Point, ...]
    weight: Decimal


class Wrong(NamedTuple):
    """What was said by mistake, and what was meant, from one version until before another.

    `until` is None where it is in force. `what` are the names of the values, `said` and `meant`
    have all others as well.
    """

    since: int
    until: int | None
    what: tuple[str, ...]
    said: Values
    meant: Values


class Version(NamedTuple):
    """What an event set, as corrected, with all that stayed; `changed` are the values it set."""

    number: int
    values: Values
    changed: frozenset[str]


class Versions:
    """All versions of what is promised, the oldest first, by the numbers of events of a stream."""

    def __init__(self) -> None:
        self.all: list[Version] = []

    def begin(self, number: int, values: Values, renewed: Iterable[str] = ()) -> None:
        """Let an event set values; one that is set again as it was begins no version.

        Those that are `renewed` begin one all the same.
        """
        before = self.all[-1].values if self.all else {}
        changed = {name for name in values if name not in before or before[name] != values[name]}
        self.all.append(Version(number, before | values, frozenset(changed.union(renewed))))

    def correct(self, since: int, until: int | None, what: Iterable[str], meant: Values) -> None:
        """Let some values be as they were meant, from one version until before another."""
        wanted = {name: meant[name] for name in what}
        for each in self.all:
            if since <= each.number and (until is None or each.number < until):
                each.values.update(wanted)

    def place(self, number: int | None, last: int) -> int:
        """Return which one was in force at a version of the stream; None: the last.

        Refuses a version that the stream does not have, or that is before the first.
        """
        wanted = last if number is None else number
        found = [place for place, each in enumerate(self.all) if each.number <= wanted]
        if not found or wanted > last:
            raise Invalid(f"There is no version {wanted} of it.", field="version")
        return found[-1]

    def wrong(self, place: int, meant: Values) -> list[Wrong]:
        """Return what was said by mistake where one was in force, the oldest first."""
        found: dict[tuple[int, int | None], Values] = defaultdict(dict)
        for name, value in meant.items():
            if self.all[place].values[name] != value:
                found[self.span(place, name)][name] = value
        return [
            self.wrong_in(place, span, values)
            for span, values in sorted(found.items(), key=lambda each: each[0][0])
        ]

    def wrong_in(self, place: int, span: tuple[int, int | None], meant: Values) -> Wrong:
        """Return what was said by mistake in a span: what is in force, or was where one was."""
        since, until = span
        said = self.all[-1 if until is None else place].values
        return Wrong(since, until, tuple(meant), dict(said), said | meant)

    def span(self, place: int, name: str) -> tuple[int, int | None]:
        """Return the numbers from which a value held and before which it did; None: it does."""
        since = next(each.number for each in self.all[place::-1] if name in each.changed)
        later = (each.number for each in self.all[place + 1 :] if name in each.changed)
        return since, next(later, None)


def promise_of(kind: Kind, values: Values) -> Promise:
    """Return the promise of a key result among values."""
    return Promise(measure_of(kind, values), values["trajectory"], values["weight"])


def measure_of(kind: Kind, values: Values) -> Measure:
    """Return the measure among values."""
    return Measure(kind, **{name: values[name] for name in MEASURED})


def values_of(measure: Measure) -> Values:
    """Return a measure as values, without its kind, which never changes."""
    return {name: getattr(measure, name) for name in MEASURED}
