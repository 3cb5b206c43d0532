"""A week's check-ins: asked one by one, or from a file; sent at the end, or not at all."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from okr_es.application import Okr
from tests.web.cli.test_main import call
from tests.web.cli.test_server import own_folder, served
from tests.web.conftest import ADA, BO
from web.cli.main import main

__all__ = ["own_folder"]


class Week:
    """The command line on the small company: Ada checks in on her one committed key result."""

    def __init__(self, okr: Okr) -> None:
        self.okr = okr
        self.url = okr.database.url.render_as_string(hide_password=False)

    def asks(self, *words: str, said: str = "", at: str = "") -> Result:
        place = ("--server", at) if at else ("--database", self.url)
        return CliRunner().invoke(main, [*place, "check-ins", *words, "--by", ADA], input=said)

    def recorded(self) -> list[str]:
        found = "SELECT type FROM events WHERE type = 'reading.checked_in'"
        return [str(type_) for (type_,) in self.okr.database.rows(found, {})]


@pytest.fixture
def week(okr: Okr, company: dict[str, str]) -> Week:
    """With a second key result, a milestone of two steps."""
    found = Week(okr)
    words = ("key-results", "add", company["objective_id"], "--title", "Ship it", "--kind",
             "milestone", "--steps", "Build", "--steps", "Test", "--by", ADA)  # fmt: skip
    done = call("--database", found.url, *words)
    assert done.exit_code == 0, done.output
    return found


@pytest.fixture
def _somebody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.cli.commands.making.is_terminal", lambda: True)


@pytest.mark.usefixtures("_somebody_is_there")
class TestOneByOne:
    def test_each_is_shown_and_asked_and_all_are_sent_after_a_yes(self, week: Week) -> None:
        done = week.asks(said="many\n410\n7\nGood.\nbuild\n\n\ny\n")
        assert done.exit_code == 0, done.output
        assert "1 of 2: New customers  (Lead the market)" in done.stderr
        assert "  no value yet, 0 to 1000 customers" in done.stderr
        assert "  value: Not a number." in done.stderr
        assert "New customers: value 410, confidence 7, comment Good." in done.stderr
        assert "Ship it: done steps build" in done.stderr
        assert "Send 2 check-ins?" in done.stderr
        assert done.stdout == "2 check-ins recorded\n"
        assert len(week.recorded()) == 2

    def test_enter_leaves_out(self, week: Week) -> None:
        done = week.asks(said="\n\n\n\n\n\n")
        assert (done.exit_code, done.stdout) == (0, "nothing to check in\n")
        assert week.recorded() == []

    @pytest.mark.parametrize("said", ["410\n\n\n\n\n\nn\n", "410\n7\n"], ids=["no", "ended"])
    def test_nothing_is_sent_without_the_last_yes(self, said: str, week: Week) -> None:
        done = week.asks(said=said)
        assert (done.exit_code, done.stdout, week.recorded()) == (1, "", [])

    def test_nobody_is_asked_about_what_is_not_theirs(self, week: Week) -> None:
        assert week.asks("--person", BO).stdout == "nothing to check in\n"
        assert "1 of 2" in week.asks("--team", "acme").stderr


class TestFromAFile:
    def form(self, week: Week) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(week.asks("--form").stdout)))

    def written(self, folder: Path, *rows: dict[str, str]) -> str:
        file = folder / "week.csv"
        with file.open("w", newline="") as opened:
            writer = csv.DictWriter(opened, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return str(file)

    def test_the_form_is_filled_in_and_sent(self, week: Week, tmp_path: Path) -> None:
        first, second = self.form(week)
        assert (first["title"], first["value"]) == ("New customers", "")
        first |= {"value": "410", "confidence": "7"}
        second |= {"done_steps": "Build; Test"}
        file = self.written(tmp_path, first, second)
        refused = week.asks(file)
        assert (refused.exit_code, "Nobody can be asked here" in refused.stderr) == (1, True)
        assert week.recorded() == []
        tried = week.asks(file, "--dry-run")
        assert tried.stdout.count("would record reading.checked_in") == 2
        assert week.recorded() == []
        for _ in range(2):
            done = week.asks(file, "--yes", "--key", "monday")
            assert (done.exit_code, done.stdout) == (0, "2 check-ins recorded\n"), done.output
        assert len(week.recorded()) == 2

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ({"key_result": "Ship it", "value": "x"}, "line 2: value: Not a number."),
            ({"key_result": "Ship it", "done_steps": "Dream"}, "Ship it: Dream is none of its"),
            ({"key_result": "Ship it", "confidence": "11"}, "Ship it: "),
            ({"key_result": "Ship it", "confidence": "--5"}, "line 2: confidence: Not a "),
            ({"key_result": "Ship it", "confidence": "\u00b2"}, "line 2: confidence: Not a "),
            ({"key_result": "Sail", "value": "1"}, "line 2: There is no key result Sail"),
            ({"key_result": "Ship it", "valeu": "1"}, "there is no column valeu"),
        ],
    )
    def test_one_that_cannot_be_read_sends_none(
        self, row: dict[str, str], said: str, week: Week, tmp_path: Path
    ) -> None:
        refused = week.asks(self.written(tmp_path, row), "--yes")
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert said in refused.stderr
        assert week.recorded() == []

    def test_a_past_week_is_about_its_last_day(self, week: Week, tmp_path: Path) -> None:
        file = self.written(tmp_path, {"key_result": "Ship it", "value": "1"})
        tried = week.asks(file, "--week", "2025-W33", "--dry-run")
        assert "as_of: 2025-08-17" in tried.stdout
        assert week.asks("--week", "2025-33").exit_code == 2

    def test_two_of_one_day_are_refused(self, week: Week, tmp_path: Path) -> None:
        row = {"key_result": "Ship it", "value": "1"}
        file = self.written(tmp_path, row, row | {"value": "2"})
        refused = week.asks(file, "--yes")
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "Ship it: Two are about one day of it" in refused.stderr
        with served(week.url) as both:
            there = week.asks(file, "--yes", at=both.server)
        assert (there.exit_code, "Ship it: Lines 1 and 2 are about one day" in there.stderr) == (
            1, True,
        )  # fmt: skip
        assert week.recorded() == []

    def test_a_server_takes_them_too(self, week: Week, tmp_path: Path) -> None:
        file = self.written(tmp_path, {"key_result": "Ship it", "value": "1"})
        with served(week.url) as both:
            tried = week.asks(file, "--dry-run", at=both.server)
            done = week.asks(file, "--yes", at=both.server)
        assert "would record reading.checked_in" in tried.stdout, tried.output
        assert (done.exit_code, done.stdout) == (0, "1 check-in recorded\n"), done.output
        assert len(week.recorded()) == 1
