"""What was changed under a running cycle is found: hand-overs of the past, late numbers, rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.values import Cadence
from tests.projections.patterns.test_report import Finding, found, goals, planned
from tests.support.story import ANN, BEN, COMPANY, NEXT, NOW, SALES, Story, day, metric


def moves(finding: Finding) -> list[tuple[str, str, str]]:
    return [(each["title"], each["before"], each["after"]) for each in finding["moved"]]


def corrects(story: Story, reading: UUID, value: str) -> UUID:
    return story.does(c.CorrectReading(reading, Decimal(value)))


# ---- hand-overs of the past ---------------------------------------------------------------


def test_hand_overs_from_a_day_more_than_a_week_before_are_found(story: Story) -> None:
    goals_ = [story.objective(f"goal {n}") for n in range(3)]
    story.does(c.ReassignObjective(goals_[0], owner_id=BEN, effective=day(42)), reason="Ann left.")
    story.does(c.ReassignObjective(goals_[1], team_id=SALES, effective=day(1)))
    story.does(c.ReassignObjective(goals_[2], owner_id=BEN, effective=day(30)))
    story.does(c.ReassignObjective(goals_[2], owner_id=ANN, effective=day(20)))
    findings = found(story, "backdated_hand_over")
    assert goals(findings) == [*goals_[:2], goals_[2], goals_[2]]
    assert [each["days_back"] for each in findings] == [8, 49, 20, 30]
    (event,) = findings[0]["events"]
    assert (event["type"], event["reason"]) == ("objective.reassigned", "Ann left.")
    assert {"field": "owner_id", "before": str(ANN), "after": str(BEN)} in event["changes"]


def test_those_of_a_week_or_of_the_day_or_of_drafts_are_not(story: Story) -> None:
    week, today, later = (story.objective(f"goal {n}") for n in range(3))
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "perhaps"))
    other = story.objective(cycle_id=NOW)
    story.does(c.ReassignObjective(week, owner_id=BEN, effective=day(43)))
    story.does(c.ReassignObjective(today, owner_id=BEN))
    story.does(c.ReassignObjective(later, owner_id=BEN, effective=day(50)))
    story.does(c.ReassignObjective(draft, owner_id=BEN, effective=day(2)))
    story.does(c.RetitleObjective(week, "the same day, other words"))
    assert found(story, "backdated_hand_over") == []
    story.on(day(60))
    story.does(c.RetitleObjective(week, "later words"))
    story.does(c.ReassignObjective(other, owner_id=BEN, effective=day(53)))
    assert found(story, "backdated_hand_over") == []


# ---- corrections in the last week ---------------------------------------------------------


def measured(story: Story, value: str, on: int = 90, **fields: Any) -> tuple[UUID, UUID, UUID]:
    """A promise of which one number was read; the goal, the number and the reading."""
    goal = story.objective(**fields)
    number = story.key_result(goal)
    story.does(c.CommitPlan(NOW))
    story.on(day(on))
    return goal, number, story.checks_in(number, value)


def test_a_correction_in_the_last_week_by_which_a_goal_is_met_is_found(story: Story) -> None:
    _, number, reading = measured(story, "70")
    story.on(day(94))
    story.does(c.CorrectReading(reading, Decimal(100)), reason="Counted again.", by=BEN)
    (finding,) = found(story, "moved_outcome")
    assert finding["goal"]["id"] == str(number)
    assert moves(finding) == [("win", "partly_met", "met")]
    assert finding["days_left"] == 6
    (event,) = finding["events"]
    assert (event["by"], event["reason"]) == ({"id": BEN}, "Counted again.")
    assert event["changes"] == [{"field": "value", "before": "70", "after": "100"}]


def test_so_is_every_step_down_a_retraction_and_what_comes_before_the_closing(
    story: Story,
) -> None:
    _, _, reading = measured(story, "100")
    story.on(day(95))
    corrects(story, reading, "99")
    story.on(day(103))
    corrects(story, reading, "39")
    story.does(c.RetractReading(reading))
    findings = found(story, "moved_outcome")
    assert [moves(each)[0][1:] for each in findings] == [
        ("met", "partly_met"), ("partly_met", "missed"), ("missed", "not_measured"),
    ]  # fmt: skip
    assert [each["days_left"] for each in findings] == [5, -3, -3]


def test_what_moved_nothing_or_came_before_or_after_the_closing_is_not(story: Story) -> None:
    _, _, reading = measured(story, "70", on=85)
    story.on(day(93))
    corrects(story, reading, "100")
    story.on(day(94))
    corrects(story, reading, "120")
    corrects(story, reading, "100.5")
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    corrects(story, reading, "30")
    assert found(story, "moved_outcome") == []
    assert len(found(story, "changed_reading")) == 4


def test_one_number_of_several_moves_the_goals_it_counts_in_alone(story: Story) -> None:
    kpi = story.kpi("increase", cadence=Cadence.WEEKLY, baseline="0")
    fed, above, other = story.objective("fed"), story.objective("above"), story.objective("other")
    story.key_result(fed, metric(), kpi_id=kpi)
    story.aligns(fed, aligned_to_objective_id=above)
    story.key_result(other)
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "draft"))
    story.key_result(draft, metric(), kpi_id=kpi)
    story.does(c.CommitPlan(NOW))
    story.on(day(90))
    reading = story.reads(kpi, "30")
    story.on(day(96))
    corrects(story, reading, "45")
    (finding,) = found(story, "moved_outcome")
    assert (finding["goal"]["kind"], finding["goal"]["id"]) == ("kpi", str(kpi))
    assert moves(finding) == [("fed", "missed", "partly_met"), ("above", "missed", "partly_met")]


def test_a_grade_set_by_hand_is_not_moved_and_one_computed_is(story: Story) -> None:
    by_hand, _, first = measured(story, "100", title="by hand")
    computed, number = story.objective("computed"), None
    number = story.key_result(computed)
    second = story.checks_in(number, "100")
    story.does(c.GradeObjective(by_hand, Decimal("0.8")))
    story.does(c.GradeObjective(computed))
    story.on(day(98))
    corrects(story, first, "10")
    corrects(story, second, "10")
    (finding,) = found(story, "moved_outcome")
    assert moves(finding) == [("computed", "met", "missed")]


def test_of_what_was_given_up_nothing_moves(story: Story) -> None:
    goal, _, reading = measured(story, "100")
    story.does(c.AbandonObjective(goal))
    story.on(day(98))
    corrects(story, reading, "10")
    assert found(story, "moved_outcome") == []


# ---- KPIs retired -------------------------------------------------------------------------


def test_kpis_retired_while_they_fed_the_plan_are_found(story: Story) -> None:
    one, two = (story.kpi("increase", name=f"KPI {n}") for n in range(2))
    _, (number, other) = planned(story, metric(), metric())
    story.does(c.LinkKeyResult(number, one))
    story.does(c.LinkKeyResult(other, two))
    story.does(c.RetireKpi(one), reason="No longer counted.", by=BEN)
    story.on(day(102))
    story.does(c.RetireKpi(two))
    findings = found(story, "retired_kpi")
    assert goals(findings) == [one, two]
    (event,) = findings[0]["events"]
    assert (event["type"], event["by"], event["reason"]) == (
        "kpi.retired", {"id": BEN}, "No longer counted.",
    )  # fmt: skip
    assert event["goal"] == {"kind": "kpi", "id": str(one)}


def test_those_that_fed_no_promise_then_are_not(story: Story) -> None:
    alone, unlinked, dropped, drafted, graded, closed = (
        story.kpi("increase", name=f"KPI {n}") for n in range(6)
    )
    _, numbers = planned(story, *(metric() for _ in range(2)))
    for number, kpi in zip(numbers, (unlinked, dropped), strict=True):
        story.does(c.LinkKeyResult(number, kpi))
    story.does(c.LinkKeyResult(numbers[0], None))
    story.does(c.DropKeyResult(numbers[1]))
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "perhaps"))
    story.key_result(draft, kpi_id=drafted)
    over, running = story.objective("over"), story.objective("running")
    story.key_result(over, kpi_id=graded)
    story.key_result(running, kpi_id=closed)
    story.does(c.GradeObjective(over))
    for kpi in (alone, unlinked, dropped, drafted, graded):
        story.does(c.RetireKpi(kpi))
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    story.does(c.RetireKpi(closed))
    assert found(story, "retired_kpi") == []


def test_nor_one_retired_before_its_cycle_began(story: Story) -> None:
    kpi = story.kpi("increase")
    goal = story.objective(cycle_id=NEXT)
    story.key_result(goal, kpi_id=kpi)
    story.does(c.CommitPlan(NEXT))
    story.does(c.RetireKpi(kpi))
    assert story.queries.patterns(NEXT)["counts"]["retired_kpi"] == 0


# ---- the scoring policy -------------------------------------------------------------------


def eases(story: Story, expected: str, **context: Any) -> None:
    story.does(c.AdoptScoringPolicy(committed_expected=Decimal(expected)), **context)


def test_changes_of_the_policy_while_the_cycle_ran_are_found_with_what_they_moved(
    story: Story,
) -> None:
    high, low = story.objective("high"), story.objective("low")
    numbers = [story.key_result(goal) for goal in (high, low)]
    story.does(c.CommitPlan(NOW))
    for number, value in zip(numbers, ("85", "50"), strict=True):
        story.checks_in(number, value)
    eases(story, "0.8", reason="One is too much.", by=BEN)
    story.on(day(101))
    eases(story, "0.79")
    first, second = found(story, "changed_policy")
    assert moves(first) == [("high", "partly_met", "met")]
    assert (first["goal"], moves(second)) == (None, [])
    (event,) = first["events"]
    assert (event["by"], event["reason"], event["goal"]) == (
        {"id": BEN}, "One is too much.", None,
    )  # fmt: skip
    assert {"field": "committed_expected", "before": None, "after": "0.8"} in event["changes"]


def test_those_before_the_plan_or_the_cycle_or_after_the_closing_are_not(story: Story) -> None:
    goal = story.objective()
    story.checks_in(story.key_result(goal), "85")
    eases(story, "0.9")
    story.does(c.CommitPlan(NOW))
    story.objective(cycle_id=NEXT)
    story.does(c.CommitPlan(NEXT))
    assert found(story, "changed_policy") == []
    story.on(day(60))
    eases(story, "0.8")
    assert len(found(story, "changed_policy")) == 1
    assert story.queries.patterns(NEXT)["counts"]["changed_policy"] == 0
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    eases(story, "0.7")
    assert len(found(story, "changed_policy")) == 1
    assert story.queries.patterns(NEXT)["counts"]["changed_policy"] == 1


@pytest.mark.parametrize("kind", ["retired_kpi", "changed_policy"])
def test_a_reason_given_for_it_elsewhere_is_not_repeated_in_this_cycle(
    kind: str, story: Story
) -> None:
    kpi = story.kpi("increase")
    goal = story.objective()
    story.key_result(goal, kpi_id=kpi)
    story.does(c.CommitPlan(NOW), reason=None)
    story.does(c.RetitleObjective(goal, "x"), reason="As we said.")
    if kind == "retired_kpi":
        story.does(c.RetireKpi(kpi), reason="As we said.")
    else:
        eases(story, "0.8", reason="As we said.")
    assert len(found(story, kind)) == 1
    reasons = [each["events"][0]["reason"] for each in found(story, "repeated_reason")]
    assert "As we said." not in reasons
