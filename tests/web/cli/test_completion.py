"""Commands and options are completed in a shell."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from web.cli.main import main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_a_shell_reads_is_printed(shell: str) -> None:
    done = CliRunner().invoke(main, ["--server", "http://127.0.0.1:1", "completion", shell])
    assert done.exit_code == 0, done.output
    assert "_OKR_ES_COMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("words", "begun", "found"),
    [
        ("okr-es obj", "1", {"objectives"}),
        ("okr-es objectives re", "2", {"reopen", "retitle", "reschedule", "reassign", "realign"}),
        ("okr-es objectives draft --ow", "3", {"--owner"}),
        ("okr-es objectives commitment x --commitment asp", "5", {"aspirational"}),
        ("okr-es cycles show 2025", "3", set()),
        ("okr-es people show Ma", "3", set()),
    ],
)
def test_commands_options_and_words_are_completed(
    words: str, begun: str, found: set[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where there is no database there are no names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OKR_ES_DATABASE", raising=False)
    env = {"_OKR_ES_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": begun}
    done = CliRunner().invoke(main, [], prog_name="okr-es", env={**os.environ, **env})
    assert {each.partition(",")[2] for each in done.stdout.split()} == found
