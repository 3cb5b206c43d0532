"""Databases for the tests: a SQLite file and a real PostgreSQL, both fresh for every test."""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, is_hypothesis_test, settings

from tests.faults.stores import OnPostgresql as StoreOnPostgresql
from tests.faults.stores import OnSqlite as StoreOnSqlite
from tests.faults.stores import Store
from tests.support.begun import Begun, OnPostgresql, OnSqlite, begin_example
from tests.support.made_once import make_once
from tests.support.memory import in_memory
from tests.support.postgresql import Renewed, connect, drop, start, url_of

# "test" tries the same examples in every run, few of them: `make test` is run after each change;
# "deep" (HYPOTHESIS_PROFILE=deep, `make test-deep`) looks for new ones, twenty times as many;
# "planted" (`make planted`) tries twice as many, and is content with the first that fails.
settings.register_profile("test", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("deep", deadline=None, max_examples=1_000)
settings.register_profile(
    "planted", settings.get_profile("test"), max_examples=100,
    phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False,
)  # fmt: skip
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))

# Small companies of the tests stand in 2025, and the command line acts on them today.
os.environ.setdefault("OKR_ES_CLOCK_GAP", "100000")

# pytest makes the folders of tests there, unless --basetemp names another place.
if (memory := in_memory()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))

# What SQLAlchemy makes for one test serves them all.
make_once()

# Ten thousand tests live as long as the session: garbage is not looked for among them, and less
# often than usual beside them.
gc.disable()
YOUNG_OBJECTS = 50_000


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    gc.enable()


# Files with tests that take many seconds each: begun last, one would run on alone.
LONG = {
    "test_wheel.py", "test_stuck.py", "test_example.py", "test_killed.py", "test_server.py",
    "test_outages.py", "test_full_disks.py", "test_clean_stop.py", "test_bombs.py",
    "test_generated_api.py", "test_generated_client.py", "test_every_command.py",
}  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONG)
    for item in items:
        if draws_examples(item):
            item.add_marker("property")


def draws_examples(item: pytest.Item) -> bool:
    """Whether Hypothesis draws what a test is tried with: `make test-deep` draws more of it."""
    drawn = is_hypothesis_test(getattr(item, "obj", None))
    return drawn or "every_history" in getattr(item, "fixturenames", ())


ENGINES = ("sqlite", "postgresql")


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database on each engine in turn, as a SQLAlchemy URL."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/okr.db"


@pytest.fixture
def postgresql_url(postgresql_database: Renewed) -> str:
    """An empty PostgreSQL database."""
    return postgresql_database.renew()


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: Path) -> Iterator[Renewed]:
    """The database of the test that runs, on that server."""
    database = Renewed(postgresql_server)
    yield database
    database.admin.close()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Path]:
    """The folder with the socket of a PostgreSQL that lives as long as the session.

    Commits are durable, as by default; nothing is vacuumed unless a test says so. Its data is in a
    short temporary folder, as the path of a Unix socket may have no more than about 100 characters.
    """
    with tempfile.TemporaryDirectory(
        prefix="okr-es-", dir=in_memory(), ignore_cleanup_errors=True
    ) as folder:
        server = start(Path(folder))
        socket = Path(server.get_postmaster_info().socket_dir)
        with connect(socket, "postgres") as admin:
            admin.execute("ALTER SYSTEM SET autovacuum = off")
            admin.execute("SELECT pg_reload_conf()")
        yield socket
        server.cleanup()


@pytest.fixture(scope="session")
def begun_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> OnSqlite:
    """What many tests begin with, on SQLite."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return OnSqlite(tmp_path_factory.mktemp("begun"))
    shared = tmp_path_factory.getbasetemp().parent / "begun"
    shared.mkdir(exist_ok=True)
    return OnSqlite(shared)


@pytest.fixture(scope="module")
def example_url(begun_on_sqlite: OnSqlite) -> Iterator[str]:
    """The example company on SQLite; only for asking, as each file has a clock of its own."""
    with begun_on_sqlite.fresh("example", begin_example) as url:
        yield url


@pytest.fixture(scope="session")
def begun_on_postgresql(postgresql_database: Renewed) -> Iterator[OnPostgresql]:
    """What many tests begin with, on PostgreSQL."""
    begun = OnPostgresql(postgresql_database)
    yield begun
    begun.copies.close()


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A place for databases that something goes wrong with, on each engine in turn."""
    if request.param == "sqlite":
        yield StoreOnSqlite(tmp_path)
        return
    server = request.getfixturevalue("postgresql_server")
    store = StoreOnPostgresql(url_of(server, "postgres").replace("+psycopg", ""))
    yield store
    for number in range(next(store.numbers)):
        drop(store.admin, f"fault{number}")
    store.admin.close()


@pytest.fixture(params=ENGINES)
def begun(request: pytest.FixtureRequest) -> Begun:
    """What many tests begin with, on each engine in turn."""
    return request.getfixturevalue(f"begun_on_{request.param}")
