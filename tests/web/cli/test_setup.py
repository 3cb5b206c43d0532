"""A new organisation is set up from nothing to a committed plan, or not at all."""

from __future__ import annotations

import json
import stat
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from okr_es.application import Okr
from tests.web.cli.test_main import call
from web.cli.main import main

YOU = ("Europe/Stockholm", "Ada Ek", "ada@example.org", "SE")
TEAMS = ("Northwind", "Sales", "", "Support", "Sales", "")
PEOPLE = ("Bo Lind", "bo@example.org", "sales", "Cem", "", "", "")
CYCLE = ("2026-Q4",)
OBJECTIVES = (
    "Win the north", "Sales", "Bo Lind",
    "Orders", "0", "10", "orders", "weekly", "Clients", "2", "5", "clients", "", "",
    "",
)  # fmt: skip
KPIS = ("Churn", "decrease", "5", "2", "%", "Billing", "", "", "")
ALL = (*YOU, *TEAMS, *PEOPLE, *CYCLE, *OBJECTIVES, *KPIS, "y")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/okr.db"


@pytest.fixture(autouse=True)
def own_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where databases that are thrown away lie."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def answers(url: str, *said: str, more: tuple[str, ...] = ()) -> Result:
    env = dict.fromkeys(("OKR_ES_DATABASE", "OKR_ES_DEFAULT_ACTOR", "OKR_ES_TIMEZONE"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKR_ES_DATABASE", "")
        words = ["--database", url, "setup", *more]
        return CliRunner().invoke(main, words, input="\n".join([*said, ""]), env=env)


def asked(url: str, *words: str) -> dict[str, Any]:
    done = call("--database", url, *words, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_all_is_recorded_after_the_last_yes(url: str, own_temporary: Path) -> None:
    done = answers(url, *ALL, "y")
    assert done.exit_code == 0, done.output
    people = asked(url, "people", "list")["people"]
    assert {each["name"]: each["email"] for each in people} == {
        "Ada Ek": "ada@example.org", "Bo Lind": "bo@example.org", "Cem": None,
    }  # fmt: skip
    (ada,) = (each["id"] for each in people if each["name"] == "Ada Ek")
    assert done.stdout.splitlines()[-1] == (
        f"It is recorded. You are {ada}: export OKR_ES_DEFAULT_ACTOR={ada}"
    )
    teams = {each["name"]: each for each in asked(url, "teams", "list")["teams"]}
    assert teams["Sales"]["parent"]["id"] == teams["Northwind"]["id"]
    assert teams["Support"]["parent"]["id"] == teams["Sales"]["id"]
    roles = asked(url, "grants", "list")["grants"]
    assert {(each["role"], each["team"] and each["team"]["id"]) for each in roles} == {
        ("administrator", None), ("lead", teams["Sales"]["id"]),
    }  # fmt: skip
    calendar = asked(url, "calendar", "show")
    assert calendar["zone"] == "Europe/Stockholm"
    assert any(each["name"] == "Julafton" for each in calendar["holidays"])
    (objective,) = asked(url, "board", "2026-Q4")["objectives"]
    assert (objective["title"], objective["state"]) == ("Win the north", "committed")
    assert [(each["title"], each["target"]) for each in objective["key_results"]] == [
        ("Orders", "10"), ("Clients", "5"),
    ]  # fmt: skip
    (kpi,) = asked(url, "kpis", "list")["kpis"]
    assert (kpi["name"], kpi["baseline"], kpi["target"]["target"]) == ("Churn", "5", "2")
    assert asked(url, "plan", "2026-Q4")["committed"] is not None
    assert list(own_temporary.iterdir()) == []


def test_each_command_has_a_key_and_came_from_the_command_line(url: str) -> None:
    assert answers(url, *ALL, "y").exit_code == 0
    with closing(Okr(url)) as okr:
        rows = okr.database.rows("SELECT DISTINCT origin FROM events WHERE command_id <> ''", {})
        assert ("cli",) in [tuple(row) for row in rows]
        first = okr.directory.ids()
    assert all(isinstance(each, UUID) for each in first)


@pytest.mark.parametrize(
    "said",
    [(*ALL, "n"), ALL, YOU, (*YOU, *TEAMS, *PEOPLE), ()],
    ids=["no", "no-answer", "after-you", "after-people", "at-once"],
)
def test_nothing_is_recorded_without_it(
    said: tuple[str, ...], url: str, tmp_path: Path, own_temporary: Path
) -> None:
    done = answers(url, *said)
    assert done.exit_code == 1
    assert not (tmp_path / "okr.db").exists()
    assert list(own_temporary.iterdir()) == []


def test_a_dry_run_shows_it_and_records_nothing(url: str, tmp_path: Path) -> None:
    done = answers(url, *ALL, more=("--dry-run",))
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == "dry run: nothing is recorded"
    assert "key result    Orders: 0 to 10 orders, weekly" in done.stdout
    assert not (tmp_path / "okr.db").exists()


def test_what_is_refused_is_said_and_asked_again(url: str) -> None:
    said = (
        "Mars/Base", *YOU[:3], "Narnia", "SE", *TEAMS, "Bo Lind", "", "Marketing", "", "",
        *CYCLE, "Win", "Nobody", "Sales", "", "Orders", "ten", "10", "orders", "",
        "Orders", "5", "5", "orders", "", "Orders", "0", "10", "orders", "", "", "", "", "n",
        "y",
    )  # fmt: skip
    done = answers(url, *said)
    assert done.exit_code == 0, done.output
    assert "Mars/Base is no time zone" in done.stderr
    assert "No holidays of Narnia are known" in done.stderr
    assert "There is none called Marketing; there are: Northwind, Sales, Support." in done.stderr
    assert "There is none called Nobody" in done.stderr
    assert "--baseline: Not a number." in done.stderr
    (objective,) = asked(url, "board", "2026-Q4")["objectives"]
    assert (objective["state"], len(objective["key_results"])) == ("draft", 1)


def test_a_cycle_of_another_name_has_its_days_asked(url: str) -> None:
    days = ("Spring", "2026-11-01", "2027-01-31")
    said = (*YOU, *TEAMS, "", *days, "", "", "y")
    assert answers(url, *said).exit_code == 0
    (cycle,) = asked(url, "cycles", "list")["cycles"]
    assert (cycle["name"], cycle["starts"], cycle["ends"]) == days


def test_an_organisation_that_is_there_is_left_alone(url: str) -> None:
    assert call("--database", url, "people", "register", "--name", "Ada").exit_code == 0
    done = answers(url, *ALL, "y")
    assert (done.exit_code, "There is an organisation in this database" in done.stderr) == (1, True)


def test_what_is_thrown_away_nobody_else_reads(
    url: str, own_temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []

    def look(*_: Any) -> str:
        modes.extend(stat.S_IMODE(each.stat().st_mode) for each in own_temporary.iterdir())
        return "x"

    monkeypatch.setattr("web.cli.rehearsal.Rehearsal.this_quarter", look)
    answers(url, *YOU, *TEAMS, "")
    assert modes == [0o700]
