"""Whatever happens: what it makes stop counting, beside what it is about, is named by a warning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import example, given, settings

from okr_es import commands as c
from okr_es.context import Receipt
from okr_es.domain.base import Change
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from tests.conftest import ENGINES
from tests.support.begun import Begun
from tests.support.random_history import (
    CYCLES,
    METRICS,
    OBJECTIVES,
    PEOPLE,
    TEAMS,
    Told,
    begin,
    histories,
    zones,
)

SHARE = {"sqlite": 20, "postgresql": 3}  # of a hundred examples in the profile
STATES: dict[type[Change], str] = {
    Objective.Committed: "committed",
    Objective.Abandoned: "abandoned",
    Objective.CarriedOver: "carried_over",
}
COUNTING = {"committed", "carried_over"}
ABOVE, EMPTY = OBJECTIVES[3], OBJECTIVES[4]


class Pair(NamedTuple):
    """An objective, and what it rolls up to: an objective, perhaps through a key result of it."""

    below: UUID
    above: UUID


class Goals:
    """What is said of goals so far, in the plainest way: one event, one assignment."""

    def __init__(self) -> None:
        self.objectives: dict[UUID, Any] = {}
        self.key_results: dict[UUID, Any] = {}
        self.had_one: set[UUID] = set()

    def happens(self, event: Change) -> None:
        """Let one event happen."""
        if isinstance(event, Objective.Drafted):
            self.objectives[event.originator_id] = {
                "cycle": event.cycle_id, "state": "draft", "weight": 1,
                "above": None, "through": None,
            }  # fmt: skip
        elif event.originator_id in self.objectives:
            self.objectives[event.originator_id] |= said_of_objective(event)
        elif isinstance(event, KeyResult.Added):
            self.key_results[event.originator_id] = {
                "of": event.objective_id, "weight": event.weight, "dropped": False,
            }  # fmt: skip
        elif event.originator_id in self.key_results:
            self.key_results[event.originator_id] |= said_of_key_result(event)
        if isinstance(event, KeyResult.Added | KeyResult.Moved):
            self.had_one.add(event.objective_id)

    def counts(self, id_: UUID) -> bool:
        """Whether an objective counts in what it is aligned to, if it is measured."""
        goal = self.objectives[id_]
        return goal["state"] in COUNTING and goal["weight"] > 0

    def measured(self) -> set[UUID]:
        """The objectives that count and that something can measure."""
        return {id_ for id_, goal in self.objectives.items()
                if goal["state"] in COUNTING and self.is_measured(id_)}  # fmt: skip

    def is_measured(self, id_: UUID) -> bool:
        """Whether something can measure an objective."""
        if id_ in self.had_one:
            return any(
                each["of"] == id_ and each["weight"] > 0 and not each["dropped"]
                for each in self.key_results.values()
            )
        return any(
            self.counts(below) and self.is_measured(below)
            for below, goal in self.objectives.items()
            if (goal["above"], goal["cycle"]) == (id_, self.objectives[id_]["cycle"])
        )

    def pairs(self) -> set[Pair]:
        """What rolls up to what."""
        return set(self.rolling_up())

    def rolling_up(self) -> Iterator[Pair]:
        for id_, goal in self.objectives.items():
            above, through = goal["above"], self.key_results.get(goal["through"])
            if through is not None and not through["dropped"]:
                above = through["of"]
            if above and self.counts(id_) and self.objectives[above]["state"] != "abandoned":
                yield Pair(id_, above)

    def scoring(self) -> set[Pair]:
        """What scores what has no key result of its own and never had."""
        return {
            each
            for each in self.pairs()
            if self.objectives[each.below]["above"] == each.above
            and self.objectives[each.below]["cycle"] == self.objectives[each.above]["cycle"]
            and each.above not in self.had_one
            and self.objectives[each.above]["state"] in COUNTING
            and self.is_measured(each.below)
        }


def said_of_objective(event: Change) -> dict[str, Any]:
    if type(event) in STATES:
        return {"state": STATES[type(event)]}
    match event:
        case Objective.Reopened():
            return {"state": str(event.state)}
        case Objective.Realigned():
            return {
                "above": event.aligned_to_objective_id,
                "through": event.aligned_to_key_result_id,
                "weight": event.weight,
            }
        case Objective.Corrected():
            return {"weight": event.weight}
    return {}


def said_of_key_result(event: Change) -> dict[str, Any]:
    match event:
        case KeyResult.Moved():
            return {"of": event.objective_id}
        case KeyResult.Reweighted():
            return {"weight": event.weight}
        case KeyResult.Corrected():
            return {"weight": event.now.weight}
        case KeyResult.Dropped():
            return {"dropped": True}
        case KeyResult.Reinstated():
            return {"dropped": False}
    return {}


class Heard(Told):
    """A world in which each command must name what stops counting by it."""

    def __init__(self, url: str, timezone: str) -> None:
        super().__init__(url, timezone)
        self.goals, self.seen = Goals(), 0
        self.look()

    def look(self) -> set[UUID]:
        """Take in what happened; return what it happened to."""
        facts = self.facts(self.seen)
        self.seen += len(facts)
        for each in facts:
            self.goals.happens(each)
        return {each.originator_id for each in facts}

    def execute(self, command: c.Command, **context: Any) -> Receipt:
        goals = self.goals
        measured, pairs, scoring = goals.measured(), goals.pairs(), goals.scoring()
        receipt = super().execute(command, **context)
        about = self.look()
        named = {thing.id for each in receipt.warnings for thing in each.things}
        of = {id_ for id_, goal in goals.objectives.items() if goal["state"] in COUNTING}
        assert (measured - goals.measured()) & of <= named, "Nothing measures it now."
        lost = pairs - goals.pairs() | scoring - goals.scoring()
        assert {each.below for each in lost} <= named | about, "It counts there no longer."
        return receipt


def begin_goals(url: str, timezone: str) -> None:
    """One more goal, and one without key results that is measured by what is aligned to it."""
    with closing(Told(url, timezone)) as told:
        begin(told)
        for id_ in (ABOVE, EMPTY):
            told.execute(c.DraftObjective(CYCLES[0], TEAMS[0], PEOPLE[0], "x", id=id_))
            told.execute(c.CommitObjective(id_))
        told.execute(c.RealignObjective(EMPTY, ABOVE), reason="so it was")
        told.execute(c.RealignObjective(OBJECTIVES[1], EMPTY), reason="so it was")


@pytest.mark.property
@pytest.mark.parametrize("engine", ENGINES)
def test_what_stops_counting_is_named(engine: str, request: pytest.FixtureRequest) -> None:
    begun: Begun = request.getfixturevalue(f"begun_on_{engine}")

    def check(history: Any, timezone: str) -> None:
        name = "goals " + timezone.replace("/", "-")
        with (
            begun.fresh(name, partial(begin_goals, timezone=timezone)) as url,
            closing(Heard(url, timezone)) as told,
        ):
            told.plays(history)

    check = example([c.AddKeyResult(UUID(int=4), "x", METRICS[0])], "UTC")(check)
    check = example([c.AbandonObjective(UUID(int=1))], "UTC")(check)
    examples = max(settings.default.max_examples * SHARE[engine] // 100, 1)
    settings(max_examples=examples)(given(history=histories, timezone=zones)(check))()
