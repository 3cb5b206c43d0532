"""A small world whose log is signed, on each engine in turn."""

from collections.abc import Iterator

import pytest

from okr_es.application import Okr
from okr_es.evidence.signer import Signer
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
def signer(okr: Okr) -> Signer:
    """The signer of its log."""
    return Signer(okr, origin="okr-es.example")
