"""What an import warns of: the warnings of all its receipts, alike ones as one."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.context import Thing, WarningAnswer
from okr_es.domain.refusals import Conflict
from okr_es.handlers.warnings import together
from okr_es.imports import bulk, foretold
from okr_es.imports.kpis import Mapping, Report, import_kpis, kpi_id, mapping_from
from okr_es.warning_catalogue import warning_text
from tests.support.given import World
from tests.support.tried import everything
from tests.support.world import ANN, LEADS, Q3, REACH, built
from web.cli.imports import import_lines

MAP: Mapping = mapping_from({
    "columns": {
        "name": "name", "starts": "starts", "ends": "ends", "target": "target", "actual": "actual",
    },
    "defaults": {"unit": "leads", "direction": "increase", "source": "x", "cadence": "monthly"},
})  # fmt: skip
LEADS_KPI = kpi_id("Leads")
PLANNED = ("Leads,2025-07-01,2025-07-31,20,", "Leads,2025-08-01,2025-08-31,20,")
READ = ("Leads,2025-07-01,2025-07-31,20,5", "Leads,2025-08-01,2025-08-31,20,6")
CORRECTED = ("Leads,2025-07-01,2025-07-31,20,7", "Leads,2025-08-01,2025-08-31,20,8")
CLOSED = (Thing("cycle", Q3), Thing("key_result", LEADS))


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """Q3 is closed, and the KPI of the files fed one of its key results."""
    world = built(sqlite_url)
    imported(world, tmp_path, *PLANNED)
    world.execute(c.LinkKeyResult(LEADS, LEADS_KPI), reason="x")
    world.execute(c.CommitObjective(REACH))
    world.on(date(2025, 10, 5))
    world.execute(c.CloseCycle(Q3))
    yield world
    world.okr.close()


def imported(
    world: World, folder: Path, *rows: str, reason: str | None = None, dry_run: bool = False
) -> Report:
    """What an import reports; tried out before, it warns of the same and leaves nothing."""
    file = folder / "rows.csv"
    file.write_text("\n".join(["name,starts,ends,target,actual", *rows]))

    def run(*, dry_run: bool) -> Report:
        return import_kpis(world.okr, file, MAP, by=ANN, reason=reason, dry_run=dry_run)

    before = everything(world.okr)
    tried = run(dry_run=True)
    assert everything(world.okr) == before
    if dry_run:
        return tried
    done = run(dry_run=False)
    assert (tried.warnings, tried.planned) == (done.warnings, done.planned)
    return done


def warned(report: Report) -> list[tuple[str, tuple[Thing, ...], int]]:
    return [(each.code, each.things, each.count) for each in report.warnings]


def test_readings_about_a_closed_cycle_warn_in_the_report(world: World, tmp_path: Path) -> None:
    report = imported(world, tmp_path, *READ)
    assert warned(report) == [("cycle_is_closed", CLOSED, 1)]
    lines = import_lines(report)
    at = lines.index("note: The cycle is closed: this changes what is known now, not its result.")
    assert lines[at + 1 : at + 3] == [f"    cycle {Q3}", f"    key result {LEADS}"]
    assert imported(world, tmp_path, *READ).warnings == []


def test_many_commands_that_touch_one_cycle_count_it_once(world: World, tmp_path: Path) -> None:
    imported(world, tmp_path, *READ)
    report = imported(world, tmp_path, *CORRECTED, reason="counted wrong")
    assert report.appended == 2
    assert warned(report) == [("cycle_is_closed", CLOSED, 1)]


def test_goals_that_were_graded_are_counted_each_once(world: World, tmp_path: Path) -> None:
    world.execute(c.ReopenCycle(Q3), reason="x")
    world.execute(c.GradeObjective(REACH))
    imported(world, tmp_path, *READ)
    report = imported(world, tmp_path, *CORRECTED, reason="counted wrong")
    assert warned(report) == [("graded_before", (Thing("objective", REACH),), 1)]


def lines_of(report: Report) -> dict[str, tuple[tuple[int, ...], bool]]:
    return {each.code: (each.lines, each.more) for each in report.warned_lines}


def test_a_dry_run_names_the_first_lines_of_what_it_will_warn_of(
    world: World, tmp_path: Path
) -> None:
    days = [f"Leads,2025-06-{n:02},2025-06-{n:02},,{n}" for n in range(1, 9)]
    rows = (*READ[:1], "Other,2025-06-01,2025-06-30,5,4", *days, *READ[1:])
    report = imported(world, tmp_path, *rows, dry_run=True)
    assert {each.code: each.count for each in report.warnings} == {
        "no_span_holds_the_day": 8, "cycle_is_closed": 1,
    }  # fmt: skip
    assert lines_of(report) == {
        "no_span_holds_the_day": ((4, 5, 6, 7, 8), True), "cycle_is_closed": ((2, 12), False),
    }  # fmt: skip
    lines = import_lines(report)
    assert "    lines 4, 5, 6, 7, 8, …" in lines
    assert "    lines 2, 12" in lines
    assert imported(world, tmp_path, *rows).warned_lines == []


def test_so_it_does_of_what_is_replaced(world: World, tmp_path: Path) -> None:
    imported(world, tmp_path, *READ)
    more = (CORRECTED[0], "Leads,2025-08-01,2025-08-31,25,8", "New,2025-07-01,2025-07-31,3,2")
    report = imported(world, tmp_path, *more, reason="counted wrong", dry_run=True)
    assert lines_of(report) == {
        "span_is_over": ((3,), False), "cycle_is_closed": ((2, 3), False),
    }  # fmt: skip
    assert import_lines(report)[-1] == "dry run: 0 events appended"
    assert imported(world, tmp_path, *more, reason="counted wrong").appended == 6


def test_a_dry_run_that_is_refused_foretells_nothing(world: World, tmp_path: Path) -> None:
    report = imported(world, tmp_path, *READ, "Leads,2025-07-01,,1,", dry_run=True)
    assert (report.is_refused, report.warnings, report.warned_lines) == (True, [], [])


def test_a_dry_run_says_what_will_stop_the_import(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise Conflict("Somebody left.")

    monkeypatch.setattr(foretold, "decide", refuses)
    report = imported(world, tmp_path, *READ, dry_run=True)
    assert "it would be stopped: Somebody left." in import_lines(report)


def test_readings_of_several_batches_are_added_up(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    days = [date(2025, 6, n) for n in range(1, 6)]
    readings = [c.RecordReading(LEADS_KPI, day, Decimal(1)) for day in days]
    done = bulk.import_readings(world.okr, readings, by=ANN)
    (warning,) = done.warnings
    assert (warning.code, warning.count) == ("no_span_holds_the_day", 5)
    assert "the days of 5 readings" in warning.text


def test_those_that_say_other_days_stay_apart() -> None:
    kpi = (Thing("kpi", LEADS_KPI),)
    spans = [{"starts": f"2025-0{n}-01", "ends": f"2025-0{n}-28"} for n in (1, 2, 1)]
    receipts = [
        [WarningAnswer("span_is_over", warning_text("span_is_over", 1, span, "en"), 1, kpi)]
        for span in spans
    ]
    found = together(receipts)
    assert [(each.text[:30], each.count) for each in found] == [
        ("The span 2025-01-01 to 2025-01", 2),
        ("The span 2025-02-01 to 2025-02", 1),
    ]


def test_cycles_are_counted_each_once() -> None:
    one, other = (Thing("cycle", UUID(int=n)) for n in (1, 2))
    receipts = [
        [WarningAnswer("cycle_is_closed", "x", 1, (one,))],
        [WarningAnswer("cycle_is_closed", "x", 2, (one, other))],
    ]
    (found,) = together(receipts)
    assert (found.count, found.things) == (2, (one, other))
    assert found.text.startswith("2 cycles are closed")
