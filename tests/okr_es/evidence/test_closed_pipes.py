"""The offline verifier whose output nobody reads to its end says nothing about the bundle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from okr_es.evidence import okr_es_verify
from tests.support.pipes import ROOT, into_closed_pipe

VERIFIER = okr_es_verify.__file__
GENUINE, FORGED = (str(ROOT / "tests/data/vectors" / name) for name in (
    "genuine.zip", "another-root.zip",
))  # fmt: skip
FULL = Path("/dev/full")

either_way = pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])


@either_way
@pytest.mark.parametrize("options", [(), ("--show",)], ids=["summary", "events"])
def test_a_closed_pipe_is_no_failed_proof(options: tuple[str, ...], buffered: bool) -> None:
    assert into_closed_pipe(VERIFIER, GENUINE, *options, buffered=buffered) == (141, "")


@either_way
def test_a_failed_proof_stays_one(buffered: bool) -> None:
    code, said = into_closed_pipe(VERIFIER, FORGED, buffered=buffered)
    assert (code, said.startswith("NOT PROVEN: ")) == (1, True)


@either_way
def test_also_where_nobody_reads_what_is_wrong(buffered: bool) -> None:
    assert into_closed_pipe(VERIFIER, FORGED, also_stderr=True, buffered=buffered).exit_code == 1
    assert into_closed_pipe(VERIFIER, GENUINE, also_stderr=True, buffered=buffered).exit_code == 141


def test_help_may_be_cut_off_too() -> None:
    assert into_closed_pipe(VERIFIER, "--help") == (141, "")


@pytest.mark.skipif(not FULL.exists(), reason="there is no device that is full")
@pytest.mark.parametrize("options", [(), ("--show",)], ids=["summary", "events"])
def test_a_full_disk_is_named_and_no_failed_proof(options: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        ended = subprocess.run(
            [sys.executable, VERIFIER, GENUINE, *options],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert ended.returncode == 141
    assert ended.stderr.splitlines()[-1].startswith("The output cannot be written: ")
    assert "NOT PROVEN" not in ended.stderr
