"""Connections that break around COMMIT: the short form of `make faults-large`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from okr_es import commands as c
from okr_es.log import in_doubt
from tests.faults import ambiguous
from tests.faults.stores import OnPostgresql, OnSqlite, Store
from tests.support.postgresql import drop, url_of
from web.api.commands import ROUTES

OFTEN = (c.RegisterPerson, c.RenamePerson, c.ErasePerson, c.FormTeam, c.RecordReadings)
SOME = [route for route in ROUTES if route.command in OFTEN]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Where companies lie whose connections break, on each engine in turn."""
    if request.param == "sqlite":
        yield OnSqlite(tmp_path)
        return
    server = request.getfixturevalue("postgresql_server")
    store = OnPostgresql(url_of(server).replace("/okr?", "/postgres?").replace("+psycopg", ""))
    yield store
    for number in range(next(store.numbers)):
        drop(store.admin, f"fault{number}")
    store.admin.close()


def test_no_answer_denies_what_happened_and_all_of_it_happens_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_doubt, "PAUSE_SECONDS", 0.005)
    found = ambiguous.tried(store, 2, SOME)
    assert (found.wrong, found.tried) == ([], 2 * len(SOME))
    assert found.cut > 0


def test_the_control_takes_every_error_for_a_failure_and_denies(store: Store) -> None:
    assert ambiguous.control(store, 2, SOME).wrong != []
