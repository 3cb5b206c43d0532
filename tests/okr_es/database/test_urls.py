"""Which databases cannot be used is said in words, and no password with it."""

from pathlib import Path

import pytest
from sqlalchemy import URL

from okr_es.application import Okr
from okr_es.database.database import Database
from okr_es.database.engines import UnusableDatabase
from tests.support.postgresql import connect, drop, url_of
from tests.web.cli.test_main import call

SECRET = "s3cret"


@pytest.mark.parametrize(
    ("url", "word"),
    [
        (f"mysql://me:{SECRET}@host/x", "Other engines"),
        (f"postgres://me:{SECRET}@host/x", "Other engines"),
        ("sqlite:///:memory:", "Other engines"),
        ("sqlite:///okr.db?mode=memory", "Other engines"),
        ("sqlite+aiosqlite:///okr.db", "driver sqlite\\+aiosqlite is not used"),
        (f"postgresql+asyncpg://me:{SECRET}@host/x", "driver postgresql\\+asyncpg is not used"),
        (f"postgresql+psycopg2://me:{SECRET}@host/x", "driver postgresql\\+psycopg2 is not used"),
        (f"postgresql://me:{SECRET}@host/x?colour=red", "option colour is unknown"),
        (f"postgresql://me:{SECRET}@host/x?options=-cfsync%3Doff", "option options is unknown"),
        ("sqlite:///okr.db?colour=red", "option colour is unknown"),
        (f"postgresql://me:{SECRET}@{SECRET}@host/x", "@ is %40"),
        (f"postgresql://me:{SECRET}@host:port/x", "@ is %40"),
        (f"{SECRET}", "@ is %40"),
        ("", "@ is %40"),
    ],
)
def test_an_odd_url_is_refused_without_its_password(url: str, word: str) -> None:
    with pytest.raises(UnusableDatabase, match=word) as refusal:
        Database(url)
    assert SECRET not in str(refusal.value)
    assert str(refusal.value).startswith("OKR_ES_DATABASE is sqlite:///FILE or postgresql://")


def test_the_command_line_says_it_in_one_line() -> None:
    done = call("--database", f"postgresql://me:{SECRET}@{SECRET}@host/x", "read-model", "status")
    assert (done.exit_code, done.stderr.count("\n"), SECRET in done.output) == (1, 1, False)


@pytest.mark.parametrize("odd", ["p@ss:w/o?r#d%", "å ß", "' OR 1", "%40"])
def test_a_password_with_odd_characters_arrives_as_it_is(odd: str) -> None:
    url = URL.create("postgresql", "me", odd, "host", None, "x")
    database = Database(url.render_as_string(hide_password=False), "directory")
    assert (database.url.password, database.url.host) == (odd, "host")


def test_another_encoding_than_utf8_is_refused(postgresql_server: Path) -> None:
    with connect(postgresql_server, "postgres") as admin:
        drop(admin, "latin")
        admin.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
        try:
            with pytest.raises(UnusableDatabase, match="is LATIN1, and okr-es needs UTF8"):
                Okr(url_of(postgresql_server, "latin"))
        finally:
            drop(admin, "latin")
