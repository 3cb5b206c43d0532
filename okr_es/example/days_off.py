"""The holidays of the example company: the same in every log, whatever a library says of them."""

from __future__ import annotations

from datetime import date

from okr_es import commands as c
from okr_es.domain.calendar import Holiday
from okr_es.example.words import Step, on

NAMES = {
    date(2025, 1, 1): "New Year",
    date(2025, 4, 18): "Good Friday",
    date(2025, 4, 21): "Easter Monday",
    date(2025, 5, 1): "Labour Day",
    date(2025, 12, 24): "Christmas Eve",
    date(2025, 12, 25): "Christmas Day",
    date(2025, 12, 26): "Second Christmas Day",
    date(2026, 1, 1): "New Year",
}

STORY: list[Step] = on(
    "2024-12-10", "lotte",
    [c.SetCalendar(add_holidays=tuple(Holiday(day, name) for day, name in NAMES.items()))],
    because="Nobody reads a number off on a holiday.",
)  # fmt: skip
