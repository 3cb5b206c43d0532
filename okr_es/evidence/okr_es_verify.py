"""Verify an evidence bundle of okr-es, offline: python okr_es_verify.py BUNDLE [--checkpoint KNOWN]

It needs Python 3.9 or newer and the package `cryptography`, and nothing else of okr-es: keep a
copy of your own. Exit code 0: everything in the bundle is proven. 1: something is not; the
first thing that is wrong is named, and if it is an event, the event. 2: asked wrongly. 141: the
output could not be written to its end; where a pipe was closed early, as by `| head`, without any
message. That says nothing about the bundle.

What it checks:

1. The files of the bundle are those the manifest lists, byte for byte.
2. Every checkpoint is a signed note (C2SP signed-note and tlog-checkpoint) with an Ed25519
   signature of a key that the log itself had adopted, and not retired, by then. A new key counts
   only when the first checkpoint over its adoption is signed by an older one as well.
3. Each checkpoint's tree begins with the tree of the one before (RFC 6962 consistency).
4. Each event is in the tree of the last checkpoint (RFC 6962 inclusion), at its position. An
   event needs its own line and its own path for that, and no other event.
5. Each disclosed text is what the event commits to: SHA-256 of its encrypted bytes, which open with
   the key of this one text (AES-256-GCM, the event's id as associated data) and begin with 32
   blanks: no second key can open them to another text.
6. If the bundle has the access log (reads.jsonl), it has every read up to a checkpoint of it, which
   is signed by a key of the log, under the origin of the log and `/access`. Where the oldest reads
   were destroyed by retention (access-cut.json), it has every read after that: an event of the log
   says so, and at which root; a checkpoint was signed over it.
7. With --checkpoint, the log in the bundle is the one a checkpoint was signed over that you kept
   elsewhere. Without one, its operator could have rewritten all of it and signed it again:
   compare key and checkpoint with what you know by other means.

What is proven is what stands in events.jsonl and texts.jsonl; --show prints it, and --page FILE
writes it as one HTML page to read. The index (HTML, XLSX) that is in the bundle, and what the
manifest says of search and exporter and a checkpoint of its time and cause, are not proven: they
are named at the end, and with --json under `not_proven`. A bundle shows that its events are in the
log, not that a search found all there were; only one without any filter is checked to have every
event.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import os
import sys
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = "okr-es evidence bundle 1"
ED25519 = b"\x01"
NONCE_BYTES = 12
BLANKS = b" " * 32
MOST_BYTES = 2**24  # of a file that is read whole, unpacked
MOST_LINE = 2**24  # of one line
MOST_UNPACKED = 2**36  # of all files together: the time it takes has a limit too
MOST_DIRECTORY = 2**20  # of the archive's list of its files
MANIFEST = "manifest.json"
READS, ACCESS_NOTE, OF_ACCESSES = "reads.jsonl", "access.checkpoint", "/access"
ACCESS_CUT, CUT = "access-cut.json", "retention.access_log_cut"
ADOPTED, RETIRED = "signing_key.adopted", "signing_key.retired"
CHECKPOINTS, KEYS = "checkpoints.jsonl", "keys.jsonl"
EVENTS, PROOFS, TEXTS = "events.jsonl", "proofs.jsonl", "texts.jsonl"
# What is checked: whole files, and of two others these fields.
CHECKED = frozenset({EVENTS, PROOFS, TEXTS, KEYS, CHECKPOINTS})
CHECKED_IN_MANIFEST = frozenset({"format", "files", "origin", "size", "root", "events", "reads"})
UNSIGNED = "cause, signed_at"  # of a checkpoint
PROVEN, NOT_PROVEN, NOT_WRITTEN = 0, 1, 141


UNREADABLE = (
    KeyError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError,
)  # fmt: skip


class Failed(Exception):
    """Something is not proven; the message says what."""


class NotWritten(Exception):
    """The output could not be written: no error of reading, and nothing about the bundle."""


# ---- the tree: RFC 6962 section 2.1, RFC 9162 sections 2.1.3.2 and 2.1.4.2 --------------


def leaf_hash(line: bytes) -> bytes:
    """Return the hash of a leaf: an event's canonical line."""
    return hashlib.sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_by_inclusion(leaf: bytes, number: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf and its path lead to; None if the path does not fit."""
    if not 0 <= number < size:
        return None
    at, last = number, size - 1
    for step in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            leaf = node_hash(step, leaf)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            leaf = node_hash(leaf, step)
        at, last = at >> 1, last >> 1
    return leaf if last == 0 else None


def is_consistent(
    earlier: int, earlier_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Return whether a proof shows that a tree begins with an earlier one."""
    if earlier == size:
        return earlier_root == root and not proof
    if not 0 < earlier < size or not proof:
        return False
    steps = list(proof)
    if earlier & (earlier - 1) == 0:
        steps.insert(0, earlier_root)
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == earlier_root and new == root


# ---- signed notes -----------------------------------------------------------------------


class Key(NamedTuple):
    """A key that signs checkpoints: its name, its public key, and from when to when it counts."""

    name: str
    public: bytes
    adopted: int = 0
    retired: int | None = None

    @property
    def id(self) -> bytes:
        """The four bytes a signature names its key by."""
        named = self.name.encode() + b"\n" + ED25519 + self.public
        return hashlib.sha256(named).digest()[:4]

    @property
    def text(self) -> str:
        """The key as it is written down: name+id+key."""
        return f"{self.name}+{self.id.hex()}+{b64(ED25519 + self.public)}"

    def counts(self, size: int) -> bool:
        """Return whether it may sign for a tree of this size."""
        return self.adopted <= size and (self.retired is None or size < self.retired)


class Note(NamedTuple):
    """A checkpoint as signed: the log it is of, its size and root, and the signatures."""

    origin: str
    size: int
    root: bytes
    signed: bytes
    signatures: tuple[tuple[str, bytes], ...]

    def is_signed_by(self, key: Key) -> bool:
        """Return whether it carries a valid signature of a key."""
        for name, signature in self.signatures:
            if name == key.name and signature[:4] == key.id and len(signature) == 68:
                try:
                    Ed25519PublicKey.from_public_bytes(key.public).verify(
                        signature[4:], self.signed
                    )
                except (InvalidSignature, ValueError):
                    return False
                return True
        return False


def read_note(text: str) -> Note:
    """Return a checkpoint from its signed note; raise Failed where it is none."""
    body, blank, tail = text.partition("\n\n")
    lines = body.split("\n")
    if not blank or len(lines) < 3 or not tail.endswith("\n"):
        raise Failed("a checkpoint is no signed note")
    try:
        size, root = int(lines[1]), unb64(lines[2])
        signatures = tuple(read_signature(line) for line in tail[:-1].split("\n"))
    except ValueError as error:
        raise Failed(f"a checkpoint cannot be read: {error}") from None
    if str(size) != lines[1] or size < 0 or len(root) != 32:
        raise Failed("a checkpoint has no size or root")
    return Note(lines[0], size, root, (body + "\n").encode(), signatures)


def read_signature(line: str) -> tuple[str, bytes]:
    """Return name and bytes of a signature line."""
    dash, name, signature = line.split(" ")
    if dash != "\u2014":
        raise ValueError("a signature line does not begin with an em dash")
    return name, unb64(signature)


# ---- the bundle -------------------------------------------------------------------------


class Event(NamedTuple):
    """An event with its proof."""

    line: bytes
    fields: dict[str, Any]
    path: list[bytes]

    @property
    def position(self) -> int:
        """Its place in the log."""
        position = self.fields["position"]
        if not isinstance(position, int):
            raise Failed(f"an event's position is {position!r}")
        return position

    @property
    def id(self) -> str:
        """Its stream and version."""
        return f"{self.fields['stream']}/{self.fields['version']}"

    def __str__(self) -> str:
        return f"event {self.position} ({self.fields['type']}, {self.id})"


class Bundle:
    """The files of an evidence bundle."""

    def __init__(self, path: Path) -> None:
        try:
            require_short_directory(path)
            self.zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise Failed(f"{path} cannot be opened: {error}") from None
        self.opened: list[Any] = []
        try:
            names = self.zip.namelist()
            if len({name.lower() for name in names}) != len(names):
                raise Failed("a file stands in the archive twice")
            if sum(each.file_size for each in self.zip.infolist()) > MOST_UNPACKED:
                raise Failed("it is far too large, unpacked")
            self.manifest = self.json(MANIFEST)
            if not isinstance(self.manifest, dict) or self.manifest.get("format") != FORMAT:
                raise Failed(f"the manifest does not say that this is an {FORMAT}")
        except Failed:
            self.zip.close()
            raise

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self.opened:
            file.close()
        self.zip.close()

    def content(self, name: str) -> bytes:
        """Return a file's content."""
        try:
            if self.zip.getinfo(name).file_size > MOST_BYTES:
                raise Failed(f"{name} is too large")
            return self.beginning(name)
        except UNREADABLE as error:
            raise Failed(f"{name} cannot be read: {error}") from None

    def beginning(self, name: str) -> bytes:
        """Return a file part by part, since its size may be a lie."""
        parts, size = [], 0
        with self.zip.open(name) as file:
            while part := file.read(2**20):
                parts.append(part)
                size += len(part)
                if size > MOST_BYTES:
                    raise Failed(f"{name} is too large")
        return b"".join(parts)

    def json(self, name: str) -> Any:
        """Return what a file says."""
        return parsed(self.content(name), name)

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file."""
        try:
            file = self.zip.open(name)
            self.opened.append(file)
            while line := file.readline(MOST_LINE + 1):
                if len(line) > MOST_LINE:
                    raise Failed(f"{name} has a line that is too long")
                yield line.rstrip(b"\n")
        except UNREADABLE as error:
            raise Failed(f"{name} cannot be read: {error}") from None

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield what the lines of a file say."""
        for line in self.lines(name):
            yield parsed(line, name)

    def check_files(self) -> None:
        """Check that the files are those of the manifest, byte for byte."""
        listed = self.manifest.get("files", {})
        for name in sorted(set(self.zip.namelist()) ^ {MANIFEST, *listed}):
            raise Failed(f"{name} is {'missing' if name in listed else 'not in the manifest'}")
        for name, wanted in listed.items():
            digest = hashlib.sha256()
            try:
                with self.zip.open(name) as file:
                    for part in iter(lambda: file.read(2**20), b""):
                        digest.update(part)
            except UNREADABLE as error:
                raise Failed(f"{name} cannot be read: {error}") from None
            if digest.hexdigest() != wanted:
                raise Failed(f"{name} is not what the manifest says")

    def events(self) -> Iterator[Event]:
        """Yield the events with their proofs."""
        proofs = self.rows(PROOFS)
        for number, line in enumerate(self.lines(EVENTS), 1):
            proof = next(proofs, None)
            if proof is None:
                raise Failed(f"line {number} of events.jsonl has no proof")
            event = event_of(line, proof.get("path"), f"line {number} of events.jsonl")
            if proof.get("position") != event.position:
                raise Failed(f"{event} has the proof of another")
            yield event
        if next(proofs, None) is not None:
            raise Failed("there are more proofs than events")


def require_short_directory(path: Path) -> None:
    """Refuse an archive whose list of files is long: it would be read whole."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 22 - 2**16))
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 16:
        raise zipfile.BadZipFile("File is not a zip file")
    if int.from_bytes(end[at + 12 : at + 16], "little") > MOST_DIRECTORY:
        raise Failed(f"{path} cannot be opened: it lists too many files")


def event_of(line: bytes, path: Any, where: str) -> Event:
    """Return an event from its canonical line."""
    fields = parsed(line, where)
    if (
        not isinstance(fields, dict)
        or not {"position", "stream", "version", "type"} <= fields.keys()
    ):
        raise Failed(f"{where} is no event")
    return Event(line, fields, decoded(path, where))


def parsed(text: bytes, where: str) -> Any:
    """Return what JSON says; raise Failed where it is none."""
    try:
        return json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Failed(f"{where} cannot be read: {error}") from None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raise ValueError where a name stands in it twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


def decoded(texts: Any, where: str) -> list[bytes]:
    """Return hashes from base64."""
    try:
        found = [unb64(text) for text in texts]
    except (TypeError, ValueError):
        raise Failed(f"{where} has a proof that cannot be read") from None
    if any(len(each) != 32 for each in found):
        raise Failed(f"{where} has a proof of something other than hashes")
    return found


def b64(data: bytes) -> str:
    """Return bytes as base64."""
    return base64.b64encode(data).decode()


def unb64(text: Any) -> bytes:
    """Return bytes from base64, which has one form; raise ValueError for any other."""
    if not isinstance(text, str):
        raise ValueError("base64 is a text")
    found = base64.b64decode(text, validate=True)
    if b64(found) != text:
        raise ValueError("this is not how base64 is written")
    return found


# ---- the checks -------------------------------------------------------------------------


class Proven(NamedTuple):
    """What was proven, and by name what was not: files of the bundle, and fields of others."""

    origin: str
    checkpoint: Note
    checkpoints: int
    keys: list[Key]
    events: int
    texts: int
    known: int | None
    cut: Event | None = None
    not_proven: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether these are all events up to the checkpoint: each counts once, by its position."""
        return self.events == self.checkpoint.size

    def as_json(self) -> dict[str, Any]:
        """Return it as --json prints it."""
        keys = [
            {"key": key.text, "adopted": key.adopted, "retired": key.retired} for key in self.keys
        ]
        return {
            "proven": True,
            "origin": self.origin,
            "size": self.checkpoint.size,
            "root": b64(self.checkpoint.root),
            "keys": keys,
            "checkpoints": self.checkpoints,
            "events": self.events,
            "texts": self.texts,
            "is_complete": self.is_complete,
            "known": self.known,
            "access_log_cut": None if self.cut is None else self.cut.position,
            "not_proven": list(self.not_proven),
        }


def verify(
    path: Path,
    known: str | None = None,
    only: int | None = None,
    *,
    show: bool = False,
    page: Path | None = None,
    language: str = "en",
) -> Proven:
    """Verify a bundle; raise Failed at the first thing that is not proven. Then show the events.

    `page` is a file to write them to, as HTML in a language; it is written only if all is proven.
    """
    with Bundle(path) as bundle:
        proven = verify_bundle(bundle, known, only)
        if page is not None:
            write_page(page, Page(bundle, proven, only, language))
        if show:
            print_events(bundle, proven, only)
        return proven


def verify_bundle(bundle: Bundle, known: str | None, only: int | None) -> Proven:
    """Verify an open bundle."""
    bundle.check_files()
    rows = list(bundle.rows(CHECKPOINTS))
    notes = [read_note(text_of(row, "note", CHECKPOINTS)) for row in rows]
    if not notes:
        raise Failed("there is no checkpoint")
    stated = {"origin": notes[-1].origin, "size": notes[-1].size, "root": b64(notes[-1].root)}
    for name, wanted in stated.items():
        if bundle.manifest.get(name) != wanted:
            raise Failed(f"the manifest states another {name} than the last checkpoint")
    if [row.get("size") for row in rows] != [note.size for note in notes]:
        raise Failed("checkpoints.jsonl has another size than the checkpoint in it")
    last = notes[-1]
    keys = keys_in(bundle, last)
    check_signatures(notes, keys)
    check_consistency(notes, rows)
    kept = None if known is None else read_note(known)
    is_of_reads = kept is not None and kept.origin == last.origin + OF_ACCESSES
    cut = check_reads(bundle, last, keys, kept if is_of_reads else None)
    connected = kept.size if kept is not None and is_of_reads else None
    if kept is not None and not is_of_reads:
        connected = check_known(kept, notes, keys)
    events, texts = check_events(bundle, last, only)
    left = tuple(unproven(bundle, only))
    return Proven(last.origin, last, len(notes), keys, events, texts, connected, cut, left)


def unproven(bundle: Bundle, only: int | None) -> Iterator[str]:
    """Yield what nothing in a bundle proves: names of files, some with what of them."""
    checked = CHECKED
    if READS in bundle.manifest["files"]:
        checked = checked | {READS, ACCESS_NOTE, ACCESS_CUT}
    yield from map(printable, sorted(bundle.manifest["files"].keys() - checked))
    stated = sorted(bundle.manifest.keys() - CHECKED_IN_MANIFEST)
    if stated:
        yield f"{MANIFEST}: {', '.join(map(printable, stated))}"
    yield f"{CHECKPOINTS}: {UNSIGNED}"
    if only is not None:
        yield f"{EVENTS}, {TEXTS}: all but event {only}"


def text_of(row: Any, name: str, where: str) -> str:
    """Return a text of a row."""
    if not isinstance(row, dict) or not isinstance(row.get(name), str):
        raise Failed(f"{where} lacks {name}")
    return str(row[name])


def check_included(event: Event, checkpoint: Note) -> None:
    """Check that an event is in the tree of a checkpoint."""
    number = event.position - 1
    root = root_by_inclusion(leaf_hash(event.line), number, checkpoint.size, event.path)
    if root is None or not hmac.compare_digest(root, checkpoint.root):
        raise Failed(f"{event} is not in the log that checkpoint {checkpoint.size} was signed over")


def keys_in(bundle: Bundle, last: Note) -> list[Key]:
    """Return the keys the log adopted, each proven to stand in it."""
    keys: dict[str, Key] = {}
    before = 0
    for row in bundle.rows(KEYS):
        line = text_of(row, "line", KEYS).encode()
        event = event_of(line, row.get("path"), KEYS)
        check_included(event, last)
        if event.position <= before:
            raise Failed(f"{event} is out of order")
        before, stream, data = event.position, event.fields["stream"], event.fields["data"]
        if event.fields["type"] == ADOPTED and stream not in keys:
            public = unb64(data["public_key"])
            keys[stream] = Key(data["origin"], public, event.position)
        elif event.fields["type"] == RETIRED and stream in keys:
            keys[stream] = keys[stream]._replace(retired=event.position)
        else:
            raise Failed(f"{event} is not about a key")
    if not keys:
        raise Failed("there is no key")
    return succeeding(keys.values())


def succeeding(keys: Iterable[Key]) -> list[Key]:
    """Return keys in the order they were adopted, each counting until the next one at most.

    So it does not matter whether the event that retired a key is at hand: rotating always adopts.
    """
    found = sorted(keys, key=lambda key: key.adopted)
    for number, (key, after) in enumerate(zip(found, found[1:])):
        end = after.adopted if key.retired is None else min(key.retired, after.adopted)
        found[number] = key._replace(retired=end)
    return found


class Signatures:
    """Checks, checkpoint by checkpoint, that each is signed by the key that counted by then."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = succeeding(keys)
        self.origin: str | None = None
        self.size = 0

    def check(self, note: Note) -> None:
        """Check the next checkpoint; a new key needs the one before it to sign for it as well."""
        origin = self.origin or note.origin
        if note.origin != origin:
            raise Failed(f"checkpoint {note.size} is of another log: {note.origin}")
        if not any(key.counts(note.size) and note.is_signed_by(key) for key in self.keys):
            raise Failed(f"checkpoint {note.size} is not signed by a key of the log")
        before = [key for key in self.keys if key.counts(self.size)]
        is_new = any(self.size < key.adopted <= note.size for key in self.keys)
        if before and is_new and not any(map(note.is_signed_by, before)):
            raise Failed(f"checkpoint {note.size} brings a key that no older key signed for")
        self.origin, self.size = origin, note.size


def check_signatures(notes: Sequence[Note], keys: Sequence[Key]) -> None:
    """Check that every checkpoint is signed by a key that counted, and new keys by older ones."""
    signatures = Signatures(keys)
    for note in notes:
        signatures.check(note)


def check_consistency(notes: Sequence[Note], rows: Sequence[dict[str, Any]]) -> None:
    """Check that each checkpoint's tree begins with that of the one before."""
    for earlier, note, row in zip(notes, notes[1:], rows[1:]):
        proof = decoded(row.get("consistency"), f"checkpoint {note.size}")
        if not is_consistent(earlier.size, earlier.root, note.size, note.root, proof):
            raise Failed(f"checkpoint {note.size} does not go on from checkpoint {earlier.size}")


def check_known(known: Note, notes: Sequence[Note], keys: Sequence[Key]) -> int:
    """Check that the bundle goes on from, or up to, a checkpoint that was kept elsewhere."""
    if known.origin != notes[0].origin:
        raise Failed(f"the known checkpoint is of another log: {known.origin}")
    if not any(known.is_signed_by(key) for key in keys):
        raise Failed("the known checkpoint is not signed by a key of the log in the bundle")
    for note in notes:
        if note.size == known.size:
            if note.root != known.root:
                raise Failed(
                    f"the log differs from the one the known checkpoint {known.size} is of"
                )
            return known.size
    if known.size > notes[-1].size:
        raise Failed(
            f"the known checkpoint {known.size} is newer than the bundle, which ends at "
            f"{notes[-1].size}: events are missing, or it was exported before"
        )
    raise Failed(
        f"the bundle has no proof for the known checkpoint {known.size}: "
        "ask for one exported with it (okr-es audit export --known FILE)"
    )


def check_events(bundle: Bundle, last: Note, only: int | None) -> tuple[int, int]:
    """Check all events, or one, and their texts; return how many there were of each."""
    texts, count, opened = bundle.rows(TEXTS), 0, 0
    text, before = next(texts, None), 0
    for event in bundle.events():
        if event.position <= before:
            raise Failed(f"{event} is out of order")
        before = event.position
        wanted = only in (None, event.position)
        if wanted:
            check_included(event, last)
            count += 1
        if text is not None and text.get("position") == event.position:
            if wanted:
                disclosed(event, text)
                opened += 1
            text = next(texts, None)
    if text is not None:
        raise Failed(f"a text belongs to no event: {text.get('position')}")
    if only is not None and not count:
        raise Failed(f"there is no event {only} in the bundle")
    if only is None and bundle.manifest.get("search") == {} and count != last.size:
        raise Failed(f"the search left nothing out, but {last.size - count} events are missing")
    if only is None and count != bundle.manifest.get("events"):
        raise Failed(
            f"there are {count} events, but {bundle.manifest.get('events')} in the manifest"
        )
    return count, opened


Edge = list[tuple[int, bytes]]  # full subtrees by their heights, the largest first


def check_reads(
    bundle: Bundle, last: Note, keys: Sequence[Key], known: Note | None
) -> Event | None:
    """Check the access log in a bundle, if there is one: every read up to its checkpoint.

    Returns the event by which the oldest of them were cut, None where they are all there.
    """
    if READS not in bundle.manifest["files"]:
        if known is not None:
            raise Failed("the known checkpoint is of an access log, and the bundle has none")
        return None
    origin = last.origin
    note = read_note(bundle.content(ACCESS_NOTE).decode())
    if note.origin != origin + OF_ACCESSES:
        raise Failed(f"the access log is another's: {note.origin}")
    access_keys = [key._replace(name=key.name + OF_ACCESSES) for key in keys]
    cut, start, edge = cut_in(bundle, last, access_keys)
    if known is not None and known.size < start:
        raise Failed(f"the reads that checkpoint {known.size} was signed over were cut at {start}")
    wanted = {each.size for each in (note, known) if each is not None}
    roots = roots_of_reads(bundle, wanted, start, edge)
    for each in (note, *([] if known is None else [known])):
        if not any(map(each.is_signed_by, access_keys)):
            raise Failed("a checkpoint of the access log is not signed by a key of the log")
        if roots.get(each.size) != each.root:
            raise Failed(f"the reads are not those that checkpoint {each.size} was signed over")
    if bundle.manifest.get("reads") != note.size - start or max(roots, default=0) != note.size:
        raise Failed("the access log has not as many reads as its checkpoint")
    return cut


def cut_in(
    bundle: Bundle, last: Note, access_keys: Sequence[Key]
) -> tuple[Event | None, int, Edge]:
    """Return the event by which reads were cut, up to which, and the edge of the tree over them."""
    if ACCESS_CUT not in bundle.manifest["files"]:
        return None, 0, []
    row = bundle.json(ACCESS_CUT)
    line, note = text_of(row, "line", ACCESS_CUT), read_note(text_of(row, "note", ACCESS_CUT))
    event = event_of(line.encode(), row.get("path"), ACCESS_CUT)
    check_included(event, last)
    data = event.fields.get("data")
    if event.fields["type"] != CUT or not isinstance(data, dict):
        raise Failed(f"{event} does not cut the access log")
    if (data.get("cut_at"), data.get("root")) != (note.size, note.root.hex()):
        raise Failed(f"{event} cuts the access log elsewhere than at its checkpoint {note.size}")
    origin = last.origin + OF_ACCESSES
    if note.origin != origin or not any(map(note.is_signed_by, access_keys)):
        raise Failed(f"the checkpoint {note.size} of the cut is not signed by a key of the log")
    heights = [each for each in range(note.size.bit_length())[::-1] if note.size >> each & 1]
    hashes = decoded(row.get("edge"), ACCESS_CUT)
    if len(hashes) != len(heights):
        raise Failed("the edge of the tree at the cut has not the hashes of its size")
    edge = list(zip(heights, hashes))
    if root_over(edge) != note.root:
        raise Failed("the edge of the tree at the cut does not lead to its root")
    return event, note.size, edge


def roots_of_reads(bundle: Bundle, sizes: set[int], start: int, edge: Edge) -> dict[int, bytes]:
    """Return the roots over the reads up to some sizes and to the end; the first ones are cut."""
    found: dict[int, bytes] = {start: root_over(edge)}
    count = start
    for count, line in enumerate(bundle.lines(READS), start + 1):
        fields = parsed(line, READS)
        if not isinstance(fields, dict) or fields.get("position") != count:
            raise Failed(f"read {count} is missing, or not in its place")
        height, node = 0, leaf_hash(line)
        while edge and edge[-1][0] == height:
            height, node = height + 1, node_hash(edge.pop()[1], node)
        edge.append((height, node))
        if count in sizes:
            found[count] = root_over(edge)
    return {**found, count: root_over(edge)}


def root_over(edge: Sequence[tuple[int, bytes]]) -> bytes:
    """Return the root over full subtrees, the largest first."""
    if not edge:
        return hashlib.sha256().digest()
    found = edge[-1][1]
    for _, left in reversed(edge[:-1]):
        found = node_hash(left, found)
    return found


def disclosed(event: Event, text: dict[str, Any]) -> dict[str, str]:
    """Return a disclosed text, checked against what its event commits to."""
    try:
        encrypted = unb64(text["encrypted"])
        key = unb64(text["key"])
        if hashlib.sha256(encrypted).hexdigest() != event.fields["encrypted"]:
            raise Failed(f"{event} commits to another text than the one that is disclosed")
        plain = AESGCM(key).decrypt(
            encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], event.id.encode()
        )
    except (KeyError, TypeError, ValueError, InvalidTag):
        raise Failed(f"{event} has a text that cannot be opened") from None
    if not plain.startswith(BLANKS):
        raise Failed(f"{event} has a text that does not begin with blanks")
    found: dict[str, str] = parsed(plain, str(event))
    return found


# ---- the page to read -------------------------------------------------------------------

LANGUAGES = ("en", "sv")
WORDS = {
    "en": {
        "title": "Proven events of a log",
        "made": "Made by okr_es_verify.py of nothing but what it proved. People and things stand "
        "here by their ids, as in the log: names of people are not in it.",
        "log": "Log", "size": "Checkpoint over events", "root": "Root", "signed": "As signed",
        "key": "Key", "adopted": "adopted at {}", "retired": "counts no more from {}",
        "signs": "signed this checkpoint", "proven": "Proven",
        "counts": "{} events, {} texts, {} checkpoints",
        "all": "These are all events of the log up to the checkpoint.",
        "some": "There may be more events: a bundle does not show what a search left out.",
        "known": "It is the log that the known checkpoint {} was signed over.",
        "unknown": "No checkpoint was given that was kept elsewhere: compare key and root with "
        "what you know by other means, or a rewritten log would pass as well.",
        "cut": "The oldest reads of the access log were cut by retention: event {}.",
        "left": "Not proven", "nothing": "Nothing of these stands on this page:",
        "events": "Events", "by": "By {}", "nobody": "In nobody's name", "for": "on behalf of {}",
        "through": "through {}", "field": "Field", "before": "Recorded before",
        "after": "Recorded now", "at": "event {}", "missing": "not in this bundle",
        "reason": "Reason", "comment": "Comment",
        "hidden": "It has a text that is not disclosed.",
    },
    "sv": {
        "title": "Bevisade händelser i en logg",
        "made": "Skapad av okr_es_verify.py av enbart det som är bevisat. Personer och ting står "
        "med sina id:n, som i loggen: där finns inga namn på personer.",
        "log": "Logg", "size": "Kontrollpunkt över händelser", "root": "Rot",
        "signed": "Som den signerades",
        "key": "Nyckel", "adopted": "införd vid {}", "retired": "gäller inte från {}",
        "signs": "signerade kontrollpunkten", "proven": "Bevisat",
        "counts": "{} händelser, {} texter, {} kontrollpunkter",
        "all": "Det här är alla händelser i loggen fram till kontrollpunkten.",
        "some": "Det kan finnas fler händelser: ett paket visar inte vad en sökning utelämnade.",
        "known": "Det är loggen som den kända kontrollpunkten {} signerades över.",
        "unknown": "Ingen kontrollpunkt som förvarats på annat håll angavs: jämför nyckel och rot "
        "med vad du vet på annat sätt, annars hade även en omskriven logg godkänts.",
        "cut": "De äldsta läsningarna i åtkomstloggen har gallrats: händelse {}.",
        "left": "Inte bevisat", "nothing": "Inget av detta står på den här sidan:",
        "events": "Händelser", "by": "Av {}", "nobody": "I ingens namn", "for": "för {}",
        "through": "via {}", "field": "Fält", "before": "Registrerat tidigare",
        "after": "Registrerat nu", "at": "händelse {}", "missing": "inte i det här paketet",
        "reason": "Skäl", "comment": "Kommentar",
        "hidden": "Händelsen har en text som inte lämnas ut.",
    },
}  # fmt: skip
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
  color: #1d2733; background: #fff; overflow-wrap: anywhere }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2rem }
h3 { font-size: 1rem; margin: 0 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }
dt, .meta { color: #55616e } dd { margin: 0 } pre, p { margin: .2rem 0; white-space: pre-wrap }
article { border-top: 1px solid #d8dee5; padding: .8rem 0; break-inside: avoid }
table { border-collapse: collapse; margin-top: .4rem }
th, td { border: 1px solid #d8dee5; padding: .15rem .5rem; text-align: left; vertical-align: top }
th { font-weight: 600 }
@media (prefers-color-scheme: dark) { body { background: #14181d; color: #e3e8ee }
  th, td, article { border-color: #36414d } dt, .meta { color: #a3b0bd } }
"""
JOINERS = "\u200c\u200d"  # invisible, but of the spelling of words
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # kinds of characters that show something else
DEEPEST = 8  # how far objects in objects are taken apart
TITLES = ("title", "name")

Said = dict[str, tuple[str, int]]  # of a field what was recorded last, and at which position


class Page:
    """One HTML page of what was proven: no script, nothing from elsewhere, the same each time."""

    def __init__(self, bundle: Bundle, proven: Proven, only: int | None, language: str) -> None:
        self.bundle = bundle
        self.proven = proven
        self.only = only
        self.language = language
        self.words = WORDS[language]
        self.versions: dict[str, int] = {}  # the last one of each stream
        self.whole: set[str] = set()  # streams that are here from their first event on
        self.said: dict[str, Said] = {}

    def parts(self) -> Iterator[str]:
        """Yield the page, part by part."""
        yield self.head()
        for event, texts in proven_events(self.bundle, self.proven.checkpoint, self.only):
            yield self.article(event, texts)
        yield "</main></body></html>\n"

    def head(self) -> str:
        """Return what was proven, and what was not."""
        words, proven = self.words, self.proven
        facts = [
            (words["log"], proven.origin),
            (words["size"], str(proven.checkpoint.size)),
            (words["root"], b64(proven.checkpoint.root)),
            (words["signed"], proven.checkpoint.signed.decode()),
            *((words["key"], self.key(key)) for key in proven.keys),
            (words["proven"], self.counts()),
        ]
        listed = "".join(f"<dt>{as_html(a)}</dt><dd><p>{as_html(b)}</p></dd>" for a, b in facts)
        left = "".join(f"<li>{as_html(each)}</li>" for each in proven.not_proven)
        title = as_html(words["title"])
        return (
            f'<!doctype html>\n<html lang="{self.language}"><head><meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">\n"
            f'<meta name="viewport" content="width=device-width"><title>{title}</title>\n'
            f"<style>{STYLE}</style></head><body><main>\n<h1>{title}</h1>\n"
            f"<p>{as_html(words['made'])}</p>\n<dl>{listed}</dl>\n"
            f"<h2>{as_html(words['left'])}</h2>\n<p>{as_html(words['nothing'])}</p>\n<ul>{left}</ul>\n"
            f"<h2>{as_html(words['events'])}</h2>\n"
        )

    def key(self, key: Key) -> str:
        """Return a key, from when to when it counts, and whether it signed the checkpoint."""
        found = [key.text, self.words["adopted"].format(key.adopted)]
        if key.retired is not None:
            found.append(self.words["retired"].format(key.retired))
        if self.proven.checkpoint.is_signed_by(key):
            found.append(self.words["signs"])
        return ", ".join(found)

    def counts(self) -> str:
        """Return how much was proven, and what that says."""
        words, proven = self.words, self.proven
        found = [words["counts"].format(proven.events, proven.texts, proven.checkpoints)]
        found.append(words["all" if proven.is_complete else "some"])
        found.append(words["unknown" if proven.known is None else "known"].format(proven.known))
        if proven.cut is not None:
            found.append(words["cut"].format(proven.cut.position))
        return "\n".join(found)

    def article(self, event: Event, texts: Mapping[str, str]) -> str:
        """Return one event: when, who, of what, before and after, and why."""
        fields, words = event.fields, self.words
        by = words["nobody"] if fields.get("by") is None else words["by"].format(fields["by"])
        who = [by]
        if fields.get("on_behalf_of") is not None:
            who.append(words["for"].format(fields["on_behalf_of"]))
        who.append(words["through"].format(fields.get("origin")))
        rows, title = self.rows(event), self.title(event)
        heads = "".join(f"<th>{as_html(words[name])}</th>" for name in ("field", "before", "after"))
        table = f"<table><tr>{heads}</tr>{rows}</table>" if rows else ""
        what = f"{event.position} · {fields['type']}" + (f" · {title}" if title else "")
        why = "".join(
            f"<p>{as_html(words.get(name, name))}: {as_html(value)}</p>"
            for name, value in sorted(texts.items())
        )
        if fields.get("encrypted") is not None and not texts:
            why = f"<p>{as_html(words['hidden'])}</p>"
        return (
            f'<article id="e{event.position}"><h3>{as_html(what)}</h3>'
            f'<p class="meta">{as_html(fields.get("recorded_at"))} · {as_html(", ".join(who))}</p>'
            f'<p class="meta">{as_html(event.id)}</p>{why}{table}</article>\n'
        )

    def rows(self, event: Event) -> str:
        """Return the fields of an event, each with what the same thing had recorded before."""
        stream, version = str(event.fields["stream"]), event.fields["version"]
        if version != self.versions.get(stream, 0) + 1:
            self.said.pop(stream, None)  # events between them are not here: they may say else
            self.whole.discard(stream)
        if version == 1:
            self.whole.add(stream)
        missing = "" if stream in self.whole else self.words["missing"]
        said = self.said.setdefault(stream, {})
        self.versions[stream] = version
        found = []
        data = event.fields.get("data")
        for name, after in flat("", data if isinstance(data, dict) else {"data": data}):
            before = missing
            if name in said:
                value, position = said[name]
                before = f"{value} ({self.words['at'].format(position)})"
            said[name] = after, event.position
            cells = "".join(f"<td>{as_html(each)}</td>" for each in (name, before, after))
            found.append(f"<tr>{cells}</tr>")
        return "".join(found)

    def title(self, event: Event) -> str:
        """Return what the thing is called after an event, where that is proven; or nothing."""
        said = self.said[str(event.fields["stream"])]
        return next((said[name][0] for name in TITLES if name in said), "")


def flat(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the fields of an object, those of objects in it by both names; a span by its start."""
    if isinstance(value, dict) and value and depth < DEEPEST:
        starts = value.get("starts")
        within = f"{name} ({starts})" if name and isinstance(starts, str) else name
        for each in sorted(value):
            yield from flat(f"{within}.{each}" if within else each, value[each], depth + 1)
    elif isinstance(value, str):
        yield name, value
    else:
        written = "–" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
        yield name, written


def printable(value: Any) -> str:
    """Return a text with what nobody sees, or what turns its direction, written as a code."""
    return "".join(
        f"\\u{ord(each):04x}"
        if each not in JOINERS and unicodedata.category(each) in UNSEEN
        else each
        for each in str(value)
    )


def as_html(value: Any) -> str:
    """Return a text as HTML shows it, its lines kept."""
    return "\n".join(escape(printable(line)) for line in str(value).split("\n"))


def write_page(target: Path, page: Page) -> None:
    """Write a page whole or not at all, for its owner's eyes; raise NotWritten."""
    part: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".okr-es-page-", dir=target.parent)
        part = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(page.parts())
        part.replace(target)
    except BaseException as error:
        if part is not None:
            with contextlib.suppress(OSError):
                part.unlink()
        if isinstance(error, OSError):  # what cannot be read of the bundle is Failed
            raise NotWritten from error
        raise


# ---- the command line -------------------------------------------------------------------


def summary(proven: Proven) -> str:
    """Return what was proven, for people."""
    lines = [
        f"Proven: {proven.events} events, {proven.texts} texts, {proven.checkpoints} checkpoints",
        f"  of the log {proven.origin}, which had {proven.checkpoint.size} events by then",
        f"  root {b64(proven.checkpoint.root)}",
        *(f"  key  {key.text}" for key in proven.keys),
    ]
    if proven.cut is not None:
        at, on = proven.cut.fields["data"]["cut_at"], proven.cut.fields["recorded_at"]
        lines.append(f"  The access log was cut at {at} by retention on {on[:10]}: {proven.cut}.")
    if proven.known is None:
        lines.append(
            "  No checkpoint was given that was kept elsewhere: compare key and root with what\n"
            "  you know by other means, or a rewritten log would pass as well."
        )
    else:
        lines.append(f"  It is the log that the known checkpoint {proven.known} was signed over.")
    if not proven.is_complete:
        lines.append("  There may be more events: a bundle does not show what a search left out.")
    lines.append("  Not proven, for reading only:")
    lines += [f"    {each}" for each in proven.not_proven]
    return "\n".join(lines)


def proven_events(
    bundle: Bundle, last: Note, only: int | None
) -> Iterator[tuple[Event, dict[str, str]]]:
    """Yield the events with their disclosed texts, each checked once more as it is read."""
    texts = bundle.rows(TEXTS)
    text = next(texts, None)
    for event in bundle.events():
        row = None
        if text is not None and text.get("position") == event.position:
            row, text = text, next(texts, None)
        if only in (None, event.position):
            check_included(event, last)
            yield event, {} if row is None else disclosed(event, row)


def print_events(bundle: Bundle, proven: Proven, only: int | None) -> None:
    """Print the events that were proven, with their disclosed texts, a line each."""
    for event, texts in proven_events(bundle, proven.checkpoint, only):
        shown = dict(event.fields, **({"texts": texts} if texts else {}))
        write(json.dumps(shown, ensure_ascii=False, sort_keys=True), sys.stdout)


def write(text: str, file: Any) -> None:
    """Write a line; raise NotWritten where the output takes no more."""
    try:
        print(text, file=file)
    except OSError as error:
        raise NotWritten from error


def flush() -> None:
    """Write what is buffered; raise NotWritten where the output takes no more."""
    try:
        for file in filter(None, (sys.stdout, sys.stderr)):
            file.flush()
    except OSError as error:
        raise NotWritten from error


def discard() -> None:
    """Send all further output to nowhere: Python flushes at its end, and would report an error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for file in filter(None, (sys.stdout, sys.stderr)):
        os.dup2(nowhere, file.fileno())
    os.close(nowhere)


def not_proven(message: str, *, as_json: bool) -> int:
    """Say what is not proven; the exit code says it also where nobody reads on."""
    try:
        write(f"NOT PROVEN: {printable(message)}", sys.stderr)
        if as_json:
            write(json.dumps({"proven": False, "failure": message}), sys.stdout)
    except NotWritten:
        discard()
    return NOT_PROVEN


def checked(arguments: Sequence[str] | None) -> int:
    """Verify a bundle, print what was proven, and return the exit code; raise NotWritten."""
    parser = argparse.ArgumentParser(description="Verify an evidence bundle of okr-es.")
    parser.add_argument("bundle", type=Path, help="the bundle: a ZIP file")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint that was kept elsewhere")
    parser.add_argument("--position", type=int, help="prove the event at this position alone")
    printed = parser.add_mutually_exclusive_group()
    printed.add_argument("--show", action="store_true", help="print the proven events, as JSON")
    printed.add_argument("--json", action="store_true", help="print what was proven as JSON")
    parser.add_argument("--page", type=Path, help="write the proven events to this file, as HTML")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the page")
    asked = parser.parse_args(arguments)
    if asked.page is not None and asked.page.is_dir():
        parser.error(f"--page: {asked.page} is a directory")
    if asked.page is not None and asked.page.resolve() == asked.bundle.resolve():
        parser.error("--page: this is the bundle")
    try:
        known = asked.checkpoint and asked.checkpoint.read_text(encoding="utf-8")
        proven = verify(
            asked.bundle, known, asked.position,
            show=asked.show, page=asked.page, language=asked.language,
        )  # fmt: skip
    except (Failed, OSError, UnicodeDecodeError) as error:
        return not_proven(str(error), as_json=asked.json)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        return not_proven(f"the bundle is malformed: {error!r}", as_json=asked.json)
    if asked.json:
        write(json.dumps(proven.as_json()), sys.stdout)
    else:
        write(summary(proven), sys.stderr if asked.show else sys.stdout)
    return PROVEN


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify a bundle for the command line, and return the exit code."""
    code = NOT_WRITTEN
    try:
        try:
            code = checked(arguments)
        finally:
            flush()
    except NotWritten as error:
        if not isinstance(error.__cause__, BrokenPipeError):
            with contextlib.suppress(OSError):
                print(f"The output cannot be written: {error.__cause__}", file=sys.stderr)
        discard()
        return code if code == NOT_PROVEN else NOT_WRITTEN
    return code


if __name__ == "__main__":
    sys.exit(main())
