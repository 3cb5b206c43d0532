"""A database as a file of JSON lines: to be read by any program, and copied back.

The first line says what the file is. Then come the tables, each with a line of its name and
columns, a line for each row (an array; bytes in base64), and a line with their number and the
SHA-256 over these lines. The last line says that the file is whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Table

from okr_es.database.on_disk import sync
from okr_es.database.schema_versions import SchemaMismatch
from okr_es.operations.copying import AREA, ORDER, Batches, CopyDiffers
from okr_es.operations.tables import BATCH, Digest, decode, encode, from_json

FORMAT = 1
MOST_LINE = 2**24  # bytes of a row
END = {"end": True}


class ToJsonLines(AbstractContextManager["ToJsonLines"]):
    """A file that is not there yet and appears when it is whole, readable for its owner alone."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise FileExistsError(17, "There is a file already", str(path))
        self.path = path
        self.part = path.with_name(f"{path.name}.part")
        descriptor = os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self.file = os.fdopen(descriptor, "wb")
        self.line({"okr_es": FORMAT, "schema_versions": versions()})

    def line(self, value: Any) -> None:
        """Write a line."""
        self.file.write(encode(value) + b"\n")

    def write(self, area: str, tables: Iterable[tuple[Table, Batches]]) -> None:
        """Write the tables of an area."""
        for table, batches in tables:
            self.line({"table": f"{area}.{table.name}", "columns": columns_of(table)})
            digest = Digest()
            for batch in digest.over(batches):
                self.file.write(b"".join(encode(row) + b"\n" for row in batch))
            self.line(digest.result())

    def undo(self) -> None:
        """Remove what was written."""
        self.file.close()
        self.part.unlink(missing_ok=True)

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self.undo()
            return
        self.line(END)
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        self.part.rename(self.path)
        sync(self.path.parent)


class FromJsonLines(AbstractContextManager["FromJsonLines"]):
    """The rows of such a file. Raises CopyDiffers where it is not whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = path.open("rb")
        first = self.fields()
        if first.get("okr_es") != FORMAT:
            raise CopyDiffers(f"{path} is no database in JSON lines of okr-es.")
        for name, version in dict(first.get("schema_versions", {})).items():
            if version != versions().get(name):
                raise SchemaMismatch(name, version, versions().get(name, 0))

    def total(self) -> int:
        """Return 0: how many rows there are is known at the end."""
        return 0

    def rows(self, area: str, table: Table) -> Batches:
        """Yield the rows of a table, which must be the next in the file."""
        name, columns = f"{area}.{table.name}", columns_of(table)
        if self.fields() != {"table": name, "columns": columns}:
            raise CopyDiffers(f"{self.path} does not go on with {name}.")
        row_of, digest, lines = from_json(table), Digest(), self.row_lines()
        self.after: bytes = b""
        while batch := [row_of(decode(line)) for line in islice(lines, BATCH)]:
            yield from digest.over([batch])
        if read_fields(self.after) != msgspec.to_builtins(digest.result()):
            raise CopyDiffers(f"{name} in {self.path} is not as it was written: it is damaged.")

    def row_lines(self) -> Iterator[bytes]:
        """Yield the lines of rows; note the one after them."""
        while line := self.next_line():
            if not line.startswith(b"["):
                self.after = line
                return
            yield line

    def fields(self) -> dict[str, Any]:
        """Return the next line, an object; nothing where it is none."""
        return read_fields(self.next_line())

    def next_line(self) -> bytes:
        """Return the next line, empty at the end; raise CopyDiffers for one that is no row."""
        line = self.file.readline(MOST_LINE + 1)
        if len(line) > MOST_LINE:
            raise CopyDiffers(f"{self.path} has a line that is too long.")
        return line

    def release(self, area: str) -> None:
        """Look for the last line after the last area."""
        if area == ORDER[-1] and self.fields() != END:
            raise CopyDiffers(f"{self.path} ends early.")

    def __exit__(self, *_: object) -> None:
        self.file.close()


def versions() -> dict[str, int]:
    """Return the schema version of each area that this program writes."""
    return {name: area.version for name, area in AREA.items()}


def columns_of(table: Table) -> list[str]:
    """Return the names of a table's columns."""
    return [str(column.name) for column in table.columns]


def read_fields(line: bytes) -> dict[str, Any]:
    """Return an object on a line; nothing where it is none."""
    with suppress(msgspec.DecodeError):
        found = msgspec.json.decode(line)
        if isinstance(found, dict):
            return found
    return {}
