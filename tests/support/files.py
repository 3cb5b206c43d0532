"""Files of a database server that runs, which removes some of them while they are read."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def files_in(folder: Path) -> Iterator[Path]:
    """All files in a folder and in the folders below it, in order."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        paths = (Path(place, name) for name in sorted(names))
        yield from (path for path in paths if path.is_file())


def read(path: Path) -> bytes:
    """The bytes of a file; none where it was removed meanwhile."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return b""
