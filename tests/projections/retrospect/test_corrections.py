"""What was meant all along: a correction counts from the first day on, and is no easing.

The plan is committed on day 50, a Wednesday; the fifth working day after it is day 57.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from okr_es import commands as c
from okr_es.changes import MeasureChanges, TargetChanges
from okr_es.domain.values import Point
from tests.support.story import BEN, NOW, Story, day, metric, steps, wanted


def to(target: str) -> MeasureChanges:
    return MeasureChanges(target=Decimal(target))


class Typo:
    """A goal of 1,000 whose target was typed 10,000, with a plan that was committed so."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.goal = story.objective()
        self.result = story.key_result(self.goal, metric("0", "10000"))
        story.does(c.CommitPlan(NOW))
        self.committed = story.okr.log.head()

    def corrects(self, target: str = "1000", **more: Any) -> UUID:
        return self.story.does(c.CorrectKeyResult(self.result, to(target), **more))

    def revises(self, target: str) -> UUID:
        return self.story.does(c.RetargetKeyResult(self.result, to(target)))

    def scores(self, **moment: Any) -> tuple[str, str]:
        """The score as committed, and as it ended."""
        (goal,) = self.story.queries.review(NOW, **moment)["goals"]
        committed, ended = (str(each["score"]) for each in goal["scores"].values())
        return committed, ended

    def target(self, **moment: Any) -> str:
        (goal,) = self.story.queries.board(NOW, **moment)["objectives"]
        (result,) = goal["key_results"]
        return str(result["target"])

    def eased(self) -> list[Any]:
        patterns = self.story.queries.patterns(NOW)["findings"]
        return [each for each in patterns if each["kind"] == "lowered_target"]


def test_a_typo_that_is_corrected_counts_in_neither_score_and_is_not_eased(story: Story) -> None:
    typo = Typo(story)
    story.on(day(51))
    typo.corrects()
    story.on(day(70))
    story.checks_in(typo.result, "600")
    assert typo.scores() == ("0.6000", "0.6000")
    assert typo.eased() == []
    plan = story.queries.plan(NOW)
    assert (plan["revisions"], plan["corrected"]) == (0, 1)
    (result,) = [each for each in plan["goals"] if each["kind"] == "key_result"]
    assert (result["revisions"], result["corrections"]) == (0, 1)
    (change,) = plan["changes"]
    assert (change["type"], change["reason"]) == ("key_result.corrected", "so it was")
    assert change["changes"] == [{"field": "target", "before": "10000", "after": "1000"}]


def test_a_revision_instead_moves_the_score_as_it_ended_and_is_eased(story: Story) -> None:
    typo = Typo(story)
    typo.revises("1000")
    story.checks_in(typo.result, "600")
    assert typo.scores() == ("0.0600", "0.6000")
    assert len(typo.eased()) == 1


def test_each_day_shows_what_was_meant_once_that_is_known(story: Story) -> None:
    typo = Typo(story)
    story.on(day(52))
    typo.corrects()
    corrected = story.okr.log.head()
    story.on(day(60))
    assert typo.target() == "1000"
    assert typo.target(at=str(day(50))) == typo.target(at=str(day(51))) == "1000"
    assert typo.target(known_at=str(corrected - 1)) == "10000"
    assert (
        typo.target(known_at=str(day(51)))
        == typo.target(known_at=str(day(51)), at=str(day(50)))
        == "10000"
    )
    assert typo.target(known_at=str(corrected), at=str(day(50))) == "1000"
    assert typo.target(known_at="plan-committed") == "10000"


def test_a_later_revision_stays(story: Story) -> None:
    typo = Typo(story)
    story.on(day(51))
    typo.revises("800")
    story.on(day(52))
    typo.corrects(version=1)
    story.on(day(60))
    story.checks_in(typo.result, "400")
    assert typo.scores() == ("0.4000", "0.5000")
    assert (typo.target(at=str(day(50))), typo.target(at=str(day(51))), typo.target()) == (
        "1000", "800", "800",
    )  # fmt: skip
    (finding,) = typo.eased()
    assert finding["amount"] == "200"
    entries = story.queries.history(typo.result)["entries"]
    (entry,) = [each for each in entries if each["type"] == "key_result.corrected"]
    assert entry["changes"] == [{"field": "target", "before": "10000", "after": "1000"}]


def test_a_new_target_leaves_the_version_of_the_baseline_as_it_is(story: Story) -> None:
    typo = Typo(story)
    story.on(day(51))
    typo.revises("8000")
    story.on(day(52))
    story.does(
        c.CorrectKeyResult(typo.result, MeasureChanges(baseline=Decimal(5000)))
    )  # in force since it was added
    story.on(day(60))
    story.checks_in(typo.result, "6500")
    assert typo.scores() == ("0.3000", "0.5000")


def test_it_is_corrected_twice(story: Story) -> None:
    typo = Typo(story)
    story.on(day(51))
    typo.corrects("100")
    first = story.okr.log.head()
    typo.corrects("1000")
    story.checks_in(typo.result, "600")
    assert typo.scores() == ("0.6000", "0.6000")
    assert typo.target(known_at=str(first), at=str(day(50))) == "100"
    assert story.queries.plan(NOW)["corrected"] == 2


def test_a_weight_and_a_trajectory_are_corrected(story: Story) -> None:
    goal = story.objective()
    wrong, other = story.key_result(goal, weight="30"), story.key_result(goal)
    story.does(c.CommitPlan(NOW))
    story.checks_in(other, "100")
    story.checks_in(wrong, "0")
    story.on(day(51))
    halfway = (Point(day(80), Decimal("0.1")),)
    story.does(c.CorrectKeyResult(wrong, weight=Decimal(3), trajectory=halfway))
    (reviewed,) = story.queries.review(NOW)["goals"]
    assert [str(each["score"]) for each in reviewed["scores"].values()] == ["0.2500", "0.2500"]
    then = story.queries.objective(goal, at=str(day(50)))
    assert str(then["score"]) == "0.2500"
    assert str(then["key_results"][0]["expected"]) == "0.0625"
    assert story.queries.plan(NOW)["corrected"] == 1


def test_a_step_of_a_milestone_that_was_misspelt_stays_done(story: Story) -> None:
    goal = story.objective()
    result = story.key_result(goal, steps("design", "biuld", "test"))
    story.does(c.CommitPlan(NOW))
    story.checks_in(result, done_steps=("design", "biuld"))
    story.on(day(51))
    meant = ("design", "build", "test")
    story.does(c.CorrectKeyResult(result, MeasureChanges(steps=meant)))
    for moment in ({}, {"at": str(day(50))}):
        (shown,) = story.queries.objective(goal, **moment)["key_results"]
        assert (shown["steps"], shown["reading"]["done_steps"]) == (
            list(meant),
            ["design", "build"],
        )
        assert str(shown["progress"]) == "0.6666"
    story.checks_in(result, done_steps=meant)
    assert story.queries.objective(goal)["key_results"][0]["progress"] == 1


def test_a_step_that_was_forgotten_was_not_done(story: Story) -> None:
    goal = story.objective()
    result = story.key_result(goal, steps("design", "build"))
    story.does(c.CommitPlan(NOW))
    story.checks_in(result, "1")
    story.on(day(51))
    meant = ("design", "build", "test", "launch")
    story.does(c.CorrectKeyResult(result, MeasureChanges(steps=meant)))
    (shown,) = story.queries.review(NOW)["goals"]
    assert [str(each["score"]) for each in shown["scores"].values()] == ["0.2500", "0.2500"]


def test_check_ins_under_a_misspelt_unit_count(story: Story) -> None:
    typo = Typo(story)
    story.checks_in(typo.result, "6000")
    story.on(day(51))
    story.does(c.CorrectKeyResult(typo.result, MeasureChanges(unit="qualified leads")))
    assert typo.scores() == ("0.6000", "0.6000")
    typo.revises("12000")
    assert typo.scores() == ("0.6000", "0.5000")


def test_the_weight_of_an_alignment_is_corrected(story: Story) -> None:
    top, below = story.objective("top"), story.objective("below")
    story.checks_in(story.key_result(top), "0")
    story.checks_in(story.key_result(below), "100")
    story.aligns(below, "30", aligned_to_objective_id=top)
    story.does(c.CommitPlan(NOW))
    story.on(day(51))
    story.does(c.CorrectObjective(below, Decimal(3)))
    assert str(story.queries.objective(top)["rolled_up"]) == "0.7500"
    assert str(story.queries.objective(top, at=str(day(50)))["rolled_up"]) == "0.7500"
    (entry, *_) = story.queries.history(below)["entries"]
    assert entry["changes"] == [{"field": "weight", "before": "30", "after": "3"}]


def test_the_target_of_a_kpi_is_corrected_for_its_span(story: Story) -> None:
    kpi = story.kpi("at_most", wanted("50"))
    goal = story.objective()
    story.does(c.LinkKeyResult(story.key_result(goal), kpi))
    story.does(c.CommitPlan(NOW))
    story.reads(kpi, "6")
    story.on(day(51))
    story.does(c.CorrectKpiTarget(kpi, TargetChanges(day(20), target=Decimal(5))))
    corrected = story.okr.log.head()
    for moment, target in (
        ({}, "5"),
        ({"at": str(day(50))}, "5"),
        ({"known_at": str(day(50))}, "50"),
    ):
        (span,) = story.queries.kpi(kpi, **moment)["targets"]
        assert str(span["target"]) == target
    assert [each for each in story.queries.patterns(NOW)["findings"]
            if each["kind"] == "lowered_target"] == []  # fmt: skip
    (planned,) = story.queries.kpi_plan_and_actual(kpi)["planned"]
    assert str(planned["target"]) == "5"
    entries = story.queries.history(kpi)["entries"]
    (entry,) = [each for each in entries if each["position"] == corrected]
    assert entry["changes"] == [{"field": "target", "before": "50", "after": "5"}]


def test_a_target_that_was_moved_since_stays(story: Story) -> None:
    kpi = story.kpi("at_most", wanted("50"))
    story.does(c.RetargetKpi(kpi, TargetChanges(day(60), target=Decimal(9))))
    story.does(c.CorrectKpiTarget(kpi, TargetChanges(day(1), target=Decimal(5))))
    spans = story.queries.kpi(kpi)["targets"]
    assert [str(each["target"]) for each in spans] == ["5", "9"]


def test_after_the_fifth_working_day_someone_else_approves(story: Story) -> None:
    typo = Typo(story)
    story.on(day(58))
    receipt = story.execute(c.CorrectKeyResult(typo.result, to("1000")), reason="A typo.")
    assert receipt.approval_id is not None
    assert typo.target() == "10000"
    story.does(c.ApproveRequest(receipt.approval_id), by=BEN)
    assert (typo.target(), typo.target(at=str(day(50)))) == ("1000", "1000")
    assert story.queries.plan(NOW)["corrected"] == 1


def test_what_is_planned_and_the_explanation_know_it(story: Story) -> None:
    typo = Typo(story)
    story.checks_in(typo.result, "600")
    before = story.okr.log.head()
    story.on(day(51))
    typo.corrects()
    story.on(day(52))
    known = story.queries.objective_plan_and_actual(typo.goal)
    assert [(str(each["believed"]), str(each["known"])) for each in known["series"]][-2:] == [
        ("0.6000", "0.6000"), ("0.6000", "0.6000"),
    ]  # fmt: skip
    on_day_50 = next(each for each in known["series"] if each["day"] == day(50))
    assert (str(on_day_50["believed"]), str(on_day_50["known"])) == ("0.0600", "0.6000")
    (trajectory,) = story.queries.key_result_plan_and_actual(typo.result)["planned"]
    assert str(trajectory["target"]) == "1000"
    told = story.queries.explanation(typo.goal, str(before), str(story.okr.log.head()))
    assert {each["cause"] for each in told["causes"]} == {"corrections"}


# ---- side by side, and in the review ---------------------------------------------------------


def compared(story: Story, before: int, after: int) -> dict[str, list[str]]:
    """What a comparison says of each goal, by its title."""
    found = story.queries.compare(str(before), str(after))
    return {each["title"]: each["what"] for each in found["entries"]}


def test_a_comparison_names_what_was_corrected_apart_from_what_was_revised(story: Story) -> None:
    typo = Typo(story)
    typo.corrects()
    head = story.okr.log.head()
    (title,) = {*compared(story, typo.committed, head)}
    assert compared(story, typo.committed, head) == {title: ["corrected"]}
    assert compared(story, head, typo.committed) == {title: ["corrected"]}
    found = story.queries.compare(str(typo.committed), str(head))
    assert found["counts"] == [{"what": "corrected", "goals": 1}]
    typo.revises("800")
    revised = story.okr.log.head()
    assert compared(story, head, revised) == {title: ["retargeted"]}
    both = {title: ["corrected", "retargeted"]}
    assert compared(story, typo.committed, revised) == both
    assert compared(story, revised, typo.committed) == both


def test_where_a_later_revision_stays_both_are_named(story: Story) -> None:
    typo = Typo(story)
    typo.revises("800")
    revised = story.okr.log.head()
    typo.corrects(version=1)
    head = story.okr.log.head()
    assert compared(story, revised, head) == {}
    (what,) = compared(story, typo.committed, head).values()
    assert what == ["corrected", "retargeted"]


def test_beside_a_correction_other_changes_keep_their_words(story: Story) -> None:
    typo = Typo(story)
    typo.corrects()
    story.does(c.CorrectKeyResult(typo.result, weight=Decimal(2)))
    story.does(c.RetargetKeyResult(typo.result, MeasureChanges(unit="shops")))
    (what,) = compared(story, typo.committed, story.okr.log.head()).values()
    assert what == ["corrected", "retargeted"]
    story.does(c.ReweightKeyResult(typo.result, Decimal(3)))
    (what,) = compared(story, typo.committed, story.okr.log.head()).values()
    assert what == ["corrected", "retargeted", "reweighted"]


def test_so_it_does_of_the_weight_of_an_alignment(story: Story) -> None:
    low, high = story.objective("low"), story.objective("high")
    story.aligns(low, aligned_to_objective_id=high, weight=Decimal(5))
    before = story.okr.log.head()
    story.does(c.CorrectObjective(low, Decimal(2)))
    assert compared(story, before, story.okr.log.head())["low"] == ["corrected"]


def test_a_review_counts_corrections_of_promises_apart(story: Story) -> None:
    typo = Typo(story)
    typo.corrects()
    typo.revises("800")
    review = story.queries.review(NOW)
    (goal,) = review["goals"]
    (result,) = goal["key_results"]
    assert review["total"] is not None
    for counts in (goal["counts"], result["counts"], review["total"]["counts"]):
        assert (counts["retargets"], counts["promise_corrections"]) == (1, 1)
        assert counts["corrections"] == 0


def test_nor_is_one_of_what_was_never_promised(story: Story) -> None:
    goal, above = story.objective(), story.objective("above")
    result = story.key_result(goal, metric("0", "10000"))
    story.aligns(goal, aligned_to_objective_id=above, weight=Decimal(5))
    story.does(c.CorrectKeyResult(result, to("1000")))
    story.does(c.CorrectObjective(goal, Decimal(2)))
    (counts,) = [
        each["counts"] for each in story.queries.review(NOW)["goals"] if each["id"] == str(goal)
    ]
    assert counts["promise_corrections"] == 0


def test_one_before_the_promise_is_not_counted(story: Story) -> None:
    goal = story.objective()
    result = story.key_result(goal, metric("0", "10000"))
    story.does(c.CorrectKeyResult(result, to("1000")))
    story.does(c.CommitPlan(NOW))
    (reviewed,) = story.queries.review(NOW)["goals"]
    assert reviewed["counts"]["promise_corrections"] == 0
