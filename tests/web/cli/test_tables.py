"""Answers as CSV, as workbooks, and as tables in the terminal."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from os import terminal_size
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from tests.web.cli.test_history import Asks, asks, output
from web.cli.main import main
from web.cli.output import print_paged
from web.cli.tables import cells_of, guarded, rows_of, table_lines, table_of

__all__ = ["asks"]

BOARD: dict[str, Any] = {
    "position": 7,
    "cycle": {"id": "c1", "name": "2025-Q3"},
    "objectives": [
        {
            "id": "o1", "title": "Win", "owner": {"id": "p1"}, "score": "0.5", "graded": False,
            "scores": {"own": "0.4"}, "steps": ["a", "b"],
            "key_results": [{"id": "k1", "title": "Orders", "value": "3", "kpi": None}],
        },
    ],
}  # fmt: skip


def test_the_rows_of_a_board_are_its_objectives_each_with_its_key_results() -> None:
    assert [row["title"] for row in rows_of(BOARD)] == ["Win", "Orders"]
    assert rows_of(BOARD)[1]["objective"] == {"id": "o1", "title": "Win"}
    assert rows_of({"id": "x"}) == [{"id": "x"}]


def test_a_reference_is_a_name_and_an_id() -> None:
    columns, ((*cells,), _) = table_of(BOARD, {"p1": "Mara"})
    row = dict(zip(columns, cells, strict=True))
    assert (row["owner"], row["owner_id"]) == ("Mara", "p1")
    assert (row["scores.own"], row["steps"], row["graded"]) == ("0.4", "a; b", False)
    assert cells_of({"team": {"id": "t", "name": "Web"}}, {})["team"] == "Web"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1+1", "'=1+1"), ("+46 8 1", "'+46 8 1"), ("-x", "'-x"), ("@me", "'@me"),
        ("\tx", "'\tx"), ("\n=1", "'\n=1"), ("\uff1d1", "'\uff1d1"),
        ("-5.25", "-5.25"), ("Win", "Win"), (None, ""), (False, "no"), (7, "7"),
    ],
)  # fmt: skip
def test_what_a_sheet_would_take_for_a_formula_is_marked(value: Any, text: str) -> None:
    assert guarded(value) == text


WIDE = {
    "objectives": [
        {
            "id": "0194aaaa-0000", "title": "T" * 50, "owner": {"id": "p1", "name": "O" * 30},
            "team": {"id": "t1", "name": "M" * 30}, "status": "on_track", "score": "0.5",
        },
    ],
}  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 100, 300])
def test_a_table_fits_on_the_terminal_and_its_ids_stay_whole(width: int) -> None:
    heading, row = table_lines(WIDE, {}, width)
    assert max(map(len, (heading, row))) <= width
    assert row.startswith("0194aaaa  TTTTTTTTTT")
    assert row.endswith("50.0 %")
    assert ("team" in heading) is (width >= 80)


def test_a_table_without_rows_has_no_heading_either() -> None:
    assert [*table_lines({"objectives": []}, {})] == []


def test_a_table_has_short_ids_and_names() -> None:
    rows = {"kpis": [
        {"id": "0194aaaa-0000-7000-8000-000000000001", "name": "Churn", "owner": {"id": "p1"},
         "status": "off_track", "score": "0.6633"},
        {"id": "0194bbbb-0000-7000-8000-000000000001", "name": "Leads in all", "owner": None},
    ]}  # fmt: skip
    assert list(table_lines(rows, {"p1": "Mara"})) == [
        "id        name          owner  status     score",
        "0194aaaa  Churn         Mara   off track  66.33 %",
        "0194bbbb  Leads in all",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("board", "2025-Q3"), ("kpis", "list"), ("people", "list"), ("teams", "list"),
        ("audit", "log", "--limit", "5"), ("grants", "list"),
        ("compare", "2025-Q3:plan-committed",
        "2025-Q3:published"), ("history", "2025-Q3"), ("scoring-policy", "show"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_each_answer_is_csv_and_a_workbook_with_the_same_cells(
    words: tuple[str, ...], asks: Asks, tmp_path: Path
) -> None:
    heading, *rows = csv.reader(io.StringIO(output(asks, *words, "--csv")))
    assert rows
    assert all(len(row) == len(heading) for row in rows)
    file = tmp_path / "answer.xlsx"
    count = f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
    assert output(asks, *words, "--xlsx", str(file)) == f"{count} in {file}\n"
    written = [[cell for cell in row if cell] for row in (heading, *rows)]
    same = zip(sheet_of(file), written, strict=True)
    assert [(ours, theirs) for ours, theirs in same if not is_same(ours, theirs)] == []


def sheet_of(file: Path) -> list[list[str]]:
    """The cells of the first sheet, row by row, without the empty ones; a formula fails."""
    with zipfile.ZipFile(file) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert not list(sheet.iter(f"{name}f"))
    return [["".join(cell.itertext()) for cell in row] for row in sheet.iter(f"{name}row")]


def is_same(ours: list[str], theirs: list[str]) -> bool:
    return len(ours) == len(theirs) and all(
        one == other or float(one) == float(other) for one, other in zip(ours, theirs, strict=True)
    )


def test_it_is_one_form() -> None:
    words = ["kpis", "list", "--csv", "--json"]
    found = CliRunner().invoke(main, words, env={"OKR_ES_DATABASE": "sqlite:///nowhere.db"})
    assert found.exit_code != 0


def test_all_pages_come_in_a_row(asks: Asks) -> None:
    words = ("history", "2025-Q3", "--json")
    whole = json.loads(output(asks, *words))["entries"]
    assert len(whole) > 2
    pages = json.loads(output(asks, *words, "--limit", "1", "--all"))
    assert (pages["entries"], pages["next_before"]) == (whole, None)
    one = asks("history", "2025-Q3", "--limit", "2")
    assert one.stderr.startswith("there may be more: --all, or --before ")


def test_a_board_says_where_each_key_result_stands(asks: Asks) -> None:
    board = output(asks, "board", "2025-Q3")
    found = json.loads(output(asks, "board", "2025-Q3", "--json"))
    metric = next(
        each for row in found["objectives"] for each in row["key_results"]
        if each["kind"] == "metric" and each["direction"] is None and each["value"] is not None
    )  # fmt: skip
    (line,) = [each for each in board.splitlines() if metric["title"] in each]
    stands = f"{metric['value']}, {metric['baseline']} to {metric['target']} {metric['unit']}"
    assert f"· {metric['title']}: {stands}" in line
    assert metric["id"].startswith(line.split("·")[0].split()[-1])


@pytest.mark.parametrize(("is_terminal", "rows", "pages"), [(True, 5, True), (True, 50, False),
                                                            (False, 5, False)])  # fmt: skip
def test_what_does_not_fit_on_a_terminal_comes_page_by_page(
    is_terminal: bool, rows: int, pages: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    paged: list[str] = []
    monkeypatch.setattr("web.cli.output.sys.stdout", Terminal(is_terminal))
    monkeypatch.setattr("web.cli.output.get_terminal_size", lambda: terminal_size((80, rows)))
    monkeypatch.setattr("web.cli.output.click.echo_via_pager", paged.append)
    print_paged("line\n" * 10)
    assert bool(paged) == pages


class Terminal(io.StringIO):
    def __init__(self, is_one: bool) -> None:
        super().__init__()
        self.is_one = is_one

    def isatty(self) -> bool:
        return self.is_one
