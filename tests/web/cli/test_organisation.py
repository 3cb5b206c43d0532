"""The organisation of a day on the command line; teams are called what they were called then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal

import pytest
from click.testing import CliRunner

from okr_es import commands as c
from okr_es.domain.values import TeamKind
from tests.support.begun import OnSqlite
from tests.support.story import ANN, BEN, NOW, SALES, Story, day
from web.cli.main import main

Line = Callable[..., str]


@pytest.fixture(scope="module")
def company(begun_on_sqlite: OnSqlite) -> Iterator[str]:
    """A company whose sales team got another name on day 60, once its plan was committed."""
    with begun_on_sqlite.fresh("renamed team", begin) as url:
        yield url


def begin(url: str) -> None:
    with closing(Story(url).begun()) as story:
        goal = story.objective(team_id=SALES)
        number = story.key_result(goal, title="leads won")
        story.does(c.CommitPlan(NOW, SALES))
        reading = story.checks_in(number, "40", day(50))
        story.on(day(60))
        story.does(c.RenameTeam(SALES, "Growth"))
        story.does(c.FormTeam("North", TeamKind.TEAM, SALES))
        story.does(c.CorrectReading(reading, Decimal(30)), reason="Counted again.", by=BEN)
        story.does(c.NameDeputy(ANN, BEN, day(60), day(70)), reason=None)
        story.does(c.AdoptScoringPolicy(on_track=Decimal("0.8")))
        story.queries.runner.fresh()


@pytest.fixture
def line(company: str) -> Line:
    """Calls the command line on the company; what it prints."""

    def call(*words: str) -> str:
        result = CliRunner().invoke(main, ["--database", company, *words])
        assert result.exit_code == 0, result.output
        return result.output

    return call


@pytest.mark.parametrize("question", [("review", "now", "--by", str(ANN)), ("plan", "now")])
def test_a_team_is_called_what_it_was_called_on_the_day(
    question: tuple[str, ...], line: Line
) -> None:
    then = line(*question, "--known-at", str(day(59)))
    now = line(*question)
    assert ("Sales" in then, "Growth" in then) == (True, False)
    assert ("Sales" in now, "Growth" in now) == (False, True)


def test_teams_are_printed_as_a_tree(line: Line) -> None:
    found = line("teams", "list").splitlines()[1:]
    assert [each[38:] for each in found] == [
        "Company  (team)", "  Growth  (team)", "    North  (team)",
    ]  # fmt: skip
    assert "Sales  (team)" in line("teams", "list", "--at", str(day(59)))
    shown = line("teams", "show", str(SALES)).splitlines()
    assert shown[1] == "Growth  (team)"
    assert shown[2].startswith("below Company  ")
    assert shown[3].startswith("above North  ")


def test_cycles_are_listed_and_one_says_whose_plans_were_committed(line: Line) -> None:
    assert "now  2025-01-01 to 2025-04-10, open, plan committed" in line("cycles", "list")
    assert "plan of Growth with all below committed at " in line("cycles", "show", "now")
    assert "plan of Sales with all below committed at " in line(
        "cycles", "show", "now", "--at", str(day(59))
    )


def test_a_person_is_printed_with_their_deputy(line: Line) -> None:
    found = line("people", "show", str(ANN), "--by", str(ANN))
    assert "Ann Example <ann@example.org>, deputy Ben Example from " in found


def test_a_reading_is_printed_with_who_corrected_it_and_why(line: Line) -> None:
    reading = line("audit", "log", "--type", "reading.corrected", "--json")
    id_ = reading.partition('"id": "')[2].partition("/")[0]
    found = line("readings", "show", id_)
    assert "leads won  " in found
    assert f"30 about {day(50)}, confidence 7" in found
    assert "by Ben Example – Counted again.\n    value: 40 → 30" in found


def test_the_scoring_policy_is_printed(line: Line) -> None:
    assert "on track from a pace of 0.8, at risk from 0.7" in line("scoring-policy", "show")
    then = line("scoring-policy", "show", "--at", str(day(59)))
    assert "the built-in policy\non track from a pace of 0.9" in then
