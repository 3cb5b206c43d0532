"""What things are called, each as of a position: one statement for all kinds of things."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from msgspec.json import encode

from okr_es.database.database import Database
from okr_es.database.dialect import Dialect
from projections.names.shapes import Wanted

# What a reference of a kind may be to.
KINDS = {
    "goal": ("objective", "key_result", "kpi"),
    "holder": ("team", "person"),
    "any": ("objective", "key_result", "kpi", "team", "cycle", "person"),
}
TABLES = {
    "team": "name", "cycle": "name", "kpi": "name", "objective": "title", "key_result": "title",
}  # fmt: skip
NOTHING = "CAST(NULL AS text)"


class Called(NamedTuple):
    """What a thing is called; of what something is aligned to also its cycle and its owner."""

    name: str | None
    cycle_id: str | None = None
    cycle_name: str | None = None
    owner_id: str | None = None


def then(dialect: Dialect, alias: str, kind: str, id_: str) -> str:
    """Return the join of the version of a thing that held at a position, or its first if later.

    So there is one of each thing, whatever the position. It is found by its key, whatever the
    number of its versions.
    """
    own = f"FROM {kind} t WHERE t.id = {id_}"
    last = f"(SELECT max(t.known_from) {own} AND t.known_from <= p.position)"
    begins = f"coalesce({last}, (SELECT min(t.known_from) {own}))"
    is_it = f"{alias}.id = {id_} AND {alias}.known_from = {begins}"
    return dialect.for_each(alias, kind, f"{is_it} AND {alias}.known_until > p.position")


def plain_source(dialect: Dialect, kind: str) -> str:
    """Return the query of the names of things of a kind."""
    rows = then(dialect, "v", kind, "p.id")
    name = f"v.{TABLES[kind]}" if kind in TABLES else NOTHING  # of a person whether there is one
    return (
        f"SELECT '{kind}' AS kind, p.id, p.position, {name}, {NOTHING}, {NOTHING}, "
        f"{NOTHING} FROM {dialect.relation(kind, id='text', position='bigint')} AS p {rows}"
    )


def source_above(dialect: Dialect, kind: str) -> str:
    """Return the query of goals that something is aligned to, with cycle and owner."""
    owner, more = "v.owner_id", ""
    if kind == "key_result":
        owner = "coalesce(v.owner_id, o.owner_id)"
        more = then(dialect, "o", "objective", "v.objective_id")
    cycle = then(dialect, "c", "cycle", "v.cycle_id")
    rows = then(dialect, "v", kind, "p.id")
    pairs = dialect.relation(f"above_{kind}", id="text", position="bigint")
    return (
        f"SELECT 'above_{kind}' AS kind, p.id, p.position, v.title, v.cycle_id, c.name, {owner} "
        f"FROM {pairs} AS p {rows} {more} {cycle}"
    )


@cache
def statement(dialect: Dialect, sources: tuple[str, ...]) -> str:
    """Return the statement of all that is called by its name, by kinds, each a parameter."""
    return " UNION ALL ".join(
        source_above(dialect, each.removeprefix("above_"))
        if each.startswith("above_")
        else plain_source(dialect, each)
        for each in sources
    )


def load(
    database: Database, wanted: Iterable[Wanted], above: Iterable[Wanted]
) -> dict[Wanted, Called]:
    """Return what things are called, by what is wanted; people are not among them.

    `above` are those that are wanted with cycle and owner. One statement, or none.
    """
    pairs: dict[str, set[tuple[str, int]]] = {}
    both = set(above)
    for each in both:
        pairs.setdefault(f"above_{each.kind}", set()).add((each.id, each.at))
    for each in set(wanted) - both:
        for kind in KINDS.get(each.kind, (each.kind,)):
            is_named = kind in TABLES or each.kind == "any"
            if is_named and Wanted(kind, each.id, each.at) not in both:  # they have more
                pairs.setdefault(kind, set()).add((each.id, each.at))
    if not pairs:
        return {}
    parameters = {source: encode(sorted(each)).decode() for source, each in pairs.items()}
    rows = database.rows(statement(database.dialect, tuple(sorted(pairs))), parameters)
    return {
        Wanted(source.removeprefix("above_"), id_, at): Called(*called)
        for source, id_, at, *called in rows
    }
