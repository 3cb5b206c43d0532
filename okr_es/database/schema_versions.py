"""Schema versions: which one a database has, which one the program needs, and the way there.

The log, the directory and the access log each have a version and migrations of their own
(`migrations/AREA/NNNN_*.py`, run by Alembic). Version 1 is the first: what is older was never
released. The read model has no migrations; it is built again instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, String, Table, insert

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import Script

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaMismatch(RuntimeError):
    """The database has another schema version than the program needs; the message says what to do.

    `found` is the version of the area's tables, 0 for those from before version 1.
    """

    def __init__(self, area: str, found: int, needed: int) -> None:
        super().__init__(advice(area, found, needed))
        self.area = area
        self.found = found
        self.needed = needed


def advice(area: str, found: int, needed: int) -> str:
    """Return what stands between a database and this program, and what to do about it."""
    area = area.replace("_", " ")
    if found == 0:
        return (
            f"The {area} is from before schema version 1, which was never released; this program "
            f"needs version {needed} and cannot upgrade it. Begin a new database."
        )
    if found > needed:
        return (
            f"The {area} has schema version {found}, and this program knows version {needed} at "
            "most. Nothing is wrong with the data: use a newer okr-es, at least as new as the one "
            "that upgraded the database."
        )
    return (
        f"The {area} has schema version {found}, and this program needs version {needed}. Nothing "
        "is wrong with the data: make a backup with the okr-es that used it up to now, stop what "
        "uses the database, and run `okr-es database upgrade`."
    )


def version_table(area: str) -> Table:
    """Return the table Alembic keeps the version of an area in: one row."""
    column = Column("version_num", String(32), primary_key=True)
    return Table(f"{area}_version", MetaData(), column)


def stamp(connection: Connection, area: str, version: int) -> None:
    """Record the version of tables that were created just now."""
    table = version_table(area)
    table.create(connection)
    connection.execute(insert(table), {"version_num": revision(version)})


def revision(version: int) -> str:
    """Return a version as Alembic knows it: 0001."""
    return f"{version:04}"


# ---- migrations, by Alembic, which is imported only where there are some to run -------------


def folders_of(area: str) -> list[Path]:
    """Return where the migrations of an area lie."""
    return [MIGRATIONS / area]


def migrate(connection: Connection, area: str, to: int) -> None:
    """Run the migrations that are missing, inside the caller's transaction."""
    from alembic import command

    config = alembic_config(area)
    config.attributes["connection"] = connection
    config.attributes["version_table"] = str(version_table(area).name)
    command.upgrade(config, revision(to))


def are_safe(area: str, found: int, needed: int) -> bool:
    """Return whether all migrations between two versions say that they are `safe`."""
    return all(getattr(each.module, "safe", False) for each in pending(area, found, needed))


def pending(area: str, found: int, needed: int) -> list[Script]:
    """Return the migrations from a version to another, the last one first."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(alembic_config(area))
    return list(scripts.iterate_revisions(revision(needed), revision(found)))


def alembic_config(area: str) -> Config:
    """Return Alembic's configuration of an area."""
    from alembic.config import Config

    config = Config()
    folders = "\n".join(map(str, folders_of(area)))
    for name, value in {
        "script_location": str(MIGRATIONS),
        "path_separator": "newline",
        "version_locations": folders,
    }.items():
        config.set_main_option(name, value.replace("%", "%%"))
    return config
