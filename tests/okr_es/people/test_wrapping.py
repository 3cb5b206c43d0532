"""Keys that are stored are wrapped by a key from elsewhere, and wrapped again by another one."""

import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from okr_es.application import Okr
from okr_es.commands import DeactivatePerson, ErasePerson, RegisterPerson, RenameTeam
from okr_es.context import Context
from okr_es.database.database import Database
from okr_es.evidence.signer import Signer
from okr_es.operations.backup import make_backup
from okr_es.operations.restore import restore
from okr_es.operations.verify_beside import verify_beside
from okr_es.people import rewrapping
from okr_es.people.rewrapping import count, rewrap
from okr_es.people.wrapping import (
    KEY,
    KEY_BYTES,
    Wrapping,
    WrappingKeyIsWrong,
    mark_of,
    named,
    wrapping,
    wrapping_by,
)
from tests.support.begun import Begun
from tests.support.files import files_in, read
from tests.support.world import ANN, BEN, PRODUCT, built
from web.cli.main import main

FIRST, SECOND, OTHER = (bytes([number]) * KEY_BYTES for number in (1, 2, 3))
WHY = "Since the market asks for it."


def written(*keys: bytes) -> str:
    return " ".join(b64encode(key).decode() for key in keys)


@pytest.fixture
def by(monkeypatch: pytest.MonkeyPatch):
    """Let keys be wrapped by the first of some keys from now on; by none without one."""

    def named_in_environment(*keys: bytes) -> Wrapping:
        monkeypatch.setenv(KEY, written(*keys))
        return wrapping()

    return named_in_environment


def tell(url: str) -> None:
    """A world in which texts of both classes were written, and a checkpoint was signed."""
    with closing(built(url).okr) as okr:
        okr.execute(RenameTeam(PRODUCT, "Goods"), Context(BEN, WHY))
        okr.execute(DeactivatePerson(BEN), Context(ANN, "Left."))
        Signer(okr, origin="okr-es.example").sign()


@pytest.fixture
def url(begun: Begun, by) -> Iterator[str]:
    """That world, its keys wrapped by the first key."""
    by(FIRST)
    with begun.fresh("world wrapped by the first key", tell) as url:
        yield url


def stored(url: str) -> list[bytes]:
    """All keys as they are stored."""
    database = Database(url, "directory")
    found = [
        bytes(key)
        for at in rewrapping.PLACES
        for (key,) in database.rows(f"SELECT {at.key} FROM {at.table}", {})
    ]
    database.dispose()
    return found


def is_whole(url: str) -> bool:
    """Whether all opens, signs and verifies."""
    with closing(Okr(url)) as okr:
        names = {each.name for each in okr.directory.entries().values()}
        Signer(okr).sign()
    return verify_beside(url) == [] and "Ann Example" in names


# ---- one key --------------------------------------------------------------------------


def test_all_keys_are_stored_wrapped_and_everything_works(url: str):
    keys = stored(url)
    assert len(keys) > 4
    assert {key[:9] for key in keys} == {mark_of(FIRST)}
    assert is_whole(url)


def test_no_key_lies_readable_in_any_file(sqlite_url: str, by):
    wraps = by(FIRST)
    tell(sqlite_url)
    keys = [wraps.open(key) for key in stored(sqlite_url)]
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    every_byte = b"".join(read(path) for path in files_in(folder))
    assert not [key for key in [*keys, FIRST] if key in every_byte]
    assert all(key in every_byte for key in stored(sqlite_url)), "what is looked for can be found"


@pytest.mark.parametrize(
    ("keys", "says"), [((), "there is none"), ((OTHER,), named(mark_of(OTHER)))]
)
def test_without_the_key_or_with_another_nothing_opens_and_nothing_is_written(
    url: str, by, monkeypatch: pytest.MonkeyPatch, keys: tuple[bytes, ...], says: str
):
    before = stored(url)
    if keys:
        by(*keys)
    else:
        monkeypatch.delenv(KEY)
    with pytest.raises(WrappingKeyIsWrong) as refused:
        Okr(url)
    assert named(mark_of(FIRST)) in str(refused.value)
    assert says in str(refused.value)
    done = CliRunner().invoke(main, ["--database", url, "serve", "--port", "1"])
    assert (done.exit_code, "Keys are wrapped by" in done.output) == (1, True)
    assert stored(url) == before


def test_an_erasure_and_a_backup_work_as_they_do_without(url: str, by, tmp_path: Path):
    make_backup(url, tmp_path / "saved")
    with closing(Okr(url)) as okr:
        okr.execute(ErasePerson(BEN, "GDPR article 17"), Context(ANN, "Ben asked for it."))
        assert okr.directory.keys([ANN, BEN]).keys() == {ANN}
    assert is_whole(url)
    back = f"sqlite:///{tmp_path}/back/okr.db"
    restore(tmp_path / "saved", back)
    assert is_whole(back)
    by(OTHER)
    with pytest.raises(WrappingKeyIsWrong):
        restore(tmp_path / "saved", f"sqlite:///{tmp_path}/other/okr.db")


def test_a_wrapped_key_that_was_changed_does_not_open():
    wraps = Wrapping([FIRST])
    kept = wraps.wrap(SECOND)
    assert wraps.open(kept) == SECOND
    for at in (9, 21, len(kept) - 1):
        changed = kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :]
        with pytest.raises(WrappingKeyIsWrong, match="damaged"):
            wraps.open(changed)
    with pytest.raises(WrappingKeyIsWrong):
        wraps.open(kept[:40])
    assert wraps.wrap(SECOND) != kept, "the same key is never stored as the same bytes"


# ---- another key ------------------------------------------------------------------------


def test_all_are_wrapped_again_and_the_old_key_is_not_needed_any_more(url: str, by):
    number = len(stored(url))
    both = by(SECOND, FIRST)
    assert is_whole(url), "while both are known all goes on"
    with closing(Okr(url)) as okr:
        assert rewrap(okr.directory.database, both) >= number
        assert rewrap(okr.directory.database, both) == 0
    assert {key[:9] for key in stored(url)} == {mark_of(SECOND)}
    by(SECOND)
    assert is_whole(url)


def test_keys_that_were_not_wrapped_are_wrapped_and_leave_no_byte(
    database_url: str, by, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv(KEY, raising=False)
    tell(database_url)
    plain = stored(database_url)
    assert {len(key) for key in plain} == {KEY_BYTES}
    wraps = by(FIRST)
    assert is_whole(database_url)
    with closing(Okr(database_url)) as okr:
        directory = okr.directory.database
        rewrap(directory, wraps)
        okr.directory.shred()
        assert count(directory) == {mark_of(FIRST): len(stored(database_url))}
        assert not directory.rows("SELECT due FROM shredding WHERE due OR records_due", {})
        if directory.is_sqlite:
            files = sorted(directory.path.parent.glob(f"{directory.path.name}*"))
            assert not [key for key in plain if any(key in read(file) for file in files)]
    assert is_whole(database_url)


def test_it_goes_on_where_it_was_interrupted(url: str, by, monkeypatch: pytest.MonkeyPatch):
    both = by(SECOND, FIRST)
    monkeypatch.setattr(rewrapping, "AT_ONCE", 1)
    with closing(Okr(url)) as okr:

        def stop(done: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rewrap(okr.directory.database, both, stop)
        assert len(count(okr.directory.database)) == 2
        assert is_whole(url)
        rewrap(okr.directory.database, both)
        assert count(okr.directory.database).keys() == {mark_of(SECOND)}
    assert is_whole(url)


def test_commands_and_erasures_go_on_meanwhile(url: str, by, monkeypatch: pytest.MonkeyPatch):
    by(SECOND, FIRST)
    monkeypatch.setattr(rewrapping, "AT_ONCE", 1)
    errors: list[BaseException] = []
    people = [uuid4() for _ in range(12)]

    def work() -> None:
        try:
            with closing(Okr(url)) as okr:
                for person in people:
                    okr.execute(RegisterPerson("Someone", id=person), Context(ANN))
                for person in people[::2]:
                    okr.execute(ErasePerson(person, "GDPR 17"), Context(ANN, "asked"))
        except BaseException as error:  # noqa: BLE001  - it is shown by the test
            errors.append(error)

    with closing(Okr(url)) as okr:
        thread = threading.Thread(target=work)
        thread.start()
        while thread.is_alive():
            rewrap(okr.directory.database, wrapping_by(written(SECOND, FIRST), None, None))
            rewrap(okr.directory.database, wrapping_by(written(FIRST, SECOND), None, None))
        thread.join()
        assert errors == []
        assert okr.directory.keys(people).keys() == {*people[1::2]}
        rewrap(okr.directory.database, wrapping())
    assert is_whole(url)


def test_a_key_that_is_needed_must_be_here_before_anything_is_wrapped_again(url: str):
    before = stored(url)
    with closing(Okr(url)) as okr:
        for wraps in (Wrapping(), Wrapping([OTHER])):
            with pytest.raises(WrappingKeyIsWrong):
                rewrap(okr.directory.database, wraps)
    assert stored(url) == before


def test_the_command_line_wraps_again(sqlite_url: str, by):
    by(FIRST)
    tell(sqlite_url)
    by(SECOND, FIRST)
    done = CliRunner().invoke(main, ["--database", sqlite_url, "database", "rewrap"])
    assert (done.exit_code, named(mark_of(SECOND)) in done.output) == (0, True)
    assert {key[:9] for key in stored(sqlite_url)} == {mark_of(SECOND)}


# ---- where the key comes from -------------------------------------------------------------------


def test_it_comes_from_a_file_or_a_command_as_well(tmp_path: Path):
    file = tmp_path / "key"
    file.write_text(f"{written(SECOND)}\n{written(FIRST)}\n")
    kept = Wrapping([FIRST]).wrap(OTHER)
    command = f"{sys.executable} -c \"print(open('{file}').read())\""
    for found in (wrapping_by(None, str(file), None), wrapping_by(None, None, command)):
        assert found.name == named(mark_of(SECOND))
        assert found.open(kept) == OTHER


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("nonsense", None, None), "OKR_ES_WRAPPING_KEY has no key"),
        ((written(b"short"), None, None), "OKR_ES_WRAPPING_KEY has no key"),
        ((written(FIRST) + " x", None, None), "OKR_ES_WRAPPING_KEY has no key"),
        ((None, "/nowhere/key", None), "OKR_ES_WRAPPING_KEY_FILE cannot be read: /nowhere/key"),
        ((None, "/dev/null", None), "OKR_ES_WRAPPING_KEY_FILE has no key"),
        ((None, None, "false"), "OKR_ES_WRAPPING_KEY_COMMAND does not give a key"),
        ((None, None, "/nowhere/command"), "OKR_ES_WRAPPING_KEY_COMMAND does not give a key"),
        ((None, None, 'a "b'), "OKR_ES_WRAPPING_KEY_COMMAND does not give a key"),
        ((written(FIRST), "/dev/null", None), "not both"),
    ],
    ids=range(9),
)
def test_a_setting_that_cannot_be_used_is_named_and_shows_no_key(
    given: tuple[str | None, str | None, str | None], says: str
):
    with pytest.raises(WrappingKeyIsWrong, match=says) as refused:
        wrapping_by(*given)
    assert written(FIRST) not in str(refused.value)
