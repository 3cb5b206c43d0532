"""What readings of spans come to, worked out in the plainest way, from the words of DESIGN."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from okr_es.scoring import formulas
from tests.support.day_by_day import TermsInTime, due_of
from tests.support.fraction_formulas import cut_down

Row = dict[str, Any]
Better = Callable[[Fraction], Fraction]


def inside(direction: str, goal: Row, value: Fraction) -> bool:
    """Whether a value is on the good side."""
    low, high = limits(direction, goal)
    return (low is None or value >= low) and (high is None or value <= high)


def limits(direction: str, goal: Row) -> tuple[Fraction | None, Fraction | None]:
    """The lowest and the highest good value."""
    if direction == "within":
        return Fraction(goal["minimum"]), Fraction(goal["maximum"])
    target = Fraction(goal["target"])
    return (target, None) if direction in ("increase", "at_least") else (None, target)


def judging(kpi: Row, goal: Row) -> Row:
    """The numbers of a target that suit what the KPI is; one from before that was put right may not
    have any.
    """
    numbers = {name: goal[name] for name in ("target", "minimum", "maximum")}
    suits = numbers["target" if kpi["direction"] == "within" else "minimum"] is None
    if suits and kpi["direction"] in ("increase", "decrease") and None not in (
        numbers["target"], kpi["baseline"]
    ):  # fmt: skip
        suits = Decimal(numbers["target"]) != Decimal(kpi["baseline"])
    return numbers if suits else dict.fromkeys(numbers)


def progress(direction: str, goal: Row, value: Fraction, baseline: str | None) -> Fraction:
    """1 inside; outside down to 0 at a baseline on that side, else a whole bound away."""
    low, high = limits(direction, goal)
    if inside(direction, goal, value):
        return Fraction(1)
    is_below = low is not None and value < low
    bound = low if is_below else high
    assert bound is not None
    way = abs(bound) or Fraction(1)
    start = bound if baseline is None else Fraction(baseline)
    if start != bound and (start < bound) == is_below:
        way = abs(bound - start)
    return max(Fraction(0), 1 - abs(value - bound) / way)


def better(direction: str, goal: Row, baseline: str | None) -> Better | None:
    """What tells the better of two values, also where both are inside, or both have no progress."""
    if direction in ("increase", "at_least"):
        return lambda value: value
    if direction in ("decrease", "at_most"):
        return lambda value: -value
    if goal["minimum"] is None:
        return None
    return lambda value: unlimited(goal, value, baseline)


def unlimited(goal: Row, value: Fraction, baseline: str | None) -> Fraction:
    """The progress within bounds, and below 0 where it lies farther outside than the way."""
    low, high = Fraction(goal["minimum"]), Fraction(goal["maximum"])
    if low <= value <= high:
        return Fraction(1)
    bound = low if value < low else high
    near = bound + (Fraction(1, 10**9) if value > bound else -Fraction(1, 10**9))
    slope = (1 - progress("within", goal, near, baseline)) * 10**9
    return 1 - slope * abs(value - bound)


def combined(rule: str, readings: Iterable[Row], best: Better | None) -> Fraction | None:
    """Each subject first, then all subjects."""
    subjects: dict[str | None, list[Row]] = {}
    for reading in sorted(readings, key=lambda each: (each["as_of"], each["position"])):
        subjects.setdefault(reading["subject"], []).append(reading)
    values = [one(rule, [Fraction(r["value"]) for r in each], best) for each in subjects.values()]
    found = [value for value in values if value is not None]
    if not found:
        return None
    if rule in ("sum", "mean"):
        return sum(found, Fraction(0)) / (1 if rule == "sum" else len(found))
    return one("worst", found, best)


def one(rule: str, values: list[Fraction], best: Better | None) -> Fraction | None:
    """The value of one subject."""
    if rule == "last" or len(values) == 1:
        return values[-1]
    if rule == "worst":
        return None if best is None else min(values, key=best)
    return sum(values, Fraction(0)) / (1 if rule == "sum" else len(values))


def hit_rate(
    readings: list[Row],
    terms: TermsInTime,
    cadence: str,
    judge: Callable[[list[Row]], bool],
    span: tuple[date, date],
    day: date,
    *,
    is_kpi: bool = False,
) -> Row:
    """Which period a day is in, what was last read in it, and which was due without anything."""
    periods: dict[Any, list[Row]] = {}
    for reading in readings:
        name = reading["subject"]
        if cadence != "per_project":
            name = terms.period_of(cadence, date.fromisoformat(reading["as_of"]))
        periods.setdefault(name, []).append(reading)
    dues = due_of(terms, cadence, *span, day, is_kpi=is_kpi)
    due = {terms.period_of(cadence, first) for first, _, _ in dues}
    hits = sum(judge(each) for each in periods.values())
    share = cut_down(Fraction(hits, len(periods))) if periods else None
    return {
        "inside": hits, "periods": len(periods),
        "without_reading": len(due - set(periods)), "share": share,
    }  # fmt: skip


def status(
    value: Fraction, kpi: Row, target: Row, rule: str, day: date, policy: formulas.Policy
) -> Row:
    """The verdict on a value of a KPI in the span of a target."""
    direction = kpi["direction"]
    is_sum = rule == "sum" and direction == "at_least"
    baseline = "0" if is_sum else kpi["baseline"]
    starts, ends = (date.fromisoformat(target[name]) for name in ("starts", "ends"))
    good, gone = inside(direction, target, value), progress(direction, target, value, baseline)
    way = direction in ("increase", "decrease") or is_sum
    is_over = day > ends
    planned = min(Fraction((day - starts).days + 1, (ends - starts).days + 1), Fraction(1))
    pace = gone / planned if way else None
    if is_over:
        word = "met" if good else "missed"
    elif not way:
        word = "inside" if good else "outside"
    else:
        assert pace is not None
        word = (
            "on_track" if pace >= Fraction(policy.on_track)
            else "at_risk" if pace >= Fraction(policy.at_risk) else "off_track"
        )  # fmt: skip
    return {
        "progress": cut_down(gone), "expected": cut_down(planned) if way else None,
        "pace": cut_down(pace), "status": word, "inside": good,
        "met": good if is_over else None,
    }  # fmt: skip


def written(value: Fraction | None, *rows: Row) -> str | None:
    """A value in digits: all of them, or as many as keep it on its side of every number of rows."""
    if value is None:
        return None
    for places in range(60):
        digits = Decimal(value.numerator * 10**places // value.denominator).scaleb(-places)
        if Fraction(digits) == value:
            return format(digits, "f")
    names = ("target", "minimum", "maximum", "baseline")
    given = [row[name] for row in rows for name in names if row.get(name) is not None]
    limits = [Fraction(0), *map(Fraction, given)]
    places = 4
    while True:
        rounded = round(value * 10**places)
        near = Fraction(rounded, 10**places)
        if all(((near > at) == (value > at)) and ((near < at) == (value < at)) for at in limits):
            return format(Decimal(rounded).scaleb(-places), "f")
        places += 1
