"""The evidence bundle: events of the log with all it takes to check them, in one archive.

| file | holds |
|---|---|
| manifest.json | the format, what was searched for, and the SHA-256 of every other file |
| events.jsonl | an event a line: the canonical JSON its hash is taken of |
| proofs.jsonl | for each event the path from its leaf to the root of the last checkpoint |
| texts.jsonl | reasons and comments that can still be read: the encrypted bytes and their key |
| checkpoints.jsonl | signed notes, each with the proof that its tree goes on from the one before |
| keys.jsonl | the events by which the log adopted and retired its keys, with their paths |
| index.html, index.xlsx | the same for people |
| reads.jsonl, access.checkpoint | the access log, where it is asked for, and its checkpoint |
| access-cut.json | where the oldest reads were cut by retention, with proofs |
| okr_es_verify.py, README.txt | the verifier, and how to run it |
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, NamedTuple, Protocol
from uuid import UUID

import msgspec

from okr_es.application import Okr
from okr_es.database.clock import instant
from okr_es.domain.refusals import Invalid
from okr_es.evidence.access_cut import last_cut
from okr_es.evidence.access_tree import AccessCheckpoints, is_of_accesses, reads_after
from okr_es.evidence.checkpoints import Checkpoint, Checkpoints
from okr_es.evidence.okr_es_verify import (
    ACCESS_CUT,
    ACCESS_NOTE,
    FORMAT,
    MANIFEST,
    READS,
    Failed,
    b64,
    read_note,
)
from okr_es.evidence.rehash import POSITION, Stored, hashed
from okr_es.evidence.signer import ASKED, CLOSING, Signer
from okr_es.log.merkle import Tree
from okr_es.log.schema import COLUMNS
from okr_es.people.texts import EncryptedText

EXPORT = "export"
VERIFIER = "okr_es_verify.py"
STREAM, VERSION, ENCRYPTED, COMMAND = map(
    COLUMNS.index, ("stream", "version", "encrypted", "command_id")
)
Positions = Iterable[Sequence[int]]
README = """okr-es evidence bundle

To check it you need Python 3.9 or newer and the package `cryptography`:

    python okr_es_verify.py BUNDLE.zip
    python okr_es_verify.py BUNDLE.zip --checkpoint KNOWN
    python okr_es_verify.py BUNDLE.zip --position 17 --show
    python okr_es_verify.py BUNDLE.zip --page PROVEN.html

Do not trust the copy of the verifier in here: use one you got by other means. KNOWN is a checkpoint
of this log that was kept where its operator cannot reach it; without one, a log that was rewritten
as a whole would pass. index.html and index.xlsx are for reading, and nothing proves them;
events.jsonl is what is proven, and --page writes it to read.
"""


class Index(Protocol):
    """Writes an index of the events of a bundle, for people to read."""

    def add(self, positions: Sequence[int]) -> None:
        """Take the next events."""

    def close(self) -> None:
        """Finish the file."""


class Exported(NamedTuple):
    """What a bundle holds."""

    events: int
    texts: int
    checkpoint: Checkpoint
    bytes: int


class Exporter:
    """Writes evidence bundles."""

    def __init__(self, okr: Okr, signer: Signer) -> None:
        self.okr = okr
        self.signer = signer
        self.checkpoints = Checkpoints(okr.database)

    def export(
        self,
        target: Path,
        positions: Callable[[int], Positions],
        manifest: Mapping[str, Any],
        *,
        known: Sequence[str] = (),
        indexes: Mapping[str, Callable[[Path, Checkpoint], Index]] | None = None,
        with_reads: bool = False,
    ) -> Exported:
        """Write the bundle of the events at some positions up to the checkpoint's, in order.

        `manifest` is added to the bundle's own; `known` are checkpoints from outside, which the
        bundle shall connect to; `with_reads`: the whole access log too. Raises Invalid for one that
        is not of this log, Tampered where an event is not as recorded; then nothing is written. The
        target appears when it is complete.
        """
        self.signer.sign(EXPORT)
        last = self.checkpoints.last()
        if last is None:
            raise Invalid("There is nothing in the log.")
        with TemporaryDirectory(dir=target.parent, prefix=".okr-es-export-") as folder:
            work = BundleWriter(self, Path(folder), last)
            of_the_log = [text for text in known if not is_of_accesses(text)]
            work.write_checkpoints([self.read_known(text, work.tree) for text in of_the_log])
            work.write_keys()
            work.write_events(positions(last.size), indexes or {})
            reads = {"reads": work.write_reads()} if with_reads else {}
            made = work.pack({**manifest, **reads})
            made.replace(target)
        return Exported(work.events, work.texts, last, target.stat().st_size)

    def read_known(self, text: str, tree: Tree) -> Checkpoint:
        """Return a checkpoint from outside; raise Invalid if this log does not lead to it."""
        try:
            note = read_note(text)
        except Failed as failed:
            raise Invalid(f"The known checkpoint: {failed}.", field="known") from None
        if not 0 < note.size <= tree.size:
            raise Invalid(f"The log ends at {tree.size}, before {note.size}.", field="known")
        if not any(map(note.is_signed_by, self.checkpoints.adopted_keys())):
            raise Invalid("No key of this log has signed the known checkpoint.", field="known")
        if Tree(self.checkpoints, note.size).root != note.root:
            message = f"The first {note.size} events are not those the checkpoint is signed over."
            raise Invalid(message, field="known")
        return Checkpoint(note.size, note.root, text, "", "known")

    def included_checkpoints(
        self, last: Checkpoint, known: Sequence[Checkpoint]
    ) -> list[Checkpoint]:
        """Return the checkpoints to include: enough to connect, not one for each minute.

        The first and the last, the last of each day, those at a closing or asked for, the first
        over each key, and those known outside.
        """
        adopted = [key.adopted for key in self.checkpoints.adopted_keys()]
        found: dict[int, Checkpoint] = {}
        before: Checkpoint | None = None
        for each in self.checkpoints.all():
            if each.size > last.size:
                break
            first_over_a_key = [at for at in adopted if at <= each.size]
            adopted = [at for at in adopted if at > each.size]
            if before is not None and before.signed_at[:10] != each.signed_at[:10]:
                found[before.size] = before
            if first_over_a_key or each.cause in {CLOSING, ASKED}:
                found[each.size] = each
            before = each
        found |= {each.size: each for each in known if each.size not in found}
        return [each for _, each in sorted({**found, last.size: last}.items())]


class BundleWriter:
    """One bundle being written, file by file, into a folder of its own."""

    def __init__(self, exporter: Exporter, folder: Path, last: Checkpoint) -> None:
        self.okr = exporter.okr
        self.exporter = exporter
        self.folder = folder
        self.last = last
        self.tree = exporter.checkpoints.tree(last.size)
        self.events = self.texts = 0

    def write_checkpoints(self, known: Sequence[Checkpoint]) -> None:
        """Write the checkpoints, each with the proof that it goes on from the one before."""
        before = 0
        with self.file("checkpoints.jsonl") as file:
            for each in self.exporter.included_checkpoints(self.last, known):
                tree = Tree(self.exporter.checkpoints, each.size)
                proof = tree.consistency(before) if before else []
                row = {"size": each.size, "note": each.note, "signed_at": each.signed_at}
                write_line(file, row | {"cause": each.cause, "consistency": list(map(b64, proof))})
                before = each.size

    def write_keys(self) -> None:
        """Write the events about keys, each with its path."""
        positions = [row[0] for row in self.exporter.checkpoints.key_events()]
        with self.file("keys.jsonl") as file:
            for event in hashed(self.rows([at for at in positions if at <= self.last.size])):
                path = self.path(event.position)
                write_line(file, {"line": event.line.decode(), "path": path})

    def write_events(
        self, positions: Positions, indexes: Mapping[str, Callable[[Path, Checkpoint], Index]]
    ) -> None:
        """Write events, proofs and texts, and add them to the indexes."""
        with (
            ExitStack() as closing,
            self.file("events.jsonl") as events,
            self.file("proofs.jsonl") as proofs,
            self.file("texts.jsonl") as texts,
        ):
            written = [make(self.folder / name, self.last) for name, make in indexes.items()]
            for index in written:
                closing.callback(index.close)
            for some in positions:
                rows = self.rows(some)
                for event in hashed(rows):
                    events.write(event.line + b"\n")
                    write_line(
                        proofs, {"position": event.position, "path": self.path(event.position)}
                    )
                self.write_texts(texts, rows)
                self.events += len(rows)
                for index in written:
                    index.add(some)

    def write_texts(self, file: BinaryIO, rows: Sequence[Stored]) -> None:
        """Write encrypted texts of events and their keys, where the keys still exist."""
        encrypted = [row for row in rows if row[ENCRYPTED] is not None]
        pieces = [
            EncryptedText(
                f"{row[STREAM]}/{row[VERSION]}",
                bytes(row[ENCRYPTED]),
                row[COMMAND] and UUID(row[COMMAND]),
            )
            for row in encrypted
        ]
        for row, key in zip(encrypted, self.okr.directory.texts.keys_of(pieces), strict=True):
            if key is not None:
                text = {"encrypted": b64(bytes(row[ENCRYPTED])), "key": b64(key)}
                write_line(file, {"position": row[POSITION], **text})
                self.texts += 1

    def write_reads(self) -> int:
        """Write all reads up to the newest access checkpoint, and that; return how many."""
        last = AccessCheckpoints(self.okr.database).last()
        if last is None:
            raise Invalid("Nothing was read yet.")
        database, start = self.okr.access_log.database, self.write_cut()
        count = start
        with (self.folder / READS).open("wb") as file:
            for reads in reads_after(database.rows, database.dialect, start):
                wanted = reads[: last.size - count]
                file.writelines(read.line + b"\n" for read in wanted)
                count += len(wanted)
        (self.folder / ACCESS_NOTE).write_text(last.note, encoding="utf-8")
        if count != last.size:
            raise Invalid("The access log was cut meanwhile: export it again.")
        return last.size - start

    def write_cut(self) -> int:
        """Write where the access log was cut, if it was, with its proofs; return up to where."""
        cut = last_cut(self.okr.database, self.last.size)
        at = cut and AccessCheckpoints(self.okr.database).at(cut.size)
        if cut is None or at is None:
            return 0
        (event,) = hashed(self.rows([cut.position]))
        row = {"line": event.line.decode(), "path": self.path(cut.position), "note": at.note}
        row |= {"edge": [b64(each) for each in at.frontier.edge]}
        (self.folder / ACCESS_CUT).write_bytes(msgspec.json.encode(row))
        return cut.size

    def pack(self, extra: Mapping[str, Any]) -> Path:
        """Add README and verifier, and pack the files; return the archive."""
        (self.folder / "README.txt").write_text(README, encoding="utf-8")
        verifier = resources.files(__package__) / VERIFIER
        (self.folder / VERIFIER).write_bytes(verifier.read_bytes())
        names = sorted(path.name for path in self.folder.iterdir())
        manifest = {
            "format": FORMAT,
            "origin": read_note(self.last.note).origin,
            "size": self.last.size,
            "root": b64(self.last.root),
            "events": self.events,
            "exported_at": instant(self.okr.clock()),
            **extra,
            "files": {name: sha256_of(self.folder / name) for name in names},
        }
        archive = self.folder / "bundle.part"
        archive.touch(mode=0o600)  # it holds words of people in the clear
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
            for name in names:
                packed.write(self.folder / name, name)
        return archive

    def rows(self, positions: Sequence[int]) -> Sequence[Stored]:
        """Return whole events by position."""
        return self.okr.log.at(positions)

    def path(self, position: int) -> list[str]:
        """Return the path of an event to the root of the last checkpoint."""
        return [b64(each) for each in self.tree.inclusion(position - 1)]

    def file(self, name: str) -> BinaryIO:
        """Open a file of the bundle."""
        return (self.folder / name).open("wb")


def write_line(file: BinaryIO, row: Any) -> None:
    """Write a line of JSON."""
    file.write(msgspec.json.encode(row) + b"\n")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verifier_text() -> str:
    """Return the source of the verifier."""
    return (resources.files(__package__) / VERIFIER).read_text(encoding="utf-8")
