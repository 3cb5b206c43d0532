"""People on the command line: listed, held, released, erased."""

import getpass
import json
import re
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from okr_es.application import Okr
from okr_es.context import Context
from okr_es.log.in_doubt import OutcomeUnknown
from tests.web.conftest import ADA
from web.cli.held_data import text_lines
from web.cli.main import main

GROUND = ("--legal-ground", "GDPR Article 17")
WHY = ("--reason", "They asked for it.")


class Line:
    """The command line on the small company's database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bo = self.done(
            "people", "register", "--name", "Bo", "--email", "bo@example.com", "--by", ADA
        )

    def call(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["--database", self.url, *words])

    def done(self, *words: str) -> str:
        result = self.call(*words)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    def refused(self, *words: str) -> str:
        result = self.call(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        return re.sub(r"^command .*\n", "", result.stderr)

    def listed(self, *words: str) -> list[str]:
        """The lines of the list, ids as short as they are."""
        return [
            re.sub(r" {2,}", "  ", each)
            for each in self.done("people", "list", *words).splitlines()
        ]

    def people(self) -> dict[str, Any]:
        found = json.loads(self.done("people", "list", "--json"))["people"]
        return {each["id"]: each for each in found}


@pytest.fixture
def line(okr: Okr) -> Line:
    return Line(okr.database.url.render_as_string(hide_password=False))


def test_the_log_says_that_an_operator_acted_and_the_client_info_which(line: Line, okr: Okr):
    line.done("people", "rename", line.bo, "--name", "Bo L", "--by", ADA)
    (row,) = okr.log.rows(okr.log.head() - 1, 1, ["origin", "command_id"])
    noted = okr.client_info.of_commands([UUID(row[2])])
    assert row[1] == "cli"
    assert noted == {UUID(row[2]): {"client": f"okr-es, user {getpass.getuser()}"}}


def test_a_person_is_erased_and_reads_as_a_former_colleague(line: Line):
    assert f"{line.bo[:8]}  Bo <bo@example.com>" in line.listed()
    told = line.done("people", "erase", line.bo, "--yes", *GROUND, *WHY, "--by", ADA)
    assert told.startswith("recorded at ")
    erased = f"{line.bo[:8]}  former colleague, erased: GDPR Article 17"
    assert erased in line.listed()


def test_a_hold_keeps_them_until_it_is_lifted(line: Line):
    for matter in ("T 1234-25", "audit 7"):
        line.done("people", "hold", line.bo, "--matter", matter, *WHY, "--by", ADA)
    assert line.people()[line.bo]["holds"] == ["T 1234-25", "audit 7"]
    assert "Bo <bo@example.com>, held for T 1234-25, audit 7" in line.done("people", "list")
    erase = ("people", "erase", line.bo, "--yes", *GROUND, *WHY, "--by", ADA)
    assert line.refused(*erase) == "Error: There is a legal hold: T 1234-25, audit 7.\n"
    for matter in ("audit 7", "T 1234-25"):
        line.done("people", "release", line.bo, "--matter", matter, *WHY, "--by", ADA)
    assert line.people()[line.bo]["holds"] == []
    receipt = json.loads(line.done(*erase, "--json"))
    assert receipt["id"] == line.bo
    assert line.people()[line.bo]["erased"] is True


@pytest.mark.parametrize(
    ("words", "lacking"),
    [
        (("erase", ADA, *WHY, "--by", ADA), "--legal-ground"),
        (("erase", ADA, "--yes", *GROUND, *WHY), "--by"),
        (("hold", ADA, *WHY, "--by", ADA), "--matter"),
    ],
)
def test_what_is_lacking_is_named(words: tuple[str, ...], lacking: str, line: Line):
    result = line.call("people", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert lacking in result.stderr


def test_what_does_not_stand_cannot_be_lifted(line: Line):
    told = line.refused("people", "release", line.bo, "--matter", "x", *WHY, "--by", ADA)
    assert told == "Error: --matter: There is no legal hold for that matter.\n"


class TestNamesDeputiesAndLeavers:
    def test_a_name_and_an_address_are_corrected(self, line: Line) -> None:
        line.done("people", "rename", line.bo, "--name", "Bo Ek", "--by", ADA)
        line.done("people", "email", "bo ek", "--email", "ek@example.com", "--by", ADA)
        assert f"{line.bo[:8]}  Bo Ek <ek@example.com>" in line.listed()
        line.done("people", "email", line.bo, "--no-email", "--by", ADA)
        assert f"{line.bo[:8]}  Bo Ek" in line.listed()

    def test_the_name_of_another_warns(self, line: Line) -> None:
        told = line.done("people", "rename", line.bo, "--name", "ADA", "--by", ADA)
        assert "Another person in the directory has the same name." in told

    def test_a_deputy_is_named_shown_and_withdrawn(self, line: Line) -> None:
        days = ("--starts", "2025-09-01", "--ends", "2025-09-30")
        line.done("people", "deputy", ADA, "--deputy", line.bo, *days, "--by", ADA)
        shown = f"{ADA}  Ada, deputy Bo from 2025-09-01 to 2025-09-30"
        assert shown in line.listed()
        line.done("people", "deputy", ADA, "--no-deputy", "--by", ADA)
        assert line.people()[ADA]["deputy"] is None

    def test_the_one_who_left_is_shown_to_be_gone_until_they_are_back(self, line: Line) -> None:
        left = ("people", "deactivate", line.bo, "--effective", "2025-08-01", "--by", ADA)
        line.done(*left)
        gone = f"{line.bo[:8]}  Bo <bo@example.com>, left on 2025-08-01"
        assert gone in line.listed()
        assert gone not in line.listed("--at", "2025-07-31")
        told = line.refused("people", "rename", line.bo, "--name", "Bob", "--by", line.bo)
        assert told == (
            "Error: That person left on 2025-08-01: they act no more and own nothing new.\n"
        )
        line.done("people", "reactivate", line.bo, "--by", ADA)
        assert line.people()[line.bo]["active"] is True

    @pytest.mark.parametrize(
        "words",
        [
            ("email", ADA),
            ("email", ADA, "--email", "a@example.com", "--no-email"),
            ("deputy", ADA),
            ("deputy", ADA, "--deputy", ADA, "--no-deputy"),
        ],
    )
    def test_either_something_or_none(self, words: tuple[str, ...], line: Line) -> None:
        result = line.call("people", *words, "--by", ADA)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"--{words[0]}" in result.stderr


class TestCommandsAndTheirKeys:
    def test_a_call_prints_its_command_whose_receipt_can_be_asked_for(self, line: Line) -> None:
        call = ("people", "rename", line.bo, "--name", "Bo Ek", "--by", ADA)
        command, _, key = line.call(*call).stderr.removeprefix("command ").partition(", key ")
        assert line.done("receipt", command).startswith("recorded at ")
        assert json.loads(line.done("receipt", command, "--json"))["command_id"] == command
        again = json.loads(line.done(*call, "--json", "--key", key.strip()))
        assert (again["command_id"], again["repeated"]) == (command, True)

    def test_so_does_one_that_is_refused_and_has_none(self, line: Line) -> None:
        call = ("people", "rename", line.bo, "--name", " ", "--by", ADA, "--key", "order 7")
        refused = line.call(*call)
        assert refused.exit_code == 1
        command = refused.stderr.partition(",")[0].removeprefix("command ")
        assert "Nothing is recorded under" in line.refused("receipt", command)

    def test_a_key_has_a_length(self, line: Line) -> None:
        refused = line.call(
            "people", "rename", line.bo, "--name", "X", "--by", ADA, "--key", "x" * 256
        )
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "--key" in refused.stderr

    def test_an_unknown_outcome_says_how_to_ask(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unknown(_: Any, __: Any, context: Context) -> None:
            raise OutcomeUnknown(context.command_id)

        monkeypatch.setattr(Okr, "execute", unknown)
        failed = line.call("people", "rename", line.bo, "--name", "X", "--by", ADA)
        command = failed.stderr.partition(",")[0].removeprefix("command ")
        assert failed.exit_code == 1
        assert f"`okr-es receipt {command}`" in failed.stderr


CORRECTIONS_AND_PREFERENCES = (
    "corrections of them that are still to be recorded, and what they prefer of pages."
)


def test_what_is_held_is_said_in_plain_words() -> None:
    about = {"person_id": "person 1", "position": "7"}
    found: Any = [
        {"section": "role", "item": {
            "role": "lead", "team": {"id": "3414f52e", "name": "Sales"}, "ends": None,
            "holds": True, "purpose": ""}},
        {"section": "own_look", "item": {"recorded_at": "2025-08-15", "about": about}},
        {"section": "directory", "item": {"corrections": [{"name": None, "email": "a@b.example"},
                                                          {"reason": "typed"}]}},
    ]  # fmt: skip
    assert list(text_lines(found)) == [
        "Roles that the person was given, from which day to which.", "",
        "  role: lead", "  team: Sales", "  holds today: yes", "",
        "What the person looked at themselves.", "",
        "  recorded at: 2025-08-15", "  about: of person 1, position 7", "",
        f"Name and e-mail address, {CORRECTIONS_AND_PREFERENCES}", "",
        "  corrections: email a@b.example; reason typed", "",
    ]  # fmt: skip


def test_what_is_held_is_printed_as_text_or_lines_and_recorded(line: Line, okr: Okr) -> None:
    text = line.done("people", "export", line.bo, "--by", ADA)
    assert text.startswith("What this is: of whom, up to which event, ")
    assert "\n\n  person: " in text
    assert "  name: Bo\n  email: bo@example.com\n\n" in text
    assert not {"{", "}", "[", "_", "None", "True"} & set(text.split())
    lines = [
        json.loads(each)
        for each in line.done("people", "export", line.bo, "--json", "--by", ADA).splitlines()
    ]
    assert lines[1] == {
        "section": "directory",
        "item": {
            "name": "Bo",
            "email": "bo@example.com",
            "corrections": [],
            "preferences": {"language": None, "first_page": None},
        },
    }
    assert ADA not in json.dumps(lines)
    reads = okr.access_log.search(what="held_data")
    assert [each.about["person_id"] for each in reads] == [line.bo] * 2
