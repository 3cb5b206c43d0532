"""How files are written: encodings, headers, numbers, days, columns; warts and relatives."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_es.application import Okr
from okr_es.domain.refusals import Invalid
from okr_es.imports.cells import BadCell
from okr_es.imports.days import parsed
from okr_es.imports.decoding import is_rather_utf_8, text_of
from okr_es.imports.kpis import BadRow, kpi_id, mapping_from
from okr_es.imports.numbers import number
from tests.support.begun import OnSqlite
from tests.support.csv_files import (
    SIMPLE,
    all_kpis,
    imported,
    kpi_of,
    opened,
    simple,
    value_of,
    written,
)

UPTIME = kpi_id("Uptime")
ONE_DAY = timedelta(days=1)
FORMATS = (
    "%Y-%m-%d", "%d.%m.%y", "%Y-%j", "%Y-W%W-%w", "%G-W%V-%u", "%G-W%V", "%Y-%m", "%b %Y", "%B %y",
    "%Y-Q%q", "Q%q/%y", "%Y",
)  # fmt: skip
HEADER = "name,year,target,actual\n"


@pytest.fixture
def okr(begun_on_sqlite: OnSqlite) -> Iterator[Okr]:
    yield from opened(begun_on_sqlite)


def places(okr: Okr, file: tuple[Path, object], **options: object) -> list[tuple[int, str]]:
    """Lines and columns of what is bad in a file."""
    return [(bad.line, bad.column) for bad in imported(okr, *file, **options).bad]  # type: ignore[arg-type]


class TestEncodings:
    """A byte order mark is dropped, and says more than the map."""

    @pytest.mark.parametrize(
        ("written_as", "said"),
        [
            ("utf-8-sig", "utf-8"),
            ("utf-8-sig", "utf-8-sig"),
            ("utf-8-sig", "cp1252"),
            ("utf-8-sig", "latin-1"),
            ("utf-16", "utf-8"),
            ("utf-16", "utf-16"),
            ("utf-16", "utf-16-le"),
            ("utf-32", "utf-8"),
            ("utf-16-le", "utf-16-le"),
            ("cp1252", "cp1252"),
            ("latin-1", "latin-1"),
        ],
    )
    def test_the_text_is_read(self, written_as: str, said: str) -> None:
        assert text_of("Zürich,1".encode(written_as), said) == "Zürich,1"

    def test_a_mark_that_cannot_be_true_is_dropped_all_the_same(self) -> None:
        assert text_of(b"\xef\xbb\xbf" + "Zürich".encode("latin-1"), "latin-1") == "Zürich"

    @pytest.mark.parametrize(
        ("written_as", "said", "rather"),
        [
            ("utf-8", "cp1252", True),
            ("utf-8", "latin-1", True),
            ("utf-8", "utf-8", False),
            ("utf-8", "utf-8-sig", False),
            ("utf-8-sig", "cp1252", False),
            ("cp1252", "cp1252", False),
            ("utf-8", "gbk", False),
        ],
    )
    def test_text_said_to_be_in_another_encoding_than_utf_8_is_noticed(
        self, written_as: str, said: str, rather: bool
    ) -> None:
        assert is_rather_utf_8("Zürich,1".encode(written_as), said) is rather
        assert not is_rather_utf_8(b"Zurich,1", said)

    def test_it_is_refused(self, okr: Okr, tmp_path: Path) -> None:
        with pytest.raises(Invalid, match="in UTF-8, not in cp1252"):
            imported(
                okr,
                simple(tmp_path, "Zürich,2021,1,1")[0],
                mapping_from({**SIMPLE, "encoding": "cp1252"}),
            )

    @pytest.mark.parametrize("written_as", ["utf-8-sig", "utf-16"])
    def test_the_first_column_is_found(self, okr: Okr, tmp_path: Path, written_as: str) -> None:
        rows = simple(tmp_path, "Uptime,2021,90,80", encoding=written_as)
        assert imported(okr, *rows).appended == 3

    def test_a_map_may_begin_with_a_mark_too(self, tmp_path: Path) -> None:
        from okr_es.imports.mapping import EXAMPLE, read_mapping

        for encoding in ("utf-8-sig", "utf-16"):
            file = tmp_path / f"{encoding}.toml"
            file.write_text(EXAMPLE.read_text("utf-8"), encoding)
            assert read_mapping(file).delimiter == ";"


class TestHeaders:
    """Names of columns as programs write them."""

    @pytest.mark.parametrize(
        "header",
        [
            "name ,year\u00a0,target\t, actual",
            "NAME,Year,Target,ACTUAL",
            '"na\u00adme",year,"target\u200b",actual',
            "\n \nname,year,target,actual",
            "name,year,target,actual,,",
            "sep=,\nname,year,target,actual",
        ],
    )
    def test_a_column_is_found(self, okr: Okr, tmp_path: Path, header: str) -> None:
        more = "," * (header.rpartition("\n")[2].count(",") - 3)
        file = written(tmp_path, f"{header}\nUptime,2021,90,80{more}\n", SIMPLE["columns"])
        assert imported(okr, *file).appended == 3

    def test_the_one_of_exactly_the_name_is_meant(self, okr: Okr, tmp_path: Path) -> None:
        content = "NAME,name,year,target,actual\nx,Uptime,2021,90,80\n"
        imported(okr, *written(tmp_path, content, SIMPLE["columns"]))
        assert kpi_of(okr, UPTIME).name == "Uptime"

    @pytest.mark.parametrize(
        ("header", "says"),
        [
            ("name,year,targets,actual", r"no column 'target' .*did you mean 'targets'\?"),
            ("Name,NAME,year,target,actual", "more than one column 'name'"),
            ("name;year;target;actual", "delimiter = ';'"),
            ("name\tyear\ttarget\tactual", r"delimiter = '\\t'"),
        ],
    )
    def test_one_that_is_not_is_named_with_what_is_near(
        self, okr: Okr, tmp_path: Path, header: str, says: str
    ) -> None:
        with pytest.raises(Invalid, match=says):
            imported(okr, *written(tmp_path, f"{header}\n", SIMPLE["columns"]))

    def test_a_key_that_the_map_does_not_have_too(self) -> None:
        with pytest.raises(Invalid, match=r"no columns\.actuel \(did you mean 'actual'\?\)"):
            mapping_from({**SIMPLE, "columns": {**SIMPLE["columns"], "actuel": "x"}})

    def test_a_file_with_a_header_alone_says_so(self, okr: Okr, tmp_path: Path) -> None:
        report = imported(okr, *simple(tmp_path))
        assert (report.rows, report.appended) == (0, 0)
        assert report.notes == ["The file has no rows below its header."]


class TestRows:
    """Rows that are none, and cells over several lines."""

    def test_blank_rows_are_passed_over(self, okr: Okr, tmp_path: Path) -> None:
        """Also those of blank words and of blanks that are not seen."""
        rows = ("", ",,,", " ,\u00a0,\u200b,", "NA,-,n/a,\u2013", "Uptime,2021,90,80")
        report = imported(okr, *simple(tmp_path, *rows, blanks=["NA", "N/A", "-"]))
        assert (report.rows, report.bad, report.appended) == (1, [], 3)

    def test_a_line_break_in_a_name_is_a_blank(self, okr: Okr, tmp_path: Path) -> None:
        report = imported(okr, *simple(tmp_path, '"Up\ntime",2021,90,80', "Up time,2022,90,x"))
        assert [(bad.line, bad.column) for bad in report.bad] == [(4, "actual")]
        assert report.kpis == 1

    def test_blank_cells_past_the_header_are_passed_over(self, okr: Okr, tmp_path: Path) -> None:
        rows = ("Uptime,2021,90,80,,", "Uptime,2022,90,80,x", "Uptime,2023,90")
        assert places(okr, simple(tmp_path, *rows)) == [(3, "row"), (4, "row")]

    def test_blank_words_are_blank_cells(self, okr: Okr, tmp_path: Path) -> None:
        rows = ("Uptime,2021,90,NA", "Uptime,2022,\u2013,80", "Uptime,2023,n/A ,-")
        report = imported(okr, *simple(tmp_path, *rows, blanks=["na", "n/a", "-"]))
        assert (report.bad, report.targets, report.readings) == ([], 1, 1)

    def test_those_that_are_not_declared_are_bad_and_grouped(
        self, okr: Okr, tmp_path: Path
    ) -> None:
        """A group has its number, its first lines and the advice; the good targets are kept."""
        rows = [f"KPI {n},2021,90,{'NA' if n % 2 else '-'}" for n in range(40)]
        report = imported(okr, *simple(tmp_path, *rows), keep_going=True)
        assert [(each.count, each.lines) for each in report.alike] == [
            (20, (2, 4, 6, 8, 10)),
            (20, (3, 5, 7, 9, 11)),
        ]
        assert "add it to blanks in the map" in report.alike[0].reason
        assert (report.bad_rows, len(report.bad), report.targets) == (40, 40, 40)

    def test_reasons_that_differ_in_numbers_are_alike(self, okr: Okr, tmp_path: Path) -> None:
        imported(okr, *simple(tmp_path, *(f"Uptime,{y},90,{y}" for y in range(2001, 2011))))
        report = imported(okr, *simple(tmp_path, *(f"Uptime,{y},90,5" for y in range(2001, 2011))))
        (alike,) = report.alike
        assert (alike.count, alike.lines) == (10, (2, 3, 4, 5, 6))
        assert alike.reason.startswith("The recorded value is 2001.")


class TestNumbers:
    """What people and programs write for a number."""

    @pytest.mark.parametrize(
        ("cell", "told", "value"),
        [
            ("1\u00a0000,5", {"thousands": " ", "decimal": ","}, "1000.5"),
            ("1\u202f000,5", {"thousands": " ", "decimal": ","}, "1000.5"),
            ("1\u2009000", {"thousands": " "}, "1000"),
            ("1\u2007000\u2007000", {"thousands": " "}, "1000000"),
            ("1 000", {"thousands": "\u00a0"}, "1000"),
            ("1\u2019000.5", {"thousands": "'"}, "1000.5"),
            ("1'000", {"thousands": "\u2019"}, "1000"),
            ("\u22125", {}, "-5"),
            ("\u20135.5", {}, "-5.5"),
            ("\u20115", {}, "-5"),
            ("\u22121\u202f000", {"thousands": " "}, "-1000"),
            ("85\u00a0%", {"percent": True}, "0.85"),
            ("85\uff05", {"percent": True}, "0.85"),
            ("\u22120,5\u202f%", {"percent": True, "decimal": ","}, "-0.005"),
        ],
    )
    def test_signs_that_look_alike_are_read(
        self, cell: str, told: dict[str, object], value: str
    ) -> None:
        assert number(cell, "actual", mapping_from({**SIMPLE, **told})).value == Decimal(value)

    @pytest.mark.parametrize(
        ("cell", "told", "says"),
        [
            ("(5)", {}, "with a minus sign, not in parentheses"),
            ("1\u00a0000", {}, "allowed by thousands in the map"),
            ("1\u00a000", {"thousands": " "}, "elsewhere than between thousands"),
            ("NA", {}, "add it to blanks"),
            ("\u2014", {}, "add it to blanks"),
            ("85 \u2030", {"percent": True}, "is no number"),
            ("5-", {}, "is no number"),
            ("85%%", {"percent": True}, "is no number"),
            ("1.000,5", {"decimal": ","}, "is no number"),
        ],
    )
    def test_others_are_bad_and_what_helps_is_said(
        self, cell: str, told: dict[str, object], says: str
    ) -> None:
        with pytest.raises(BadCell) as caught:
            number(cell, "actual", mapping_from({**SIMPLE, **told}))
        assert says in caught.value.reason


@given(
    value=st.decimals(-(10**9), 10**9, places=3),
    mark=st.sampled_from(" \u00a0\u202f\u2009\u2007\u3000"),
    minus=st.sampled_from("-\u2212\u2013\u2011"),
    around=st.sampled_from(["", " ", "\u00a0", "\u202f"]),
    point=st.sampled_from(".,"),
)
def test_a_number_is_the_same_with_any_blanks_and_signs(
    value: Decimal, mark: str, minus: str, around: str, point: str
) -> None:
    mapping = mapping_from({**SIMPLE, "thousands": " ", "decimal": point, "percent": True})
    signs = str.maketrans({",": mark, ".": point, "-": minus})
    cell = around + f"{value:,}".translate(signs) + around
    assert number(cell, "actual", mapping) == (value, False)
    assert number(f"{cell}%", "actual", mapping) == (value.scaleb(-2), True)


class TestPercent:
    """Numbers of one unit have the sign, or none of them has."""

    @pytest.mark.parametrize(
        ("rows", "bad"),
        [
            (("Uptime,2021,85%,84",), [(2, "actual")]),
            (("Uptime,2021,85,84%",), [(2, "target")]),
            (("Uptime,2021,85%,", "Uptime,2022,,84"), [(3, "actual")]),
            (("Uptime,2021,85,", "Uptime,2022,85%,"), [(2, "target")]),
            (("Uptime,2021,85%,84%", "Load,2021,85,84"), [(3, "actual"), (3, "target")]),
            (("Uptime,2021,85%,0", "Uptime,2022,85%,0.0"), []),
            (("Uptime,2021,85,84",), []),
            (("Uptime,2021,85%,84%",), []),
        ],
    )
    def test_a_bare_number_beside_them_is_bad(
        self, okr: Okr, tmp_path: Path, rows: tuple[str, ...], bad: list[tuple[int, str]]
    ) -> None:
        assert places(okr, simple(tmp_path, *rows, percent=True)) == bad

    def test_the_share_is_kept_when_going_on(self, okr: Okr, tmp_path: Path) -> None:
        file = simple(tmp_path, "Uptime,2021,85%,84", percent=True)
        report = imported(okr, *file, keep_going=True)
        assert (report.targets, report.readings) == (1, 0)
        assert kpi_of(okr, UPTIME).targets[0].target == Decimal("0.85")

    def test_another_unit_may_be_written_otherwise(self, okr: Okr, tmp_path: Path) -> None:
        content = "name,year,target,unit\nUptime,2021,85%,share\nReturns,2021,120,parcels\n"
        columns = {"name": "name", "year": "year", "target": "target", "unit": "unit"}
        assert places(okr, written(tmp_path, content, columns, percent=True)) == []


class TestDays:
    """A format says which days are meant, or the map is refused."""

    @pytest.mark.parametrize(
        ("cell", "format_", "first", "last"),
        [
            ("2026-09", "%Y-%m", "2026-09-01", "2026-09-30"),
            ("2024-2", "%Y-%m", "2024-02-01", "2024-02-29"),
            ("Sep 2026", "%b %Y", "2026-09-01", "2026-09-30"),
            ("december 2026", "%B %Y", "2026-12-01", "2026-12-31"),
            ("09/26", "%m/%y", "2026-09-01", "2026-09-30"),
            ("2026-W40", "%G-W%V", "2026-09-28", "2026-10-04"),
            ("2026-W01", "%G-W%V", "2025-12-29", "2026-01-04"),
            ("2026-W53", "%G-W%V", "2026-12-28", "2027-01-03"),
            ("2026-W40-5", "%G-W%V-%u", "2026-10-02", "2026-10-02"),
            ("2026-Q3", "%Y-Q%q", "2026-07-01", "2026-09-30"),
            ("Q4/26", "Q%q/%y", "2026-10-01", "2026-12-31"),
            ("2026", "%Y", "2026-01-01", "2026-12-31"),
            ("2028-366", "%Y-%j", "2028-12-31", "2028-12-31"),
            ("30.09.26", "%d.%m.%y", "2026-09-30", "2026-09-30"),
            ("2026-09-30 00:00:00", "%Y-%m-%d %H:%M:%S", "2026-09-30", "2026-09-30"),
            ("9/30/2026", "%m/%d/%Y", "2026-09-30", "2026-09-30"),
        ],
    )
    def test_a_cell_stands_for_its_days(
        self, cell: str, format_: str, first: str, last: str
    ) -> None:
        mapping_from({**SIMPLE, "dates": format_})
        assert parsed(cell, format_) == (date.fromisoformat(first), date.fromisoformat(last))

    @pytest.mark.parametrize(
        ("cell", "format_"),
        [
            ("2026-366", "%Y-%j"),
            ("2025-W53", "%G-W%V"),
            ("2026-W00-1", "%Y-W%W-%w"),
            ("2026-Q5", "%Y-Q%q"),
            ("2026-Q0", "%Y-Q%q"),
            ("2026-13", "%Y-%m"),
            ("2026-02-30", "%Y-%m-%d"),
        ],
    )
    def test_a_day_that_is_not_there_is_no_other(self, cell: str, format_: str) -> None:
        mapping_from({**SIMPLE, "dates": format_})
        with pytest.raises(ValueError, match=r"."):
            parsed(cell, format_)

    @pytest.mark.parametrize(
        "format_",
        [
            "%Y-%W", "%Y-%U", "%Y-%V", "%G", "%V", "%G-%m", "%m", "%d.%m", "%b", "%Y-%d", "%d",
            "%H:%M", "", "Y-M-D", "%q", "%Y-%m-Q%q", "%-d.%-m.%Y", "%Y %Y", "%K %Y", "%x", "%",
            "%%Y",
        ],
    )  # fmt: skip
    def test_a_format_that_does_not_say_is_refused_with_the_map(self, format_: str) -> None:
        with pytest.raises(Invalid) as caught:
            mapping_from({**SIMPLE, "dates": format_})
        assert caught.value.field == "dates"

    def test_a_month_is_a_span(self, okr: Okr, tmp_path: Path) -> None:
        """Its first day begins it, its last ends it and is what the value is about."""
        columns = {"name": "n", "starts": "from", "ends": "to", "target": "t", "actual": "a"}
        content = "n,from,to,t,a\nUptime,2024-09,2024-09,9,8\nUptime,2024-10,2024-12,9,7\n"
        assert places(okr, written(tmp_path, content, columns, dates="%Y-%m")) == []
        spans = [(each.starts, each.ends) for each in kpi_of(okr, UPTIME).targets]
        assert spans == [
            (date(2024, 9, 1), date(2024, 9, 30)),
            (date(2024, 10, 1), date(2024, 12, 31)),
        ]
        assert value_of(okr, UPTIME, "2024-12-31") == 7

    def test_one_column_may_be_both_days(self, okr: Okr, tmp_path: Path) -> None:
        columns = {"name": "n", "starts": "month", "ends": "month", "target": "t"}
        content = "n,month,t\nUptime,Sep 2024,9\n"
        imported(okr, *written(tmp_path, content, columns, dates="%b %Y"))
        assert kpi_of(okr, UPTIME).targets[0].ends == date(2024, 9, 30)


@given(st.dates(date(1970, 1, 1), date(2067, 12, 1)), st.sampled_from(FORMATS))
def test_the_days_of_a_format_hold_each_day_once(day: date, format_: str) -> None:
    """Those that hold the day are written alike, and the eve and the day after otherwise."""
    span = parsed(day_written(day, format_), format_)
    assert span.first <= day <= span.last
    assert parsed(day_written(span.first, format_), format_) == span
    assert parsed(day_written(span.last, format_), format_) == span
    assert parsed(day_written(span.last + ONE_DAY, format_), format_).first == span.last + ONE_DAY


def day_written(day: date, format_: str) -> str:
    return day.strftime(format_.replace("%q", str((day.month - 1) // 3 + 1)))


class TestColumns:
    """Years in the header, names of two columns, and no targets."""

    def test_a_column_for_each_year(self, okr: Okr, tmp_path: Path) -> None:
        columns = {"name": "KPI", "target": "Target {year}", "actual": "Actual {year}"}
        content = (
            "KPI,Target 2022,Actual 2022,target  2023,ACTUAL 2023,Total\n"
            "Uptime,90,80,91,NA,1\nNoise,,x,5,4,2\n"
        )
        report = imported(okr, *written(tmp_path, content, columns, blanks=["NA"]), keep_going=True)
        assert [bad[:2] for bad in report.bad] == [(3, "Actual 2022")]
        assert (report.rows, report.targets, report.readings) == (2, 3, 2)
        assert [each.target for each in kpi_of(okr, UPTIME).targets] == [90, 91]
        assert value_of(okr, UPTIME, "2022-12-31") == 80

    def test_a_value_about_the_future_defines_nothing(self, okr: Okr, tmp_path: Path) -> None:
        """Columns of other numbers than years are passed over."""
        columns = {"name": "KPI", "actual": "{year}"}
        content = "KPI,2023,2026,1023\nUptime,80,81,82\nNoise,,5,\n"
        report = imported(okr, *written(tmp_path, content, columns), keep_going=True)
        assert [bad[:2] for bad in report.bad] == [(2, "2026"), (3, "2026")]
        assert list(all_kpis(okr)) == ["Uptime"]
        assert len(kpi_of(okr, UPTIME).targets) == 1

    def test_years_alone_and_one_target_for_all(self, okr: Okr, tmp_path: Path) -> None:
        columns = {"name": "KPI", "target": "Target", "actual": "{year}"}
        content = "KPI,Target,2022,2023,20XX\nUptime,90,80,81,x\n"
        report = imported(okr, *written(tmp_path, content, columns))
        assert (report.bad, report.targets, report.readings) == ([], 2, 2)

    def test_a_column_for_each_month(self, okr: Okr, tmp_path: Path) -> None:
        columns = {"name": "KPI", "actual": "{span}"}
        content = "KPI,Jan 2024,Feb 2024\nUptime,80,81\n"
        imported(okr, *written(tmp_path, content, columns, dates="%b %Y"))
        assert value_of(okr, UPTIME, "2024-02-29") == 81

    @pytest.mark.parametrize(
        "header", ["KPI,Plan 2022", "KPI,Target", "KPI,Target 2022,TARGET 2022"]
    )
    def test_no_such_column_or_two_are_refused(self, okr: Okr, tmp_path: Path, header: str) -> None:
        columns = {"name": "KPI", "target": "Target {year}"}
        with pytest.raises(Invalid) as caught:
            imported(okr, *written(tmp_path, f"{header}\n", columns))
        assert caught.value.field == "columns.target"

    def test_two_columns_name_a_kpi(self, okr: Okr, tmp_path: Path) -> None:
        columns = {**SIMPLE["columns"], "name": ["name", "region"], "objective": "region"}
        content = (
            "name,region,year,target,actual\nUptime,North,2021,90,80\nUptime,South,2021,90,81\n"
            "UPTIME,north ,2022,90,82\nUptime,,2021,90,80\n"
        )
        report = imported(okr, *written(tmp_path, content, columns), keep_going=True)
        assert sorted(all_kpis(okr)) == ["Uptime, North", "Uptime, South"]
        assert [bad[:2] for bad in report.bad] == [(5, "name, region")]

    def test_parts_that_make_one_name_of_two_kpis_are_bad(self, okr: Okr, tmp_path: Path) -> None:
        columns = {**SIMPLE["columns"], "name": ["name", "region"]}
        content = 'name,region,year,target,actual\n"A, B",C,2021,1,1\nA,"B, C",2022,1,1\n'
        assert [line for line, _ in places(okr, written(tmp_path, content, columns))] == [3]

    @pytest.mark.parametrize(
        "told", [{}, {"columns": {"name": "name", "year": "year", "actual": "actual"}}]
    )
    def test_a_kpi_without_a_target_is_judged_by_nothing(
        self, okr: Okr, tmp_path: Path, told: dict[str, object]
    ) -> None:
        file = simple(tmp_path, "Uptime,2021,,80", "Uptime,2022,,81", "Noise,2021,,", **told)
        report = imported(okr, *file)
        assert (report.bad, report.kpis, report.targets, report.readings) == ([], 1, 0, 2)
        spans = [(each.starts.year, each.numbers) for each in kpi_of(okr, UPTIME).targets]
        assert spans == [(2021, (None, None, None)), (2022, (None, None, None))]
        assert any("judged by nothing" in note for note in report.notes)
        assert any("'Noise' has a target or a value" in note for note in report.notes)
        assert imported(okr, *file).is_recorded

    def test_one_that_has_a_target_gets_no_span_without_one(self, okr: Okr, tmp_path: Path) -> None:
        imported(okr, *simple(tmp_path, "Uptime,2021,,80", "Uptime,2022,90,81"))
        assert [each.starts.year for each in kpi_of(okr, UPTIME).targets] == [2022]

    def test_a_target_that_comes_later_replaces_none_with_a_reason(
        self, okr: Okr, tmp_path: Path
    ) -> None:
        imported(okr, *simple(tmp_path, "Uptime,2021,,80"))
        later = simple(tmp_path, "Uptime,2021,90,80")
        assert imported(okr, *later).bad == [
            BadRow(
                2,
                "target",
                "The recorded target is none. To replace it, give a reason for the import.",
            )
        ]
        assert imported(okr, *later, reason="Agreed.").appended == 1
