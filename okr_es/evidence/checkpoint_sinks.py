"""Where checkpoints are published: a directory, or a command of the operator's.

Only a copy out of the operator's reach makes it visible when the end of the log is cut off, an
old backup is put back, or the whole log is rewritten and signed again.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from okr_es.database.database import Database
from okr_es.database.on_disk import make_folder, put_in_place
from okr_es.database.timeouts import seconds
from okr_es.evidence.access_tree import is_of_accesses
from okr_es.evidence.checkpoints import Checkpoint
from okr_es.evidence.kept_lists import add_lists

DIRECTORY, HOOK = "OKR_ES_CHECKPOINT_DIRECTORY", "OKR_ES_CHECKPOINT_HOOK"
HOOK_TIMEOUT = "OKR_ES_HOOK_SECONDS"
HOOK_SECONDS = 10.0


class Forked(Exception):
    """A copy outside differs: the log was rewritten, or an old backup put back."""


class CheckpointSink(Protocol):
    """Publishes checkpoints; raises an error where it cannot."""

    @property
    def name(self) -> str:
        """The name under which the log records what was published there."""

    def publish(self, checkpoint: Checkpoint) -> None:
        """Publish a checkpoint; the same one may come twice."""

    def publish_lists(self, log: Database) -> None:
        """Keep the lists of what is gone, by a log, beside the checkpoints, if there is a place."""


class DirectorySink:
    """A directory, on another machine's disk or one that can be written once only."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """`directory` and its path."""
        return f"directory {self.path}"

    def publish(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint to a file of its own; raise Forked where another is there already."""
        make_folder(self.path)
        of = "access-" if is_of_accesses(checkpoint.note) else ""
        final = self.path / f"{of}{checkpoint.size:012}.checkpoint"
        if final.exists():
            if final.read_text(encoding="utf-8") != checkpoint.note:
                raise Forked(f"{final} is of another log, or of another course of this one.")
            return
        put_in_place(final, checkpoint.note.encode())

    def publish_lists(self, log: Database) -> None:
        """Add what is not in the lists yet."""
        add_lists(self.path, log)


class HookSink:
    """A command that gets each checkpoint on its standard input, its size in the environment."""

    def __init__(self, command: str, within_seconds: float = HOOK_SECONDS) -> None:
        self.within_seconds = within_seconds
        self.text = command
        self.command = shlex.split(command)

    @property
    def name(self) -> str:
        """The program that is run, and a hash of the whole command."""
        return f"hook {self.command[0]} {sha256(self.text.encode()).hexdigest()[:12]}"

    def publish(self, checkpoint: Checkpoint) -> None:
        """Run the command; raise if it fails or takes too long."""
        subprocess.run(  # noqa: S603  - the operator's own command
            self.command,
            input=checkpoint.note.encode(),
            env={**os.environ, "OKR_ES_CHECKPOINT_SIZE": str(checkpoint.size)},
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=self.within_seconds,
        )

    def publish_lists(self, log: Database) -> None:
        """Do nothing: a command gets checkpoints alone."""


def sinks_of(environment: Mapping[str, str]) -> list[CheckpointSink]:
    """Return the sinks the environment names."""
    found: list[CheckpointSink] = []
    if path := environment.get(DIRECTORY):
        found.append(DirectorySink(Path(path)))
    if (command := environment.get(HOOK)) and command.strip():
        found.append(HookSink(command, seconds(environment, HOOK_TIMEOUT, HOOK_SECONDS)))
    return found
