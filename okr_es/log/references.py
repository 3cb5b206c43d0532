"""What refers to what, by indexes over the states of streams.

They lead from a goal to the objectives that are aligned to it, and from a KPI to the key results it
feeds, however many goals there are.
"""

from __future__ import annotations

from functools import cache

from okr_es.database.dialect import Dialect

# The field of a state that names another stream -> the type of the streams that have it.
REFERENCES = {
    "aligned_to_objective_id": "objective",
    "aligned_to_key_result_id": "objective",
    "kpi_id": "key_result",
}


def named(dialect: Dialect, field: str, state: str = "state") -> str:
    """Return the SQL of the id that a field of a state names; where it is null, of no id."""
    return dialect.bytewise(dialect.text_after(state, f'"{field}":"', 36))


def indexes_of_references(dialect: Dialect) -> list[str]:
    """Return the statements that make the indexes where they are missing."""
    return [
        f"CREATE INDEX IF NOT EXISTS streams_by_{field} ON streams "
        f"(({named(dialect, field)})) WHERE type = '{kind}'"
        for field, kind in REFERENCES.items()
    ]


@cache
def referring_statement(dialect: Dialect, field: str) -> str:
    """Return the query of the streams whose field names one of :ids, in the order of their ids."""
    found = dialect.for_each(
        "s",
        "streams",
        f"s.type = '{REFERENCES[field]}' AND {named(dialect, field, 's.state')} = i.value",
    )
    return (
        f"SELECT {dialect.id_as_text('s.stream')}, s.version, s.state "
        f"FROM ({dialect.unnest('ids')}) AS i {found} ORDER BY s.stream"
    )
