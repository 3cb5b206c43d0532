"""A pipe that closes early, as by `| head`, is no error: nothing is said, and the exit code is 141.

That is what a shell says of a program that SIGPIPE ended; 1 would be a refusal.
"""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import select

from okr_es.application import Okr
from okr_es.log.schema import checkpoints
from tests.support.pipes import into_closed_pipe
from tests.web.conftest import ADA

RUN = ("-c", "from web.cli.main import main; main()")


@pytest.fixture
def url(okr: Okr) -> str:
    """The database of the small company."""
    return okr.database.url.render_as_string(hide_password=False)


@pytest.mark.parametrize(
    "words",
    ["audit log", "audit log --json", "replay 2025-Q3", "audit verifier", "audit verify", "--help",
     "audit --help", "--version"],
)  # fmt: skip
def test_nothing_is_said_of_a_pipe_that_closes_early(words: str, url: str) -> None:
    assert into_closed_pipe(*RUN, "--database", url, *words.split()) == (141, "")


def test_both_outputs_may_be_closed(url: str) -> None:
    ended = into_closed_pipe(*RUN, "--database", url, "audit", "log", also_stderr=True)
    assert ended.exit_code == 141


def test_what_was_recorded_is_signed_all_the_same(url: str, okr: Okr) -> None:
    before = okr.log.head()
    register = ("people", "register", "--name", "Cy", "--by", ADA)
    ended = into_closed_pipe(*RUN, "--database", url, *register)
    assert ended.exit_code == 141
    assert ended.stderr.startswith("command ")  # and its key, which it says before it acts
    assert len(ended.stderr.splitlines()) == 1
    assert okr.log.head() > before
    with okr.database.reader.connect() as connection:
        assert connection.execute(select(checkpoints.c.cause)).scalars().all() == ["activity"]


def test_a_log_that_is_not_as_recorded_keeps_its_exit_code(url: str, okr: Okr) -> None:
    bare = sqlite3.connect(str(okr.database.url.database), isolation_level=None)
    bare.execute("DROP TRIGGER events_refuse_update")
    bare.execute("UPDATE events SET origin = 'import' WHERE position = 4")
    bare.close()
    assert into_closed_pipe(*RUN, "--database", url, "audit", "verify") == (1, "")


def test_a_refusal_is_one_all_the_same(url: str) -> None:
    ended = into_closed_pipe(*RUN, "--database", url, "board", "2031-Q1")
    assert ended == (1, "Error: There is no cycle 2031-Q1.\n")
