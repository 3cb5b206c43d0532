"""The command line with a server in the place of the database: the same answers, by a key."""

from __future__ import annotations

import json
import re
import shlex
import ssl
import stat
import string
from collections.abc import Iterator
from contextlib import chdir, closing, contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import click
import pytest
from click.testing import CliRunner, Result
from werkzeug.serving import WSGIRequestHandler, make_server

from okr_es.access import lines
from okr_es.application import Okr
from okr_es.commands import CreateApiKey
from okr_es.context import Context
from okr_es.domain.api_key import KeyRole
from okr_es.evidence.signer import Signer
from okr_es.example.naming import person
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.okr_es.access.test_lines import questions_of
from tests.support.examples import blocks, shell_lines
from tests.web.conftest import ADA
from web.api.entrance import Mode
from web.app import create_app
from web.cli import login
from web.cli.main import main
from web.cli.remote import Remote, address_of

GUIDES = Path(__file__).parents[3] / "docs/guides"
MARA = str(person("mara"))


class Quiet(WSGIRequestHandler):
    """A handler of requests that writes no log."""

    def log_request(self, *_: object) -> None: ...


class Both:
    """The command line on a database, and on a server of the same database."""

    def __init__(self, database: str, server: str, okr: Okr) -> None:
        self.database, self.server, self.okr = database, server, okr

    def here(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["--database", self.database, *words])

    def there(self, *words: str, **options: Any) -> Result:
        return CliRunner().invoke(main, ["--server", self.server, *words], **options)

    def logs_in(self, role: KeyRole, **fields: Any) -> UUID:
        command = CreateApiKey("Line", role, **fields)
        by = UUID(ADA if self.is_small else MARA)
        made = self.okr.execute(command, Context(by, "x", origin="cli"))
        assert made.id is not None
        assert made.secret is not None
        login.keep(address_of(self.server), made.secret)
        return made.id

    @property
    def is_small(self) -> bool:
        return UUID(ADA) in self.okr.directory.ids()


@contextmanager
def served(url: str, mode: Mode = Mode.OPEN) -> Iterator[Both]:
    okr = Okr(url)
    with closing(Runner(okr)) as runner:
        app = create_app(okr, Queries(okr, runner), mode=mode)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Both(url, f"http://127.0.0.1:{server.port}", okr)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
    okr.close()


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's settings lie."""
    monkeypatch.setattr(click, "get_app_dir", lambda name: str(tmp_path / "settings" / name))
    return tmp_path / "settings"


@pytest.fixture(scope="module")
def example(begun_on_sqlite: Any) -> Iterator[Both]:
    from tests.support.begun import begin_example

    with begun_on_sqlite.fresh("example", begin_example) as url, served(url) as both:
        yield both


@pytest.fixture
def small(okr: Okr) -> Iterator[Both]:
    with served(okr.database.url.render_as_string(hide_password=False)) as both:
        yield both


@pytest.fixture(scope="module")
def goals(example: Both) -> dict[str, str]:
    """Ids to ask about."""
    both = example
    board = json.loads(both.here("board", "2025-Q3", "--json").stdout)
    objective = next(each for each in board["objectives"] if "campaigns" in each["title"])
    kpi = json.loads(both.here("kpis", "list", "--json").stdout)["kpis"][0]
    return {
        "objective": objective["id"], "key_result": objective["key_results"][0]["id"],
        "team": objective["team"]["id"], "reading": kpi["reading"]["id"],
        "kpi": kpi["id"], "cycle": board["cycle"]["id"], "mara": MARA,
    }  # fmt: skip


# What is asked, by the name of each command of the line.
ASKED: dict[str, tuple[tuple[str, ...], ...]] = {
    "board": (
        ("2025-Q3",), ("2025-Q3", "--known-at", "2025-08-01"), ("{cycle}", "--at", "2025-08-01"),
    ),
    "tree": (("2025-Q3",),),
    "goal": (("{objective}",), ("{key_result}",), ("{kpi}", "--known-at", "2025-09-01")),
    "kpis list": ((), ("--known-at", "2025-09-01")),
    "plan": (("2025-Q3",),),
    "results": (("2025-Q3",),),
    "review": (("2025-Q3", "--by", "{mara}"),),
    "scoreboard": (
        ("2025-Q2", "2025-Q3", "--by", "{mara}"),
        ("2025-Q3", "--known-at", "plan-committed", "--known-at", "published", "--by", "{mara}"),
    ),
    "compare": (("2025-Q3:plan-committed", "2025-Q3:published"),),
    "actual": (("{objective}",), ("{key_result}",), ("{kpi}",)),
    "explain": (("{objective}", "--from", "2025-07-20", "--to", "2025-09-20"),),
    "replay": (("2025-Q3", "--from", "2025-07-10", "--to", "2025-07-20", "--on-track", "0.8"),),
    "history": (("{objective}", "--limit", "3"), ("2025-Q3",)),
    "people list": ((),),
    "people show": (("{mara}", "--at", "2025-08-01"),),
    "people needs": (("{mara}", "--by", "{mara}"),),
    "cycles changes-by-day": (("2025-Q3",), ("2025-Q3", "--team", "{team}", "--owner", "{mara}")),
    "cycles trends": (("2025-Q3",), ("2025-Q3", "--at", "2025-08-01")),
    "teams list": ((), ("--known-at", "2025-08-01"), ("--at", "2025-08-01")),
    "teams show": (("{team}",),),
    "cycles list": ((),),
    "cycles show": (("2025-Q3",), ("{cycle}", "--at", "2025-07-01")),
    "readings show": (("{reading}",),),
    "scoring-policy show": ((), ("--known-at", "2025-Q3:published")),
    "calendar show": ((),),
    "retention show": ((),),
    "approvals list": ((), ("--cycle", "2025-Q3")),
    "events": (("--after", "20", "--limit", "5"), ("--type", "reading", "--limit", "3")),
    "audit log": (
        ("--limit", "5", "--text", "leads"),
        ("--cycle", "2025-Q3", "--oldest-first", "--recorded-from", "2025-07-01"),
    ),
    "audit patterns": (("2025-Q3",),),
    "audit checkpoints": (("--limit", "2"),),
    "audit verifier": ((),),
    "grants list": ((), ("--at", "2026-02-13")),
    "grants who-could": (("plans", "--goal", "{objective}", "--at", "2026-02-12"),),
    "keys list": ((),),
    "objectives list": (("--cycle", "2025-Q3", "--cycle", "2025-Q2", "--sort", "title"),),
    "objectives show": (("{objective}",),),
    "key-results list": (("--text", "CUSTOMERS", "--all", "--limit", "3"),),
    "key-results show": (("{key_result}",),),
    "key-results readings": (("{key_result}", "--limit", "2"),),
    "kpis show": (("{kpi}",),),
    "kpis readings": (("{kpi}", "--all", "--limit", "1000"),),
}  # fmt: skip
QUESTIONS = [
    pytest.param(name, words, id=" ".join((name, *words)))
    for name, calls in ASKED.items()
    for words in calls
]
IN_JSON = ("board", "goal", "review", "calendar show", "audit log")
ON_THE_MACHINE_ALONE = {"import kpis"}
OTHERWISE = {
    "audit access-log",
    "audit export",
    "audit sample",
    "approvals show",
    "check-ins",
    "people export",
    "receipt",
}  # tried by themselves below


@pytest.mark.parametrize(("name", "words"), QUESTIONS)
def test_a_server_answers_what_the_database_does(
    name: str, words: tuple[str, ...], example: Both, goals: dict[str, str]
) -> None:
    require_same(example, *name.split(), *(each.format(**goals) for each in words))


@pytest.mark.parametrize("name", IN_JSON)
def test_so_it_does_in_json(name: str, example: Both, goals: dict[str, str]) -> None:
    words = [*name.split(), *(each.format(**goals) for each in ASKED[name][0]), "--json"]
    here, there = example.here(*words), example.there(*words)
    assert json.loads(there.stdout) == json.loads(here.stdout)


def require_same(both: Both, *words: str) -> None:
    here, there = both.here(*words), both.there(*words)
    assert here.exit_code == 0, here.output
    assert there.output.splitlines() == here.output.splitlines()
    assert there.exit_code == 0


def test_every_command_of_the_line_is_tried_both_ways_or_refuses_a_server() -> None:
    of_lines = {name for names in lines.COMMAND_LINE_OF.values() for name in names}
    tried = set(ASKED) | OTHERWISE
    assert of_lines | {name for name, _ in questions_of(main)} == tried | ON_THE_MACHINE_ALONE
    assert not ON_THE_MACHINE_ALONE & tried


@pytest.mark.parametrize(
    "name", sorted(lines.OF_THE_MACHINE - {"login", "logout", "demo", "completion"})
)
def test_what_is_for_the_machine_refuses_a_server(name: str, tmp_path: Path) -> None:
    command: click.Command = main
    for word in name.split():
        assert isinstance(command, click.Group)
        command = command.commands[word]
    needed = {"person": ADA, "file": str(tmp_path / "x"), "folder": str(tmp_path)}
    words = [
        needed.get(each.name or "", ADA)
        for each in command.params
        if isinstance(each, click.Argument) and each.required
    ]
    why = ["--reason", "x"] if any(each.name == "reason" for each in command.params) else []
    found = CliRunner().invoke(
        main, ["--server", "http://127.0.0.1:1", *name.split(), *words, *why]
    )
    assert found.exit_code in {1, 2}
    assert "This works on the database itself" in found.output, found.output


def test_a_key_acts_as_itself_and_is_sent_from_the_users_folder(
    small: Both, company: dict[str, str]
) -> None:
    key = small.logs_in(KeyRole.ADMINISTRATOR)
    done = small.there("people", "register", "--name", "Cleo", "--key", "one")
    assert done.exit_code == 0, done.output
    (row,) = small.okr.log.rows(small.okr.log.head() - 1, 1, ["by", "origin"])
    assert row[1:] == (str(key), "api")
    again = small.there("people", "register", "--name", "Cleo", "--key", "one")
    assert (again.stdout, again.stderr) == (done.stdout, done.stderr)


def test_who_acts_elsewhere_is_not_named_beside_a_key(
    small: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = small.logs_in(KeyRole.ADMINISTRATOR)
    monkeypatch.setenv("OKR_ES_DEFAULT_ACTOR", ADA)
    assert small.there("people", "list").exit_code == 0
    done = small.there("people", "register", "--name", "Cleo")
    assert done.exit_code == 0, done.output
    (row,) = small.okr.log.rows(small.okr.log.head() - 1, 1, ["by"])
    assert row[1:] == (str(key),)
    for words in (("people", "list"), ("people", "register", "--name", "Dora")):
        refused = small.there(*words, "--by", ADA)
        said = refused.stderr.splitlines()[-1]
        assert said == "Error: It is the key that acts, and as nobody else: leave out --by."


def test_a_receipt_is_shown_as_the_database_shows_it(small: Both) -> None:
    small.logs_in(KeyRole.ADMINISTRATOR)
    sent = small.there("people", "register", "--name", "Cleo")
    command = sent.stderr.split()[1].rstrip(",")
    for words in (("receipt", command), ("receipt", command, "--json")):
        here, there = small.here(*words), small.there(*words)
        assert (there.exit_code, there.output) == (0, here.output), there.output
    unknown = small.there("receipt", ADA)
    assert (unknown.exit_code, f"Nothing is recorded under {ADA}" in unknown.stderr) == (1, True)


def test_a_file_is_not_imported_by_a_server_and_it_is_said_what_is(tmp_path: Path) -> None:
    for name in ("kpis.csv", "map.toml"):
        (tmp_path / name).touch()
    words = ("import", "kpis", str(tmp_path / "kpis.csv"), "--map", str(tmp_path / "map.toml"))
    refused = CliRunner().invoke(main, ["--server", "http://127.0.0.1:1", *words])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "on the machine of the database" in refused.stderr
    assert "POST /api/v1/readings" in refused.stderr


def lines_of_guide(page: str) -> list[str]:
    """The lines of a guide that a server can be asked: but those of the machine, and of others."""
    found = [
        line for block in blocks(GUIDES / page) if block.language == "sh"
        for line in shell_lines(block.text) if line.startswith("okr-es ")
    ]  # fmt: skip
    of_machine = (*sorted(lines.OF_THE_MACHINE), "keys create", "audit export")
    return [line for line in found if not line.removeprefix("okr-es ").startswith(of_machine)]


@pytest.mark.parametrize(
    ("page", "role", "team", "least"),
    [("auditor.md", KeyRole.AUDITOR, None, 15), ("team-lead.md", KeyRole.LEAD, "company", 12)],
)
def test_the_lines_of_a_guide_work_from_another_machine_by_a_key(
    page: str, role: KeyRole, team: str | None, least: int, begun_on_sqlite: Any, tmp_path: Path
) -> None:
    from tests.support.begun import begin_example

    named = names_in((GUIDES / "example-company.md").read_text())
    with begun_on_sqlite.fresh("example", begin_example) as url:
        with closing(Okr(url)) as okr:
            Signer(okr).sign()
        with served(url, Mode.SIGN_IN) as both, chdir(tmp_path):
            both.logs_in(role, team_id=team and UUID(named["TEAM"]))
            asked = lines_of_guide(page)
            assert len(asked) >= least
            for line in asked:
                written = string.Template(line.partition(" > ")[0]).substitute(named)
                words = shlex.split(written)[1:]
                done = both.there(*words)
                assert done.exit_code == 0, f"{line}: {done.output}"
        if page == "auditor.md":
            assert list((tmp_path / "checkpoints-2026").glob("*.checkpoint"))


def names_in(page: str) -> dict[str, str]:
    """What a page exports, by name."""
    return dict(re.findall(r"^export (\w+)=([0-9a-f-]{36})", page, re.MULTILINE))


def test_who_has_no_key_is_told_how_to_give_one(small: Both) -> None:
    with served(small.database, Mode.SIGN_IN) as strict:
        refused = strict.there("board", "2025-Q3")
        assert refused.stderr == (
            f"Error: There is no key for {strict.server} here: "
            f"`okr-es login {strict.server}` takes one.\n"
        )


def test_a_refusal_is_one_line(small: Both) -> None:
    small.logs_in(KeyRole.ADMINISTRATOR)
    refused = small.there("grants", "give", "--person", ADA, "--role", "hr", "--reason", "x")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1] == (
        "Error: A key approves and grades nothing, gives no role, makes no key, replaces no e-mail "
        "address, sets no time for which texts are kept, records nobody's leaving or return, "
        "places and lifts no legal hold, and redacts no text."
    )


def test_an_answer_with_names_it_may_not_see_is_shown_with_ids(
    small: Both, company: dict[str, str]
) -> None:
    small.logs_in(KeyRole.INGEST_KEY, kpi_ids=(UUID(company["kpi_id"]),))
    refused = small.there("board", "2025-Q3")
    assert (refused.exit_code, refused.stderr) == (
        1, "Error: It may ask about its KPIs, and nothing else.\n",
    )  # fmt: skip


def test_the_bundle_of_a_search_is_written_to_a_file(small: Both, tmp_path: Path) -> None:
    small.here("audit", "sign")
    file = tmp_path / "bundle.zip"
    done = small.there("audit", "export", str(file), "--by", ADA)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{file.stat().st_size} bytes\n"
    assert file.read_bytes().startswith(b"PK")
    refused = small.there("audit", "export", str(tmp_path / "no.zip"), "--cycle", "2099-Q1")
    assert refused.exit_code == 1
    assert not list(tmp_path.glob("no.zip*"))


def test_a_sample_is_the_same_and_its_bundle_is_written_to_a_file(
    small: Both, tmp_path: Path
) -> None:
    small.here("audit", "sign")
    require_same(small, "audit", "sample", "--seed", "7", "--size", "4", "--cycle", "2025-Q3")
    file = tmp_path / "sample.zip"
    words = ("--seed", "7", "--size", "4", "--type", "kpi", "--bundle", str(file), "--by", ADA)
    done = small.there("audit", "sample", *words)
    assert (done.exit_code, done.stdout) == (0, f"{file.stat().st_size} bytes\n")


def test_reads_are_recorded_by_the_server_and_found_again(small: Both) -> None:
    small.there("people", "list", "--by", ADA)
    found = small.there("audit", "access-log", "--by", ADA, "--what", "people", "--json")
    (read,) = [each for each in json.loads(found.stdout)["entries"] if each["about"]][-1:]
    assert (read["what"], read["by"]["id"]) == ("people", ADA)


def test_what_is_held_about_somebody_is_printed(small: Both) -> None:
    """Each call is a look at them, so the second shows the first."""
    here = small.here("people", "export", ADA, "--by", ADA).output.splitlines()
    there = small.there("people", "export", ADA, "--by", ADA)
    assert there.exit_code == 0, there.output
    assert there.output.splitlines()[:40] == here[:40]


def test_a_request_is_shown(small: Both, company: dict[str, str]) -> None:
    asked = ("approvals", "show", company["approval_id"])
    assert small.there(*asked).output == small.here(*asked).output


class TestLogin:
    def test_a_key_is_checked_and_kept_for_the_user_alone(
        self, small: Both, own_folder: Path
    ) -> None:
        small.logs_in(KeyRole.MEMBER)
        key = login.kept()[small.server]
        login.place().unlink()
        done = CliRunner().invoke(main, ["login", small.server + "/"], input=f"{key}\n")
        file = own_folder / "okr-es" / "keys.json"
        assert done.stdout == f"the key for {small.server} is kept in {file}\n"
        assert key not in done.output
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert json.loads(file.read_text()) == {small.server: key}
        assert small.there("board", "2025-Q3").exit_code == 0
        assert CliRunner().invoke(main, ["logout", small.server]).exit_code == 0
        assert json.loads(file.read_text()) == {}
        assert CliRunner().invoke(main, ["logout", small.server]).exit_code == 1

    @pytest.mark.parametrize("key", ["", "open sesame", "okres_" + "A" * 65])
    def test_one_that_the_server_does_not_know_is_refused(
        self, key: str, small: Both, own_folder: Path
    ) -> None:
        refused = CliRunner().invoke(main, ["login", small.server], input=f"{key}\n")
        assert refused.exit_code == 1
        assert not own_folder.exists()

    def test_an_ingest_key_is_known_too(self, small: Both, company: dict[str, str]) -> None:
        small.logs_in(KeyRole.INGEST_KEY, kpi_ids=(UUID(company["kpi_id"]),))
        key = login.kept()[small.server]
        assert CliRunner().invoke(main, ["login", small.server], input=key).exit_code == 0


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://okr.example.org", "another machine"),
        ("ftp://okr.example.org", "https://HOST"),
        ("okr.example.org", "https://HOST"),
        ("https://okr.example.org/api", "https://HOST"),
        ("https://ada@okr.example.org", "no name"),
        ("https://okr.example.org:0x", "https://HOST"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str, word: str) -> None:
    found = CliRunner().invoke(main, ["--server", url, "kpis", "list"])
    assert (found.exit_code, word in found.output) == (2, True), found.output


def test_a_server_that_does_not_answer_is_said() -> None:
    found = CliRunner().invoke(main, ["--server", "http://127.0.0.1:1", "kpis", "list"])
    assert found.exit_code == 1
    assert found.stderr == "Error: http://127.0.0.1:1 does not answer: connection refused.\n"


def test_it_is_a_database_or_a_server() -> None:
    both = ["--server", "http://127.0.0.1:1", "--database", "sqlite:///x", "kpis", "list"]
    found = CliRunner().invoke(main, both)
    assert (found.exit_code, "not both" in found.output) == (2, True)


def test_a_database_that_is_named_counts_and_a_server_of_the_environment_does_not(
    small: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKR_ES_SERVER", "http://127.0.0.1:1")
    assert small.here("kpis", "list").exit_code == 0


def test_over_tls_the_certificate_and_its_name_are_verified() -> None:
    connection = Remote(address_of("https://okr.example.org:8443"), None).connection()
    assert isinstance(connection, HTTPSConnection)
    trusted = vars(connection)["_context"]
    assert (trusted.verify_mode, trusted.check_hostname) == (ssl.CERT_REQUIRED, True)
