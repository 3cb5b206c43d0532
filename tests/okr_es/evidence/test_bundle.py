"""A bundle of evidence proves what is in it, alone, and nothing that was changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.domain.refusals import Invalid
from okr_es.evidence.bundle import Exported, Exporter, verifier_text
from okr_es.evidence.okr_es_verify import Failed, b64, check_signatures, main, read_note, verify
from okr_es.evidence.signed_notes import key_of, signed_note
from okr_es.evidence.signer import Signer
from tests.conftest import ENGINES
from tests.support.given import World
from tests.support.world import ANN, BEN, GROW, Q3, REACH, begun_world

SAID = {"search": {}, "exported_by": str(ANN)}


@pytest.fixture
def signed_world(world: World, signer: Signer) -> World:
    """A world in which people gave reasons, signed now and then."""
    live(world, signer)
    return world


def live(world: World, signer: Signer) -> None:
    world.execute(c.CommitPlan(Q3))
    signer.sign()
    world.execute(c.RetitleObjective(GROW, "grow faster"), reason="The market moves.")
    world.execute(c.RetitleObjective(REACH, "reach more"), by=BEN, reason="Ben knows why.")
    signer.sign()
    world.execute(c.FormTeam("Another", id=uuid4()), comment="Not about a goal.")


def exported(
    world: World, signer: Signer, target: Path, positions: list[int] | None = None, **more: Any
) -> Exported:
    """Export events, all of them unless told otherwise."""

    def chosen(size: int) -> list[list[int]]:
        return [positions if positions is not None else list(range(1, size + 1))]

    said = SAID if positions is None else SAID | {"search": {"position": str(positions)}}
    return Exporter(world.okr, signer).export(target, chosen, said, **more)


def test_all_events_are_proven(signed_world: World, signer: Signer, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    done = exported(signed_world, signer, bundle)
    proven = verify(bundle)
    assert proven.events == done.events == signed_world.okr.log.head()
    assert proven.texts == done.texts == 3
    assert proven.origin == "okr-es.example"
    assert proven.checkpoint.size == done.checkpoint.size


def test_one_event_is_proven_without_any_other(
    signed_world: World, signer: Signer, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.zip"
    exported(signed_world, signer, bundle, [7])
    assert verify(bundle).events == 1
    assert verify(bundle, only=7).events == 1
    with zipfile.ZipFile(bundle) as packed:
        assert len(packed.read("events.jsonl").splitlines()) == 1


def test_it_is_checked_apart_from_this_project(
    signed_world: World, signer: Signer, tmp_path: Path
) -> None:
    bundle, script = tmp_path / "bundle.zip", tmp_path / "okr_es_verify.py"
    exported(signed_world, signer, bundle)
    script.write_text(verifier_text(), encoding="utf-8")
    known = tmp_path / "known"
    known.write_text(next(iter(signer.checkpoints.all())).note, encoding="utf-8")
    run = [sys.executable, "-I", str(script), str(bundle)]
    done = subprocess.run(run, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "No checkpoint was given" in done.stdout
    done = subprocess.run(
        [*run, "--checkpoint", str(known)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0
    assert "the known checkpoint" in done.stdout


def test_what_it_needs_is_the_standard_library_and_cryptography() -> None:
    names = {
        line.split()[1].partition(".")[0]
        for line in verifier_text().splitlines()
        if line.startswith(("import ", "from "))
    }
    assert names - set(sys.stdlib_module_names) == {"cryptography"}


def test_disclosed_texts_are_shown(
    signed_world: World, signer: Signer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "bundle.zip"
    exported(signed_world, signer, bundle)
    assert main([str(bundle), "--show"]) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    texts = [each["texts"] for each in said if "texts" in each]
    assert texts == [
        {"reason": "The market moves."},
        {"reason": "Ben knows why."},
        {"comment": "Not about a goal."},
    ]


def test_texts_about_an_erased_person_are_not_in_it_and_all_is_proven(
    signed_world: World, signer: Signer, tmp_path: Path
) -> None:
    before, after = tmp_path / "before.zip", tmp_path / "after.zip"
    signed_world.execute(c.DeactivatePerson(BEN), reason="Ben left us")
    exported(signed_world, signer, before)
    signed_world.execute(c.ErasePerson(BEN, "Art. 17"), reason="asked for")
    exported(signed_world, signer, after)
    assert verify(before).texts == 4
    assert verify(after).texts == 4  # that about Ben is gone, that of the erasure has come
    deactivated, erased = signed_world.okr.log.head() - 1, signed_world.okr.log.head()
    assert positions_of_texts(before) - positions_of_texts(after) == {deactivated}
    assert positions_of_texts(after) - positions_of_texts(before) == {erased}


def positions_of_texts(bundle: Path) -> set[int]:
    """The events of which a bundle gives the text away."""
    with zipfile.ZipFile(bundle) as packed:
        lines = packed.read("texts.jsonl").splitlines()
    return {json.loads(line)["position"] for line in lines}


class TestKnownCheckpoints:
    def test_each_of_the_log_connects_when_it_is_asked_for(
        self, signed_world: World, signer: Signer, tmp_path: Path
    ) -> None:
        bundle = tmp_path / "bundle.zip"
        signer.sign()
        for each in signer.checkpoints.all():
            exported(signed_world, signer, bundle, [3], known=[each.note])
            assert verify(bundle, each.note).known == each.size

    def test_one_of_another_log_is_refused(
        self, signed_world: World, signer: Signer, tmp_path: Path
    ) -> None:
        bundle = tmp_path / "bundle.zip"
        exported(signed_world, signer, bundle)
        note = next(iter(signer.checkpoints.all())).note
        with pytest.raises(Failed, match="of another log"):
            verify(bundle, note.replace("okr-es.example", "another.example"))

    def test_one_with_another_root_is_refused(
        self, signed_world: World, signer: Signer, tmp_path: Path
    ) -> None:
        bundle = tmp_path / "bundle.zip"
        first = next(iter(signer.checkpoints.all()))
        lines = first.note.split("\n")
        lines[2] = f"{'A' * 43}="
        with pytest.raises(Invalid, match="No key of this log"):
            exported(signed_world, signer, bundle, known=["\n".join(lines)])
        (key,) = signer.checkpoints.adopted_keys()
        private = signed_world.okr.signing_keys.private(b64(key.public))
        assert private is not None
        other = signed_note(key.name, first.size, bytes(32), [(key, private)])
        with pytest.raises(Invalid, match="not those"):
            exported(signed_world, signer, bundle, known=[other])
        assert not bundle.exists()
        exported(signed_world, signer, bundle)
        with pytest.raises(Failed, match="not signed by a key"):
            verify(bundle, "\n".join(lines))

    def test_one_newer_than_the_bundle_is_distinguished(
        self, signed_world: World, signer: Signer, tmp_path: Path
    ) -> None:
        bundle = tmp_path / "bundle.zip"
        exported(signed_world, signer, bundle)
        signed_world.execute(c.FormTeam("One more", id=uuid4()))
        newer = signer.sign()
        assert newer is not None
        with pytest.raises(Failed, match="newer than the bundle"):
            verify(bundle, newer.note)

    def test_no_note_is_a_clear_refusal(
        self, signed_world: World, signer: Signer, tmp_path: Path
    ) -> None:
        with pytest.raises(Invalid, match="signed note") as refused:
            exported(signed_world, signer, tmp_path / "bundle.zip", known=["hello"])
        assert refused.value.field == "known"
        assert list(tmp_path.glob("*.zip")) == []


def test_it_goes_on_over_a_rotated_key(signed_world: World, signer: Signer, tmp_path: Path) -> None:
    first = next(iter(signer.checkpoints.all()))
    signed_world.execute(c.RotateSigningKey(), reason="a year has passed")
    signer.sign()
    signed_world.execute(c.FormTeam("One more", id=uuid4()))
    bundle = tmp_path / "bundle.zip"
    exported(signed_world, signer, bundle, known=[first.note])
    proven = verify(bundle, first.note)
    assert (len(proven.keys), proven.known) == (2, first.size)


# ---- what was changed is not proven -----------------------------------------------------


def rewritten(bundle: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """Return a copy of a bundle with one file changed, and the manifest fitting it."""
    import hashlib

    target = bundle.with_name("rewritten.zip")
    with zipfile.ZipFile(bundle) as packed:
        files = {each: packed.read(each) for each in packed.namelist()}
    files[name] = change(files[name])
    manifest = json.loads(files["manifest.json"])
    if name != "manifest.json":
        manifest["files"][name] = hashlib.sha256(files[name]).hexdigest()
        files["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(target, "w") as packed:
        for each, content in files.items():
            packed.writestr(each, content)
    return target


def without_line(number: int) -> Callable[[bytes], bytes]:
    """Return what takes a line out of a file."""

    def change(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        del lines[number]
        return b"".join(lines)

    return change


FORGERIES: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "other words": (
        "events.jsonl", lambda old: old.replace(b"grow faster", b"grow slower"),
        r"event \d+ \(objective.retitled, .*\) is not in the log",
    ),
    "another reason": (
        "texts.jsonl", lambda old: old.replace(b'"encrypted":"', b'"encrypted":"AAAA', 1),
        r"event \d+ .* commits to another text",
    ),
    "another key of a text": (
        "texts.jsonl", lambda old: old.replace(b'"key":"', b'"key":"AAAA', 1), "cannot be opened",
    ),
    "an event less": ("events.jsonl", without_line(4), "has the proof of another"),
    "a proof less": ("proofs.jsonl", without_line(4), "has the proof of another"),
    "the last event less": ("events.jsonl", without_line(-1), "more proofs than events"),
    "the last proof less": ("proofs.jsonl", without_line(-1), "has no proof"),
    "a text of no event": ("texts.jsonl", lambda old: old * 2, "belongs to no event"),
    "another number of events": (
        "manifest.json", lambda old: old.replace(b'"events": ', b'"events": 1'), "in the manifest",
    ),
    "another root": (
        "checkpoints.jsonl", lambda old: old.replace(b"\\n", b"\\n1", 1), "checkpoint",
    ),
    "a checkpoint less in between": ("checkpoints.jsonl", without_line(1), "does not go on"),
    "no keys": ("keys.jsonl", lambda _: b"", "no key"),
    "a name twice": (
        "events.jsonl", lambda old: old.replace(b'{"by":', b'{"by":null,"by":', 1), "twice",
    ),
    "nothing to read": ("events.jsonl", lambda _: b"\xff\xfe\n", "cannot be read"),
    "another format": ("manifest.json", lambda _: b"{}", "does not say"),
}  # fmt: skip


@pytest.fixture(scope="module", params=ENGINES)
def whole_bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All events of that world, exported once from each engine."""
    bundle = tmp_path_factory.mktemp("whole") / "bundle.zip"
    for world in begun_world(request.getfixturevalue(f"begun_on_{request.param}")):
        signer = Signer(world.okr, origin="okr-es.example")
        live(world, signer)
        exported(world, signer, bundle)
    return bundle


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_was_changed_is_not_proven(forgery: str, whole_bundle: Path, tmp_path: Path) -> None:
    bundle = Path(shutil.copy(whole_bundle, tmp_path))
    name, change, said = FORGERIES[forgery]
    with pytest.raises(Failed, match=said):
        verify(rewritten(bundle, name, change))


def test_a_file_that_is_not_the_manifests_is_named(
    signed_world: World, signer: Signer, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.zip"
    exported(signed_world, signer, bundle)
    with zipfile.ZipFile(bundle, "a") as packed:
        packed.writestr("extra.txt", "x")
    with pytest.raises(Failed, match=r"extra\.txt is not in the manifest"):
        verify(bundle)


def test_every_byte_counts(
    signed_world: World, signer: Signer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "bundle.zip"
    exported(signed_world, signer, bundle)
    for name in ("events.jsonl", "proofs.jsonl", "checkpoints.jsonl", "keys.jsonl", "texts.jsonl"):
        with zipfile.ZipFile(bundle) as packed:
            content = packed.read(name)
        for at in range(0, len(content), max(1, len(content) // 15)):
            if content[at : at + 1] in b"\n":
                continue

            def flip(old: bytes, at: int = at) -> bytes:
                return old[:at] + bytes([old[at] ^ 1]) + old[at + 1 :]

            forged = rewritten(bundle, name, flip)
            if main([str(forged)]) == 0:
                assert name == "checkpoints.jsonl"  # when it was signed and why is not signed
    assert "NOT PROVEN" in capsys.readouterr().err


def test_an_empty_log_has_no_evidence(database_url: str, tmp_path: Path) -> None:
    okr = Okr(database_url)
    with pytest.raises(Invalid, match="nothing in the log"):
        Exporter(okr, Signer(okr)).export(tmp_path / "x.zip", lambda _: [], SAID)
    okr.close()


def test_what_is_no_bundle_is_not_proven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.zip").write_bytes(b"hello")
    assert main([str(tmp_path / "x.zip")]) == 1
    assert main([str(tmp_path / "nowhere.zip")]) == 1
    assert capsys.readouterr().err.count("NOT PROVEN") == 2


# ---- keys that were stolen after they were retired --------------------------------------


class TestStolenKey:
    """Whoever holds a retired key can sign, but nobody believes it."""

    @pytest.fixture
    def stolen(self, signed_world: World, signer: Signer) -> Any:
        """The private half of a key that was retired since; the log went on."""
        old = signer.checkpoints.adopted_keys()[0]
        private = signed_world.okr.signing_keys.private(b64(old.public))
        signed_world.execute(c.RotateSigningKey(), reason="a year has passed")
        signer.sign()
        signed_world.execute(c.FormTeam("One more", id=uuid4()))
        return old, private

    def test_it_does_not_sign_for_the_log_any_more(
        self, stolen: Any, signed_world: World, signer: Signer, tmp_path: Path
    ) -> None:
        bundle = tmp_path / "bundle.zip"
        exported(signed_world, signer, bundle)
        signed = rewritten(bundle, "checkpoints.jsonl", signed_by(stolen))
        with pytest.raises(Failed, match="not signed by a key of the log"):
            verify(signed)

    def test_nor_when_its_retirement_is_left_out(
        self, stolen: Any, signed_world: World, signer: Signer, tmp_path: Path
    ) -> None:
        bundle = tmp_path / "bundle.zip"
        exported(signed_world, signer, bundle)

        def unretired(content: bytes) -> bytes:
            lines = content.splitlines(keepends=True)
            return b"".join(line for line in lines if b"signing_key.retired" not in line)

        hidden = rewritten(bundle, "keys.jsonl", unretired)
        bundle.write_bytes(hidden.read_bytes())
        assert verify(bundle).keys  # what is left out is not needed
        with pytest.raises(Failed, match="not signed by a key of the log"):
            verify(rewritten(bundle, "checkpoints.jsonl", signed_by(stolen)))

    def test_nor_does_it_vouch_for_another_key(self, stolen: Any, signer: Signer) -> None:
        old, private = stolen
        notes = [read_note(each.note) for each in signer.checkpoints.all()]
        forger = Ed25519PrivateKey.generate()
        size = notes[-1].size + 10
        new = key_of(old.name, b64(forger.public_key().public_bytes_raw()), size - 1, None)
        forged = signed_note(old.name, size, bytes(32), [(old, private), (new, forger)])
        with pytest.raises(Failed, match="no older key signed for"):
            check_signatures([*notes, read_note(forged)], [*signer.checkpoints.adopted_keys(), new])


def signed_by(stolen: Any) -> Callable[[bytes], bytes]:
    """Return what signs the last checkpoint with a stolen key instead."""
    old, private = stolen

    def change(content: bytes) -> bytes:
        rows = [json.loads(line) for line in content.splitlines()]
        note = read_note(rows[-1]["note"])
        rows[-1]["note"] = signed_note(old.name, note.size, note.root, [(old, private)])
        return b"".join(json.dumps(row).encode() + b"\n" for row in rows)

    return change


def test_a_file_that_stands_twice_is_refused(
    signed_world: World, signer: Signer, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.zip"
    exported(signed_world, signer, bundle)
    with zipfile.ZipFile(bundle, "a") as packed, pytest.warns(UserWarning, match="Duplicate"):
        packed.writestr("events.jsonl", b"")
    with pytest.raises(Failed, match="twice"):
        verify(bundle)


@pytest.mark.parametrize("name", ["origin", "size", "root"])
def test_the_manifest_shows_what_the_last_checkpoint_does(
    name: str, signed_world: World, signer: Signer, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.zip"
    exported(signed_world, signer, bundle)

    def other(content: bytes) -> bytes:
        return json.dumps(json.loads(content) | {name: "other"}).encode()

    with pytest.raises(Failed, match=f"another {name}"):
        verify(rewritten(bundle, "manifest.json", other))


def test_a_search_without_filters_has_every_event(
    signed_world: World, signer: Signer, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.zip"
    exported(signed_world, signer, bundle, [3, 4])
    assert verify(bundle).events == 2

    def everything(content: bytes) -> bytes:
        return json.dumps(json.loads(content) | {"search": {}}).encode()

    with pytest.raises(Failed, match="events are missing"):
        verify(rewritten(bundle, "manifest.json", everything))


def test_only_the_proven_event_is_shown(
    signed_world: World, signer: Signer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "bundle.zip"
    exported(signed_world, signer, bundle)
    assert main([str(bundle), "--position", "3", "--show"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["position"] == 3


def test_a_bundle_is_for_its_owners_eyes(
    signed_world: World, signer: Signer, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.zip"
    exported(signed_world, signer, bundle)
    assert bundle.stat().st_mode & 0o077 == 0
