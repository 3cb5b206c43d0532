"""The boards of the example company look like those of a firm that reads its numbers off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from okr_es.application import Okr
from okr_es.domain.cycle import parse_cycle
from projections.queries import Queries

QUARTERS = {
    "2025-Q1": date(2025, 1, 1), "2025-Q2": date(2025, 4, 1), "2025-Q3": date(2025, 7, 1),
    "2025-Q4": date(2025, 10, 1),
}  # fmt: skip
WEEKS = range(2, 13)
FRIDAY, MONDAY = 4, 0


@pytest.fixture(scope="module")
def queries(example_url: str) -> Iterator[Queries]:
    """The questions of the example company, the day after its last event."""
    now = datetime(2026, 2, 13, 12, tzinfo=UTC)
    okr = Okr(example_url, clock=lambda: now)
    queries = Queries(okr)
    yield queries
    queries.runner.close()
    okr.close()


@pytest.mark.parametrize("name", QUARTERS)
def test_there_is_no_wall_of_overdue(queries: Queries, name: str) -> None:
    for week in WEEKS:
        day = QUARTERS[name] + timedelta(weeks=week)
        board = queries.board(parse_cycle(name), known_at=str(day))
        flags = [row["overdue"] for goal in board["objectives"] for row in goal["key_results"]]
        assert sum(flags) <= 2, (day, sum(flags), len(flags))


@pytest.mark.parametrize("name", QUARTERS)
def test_once_a_quarter_is_closed_nothing_is_overdue_and_little_is_missing(
    queries: Queries, name: str
) -> None:
    review = queries.review(parse_cycle(name))
    whole = {
        what: sum(goal["counts"]["discipline"][what] for goal in review["goals"])
        for what in ("due", "on_time", "late", "missing")
    }
    assert whole["due"] == whole["on_time"] + whole["late"] + whole["missing"]
    assert whole["on_time"] >= 0.9 * whole["due"]
    assert all(goal["overdue"] == 0 for goal in queries.board(parse_cycle(name))["objectives"])


def test_no_reading_made_on_the_monday_after_a_friday_is_late(queries: Queries) -> None:
    late, made = set(), 0
    for name in (*QUARTERS, "2025"):
        found = queries.patterns(parse_cycle(name))["findings"]
        late |= {each["positions"] if "positions" in each else each["events"][0]["position"]
                 for each in found if each["kind"] == "late_reading"}  # fmt: skip
    for entry in queries.audit_log("oldest", limit=1_000, type="reading.recorded")["entries"]:
        about = {each["field"]: each["after"] for each in entry["changes"]}.get("as_of")
        recorded = date.fromisoformat(entry["recorded_at"][:10])
        friday = date.fromisoformat(about)
        if friday.weekday() == FRIDAY and recorded - friday == timedelta(3):
            made += 1
            assert entry["position"] not in late
    assert made > 20
