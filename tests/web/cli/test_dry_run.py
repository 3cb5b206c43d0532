"""Every command of the command line that changes something can be tried out first."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from okr_es.application import Okr
from tests.support.tried import everything
from tests.web.cli.steps import STEPS
from tests.web.cli.test_main import call
from tests.web.conftest import ADA
from web.cli.main import main

ROOT = Path(__file__).parents[3]
WHY = ("--reason", "It has to be.")


def with_dry_run(
    group: click.Group, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Each command, and whether it has the option."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from with_dry_run(command, (*above, name))
        else:
            options = {option for each in command.params for option in each.opts}
            yield (*above, name), "--dry-run" in options


def test_each_of_them_is_tried() -> None:
    there = {" ".join(words) for words, has in with_dry_run(main) if has}
    elsewhere = {"admin grant", "import kpis", "grants end-orphaned", "check-ins", "setup"}
    assert there - {step.words for step in STEPS} == elsewhere


def test_commands_are_executed_in_one_place() -> None:
    """So none forgets that it may be a dry run."""
    found = {
        path.name: path.read_text().count(".execute(") for path in ROOT.glob("web/cli/**/*.py")
    }
    assert {name for name, times in found.items() if times} == {"receipts.py"}


@pytest.fixture
def url(okr: Okr) -> str:
    return okr.database.url.render_as_string(hide_password=False)


def test_that_of_the_first_administrator_leaves_nothing(okr: Okr, url: str) -> None:
    before = everything(okr)
    tried = call("--database", url, "admin", "grant", ADA, *WHY, "--dry-run")
    assert (tried.exit_code, everything(okr) == before) == (0, True), tried.output
    assert "would record grant.given" in tried.stdout


def test_fields_stand_below_the_event(url: str, company: dict[str, str]) -> None:
    options = ("cycles", "require-approval", "2025-Q3", "--of", "closing", "--by", ADA, "--dry-run")
    found = call("--database", url, *options)
    cycle_id = json.loads(call("--database", url, *options, "--json").stdout)
    about = cycle_id["would_record"][0]["about"]
    assert found.stdout.splitlines() == [
        "dry run: nothing is recorded",
        f"would record cycle.approval_required: cycle {about['id']} 2025-Q3",
        '    of: ["closing"]',
    ]


def test_it_says_that_nothing_would_have_to_change(url: str) -> None:
    options = ("cycles", "require-approval", "2025-Q4", "--of", "closing", "--by", ADA, "--dry-run")
    assert call("--database", url, *options).stdout.splitlines() == [
        "dry run: nothing is recorded",
        "nothing would have to change",
    ]


def test_it_is_refused_as_the_command_would_be(url: str) -> None:
    options = ("people", "hold", ADA, "--matter", " ", *WHY, "--by", ADA)
    tried, done = (call("--database", url, *options, *more) for more in (("--dry-run",), ()))
    assert (tried.exit_code, tried.output) == (1, done.output.partition("\n")[2])


def test_it_makes_no_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/okr.db"
    tried = call("--database", url, "people", "register", "--name", "Ada", "--dry-run")
    assert (tried.exit_code, "There is no database" in tried.output) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_that_of_an_import_leaves_nothing_either(okr: Okr, url: str, tmp_path: Path) -> None:
    file, map_ = tmp_path / "kpis.csv", tmp_path / "map.toml"
    file.write_text("KPI,Year,Target,Actual\nUptime,2024,99,98\n")
    map_.write_text(
        '[columns]\nname = "KPI"\nyear = "Year"\ntarget = "Target"\nactual = "Actual"\n'
        '[defaults]\ndirection = "at_least"\nunit = "%"\nsource = "Books"\ncadence = "yearly"\n'
    )
    call_ = ("--database", url, "import", "kpis", str(file), "--map", str(map_), "--by", ADA)
    before = everything(okr)
    tried = call(*call_, "--dry-run")
    assert (tried.exit_code, everything(okr) == before) == (0, True), tried.output
    assert call(*call_).exit_code == 0
    assert everything(okr) != before
