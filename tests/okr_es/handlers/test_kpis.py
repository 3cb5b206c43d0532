"""What can be asked about KPIs, and what comes of it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from okr_es.commands import (
    DefineKpi,
    DisbandTeam,
    ErasePerson,
    ReplaceKpiCadence,
    ReplaceKpiSource,
    RetargetKpi,
    RetireKpi,
    SetKpiTarget,
)
from okr_es.domain.kpi import Kpi, Target
from okr_es.domain.refusals import (
    AlreadyExists,
    Invalid,
    KindDoesNotFit,
    KpiIsRetired,
    NotFound,
    PersonIsUnknown,
    ReasonIsMissing,
    SpanHasNoTarget,
    SpansOverlap,
    TargetEqualsBaseline,
    TeamIsDisbanded,
)
from okr_es.domain.values import Cadence, Direction
from tests.support.given import World, fact, given
from tests.support.world import (
    ANN,
    BEN,
    GROW,
    NEW,
    NOBODY,
    PRODUCT,
    Q3_ENDS,
    Q3_STARTS,
    Q4_ENDS,
    Q4_STARTS,
    RESPONSE,
    TWO_DAYS,
    d,
)

NEXT = Target(Q4_STARTS, Q4_ENDS, d("1.5"))
RANGE = Target(Q3_STARTS, Q3_ENDS, minimum=d("80"), maximum=d("95"))
USE = DefineKpi(
    "Capacity use", Direction.AT_LEAST, "%", "ERP", Cadence.WEEKLY, ANN,
    Target(Q3_STARTS, Q3_ENDS, d("85")), id=NEW,
)  # fmt: skip


def defined(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Capacity use", "direction": Direction.AT_LEAST, "unit": "%", "source": "ERP",
        "cadence": Cadence.WEEKLY, "owner_id": ANN, "team_id": None, "purpose": None,
        "baseline": None,
    } | fields  # fmt: skip


class TestDefineKpi:
    def test_it_is_defined_with_its_four_parts(self, world: World) -> None:
        given(world).when(USE).then(
            fact(Kpi.Defined, NEW, **defined()), fact(Kpi.TargetSet, NEW, 2, target=USE.target)
        )

    def test_it_may_have_a_team_a_purpose_a_baseline_and_a_range(self, world: World) -> None:
        given(world).when(
            replace(
                USE, direction=Direction.WITHIN, target=RANGE, team_id=PRODUCT,
                purpose=" health ", baseline=d("70.0"),
            )
        ).then(
            fact(
                Kpi.Defined, NEW,
                **defined(
                    direction=Direction.WITHIN, team_id=PRODUCT, purpose="health",
                    baseline=d("70.0"),
                ),
            ),
            fact(Kpi.TargetSet, NEW, 2, target=RANGE),
        )  # fmt: skip

    def test_a_single_day_and_a_decrease_will_do(self, world: World) -> None:
        day = Target(Q3_ENDS, Q3_ENDS, d("0.50"))
        given(world).when(
            DefineKpi("CPL", Direction.DECREASE, "$", "ads", Cadence.PER_PROJECT, BEN, day, id=NEW)
        ).then(
            fact(
                Kpi.Defined, NEW,
                **defined(
                    name="CPL", direction=Direction.DECREASE, unit="$", source="ads",
                    cadence=Cadence.PER_PROJECT, owner_id=BEN,
                ),
            ),
            fact(Kpi.TargetSet, NEW, 2, target=day),
        )  # fmt: skip

    def test_not_without_a_target(self, world: World) -> None:
        nothing = Target(Q3_STARTS, Q3_ENDS)
        given(world).when(
            DefineKpi("CPL", Direction.DECREASE, "USD", "ads", Cadence.DAILY, BEN, nothing)
        ).then_refused(Invalid, field="target")

    @pytest.mark.parametrize(
        ("changes", "refusal", "field"),
        [
            ({"name": ""}, Invalid, "name"),
            ({"unit": " "}, Invalid, "unit"),
            ({"source": ""}, Invalid, "source"),
            ({"purpose": ""}, Invalid, "purpose"),
            ({"baseline": d("NaN")}, Invalid, "baseline"),
            ({"owner_id": NOBODY}, PersonIsUnknown, "owner_id"),
            ({"team_id": GROW}, NotFound, "team_id"),
            ({"id": RESPONSE}, AlreadyExists, "id"),
            ({"baseline": d("85.00")}, TargetEqualsBaseline, "target"),
            ({"target": Target(Q3_STARTS, Q3_ENDS)}, Invalid, "target"),
            ({"target": Target(Q3_STARTS, Q3_ENDS, d("sNaN"))}, Invalid, "target"),
            ({"target": Target(Q3_ENDS, Q3_STARTS, d("1"))}, Invalid, "ends"),
            ({"target": Target(date(1, 1, 1), Q3_ENDS, d("1"))}, Invalid, "starts"),
            ({"target": replace(RANGE, target=d("1"))}, KindDoesNotFit, "minimum"),
            ({"target": replace(USE.target, maximum=d("1"))}, KindDoesNotFit, "maximum"),
        ],
    )
    def test_not_with_a_part_that_is_missing_or_wrong(
        self, changes: dict[str, Any], refusal: Any, field: str, world: World
    ) -> None:
        given(world).when(replace(USE, **changes)).then_refused(refusal, field=field)

    @pytest.mark.parametrize(
        ("target", "refusal", "field"),
        [
            (replace(RANGE, minimum=None), Invalid, "minimum"),
            (replace(RANGE, maximum=None), Invalid, "maximum"),
            (replace(RANGE, minimum=d("95.1")), Invalid, "minimum"),
            (replace(RANGE, target=d("90")), KindDoesNotFit, "target"),
        ],
    )
    def test_a_range_has_both_bounds_in_order(
        self, target: Target, refusal: Any, field: str, world: World
    ) -> None:
        given(world).when(replace(USE, direction=Direction.WITHIN, target=target)).then_refused(
            refusal, field=field
        )

    def test_not_of_someone_erased_or_a_disbanded_team(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(replace(USE, owner_id=BEN)).then_refused(
            PersonIsUnknown, field="owner_id"
        )
        given(world, DisbandTeam(PRODUCT)).when(replace(USE, team_id=PRODUCT)).then_refused(
            TeamIsDisbanded, field="team_id"
        )


class TestSetKpiTarget:
    def test_days_that_had_none_get_a_target(self, world: World) -> None:
        given(world).when(SetKpiTarget(RESPONSE, NEXT)).then(
            fact(Kpi.TargetSet, RESPONSE, 3, target=NEXT)
        )

    def test_the_same_once_more_is_no_news(self, world: World) -> None:
        given(world).when(SetKpiTarget(RESPONSE, TWO_DAYS)).then_nothing()

    @pytest.mark.parametrize(
        ("starts", "ends"),
        [(Q3_STARTS, Q3_ENDS), (Q3_ENDS, Q4_ENDS), (date(2025, 1, 1), Q3_STARTS),
         (date(2025, 8, 1), date(2025, 8, 1)), (date(2025, 1, 1), Q4_ENDS)],
    )  # fmt: skip
    def test_not_for_days_that_have_one(self, starts: date, ends: date, world: World) -> None:
        given(world).when(SetKpiTarget(RESPONSE, Target(starts, ends, d("1")))).then_refused(
            SpansOverlap, field="starts"
        )

    def test_not_the_baseline_or_of_another_shape(self, world: World) -> None:
        given(world).when(SetKpiTarget(RESPONSE, replace(NEXT, target=d("4")))).then_refused(
            TargetEqualsBaseline, field="target"
        )
        given(world).when(SetKpiTarget(RESPONSE, Target(Q4_STARTS, Q4_ENDS))).then_refused(
            Invalid, field="target"
        )

    def test_not_once_retired(self, world: World) -> None:
        given(world, RetireKpi(RESPONSE)).when(SetKpiTarget(RESPONSE, NEXT)).then_refused(
            KpiIsRetired
        )


class TestRetargetKpi:
    def test_the_target_of_a_span_moves_with_a_reason(self, world: World) -> None:
        moved = replace(TWO_DAYS, target=d("2.5"))
        given(world).when(RetargetKpi(RESPONSE, moved), reason="fewer people").then(
            fact(Kpi.Retargeted, RESPONSE, 3, target=moved)
        )

    def test_and_not_without_one(self, world: World) -> None:
        given(world).when(RetargetKpi(RESPONSE, replace(TWO_DAYS, target=d("2.5")))).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_the_same_is_no_news(self, world: World) -> None:
        given(world).when(RetargetKpi(RESPONSE, replace(TWO_DAYS, target=d("2.0")))).then_nothing()

    def test_back_to_what_it_was_is_news(self, world: World) -> None:
        given(world, RetargetKpi(RESPONSE, replace(TWO_DAYS, target=d("2.5")))).when(
            RetargetKpi(RESPONSE, TWO_DAYS), reason="people came back"
        ).then(fact(Kpi.Retargeted, RESPONSE, 4, target=TWO_DAYS))

    def test_only_the_whole_span_moves(self, world: World) -> None:
        part = replace(TWO_DAYS, ends=date(2025, 8, 31))
        given(world).when(RetargetKpi(RESPONSE, part), reason="x").then_refused(
            SpanHasNoTarget, field="starts"
        )

    def test_not_to_the_baseline(self, world: World) -> None:
        given(world).when(
            RetargetKpi(RESPONSE, replace(TWO_DAYS, target=d("4.0"))), reason="x"
        ).then_refused(TargetEqualsBaseline, field="target")

    def test_not_once_retired(self, world: World) -> None:
        given(world, RetireKpi(RESPONSE)).when(RetargetKpi(RESPONSE, TWO_DAYS)).then_refused(
            KpiIsRetired
        )


class TestReplaceKpiSource:
    def test_readings_come_from_elsewhere(self, world: World) -> None:
        given(world).when(ReplaceKpiSource(RESPONSE, "Helpdesk")).then(
            fact(Kpi.SourceReplaced, RESPONSE, 3, source="Helpdesk")
        )

    def test_the_same_is_no_news(self, world: World) -> None:
        given(world).when(ReplaceKpiSource(RESPONSE, " CRM")).then_nothing()

    def test_not_from_nowhere_nor_once_retired(self, world: World) -> None:
        given(world).when(ReplaceKpiSource(RESPONSE, "")).then_refused(Invalid, field="source")
        given(world, RetireKpi(RESPONSE)).when(ReplaceKpiSource(RESPONSE, "x")).then_refused(
            KpiIsRetired
        )


class TestReplaceKpiCadence:
    def test_readings_are_due_in_another_rhythm(self, world: World) -> None:
        given(world).when(ReplaceKpiCadence(RESPONSE, Cadence.WEEKLY)).then(
            fact(Kpi.CadenceReplaced, RESPONSE, 3, cadence=Cadence.WEEKLY)
        )

    def test_the_same_is_no_news(self, world: World) -> None:
        given(world).when(ReplaceKpiCadence(RESPONSE, Cadence.DAILY)).then_nothing()

    def test_not_once_retired(self, world: World) -> None:
        given(world, RetireKpi(RESPONSE)).when(
            ReplaceKpiCadence(RESPONSE, Cadence.WEEKLY)
        ).then_refused(KpiIsRetired)


class TestRetireKpi:
    def test_it_is_retired(self, world: World) -> None:
        given(world).when(RetireKpi(RESPONSE)).then(fact(Kpi.Retired, RESPONSE, 3))

    def test_not_twice(self, world: World) -> None:
        given(world, RetireKpi(RESPONSE)).when(RetireKpi(RESPONSE)).then_refused(KpiIsRetired)


class TestUnknownKpis:
    @pytest.mark.parametrize(
        "command",
        [SetKpiTarget(NOBODY, NEXT), RetargetKpi(GROW, NEXT), ReplaceKpiSource(NOBODY, "x"),
         ReplaceKpiCadence(NOBODY, Cadence.DAILY), RetireKpi(PRODUCT)],
    )  # fmt: skip
    def test_the_field_is_named(self, command: Any, world: World) -> None:
        given(world).when(command, reason="x").then_refused(NotFound, field="kpi_id")
