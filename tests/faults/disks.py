"""Disks that are full or read-only: in a name space of its own, where mounting hurts nobody else.

A disk of a few megabytes takes the place of an installation's folder, or of one of its files by a
link, or of a PostgreSQL tablespace; it is filled up to the last byte, or mounted read-only.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import gettempdir

from tests.support.disk_recorder import recorded

CHUNK = 4_096
NO_MOUNT = "was not tried: this machine lets nobody mount a disk, not even in a name space."


@cache
def name_space() -> tuple[str, ...] | None:
    """The command to run another in a name space of its own; None where that is not allowed."""
    for command in (("unshare", "--mount"), ("unshare", "--map-root-user", "--mount")):
        mount = [*command, "mount", "-t", "tmpfs", "-o", "size=1m", "none", gettempdir()]
        try:
            if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
                return command
        except OSError:
            return None
    return None


def run_apart(module: str, arguments: Sequence[str]) -> int:
    """Run a module in a name space of its own; say so where that cannot be."""
    command = name_space()
    if command is None:
        print(f"{module.rpartition('.')[2]} {NO_MOUNT}", file=sys.stderr)
        return 0
    return subprocess.run(
        [*command, sys.executable, "-m", module, "apart", *arguments], check=False
    ).returncode


def has_other_users() -> bool:
    """Return whether there are other users than root here, as PostgreSQL needs one of its own."""
    return int(Path("/proc/self/uid_map").read_text().split()[2]) > 1


def mount(*arguments: str | Path) -> None:
    """Mount something."""
    subprocess.run(["mount", *arguments], check=True)


class Full:
    """A small disk that is full."""

    name = "full"

    def __init__(self, place: Path, mib: int) -> None:
        self.place = place
        self.ballast = place / "ballast"
        place.mkdir(parents=True, exist_ok=True)
        mount("-t", "tmpfs", "-o", f"size={mib}m,mode=777", "none", place)

    def begin(self) -> None:
        """Fill it up."""
        with self.ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(CHUNK))
            except OSError:
                return

    def end(self) -> None:
        """Make room again."""
        self.ballast.unlink()

    def remove(self) -> None:
        """Take the disk away."""
        subprocess.run(["umount", "--lazy", self.place], check=True)


class ReadOnlyWhileOpen(Full):
    """A disk that becomes read-only, also for files that are open, as a system does after errors.

    No mount can do that; so SQLite's writes are refused where it hands them to the system.
    """

    name = "readonly_while_open"

    def __init__(self, place: Path, mib: int) -> None:
        del mib
        place.mkdir(parents=True)
        self.place = place
        self.stack = ExitStack()
        self.recording = self.stack.enter_context(recorded(place))

    def begin(self) -> None:
        """Refuse whatever would be written."""
        self.recording.refuses = True

    def end(self) -> None:
        """Refuse nothing more."""
        self.recording.refuses = False

    def remove(self) -> None:
        """Listen to the disk no longer."""
        self.stack.close()


class ReadOnly(Full):
    """A disk that is read-only for whoever opens a file from then on."""

    name = "readonly"

    def begin(self) -> None:
        """Mount it once more, read-only."""
        mount("--bind", self.place, self.place)
        mount("-o", "remount,bind,ro", self.place)

    def end(self) -> None:
        """Take that away."""
        subprocess.run(["umount", "--lazy", self.place], check=True)
