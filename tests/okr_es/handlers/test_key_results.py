"""What can be asked about key results but their moves, and what comes of it."""

from dataclasses import replace
from datetime import date
from typing import Any
from unittest.mock import ANY

import pytest

from okr_es.changes import MeasureChanges
from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    CloseCycle,
    CommitPlan,
    DropKeyResult,
    RetargetKeyResult,
    RetireKpi,
    ReweightKeyResult,
)
from okr_es.domain.key_result import KeyResult
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.refusals import (
    AlreadyExists,
    CycleIsClosed,
    Invalid,
    KeyResultIsDropped,
    KindDoesNotFit,
    KpiIsRetired,
    NotFound,
    ObjectiveIsOver,
    ReasonIsMissing,
    TargetEqualsBaseline,
    WeightIsNegative,
)
from okr_es.domain.values import Cadence, Direction, Kind, Point
from tests.support.given import World, fact, given
from tests.support.world import (
    BRAND,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    NEW,
    NOBODY,
    Q3,
    REACH,
    RESPONSE,
    STEPS,
    THOUSAND,
    TWENTY,
    ZONES,
    d,
)

MORE = Measure(Kind.METRIC, d("0"), d("1200"), "leads")
HALFWAY = (Point(date(2025, 8, 1), d("0.25")), Point(date(2025, 9, 30), d("1")))


def added(**fields: Any) -> dict[str, Any]:
    return {
        "objective_id": REACH, "title": "reach", "measure": TWENTY, "weight": d("1"),
        "cadence": Cadence.WEEKLY, "trajectory": (), "carried_from": None,
    } | fields  # fmt: skip


TO_KEEP = Measure(Kind.METRIC, direction=Direction.AT_LEAST)
KEEP = Measure(Kind.METRIC, d("0"), d("3"), direction=Direction.AT_LEAST)
RANGE = Measure(Kind.METRIC, direction=Direction.WITHIN, minimum=d("1"), maximum=d("2"))


class TestAddKeyResult:
    @pytest.mark.parametrize(
        "measure", [TWENTY, STEPS, ZONES, Measure(Kind.MILESTONE)],
        ids=["metric", "milestone", "ordinal", "done or not"],
    )  # fmt: skip
    def test_it_is_added_in_each_kind(self, measure: Measure, world: World) -> None:
        given(world).when(AddKeyResult(REACH, "reach", measure, id=NEW)).then(
            fact(KeyResult.Added, NEW, **added(measure=measure))
        )

    @pytest.mark.parametrize(
        "measure",
        [
            Measure(Kind.METRIC, None, d("85"), "%", direction=Direction.AT_LEAST),
            Measure(Kind.METRIC, d("90"), d("85"), "%", direction=Direction.AT_LEAST),
            Measure(Kind.METRIC, d("7"), d("0"), direction=Direction.AT_MOST),
            Measure(
                Kind.METRIC, d("1"), unit="%", direction=Direction.WITHIN, minimum=d("2"),
                maximum=d("2"),
            ),
        ],
    )  # fmt: skip
    def test_one_to_keep_is_added(self, measure: Measure, world: World) -> None:
        given(world).when(AddKeyResult(REACH, "reach", measure, id=NEW)).then(
            fact(KeyResult.Added, NEW, **added(measure=measure))
        )

    def test_texts_are_trimmed(self, world: World) -> None:
        asked = Measure(Kind.METRIC, d("0"), d("20"), " leads ")
        given(world).when(AddKeyResult(REACH, " reach\n", asked, id=NEW)).then(
            fact(KeyResult.Added, NEW, **added())
        )

    def test_with_weight_cadence_trajectory_and_the_kpi_that_feeds_it(self, world: World) -> None:
        given(world).when(
            AddKeyResult(REACH, "reach", TWENTY, d("0"), Cadence.DAILY, HALFWAY, RESPONSE, NEW)
        ).then(
            fact(
                KeyResult.Added, NEW,
                **added(weight=d("0"), cadence=Cadence.DAILY, trajectory=HALFWAY),
            ),
            fact(KeyResult.Linked, NEW, 2, kpi_id=RESPONSE),
            warnings=("has_no_weight",),
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("measure", "refusal", "field"),
        [
            (Measure(Kind.METRIC, d("5"), d("5.0")), TargetEqualsBaseline, "target"),
            (Measure(Kind.METRIC, target=d("5")), Invalid, "baseline"),
            (TO_KEEP, Invalid, "target"),
            (replace(TO_KEEP, target=d("5"), baseline=d("5.0")), TargetEqualsBaseline, "target"),
            (replace(TO_KEEP, target=d("5"), minimum=d("1")), KindDoesNotFit, "minimum"),
            (replace(TO_KEEP, target=d("NaN")), Invalid, "target"),
            (replace(TO_KEEP, direction=Direction.WITHIN), Invalid, "minimum"),
            (replace(RANGE, maximum=None), Invalid, "maximum"),
            (replace(RANGE, minimum=d("3")), Invalid, "minimum"),
            (replace(RANGE, target=d("3")), KindDoesNotFit, "target"),
            (replace(TO_KEEP, direction=Direction.INCREASE), KindDoesNotFit, "direction"),
            (replace(RANGE, direction=None), KindDoesNotFit, "minimum"),
            (Measure(Kind.MILESTONE, direction=Direction.AT_LEAST), KindDoesNotFit, "direction"),
            (Measure(Kind.MILESTONE, maximum=d("3")), KindDoesNotFit, "maximum"),
            (Measure(Kind.METRIC, d("5")), Invalid, "target"),
            (Measure(Kind.METRIC, d("NaN"), d("5")), Invalid, "baseline"),
            (Measure(Kind.METRIC, d("0"), d("Infinity")), Invalid, "target"),
            (Measure(Kind.METRIC, d("0"), d("1E+24")), Invalid, "target"),
            (Measure(Kind.METRIC, d("0"), d("1E-19")), Invalid, "target"),
            (Measure(Kind.METRIC, d("0"), d("1"), " "), Invalid, "unit"),
            (Measure(Kind.METRIC, d("0"), d("1"), steps=("a",)), KindDoesNotFit, "steps"),
            (Measure(Kind.MILESTONE, d("0")), KindDoesNotFit, "baseline"),
            (Measure(Kind.MILESTONE, d("sNaN")), KindDoesNotFit, "baseline"),
            (Measure(Kind.MILESTONE, steps=("a", " a")), Invalid, "steps"),
            (Measure(Kind.MILESTONE, steps=("a", "")), Invalid, "steps"),
            (Measure(Kind.MILESTONE, steps=tuple(map(str, range(101)))), Invalid, "steps"),
            (Measure(Kind.ORDINAL), Invalid, "zones"),
            (Measure(Kind.ORDINAL, zones=Zones("a", "", "c")), Invalid, "zones"),
            (Measure(Kind.ORDINAL, unit="x", zones=Zones("a", "b", "c")), KindDoesNotFit, "unit"),
        ],
    )
    def test_not_with_a_measure_that_cannot_be(
        self, measure: Measure, refusal: Any, field: str, world: World
    ) -> None:
        given(world).when(AddKeyResult(REACH, "x", measure)).then_refused(refusal, field=field)

    @pytest.mark.parametrize(
        "points",
        [
            (Point(date(2025, 8, 1), d("1.1")),),
            (Point(date(2025, 8, 1), d("-0.1")),),
            (Point(date(2025, 8, 1), d("NaN")),),
            (Point(date(2025, 8, 2), d("0.1")), Point(date(2025, 8, 1), d("0.2"))),
            (Point(date(2025, 8, 1), d("0.1")), Point(date(2025, 8, 1), d("0.2"))),
            (Point(date(2025, 8, 1), d("0.3")), Point(date(2025, 8, 2), d("0.2"))),
            (Point(date(1, 1, 1), d("0.3")),),
        ],
    )
    def test_not_with_a_trajectory_that_turns_back(
        self, points: tuple[Point, ...], world: World
    ) -> None:
        given(world).when(AddKeyResult(REACH, "x", TWENTY, trajectory=points)).then_refused(
            Invalid, field="trajectory"
        )

    def test_not_with_a_negative_weight(self, world: World) -> None:
        given(world).when(AddKeyResult(REACH, "x", TWENTY, d("-1"))).then_refused(
            WeightIsNegative, field="weight"
        )

    def test_not_fed_by_a_kpi_that_is_retired_unknown_or_does_not_suit(self, world: World) -> None:
        given(world).when(AddKeyResult(REACH, "x", STEPS, kpi_id=RESPONSE)).then_refused(
            KindDoesNotFit, field="kpi_id"
        )
        given(world).when(AddKeyResult(REACH, "x", TWENTY, kpi_id=NOBODY)).then_refused(
            NotFound, field="kpi_id"
        )
        given(world, RetireKpi(RESPONSE)).when(
            AddKeyResult(REACH, "x", TWENTY, kpi_id=RESPONSE)
        ).then_refused(KpiIsRetired)

    def test_not_to_what_is_over_closed_or_not_there(self, world: World) -> None:
        given(world).when(AddKeyResult(NOBODY, "x", TWENTY)).then_refused(
            NotFound, field="objective_id"
        )
        given(world, AbandonObjective(REACH)).when(AddKeyResult(REACH, "x", TWENTY)).then_refused(
            ObjectiveIsOver
        )
        given(world, CloseCycle(Q3)).when(AddKeyResult(GROW, "x", TWENTY)).then_refused(
            CycleIsClosed
        )

    def test_not_without_words_or_with_an_id_that_is_taken(self, world: World) -> None:
        given(world).when(AddKeyResult(REACH, "", TWENTY)).then_refused(Invalid, field="title")
        given(world).when(AddKeyResult(REACH, "x", TWENTY, id=LEADS)).then_refused(
            AlreadyExists, field="id"
        )


class TestRetargetKeyResult:
    def test_the_target_moves(self, world: World) -> None:
        given(world).when(RetargetKeyResult(CUSTOMERS, MORE)).then(
            fact(KeyResult.Retargeted, CUSTOMERS, 2, measure=MORE, trajectory=())
        )

    def test_the_planned_trajectory_stays_unless_another_is_given(self, world: World) -> None:
        given(world, RetargetKeyResult(CUSTOMERS, THOUSAND, HALFWAY)).when(
            RetargetKeyResult(CUSTOMERS, MORE)
        ).then(fact(KeyResult.Retargeted, CUSTOMERS, 3, measure=MORE, trajectory=HALFWAY))
        given(world).when(RetargetKeyResult(CUSTOMERS, MORE, ())).then(
            fact(KeyResult.Retargeted, CUSTOMERS, 4, measure=MORE, trajectory=())
        )

    @pytest.mark.parametrize(
        ("before", "named", "after"),
        [
            (THOUSAND, {"target": d("900")}, replace(THOUSAND, target=d("900"))),
            (THOUSAND, {"baseline": d("10")}, replace(THOUSAND, baseline=d("10"))),
            (THOUSAND, {"unit": None}, replace(THOUSAND, unit=None)),
            (THOUSAND, {"unit": "deals"}, replace(THOUSAND, unit="deals")),
            (KEEP, {"target": d("5")}, replace(KEEP, target=d("5"))),
            (KEEP, {"baseline": None}, replace(KEEP, baseline=None)),
            (KEEP, {"direction": Direction.AT_MOST}, replace(KEEP, direction=Direction.AT_MOST)),
            (KEEP, {"direction": None}, replace(KEEP, direction=None)),
            (RANGE, {"maximum": d("9")}, replace(RANGE, maximum=d("9"))),
            (
                KEEP,
                {"direction": Direction.WITHIN, "minimum": d("1"), "maximum": d("2")},
                replace(RANGE, baseline=KEEP.baseline, minimum=d("1"), maximum=d("2")),
            ),
            (
                RANGE,
                {"direction": Direction.AT_LEAST, "target": d("3")},
                replace(KEEP, baseline=None, target=d("3")),
            ),
        ],
        ids=repr,
    )
    def test_what_is_not_named_stays(
        self, before: Measure, named: dict[str, Any], after: Measure, world: World
    ) -> None:
        added = AddKeyResult(GROW, "x", before, trajectory=HALFWAY, id=NEW)
        given(world, added).when(RetargetKeyResult(NEW, MeasureChanges(**named))).then(
            fact(KeyResult.Retargeted, NEW, 2, measure=after, trajectory=HALFWAY), warnings=ANY
        )

    def test_steps_and_zones_stay_too(self, world: World) -> None:
        for id_, measure in ((LAUNCH, STEPS), (BRAND, ZONES)):
            given(world).when(RetargetKeyResult(id_, trajectory=HALFWAY)).then(
                fact(KeyResult.Retargeted, id_, 2, measure=measure, trajectory=HALFWAY)
            )
            kind = MeasureChanges(kind=measure.kind)
            given(world).when(RetargetKeyResult(id_, kind)).then_nothing()
        given(world).when(RetargetKeyResult(LAUNCH, MeasureChanges(steps=()))).then(
            fact(
                KeyResult.Retargeted, LAUNCH, 3, measure=replace(STEPS, steps=()),
                trajectory=HALFWAY,
            )
        )  # fmt: skip

    def test_with_nothing_named_nothing_changes(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(RetargetKeyResult(CUSTOMERS)).then_nothing()
        given(world).when(RetargetKeyResult(CUSTOMERS, MeasureChanges())).then_nothing()

    @pytest.mark.parametrize(
        ("named", "field"),
        [
            ({"target": None}, "target"),
            ({"baseline": None}, "baseline"),
            ({"direction": Direction.WITHIN}, "minimum"),
            ({"direction": Direction.WITHIN, "minimum": d("1")}, "maximum"),
        ],
        ids=repr,
    )
    def test_what_its_kind_needs_cannot_be_taken_away(
        self, named: dict[str, Any], field: str, world: World
    ) -> None:
        given(world).when(RetargetKeyResult(CUSTOMERS, MeasureChanges(**named))).then_refused(
            Invalid, field=field
        )

    def test_after_the_plan_is_committed_with_a_reason_and_not_without(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(RetargetKeyResult(CUSTOMERS, MORE)).then_refused(
            ReasonIsMissing, field="reason"
        )
        given(world).when(RetargetKeyResult(CUSTOMERS, MORE), reason="won a fair").then(
            fact(KeyResult.Retargeted, CUSTOMERS, 2, measure=MORE, trajectory=())
        )

    def test_a_drafts_key_result_is_not_promised_yet(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(RetargetKeyResult(LEADS, MORE)).then(
            fact(KeyResult.Retargeted, LEADS, 2, measure=MORE, trajectory=())
        )

    def test_the_same_is_no_news_whatever_its_digits(self, world: World) -> None:
        same = Measure(Kind.METRIC, d("0.0"), d("1000.00"), "leads ")
        given(world, CommitPlan(Q3)).when(RetargetKeyResult(CUSTOMERS, same)).then_nothing()

    def test_the_kind_stays(self, world: World) -> None:
        given(world).when(RetargetKeyResult(CUSTOMERS, STEPS)).then_refused(
            KindDoesNotFit, field="kind"
        )
        steps = MeasureChanges(Kind.MILESTONE, steps=("one",))
        given(world).when(RetargetKeyResult(CUSTOMERS, steps)).then_refused(
            KindDoesNotFit, field="kind"
        )

    def test_not_to_its_baseline(self, world: World) -> None:
        flat = Measure(Kind.METRIC, d("7"), d("7"))
        given(world).when(RetargetKeyResult(CUSTOMERS, flat)).then_refused(
            TargetEqualsBaseline, field="target"
        )

    def test_not_once_dropped_over_or_closed(self, world: World) -> None:
        given(world, DropKeyResult(LAUNCH)).when(RetargetKeyResult(LAUNCH, STEPS)).then_refused(
            KeyResultIsDropped
        )
        given(world, AbandonObjective(REACH)).when(RetargetKeyResult(LEADS, MORE)).then_refused(
            ObjectiveIsOver
        )
        given(world, CloseCycle(Q3)).when(RetargetKeyResult(CUSTOMERS, MORE)).then_refused(
            CycleIsClosed
        )


class TestReweightKeyResult:
    @pytest.mark.parametrize(
        ("weight", "warnings"), [("0", ("has_no_weight",)), ("2.50", ()), ("1E+3", ())]
    )
    def test_it_has_another_weight(
        self, weight: str, warnings: tuple[str, ...], world: World
    ) -> None:
        given(world).when(ReweightKeyResult(CUSTOMERS, d(weight))).then(
            fact(KeyResult.Reweighted, CUSTOMERS, 2, weight=d(weight)), warnings=warnings
        )

    def test_the_same_is_no_news(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(ReweightKeyResult(CUSTOMERS, d("1.00"))).then_nothing()

    @pytest.mark.parametrize(
        ("weight", "refusal"),
        [("-1", WeightIsNegative), ("NaN", Invalid), ("1E+24", Invalid), ("1E-19", Invalid)],
    )
    def test_not_below_zero_or_out_of_bounds(self, weight: str, refusal: Any, world: World) -> None:
        given(world).when(ReweightKeyResult(CUSTOMERS, d(weight))).then_refused(
            refusal, field="weight"
        )

    def test_not_without_a_reason_once_promised(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(ReweightKeyResult(CUSTOMERS, d("2"))).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_once_dropped(self, world: World) -> None:
        given(world, DropKeyResult(BRAND)).when(ReweightKeyResult(BRAND, d("2"))).then_refused(
            KeyResultIsDropped
        )
