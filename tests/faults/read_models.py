"""Rows of a read model, edited by hand."""

from __future__ import annotations

import random

from sqlalchemy import BigInteger, Boolean, Integer

from okr_es.application import Okr
from projections.read_model.generations import Model
from projections.read_model.runner import Runner
from projections.read_model.tables import FIELDS, metadata, progress
from projections.read_model.verification import verify_read_model
from tests.faults.stores import Store
from tests.faults.tampering import flipped

NUMBERS = {
    column.name
    for table in metadata.tables.values()
    for column in table.columns
    if isinstance(column.type, BigInteger | Integer | Boolean)
}


def edited(model: Model, chance: random.Random) -> None:
    """Edit a row of a read model: change a column, delete it, or add one like it."""
    with model.database.transaction() as connection:
        tables = [table for table in metadata.sorted_tables if table is not progress]
        counts = {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table.name}").scalar_one()
            for table in tables
        }
        table = chance.choice([table for table, count in counts.items() if count])
        rows = connection.execute(table.select().order_by(*table.primary_key)).all()
        row = dict(zip(FIELDS[table.name], chance.choice(rows), strict=True))
        this = [column == row[column.name] for column in table.primary_key]
        match chance.randrange(4):
            case 0:
                connection.execute(table.delete().where(*this))
            case 1:
                begun = row["known_from"] + 1_000_000
                forged = row | {"known_from": begun, "known_until": begun + 1}
                connection.execute(table.insert(), forged)
            case _:
                keys = {column.name for column in table.primary_key}
                name = chance.choice([n for n in row if n not in keys])
                connection.execute(table.update().where(*this).values({name: changed(row, name)}))


def changed(row: dict[str, object], name: str) -> object:
    """Return another value of a column."""
    value = row[name]
    if isinstance(value, bool):
        return not value
    if value is None:
        return 1 if name in NUMBERS else "x"
    return flipped(value, name, random.Random(str(value)))


def found_in(store: Store, url: str, seed: int | None) -> bool:
    """Edit a read model, unless there is no seed, and return whether that is seen."""
    with store.copy(url) as copy:
        okr = Okr(copy)
        runner = Runner(okr)
        try:
            model = runner.fresh()
            if seed is not None:
                edited(model, random.Random(seed))
            return bool(verify_read_model(runner).failures)
        finally:
            runner.close()
            okr.close()
