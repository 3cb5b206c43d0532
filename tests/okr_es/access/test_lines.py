"""Every command and every question belongs to exactly one line of the table of rights."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from uuid import UUID

import click
import pytest

from okr_es import commands
from okr_es.access import lines
from okr_es.access.rights import COLUMNS, About, Answer, Held, Line, may, word_of
from okr_es.domain.values import PeopleFigures, Role
from projections.queries import Queries
from web.api import evidence, imports, queries
from web.cli.commands.asking import Asking
from web.cli.commands.making import by_group
from web.cli.main import main

# What is asked of Queries without being a question.
ALL_OF_IT = Role.ADMINISTRATOR  # of people, teams, grants and keys
NO_QUESTIONS = {
    "for_viewer", "permitted", "without_hidden", "mark", "shows_event", "shows_words", "with_ids",
    "id_of", "hashes", "position", "named", "held", "with_shown_requests",
    "hides",
}  # fmt: skip


def words(listed: dict[lines.Where, str]) -> list[str]:
    return [name for names in listed.values() for name in names.split()]


def all_commands() -> set[str]:
    return {
        name
        for name, value in vars(commands).items()
        if inspect.isclass(value) and issubclass(value, commands.Command)
    } - {"Command"}


def all_questions() -> set[str]:
    asked = {name for name in vars(Queries) if not name.startswith("_")}
    routes = {route.question for route in queries.ROUTES}
    return (asked - NO_QUESTIONS) | routes | evidence_routes() | {imports.PREVIEW}


def evidence_routes() -> set[str]:
    """The names of the routes of evidence, as its blueprint is written."""
    source = inspect.getsource(evidence.blueprint)
    return {part.split('"')[1] for part in source.split("document(\n")[1:]} | {
        part.split('"')[1] for part in source.split("document(")[1:] if part.startswith('"')
    }


def all_lines_of(group: click.Group, *before: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from all_lines_of(command, *before, name)
        else:
            yield " ".join((*before, name))


def questions_of(group: click.Group, *before: str) -> Iterator[tuple[str, str]]:
    """The commands of the command line that ask one question of the API, and the question."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from questions_of(command, *before, name)
        elif isinstance(command, Asking):
            yield " ".join((*before, name)), command.question


def test_every_command_is_of_one_line() -> None:
    assert sorted(words(lines.COMMANDS_OF)) == sorted(all_commands())


def test_every_question_is_of_one_line() -> None:
    assert sorted(words(lines.QUESTIONS_OF)) == sorted(all_questions())


def test_every_command_of_the_command_line_is_of_one_or_of_the_machine() -> None:
    made = [f"{group} {name}" for group, routes in by_group().items() for name in routes]
    made += [name for name, question in questions_of(main) if question in lines.QUESTIONS]
    listed = [*made, *(name for names in lines.COMMAND_LINE_OF.values() for name in names)]
    assert sorted([*listed, *lines.OF_THE_MACHINE]) == sorted(all_lines_of(main))


def test_a_new_one_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    class Promote(commands.Command):
        pass

    monkeypatch.setattr(commands, "Promote", Promote, raising=False)
    monkeypatch.setattr(Queries, "salaries", lambda _: None, raising=False)
    monkeypatch.setitem(main.commands, "promote", click.Command("promote"))
    assert all_commands() - set(lines.COMMANDS) == {"Promote"}
    assert all_questions() - set(lines.QUESTIONS) == {"salaries"}
    assert "promote" in set(all_lines_of(main))


def test_a_team_commits_its_plan_and_an_administrator_that_of_the_cycle() -> None:
    assert lines.line_of_plan(is_of_a_team=True) == Line.PLANS == lines.COMMANDS["CommitPlan"][0]
    assert lines.line_of_plan(is_of_a_team=False) == Line.CYCLES


@pytest.mark.parametrize("question", lines.QUESTIONS)
def test_who_has_a_part_of_a_line_may_ask_its_questions(question: str) -> None:
    line, part = lines.QUESTIONS[question]
    actor, team, kpi = UUID(int=1), UUID(int=2), UUID(int=3)
    about = About(
        owners=frozenset({actor}), teams=frozenset({team}), kpi_id=kpi, part=part,
        people_figures=PeopleFigures.HR_TOO,
    )  # fmt: skip
    for role in COLUMNS:
        held = Held(role, team if role == Role.LEAD else None, frozenset({kpi}))
        has_a_part = word_of(line, role) != "no" and (line != Line.DIRECTORY or role == ALL_OF_IT)
        assert (may(line, actor, [held], about) != Answer.NO) == has_a_part, role
