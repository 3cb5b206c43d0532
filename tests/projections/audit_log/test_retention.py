"""For how long what is about people is kept can be asked for by everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from okr_es import commands as c
from okr_es.database.clock import instant
from okr_es.operations.retention import carry_out
from projections.queries import Queries
from tests.okr_es.operations.test_cutting import YEAR, begin
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.world import begun_world, opened

NOTHING_SET = {
    "person_texts_years": None, "client_info_years": None, "access_log_years": None,
    "set_at": None, "set_by_event": None, "access_log_cut": None,
}  # fmt: skip


@pytest.fixture
def world(begun_on_sqlite: Begun) -> Iterator[World]:
    yield from begun_world(begun_on_sqlite)


def asked(world: World) -> dict[str, object]:
    queries = Queries(world.okr)
    found = dict(queries.retention())
    queries.runner.close()
    assert found.pop("position") == world.okr.log.head()
    return found


def test_where_nothing_was_set_all_is_kept_for_ever(world: World) -> None:
    assert asked(world) == NOTHING_SET


def test_what_was_set_last_is_said_with_the_event(world: World) -> None:
    world.execute(c.SetRetention(3, None, 2), reason="So says our list.")
    world.execute(c.SetRetention(client_info_years=1), reason="So says our list.")
    assert asked(world) == NOTHING_SET | {
        "person_texts_years": 3, "client_info_years": 1, "access_log_years": 2,
        "set_at": instant(world.clock.now), "set_by_event": world.okr.log.head(),
    }  # fmt: skip


def test_where_the_access_log_was_cut_is_said(begun_on_sqlite: Begun) -> None:
    with begun_on_sqlite.fresh("reads of over a year", begin) as url:
        world = opened(url)
        world.clock.now += YEAR
        head = world.okr.log.head()
        carry_out(world.okr)
        assert asked(world)["access_log_cut"] == {
            "at": 5, "recorded_at": instant(world.clock.now), "event": head + 2, "years": 1,
            "set_by_event": head,
        }  # fmt: skip
        world.okr.close()
