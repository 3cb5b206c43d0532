"""Keys in another database than the log: all works as beside it, and nothing lies beside it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from okr_es.application import Okr
from okr_es.areas import AREAS
from okr_es.commands import ErasePerson, FormTeam, RegisterPerson, RenameTeam
from okr_es.context import Context
from okr_es.database.database import Database
from okr_es.database.engines import UnusableDatabase, database_url, with_keys_at
from okr_es.evidence.signer import Signer
from okr_es.operations.backup import make_backup
from okr_es.operations.clean_stop import complete_files
from okr_es.operations.copying import ToDatabase, copy, reading_database
from okr_es.operations.restore import restore
from okr_es.operations.verify_beside import verify_beside
from tests.okr_es.operations.conftest import NewUrl
from tests.support.files import files_in, read
from web.cli.main import main
from web.settings import Unusable, with_keys

ADA, BO = uuid4(), uuid4()
TEAM = UUID(int=7)
WHY = "Since the market asks for it."
BOTH = ("sqlite", "postgresql")


def begin(url: str) -> None:
    """Ada and Bo are registered; Bo renames a team, with a reason; that is signed."""
    with closing(Okr(url)) as okr:
        for person, name in ((ADA, "Ada"), (BO, "Bo")):
            okr.execute(RegisterPerson(name, f"{name}@example.org", person), Context(ADA))
        okr.execute(FormTeam("Sales", id=TEAM), Context(ADA))
        okr.execute(RenameTeam(TEAM, "Markets"), Context(BO, WHY))
        Signer(okr, origin="okr-es.example").sign()


@pytest.fixture(params=[(log, keys) for log in BOTH for keys in BOTH], ids="-".join)
def apart(request: pytest.FixtureRequest, new_url: NewUrl) -> str:
    """A database whose keys lie in another one, of each two engines."""
    log, keys = request.param
    return with_keys_at(new_url(log), new_url(keys))


@pytest.fixture
def on_files(new_url: NewUrl) -> Iterator[str]:
    """Files, the keys in another folder."""
    url = with_keys_at(new_url("sqlite"), new_url("sqlite"))
    begin(url)
    return url


def test_all_works_and_nothing_of_it_lies_beside_the_log(
    apart: str, new_url: NewUrl, tmp_path: Path
) -> None:
    begin(apart)
    beside = Database(
        str(database_url(apart, "").render_as_string(hide_password=False)), "directory"
    )
    assert AREAS["directory"].read_version(beside) is None
    beside.dispose()
    assert verify_beside(apart) == []
    with closing(Okr(apart)) as okr:
        assert {each.name for each in okr.directory.entries().values()} == {"Ada", "Bo"}
        make_backup(apart, tmp_path / "saved")
        okr.execute(ErasePerson(BO, "GDPR article 17"), Context(ADA, "Bo asked for it."))
        assert okr.directory.keys([ADA, BO]).keys() == {ADA}
        Signer(okr).sign()
    assert verify_beside(apart) == []
    back = with_keys_at(new_url("sqlite"), new_url("sqlite"))
    restore(tmp_path / "saved", back)
    with closing(Okr(back)) as okr:
        assert okr.directory.keys([ADA, BO]).keys() == {ADA, BO}
    assert verify_beside(back) == []


def test_the_files_beside_the_log_open_no_text(on_files: str) -> None:
    with closing(Okr(on_files)) as okr:
        keys = okr.directory.keys([ADA, BO]).values()
    complete_files(on_files)
    log, apart = (Path(str(database_url(on_files, area).database)) for area in ("", "directory"))
    beside = b"".join(read(path) for path in files_in(log.parent))
    assert [key in beside for key in keys] == [False, False]
    assert [key in read(apart) for key in keys] == [True, True]


def test_a_copy_goes_from_beside_to_apart_and_back(new_url: NewUrl) -> None:
    there, apart, back = (new_url("sqlite") for _ in range(3))
    apart = with_keys_at(apart, new_url("sqlite"))
    begin(there)
    found = []
    for source, target in ((there, apart), (apart, back)):
        with reading_database(source) as rows, ToDatabase(target) as into:
            found.append(copy(rows, into))
        assert verify_beside(target) == []
    assert found[0] == found[1]


def test_keys_of_another_log_are_refused_and_none_of_them_is_removed(
    on_files: str, new_url: NewUrl
) -> None:
    other = new_url("sqlite")
    with closing(Okr(other)) as okr:
        someone = uuid4()
        okr.execute(RegisterPerson("Cleo", id=someone), Context(someone))
    empty = new_url("sqlite")
    keys = str(make_url(on_files).query["keys"])
    for url in (other, empty):
        with pytest.raises(UnusableDatabase, match=r"those of another log|no log in"):
            Okr(with_keys_at(url, keys))
    with closing(Okr(on_files)) as okr:
        assert okr.directory.keys([ADA, BO]).keys() == {ADA, BO}


# ---- where the setting counts ------------------------------------------------------------------


def test_the_setting_is_about_the_database_that_the_environment_names(
    on_files: str, new_url: NewUrl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = str(make_url(on_files).query["keys"])
    log = database_url(on_files, "").render_as_string()
    beside = new_url("sqlite")
    begin(beside)
    monkeypatch.setenv("OKR_ES_KEYS_DATABASE", keys)
    monkeypatch.setenv("OKR_ES_DATABASE", log)

    def names(*arguments: str) -> str:
        done = CliRunner().invoke(main, [*arguments, "people", "list"])
        return done.output if done.exit_code == 0 else str(done.exception)

    assert "Ada" in names()
    monkeypatch.setenv("OKR_ES_KEYS_DATABASE", keys)
    assert "Ada" in names("--database", beside), "beside it lie its own"
    assert "Ada" in names("--database", log, "--keys-database", keys)


@pytest.mark.parametrize("keys", ["mysql://a/b", "sqlite://", "nonsense"])
def test_a_database_for_keys_that_cannot_be_used_is_refused(keys: str) -> None:
    with pytest.raises((Unusable, UnusableDatabase)):
        with_keys("sqlite:///okr.db", keys)


def test_no_password_of_either_is_shown() -> None:
    url = with_keys("postgresql://a:secret@h/okr", "postgresql://b:hidden@k/keys")
    for area in AREAS:
        place = Database(url, area).place
        assert "secret" not in place
        assert "hidden" not in place
        assert ("k/keys" in place) == (area == "directory")
