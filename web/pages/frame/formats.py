"""Numbers, shares and days as people write them, in the language of the page.

A number keeps all the digits it has: what is shown lies on the same side of a bound as what was
decided by it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal
from markupsafe import Markup

from web.pages.frame.language import locale

NOTHING = "–"
NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
TIME = Markup('<time datetime="{0}" title="{0}">{1}</time>')
Number = Decimal | str | int


def number(value: Number | None) -> str:
    """Return a number with all its digits, thousands apart; a dash for none."""
    if value is None:
        return NOTHING
    text = format_decimal(Decimal(value), locale=locale(), decimal_quantization=False)
    return text.replace("-", MINUS)


def quantity(value: Number | None, unit: str | None) -> str:
    """Return a number with its unit."""
    return f"{number(value)}{NO_BREAK}{unit}" if unit and value is not None else number(value)


def share(value: Number | None) -> str:
    """Return a share as a percentage with at most one decimal, cut down: 0.7145 as 71.4 %.

    Cut down as the answers of the API are, so that it never reaches a threshold that was not
    reached, of those in tenths of a percent. A dash for none.
    """
    if value is None:
        return NOTHING
    percents = (Decimal(value) * 100).quantize(Decimal("0.1"), rounding=ROUND_FLOOR)
    whole = percents == percents.to_integral_value()
    return f"{number(percents.to_integral_value() if whole else percents)}{NO_BREAK}%"


def change(value: Number | None) -> str:
    """Return a difference of shares in percentage points, with its sign; a dash for none."""
    if value is None:
        return NOTHING
    text = share(value)
    return f"+{text}" if Decimal(value) > 0 else text


def day(value: date | str | None, *, year: bool = True) -> str:
    """Return a day as it is written: 12 Aug 2025; a dash for none."""
    if value is None:
        return NOTHING
    on = value if isinstance(value, date) else date.fromisoformat(value[:10])
    return format_date(on, "d MMM y" if year else "d MMM", locale=locale())


def short_day(value: date | str | None) -> str:
    """Return a day without its year."""
    return day(value, year=False)


def week(value: str) -> str:
    """Return a week such as 2025-W33 as people say it, without the year."""
    return value.partition("-W")[2].lstrip("0")


def instant(value: str | None, zone: str) -> str:
    """Return an instant as `<time>`: day and minute in a zone, the exact instant beside it."""
    if value is None:
        return NOTHING
    at = datetime.fromisoformat(value).astimezone(UTC)
    there = at.astimezone(ZoneInfo(zone))
    shown = format_datetime(there, "d MMM y", locale=locale())
    of_day = format_time(there, "HH:mm", locale=locale())
    exact = at.isoformat().replace("+00:00", "Z")
    return TIME.format(exact, f"{shown}, {of_day}")


def date_tag(value: date | str | None) -> str:
    """Return a day as `<time>`."""
    if value is None:
        return NOTHING
    return TIME.format(str(value), day(value))


def many(values: list[Any]) -> str:
    """Return texts one after the other, with commas."""
    return ", ".join(str(each) for each in values)


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "quantity": quantity,
    "share": share,
    "change": change,
    "day": day,
    "short_day": short_day,
    "week": week,
    "instant": instant,
    "date_tag": date_tag,
    "many": many,
}
