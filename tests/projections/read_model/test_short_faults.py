"""A few of the faults of `make faults`: logs that are replaced, read models that are damaged."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

import pytest

from projections.read_model.runner import Runner
from tests.faults import course, damaged
from tests.faults.stores import OnSqlite
from tests.support.world import built

Begun = tuple[OnSqlite, str]


@pytest.fixture
def begun(tmp_path: Path) -> Begun:
    """A log with a read model, that nobody has open."""
    store = OnSqlite(tmp_path)
    url = store.url()
    world = built(url)
    course.happens(world, random.Random(7), 60)
    with closing(Runner(world.okr)) as runner:
        runner.fresh()
    world.okr.close()
    return store, url


@pytest.mark.parametrize("kind", course.KINDS)
def test_a_log_that_is_replaced_is_never_answered_wrongly(begun: Begun, kind: str) -> None:
    assert course.tried(*begun, kind, 1)["holds"]


def test_without_the_check_it_is(begun: Begun) -> None:
    assert course.tried(*begun, "same_length", 1, is_control=True)["wrong"] == 1


@pytest.mark.parametrize("kind", damaged.KINDS)
def test_a_damaged_read_model_is_never_answered_from(begun: Begun, kind: str) -> None:
    assert damaged.tried(*begun, kind, 1)["holds"]


def test_without_setting_it_aside_it_is(begun: Begun) -> None:
    assert damaged.tried(*begun, "garbage", 1, is_control=True)["wrong"] == 1
