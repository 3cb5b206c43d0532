"""The server's clock on the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from okr_es.application import Okr
from tests.web.conftest import ADA
from web.cli.main import main
from web.settings import Unusable, clock_limits


@pytest.fixture(autouse=True)
def _usual_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OKR_ES_CLOCK_GAP")


def call(okr: Okr, *words: str) -> Result:
    url = okr.database.url.render_as_string(hide_password=False)
    return CliRunner().invoke(main, ["--database", url, *words])


def test_it_is_shown_beside_the_last_event(okr: Okr) -> None:
    """That is of 2025: so old that the clock may have jumped."""
    shown = call(okr, "clock", "show").stdout.splitlines()
    assert shown[0].startswith("ahead of the last event: ")
    assert "is the server's clock right?" in shown[-1]
    state: dict[str, Any] = json.loads(call(okr, "clock", "show", "--json").stdout)
    assert state["ahead_of_database"] is None
    assert len(state["warnings"]) == 1


def test_one_that_jumped_is_refused_until_it_is_accepted(okr: Okr) -> None:
    rename = ("people", "rename", ADA, "--name", "Ada Lovelace", "--by", ADA)
    refused = call(okr, *rename)
    assert refused.exit_code == 1
    assert "`okr-es clock accept`" in refused.stderr
    accept = ("clock", "accept", "--by", ADA, "--yes")
    assert "A reason is needed" in call(okr, *accept).stderr
    accepted = call(okr, *accept, "--reason", "A quiet year.")
    assert accepted.stdout.startswith("recorded at ")
    assert call(okr, *rename).exit_code == 0


@pytest.mark.parametrize("name", ["OKR_ES_CLOCK_AHEAD", "OKR_ES_CLOCK_GAP"])
@pytest.mark.parametrize("written", ["soon", "-1", "0", "1e9", "nan"])
def test_limits_are_numbers(name: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, written)
    with pytest.raises(Unusable, match=name):
        clock_limits()


def test_they_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKR_ES_CLOCK_AHEAD", "2.5")
    monkeypatch.setenv("OKR_ES_CLOCK_GAP", "100")
    limits = clock_limits()
    assert (limits.ahead.total_seconds(), limits.gap.days) == (2.5, 100)
