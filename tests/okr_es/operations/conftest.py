"""A signed log of a company, and where copies of it go."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from psycopg import sql

from okr_es.application import Okr
from tests.support.begun import Begun
from tests.support.old_databases import build
from tests.support.postgresql import connect, drop, url_of

NewUrl = Callable[[str], str]


@pytest.fixture
def company_url(begun: Begun) -> Iterator[str]:
    """A database with all kinds of rows, on each engine in turn; nobody has it open."""
    with begun.fresh("busy company", lambda url: build(url, 40)) as url:
        yield url


@pytest.fixture
def company(company_url: str) -> Iterator[Okr]:
    """That company, open."""
    with closing(Okr(company_url)) as okr:
        yield okr


@pytest.fixture
def new_url(tmp_path: Path, postgresql_server: Path) -> Iterator[NewUrl]:
    """Give the URL of a new empty database on an engine."""
    numbers, made = itertools.count(), []

    def of(engine: str) -> str:
        number = next(numbers)
        if engine == "sqlite":
            return f"sqlite:///{tmp_path}/new-{number}/okr.db"
        name = f"new_{number}"
        made.append(name)
        with connect(postgresql_server, "postgres") as admin:
            drop(admin, name)
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return url_of(postgresql_server, name)

    yield of
    with connect(postgresql_server, "postgres") as admin:
        for name in made:
            drop(admin, name)
