"""Disks that are full or read-only: the short form of `make faults-large`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.faults.disks import NO_MOUNT, name_space

ROOT = Path(__file__).parents[2]


SOME = ("full.directory_sqlite", "readonly.log_sqlite", "readonly_while_open.log_sqlite")


@pytest.mark.parametrize("name", [*SOME, "full.control"])
def test_a_disk_at_fault_is_named_harms_nothing_and_is_over_by_itself(name: str, tmp_path: Path):
    command = name_space()
    if command is None:
        pytest.skip(f"It {NO_MOUNT}")
    done = subprocess.run(
        [*command, sys.executable, "-m", "tests.faults.full", "apart", name],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = msgspec.json.decode((tmp_path / "build/faults.json").read_bytes()).values()
    assert found["tried"] > 0
