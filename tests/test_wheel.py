"""The wheel is enough: in an environment with what it requires alone, the example runs from it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from urllib.request import urlopen

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("okr_es", "projections", "web")
BESIDE = ("pyproject.toml", "README.md", "LICENSE")
ANSWERS_WITHIN, STOPS_WITHIN = 60, 30
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")


def run(*command: str | Path, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, env=without_this_environment())


def without_this_environment() -> dict[str, str]:
    names = ("PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in names}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: building leaves folders beside the sources."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in PACKAGES:
        without_caches = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=without_caches)
    for name in BESIDE:
        shutil.copy(ROOT / name, source)
    build = (sys.executable, *PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", built)
    run(*build, source, cwd=source)
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has nothing but the wheel and what it says it needs.

    What it needs is linked from this environment, whose versions are those of the lock files: to
    download and unpack fifty packages takes longer than all that is asked of them.
    """
    place = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", place, cwd=place)
    into = (sys.executable, *PIP, "--python", place / "bin/python", "install", "--no-compile")
    run(*into, "--no-deps", "--no-index", "--root-user-action", "ignore", wheel, cwd=place)
    (packages,) = place.glob("lib/python*/site-packages")
    (own,) = distributions(path=[str(packages)])
    for each in needed(own):
        link(each, packages)
    return place / "bin"


def needed(by: Distribution) -> list[Distribution]:
    """All that a distribution requires, and what that requires, as the lock file has it."""
    locked = pinned((ROOT / "requirements.lock").read_text())
    found: dict[str, Distribution] = {}
    waiting, seen = [(by, "")], set[tuple[str, str]]()
    while waiting:
        one, extra = waiting.pop()
        for each in map(Requirement, one.requires or []):
            name = canonicalize_name(each.name)
            if each.marker is not None and not each.marker.evaluate({"extra": extra}):
                continue
            there = found.setdefault(name, distribution(name))
            assert there.version in each.specifier, f"{one.name} requires {each}"
            assert there.version == locked[name], f"{name} is locked otherwise"
            more = {(name, extra) for extra in {"", *each.extras}} - seen
            waiting += [(there, extra) for _, extra in more]
            seen |= more
    return list(found.values())


def pinned(lock: str) -> dict[str, str]:
    """The versions of a lock file, by name."""
    lines = (line.partition(" ")[0] for line in lock.splitlines() if "==" in line)
    return {name: version for name, _, version in (line.partition("==") for line in lines)}


def link(distribution: Distribution, packages: Path) -> None:
    """Make a distribution of this environment one of another, without copying it."""
    files = distribution.files
    assert files, f"{distribution.name} does not say which files it has."
    for name in {each.parts[0] for each in files} - {"..", "__pycache__"}:
        if not (packages / name).exists():
            (packages / name).symlink_to(str(distribution.locate_file(name)))


@contextmanager
def demo(program: Path, folder: Path) -> Iterator[str]:
    """Serve the example company from a folder; give the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (program / "okr-es", "demo", "--port", str(port))
    environment = without_this_environment()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as served:
        try:
            assert served.stdout is not None
            first = served.stdout.readline()
            assert first.startswith("okr-es answers at"), first
            yield f"http://127.0.0.1:{port}"
        finally:
            served.send_signal(signal.SIGTERM)
            served.wait(STOPS_WITHIN)


def test_the_example_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    run(installed / "okr-es", "--version", cwd=tmp_path)
    with demo(installed, tmp_path) as at:
        for path in ("/health/ready", "/api/v1/cycles/2025-Q3/board", "/api/v1/docs/"):
            with urlopen(at + path, timeout=ANSWERS_WITHIN) as answer:
                assert answer.status == 200
    assert (tmp_path / "build/demo/okr.db").exists()
