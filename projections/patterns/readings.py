"""Readings that came late, and those that were corrected or retracted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from okr_es.scoring import formulas
from projections.patterns.cycle_data import CycleData, Facts, Finding
from projections.read_model.tables import Row


def late_readings(data: CycleData) -> Iterable[Finding]:
    """Yield readings recorded later than their cadence allows, or after the cycle was closed."""
    for rows in data.readings.values():
        row = rows[0]
        about = date.fromisoformat(row["as_of"])
        recorded = data.day(row["known_from"])
        is_late = formulas.is_overdue(about, cadence(data, row), recorded)
        after_closing = data.is_closed_at(row["known_from"])
        if row["known_from"] == row["first_position"] and (is_late or after_closing):
            facts: Facts = {
                "days_late": (recorded - about).days,
                "after_closing": after_closing,
            }
            yield Finding("late_reading", row["measured_id"], (row["known_from"],), facts)


def cadence(data: CycleData, reading: Row) -> str:
    """Return the cadence a reading was due by when it was recorded."""
    id_, position = reading["measured_id"], reading["known_from"]
    rows = data.kpis.get(id_) or data.key_results[id_]
    then = [row for row in rows if row["known_from"] <= position]
    return str((then or rows)[-1]["cadence"])


def changed_readings(data: CycleData) -> Iterable[Finding]:
    """Yield corrections and retractions."""
    for rows in data.readings.values():
        for row in rows:
            if row["known_from"] != row["first_position"]:
                facts: Facts = {"after_closing": data.is_closed_at(row["known_from"])}
                yield Finding("changed_reading", row["measured_id"], (row["known_from"],), facts)
