"""What can be asked about people and teams, and what comes of it."""

import pytest

from okr_es.commands import (
    AbandonObjective,
    DisbandTeam,
    DraftObjective,
    ErasePerson,
    FormTeam,
    MoveTeam,
    ReassignObjective,
    RegisterPerson,
    RenameTeam,
)
from okr_es.domain.person import Person
from okr_es.domain.refusals import (
    AlreadyExists,
    Invalid,
    NotFound,
    PersonIsUnknown,
    ReasonIsMissing,
    TeamHasLivingChildren,
    TeamHasLivingObjectives,
    TeamIsDisbanded,
    TeamLoops,
)
from okr_es.domain.team import Team
from okr_es.domain.values import TeamKind
from tests.support.given import World, fact, given
from tests.support.world import ANN, BEN, COMPANY, MARKETING, NEW, NOBODY, OTHER, PRODUCT, Q3, REACH


class TestRegisterPerson:
    def test_a_person_is_registered_by_an_opaque_id_alone(self, world: World) -> None:
        given(world).when(RegisterPerson("Cem", "cem@example.org", id=NEW)).then(
            fact(Person.Registered, NEW)
        )
        assert world.okr.directory.entries([NEW])[NEW][1:] == ("Cem", "cem@example.org")

    def test_someone_may_register_themself(self, world: World) -> None:
        given(world).when(RegisterPerson("Cem", id=NEW), by=NEW).then(fact(Person.Registered, NEW))

    def test_an_id_is_given_once(self, world: World) -> None:
        given(world).when(RegisterPerson("Cem", id=BEN)).then_refused(AlreadyExists, field="id")

    def test_the_id_of_a_team_is_not_free_either(self, world: World) -> None:
        given(world).when(RegisterPerson("Cem", id=PRODUCT)).then_refused(AlreadyExists, field="id")

    def test_an_unknown_person_cannot_register_another(self, world: World) -> None:
        given(world).when(RegisterPerson("Cem", id=NEW), by=NOBODY).then_refused(
            PersonIsUnknown, field="by"
        )

    @pytest.mark.parametrize("name", ["", " \t", "x" * 201, "a\0b"])
    def test_a_name_is_needed(self, name: str, world: World) -> None:
        given(world).when(RegisterPerson(name, id=NEW)).then_refused(Invalid, field="name")

    def test_an_empty_address_is_refused(self, world: World) -> None:
        given(world).when(RegisterPerson("Cem", " ", id=NEW)).then_refused(Invalid, field="email")

    def test_an_erased_person_does_not_come_back(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(
            RegisterPerson("Ben", id=BEN), by=BEN
        ).then_refused(AlreadyExists, field="id")


class TestErasePerson:
    def test_a_person_is_erased(self, world: World) -> None:
        given(world).when(ErasePerson(BEN, "GDPR 17"), reason="he asked for it").then(
            fact(Person.Erased, BEN, 2, legal_ground="GDPR 17"), warnings=("still_owns_objectives",)
        )
        assert BEN not in world.okr.directory.entries()

    def test_not_without_a_reason(self, world: World) -> None:
        given(world).when(ErasePerson(BEN, "GDPR 17"), reason=" ").then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_without_a_ground(self, world: World) -> None:
        given(world).when(ErasePerson(BEN, ""), reason="asked").then_refused(
            Invalid, field="legal_ground"
        )

    def test_not_twice(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(
            ErasePerson(BEN, "GDPR 17"), reason="again"
        ).then_refused(PersonIsUnknown, field="person_id")

    def test_not_someone_unknown(self, world: World) -> None:
        given(world).when(ErasePerson(NOBODY, "x"), reason="y").then_refused(
            NotFound, field="person_id"
        )

    def test_an_erased_person_can_no_longer_act(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(
            RenameTeam(PRODUCT, "P"), by=BEN
        ).then_refused(PersonIsUnknown, field="by")

    def test_nobody_can_act_on_behalf_of_an_erased_person(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(
            RenameTeam(PRODUCT, "P"), on_behalf_of=BEN
        ).then_refused(PersonIsUnknown, field="on_behalf_of")

    def test_an_erased_person_can_no_longer_own(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(
            DraftObjective(Q3, PRODUCT, BEN, "ship")
        ).then_refused(PersonIsUnknown, field="owner_id")


class TestFormTeam:
    def test_a_team_is_formed_below_another(self, world: World) -> None:
        given(world).when(FormTeam(" Web ", TeamKind.TEAM, PRODUCT, id=NEW)).then(
            fact(Team.Formed, NEW, name="Web", kind=TeamKind.TEAM, parent_id=PRODUCT)
        )

    def test_a_team_is_formed_at_the_top(self, world: World) -> None:
        given(world).when(FormTeam("Lab", id=NEW), on_behalf_of=BEN).then(
            fact(Team.Formed, NEW, name="Lab", kind=TeamKind.TEAM, parent_id=None)
        )

    def test_not_below_an_unknown_one(self, world: World) -> None:
        given(world).when(FormTeam("Web", parent_id=NOBODY)).then_refused(
            NotFound, field="parent_id"
        )

    def test_not_below_a_person(self, world: World) -> None:
        given(world).when(FormTeam("Web", parent_id=BEN)).then_refused(NotFound, field="parent_id")

    def test_not_below_a_disbanded_one(self, world: World) -> None:
        given(world, DisbandTeam(PRODUCT)).when(FormTeam("Web", parent_id=PRODUCT)).then_refused(
            TeamIsDisbanded, field="parent_id"
        )

    def test_not_without_a_name(self, world: World) -> None:
        given(world).when(FormTeam("  ", id=NEW)).then_refused(Invalid, field="name")

    def test_not_with_an_id_that_is_taken(self, world: World) -> None:
        given(world).when(FormTeam("Web", id=PRODUCT)).then_refused(AlreadyExists, field="id")


class TestRenameTeam:
    def test_it_has_another_name(self, world: World) -> None:
        given(world).when(RenameTeam(PRODUCT, "Platform"), comment="voted").then(
            fact(Team.Renamed, PRODUCT, 2, name="Platform")
        )

    def test_the_name_it_has_is_no_news(self, world: World) -> None:
        given(world).when(RenameTeam(PRODUCT, " Product ")).then_nothing()

    def test_not_once_disbanded(self, world: World) -> None:
        given(world, DisbandTeam(PRODUCT)).when(RenameTeam(PRODUCT, "X")).then_refused(
            TeamIsDisbanded
        )

    def test_not_to_nothing(self, world: World) -> None:
        given(world).when(RenameTeam(PRODUCT, "")).then_refused(Invalid, field="name")

    def test_not_an_unknown_one(self, world: World) -> None:
        given(world).when(RenameTeam(Q3, "X")).then_refused(NotFound, field="team_id")


class TestMoveTeam:
    def test_it_goes_below_another(self, world: World) -> None:
        given(world).when(MoveTeam(PRODUCT, MARKETING)).then(
            fact(Team.Moved, PRODUCT, 2, parent_id=MARKETING)
        )

    def test_it_goes_to_the_top(self, world: World) -> None:
        given(world).when(MoveTeam(PRODUCT, None)).then(
            fact(Team.Moved, PRODUCT, 2, parent_id=None)
        )

    def test_where_it_is_is_no_news(self, world: World) -> None:
        given(world).when(MoveTeam(PRODUCT, COMPANY)).then_nothing()

    def test_not_below_itself(self, world: World) -> None:
        given(world).when(MoveTeam(PRODUCT, PRODUCT)).then_refused(TeamLoops, field="parent_id")

    def test_not_below_what_is_below_it(self, world: World) -> None:
        given(world, MoveTeam(PRODUCT, MARKETING)).when(MoveTeam(COMPANY, PRODUCT)).then_refused(
            TeamLoops, field="parent_id"
        )

    def test_not_below_an_unknown_one(self, world: World) -> None:
        given(world).when(MoveTeam(PRODUCT, NOBODY)).then_refused(NotFound, field="parent_id")

    def test_not_below_a_disbanded_one(self, world: World) -> None:
        given(world, FormTeam("Web", id=NEW), DisbandTeam(NEW)).when(
            MoveTeam(PRODUCT, NEW)
        ).then_refused(TeamIsDisbanded, field="parent_id")

    def test_not_once_disbanded(self, world: World) -> None:
        given(world, DisbandTeam(PRODUCT)).when(MoveTeam(PRODUCT, None)).then_refused(
            TeamIsDisbanded
        )


class TestDisbandTeam:
    def test_a_team_in_which_nothing_lives_ends(self, world: World) -> None:
        given(world).when(DisbandTeam(PRODUCT)).then(fact(Team.Disbanded, PRODUCT, 2))

    def test_not_while_a_team_below_it_lives(self, world: World) -> None:
        given(world, FormTeam("Web", parent_id=PRODUCT, id=NEW)).when(
            DisbandTeam(PRODUCT)
        ).then_refused(TeamHasLivingChildren)

    def test_once_the_team_below_it_was_disbanded_or_moved(self, world: World) -> None:
        given(
            world,
            FormTeam("Web", parent_id=PRODUCT, id=NEW),
            FormTeam("App", parent_id=PRODUCT, id=OTHER),
            DisbandTeam(NEW),
            MoveTeam(OTHER, COMPANY),
        ).when(DisbandTeam(PRODUCT)).then(fact(Team.Disbanded, PRODUCT, 2))

    def test_not_while_an_objective_of_it_runs(self, world: World) -> None:
        given(world).when(DisbandTeam(MARKETING)).then_refused(TeamHasLivingObjectives)

    def test_once_the_objective_has_another_team_or_ended(self, world: World) -> None:
        given(
            world,
            DraftObjective(Q3, MARKETING, BEN, "be seen", id=NEW),
            AbandonObjective(NEW),
            ReassignObjective(REACH, team_id=PRODUCT),
        ).when(DisbandTeam(MARKETING)).then(
            fact(Team.Disbanded, MARKETING, 2), warnings=("kpis_stay_with_it",)
        )

    def test_not_twice(self, world: World) -> None:
        given(world, DisbandTeam(PRODUCT)).when(DisbandTeam(PRODUCT)).then_refused(TeamIsDisbanded)

    def test_not_an_unknown_one(self, world: World) -> None:
        given(world).when(DisbandTeam(ANN)).then_refused(NotFound, field="team_id")
