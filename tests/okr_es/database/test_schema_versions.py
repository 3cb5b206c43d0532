"""Log, directory and access log have a schema version, migrations, and guards in all of it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.areas import AREAS, AreaVersion, schema_versions, upgrade
from okr_es.commands import FormTeam
from okr_es.database.creation import owner_transaction
from okr_es.database.database import Database
from okr_es.database.schema_versions import SchemaMismatch, alembic_config, migrate, revision
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification
from okr_es.jobs import Jobs
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.owners import REFUSED, owner
from tests.support.planted_migrations import TABLES, plant
from tests.support.world import ANN, built

KEYS = {area.name: key for key, area in AREAS.items()}
OF_TODAY = {area.name: area.version for area in AREAS.values()}
GUARDED = {"log": ("events", "checkpoints"), "access_log": ("accesses", "access_about")}
A_COLUMN = 'op.add_column("{}", sa.Column("note", sa.Text))'


@pytest.fixture
def url(begun: Begun) -> Iterator[str]:
    """A signed log with some reads, of version 1, that nobody has open."""
    with begun.fresh("signed world", begin_signed_world) as url:
        yield url


def begin_signed_world(url: str) -> None:
    world = built(url)
    world.okr.access_log.record(ANN, "people", {"position": "1"}, [ANN])
    assert Signer(world.okr, origin="okr-es.example").sign() is not None
    world.okr.close()
    begin_to_work(url)


def begin_to_work(url: str) -> None:
    """Open jobs and sessions, as a worker does when it begins."""
    with closing(Jobs(url)) as jobs, closing(Sessions(url)) as sessions:
        jobs.create()
        sessions.create()


def program(area: str) -> Callable[[str], object]:
    """Return what of the program opens an area."""
    return begin_to_work if area in {"jobs", "sessions"} else Okr


def area_database(url: str, area: str) -> Database:
    return Database(url, KEYS[area])


def set_version(url: str, area: str, version: str) -> None:
    database = area_database(url, area)
    with owner(database) as run:
        run(f"UPDATE {area}_version SET version_num = '{version}'")
    database.dispose()


def versions(url: str) -> dict[str, int | None]:
    return {each.area: each.version for each in schema_versions(url)}


def columns(url: str, area: str) -> list[str]:
    """The columns of the table a migration is planted for."""
    database = area_database(url, area)
    with owner_transaction(database) as connection:
        found = list(shape(connection)[TABLES[area]]["columns"])
    database.dispose()
    return found


def shape(connection: Connection) -> dict[str, dict[str, Any]]:
    """What the tables of a database are, but for the order of their columns."""
    there = inspect(connection)
    return {
        table: {
            "columns": {
                each["name"]: (str(each["type"]), each["nullable"])
                for each in there.get_columns(table)
            },
            "key": there.get_pk_constraint(table)["constrained_columns"],
            "indexes": indexes(connection, table),
        }
        for table in there.get_table_names()
    }


INDEXES = {
    "sqlite": """
      SELECT coalesce(m.sql, (SELECT group_concat(c.name) FROM pragma_index_info(i.name) c))
      FROM pragma_index_list(:table) i LEFT JOIN sqlite_master m ON m.name = i.name""",
    "postgresql": """
      SELECT replace(indexdef, schemaname || '.', '') FROM pg_indexes
      WHERE tablename = :table AND schemaname = current_schema()
      AND tablename NOT LIKE '%version'""",
}


def indexes(connection: Connection, table: str) -> list[str]:
    """The indexes of a table as its engine writes them: of constraints and expressions, too."""
    statement = text(INDEXES[connection.dialect.name])
    return sorted(connection.execute(statement, {"table": table}).scalars())


def require_guarded(url: str) -> None:
    """Nobody can change or delete a row of what only grows."""
    for area, tables in GUARDED.items():
        database = area_database(url, area)
        with owner(database) as run:
            for table in tables:
                before = run(f"SELECT * FROM {table}")
                assert before
                column = "size" if table == "checkpoints" else "position"
                for change in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = 9"):
                    with pytest.raises(REFUSED, match="immutable"):
                        run(change)
                assert run(f"SELECT * FROM {table}") == before
        database.dispose()


def require_sound(url: str) -> None:
    """The log verifies, goes on, and is guarded; workers can begin."""
    begin_to_work(url)
    okr = Okr(url)
    assert Verification(okr.log).run().failures == []
    before = okr.log.head()
    World(okr, lambda: None, ANN).execute(FormTeam("Another"))  # type: ignore[arg-type]
    okr.access_log.record(ANN, "people", {})
    assert okr.log.head() == before + 1
    assert okr.directory.entries()[ANN].name == "Ann Example"
    okr.close()
    require_guarded(url)


# ---- the version that is there ----------------------------------------------------------------


def test_a_new_database_has_the_version_the_program_needs(url: str) -> None:
    assert schema_versions(url) == [
        AreaVersion("log", 2, 2),
        AreaVersion("directory", 4, 4),
        AreaVersion("access_log", 2, 2),
        AreaVersion("jobs", 1, 1),
        AreaVersion("sessions", 3, 3),
    ]
    assert upgrade(url) == schema_versions(url)
    require_sound(url)


def test_where_nothing_is_there_nothing_is_made(database_url: str) -> None:
    assert set(versions(database_url).values()) == {None}
    assert set(versions(database_url).values()) == {None}


@pytest.mark.parametrize("area", AREAS.values(), ids=lambda area: area.name)
def test_the_last_migration_leads_to_the_version_the_program_needs(area: Any) -> None:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(alembic_config(area.name))
    assert scripts.get_heads() == [revision(area.version)]
    assert len(list(scripts.walk_revisions())) == area.version


@pytest.mark.parametrize("key", AREAS)
def test_migrations_from_nothing_make_the_tables_of_a_new_database(
    key: str, database_url: str
) -> None:
    """A table that changed has a migration; what statements make follows by itself."""
    area, created, migrated = AREAS[key], Database(database_url, key), Database(database_url, "two")
    area.open(created)
    with owner_transaction(created) as connection:
        wanted = shape(connection)
    with owner_transaction(migrated) as connection:
        migrate(connection, area.name, area.version)
        area.guard(connection)
        assert shape(connection) == wanted
    created.dispose()
    migrated.dispose()


# ---- another program -----------------------------------------------------------------------


@pytest.mark.parametrize("area", KEYS)
def test_an_older_program_refuses_a_newer_database_in_words(area: str, url: str) -> None:
    set_version(url, area, f"{OF_TODAY[area] + 1:04}")
    for use in (program(area), upgrade):
        with pytest.raises(
            SchemaMismatch, match=r"has schema version \d, .* knows version \d at most"
        ):
            use(url)
    assert versions(url) == OF_TODAY | {area: OF_TODAY[area] + 1}


@pytest.mark.parametrize("area", KEYS)
def test_a_database_from_before_version_1_is_refused_in_words(area: str, url: str) -> None:
    database = area_database(url, area)
    with owner(database) as run:
        run(f"DROP TABLE {area}_version")
    database.dispose()
    for use in (program(area), upgrade):
        with pytest.raises(SchemaMismatch, match="is from before schema version 1"):
            use(url)
    assert versions(url)[area] == 0


@pytest.mark.parametrize("area", KEYS)
def test_a_newer_program_runs_a_safe_migration_by_itself(
    area: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch, tmp_path, area, A_COLUMN.format(TABLES[area]), safe=True)
    assert versions(url)[area] == OF_TODAY[area]
    require_sound(url)
    assert versions(url)[area] == OF_TODAY[area] + 1
    assert columns(url, area)[-1] == "note"


@pytest.mark.parametrize("area", KEYS)
def test_any_other_migration_waits_for_a_word(
    area: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch, tmp_path, area, A_COLUMN.format(TABLES[area]))
    with pytest.raises(
        SchemaMismatch, match=r"has schema version \d, .* `okr-es database upgrade`"
    ):
        program(area)(url)
    assert versions(url)[area] == OF_TODAY[area]
    require_guarded(url)
    assert {each.area: each.version for each in upgrade(url)} == OF_TODAY
    assert versions(url)[area] == OF_TODAY[area] + 1
    require_sound(url)


def test_a_table_that_has_to_be_copied_keeps_rows_and_guards(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite copies a table to change a column of it; PostgreSQL changes it in place."""
    plant(
        monkeypatch, tmp_path, "log",
        'with op.batch_alter_table("events") as events:',
        '    events.alter_column("origin", type_=sa.String(20), existing_nullable=False)',
    )  # fmt: skip
    upgrade(url)
    require_sound(url)


HALF_WAY = {
    "an error of the migration": 'raise ValueError("planted")',
    "a statement the database refuses": 'op.execute("INSERT INTO nowhere VALUES (1)")',
    "a table that is made twice": 'op.create_table("tree", sa.Column("id", sa.Integer))',
}


@pytest.mark.parametrize("how", HALF_WAY)
def test_a_migration_that_fails_half_way_changes_nothing(
    how: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        plant(
            newer, tmp_path, "log",
            A_COLUMN.format("events"),
            'op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))',
            HALF_WAY[how],
        )  # fmt: skip
        with pytest.raises(Exception, match=r"planted|nowhere|tree"):
            upgrade(url)
        assert versions(url)["log"] == OF_TODAY["log"]
        assert "note" not in columns(url, "log")
        require_guarded(url)
    require_sound(url)


def test_on_postgresql_a_migration_cannot_change_an_event(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(postgresql_url).okr.close()
    plant(monkeypatch, tmp_path, "log", "op.execute(\"UPDATE events SET origin = 'job'\")")
    with pytest.raises(Exception, match="rows of events are immutable"):
        upgrade(postgresql_url)


RIGHTS = """
  SELECT table_schema, table_name, privilege_type FROM information_schema.role_table_grants
  WHERE grantee = 'okr_es_app' ORDER BY 1, 2, 3
"""


def test_on_postgresql_the_application_has_no_more_rights_than_before(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(postgresql_url).okr.close()
    begin_to_work(postgresql_url)
    database = Database(postgresql_url)
    with owner(database) as run:
        before = run(RIGHTS)
        plant(monkeypatch, tmp_path, "log", A_COLUMN.format("events"))
        upgrade(postgresql_url)
        assert run(RIGHTS) == before
        of_versions = {right for _, table, right in before if table.endswith("_version")}
        assert of_versions == {"SELECT"}
    database.dispose()
