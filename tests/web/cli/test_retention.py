"""How long it is kept, on the command line: set, tried, carried out, and seen afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from okr_es.application import Okr
from okr_es.evidence.okr_es_verify import main as verify_offline
from tests.okr_es.operations.test_cutting import begin
from tests.support.begun import Begun
from tests.support.world import ANN
from web.cli.main import main

SET = ("retention", "set", "--yes")
Asks = Callable[..., Result]


@pytest.fixture
def url(begun_on_sqlite: Begun) -> Iterator[str]:
    """Ten reads, eight of which were signed over a year ago, and are to be kept for one."""
    with begun_on_sqlite.fresh("reads of over a year", begin) as url:
        yield url


@pytest.fixture
def asks(url: str) -> Asks:
    return lambda *words: CliRunner().invoke(main, ["--database", url, *words])


def output(asks: Asks, *words: str) -> str:
    done = asks(*words)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_dry_run_says_what_would_go_and_a_run_destroys_it(asks: Asks, url: str) -> None:
    dry = json.loads(output(asks, "retention", "--dry-run", "--json"))
    assert dry == json.loads(output(asks, "retention", "--json"))
    assert dry == {
        "person_texts": 0, "client_info": 0, "held": 0, "reads": 8, "reads_held": 0,
        "access_log_cut_at": 8,
    }  # fmt: skip
    assert output(asks, "retention").startswith("destroyed: 0 texts about people")
    with closing(Okr(url)) as okr:
        ((origin,),) = okr.database.rows(
            "SELECT origin FROM events WHERE type = 'retention.access_log_cut'", {}
        )
    assert origin == "cli"


def test_a_run_says_where_the_access_log_is_cut(asks: Asks) -> None:
    assert "the access log would be cut at 8" in output(asks, "retention", "--dry-run")
    destroyed, cut = output(asks, "retention").splitlines()
    assert "8 reads of the access log; for a legal hold stay 0 texts and 0 reads" in destroyed
    assert cut.startswith("the access log is cut at 8, signed 2025-07-16")


def test_it_is_set_for_the_access_log_and_taken_back(asks: Asks) -> None:
    why = ("--by", str(ANN), "--reason", "So says our list.")
    assert output(asks, *SET, "--access-log-years", "9", *why).startswith("recorded at ")
    assert json.loads(output(asks, "retention", "--json"))["reads"] == 0
    output(asks, *SET, "--no-access-log-years", *why)


@pytest.mark.parametrize(
    "what", ["--person-texts-years", "--client-info-years", "--access-log-years"]
)
@pytest.mark.parametrize("years", ["0", "101"])
def test_years_that_make_no_sense_are_refused(years: str, what: str, asks: Asks) -> None:
    done = asks(*SET, what, years, "--reason", "So says our list.", "--by", str(ANN))
    assert (done.exit_code, "from 1 to 100" in done.stderr) == (1, True), done.stderr


def test_it_is_shown_for_how_long_it_is_kept(asks: Asks) -> None:
    output(asks, "retention")
    *kept, set_on, cut = output(asks, "retention", "show").splitlines()
    assert kept == [
        "texts about people, from the closing of their cycle on: for ever",
        "network address and client of commands: for ever",
        "reads of the access log: 1 year",
    ]
    assert set_on.startswith("set on 2026-07-16 (event ")
    assert cut.startswith("all reads up to 8 were destroyed on 20")


@pytest.mark.parametrize("how", [(), ("--read-only",), ("--since",)])
def test_a_verification_tells_of_the_cut(how: tuple[str, ...], asks: Asks, tmp_path: Path) -> None:
    output(asks, "audit", "checkpoints", "--write", str(tmp_path))
    (first, *_) = sorted(tmp_path.glob("0*.checkpoint"))
    words = (*how, str(first)) if how == ("--since",) else how
    assert "the access log is cut" not in output(asks, "audit", "verify", *words)
    output(asks, "retention")
    said = output(asks, "audit", "verify", *words)
    assert "2 reads, 3 access checkpoints" in said
    assert "the access log is cut at 8 by retention on 20" in said
    found = json.loads(output(asks, "audit", "verify", "--json", *words))
    assert (found["reads_cut"], found["access_log_cut"]["size"]) == (8, 8)


def test_a_verification_says_where_a_cut_is_not_finished(asks: Asks, url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("okr_es.access_log.AccessLog.cut", lambda *_: None)
        output(asks, "retention")
    assert "not finished: `okr-es retention`" in output(asks, "audit", "verify")
    output(asks, "retention")
    assert "not finished" not in output(asks, "audit", "verify")


def test_an_access_log_that_is_not_as_it_was_signed_is_not_cut(asks: Asks, url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("okr_es.evidence.access_tree.Read.line", b"another")
        done = asks("retention")
    assert (done.exit_code, "run `okr-es audit verify`" in done.stderr.lower()) == (1, True)
    assert "8 reads" in output(asks, "retention", "--dry-run")


def test_the_access_log_says_where_it_begins_and_is_exported(asks: Asks, tmp_path: Path) -> None:
    output(asks, "retention")
    said = output(asks, "audit", "access-log", "--by", str(ANN)).splitlines()
    assert said[-1].startswith("All up to read 8 were destroyed by retention on 20")
    assert len(said) == 3
    file = tmp_path / "reads.zip"
    assert output(asks, "audit", "export-accesses", str(file)) == "3 reads\n"
    assert verify_offline([str(file)]) == 0
