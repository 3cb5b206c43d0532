"""What is printed is for people: names beside ids, words for words, and no empty tables."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import click
import pytest
from click.testing import CliRunner

from okr_es.application import Okr
from okr_es.domain.refusals import Refusal
from okr_es.domain.team import Team
from okr_es.domain.values import TeamKind
from tests.web.cli.test_server import MARA, Both, example, goals, own_folder
from tests.web.conftest import ADA
from web.api.queries import ROUTES
from web.cli.commands.asking import Asking
from web.cli.commands.program import ASKED_BY_ADDRESS, SECTIONS, asked_at
from web.cli.main import main
from web.cli.output import change_line, is_empty
from web.cli.text.compare import side

__all__ = ["example", "goals", "own_folder"]


def said(url: str, *words: str) -> str:
    done = CliRunner().invoke(main, ["--database", url, *words])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def url(okr: Okr, company: dict[str, str]) -> str:
    assert company
    return okr.database.url.render_as_string(hide_password=False)


def test_a_dry_run_names_what_it_refers_to(url: str, company: dict[str, str]) -> None:
    found = said(
        url, "objectives", "draft", "--title", "Grow", "--team", "Web", "--owner", ADA,
        "--cycle", "2025-Q3", "--by", ADA, "--dry-run",
    )  # fmt: skip
    assert f"    team_id: {company['other_team_id']}  (Web)\n" in found
    assert "  (2025-Q3)\n" in found
    assert f"    owner_id: {ADA}\n" in found  # who reads the names of people is recorded


def test_a_warning_names_what_it_is_about(url: str, company: dict[str, str]) -> None:
    found = said(url, "cycles", "close", "2025-Q3", "--by", ADA, "--dry-run")
    assert f"    objective {company['objective_id']}  " in found


def test_also_by_a_server(example: Both) -> None:
    words = ("cycles", "close", "2026-Q1", "--by", MARA, "--dry-run")
    here, there = (call(*words).stdout for call in (example.here, example.there))
    assert "objective 294aafe1-76fa-5e89-996e-4d0d41fcc41f  grow where" in here
    assert here == there


@pytest.mark.parametrize(
    ("answer", "nothing"),
    [
        ({"objectives": []}, True), ({"position": 4, "approvals": []}, True),
        ({"id": "x", "key_results": []}, False), ({"from": {}, "entries": []}, False),
        ({"total": {}, "people": []}, False), ({"objectives": [{}]}, False),
    ],
)  # fmt: skip
def test_a_list_with_nothing_in_it_says_so(answer: dict[str, Any], nothing: bool) -> None:
    assert is_empty(answer) is nothing


def test_it_says_so_on_standard_error(url: str) -> None:
    words = ["--database", url, "objectives", "list", "--text", "zz"]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, done.stderr) == (0, "nothing found\n")
    assert len(done.stdout.splitlines()) == 1  # of which moment that is
    as_json = CliRunner().invoke(main, [*words, "--json"])
    assert as_json.stderr == ""


def test_what_needs_a_person_is_a_line_each(url: str, company: dict[str, str]) -> None:
    lines = said(url, "people", "needs", ADA).splitlines()
    assert lines[0].startswith("Ada, as known at position ")
    assert all(each.split("  ")[0] and "None" not in each for each in lines[1:])


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("score", None, "–"),
        ("progress", "0.2804", "28.04 %"), ("status", "off_track", "off track"),
        ("pace", "1.0168", "1.0168"), ("outcome", None, "–"), ("value", "908", "908"),
    ],
)  # fmt: skip
def test_a_difference_has_shares_and_words(field: str, value: str | None, text: str) -> None:
    assert side(field, value, {}) == text


@pytest.mark.parametrize(
    ("field", "before", "after", "line"),
    [
        ("approval_required", '["closing"]', "[]", "approval required: closing → –"),
        ("steps", None, '["Plan","Ship"]', "steps: Plan; Ship"),
        ("title", "[a]", '["b"]', 'title: [a] → ["b"]'),
        ("zones", None, '{"commit":"polite"}', "zones: commit polite"),
        ("target", "[no JSON", 5, "target: [no JSON → 5"),
        ("done_steps", None, ["a", "b"], "done steps: a; b"),
    ],
)
def test_a_change_shows_no_list_of_a_program(
    field: str, before: Any, after: Any, line: str
) -> None:
    assert change_line({"field": field, "before": before, "after": after}, {}) == line


@pytest.mark.parametrize(
    ("living", "sentence"),
    [
        ((1, 0), "1 team below Web still lives."), ((2, 0), "2 teams below Web still live."),
        ((0, 1), "1 objective of Web still runs."), ((0, 2), "2 objectives of Web still run."),
    ],
)  # fmt: skip
def test_one_is_no_plural(living: tuple[int, int], sentence: str) -> None:
    team = Team.form(id=uuid4(), name="Web", kind=TeamKind.TEAM, above=None)
    with pytest.raises(Refusal) as refused:
        team.disband(living_teams=living[0], living_objectives=living[1])
    assert refused.value.message == sentence


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_the_help_of_a_question_says_how_each_value_is_written(route: Any) -> None:
    command = Asking("x", route.question, lambda *_: (), "x", route.path)
    for each in command.params:
        if isinstance(each, click.Option):
            assert each.help not in {"A uuid.", "A position."}, each.name
            assert "uuid" not in str(each.help)


def test_words_of_an_option_are_completed(url: str) -> None:
    line = {"_OKR_ES_COMPLETE": "bash_complete", "COMP_CWORD": "4"}
    line["COMP_WORDS"] = "okr-es board 2025-Q3 --status o"
    found = CliRunner().invoke(main, [], prog_name="okr-es", env=line)
    assert found.output.split() == ["plain,on_track", "plain,off_track"]


def test_help_has_each_command_once_by_what_it_is_for() -> None:
    lines = CliRunner().invoke(main, ["--help"]).output.split("Look at goals:")[1].splitlines()
    listed = [each.split()[0] for each in lines if each.startswith("  ") and each[2] != " "]
    assert sorted(listed) == sorted({*main.commands, *ASKED_BY_ADDRESS})
    assert {each for names in SECTIONS.values() for each in names} <= {*listed}
    assert "..." not in "".join(lines)
    assert all(asked_at(each) for each in ASKED_BY_ADDRESS)
