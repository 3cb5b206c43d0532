"""Key results that are fed by a KPI, and key results that are dropped."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    CommitObjective,
    CommitPlan,
    DropKeyResult,
    LinkKeyResult,
    MoveKeyResult,
    RetargetKeyResult,
    RetireKpi,
    ReweightKeyResult,
)
from okr_es.domain.key_result import KeyResult
from okr_es.domain.measure import Measure
from okr_es.domain.refusals import (
    KeyResultIsDropped,
    KindDoesNotFit,
    KpiIsRetired,
    NotFound,
    ObjectiveIsOver,
    ReasonIsMissing,
    UnitsDiffer,
)
from okr_es.domain.values import Cadence, Kind, Point
from tests.support.given import World, fact, given
from tests.support.world import (
    GROW,
    LAUNCH,
    LEADS,
    NEW,
    NOBODY,
    Q3,
    REACH,
    RESPONSE,
    TWENTY,
    d,
)

MORE = Measure(Kind.METRIC, d("0"), d("1200"), "customers")
HALFWAY = (Point(date(2025, 8, 1), d("0.25")), Point(date(2025, 9, 30), d("1")))


def added(**fields: Any) -> dict[str, Any]:
    return {
        "objective_id": REACH, "title": "reach", "measure": TWENTY, "weight": d("1"),
        "cadence": Cadence.WEEKLY, "trajectory": (), "carried_from": None,
    } | fields  # fmt: skip


class TestLinkKeyResult:
    def test_a_kpi_feeds_it(self, world: World) -> None:
        given(world).when(LinkKeyResult(LEADS, RESPONSE)).then(
            fact(KeyResult.Linked, LEADS, 2, kpi_id=RESPONSE)
        )

    @pytest.mark.parametrize("unit", ["LEADS", None])
    def test_one_of_its_own_unit_or_of_none(self, unit: str | None, world: World) -> None:
        given(world, RetargetKeyResult(LEADS, replace(TWENTY, unit=unit))).when(
            LinkKeyResult(LEADS, RESPONSE)
        ).then(fact(KeyResult.Linked, LEADS, 3, kpi_id=RESPONSE))

    def test_not_one_of_another_unit(self, world: World) -> None:
        given(world, RetargetKeyResult(LEADS, MORE)).when(
            LinkKeyResult(LEADS, RESPONSE)
        ).then_refused(UnitsDiffer, field="kpi_id")
        given(world).when(AddKeyResult(REACH, "x", MORE, kpi_id=RESPONSE)).then_refused(
            UnitsDiffer, field="kpi_id"
        )

    def test_nor_does_one_that_is_fed_take_another_unit(self, world: World) -> None:
        fed = given(world, LinkKeyResult(LEADS, RESPONSE))
        fed.when(RetargetKeyResult(LEADS, MORE)).then_refused(UnitsDiffer, field="unit")
        more = replace(MORE, unit="Leads")
        given(world).when(RetargetKeyResult(LEADS, more)).then(
            fact(KeyResult.Retargeted, LEADS, 3, measure=more, trajectory=())
        )

    def test_the_link_is_taken_away(self, world: World) -> None:
        given(world, LinkKeyResult(LEADS, RESPONSE)).when(LinkKeyResult(LEADS, None)).then(
            fact(KeyResult.Unlinked, LEADS, 3)
        )

    def test_once_promised_with_a_reason_and_not_without(self, world: World) -> None:
        given(world, CommitObjective(REACH), CommitPlan(Q3))
        given(world).when(LinkKeyResult(LEADS, RESPONSE)).then_refused(
            ReasonIsMissing, field="reason"
        )
        given(world).when(LinkKeyResult(LEADS, RESPONSE), reason="the CRM counts them").then(
            fact(KeyResult.Linked, LEADS, 2, kpi_id=RESPONSE), warnings=("source_is_new",)
        )
        given(world).when(LinkKeyResult(LEADS, None)).then_refused(ReasonIsMissing, field="reason")
        given(world).when(LinkKeyResult(LEADS, None), reason="by hand again").then(
            fact(KeyResult.Unlinked, LEADS, 3), warnings=("source_is_new",)
        )

    def test_no_reason_is_asked_for_what_cannot_be_done_anyway(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(LinkKeyResult(LAUNCH, RESPONSE)).then_refused(
            KindDoesNotFit, field="kpi_id"
        )

    def test_one_added_with_a_kpi_needs_none(self, world: World) -> None:
        given(world, CommitObjective(REACH), CommitPlan(Q3)).when(
            AddKeyResult(REACH, "reach", TWENTY, kpi_id=RESPONSE, id=NEW)
        ).then(
            fact(KeyResult.Added, NEW, **(added() | {"cadence": Cadence.DAILY})),
            fact(KeyResult.Linked, NEW, 2, kpi_id=RESPONSE),
        )

    def test_as_it_is_is_no_news(self, world: World) -> None:
        given(world).when(LinkKeyResult(LEADS, None)).then_nothing()
        given(world, LinkKeyResult(LEADS, RESPONSE)).when(
            LinkKeyResult(LEADS, RESPONSE)
        ).then_nothing()

    def test_only_a_metric_is_fed(self, world: World) -> None:
        given(world).when(LinkKeyResult(LAUNCH, RESPONSE)).then_refused(
            KindDoesNotFit, field="kpi_id"
        )

    def test_not_by_a_retired_or_unknown_kpi(self, world: World) -> None:
        given(world).when(LinkKeyResult(LEADS, GROW)).then_refused(NotFound, field="kpi_id")
        given(world, RetireKpi(RESPONSE)).when(LinkKeyResult(LEADS, RESPONSE)).then_refused(
            KpiIsRetired
        )

    def test_not_once_dropped(self, world: World) -> None:
        given(world, DropKeyResult(LEADS)).when(LinkKeyResult(LEADS, None)).then_refused(
            KeyResultIsDropped
        )


class TestDropKeyResult:
    def test_it_is_dropped(self, world: World) -> None:
        given(world).when(DropKeyResult(LAUNCH)).then(fact(KeyResult.Dropped, LAUNCH, 2))

    def test_once_promised_with_a_reason_and_not_without(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(DropKeyResult(LAUNCH)).then_refused(
            ReasonIsMissing, field="reason"
        )
        given(world).when(DropKeyResult(LAUNCH), reason="bought instead").then(
            fact(KeyResult.Dropped, LAUNCH, 2)
        )

    def test_not_twice(self, world: World) -> None:
        given(world, DropKeyResult(LAUNCH)).when(DropKeyResult(LAUNCH)).then_refused(
            KeyResultIsDropped
        )

    def test_not_of_an_objective_that_is_over(self, world: World) -> None:
        given(world, AbandonObjective(GROW)).when(DropKeyResult(LAUNCH)).then_refused(
            ObjectiveIsOver
        )


class TestUnknownKeyResults:
    @pytest.mark.parametrize(
        "command",
        [RetargetKeyResult(NOBODY, MORE), ReweightKeyResult(GROW, d("1")),
         LinkKeyResult(RESPONSE, None), MoveKeyResult(NOBODY, REACH), DropKeyResult(Q3)],
    )  # fmt: skip
    def test_the_field_is_named(self, command: Any, world: World) -> None:
        given(world).when(command, reason="x").then_refused(NotFound, field="key_result_id")
