"""Connections that break around COMMIT: the short form of `make faults-large`."""

from __future__ import annotations

import pytest

from okr_es import commands as c
from okr_es.log import in_doubt
from tests.faults import ambiguous
from tests.faults.stores import Store
from web.api.commands import ROUTES

OFTEN = (c.RegisterPerson, c.RenamePerson, c.ErasePerson, c.FormTeam, c.RecordReadings)
SOME = [route for route in ROUTES if route.command in OFTEN]


def test_no_answer_denies_what_happened_and_all_of_it_happens_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_doubt, "PAUSE_SECONDS", 0.005)
    found = ambiguous.tried(store, 2, SOME)
    assert (found.wrong, found.tried) == ([], 2 * len(SOME))
    assert found.cut > 0


def test_the_control_takes_every_error_for_a_failure_and_denies(store: Store) -> None:
    assert ambiguous.control(store, 2, SOME).wrong != []
