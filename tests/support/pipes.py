"""A pipe that is closed early: what a program does when nobody reads its output to the end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Ended(NamedTuple):
    """How a program ended, and what it said on standard error."""

    exit_code: int
    stderr: str


def into_closed_pipe(*words: str, also_stderr: bool = False, buffered: bool = True) -> Ended:
    """Run Python with standard output, or both outputs, into a pipe that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    environment = os.environ | {"PYTHONUNBUFFERED": "" if buffered else "1"}
    with subprocess.Popen(
        [sys.executable, *words],
        stdout=writer,
        stderr=writer if also_stderr else subprocess.PIPE,
        cwd=ROOT,
        env=environment,
        text=True,
    ) as process:
        os.close(writer)
        _, said = process.communicate()
    return Ended(process.returncode, said or "")
