"""The scoreboard of any history is what the log says, and what the reviews of its columns say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from okr_es.domain.people_figures import PeopleFiguresChoice
from okr_es.domain.refusals import Refusal
from okr_es.domain.values import PeopleFigures
from projections.queries import Queries
from tests.support.as_of_answers import oracle_of, points
from tests.support.oracle import Oracle
from tests.support.random_history import CYCLES, PEOPLE, Told
from tests.support.scoreboard_oracle import CycleOracle, as_shown, moved

Every = Callable[..., None]
MANY = {"sqlite": 12, "postgresql": 2}
# What happened is told by the day it happened on; it is looked for in the total of all alone.
HAPPENED = ("counts",)


def moments(told: Told, oracle: Oracle, point: Any) -> list[str | None]:
    """Now, and a moment that both cycles can be asked about, if it is one."""
    text = point and point.text(oracle)
    if text is None:
        return [None]
    try:
        for cycle in CYCLES:
            CycleOracle(oracle, cycle, text).cycle  # noqa: B018
    except (Refusal, KeyError):
        return [None]
    return [None, text]


def test_it_is_what_the_log_says(every_history: Every) -> None:
    def holds(told: Told, point: Any) -> None:
        oracle, queries = oracle_of(told), Queries(told.okr, told.runner).for_viewer(PEOPLE[0])
        for text in moments(told, oracle, point):
            asked = [] if text is None else [text]
            found = queries.scoreboard(CYCLES, asked)
            columns = [CycleOracle(oracle, cycle, text) for cycle in CYCLES]
            totals = [each.of_all() for each in columns]
            assert [without_more(each) for each in found["total"]["totals"]] == [
                as_shown(each) for each in totals
            ]
            agrees(found["total"]["changes"], totals)
            for team in found["teams"]:
                id_ = team["team"]["id"]
                agrees_but_for_counts(team, [each.of_team(id_) for each in columns])
            shown = shown_people(oracle)
            for person in map(str, PEOPLE):
                expected = [each.of_person(person) for each in columns] if person in shown else []
                rows = [each for each in found["people"] if each["person"]["id"] == person]
                if any(expected):
                    agrees_but_for_counts(rows[0], expected)
                else:
                    assert rows == []

    every_history(holds, MANY, point=points)


def shown_people(oracle: Oracle) -> set[str]:
    """Whose figures the first person is shown."""
    chosen = [
        fact.event.people_figures
        for fact in oracle.log
        if isinstance(fact.event, PeopleFiguresChoice.Chosen | PeopleFiguresChoice.Replaced)
    ]
    match [PeopleFigures.OWN_AND_LEADS, *chosen][-1]:
        case PeopleFigures.OFF:
            return set()
        case PeopleFigures.HR_TOO:
            return set(map(str, PEOPLE))
    return {str(PEOPLE[0])}


def without_more(total: Any) -> Any:
    """A total without what others look for: discipline, and targets made easier."""
    counts = {
        name: value
        for name, value in total["counts"].items()
        if name not in ("discipline", "eased_targets")
    }
    return total | {"counts": counts}


def agrees_but_for_counts(row: Any, expected: list[Any]) -> None:
    """What came out of the goals of a team or person is what the log says, side by side."""
    found = [
        each and {k: v for k, v in each.items() if k not in HAPPENED} for each in row["totals"]
    ]
    assert found == [each and as_shown(each) for each in expected]
    agrees(row["changes"], expected)


def agrees(changes: list[Any], totals: list[Any]) -> None:
    """The change from each column to the next is that of the exact figures."""
    assert changes[0] is None
    for number, found in enumerate(changes[1:], 1):
        expected = moved(totals[number - 1], totals[number])
        assert same(found, expected), (found, expected)


def same(found: Any, expected: Any) -> bool:
    """Whether all that is expected was found; numbers are the same, however they are written."""
    if isinstance(expected, dict):
        return all(same(found[name], value) for name, value in expected.items())
    return (Fraction(found) if isinstance(found, Decimal) else found) == expected


def test_it_is_what_the_reviews_say(every_history: Every) -> None:
    def holds(told: Told, point: Any) -> None:
        oracle, queries = oracle_of(told), Queries(told.okr, told.runner).for_viewer(PEOPLE[0])
        for text in moments(told, oracle, point):
            found = queries.scoreboard(CYCLES, [] if text is None else [text])
            for number, cycle in enumerate(CYCLES):
                review = queries.review(cycle, known_at=text)
                assert found["total"]["totals"][number] == review["total"]
                for kind, name in (("teams", "team"), ("people", "person")):
                    expected = {each[name]["id"]: total_of(each) for each in review[kind]}
                    rows = {each[name]["id"]: each["totals"][number] for each in found[kind]}
                    assert {id_: row for id_, row in rows.items() if row} == expected

    every_history(holds, MANY, point=points)


def total_of(summary: Any) -> Any:
    """The total in a summary."""
    lists = ("ended_with", "handed_on", "team", "person")
    return {name: value for name, value in summary.items() if name not in lists}


def test_targets_made_easier_are_those_that_an_auditor_finds(every_history: Every) -> None:
    def holds(told: Told) -> None:
        queries = Queries(told.okr, told.runner)
        for cycle in CYCLES:
            column = queries.scoreboard([cycle])["columns"][0]
            then = str(column["position"])
            total = queries.review(cycle, known_at=then)["total"]
            counts = queries.patterns(cycle, known_at=then)["counts"]
            assert total["counts"]["eased_targets"] == counts["lowered_target"]

    every_history(holds, MANY)


def test_a_team_alone_is_what_it_is_among_all(every_history: Every) -> None:
    def holds(told: Told) -> None:
        queries = Queries(told.okr, told.runner)
        found = queries.scoreboard(CYCLES)
        for team in found["teams"]:
            alone = queries.scoreboard(CYCLES, team_id=UUID(team["team"]["id"]))
            (row,) = [each for each in alone["teams"] if each["team"] == team["team"]]
            assert row == team
            assert alone["total"] is None

    every_history(holds, MANY)


@pytest.mark.parametrize("every_history", ["sqlite"], indirect=True)
def test_the_histories_have_figures(every_history: Every) -> None:
    """Were all of them 0, the properties above would hold of nothing."""
    seen: set[str] = set()

    def holds(told: Told) -> None:
        found = Queries(told.okr, told.runner).scoreboard(CYCLES)
        for total in found["total"]["totals"]:
            seen.update(name for name, value in total.items() if value not in (0, None))
            seen.update(name for name, value in total["counts"].items() if value)

    every_history(holds, MANY)
    assert {"objectives", "key_results", "given_up", "retargets", "corrections"} <= seen, seen
