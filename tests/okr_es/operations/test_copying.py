"""A copy has the same positions, hashes and checkpoints, wherever it goes; or there is none."""

import json
import stat
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from okr_es.application import Okr
from okr_es.areas import RECORDED
from okr_es.database.creation import AreaIsThere
from okr_es.database.database import Database
from okr_es.database.engines import UnusableDatabase
from okr_es.database.schema_versions import SchemaMismatch
from okr_es.evidence.verify import Verification
from okr_es.operations import backup
from okr_es.operations.backup import NoBackup, copy_back, make_backup
from okr_es.operations.copying import Contents, CopyDiffers, FromDatabase, ToDatabase, copy
from okr_es.operations.json_lines import FromJsonLines, ToJsonLines
from okr_es.operations.moment import Moment, NoDatabase
from tests.okr_es.operations.conftest import NewUrl

ENGINES = ("sqlite", "postgresql")


def all_rows(url: str) -> dict[str, list[Any]]:
    """All rows of log, directory and access log, by table, read by SQLAlchemy alone."""
    found: dict[str, list[Any]] = {}
    for name, area in RECORDED.items():
        database = Database(url, name)
        with database.reader.connect() as connection:
            for table in area.metadata.sorted_tables:
                rows = connection.execute(table.select())
                found[str(table.name)] = sorted(map(plain, rows), key=repr)
        database.dispose()
    return found


def plain(row: Sequence[Any]) -> tuple[str, ...]:
    return tuple(bytes(v).hex() if isinstance(v, bytes | memoryview) else str(v) for v in row)


def copied(source: str, target: str) -> Contents:
    with Moment(source) as moment, ToDatabase(target) as to:
        return copy(FromDatabase(moment), to)


def verified(url: str) -> int:
    """How many events there are, all of them as they were recorded."""
    with closing(Okr(url)) as okr:
        found = Verification(okr.log).run()
        assert found.failures == []
        return found.events


@pytest.mark.parametrize("engine", ENGINES)
def test_it_has_every_row_on_either_engine(engine: str, company_url: str, new_url: NewUrl) -> None:
    before, target = all_rows(company_url), new_url(engine)
    assert all(before[table] for table in ("events", "people", "checkpoints", "accesses"))
    contents = copied(company_url, target)
    assert all_rows(target) == before
    assert contents.position == verified(target) == len(before["events"])


def test_it_has_every_row_by_json_lines(company_url: str, new_url: NewUrl, tmp_path: Path) -> None:
    before, target, file = all_rows(company_url), new_url("sqlite"), tmp_path / "all.jsonl"
    with Moment(company_url) as moment, ToJsonLines(file) as to:
        written = copy(FromDatabase(moment), to)
    with FromJsonLines(file) as source, ToDatabase(target) as to_database:
        assert copy(source, to_database) == written
    assert all_rows(target) == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(json.loads(line) is not None for line in file.read_text().splitlines())


@pytest.mark.parametrize("engine", ENGINES)
def test_it_goes_only_where_there_is_nothing(
    engine: str, company_url: str, new_url: NewUrl
) -> None:
    target = new_url(engine)
    copied(company_url, target)
    before = all_rows(target)
    with pytest.raises(AreaIsThere, match="where there is nothing"):
        copied(company_url, target)
    assert all_rows(target) == before


class Failing(FromDatabase):
    """A source that fails before the log is read."""

    def release(self, area: str) -> None:
        if area == "access_log":
            raise RuntimeError("the disk is full")


def fail_to_copy(source: str, target: str) -> None:
    with (
        pytest.raises(RuntimeError, match="disk is full"),
        Moment(source) as moment,
        ToDatabase(target) as to,
    ):
        copy(Failing(moment), to)


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_left_where_it_fails(engine: str, company_url: str, new_url: NewUrl) -> None:
    target = new_url(engine)
    fail_to_copy(company_url, target)
    copied(company_url, target)
    assert verified(target)


@pytest.mark.parametrize("engine", ENGINES)
def test_no_log_begins_in_a_copy_that_was_killed(
    engine: str, company_url: str, new_url: NewUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ToDatabase, "undo", lambda _: None)
    target = new_url(engine)
    fail_to_copy(company_url, target)
    for _ in range(2):
        with pytest.raises(UnusableDatabase, match="did not come to its end"):
            Okr(target)
    with pytest.raises(AreaIsThere):
        copied(company_url, target)


def test_there_must_be_something_to_copy(new_url: NewUrl) -> None:
    for engine in ENGINES:
        with pytest.raises(NoDatabase), Moment(new_url(engine)):
            pass


# ---- backups ----------------------------------------------------------------------------


@pytest.fixture
def saved(company_url: str, tmp_path: Path) -> Path:
    """A backup of the company."""
    make_backup(company_url, tmp_path / "backup")
    return tmp_path / "backup"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_backup_comes_back_whole_on_either_engine(
    engine: str, saved: Path, company_url: str, new_url: NewUrl
) -> None:
    target = new_url(engine)
    manifest = copy_back(saved, target)
    assert all_rows(target) == all_rows(company_url)
    assert manifest.contents.position == verified(target)
    assert manifest.checkpoint is not None


def test_a_backup_is_for_its_owner_alone_and_has_nothing_else(saved: Path) -> None:
    modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in saved.iterdir()}
    assert modes == dict.fromkeys(
        ("okr.db", "okr.directory.db", "okr.access.db", "manifest.json"), "0o600"
    )
    assert stat.S_IMODE(saved.stat().st_mode) == 0o700
    assert [path.name for path in saved.parent.iterdir() if "part" in path.name] == []


def test_a_backup_is_itself_a_database(saved: Path) -> None:
    assert verified(backup.url_in(saved))


def test_a_backup_replaces_nothing(saved: Path, company_url: str) -> None:
    before = (saved / "manifest.json").read_text()
    with pytest.raises(FileExistsError):
        make_backup(company_url, saved)
    assert (saved / "manifest.json").read_text() == before


def test_a_folder_without_a_manifest_is_no_backup(saved: Path, new_url: NewUrl) -> None:
    (saved / "manifest.json").unlink()
    with pytest.raises(NoBackup, match=r"manifest\.json"):
        copy_back(saved, new_url("sqlite"))


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("okr.db", "UPDATE commands SET receipt = x'00' WHERE rowid = 1"),
        ("okr.db", "DELETE FROM names WHERE rowid = 1"),
        ("okr.directory.db", "UPDATE people SET key = x'00' WHERE rowid = 1"),
        ("okr.access.db", "UPDATE accesses SET what = 'plan' WHERE position = 1"),
    ],
)  # fmt: skip
def test_what_was_changed_in_a_backup_is_named_and_not_put_back(
    file: str, statement: str, saved: Path, new_url: NewUrl, tmp_path: Path
) -> None:
    engine = create_engine(f"sqlite:///{saved}/{file}")
    with engine.begin() as connection:
        for (name,) in connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        assert connection.execute(text(statement)).rowcount == 1
    engine.dispose()
    target = new_url("sqlite")
    with pytest.raises(CopyDiffers, match="damaged"):
        copy_back(saved, target)
    with pytest.raises(NoDatabase), Moment(target):
        pass


@pytest.mark.parametrize("cut", [0.3, 0.9, 0.9999])
def test_json_lines_that_end_early_are_refused(
    cut: float, company_url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    file, target = tmp_path / "all.jsonl", new_url("sqlite")
    with Moment(company_url) as moment, ToJsonLines(file) as to:
        copy(FromDatabase(moment), to)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * cut)])
    with (
        pytest.raises((CopyDiffers, ValueError)),
        FromJsonLines(file) as source,
        ToDatabase(target) as to_database,
    ):
        copy(source, to_database)
    with pytest.raises(NoDatabase), Moment(target):
        pass


def test_another_schema_version_is_refused_in_words(saved: Path, new_url: NewUrl) -> None:
    path, written = saved / "manifest.json", (saved / "manifest.json").read_text()
    path.write_text(written.replace('"log": 2', '"log": 9'))
    with pytest.raises(SchemaMismatch, match="use a newer okr-es"):
        copy_back(saved, new_url("sqlite"))
    path.write_text(written.replace('"log": 2', '"log": 0'))
    with pytest.raises(NoBackup, match="database upgrade` on the copy"):
        copy_back(saved, new_url("sqlite"))
