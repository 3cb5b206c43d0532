"""Numbers as they are shown: rounded once, at the end, and never against the verdict on them.

API, command line, sentences and bundles show numbers by the functions of this page. A share is cut
towards the worse side, so it stands on the same side of every threshold (they have at most four
digits) as the exact one. What is not 0 is never shown as 0: it gets more decimals. Nothing depends
on the decimal context. The rules are our own conventions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Final, TypeAlias, overload

from okr_es.scoring.formulas import Number, exact
from okr_es.scoring.ratios import Ratio

Exact: TypeAlias = Ratio | Number

PLACES: Final = 4
LEAST_PERCENT_PLACES: Final = 1
REMEMBERED: Final = 30_000  # ten thousandths
SMALLEST_PLAIN: Final = -6  # below, Decimal writes an exponent


class PlainDecimal(Decimal):
    """A decimal that is always written out, without an exponent: 0.0000003."""

    def __str__(self) -> str:
        return format(self, "f")


def written_out(number: object) -> str:
    """Return the text of a PlainDecimal, which is no type of its own to an encoder of JSON.

    Raises TypeError for anything else, as such an encoder wants it.
    """
    if isinstance(number, PlainDecimal):
        return str(number)
    raise TypeError(f"{type(number).__name__} is not written as JSON.")


# ---- shares -----------------------------------------------------------------------------


@overload
def cut_down(share: Exact) -> Decimal: ...
@overload
def cut_down(share: None) -> None: ...
def cut_down(share: Exact | None) -> Decimal | None:
    """Return a share of which more is better, cut down to four decimals; None stays None.

    For progress, score, coverage, pace, hit rate, and what is expected beside them. Below 0 it is
    cut down too: -0.00001 is shown as -0.0001. What would be 0 gets decimals up to its first digit.
    """
    if share is None:
        return None
    numerator, denominator = share if type(share) is tuple else exact(share).as_integer_ratio()
    units = numerator * 10_000 // denominator
    if units == 0 and numerator:
        return first_digit(numerator, denominator)
    return ten_thousandths(units) if -REMEMBERED <= units <= REMEMBERED else plain(units, PLACES)


@overload
def cut_up(share: Exact) -> Decimal: ...
@overload
def cut_up(share: None) -> None: ...
def cut_up(share: Exact | None) -> Decimal | None:
    """Return a share of which more is worse, cut up to four decimals; None stays None.

    For shares of what is late or missing.
    """
    if share is None:
        return None
    numerator, denominator = share if type(share) is tuple else exact(share).as_integer_ratio()
    units = -(-numerator * 10_000 // denominator)
    if units == 0 and numerator:
        return first_digit(numerator, denominator)
    return plain(units, PLACES)


def first_digit(numerator: int, denominator: int) -> Decimal:
    """Return a share that is not 0 cut towards 0, to its first decimal that is not 0."""
    places = PLACES
    while not (units := abs(numerator) * 10**places // denominator):
        places += 1
    return plain(units if numerator > 0 else -units, places)


@cache
def ten_thousandths(units: int) -> Decimal:
    """Return so many ten thousandths; remembered for shares that are not extraordinary."""
    return plain(units, PLACES)


def plain(units: int, places: int) -> Decimal:
    """Return so many units of the last decimal, as a number that is written out."""
    found = Decimal(f"{units}E-{places}")
    return found if found.adjusted() >= SMALLEST_PLAIN or not units else PlainDecimal(found)


# ---- differences, and parts of a whole ---------------------------------------------------


@overload
def difference(of: Number, places: int = PLACES) -> Decimal: ...
@overload
def difference(of: None, places: int = PLACES) -> None: ...
def difference(of: Number | None, places: int = PLACES) -> Decimal | None:
    """Return a difference that was formed exactly, rounded half to even; None stays None.

    It has at least so many decimals, and more where it would be shown as 0.
    """
    if of is None:
        return None
    amount = exact(of)
    while amount and not rounded_units(amount, places):
        places += 1
    return plain(rounded_units(amount, places), places)


def places_of(parts: Iterable[Fraction]) -> int:
    """Return how many decimals the parts of a whole need so that none is shown as 0.

    Four, or as many as make the smallest part at least one unit of the last decimal.
    """
    places = PLACES
    for part in parts:
        while part and abs(part) * 10**places < 1:
            places += 1
    return places


def allotted(whole: Decimal, parts: Sequence[Fraction]) -> list[Decimal]:
    """Return parts with the decimals of their whole, so that those shown sum to the whole shown.

    The method of the largest remainder: each part is cut down, and what is missing from the whole
    goes, one unit of the last decimal each, to the parts that lost most; of two, to the larger.
    `whole` is the sum of the parts rounded, or what this allotted to it as a part itself.
    """
    places = -int(whole.as_tuple().exponent)
    scaled = [part * 10**places for part in parts]
    units = [each.numerator // each.denominator for each in scaled]
    missing = int(Fraction(whole) * 10**places) - sum(units)
    by_loss = sorted(range(len(parts)), key=lambda n: (units[n] - scaled[n], -abs(scaled[n])))
    for n in by_loss[:missing]:
        units[n] += 1
    return [plain(each, places) for each in units]


def rounded_units(amount: Fraction, places: int) -> int:
    """Return an amount in units of the last decimal, rounded half to even."""
    units: int = 10**places
    return round(amount * units)


# ---- values -----------------------------------------------------------------------------


def value_text(value: Number, *bounds: Number | None) -> str:
    """Return a value in plain digits: all of them if they end, else on its side of the bounds.

    Bounds are its target, minimum, maximum or baseline, in the same unit; None is none. Digits that
    do not end are rounded half to even to four decimals, and to more while the rounded value would
    lie otherwise to a bound (below, on or above it) than the exact one, or would be 0.
    """
    amount = exact(value)
    places = last_place(amount.denominator)
    if places is not None:
        return format(plain(rounded_units(amount, places), places), "f")
    limits = {Fraction(0), *(exact(bound) for bound in bounds if bound is not None)} - {amount}
    places = PLACES
    while any(
        side(rounded_units(amount, places), limit * 10**places) != side(amount, limit)
        for limit in limits
    ):
        places += 1
    return format(plain(rounded_units(amount, places), places), "f")


def last_place(denominator: int) -> int | None:
    """Return how many decimals a number in lowest terms has; None where they have no end."""
    places = 0
    for factor in (2, 5):
        count = 0
        while denominator % factor == 0:
            denominator, count = denominator // factor, count + 1
        places = max(places, count)
    return places if denominator == 1 else None


def side(value: Number, bound: Number) -> int:
    """Return -1, 0 or 1 for a value below, on or above a bound."""
    return (value > bound) - (value < bound)


# ---- percentages ------------------------------------------------------------------------


def percent(share: Decimal | str, sign: str = "") -> str:
    """Return a share that is shown, as a percentage with the same digits: 0.6999 as 69.99 %.

    Nothing is rounded again. `sign` is + where a plus is to be written.
    """
    negative, digits, exponent = Decimal(share).as_tuple()
    number = Decimal((negative, digits, int(exponent) + 2))
    return f"{trimmed(number, LEAST_PERCENT_PLACES, sign)} %"


def trimmed(number: Decimal | str, least: int, sign: str = "") -> str:
    """Return a number with all its digits, without zeros at its end behind so many decimals."""
    whole, _, decimals = format(Decimal(number), f"{sign}f").partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(least, '0')}"
