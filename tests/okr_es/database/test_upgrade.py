"""Databases of each schema version there was are upgraded, and their logs verify.

Those of earlier versions lie in tests/data/databases; see tests/support/old_databases.py.
"""

from pathlib import Path

import pytest

from okr_es.application import Okr
from okr_es.areas import AREAS, schema_versions, upgrade
from okr_es.commands import FormTeam
from okr_es.context import Context
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification
from okr_es.evidence.verify_states import verify_states
from projections.read_model.runner import Runner
from projections.read_model.verification import verify_read_model
from tests.support.old_databases import COMMANDS, FOLDER, build, load, write
from tests.support.planted_migrations import TABLES, plant

EARLIER = sorted(FOLDER.glob("version_*.jsonl.gz"))
ADDED = 'op.add_column("{}", sa.Column("note", sa.Text))'


@pytest.fixture(scope="session")
def of_today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the version that stands, written as those of earlier ones were."""
    folder = tmp_path_factory.mktemp("today")
    url = f"sqlite:///{folder}/okr.db"
    build(url)
    write(url, folder / "rows.jsonl.gz")
    return folder / "rows.jsonl.gz"


def test_each_version_before_this_one_has_its_database_here() -> None:
    newest = max(area.version for area in AREAS.values())
    wanted = {f"version_{version}.jsonl.gz" for version in range(1, newest)}
    assert wanted <= {path.name for path in EARLIER}


@pytest.mark.parametrize("name", [*(path.name for path in EARLIER), "today"])
def test_a_database_of_each_version_is_brought_up(
    name: str, of_today: Path, database_url: str
) -> None:
    """That of today comes the same way, by rows, without a migration left to run."""
    load(of_today if name == "today" else FOLDER / name, database_url)
    upgrade(database_url)
    require_whole(database_url)


def test_a_database_of_today_is_upgraded_by_the_program_of_tomorrow(
    of_today: Path, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(of_today, database_url)
    for area, table in TABLES.items():
        plant(monkeypatch, tmp_path, area, ADDED.format(table))
    assert [each.version for each in upgrade(database_url)] == [1, 1, 1]
    assert {each.version for each in schema_versions(database_url)} == {2}
    require_whole(database_url)


def require_whole(url: str) -> None:
    """The log verifies, all states and the read model do, people can be read, and it goes on."""
    okr = Okr(url)
    verified = Verification(okr.log).run()
    assert (verified.failures, verified.checkpoints) == ([], 1)
    assert verified.events == okr.log.head() > COMMANDS
    assert verify_states(okr) == []
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
