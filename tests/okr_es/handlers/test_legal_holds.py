"""What keeps a person from being erased, and what comes of it."""

import pytest

from okr_es.commands import ErasePerson, LiftLegalHold, PlaceLegalHold
from okr_es.domain.person import Person
from okr_es.domain.refusals import (
    Invalid,
    NotFound,
    PersonIsHeld,
    PersonIsNotHeld,
    PersonIsUnknown,
    ReasonIsMissing,
)
from tests.support.given import World, fact, given
from tests.support.world import BEN, NOBODY

WHY = {"reason": "the court asks"}
LAWSUIT, AUDIT = "T 1234-25", "audit 7"


class TestPlaceLegalHold:
    def test_a_matter_holds_a_person(self, world: World) -> None:
        given(world).when(PlaceLegalHold(BEN, f" {LAWSUIT} "), **WHY).then(
            fact(Person.HoldPlaced, BEN, 2, matter=LAWSUIT)
        )

    def test_several_matters_hold_the_same_person(self, world: World) -> None:
        given(world, PlaceLegalHold(BEN, LAWSUIT)).when(PlaceLegalHold(BEN, AUDIT), **WHY).then(
            fact(Person.HoldPlaced, BEN, 3, matter=AUDIT)
        )

    def test_a_matter_that_holds_them_already_is_no_news(self, world: World) -> None:
        given(world, PlaceLegalHold(BEN, LAWSUIT)).when(
            PlaceLegalHold(BEN, LAWSUIT), **WHY
        ).then_nothing()

    def test_not_without_a_reason(self, world: World) -> None:
        given(world).when(PlaceLegalHold(BEN, LAWSUIT)).then_refused(
            ReasonIsMissing, field="reason"
        )

    @pytest.mark.parametrize("matter", ["", " \t", "x" * 201, "a\0b"])
    def test_not_without_a_matter(self, matter: str, world: World) -> None:
        given(world).when(PlaceLegalHold(BEN, matter), **WHY).then_refused(Invalid, field="matter")

    def test_not_on_someone_unknown(self, world: World) -> None:
        given(world).when(PlaceLegalHold(NOBODY, LAWSUIT), **WHY).then_refused(
            NotFound, field="person_id"
        )

    def test_not_on_someone_erased(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(
            PlaceLegalHold(BEN, LAWSUIT), **WHY
        ).then_refused(PersonIsUnknown, field="person_id")


class TestLiftLegalHold:
    def test_a_matter_holds_a_person_no_longer(self, world: World) -> None:
        given(world, PlaceLegalHold(BEN, LAWSUIT)).when(LiftLegalHold(BEN, LAWSUIT), **WHY).then(
            fact(Person.HoldLifted, BEN, 3, matter=LAWSUIT)
        )

    def test_not_without_a_reason(self, world: World) -> None:
        given(world, PlaceLegalHold(BEN, LAWSUIT)).when(
            LiftLegalHold(BEN, LAWSUIT), reason=" "
        ).then_refused(ReasonIsMissing, field="reason")

    def test_not_of_another_matter(self, world: World) -> None:
        given(world, PlaceLegalHold(BEN, LAWSUIT)).when(
            LiftLegalHold(BEN, AUDIT), **WHY
        ).then_refused(PersonIsNotHeld, field="matter")

    def test_not_twice(self, world: World) -> None:
        given(world, PlaceLegalHold(BEN, LAWSUIT), LiftLegalHold(BEN, LAWSUIT)).when(
            LiftLegalHold(BEN, LAWSUIT), **WHY
        ).then_refused(PersonIsNotHeld, field="matter")

    def test_not_from_someone_erased(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(
            LiftLegalHold(BEN, LAWSUIT), **WHY
        ).then_refused(PersonIsUnknown, field="person_id")


class TestErasePerson:
    def test_not_while_a_hold_stands(self, world: World) -> None:
        refusal = (
            given(world, PlaceLegalHold(BEN, LAWSUIT), PlaceLegalHold(BEN, AUDIT))
            .when(ErasePerson(BEN, "GDPR 17"), reason="he asked")
            .then_refused(PersonIsHeld, field="person_id")
        )
        assert refusal.slug == "person-is-held"
        assert refusal.facts == {"matters": [LAWSUIT, AUDIT]}
        assert BEN in world.okr.directory.entries()

    def test_not_while_one_of_two_still_stands(self, world: World) -> None:
        given(
            world,
            PlaceLegalHold(BEN, LAWSUIT),
            PlaceLegalHold(BEN, AUDIT),
            LiftLegalHold(BEN, LAWSUIT),
        ).when(ErasePerson(BEN, "GDPR 17"), reason="he asked").then_refused(
            PersonIsHeld, field="person_id"
        )

    def test_once_the_last_hold_was_lifted(self, world: World) -> None:
        given(world, PlaceLegalHold(BEN, LAWSUIT), LiftLegalHold(BEN, LAWSUIT)).when(
            ErasePerson(BEN, "GDPR 17"), reason="he asked"
        ).then(
            fact(Person.Erased, BEN, 4, legal_ground="GDPR 17"), warnings=("still_owns_objectives",)
        )
        assert BEN not in world.okr.directory.entries()
