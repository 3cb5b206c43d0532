"""The tables of the read model `goals`, one set a generation, the same on both engines.

Entities are kept as versions: a row holds from position `known_from` until before
`known_until`, which is FOREVER while it is current. So one shape serves now and then:

* current:           WHERE known_until = FOREVER            (a partial index)
* one entity then:   WHERE id = ? AND known_from <= ? ORDER BY known_from DESC LIMIT 1
* a whole cycle then: by `node`, see `interval_tree.py`

Numbers, days and ids are text: exact, and as they stand in the events.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from okr_es.database.ddl import create_all
from okr_es.database.sql_files import statements_of

FOREVER = 2**62
FIRST_DAY = "0001-01-01"  # before any day there can be something about

Row = dict[str, Any]  # a row of a table, or a part of an answer, by names
NAME, VERSION = "goals", 23
# In the name of the registry's file or schema. Before version 17 it was `read`, which on PostgreSQL
# belongs to the login: the application's role cannot add a table there.
REGISTRY = "read_models"

metadata = MetaData()
# Compared byte by byte: ids and days need no language, whose rules cost more than the rest.
Words: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")
Position: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")


def texts(names: str) -> list[SchemaItem]:
    """Return text columns of these names."""
    return [Column(name, Words) for name in names.split()]


def versions(name: str, *columns: SchemaItem, keys: tuple[str, ...] = ()) -> Table:
    """Return a table of versions, with a partial index on the current ones, by id and by keys."""
    table = Table(
        name,
        metadata,
        Column("id", Words, primary_key=True),
        Column("known_from", Position, primary_key=True, autoincrement=False),
        Column("known_until", Position, nullable=False),
        Column("version", Integer, nullable=False),
        Column("first_position", Position, nullable=False),
        *columns,
    )
    now = table.c.known_until == FOREVER
    for key in ("id", *keys):
        Index(
            f"{name}_now_by_{key}",
            table.c[key],
            unique=key == "id",
            sqlite_where=now,
            postgresql_where=now,
        )
    return table


def of_a_cycle(table: Table) -> Table:
    """Add the indexes by which a cycle as of a position is found: see `interval_tree.py`."""
    ended = table.c.known_until < FOREVER
    for bound in ("known_from", "known_until"):
        Index(
            f"{table.name}_then_by_{bound}",
            table.c.cycle_id,
            table.c.node,
            table.c[bound],
            sqlite_where=ended,
            postgresql_where=ended,
        )
    return table


def listed(table: Table) -> Table:
    """Add the indexes by which lists of the current rows are sorted, by their sort and id."""
    now = table.c.known_until == FOREVER
    for name, columns in (
        ("created", ("first_position",)),
        ("cycle_id", ("cycle_id", "first_position")),
        ("title", ("title_key",)),
    ):
        Index(
            f"{table.name}_now_by_{name}",
            *(table.c[column] for column in (*columns, "id")),
            sqlite_where=now,
            postgresql_where=now,
        )
    return table


def backdated(table: Table) -> Table:
    """Add the index by which the few versions that hold from an earlier day are found."""
    is_backdated = table.c.effective.isnot(None)
    Index(
        f"{table.name}_backdated",
        table.c.known_from,
        sqlite_where=is_backdated,
        postgresql_where=is_backdated,
    )
    return table


# `plan_commits` and `closings` are lists in JSON of the positions and times of each; a commit also
# says which team was named, and `teams`, those whose plan it was (none: all others).
cycle = versions(
    "cycle",
    *texts("name starts ends"),
    Column("plan_committed", Boolean),
    Column("closed", Boolean),
    *texts("approval_required"),
    Column("closing_position", Position),
    *texts("plan_commits closings"),
)
# By any name it ever had. Names are of ASCII, which `lower` folds as `values.folded` does.
# `effective` is the earlier day from which a version that moves the team holds; null: it holds from
# the day it was recorded.
team = backdated(
    versions(
        "team", *texts("name kind parent_id"), Column("disbanded", Boolean), *texts("effective")
    )
)
# `holds` are the matters of legal holds in force, a list in JSON; null: none is. `turns` are the
# days from which they had left or were back, a list in JSON; null: none. `effective` is the day of
# the last turn, on the version that records it alone.
person = versions(
    "person",
    *texts("legal_ground holds turns effective deputy_id deputy_starts deputy_ends"),
    Column("active", Boolean),
    Column("erased", Boolean),
)
scoring_policy = versions(
    "scoring_policy",
    *texts("on_track at_risk yellow_from committed_expected aspirational_expected not_measured"),
)
# Of the organisation; `working_days`, `holidays` and `grace` are in JSON. `valid_from` is null for
# the first one, which is valid on all days.
calendar = versions(
    "calendar", *texts("zone working_days holidays first_month two_weeks_from grace valid_from")
)
people_figures = versions("people_figures", *texts("people_figures"))
# `ends` is the last day, also of one that was ended; null: none. (`grant` is a word of SQL.)
role_grant = versions("role_grant", *texts("person_id role team_id starts ends purpose"))
# `ends` is the last day; `kpi_ids` is a list in JSON.
api_key = versions(
    "api_key", *texts("role team_id kpi_ids ends created_by"), Column("revoked", Boolean)
)
# `parent_objective_id` is the objective it is aligned to, also where through a key result;
# `committed_at` is the position it was committed at, `committed_time` when that was recorded;
# `ended_at` is the position of its abandoning. `promised_at` is the position whose plan is its
# promise, `covered_by` the commit of the plan that covered it, none where it was added later. Both
# are set once, on the version that holds then: a view of an earlier position leaves them out (see
# `as_of/rows.py`). `first_key_result` is the position at which it had its first key result;
# `lineage` is the id of the first of the objectives it continues by carrying over, or its own.
# `revisions` counts what was changed of it since, `returns` how often it came back after it was
# abandoned; `effective` is the earlier day from which a version that hands it over holds, `redated`
# names what stays and is held from that day on. `evidence` is the document of its grade, in JSON.
# Of what can be corrected, `corrections` counts that since the promise; `corrected` is what was
# meant in a version, a list in JSON without its brackets of each `[position, values]`; `corrects`
# is what the event of a version corrected, in JSON, of each `[field, said, meant]`.
# `title_key` and `words` are title and description as `folding.py` folds them, for lists.
objective = backdated(
    listed(
        of_a_cycle(
            versions(
                "objective",
                *texts("cycle_id team_id owner_id title description title_key words"),
                *texts("commitment due carried_from"),
                *texts("carried_to"),
                *texts("aligned_to_objective_id aligned_to_key_result_id weight state"),
                Column("graded", Boolean),
                Column("confidential", Boolean),
                *texts("adjusted_grade evidence parent_objective_id effective redated"),
                Column("committed_at", Position),
                Column("promised_at", Position),
                Column("covered_by", Position),
                Column("ended_at", Position),
                *texts("committed_time"),
                Column("first_key_result", Position),
                *texts("lineage"),
                Column("revisions", Integer),
                Column("corrections", Integer),
                Column("returns", Integer),
                *texts("corrected corrects"),
                Column("node", Position),
                keys=("owner_id", "parent_objective_id", "aligned_to_key_result_id"),
            )
        )
    )
)
# A key result moves within its cycle alone, so `cycle_id` stays; `ended_at` is the position it was
# dropped at. `added_time` is when it was added, `linked_time` when what feeds it last changed.
# `definition` stands for its unit or zones: a
# check-in counts where it was made under the same (`definitions.py`); `redefined_at` is the
# position at which it last got others. `earlier_steps` are the steps a milestone had before, each
# until when: a list in JSON, null while it has the first ones; so are `earlier_cadences`.
# `owner_id` is its own owner; null: that of its objective. `returns` counts how often it came back
# after it was dropped; `came_at` is the position at which it came to a plan that was committed
# while it was dropped, or by a move. `promised_at` and `covered_by` are those it had when it was
# moved out of a plan; null: it has those of its objective. `renamed_steps` are the names that were
# corrected, each with the one it goes by now, in JSON.
key_result = listed(
    of_a_cycle(
        versions(
            "key_result",
            *texts("objective_id cycle_id owner_id title description title_key words"),
            *texts("kind baseline target unit steps zones weight"),
            *texts("cadence trajectory carried_from kpi_id direction minimum maximum added_time"),
            *texts("linked_time"),
            *texts("definition earlier_steps earlier_cadences"),
            Column("dropped", Boolean),
            Column("redefined_at", Position),
            Column("ended_at", Position),
            Column("came_at", Position),
            Column("promised_at", Position),
            Column("covered_by", Position),
            Column("revisions", Integer),
            Column("returns", Integer),
            Column("corrections", Integer),
            *texts("corrected corrects renamed_steps"),
            Column("node", Position),
            keys=("objective_id",),
        )
    )
)
# `counts` and `aggregation` are its definition since the day `defined_from`.
kpi = versions(
    "kpi",
    *texts("name direction unit source cadence owner_id team_id purpose baseline"),
    *texts("counts aggregation defined_from"),
    Column("retired", Boolean),
)
# One for each day from which a KPI was defined otherwise; the first one has the day FIRST_DAY.
kpi_definition = versions(
    "kpi_definition", *texts("kpi_id effective counts aggregation"), keys=("kpi_id",)
)
kpi_target = versions(
    "kpi_target",
    *texts("kpi_id starts ends target minimum maximum corrected corrects"),
    keys=("kpi_id",),
)

# A request for approval, of a cycle or of none; `known_at` is the position it was decided at, its
# last version begins where it was approved, refused or withdrawn. `about` is the key result or the
# objective that its command names; null: neither.
approval = versions(
    "approval",
    *texts("cycle_id action command fields asked_by asked_for about"),
    Column("known_at", Position),
    *texts("decision"),
    keys=("cycle_id", "about"),
)

# Readings are many and rarely change. An event makes at most one of them, so its position is the
# key; the versions of one reading are found by the positions of its stream in the log. `evidence`
# is a link and a SHA-256 in JSON. Of a check-in, `definition` is that of its key result when it was
# made, and `done` the steps of a milestone at that time and those of them that were done, in JSON.
reading = Table(
    "reading",
    metadata,
    Column("known_from", Position, primary_key=True, autoincrement=False),
    Column("id", Words, nullable=False),
    Column("known_until", Position, nullable=False),
    Column("version", Integer, nullable=False),
    Column("first_position", Position, nullable=False),
    Column("measured_id", Words, nullable=False),
    Column("as_of", Words, nullable=False),
    *texts("value zone"),
    Column("confidence", Integer),
    Column("retracted", Boolean),
    *texts("subject evidence definition done"),
)
with_subject = reading.c.subject.is_not(None)
Index(
    "reading_of_a_subject",
    reading.c.measured_id,
    sqlite_where=with_subject,
    postgresql_where=with_subject,
)
Index("reading_by_day", reading.c.measured_id, reading.c.as_of, reading.c.first_position)
Index("reading_by_position", reading.c.measured_id, reading.c.known_from)

# The hierarchy through time: key results and aligned objectives below an objective, the KPI that
# feeds a key result below that. So what belongs to a goal at a position, or ever
# did, is found without a look at every version of everything. `other_cycle` marks objectives
# that are aligned to one of another cycle, so that a board looks for them only where there are any.
links = Table(
    "links",
    metadata,
    Column("parent_id", Words, primary_key=True),
    Column("child_id", Words, primary_key=True),
    Column("known_from", Position, primary_key=True, autoincrement=False),
    Column("known_until", Position, nullable=False),
    Column("kind", Text, nullable=False),
    Column("other_cycle", Boolean, nullable=False),
)
Index(
    "links_other_cycle",
    links.c.known_from,
    sqlite_where=links.c.other_cycle,
    postgresql_where=links.c.other_cycle,
)

progress = Table(
    "progress",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", Position, nullable=False),
    Column("hash", LargeBinary),  # of the event at the position; null at the beginning
    Column("retired", Boolean, nullable=False),
)

VERSIONED = (
    cycle, team, person, scoring_policy, people_figures, role_grant, api_key, calendar, objective,
    key_result, kpi, kpi_definition, kpi_target, reading, approval,
)  # fmt: skip
FIELDS = {
    str(table.name): [str(column.name) for column in table.columns]
    for table in metadata.tables.values()
}
BOOLEANS = {
    str(table.name): {str(c.name) for c in table.columns if isinstance(c.type, Boolean)}
    for table in metadata.tables.values()
}
WITH_NODE = frozenset(name for name, fields in FIELDS.items() if "node" in fields)


def create_tables(connection: Connection) -> None:
    """Create the tables of a generation, at the beginning of the log.

    Their rows are never deleted. Where they are, by any program, the row of `progress` goes as
    well: then the generation counts as damaged, and is not asked any more.
    """
    create_all(connection, metadata)
    for table in metadata.tables:
        if table != progress.name:
            for statement in emptied(connection.dialect.name, table):
                connection.exec_driver_sql(statement)
    connection.execute(progress.insert(), {"id": 1, "position": 0, "retired": False})


def emptied(dialect: str, table: str) -> list[str]:
    """Return the statements that note that rows of a table were deleted."""
    return statements_of(__package__, f"emptied.{dialect}.sql", table=table)


def plain(name: str, row: Any) -> dict[str, Any]:
    """Return a row of a table as a dict, its booleans as such on both engines."""
    fields = dict(zip(FIELDS[name], row, strict=True))
    for boolean in BOOLEANS[name]:
        fields[boolean] = bool(fields[boolean])
    return fields
