"""What can be asked about people who are here: names, deputies, leaving and returning."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from okr_es.commands import (
    ApproveRequest,
    CarryOverObjective,
    CommitObjective,
    CommitPlan,
    DeactivatePerson,
    DefineKpi,
    DraftObjective,
    ErasePerson,
    NameDeputy,
    PlaceLegalHold,
    ReactivatePerson,
    ReassignObjective,
    RegisterPerson,
    RenamePerson,
    RenameTeam,
    ReplaceEmail,
    RequireApproval,
    RetitleObjective,
)
from okr_es.domain.kpi import Target
from okr_es.domain.objective import Objective
from okr_es.domain.person import Person
from okr_es.domain.refusals import (
    Invalid,
    NotFound,
    PersonIsInactive,
    PersonIsUnknown,
)
from okr_es.domain.team import Team
from okr_es.domain.values import Cadence, Controlled, Direction
from tests.support.given import World, fact, given
from tests.support.world import (
    ANN,
    BEN,
    GROW,
    MARKETING,
    NEW,
    NOBODY,
    PRODUCT,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    Q4,
    Q4_ENDS,
    REACH,
    RESPONSE,
    TODAY,
    d,
)

CEM = RegisterPerson("Cem", "cem@example.org", id=NEW)
YESTERDAY = TODAY - timedelta(1)
LEFT = DeactivatePerson(BEN)
LEFT_YESTERDAY = DeactivatePerson(BEN, YESTERDAY)
LEAVES_WORK = ("still_owns_objectives",)


def entry(world: World, person: UUID) -> tuple[str, str | None]:
    _, name, email = world.okr.directory.entries()[person]
    return name, email


class TestRenamePerson:
    def test_the_log_says_only_that_the_name_was_corrected(self, world_on_both: World) -> None:
        given(world_on_both).when(RenamePerson(ANN, "  Ann Sample ")).then(
            fact(Person.Renamed, ANN, 2)
        )
        assert entry(world_on_both, ANN) == ("Ann Sample", "ann@example.org")

    def test_the_name_they_have_is_no_news(self, world: World) -> None:
        given(world).when(RenamePerson(ANN, " Ann Example")).then_nothing()

    def test_upper_case_and_marks_are_news(self, world: World) -> None:
        given(world).when(RenamePerson(ANN, "ann example")).then(fact(Person.Renamed, ANN, 2))
        given(world).when(RenamePerson(ANN, "Ånn Example")).then(fact(Person.Renamed, ANN, 3))

    @pytest.mark.parametrize("name", ["", " \t", "x" * 201, "a\0b"])
    def test_not_to_nothing(self, name: str, world: World) -> None:
        given(world).when(RenamePerson(ANN, name)).then_refused(Invalid, field="name")

    def test_not_someone_unknown(self, world: World) -> None:
        given(world).when(RenamePerson(NOBODY, "x")).then_refused(NotFound, field="person_id")

    def test_not_someone_erased(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(RenamePerson(BEN, "Ben")).then_refused(
            PersonIsUnknown, field="person_id"
        )

    def test_someone_held_or_gone_all_the_same(self, world: World) -> None:
        given(world, PlaceLegalHold(BEN, "T 1"), LEFT).when(RenamePerson(BEN, "Benno")).then(
            fact(Person.Renamed, BEN, 4)
        )


class TestReplaceEmail:
    def test_the_log_says_only_that_the_address_was_corrected(self, world_on_both: World) -> None:
        given(world_on_both).when(ReplaceEmail(ANN, " a@example.org")).then(
            fact(Person.EmailReplaced, ANN, 2)
        )
        assert entry(world_on_both, ANN) == ("Ann Example", "a@example.org")

    def test_null_takes_it_out(self, world: World) -> None:
        given(world).when(ReplaceEmail(ANN, None)).then(fact(Person.EmailReplaced, ANN, 2))
        assert entry(world, ANN) == ("Ann Example", None)

    @pytest.mark.parametrize(
        ("person", "email"), [(ANN, "ann@example.org"), (BEN, None)], ids=["same", "none"]
    )
    def test_the_one_they_have_is_no_news(
        self, person: UUID, email: str | None, world: World
    ) -> None:
        given(world).when(ReplaceEmail(person, email)).then_nothing()

    @pytest.mark.parametrize("email", ["", " ", "x" * 201])
    def test_not_to_a_blank_one(self, email: str, world: World) -> None:
        given(world).when(ReplaceEmail(ANN, email)).then_refused(Invalid, field="email")

    def test_not_of_someone_erased(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(ReplaceEmail(BEN, "b@x.org")).then_refused(
            PersonIsUnknown, field="person_id"
        )


def person_turns(world: World, person: UUID) -> tuple[tuple[date, bool], ...]:
    found = world.okr.repository.get(person)
    assert isinstance(found, Person)
    return tuple((turn.day, turn.active) for turn in found.turns)


class TestNameDeputy:
    def test_somebody_stands_in_for_some_days(self, world: World) -> None:
        days = {"starts": date(2025, 8, 1), "ends": date(2025, 8, 31)}
        given(world).when(NameDeputy(ANN, BEN, **days)).then(
            fact(Person.DeputyNamed, ANN, 2, deputy_id=BEN, **days)
        )

    def test_from_today_on_if_no_day_is_named(self, world: World) -> None:
        given(world).when(NameDeputy(ANN, BEN, ends=Q3_ENDS)).then(
            fact(Person.DeputyNamed, ANN, 2, deputy_id=BEN, starts=TODAY, ends=Q3_ENDS)
        )

    def test_in_place_of_the_deputy_before(self, world: World) -> None:
        given(world, CEM, named(BEN)).when(NameDeputy(ANN, NEW, TODAY, Q3_ENDS)).then(
            fact(Person.DeputyNamed, ANN, 3, deputy_id=NEW, starts=TODAY, ends=Q3_ENDS)
        )

    @pytest.mark.parametrize(
        ("said", "starts", "ends"),
        [
            ({"ends": date(2025, 10, 5)}, TODAY, date(2025, 10, 5)),
            ({"starts": date(2025, 8, 15)}, date(2025, 8, 15), Q3_ENDS),
        ],
        ids=["another end", "another start"],
    )
    def test_of_the_same_deputy_what_is_left_out_stays(
        self, said: dict[str, date], starts: date, ends: date, world: World
    ) -> None:
        given(world, named(BEN), date(2025, 8, 1)).when(NameDeputy(ANN, BEN, **said)).then(
            fact(Person.DeputyNamed, ANN, 3, deputy_id=BEN, starts=starts, ends=ends)
        )

    def test_also_a_first_day_still_to_come(self, world: World) -> None:
        starts, ends = date(2025, 8, 1), date(2025, 8, 20)
        world.execute(NameDeputy(ANN, BEN, starts, date(2025, 8, 14)))
        given(world).when(NameDeputy(ANN, BEN, ends=ends)).then(
            fact(Person.DeputyNamed, ANN, 3, deputy_id=BEN, starts=starts, ends=ends)
        )
        refusal = (
            given(world)
            .when(NameDeputy(ANN, BEN, ends=TODAY + timedelta(1)))
            .then_refused(Invalid, field="ends")
        )
        assert str(starts) in refusal.message

    def test_naming_them_without_a_day_changes_nothing(self, world: World) -> None:
        given(world, named(BEN), date(2025, 8, 1)).when(NameDeputy(ANN, BEN)).then_nothing()

    def test_once_their_days_are_over_they_begin_today(self, world: World) -> None:
        after = Q3_ENDS + timedelta(1)
        given(world, named(BEN), after).when(NameDeputy(ANN, BEN, ends=Q4_ENDS)).then(
            fact(Person.DeputyNamed, ANN, 3, deputy_id=BEN, starts=after, ends=Q4_ENDS)
        )
        given(world).when(NameDeputy(ANN, NEW)).then_refused(PersonIsUnknown, field="deputy_id")

    def test_another_deputy_begins_today_and_needs_a_last_day(self, world: World) -> None:
        given(world, CEM, named(BEN)).when(NameDeputy(ANN, NEW)).then_refused(Invalid, field="ends")

    def test_the_same_for_the_same_days_is_no_news(self, world: World) -> None:
        given(world, named(BEN)).when(NameDeputy(ANN, BEN, TODAY, Q3_ENDS)).then_nothing()

    def test_null_withdraws_them(self, world: World) -> None:
        given(world, named(BEN)).when(NameDeputy(ANN, None)).then(
            fact(Person.DeputyWithdrawn, ANN, 3, deputy_id=BEN)
        )

    def test_where_there_is_none_that_is_no_news(self, world: World) -> None:
        given(world).when(NameDeputy(ANN, None)).then_nothing()

    @pytest.mark.parametrize("field", ["reason", "comment"])
    def test_never_with_a_word_of_why(self, field: str, world: World) -> None:
        given(world).when(NameDeputy(ANN, BEN, ends=Q3_ENDS), **{field: "ill"}).then_refused(
            Invalid, field=field
        )

    @pytest.mark.parametrize(
        ("days", "field"),
        [
            ({}, "ends"),
            ({"ends": YESTERDAY}, "ends"),
            ({"starts": Q3_ENDS, "ends": Q3_STARTS}, "ends"),
            ({"starts": date(1, 1, 1), "ends": Q3_ENDS}, "starts"),
        ],
    )
    def test_not_without_days_in_order(
        self, days: dict[str, Any], field: str, world: World
    ) -> None:
        given(world).when(NameDeputy(ANN, BEN, **days)).then_refused(Invalid, field=field)

    @pytest.mark.parametrize("days", [{"starts": TODAY}, {"ends": TODAY}])
    def test_no_days_without_a_deputy(self, days: dict[str, Any], world: World) -> None:
        given(world, named(BEN)).when(NameDeputy(ANN, None, **days)).then_refused(
            Invalid, field="deputy_id"
        )

    def test_nobody_stands_in_for_themself(self, world: World) -> None:
        given(world).when(NameDeputy(ANN, ANN, ends=Q3_ENDS)).then_refused(
            Invalid, field="deputy_id"
        )

    def test_not_somebody_unknown(self, world: World) -> None:
        given(world).when(NameDeputy(ANN, NOBODY, ends=Q3_ENDS)).then_refused(
            PersonIsUnknown, field="deputy_id"
        )

    def test_not_somebody_who_left(self, world: World) -> None:
        given(world, LEFT).when(NameDeputy(ANN, BEN, ends=Q3_ENDS)).then_refused(
            PersonIsInactive, field="deputy_id"
        )

    def test_not_for_somebody_erased(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(
            NameDeputy(BEN, ANN, ends=Q3_ENDS)
        ).then_refused(PersonIsUnknown, field="person_id")


def named(deputy: UUID) -> Person.DeputyNamed:
    """A deputy of Ann's, from today until the end of the quarter."""
    event = fact(Person.DeputyNamed, ANN, 2, deputy_id=deputy, starts=TODAY, ends=Q3_ENDS)
    assert isinstance(event, Person.DeputyNamed)
    return event


class TestDeactivatePerson:
    def test_a_person_leaves_today_unless_a_day_is_named(self, world_on_both: World) -> None:
        given(world_on_both).when(LEFT).then(
            fact(Person.Deactivated, BEN, 2, effective=TODAY), warnings=LEAVES_WORK
        )

    def test_or_left_some_days_ago(self, world: World) -> None:
        given(world).when(DeactivatePerson(BEN, YESTERDAY)).then(
            fact(Person.Deactivated, BEN, 2, effective=YESTERDAY), warnings=LEAVES_WORK
        )

    def test_an_earlier_day_than_was_recorded_is_news(self, world: World) -> None:
        given(world, LEFT).when(DeactivatePerson(BEN, YESTERDAY)).then(
            fact(Person.Deactivated, BEN, 3, effective=YESTERDAY), warnings=LEAVES_WORK
        )

    def test_a_day_on_which_they_had_left_already_is_not(self, world: World) -> None:
        given(world, LEFT_YESTERDAY).when(DeactivatePerson(BEN)).then_nothing()
        given(world).when(DeactivatePerson(BEN, YESTERDAY)).then_nothing()

    def test_a_later_day_takes_the_place_of_the_one_that_was_recorded(
        self, world_on_both: World
    ) -> None:
        given(world_on_both, LEFT_YESTERDAY).when(DeactivatePerson(BEN, TODAY)).then(
            fact(Person.Deactivated, BEN, 3, effective=TODAY), warnings=LEAVES_WORK
        )
        given(world_on_both).when(DeactivatePerson(BEN, TODAY)).then_nothing()
        assert person_turns(world_on_both, BEN) == ((TODAY, False),)

    def test_so_it_does_where_they_had_left_and_come_back_before(self, world: World) -> None:
        days = [TODAY - timedelta(each) for each in (9, 7, 5)]
        left, back, left_again = days
        given(world, DeactivatePerson(BEN, left), ReactivatePerson(BEN, back)).when(
            DeactivatePerson(BEN, left_again)
        ).then(fact(Person.Deactivated, BEN, 4, effective=left_again), warnings=LEAVES_WORK)
        world.execute(DeactivatePerson(BEN, TODAY))
        assert person_turns(world, BEN) == ((left, False), (back, True), (TODAY, False))

    @pytest.mark.parametrize("ago", [10, 9, 7], ids=["before", "the same", "after"])
    def test_no_day_before_a_return_which_would_be_lost(self, ago: int, world: World) -> None:
        left, back = TODAY - timedelta(9), TODAY - timedelta(5)
        refusal = (
            given(world, DeactivatePerson(BEN, left), ReactivatePerson(BEN, back))
            .when(DeactivatePerson(BEN, TODAY - timedelta(ago)))
            .then_refused(Invalid, field="effective")
        )
        assert f"They were back on {back}" in refusal.message
        assert person_turns(world, BEN) == ((left, False), (back, True))

    def test_so_the_return_is_taken_back_first_and_recorded_again(
        self, world_on_both: World
    ) -> None:
        left, meant, back = [TODAY - timedelta(each) for each in (9, 7, 5)]
        given(
            world_on_both,
            DeactivatePerson(BEN, left),
            ReactivatePerson(BEN, back),
            DeactivatePerson(BEN, back),
            DeactivatePerson(BEN, meant),
        ).when(ReactivatePerson(BEN, back)).then(fact(Person.Reactivated, BEN, 6, effective=back))
        assert person_turns(world_on_both, BEN) == ((meant, False), (back, True))

    def test_not_in_the_future(self, world: World) -> None:
        given(world).when(DeactivatePerson(BEN, TODAY + timedelta(1))).then_refused(
            Invalid, field="effective"
        )

    def test_not_someone_unknown(self, world: World) -> None:
        given(world).when(DeactivatePerson(NOBODY)).then_refused(NotFound, field="person_id")

    def test_not_someone_erased(self, world: World) -> None:
        given(world, ErasePerson(BEN, "GDPR 17")).when(DeactivatePerson(BEN)).then_refused(
            PersonIsUnknown, field="person_id"
        )

    def test_the_one_who_left_acts_no_more(self, world: World) -> None:
        refusal = (
            given(world, LEFT)
            .when(RenameTeam(PRODUCT, "P"), by=BEN)
            .then_refused(PersonIsInactive, field="by")
        )
        assert str(TODAY) in refusal.message
        given(world).when(RenameTeam(PRODUCT, "P"), on_behalf_of=BEN).then_refused(
            PersonIsInactive, field="on_behalf_of"
        )

    def test_and_asks_nothing_about_people_either(self, world: World) -> None:
        given(world, LEFT)
        with pytest.raises(PersonIsInactive):
            world.okr.require_person(BEN)

    @pytest.mark.parametrize(
        "command",
        [
            DraftObjective(Q3, PRODUCT, BEN, "ship"),
            ReassignObjective(GROW, owner_id=BEN),
            DefineKpi(
                "x", Direction.INCREASE, "x", "x", Cadence.DAILY, BEN,
                Target(Q3_STARTS, Q3_ENDS, d("1")),
            ),
        ],
        ids=lambda command: type(command).__name__,
    )  # fmt: skip
    def test_and_owns_nothing_new(self, command: Any, world: World) -> None:
        given(world, LEFT).when(command).then_refused(PersonIsInactive, field="owner_id")

    def test_what_they_own_is_still_changed_by_others(self, world: World) -> None:
        given(world, LEFT).when(RetitleObjective(REACH, "reach all")).then(
            fact(Objective.Retitled, REACH, 2, title="reach all")
        )

    def test_what_they_own_is_carried_over_to_another(self, world: World) -> None:
        carry = CarryOverObjective(REACH, Q4, id=NEW)
        given(world, CommitObjective(REACH), LEFT).when(carry).then_refused(
            PersonIsInactive, field="owner_id"
        )
        world.execute(CarryOverObjective(REACH, Q4, id=NEW, owner_id=ANN))
        (drafted,) = [e for e in world.facts() if isinstance(e, Objective.Drafted)][2:]
        assert (drafted.originator_id, drafted.owner_id) == (NEW, ANN)

    def test_what_they_asked_for_while_they_were_here_can_be_approved(self, world: World) -> None:
        given(
            world,
            CommitObjective(REACH),
            CommitPlan(Q3),
            RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)),
        )
        asked = world.execute(RetitleObjective(REACH, "x"), by=BEN, reason="clearer")
        receipt = world.execute(LEFT)
        assert [each.code for each in receipt.warnings] == ["still_owns_objectives", "still_asks"]
        assert [each.id for each in receipt.warnings[1].things] == [asked.approval_id]
        assert asked.approval_id is not None
        world.execute(ApproveRequest(asked.approval_id))
        assert isinstance(world.facts()[-1], Objective.Retitled)


class TestWhatTheyLeaveBehind:
    def test_all_of_it_is_named_by_kind(self, world_on_both: World) -> None:
        given(world_on_both, named(BEN), CEM)
        for title in ("ship", "sell"):
            world_on_both.execute(DraftObjective(Q3, PRODUCT, ANN, title))
        receipt = world_on_both.execute(DeactivatePerson(ANN), by=BEN)
        assert [(each.code, each.count) for each in receipt.warnings] == [
            ("still_owns_objectives", 3),
            ("still_owns_kpis", 1),
        ]
        assert [thing.id for thing in receipt.warnings[1].things] == [RESPONSE]
        assert receipt.warnings[0].text == "They still own 3 running objectives; hand them over."
        receipt = world_on_both.execute(LEFT, by=NEW)
        assert [each.code for each in receipt.warnings] == ["still_owns_objectives", "still_deputy"]
        assert [thing.id for thing in receipt.warnings[1].things] == [ANN]

    def test_nobody_stands_in_once_those_days_are_over(self, world: World) -> None:
        given(world, named(BEN), ReassignObjective(REACH, owner_id=ANN), Q3_ENDS + timedelta(1))
        assert world.execute(LEFT).warnings == ()

    def test_erasing_warns_of_it_too(self, world: World) -> None:
        receipt = world.execute(ErasePerson(BEN, "GDPR 17"), reason="asked")
        assert [each.code for each in receipt.warnings] == ["still_owns_objectives"]

    def test_in_swedish(self, world: World) -> None:
        receipt = world.execute(LEFT, language="sv")
        (warning,) = receipt.warnings
        assert warning.text == "Personen äger ännu ett pågående mål; lämna över det."


class TestReactivatePerson:
    def test_the_one_who_left_is_back(self, world: World) -> None:
        given(world, LEFT, date(2025, 8, 1)).when(ReactivatePerson(BEN)).then(
            fact(Person.Reactivated, BEN, 3, effective=date(2025, 8, 1))
        )
        given(world).when(RenameTeam(PRODUCT, "P"), by=BEN).then(
            fact(Team.Renamed, PRODUCT, 2, name="P")
        )

    def test_or_never_left(self, world: World) -> None:
        given(world, LEFT, date(2025, 8, 1)).when(ReactivatePerson(BEN, TODAY)).then(
            fact(Person.Reactivated, BEN, 3, effective=TODAY)
        )
        given(world).when(DeactivatePerson(BEN, TODAY)).then(
            fact(Person.Deactivated, BEN, 4, effective=TODAY), warnings=LEAVES_WORK
        )

    def test_a_later_day_takes_the_place_of_the_one_that_was_recorded(self, world: World) -> None:
        left = DeactivatePerson(BEN, TODAY - timedelta(9))
        given(world, left, ReactivatePerson(BEN, YESTERDAY)).when(
            ReactivatePerson(BEN)
        ).then_nothing()
        given(world).when(ReactivatePerson(BEN, TODAY)).then(
            fact(Person.Reactivated, BEN, 4, effective=TODAY)
        )
        assert person_turns(world, BEN) == ((left.effective, False), (TODAY, True))

    def test_no_day_before_they_left_which_would_be_lost(self, world: World) -> None:
        days = [TODAY - timedelta(each) for each in (9, 7, 5)]
        left, back, left_again = days
        given(world, DeactivatePerson(BEN, left), ReactivatePerson(BEN, back))
        refusal = (
            given(world, DeactivatePerson(BEN, left_again))
            .when(ReactivatePerson(BEN, back + timedelta(1)))
            .then_refused(Invalid, field="effective")
        )
        assert f"They left on {left_again}" in refusal.message
        given(world).when(ReactivatePerson(BEN, left_again)).then(
            fact(Person.Reactivated, BEN, 5, effective=left_again)
        )
        assert person_turns(world, BEN) == ((left, False), (back, True))

    def test_the_one_who_never_left_is_no_news(self, world: World) -> None:
        given(world).when(ReactivatePerson(BEN)).then_nothing()
        given(world).when(ReactivatePerson(BEN, YESTERDAY)).then_nothing()

    def test_not_in_the_future(self, world: World) -> None:
        given(world, LEFT).when(ReactivatePerson(BEN, TODAY + timedelta(1))).then_refused(
            Invalid, field="effective"
        )

    def test_not_someone_erased(self, world: World) -> None:
        given(world, LEFT, ErasePerson(BEN, "GDPR 17")).when(ReactivatePerson(BEN)).then_refused(
            PersonIsUnknown, field="person_id"
        )

    def test_not_by_themself(self, world: World) -> None:
        given(world, LEFT).when(ReactivatePerson(BEN), by=BEN).then_refused(
            PersonIsInactive, field="by"
        )


def test_a_leaver_can_be_held_and_erased(world: World) -> None:
    given(world, LEFT).when(PlaceLegalHold(BEN, "T 1"), reason="a claim").then(
        fact(Person.HoldPlaced, BEN, 3, matter="T 1")
    )


def test_what_a_leaver_owned_goes_to_another(world: World) -> None:
    given(world, CEM, LEFT).when(ReassignObjective(REACH, NEW)).then(
        fact(Objective.Reassigned, REACH, 2, owner_id=NEW, team_id=MARKETING)
    )
