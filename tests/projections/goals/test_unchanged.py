"""Whether an answer still stands is never said where another one would be given."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import Refusal
from projections.goals.unchanged import Rests, Unchanged
from projections.queries import Queries
from tests.conftest import ENGINES
from tests.support.begun import Begun
from tests.support.random_history import CYCLES, Told
from tests.support.story import BEN, COMPANY, NEXT, NOW, Story, metric
from tests.support.told_histories import beginning, drawn_for

HISTORIES = {"sqlite": 8, "postgresql": 4}
PAST = "15"  # a position
WHERE_IT_STANDS = ("position", "plan_position")


def said(answer: Any) -> Any:
    """An answer but for where the log stands."""
    return {name: value for name, value in answer.items() if name not in WHERE_IT_STANDS}


class Held(NamedTuple):
    """What somebody was answered, and what that rests on."""

    answer: Any
    rests: Rests


class Watched(Told):
    """A world in which somebody asks again after each command."""

    def begins(self) -> Watched:
        self.queries = Queries(self.okr, self.runner)
        self.unchanged = Unchanged(self.queries.reader)
        self.held: dict[tuple[UUID, int], Held] = {}
        self.stood = self.changed = 0
        return self

    def tries(self, command: c.Command) -> None:
        super().tries(command)
        for cycle in CYCLES:
            for number, ask in enumerate(self.questions(cycle)):
                self.asks_again(cycle, number, ask)

    def questions(self, cycle: UUID) -> list[Callable[[], Any]]:
        return [
            lambda: self.queries.board(cycle),
            lambda: self.queries.tree(cycle),
            lambda: self.queries.board(cycle, known_at=PAST),
        ]

    def asks_again(self, cycle: UUID, number: int, ask: Callable[[], Any]) -> None:
        known, held = self.unchanged.follow(), self.held.get((cycle, number))
        try:
            answer = said(ask())
        except Refusal:  # there is no such cycle yet
            return
        if held is not None and self.unchanged.still(held.rests, known):
            assert answer == held.answer
            self.stood += 1
            return
        self.changed += held is not None and answer != held.answer
        self.held[cycle, number] = Held(answer, self.unchanged.rests(known, cycle))


@pytest.mark.parametrize("engine", ENGINES)
def test_whatever_happens_only_what_is_still_so_is_said_to_stand(
    engine: str, request: pytest.FixtureRequest
) -> None:
    begun: Begun = request.getfixturevalue(f"begun_on_{engine}")
    stood = changed = 0
    for drawn in drawn_for("unchanged", HISTORIES[engine]):
        with (
            begun.fresh(*beginning(drawn.timezone)) as url,
            closing(Watched(url, drawn.timezone).begins()) as told,
        ):
            told.plays(drawn.history)
            stood, changed = stood + told.stood, changed + told.changed
    assert stood > 0 < changed


# ---- by hand --------------------------------------------------------------------------


class Asker:
    """Somebody who holds the board of a cycle."""

    def __init__(self, story: Story) -> None:
        self.unchanged = Unchanged(story.queries.reader)
        self.rests = self.holds()

    def holds(self, cycle: UUID = NOW) -> Rests:
        self.rests = self.unchanged.rests(self.unchanged.follow(), cycle)
        return self.rests

    @property
    def still(self) -> bool:
        return self.unchanged.still(self.rests, self.unchanged.follow())


@pytest.fixture
def asker(story: Story) -> Asker:
    story.objective()
    story.goal = story.objective("other", cycle_id=NEXT)  # type: ignore[attr-defined]
    asker = Asker(story)
    assert asker.still
    return asker


def test_what_happens_in_another_cycle_leaves_it(story: Story, asker: Asker) -> None:
    elsewhere = story.key_result(story.goal, metric())  # type: ignore[attr-defined]
    story.checks_in(elsewhere, "7")
    story.does(c.RetitleObjective(story.goal, "renamed"))  # type: ignore[attr-defined]
    story.reads(story.kpi(), "7")
    assert asker.still
    asker.holds(NEXT)
    story.checks_in(elsewhere, "8")
    assert not asker.still


def test_goals_and_readings_of_its_own_touch_it(story: Story, asker: Asker) -> None:
    goal = story.objective("more")
    assert not asker.still
    asker.holds()
    leads = story.key_result(goal, metric())
    assert not asker.still
    asker.holds()
    reading = story.checks_in(leads, "7")
    assert not asker.still
    asker.holds()
    story.does(c.CorrectReading(reading, Decimal(8)), reason="A slip.")
    assert not asker.still


def test_a_kpi_touches_what_it_feeds(story: Story, asker: Asker) -> None:
    goal = story.objective("fed")
    leads, kpi, other = story.key_result(goal, metric()), story.kpi(), story.kpi()
    asker.holds()
    story.reads(kpi, "7")
    assert asker.still
    story.does(c.LinkKeyResult(leads, kpi))
    assert not asker.still
    asker.holds()
    story.reads(other, "7")
    assert asker.still
    story.reads(kpi, "8")
    assert not asker.still


def test_what_is_aligned_from_another_cycle_touches_it(story: Story, asker: Asker) -> None:
    goal, below = story.objective("above"), story.goal  # type: ignore[attr-defined]
    leads = story.key_result(below, metric())
    asker.holds()
    story.does(c.RealignObjective(below, aligned_to_objective_id=goal), reason="It fits.")
    assert not asker.still
    asker.holds()
    story.checks_in(leads, "7")
    assert not asker.still
    asker.holds(NEXT)
    story.does(c.RetitleObjective(goal, "renamed"))
    assert not asker.still


@pytest.mark.parametrize(
    "command",
    [
        c.RenameTeam(COMPANY, "Another"),
        c.RenamePerson(BEN, "Another"),
        c.RenameCycle(NEXT, "another"),
        c.RegisterPerson("New"),
        c.ErasePerson(BEN, "Article 17"),
        c.AdoptScoringPolicy(on_track=Decimal("0.8")),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_everything_rests_on_touches_it(
    command: c.Command, story: Story, asker: Asker
) -> None:
    story.does(command, reason="So it was.")
    assert not asker.still


def test_another_day_is_another_answer(story: Story, asker: Asker) -> None:
    story.on(story.okr.today().replace(year=2026))
    assert not asker.still


def test_a_log_that_was_replaced_is_another_one(story: Story, asker: Asker) -> None:
    known = asker.unchanged.follow()
    assert not asker.unchanged.still(asker.rests, known._replace(turn=known.turn + 1))


def test_so_many_events_at_once_touch_everything(
    story: Story, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    kpi = story.kpi()
    asker.holds()
    monkeypatch.setattr("projections.goals.unchanged.MOST_EVENTS", 1)
    story.reads(kpi, "1")
    assert asker.still
    for value in ("2", "3"):
        story.reads(kpi, value)
    assert not asker.still


def test_who_begins_to_follow_knows_nothing_of_before(story: Story, asker: Asker) -> None:
    later = Unchanged(story.queries.reader)
    story.reads(story.kpi(), "1")
    assert not later.still(asker.rests, later.follow())
