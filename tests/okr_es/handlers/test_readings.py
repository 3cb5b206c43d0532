"""Readings and check-ins, corrections and retractions, and what comes of them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from okr_es.application import Okr
from okr_es.commands import (
    CheckIn,
    CorrectReading,
    LinkKeyResult,
    RecordReading,
    RecordReadings,
    RetireKpi,
    RetractReading,
)
from okr_es.domain.evidence import Evidence
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import (
    AlreadyExists,
    Invalid,
    KeyResultIsLinked,
    KindDoesNotFit,
    KpiIsRetired,
    NotFound,
    ReadingIsAboutTheFuture,
    ReadingIsRetracted,
    ReasonIsMissing,
    TwoValuesOfOneDay,
)
from okr_es.domain.values import Zone
from tests.support.given import Clock, World, fact, given
from tests.support.world import (
    CUSTOMERS,
    GROW,
    NEW,
    NOBODY,
    OTHER,
    REACH,
    RESPONSE,
    TODAY,
    d,
)

YESTERDAY, TOMORROW = date(2025, 7, 14), date(2025, 7, 16)


def checked_in(stream: Any, **fields: Any) -> Any:
    return fact(
        Reading.CheckedIn, stream,
        **{"key_result_id": CUSTOMERS, "as_of": TODAY, "value": None, "zone": None,
           "confidence": 7} | fields,
    )  # fmt: skip


DIGEST = "0123456789abcdef" * 4


class TestRecordReading:
    @pytest.mark.parametrize("value", ["3.5", "-2", "0", "0.300000000000000004", "1E+2"])
    def test_a_value_about_a_day_is_recorded(self, value: str, world: World) -> None:
        given(world).when(RecordReading(RESPONSE, TODAY, d(value), NEW)).then(
            fact(Reading.Recorded, NEW, kpi_id=RESPONSE, as_of=TODAY, value=d(f"{d(value):f}"))
        )

    def test_also_about_days_long_gone_and_twice_about_one(self, world: World) -> None:
        for id_ in (NEW, OTHER):
            given(world).when(RecordReading(RESPONSE, date(1999, 1, 1), d("9"), id_)).then(
                fact(Reading.Recorded, id_, kpi_id=RESPONSE, as_of=date(1999, 1, 1), value=d("9")),
                warnings=("no_span_holds_the_day",),
            )

    def test_of_one_of_several_subjects_with_its_document(self, world: World) -> None:
        evidence = Evidence(" https://files.example.org/7 ", DIGEST.upper())
        given(world).when(
            RecordReading(RESPONSE, TODAY, d("1"), NEW, " North ", evidence)
        ).then(
            fact(
                Reading.Recorded, NEW, kpi_id=RESPONSE, as_of=TODAY, value=d("1"), subject="North",
                evidence=Evidence("https://files.example.org/7", DIGEST),
            )
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ({"subject": " "}, "subject"),
            ({"subject": "x" * 201}, "subject"),
            ({"subject": "a\x00"}, "subject"),
            ({"evidence": Evidence("", DIGEST)}, "evidence"),
            ({"evidence": Evidence("https://example.org", DIGEST[1:])}, "evidence"),
            ({"evidence": Evidence("https://example.org", "g" + DIGEST[1:])}, "evidence"),
        ],
    )
    def test_not_with_words_that_are_none(
        self, parts: dict[str, Any], field: str, world: World
    ) -> None:
        command = replace(RecordReading(RESPONSE, TODAY, d("1")), **parts)
        given(world).when(command).then_refused(Invalid, field=field)

    def test_without_a_day_it_is_about_today(self, world: World) -> None:
        given(world).when(RecordReading(RESPONSE, value=d("3"), id=NEW)).then(
            fact(Reading.Recorded, NEW, kpi_id=RESPONSE, as_of=TODAY, value=d("3"))
        )

    def test_not_without_a_value(self, world: World) -> None:
        given(world).when(RecordReading(RESPONSE, TODAY)).then_refused(Invalid, field="value")

    def test_not_about_the_future(self, world: World) -> None:
        given(world).when(RecordReading(RESPONSE, TOMORROW, d("1"))).then_refused(
            ReadingIsAboutTheFuture, field="as_of"
        )

    def test_the_future_begins_at_midnight_of_the_organisation(self, sqlite_url: str) -> None:
        clock = Clock(TODAY)
        clock.now = datetime(2025, 7, 15, 23, 30, tzinfo=UTC)
        okr = Okr(sqlite_url, clock=clock, timezone="Europe/Berlin")
        assert okr.today() == TOMORROW
        okr.close()

    @pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "1E+24", "1E-19", "9E+999999"])
    def test_not_what_is_no_number_of_ours(self, value: str, world: World) -> None:
        given(world).when(RecordReading(RESPONSE, TODAY, d(value))).then_refused(
            Invalid, field="value"
        )

    def test_not_about_a_year_out_of_this_world(self, world: World) -> None:
        given(world).when(RecordReading(RESPONSE, date(1, 1, 1), d("1"))).then_refused(
            Invalid, field="as_of"
        )

    def test_not_of_a_kpi_retired_or_unknown(self, world: World) -> None:
        given(world).when(RecordReading(CUSTOMERS, TODAY, d("1"))).then_refused(
            NotFound, field="kpi_id"
        )
        given(world, RetireKpi(RESPONSE)).when(RecordReading(RESPONSE, TODAY, d("1"))).then_refused(
            KpiIsRetired
        )

    @pytest.mark.parametrize("taken", [NEW, GROW], ids=["a reading's", "an objective's"])
    def test_not_with_an_id_that_is_taken(self, taken: Any, world: World) -> None:
        given(world, RecordReading(RESPONSE, TODAY, d("1"), NEW)).when(
            RecordReading(RESPONSE, TODAY, d("2"), taken)
        ).then_refused(AlreadyExists, field="id")


class TestRecordReadings:
    def test_many_are_recorded_at_once(self, world: World) -> None:
        receipt = given(world).when(
            RecordReadings(
                (RecordReading(RESPONSE, TODAY, d("1"), NEW),
                 RecordReading(RESPONSE, TODAY, d("2"), OTHER, "Kiruna"))
            ), reason="import",
        ).then(
            fact(Reading.Recorded, NEW, kpi_id=RESPONSE, as_of=TODAY, value=d("1")),
            fact(Reading.Recorded, OTHER, kpi_id=RESPONSE, as_of=TODAY, value=d("2"),
                 subject="Kiruna"),
        )  # fmt: skip
        assert receipt.id is None

    @pytest.mark.parametrize("second", [None, TODAY])
    def test_not_two_values_of_one_kpi_day_and_subject(
        self, second: date | None, world: World
    ) -> None:
        many = (
            RecordReading(RESPONSE, YESTERDAY, d("1"), subject="Kiruna"),
            RecordReading(RESPONSE, TODAY, d("1"), subject="Kiruna"),
            RecordReading(RESPONSE, TODAY, d("1")),
            RecordReading(RESPONSE, second, d("2"), subject=" Kiruna "),
        )
        refusal = (
            given(world)
            .when(RecordReadings(many))
            .then_refused(TwoValuesOfOneDay, field="readings.3")
        )
        assert "readings.1 and readings.3" in refusal.message
        world.execute(RecordReadings(many[:3]))

    def test_a_subject_is_one_in_composed_and_in_decomposed_letters(self, world: World) -> None:
        composed, decomposed = "Malm\u00f6", "Malmo\u0308"
        both = (
            RecordReading(RESPONSE, TODAY, d("1"), subject=composed),
            RecordReading(RESPONSE, TODAY, d("2"), subject=decomposed),
        )
        given(world).when(RecordReadings(both)).then_refused(TwoValuesOfOneDay, field="readings.1")
        receipt = world.execute(RecordReading(RESPONSE, TODAY, d("2"), subject=decomposed))
        assert receipt.id is not None
        assert world.okr.repository.get(receipt.id).subject == composed

    def test_none_are_no_news(self, world: World) -> None:
        given(world).when(RecordReadings(())).then_nothing()

    @pytest.mark.parametrize(
        ("bad", "refusal", "field"),
        [
            (RecordReading(RESPONSE, TOMORROW, d("1")), ReadingIsAboutTheFuture, "as_of"),
            (RecordReading(NOBODY, TODAY, d("1")), NotFound, "readings"),
            (RecordReading(RESPONSE, TODAY, d("NaN")), Invalid, "value"),
        ],
    )
    def test_one_bad_one_and_none_is_recorded(
        self, bad: RecordReading, refusal: Any, field: str, world: World
    ) -> None:
        good = RecordReading(RESPONSE, TODAY, d("1"))
        given(world).when(RecordReadings((good, bad, good))).then_refused(refusal, field=field)

    def test_not_two_of_one_id(self, world: World) -> None:
        one = RecordReading(RESPONSE, TODAY, d("1"), NEW)
        other = RecordReading(RESPONSE, TODAY, d("1"), NEW, "Kiruna")
        given(world).when(RecordReadings((one, other))).then_refused(AlreadyExists, field="id")


READ = RecordReading(RESPONSE, TODAY, d("3"), NEW)


CHECKED = CheckIn(CUSTOMERS, TODAY, 7, d("120"), id=OTHER)


class TestCorrectReading:
    def test_a_reading_says_something_else_with_a_reason(self, world: World) -> None:
        given(world, READ).when(CorrectReading(NEW, d("3.1")), reason="typo").then(
            fact(Reading.Corrected, NEW, 2, value=d("3.1"), zone=None)
        )

    def test_so_does_a_check_in(self, world: World) -> None:
        given(world, CHECKED).when(CorrectReading(OTHER, d("121")), reason="typo").then(
            fact(Reading.Corrected, OTHER, 2, value=d("121"), zone=None)
        )

    def test_the_same_is_no_news(self, world: World) -> None:
        given(world, READ).when(CorrectReading(NEW, d("3.0")), reason="sure?").then_nothing()

    def test_nor_is_a_correction_of_nothing(self, world: World) -> None:
        given(world, READ, CHECKED)
        for stream in (NEW, OTHER):
            given(world).when(CorrectReading(stream), reason="sure?").then_nothing()

    def test_not_without_a_reason(self, world: World) -> None:
        given(world, READ).when(CorrectReading(NEW, d("4"))).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_once_retracted(self, world: World) -> None:
        given(world, READ, RetractReading(NEW)).when(
            CorrectReading(NEW, d("4")), reason="x"
        ).then_refused(ReadingIsRetracted)

    def test_not_to_what_does_not_fit(self, world: World) -> None:
        given(world, READ, CHECKED)
        for stream, wrong, refusal, field in (
            (NEW, {"value": d("1"), "zone": Zone.TARGET}, Invalid, "value"),
            (NEW, {"value": d("NaN")}, Invalid, "value"),
            (OTHER, {"zone": Zone.TARGET}, KindDoesNotFit, "value"),
        ):
            given(world).when(CorrectReading(stream, **wrong), reason="x").then_refused(
                refusal, field=field
            )

    def test_not_to_a_value_where_the_kpi_gives_it(self, world: World) -> None:
        linked = LinkKeyResult(CUSTOMERS, RESPONSE)
        given(world, linked, CheckIn(CUSTOMERS, TODAY, 7, id=NEW)).when(
            CorrectReading(NEW, d("5")), reason="x"
        ).then_refused(KeyResultIsLinked, field="value")

    @pytest.mark.parametrize("stream", [NOBODY, REACH])
    def test_not_what_is_no_reading(self, stream: Any, world: World) -> None:
        given(world).when(CorrectReading(stream, d("4")), reason="x").then_refused(
            NotFound, field="reading_id"
        )


class TestRetractReading:
    def test_it_is_taken_back_with_a_reason(self, world: World) -> None:
        given(world, READ).when(RetractReading(NEW), reason="wrong KPI").then(
            fact(Reading.Retracted, NEW, 2)
        )

    def test_also_after_its_kpi_was_retired(self, world: World) -> None:
        given(world, READ, RetireKpi(RESPONSE)).when(RetractReading(NEW), reason="x").then(
            fact(Reading.Retracted, NEW, 2)
        )

    def test_not_without_a_reason(self, world: World) -> None:
        given(world, READ).when(RetractReading(NEW)).then_refused(ReasonIsMissing, field="reason")

    def test_not_twice(self, world: World) -> None:
        given(world, READ, RetractReading(NEW)).when(RetractReading(NEW), reason="x").then_refused(
            ReadingIsRetracted
        )

    def test_not_what_is_no_reading(self, world: World) -> None:
        given(world).when(RetractReading(RESPONSE), reason="x").then_refused(
            NotFound, field="reading_id"
        )
