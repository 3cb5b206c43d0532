"""A story on each engine, and a way to try a property on many random histories of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import ENGINES
from tests.support.begun import OnPostgresql, OnSqlite
from tests.support.random_history import histories, zones
from tests.support.story import Story

Share = dict[str, int]

# Of a hundred examples in the profile, so many are tried on each engine, unless a test says more.
SHARE = {"sqlite": 12, "postgresql": 2}


@pytest.fixture
def untold(database_url: str) -> Iterator[Story]:
    """A story on an empty log, on each engine in turn."""
    story = Story(database_url)
    yield story
    story.close()


@pytest.fixture
def story(untold: Story) -> Story:
    """A story that has begun, on each engine in turn."""
    return untold.begun()


@pytest.fixture
def story_on_sqlite(sqlite_url: str) -> Iterator[Story]:
    """A story that has begun, for the many cases of one rule that no engine knows of."""
    story = Story(sqlite_url)
    yield story.begun()
    story.close()


@pytest.fixture(scope="session")
def begun_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> OnSqlite:
    """The small world random histories begin with, on SQLite."""
    return OnSqlite(tmp_path_factory.mktemp("begun"))


@pytest.fixture(scope="session")
def begun_on_postgresql(postgresql_server: Path) -> OnPostgresql:
    """The small world random histories begin with, on PostgreSQL."""
    return OnPostgresql(postgresql_server)


@pytest.fixture(params=ENGINES)
def every_history(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Tries a property on random histories, each told on a fresh database."""
    engine: str = request.param
    begun = request.getfixturevalue(f"begun_on_{engine}")

    def every(
        holds: Callable[..., None], share: Share = SHARE, /, **more: st.SearchStrategy[Any]
    ) -> None:
        def check(history: Any, timezone: str, **drawn: Any) -> None:
            with begun.fresh(timezone) as told:
                told.plays(history)
                holds(told, **drawn)

        check.__name__ = request.function.__name__  # each property draws histories of its own
        examples = max(settings.default.max_examples * share[engine] // 100, 1)
        drawn = {"history": histories, "timezone": zones, **more}
        settings(max_examples=examples)(given(**drawn)(check))()

    return every
