"""Confidence, comment, document and subject of what was read: each corrected, each taken away."""

import hashlib
from datetime import date
from typing import Any

import msgspec
import pytest

from okr_es.commands import (
    CheckIn,
    CloseCycle,
    CorrectReading,
    ErasePerson,
    GradeObjective,
    LinkKeyResult,
    RecordReading,
    RetractReading,
)
from okr_es.domain.evidence import Evidence
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import (
    CheckInIsEmpty,
    Invalid,
    ReadingIsRetracted,
    ReasonIsMissing,
)
from okr_es.domain.values import Zone
from okr_es.handlers.comments import comments
from okr_es.handlers.fingerprints import fingerprint, fingerprint_before
from tests.support.given import World, fact, given
from tests.support.world import (
    BEN,
    BRAND,
    CUSTOMERS,
    GROW,
    LAUNCH,
    NEW,
    OTHER,
    Q3,
    Q3_ENDS,
    RESPONSE,
    TODAY,
    d,
)

DIGEST = "0123456789abcdef" * 4
DOCUMENT = Evidence("https://files.example.org/7", DIGEST)
CHECKED = CheckIn(CUSTOMERS, TODAY, 7, d("120"), id=NEW)
ALONE = CheckIn(CUSTOMERS, TODAY, 7, id=NEW)
READ = RecordReading(RESPONSE, TODAY, d("3"), OTHER)


def comment(world: World) -> str | None:
    """The comment of the check-in as it is now."""
    return comments(world.okr.database, world.okr.directory, [NEW]).get(NEW)


class TestConfidence:
    @pytest.mark.parametrize("now", [0, 10, None])
    def test_it_is_corrected_or_taken_away_and_all_else_stays(
        self, now: int | None, world: World
    ) -> None:
        given(world, CHECKED).when(CorrectReading(NEW, confidence=now), reason="typo").then(
            fact(Reading.ConfidenceCorrected, NEW, 2, confidence=now)
        )
        assert world.okr.repository.get(NEW).value == d("120")

    def test_of_one_that_a_kpi_feeds_too(self, world: World) -> None:
        given(world, LinkKeyResult(CUSTOMERS, RESPONSE), ALONE).when(
            CorrectReading(NEW, confidence=3), reason="typo"
        ).then(fact(Reading.ConfidenceCorrected, NEW, 2, confidence=3))

    def test_the_same_is_no_news(self, world: World) -> None:
        given(world, CHECKED).when(CorrectReading(NEW, confidence=7), reason="?").then_nothing()

    def test_one_that_was_not_given_is_added(self, world: World) -> None:
        given(world, CheckIn(CUSTOMERS, TODAY, value=d("1"), id=NEW)).when(
            CorrectReading(NEW, confidence=3), reason="forgotten"
        ).then(fact(Reading.ConfidenceCorrected, NEW, 2, confidence=3))

    @pytest.mark.parametrize("wrong", [-1, 11])
    def test_it_lies_within_0_and_10(self, wrong: int, world: World) -> None:
        given(world, CHECKED).when(CorrectReading(NEW, confidence=wrong), reason="x").then_refused(
            Invalid, field="confidence"
        )

    def test_not_of_a_reading_of_a_kpi(self, world: World) -> None:
        given(world, READ).when(CorrectReading(OTHER, confidence=1), reason="x").then_refused(
            Invalid, field="confidence"
        )

    def test_not_where_nothing_would_be_left(self, world: World) -> None:
        given(world, ALONE).when(CorrectReading(NEW, confidence=None), reason="x").then_refused(
            CheckInIsEmpty, field="confidence"
        )

    def test_but_where_a_comment_is_left(self, world: World) -> None:
        world.execute(ALONE, comment="the supplier is late")
        given(world).when(CorrectReading(NEW, confidence=None), reason="x").then(
            fact(Reading.ConfidenceCorrected, NEW, 2, confidence=None)
        )

    def test_not_without_a_reason_nor_once_retracted(self, world: World) -> None:
        given(world, CHECKED).when(CorrectReading(NEW, confidence=1)).then_refused(
            ReasonIsMissing, field="reason"
        )
        given(world, RetractReading(NEW)).when(
            CorrectReading(NEW, confidence=1), reason="x"
        ).then_refused(ReadingIsRetracted)


class TestComment:
    def test_another_takes_its_place(self, world_on_both: World) -> None:
        world = world_on_both
        world.execute(CHECKED, comment="the suplier is late")
        corrected = fact(Reading.CommentCorrected, NEW, 2)
        world.execute(CorrectReading(NEW, comment="the supplier is late"), reason="typo")
        assert world.facts()[-1] == corrected
        assert comment(world) == "the supplier is late"

    def test_it_is_added_or_taken_away(self, world: World) -> None:
        given(world, CHECKED)
        world.execute(CorrectReading(NEW, comment="late"), reason="forgotten")
        assert comment(world) == "late"
        world.execute(CorrectReading(NEW, comment=None), reason="it names a customer")
        assert comment(world) is None

    def test_the_same_is_no_news_nor_is_none_where_none_is(self, world: World) -> None:
        world.execute(CHECKED, comment="late")
        given(world).when(CorrectReading(NEW, comment="late"), reason="x").then_nothing()
        given(world, READ).when(CorrectReading(OTHER, comment=None), reason="x").then_nothing()

    def test_a_remark_on_the_correction_leaves_it(self, world: World) -> None:
        world.execute(CHECKED, comment="late")
        world.execute(CorrectReading(NEW, d("2")), reason="typo", comment="seen by the auditor")
        assert comment(world) == "late"

    def test_together_with_the_rest_each_part_is_an_event(self, world: World) -> None:
        world.execute(CHECKED, comment="late")
        correction = CorrectReading(
            NEW, d("121"), confidence=8, comment="in time", evidence=DOCUMENT
        )
        world.execute(correction, reason="the wrong sheet")
        assert world.facts()[-4:] == [
            fact(Reading.Corrected, NEW, 2, value=d("121"), zone=None),
            fact(Reading.ConfidenceCorrected, NEW, 3, confidence=8),
            fact(Reading.EvidenceCorrected, NEW, 4, evidence=DOCUMENT),
            fact(Reading.CommentCorrected, NEW, 5),
        ]
        assert comment(world) == "in time"

    def test_not_taken_away_where_nothing_would_be_left(self, world: World) -> None:
        world.execute(CheckIn(CUSTOMERS, TODAY, id=NEW), comment="late")
        given(world).when(CorrectReading(NEW, comment=None), reason="x").then_refused(
            CheckInIsEmpty, field="confidence"
        )

    def test_not_by_blanks(self, world: World) -> None:
        given(world, CHECKED).when(CorrectReading(NEW, comment="  "), reason="x").then_refused(
            Invalid, field="comment"
        )

    def test_it_stays_when_its_author_is_erased(self, world: World) -> None:
        given(world, CHECKED)
        world.execute(CorrectReading(NEW, comment="late"), reason="forgotten", by=BEN)
        assert comment(world) == "late"
        world.execute(ErasePerson(BEN, "GDPR Article 17"), reason="asked for")
        assert comment(world) == "late"


class TestEvidence:
    @pytest.mark.parametrize("of", [NEW, OTHER], ids=["a check-in", "a reading"])
    def test_a_document_is_named_another_takes_its_place_and_it_is_taken_away(
        self, of: Any, world: World
    ) -> None:
        given(world, CHECKED, READ).when(
            CorrectReading(of, evidence=Evidence(" https://x.example ", DIGEST.upper())),
            reason="forgotten",
        ).then(
            fact(Reading.EvidenceCorrected, of, 2, evidence=Evidence("https://x.example", DIGEST))
        )
        given(world).when(CorrectReading(of, evidence=DOCUMENT), reason="the wrong one").then(
            fact(Reading.EvidenceCorrected, of, 3, evidence=DOCUMENT)
        )
        given(world).when(CorrectReading(of, evidence=DOCUMENT), reason="x").then_nothing()
        given(world).when(CorrectReading(of, evidence=None), reason="not ours").then(
            fact(Reading.EvidenceCorrected, of, 4, evidence=None)
        )

    def test_not_one_that_nobody_knows_again(self, world: World) -> None:
        given(world, CHECKED).when(
            CorrectReading(NEW, evidence=Evidence("x", "12")), reason="x"
        ).then_refused(Invalid, field="evidence")


class TestSubject:
    def test_a_reading_is_of_another_or_of_none(self, world: World) -> None:
        given(world, READ).when(CorrectReading(OTHER, subject=" North "), reason="x").then(
            fact(Reading.SubjectCorrected, OTHER, 2, subject="North")
        )
        given(world).when(CorrectReading(OTHER, subject="North"), reason="x").then_nothing()
        given(world).when(CorrectReading(OTHER, subject=None), reason="x").then(
            fact(Reading.SubjectCorrected, OTHER, 3, subject=None)
        )

    def test_a_check_in_has_none(self, world: World) -> None:
        given(world, CHECKED).when(CorrectReading(NEW, subject="North"), reason="x").then_refused(
            Invalid, field="subject"
        )


class TestWhatItSays:
    def test_steps_are_named_or_counted_anew(self, world: World) -> None:
        given(world, CheckIn(LAUNCH, TODAY, 5, id=NEW, done_steps=("design",))).when(
            CorrectReading(NEW, done_steps=("Build", "design")), reason="x"
        ).then(
            fact(
                Reading.Corrected, NEW, 2, value=d("2"), zone=None, done_steps=("design", "build")
            )
        )  # fmt: skip
        given(world).when(CorrectReading(NEW, d("1")), reason="x").then(
            fact(Reading.Corrected, NEW, 3, value=d("1"), zone=None)
        )

    def test_a_zone_stays_where_confidence_alone_is_corrected(self, world: World) -> None:
        given(world, CheckIn(BRAND, TODAY, 5, zone=Zone.TARGET, id=NEW)).when(
            CorrectReading(NEW, confidence=4), reason="x"
        ).then(fact(Reading.ConfidenceCorrected, NEW, 2, confidence=4))
        assert world.okr.repository.get(NEW).zone is Zone.TARGET

    def test_about_a_closed_cycle_it_warns(self, world: World) -> None:
        given(world, CHECKED, GradeObjective(GROW), date(2025, 10, 5), CloseCycle(Q3)).when(
            CorrectReading(NEW, confidence=4), reason="x"
        ).then(
            fact(Reading.ConfidenceCorrected, NEW, 2, confidence=4), warnings=("cycle_is_closed",)
        )
        assert world.okr.today() > Q3_ENDS


def test_a_stream_without_evidence_still_opens(world: World) -> None:
    given(world, fact(Reading.CheckedIn, NEW, key_result_id=CUSTOMERS, as_of=TODAY, value=d("1"),
                      zone=None, confidence=None))  # fmt: skip
    assert world.okr.repository.get(NEW).evidence is None


def test_a_key_from_before_stands_for_the_same_correction() -> None:
    """Then a correction had three fields; what was left out of them was null."""
    content = {"reading_id": NEW, "value": d("2"), "zone": None, "done_steps": None}
    before = hashlib.sha256(b"CorrectReading\x00" + msgspec.json.encode(content)).digest()
    assert fingerprint_before(CorrectReading(NEW, d("2"))) == before


def test_what_is_taken_away_differs_from_what_is_left_out_and_no_text_is_in_a_fingerprint() -> None:
    prints = [
        fingerprint(CorrectReading(NEW, **fields))
        for fields in ({}, {"comment": None}, {"confidence": None}, {"evidence": None})
    ]
    assert len(set(prints)) == len(prints)
    assert fingerprint(CorrectReading(NEW, comment="late")) == prints[0]
