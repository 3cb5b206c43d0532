"""People on the command line: listed, held, released, erased."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from okr_es.application import Okr
from tests.web.conftest import ADA
from web.cli.main import main

GROUND = ("--legal-ground", "GDPR Article 17")
WHY = ("--reason", "They asked for it.")


class Line:
    """The command line on the small company's database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bo = self.done("people", "register", "Bo", "--email", "bo@example.com", "--by", ADA)

    def call(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["--database", self.url, *words])

    def done(self, *words: str) -> str:
        result = self.call(*words)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    def refused(self, *words: str) -> str:
        result = self.call(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        return result.stderr

    def people(self) -> dict[str, Any]:
        found = json.loads(self.done("people", "list", "--json"))["people"]
        return {each["id"]: each for each in found}


@pytest.fixture
def line(okr: Okr) -> Line:
    return Line(okr.database.url.render_as_string(hide_password=False))


def test_a_person_is_erased_and_reads_as_a_former_colleague(line: Line):
    assert f"{line.bo}  Bo <bo@example.com>" in line.done("people", "list").splitlines()
    told = line.done("people", "erase", line.bo, *GROUND, *WHY, "--by", ADA)
    assert told == "erased; what backups still hold, only their expiry removes"
    erased = f"{line.bo}  former colleague, erased: GDPR Article 17"
    assert erased in line.done("people", "list").splitlines()


def test_a_hold_keeps_them_until_it_is_lifted(line: Line):
    for matter in ("T 1234-25", "audit 7"):
        held = line.done("people", "hold", line.bo, "--matter", matter, *WHY, "--by", ADA)
        assert held == f"held for {matter}"
    assert line.people()[line.bo]["holds"] == ["T 1234-25", "audit 7"]
    assert "Bo <bo@example.com>, held for T 1234-25, audit 7" in line.done("people", "list")
    erase = ("people", "erase", line.bo, *GROUND, *WHY, "--by", ADA)
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
        (("erase", ADA, *GROUND, "--by", ADA), "--reason"),
        (("erase", ADA, *GROUND, *WHY), "--by"),
        (("hold", ADA, *WHY, "--by", ADA), "--matter"),
        (("release", ADA, "--matter", "x", "--by", ADA), "--reason"),
    ],
)
def test_what_is_lacking_is_named(words: tuple[str, ...], lacking: str, line: Line):
    result = line.call("people", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert lacking in result.stderr


def test_what_does_not_stand_cannot_be_lifted(line: Line):
    told = line.refused("people", "release", line.bo, "--matter", "x", *WHY, "--by", ADA)
    assert told == "Error: There is no legal hold for that matter.\n"
