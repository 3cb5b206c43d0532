"""Check-ins on key results, and what comes of them."""

from datetime import date
from typing import Any

import pytest

from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    CheckIn,
    CloseCycle,
    DraftObjective,
    DropKeyResult,
    GradeObjective,
    LinkKeyResult,
)
from okr_es.domain.evidence import Evidence
from okr_es.domain.measure import Measure
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import (
    AlreadyExists,
    CheckInIsEmpty,
    Invalid,
    KeyResultIsDropped,
    KeyResultIsLinked,
    KindDoesNotFit,
    NotFound,
    ObjectiveIsNotCommitted,
    ReadingIsAboutTheFuture,
)
from okr_es.domain.values import Kind, Zone
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
DIGEST = "0123456789abcdef" * 4


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
            (CUSTOMERS, "1", Zone.TARGET, "value"),
            (CUSTOMERS, None, Zone.TARGET, "value"),
            (LAUNCH, "1.5", None, "value"),
            (LAUNCH, "-1", None, "value"),
            (LAUNCH, "4", None, "value"),
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

    def test_a_milestone_may_name_the_steps_done_in_any_order(self, world: World) -> None:
        given(world).when(
            CheckIn(LAUNCH, TODAY, 5, id=NEW, done_steps=("launch", "design"))
        ).then(
            checked_in(
                NEW, key_result_id=LAUNCH, value=d("2"), confidence=5,
                done_steps=("design", "launch"),
            )
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("key_result", "fields"),
        [
            (LAUNCH, {"done_steps": ("party",)}),
            (LAUNCH, {"done_steps": ("design",), "value": d("1")}),
            (CUSTOMERS, {"done_steps": ()}),
            (BRAND, {"done_steps": ("design",)}),
        ],
    )
    def test_not_with_steps_it_does_not_have_or_counts_as_well(
        self, key_result: Any, fields: dict[str, Any], world: World
    ) -> None:
        given(world).when(CheckIn(key_result, TODAY, 5, **fields)).then_refused(
            KindDoesNotFit, field="done_steps"
        )

    @pytest.mark.parametrize("key_result", [CUSTOMERS, LAUNCH, BRAND])
    def test_confidence_alone_or_a_comment_alone_is_enough(
        self, key_result: Any, world: World
    ) -> None:
        given(world).when(CheckIn(key_result, TODAY, 3, id=NEW)).then(
            checked_in(NEW, key_result_id=key_result, confidence=3)
        )
        given(world).when(
            CheckIn(key_result, TODAY, id=OTHER), comment="the supplier is late"
        ).then(checked_in(OTHER, key_result_id=key_result, confidence=None))

    @pytest.mark.parametrize("comment", [None, "  "])
    def test_but_not_nothing_at_all(self, comment: str | None, world: World) -> None:
        given(world).when(CheckIn(CUSTOMERS, TODAY), comment=comment).then_refused(
            CheckInIsEmpty, field="value"
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

    @pytest.mark.parametrize("named", [("DESIGN", "launch "), ("Launch", "de\u00adsign", "design")])
    def test_steps_are_known_by_what_they_look_like(
        self, named: tuple[str, ...], world: World
    ) -> None:
        given(world).when(CheckIn(LAUNCH, TODAY, 5, id=NEW, done_steps=named)).then(
            checked_in(
                NEW, key_result_id=LAUNCH, value=d("2"), confidence=5,
                done_steps=("design", "launch"),
            )
        )  # fmt: skip

    def test_a_step_that_is_none_is_shown_with_those_there_are(self, world: World) -> None:
        refused = given(world).when(CheckIn(LAUNCH, TODAY, done_steps=("désign",)))
        refused.then_refused(KindDoesNotFit, field="done_steps")
        with pytest.raises(KindDoesNotFit, match="they are: design, build, launch"):
            world.execute(CheckIn(LAUNCH, TODAY, done_steps=("désign",)))

    def test_of_two_steps_that_look_alike_the_exact_one_is_meant(self, world: World) -> None:
        steps = Measure(Kind.MILESTONE, steps=("Test", "test"))
        added = AddKeyResult(GROW, "pilot", steps, id=OTHER)
        given(world, added).when(CheckIn(OTHER, TODAY, 5, id=NEW, done_steps=("test",))).then(
            checked_in(
                NEW, key_result_id=OTHER, value=d("1"), confidence=5, done_steps=("test",)
            )
        )  # fmt: skip
        given(world).when(CheckIn(OTHER, TODAY, done_steps=("TEST",))).then_refused(
            KindDoesNotFit, field="done_steps"
        )

    def test_it_may_name_a_document(self, world: World) -> None:
        document = Evidence(" https://files.example.org/7 ", DIGEST.upper())
        given(world).when(
            CheckIn(CUSTOMERS, TODAY, 7, d("120"), id=NEW, evidence=document)
        ).then(
            checked_in(
                NEW, value=d("120"), evidence=Evidence("https://files.example.org/7", DIGEST)
            )
        )  # fmt: skip

    @pytest.mark.parametrize(
        "document",
        [
            Evidence("", DIGEST),
            Evidence("https://x.example", DIGEST[1:]),
            Evidence("javascript:alert(1)", DIGEST),
            Evidence("file:///etc/passwd", DIGEST),
            Evidence("https://user:word@x.example/a", DIGEST),
            Evidence("x", DIGEST),
        ],
    )
    def test_not_one_that_nobody_finds_or_knows_again(
        self, document: Evidence, world: World
    ) -> None:
        given(world).when(CheckIn(CUSTOMERS, TODAY, 7, evidence=document)).then_refused(
            Invalid, field="evidence"
        )

    def test_a_document_alone_says_nothing(self, world: World) -> None:
        document = Evidence("https://files.example.org/7", DIGEST)
        given(world).when(CheckIn(CUSTOMERS, TODAY, evidence=document)).then_refused(
            CheckInIsEmpty, field="value"
        )

    def test_not_about_the_future(self, world: World) -> None:
        given(world).when(CheckIn(CUSTOMERS, TOMORROW, 5, d("1"))).then_refused(
            ReadingIsAboutTheFuture, field="as_of"
        )

    @pytest.mark.parametrize("today", [date(2025, 6, 30), date(2025, 10, 5)])
    @pytest.mark.parametrize("day", [date(2025, 6, 30), date(2025, 10, 1)])
    def test_about_a_day_outside_the_cycle_it_is_taken_with_a_warning(
        self, day: date, today: date, world: World
    ) -> None:
        if day > today:
            pytest.skip("about the future")
        given(world, today).when(CheckIn(CUSTOMERS, day, 7, d("1"), id=NEW)).then(
            checked_in(NEW, as_of=day, value=d("1")), warnings=("outside_the_cycle",)
        )

    @pytest.mark.parametrize("day", [Q3_STARTS, Q3_ENDS])
    def test_on_its_first_and_last_day(self, day: date, world: World) -> None:
        given(world, date(2025, 10, 5)).when(CheckIn(CUSTOMERS, day, 7, d("1"), id=NEW)).then(
            checked_in(NEW, as_of=day, value=d("1"))
        )

    @pytest.mark.parametrize(
        ("today", "day"),
        [(Q3_STARTS, Q3_STARTS), (Q3_ENDS, Q3_ENDS), (date(2025, 10, 5), Q3_ENDS)],
    )
    def test_without_a_day_it_is_about_today_and_until_closing_about_the_last_day(
        self, today: date, day: date, world: World
    ) -> None:
        given(world, today).when(CheckIn(CUSTOMERS, value=d("1"), id=NEW)).then(
            checked_in(NEW, as_of=day, value=d("1"), confidence=None)
        )

    def test_without_a_day_it_is_about_today_once_the_cycle_is_closed(self, world: World) -> None:
        late = date(2025, 10, 5)
        given(world, GradeObjective(GROW), late, CloseCycle(Q3)).when(
            CheckIn(CUSTOMERS, value=d("1"), id=NEW)
        ).then(
            checked_in(NEW, as_of=late, value=d("1"), confidence=None),
            warnings=("outside_the_cycle", LATE),
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
