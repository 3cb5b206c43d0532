"""The doctor: each check says that all is well, and finds what is planted."""

from __future__ import annotations

import os
import shutil
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from okr_es.application import Okr
from okr_es.commands import FormTeam, RegisterPerson, SetRetention
from okr_es.context import Context
from okr_es.database.database import Database
from okr_es.database.engines import with_keys_at
from okr_es.evidence.access_signer import AccessSigner
from okr_es.evidence.checkpoint_sinks import DirectorySink
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.evidence.signer import Signer
from okr_es.jobs import FAILED, Jobs
from okr_es.operations.backup import make_backup, note_backup
from okr_es.operations.doctor import machine
from okr_es.operations.doctor.findings import Patient, examine
from okr_es.operations.retention import carry_out
from okr_es.people.rewrapping import rewrap
from okr_es.people.wrapping import Wrapping
from projections.queries import Queries
from projections.read_model.tables import REGISTRY
from tests.conftest import ENGINES
from tests.support.begun import Begun
from tests.support.certificates import YEAR
from tests.support.certificates import made as certificate
from tests.support.owners import owner
from tests.support.world import ANN, BEN
from web.cli.doctor import checks

ONE, TWO = b"1" * 32, b"2" * 32
DAY = timedelta(days=1)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIGURES = {"versions", "durability"}  # their findings name what runs here


class Installation:
    """A healthy one: signed, published, backed up, a worker was here, a read model is served."""

    def __init__(self, url: str, folder: Path, now: datetime) -> None:
        self.url = url
        self.folder = folder
        self.now = now
        self.environment = {"OKR_ES_CHECKPOINT_DIRECTORY": str(folder / "outside")}

    def make(self) -> None:
        with closing(Okr(self.url)) as okr:
            okr.execute(RegisterPerson("Ann", None, ANN), Context(ANN))
            Signer(okr, [DirectorySink(self.folder / "outside")], "okr-es.example").sign()
            queries = Queries(okr)
            queries.runner.fresh()
            queries.runner.close()
        note_backup(self.url, make_backup(self.url, self.folder / "saved"))

    def found(self) -> dict[str, list[tuple[str, str]]]:
        """The state and message of what each check finds."""
        patient = Patient(self.url, self.environment, lambda: self.now)
        found: dict[str, list[tuple[str, str]]] = {}
        for each in examine(patient, checks()):
            found.setdefault(each.check, []).append((each.state, each.message))
        patient.close()
        return found

    def states(self) -> dict[str, set[str]]:
        return {name: {state for state, _ in said} for name, said in self.found().items()}


class Made:
    """Its database, copied for each test, and its folder, put back at the same path."""

    def __init__(self, begun: Begun, folder: Path) -> None:
        self.begun, self.folder, self.kept = begun, folder / "used", folder / "kept"
        self.name = f"{folder.name} of {os.getpid()}"  # shared with nobody, as the folder
        self.now = datetime.now(UTC)

    def make(self, url: str) -> None:
        self.folder.mkdir()
        Installation(url, self.folder, self.now).make()
        self.folder.rename(self.kept)

    @contextmanager
    def fresh(self) -> Iterator[Installation]:
        with self.begun.fresh(self.name, self.make) as url:
            shutil.copytree(self.kept, self.folder)
            yield Installation(url, self.folder, self.now)
            shutil.rmtree(self.folder)


@pytest.fixture(scope="module", params=ENGINES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    begun = request.getfixturevalue(f"begun_on_{request.param}")
    return Made(begun, tmp_path_factory.mktemp("installation"))


@pytest.fixture
def installation(made: Made, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    monkeypatch.setattr(machine, "file_system_of", lambda _: "ext4")  # tests may lie in memory
    monkeypatch.setattr(machine, "LOCK_SECONDS", 0.2)
    with made.fresh() as there:
        yield there


def test_all_is_well(installation: Installation) -> None:
    states = installation.states()
    owner_may = {"warning"} if "postgresql" in installation.url else {"ok"}
    assert states.pop("owner") == owner_may, "the tests act as superuser"
    assert {name for name, state in states.items() if state != {"ok"}} == set()
    assert len(states) == 18


def test_the_versions_of_all_that_counts_are_named(installation: Installation) -> None:
    ((_, said),) = installation.found()["versions"]
    for word in ("Python 3.", "okr-es ", "tzdata 20", "SQLAlchemy 2."):
        assert word in said
    assert ("PostgreSQL " in said) or ("SQLite 3." in said)


def test_it_changes_nothing(installation: Installation) -> None:
    installation.found()
    before = sorted(installation.folder.rglob("*"))
    installation.found()
    assert sorted(installation.folder.rglob("*")) == before


# ---- planted faults: what is done, which check finds it, what it says --------------------

Plant = Callable[[Installation], Any]


def on(area: str, statement: str) -> Plant:
    """Run a statement as the owner."""

    def plant(there: Installation) -> None:
        database = Database(there.url, area)
        with owner(database) as run:
            run(statement)
        database.dispose()

    return plant


def ahead(there: Installation) -> None:
    there.now += timedelta(days=400)


def behind(there: Installation) -> None:
    there.now -= timedelta(hours=1)


def setting(name: str) -> Plant:
    return lambda there: there.environment.update({name: "1"})


def more(there: Installation) -> None:
    with closing(Okr(there.url)) as okr:
        okr.execute(RegisterPerson("Ben", None, BEN), Context(ANN))


def later(days: float) -> Plant:
    def plant(there: Installation) -> None:
        with closing(Okr(there.url)) as okr:
            okr.execute(FormTeam("Web"), Context(ANN))
        there.now += timedelta(days=days)

    return plant


def never_backed_up(there: Installation) -> None:
    on("jobs", "DELETE FROM runs")(there)


def nowhere(there: Installation) -> None:
    there.environment.clear()


def unpublished(there: Installation) -> None:
    there.environment["OKR_ES_CHECKPOINT_DIRECTORY"] = str(there.folder / "another")


def job_failed(there: Installation) -> None:
    with closing(Jobs(there.url)) as jobs:
        jobs.take("verify", "one", 100)
        jobs.end(jobs.begin("verify", "one"), FAILED, "NotAsRecorded")


def job_stopped(there: Installation) -> None:
    with closing(Jobs(there.url)) as jobs:
        jobs.take("sign", "one", 100)
        jobs.begin("sign", "one")
        first = jobs.begin("sign", "one")
        jobs.end(first, "perhaps done")
        jobs.take("sign", "one", -5)


def cut_unfinished(there: Installation) -> None:
    """Record a cut of the access log, and destroy nothing."""
    with closing(Okr(there.url, clock=lambda: there.now)) as okr:
        for days in (0, 366):
            there.now += timedelta(days=days)
            okr.access_log.record(ANN, "people", {})
            AccessSigner(okr).sign(Checkpoints(okr.database).adopted_keys())
        okr.execute(SetRetention(access_log_years=1), Context(ANN, "So says our list."))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(okr.access_log, "cut", lambda _: None)
            assert carry_out(okr).cut.reads


def reads_gone_behind_a_cut(there: Installation) -> None:
    """Cut the access log, then lose the read that is the oldest now."""
    with closing(Okr(there.url, clock=lambda: there.now)) as okr:
        for days in (0, 366):
            there.now += timedelta(days=days)
            for _ in range(2):
                okr.access_log.record(ANN, "people", {})
            AccessSigner(okr).sign(Checkpoints(okr.database).adopted_keys())
        okr.execute(SetRetention(access_log_years=1), Context(ANN, "So says our list."))
        assert carry_out(okr).cut.reads == 2
    lose_read(there, 3)


def reads_gone(there: Installation) -> None:
    with closing(Okr(there.url)) as okr:
        for _ in range(2):
            okr.access_log.record(ANN, "people", {})
    lose_read(there, 1)


def lose_read(there: Installation, position: int) -> None:
    """Take the guard away, and a read."""
    with closing(Okr(there.url)) as okr:
        is_sqlite = okr.database.is_sqlite
    off = "DROP TRIGGER accesses_refuse_delete"
    on("access", off if is_sqlite else "ALTER TABLE accesses DISABLE TRIGGER ALL")(there)
    on("access", f"DELETE FROM accesses WHERE position = {position}")(there)


def read_model_lost(there: Installation) -> None:
    on(REGISTRY, "UPDATE read_model SET served = false")(there)


def providers(text: str) -> Plant:
    def plant(there: Installation) -> None:
        file = there.folder / "providers.toml"
        file.write_text(text)
        there.environment["OKR_ES_OIDC"] = str(file)

    return plant


def wraps_by(*keys: bytes) -> Plant:
    """Let keys be wrapped by the first of some keys, from now on."""
    text = " ".join(b64encode(key).decode() for key in keys)
    return lambda there: there.environment.update({"OKR_ES_WRAPPING_KEY": text})


def wrapped_by_one(then: Plant) -> Plant:
    """Wrap all keys by a key, then let another setting count."""

    def plant(there: Installation) -> None:
        directory = Database(there.url, "directory")
        rewrap(directory, Wrapping([ONE]))
        directory.dispose()
        then(there)

    return plant


def wrapped_readable(there: Installation) -> None:
    file = there.folder / "key"
    file.write_text(b64encode(ONE).decode())
    file.chmod(0o644)
    there.environment["OKR_ES_WRAPPING_KEY_FILE"] = str(file)


def copied_apart(there: Installation) -> None:
    """Copy the directory into another place, and leave the one beside the log."""
    url = with_keys_at(there.url, f"sqlite:///{there.folder}/apart/okr.db")
    make_backup(there.url, there.folder / "to copy")
    place = there.folder / "apart"
    place.mkdir()
    shutil.copy(there.folder / "to copy" / "okr.directory.db", place)
    there.url = url


def certificate_that_ends(there: Installation) -> None:
    there.environment |= certificate(
        there.folder, begins=there.now - 2 * YEAR + 3 * DAY
    ).environment


def environment(**settings: str) -> Plant:
    return lambda there: there.environment.update(settings)


def read_model_ahead(there: Installation) -> None:
    on("", "UPDATE counter SET position = 1")(there)


PLANTED: dict[str, tuple[Plant, str, str, str]] = {
    "a newer schema": (
        on("", "UPDATE log_version SET version_num = '0009'"), "schema", "wrong", "newer okr-es"),
    "no access log": (on("access", "DROP TABLE access_log_version"), "schema", "wrong", "version"),
    "a misspelt setting": (
        setting("OKR_ES_CHECKPOINT_DIRECTRY"), "settings", "warning",
        "Is it OKR_ES_CHECKPOINT_DIRECTORY?"),
    "an event that is ahead of the clock": (behind, "clock", "wrong", "behind the last event"),
    "nothing was ever backed up": (never_backed_up, "backup", "warning", "never ran"),
    "a key that is in no backup": (more, "backup", "warning", "newer than the last backup"),
    "a backup that is old": (later(30), "backup", "warning", "The last backup is from"),
    "nothing outside": (nowhere, "checkpoints", "warning", "nowhere outside"),
    "a checkpoint that is not outside": (unpublished, "checkpoints", "wrong", "have not come to"),
    "events that nobody signs": (later(1), "checkpoints", "warning", "are not signed"),
    "a job that failed": (job_failed, "jobs", "wrong", "verify failed"),
    "a job that stopped in the middle": (job_stopped, "jobs", "warning", "in the middle"),
    "an erasure that is unfinished": (
        on("directory", "UPDATE shredding SET due = true"), "erasures", "wrong", "not overwritten"),
    "reads that were to be destroyed": (
        cut_unfinished, "retention", "wrong", "run `okr-es retention`"),
    "reads that are gone": (reads_gone, "retention", "wrong", "were not cut"),
    "reads that are gone behind a cut": (
        reads_gone_behind_a_cut, "retention", "wrong", "Reads before 4 are gone"),
    "no read model": (read_model_lost, "read model", "warning", "none that can be served"),
    "a provider of identity that is none": (
        providers("[providers.a]"), "providers", "wrong", "a.issuer must be"),
    "a provider of identity that is away": (
        providers('[providers.a]\nissuer = "http://127.0.0.1:1"\nclient_id = "b"'), "providers",
        "warning", "does not answer"),
    "keys that are not wrapped yet": (wraps_by(ONE), "wrapping", "warning", "are not wrapped"),
    "keys wrapped by the key before": (
        wrapped_by_one(wraps_by(TWO, ONE)), "wrapping", "warning", "still: run `okr-es database"),
    "keys wrapped by a key that is gone": (
        wrapped_by_one(wraps_by(TWO)), "wrapping", "wrong", "and it is not here"),
    "keys wrapped, and no key named": (
        wrapped_by_one(lambda _: None), "wrapping", "wrong", "there is none"),
    "a wrapping key that others read": (wrapped_readable, "wrapping", "wrong", "chmod 600"),
    "a wrapping key that is none": (
        environment(OKR_ES_WRAPPING_KEY="x"), "wrapping", "wrong", "has no key that can be used"),
    "keys apart and still beside": (copied_apart, "places", "wrong", "still lies beside the log"),
    "a certificate that ends": (certificate_that_ends, "outside", "warning", "ends in 2 days"),
    "a certificate without its key": (
        environment(OKR_ES_TLS_CERTIFICATE="/a.pem"), "outside", "wrong", "OKR_ES_TLS_KEY"),
    "a proxy that is none": (
        environment(OKR_ES_TRUSTED_PROXIES="proxy"), "outside", "wrong", "names no address"),
    "a name without protection": (
        environment(OKR_ES_URL="https://a.example"), "outside", "warning", "neither TLS nor"),
    "a read model of another log": (read_model_ahead, "read model", "wrong", "the log ends at 1"),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_what_is_planted_is_found(fault: str, installation: Installation) -> None:
    plant, check, state, word = PLANTED[fault]
    plant(installation)
    found = installation.found()[check]
    assert [s for s, said in found if s == state and word in said], found


def test_a_clock_that_is_far_ahead_is_found(installation: Installation) -> None:
    ahead(installation)
    state, said = installation.found()["clock"][0]
    assert state == "wrong"
    is_sqlite = installation.url.startswith("sqlite")
    assert ("days ago" if is_sqlite else "seconds ahead of that of the database") in said


def test_where_there_is_no_other_clock_a_month_without_an_event_is_as_likely(
    files: Installation,
) -> None:
    later(30)(files)
    ((state, said),) = files.found()["clock"]
    assert state == "warning"
    assert said.endswith("days ago: is the server's clock right?")


def test_a_directory_that_cannot_be_read_is_wrong_and_the_other_checks_go_on(
    installation: Installation,
) -> None:
    on("directory", "DROP TABLE shredding")(installation)
    found = installation.found()
    assert found["erasures"][0][0] == "wrong"
    assert found["erasures"][0][1].startswith("This cannot be checked: ")
    assert found["read model"][0][0] == "ok"


def test_it_says_what_lies_where_and_what_is_not_wrapped(installation: Installation) -> None:
    found = installation.found()
    said = [said for _, said in found["places"]]
    assert [each.partition(":")[0] for each in said] == [
        "log", "directory, with all keys, beside the log", "access log", "sessions",
    ]  # fmt: skip
    assert "secret" not in "".join(said)
    ((state, wrapped),) = found["wrapping"]
    assert (state, "stored as they are" in wrapped) == ("ok", True)


def test_keys_apart_in_the_folder_of_the_log_are_not_apart(files: Installation) -> None:
    files.url = with_keys_at(files.url, f"sqlite:///{files.folder}/keys.db")
    with closing(Database(files.url, "directory").reader.connect()):
        said = [said for state, said in files.found()["places"] if state == "warning"]
    assert said == [f"The keys lie in the folder of the log: {files.folder}."]


# ---- on SQLite --------------------------------------------------------------------------


@pytest.fixture
def files(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setattr(machine, "file_system_of", lambda _: "ext4")
    monkeypatch.setattr(machine, "LOCK_SECONDS", 0.2)
    there = Installation(sqlite_url, tmp_path, datetime.now(UTC))
    there.make()
    return there


@pytest.mark.parametrize(("kind", "state"), [("tmpfs", "wrong"), ("nfs4", "wrong"), ("xfs", "ok")])
def test_a_place_that_loses_what_is_written_is_found(
    kind: str, state: str, files: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "file_system_of", lambda _: kind)
    assert files.states()["durability"] == {state}


@pytest.mark.parametrize(
    ("free", "state"), [(1, "wrong"), (200 * machine.MIB, "warning"), (2**40, "ok")]
)
def test_too_little_room_is_found(
    free: int, state: str, files: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(files.folder)._replace(free=free)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage)
    assert files.states()["disk"] == {state}


@pytest.mark.parametrize("name", ["okr.db", "okr.directory.db"])
def test_a_file_that_others_can_read_is_found(name: str, files: Installation) -> None:
    (files.folder / name).chmod(0o644)
    said = [said for state, said in files.found()["files"] if state == "wrong"]
    assert any(each.endswith(f"chmod 600 {files.folder / name}") for each in said)


def test_a_folder_that_others_can_write_is_found(files: Installation) -> None:
    files.folder.chmod(0o777)
    assert files.states()["files"] >= {"wrong"}


def test_a_lock_that_somebody_keeps_is_found(files: Installation) -> None:
    with closing(sqlite3.connect(files.folder / "okr.db", isolation_level=None)) as hanging:
        hanging.execute("BEGIN IMMEDIATE")
        ((state, said),) = files.found()["locks"]
        assert (state, "okr.db" in said) == ("wrong", True)


def test_a_file_of_a_read_model_that_is_gone_is_found(files: Installation) -> None:
    for path in files.folder.glob("okr.goals_*"):
        path.unlink()
    ((state, said),) = files.found()["read model"]
    assert (state, "missing" in said) == ("wrong", True)


# ---- on PostgreSQL ----------------------------------------------------------------------


@pytest.fixture
def server(postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setattr(machine, "LOCK_SECONDS", 0.2)
    there = Installation(postgresql_url, tmp_path, datetime.now(UTC))
    there.make()
    return there


@pytest.fixture
def admin(server: Installation) -> Iterator[psycopg.Connection]:
    url = Database(server.url).url
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
    ) as connection:
        yield connection


def test_a_server_that_may_tear_pages_is_found(
    server: Installation, admin: psycopg.Connection
) -> None:
    try:
        for statement in ("ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()"):
            admin.execute(statement)
        while admin.execute("SHOW full_page_writes").fetchone() != ("off",):
            pass
        assert ("wrong", "full_page_writes is off") in server.found()["durability"]
    finally:
        admin.execute("ALTER SYSTEM RESET full_page_writes")
        admin.execute("SELECT pg_reload_conf()")


def test_a_transaction_that_somebody_forgot_is_found(
    server: Installation, admin: psycopg.Connection
) -> None:
    admin.autocommit = False
    admin.execute("SELECT * FROM okr_log.counter FOR UPDATE")
    admin.execute("LOCK TABLE okr_log.counter IN SHARE ROW EXCLUSIVE MODE")
    until = datetime.now(UTC) + timedelta(seconds=20)
    while server.states()["locks"] == {"ok"} and datetime.now(UTC) < until:
        pass
    ((state, said),) = server.found()["locks"]
    assert (state, str(admin.info.backend_pid) in said) == ("wrong", True)
    admin.rollback()


def test_the_file_system_of_a_path_is_that_of_the_nearest_mount_point() -> None:
    assert machine.file_system_of(Path("/proc/self/status")) == "proc"
