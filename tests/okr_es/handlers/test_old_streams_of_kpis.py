"""Old streams of KPIs and readings; see test_old_streams."""

from datetime import date
from uuid import UUID

from okr_es.commands import (
    CorrectReading,
    DefineKpi,
    RecordReading,
    RecordReadings,
    RedefineKpi,
    ReplaceKpiCadence,
    ReplaceKpiSource,
    RetargetKpi,
    RetireKpi,
    RetractReading,
    SetKpiTarget,
)
from okr_es.domain.kpi import Kpi, Target
from okr_es.domain.reading import Reading
from okr_es.domain.team import Team
from okr_es.domain.values import Aggregation, Cadence, Direction, TeamKind
from tests.support.given import World, fact, given
from tests.support.world import ANN, NEW, TODAY, d

TEAM, HEALTH, READ, LONE = (UUID(int=0xAAA0 + i) for i in range(4))
WHY = {"reason": "because"}
OVERLAPPING = (
    Target(date(1800, 1, 1), date(2025, 12, 31), d("0")),
    Target(date(2025, 12, 31), date(1800, 1, 1), None, d("9"), d("1")),
)
OLD_TEAM = (fact(Team.Formed, TEAM, name="", kind=TeamKind.TEAM, parent_id=LONE),)
OLD_KPI = (
    fact(
        Kpi.Defined, HEALTH, name="", direction=Direction.WITHIN, unit="", source="",
        cadence=Cadence.DAILY, owner_id=LONE, team_id=None, purpose="", baseline=d("0"),
    ),
    *(fact(Kpi.TargetSet, HEALTH, 2 + i, target=t) for i, t in enumerate(OVERLAPPING)),
)  # fmt: skip
OLD_READING = (
    *OLD_KPI,
    fact(Reading.Recorded, READ, kpi_id=HEALTH, as_of=date(2999, 1, 1), value=d("1")),
)


class TestKpisAndReadings:
    def test_one_is_defined_for_a_team_of_no_name(self, world: World) -> None:
        target = Target(TODAY, TODAY, d("1"))
        given(world, *OLD_TEAM).when(
            DefineKpi("x", Direction.INCREASE, "x", "x", Cadence.DAILY, ANN, target, TEAM, id=NEW)
        ).then(
            fact(
                Kpi.Defined, NEW, name="x", direction=Direction.INCREASE, unit="x", source="x",
                cadence=Cadence.DAILY, owner_id=ANN, team_id=TEAM, purpose=None, baseline=None,
            ),
            fact(Kpi.TargetSet, NEW, 2, target=target),
        )  # fmt: skip

    def test_days_beside_odd_spans_get_a_target(self, world: World) -> None:
        target = Target(date(2026, 1, 1), date(2026, 1, 31), None, d("1"), d("9"))
        given(world, *OLD_KPI).when(SetKpiTarget(HEALTH, target)).then(
            fact(Kpi.TargetSet, HEALTH, 4, target=target)
        )

    def test_a_target_of_the_wrong_shape_is_mended(self, world: World) -> None:
        wrong = Target(TODAY, TODAY, d("0"))
        mended = Target(TODAY, TODAY, None, d("1"), d("9"))
        given(world, *OLD_KPI, fact(Kpi.TargetSet, HEALTH, 4, target=wrong)).when(
            RetargetKpi(HEALTH, mended), **WHY
        ).then(fact(Kpi.Retargeted, HEALTH, 5, target=mended))

    def test_it_has_another_source(self, world: World) -> None:
        given(world, *OLD_KPI).when(ReplaceKpiSource(HEALTH, "x")).then(
            fact(Kpi.SourceReplaced, HEALTH, 4, source="x")
        )

    def test_it_has_another_cadence(self, world: World) -> None:
        given(world, *OLD_KPI).when(ReplaceKpiCadence(HEALTH, Cadence.YEARLY)).then(
            fact(Kpi.CadenceReplaced, HEALTH, 4, cadence=Cadence.YEARLY)
        )

    def test_it_is_redefined(self, world: World) -> None:
        given(world, *OLD_KPI).when(RedefineKpi(HEALTH, "x", effective=TODAY), **WHY).then(
            fact(
                Kpi.Redefined, HEALTH, 4, effective=TODAY, counts="x", aggregation=Aggregation.LAST
            )
        )

    def test_it_is_retired(self, world: World) -> None:
        given(world, *OLD_KPI).when(RetireKpi(HEALTH)).then(fact(Kpi.Retired, HEALTH, 4))

    def test_it_is_read(self, world: World) -> None:
        given(world, *OLD_KPI).when(RecordReading(HEALTH, TODAY, d("1"), NEW)).then(
            fact(Reading.Recorded, NEW, kpi_id=HEALTH, as_of=TODAY, value=d("1"))
        )

    def test_it_is_read_in_bulk(self, world: World) -> None:
        given(world, *OLD_KPI).when(
            RecordReadings((RecordReading(HEALTH, TODAY, d("1"), NEW),))
        ).then(fact(Reading.Recorded, NEW, kpi_id=HEALTH, as_of=TODAY, value=d("1")))

    def test_a_reading_about_the_future_is_corrected(self, world: World) -> None:
        given(world, *OLD_READING).when(CorrectReading(READ, d("2")), **WHY).then(
            fact(Reading.Corrected, READ, 2, value=d("2"), zone=None),
            warnings=("no_span_holds_the_day",),
        )

    def test_it_is_retracted(self, world: World) -> None:
        given(world, *OLD_READING).when(RetractReading(READ), **WHY).then(
            fact(Reading.Retracted, READ, 2)
        )
