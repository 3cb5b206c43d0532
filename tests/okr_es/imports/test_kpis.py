"""Importing KPIs: every wart of a dirty file, twice the same, and never half of it."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.evidence import Evidence
from okr_es.domain.kpi import Target
from okr_es.domain.refusals import Conflict, Invalid, PersonIsUnknown
from okr_es.imports import bulk, kpis, recorded
from okr_es.imports.kpis import (
    BadRow,
    Mapping,
    Met,
    import_kpis,
    import_readings,
    kpi_id,
    mapping_from,
    read_mapping,
    reading_id,
)
from okr_es.imports.mapping import EXAMPLE, FIELDS
from okr_es.log.schema import events
from tests.support.begun import Begun, OnSqlite
from tests.support.csv_files import (
    ME,
    SIMPLE,
    imported,
    kpi_of,
    opened,
    simple,
    value_of,
    written,
)

DATA = Path(__file__).parents[2] / "data"
ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data" / "gsa_kpis_2011_2020.csv"
DIRTY, DIRTY_MAP = DATA / "dirty_kpis.csv", read_mapping(DATA / "dirty_kpis.toml")
UPTIME = kpi_id("Uptime")


@pytest.fixture
def okr(begun: Begun) -> Iterator[Okr]:
    yield from opened(begun)


@pytest.fixture
def on_sqlite(begun_on_sqlite: OnSqlite) -> Iterator[Okr]:
    yield from opened(begun_on_sqlite)


class TestADirtyFile:
    """Each wart of tests/data/dirty_kpis.csv, on both engines."""

    def test_a_dry_run_reports_and_appends_nothing(self, okr: Okr) -> None:
        """Every bad row has its line, counted in the file, its column and a reason."""
        before = okr.log.head()
        report = imported(okr, DIRTY, DIRTY_MAP, dry_run=True, keep_going=True)
        assert [(bad.line, bad.column) for bad in report.bad] == [
            (12, "Low"), (15, "Year"), (16, "Actual"), (17, "Target"), (19, "Target"), (20, "row"),
            (21, "Actual"), (24, "Unit"), (25, "Wanted"), (26, "Low"),
        ]  # fmt: skip
        assert report.planned == {"DefineKpi": 6, "SetKpiTarget": 5, "RecordReading": 9}
        assert (report.appended, okr.log.head()) == (0, before)

    def test_one_bad_row_keeps_everything_out(self, okr: Okr) -> None:
        """Without `keep_going` nothing is imported."""
        before = okr.log.head()
        report = imported(okr, DIRTY, DIRTY_MAP)
        assert report.is_refused
        assert (report.appended, okr.log.head()) == (0, before)

    def test_keeping_going_imports_the_good_rows(self, okr: Okr) -> None:
        """And counts what they tell."""
        report = imported(okr, DIRTY, DIRTY_MAP, keep_going=True)
        assert (report.rows, report.bad_rows) == (21, 10)
        assert (report.kpis, report.targets, report.readings) == (6, 10, 9)
        assert report.met == Met(5, 7)
        assert report.met_by_year == {2021: Met(3, 4), 2022: Met(1, 2), 2023: Met(1, 1)}
        assert report.appended == okr.log.head() - 2 == 26

    def test_the_same_import_twice_appends_nothing(self, okr: Okr) -> None:
        """And says so."""
        imported(okr, DIRTY, DIRTY_MAP, keep_going=True)
        before = okr.log.head()
        again = imported(okr, DIRTY, DIRTY_MAP, keep_going=True)
        assert again.is_recorded
        assert "All that the good rows say is recorded already." in again.notes
        assert (again.appended, okr.log.head()) == (0, before)

    def test_what_was_cut_short_is_completed(self, on_sqlite: Okr, tmp_path: Path) -> None:
        """A first part of the file stands for an import that was stopped."""
        part = tmp_path / "part.csv"
        part.write_text("".join(DIRTY.read_text().splitlines(keepends=True)[:3]))
        imported(on_sqlite, part, DIRTY_MAP)
        imported(on_sqlite, DIRTY, DIRTY_MAP, keep_going=True)
        assert on_sqlite.log.head() == 28

    def test_names_are_trimmed_and_equal_targets_stay_apart(self, okr: Okr) -> None:
        """`Uptime ` and `Uptime` are one KPI; the target of 2020 stood beside a bad value."""
        imported(okr, DIRTY, DIRTY_MAP, keep_going=True)
        kpi = kpi_of(okr, UPTIME)
        assert kpi.name == "Uptime"
        assert kpi.targets == tuple(
            Target(date(year, 1, 1), date(year, 12, 31), Decimal("0.99"))
            for year in (2021, 2022, 2020)
        )

    def test_a_cell_over_two_lines_is_one_line_of_text(self, okr: Okr) -> None:
        imported(okr, DIRTY, DIRTY_MAP, keep_going=True)
        assert kpi_of(okr, kpi_id("Cost per order")).purpose == "Sell more, for less"

    def test_numbers_stay_exact(self, okr: Okr) -> None:
        """Nineteen digits, the trailing zero included."""
        imported(okr, DIRTY, DIRTY_MAP, keep_going=True)
        value = value_of(okr, kpi_id("Exact"), "2021-12-31")
        assert str(value) == "1234567890.123456790"

    def test_two_spellings_are_pointed_out_and_kept_apart(self, okr: Okr) -> None:
        report = imported(okr, DIRTY, DIRTY_MAP, keep_going=True)
        note = next(note for note in report.notes if "spelled in 2 ways" in note)
        assert "'Run a site that never sleeps.' (from line 2, 6 rows)" in note
        assert "'Run a Site that never sleeps' (from line 9, 3 rows)" in note
        assert kpi_of(okr, UPTIME).purpose != kpi_of(okr, kpi_id("Load of the team")).purpose

    def test_events_say_they_were_imported(self, okr: Okr) -> None:
        imported(okr, DIRTY, DIRTY_MAP, keep_going=True)
        rows = okr.log.rows(2, 100, ["origin", "by"])
        assert {row[1] for row in rows} == {"import"}
        assert {UUID(str(row[2])) for row in rows} == {ME}


class TestAChangedFile:
    """A second file that says something else about the same days."""

    def test_a_changed_value_without_a_reason_is_a_bad_row(self, okr: Okr, tmp_path: Path) -> None:
        """It says what is recorded and how to go on."""
        imported(okr, *simple(tmp_path, "Uptime,2021,90,80"))
        report = imported(okr, *simple(tmp_path, "Uptime,2021,91,80", "Uptime,2021,90,81"))
        how = "To replace it, give a reason for the import."
        assert report.bad == [
            BadRow(2, "target", f"The recorded target is 90. {how}"),
            BadRow(3, "actual", f"The recorded value is 80. {how}"),
        ]

    def test_with_a_reason_it_is_a_retarget_and_a_correction(
        self, okr: Okr, tmp_path: Path
    ) -> None:
        imported(okr, *simple(tmp_path, "Uptime,2021,90,80"))
        changed = simple(tmp_path, "Uptime,2021,91,81")
        report = imported(okr, *changed, reason="The auditor found a mistake.")
        assert report.planned == {"RetargetKpi": 1, "CorrectReading": 1}
        assert report.appended == 2
        assert kpi_of(okr, UPTIME).targets[0].target == 91
        assert value_of(okr, UPTIME, "2021-12-31") == 81

    @pytest.mark.parametrize(
        ("reason", "notes"),
        [("Recounted.", 0), ("Found a mistake.", 1)],
        ids=["same reason", "another reason"],
    )
    def test_two_imports_of_one_file_at_once_are_one(
        self, reason: str, notes: int, okr: Okr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The other one is done between the look at the log and the first append of this one."""
        imported(okr, *simple(tmp_path, "Uptime,2021,90,80"))
        changed, carry_out = simple(tmp_path, "Uptime,2021,91,81"), kpis.carry_out

        def carry_out_later(*plan: Any) -> None:
            monkeypatch.undo()
            assert imported(okr, *changed, reason="Recounted.").appended == 2
            carry_out(*plan)

        monkeypatch.setattr(kpis, "carry_out", carry_out_later)
        report = imported(okr, *changed, reason=reason)
        assert (report.stopped, report.appended, len(report.notes)) == (None, 0, notes)
        assert report.notes in ([], [bulk.RECORDED_ELSEWHERE.format(2)])
        assert imported(okr, *changed, reason=reason).is_recorded

    def test_a_reason_is_none_for_two_values_of_one_day(self, okr: Okr, tmp_path: Path) -> None:
        """One is what is recorded; which of the two is meant cannot be known."""
        imported(okr, *simple(tmp_path, "Uptime,2021,90,80"))
        changed = simple(tmp_path, "Uptime,2021,90,80", "Uptime,2021,,81")
        report = imported(okr, *changed, reason="The auditor found a mistake.")
        assert report.bad == [BadRow(3, "actual", "Line 2 gives 80 for the same day.")]

    def test_back_and_forth_with_reasons_is_not_mistaken_for_a_repetition(
        self, okr: Okr, tmp_path: Path
    ) -> None:
        """The third import says what the first one said, and is a decision of its own."""
        for value in (80, 81, 80, 81):
            file = simple(tmp_path, f"Uptime,2021,{value},{value}")
            imported(okr, *file, reason="Found a mistake.")
        assert kpi_of(okr, UPTIME).targets[0].target == 81
        assert value_of(okr, UPTIME, "2021-12-31") == 81
        assert imported(okr, *file, reason="Found a mistake.").is_recorded

    def test_what_was_put_right_since_stays_so(self, okr: Okr, tmp_path: Path) -> None:
        """The old file once more takes no correction back; it is only pointed out."""
        old = simple(tmp_path, "Uptime,2021,90,80")
        imported(okr, *old)
        reading = reading_id(UPTIME, date(2021, 12, 31))
        context = Context(by=ME, reason="Misread.")
        okr.execute(c.CorrectReading(reading, Decimal(82)), context)
        target = Target(date(2021, 1, 1), date(2021, 12, 31), Decimal(95))
        okr.execute(c.RetargetKpi(UPTIME, target), Context(by=ME, reason="Agreed."))
        report = imported(okr, *old)
        assert (report.bad, report.appended) == ([], 0)
        assert sum("since to" in note for note in report.notes) == 2

    def test_what_was_said_beside_a_value_since_stays_so(self, okr: Okr, tmp_path: Path) -> None:
        old = simple(tmp_path, "Uptime,2021,90,80")
        imported(okr, *old)
        reading = reading_id(UPTIME, date(2021, 12, 31))
        paper = Evidence("https://example.org/uptime", "ab" * 32)
        context = Context(by=ME, reason="Found it.")
        okr.execute(c.CorrectReading(reading, evidence=paper), context)
        report = imported(okr, *old)
        assert (report.bad, report.appended) == ([], 0)

    def test_a_target_that_was_corrected_since_stays_so(self, okr: Okr, tmp_path: Path) -> None:
        old = simple(tmp_path, "Uptime,2021,90,80")
        imported(okr, *old)
        target = Target(date(2021, 1, 1), date(2021, 12, 31), Decimal(95))
        okr.execute(c.CorrectKpiTarget(UPTIME, target), Context(by=ME, reason="Mistyped."))
        report = imported(okr, *old)
        assert (report.bad, report.appended) == ([], 0)

    def test_a_span_that_was_split_since_stays_so(self, okr: Okr, tmp_path: Path) -> None:
        old = simple(tmp_path, "Uptime,2021,90,80")
        imported(okr, *old)
        later = Target(date(2021, 7, 1), date(2021, 12, 31), Decimal(95))
        okr.execute(c.RetargetKpi(UPTIME, later), Context(by=ME, reason="Agreed."))
        report = imported(okr, *old)
        assert (report.bad, report.appended) == ([], 0)
        assert any("was split since" in note for note in report.notes)

    def test_a_good_value_is_kept_where_the_target_overlaps_another(
        self, on_sqlite: Okr, tmp_path: Path
    ) -> None:
        imported(on_sqlite, *simple(tmp_path, "Uptime,2021,90,80", "Uptime,2022,90,"))
        columns = {"name": "n", "starts": "from", "ends": "to", "target": "t", "actual": "a"}
        quarter = "n,from,to,t,a\nUptime,2022-01-01,2022-03-31,91,81\n"
        report = imported(on_sqlite, *written(tmp_path, quarter, columns), keep_going=True)
        assert [bad.column for bad in report.bad] == ["from"]
        assert value_of(on_sqlite, UPTIME, "2022-03-31") == 81

    def test_a_retracted_reading_stays_retracted(self, okr: Okr, tmp_path: Path) -> None:
        old = simple(tmp_path, "Uptime,2021,90,80")
        imported(okr, *old)
        reading = reading_id(UPTIME, date(2021, 12, 31))
        okr.execute(c.RetractReading(reading), Context(by=ME, reason="Not ours."))
        assert imported(okr, *old).appended == 0
        changed = imported(okr, *simple(tmp_path, "Uptime,2021,90,81"), reason="Ours after all.")
        assert changed.bad == [BadRow(2, "actual", "The recorded value, 80, was retracted.")]

    def test_a_reading_that_was_given_a_subject_since_is_found(
        self, okr: Okr, tmp_path: Path
    ) -> None:
        old = simple(tmp_path, "Uptime,2021,90,80")
        imported(okr, *old)
        of_north = c.CorrectReading(reading_id(UPTIME, date(2021, 12, 31)), subject="North")
        okr.execute(of_north, Context(by=ME, reason="Of one site."))
        report = imported(okr, *old)
        assert (report.bad, report.appended, report.is_recorded) == ([], 0, True)
        (note,) = [each for each in report.notes if each.startswith("Line 2: ")]
        assert note.endswith("corrected since to be that of 'North'; it stays so.")

    def test_beside_one_that_has_none_that_one_counts(self, okr: Okr, tmp_path: Path) -> None:
        old, day = simple(tmp_path, "Uptime,2021,90,80"), date(2021, 12, 31)
        imported(okr, *old)
        of_north = c.CorrectReading(reading_id(UPTIME, day), subject="North")
        okr.execute(of_north, Context(by=ME, reason="Of one site."))
        whole = okr.execute(c.RecordReading(UPTIME, day, Decimal(85)), Context(by=ME)).id
        report = imported(okr, *old)
        assert (report.bad, report.appended) == ([], 0)
        changed = imported(okr, *simple(tmp_path, "Uptime,2021,90,86"), reason="Recounted.")
        assert changed.planned == {"CorrectReading": 1}
        assert whole is not None
        assert recorded.readings(okr, [whole])[whole].values[-1] == 86

    def test_one_whose_subject_was_taken_away_since_is_found_too(
        self, okr: Okr, tmp_path: Path
    ) -> None:
        imported(okr, *simple(tmp_path, "Uptime,2021,90,"))
        day = date(2021, 12, 31)
        read = c.RecordReading(UPTIME, day, Decimal(80), subject="North")
        made = okr.execute(read, Context(by=ME)).id
        both = simple(tmp_path, "Uptime,2021,90,80")
        assert imported(okr, *both, dry_run=True).planned == {"RecordReading": 1}
        assert made is not None
        okr.execute(c.CorrectReading(made, subject=None), Context(by=ME, reason="Of all sites."))
        assert imported(okr, *both).is_recorded

    def test_a_new_year_is_added(self, okr: Okr, tmp_path: Path) -> None:
        imported(okr, *simple(tmp_path, "Uptime,2021,90,80"))
        report = imported(okr, *simple(tmp_path, "Uptime,2021,90,80", "Uptime,2022,91,92"))
        assert report.planned == {"SetKpiTarget": 1, "RecordReading": 1}

    def test_a_retired_kpi_takes_nothing_new(self, okr: Okr, tmp_path: Path) -> None:
        """But the import that defined it can be repeated."""
        old = simple(tmp_path, "Uptime,2021,90,80")
        imported(okr, *old)
        okr.execute(c.RetireKpi(UPTIME), Context(by=ME))
        assert imported(okr, *old).is_recorded
        report = imported(okr, *simple(tmp_path, "Uptime,2022,90,", "Uptime,2023,,80"))
        assert {bad.reason for bad in report.bad} == {"Uptime was retired."}

    def test_a_good_target_is_kept_beside_a_bad_value(self, on_sqlite: Okr, tmp_path: Path) -> None:
        """The value is about the future, or is no number."""
        rows = simple(tmp_path, "Uptime,2021,90,80", "Uptime,2025,91,80", "Uptime,2024,92,x")
        report = imported(on_sqlite, *rows, keep_going=True)
        assert [(bad.line, bad.column) for bad in report.bad] == [(3, "actual"), (4, "actual")]
        assert [target.target for target in kpi_of(on_sqlite, UPTIME).targets] == [90, 91, 92]
        assert (report.targets, report.readings, report.appended) == (3, 1, 5)

    def test_a_good_value_is_kept_beside_a_bad_target(self, on_sqlite: Okr, tmp_path: Path) -> None:
        """Where another row defines the KPI; without one there is nothing to keep it in."""
        rows = simple(tmp_path, "Uptime,2021,90,80", "Uptime,2022,x,81", "Noise,2022,x,5")
        report = imported(on_sqlite, *rows, keep_going=True)
        assert [(bad.line, bad.column) for bad in report.bad] == [(3, "target"), (4, "target")]
        assert value_of(on_sqlite, UPTIME, "2022-12-31") == 81
        assert (report.kpis, report.targets, report.readings) == (1, 1, 2)


class TestHowNumbersAreWritten:
    """Only what the map allows."""

    @pytest.mark.parametrize(
        ("cell", "told", "value"),
        [
            ('"1,234.5"', {"thousands": ","}, "1234.5"),
            ("1.234,5", {"thousands": ".", "decimal": ",", "delimiter": ";"}, "1234.5"),
            ("-1 234 567", {"thousands": " "}, "-1234567"),
            ("12.50 %", {"percent": True}, "0.1250"),
            ("1234567890123456789012345%", {"percent": True}, "12345678901234567890123.45"),
            ("1E-05", {}, "0.00001"),
            ("+.5", {}, "0.5"),
            ("0.30", {}, "0.30"),
        ],
    )
    def test_a_number_the_map_allows_is_exact(
        self, on_sqlite: Okr, tmp_path: Path, cell: str, told: dict[str, object], value: str
    ) -> None:
        mark = str(told.get("delimiter", ","))
        rows = simple(tmp_path, mark.join(("Uptime", "2021", "", cell)), **told)
        report = imported(on_sqlite, *rows)
        assert report.bad == []
        assert value_of(on_sqlite, UPTIME, "2021-12-31") == Decimal(value)

    @pytest.mark.parametrize(
        ("cell", "told"),
        [
            ('"1,234.5"', {}),
            ('"1,5"', {"thousands": ","}),
            ('"12,34,567"', {"thousands": ","}),
            ("5%", {}),
            ("NaN", {}),
            ("Infinity", {}),
            ("1_000", {}),
            ("٣", {}),
            ("0x10", {}),
            ("1e99", {}),
            ("1e400", {}),
            ("0.1234567890123456789", {}),
            ("--1", {}),
            (".", {}),
            ("%", {"percent": True}),
        ],
    )
    def test_any_other_is_a_bad_row(
        self, on_sqlite: Okr, tmp_path: Path, cell: str, told: dict[str, object]
    ) -> None:
        report = imported(on_sqlite, *simple(tmp_path, f"Uptime,2021,1,{cell}", **told))
        assert [(bad.line, bad.column) for bad in report.bad] == [(2, "actual")]

    @pytest.mark.parametrize("year", ["", "21", "2021.0", "0000", "1899", "3000", "٢٠٢١"])
    def test_a_year_is_four_digits(self, on_sqlite: Okr, tmp_path: Path, year: str) -> None:
        report = imported(on_sqlite, *simple(tmp_path, f"Uptime,{year},1,1"))
        assert [(bad.line, bad.column) for bad in report.bad] == [(2, "year")]

    def test_spans_may_have_days_of_their_own(self, on_sqlite: Okr, tmp_path: Path) -> None:
        """With starts and ends, written as the map says."""
        file = tmp_path / "spans.csv"
        file.write_text(
            "n,from,to,t,a\nUptime,01.01.2021,31.03.2021,9,8\nUptime,1.4.2021,1.1.2021,9,\n"
        )
        columns = {"name": "n", "starts": "from", "ends": "to", "target": "t", "actual": "a"}
        mapping = mapping_from({**SIMPLE, "columns": columns, "dates": "%d.%m.%Y"})
        report = imported(on_sqlite, file, mapping, keep_going=True)
        assert [(bad.line, bad.column) for bad in report.bad] == [(3, "to")]
        assert value_of(on_sqlite, UPTIME, "2021-03-31") == 8


class TestAFileThatCannotBeRead:
    """Refused as a whole, and nothing is recorded."""

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "no column 'name'"),
            (b"name,year,target\n", "no column 'actual'"),
            (b"name,name,year,target,actual\n", "more than one column 'name'"),
            (b"name,year,target,actual\nZ\xfcrich,2021,1,1\n", "Line 2 is not utf-8-sig"),
            (b'name,year,target,actual\n"Uptime,2021,1,1\n', "not CSV from line 2 on"),
            (b"name,year,target,actual\nUp\x00time,2021,1,1\n", "NUL"),
        ],
    )
    def test_it_says_why(self, on_sqlite: Okr, tmp_path: Path, content: bytes, says: str) -> None:
        file = tmp_path / "broken.csv"
        file.write_bytes(content)
        with pytest.raises(Invalid, match=says):
            imported(on_sqlite, file, mapping_from(SIMPLE))
        assert on_sqlite.log.head() == 2

    def test_a_byte_order_mark_is_no_part_of_the_first_column(
        self, on_sqlite: Okr, tmp_path: Path
    ) -> None:
        rows = simple(tmp_path, "Uptime,2021,1,1", encoding="utf-8-sig")
        assert imported(on_sqlite, *rows).bad == []

    def test_another_encoding_is_named_in_the_map(self, on_sqlite: Okr, tmp_path: Path) -> None:
        told = simple(tmp_path, "Zürich,2021,1,1")[1]
        file = tmp_path / "latin.csv"
        file.write_text("name,year,target,actual\nZürich,2021,1,1\n", "cp1252")
        latin = mapping_from({**SIMPLE, "encoding": "cp1252"})
        with pytest.raises(Invalid, match="cp1252"):
            imported(on_sqlite, file, told)
        imported(on_sqlite, file, latin)
        assert kpi_of(on_sqlite, kpi_id("Zürich")).name == "Zürich"

    def test_too_many_rows_or_bytes_are_refused(
        self, on_sqlite: Okr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = simple(tmp_path, *(f"Uptime,{year},1,1" for year in range(2001, 2005)))
        monkeypatch.setattr("okr_es.imports.rows.MOST_ROWS", 3)
        with pytest.raises(Invalid, match="more than 3 rows"):
            imported(on_sqlite, *rows)
        monkeypatch.setattr("okr_es.imports.rows.MOST_BYTES", 10)
        with pytest.raises(Invalid, match="larger than"):
            imported(on_sqlite, *rows)

    def test_it_is_not_there(self, on_sqlite: Okr, tmp_path: Path) -> None:
        with pytest.raises(Invalid, match="cannot be read"):
            imported(on_sqlite, tmp_path / "none.csv", mapping_from(SIMPLE))

    def test_nobody_unknown_imports(self, on_sqlite: Okr, tmp_path: Path) -> None:
        """Not even in a dry run."""
        with pytest.raises(PersonIsUnknown):
            import_kpis(
                on_sqlite, *simple(tmp_path, "Uptime,2021,1,1"), by=UUID(int=2), dry_run=True
            )


class TestTheMap:
    """What it may say, and what is to blame when it cannot be used."""

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"colums": {}}, "colums"),
            ({"columns": {**SIMPLE["columns"], "nmae": "x"}}, "columns.nmae"),
            ({"columns": {"name": "n", "target": "t"}}, "year"),
            ({"columns": {**SIMPLE["columns"], "starts": "s"}}, "year"),
            ({"columns": {"name": "n", "year": "y"}}, "target"),
            ({"columns": {**SIMPLE["columns"], "name": 3}}, "columns.name"),
            ({"columns": "name"}, "columns"),
            ({"defaults": {"unit": "%"}}, "direction"),
            ({"directions": {"up": "upwards"}}, "directions.up"),
            ({"cadences": {"each year": "often"}}, "cadences.each year"),
            ({"delimiter": ";;"}, "delimiter"),
            ({"delimiter": 1}, "delimiter"),
            ({"percent": "yes"}, "percent"),
            ({"thousands": "."}, "thousands"),
            ({"encoding": "latin-99"}, "encoding"),
            ({"encoding": "hex"}, "encoding"),
            ({"decimal": "5"}, "decimal"),
            ({"thousands": "-"}, "thousands"),
            ({"blanks": "NA"}, "blanks"),
            ({"blanks": ["NA", 0]}, "blanks"),
            ({"directions": {"Up": "increase", "UP ": "decrease"}}, "directions.UP "),
            ({"directions": {"increase": "decrease"}}, "directions.increase"),
            ({"columns": {**SIMPLE["columns"], "actual": "target"}}, "columns.actual"),
            ({"columns": {**SIMPLE["columns"], "unit": "Name"}}, "columns.unit"),
            ({"columns": {**SIMPLE["columns"], "name": ["a", "a"]}}, "columns.name"),
            ({"columns": {**SIMPLE["columns"], "name": ["a", "target"]}}, "columns.target"),
            ({"columns": {**SIMPLE["columns"], "name": []}}, "columns.name"),
            ({"columns": {**SIMPLE["columns"], "actual": "{year}"}}, "year"),
            ({"columns": {"name": "n", "actual": "{year} {year}"}}, "columns.actual"),
            ({"columns": {"name": "n {year}", "actual": "{year}"}}, "columns.name"),
            ({"columns": {"name": "n", "actual": "{year}", "target": "t {span}"}}, "columns"),
        ],
    )
    def test_what_cannot_be_used_is_named(self, told: dict[str, object], field: str) -> None:
        with pytest.raises(Invalid) as caught:
            mapping_from({**SIMPLE, **told})
        assert caught.value.field == field

    def test_what_is_no_toml_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "map.toml"
        file.write_text("columns = ")
        with pytest.raises(Invalid, match="not TOML"):
            read_mapping(file)
        with pytest.raises(Invalid, match="cannot be read"):
            read_mapping(tmp_path / "none.toml")

    def test_the_example_shows_every_field_and_option(self) -> None:
        """It can be used, and the page about the format has it word by word."""
        shown = EXAMPLE.read_text("utf-8")
        options = set(Mapping.__dataclass_fields__)
        assert [word for word in {*FIELDS, *options} if word not in shown] == []
        assert read_mapping(EXAMPLE).blanks == {"na", "n/a", "-"}
        assert shown in (ROOT / "docs/reference/import-maps.md").read_text("utf-8")


class TestReadingsInBulk:
    """Many readings in few commands."""

    def readings(self, okr: Okr, tmp_path: Path, count: int) -> list[c.RecordReading]:
        imported(okr, *simple(tmp_path, "Uptime,2021,1,"))
        first = date(2000, 1, 1)
        return [
            c.RecordReading(UPTIME, first + timedelta(number), Decimal(number).scaleb(-1))
            for number in range(count)
        ]

    def test_batches_are_recorded_once(
        self, okr: Okr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also when the batches of the second time are cut elsewhere."""
        readings = self.readings(okr, tmp_path, 700)
        seen: list[tuple[int, int]] = []
        monkeypatch.setattr(bulk, "BATCH", 300)
        done = import_readings(okr, readings, by=ME, progress=lambda *at: seen.append(at))
        assert (done.recorded, done.known) == (700, 0)
        assert seen == [(300, 700), (600, 700), (700, 700)]
        head = okr.log.head()
        assert import_readings(okr, readings, by=ME).known == 700
        monkeypatch.setattr(bulk, "BATCH", 400)
        assert import_readings(okr, readings, by=ME) == bulk.Bulk(0, 700)
        assert okr.log.head() == head

    def test_new_ones_among_known_ones_are_recorded_and_differing_ones_shown(
        self, okr: Okr, tmp_path: Path
    ) -> None:
        readings = self.readings(okr, tmp_path, 20)
        import_readings(okr, readings[:10], by=ME)
        changed = c.RecordReading(UPTIME, readings[3].as_of, Decimal(99))
        done = import_readings(okr, [*readings[5:], changed], by=ME)
        assert (done.recorded, done.known) == (10, 6)
        assert [reading.value for reading in done.differing] == [99]

    def test_two_about_one_day_are_refused(self, on_sqlite: Okr, tmp_path: Path) -> None:
        one, *_ = self.readings(on_sqlite, tmp_path, 1)
        with pytest.raises(Invalid):
            import_readings(on_sqlite, [one, one], by=ME)

    def test_a_conflict_that_is_none_of_its_own_is_passed_on(
        self, on_sqlite: Okr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        readings = self.readings(on_sqlite, tmp_path, 3)

        def refused(*_: object, **__: object) -> None:
            raise Conflict("Someone else was first.")

        monkeypatch.setattr(bulk, "send", refused)
        with pytest.raises(Conflict):
            import_readings(on_sqlite, readings, by=ME)

    def test_ids_are_uuid5_of_kpi_and_day(self) -> None:
        assert reading_id(UPTIME, date(2021, 12, 31)) == uuid5(UPTIME, "2021-12-31")


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED.name} is not on this machine")
class TestTheRealFile:
    """74 rows about 10 KPIs of a US agency."""

    MAP = DATA / "gsa_kpis.toml"

    def test_its_good_rows_are_imported_once(self, okr: Okr) -> None:
        """Seven rows ask for a range without bounds; the rest is counted by hand."""
        mapping = read_mapping(self.MAP)
        assert imported(okr, SHARED, mapping).appended == 0
        report = imported(okr, SHARED, mapping, keep_going=True)
        assert [bad.line for bad in report.bad] == list(range(12, 19))
        assert {bad.column for bad in report.bad} == {"Min Target"}
        assert (report.rows, report.kpis, report.readings) == (74, 9, 51)
        assert report.met == Met(28, 47)
        assert report.met_by_year == {
            2011: Met(0, 1), 2012: Met(1, 1), 2013: Met(2, 5), 2014: Met(2, 5),
            2015: Met(5, 8), 2016: Met(8, 9), 2017: Met(6, 9), 2018: Met(4, 9),
        }  # fmt: skip
        assert any("spelled in 2 ways" in note for note in report.notes)
        head = okr.log.head()
        assert imported(okr, SHARED, mapping, keep_going=True).is_recorded
        assert okr.log.head() == head

    def test_both_engines_hold_the_same(self, okr: Okr, on_sqlite: Okr) -> None:
        """Ids and command ids are made of content, so two imports are one log."""
        columns = [events.c.stream, events.c.version, events.c.data, events.c.command_id]
        logs = []
        for each in (okr, on_sqlite):
            imported(each, SHARED, read_mapping(self.MAP), keep_going=True)
            query = events.select().with_only_columns(*columns).where(events.c.position > 2)
            with each.database.reader.connect() as connection:
                rows = connection.execute(query.order_by(events.c.position)).all()
            logs.append([tuple(row) for row in rows])
        assert logs[0] == logs[1]
