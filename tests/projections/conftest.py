"""A story on each engine, and a way to try a property on many random histories of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import ENGINES
from tests.support.begun import Begun, OnSqlite
from tests.support.random_history import Told, begin_history, histories, zones
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
def story(begun: Begun) -> Iterator[Story]:
    """A story that has begun, on each engine in turn."""
    yield from begun_story(begun)


@pytest.fixture
def story_on_sqlite(begun_on_sqlite: OnSqlite) -> Iterator[Story]:
    """A story that has begun, for the many cases of one rule that no engine knows of."""
    yield from begun_story(begun_on_sqlite)


def begun_story(begun: Begun) -> Iterator[Story]:
    with begun.fresh("story", begin_story) as url, closing(Story(url).goes_on()) as story:
        yield story


def begin_story(url: str) -> None:
    with closing(Story(url).begun()) as story:
        story.queries.runner.fresh()


@pytest.fixture(params=ENGINES)
def every_history(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Tries a property on random histories, each told on a fresh database."""
    engine: str = request.param
    begun: Begun = request.getfixturevalue(f"begun_on_{engine}")

    def every(
        holds: Callable[..., None], share: Share = SHARE, /, **more: st.SearchStrategy[Any]
    ) -> None:
        def check(history: Any, timezone: str, **drawn: Any) -> None:
            name = timezone.replace("/", "-")
            begin = partial(begin_history, timezone=timezone)
            with begun.fresh(name, begin) as url, closing(Told(url, timezone)) as told:
                told.plays(history)
                holds(told, **drawn)

        check.__name__ = request.function.__name__  # each property draws histories of its own
        examples = max(settings.default.max_examples * share[engine] // 100, 1)
        drawn = {"history": histories, "timezone": zones, **more}
        settings(max_examples=examples)(given(**drawn)(check))()

    return every
