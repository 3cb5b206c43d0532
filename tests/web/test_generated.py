"""What a generator makes up, as each role, in short: `make faults` makes more of it up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from okr_es.access.rights import Line
from tests.faults.generated import (
    EVERYBODY,
    STRANGER,
    Asked,
    asks,
    blind,
    described,
    everything,
    made_up,
    of_question,
    tallies,
)
from tests.faults.matrix import World, changed, world
from tests.support.begun import Begun
from tests.support.company_of_roles import begin_roles
from tests.web import test_rights_of_questions as questions

EVERY = 12  # of the operations


@pytest.fixture(scope="module")
def of(begun_on_sqlite: Begun) -> Iterator[World]:
    with begun_on_sqlite.fresh("company of roles", begin_roles) as url, world(url) as found:
        yield found


@pytest.fixture(scope="module")
def made(of: World) -> list[Asked]:
    return list(everything(of, 1, EVERY))


def test_no_role_is_agreed_to_what_the_table_refuses_it_and_nothing_fails(
    of: World, made: list[Asked]
) -> None:
    head = of.people.okr.log.head()
    found = tallies(asks(of), made)
    assert [wrong for each in found.values() for wrong in each.wrong] == []
    assert {who for who, each in found.items() if each.agreed} >= {"member", "administrator"}
    assert not found[STRANGER].agreed
    assert of.people.okr.log.head() == head


def test_each_role_finds_a_server_that_agrees_to_all_or_fails_at_all(made: list[Asked]) -> None:
    assert blind(made) == []
    assert {each.who for each in made} == set(EVERYBODY)


def test_a_wrong_cell_is_found(of: World) -> None:
    (patterns,) = [each for each in questions.CASES if each.address.endswith("/patterns")]
    cases = made_up(described(of)["GET", questions.bare(patterns.address)], 1)
    all_asked = list(of_question(patterns, cases))
    assert tallies(asks(of), all_asked)["hr"].wrong == []
    with changed(Line.AUDIT, "hr", "yes"):
        assert tallies(asks(of), all_asked)["hr"].wrong != []
