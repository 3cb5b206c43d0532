"""Corrections: what was meant all along, in the version that was wrong, while the window is open.

It is Tuesday, 15 July; the fifth working day after it is 22 July.
"""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from okr_es.changes import MeasureChanges, TargetChanges
from okr_es.commands import (
    AddKeyResult,
    ApproveRequest,
    CommitObjective,
    CommitPlan,
    CorrectKeyResult,
    CorrectKpiTarget,
    CorrectObjective,
    DropKeyResult,
    GradeObjective,
    LinkKeyResult,
    RealignObjective,
    ReassignObjective,
    RequireApproval,
    RetargetKeyResult,
    RetargetKpi,
    RetireKpi,
    ReweightKeyResult,
    SetCalendar,
)
from okr_es.domain import refusals as r
from okr_es.domain.approval import Approval
from okr_es.domain.base import Change
from okr_es.domain.calendar import Holiday
from okr_es.domain.corrections import Promise
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi, Target
from okr_es.domain.measure import Zones
from okr_es.domain.objective import Objective
from okr_es.domain.values import Action, Controlled, Direction, Kind, Point
from tests.support.given import World, fact, given
from tests.support.world import (
    BEN,
    BRAND,
    COMPANY,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    MARKETING,
    NEW,
    NOBODY,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    REACH,
    RESPONSE,
    STEPS,
    THOUSAND,
    TWENTY,
    ZONES,
    d,
)

WHY = "It was a typo."
TO_500 = MeasureChanges(target=d("500"))
FIFTH, SIXTH = date(2025, 7, 22), date(2025, 7, 23)


PROMISE = Promise(THOUSAND, (), d("1"))
Changes = dict[str, Any]


def promise(before: Promise = PROMISE, **values: Any) -> Promise:
    """A promise with other values of its measure, or another trajectory or weight."""
    own = {name: values.pop(name) for name in ("trajectory", "weight") if name in values}
    return replace(before, measure=replace(before.measure, **values), **own)


def corrected(
    stream: UUID, version: int, said: Promise, *, since: int = 1, until: int | None = None,
    now: Promise | None = None, **meant: Any,
) -> Change:  # fmt: skip
    """What was meant takes the place of what was said; it is in force unless `now` says other."""
    right = promise(said, **meant)
    values = {"since": since, "until": until, "what": tuple(meant), "said": said, "meant": right}
    return fact(KeyResult.Corrected, stream, version, now=now or right, **values)


class TestCorrectKeyResult:
    def test_the_version_in_force_is_corrected(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(CorrectKeyResult(CUSTOMERS, TO_500), reason=WHY).then(
            corrected(CUSTOMERS, 2, PROMISE, target=d("500"))
        )

    def test_also_of_a_draft(self, world: World) -> None:
        given(world).when(CorrectKeyResult(LEADS, TO_500), reason=WHY).then(
            corrected(LEADS, 2, promise(target=d("20")), target=d("500"))
        )

    def test_also_steps_zones_and_another_direction(self, world: World) -> None:
        meant = ("design", "build", "ship")
        given(world).when(CorrectKeyResult(LAUNCH, MeasureChanges(steps=meant)), reason=WHY).then(
            corrected(LAUNCH, 2, Promise(STEPS, (), d("1")), steps=meant)
        )
        words = Zones("heard of", "liked", "loved")
        given(world).when(CorrectKeyResult(BRAND, MeasureChanges(zones=words)), reason=WHY).then(
            corrected(BRAND, 2, Promise(ZONES, (), d("1")), zones=words)
        )
        to_keep = MeasureChanges(direction=Direction.WITHIN, minimum=d("1"), maximum=d("9"))
        wanted = {"target": None, "direction": Direction.WITHIN, "minimum": d("1")}
        given(world).when(CorrectKeyResult(CUSTOMERS, to_keep), reason=WHY).then(
            corrected(CUSTOMERS, 2, PROMISE, **wanted, maximum=d("9"))
        )

    def test_a_named_version_until_it_was_revised(self, world: World) -> None:
        revised = RetargetKeyResult(CUSTOMERS, MeasureChanges(target=d("800")))
        command = CorrectKeyResult(CUSTOMERS, TO_500, version=1)
        given(world, CommitPlan(Q3), revised).when(command, reason=WHY).then(
            corrected(CUSTOMERS, 3, PROMISE, until=2, now=promise(target=d("800")), target=d("500"))
        )

    def test_values_of_several_versions_are_several_events(self, world: World) -> None:
        revised = RetargetKeyResult(CUSTOMERS, MeasureChanges(target=d("800")))
        meant = MeasureChanges(target=d("500"), baseline=d("10"))
        halfway = (Point(Q3_ENDS, d("0.5")),)
        command = CorrectKeyResult(CUSTOMERS, meant, halfway, d("2"))
        before = promise(target=d("800"), weight=d("3"))
        after = promise(target=d("500"), baseline=d("10"), trajectory=halfway, weight=d("2"))
        given(world, revised, ReweightKeyResult(CUSTOMERS, d("3"))).when(command, reason=WHY).then(
            corrected(CUSTOMERS, 4, before, now=after, baseline=d("10"), trajectory=halfway),
            corrected(CUSTOMERS, 5, before, since=2, now=after, target=d("500")),
            corrected(CUSTOMERS, 6, before, since=3, now=after, weight=d("2")),
        )

    def test_what_was_corrected_is_corrected_again(self, world: World) -> None:
        once = CorrectKeyResult(CUSTOMERS, MeasureChanges(target=d("100")))
        given(world, once).when(CorrectKeyResult(CUSTOMERS, TO_500), reason=WHY).then(
            corrected(CUSTOMERS, 3, promise(target=d("100")), target=d("500"))
        )

    def test_what_was_dropped_counts_as_committed_and_is_corrected(self, world: World) -> None:
        dropped = DropKeyResult(CUSTOMERS)
        command = CorrectKeyResult(CUSTOMERS, TO_500)
        given(world, CommitPlan(Q3), dropped).when(command, reason=WHY).then(
            corrected(CUSTOMERS, 3, PROMISE, target=d("500"))
        )

    @pytest.mark.parametrize(
        "command",
        [
            CorrectKeyResult(CUSTOMERS),
            CorrectKeyResult(CUSTOMERS, MeasureChanges(target=d("1000.0"))),
            CorrectKeyResult(CUSTOMERS, MeasureChanges(unit=" leads "), version=1),
        ],
    )
    def test_to_what_it_is_changes_nothing(self, world: World, command: CorrectKeyResult) -> None:
        given(world, CommitPlan(Q3)).when(command).then_nothing()

    def test_what_was_meant_already_changes_nothing(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(CorrectKeyResult(CUSTOMERS)).then_nothing()

    def test_not_without_a_reason(self, world: World) -> None:
        given(world).when(CorrectKeyResult(LEADS, TO_500)).then_refused(
            r.ReasonIsMissing, field="reason"
        )

    @pytest.mark.parametrize("version", [0, 2, -1])
    def test_not_in_a_version_there_is_not(self, world: World, version: int) -> None:
        command = CorrectKeyResult(CUSTOMERS, TO_500, version=version)
        given(world).when(command, reason=WHY).then_refused(r.Invalid, field="version")

    def test_not_to_what_a_later_version_does_not_fit(self, world: World) -> None:
        revised = RetargetKeyResult(CUSTOMERS, MeasureChanges(target=d("10")))
        given(world, revised).when(
            CorrectKeyResult(CUSTOMERS, MeasureChanges(baseline=d("10")), version=1), reason=WHY
        ).then_refused(r.TargetEqualsBaseline, field="target")

    def test_not_to_another_kind_or_a_unit_its_kpi_has_not(self, world: World) -> None:
        given(world, LinkKeyResult(CUSTOMERS, RESPONSE))
        other = MeasureChanges(kind=Kind.ORDINAL)
        given(world).when(CorrectKeyResult(CUSTOMERS, other), reason=WHY).then_refused(
            r.KindDoesNotFit, field="kind"
        )
        other = MeasureChanges(unit="days")
        given(world).when(CorrectKeyResult(CUSTOMERS, other), reason=WHY).then_refused(
            r.UnitsDiffer, field="unit"
        )

    def test_not_of_what_was_graded(self, world: World) -> None:
        given(world, GradeObjective(GROW)).when(
            CorrectKeyResult(CUSTOMERS, TO_500), reason=WHY
        ).then_refused(r.ObjectiveIsOver)


class TestUntilTheFifthWorkingDay:
    def test_it_needs_no_approval_on_the_fifth(self, world: World) -> None:
        required = RequireApproval(Q3, (Controlled.PLAN_REVISIONS,))
        given(world, CommitPlan(Q3), required, FIFTH)
        receipt = world.execute(CorrectKeyResult(CUSTOMERS, TO_500), reason=WHY)
        assert receipt.approval_id is None

    @pytest.mark.parametrize("required", [(), (Controlled.PLAN_REVISIONS,)])
    def test_on_the_sixth_someone_else_approves_in_any_cycle(
        self, world: World, required: tuple[Controlled, ...]
    ) -> None:
        given(world, CommitPlan(Q3), RequireApproval(Q3, required), SIXTH)
        receipt = world.execute(CorrectKeyResult(CUSTOMERS, TO_500), reason=WHY)
        (request,) = world.facts(len(world.facts()) - 1)
        assert isinstance(request, Approval.Requested)
        assert request.action == Action.CORRECTION
        assert request.fields == {
            "key_result_id": str(CUSTOMERS), "measure": {"target": "500"}, "version": 1,
        }  # fmt: skip
        texts = [each.text for each in receipt.warnings]
        assert "It could be corrected until 2025-07-22; now someone else has to approve that." in (
            texts
        )

    def test_once_approved_it_is_corrected_also_where_it_was_revised_meanwhile(
        self, world: World
    ) -> None:
        given(world, CommitPlan(Q3), SIXTH)
        asked = world.execute(CorrectKeyResult(CUSTOMERS, TO_500), reason=WHY).approval_id
        assert asked is not None
        given(world, RetargetKeyResult(CUSTOMERS, MeasureChanges(target=d("800"))))
        world.execute(ApproveRequest(asked), by=BEN)
        found = world.facts()[-1]
        now = promise(target=d("800"))
        assert found == corrected(CUSTOMERS, 3, PROMISE, until=2, now=now, target=d("500"))

    def test_nobody_approves_their_own(self, world: World) -> None:
        given(world, CommitPlan(Q3), SIXTH)
        asked = world.execute(CorrectKeyResult(CUSTOMERS, TO_500), reason=WHY).approval_id
        assert asked is not None
        given(world).when(ApproveRequest(asked)).then_refused(r.RequestIsYourOwn, field="by")

    def test_a_draft_and_what_is_not_promised_are_corrected_at_any_time(self, world: World) -> None:
        given(world, SIXTH)
        for command in (CorrectKeyResult(CUSTOMERS, TO_500), CorrectKeyResult(LEADS, TO_500)):
            assert world.execute(command, reason=WHY).approval_id is None
        given(world, CommitPlan(Q3), date(2025, 8, 20))
        again = CorrectKeyResult(LEADS, MeasureChanges(target=d("50")))
        assert world.execute(again, reason=WHY).approval_id is None

    def test_the_days_count_from_the_commit_that_covers_it(self, world: World) -> None:
        given(world, CommitObjective(REACH), CommitPlan(Q3, COMPANY, with_teams_below=False))
        given(world, SIXTH, CommitPlan(Q3, MARKETING))
        later = world.execute(CorrectKeyResult(LEADS, TO_500), reason=WHY)
        assert later.approval_id is None
        earlier = world.execute(CorrectKeyResult(CUSTOMERS, TO_500), reason=WHY)
        assert earlier.approval_id is not None

    def test_or_from_the_day_it_came_to_the_plan(self, world: World) -> None:
        given(world, CommitPlan(Q3), SIXTH, AddKeyResult(GROW, "more", TWENTY, id=NEW))
        given(world, CommitObjective(REACH))
        for id_ in (NEW, LEADS):
            receipt = world.execute(CorrectKeyResult(id_, TO_500), reason=WHY)
            assert receipt.approval_id is None
        given(world, date(2025, 7, 31))
        for id_ in (NEW, LEADS):
            command = CorrectKeyResult(id_, MeasureChanges(target=d("600")))
            assert world.execute(command, reason=WHY).approval_id is not None

    def test_a_move_since_moves_no_days(self, world: World) -> None:
        given(world, CommitPlan(Q3), SIXTH, ReassignObjective(GROW, team_id=MARKETING))
        receipt = world.execute(CorrectKeyResult(CUSTOMERS, TO_500), reason=WHY)
        assert receipt.approval_id is not None

    def test_holidays_are_no_working_days(self, world: World) -> None:
        off = (Holiday(date(2025, 7, 21), "A day off"),)
        given(world, SetCalendar(holidays=off), CommitPlan(Q3), SIXTH)
        receipt = world.execute(CorrectKeyResult(CUSTOMERS, TO_500), reason=WHY)
        assert receipt.approval_id is None


class TestCorrectObjective:
    def test_the_weight_of_its_alignment_is_corrected(self, world: World) -> None:
        aligned = RealignObjective(REACH, GROW, weight=d("30"))
        given(world, aligned).when(CorrectObjective(REACH, d("3")), reason=WHY).then(
            fact(
                Objective.Corrected,
                REACH,
                3,
                since=2,
                until=None,
                said=d("30"),
                meant=d("3"),
                weight=d("3"),
            )
        )

    def test_a_named_version_until_it_was_revised(self, world: World) -> None:
        aligned = RealignObjective(REACH, GROW, weight=d("30"))
        given(world, aligned, RealignObjective(REACH, weight=d("5"))).when(
            CorrectObjective(REACH, d("3"), version=2), reason=WHY
        ).then(
            fact(
                Objective.Corrected,
                REACH,
                4,
                since=2,
                until=3,
                said=d("30"),
                meant=d("3"),
                weight=d("5"),
            )
        )

    def test_only_since_it_is_aligned_to_this(self, world: World) -> None:
        """The weight is that of before, but of another alignment."""
        given(world, RealignObjective(REACH, GROW)).when(
            CorrectObjective(REACH, d("3")), reason=WHY
        ).then(
            fact(
                Objective.Corrected,
                REACH,
                3,
                since=2,
                until=None,
                said=d("1"),
                meant=d("3"),
                weight=d("3"),
            )
        )

    def test_to_the_same_weight_changes_nothing(self, world: World) -> None:
        given(world, RealignObjective(REACH, GROW, weight=d("3"))).when(
            CorrectObjective(REACH, d("3"))
        ).then_nothing()

    def test_not_where_it_is_aligned_to_nothing(self, world: World) -> None:
        given(world).when(CorrectObjective(REACH, d("3")), reason=WHY).then_refused(
            r.Invalid, field="weight"
        )

    def test_not_without_a_reason_or_below_nothing(self, world: World) -> None:
        given(world, RealignObjective(REACH, GROW)).when(
            CorrectObjective(REACH, d("3"))
        ).then_refused(r.ReasonIsMissing, field="reason")
        given(world).when(CorrectObjective(REACH, d("-1")), reason=WHY).then_refused(
            r.WeightIsNegative, field="weight"
        )

    def test_late_it_waits_for_approval(self, world: World) -> None:
        given(world, CommitObjective(REACH), RealignObjective(REACH, GROW), CommitPlan(Q3), SIXTH)
        receipt = world.execute(CorrectObjective(REACH, d("3")), reason=WHY)
        assert receipt.approval_id is not None


class TestCorrectKpiTarget:
    THREE = Target(Q3_STARTS, Q3_ENDS, d("3"))

    def test_the_target_of_a_span_is_corrected(self, world: World) -> None:
        two = Target(Q3_STARTS, Q3_ENDS, d("2"))
        meant = TargetChanges(date(2025, 8, 1), target=d("3"))
        given(world).when(CorrectKpiTarget(RESPONSE, meant), reason=WHY).then(
            fact(
                Kpi.TargetCorrected,
                RESPONSE,
                3,
                since=2,
                until=None,
                said=two,
                meant=self.THREE,
                now=self.THREE,
            )
        )

    def test_a_named_version_until_it_was_moved(self, world: World) -> None:
        moved = RetargetKpi(RESPONSE, TargetChanges(Q3_STARTS, target=d("1")))
        command = CorrectKpiTarget(RESPONSE, TargetChanges(Q3_STARTS, target=d("3")), 2)
        one, two = (Target(Q3_STARTS, Q3_ENDS, d(each)) for each in "12")
        given(world, moved).when(command, reason=WHY).then(
            fact(
                Kpi.TargetCorrected,
                RESPONSE,
                4,
                since=2,
                until=3,
                said=two,
                meant=self.THREE,
                now=one,
            )
        )

    def test_to_the_same_target_changes_nothing(self, world: World) -> None:
        same = TargetChanges(Q3_STARTS, target=d("2"))
        given(world).when(CorrectKpiTarget(RESPONSE, same)).then_nothing()

    def test_not_of_days_without_a_target_or_of_a_retired_kpi(self, world: World) -> None:
        next_year = TargetChanges(date(2026, 1, 1), target=d("3"))
        given(world).when(CorrectKpiTarget(RESPONSE, next_year), reason=WHY).then_refused(
            r.SpanHasNoTarget, field="starts"
        )
        command = CorrectKpiTarget(RESPONSE, TargetChanges(Q3_STARTS, target=d("3")))
        given(world).when(command).then_refused(r.ReasonIsMissing, field="reason")
        given(world, RetireKpi(RESPONSE)).when(command, reason=WHY).then_refused(r.KpiIsRetired)

    def test_late_it_waits_for_approval_where_it_feeds_what_is_promised(self, world: World) -> None:
        command = CorrectKpiTarget(RESPONSE, TargetChanges(Q3_STARTS, target=d("3")))
        given(world, LinkKeyResult(CUSTOMERS, RESPONSE), CommitPlan(Q3), SIXTH)
        assert world.execute(command, reason=WHY).approval_id is not None

    def test_once_approved_it_is_of_the_span_it_was_asked_for(self, world: World) -> None:
        given(world, LinkKeyResult(CUSTOMERS, RESPONSE), CommitPlan(Q3), SIXTH)
        in_august = TargetChanges(date(2025, 8, 15), target=d("3"))
        asked = world.execute(CorrectKpiTarget(RESPONSE, in_august), reason=WHY).approval_id
        assert asked is not None
        given(world, RetargetKpi(RESPONSE, TargetChanges(date(2025, 8, 1), target=d("1"))))
        world.execute(ApproveRequest(asked), by=BEN)
        found = world.facts()[-1]
        assert isinstance(found, Kpi.TargetCorrected)
        assert found.now == Target(Q3_STARTS, date(2025, 7, 31), d("3"))

    def test_at_any_time_where_it_feeds_nothing(self, world: World) -> None:
        command = CorrectKpiTarget(RESPONSE, TargetChanges(Q3_STARTS, target=d("3")))
        given(world, CommitPlan(Q3), SIXTH)
        assert world.execute(command, reason=WHY).approval_id is None


def test_nobody_corrects_what_there_is_not(world: World) -> None:
    given(world).when(CorrectKeyResult(NOBODY, TO_500), reason=WHY).then_refused(
        r.NotFound, field="key_result_id"
    )
