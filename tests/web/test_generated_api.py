"""What the description lets a generator make up, in short: `make faults` asks more often."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.api import MANY, Company, Tally, ask_commands, ask_many, blind, found
from web.api.commands import ROUTES

EVERY, ENOUGH = 4, 2  # one command among four, accepted twice


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return found(tmp_path_factory.mktemp("founded"))


def test_a_command_is_recorded_where_it_is_accepted_and_nowhere_else(
    company: Company, tmp_path: Path
) -> None:
    tally = Tally()
    ask_commands(company, ENOUGH, tally, tmp_path, EVERY)
    assert tally.wrong == []
    assert set(tally.accepted.values()) == {ENOUGH}
    assert len(tally.accepted) == len(ROUTES[1 % EVERY :: EVERY])


def test_many_in_one_body_are_recorded_as_their_verdicts_say(
    company: Company, tmp_path: Path
) -> None:
    tally = Tally()
    ask_many(company, ENOUGH, tally, tmp_path)
    assert (tally.wrong, tally.accepted[MANY]) == ([], ENOUGH)


def test_an_answer_that_contradicts_the_log_is_found(company: Company, tmp_path: Path) -> None:
    assert blind(company, tmp_path) == 0
