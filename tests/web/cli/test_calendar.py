"""The calendar on the command line: shown, set, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from okr_es.application import Okr
from tests.web.conftest import ADA
from web.cli.main import main

BY = ("--by", ADA, "--reason", "It is so.")


class Line:
    """The command line on the small company's database; its time stands at August 2025."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, *words: str, **settings: str) -> Result:
        return CliRunner(env=settings).invoke(main, ["--database", self.url, "calendar", *words])

    def done(self, *words: str) -> list[str]:
        result = self.call(*words)
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()

    def refused(self, *words: str, exit_code: int = 1, **settings: str) -> str:
        result = self.call(*words, **settings)
        assert (result.exit_code, result.stdout) == (exit_code, "")
        return result.stderr

    def shown(self, *words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads("\n".join(self.done("show", "--json", *words)))
        return found


@pytest.fixture
def line(okr: Okr) -> Line:
    return Line(okr.database.url.render_as_string(hide_password=False))


def test_the_first_one_is_shown(line: Line) -> None:
    lines = line.done("show")
    assert lines[0].startswith("UTC, valid on all days, as of ")
    assert lines[1:4] == [
        "working days: monday, tuesday, wednesday, thursday, friday",
        "the year begins with month 1",
        "two-week periods are counted from 2024-01-01",
    ]
    assert lines[4].startswith("grace in working days: daily 1, weekly 3, every two weeks 3,")
    assert lines[5].startswith("holidays: 0,")


def test_it_is_set_part_by_part(line: Line) -> None:
    line.done("set", "--zone", "Europe/Stockholm", "--first-month", "5", *BY)
    line.done(
        "set", "--working-days", "monday", "--working-days", "tuesday", "--grace-weekly", "2",
        "--two-weeks-from", "2025-07-07", *BY,
    )  # fmt: skip
    found = line.shown()
    assert (found["zone"], found["first_month"]) == ("Europe/Stockholm", 5)
    assert found["working_days"] == ["monday", "tuesday"]
    assert (found["grace"]["weekly"], found["grace"]["monthly"]) == (2, 5)
    assert found["two_weeks_from"] == "2025-07-07"
    assert [each["version"] for each in found["versions"]] == [1, 2, 3]


def test_holidays_are_added_and_taken_away(line: Line) -> None:
    line.done("set", "--holidays-of", "SE", "--preset-from", "2040", "--preset-to", "2041", *BY)
    line.done(
        "set",
        "--add-holidays",
        "starts=2040-07-02,ends=2040-07-06,name=Summer",
        "--add-holidays",
        "starts=2040-03-01,name=Ski",
        *BY,
    )
    line.done("set", "--remove-holidays", "2040-12-24", *BY)
    found = {each["starts"]: each for each in line.shown()["holidays"]}
    assert found["2040-07-02"] == {"starts": "2040-07-02", "ends": "2040-07-06", "name": "Summer"}
    assert found["2041-12-24"]["name"] == "Julafton"
    assert "2040-12-24" not in found
    assert any("2040-03-01  Ski" in each for each in line.done("show"))


def test_one_of_a_later_day_is_announced(line: Line) -> None:
    assert line.done("set", "--valid-from", "2999-01-04", "--zone", "Asia/Tokyo", *BY)
    assert line.done("show")[-1] == "another is valid from 2999-01-04 on"
    assert line.shown("--at", "2999-02-01")["zone"] == "Asia/Tokyo"
    said = line.done("set", "--first-month", "2", *BY)[1]
    assert said == "note: A calendar that was to be valid from a later day on no longer is."


def test_what_cannot_be_done_is_said_in_a_line(line: Line) -> None:
    assert "A reason is needed to set the calendar." in line.refused("set", "--by", ADA)
    assert "Mars/Base is no time zone" in line.refused("set", "--zone", "Mars/Base", *BY)
    for words in (
        ("--add-holidays", "Christmas"), ("--add-holidays", "starts=2025-12-24"),
        ("--grace-weekly", "soon"), ("--working-days", "funday"), ("--first-month", "May"),
    ):  # fmt: skip
        assert line.refused("set", *words, *BY, exit_code=2)


def test_a_setting_that_contradicts_is_refused_at_the_start(line: Line) -> None:
    said = line.refused("show", OKR_ES_TIMEZONE="Europe/Stockholm")
    assert "OKR_ES_TIMEZONE cannot be used" in said
    assert "Europe/Stockholm" in said
    assert "UTC" in said
    assert line.call("show", OKR_ES_TIMEZONE="UTC").exit_code == 0
    assert line.call("show", OKR_ES_TIMEZONE="").exit_code == 0
