"""Evidence on the command line: sign, export, verify here and elsewhere, rotate the key."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from okr_es.application import Okr
from okr_es.evidence.okr_es_verify import verify
from projections.queries import Queries
from tests.web.conftest import ADA
from web.api.entrance import Mode
from web.app import PREFIX, create_app
from web.cli.main import main

Asks = Callable[..., Result]
CHECKPOINTS = ("audit", "checkpoints")


@pytest.fixture
def asks(founded: tuple[Path, dict[str, str]], tmp_path: Path) -> Asks:
    """Calls okr-es with words, on a log of its own."""
    import shutil

    shutil.copytree(founded[0], tmp_path / "company")

    def ask(*words: str) -> Result:
        url = f"sqlite:///{tmp_path}/company/okr.db"
        return CliRunner().invoke(main, ["--database", url, *words])

    return ask


def output(asks: Asks, *words: str) -> str:
    """What a command printed."""
    result = asks(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def as_json(asks: Asks, *words: str) -> Any:
    """What a command printed, as JSON."""
    return json.loads(output(asks, *words, "--json"))


def test_a_signature_is_a_signed_note(asks: Asks) -> None:
    assert "\u2014 okr-es/" in output(asks, "audit", "sign")
    assert output(asks, "audit", "sign") == "Nothing new to sign.\n"


def test_what_a_command_records_is_signed_by_it(asks: Asks) -> None:
    assert output(asks, "audit", "checkpoints") == "Nothing was signed yet.\n"
    output(asks, "people", "register", "--name", "Cy", "--by", ADA)
    (checkpoint,) = as_json(asks, "audit", "checkpoints")["checkpoints"]
    assert checkpoint["cause"] == "activity"


def test_what_only_asks_signs_nothing(asks: Asks) -> None:
    output(asks, "board", "2025-Q3")
    assert output(asks, "audit", "checkpoints") == "Nothing was signed yet.\n"


def test_checkpoints_are_written_to_a_directory(asks: Asks, tmp_path: Path) -> None:
    output(asks, "audit", "sign")
    outside = tmp_path / "outside"
    assert output(asks, "audit", "checkpoints", "--write", str(outside)).startswith("1 checkpoints")
    (file,) = outside.iterdir()
    assert file.read_text(encoding="utf-8").startswith("okr-es/")


def test_checkpoints_in_json_are_what_the_api_answers(asks: Asks, tmp_path: Path) -> None:
    output(asks, "audit", "sign")
    output(asks, "people", "register", "--name", "Cy", "--by", ADA)
    okr = Okr(f"sqlite:///{tmp_path}/company/okr.db")
    client = create_app(okr, Queries(okr), mode=Mode.OPEN).test_client()
    answers = [
        (client.get(f"{PREFIX}/checkpoints?limit=1"), as_json(asks, *CHECKPOINTS, "--limit", "1")),
        (client.get(f"{PREFIX}/checkpoints"), as_json(asks, *CHECKPOINTS)),
    ]
    okr.close()
    assert all(response.json == printed for response, printed in answers)
    assert [printed["next_before"] is None for _, printed in answers] == [False, True]


def test_the_key_is_rotated_with_a_reason(asks: Asks) -> None:
    rotate = ("signing-keys", "rotate", "--by", ADA, "--yes")
    refused = asks(*rotate, "--reason", "a year has passed")
    assert (refused.exit_code, "no key to rotate" in refused.output) == (1, True)
    output(asks, "audit", "sign")
    assert "A reason is needed" in asks(*rotate).stderr
    output(asks, *rotate, "--reason", "a year has passed")
    old, current = as_json(asks, "audit", "checkpoints")["keys"]
    assert current["key"] != old["key"]
    assert old["retired"] == current["adopted"]
    assert output(asks, "audit", "verify").endswith("--checkpoint.\n")


def test_a_bundle_is_checked_by_the_verifier_that_is_printed(asks: Asks, tmp_path: Path) -> None:
    output(asks, "audit", "sign")
    outside, bundle, script = (tmp_path / name for name in ("outside", "b.zip", "verify.py"))
    output(asks, "audit", "checkpoints", "--write", str(outside))
    (known,) = outside.iterdir()
    assert " events, " in output(asks, "audit", "export", str(bundle), "--by", ADA,
                               "--checkpoint", str(outside))  # fmt: skip
    script.write_text(output(asks, "audit", "verifier"), encoding="utf-8")
    run = [sys.executable, "-I", str(script), str(bundle), "--checkpoint", str(known)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    reads = as_json(asks, "audit", "access-log", "--what", "export")["entries"]
    assert [each["by"]["id"] for each in reads] == [ADA]


def test_an_export_chooses_by_the_filters_of_the_record(asks: Asks, tmp_path: Path) -> None:
    found = as_json(asks, "audit", "export", str(tmp_path / "b.zip"), "--type", "kpi")
    everything = as_json(asks, "audit", "export", str(tmp_path / "c.zip"))
    assert 0 < found["events"] < everything["events"]
    refused = asks("audit", "export", str(tmp_path / "d.zip"), "--type", "moon")
    assert refused.exit_code == 1
    assert not (tmp_path / "d.zip").exists()


def test_an_export_that_cannot_be_recorded_is_taken_back(asks: Asks, tmp_path: Path) -> None:
    bundle = tmp_path / "b.zip"
    output(asks, "audit", "export", str(tmp_path / "a.zip"))
    bare = sqlite3.connect(tmp_path / "company" / "okr.access.db", isolation_level=None)
    bare.execute("DROP TABLE accesses")
    bare.execute("CREATE TABLE accesses (lost)")
    bare.close()
    assert asks("audit", "export", str(bundle)).exit_code != 0
    assert not bundle.exists()


class TestSamples:
    def test_one_is_drawn_and_read(self, asks: Asks) -> None:
        output(asks, "audit", "sign")
        first, hashed, *lines = output(
            asks, "audit", "sample", "--seed", "7", "--size", "3"
        ).splitlines()
        assert first.startswith("3 of ")
        assert hashed.startswith("positions of the population: SHA-256 ")
        assert [line.split()[0] for line in lines] == ["1", "2", "3"]
        found = as_json(asks, "audit", "sample", "--seed", "7", "--size", "3")
        drawn = [str(each["entry"]["position"]) for each in found["sample"]]
        assert [line.split()[1] for line in lines] == drawn
        reads = as_json(asks, "audit", "access-log", "--what", "sample")["entries"]
        seeds = [each["asked"] for read in reads for each in read["about"]
                 if each["parameter"] == "seed"]  # fmt: skip
        assert seeds == ["7", "7"]

    def test_its_bundle_is_proven(self, asks: Asks, tmp_path: Path) -> None:
        bundle = tmp_path / "sample.zip"
        words = ("audit", "sample", "--seed", "7", "--size", "3", "--type", "kpi")
        found = as_json(asks, *words, "--bundle", str(bundle))
        assert verify(bundle).events == found["events"] <= 3

    def test_a_checkpoint_without_a_bundle_is_refused(self, asks: Asks, tmp_path: Path) -> None:
        output(asks, "audit", "sign")
        output(asks, "audit", "checkpoints", "--write", str(tmp_path / "kept"))
        refused = asks("audit", "sample", "--seed", "7", "--checkpoint", str(tmp_path / "kept"))
        assert (refused.exit_code, "--bundle" in refused.output) == (2, True)


class TestVerify:
    def test_a_log_as_it_was_recorded_passes(self, asks: Asks) -> None:
        output(asks, "audit", "sign")
        found = as_json(asks, "audit", "verify")
        assert found["holds"] is True
        assert found["failures"] == []
        assert found["read_model_rows"] > 0

    def test_it_says_what_it_cannot_see_alone(self, asks: Asks, tmp_path: Path) -> None:
        output(asks, "audit", "sign")
        assert "kept elsewhere" in output(asks, "audit", "verify")
        output(asks, "audit", "checkpoints", "--write", str(tmp_path / "outside"))
        said = output(asks, "audit", "verify", "--checkpoint", str(tmp_path / "outside"))
        assert said.endswith("Everything is as it was recorded.\n")

    def test_a_changed_event_is_named_and_the_exit_code_says_so(
        self, asks: Asks, tmp_path: Path
    ) -> None:
        output(asks, "audit", "sign")
        bare = sqlite3.connect(tmp_path / "company" / "okr.db", isolation_level=None)
        bare.execute("DROP TRIGGER events_refuse_update")
        bare.execute("UPDATE events SET origin = 'import' WHERE position = 4")
        bare.close()
        result = asks("audit", "verify")
        assert result.exit_code == 1
        assert result.stdout.startswith("event 4: it is not what its hash was taken of\n")
        assert "NOT as recorded" in result.stdout
        failed = json.loads(asks("audit", "verify", "--json").stdout)
        assert failed["holds"] is False
        assert failed["failures"][0]["position"] == 4

    def test_a_directory_without_checkpoints_is_a_mistake(self, asks: Asks, tmp_path: Path) -> None:
        assert asks("audit", "verify", "--checkpoint", str(tmp_path)).exit_code == 2


def test_the_access_log_is_exported_with_proof_which_is_recorded(okr: Okr, tmp_path: Path) -> None:
    from okr_es.evidence.okr_es_verify import main as verify_offline

    url = okr.database.url.render_as_string(hide_password=False)
    okr.access_log.record(None, "people", {"position": "1"})
    file, head = tmp_path / "reads.zip", okr.access_log.head()
    done = CliRunner().invoke(main, ["--database", url, "audit", "export-accesses", str(file)])
    assert (done.exit_code, done.stdout) == (0, f"{head} reads\n")
    assert verify_offline([str(file)]) == 0
    (last,) = okr.access_log.search(limit=1)
    assert (last.what, last.about["what"]) == ("export", "access_log")
