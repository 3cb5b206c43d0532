"""What the readings of a span come to: one value, and in how many periods it was inside.

Readings are those about days of the span, corrected, without retracted ones. Those of each subject
are combined first, then the subjects. Numbers are exact: `Decimal` comes in, `Fraction` goes out.
The rules are our own conventions; each is stated with its function.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

from okr_es.scoring import formulas
from okr_es.scoring.cadences import PER_PROJECT, Schedule
from okr_es.scoring.shown import value_text

MOST_DIGITS = 80  # 24 before the point, 18 after it, and as many readings as fit into memory
AGGREGATIONS = ("last", "sum", "mean", "worst")
TO_REACH = ("increase", "decrease")

Goodness: TypeAlias = Callable[[Fraction], Fraction]
Status: TypeAlias = Literal[
    "not_measured", "no_target", "on_track", "at_risk", "off_track", "inside", "outside", "met",
    "missed",
]  # fmt: skip


class SpanReading(NamedTuple):
    """A reading as the values of spans are made of: of which subject, about which day."""

    subject: str | None
    as_of: str
    position: int
    value: Decimal


class Bounds(NamedTuple):
    """Where a value is wanted: a direction, with its target, or minimum and maximum."""

    direction: str
    target: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    baseline: Decimal | None = None

    @property
    def is_set(self) -> bool:
        """False for a span without a target: its readings are judged by nothing."""
        return (self.target, self.minimum, self.maximum) != (None, None, None)

    def value_text(self, value: Fraction) -> str:
        """Return a value in plain digits, on its side of the bounds (see `shown.value_text`)."""
        return value_text(value, self.target, self.minimum, self.maximum, self.baseline)

    def is_inside(self, value: Fraction) -> bool:
        """Return whether a value is on the good side, the bounds themselves included."""
        return formulas.kpi_met(
            self.direction,
            value,
            target=self.target,
            minimum=self.minimum,
            maximum=self.maximum,
        )

    def progress(self, value: Fraction, aggregation: str = "last") -> Fraction:
        """Return the progress of a value, 0 to 1; that of a sum begins at 0."""
        return formulas.kpi_progress(
            self.direction,
            value,
            target=self.target,
            minimum=self.minimum,
            maximum=self.maximum,
            baseline=Decimal(0) if self.is_sum_to_reach(aggregation) else self.baseline,
        )

    def is_sum_to_reach(self, aggregation: str) -> bool:
        """Return whether it is a sum that is to come to at least its target."""
        return aggregation == "sum" and self.direction == "at_least"

    def is_to_reach(self, aggregation: str) -> bool:
        """Return whether there is a way to its target, so that less is expected on the way.

        The project's arithmetic: `increase`, `decrease`, and a sum of `at_least`, from 0.
        """
        return self.direction in TO_REACH or self.is_sum_to_reach(aggregation)

    def goodness(self) -> Goodness | None:
        """Return what is lowest for the value of the lowest progress; None: there is no way to say.

        Of two values inside, or both without any progress, the one nearer to the bound, or farther
        outside, is the worse; all inside `within` are equal.
        """
        if self.direction in ("increase", "at_least"):
            return lambda value: value
        if self.direction in ("decrease", "at_most"):
            return lambda value: -value
        if self.minimum is None or self.maximum is None:
            return None
        return self.nearness

    def nearness(self, value: Fraction) -> Fraction:
        """Return 1 inside a range; outside it falls as progress does, and goes on below 0."""
        low, high = Fraction(self.minimum or 0), Fraction(self.maximum or 0)
        if low <= value <= high:
            return Fraction(1)
        bound = low if value < low else high
        origin = bound if self.baseline is None else Fraction(self.baseline)
        is_on_that_side = (origin - bound) * (value - bound) > 0
        reach = abs(origin - bound) if is_on_that_side else abs(bound) or Fraction(1)
        return 1 - abs(value - bound) / reach


def bounds_to_reach(baseline: Decimal, target: Decimal) -> Bounds:
    """Return the bounds of a metric that goes from a baseline to a target."""
    return Bounds("increase" if target > baseline else "decrease", target, baseline=baseline)


# ---- the value of a span ----------------------------------------------------------------


def value_of(
    aggregation: str, readings: Iterable[SpanReading], goodness: Goodness | None
) -> Fraction | None:
    """Return the value of a span by its readings; None without any, or with no way to say.

    The project's arithmetic: of each subject the last, the sum, the mean, or the value of the
    lowest progress; across subjects `sum` adds, `mean` is their mean, else the worst counts. One
    reading without a subject is of a subject of its own. Raises `ValueError` for another word.
    """
    values = subject_values(aggregation, readings, goodness)
    return across(aggregation, [each for each in values.values() if each is not None], goodness)


def subject_values(
    aggregation: str, readings: Iterable[SpanReading], goodness: Goodness | None
) -> dict[str | None, Fraction | None]:
    """Return the value of each subject, in the order of their first readings."""
    by_subject: dict[str | None, list[SpanReading]] = defaultdict(list)
    for reading in readings:
        by_subject[reading.subject].append(reading)
    return {
        subject: subject_value(aggregation, each, goodness) for subject, each in by_subject.items()
    }


def subject_value(
    aggregation: str, readings: Sequence[SpanReading], goodness: Goodness | None
) -> Fraction | None:
    """Return what the readings of one subject come to: there is at least one."""
    if aggregation == "last":
        return Fraction(max(readings, key=lambda each: each[1:3]).value)
    if aggregation == "worst":
        return worst((Fraction(each.value) for each in readings), goodness)
    if aggregation not in AGGREGATIONS:
        raise ValueError(f"{aggregation!r} is none of {', '.join(AGGREGATIONS)}")
    with localcontext(prec=MOST_DIGITS):
        total = Fraction(sum((each.value for each in readings), Decimal(0)))
    return total if aggregation == "sum" else total / len(readings)


def across(
    aggregation: str, values: Sequence[Fraction], goodness: Goodness | None
) -> Fraction | None:
    """Return what the values of all subjects come to together; None without any."""
    if len(values) <= 1:
        return values[0] if values else None
    if aggregation == "sum":
        return sum(values, Fraction(0))
    if aggregation == "mean":
        return sum(values, Fraction(0)) / len(values)
    return worst(values, goodness)


def worst(values: Iterable[Fraction], goodness: Goodness | None) -> Fraction | None:
    """Return the value of the lowest progress; of one alone itself, None if nothing says which."""
    found = list(values)
    if len(found) == 1:
        return found[0]
    return None if goodness is None else min(found, key=goodness)


# ---- in how many periods it was inside --------------------------------------------------


class HitRate(NamedTuple):
    """In how many periods with a reading the last one was inside; how many due ones had none."""

    inside: int
    periods: int
    without: int

    @property
    def share(self) -> Fraction | None:
        """The share of periods that were inside; None where none has a reading."""
        return Fraction(self.inside, self.periods) if self.periods else None


def hit_rate(
    readings: Iterable[SpanReading],
    schedule: Schedule,
    aggregation: str,
    bounds: Bounds,
    day: date,
) -> HitRate:
    """Return in how many periods of a schedule the last reading was inside, as of a day.

    The project's arithmetic: periods whose last reading is inside / periods with a reading, those
    that were due without one beside it. The last readings of several subjects are combined as
    values of subjects are. `per_project` has no periods: each subject counts as one.
    """
    by_period: dict[object, list[SpanReading]] = defaultdict(list)
    for reading in readings:
        by_period[period_of(reading, schedule)].append(reading)
    inside = sum(is_inside(aggregation, each, bounds) for each in by_period.values())
    calendars, cadence = schedule.calendars, schedule.cadence
    due = {calendars.period(cadence, each.first) for each in schedule.due_by(day)}
    return HitRate(inside, len(by_period), len(due - by_period.keys()))


def period_of(reading: SpanReading, schedule: Schedule) -> object:
    """Return the period a reading is about, `per_project` its subject."""
    if schedule.cadence == PER_PROJECT:
        return reading.subject
    return schedule.calendars.period(schedule.cadence, date.fromisoformat(reading.as_of))


def is_inside(aggregation: str, readings: list[SpanReading], bounds: Bounds) -> bool:
    """Return whether the last readings of a period are inside, those of all subjects together."""
    goodness = bounds.goodness()
    last = subject_values("last", readings, goodness)
    value = across(aggregation, [each for each in last.values() if each is not None], goodness)
    return value is not None and bounds.is_inside(value)


# ---- the status of a span ---------------------------------------------------------------


class Verdict(NamedTuple):
    """What a span has come to by a day: shares of the way, and a status in one word."""

    value: Fraction | None
    progress: Fraction | None
    expected: Fraction | None
    pace: Fraction | None
    status: Status
    is_inside: bool | None
    is_met: bool | None


def verdict(
    value: Fraction | None,
    aggregation: str,
    bounds: Bounds,
    span: tuple[date, date],
    day: date,
    policy: formulas.Policy,
) -> Verdict:
    """Return the verdict on the value of a span, as of a day, by a scoring policy.

    The project's arithmetic: what is to be reached is expected evenly from the first day of the
    span to its last and has a status by its pace until then; what is to be kept is inside or
    outside. Once the span is over, both are met or missed by their value. Without a reading or a
    target nothing is judged.
    """
    if value is None or not bounds.is_set:
        return Verdict(
            value, None, None, None, "not_measured" if value is None else "no_target", None, None
        )
    progress, is_inside = bounds.progress(value, aggregation), bounds.is_inside(value)
    is_over = day > span[1]
    expected = pace = None
    if bounds.is_to_reach(aggregation):
        expected = formulas.expected(*span, day)
        pace = progress / expected if expected else None
    status: Status
    if is_over:
        status = "met" if is_inside else "missed"
    elif not bounds.is_to_reach(aggregation):
        status = "inside" if is_inside else "outside"
    else:
        status = status_of(pace, policy)
    is_met = is_inside if is_over else None
    return Verdict(value, progress, expected, pace, status, is_inside, is_met)


def status_of(pace: Fraction | None, policy: formulas.Policy) -> Status:
    """Return where a pace is by the thresholds of a policy; None: nothing is expected yet."""
    if pace is None or pace >= Fraction(policy.on_track):
        return "on_track"
    return "at_risk" if pace >= Fraction(policy.at_risk) else "off_track"
