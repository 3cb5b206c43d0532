"""A fresh world for every test: built once on SQLite and copied; built anew on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.given import World
from tests.support.world import built, opened


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the files of a built world."""
    folder = tmp_path_factory.mktemp("world")
    built(f"sqlite:///{folder}/okr.db").okr.close()
    return folder


@pytest.fixture
def world(built_once: Path, tmp_path: Path) -> Iterator[World]:
    """The world on SQLite."""
    for name in ("okr.db", "okr.directory.db"):
        shutil.copy(built_once / name, tmp_path / name)
    world = opened(f"sqlite:///{tmp_path}/okr.db")
    yield world
    world.okr.close()


@pytest.fixture
def world_on_both(request: pytest.FixtureRequest, database_url: str) -> Iterator[World]:
    """The world on each engine in turn."""
    world = built(database_url)
    yield world
    world.okr.close()
