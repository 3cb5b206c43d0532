"""Accounts at providers lie in the directory: each is one person's, and erased with them."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.operations.backup import make_backup
from okr_es.operations.restore import restore
from okr_es.people.identities import Identities, Identity
from okr_es.people.wrapping import KEY, KEY_BYTES
from tests.support.begun import Begun
from tests.support.files import files_in, read
from tests.support.given import World
from tests.support.world import ANN, BEN, begin_world, built, opened

ACCOUNT = Identity("https://provider.example", "4711")
OTHER = Identity("https://provider.example/4", "711")


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    """The small company."""
    with begun.fresh("world", begin_world) as url:
        world = opened(url)
        with closing(world.okr):
            yield world


def test_an_account_is_found_by_issuer_and_subject(world: World) -> None:
    accounts = Identities(world.okr.directory)
    assert accounts.person_of(ACCOUNT) is None
    assert accounts.connect(ANN, ACCOUNT)
    assert accounts.person_of(ACCOUNT) == ANN
    assert accounts.person_of(OTHER) is None, "what is put together alike is another account"
    assert accounts.connect(ANN, OTHER)
    assert accounts.of(ANN) == [ACCOUNT, OTHER]
    assert accounts.of(BEN) == []


def test_it_is_one_persons_alone(world: World) -> None:
    accounts = Identities(world.okr.directory)
    accounts.connect(ANN, ACCOUNT)
    for person in (ANN, BEN, uuid4()):
        assert not accounts.connect(person, ACCOUNT)
    assert not accounts.connect(uuid4(), OTHER), "nobody has that id"
    assert accounts.person_of(ACCOUNT) == ANN


def test_it_is_taken_back(world: World) -> None:
    accounts = Identities(world.okr.directory)
    accounts.connect(ANN, ACCOUNT)
    accounts.connect(BEN, OTHER)
    assert accounts.disconnect(ANN) == 1
    assert accounts.person_of(ACCOUNT) is None
    assert accounts.person_of(OTHER) == BEN


def test_it_is_erased_with_its_person(world: World) -> None:
    accounts = Identities(world.okr.directory)
    accounts.connect(BEN, ACCOUNT)
    database = world.okr.directory.database
    if database.is_sqlite:
        assert any(ACCOUNT.hash in read(path) for path in files_in(database.path.parent))
    world.execute(c.ErasePerson(BEN, "GDPR Article 17"), reason="They asked for it.")
    assert accounts.person_of(ACCOUNT) is None
    if database.is_sqlite:
        assert not any(ACCOUNT.hash in read(path) for path in files_in(database.path.parent))


def test_it_is_readable_where_keys_are_wrapped(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, b64encode(bytes(KEY_BYTES)).decode())
    with closing(built(sqlite_url).okr) as okr:
        accounts = Identities(okr.directory)
        assert accounts.connect(ANN, ACCOUNT)
        assert accounts.of(ANN) == [ACCOUNT]


def test_it_is_in_a_backup(world: World, tmp_path: Path) -> None:
    url = world.okr.database.url.render_as_string(hide_password=False)
    assert Identities(world.okr.directory).connect(ANN, ACCOUNT)
    make_backup(url, tmp_path / "saved")
    restore(tmp_path / "saved", f"sqlite:///{tmp_path}/restored/okr.db")
    with closing(Okr(f"sqlite:///{tmp_path}/restored/okr.db")) as okr:
        assert Identities(okr.directory).person_of(ACCOUNT) == ANN
        assert Identities(okr.directory).of(ANN) == [ACCOUNT]
