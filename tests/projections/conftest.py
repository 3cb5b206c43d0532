"""A story on each engine, and a way to try a property on many random histories of both."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from tests.conftest import DATABASE, ENGINES, empty
from tests.projections.random_history import Told, begin, histories
from tests.projections.story import Story

# Of a hundred examples in the profile, so many are tried on each engine.
SHARE = {"sqlite": 12, "postgresql": 2}
# Nothing here is about durability, so files lie in memory where the machine has such a place.
MEMORY = Path("/dev/shm")


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
def begun_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the files of the small world random histories begin with."""
    folder = tmp_path_factory.mktemp("begun")
    told = Told(f"sqlite:///{folder}/okr.db")
    begin(told)
    told.close()
    return folder


@pytest.fixture(params=ENGINES)
def every_history(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Tries a property on random histories, each told on a fresh database."""
    engine: str = request.param
    begun = request.getfixturevalue("begun_once" if engine == "sqlite" else "postgresql_server")
    fresh = on_sqlite if engine == "sqlite" else on_postgresql
    examples = max(settings.default.max_examples * SHARE[engine] // 100, 1)

    def every(holds: Callable[..., None], **more: st.SearchStrategy[Any]) -> None:
        def check(history: Any, **drawn: Any) -> None:
            with fresh(begun) as told:
                told.plays(history)
                holds(told, **drawn)

        check.__name__ = request.function.__name__  # each property draws histories of its own
        settings(max_examples=examples)(given(history=histories, **more)(check))()

    return every


@contextmanager
def on_sqlite(begun: Path) -> Iterator[Told]:
    """The small world in files of their own."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        for name in ("okr.db", "okr.directory.db"):
            shutil.copy(begun / name, Path(folder) / name)
        told = Told(f"sqlite:///{folder}/okr.db")
        try:
            yield told
        finally:
            told.close()


@contextmanager
def on_postgresql(server: Path) -> Iterator[Told]:
    """The small world in the emptied database."""
    empty(server)
    url = URL.create(
        "postgresql+psycopg", username="postgres", database=DATABASE, query={"host": str(server)}
    )
    told = Told(url.render_as_string(hide_password=False))
    try:
        begin(told)
        yield told
    finally:
        told.close()
