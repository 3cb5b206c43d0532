"""The scoreboard of any history is what the log says, and what the reviews of its columns say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st

from okr_es import commands as c
from okr_es.domain.people_figures import PeopleFiguresChoice
from okr_es.domain.refusals import Refusal
from okr_es.domain.values import PeopleFigures
from projections.queries import Queries
from projections.retrospect import reviewed, scoreboard_kpis
from projections.retrospect.discipline import Reads
from projections.retrospect.people_figures import Shown
from tests.support.as_of_answers import oracle_of, points
from tests.support.happened_oracle import WhatHappened
from tests.support.oracle import Oracle
from tests.support.random_history import (
    CYCLES,
    KPIS,
    PEOPLE,
    Told,
    clocks,
    days,
    definitions,
    redefinitions,
    span_targets,
    these,
    values,
    weighted,
)
from tests.support.scoreboard_kpi_oracle import change, in_cycle
from tests.support.scoreboard_oracle import CycleOracle, as_shown, moved

Every = Callable[..., None]
Row = dict[str, Any]
MANY = {"sqlite": 12, "postgresql": 2}
FEW = 5  # of fewer owners others are shown no discipline


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


def totals_are_told(told: Told, point: Any) -> None:
    """The totals of all, of teams and of people are what the log says."""
    oracle, queries = oracle_of(told), Queries(told.okr, told.runner).for_viewer(PEOPLE[0])
    shown = shown_people(oracle)
    for text in moments(told, oracle, point):
        found = queries.scoreboard(CYCLES, [] if text is None else [text])
        columns = [Column(oracle, cycle, text) for cycle in CYCLES]
        agrees(found["total"], [each.of_all() for each in columns])
        for team in found["teams"]:
            agrees(team, [each.of_team(team["team"]["id"]) for each in columns])
        for person in map(str, PEOPLE):
            expected = [each.of_person(person) for each in columns] if person in shown else []
            rows = [each for each in found["people"] if each["person"]["id"] == person]
            if any(expected):
                agrees(rows[0], expected)
            else:
                assert rows == []


def test_it_is_what_the_log_says(every_history: Every) -> None:
    every_history(totals_are_told, MANY, point=points)


IN_ITS_SPAN = date(2025, 7, 28)  # the last day of the first KPI's
# What happens to KPIs, most to two of them, and days that pass.
FEW_KPIS = st.sampled_from([UUID(int=0), UUID(int=1)])
MORE_OF_KPIS = st.lists(
    weighted(
        (9, st.builds(c.RecordReading, FEW_KPIS, days, values)), (2, redefinitions),
        (2, definitions), (1, clocks), (2, st.builds(c.SetKpiTarget, these, span_targets)),
    ),
    min_size=10,
    max_size=30,
)  # fmt: skip


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


class Column:
    """The totals of a column with what happened, as the first person is shown them."""

    def __init__(self, oracle: Oracle, cycle: UUID, known_at: str | None) -> None:
        self.found = CycleOracle(oracle, cycle, known_at)
        self.happened = WhatHappened(self.found)

    def of_all(self) -> Row:
        counts = self.shown(self.happened.of_all(), self.owners())
        return self.found.of_all() | {"counts": counts}

    def of_team(self, team: str) -> Row | None:
        total = self.found.of_team(team)
        counts = self.shown(self.happened.of_team(team), self.owners(team))
        return total and total | {"counts": counts}

    def of_person(self, person: str) -> Row | None:
        total = self.found.of_person(person)
        return total and total | {"counts": self.happened.of_person(person)}

    def owners(self, team: str | None = None) -> set[str]:
        """Who had goals, or goals of a team while they were its own."""
        found = self.found
        return {
            found.held(id_, day)["owner"]
            for id_ in found.goals
            for day in self.happened.days(id_)
            if team is None or team in found.teams(id_, day)
        }

    def shown(self, counts: Row, owners: set[str]) -> Row:
        """What happened, with readings that were due if the first person is shown those."""
        is_shown = len(owners) >= FEW or str(PEOPLE[0]) in owners
        return counts if is_shown else counts | {"discipline": None}


def agrees(row: Any, expected: list[Any]) -> None:
    """Totals, and the change from each column to the next, are what the log says, side by side.

    Targets made easier are looked for elsewhere.
    """
    assert [without_eased(each) for each in row["totals"]] == [
        each and as_shown(each) for each in expected
    ]
    assert row["changes"][0] is None
    for number, found in enumerate(row["changes"][1:], 1):
        by = moved(expected[number - 1], expected[number])
        assert same(found, by), (found, by)


def without_eased(total: Any) -> Any:
    """A total without the targets made easier."""
    if total is None:
        return None
    counts = {name: value for name, value in total["counts"].items() if name != "eased_targets"}
    return total | {"counts": counts}


def same(found: Any, expected: Any) -> bool:
    """Whether all that is expected was found; numbers are the same, however they are written."""
    if isinstance(expected, dict):
        return all(same(found[name], value) for name, value in expected.items())
    return (Fraction(found) if isinstance(found, Decimal) else found) == expected


def kpis_are_told(told: Told, more: list[Any]) -> Counter[str]:
    """KPIs before and after some steps are what the log says; return what became of them."""
    told.tries(c.RecordReading(KPIS[0], IN_ITS_SPAN, Decimal(7)))
    before = str(told.okr.log.head())
    told.plays(more)
    told.tries(c.RecordReading(KPIS[0], IN_ITS_SPAN, Decimal(99)))
    oracle, queries = oracle_of(told), Queries(told.okr, told.runner)
    asked, seen = [before, str(len(oracle.log))], Counter[str]()
    found = queries.scoreboard(CYCLES, asked)["kpis"]
    columns = [in_cycle(CycleOracle(oracle, cycle, text)) for cycle in CYCLES for text in asked]
    assert {each["kpi"]["id"] for each in found} == set().union(*columns)
    for row in found:
        id_ = row["kpi"]["id"]
        side_by_side = [each.get(id_) for each in columns]
        assert row["figures"] == [each and each.figures for each in side_by_side]
        for by, pair in zip(row["changes"][1:], pairwise(side_by_side), strict=True):
            assert same_change(by, change(id_, *pair)), row
            if by is not None:
                seen[f"comparable {by['comparable']}"] += 1
                seen["moved"] += by["value"] not in (None, "0")
    return seen


def test_kpis_are_what_the_log_says(every_history: Every) -> None:
    every_history(kpis_are_told, MANY, more=MORE_OF_KPIS)


def same_change(found: Any, expected: Any) -> bool:
    """Whether a change is what is expected; digits that do not end are rounded, never to 0."""
    if found is None or expected is None or None in (found["value"], expected["value"]):
        return bool(found == expected)
    by, exact = Fraction(found["value"]), expected["value"]
    is_near = abs(by - exact) <= Fraction(1, 20_000)
    return is_near and bool(by) == bool(exact) and found["comparable"] == expected["comparable"]


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


# ---- the oracle bites ---------------------------------------------------------------------


FAULTS: dict[str, tuple[Any, str, Any]] = {
    "what happened is all of who had it first": (
        reviewed, "by_stretch",
        lambda stretches, happened: [list(happened), *([] for _ in stretches[1:])],
    ),
    "nothing was read": (Reads, "reads", lambda reads, row: iter(())),
    "the cadence was never another": (Reads, "cadences", lambda reads, row: ()),
    "what was dropped or given up is due to the end": (
        Reads, "ended_on", lambda reads, row: reads.ends
    ),
    "all teams are shown discipline": (Shown, "has_discipline_of", lambda shown, owners: True),
    "any definition is like another": (scoreboard_kpis, "is_defined_alike", lambda *_: True),
    "the first span of a KPI counts": (
        scoreboard_kpis, "span_in", lambda facts, cycle, last: next(iter(facts.spans), None)
    ),
}  # fmt: skip


WORTH_SEEING = ("comparable True", "comparable False", "moved")


@pytest.mark.parametrize("every_history", ["sqlite"], indirect=True)
def test_planted_faults_are_seen(every_history: Every, monkeypatch: pytest.MonkeyPatch) -> None:
    unseen, seen = set(FAULTS), Counter[str]()

    def holds(told: Told, more: list[Any]) -> None:
        seen.update(kpis_are_told(told, more))
        for name in sorted(unseen):
            with monkeypatch.context() as patch:
                patch.setattr(*FAULTS[name])
                try:
                    totals_are_told(told, None)
                    kpis_are_told(told, more[:1])
                except AssertionError:
                    unseen.discard(name)

    def enough() -> bool:
        return not unseen and all(seen[each] for each in WORTH_SEEING)

    every_history(holds, MANY, enough, more=MORE_OF_KPIS)
    assert enough(), (unseen, seen)
