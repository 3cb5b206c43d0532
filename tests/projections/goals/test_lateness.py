"""A goal is late by the plan that was in force on each day since it was due, not by the last one.

In all of them it is due on day 60 and graded on day 80.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.values import Aggregation
from projections.as_of.view import View
from projections.goals import more_readings
from projections.goals.goal import Goal
from projections.goals.past_loading import past_parameters
from tests.support.lateness import late_everywhere, oracle_of_story
from tests.support.story import ANN, COMPANY, NOW, Story, day, metric, steps

DUE, CHANGED, GRADED = day(60), day(75), day(80)
Change = Callable[[Story, UUID, UUID], None]


def due(story: Story, title: str = "win") -> UUID:
    return story.objective(title, due=DUE)


def graded(story: Story, *goals: UUID) -> None:
    story.on(GRADED)
    for goal in goals:
        story.does(c.GradeObjective(goal))


def late(story: Story, goal: UUID) -> int | None:
    """How late it is said to be, here and by the plain fold of the log."""
    found = late_everywhere(story, goal)
    assert oracle_of_story(story).objective(goal)["late_days"] == found
    return found


# ---- the last plan would have been met in time ----------------------------------------------


def lowers(story: Story, _: UUID, leads: UUID) -> None:
    story.does(c.RetargetKeyResult(leads, metric("0", "80")))


def rebases(story: Story, _: UUID, leads: UUID) -> None:
    story.does(c.RetargetKeyResult(leads, metric("-20", "80")))


def drops(story: Story, other: UUID, leads: UUID) -> None:
    lowers_before(story, leads)
    story.does(c.DropKeyResult(other))


def reweights(story: Story, other: UUID, leads: UUID) -> None:
    lowers_before(story, leads)
    story.does(c.ReweightKeyResult(other, Decimal(0)))


def moves_out(story: Story, other: UUID, leads: UUID) -> None:
    lowers_before(story, leads)
    elsewhere = UUID(story.board()["elsewhere"]["id"])
    story.does(c.MoveKeyResult(other, elsewhere))


def lowers_before(story: Story, leads: UUID) -> None:
    assert story.queries.key_result(leads)["target"] == "80"


@pytest.mark.parametrize("change", [lowers, rebases])
def test_what_was_eased_later_was_late_until_then(story: Story, change: Change) -> None:
    goal = due(story)
    leads = story.key_result(goal)
    story.on(day(55))
    story.checks_in(leads, "80")
    story.on(CHANGED)
    change(story, goal, leads)
    graded(story, goal)
    assert late(story, goal) == 15


@pytest.mark.parametrize("change", [drops, reweights, moves_out])
def test_what_was_not_measured_counted_until_it_was_taken_out(story: Story, change: Change) -> None:
    goal = due(story)
    due(story, "elsewhere")
    leads, other = story.key_result(goal, metric("0", "80")), story.key_result(goal)
    story.on(day(55))
    story.checks_in(leads, "80")
    story.on(CHANGED)
    change(story, other, leads)
    graded(story, goal)
    assert late(story, goal) == 15


def test_what_was_moved_in_counts_from_then_on(story: Story) -> None:
    story.does(c.AdoptScoringPolicy(yellow_from=Decimal("0.2"), committed_expected=Decimal("0.5")))
    goal, from_ = due(story), due(story, "elsewhere")
    story.key_result(goal)
    leads = story.key_result(from_)
    story.on(day(55))
    story.checks_in(leads, "100")
    story.on(CHANGED)
    story.does(c.MoveKeyResult(leads, goal))
    graded(story, goal, from_)
    assert (late(story, goal), late(story, from_)) == (15, None)


def test_what_feeds_it_counts_from_its_link_on(story: Story) -> None:
    goal, kpi = due(story), story.kpi()
    leads = story.key_result(goal)
    story.on(day(55))
    story.checks_in(leads, "40")
    story.reads(kpi, "100")
    story.on(CHANGED)
    story.does(c.LinkKeyResult(leads, kpi))
    graded(story, goal)
    assert late(story, goal) == 15


@pytest.mark.parametrize(("before", "about", "days"), [("100", 78, 18), ("50", 58, 15)])
def test_readings_of_the_definition_of_each_day_count(
    story: Story, before: str, about: int, days: int
) -> None:
    """In the new unit nothing is measured before day 75, on which the plan had another."""
    goal = due(story)
    leads = story.key_result(goal)
    story.on(day(55))
    story.checks_in(leads, before)
    story.on(CHANGED)
    story.does(c.RetargetKeyResult(leads, metric("0", "9", unit="deals")))
    story.on(day(78))
    story.checks_in(leads, "9", on=day(about))
    graded(story, goal)
    assert late(story, goal) == days


def test_a_step_that_was_taken_out_was_wanted_until_then(story: Story) -> None:
    goal = due(story)
    site = story.key_result(goal, steps("design", "build", "launch"))
    story.on(day(55))
    story.checks_in(site, done_steps=("design", "build"))
    story.on(CHANGED)
    story.does(c.RetargetKeyResult(site, steps("design", "build")))
    graded(story, goal)
    assert late(story, goal) == 15


def test_an_hour_of_easing_and_taking_back_is_of_its_day(story: Story) -> None:
    """What was lowered and raised again on one day is, at its end, as it was."""
    goal = due(story)
    leads = story.key_result(goal)
    story.on(day(55))
    story.checks_in(leads, "80")
    story.on(day(65))
    for target in ("80", "100"):
        story.does(c.RetargetKeyResult(leads, metric("0", target)))
    story.on(CHANGED)
    lowers(story, goal, leads)
    graded(story, goal)
    assert late(story, goal) == 15


def test_what_was_raised_and_lowered_again_came_to_stay_then(story: Story) -> None:
    goal = due(story)
    leads = story.key_result(goal)
    story.on(day(55))
    story.checks_in(leads, "100")
    for number, target in ((65, "120"), (70, "90")):
        story.on(day(number))
        story.does(c.RetargetKeyResult(leads, metric("0", target)))
    graded(story, goal)
    assert late(story, goal) == 10


# ---- where others score it ------------------------------------------------------------------


def of_two(story: Story) -> tuple[UUID, UUID, UUID]:
    """A goal without key results, and two aligned to it: one is met by day 55."""
    goal = due(story)
    met, open_ = story.objective("met"), story.objective("open")
    leads = story.key_result(met)
    story.key_result(open_)
    for each in (met, open_):
        story.aligns(each, aligned_to_objective_id=goal)
    story.on(day(55))
    story.checks_in(leads, "100")
    story.on(CHANGED)
    return goal, met, open_


def test_what_was_aligned_to_it_counted_until_it_was_detached(story: Story) -> None:
    goal, _, open_ = of_two(story)
    story.aligns(open_)
    graded(story, goal)
    assert late(story, goal) == 15


def test_what_was_abandoned_counted_until_then(story: Story) -> None:
    goal, _, open_ = of_two(story)
    story.checks_in(UUID(story.board()["open"]["key_results"][0]["id"]), "10", on=day(56))
    story.does(c.AbandonObjective(open_))
    graded(story, goal)
    assert late(story, goal) == 15


def test_weights_of_alignments_are_those_of_each_day(story: Story) -> None:
    goal, _, open_ = of_two(story)
    story.checks_in(UUID(story.board()["open"]["key_results"][0]["id"]), "10", on=day(56))
    story.aligns(open_, "0", aligned_to_objective_id=goal)
    graded(story, goal)
    assert late(story, goal) == 15


def test_its_first_key_result_ends_that_others_score_it(story: Story) -> None:
    goal, *_ = of_two(story)
    story.checks_in(UUID(story.board()["open"]["key_results"][0]["id"]), "100", on=day(56))
    own = story.key_result(goal)
    story.on(day(78))
    story.checks_in(own, "100")
    graded(story, goal)
    assert late(story, goal) == 18


# ---- days before its commit and after its cycle ---------------------------------------------


@pytest.mark.parametrize(("committed", "lowered", "days"), [(70, 65, 0), (70, 78, 18)])
def test_before_its_own_commit_its_plan_of_that_day_stands(
    story: Story, committed: int, lowered: int, days: int
) -> None:
    goal = story.does(c.DraftObjective(NOW, COMPANY, ANN, "win", due=DUE))
    leads = story.key_result(goal)
    by_days: dict[int, c.Command] = {
        committed: c.CommitObjective(goal),
        lowered: c.RetargetKeyResult(leads, metric("0", "80")),
    }
    for number, command in sorted(by_days.items()):
        story.on(day(number))
        story.does(command)
        if number == committed:
            story.checks_in(leads, "80", on=day(55))
    graded(story, goal)
    assert late(story, goal) == days


@pytest.mark.parametrize("ends", [60, 100])
def test_a_plan_that_was_changed_after_the_cycle_was_met_from_then_on(
    story: Story, ends: int
) -> None:
    goal = story.objective("win", due=day(ends))
    leads = story.key_result(goal)
    story.on(day(55))
    story.checks_in(leads, "80")
    story.on(day(105))
    lowers(story, goal, leads)
    story.does(c.GradeObjective(goal))
    story.does(c.CloseCycle(NOW))
    assert late(story, goal) == 105 - ends


def test_as_it_was_known_nothing_later_counts(story: Story) -> None:
    goal = due(story)
    leads = story.key_result(goal)
    story.on(day(65))
    story.checks_in(leads, "100")
    graded(story, goal)
    known = str(story.okr.log.head())
    story.on(day(90))
    story.does(c.ReopenObjective(goal))
    story.does(c.RetargetKeyResult(leads, metric("0", "90")))
    story.does(c.RetargetKeyResult(leads, metric("0", "110")))
    assert story.queries.objective(goal, known_at=known)["late_days"] == 5
    assert story.queries.board(NOW, known_at=known)["objectives"][0]["late_days"] == 5


def test_each_closing_shows_it_by_the_plan_of_its_days(story: Story) -> None:
    goal = due(story)
    leads = story.key_result(goal)
    story.on(day(55))
    story.checks_in(leads, "80")
    story.on(CHANGED)
    lowers(story, goal, leads)
    graded(story, goal)
    for number in (101, 103):
        story.on(day(number))
        story.does(c.CloseCycle(NOW))
        if number == 101:
            story.does(c.ReopenCycle(NOW))
    told = story.queries.results(NOW)["closings"]
    assert [each["objectives"][0]["late_days"] for each in told] == [15, 15]


# ---- who pays for it ------------------------------------------------------------------------


def test_only_what_has_ended_late_asks_for_the_past(
    story_on_sqlite: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = story_on_sqlite
    asked: list[int] = []

    def watched(view: View, late: Sequence[Goal]) -> dict[str, Any]:
        asked.append(len(late))
        return past_parameters(view, late)

    monkeypatch.setattr(more_readings, "past_parameters", watched)
    in_time, *goals = story.objective("open"), *(due(story, title) for title in "abc")
    for each in (in_time, *goals):
        story.checks_in(story.key_result(each), "100")
    story.on(GRADED)
    story.board()
    assert not asked
    for each in (in_time, *goals):
        story.does(c.GradeObjective(each))
    story.board()
    story.queries.objective(in_time)
    assert asked == [3]


# ---- by chance ------------------------------------------------------------------------------


class ByChance:
    """A goal that three others score, with two key results each, and what may happen to them."""

    def __init__(self, story: Story, seed: int) -> None:
        self.story, self.choice = story, random.Random(seed)
        shares = {"yellow_from": Decimal("0.1"), "committed_expected": Decimal("0.3")}
        story.does(c.AdoptScoringPolicy(**shares))
        self.whole = story.objective("whole", due=self.day(51, 60))
        self.goals = [story.objective(title, due=self.day(51, 60)) for title in "abc"]
        self.kpis = [story.kpi(name=rule, aggregation=Aggregation(rule)) for rule in KPI_RULES]
        self.key_results = [story.key_result(goal) for goal in self.goals for _ in range(2)]
        for goal in self.goals:
            story.aligns(goal, aligned_to_objective_id=self.whole)

    def day(self, first: int, last: int) -> date:
        return day(self.choice.randint(first, last))

    def retargets(self, leads: UUID) -> None:
        target = self.choice.choice(("50", "90", "120"))
        self.story.does(c.RetargetKeyResult(leads, metric("0", target)))

    def reweights(self, leads: UUID) -> None:
        self.story.does(c.ReweightKeyResult(leads, Decimal(self.choice.choice("0123"))))

    def moves(self, leads: UUID) -> None:
        self.story.does(c.MoveKeyResult(leads, self.choice.choice(self.goals)))

    def drops(self, leads: UUID) -> None:
        if len(self.key_results) > 4:
            self.story.does(c.DropKeyResult(leads))
            self.key_results.remove(leads)

    def links(self, leads: UUID) -> None:
        fed = self.story.queries.key_result(leads)["kpi"]
        self.story.does(c.LinkKeyResult(leads, None if fed else self.choice.choice(self.kpis)))

    def aligns(self, _: UUID) -> None:
        above = {"aligned_to_objective_id": self.whole} if self.choice.random() < 0.7 else {}
        self.story.aligns(self.choice.choice(self.goals), self.choice.choice("12"), **above)

    def reads(self, _: UUID) -> None:
        self.story.reads(self.choice.choice(self.kpis), self.choice.choice(("10", "40", "90")))

    def checks_in(self, leads: UUID) -> None:
        if self.story.queries.key_result(leads)["kpi"] is None:
            value, today = self.choice.choice(("10", "50", "100")), self.story.okr.today()
            about = today - timedelta(days=self.choice.randrange(9))
            self.story.checks_in(leads, value, on=about)


KPI_RULES = ("last", "sum")
WHATEVER = (
    ByChance.retargets, ByChance.reweights, ByChance.moves, ByChance.drops, ByChance.links,
    ByChance.aligns, ByChance.reads, ByChance.checks_in, ByChance.checks_in,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_changed_it_is_what_the_log_says(story_on_sqlite: Story, seed: int) -> None:
    story = story_on_sqlite
    told = ByChance(story, seed)
    for number in range(51, 80):
        story.on(day(number))
        told.choice.choice(WHATEVER)(told, told.choice.choice(told.key_results))
    graded(story, *told.goals, told.whole)
    for goal in (*told.goals, told.whole):
        late(story, goal)
