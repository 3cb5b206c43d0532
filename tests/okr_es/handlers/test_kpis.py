"""What can be asked about KPIs, and what comes of it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from okr_es.changes import TargetChanges
from okr_es.commands import (
    DefineKpi,
    DisbandTeam,
    ErasePerson,
    RedefineKpi,
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
    TargetIsBehindBaseline,
    TeamIsDisbanded,
)
from okr_es.domain.values import Aggregation, Cadence, Direction
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
    TODAY,
    TWO_DAYS,
    d,
)

WHY = {"reason": "Agreed."}
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
        "baseline": None, "counts": None, "aggregation": Aggregation.LAST,
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

    def test_with_a_span_that_nothing_judges(self, world: World) -> None:
        nothing = Target(Q3_STARTS, Q3_ENDS)
        given(world).when(replace(USE, target=nothing)).then(
            fact(Kpi.Defined, NEW, **defined()), fact(Kpi.TargetSet, NEW, 2, target=nothing)
        )

    def test_with_a_definition_in_words_and_a_rule_for_spans(self, world: World) -> None:
        words = {"counts": "hours booked / hours there", "aggregation": Aggregation.MEAN}
        given(world).when(replace(USE, **words)).then(
            fact(Kpi.Defined, NEW, **defined(**words)),
            fact(Kpi.TargetSet, NEW, 2, target=USE.target),
        )

    @pytest.mark.parametrize(
        ("direction", "baseline"),
        [(Direction.INCREASE, "100"), (Direction.DECREASE, "80"), (Direction.INCREASE, "85.01")],
    )
    def test_not_away_from_its_target(
        self, direction: Direction, baseline: str, world: World
    ) -> None:
        """To increase from 100 to 85, or to decrease from 80 to 85."""
        given(world).when(
            DefineKpi(
                "x", direction, "%", "x", Cadence.DAILY, ANN, USE.target, baseline=d(baseline)
            )
        ).then_refused(TargetIsBehindBaseline, field="target")

    @pytest.mark.parametrize("direction", [Direction.AT_LEAST, Direction.AT_MOST])
    @pytest.mark.parametrize("baseline", ["80", "100"])
    def test_what_is_to_be_kept_has_its_baseline_on_either_side(
        self, direction: Direction, baseline: str, world: World
    ) -> None:
        command = replace(USE, direction=direction, baseline=d(baseline))
        given(world).when(command).then(
            fact(Kpi.Defined, NEW, **defined(direction=direction, baseline=d(baseline))),
            fact(Kpi.TargetSet, NEW, 2, target=USE.target),
        )

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
            ({"counts": " "}, Invalid, "counts"),
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
        given(world).when(
            SetKpiTarget(RESPONSE, replace(RANGE, starts=Q4_STARTS, ends=Q4_ENDS))
        ).then_refused(Invalid, field="target")

    def test_a_span_may_be_without_one(self, world: World) -> None:
        nothing = Target(Q4_STARTS, Q4_ENDS)
        given(world).when(SetKpiTarget(RESPONSE, nothing)).then(
            fact(Kpi.TargetSet, RESPONSE, 3, target=nothing)
        )

    def test_not_on_the_other_side_of_the_baseline(self, world: World) -> None:
        given(world).when(SetKpiTarget(RESPONSE, replace(NEXT, target=d("4.5")))).then_refused(
            TargetIsBehindBaseline, field="target"
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

    @pytest.mark.parametrize(
        ("named", "after"),
        [
            ({"target": d("2.5")}, {"target": d("2.5")}),
            ({"ends": Q3_ENDS, "target": d("2.5")}, {"target": d("2.5")}),
            ({"target": None}, {"target": None}),
        ],
        ids=repr,
    )
    def test_what_is_not_named_stays(
        self, named: dict[str, Any], after: dict[str, Any], world: World
    ) -> None:
        given(world).when(RetargetKpi(RESPONSE, TargetChanges(Q3_STARTS, **named)), **WHY).then(
            fact(Kpi.Retargeted, RESPONSE, 3, target=replace(TWO_DAYS, **after))
        )
        day = date(2025, 8, 16)
        given(world, RetargetKpi(RESPONSE, TWO_DAYS)).when(
            RetargetKpi(RESPONSE, TargetChanges(day, **named)), **WHY
        ).then(
            fact(
                Kpi.SpanSplit, RESPONSE, 5, before=replace(TWO_DAYS, ends=date(2025, 8, 15)),
                target=replace(TWO_DAYS, starts=day, **after),
            )
        )  # fmt: skip

    def test_one_bound_of_a_range_leaves_the_other(self, world: World) -> None:
        span = Target(Q3_STARTS, Q3_ENDS, minimum=d("1"), maximum=d("5"))
        within = DefineKpi(
            "Load", Direction.WITHIN, "%", "Monitor", Cadence.DAILY, ANN, span, id=NEW
        )
        given(world, within).when(
            RetargetKpi(NEW, TargetChanges(Q3_STARTS, maximum=d("6"))), **WHY
        ).then(fact(Kpi.Retargeted, NEW, 3, target=replace(span, maximum=d("6"))))

    def test_with_nothing_named_nothing_changes(self, world: World) -> None:
        given(world).when(RetargetKpi(RESPONSE, TargetChanges(Q3_STARTS))).then_nothing()
        given(world).when(RetargetKpi(RESPONSE, TargetChanges(TODAY))).then_nothing()

    def test_not_where_no_span_holds_the_day(self, world: World) -> None:
        changes = TargetChanges(Q4_STARTS, target=d("2"))
        given(world).when(RetargetKpi(RESPONSE, changes), **WHY).then_refused(
            SpanHasNoTarget, field="starts"
        )
        given(world, RetireKpi(RESPONSE)).when(RetargetKpi(RESPONSE, changes)).then_refused(
            KpiIsRetired
        )

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


class TestSplitSpan:
    """A target is moved from a day inside its span on: the days before keep theirs."""

    LATER = replace(TWO_DAYS, starts=date(2025, 8, 16), target=d("1.5"))

    def test_from_a_day_on_with_a_reason(self, world: World) -> None:
        before = replace(TWO_DAYS, ends=date(2025, 8, 15))
        given(world).when(RetargetKpi(RESPONSE, self.LATER), reason="more people").then(
            fact(Kpi.SpanSplit, RESPONSE, 3, before=before, target=self.LATER)
        )

    def test_both_parts_move_on_their_own(self, world: World) -> None:
        moved = replace(TWO_DAYS, ends=date(2025, 8, 15), target=d("3"))
        again = replace(self.LATER, starts=date(2025, 9, 1), target=d("1"))
        split = given(world, RetargetKpi(RESPONSE, self.LATER))
        split.when(RetargetKpi(RESPONSE, moved), reason="x").then(
            fact(Kpi.Retargeted, RESPONSE, 4, target=moved)
        )
        given(world).when(RetargetKpi(RESPONSE, again), reason="x").then(
            fact(
                Kpi.SpanSplit, RESPONSE, 5,
                before=replace(self.LATER, ends=date(2025, 8, 31)), target=again,
            )
        )  # fmt: skip

    def test_its_last_day_alone(self, world: World) -> None:
        last = replace(TWO_DAYS, starts=Q3_ENDS, target=d("1"))
        given(world).when(RetargetKpi(RESPONSE, last), reason="x").then(
            fact(
                Kpi.SpanSplit, RESPONSE, 3,
                before=replace(TWO_DAYS, ends=date(2025, 9, 29)), target=last,
            )
        )  # fmt: skip

    def test_to_nothing_that_judges(self, world: World) -> None:
        nothing = replace(self.LATER, target=None)
        given(world).when(RetargetKpi(RESPONSE, nothing), reason="x").then(
            fact(
                Kpi.SpanSplit, RESPONSE, 3,
                before=replace(TWO_DAYS, ends=date(2025, 8, 15)), target=nothing,
            )
        )  # fmt: skip

    def test_not_without_a_reason(self, world: World) -> None:
        given(world).when(RetargetKpi(RESPONSE, self.LATER)).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_the_same_target_is_no_news(self, world: World) -> None:
        given(world).when(
            RetargetKpi(RESPONSE, replace(self.LATER, target=d("2.0")))
        ).then_nothing()

    @pytest.mark.parametrize(
        ("starts", "ends"),
        [(date(2025, 8, 16), date(2025, 9, 29)), (date(2025, 8, 16), Q4_ENDS),
         (date(2025, 6, 30), Q3_ENDS), (Q4_STARTS, Q4_ENDS)],
    )  # fmt: skip
    def test_only_up_to_the_end_of_its_span(self, starts: date, ends: date, world: World) -> None:
        part = replace(self.LATER, starts=starts, ends=ends)
        given(world).when(RetargetKpi(RESPONSE, part), reason="x").then_refused(
            SpanHasNoTarget, field="starts"
        )


class TestRedefineKpi:
    def test_what_is_not_named_stays_and_null_takes_the_words_away(self, world: World) -> None:
        said = {"effective": TODAY}
        given(world, RedefineKpi(RESPONSE, "answers")).when(
            RedefineKpi(RESPONSE, aggregation=Aggregation.SUM), **WHY
        ).then(
            fact(Kpi.Redefined, RESPONSE, 4, **said, counts="answers", aggregation=Aggregation.SUM)
        )
        given(world).when(RedefineKpi(RESPONSE, None), **WHY).then(
            fact(Kpi.Redefined, RESPONSE, 5, **said, counts=None, aggregation=Aggregation.SUM)
        )
        given(world).when(RedefineKpi(RESPONSE)).then_nothing()

    def test_from_today_on_with_a_reason(self, world: World) -> None:
        given(world).when(RedefineKpi(RESPONSE, " first answers "), reason="bots answer too").then(
            fact(
                Kpi.Redefined, RESPONSE, 3, effective=TODAY, counts="first answers",
                aggregation=Aggregation.LAST,
            )
        )  # fmt: skip

    def test_the_rule_alone_from_a_day_of_the_past(self, world: World) -> None:
        given(world, RedefineKpi(RESPONSE, "answers")).when(
            RedefineKpi(RESPONSE, aggregation=Aggregation.WORST, effective=TODAY), reason="x"
        ).then(
            fact(
                Kpi.Redefined, RESPONSE, 4, effective=TODAY, counts="answers",
                aggregation=Aggregation.WORST,
            )
        )  # fmt: skip
        early = date(2025, 7, 10)
        given(world).when(
            RedefineKpi(RESPONSE, aggregation=Aggregation.MEAN, effective=early), reason="x"
        ).then(
            fact(
                Kpi.Redefined, RESPONSE, 5, effective=early, counts=None,
                aggregation=Aggregation.MEAN,
            )
        )  # fmt: skip

    def test_not_without_a_reason_nor_once_retired(self, world: World) -> None:
        given(world).when(RedefineKpi(RESPONSE, "answers")).then_refused(
            ReasonIsMissing, field="reason"
        )
        given(world, RetireKpi(RESPONSE)).when(RedefineKpi(RESPONSE, "x"), reason="x").then_refused(
            KpiIsRetired
        )

    def test_the_same_is_no_news(self, world: World) -> None:
        given(world).when(RedefineKpi(RESPONSE)).then_nothing()
        given(world).when(RedefineKpi(RESPONSE, aggregation=Aggregation.LAST)).then_nothing()
        given(world).when(RedefineKpi(RESPONSE, effective=date(2025, 7, 1))).then_nothing()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"counts": " "}, "counts"),
            ({"effective": TODAY + timedelta(days=1)}, "effective"),
            ({"effective": date(1899, 12, 31)}, "effective"),
        ],
    )
    def test_not_with_a_part_that_is_wrong(
        self, changes: dict[str, Any], field: str, world: World
    ) -> None:
        command = replace(RedefineKpi(RESPONSE, "answers"), **changes)
        given(world).when(command, reason="x").then_refused(Invalid, field=field)

    def test_no_kpi_there_is(self, world: World) -> None:
        given(world).when(RedefineKpi(GROW, "x"), reason="x").then_refused(NotFound, field="kpi_id")


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
