"""A small world whose log is signed, on each engine in turn."""

from collections.abc import Iterator

import pytest

from okr_es.application import Okr
from okr_es.evidence.signer import Signer
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.world import begun_world


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    """The world of the command tests."""
    yield from begun_world(begun)


@pytest.fixture
def okr(world: World) -> Okr:
    """Its application."""
    return world.okr


@pytest.fixture
def signer(okr: Okr) -> Signer:
    """The signer of its log."""
    return Signer(okr, origin="okr-es.example")
