"""Programs that are killed under load: the short form of `make faults-large`."""

from __future__ import annotations

from tests.faults import crash
from tests.faults.stores import OnSqlite, Store

ONE_OF_EACH = ("server", "importer", "worker", "json lines")


def test_nothing_that_was_acknowledged_is_lost_or_doubled_or_half_done(store: Store) -> None:
    found = crash.tried(store, ONE_OF_EACH)
    assert (found.wrong, found.kills.total()) == ([], len(ONE_OF_EACH))
    assert found.commands > 0


def test_the_control_acknowledges_before_it_commits_and_loses(tmp_path) -> None:
    assert crash.control_lost(OnSqlite(tmp_path), kills=1)["holds"]
