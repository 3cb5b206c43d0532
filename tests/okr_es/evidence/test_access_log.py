"""The access log is evidence: signed like the log, and what is done to it is found."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.areas import upgrade
from okr_es.commands import FormTeam, RotateSigningKey
from okr_es.context import Context
from okr_es.database.append_only import GapFound
from okr_es.evidence.access_signer import AccessSigner
from okr_es.evidence.access_tree import AccessCheckpoints, is_of_accesses
from okr_es.evidence.bundle import Exporter
from okr_es.evidence.checkpoint_sinks import DirectorySink
from okr_es.evidence.okr_es_verify import MANIFEST, READS, Failed, read_note, verify
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification
from okr_es.evidence.verify_access import verify_accesses
from tests.faults import access_log as faults
from tests.faults.stores import Store
from tests.okr_es.database.test_upgrade import VERSION_1
from tests.support.begun import Begun
from tests.support.old_databases import load
from tests.support.world import ANN, BEN, begin_world


@pytest.fixture
def okr(begun: Begun) -> Iterator[Okr]:
    with begun.fresh("world", begin_world) as url, closing(Okr(url)) as okr:
        yield okr


def read(okr: Okr, *shown: object) -> int:
    return okr.access_log.record(ANN, "people", {"position": "1"}, list(shown) or [BEN])  # type: ignore[arg-type]


def signer_of(okr: Okr, *sinks: DirectorySink) -> Signer:
    return Signer(okr, sinks, origin="okr-es.example")


def notes_in(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted(folder.glob("*.checkpoint"))]


# ---- signed -----------------------------------------------------------------------------


def test_it_is_signed_with_the_log_under_an_origin_of_its_own(okr: Okr) -> None:
    for _ in range(3):
        read(okr)
    assert signer_of(okr).sign() is not None
    (made,) = AccessCheckpoints(okr.database).all()
    note = read_note(made.note)
    assert (note.origin, note.size, note.root) == ("okr-es.example/access", 3, made.root)
    assert is_of_accesses(made.note)
    verified = verify_accesses(okr.database)
    assert (verified.reads, verified.root, verified.checkpoints) == (3, made.root, 1)
    assert verified.failures == []


def test_reads_alone_are_signed_too_once(okr: Okr) -> None:
    assert signer_of(okr).sign() is not None
    signer = signer_of(okr)
    assert not signer.accesses.has_new()
    read(okr)
    assert signer.accesses.has_new()
    assert signer.sign() is None  # of the log there is nothing new
    assert [each.size for each in AccessCheckpoints(okr.database).all()] == [1]
    assert signer.accesses.sign(signer.checkpoints.adopted_keys()) is None


def test_a_new_key_signs_what_comes_after(okr: Okr) -> None:
    read(okr)
    signer = signer_of(okr)
    signer.sign()
    okr.execute(RotateSigningKey(), Context(ANN, reason="yearly"))
    signer.sign()
    read(okr)
    signer.sign()
    assert [each.size for each in AccessCheckpoints(okr.database).all()] == [1, 2]
    assert verify_accesses(okr.database).failures == []


def test_it_goes_on_from_the_edge_of_the_last_tree(okr: Okr) -> None:
    signer = signer_of(okr)
    for _ in range(7):
        read(okr, ANN, BEN)
        okr.execute(FormTeam("Web"), Context(ANN))
        signer.sign()
    assert verify_accesses(okr.database).checkpoints == 7
    assert verify_accesses(okr.database).failures == []


def test_a_checkpoint_is_never_changed(okr: Okr) -> None:
    read(okr)
    signer_of(okr).sign()
    with pytest.raises(DBAPIError), okr.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE access_checkpoints SET size = 2")


def test_an_access_log_that_ends_too_early_is_not_signed(
    okr: Okr, caplog: pytest.LogCaptureFixture
) -> None:
    read(okr)
    signer = signer_of(okr)
    signer.sign()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(okr.access_log, "head", lambda: 0)
        with pytest.raises(GapFound):
            AccessSigner(okr).sign(signer.checkpoints.adopted_keys())
        okr.execute(FormTeam("Web"), Context(ANN))
        assert signer.sign() is not None  # the log is signed all the same
    assert "audit verify" in caplog.text


# ---- outside ----------------------------------------------------------------------------


def test_its_checkpoints_are_published_and_prove_it_from_outside(okr: Okr, tmp_path: Path) -> None:
    read(okr)
    signer_of(okr, DirectorySink(tmp_path)).sign()
    assert sorted(path.name[:6] for path in tmp_path.glob("*.checkpoint")) == ["000000", "access"]
    notes = notes_in(tmp_path)
    assert Verification(okr.log, notes).run().holds
    assert verify_accesses(okr.database, notes).failures == []
    other = [note.replace("\n1\n", "\n2\n") if is_of_accesses(note) else note for note in notes]
    assert [each.check for each in verify_accesses(okr.database, other).failures] == [
        "known access checkpoint", "known access checkpoint",
    ]  # fmt: skip


def test_a_checkpoint_that_could_not_be_published_is_tried_again(okr: Okr, tmp_path: Path) -> None:
    blocked, outside = tmp_path / "blocked", tmp_path / "outside"
    blocked.touch()
    signer = signer_of(okr, DirectorySink(blocked), DirectorySink(outside))
    read(okr)
    signer.sign()
    assert published_in(outside) == ["access-000000000001"]
    blocked.unlink()
    read(okr)
    signer.sign()
    signer.sign()
    assert published_in(blocked) == ["access-000000000002"]
    assert published_in(outside) == ["access-000000000001", "access-000000000002"]
    assert verify_accesses(okr.database, notes_in(blocked)).failures == []
    signer.sinks = [DirectorySink(tmp_path / "another")]
    signer.sign()
    assert published_in(tmp_path / "another") == ["access-000000000002"]


def published_in(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("access-*"))


# ---- tampered with ----------------------------------------------------------------------


def test_all_that_is_done_to_it_is_found(store: Store) -> None:
    url = faults.made(store)
    for name, tamper in faults.TAMPERS.items():
        assert faults.found_after(store, url, tamper, 1) != [], name
    assert faults.found_after(store, url, lambda *_: None, 1) == []


def test_one_that_was_lost_is_no_erasure(store: Store) -> None:
    (message, *_) = faults.removed(store, faults.made(store))
    assert "which no erasure does" in message


def test_the_log_alone_does_not_show_it(store: Store) -> None:
    assert faults.missed_by_the_log_alone(store, faults.made(store), 1)


# ---- in a bundle ------------------------------------------------------------------------


def exported(okr: Okr, folder: Path, *, known: str | None = None) -> Path:
    file = folder / "evidence.zip"
    signer = signer_of(okr)
    search = {"search": {"accesses": "all"}}
    Exporter(okr, signer).export(
        file, lambda _: (), search, with_reads=True, known=[] if known is None else [known]
    )
    return file


def test_a_bundle_of_its_own_proves_every_read(okr: Okr, tmp_path: Path) -> None:
    kept = []
    for count in (1, 4, 300):
        while okr.access_log.head() < count:
            read(okr, ANN, BEN)
        signer_of(okr).sign()
        kept.append(AccessCheckpoints(okr.database).all()[-1].note)
    file = exported(okr, tmp_path, known=kept[0])
    assert verify(file).known is None
    assert [verify(file, note).known for note in kept] == [1, 4, 300]


@pytest.mark.parametrize("how", ["changed", "left out", "swapped", "added", "none"])
def test_a_bundle_with_other_reads_proves_nothing(how: str, okr: Okr, tmp_path: Path) -> None:
    for _ in range(5):
        read(okr)
    file, forged = exported(okr, tmp_path), tmp_path / "forged.zip"
    with zipfile.ZipFile(file) as bundle:
        content = {name: bundle.read(name) for name in bundle.namelist()}
    lines = content[READS].splitlines(keepends=True)
    lines = {
        "changed": [lines[0].replace(b"people", b"review"), *lines[1:]],
        "left out": lines[:-1],
        "swapped": [lines[1], lines[0], *lines[2:]],
        "added": [*lines, lines[-1].replace(b'"position":5', b'"position":6')],
        "none": [],
    }[how]
    content[READS] = b"".join(lines)
    manifest = json.loads(content[MANIFEST])
    manifest["files"][READS] = hashlib.sha256(content[READS]).hexdigest()
    manifest["reads"] = len(lines)
    content[MANIFEST] = json.dumps(manifest).encode()
    with zipfile.ZipFile(forged, "w") as bundle:
        for name, data in content.items():
            bundle.writestr(name, data)
    with pytest.raises(Failed):
        verify(forged)


# ---- older databases --------------------------------------------------------------------


def test_reads_of_before_are_signed_once_the_database_is_upgraded(database_url: str) -> None:
    load(VERSION_1, database_url)
    upgrade(database_url)
    with closing(Okr(database_url)) as okr:
        assert verify_accesses(okr.database).checkpoints == 0
        Signer(okr).sign()
        verified = verify_accesses(okr.database)
        assert (verified.reads, verified.checkpoints, verified.failures) == (1, 1, [])
