"""Power cuts through the whole application on SQLite: the short form of `make faults-large`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import power
from tests.support import disk_recorder


@pytest.fixture(autouse=True)
def listens() -> Iterator[None]:
    try:
        disk_recorder.listener()
    except disk_recorder.CannotListen as error:
        pytest.skip(str(error))
    return


def test_what_was_acknowledged_outlives_a_power_cut_and_nothing_is_half_done() -> None:
    found = power.tried(25, power.SOME)
    assert (found.wrong, found.tried) == ([], 25)
    assert found.twice > 0


def test_without_waiting_for_the_disk_something_is_lost() -> None:
    assert power.control(25).wrong != []
