"""An access log that was cut by retention is evidence still: in a bundle, and from checkpoints."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from okr_es.commands import SetRetention
from okr_es.evidence.access_tree import AccessCheckpoints
from okr_es.evidence.bundle import Exporter
from okr_es.evidence.okr_es_verify import ACCESS_CUT, MANIFEST, READS, Failed, summary, verify
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify_access import verify_accesses
from okr_es.operations.retention import carry_out
from tests.okr_es.evidence.test_access_log import read
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.world import built, opened

SIZES = (3, 6, 9)
YEAR = timedelta(days=366)
SEARCH = {"search": {"accesses": "all"}}


def begin(url: str) -> None:
    """Nine reads, signed at each third; cut at the sixth."""
    world = built(url)
    for size in SIZES:
        world.clock.now += YEAR if size == SIZES[-1] else timedelta(0)
        while world.okr.access_log.head() < size:
            read(world.okr)
        sign(world)
    world.execute(SetRetention(access_log_years=1), reason="So says our list.")
    carry_out(world.okr)
    sign(world)
    world.okr.close()


def sign(world: World) -> None:
    Signer(world.okr, origin="okr-es.example").sign()


@pytest.fixture
def world(begun_on_sqlite: Begun) -> Iterator[World]:
    with begun_on_sqlite.fresh("nine reads, cut at six", begin) as url:
        world = opened(url)
        world.clock.now += 2 * YEAR
        yield world
        world.okr.close()


@pytest.fixture
def notes(world: World) -> dict[int, str]:
    """The checkpoints of the access log, as they were kept elsewhere."""
    return {each.size: each.note for each in AccessCheckpoints(world.okr.database).all()}


@pytest.fixture
def bundle(world: World, tmp_path: Path) -> Path:
    file = tmp_path / "evidence.zip"
    signer = Signer(world.okr, origin="okr-es.example")
    Exporter(world.okr, signer).export(file, lambda _: (), SEARCH, with_reads=True)
    return file


def test_in_place_it_holds_with_checkpoints_of_before_at_and_after_the_cut(
    world: World, notes: dict[int, str]
) -> None:
    verified = verify_accesses(world.okr.database, list(notes.values()))
    assert (verified.start, verified.reads, verified.checkpoints) == (6, 3, 3)
    assert verified.failures == []


def test_a_checkpoint_of_before_the_cut_that_nobody_kept_proves_nothing(
    world: World, notes: dict[int, str]
) -> None:
    other = notes[3].replace("\n3\n", "\n2\n")
    failures = verify_accesses(world.okr.database, [other]).failures
    assert [each.message for each in failures] == [
        "it is signed by no key of this log",
        "the reads it was signed over were cut, and no such checkpoint is kept",
    ]


def test_a_bundle_proves_what_is_left_and_says_where_it_was_cut(
    bundle: Path, notes: dict[int, str], world: World
) -> None:
    proven = verify(bundle)
    assert proven.cut is not None
    assert proven.cut.fields["data"]["cut_at"] == 6
    assert f"cut at 6 by retention on {proven.cut.fields['recorded_at'][:10]}" in summary(proven)
    assert [verify(bundle, notes[size]).known for size in (6, 9)] == [6, 9]
    with pytest.raises(Failed, match="were cut at 6"):
        verify(bundle, notes[3])


Content = dict[str, Any]


def other_edge(content: Content) -> None:
    content[ACCESS_CUT]["edge"] = content[ACCESS_CUT]["edge"][::-1]


def shorter_edge(content: Content) -> None:
    content[ACCESS_CUT]["edge"].pop()


def no_cut(content: Content) -> None:
    del content[ACCESS_CUT]


def other_event(content: Content) -> None:
    line = content[ACCESS_CUT]["line"]
    content[ACCESS_CUT]["line"] = line.replace('"cut_at":6', '"cut_at":7')


def event_of_a_key(content: Content) -> None:
    content[ACCESS_CUT] |= json.loads(content["keys.jsonl"])


def other_note(content: Content) -> None:
    content[ACCESS_CUT]["note"] = content["access.checkpoint"].decode()


def unsigned_note(content: Content) -> None:
    note = content[ACCESS_CUT]["note"]
    content[ACCESS_CUT]["note"] = note[:-10] + ("A" if note[-10] != "A" else "B") + note[-9:]


def read_left_out(content: Content) -> None:
    content[READS] = b"".join(content[READS].splitlines(keepends=True)[1:])


def read_changed(content: Content) -> None:
    content[READS] = content[READS].replace(b"people", b"review", 1)


def forged(bundle: Path, forge: Callable[[Content], object]) -> Path:
    """The bundle with other content, and a manifest that agrees with it."""
    with zipfile.ZipFile(bundle) as archive:
        content: Content = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(content.pop(MANIFEST))
    content[ACCESS_CUT] = json.loads(content[ACCESS_CUT])
    forge(content)
    if ACCESS_CUT in content:
        content[ACCESS_CUT] = json.dumps(content[ACCESS_CUT]).encode()
    manifest["files"] = {n: hashlib.sha256(data).hexdigest() for n, data in content.items()}
    manifest["reads"] = len(content[READS].splitlines())
    file = bundle.with_name("forged.zip")
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in (content | {MANIFEST: json.dumps(manifest).encode()}).items():
            archive.writestr(name, data)
    return file


@pytest.mark.parametrize(
    "forge",
    [other_edge, shorter_edge, no_cut, other_event, event_of_a_key, other_note, unsigned_note,
     read_left_out, read_changed],
)  # fmt: skip
def test_a_bundle_with_another_cut_proves_nothing(
    forge: Callable[[Content], None], bundle: Path
) -> None:
    with pytest.raises(Failed):
        verify(forged(bundle, forge))


def test_the_control_is_a_bundle_that_was_only_packed_again(bundle: Path) -> None:
    assert verify(forged(bundle, lambda _: None)).cut is not None
