"""Databases of each schema version there was are upgraded, and their logs verify.

Those of earlier versions lie in tests/data/databases; see tests/support/old_databases.py.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from okr_es.application import Okr
from okr_es.areas import AREAS, schema_versions, upgrade
from okr_es.commands import FormTeam
from okr_es.context import Context
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification
from okr_es.evidence.verify_states import verify_states
from projections.queries import Queries
from projections.read_model.runner import Runner
from projections.read_model.verification import verify_read_model
from tests.support.begun import Begun
from tests.support.old_databases import (
    FIRST_WEEKS,
    FOLDER,
    MARA,
    build,
    lines_of,
    load,
    to_json,
    write,
)
from tests.support.planted_migrations import TABLES, plant

VERSION_1 = FOLDER / "version_1.jsonl.xz"
SHA_256 = {
    VERSION_1.name: "c21c8ae911179c5599f3259bdaf9798e2eaa97ad43baef94768515857b85a3b2",
    "version_2.jsonl.xz": "839d409f03c7bb925bd483e7d2f6374160bdbf24db3cd029fc5616f5265cdebe",
    "version_3.jsonl.xz": "64af930a7790b7ac11f33927929380db28b690763a7b41135a1f6f839632df68",
}
EVENTS = ("log", "events")
PAGES = UUID("5fcd5471-fffd-5922-88ea-ab1ef2b632c5")
CLOSINGS = {
    "2025": 1, "2025-Q1": 1, "2025-Q2": 2, "2025-Q3": 1, "2025-Q4": 1, "spring": 0, "2026-Q1": 0,
    "2026": 0,
}  # fmt: skip
THIRD_QUARTER = {
    "launch version 2.0 of the site": ("59921fa0", "committed", None),
    "win more customers than in any quarter before": ("5fd23ba8", "committed", "0.95"),
    "show every trade how it plans better with us": ("366a2b14", "committed", None),
    "run campaigns on three networks at a time": ("affe04b8", "committed", None),
    "let visitors try before they buy": ("98fe97f1", "committed", None),
    "be ready for three times as many leads": ("3ceba23d", "committed", None),
}
APPROVALS = [
    ("approval.requested", "former colleague", None),
    ("approval.requested", "Samir Haddad", "it matters"),
    ("approval.approved", "Mara Lindqvist", "it is decided"),
    ("approval.requested", "Samir Haddad", "it matters"),
    ("approval.refused", "Mara Lindqvist", "it is decided"),
    ("approval.requested", "Samir Haddad", "it matters"),
    ("approval.withdrawn", "Samir Haddad", "it is decided"),
    ("approval.requested", "Samir Haddad", "it matters"),
]
EARLIER = sorted(FOLDER.glob("version_*.jsonl.xz"))
ADDED = 'op.add_column("{}", sa.Column("note", sa.Text))'


@pytest.fixture(scope="session")
def of_today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the version that stands, written as those of earlier ones were."""
    folder = tmp_path_factory.mktemp("today")
    url = f"sqlite:///{folder}/okr.db"
    build(url, FIRST_WEEKS)
    write(url, folder / "rows.jsonl.xz")
    return folder / "rows.jsonl.xz"


@pytest.fixture
def loaded(begun: Begun) -> Iterator[Callable[[Path], str]]:
    """Gives the URL of a database that holds the rows of a file."""
    with ExitStack() as open_ones:

        def holds(path: Path) -> str:
            name = f"rows of {path.parent.stem} {path.name}"
            return open_ones.enter_context(begun.fresh(name, partial(load, path)))

        yield holds


@pytest.fixture
def of_version_1(begun: Begun) -> Iterator[str]:
    """The URL of a database of version 1 that was upgraded."""
    first = f"rows of {FOLDER.stem} {VERSION_1.name}", partial(load, VERSION_1)
    with begun.fresh("version 1 upgraded", upgrade, first) as url:
        yield url


def test_each_version_before_this_one_has_its_database_here() -> None:
    newest = max(area.version for area in AREAS.values())
    wanted = {f"version_{version}.jsonl.xz" for version in range(1, newest)}
    assert wanted <= {path.name for path in EARLIER}


def test_what_was_stored_once_is_never_stored_again() -> None:
    """It stands for somebody's database, which no later program can write once more."""
    assert {path.name: sha256(path.read_bytes()).hexdigest() for path in EARLIER} == SHA_256


@pytest.mark.parametrize("name", [*(path.name for path in EARLIER), "today"])
def test_a_database_of_each_version_is_brought_up(
    name: str, of_today: Path, loaded: Callable[[Path], str]
) -> None:
    """That of today comes the same way, by rows, without a migration left to run."""
    url = loaded(of_today if name == "today" else FOLDER / name)
    upgrade(url)
    require_whole(url)


def test_a_database_of_today_is_upgraded_by_the_program_of_tomorrow(
    of_today: Path,
    loaded: Callable[[Path], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = loaded(of_today)
    today = [each.version for each in schema_versions(url)]
    for area, table in TABLES.items():
        plant(monkeypatch, tmp_path, area, ADDED.format(table))
    assert [each.version for each in upgrade(url)] == today == [2, 4, 2, None, None]
    assert [each.version for each in schema_versions(url)] == [3, 5, 3, 2, 4]
    require_whole(url)


def test_an_upgrade_leaves_every_event_as_it_was_written(of_version_1: str) -> None:
    """All columns of all events, of every type there was in version 1."""
    okr = Okr(of_version_1)
    okr.execute(FormTeam("Another"), Context(MARA))
    rows = [row for area, table, row in lines_of(VERSION_1)[1:] if (area, table) == EVENTS]
    assert len({row["type"] for row in rows}) == 47
    with okr.database.reader.connect() as connection:
        found = connection.execute(text("SELECT * FROM events ORDER BY position")).mappings()
        now = [{name: to_json(value) for name, value in row.items()} for row in found]
    assert [{name: row[name] for name in old} for old, row in zip(rows, now, strict=False)] == rows
    okr.close()


def test_a_log_of_version_1_means_what_it_meant(of_version_1: str) -> None:
    """Questions with the answers they had when it was written."""
    okr = Okr(of_version_1, clock=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
    queries = Queries(okr)
    cycles = {cycle["name"]: cycle for cycle in queries.cycles()["cycles"]}
    assert {name: len(cycle["closings"]) for name, cycle in cycles.items()} == CLOSINGS
    third = queries.board(UUID(cycles["2025-Q3"]["id"]))["objectives"]
    assert {goal["title"]: facts_of(goal) for goal in third} == THIRD_QUARTER
    bugs = third[0]["key_results"][0]
    assert (bugs["title"], bugs["baseline"], bugs["target"]) == (
        "No more than 5 known bugs", "27", "5",
    )  # fmt: skip
    assert (bugs["reading"]["as_of"], bugs["reading"]["value"]) == ("2025-09-19", "6")
    assert bugs["progress"] == Decimal("0.9545")
    pages = {day: queries.key_result(PAGES, day)["target"] for day in ("2026-01-27", "2026-01-28")}
    assert pages == {"2026-01-27": "40", "2026-01-28": "30"}
    require_known_people(queries)
    queries.runner.close()
    okr.close()


def facts_of(goal: dict[str, Any]) -> tuple[str, str, str | None]:
    """Who owns it in the end, its state, and its adjusted grade."""
    return goal["owner"]["id"][:8], goal["state"], goal["grade"]["adjusted"]


def require_known_people(queries: Queries) -> None:
    """Who requested and decided and why, and of one who was erased nothing but that."""
    entries = queries.audit_log(type="approval", order="oldest")["entries"]
    assert [(e["type"], e["by"]["name"], e["reason"]) for e in entries] == APPROVALS
    people = {person["name"]: person for person in queries.people()["people"]}
    assert people["Mara Lindqvist"]["email"] == "mara@kestrelly.example"
    assert len(people) == 12
    erased = people["former colleague"]
    assert (erased["email"], erased["legal_ground"]) == (None, "GDPR article 17 (1) (b)")
    (drafted,) = queries.audit_log(person_id=UUID(erased["id"]), type="objective.drafted")[
        "entries"
    ]
    assert (drafted["by"]["name"], drafted["reason"]) == ("former colleague", None)


def require_whole(url: str) -> None:
    """The log verifies, all states and the read model do, people can be read, and it goes on."""
    okr = Okr(url)
    verified = Verification(okr.log).run()
    assert (verified.failures, verified.checkpoints) == ([], 2)
    assert verified.events == okr.log.head() > FIRST_WEEKS
    assert verify_states(okr.database) == []
    runner = Runner(okr)
    runner.catch_up()
    assert verify_read_model(runner).failures == []
    runner.close()
    assert "Mara" in {entry.name.split()[0] for entry in okr.directory.entries().values()}
    (access,) = okr.access_log.search()
    assert access.what == "history"
    assert access.by is not None
    okr.execute(FormTeam("Another"), Context(access.by))
    assert Signer(okr).sign() is not None
    assert Verification(okr.log).run().holds
    okr.close()
