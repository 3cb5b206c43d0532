"""Every command of the command line that changes something can be tried out first."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import click
import pytest

from okr_es.application import Okr
from okr_es.commands import CreateApiKey, GrantRole, RenameTeam
from okr_es.context import Context
from okr_es.domain.api_key import KeyRole
from okr_es.domain.values import Role
from okr_es.evidence.signer import Signer
from tests.support.tried import everything
from tests.web.cli.test_main import call
from tests.web.conftest import ADA, BO
from web.cli.main import main

ROOT = Path(__file__).parents[3]
WHY = ("--reason", "It has to be.")

GRANT = "00000000-0000-4000-8000-00000000000f"
API_KEY = "00000000-0000-4000-8000-0000000000ae"

# What is called, once the company stands, and a word of what is then said.
CALLS: dict[tuple[str, ...], tuple[tuple[str, ...], str]] = {
    ("people", "register"): (("Cleo", "--email", "cleo@example.org"), "person.registered"),
    ("people", "rename"): ((BO, "Bosse"), "person.renamed"),
    ("people", "email"): ((BO, "bo@example.org"), "person.email_replaced"),
    ("people", "deputy"): ((BO, ADA, "--to", "2030-01-31"), "person.deputy_named"),
    ("people", "deactivate"): ((BO,), "person.deactivated"),
    ("people", "reactivate"): ((BO,), "person.reactivated"),
    ("people", "erase"): ((BO, "--legal-ground", "Article 17", *WHY), "person.erased"),
    ("people", "hold"): ((BO, "--matter", "T 1-25", *WHY), "person.hold_placed"),
    ("people", "redact"): (("{position}", "--legal-ground", "unlawful", *WHY), "text.redacted"),
    ("people", "release"): ((BO, "--matter", "T 0-25", *WHY), "person.hold_lifted"),
    ("people", "figures"): (("hr_too", *WHY), "people_figures.chosen"),
    ("admin", "grant"): ((BO, *WHY), "grant.given"),
    ("grants", "give"): ((BO, "hr", *WHY), "grant.given"),
    ("grants", "reschedule"): ((GRANT, "--to", "2035-01-31", *WHY), "grant.rescheduled"),
    ("grants", "end"): ((GRANT, *WHY), "grant.ended"),
    ("keys", "create"): (("Lake", "--role", "member", *WHY), "api_key.created"),
    ("keys", "revoke"): ((API_KEY, *WHY), "api_key.revoked"),
    ("clock", "accept"): (WHY, "clock.accepted"),
    ("retention", "set"): (("--person-texts", "3", *WHY), "retention.chosen"),
    ("cycles", "require-approval"): (("2025-Q3", "--of", "closing"), "approval_required"),
    ("approvals", "approve"): (("{approval_id}",), "approval.approved"),
    ("approvals", "refuse"): (("{approval_id}", *WHY), "approval.refused"),
    ("approvals", "withdraw"): (("{own_request_id}",), "approval.withdrawn"),
    ("check-in",): (("{key_result_id}", "410", "-c", "7"), "reading.checked_in"),
    ("calendar", "set"): (("--working-day", "monday", *WHY), "calendar.revised"),
    ("audit", "rotate-key"): (WHY, "signing_key.adopted"),
}


def with_dry_run(
    group: click.Group, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Each command, and whether it has the option."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from with_dry_run(command, (*above, name))
        else:
            options = {option for each in command.params for option in each.opts}
            yield (*above, name), "--dry-run" in options


def test_each_of_them_is_called_here() -> None:
    there = {words for words, has in with_dry_run(main) if has}
    tried_elsewhere = {("import", "kpis"), ("grants", "end-orphaned")}
    assert there == CALLS.keys() | tried_elsewhere


def test_commands_are_executed_in_one_place() -> None:
    """So none forgets that it may be a dry run."""
    found = {
        path.name: path.read_text().count(".execute(") for path in ROOT.glob("web/cli/**/*.py")
    }
    assert {name for name, times in found.items() if times} == {"receipts.py"}


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_it_says_what_would_be_recorded_and_leaves_nothing(
    words: tuple[str, ...], okr: Okr, company: dict[str, str]
) -> None:
    url = okr.database.url.render_as_string(hide_password=False)
    by = ("--database", url, *words, "--by", ADA)
    call("--database", url, "people", "hold", BO, "--matter", "T 0-25", *WHY, "--by", ADA)
    Signer(okr).sign()
    if words in {("grants", "reschedule"), ("grants", "end")}:
        given = GrantRole(UUID(BO), Role.LEAD, UUID(company["team_id"]), id=UUID(GRANT))
        okr.execute(given, Context(UUID(ADA), "It has to be."))
    if words == ("keys", "revoke"):
        made = CreateApiKey("Lake", KeyRole.MEMBER, id=UUID(API_KEY))
        okr.execute(made, Context(UUID(ADA), "It has to be."))
    if words == ("people", "reactivate"):
        call("--database", url, "people", "deactivate", BO, "--by", ADA)
    if words == ("people", "erase"):
        call("--database", url, "people", "release", BO, "--matter", "T 0-25", *WHY, "--by", ADA)
    if words == ("people", "redact"):
        renamed = RenameTeam(UUID(company["team_id"]), "Other")
        okr.execute(renamed, Context(UUID(ADA), "Cem was ill."))
    options, word = CALLS[words]
    named = company | {"position": str(okr.log.head())}
    options = tuple(each.format(**named) for each in options)
    before = everything(okr)
    tried = call(*by, *options, "--dry-run")
    assert (tried.exit_code, everything(okr) == before) == (0, True), tried.output
    first, second, *_ = tried.stdout.splitlines()
    assert first == "dry run: nothing is recorded"
    assert second.startswith("would record ")
    assert word in tried.stdout
    done = call(*by, *options)
    assert done.exit_code == 0, done.output
    assert everything(okr) != before


@pytest.fixture
def url(okr: Okr) -> str:
    return okr.database.url.render_as_string(hide_password=False)


def test_fields_stand_below_the_event(url: str, company: dict[str, str]) -> None:
    options = ("cycles", "require-approval", "2025-Q3", "--of", "closing", "--by", ADA, "--dry-run")
    found = call("--database", url, *options)
    cycle_id = json.loads(call("--database", url, *options, "--json").stdout)
    about = cycle_id["would_record"][0]["about"]
    assert found.stdout.splitlines() == [
        "dry run: nothing is recorded",
        f"would record cycle.approval_required: cycle {about['id']} 2025-Q3",
        '    of: ["closing"]',
    ]


def test_it_says_that_nothing_would_have_to_change(url: str) -> None:
    options = ("cycles", "require-approval", "2025-Q4", "--of", "closing", "--by", ADA, "--dry-run")
    assert call("--database", url, *options).stdout.splitlines() == [
        "dry run: nothing is recorded",
        "nothing would have to change",
    ]


def test_it_is_refused_as_the_command_would_be(url: str) -> None:
    options = ("people", "hold", ADA, "--matter", " ", *WHY, "--by", ADA)
    tried, done = (call("--database", url, *options, *more) for more in (("--dry-run",), ()))
    assert (tried.exit_code, tried.output) == (1, done.output.partition("\n")[2])


def test_it_makes_no_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/okr.db"
    tried = call("--database", url, "people", "register", "Ada", "--dry-run")
    assert (tried.exit_code, "There is no database" in tried.output) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_that_of_an_import_leaves_nothing_either(okr: Okr, url: str, tmp_path: Path) -> None:
    file, map_ = tmp_path / "kpis.csv", tmp_path / "map.toml"
    file.write_text("KPI,Year,Target,Actual\nUptime,2024,99,98\n")
    map_.write_text(
        '[columns]\nname = "KPI"\nyear = "Year"\ntarget = "Target"\nactual = "Actual"\n'
        '[defaults]\ndirection = "at_least"\nunit = "%"\nsource = "Books"\ncadence = "yearly"\n'
    )
    call_ = ("--database", url, "import", "kpis", str(file), "--map", str(map_), "--by", ADA)
    before = everything(okr)
    tried = call(*call_, "--dry-run")
    assert (tried.exit_code, everything(okr) == before) == (0, True), tried.output
    assert call(*call_).exit_code == 0
    assert everything(okr) != before
