"""Entries that count nowhere, in the score as committed alone, or in a grade given before."""

from datetime import date

import pytest

from okr_es.commands import (
    AbandonObjective,
    CheckIn,
    Command,
    CorrectReading,
    DropKeyResult,
    GradeObjective,
    LinkKeyResult,
    RecordReading,
    RetargetKeyResult,
    RetractReading,
    ReweightKeyResult,
)
from okr_es.context import Context, Thing
from okr_es.domain.measure import Measure
from okr_es.domain.values import Kind
from tests.support.given import World, given
from tests.support.tried import executed_as_tried
from tests.support.world import CUSTOMERS, GROW, NEW, RESPONSE, THOUSAND, TODAY, d

CHECKED = CheckIn(CUSTOMERS, TODAY, 7, d("100"), id=NEW)
CHANGES = [CorrectReading(NEW, d("120")), RetractReading(NEW)]
IN_THOUSANDS = Measure(Kind.METRIC, d("0"), d("1"), "thousand leads")
OF_KEY_RESULT, OF_OBJECTIVE = Thing("key_result", CUSTOMERS), Thing("objective", GROW)


def warned(world: World, command: Command) -> list[tuple[str, tuple[Thing, ...]]]:
    receipt = executed_as_tried(world.okr, command, Context(world.actor, "x"))
    return [(each.code, each.things) for each in receipt.warnings]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: type(each).__name__)
class TestAChangedCheckIn:
    @pytest.mark.parametrize(
        "before",
        [RetargetKeyResult(CUSTOMERS, IN_THOUSANDS), LinkKeyResult(CUSTOMERS, RESPONSE)],
        ids=lambda each: type(each).__name__,
    )
    def test_of_an_earlier_unit_or_source_counts_nowhere(
        self, before: Command, change: Command, world_on_both: World
    ) -> None:
        given(world_on_both, CHECKED, before)
        assert warned(world_on_both, change) == [("counts_no_longer", (OF_KEY_RESULT,))]

    def test_in_a_unit_that_came_back_counts(self, change: Command, world: World) -> None:
        given(world, CHECKED, RetargetKeyResult(CUSTOMERS, IN_THOUSANDS))
        given(world, RetargetKeyResult(CUSTOMERS, THOUSAND))
        assert warned(world, change) == []

    @pytest.mark.parametrize("end", [DropKeyResult(CUSTOMERS), AbandonObjective(GROW)], ids=repr)
    def test_of_what_was_given_up_counts_as_committed_alone(
        self, end: Command, change: Command, world: World
    ) -> None:
        given(world, CHECKED, end)
        assert warned(world, change) == [("counts_as_committed", (OF_KEY_RESULT,))]

    def test_of_a_graded_objective_changes_its_grade(self, change: Command, world: World) -> None:
        given(world, CHECKED, GradeObjective(GROW))
        assert warned(world, change) == [("graded_before", (OF_OBJECTIVE,))]

    def test_outside_the_cycle_counts_nowhere(self, change: Command, world: World) -> None:
        given(world, CheckIn(CUSTOMERS, date(2025, 6, 30), 7, d("100"), id=NEW))
        assert warned(world, change) == [("outside_the_cycle", (OF_KEY_RESULT,))]


class TestWithoutAWeight:
    NONE = ReweightKeyResult(CUSTOMERS, d("0"))

    def test_a_check_in_counts_in_no_score(self, world_on_both: World) -> None:
        given(world_on_both, self.NONE)
        assert warned(world_on_both, CHECKED) == [("has_no_weight", (OF_KEY_RESULT,))]

    @pytest.mark.parametrize("change", CHANGES, ids=lambda each: type(each).__name__)
    def test_nor_does_what_is_changed_of_one(self, change: Command, world: World) -> None:
        given(world, CHECKED, self.NONE, GradeObjective(GROW))
        assert warned(world, change) == [("has_no_weight", (OF_KEY_RESULT,))]

    def test_confidence_alone_never_counts(self, world: World) -> None:
        given(world, self.NONE)
        assert warned(world, CheckIn(CUSTOMERS, TODAY, 7)) == []


def test_confidence_alone_changes_no_grade(world: World) -> None:
    given(world, GradeObjective(GROW))
    assert warned(world, CheckIn(CUSTOMERS, TODAY, 7)) == []


def test_what_was_dropped_is_no_part_of_the_grade(world: World) -> None:
    given(world, CHECKED, DropKeyResult(CUSTOMERS), GradeObjective(GROW))
    assert warned(world, CorrectReading(NEW, d("120"))) == [
        ("counts_as_committed", (OF_KEY_RESULT,))
    ]


def test_a_check_in_after_the_grade_changes_it(world: World) -> None:
    given(world, GradeObjective(GROW))
    assert warned(world, CHECKED) == [("graded_before", (OF_OBJECTIVE,))]


def test_a_comment_that_is_retracted_never_counted(world: World) -> None:
    given(world, CheckIn(CUSTOMERS, TODAY, 7, id=NEW), DropKeyResult(CUSTOMERS))
    assert warned(world, RetractReading(NEW)) == []


def test_a_reading_of_a_kpi_that_nothing_judges_says_so_when_it_is_corrected(world: World) -> None:
    given(world, RecordReading(RESPONSE, date(2025, 6, 1), d("3"), NEW))
    assert warned(world, CorrectReading(NEW, d("4"))) == [
        ("no_span_holds_the_day", (Thing("kpi", RESPONSE),))
    ]
    assert warned(world, RetractReading(NEW)) == []
