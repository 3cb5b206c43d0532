"""Each fragment of a dialect means the same on both engines."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from okr_es.database.creation import create_tables
from okr_es.database.database import Database

ONE, TWO, THREE = (UUID(int=0xE1 + n) for n in range(3))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An area of its own, without tables."""
    database = Database(database_url, "dialect")
    create_tables(database, lambda _: None, {})
    yield database
    database.dispose()


def values(database: Database, statement: str, **parameters: Any) -> list[Any]:
    return [row[0] for row in database.rows(statement, parameters)]


@pytest.mark.parametrize(
    ("of", "listed", "is_in", "is_not_in"),
    [
        ("text", ["a'b", "c"], "'a''b'", "'d'"),
        ("bigint", [1, 2**40], str(2**40), "3"),
        ("text", [], "'never'", "'a'"),
    ],
)
def test_a_value_is_in_a_list(
    of: str, listed: list[Any], is_in: str, is_not_in: str, database: Database
) -> None:
    dialect = database.dialect
    statement = f"SELECT {{}} {dialect.in_array('listed', of)}"
    parameters = {"listed": dialect.array(listed)}
    assert values(database, statement.format(is_in), **parameters) == [bool(listed)]
    assert values(database, statement.format(is_not_in), **parameters) == [False]


def test_an_id_of_the_log_is_in_a_list_and_comes_out_as_text(database: Database) -> None:
    dialect = database.dialect
    statement = (
        f"SELECT {dialect.id_as_text('x.id')} FROM (SELECT {dialect.as_id('id')} AS id) x "
        f"WHERE x.id {dialect.in_array('ids', 'uuid')}"
    )
    both = dialect.array([ONE, TWO])
    assert values(database, statement, id=str(ONE), ids=both) == [str(ONE)]
    assert values(database, statement, id=str(THREE), ids=both) == []


def test_a_list_is_a_query_of_its_values(database: Database) -> None:
    dialect = database.dialect
    statement = f"{dialect.unnest('listed', 'bigint')} ORDER BY value"
    assert values(database, statement, listed=dialect.array([3, 1, 2])) == [1, 2, 3]


def test_a_list_of_lists_is_a_relation(database: Database) -> None:
    relation = database.dialect.relation("cells", word="text", number="bigint")
    statement = f"SELECT word, number FROM {relation} c ORDER BY number"
    assert database.rows(statement, {"cells": '[["b", 2], ["a", 1]]'}) == [("a", 1), ("b", 2)]


def test_the_rows_for_each_of_a_list(database: Database) -> None:
    dialect = database.dialect
    listed, pairs = (
        dialect.unnest("listed"),
        dialect.relation("pairs", word="text", number="bigint"),
    )
    join = dialect.for_each("p", f"{pairs}", "p.word = i.value AND p.number > :least")
    statement = f"SELECT i.value, p.number FROM ({listed}) AS i {join} ORDER BY p.number"
    parameters = {
        "listed": dialect.array(["b", "a", "d"]),
        "pairs": '[["a", 1], ["b", 2], ["c", 3], ["a", 4]]',
        "least": 1,
    }
    assert database.rows(statement, parameters) == [("b", 2), ("a", 4)]


def test_the_lesser_and_the_greater_of_two(database: Database) -> None:
    dialect = database.dialect
    both = f"SELECT {dialect.least('2', '10')}, {dialect.greatest('2', '10')}"
    assert database.rows(both, {}) == [(2, 10)]


def test_text_is_compared_byte_by_byte(database: Database) -> None:
    listed = database.dialect.bytewise("word")
    statement = f"SELECT word FROM (SELECT 'a' AS word UNION SELECT 'B') w ORDER BY {listed}"
    assert values(database, statement) == ["B", "a"]


def test_bytes_contain_a_text(database: Database) -> None:
    dialect = database.dialect
    bytes_ = "x'c3a97a'" if dialect.name == "sqlite" else r"'\xc3a97a'::bytea"
    statement = f"SELECT {dialect.contains(bytes_, 'text')}"
    assert values(database, statement, text="éz") == [True]
    assert values(database, statement, text="e") == [False]


def test_the_text_after_another_in_bytes(database: Database) -> None:
    bytes_ = {
        "sqlite": "CAST('{text}' AS BLOB)", "postgresql": "convert_to('{text}', 'UTF8')",
    }[database.dialect.name].replace("{text}", 'é "a_id":"12345", "b_id":"6789')  # fmt: skip
    after = database.dialect.text_after(bytes_, '_id":"', 4)
    assert values(database, f"SELECT {after}") == ["1234"]


def test_the_tables_of_the_area_alone(database: Database) -> None:
    other = Database(database.log_url.render_as_string(hide_password=False), "other")
    for each, name in ((database, "ours"), (other, "theirs")):
        create_tables(each, partial(create_table, name=name), {})
    assert values(database, database.dialect.tables()) == ["ours"]
    other.dispose()


def create_table(connection: Connection, name: str) -> None:
    connection.exec_driver_sql(f"CREATE TABLE {name} (id INTEGER)")
