"""Test vectors for whoever writes a verifier of their own, in tests/data/vectors.

`python -m tests.support.vectors --write` makes them anew; they change only with the format.

* tree.json: of trees of some sizes the root, inclusion proofs and consistency proofs; leaf n is
  the ASCII number n. All hashes are base64.
* notes.json: keys, and signed notes with who signed them.
* bundles: an archive that is proven, and forgeries of it; bundles.json says what is expected.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from okr_es import commands as c
from okr_es.evidence.bundle import Exporter
from okr_es.evidence.okr_es_verify import b64, leaf_hash
from okr_es.evidence.signed_notes import key_of, signed_note
from okr_es.evidence.signer import Signer
from okr_es.log.merkle import Frontier, Tree
from tests.support.world import ANN, GROW, Q3, built

FOLDER = Path(__file__).parents[1] / "data" / "vectors"
SIZES = (1, 2, 3, 4, 5, 7, 8, 13, 64, 255, 256, 257, 300)
ORIGIN = "okr-es.example"


class Leaves:
    """The hashes of numbered leaves, and of the full blocks over them."""

    def __init__(self, count: int) -> None:
        frontier = Frontier()
        leaves = [leaf_hash(b"%d" % n) for n in range(count)]
        frontier.extend(leaves)
        self.levels = {0: dict(enumerate(leaves))}
        for level, number, found in frontier.full_blocks:
            self.levels.setdefault(level, {})[number] = found

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Return them."""
        return [self.levels[level][n] for n in range(first, first + count)]


def tree_vectors() -> list[dict[str, Any]]:
    """Roots and proofs of some trees."""
    leaves, found = Leaves(max(SIZES)), []
    for size in SIZES:
        tree = Tree(leaves, size)
        numbers = sorted({0, size // 2, size - 1})
        earlier = sorted({1, (size + 1) // 2, size})
        found.append({
            "size": size,
            "root": b64(tree.root),
            "inclusion": {str(n): list(map(b64, tree.inclusion(n))) for n in numbers},
            "consistency": {str(n): list(map(b64, tree.consistency(n))) for n in earlier},
        })  # fmt: skip
    return found


def private_key(number: int) -> Ed25519PrivateKey:
    """A key that everybody knows."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


def public_key(number: int) -> str:
    """Its public half."""
    return b64(private_key(number).public_key().public_bytes_raw())


def note_vectors() -> dict[str, Any]:
    """Keys, and notes signed by one or two of them."""
    keys = [key_of(ORIGIN, public_key(number), 1, None) for number in (1, 2)]
    signers = [(key, private_key(number)) for number, key in enumerate(keys, 1)]
    root = Tree(Leaves(300), 300).root
    return {
        "keys": [key.text for key in keys],
        "notes": [
            {
                "signed_by": numbers,
                "note": signed_note(ORIGIN, 300, root, [signers[n] for n in numbers]),
            }
            for numbers in ([0], [1], [0, 1])
        ],
    }


def genuine(folder: Path) -> Path:
    """A bundle of a small log, with a rotated key and four texts."""
    world = built(f"sqlite:///{folder}/okr.db")
    signer = Signer(world.okr, origin=ORIGIN)
    world.execute(c.CommitPlan(Q3))
    signer.sign()
    world.execute(c.RetitleObjective(GROW, "grow faster"), reason="The market moves.")
    world.execute(c.RotateSigningKey(), reason="A year has passed.")
    signer.sign()
    world.execute(c.RetitleObjective(GROW, "grow at ease"), reason="The market rests.")
    target = folder / "genuine.zip"
    said = {"search": {}, "exported_by": str(ANN)}
    Exporter(world.okr, signer).export(target, lambda size: [range(1, size + 1)], said)
    world.okr.close()
    return target


Change = Callable[[bytes], bytes]
FORGERIES: dict[str, tuple[str, Change, str]] = {
    "other-words": (
        "events.jsonl", lambda old: old.replace(b"grow faster", b"grow slower"),
        (
            "event 19 (objective.retitled, 00000000-0000-0000-0000-0000000000c1/3) "
            "is not in the log that checkpoint 22 was signed over"
        ),
    ),
    "another-text": (
        "texts.jsonl", lambda old: old.replace(b'"encrypted":"', b'"encrypted":"AAAA', 1),
        (
            "event 19 (objective.retitled, 00000000-0000-0000-0000-0000000000c1/3) "
            "commits to another text than the one that is disclosed"
        ),
    ),
    "an-event-less": (
        "events.jsonl", lambda old: b"".join(old.splitlines(keepends=True)[1:]),
        (
            "event 2 (person.registered, 00000000-0000-0000-0000-0000000000a2/1) has the proof of "
            "another"
        ),
    ),
    "another-root": (
        "checkpoints.jsonl", lambda old: old.replace(b"\\n18\\n", b"\\n17\\n", 1),
        "checkpoints.jsonl has another size than the checkpoint in it",
    ),
}  # fmt: skip


def forged(bundle: Path, target: Path, name: str, change: Change) -> None:
    """Write a copy of a bundle with one file changed and the manifest fitting it."""
    with zipfile.ZipFile(bundle) as packed:
        files = {each: packed.read(each) for each in packed.namelist()}
    files[name] = change(files[name])
    manifest = json.loads(files["manifest.json"])
    manifest["files"][name] = sha256(files[name]).hexdigest()
    files["manifest.json"] = json.dumps(manifest, indent=2).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for each, content in files.items():
            packed.writestr(each, content)


def bundles(folder: Path) -> Iterator[tuple[str, str | None]]:
    """Write a genuine bundle and its forgeries; yield what is expected of each."""
    with tempfile.TemporaryDirectory() as scratch:
        bundle = genuine(Path(scratch))
        (folder / "genuine.zip").write_bytes(bundle.read_bytes())
    yield "genuine.zip", None
    for name, (file, change, said) in FORGERIES.items():
        forged(folder / "genuine.zip", folder / f"{name}.zip", file, change)
        yield f"{name}.zip", said


def write(folder: Path) -> None:
    """Write all vectors."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("tree.json", tree_vectors()),
        ("notes.json", note_vectors()),
        ("bundles.json", dict(bundles(folder))),
    ):
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write(FOLDER)
    print(*sorted(path.name for path in FOLDER.iterdir()), sep="\n")
