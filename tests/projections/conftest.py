"""A story on each engine, and a way to try a property on many random histories of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from tests.conftest import ENGINES
from tests.support.begun import Begun, OnSqlite
from tests.support.story import Story
from tests.support.told_histories import drawn_for, try_new_ones, try_shared_ones

Share = dict[str, int]

# Of a hundred examples in the profile, so many are tried on each engine, unless a test says more.
# What looks until it has seen enough is given a hundred at least.
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
    """Tries a property on random histories, each on a fresh database."""
    engine: str = request.param
    begun: Begun = request.getfixturevalue(f"begun_on_{engine}")
    name: str = request.function.__name__

    def every(
        holds: Callable[..., None],
        share: Share = SHARE,
        enough: Callable[[], bool] | None = None,
        /,
        **more: st.SearchStrategy[Any],
    ) -> None:
        of = max(settings.default.max_examples, 0 if enough is None else 100)
        examples = max(of * share[engine] // 100, 1)
        if not settings.default.derandomize:
            try_new_ones(begun, holds, name, examples, more, enough)
            return
        drawn = drawn_for(f"{request.path.parent.name}_{request.path.stem}", examples)
        try_shared_ones(begun, holds, drawn, name, more, enough)

    return every
