"""Backup, restore and copy on the command line."""

import json
import re
from pathlib import Path
from uuid import UUID

import pytest

from okr_es.application import Okr
from okr_es.commands import FormTeam
from okr_es.context import Context
from tests.web.cli.test_main import call
from tests.web.conftest import ADA, BO
from web.cli.doctor import known_settings

GROUND = ("--legal-ground", "GDPR 17", "--reason", "asked", "--by", ADA)


@pytest.fixture
def url(okr: Okr) -> str:
    """The database of the small company."""
    return okr.database.url.render_as_string(hide_password=False)


def test_a_backup_is_made_and_put_back(url: str, okr: Okr, tmp_path: Path) -> None:
    saved, there = tmp_path / "saved", f"sqlite:///{tmp_path}/there/okr.db"
    made = call("--database", url, "backup", str(saved))
    assert made.stdout.startswith(f"{okr.log.head()} events, "), made.output
    assert made.stdout.endswith(f"in {saved}\n")
    back = call("--database", there, "restore", str(saved))
    assert back.stdout.startswith(f"restored up to position {okr.log.head()}, "), back.output
    assert "No checkpoint from outside" in back.stdout
    assert call("--database", there, "audit", "verify").exit_code == 0


def test_what_was_kept_outside_is_used_by_itself(url: str, tmp_path: Path) -> None:
    saved, there = tmp_path / "saved", f"sqlite:///{tmp_path}/there/okr.db"
    outside = {"OKR_ES_CHECKPOINT_DIRECTORY": str(tmp_path / "outside")}
    call("--database", url, "audit", "sign", env=outside)
    call("--database", url, "backup", str(saved))
    call("--database", url, "people", "erase", BO, "--yes", *GROUND, env=outside)
    listed = call("--database", url, "people", "erasures").stdout
    assert json.loads(listed)["person_id"] == BO
    refused = call("--database", there, "restore", str(saved), env=outside)
    assert (refused.exit_code, "--by" in refused.stderr or "who" in refused.stderr) == (1, True)
    back = call("--database", there, "restore", str(saved), "--by", ADA, env=outside)
    assert "missing: 1 of the " in back.stdout, back.output
    assert "people erased again: 1" in back.stdout


def test_a_copy_goes_by_json_lines_and_back(url: str, tmp_path: Path) -> None:
    lines, there = str(tmp_path / "all.jsonl"), f"sqlite:///{tmp_path}/there/okr.db"
    first = call("copy", url, lines, "--json")
    second = call("copy", lines, there, "--json")
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout) == json.loads(second.stdout)
    assert call("--database", there, "audit", "verify").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("copy", "{url}", "{url}"), "is not empty"),
        (("copy", "sqlite:///{there}/none.db", "{there}/x.jsonl"), "does not exist"),
        (("copy", "{there}/none.jsonl", "sqlite:///{there}/x.db"), "No such file"),
        (("--database", "{url}", "backup", "{there}"), "already"),
        (("--database", "sqlite:///{there}/x.db", "restore", "{there}"), "manifest.json"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    arguments: tuple[str, ...], word: str, url: str, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    done = call(*(each.format(url=url, there=tmp_path) for each in arguments))
    assert done.exit_code == 1
    assert word in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


# ---- the doctor -------------------------------------------------------------------------


def test_the_doctor_says_what_is_wrong_in_lines_and_in_json(url: str) -> None:
    done = call("--database", url, "doctor", "--json")
    found = json.loads(done.stdout)
    assert {each["state"] for each in found} <= {"ok", "warning", "wrong"}
    assert done.exit_code == any(each["state"] == "wrong" for each in found)
    lines = call("--database", url, "doctor").stdout.splitlines()
    assert len(lines) == len(found)
    assert [line.split()[0] for line in lines] == [each["state"] for each in found]


def test_the_doctor_ends_with_an_error_where_something_is_wrong(url: str, okr: Okr) -> None:
    okr.database.path.chmod(0o644)
    done = call("--database", url, "doctor")
    assert (done.exit_code, "can be read by others" in done.stdout) == (1, True)


def test_the_doctor_knows_every_setting_that_is_documented() -> None:
    page = Path("docs/reference/settings.md").read_text()
    assert known_settings() == set(re.findall(r"^\| `(OKR_ES_\w+)`", page, re.MULTILINE))


# ---- verification -----------------------------------------------------------------------


def test_a_read_only_copy_is_verified_and_nothing_is_written_beside_it(
    url: str, tmp_path: Path
) -> None:
    saved = tmp_path / "saved"
    call("--database", url, "backup", str(saved))
    for path in saved.iterdir():
        path.chmod(0o444)
    saved.chmod(0o555)
    before = {path: path.stat().st_mtime_ns for path in saved.iterdir()}
    done = call("--database", f"sqlite:///{saved}/okr.db", "audit", "verify", "--read-only")
    assert (done.exit_code, "agrees with itself" in done.stdout) == (0, True), done.output
    assert {path: path.stat().st_mtime_ns for path in saved.iterdir()} == before
    saved.chmod(0o755)


def test_a_verification_goes_on_from_a_checkpoint(url: str, okr: Okr, tmp_path: Path) -> None:
    note = tmp_path / "last.checkpoint"
    note.write_text(call("--database", url, "audit", "sign").stdout)
    size = okr.log.head()
    okr.execute(FormTeam("Late"), Context(UUID(ADA)))
    done = call("--database", url, "audit", "verify", "--since", str(note))
    assert done.stdout.startswith(f"from the checkpoint over {size} events on\n{size + 1} events")


def test_a_person_without_a_key_is_found_by_the_verification(url: str, okr: Okr) -> None:
    with okr.directory.database.transaction() as connection:
        connection.exec_driver_sql(f"DELETE FROM people WHERE id = '{BO}'")
    done = call("--database", url, "audit", "verify")
    assert (done.exit_code, f"directory: {BO} is in the log" in done.stdout) == (1, True)
