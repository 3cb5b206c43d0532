"""Api keys on the command line: made with their secret, listed, and revoked."""

import json

import pytest

from okr_es.access.bearer import read_bearer
from okr_es.application import Okr
from tests.web.cli.test_people import Line, line
from tests.web.conftest import ADA

__all__ = ["line"]

INGEST = ("--role", "ingest_key")
WHY = ("--reason", "Nightly load.")


def made(line: Line, *words: str) -> list[str]:
    return line.done("keys", "create", "--name", *words, *WHY, "--by", ADA).splitlines()


def test_one_is_made_and_its_secret_is_printed(line: Line, company: dict[str, str], okr: Okr):
    key, secret = made(line, "Warehouse", *INGEST, "--kpi", company["kpi_id"])
    shown = read_bearer(secret.removeprefix("secret "))
    assert shown is not None
    assert key == str(shown.key_id)
    listed = line.done("keys", "list")
    assert listed.startswith(f"{str(shown.key_id)[:8]}  Warehouse: ingest_key of 1 KPI to ")
    assert listed.endswith(", made by Ada, not used")
    assert okr.log.rows(okr.log.head() - 1, 1, ["origin", "by"])[0][1:] == ("cli", ADA)


def test_the_same_call_again_prints_no_secret(line: Line):
    words = ("Lake", "--role", "member", "--key", "first")
    key, _ = made(line, *words)
    assert made(line, *words) == [key]


def test_on_the_machine_a_role_of_people_is_given(line: Line, company: dict[str, str]):
    made(line, "Ada's line", "--role", "lead", "--team", company["team_id"])
    assert "Ada's line: lead of Acme to " in line.done("keys", "list")


def test_one_is_revoked(line: Line):
    key, _ = made(line, "Lake", "--role", "member")
    line.done("keys", "revoke", key, "--yes", *WHY, "--by", ADA)
    assert line.done("keys", "list").endswith("made by Ada, not used  (revoked)")
    (found,) = json.loads(line.done("keys", "list", "--json"))["keys"]
    assert (found["revoked"], found["works"]) == (True, False)


@pytest.mark.parametrize(
    "words", [("Lake", *INGEST), ("Lake", "--role", "lead")], ids=["kpis", "team"]
)
def test_what_is_missing_is_said(words: tuple[str, ...], line: Line):
    refused = line.refused("keys", "create", "--name", *words, *WHY, "--by", ADA)
    assert refused.startswith(("Error: --kpi: A", "Error: --team: A"))
