"""The statements that create tables are those of SQLAlchemy, put together once."""

from typing import Any

import pytest
from sqlalchemy import MetaData, create_mock_engine

from okr_es.areas import AREAS
from okr_es.database.ddl import statements
from projections.read_model import tables
from tests.conftest import ENGINES

METADATA = {"read_model": tables.metadata} | {area.name: area.metadata for area in AREAS.values()}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA)
def test_they_are_those_of_sqlalchemy(metadata: MetaData, engine: str) -> None:
    theirs: list[str] = []

    def run(statement: Any, *_: Any, **__: Any) -> None:
        theirs.append(str(statement.compile(dialect=mock.dialect)).strip())

    driver = "postgresql+psycopg" if engine == "postgresql" else engine
    mock = create_mock_engine(f"{driver}://", run)
    metadata.create_all(mock, checkfirst=False)
    assert len(theirs) >= len(metadata.tables) > 0
    ours = statements(metadata, engine)
    if engine == "postgresql":
        ours = ours[0].split(";\n")
    assert sorted(ours) == sorted(theirs)
