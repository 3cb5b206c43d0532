"""The command line: results on stdout, errors in one line, and how it exits."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from okr_es.application import Okr
from projections.read_model.runner import Runner
from tests.web.conftest import ADA
from web.cli.main import main

CSV = """KPI,Year,Target,Actual
Vacancy,2023,3,2
Vacancy,2024,3,x
"""
MAP = """
[columns]
name = "KPI"
year = "Year"
target = "Target"
actual = "Actual"
[defaults]
unit = "%"
direction = "decrease"
source = "report"
cadence = "yearly"
"""


@pytest.fixture
def url(okr: Okr) -> str:
    """The database of the small company."""
    return okr.database.url.render_as_string(hide_password=False)


def call(*arguments: str, env: dict[str, str] | None = None) -> Result:
    """Call okr-es in this process, without what the environment says."""
    clean = dict.fromkeys(("OKR_ES_DATABASE", "OKR_ES_DEFAULT_ACTOR", "OKR_ES_TIMEZONE"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKR_ES_DATABASE", "")  # so that it is put back afterwards
        return CliRunner().invoke(main, arguments, env=clean | (env or {}))


def test_help_is_quick_because_it_loads_nothing_heavy():
    code = (
        "import sys; from web.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'flask', 'sqlalchemy', 'eventsourcing', 'rich', 'uvicorn'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout.endswith("[]\n")
    for command in ("serve", "demo", "import", "read-model", "history", "people", "audit"):
        assert command in done.stdout


def test_it_shows_its_version():
    assert call("--version").output.startswith("okr-es ")


def test_it_refuses_to_serve_others(url: str):
    done = call("--database", url, "serve", "--host", "0.0.0.0")
    assert done.exit_code == 1
    assert "0.0.0.0 can be reached from other machines" in done.stderr


def test_the_read_model_shows_how_far_it_has_come(url: str, okr: Okr):
    assert call("--database", url, "read-model", "catch-up").exit_code == 0
    done = call("--database", url, "read-model", "status", "--json")
    found = json.loads(done.stdout)
    assert (found["log"], found["behind"]) == (okr.log.head(), 0)
    assert "behind: 0" in call("--database", url, "read-model", "status").stdout


def test_the_read_model_is_rebuilt(url: str, okr: Okr):
    done = call("--database", url, "read-model", "rebuild")
    assert done.stdout == f"rebuilt up to position {okr.log.head()}\n"


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="Only Linux knows how.")
def test_a_rebuild_computes_only_where_no_other_process_wants_to(
    url: str, okr: Okr, monkeypatch: pytest.MonkeyPatch
):
    before, while_it_ran = os.sched_getscheduler(0), []

    def rebuild(*_: Any) -> None:
        while_it_ran.append(os.sched_getscheduler(0))

    monkeypatch.setattr(Runner, "rebuild", rebuild)
    assert call("--database", url, "read-model", "rebuild").exit_code == 0
    assert (while_it_ran, os.sched_getscheduler(0)) == ([os.SCHED_IDLE], before)


def test_a_history_is_shown_by_id_or_by_the_name_of_a_cycle(url: str, company: dict[str, str]):
    told = call("--database", url, "history", company["objective_id"])
    assert "objective.committed" in told.stdout
    assert "Ada" in told.stdout
    assert "cycle.opened" in call("--database", url, "history", "2025-Q3").stdout
    found = json.loads(call("--database", url, "history", "2025-Q3", "--json").stdout)
    assert found["entries"][0]["type"] == "cycle.opened"


@pytest.mark.parametrize("about", ["2031-Q1", "no such/name"])
def test_a_history_of_nothing_is_an_error(about: str, url: str):
    done = call("--database", url, "history", about)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Error: " in done.stderr


def test_people_register_each_other_and_the_first_themself(sqlite_url: str):
    first = call("--database", sqlite_url, "people", "register", "--name", "Ada").stdout.strip()
    assert call("--database", sqlite_url, "people", "register", "--name", "Bo").exit_code == 2
    done = call(
        "--database", sqlite_url, "people", "register", "--name", "Bo", "--email", "bo@example.com",
        "--by", first, "--json",
    )  # fmt: skip
    assert json.loads(done.stdout)["last_position"] == 4  # behind the key the log was signed with


def test_a_refusal_is_one_line(url: str):
    stranger = ADA.replace("6", "7")
    done = call("--database", url, "people", "register", "--name", "Bo", "--by", stranger)
    named, refused = done.stderr.splitlines()
    assert (done.exit_code, refused) == (1, f"Error: There is no person {stranger}.")
    assert named.startswith("command ")


@pytest.mark.parametrize(
    "bad", ["mysql://localhost/okr", "sqlite://", "nonsense", "sqlite:////proc/nowhere/okr.db",
            "postgresql://127.0.0.1:1/okr"]
)  # fmt: skip
def test_a_database_that_cannot_be_used_is_one_line(bad: str):
    done = call("--database", bad, "read-model", "status")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


def test_an_import_shows_bad_rows_and_imports_nothing_unless_asked_to_go_on(
    url: str, okr: Okr, tmp_path: Path
):
    file, map_ = tmp_path / "kpis.csv", tmp_path / "map.toml"
    file.write_text(CSV)
    map_.write_text(MAP)
    asked = ("--database", url, "import", "kpis", str(file), "--map", str(map_))
    head = okr.log.head()
    assert call(*asked).exit_code == 2
    done = call(*asked, "--by", ADA)
    assert (done.exit_code, okr.log.head()) == (1, head)
    assert "line 3: Actual: " in done.stdout
    dry = call(*asked, "--by", ADA, "--dry-run", "--keep-going")
    assert (dry.exit_code, okr.log.head()) == (0, head)
    assert "2 rows, 1 of them bad" in dry.stdout
    done = call(*asked, "--by", ADA, "--keep-going", "--json")
    key = 1  # which the log was signed with
    assert json.loads(done.stdout)["appended"] + key == okr.log.head() - head > key
    call(*asked, "--by", ADA, "--keep-going")
    assert json.loads(done.stdout)["appended"] + key == okr.log.head() - head


def test_an_import_shows_alike_bad_rows_once(url: str, tmp_path: Path):
    file, map_ = tmp_path / "kpis.csv", tmp_path / "map.toml"
    file.write_text(CSV + "".join(f"Vacancy,{year},3,NA\n" for year in range(2001, 2011)))
    map_.write_text(MAP)
    asked = ("--database", url, "import", "kpis", str(file), "--map", str(map_), "--by", ADA)
    done = call(*asked)
    assert "10 lines (4, 5, 6, 7, 8, …): Actual: 'NA' is no number" in done.stdout
    assert "12 rows, 11 of them bad" in done.stdout
    report = json.loads(call(*asked, "--json").stdout)
    assert [(each["count"], each["lines"][:2]) for each in report["alike"]] == [
        (1, [3]),
        (10, [4, 5]),
    ]
    file.write_text(
        "KPI,Year,Target,Actual\n" + "".join(f"K,{2000 + n},x{'y' * n},\n" for n in range(60))
    )
    assert "and 10 other kinds of bad rows; --json has all" in call(*asked).stdout


def test_an_example_of_a_map_is_printed_and_the_help_describes_it(tmp_path: Path):
    from okr_es.imports.mapping import FIELDS, OPTIONS, read_mapping

    done = call("import", "kpis", "--example-map")
    assert done.exit_code == 0
    map_ = tmp_path / "map.toml"
    map_.write_text(done.stdout, "utf-8")
    assert read_mapping(map_).name == ("KPI",)
    shown = call("import", "kpis", "--help").stdout
    assert [word for word in (*FIELDS, *OPTIONS, "--example-map") if word not in shown] == []


ID = ADA
MISSING = [
    ("board", "2025-Q4"), ("tree", "2025-Q4"), ("goal", ID), ("kpis", "list"), ("plan", "2025-Q4"),
    ("results", "2025-Q4"), ("review", "2025-Q4"), ("compare", "5", "6"), ("actual", ID),
    ("explain", ID, "--from", "5", "--to", "6"),
    ("replay", "2025-Q4"), ("history", ID), ("people", "list"),
    ("people", "hold", ID, "--matter", "T 1", "--reason", "so", "--by", ID),
    ("read-model", "status"), ("read-model", "catch-up"), ("read-model", "rebuild"),
    ("approvals", "list"), ("approvals", "show", ID), ("approvals", "approve", ID, "--by", ID),
    ("audit", "log"), ("audit", "access-log"), ("audit", "patterns", "2025-Q4"),
    ("audit", "verify"), ("audit", "sign"), ("audit", "checkpoints"),
    ("audit", "export", "bundle.zip"),
]  # fmt: skip


@pytest.mark.parametrize("words", MISSING, ids=" ".join)
def test_a_database_that_is_not_there_is_named_and_not_created(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    for named in ((), ("--database", f"sqlite:///{tmp_path}/gone.db")):
        done = call(*named, *words)
        assert (done.exit_code, done.stdout) == (1, ""), done.output
        file = tmp_path / ("gone.db" if named else "okr.db")
        assert f"{file} does not exist" in done.stderr
        assert "okr-es demo" in done.stderr
        assert "--database or OKR_ES_DATABASE" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_first_person_begins_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert call("people", "register", "--name", "Ada").exit_code == 0
    assert (tmp_path / "okr.db").exists()
    assert "There is no cycle 2025-Q4" in call("board", "2025-Q4").stderr
