"""Groups at a provider give roles, by events, as somebody signs in, and end them."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from okr_es import commands as c
from okr_es.domain.values import Role
from okr_es.operations.doctor.findings import Patient
from tests.support.identity_provider import IdentityProvider
from tests.web.conftest import ADA, BO
from tests.web.oidc.conftest import Signing
from web.cli.main import main
from web.oidc.check import check_providers
from web.oidc.orphans import orphaned
from web.oidc.providers import Provider, read_providers
from web.oidc.roles import grants_of
from web.oidc.rules import Rule, groups_of
from web.settings import Unusable

TEAM = UUID(int=0x7EA)
VERIFIED = {"email": "bo@example.org", "email_verified": True}
RULES = (
    Rule("admins", Role.ADMINISTRATOR),
    Rule("sales-leads", Role.LEAD, TEAM),
    Rule("more-leads", Role.LEAD, TEAM),
    Rule("auditors", Role.AUDITOR, purpose="audit 2025"),
    Rule("ghosts", Role.LEAD, UUID(int=0xDEAD)),
)


@pytest.fixture
def signing(sqlite_url: str, providers: dict[str, IdentityProvider]) -> Iterator[Signing]:
    """Bo signs in at providers whose groups give roles; Ada is administrator."""
    signing = Signing(sqlite_url, providers, roles=RULES)
    with closing(signing.site) as site:
        site.execute(c.FormTeam("Sales", id=TEAM))
        site.execute(c.ReplaceEmail(UUID(BO), "bo@example.org"))
        first = c.GrantRole(UUID(ADA), Role.ADMINISTRATOR)
        site.execute(first, origin="cli", reason="Runs the machine.")
        yield signing


def signs_in(signing: Signing, *groups: str) -> None:
    assert signing.signs_in("bo", groups=list(groups), **VERIFIED).status_code == 303


def held(signing: Signing) -> list[tuple[Role, UUID | None]]:
    """The roles that Bo has today."""
    okr = signing.site.okr
    theirs = [each for each in grants_of(okr, UUID(BO)) if each.holds_on(okr.today())]
    return sorted((each.role, each.team_id) for each in theirs)


def events(signing: Signing) -> int:
    return signing.site.okr.log.head()


def last_events(signing: Signing, count: int) -> list[tuple[Any, ...]]:
    rows = signing.site.okr.database.rows(
        'SELECT type, "by", origin FROM events ORDER BY position DESC LIMIT :count',
        {"count": count},
    )
    return [(kind, str(by), origin) for kind, by, origin in rows]


def test_a_group_gives_its_role_once(signing: Signing) -> None:
    signs_in(signing, "sales-leads", "others")
    assert held(signing) == [(Role.LEAD, TEAM)]
    assert last_events(signing, 1) == [("grant.given", BO, "page")]
    before = events(signing)
    signs_in(signing, "sales-leads", "more-leads")
    assert events(signing) == before, "nothing has changed"


def test_what_no_group_gives_any_more_ends_and_comes_back(signing: Signing) -> None:
    signs_in(signing, "sales-leads", "admins")
    assert held(signing) == [(Role.ADMINISTRATOR, None), (Role.LEAD, TEAM)]
    signs_in(signing, "admins")
    assert held(signing) == [(Role.ADMINISTRATOR, None)]
    assert last_events(signing, 1) == [("grant.ended", BO, "page")]
    for _ in range(2):
        signs_in(signing)
        assert held(signing) == []
        signs_in(signing, "sales-leads")
        assert held(signing) == [(Role.LEAD, TEAM)]


def test_the_reason_names_the_group(signing: Signing) -> None:
    signs_in(signing, "auditors")
    from projections.queries import Queries

    (entry, *_) = Queries(signing.site.okr, signing.site.runner).audit_log()["entries"]
    assert (entry["type"], entry["reason"]) == ("grant.given", "By the group auditors at First.")


def test_what_people_gave_is_left_alone(signing: Signing) -> None:
    grant = c.GrantRole(UUID(BO), Role.LEAD, TEAM)
    signing.site.execute(grant, reason="Leads sales.")
    before = events(signing)
    for groups in (["sales-leads"], []):
        signs_in(signing, *groups)
        assert held(signing) == [(Role.LEAD, TEAM)]
    assert events(signing) == before


def test_the_last_administrator_stays_and_signs_in(
    signing: Signing, caplog: pytest.LogCaptureFixture
) -> None:
    signs_in(signing, "admins")
    (adas,) = grants_of(signing.site.okr, UUID(ADA))
    signing.site.execute(c.EndGrant(adas.id), reason="Bo does it.")
    signs_in(signing)
    assert held(signing) == [(Role.ADMINISTRATOR, None)]
    assert "first could not be followed: EndGrant" in caplog.text


def test_what_cannot_be_given_is_logged_and_the_others_are(
    signing: Signing, caplog: pytest.LogCaptureFixture
) -> None:
    signs_in(signing, "ghosts", "sales-leads", "auditors")
    assert held(signing) == [(Role.LEAD, TEAM)], "nobody audits what they may change"
    assert caplog.text.count("first could not be followed: GrantRole") == 2


def test_no_provider_makes_the_first_administrator(
    sqlite_url: str, providers: dict[str, IdentityProvider]
) -> None:
    signing = Signing(sqlite_url, providers, roles=RULES)
    with closing(signing.site) as site:
        site.execute(c.ReplaceEmail(UUID(BO), "bo@example.org"))
        signs_in(signing, "admins")
        assert held(signing) == []


def test_of_two_providers_each_ends_its_own(signing: Signing) -> None:
    signs_in(signing, "sales-leads")
    browser = signing.site.browser()
    second = signing.providers["second"]
    back = second.send_back(signing.leaves(browser, "second"), "bo-2", groups=[], **VERIFIED)
    assert signing.comes_back(browser, back, "second").status_code == 303
    assert held(signing) == [(Role.LEAD, TEAM)]


def provider(name: str, *rules: Rule) -> Provider:
    return Provider(name, name.title(), "https://id.example", "okr", roles=rules)


def test_a_role_of_a_provider_that_is_gone_or_has_no_rule_for_it_is_orphaned(
    signing: Signing,
) -> None:
    signs_in(signing, "sales-leads", "admins")
    okr, by_name = signing.site.okr, provider("first", *RULES)

    def left(*providers: Provider) -> set[Role]:
        return {each.role for each in orphaned(okr.database, okr.today(), providers)}

    assert left(by_name) == set()
    assert left() == left(provider("renamed", *RULES)) == {Role.LEAD, Role.ADMINISTRATOR}
    assert left(provider("first", RULES[0])) == {Role.LEAD}
    assert left(provider("first", RULES[0]), provider("second", *RULES)) == {Role.LEAD}
    signs_in(signing)
    assert left() == set(), "they have ended"


def test_what_people_gave_is_never_orphaned(signing: Signing) -> None:
    signing.site.execute(c.GrantRole(UUID(BO), Role.LEAD, TEAM), reason="x", origin="page")
    okr = signing.site.okr
    assert orphaned(okr.database, okr.today(), []) == []


def test_orphaned_roles_are_ended_on_a_word_and_the_doctor_says_how_many(
    signing: Signing, tmp_path: Any
) -> None:
    signs_in(signing, "sales-leads", "admins")
    okr = signing.site.okr
    url = okr.database.url.render_as_string(hide_password=False)
    patient = Patient(url, {})  # by the clock of the machine, as the command line
    said = [message for _, message in check_providers(patient)]
    assert said[1] == (
        "2 roles came from a group that gives none any more: `okr-es grants end-orphaned`."
    )
    line = ["--database", url, "grants", "end-orphaned", "--by", ADA, "--reason", "It is gone."]
    run = CliRunner().invoke
    assert run(main, line).exit_code == 2, "neither a file nor --none"
    assert run(main, [*line, "--none", "--dry-run"]).stdout.count("would end: ") == 2
    assert held(signing) == [(Role.ADMINISTRATOR, None), (Role.LEAD, TEAM)]
    assert run(main, [*line, "--none"]).stdout.count("ended: ") == 2
    assert last_events(signing, 5).count(("grant.ended", ADA, "cli")) == 2
    assert run(main, [*line, "--none"]).stdout == "nothing to end\n"
    assert [message for _, message in check_providers(patient)] == said[:1]
    patient.close()


def test_the_last_administrator_is_left_and_named(signing: Signing) -> None:
    signs_in(signing, "admins")
    okr = signing.site.okr
    (adas,) = grants_of(okr, UUID(ADA))
    signing.site.execute(c.EndGrant(adas.id), reason="Bo does it.")
    url = okr.database.url.render_as_string(hide_password=False)
    line = ["--database", url, "grants", "end-orphaned", "--none", "--by", ADA, "--reason", "x"]
    done = CliRunner().invoke(main, line)
    assert (done.exit_code, done.stdout.count("NOT ended: ")) == (1, 1)
    assert held(signing) == [(Role.ADMINISTRATOR, None)]


@pytest.mark.parametrize(
    ("claims", "claim", "groups"),
    [
        ({"groups": ["a", "b", 7]}, "groups", {"a", "b"}),
        ({"groups": "a"}, "groups", {"a"}),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", {"a"}),
        ({"https://example.org/groups": ["a"]}, "https://example.org/groups", {"a"}),
        ({"groups": {"a": 1}}, "groups", set()),
        ({}, "groups", set()),
        ({"realm_access": ["roles"]}, "realm_access.roles", set()),
    ],
    ids=["list", "text", "in a claim", "with dots", "no list", "nothing", "no claim in it"],
)
def test_groups_are_read_from_a_claim(claims: dict[str, Any], claim: str, groups: set[str]) -> None:
    assert groups_of(claims, claim) == groups


WRONG = {
    'group = "a"': "a list of tables with group, role",
    'group = "a"\nrole = "boss"': "a role that there is",
    'group = "a"\nrole = "lead"': "team_id is needed",
    'group = "a"\nrole = "lead"\nteam = "sales"': "the id of a team",
    'group = "a"\nrole = "hr"\npurpose = "x"': "nobody else has one",
    'group = "a"\nrole = "hr"\nteams = "x"': "a list of tables with group, role",
    'group = 7\nrole = "hr"': "all texts",
}


def test_rules_are_read_from_the_file_or_named(tmp_path: Any) -> None:
    file = tmp_path / "providers.toml"
    least = '[providers.a]\nissuer = "https://a.example"\nclient_id = "b"\n'
    file.write_text(f'{least}groups_claim = "g"\n[[providers.a.roles]]\ngroup = "a"\nrole = "hr"\n')
    provider = read_providers(file)["a"]
    assert (provider.groups_claim, provider.roles) == ("g", (Rule("a", Role.HR),))
    for rule, message in WRONG.items():
        file.write_text(f"{least}[[providers.a.roles]]\n{rule}\n")
        with pytest.raises(Unusable, match=f"providers.a.roles must be .*{message}"):
            read_providers(file)
