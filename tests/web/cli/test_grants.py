"""Roles on the command line: the first administrator, grants, and who could do what."""

import json
from typing import Any

import pytest

from okr_es.application import Okr
from okr_es.domain.values import Role
from okr_es.example.naming import person, team
from tests.web.cli.test_history import Asks, as_json, asks, output
from tests.web.cli.test_people import Line, line
from tests.web.conftest import ADA

__all__ = ["asks", "line"]

WHY = ("--reason", "So we decided.")


def grants(line: Line, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(line.done("grants", "list", "--json", *words))[
        "grants"
    ]
    return found


def test_the_first_administrator_makes_themselves_one_on_the_machine(line: Line, okr: Okr):
    said = line.done("admin", "grant", ADA, *WHY)
    (grant,) = grants(line)
    assert said == f"grant {grant['id']}"
    assert (grant["person"]["id"], grant["role"], grant["ends"]) == (ADA, "administrator", None)
    (row,) = okr.log.rows(okr.log.head() - 1, 1, ["origin", "by"])
    assert (row[1], row[2]) == ("cli", ADA)


def test_on_the_machine_somebody_else_makes_the_first_one_too(line: Line, okr: Okr):
    line.done("grants", "give", "--person", line.bo, "--role", "administrator", *WHY, "--by", ADA)
    assert okr.log.rows(okr.log.head() - 1, 1, ["origin", "by"])[0][1:] == ("cli", ADA)


def test_the_second_is_made_by_the_first_and_by_nobody_else(line: Line):
    line.done("admin", "grant", ADA, *WHY)
    refused = "Error: Nobody gives a role to themselves.\n"
    assert line.refused("admin", "grant", line.bo, *WHY) == refused
    line.done("admin", "grant", line.bo, *WHY, "--by", ADA)
    assert len(grants(line, "--role", "administrator")) == 2


def test_a_role_is_given_gets_another_last_day_and_ends(line: Line, company: dict[str, str]):
    line.done("admin", "grant", ADA, *WHY)
    by = (*WHY, "--by", ADA)
    given = line.done(
        "grants", "give", "--person", line.bo, "--role", "lead", "--team", "ACME", "--starts",
        "2030-01-01", "--ends", "2030-12-31", *by,
    )  # fmt: skip
    (listed,) = line.done("grants", "list", "--person", line.bo).splitlines()
    short, _, said = listed.partition("  ")
    assert given.startswith(short)
    assert said == "Bo: lead of Acme from 2030-01-01 to 2030-12-31  (does not hold)"
    line.done("grants", "reschedule", given, "--no-ends", *by)
    assert "from 2030-01-01  (does" in line.done("grants", "list", "--person", line.bo)
    line.done("grants", "end", given, "--effective", "2031-01-01", *by)
    (found,) = grants(line, "--team", company["team_id"])
    assert (found["starts"], found["ends"]) == ("2030-01-01", "2030-12-31")


@pytest.mark.parametrize("words", [(), ("--no-ends", "--ends", "2030-01-01")])
def test_a_last_day_or_none_is_named(words: tuple[str, ...], line: Line):
    found = line.call("grants", "reschedule", ADA, *words, *WHY, "--by", ADA)
    assert (found.exit_code, "--ends" in found.stderr) == (2, True)


def test_the_roles_of_the_example_are_listed(asks: Asks):
    listed = output(asks, "grants", "list", "--at", "2026-02-13").splitlines()
    said = sorted(each.partition("  ")[2] for each in listed)
    assert said[0] == "Hanne Dahlgaard: lead of Inbound Leads from 2026-02-11 to 2026-03-31"
    assert (
        said[1] == "Ines Carvalho: auditor of the organisation from 2026-02-11, for review of 2025"
    )
    assert said[-1] == "Yuki Tanabe: lead of Product from 2026-02-11"
    assert len(listed) == 8
    assert output(asks, "grants", "list", "--at", "2026-02-10").strip() == ""


def test_who_tries_the_example_finds_somebody_with_each_role_on_whatever_day(asks: Asks):
    found = json.loads(output(asks, "grants", "list", "--at", "2099-01-01", "--json"))["grants"]
    assert {each["role"] for each in found} == set(Role)


def test_who_could_is_shown_by_name_and_role(asks: Asks):
    web, at = str(team("web")), ("--at", "2026-02-13")
    found = output(asks, "grants", "who-could", "plans", "--part", "grade", "--team", web, *at)
    assert sorted(found.splitlines()) == [
        "Mara Lindqvist: lead of Kestrelly (subtree, not own grade alone)",
        "Yuki Tanabe: lead of Product (subtree, not own grade alone)",
    ]
    answer = as_json(asks, "grants", "who-could", "cycles", *at)
    assert {each["person"]["id"] for each in answer["people"]} == {
        str(person("samir")), str(person("olek")),
    }  # fmt: skip
    before = as_json(asks, "grants", "who-could", "cycles", "--at", "2026-02-10")
    assert before["people"] == []
