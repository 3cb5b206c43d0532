"""What was meant all along, in sentences: from what to what, and until which version."""

from __future__ import annotations

from decimal import Decimal

from okr_es import commands as c
from okr_es.changes import MeasureChanges, TargetChanges
from tests.projections.audit_log.test_sentences import NBSP, says
from tests.support.story import Story, day, metric, wanted

TO_1000 = MeasureChanges(target=Decimal(1000))
IN_ENGLISH = "on 19 February 2025 at 12:00 UTC through the API, with the reason “A typo.”"
IN_SWEDISH = "den 19 februari 2025 kl. 12:00 UTC via API:et, med motiveringen ”A typo.”"


def test_a_corrected_target_says_what_was_said_and_what_was_meant(story: Story) -> None:
    leads = story.key_result(story.objective("win"), metric("0", "10000"), title="new leads")
    story.does(c.CorrectKeyResult(leads, TO_1000), reason="A typo.")
    says(
        story,
        "Ann Example corrected the target of the key result “new leads” of the objective “win”"
        f" from 10,000 to 1,000 leads, as it was meant all along, {IN_ENGLISH}",
        "Ann Example rättade målvärdet för nyckelresultatet ”new leads” i målet ”win” från"
        f" 10{NBSP}000 till 1{NBSP}000 leads, så som det hela tiden var menat, {IN_SWEDISH}",
    )


def test_of_an_earlier_version_until_when_it_was_that(story: Story) -> None:
    leads = story.key_result(story.objective("win"), metric("0", "10000"), title="new leads")
    story.does(c.RetargetKeyResult(leads, MeasureChanges(target=Decimal(800))))
    story.does(c.CorrectKeyResult(leads, TO_1000, version=1), reason="A typo.")
    says(
        story,
        "Ann Example corrected the target of the key result “new leads” of the objective “win”"
        f" from 10,000 to 1,000 leads, as it was meant all along until version 2, {IN_ENGLISH}",
        "Ann Example rättade målvärdet för nyckelresultatet ”new leads” i målet ”win” från"
        f" 10{NBSP}000 till 1{NBSP}000 leads, så som det hela tiden var menat till version 2,"
        f" {IN_SWEDISH}",
    )


def test_of_more_than_the_target_lists_all_of_it(story: Story) -> None:
    leads = story.key_result(story.objective("win"), metric("0", "100"), title="new leads")
    meant = MeasureChanges(target=Decimal(50), unit="deals")
    story.does(c.CorrectKeyResult(leads, meant, weight=Decimal(2)), reason="A typo.")
    says(
        story,
        "Ann Example corrected what the key result “new leads” of the objective “win” promises"
        " (target from 100 to 50, unit from “leads” to “deals”, weight from 1 to 2), as it was"
        f" meant all along, {IN_ENGLISH}",
        "Ann Example rättade vad nyckelresultatet ”new leads” i målet ”win” lovar (målvärde från"
        " 100 till 50, enhet från ”leads” till ”deals”, vikt från 1 till 2), så som det hela tiden"
        f" var menat, {IN_SWEDISH}",
    )


def test_the_weight_of_an_alignment_says_whose(story: Story) -> None:
    win, below = story.objective("win"), story.objective("reach")
    story.aligns(below, "30", aligned_to_objective_id=win)
    story.does(c.CorrectObjective(below, Decimal(3)), reason="A typo.")
    says(
        story,
        "Ann Example corrected the weight with which the objective “reach” is aligned"
        f" from 30 to 3, as it was meant all along, {IN_ENGLISH}",
        "Ann Example rättade vikten med vilken målet ”reach” är kopplat från 30"
        f" till 3, så som det hela tiden var menat, {IN_SWEDISH}",
    )


def test_the_target_of_a_kpi_names_its_span(story: Story) -> None:
    kpi = story.kpi("at_most", wanted("50"), name="Waiting")
    story.does(c.CorrectKpiTarget(kpi, TargetChanges(day(1), target=Decimal(5))), reason="A typo.")
    says(
        story,
        "Ann Example corrected the target of the KPI “Waiting” from 50 to 5 leads for 1 January"
        f" 2025 to 10 April 2025, as it was meant all along, {IN_ENGLISH}",
        "Ann Example rättade målvärdet för nyckeltalet ”Waiting” från 50 till 5 leads för den 1"
        " januari 2025 till den 10 april 2025, så som det hela tiden var menat,"
        f" {IN_SWEDISH}",
    )
