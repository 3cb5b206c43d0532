"""Refusals name the option as it was typed, and what may be meant; times are those of the firm."""

from __future__ import annotations

import os
import re
from uuid import UUID

import pytest
from click.testing import CliRunner

from okr_es.commands import SetCalendar
from okr_es.context import Context
from tests.web.cli.test_server import MARA, Both, example, own_folder, small  # noqa: F401
from tests.web.conftest import ADA
from web import version
from web.cli.main import main
from web.cli.text.instants import maybe_instant

BACKWARDS = ("cycles", "open", "--name", "X", "--starts", "2027-05-01", "--ends", "2027-04-01")
BLAMED = {
    "a command": ((*BACKWARDS, "--by", MARA), "--ends: ends lies before starts, 2027-05-01."),
    "a moment": (("board", "2025-Q3", "--known-at", "never"), "--known-at: "),
    "a filter": (("objectives", "list", "--text", " "), "--text: "),
}


@pytest.mark.parametrize(("words", "said"), BLAMED.values(), ids=BLAMED.keys())
def test_a_refusal_names_the_option_that_was_typed(
    words: tuple[str, ...],
    said: str,
    example: Both,  # noqa: F811
) -> None:
    for refused in (example.here(*words), example.there(*words)):
        assert refused.exit_code in {1, 2}
        assert said in refused.stderr, refused.output


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("board", "2025-Q33"), "2025-Q3"),
        (("objectives", "list", "--cycle", "2025-3"), "2025-Q3"),
        (("cycles", "close", "2025Q4", "--yes", "--by", MARA), "2025-Q4"),
        (("kpis", "show", "csot per lead"), "Cost per lead"),
        (("teams", "show", "marketin"), "Marketing"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is_called_almost_so(
    words: tuple[str, ...],
    near: str,
    example: Both,  # noqa: F811
) -> None:
    for refused in (example.here(*words), example.there(*words)):
        assert refused.exit_code == 1
        assert "Is it one of these?" in refused.stderr, refused.output
        assert near in refused.stderr


def test_a_goal_that_is_not_there_is_no_unknown_cycle(example: Both) -> None:  # noqa: F811
    refused = example.here("objectives", "list", "--cycle", "2025-Q3", "--owner", ADA)
    assert (refused.exit_code, "one of these" in refused.stderr) == (1, False)


def test_a_server_of_another_version_is_named_where_something_is_refused(
    example: Both,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs, words = version(), ("board", "2025-Q3", "--known-at", "never")
    assert "okr-es" not in example.there(*words).stderr
    monkeypatch.setattr("web.version", lambda: "99.1")
    refused = example.there(*words)
    assert f"The server is okr-es {theirs}, and this is okr-es 99.1." in refused.stderr


def test_so_it_is_where_an_answer_lacks_something(
    example: Both,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lacking(*_: object) -> None:
        raise KeyError("objectives")

    monkeypatch.setattr("web.version", lambda: "99.1")
    monkeypatch.setattr("web.cli.remote.Remote.get", lacking)
    refused = example.there("board", "2025-Q3")
    assert "The answer is not as expected. The server is okr-es" in refused.stderr


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("board", "2025-Q"), {"2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"}),
        (("teams", "show", "mark"), {"Marketing"}),
        (("objectives", "list", "--team", "Mark"), {"Marketing"}),
        (("people", "show", "Ma"), set()),
    ],
)
def test_names_of_cycles_and_teams_are_completed_in_a_shell(
    words: tuple[str, ...],
    found: set[str],
    example: Both,  # noqa: F811
) -> None:
    reads = example.okr.access_log.head()
    for place in (("--database", example.database), ("--server", example.server)):
        typed = ("okr-es", *place, *words)
        env = {
            "_OKR_ES_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(typed),
            "COMP_CWORD": str(len(typed) - 1),
        }
        done = CliRunner().invoke(main, [], prog_name="okr-es", env={**os.environ, **env})
        assert {each.partition(",")[2] for each in done.stdout.split()} == found, place
    assert example.okr.access_log.head() == reads


def test_times_are_to_the_second_in_the_zone_of_the_organisation(small: Both) -> None:  # noqa: F811
    small.okr.execute(
        SetCalendar(zone="Asia/Tokyo"), Context(by=UUID(ADA), reason="We moved.", origin="cli")
    )
    for words in (("audit", "log"), ("history", "2025-Q4")):
        for found in (small.here(*words), small.there(*words)):
            assert found.exit_code == 0, found.output
            assert re.search(r"T\d\d:\d\d:\d\d\+09:00", found.stdout), found.stdout
            assert not re.search(r"\d\.\d{3,}", found.stdout)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2025-08-15T10:00:00.123456Z", "2025-08-15T10:00:00+00:00"),
        ("2025-08-15T10:00:00Z and more", "2025-08-15T10:00:00Z and more"),
        ("2025-08-15", "2025-08-15"),
    ],
)
def test_only_an_instant_is_written_as_one(written: str, shown: str) -> None:
    assert maybe_instant(written) == shown
