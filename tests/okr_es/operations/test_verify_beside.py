"""Receipts, directory and keys are compared with the events, and what is planted is found."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from okr_es.areas import upgrade
from okr_es.database.database import Database
from okr_es.operations.backup import make_backup, url_in
from okr_es.operations.verify_beside import verify_beside
from tests.support.old_databases import FOLDER, load
from tests.support.owners import owner


@contextmanager
def unguarded(url: str, area: str = "") -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """A session of somebody with full rights, all guards off."""
    database = Database(url, area)
    with owner(database) as run:
        if database.is_sqlite:
            for (name,) in run("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                run(f"DROP TRIGGER {name}")
        else:
            run("SET session_replication_role = replica")
        yield run
    database.dispose()


def test_what_was_recorded_holds(company_url: str) -> None:
    assert verify_beside(company_url) == []


def test_a_database_of_version_1_holds(database_url: str) -> None:
    load(FOLDER / "version_1.jsonl.xz", database_url)
    upgrade(database_url)
    assert verify_beside(database_url) == []


SOME = "(SELECT min(position) + 5 FROM events)"
COMMAND = f"(SELECT command_id FROM events WHERE position = {SOME})"
FIRST = "CAST(id AS text) = (SELECT min(CAST(id AS text)) FROM people)"
OTHERS = "(SELECT {} FROM people p WHERE p.id <> people.id ORDER BY id LIMIT 1)"
PLANTED = {
    "a receipt that is gone": (
        "", f"DELETE FROM commands WHERE command_id = {COMMAND}", "receipt", "name a command"),
    "a receipt of other events": (
        "", f"UPDATE commands SET first_position = first_position - 1 WHERE command_id = {COMMAND}",
        "receipt", "has not the events"),
    "a receipt of another time": (
        "", f"UPDATE commands SET recorded_at = '2020' WHERE command_id = {COMMAND}",
        "receipt", "has not the events"),
    "a receipt that is garbled": (
        "", f"UPDATE commands SET receipt = '{{\"id\": 3' WHERE command_id = {COMMAND}",
        "receipt", "cannot be read"),
    "a person without a key": (
        "directory", f"DELETE FROM people WHERE {FIRST}",
        "directory", "has no key"),
    "keys of two people swapped": (
        "directory", f"UPDATE people SET key = {OTHERS.format('key')} WHERE {FIRST}",
        "directory", "does not open"),
    "an entry of somebody else": (
        "directory", f"UPDATE people SET entry = {OTHERS.format('entry')} WHERE {FIRST}",
        "directory", "does not open"),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_what_is_planted_is_found(fault: str, company_url: str) -> None:
    area, statement, check, word = PLANTED[fault]
    with unguarded(company_url, area) as run:
        run(statement)
    found = verify_beside(company_url)
    assert [each for each in found if each.check == check and word in each.message], found


def test_a_text_that_no_key_opens_is_found(company_url: str) -> None:
    with unguarded(company_url) as run:
        ((position,),) = run("SELECT max(position) FROM events WHERE encrypted IS NOT NULL")
        run(
            "UPDATE events SET encrypted = (SELECT encrypted FROM events o WHERE o.encrypted IS "
            f"NOT NULL ORDER BY o.position LIMIT 1) WHERE position = {position}"
        )
    assert [(each.check, each.position) for each in verify_beside(company_url)] == [
        ("text", position)
    ]
    assert verify_beside(company_url, after=position) == []


def test_a_directory_that_is_gone_is_named(sqlite_url: str, tmp_path: Path) -> None:
    load(FOLDER / "version_1.jsonl.xz", sqlite_url)
    (tmp_path / "okr.directory.db").unlink()
    ((check, _, message),) = verify_beside(sqlite_url)
    assert (check, message) == ("files", f"{tmp_path}/okr.directory.db does not exist.")


def test_a_copy_where_nothing_can_be_written_is_verified_and_stays_as_it_is(
    company_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    make_backup(company_url, folder)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert verify_beside(url_in(folder), read_only=True) == []
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
