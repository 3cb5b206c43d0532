"""The beginnings of readings by what they measure, by an index.

Readings are streams of their own and have no state beside the log. So an index over the data of
their first events leads to those of some key results and KPIs, however long the log is. The days
they are about are not part of it: that would double what it costs to record a reading.
"""

from __future__ import annotations

from functools import cache

from okr_es.database.dialect import Dialect

BEGINNINGS = ("reading.recorded", "reading.checked_in")
ARE_BEGINNINGS = f"type IN {BEGINNINGS}"


def measured(dialect: Dialect, data: str = "data") -> str:
    """Return the SQL of the key result or KPI that a reading measures: the first id it names."""
    return dialect.bytewise(dialect.text_after(data, '_id":"', 36))


def about(dialect: Dialect, data: str = "data") -> str:
    """Return the SQL of the day that a reading is about."""
    return dialect.bytewise(dialect.text_after(data, '"as_of":"', 10))


def index_of_readings(dialect: Dialect) -> str:
    """Return the statement that makes the index where it is missing."""
    return (
        "CREATE INDEX IF NOT EXISTS readings_by_measured ON events "
        f"(({measured(dialect)})) WHERE {ARE_BEGINNINGS}"
    )


@cache
def readings_statement(dialect: Dialect, columns: str) -> str:
    """Return the query of columns of the beginnings of readings, in the order of the log.

    They are the readings of some key results and KPIs, :ids, about the days :first to :last.
    """
    found = dialect.for_each(
        "e",
        "events",
        f"e.{ARE_BEGINNINGS} AND {measured(dialect, 'e.data')} = i.value "
        f"AND {about(dialect, 'e.data')} BETWEEN :first AND :last",
    )
    return f"SELECT {columns} FROM ({dialect.unnest('ids')}) AS i {found} ORDER BY e.position"
