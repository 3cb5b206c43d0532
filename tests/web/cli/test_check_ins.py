"""Check-ins on the command line: as people say them."""

from typing import Any
from uuid import UUID

import pytest

from okr_es.application import Okr
from okr_es.database.clock import utc_now
from projections.queries import Queries
from tests.web.cli.test_main import call
from tests.web.conftest import ADA

LINK, DIGEST = "https://files.example.org/7", "07" * 32


def checked_in(okr: Okr, company: dict[str, str], *said: str) -> dict[str, Any]:
    """What the first reading of the key result says after a check-in."""
    url = okr.database.url.render_as_string(hide_password=False)
    key_result = company["key_result_id"]
    found = call("--database", url, "key-results", "check-in", key_result, *said, "--by", ADA)
    assert found.exit_code == 0, found.output
    reading_id = found.stdout.strip()
    okr.clock = utc_now  # the command line has no clock of its own
    (*_, reading) = [
        each for each in Queries(okr).readings(UUID(key_result))["readings"]
        if each["id"] == reading_id
    ]  # fmt: skip
    return dict(reading)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (("--value", "410"), {"value": "410", "confidence": None}),
        (("--confidence", "7"), {"value": None, "confidence": 7}),
        (("--comment", "late"), {"value": None, "confidence": None, "comment": "late"}),
        (
            ("--value", "410.50", "--as-of", "2025-08-01"),
            {"value": "410.50", "as_of": "2025-08-01"},
        ),
        (
            ("--value", "410", "--link", LINK, "--sha256", DIGEST.upper()),
            {"evidence": {"link": LINK, "sha256": DIGEST}},
        ),
    ],
)
def test_it_takes_what_is_said(
    said: tuple[str, ...], shown: dict[str, Any], okr: Okr, company: dict[str, str]
) -> None:
    found = checked_in(okr, company, *said)
    assert {name: found[name] for name in shown} == shown


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("--value", "many"), "--value: Not a number."),
        (("--value", "410", "--link", LINK), "--sha256: Missing data for required field."),
    ],
)
def test_it_says_how_to_ask(
    said: tuple[str, ...], words: str, okr: Okr, company: dict[str, str]
) -> None:
    url = okr.database.url.render_as_string(hide_password=False)
    key_result = company["key_result_id"]
    found = call("--database", url, "key-results", "check-in", key_result, *said, "--by", ADA)
    assert (found.exit_code, words in found.output) == (2, True)


@pytest.mark.parametrize("said", ["target", "commit"])
def test_a_zone_fits_an_ordinal_alone(said: str, okr: Okr, company: dict[str, str]) -> None:
    url = okr.database.url.render_as_string(hide_password=False)
    found = call(
        "--database",
        url,
        "key-results",
        "check-in",
        company["key_result_id"],
        "--zone",
        said,
        "--by",
        ADA,
    )
    assert (found.exit_code, "has a value" in found.output) == (1, True)
