"""What counts in a score, a roll-up and a grade, in numbers worked out by hand.

Day 50 of 100 expects one half. Each test stands for a rule of `docs/explanation/what-counts.md`.
"""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from okr_es import commands as c
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.values import (
    Aggregation,
    Commitment,
    Direction,
    Kind,
    NotMeasured,
    Point,
    Zone,
)
from tests.support.lateness import late_everywhere, oracle_of_story
from tests.support.story import (
    ANN,
    COMPANY,
    NEXT,
    NOW,
    ZONES,
    Story,
    day,
    metric,
    shown,
    steps,
)

YEAR = UUID(int=0xC0FFEE)


def measured(story: Story, title: str, value: str | None = None, **fields: Any) -> UUID:
    """An objective with one key result, read as `value` on day 50 if told so."""
    goal = story.objective(title, **fields)
    leads = story.key_result(goal)
    if value is not None:
        story.checks_in(leads, value)
    return goal


def draft(story: Story, title: str = "perhaps", cycle: UUID = NOW) -> UUID:
    return story.does(c.DraftObjective(cycle, COMPANY, ANN, title))


def at_year(story: Story) -> UUID:
    """An objective of a cycle that holds both others, a quarter of its own way gone."""
    story.does(c.OpenCycle("year", day(1), day(200), id=YEAR))
    return measured(story, "year", "25", cycle_id=YEAR)


class TestProgress:
    @pytest.mark.parametrize(
        ("measure", "value", "progress", "score"),
        [
            (metric("20", "100"), "44", "0.3000", "0.3000"),
            (metric("20", "100"), "12", "-0.1000", "0.0000"),
            (metric("20", "100"), "120", "1.2500", "1.0000"),
            (metric("-10", "-50"), "-20", "0.2500", "0.2500"),
            (metric("4", "2"), "5", "-0.5000", "0.0000"),
        ],
    )
    def test_progress_is_kept_below_nothing_and_above_all(
        self, story_on_sqlite: Story, measure: Measure, value: str, progress: str, score: str
    ) -> None:
        story = story_on_sqlite
        leads = story.key_result(story.objective(), measure)
        story.checks_in(leads, value)
        assert shown(story.queries.key_result(leads), "progress") == (progress,)
        found = story.board()["win"]
        assert shown(found["key_results"][0], "progress") == (progress,)
        assert shown(found, "score") == (score,)

    @pytest.mark.parametrize(
        ("values", "score"), [(("300", "0"), "0.5000"), (("-300", "100"), "0.5000")]
    )
    def test_in_a_mean_nobody_makes_up_for_another(
        self, story: Story, values: tuple[str, str], score: str
    ) -> None:
        goal = story.objective()
        for value in values:
            story.checks_in(story.key_result(goal), value)
        for found in (story.board()["win"], story.queries.objective(goal)):
            assert shown(found, "score", "rolled_up") == (score, score)

    def test_a_milestone_that_was_carried_over_counts_of_what_was_left(self, story: Story) -> None:
        goal = story.objective()
        site = story.key_result(goal, steps("design", "build", "test", "launch"))
        story.checks_in(site, "2")
        assert shown(story.queries.key_result(site), "progress") == ("0.5000",)
        later = story.does(c.CarryOverObjective(goal, NEXT))
        story.does(c.CommitObjective(later))
        (left,) = story.queries.objective(later)["key_results"]
        assert (left["steps"], left["progress"]) == (["test", "launch"], None)
        story.on(day(110))
        story.checks_in(UUID(left["id"]), "1")
        assert shown(story.queries.objective(later), "score") == ("0.5000",)

    @pytest.mark.parametrize(
        ("zone", "progress"),
        [
            (Zone.NONE, "0.0000"), (Zone.COMMIT, "0.3000"), (Zone.TARGET, "0.7000"),
            (Zone.STRETCH, "1.0000"),
        ],
    )  # fmt: skip
    def test_each_zone_scores_where_it_begins(
        self, story_on_sqlite: Story, zone: Zone, progress: str
    ) -> None:
        brand = story_on_sqlite.key_result(story_on_sqlite.objective(), ZONES)
        story_on_sqlite.checks_in(brand, zone)
        assert shown(story_on_sqlite.board()["win"], "score") == (progress,)


class TestScore:
    def test_what_is_aligned_is_shown_beside_and_never_graded(self, story: Story) -> None:
        top = story.objective("top")
        for _ in range(2):
            story.checks_in(story.key_result(top), "0")
        for number in range(5):
            low = measured(story, f"low {number}", "100")
            story.aligns(low, aligned_to_objective_id=top)
        story.does(c.GradeObjective(top))
        found = story.board()["top"]
        assert shown(found, "score", "rolled_up") == ("0.0000", "0.8333")
        assert (found["outcome"], found["grade"]["band"]) == ("missed", "red")
        assert str(found["grade"]["computed"]) == "0.0000"
        assert found["status"] == "off_track"

    def test_a_goal_of_a_year_does_not_move_with_the_quarters_below_it(self, story: Story) -> None:
        year = at_year(story)
        first = measured(story, "first", "100")
        story.aligns(first, aligned_to_objective_id=year)
        found = story.queries.objective(year)
        assert shown(found, "score", "rolled_up") == ("0.2500", "0.6250")
        second = measured(story, "second", "0", cycle_id=NEXT)
        story.aligns(second, aligned_to_objective_id=year)
        story.on(day(101))
        story.checks_in(UUID(story.queries.objective(second)["key_results"][0]["id"]), "0")
        assert shown(story.queries.objective(year), "score") == ("0.2500",)

    def test_one_that_never_had_a_key_result_is_scored_by_its_own_cycle(self, story: Story) -> None:
        top = story.objective("top")
        for title, value, weight in (("one", "40", "3"), ("two", "80", "1"), ("three", "99", "0")):
            low = measured(story, title, value)
            story.aligns(low, weight, aligned_to_objective_id=top)
        later = story.objective("later", cycle_id=NEXT)
        story.aligns(later, "9", aligned_to_objective_id=top)
        assert shown(story.board()["top"], "score", "coverage") == ("0.5000", "1.0000")

    def test_quarters_do_not_score_a_year_without_key_results(self, story: Story) -> None:
        story.does(c.OpenCycle("year", day(1), day(200), id=YEAR))
        year = story.objective("year", cycle_id=YEAR)
        story.aligns(measured(story, "first", "60"), aligned_to_objective_id=year)
        found = story.queries.objective(year)
        assert shown(found, "score", "coverage", "rolled_up") == (None, "0.0000", "0.6000")
        assert found["status"] == "not_measured"

    @pytest.mark.parametrize("ends", ["dropped", "moved"])
    def test_one_that_had_a_key_result_is_never_scored_by_others(
        self, story: Story, ends: str
    ) -> None:
        top, other = story.objective("top"), story.objective("other")
        leads = story.key_result(top)
        story.aligns(measured(story, "low", "60"), aligned_to_objective_id=top)
        move = c.DropKeyResult(leads) if ends == "dropped" else c.MoveKeyResult(leads, other)
        story.does(move)
        found = story.board()["top"]
        assert shown(found, "score", "rolled_up") == (None, "0.6000")
        assert story.queries.objective(top)["score"] is None

    def test_with_all_weights_nothing_it_is_not_measured(self, story: Story) -> None:
        top = story.objective("top")
        story.aligns(measured(story, "low", "60"), "0", aligned_to_objective_id=top)
        assert shown(story.board()["top"], "score", "rolled_up") == (None, None)


class TestWhatCountsNowhere:
    def test_a_draft_counts_in_itself_alone(self, story: Story) -> None:
        top, low = measured(story, "top", "0"), draft(story)
        kpi = story.kpi("increase")
        story.reads(kpi, "80")
        story.key_result(low, metric("0", "80"), kpi_id=kpi)
        story.aligns(low, aligned_to_objective_id=top)
        board = story.board()
        assert shown(board["top"], "score", "rolled_up") == ("0.0000", "0.0000")
        assert shown(board["perhaps"], "score") == ("1.0000",)
        assert [each["counts"] for each in board["top"]["aligned"]] == [False]
        story.does(c.CommitObjective(low))
        assert shown(story.board()["top"], "rolled_up") == ("0.5000",)

    def test_a_draft_scores_no_goal_without_key_results_either(self, story: Story) -> None:
        top, low = story.objective("top"), draft(story)
        kpi = story.kpi("increase")
        story.reads(kpi, "80")
        story.key_result(low, metric("0", "80"), kpi_id=kpi)
        story.aligns(low, aligned_to_objective_id=top)
        assert story.board()["top"]["score"] is None

    def test_nothing_rolls_up_through_a_dropped_key_result(self, story: Story) -> None:
        top = measured(story, "top", "20")
        through = story.key_result(top)
        low = measured(story, "low", "100")
        story.aligns(low, aligned_to_key_result_id=through)
        assert shown(story.board()["top"], "rolled_up") == ("0.6000",)
        story.does(c.DropKeyResult(through))
        found = story.board()["top"]
        assert shown(found, "score", "rolled_up") == ("0.2000", "0.2000")
        assert found["aligned"][0]["counts"] is False
        assert shown(story.queries.objective(top), "rolled_up") == ("0.2000",)

    def test_nothing_rolls_up_from_an_abandoned_objective(self, story: Story) -> None:
        top, low = measured(story, "top", "20"), measured(story, "low", "100")
        story.aligns(low, aligned_to_objective_id=top)
        story.does(c.AbandonObjective(low))
        assert shown(story.board()["top"], "rolled_up") == ("0.2000",)

    def test_of_a_goal_and_its_successor_one_counts(self, story: Story) -> None:
        year = at_year(story)
        first = measured(story, "first", "75")
        story.aligns(first, aligned_to_objective_id=year)
        second = story.does(c.CarryOverObjective(first, NEXT))
        if story.queries.objective(second)["aligned_to"] is None:
            story.aligns(second, aligned_to_objective_id=year)
        assert counts(story, year) == {str(first): True, str(second): False}
        assert shown(story.queries.objective(year), "rolled_up") == ("0.5000",)
        story.does(c.CommitObjective(second))
        assert counts(story, year) == {str(first): False, str(second): True}
        assert shown(story.queries.objective(year), "rolled_up") == ("0.2500",)

    def test_a_predecessor_counts_where_its_successor_serves_another(self, story: Story) -> None:
        top, first = measured(story, "top", "20"), measured(story, "first", "60")
        story.aligns(first, aligned_to_objective_id=top)
        second = story.does(c.CarryOverObjective(first, NEXT))
        story.aligns(second, aligned_to_objective_id=None)
        story.does(c.CommitObjective(second))
        assert shown(story.board()["top"], "rolled_up") == ("0.4000",)


def counts(story: Story, top: UUID) -> dict[str, bool]:
    return {each["id"]: each["counts"] for each in story.queries.objective(top)["aligned"]}


class TestNotMeasured:
    def half(self, story: Story) -> UUID:
        """An objective of two key results, of which the one that is read stands at 0.9."""
        goal = story.objective()
        story.key_result(goal)
        story.checks_in(story.key_result(goal), "90")
        return goal

    def test_while_it_runs_it_is_left_out_and_shown_as_coverage(self, story: Story) -> None:
        self.half(story)
        found = story.board()["win"]
        assert shown(found, "score", "coverage") == ("0.9000", "0.5000")
        assert found["not_measured"] == 1

    def test_in_a_grade_it_counts_nothing_and_the_grade_says_of_how_many(
        self, story: Story
    ) -> None:
        goal = self.half(story)
        story.does(c.GradeObjective(goal))
        found = story.board()["win"]
        assert shown(found["grade"], "computed", "coverage") == ("0.4500", "0.5000")
        assert (found["grade"]["not_measured"], found["grade"]["of"]) == (1, 2)
        assert (found["outcome"], str(found["score"])) == ("partly_met", "0.4500")

    def test_weights_make_coverage(self, story: Story) -> None:
        goal = story.objective()
        story.checks_in(story.key_result(goal, weight="3"), "90")
        story.key_result(goal, weight="1")
        story.key_result(goal, weight="0")
        assert shown(story.board()["win"], "score", "coverage") == ("0.9000", "0.7500")

    def test_a_policy_may_leave_it_out(self, story: Story) -> None:
        story.does(c.AdoptScoringPolicy(not_measured=NotMeasured.LEFT_OUT))
        story.does(c.GradeObjective(self.half(story)))
        found = story.board()["win"]
        assert shown(found["grade"], "computed", "coverage") == ("0.9000", "0.5000")

    def test_in_both_final_scores_it_counts_nothing(self, story: Story) -> None:
        goal = self.half(story)
        story.does(c.CommitPlan(NOW))
        both = story.queries.review(NOW)["goals"][0]["scores"]
        assert {str(each["score"]) for each in both.values()} == {"0.9000"}
        story.on(day(101))
        story.does(c.CloseCycle(NOW))
        review = story.queries.review(NOW)
        both = review["goals"][0]["scores"]
        assert {str(each["score"]) for each in both.values()} == {"0.4500"}
        assert {str(each["coverage"]) for each in both.values()} == {"0.5000"}
        assert {str(each) for each in review["teams"][0]["scores"].values()} == {"0.4500"}
        assert str(story.queries.objective(goal)["score"]) == "0.4500"

    @pytest.mark.parametrize("word", list(NotMeasured))
    def test_a_goal_with_no_reading_at_all_is_no_success(
        self, story_on_sqlite: Story, word: NotMeasured
    ) -> None:
        story = story_on_sqlite
        story.does(c.AdoptScoringPolicy(not_measured=word))
        story.does(c.GradeObjective(measured(story, "win")))
        found = story.board()["win"]
        computed = None if word == NotMeasured.LEFT_OUT else "0.0000"
        assert shown(found["grade"], "computed", "coverage") == (computed, "0.0000")
        assert (found["status"], found["outcome"]) == ("not_measured", "not_measured")
        assert (found["score"], found["grade"]["band"]) == (None, None)


class TestFrame:
    def test_an_older_reading_of_a_kpi_shows_where_it_started(self, story: Story) -> None:
        kpi = story.kpi("increase")
        story.reads(kpi, "80", on=day(50))
        goal = story.objective(cycle_id=NEXT)
        story.key_result(goal, metric("0", "80"), kpi_id=kpi)
        story.on(day(150))
        found = story.queries.objective(goal)
        (row,) = found["key_results"]
        assert (row["status"], row["progress"], row["reading"]) == ("not_measured", None, None)
        assert (row["started_at"]["value"], row["started_at"]["as_of"]) == ("80", str(day(50)))
        story.does(c.GradeObjective(goal))
        graded = story.queries.objective(goal)
        assert (graded["outcome"], str(graded["coverage"])) == ("not_measured", "0.0000")
        story.reads(kpi, "40", on=day(101))
        row = story.board(NEXT)["win"]["key_results"][0]
        assert (str(row["progress"]), row["started_at"]["value"]) == ("0.5000", "80")

    @pytest.mark.parametrize("outside", [day(100), day(201)])
    def test_a_check_in_outside_the_cycle_stays_and_counts_nowhere(
        self, story: Story, outside: Any
    ) -> None:
        leads = story.key_result(story.objective(cycle_id=NEXT))
        story.on(day(205))
        story.checks_in(leads, "60", on=outside)
        assert story.queries.key_result(leads)["status"] == "not_measured"
        assert len(story.queries.readings(leads)["readings"]) == 1

    def test_a_reading_after_the_due_day_counts_and_says_how_late(self, story: Story) -> None:
        goal = story.objective(due=day(15))
        leads = story.key_result(goal)
        story.checks_in(leads, "100", on=day(51 - 1))
        story.on(day(60))
        story.does(c.GradeObjective(goal))
        for found in (story.board()["win"], story.queries.objective(goal)):
            assert (found["outcome"], found["late_days"]) == ("met", 35)
            assert str(found["grade"]["computed"]) == "1.0000"

    @pytest.mark.parametrize(
        ("readings", "late"),
        [
            ([(10, "100")], 0),
            ([(10, "100"), (30, "100")], 0),
            ([(10, "50"), (20, "100")], 5),
            ([(10, "100"), (20, "90"), (30, "100"), (40, "110")], 15),
            ([(15, "100"), (16, "100")], 0),
            ([(30, "40")], None),
        ],
    )
    def test_late_is_the_day_from_which_the_score_stayed(
        self, story_on_sqlite: Story, readings: list[tuple[int, str]], late: int | None
    ) -> None:
        story = story_on_sqlite
        goal = story.objective(due=day(15))
        leads = story.key_result(goal)
        for on, value in readings:
            story.checks_in(leads, value, on=day(on))
        story.does(c.GradeObjective(goal))
        assert story.queries.objective(goal)["late_days"] == late

    @pytest.mark.parametrize(
        ("rule", "readings", "late"),
        [
            ("sum", [(10, "60"), (20, "40")], 5),
            ("sum", [(10, "60"), (15, "40"), (20, "9")], 0),
            ("mean", [(10, "100"), (20, "60"), (30, "150"), (40, "110")], 15),
            ("worst", [(16, "100"), (20, "120")], 1),
            ("worst", [(10, "90"), (20, "120")], None),
            ("last", [(10, "100"), (20, "90"), (30, "100")], 15),
        ],
    )
    def test_so_it_is_of_the_value_that_several_readings_make(
        self, story: Story, rule: str, readings: list[tuple[int, str]], late: int | None
    ) -> None:
        goal = story.objective(due=day(15))
        kpi = story.kpi(aggregation=Aggregation(rule))
        story.key_result(goal, kpi_id=kpi)
        for on, value in readings:
            story.reads(kpi, value, on=day(on))
        story.does(c.GradeObjective(goal))
        assert late_everywhere(story, goal) == late

    def test_so_it_is_of_several_subjects_and_of_a_rule_that_was_changed(
        self, story: Story
    ) -> None:
        goal, other = story.objective(due=day(15)), story.objective("other", due=day(15))
        projects, orders = story.kpi("decrease"), story.kpi()
        story.key_result(goal, metric("100", "0"), kpi_id=projects)
        story.key_result(other, kpi_id=orders)
        for on, subject, value in ((10, "a", "0"), (12, "b", "50"), (18, "b", "0")):
            number = Decimal(value)
            story.does(c.RecordReading(projects, day(on), number, subject=subject, id=uuid4()))
        for on, value in ((10, "60"), (12, "40")):
            story.reads(orders, value, on=day(on))
        story.does(c.RedefineKpi(orders, aggregation=Aggregation.SUM, effective=day(20)))
        for each in (goal, other):
            story.does(c.GradeObjective(each))
        assert (late_everywhere(story, goal), late_everywhere(story, other)) == (3, 5)

    def test_so_it_is_of_what_is_to_be_kept(self, story: Story) -> None:
        goal = story.objective(due=day(15))
        keep = Measure(Kind.METRIC, target=Decimal(80), unit="%", direction=Direction.AT_LEAST)
        uptime = story.key_result(goal, keep)
        for on, value in ((10, "90"), (20, "79"), (25, "80")):
            story.checks_in(uptime, value, on=day(on))
        story.does(c.GradeObjective(goal))
        assert late_everywhere(story, goal) == 10

    @pytest.mark.parametrize(
        ("days", "late"), [((10, 12), 0), ((10, 20), 5), ((30, 20), 15), ((30, None), None)]
    )
    def test_so_it_is_where_others_score_it(
        self, story: Story, days: tuple[int | None, ...], late: int | None
    ) -> None:
        """One of them by others again; one of another cycle, and a draft, score nothing."""
        story.on(day(2))
        goal = story.objective("whole", due=day(15))
        between = story.objective("between", due=day(12))
        story.aligns(between, aligned_to_objective_id=goal)
        story.aligns(story.objective("next", cycle_id=NEXT), aligned_to_objective_id=goal)
        draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "draft"))
        story.aligns(draft, aligned_to_objective_id=goal)
        parts = []
        for title, above in zip("ab", (goal, between), strict=True):
            parts.append(story.objective(title))
            story.aligns(parts[-1], aligned_to_objective_id=above)
            story.key_result(parts[-1])
        story.on(day(50))
        for part, on in zip(parts, days, strict=True):
            if on is not None:
                (leads,) = story.queries.objective(part)["key_results"]
                story.checks_in(UUID(leads["id"]), "100", on=day(on))
                story.does(c.GradeObjective(part))
        for each in (between, goal):
            story.does(c.GradeObjective(each))
        assert late_everywhere(story, goal) == late
        own = None if days[1] is None else max(days[1] - 12, 0)
        assert late_everywhere(story, between) == own

    @pytest.mark.parametrize("seed", range(8))
    def test_how_late_is_what_the_log_says(self, story_on_sqlite: Story, seed: int) -> None:
        """By the plain fold of it, for values and alignments by chance."""
        story, by_chance = story_on_sqlite, random.Random(seed)
        shares = {"yellow_from": Decimal("0.2"), "committed_expected": Decimal("0.5")}
        story.does(c.AdoptScoringPolicy(**shares))
        due = {"due": day(by_chance.randint(5, 25))}
        whole = story.objective("whole", **due)
        goals = [whole, *(story.objective(title, **due) for title in "abc")]
        kpis = []
        for number, rule in enumerate(Aggregation):
            kpi = story.kpi(name=rule, aggregation=rule)
            kpis.append(kpi)
            story.key_result(goals[1 + number % 3], kpi_id=kpi)
        for goal in goals[1:]:
            story.aligns(goal, by_chance.choice("12"), aligned_to_objective_id=whole)
        for _ in range(30):
            value = Decimal(by_chance.choice((5, 20, 40, 60, 90)))
            subject = by_chance.choice((None, None, "x", "y"))
            about = day(by_chance.randint(1, 45))
            kpi = by_chance.choice(kpis)
            story.does(c.RecordReading(kpi, about, value, subject=subject, id=uuid4()))
        rule = by_chance.choice(list(Aggregation))
        story.does(c.RedefineKpi(kpis[0], aggregation=rule, effective=day(20)))
        for goal in goals:
            story.does(c.GradeObjective(goal))
        oracle = oracle_of_story(story)
        for goal in goals:
            assert late_everywhere(story, goal) == oracle.objective(goal)["late_days"]

    def test_on_one_day_its_end_counts(self, story_on_sqlite: Story) -> None:
        story = story_on_sqlite
        goal = story.objective(due=day(15))
        more, less = story.key_result(goal), story.key_result(goal)
        story.checks_in(more, "200", on=day(10))
        story.checks_in(less, "100", on=day(10))
        for value in ("50", "100"):
            story.checks_in(less, value, on=day(20))
        story.does(c.GradeObjective(goal))
        assert late_everywhere(story, goal) == 0

    def test_a_milestone_and_a_weight_of_nothing_know_how_late_it_was(self, story: Story) -> None:
        goal = story.objective(due=day(15))
        site = story.key_result(goal, steps("design", "build"))
        story.key_result(goal, weight="0")
        story.checks_in(site, "1", on=day(12))
        story.checks_in(site, on=day(20), done_steps=("build", "design"))
        story.does(c.GradeObjective(goal))
        assert story.queries.objective(goal)["late_days"] == 5


class TestDefinition:
    def test_a_new_unit_is_not_measured_until_a_new_reading(self, story: Story) -> None:
        leads = story.key_result(story.objective(), metric("0", "1000", "customers"))
        story.checks_in(leads, "500")
        story.does(c.RetargetKeyResult(leads, metric("0", "1", "thousand customers")))
        found = story.queries.key_result(leads)
        assert (found["status"], found["progress"], found["redefined"]) == (
            "not_measured", None, True,
        )  # fmt: skip
        story.checks_in(leads, "0.6")
        found = story.queries.key_result(leads)
        assert (str(found["progress"]), found["redefined"]) == ("0.6000", False)

    def test_another_target_in_the_same_unit_keeps_its_readings(self, story: Story) -> None:
        leads = story.key_result(story.objective(), metric("0", "1000", "customers"))
        story.checks_in(leads, "500")
        story.does(c.RetargetKeyResult(leads, metric("0", "2000", "customers")))
        assert str(story.queries.key_result(leads)["progress"]) == "0.2500"

    def test_back_in_its_old_unit_its_old_readings_count_again(self, story: Story) -> None:
        leads = story.key_result(story.objective(), metric("0", "1000", "customers"))
        story.checks_in(leads, "500")
        story.does(c.RetargetKeyResult(leads, metric("0", "1", "thousand customers")))
        story.does(c.RetargetKeyResult(leads, metric("0", "1000", "customers")))
        assert str(story.queries.key_result(leads)["progress"]) == "0.5000"

    def test_new_zones_are_not_measured_until_a_new_reading(self, story: Story) -> None:
        brand = story.key_result(story.objective(), ZONES)
        story.checks_in(brand, Zone.TARGET)
        words = Measure(Kind.ORDINAL, zones=Zones("known", "liked", "adored"))
        story.does(c.RetargetKeyResult(brand, words))
        assert story.queries.key_result(brand)["status"] == "not_measured"
        story.checks_in(brand, Zone.COMMIT)
        assert str(story.queries.key_result(brand)["progress"]) == "0.3000"

    @pytest.mark.parametrize(
        ("fields", "after", "progress", "done"),
        [
            ({"value": "2"}, ("design", "build", "test", "launch"), "0.5000", ["design", "build"]),
            ({"value": "2"}, ("launch", "design"), "0.5000", ["design"]),
            ({"done_steps": ("test",)}, ("build", "test"), "0.5000", ["test"]),
            ({"done_steps": ("test",)}, ("design", "build"), "0.0000", []),
            ({"value": "3"}, (), "1.0000", []),
            ({"value": "2"}, (), "0.0000", []),
        ],
    )
    def test_steps_that_remain_stay_done(
        self,
        story: Story,
        fields: dict[str, Any],
        after: tuple[str, ...],
        progress: str,
        done: list[str],
    ) -> None:
        site = story.key_result(story.objective(), steps("design", "build", "test"))
        story.checks_in(site, **fields)
        story.does(c.RetargetKeyResult(site, steps(*after)))
        found = story.queries.key_result(site)
        assert (str(found["progress"]), found["reading"]["done_steps"]) == (progress, done)
        assert story.board()["win"]["key_results"] == [
            {name: found[name] for name in story.board()["win"]["key_results"][0]}
        ]

    def test_a_correction_names_the_steps_done(self, story: Story) -> None:
        site = story.key_result(story.objective(), steps("design", "build", "test"))
        reading = story.checks_in(site, "3")
        story.does(c.CorrectReading(reading, done_steps=("test",)))
        assert story.queries.key_result(site)["reading"]["done_steps"] == ["test"]
        story.does(c.CorrectReading(reading, value=Decimal(2)))
        found = story.queries.key_result(site)
        assert found["reading"]["done_steps"] == ["design", "build"]

    def test_each_score_uses_the_readings_of_its_own_definition(self, story: Story) -> None:
        leads = story.key_result(story.objective(), metric("0", "1000", "customers"))
        story.does(c.CommitPlan(NOW))
        story.checks_in(leads, "500", on=day(40))
        story.does(c.RetargetKeyResult(leads, metric("0", "1", "thousand customers")))
        story.checks_in(leads, "0.8", on=day(45))
        scores = story.queries.review(NOW)["goals"][0]["scores"]
        assert shown(scores["committed"], "score") == ("0.5000",)
        assert shown(scores["ended"], "score") == ("0.8000",)


class TestExpected:
    def test_it_counts_from_the_day_the_objective_itself_was_committed(self, story: Story) -> None:
        story.on(day(71))
        story.objective("late")
        story.key_result(UUID(story.board()["late"]["id"]))
        found = story.board()["late"]
        assert shown(found, "expected") == ("0.0333",)  # 1 of 30 days
        assert shown(found["key_results"][0], "expected") == ("0.0333",)

    def test_the_first_day_of_thirty_expects_a_thirtieth(self, story: Story) -> None:
        story.objective("soon", due=day(30))
        for number, expected in ((1, "0.0333"), (15, "0.5000"), (30, "1.0000")):
            found = story.queries.board(NOW, at=str(day(number)))["objectives"][0]
            assert shown(found, "expected") == (expected,)

    def test_committed_after_its_due_day_it_counts_from_the_first_of_the_cycle(
        self, story: Story
    ) -> None:
        """Seen where days before its commit are looked at under its promise."""
        story.on(day(40))
        late = story.does(c.DraftObjective(NOW, COMPANY, ANN, "late", due=day(50)))
        story.on(day(71))
        story.does(c.CommitObjective(late))
        assert shown(story.board()["late"], "expected") == ("1.0000",)
        first, *_ = story.queries.objective_plan_and_actual(late)["series"]
        assert (first["day"], str(first["expected_original"])) == (day(40), "0.8000")

    def test_committed_before_its_cycle_it_counts_from_the_first_of_that(
        self, story: Story
    ) -> None:
        story.objective("early", cycle_id=NEXT)
        story.on(day(150))
        assert shown(story.board(NEXT)["early"], "expected") == ("0.5000",)

    def test_after_the_end_it_keeps_its_last_value(self, story: Story) -> None:
        points = (Point(day(100), Decimal("0.5")),)
        leads = story.key_result(story.objective(), trajectory=points)
        story.checks_in(leads, "50")
        for number in (100, 101, 150):
            story.on(day(number))
            found = story.queries.key_result(leads)
            assert shown(found, "expected", "pace") == ("0.5000", "1.0000")

    @pytest.mark.parametrize("before", [40, 50])
    def test_points_before_the_first_day_are_left_aside(self, story: Story, before: int) -> None:
        story.on(day(51))
        points = (Point(day(before), Decimal("0.6")), Point(day(75), Decimal("0.9")))
        leads = story.key_result(story.objective(), trajectory=points)
        assert shown(story.queries.key_result(leads), "expected") == ("0.0360",)  # 0.9 / 25

    def test_points_after_the_end_are_left_aside(self, story: Story) -> None:
        points = (Point(day(80), Decimal("0.5")),)
        leads = story.key_result(story.objective(due=day(60)), trajectory=points)
        for number in (60, 70, 100):
            story.on(day(number))
            assert shown(story.queries.key_result(leads), "expected") == ("1.0000",)


class TestStatus:
    def test_an_aspirational_goal_on_its_way_to_its_grade_is_on_track(self, story: Story) -> None:
        measured(story, "win", "35", commitment=Commitment.ASPIRATIONAL)
        found = story.board()["win"]
        assert shown(found, "score", "expected", "pace") == ("0.3500", "0.5000", "1.0000")
        assert (found["status"], found["key_results"][0]["status"]) == ("on_track", "on_track")

    @pytest.mark.parametrize(
        ("weight", "status", "off_track"), [("1", "at_risk", 1), ("0", "on_track", 0)]
    )
    def test_a_goal_is_at_risk_at_best_while_a_key_result_that_weighs_is_off_track(
        self, story: Story, weight: str, status: str, off_track: int
    ) -> None:
        goal = story.objective()
        story.checks_in(story.key_result(goal), "100")
        story.checks_in(story.key_result(goal, weight=weight), "0")
        found = story.board()["win"]
        assert (found["status"], found["off_track"]) == (status, off_track)

    def test_a_bad_score_is_not_bettered_by_that(self, story: Story) -> None:
        goal = story.objective()
        for value in ("10", "0"):
            story.checks_in(story.key_result(goal), value)
        found = story.board()["win"]
        assert (found["status"], found["off_track"]) == ("off_track", 2)


class TestCarriedOver:
    def test_what_was_carried_over_is_measured_and_graded_to_its_own_end(
        self, story: Story
    ) -> None:
        goal = story.objective()
        leads = story.key_result(goal)
        story.checks_in(leads, "30")
        story.does(c.CarryOverObjective(goal, NEXT))
        story.on(day(103))
        story.checks_in(leads, "80", on=day(99))
        story.checks_in(leads, "90", on=day(101))
        assert shown(story.board()["win"], "score") == ("0.8000",)
        story.does(c.GradeObjective(goal))
        found = story.board()["win"]
        assert (found["outcome"], found["ended_by"]) == ("partly_met", "carried_over")
        assert shown(found["grade"], "computed") == ("0.8000",)

    def test_carrying_over_changes_nothing_that_was_published(self, story: Story) -> None:
        goal = measured(story, "win", "30")
        story.on(day(101))
        story.does(c.CloseCycle(NOW))
        published = story.queries.results(NOW)["closings"]
        assert published[0]["objectives"][0]["ended_by"] == "ungraded"
        story.does(c.CarryOverObjective(goal, NEXT))
        results = story.queries.results(NOW)
        assert results["closings"] == published
        assert results["restatement"]["objectives"] == []


class TestOutcome:
    def test_it_is_there_once_a_goal_has_ended(self, story: Story) -> None:
        measured(story, "win", "80")
        draft(story)
        assert ending(story, "win") == (None, None)
        story.on(day(101))
        story.does(c.CloseCycle(NOW))
        assert ending(story, "win") == ("partly_met", "ungraded")
        assert ending(story, "perhaps") == (None, None)
        (published,) = (
            row
            for row in story.queries.results(NOW)["closings"][0]["objectives"]
            if row["title"] == "win"
        )
        assert (published["outcome"], published["ended_by"]) == ("partly_met", "ungraded")

    def test_what_was_carried_over_keeps_its_outcome(self, story: Story) -> None:
        goals = [measured(story, str(number), "30") for number in range(3)]
        for goal in goals:
            story.does(c.CarryOverObjective(goal, NEXT))
        story.does(c.GradeObjective(goals[0]))
        assert [ending(story, str(n)) for n in range(3)] == [("missed", "carried_over")] * 3

    @pytest.mark.parametrize(
        ("value", "adjusted", "outcome"),
        [
            ("100", None, "met"),
            ("30", "1", "met"),
            ("100", "0.5", "partly_met"),
            (None, "0", "missed"),
        ],
    )
    def test_an_adjusted_grade_decides(
        self, story_on_sqlite: Story, value: str | None, adjusted: str | None, outcome: str
    ) -> None:
        story = story_on_sqlite
        goal = measured(story, "win", value)
        story.does(c.GradeObjective(goal, adjusted and Decimal(adjusted)))
        assert ending(story, "win") == (outcome, "graded")

    def test_an_abandoned_promise_has_an_outcome_and_counts_as_committed_alone(
        self, story: Story
    ) -> None:
        goal = measured(story, "win", "40")
        story.does(c.CommitPlan(NOW))
        story.does(c.AbandonObjective(goal))
        assert ending(story, "win") == ("partly_met", "abandoned")
        (reviewed,) = story.queries.review(NOW)["goals"]
        assert shown(reviewed["scores"]["committed"], "score") == ("0.4000",)
        assert reviewed["scores"]["ended"] is None
        assert (reviewed["outcome"], reviewed["ended_by"]) == ("partly_met", "abandoned")

    def test_a_dropped_key_result_counts_as_committed_alone_with_later_readings(
        self, story: Story
    ) -> None:
        goal = story.objective()
        kpi = story.kpi("increase")
        fed = story.key_result(goal, metric("0", "80"), kpi_id=kpi)
        story.checks_in(story.key_result(goal), "100")
        story.does(c.CommitPlan(NOW))
        story.does(c.DropKeyResult(fed))
        story.reads(kpi, "40")
        story.on(day(103))
        story.reads(kpi, "80", on=day(101))  # after the cycle's end
        scores = story.queries.review(NOW)["goals"][0]["scores"]
        assert shown(scores["committed"], "score") == ("0.7500",)
        assert shown(scores["ended"], "score") == ("1.0000",)


def ending(story: Story, title: str, cycle: UUID = NOW) -> tuple[str | None, str | None]:
    found = story.board(cycle)[title]
    return found["outcome"], found["ended_by"]
