"""Check-ins on key results, and what comes of them."""

from datetime import date
from typing import Any

import pytest

from okr_es.commands import (
    AbandonObjective,
    CheckIn,
    CloseCycle,
    DraftObjective,
    DropKeyResult,
    GradeObjective,
    LinkKeyResult,
    RecordReading,
)
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import (
    AlreadyExists,
    CycleHasNotStarted,
    Invalid,
    KeyResultIsDropped,
    KeyResultIsLinked,
    KindDoesNotFit,
    NotFound,
    ObjectiveIsNotCommitted,
    ReadingIsAboutTheFuture,
    ReadingIsOutsideTheCycle,
)
from okr_es.domain.values import Zone
from tests.support.given import World, fact, given
from tests.support.world import (
    ANN,
    BRAND,
    COMPANY,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    NEW,
    NOBODY,
    OTHER,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    RESPONSE,
    TODAY,
    d,
)

LATE = "cycle_is_closed"
TOMORROW = date(2025, 7, 16)


def checked_in(stream: Any, **fields: Any) -> Any:
    return fact(
        Reading.CheckedIn, stream,
        **{"key_result_id": CUSTOMERS, "as_of": TODAY, "value": None, "zone": None,
           "confidence": 7} | fields,
    )  # fmt: skip


class TestCheckIn:
    def test_a_metric_has_a_value(self, world: World) -> None:
        given(world).when(CheckIn(CUSTOMERS, TODAY, 7, d("120"), id=NEW), comment="good").then(
            checked_in(NEW, value=d("120"))
        )

    def test_a_milestone_has_the_number_of_steps_done(self, world: World) -> None:
        given(world).when(CheckIn(LAUNCH, TODAY, 0, d("3"), id=NEW)).then(
            checked_in(NEW, key_result_id=LAUNCH, value=d("3"), confidence=0)
        )

    def test_an_ordinal_has_a_zone(self, world: World) -> None:
        given(world).when(CheckIn(BRAND, TODAY, 10, zone=Zone.COMMIT, id=NEW)).then(
            checked_in(NEW, key_result_id=BRAND, zone=Zone.COMMIT, confidence=10)
        )

    def test_one_fed_by_a_kpi_takes_confidence_alone(self, world: World) -> None:
        given(world, LinkKeyResult(CUSTOMERS, RESPONSE)).when(
            CheckIn(CUSTOMERS, TODAY, 7, id=NEW)
        ).then(checked_in(NEW))
        given(world).when(CheckIn(CUSTOMERS, TODAY, 7, d("1"))).then_refused(
            KeyResultIsLinked, field="value"
        )

    @pytest.mark.parametrize(
        ("key_result", "value", "zone", "field"),
        [
            (CUSTOMERS, None, None, "value"),
            (CUSTOMERS, "1", Zone.TARGET, "value"),
            (CUSTOMERS, None, Zone.TARGET, "value"),
            (LAUNCH, "1.5", None, "value"),
            (LAUNCH, "-1", None, "value"),
            (LAUNCH, "4", None, "value"),
            (BRAND, None, None, "zone"),
            (BRAND, "1", None, "zone"),
            (BRAND, "1", Zone.TARGET, "zone"),
        ],
    )
    def test_not_of_the_wrong_kind(
        self, key_result: Any, value: str | None, zone: Zone | None, field: str, world: World
    ) -> None:
        given(world).when(CheckIn(key_result, TODAY, 5, value and d(value), zone)).then_refused(
            KindDoesNotFit, field=field
        )

    @pytest.mark.parametrize("key_result", [CUSTOMERS, LAUNCH])
    @pytest.mark.parametrize("value", ["NaN", "Infinity", "sNaN"])
    def test_not_with_what_is_no_number(self, key_result: Any, value: str, world: World) -> None:
        given(world).when(CheckIn(key_result, TODAY, 5, d(value))).then_refused(
            Invalid, field="value"
        )

    @pytest.mark.parametrize("confidence", [-1, 11])
    def test_confidence_lies_within_0_and_10(self, confidence: int, world: World) -> None:
        given(world).when(CheckIn(CUSTOMERS, TODAY, confidence, d("1"))).then_refused(
            Invalid, field="confidence"
        )

    def test_not_about_the_future(self, world: World) -> None:
        given(world).when(CheckIn(CUSTOMERS, TOMORROW, 5, d("1"))).then_refused(
            ReadingIsAboutTheFuture, field="as_of"
        )

    def test_not_before_the_cycle_starts(self, world: World) -> None:
        given(world, date(2025, 6, 30)).when(
            CheckIn(CUSTOMERS, date(2025, 6, 30), 5, d("1"))
        ).then_refused(CycleHasNotStarted, field="as_of")

    @pytest.mark.parametrize("day", [date(2025, 6, 30), date(2025, 10, 1)])
    def test_not_about_a_day_outside_the_cycle(self, day: date, world: World) -> None:
        given(world, date(2025, 10, 5)).when(CheckIn(CUSTOMERS, day, 5, d("1"))).then_refused(
            ReadingIsOutsideTheCycle, field="as_of"
        )

    @pytest.mark.parametrize("day", [Q3_STARTS, Q3_ENDS])
    def test_on_its_first_and_last_day(self, day: date, world: World) -> None:
        given(world, date(2025, 10, 5)).when(CheckIn(CUSTOMERS, day, 7, d("1"), id=NEW)).then(
            checked_in(NEW, as_of=day, value=d("1"))
        )

    def test_about_a_closed_cycle_it_goes_to_the_late_lane(self, world: World) -> None:
        given(world, GradeObjective(GROW), date(2025, 10, 5), CloseCycle(Q3)).when(
            CheckIn(CUSTOMERS, Q3_ENDS, 7, d("990"), id=NEW)
        ).then(checked_in(NEW, as_of=Q3_ENDS, value=d("990")), warnings=(LATE,))

    def test_not_on_a_draft_or_an_abandoned_objective(self, world: World) -> None:
        given(world).when(CheckIn(LEADS, TODAY, 5, d("1"))).then_refused(ObjectiveIsNotCommitted)
        given(world, AbandonObjective(GROW)).when(
            CheckIn(CUSTOMERS, TODAY, 5, d("1"))
        ).then_refused(ObjectiveIsNotCommitted)

    def test_not_on_what_was_dropped_or_is_not_there(self, world: World) -> None:
        given(world).when(CheckIn(NOBODY, TODAY, 5, d("1"))).then_refused(
            NotFound, field="key_result_id"
        )
        given(world, DropKeyResult(CUSTOMERS)).when(
            CheckIn(CUSTOMERS, TODAY, 5, d("1"))
        ).then_refused(KeyResultIsDropped)

    def test_not_with_an_id_that_is_taken(self, world: World) -> None:
        given(world, DraftObjective(Q3, COMPANY, ANN, "x", id=NEW)).when(
            CheckIn(CUSTOMERS, TODAY, 5, d("1"), id=NEW)
        ).then_refused(AlreadyExists, field="id")


READ = RecordReading(RESPONSE, TODAY, d("3"), NEW)


CHECKED = CheckIn(CUSTOMERS, TODAY, 7, d("120"), id=OTHER)
