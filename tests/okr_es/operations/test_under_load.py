"""Backups and copies while people come, change and go: the short form of `make faults-large`."""

from pathlib import Path

import pytest

from okr_es.application import Okr
from okr_es.commands import RegisterPerson
from okr_es.context import Context
from okr_es.database.database import Database
from okr_es.operations.moment import Moment
from okr_es.people.shredding import NotShredded, rewrite
from tests.faults import backups
from tests.faults.stores import OnSqlite, Store
from tests.support.world import ANN

CASES = 2


@pytest.mark.parametrize("way", [backups.by_backup, backups.by_json_lines])
def test_what_was_acknowledged_is_in_it_and_nobody_is_without_a_key(
    way: backups.Way, store: Store, tmp_path: Path
) -> None:
    found = backups.tried(way, store, OnSqlite(tmp_path / "copies"), CASES)
    assert found == {"tried": CASES, "wrong": 0, "holds": True}


def test_the_control_copies_plainly_and_is_wrong(store: Store) -> None:
    assert backups.tried(backups.plainly, store, store, CASES, is_control=True)["holds"]


def test_on_postgresql_no_erasure_empties_the_directory_that_is_copied(
    postgresql_url: str,
) -> None:
    """A table that is rewritten is empty for older snapshots."""
    okr = Okr(postgresql_url)
    okr.execute(RegisterPerson("Ann", None, ANN), Context(ANN))
    okr.close()
    directory = Database(postgresql_url, "directory")
    with Moment(postgresql_url) as moment:
        with pytest.raises(NotShredded):
            rewrite(directory, ["people"], tries=1)
        people = moment.connections["directory"].exec_driver_sql("SELECT id FROM people")
        assert len(people.all()) == 1
        moment.release("directory")
        rewrite(directory, ["people"], tries=1)
    directory.dispose()
