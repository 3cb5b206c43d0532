"""Abuse in short: what nobody sends by mistake is refused; and the families find what is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from okr_es.application import Okr
from tests.faults.abuse import FAMILIES, Attacked, attacked, control, goes_on, tried

CASES = 8


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Attacked, Okr]]:
    folder: Path = tmp_path_factory.mktemp("abuse")
    with attacked(folder) as found:
        yield found


@pytest.mark.parametrize("family", FAMILIES)
def test_what_nobody_sends_by_mistake_is_refused(family: str, server: tuple[Attacked, Okr]):
    number, wrong = tried(server[0], FAMILIES[family], CASES)
    assert number >= CASES
    assert wrong + goes_on(*server) == []


def test_each_family_finds_what_a_server_does_wrong_that_believes_everything():
    assert [name for name, (_, wrong) in control().items() if not wrong] == []
