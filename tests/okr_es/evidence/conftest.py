"""A small world whose log is sealed, on each engine in turn."""

from collections.abc import Iterator

import pytest

from okr_es.application import Okr
from okr_es.evidence.signer import Sealer
from tests.support.given import World
from tests.support.world import built


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The world of the command tests."""
    made = built(database_url)
    yield made
    made.okr.close()


@pytest.fixture
def okr(world: World) -> Okr:
    """Its application."""
    return world.okr


@pytest.fixture
def sealer(okr: Okr) -> Sealer:
    """The sealer of its log."""
    return Sealer(okr, origin="okr-es.example")
