"""Every command of the API on the command line: tried, carried out, and sent to a server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import pytest
from click.testing import CliRunner

from okr_es.application import Okr
from okr_es.commands import RenameTeam
from okr_es.context import Context
from okr_es.evidence.signer import Signer
from tests.support.tried import everything
from tests.web.cli.steps import STEPS, Step
from tests.web.cli.test_server import Both, own_folder, served
from tests.web.conftest import ADA
from web.api.commands import ROUTES
from web.api.queries import ROUTES as QUESTIONS
from web.cli.commands.asking import ASKED_ELSEWHERE, Asking, words_of_question
from web.cli.commands.fields import leaves_of
from web.cli.commands.helps import HELP
from web.cli.commands.making import by_group
from web.cli.commands.naming import FINAL
from web.cli.commands.program import asked_at
from web.cli.main import main

__all__ = ["own_folder"]

RANDOM = {"command_id", "id", "recorded_at", "secret", "approval_id"}


def company_in(folder: Path, founded: tuple[Path, dict[str, str]]) -> str:
    """A copy of the small company, with a text to redact, signed."""
    shutil.copytree(founded[0], folder)
    url = f"sqlite:///{folder}/okr.db"
    with closing(Okr(url)) as okr:
        team = UUID(founded[1]["other_team_id"])
        okr.execute(RenameTeam(team, "Web 2"), Context(UUID(ADA), "Cem was ill."))
        okr.execute(RenameTeam(team, "Web"), Context(UUID(ADA), "He is back."))
        Signer(okr).sign()
    return url


@pytest.fixture
def both(tmp_path: Path, founded: tuple[Path, dict[str, str]]) -> Iterator[Both]:
    """One company on a database, and another, the same, behind a server."""
    here = company_in(tmp_path / "here", founded)
    with served(company_in(tmp_path / "there", founded)) as found:
        yield Both(here, found.server, found.okr)


def test_each_is_tried_carried_out_and_sent(both: Both, company: dict[str, str]) -> None:
    named = [{**company}, {**company}]
    with closing(Okr(both.database)) as okr:
        for ids in named:
            ids["change_at"] = str(okr.log.head() - 2)
        for step in STEPS:
            words, there = (calls(step, ids) for ids in named)
            require_traceless(okr, both, step, words)
            receipts = [
                receipt_of(both.here(*words, "--json")), receipt_of(both.there(*there, "--json"))
            ]  # fmt: skip
            assert alike(receipts[0]) == alike(receipts[1]), step
            for ids, receipt in zip(named, receipts, strict=True):
                ids.update(labelled(step, receipt))


def calls(step: Step, ids: dict[str, str]) -> list[str]:
    options = [each.format(**ids) for each in step.options]
    return [*step.words.split(), *options, *(() if "--by" in options else ("--by", ADA))]


def require_traceless(okr: Okr, both: Both, step: Step, words: list[str]) -> None:
    """It says what would be recorded, and records nothing but who looked somebody up."""
    before = everything(okr)
    tried = both.here(*words, "--dry-run")
    assert tried.exit_code == 0, (step, tried.output)
    assert tried.stdout.startswith("dry run: nothing is recorded\nwould record "), step
    assert f"would record {step.event}" in tried.stdout, (step, tried.stdout)
    after = everything(okr)
    assert without_reads(after) == without_reads(before), step


def without_reads(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    return {table: found for table, found in rows.items() if not table.startswith("access")}


def receipt_of(done: Any) -> dict[str, Any]:
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def alike(receipt: dict[str, Any]) -> dict[str, Any]:
    """A receipt but for what differs from run to run."""
    warned = [
        {"code": each["code"], "kinds": [thing["kind"] for thing in each["things"]]}
        for each in receipt["warnings"]
    ]
    kept = {name: value for name, value in receipt.items() if name not in RANDOM}
    return {**kept, "warnings": warned, "there": {name: receipt[name] is None for name in RANDOM}}


def labelled(step: Step, receipt: dict[str, Any]) -> dict[str, str]:
    if not step.label:
        return {}
    return {
        step.label: receipt["id"], f"{step.label}_at": str(receipt["last_position"]),
        f"{step.label}_request": receipt["approval_id"],
    }  # fmt: skip


def test_there_is_a_step_for_each() -> None:
    made = {f"{group} {name}" for group, routes in by_group().items() for name in routes}
    assert {step.words for step in STEPS} == made
    assert len(made) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.command.__name__)
def test_each_option_is_explained_and_has_a_name_of_its_own(route: Any) -> None:
    leaves = list(leaves_of(route.command, route.in_path))
    options = [leaf.option for leaf in leaves]
    assert len(set(options)) == len(options)
    unexplained = [
        leaf.option for leaf in leaves if not {leaf.option, leaf.path[-1]} & HELP.keys()
        and leaf.hint is not type(None)
    ]  # fmt: skip
    assert unexplained == []


def test_each_has_the_options_of_all() -> None:
    for group, routes in by_group().items():
        found = main.commands[group]
        assert isinstance(found, click.Group)
        for name, route in routes.items():
            options = {option for each in found.commands[name].params for option in each.opts}
            assert {"--by", "--key", "--dry-run", "--json"} <= options
            assert ("--yes" in options) == (route.command.__name__ in FINAL)


def test_each_question_has_a_command() -> None:
    context = click.Context(main)
    unasked = set()
    for route in QUESTIONS:
        first, name = words_of_question(route.path)
        found = main.commands.get(first) or asked_at(first)
        if isinstance(found, click.Group):
            found = found.get_command(context, name)
        if found is None and route.question not in ASKED_ELSEWHERE and not route.streamed:
            unasked.add(route.path)
    assert unasked == set()


def test_what_nobody_grouped_is_found_by_its_address() -> None:
    for name, kind in (("who-could", Asking), ("goals", click.Group), ("nothing", type(None))):
        assert isinstance(asked_at(name), kind)


ERASE = ("people", "erase", ADA, "--legal-ground", "Article 17", "--reason", "x", "--by", ADA)


class TestWhatCannotBeUndone:
    @pytest.fixture
    def url(self, okr: Okr) -> str:
        return okr.database.url.render_as_string(hide_password=False)

    def test_a_script_says_yes(self, url: str, okr: Okr) -> None:
        head = okr.log.head()
        refused = CliRunner().invoke(main, ["--database", url, *ERASE])
        assert (refused.exit_code, refused.stdout, okr.log.head()) == (1, "", head)
        assert refused.stderr == (
            "Error: This cannot be undone, and nobody can be asked here: --yes does it, --dry-run "
            "shows what would be recorded.\n"
        )

    @pytest.mark.parametrize(("answer", "grows"), [("y\n", True), ("n\n", False)])
    def test_a_person_is_shown_it_and_asked(
        self, answer: str, grows: bool, url: str, okr: Okr, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("web.cli.commands.making.is_terminal", lambda: True)
        head = okr.log.head()
        asked = CliRunner().invoke(main, ["--database", url, *ERASE], input=answer)
        assert "would record person.erased" in asked.stderr
        assert "This cannot be undone. Do it?" in asked.stderr
        assert (asked.exit_code == 0, okr.log.head() > head) == (grows, grows)
