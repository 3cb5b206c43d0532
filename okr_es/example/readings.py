"""What the numbers said: every reading of every KPI, by fixed formulas, and what was wrong.

A reading is about a day and recorded on a later one: software is read off the next working
day, weekends on Monday, and what failed to arrive weeks later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

from okr_es import commands as c
from okr_es.domain.values import Cadence
from okr_es.example.days_off import NAMES
from okr_es.example.naming import kpi
from okr_es.example.words import Commands, Step, corrects, on, reads, retracts

FIRST, LAST = date(2025, 1, 1), date(2026, 2, 12)
MONDAY, FRIDAY = 0, 4

# Days whose readings of the lead response time arrived late, and when they did.
LATE = (
    (date(2025, 2, 6), date(2025, 2, 11), date(2025, 2, 21)),
    (date(2025, 6, 23), date(2025, 6, 30), date(2025, 7, 16)),
    (date(2025, 12, 22), date(2026, 1, 2), date(2026, 1, 5)),
)
ON_LEAVE = date(2025, 11, 19)
IN_HOURS = {date(2025, 3, 4): Decimal("81.6")}

RESPONSE_LEVELS = (
    (FIRST, 400), (date(2025, 3, 31), 302), (date(2025, 6, 30), 248), (date(2025, 9, 30), 236),
    (date(2025, 12, 31), 204), (LAST, 183),
)  # fmt: skip
COST_OF_A_LEAD = (
    "3.12", "3.06", "2.98", "2.94", "2.88", "2.83", "2.88", "2.79", "2.74", "2.78", "2.71", "2.73",
    "2.69", "2.66",
)  # fmt: skip
EARNED = (
    "3.8", "5.1", "4.4", "6.2", "7.0", "6.1", "4.9", "8.3", "7.2", "6.4", "8.8", "9.6", "11.2",
    "10.4",
)  # fmt: skip
NEW_CUSTOMERS = {
    "2025-01-31": "92", "2025-02-28": "98", "2025-03-31": "104", "2025-04-30": "101",
    "2025-05-31": "112", "2025-06-30": "110", "2025-07-31": "286", "2025-08-31": "301",
    "2025-09-30": "321", "2025-10-31": "128", "2025-11-30": "131", "2025-12-31": "126",
    "2026-01-31": "149",
}  # fmt: skip
BUDGET_BY_MONTH = {"2025-04-30": "97", "2025-05-31": "103", "2025-06-30": "108", "2025-07-31": "94"}


def days(first: date = FIRST, last: date = LAST, step: int = 1) -> Iterator[date]:
    """Yield the days of a span, both ends included."""
    for number in range(first.toordinal(), last.toordinal() + 1, step):
        yield date.fromordinal(number)


def is_workday(day: date) -> bool:
    """True from Monday to Friday, but for holidays."""
    return day.weekday() <= FRIDAY and day not in NAMES


def next_workday(day: date) -> date:
    """Return the first working day after a day."""
    return next(each for each in days(day + timedelta(1), day + timedelta(10)) if is_workday(each))


def wobble(number: int, width: int) -> int:
    """Return a small whole number around zero that looks irregular and is always the same."""
    return (number**3 + 37 * number) % 1_009 % width - width // 2


def hundredths(value: int) -> Decimal:
    """Return a number of hundredths as a decimal of two places."""
    return Decimal(value).scaleb(-2)


def recorded(name: str, by: str, values: dict[date, Decimal]) -> list[Step]:
    """Return the steps that record each value the next working day, several at once if needed."""
    steps: list[Step] = []
    for day, group in groupby(values.items(), key=lambda item: next_workday(item[0])):
        readings = tuple(reads(name, value, about) for about, value in group)
        several: Commands = [c.RecordReadings(readings)] if len(readings) > 1 else [*readings]
        steps += on(str(day), by, several)
    return steps


def response_days() -> dict[date, Decimal]:
    """Return the lead response time: from 4 days to below 2, on working days."""
    workdays = enumerate(day for day in days() if is_workday(day))
    true = {day: hundredths(level(day) + 5 * wobble(n, 9)) for n, day in workdays}
    return true | IN_HOURS


def level(day: date) -> int:
    """Return where the lead response time stands on a day, in hundredths of a day."""
    (left, low), (right, high) = next(
        pair for pair in pairwise(RESPONSE_LEVELS) if pair[0][0] <= day <= pair[1][0]
    )
    return low + (high - low) * (day - left).days // (right - left).days


def response() -> list[Step]:
    """Return the readings of the lead response time, with those that arrived late."""
    values = response_days()
    late = {day for first, last, _ in LATE for day in days(first, last)}
    steps = recorded("response", "samir", {d: v for d, v in values.items() if d not in late})
    for first, last, arrived in LATE:
        missed = tuple(reads("response", values[d], d) for d in days(first, last) if d in values)
        steps += on(str(arrived), "samir", [c.RecordReadings(missed)],
                   comment="The reporting software had not delivered.")  # fmt: skip
    return steps


def uptime() -> list[Step]:
    """Return the readings of the availability of the site: slowly better, with some bad days."""
    values = {
        day: hundredths(
            min(9_966 + number * 30 // 365 + wobble(number, 13), 10_000)
            - (70 if number % 47 == 20 else 0)
        )
        for number, day in enumerate(days())
    }
    before = {day: value for day, value in values.items() if day < ON_LEAVE}
    since = {day: value for day, value in values.items() if day >= ON_LEAVE}
    return recorded("uptime", "priya", before) + recorded("uptime", "olek", since)


def capacity() -> list[Step]:
    """Return the readings of the capacity use, about every Friday."""
    fridays = enumerate(days(date(2025, 1, 3), LAST, 7))
    values = {day: Decimal(745 + 2 * n + 5 * wobble(n, 9)).scaleb(-1) for n, day in fridays}
    return recorded("capacity", "samir", values)


def projects() -> list[Step]:
    """Return cost per lead and return on investment of each project, one every four weeks."""
    ends = list(days(date(2025, 1, 22), LAST, 28))
    cost = dict(zip(ends, map(Decimal, COST_OF_A_LEAD), strict=True))
    earned = {day + timedelta(1): Decimal(v) for day, v in zip(ends, EARNED, strict=True)}
    return recorded("cost", "samir", cost) + recorded("roi", "samir", earned)


def by_month(name: str, table: dict[str, str]) -> list[Step]:
    """Return the readings of a monthly KPI."""
    values = {date.fromisoformat(day): Decimal(value) for day, value in table.items()}
    return recorded(name, "samir", values)


def budget() -> list[Step]:
    """Return the advertising budget used: by week, and later by month."""
    fridays = enumerate(days(date(2025, 1, 3), date(2025, 3, 28), 7))
    weeks = {day: Decimal(96 + 2 * wobble(number, 11)) for number, day in fridays}
    return [
        *recorded("budget", "dario", weeks),
        *on("2025-04-01", "dario", [c.ReplaceKpiCadence(kpi("budget"), Cadence.MONTHLY)]),
        *by_month("budget", BUDGET_BY_MONTH),
    ]


MENDED: list[Step] = [
    *on("2025-03-06", "samir", corrects("response", "2025-03-04", "3.40"),
        because="The reporting software gave hours instead of days."),
    *on("2025-05-13", "dario", [reads("cost", "2.61", "2025-05-13")]),
    *on("2025-05-15", "samir", retracts("cost", "2025-05-13"),
        because="The project was counted twice, once before its invoices were in."),
    *on("2025-10-16", "samir", corrects("capacity", "2025-10-10", "83.5"),
        because="The planning tool left out the people on training."),
]  # fmt: skip

STORY = [
    *response(),
    *uptime(),
    *capacity(),
    *projects(),
    *by_month("customers", NEW_CUSTOMERS),
    *budget(),
    *MENDED,
]
