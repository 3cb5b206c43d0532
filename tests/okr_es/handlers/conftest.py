"""A fresh world for every test."""

from collections.abc import Iterator

import pytest

from tests.support.begun import Begun, OnSqlite
from tests.support.given import World
from tests.support.world import begun_world


@pytest.fixture
def world(begun_on_sqlite: OnSqlite) -> Iterator[World]:
    """The world on SQLite."""
    yield from begun_world(begun_on_sqlite)


@pytest.fixture
def world_on_both(begun: Begun) -> Iterator[World]:
    """The world on each engine in turn."""
    yield from begun_world(begun)
