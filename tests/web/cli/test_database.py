"""The schema version on the command line: shown, upgraded, and never taken for tampering."""

import json
from pathlib import Path

import pytest

from okr_es.application import Okr
from okr_es.database.database import Database
from tests.support.owners import owner
from tests.support.planted_migrations import plant
from tests.web.cli.test_main import call

ALL_IS_WELL = [
    {"area": "log", "version": 2, "needed": 2},
    {"area": "directory", "version": 4, "needed": 4},
    {"area": "access_log", "version": 2, "needed": 2},
    {"area": "jobs", "version": None, "needed": 1},
    {"area": "sessions", "version": None, "needed": 3},
]
ADDED = 'op.add_column("events", sa.Column("note", sa.Text))'


@pytest.fixture
def url(okr: Okr) -> str:
    """The database of the small company."""
    return okr.database.url.render_as_string(hide_password=False)


def of_tomorrow(url: str) -> None:
    """A newer program was here."""
    database = Database(url)
    with owner(database) as run:
        run("UPDATE log_version SET version_num = '0003'")
    database.dispose()


def test_the_version_is_shown(url: str) -> None:
    done = call("--database", url, "database", "status")
    assert done.stdout.splitlines()[0] == "log: version 2, as this program needs"
    assert json.loads(call("--database", url, "database", "status", "--json").stdout) == ALL_IS_WELL


def test_nothing_is_shown_or_made_where_there_is_no_database(tmp_path: Path) -> None:
    for command in ("status", "upgrade"):
        done = call("--database", f"sqlite:///{tmp_path}/okr.db", "database", command)
        assert (done.exit_code, list(tmp_path.iterdir())) == (1, [])
        assert "does not exist" in done.stderr


def test_an_upgrade_is_run_on_a_word(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch, tmp_path, "log", ADDED)
    refused = call("--database", url, "read-model", "status")
    assert refused.exit_code == 1
    assert "run `okr-es database upgrade`" in refused.stderr
    shown = call("--database", url, "database", "status").stdout.splitlines()
    assert shown[0] == "log: version 2; this program needs version 3"
    done = call("--database", url, "database", "upgrade")
    assert done.stdout.splitlines() == [
        "log: version 3, was 2",
        "directory: version 4, nothing to do",
        "access log: version 2, nothing to do",
        "jobs: version 1, new",
        "sessions: version 3, new",
    ]
    assert call("--database", url, "read-model", "status").exit_code == 0
    verified = call("--database", url, "audit", "verify")
    assert verified.exit_code == 0, verified.output


@pytest.mark.parametrize(
    "command",
    [
        ("audit", "verify"), ("audit", "verify", "--json"), ("read-model", "status"),
        ("database", "upgrade"), ("audit", "sign"),
    ],
)  # fmt: skip
def test_a_newer_database_is_refused_in_words_and_not_called_tampered(
    command: tuple[str, ...], url: str
) -> None:
    of_tomorrow(url)
    done = call("--database", url, *command)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "Error: The log has schema version 3, and this program knows version 2 at most. Nothing is "
        "wrong with the data: use a newer okr-es"
    )
    assert call("--database", url, "database", "status").stdout.startswith(
        "log: version 3; this program needs version 2"
    )
