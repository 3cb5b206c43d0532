"""Patterns worth an auditor's eye: each is found, and what looks like it and is not is left out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Cadence, Controlled, Kind
from projections.patterns.answers import KINDS
from tests.support.story import (
    ANN,
    BEN,
    COMPANY,
    ENDS,
    NEXT,
    NOW,
    SALES,
    ZONES,
    Story,
    day,
    metric,
    steps,
    wanted,
)

Finding = dict[str, Any]


def found(story: Story, kind: str, **asked: Any) -> list[Finding]:
    """The findings of a kind; each kind is counted as often as it is told."""
    answer = story.queries.patterns(NOW, **asked)
    told = dict.fromkeys(KINDS, 0)
    for each in answer["findings"]:
        told[each["kind"]] += 1
    assert answer["counts"] == told
    return [each for each in answer["findings"] if each["kind"] == kind]


def goals(findings: list[Finding]) -> list[UUID]:
    return [UUID(each["goal"]["id"]) for each in findings]


def planned(story: Story, *measures: Measure) -> tuple[UUID, list[UUID]]:
    """An objective of Ann's with key results, its plan committed."""
    goal = story.objective()
    key_results = [story.key_result(goal, measure) for measure in measures]
    story.does(c.CommitPlan(NOW))
    return goal, key_results


# ---- targets made easier ------------------------------------------------------------------


def test_targets_made_easier_after_the_commitment_are_found(story: Story) -> None:
    _, (more, less, steps_, words) = planned(
        story, metric("0", "100"), metric("10", "2"), steps("a", "b", "c"), ZONES
    )
    why = "The market shrank."
    story.does(c.RetargetKeyResult(more, metric("0", "80")), reason=why, by=BEN)
    story.does(c.RetargetKeyResult(less, metric("10", "4")))
    story.does(c.RetargetKeyResult(steps_, steps("a", "b")))
    zones = Measure(Kind.ORDINAL, zones=Zones("heard of", "liked", "loved"))
    story.does(c.RetargetKeyResult(words, zones))
    findings = found(story, "lowered_target")
    assert goals(findings) == [more, less, steps_, words]
    assert [(each["amount"], str(each["share"])) for each in findings] == [
        ("20", "0.2000"), ("2", "0.2500"), ("1", "0.3333"), (None, "None"),
    ]  # fmt: skip
    (event,) = findings[0]["events"]
    assert event["changes"] == [{"field": "target", "before": "100", "after": "80"}]
    assert (event["by"], event["reason"], event["day"]) == ({"id": BEN}, why, day(50))
    assert event["position"] == story.okr.log.head() - 3


def test_targets_that_were_not_made_easier_or_not_promised_are_not(story: Story) -> None:
    goal = story.objective()
    early = story.key_result(goal)
    story.does(c.RetargetKeyResult(early, metric("0", "10")))
    _, (more, less) = planned(story, metric("0", "100"), metric("10", "2"))
    story.does(c.RetargetKeyResult(more, metric("0", "120")))
    story.does(c.RetargetKeyResult(less, metric("10", "1")))
    story.does(c.ReweightKeyResult(more, Decimal(3)))
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "perhaps"))
    story.does(c.RetargetKeyResult(story.key_result(draft), metric("0", "1")))
    assert found(story, "lowered_target") == []


def test_each_step_down_is_a_finding_also_where_it_went_up_between(story: Story) -> None:
    _, (more,) = planned(story, metric("0", "100"))
    for target in ("90", "95", "85"):
        story.does(c.RetargetKeyResult(more, metric("0", target)))
    assert [each["amount"] for each in found(story, "lowered_target")] == ["10", "10"]


def test_so_are_targets_of_a_kpi_that_feeds_the_plan(story: Story) -> None:
    kpi = story.kpi("at_most", wanted("5"))
    _, (more,) = planned(story, metric("0", "100"))
    story.does(c.LinkKeyResult(more, kpi))
    story.does(c.RetargetKpi(kpi, wanted("6.5")), reason="It is what it is.")
    (finding,) = found(story, "lowered_target")
    assert (finding["goal"]["kind"], finding["goal"]["id"]) == ("kpi", str(kpi))
    assert (finding["amount"], finding["events"][0]["reason"]) == ("1.5", "It is what it is.")
    assert {"field": "target", "before": "5", "after": "6.5"} in finding["events"][0]["changes"]


def test_but_not_of_one_that_fed_nothing_then_or_for_other_days_or_harder(story: Story) -> None:
    alone, later = story.kpi("increase"), story.kpi("increase")
    fed = story.kpi("at_most", wanted("5"), wanted("5", 101, 150))
    _, (more, other) = planned(story, metric("0", "100"), metric("0", "100"))
    story.does(c.RetargetKpi(fed, wanted("9")))
    story.does(c.LinkKeyResult(more, fed))
    story.does(c.RetargetKpi(fed, wanted("4")))
    story.does(c.RetargetKpi(fed, wanted("9", 101, 150)))
    story.does(c.RetargetKpi(alone, wanted("1")))
    story.does(c.LinkKeyResult(other, later))
    story.does(c.LinkKeyResult(other, None))
    story.does(c.RetargetKpi(later, wanted("1")))
    assert found(story, "lowered_target") == []


# ---- the last days ------------------------------------------------------------------------


def test_changes_of_the_plan_in_the_last_days_are_found(story: Story) -> None:
    goal, (more,) = planned(story, metric("0", "100"))
    story.on(day(86))
    story.does(c.RetargetKeyResult(more, metric("0", "100.5")))
    story.on(day(87))
    story.does(c.ReassignObjective(goal, owner_id=BEN), reason="Ann left.")
    story.on(day(100))
    story.key_result(goal)
    story.on(day(103))
    story.does(c.DropKeyResult(more))
    findings = found(story, "last_days")
    assert [each["days_left"] for each in findings] == [13, 0, -3]
    assert [each["events"][0]["type"] for each in findings] == [
        "objective.reassigned", "key_result.added", "key_result.dropped",
    ]  # fmt: skip
    assert findings[0]["events"][0]["reason"] == "Ann left."
    assert len(found(story, "last_days", last_days=15)) == 4
    assert len(found(story, "last_days", last_days=1)) == 2


def test_corrections_of_the_plan_in_the_last_days_are_found(story: Story) -> None:
    """Nobody counts them as eased, so here is where an auditor sees them."""
    story.on(day(86))
    goal, (more,) = planned(story, metric("0", "100"))
    story.does(c.RealignObjective(goal, aligned_to_objective_id=story.objective("above")))
    story.on(day(88))
    story.does(c.CorrectKeyResult(more, measure=metric("0", "10")))
    story.does(c.CorrectObjective(goal, weight=Decimal("0.5")))
    findings = found(story, "last_days")
    assert [each["events"][0]["type"] for each in findings] == [
        "key_result.corrected", "objective.corrected",
    ]  # fmt: skip
    assert [each["days_left"] for each in findings] == [12, 12]
    assert found(story, "lowered_target") == []


@pytest.mark.parametrize(("zone", "days_left"), [("UTC", []), ("Europe/Rome", [13])])
def test_the_days_are_those_of_the_organisations_zone(
    untold: Story, zone: str, days_left: list[int]
) -> None:
    untold.proposes(zone)
    story = untold.begun()
    _, (more,) = planned(story, metric("0", "100"))
    story.on(day(86))
    story.clock.now += timedelta(hours=11, minutes=30)  # in Rome it is the day after
    story.does(c.RetargetKeyResult(more, metric("0", "90")))
    assert [each["days_left"] for each in found(story, "last_days")] == days_left


def test_what_is_no_change_of_the_plan_is_not(story: Story) -> None:
    _, (more,) = planned(story, metric("0", "100"))
    story.on(day(95))
    story.checks_in(more, "5")
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "perhaps"))
    story.does(c.RetitleObjective(draft, "maybe"))
    story.does(c.CommitObjective(story.does(c.DraftObjective(NEXT, COMPANY, ANN, "other"))))
    assert found(story, "last_days") == []


# ---- readings -----------------------------------------------------------------------------


def test_readings_recorded_after_the_day_they_were_due_by_are_found(story: Story) -> None:
    story.on(day(50))
    goal = story.objective()
    weekly = story.key_result(goal, cadence=Cadence.WEEKLY)
    free = story.key_result(goal, cadence=Cadence.PER_PROJECT)
    story.checks_in(weekly, "0", on=day(40))  # of a week before it began
    story.on(day(64))  # the Wednesday after the week from day 55 to 61
    story.checks_in(weekly, "2", on=day(55))
    story.checks_in(free, "1", on=day(51))
    story.on(day(66))
    late = story.checks_in(weekly, "1", on=day(61))
    story.checks_in(weekly, "1", on=day(62))
    (finding,) = found(story, "late_reading")
    assert finding["goal"]["id"] == str(weekly)
    assert (finding["days_late"], finding["after_closing"]) == (2, False)
    assert finding["events"][0]["id"] == f"{late}/1"
    assert {"field": "value", "before": None, "after": "1"} in finding["events"][0]["changes"]


def test_nothing_is_late_about_days_on_which_a_milestone_was_done(story: Story) -> None:
    launch = story.key_result(story.objective(), steps("design"), cadence=Cadence.WEEKLY)
    story.on(day(51))
    story.checks_in(launch, "1")
    story.on(day(75))
    story.checks_in(launch, "1", on=day(60))
    story.on(day(76))
    story.does(c.RetargetKeyResult(launch, steps("design", "build")))
    story.on(day(88))
    story.checks_in(launch, "1", on=day(77))
    story.checks_in(launch, "1", on=day(70))
    (finding,) = found(story, "late_reading")
    assert (finding["goal"]["id"], finding["days_late"]) == (str(launch), 3)


def test_those_of_a_kpi_go_by_its_cadence_when_they_were_recorded(story: Story) -> None:
    kpi = story.kpi("increase")
    story.key_result(story.objective(), kpi_id=kpi, cadence=Cadence.YEARLY)
    story.reads(kpi, "1", on=day(49))  # the eve of its definition
    story.on(day(55))  # a Monday
    story.reads(kpi, "1", on=day(52))
    story.reads(kpi, "2", on=day(51))
    story.does(c.ReplaceKpiCadence(kpi, Cadence.MONTHLY))
    story.reads(kpi, "3", on=day(50))
    (finding,) = found(story, "late_reading")
    assert (finding["goal"]["kind"], finding["days_late"]) == ("kpi", 3)


def test_readings_about_other_days_or_of_other_kpis_are_not(story: Story) -> None:
    kpi, other = story.kpi("increase"), story.kpi("increase")
    story.key_result(story.objective(), kpi_id=kpi)
    story.reads(kpi, "1", on=day(-5))
    story.reads(other, "1", on=day(2))
    assert found(story, "late_reading") == []


def test_readings_recorded_after_the_closing_are_found_however_fresh(story: Story) -> None:
    leads = story.key_result(story.objective())
    story.on(ENDS)
    story.checks_in(leads, "1")
    story.does(c.CloseCycle(NOW))
    closing_position = story.okr.log.head()
    story.checks_in(leads, "2")
    story.does(c.ReopenCycle(NOW))
    story.checks_in(leads, "3")
    (finding,) = found(story, "late_reading")
    assert (finding["days_late"], finding["after_closing"]) == (0, True)
    assert finding["events"][0]["position"] == closing_position + 1
    assert found(story, "late_reading", known_at="published-1") == []


def test_corrections_and_retractions_are_found_with_before_and_after(story: Story) -> None:
    leads = story.key_result(story.objective())
    first, second = story.checks_in(leads, "1"), story.checks_in(leads, "2")
    story.checks_in(leads, "3")
    story.does(c.CorrectReading(first, Decimal(5)), reason="A typing mistake.", by=BEN)
    story.does(c.RetractReading(second), reason="Counted twice.")
    corrected, retracted = found(story, "changed_reading")
    (event,) = corrected["events"]
    assert event["changes"] == [{"field": "value", "before": "1", "after": "5"}]
    assert (event["by"], event["reason"]) == ({"id": BEN}, "A typing mistake.")
    assert event["goal"] == {"kind": "key_result", "id": str(leads)}
    assert corrected["goal"]["id"] == str(leads)
    assert retracted["events"][0]["reason"] == "Counted twice."
    assert retracted["events"][0]["type"] == "reading.retracted"


# ---- grades -------------------------------------------------------------------------------


def test_adjusted_grades_are_found_against_what_was_computed_at_that_moment(story: Story) -> None:
    goal = story.objective()
    leads = story.key_result(goal)
    story.checks_in(leads, "45")
    story.does(c.GradeObjective(goal, Decimal("0.8")), reason="It was hard.", by=BEN)
    story.checks_in(leads, "90")
    (finding,) = found(story, "adjusted_grade")
    assert (str(finding["computed"]), str(finding["amount"])) == ("0.4500", "0.3500")
    assert (finding["goal"]["id"], finding["events"][0]["reason"]) == (str(goal), "It was hard.")


def test_an_adjusted_grade_of_what_was_not_measured_has_nothing_to_differ_from(
    story: Story,
) -> None:
    story.does(c.GradeObjective(story.objective(), Decimal("0.8")))
    (finding,) = found(story, "adjusted_grade")
    assert (finding["computed"], finding["amount"]) == (None, None)


def test_grades_as_computed_are_not(story: Story) -> None:
    first, second = story.objective(), story.objective("second")
    for goal in (first, second):
        story.checks_in(story.key_result(goal), "45")
    story.does(c.GradeObjective(first))
    story.does(c.GradeObjective(second, Decimal("0.450")))
    assert found(story, "adjusted_grade") == []


def test_owners_who_graded_themselves_are_found_as_are_those_who_had_it_done(story: Story) -> None:
    own, done, handed = (story.objective(name) for name in ("own", "done", "handed"))
    story.does(c.GradeObjective(own))
    story.does(c.GradeObjective(done), by=BEN, on_behalf_of=ANN)
    story.does(c.ReassignObjective(handed, owner_id=BEN))
    story.does(c.GradeObjective(handed), by=BEN)
    findings = found(story, "graded_own")
    assert goals(findings) == [own, done, handed]
    assert [each["events"][0]["by"]["id"] for each in findings] == [ANN, BEN, BEN]


def test_others_who_graded_are_not_nor_owners_of_another_time(story: Story) -> None:
    before, after = story.objective("before"), story.objective("after", owner_id=BEN)
    story.does(c.GradeObjective(before), by=BEN)
    story.does(c.ReopenObjective(before))
    story.does(c.ReassignObjective(before, owner_id=BEN))
    story.does(c.ReassignObjective(after, owner_id=ANN))
    story.does(c.GradeObjective(after), by=BEN)
    assert found(story, "graded_own") == []


def test_an_approved_grade_of_ones_own_names_the_request(story: Story) -> None:
    story.does(c.RequireApproval(NOW, tuple(Controlled)))
    goal = story.objective()
    request = story.does(c.GradeObjective(goal, Decimal("0.8")))
    story.does(c.ApproveRequest(request), by=BEN)
    (finding,) = found(story, "graded_own")
    event = finding["events"][0]
    assert (event["by"], event["on_behalf_of"], event["approval_id"]) == (
        {"id": BEN}, {"id": ANN}, str(request),
    )  # fmt: skip


# ---- re-alignments ------------------------------------------------------------------------


def test_goals_re_aligned_more_than_once_are_found(story: Story) -> None:
    goal, one, other = (story.objective(name) for name in ("goal", "one", "other"))
    story.aligns(goal, aligned_to_objective_id=one)
    story.aligns(goal, aligned_to_objective_id=other)
    story.aligns(one, aligned_to_objective_id=other)
    (finding,) = found(story, "realigned_again")
    assert (finding["goal"]["id"], finding["times"]) == (str(goal), 2)
    assert [
        (each["before"], each["after"]) for event in finding["events"] for each in event["changes"]
    ] == [(None, str(one)), (str(one), str(other))]


def test_a_drafts_first_alignment_is_no_re_alignment(story: Story) -> None:
    one, other = story.objective("one"), story.objective("other")
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "goal"))
    story.aligns(draft, aligned_to_objective_id=one)
    story.aligns(draft, aligned_to_objective_id=other)
    story.does(c.RetitleObjective(draft, "x"))
    assert found(story, "realigned_again") == []
    story.aligns(draft, "2", aligned_to_objective_id=other)
    assert goals(found(story, "realigned_again")) == [draft]


# ---- reasons ------------------------------------------------------------------------------


def said(findings: list[Finding]) -> dict[str, int]:
    return {each["events"][0]["reason"]: each["times"] for each in findings}


@pytest.fixture
def quiet(story: Story) -> Story:
    """A story in which nobody gives a reason unless a test says so."""
    does = story.does
    story.does = lambda command, **said: does(command, **({"reason": None} | said))  # type: ignore[method-assign]
    return story


def test_reasons_that_repeat_word_for_word_are_found_across_goals_and_people(
    quiet: Story,
) -> None:
    story = quiet
    goal, other = story.objective(), story.objective("other")
    leads, kpi = story.key_result(goal), story.kpi("increase")
    story.does(c.LinkKeyResult(leads, kpi))
    story.does(c.RetitleObjective(goal, "x"), reason="The market moved.")
    story.does(c.RetitleObjective(other, "y"), reason="  the  MARKET\nmoved. ", by=BEN)
    story.does(c.RetargetKpi(kpi, wanted("85")), reason="The market moved.")
    story.does(c.CloseCycle(NOW))
    story.does(c.ReopenCycle(NOW), reason="the market moved.")
    story.does(c.AbandonObjective(other), reason="The market moved!")
    (finding,) = found(story, "repeated_reason")
    assert (finding["goal"], finding["times"], len(finding["events"])) == (None, 4, 4)
    assert [each["goal"] for each in finding["events"]] == [
        {"kind": "objective", "id": str(goal)}, {"kind": "objective", "id": str(other)},
        {"kind": "kpi", "id": str(kpi)}, None,
    ]  # fmt: skip
    assert [each["by"]["id"] for each in finding["events"]] == [ANN, BEN, ANN, ANN]
    positions = [each["position"] for each in finding["events"]]
    assert positions == sorted(positions)


def test_what_one_command_did_to_many_counts_once(quiet: Story) -> None:
    story = quiet
    goal = story.objective()
    for name in ("a", "b"):
        story.key_result(goal, title=name)
    story.does(c.CarryOverObjective(goal, NEXT), reason="Not done yet.")
    kpi = story.kpi("increase")
    story.does(c.LinkKeyResult(story.key_result(story.objective("fed")), kpi))
    readings = tuple(c.RecordReading(kpi, day(n), Decimal(n)) for n in (48, 49))
    story.execute(c.RecordReadings(readings), reason="Monthly import.")
    assert found(story, "repeated_reason") == []


def test_a_request_and_what_came_of_it_are_one_reason(quiet: Story) -> None:
    story = quiet
    goal, _ = planned(story)
    story.does(c.RequireApproval(NOW, tuple(Controlled)))
    request = story.does(c.RetitleObjective(goal, "x"), reason="The market moved.")
    story.does(c.ApproveRequest(request), by=BEN)
    assert found(story, "repeated_reason") == []


def test_reasons_of_other_cycles_are_not_found_and_those_of_who_was_erased_are(
    quiet: Story,
) -> None:
    story = quiet
    goal, other = story.objective(), story.objective(cycle_id=NEXT)
    story.does(c.RetitleObjective(goal, "x"), reason="Why not.")
    story.does(c.RetitleObjective(other, "y"), reason="Why not.")
    assert found(story, "repeated_reason") == []
    story.does(c.RetitleObjective(goal, "z"), reason="Why not.", by=BEN)
    story.does(c.ErasePerson(BEN, "on request"), reason="asked")
    assert said(found(story, "repeated_reason")) == {"Why not.": 2}


# ---- the report ---------------------------------------------------------------------------


def test_the_report_of_a_past_position_stays_as_it_was(story: Story) -> None:
    story.on(day(50))
    goal, (more,) = planned(story, metric("0", "100"))
    story.does(c.RetargetKeyResult(more, metric("0", "80")))
    story.checks_in(more, "5", on=day(2))
    story.does(c.GradeObjective(goal, Decimal("0.5")))
    story.does(c.CloseCycle(NOW))
    before = story.queries.patterns(NOW, known_at="published-1")
    assert before["fixed"]
    told = {"lowered_target", "adjusted_grade", "graded_own", "repeated_reason"}
    assert before["counts"] == {kind: int(kind in told) for kind in KINDS}
    assert [each["kind"] for each in before["findings"]] == [
        kind for kind in KINDS if before["counts"][kind]
    ]
    story.on(day(120))
    story.checks_in(more, "6", on=day(3))
    story.does(c.ReopenCycle(NOW))
    story.does(c.ReopenObjective(goal))
    story.does(c.RetargetKeyResult(more, metric("0", "70")))
    assert story.queries.patterns(NOW, known_at="published-1") == before
    now = story.queries.patterns(NOW)
    assert (now["counts"]["lowered_target"], now["counts"]["late_reading"]) == (2, 1)
    assert now["position"] == story.okr.log.head()


def test_a_cycle_in_which_nothing_happened_has_none(story: Story) -> None:
    story.objective(team_id=SALES)
    answer = story.queries.patterns(NEXT)
    assert answer["findings"] == []
    assert set(answer["counts"].values()) == {0}
    with pytest.raises(NotFound):
        story.queries.patterns(COMPANY)
