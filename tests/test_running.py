"""The files to run okr-es with: units, settings and the container start what there is."""

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import click
import pytest

from web.cli.main import main

RUNNING = Path(__file__).parents[1] / "docs/running"
UNITS = sorted(RUNNING.glob("*.service"))
SETTINGS = (RUNNING.parent / "reference/settings.md").read_text()
MOST_EXPOSED = 20  # of 100, as systemd-analyze counts; what listens without hardening has 96
SYSTEMD = shutil.which("systemd-analyze")


def service(unit: Path) -> dict[str, str]:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    return dict(parser["Service"])


def command_in(words: list[str]) -> click.Command:
    """Return the command of okr-es that words name; refuse options that it does not have."""
    found, context = main, click.Context(main)
    while isinstance(found, click.Group):
        name, *words = words
        found = found.commands[name]
        context = click.Context(found, context)
    assert found.make_parser(context).parse_args(words)[1] == []
    return found


def test_there_are_units() -> None:
    assert [unit.name for unit in UNITS] == ["okr-es-worker.service", "okr-es.service"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
class TestUnits:
    def test_it_starts_what_there_is(self, unit: Path) -> None:
        program, *words = shlex.split(service(unit)["ExecStart"])
        assert Path(program).name == "okr-es"
        assert command_in(words).name in {"serve", "worker"}

    @pytest.mark.skipif(SYSTEMD is None, reason="needs systemd-analyze")
    def test_it_is_hardened(self, unit: Path) -> None:
        ran = ("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", unit)
        subprocess.run((str(SYSTEMD), *ran), check=True, capture_output=True)


def test_every_setting_of_the_sample_is_documented() -> None:
    named = re.findall(r"^#?(OKR_ES_\w+)=", (RUNNING / "okr-es.env").read_text(), re.MULTILINE)
    assert named
    assert [name for name in named if f"`{name}`" not in SETTINGS] == []


def test_the_container_takes_what_the_wheel_needs_and_starts_what_there_is() -> None:
    text = (RUNNING / "Containerfile").read_text()
    copied = {word for line in re.findall(r"^COPY (?!--)(.+)$", text, re.MULTILINE)
              for word in line.split()[:-1]}  # fmt: skip
    assert copied == {"requirements.lock", "pyproject.toml", "README.md", "LICENSE",
                      "okr_es", "projections", "web"}  # fmt: skip
    (started,) = re.findall(r'^CMD \["okr-es", (.+)\]$', text, re.MULTILINE)
    assert command_in(re.findall(r'"([^"]+)"', started)).name == "serve"
