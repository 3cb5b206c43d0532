"""Roles are given to others, with a reason, from today on; and somebody always administers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from okr_es.commands import (
    Command,
    DeactivatePerson,
    DisbandTeam,
    EndGrant,
    ErasePerson,
    FormTeam,
    GrantRole,
    ReactivatePerson,
    RegisterPerson,
    RescheduleGrant,
)
from okr_es.context import Context
from okr_es.domain.grant import Grant
from okr_es.domain.refusals import (
    AlreadyExists,
    AuditorsChangeNothing,
    GrantIsOver,
    GrantIsThere,
    GrantIsYourOwn,
    Invalid,
    LastAdministrator,
    NobodyAdministers,
    NotFound,
    PersonIsInactive,
    PersonIsUnknown,
    ReasonIsMissing,
    TeamIsDisbanded,
)
from okr_es.domain.values import Role
from tests.support.given import When, World, fact, given, refused
from tests.support.world import ANN, BEN, COMPANY, MARKETING, NOBODY, PRODUCT, TODAY

CLEO = UUID(int=0xA3)
GIVEN, SECOND, ADMIN = UUID(int=0x6A1), UUID(int=0x6A2), UUID(int=0x6A3)
LEAD, HR, AUDITOR, ADMINISTRATOR = Role
EVE, TOMORROW, LATER = (TODAY + timedelta(days=days) for days in (-1, 1, 30))
YEARS = date(2027, 1, 1)

LEADS_MARKETING = GrantRole(BEN, LEAD, MARKETING, id=GIVEN)
AUDITS = GrantRole(BEN, AUDITOR, purpose="audit 7", id=GIVEN)


def was_given(person: UUID, role: Role, **fields: Any) -> Grant.Given:
    stands = {"team_id": None, "starts": TODAY, "ends": None, "purpose": None}
    about = {"person_id": person, "role": role}
    return fact(Grant.Given, fields.pop("id", GIVEN), **about, **{**stands, **fields})  # type: ignore[return-value]


def was_ended(role: Role, effective: date, **fields: Any) -> Grant.Ended:
    about = {"person_id": BEN, "role": role, "team_id": fields.pop("team_id", MARKETING)}
    return fact(Grant.Ended, fields.pop("id", GIVEN), 2, **about, effective=effective)  # type: ignore[return-value]


def was_rescheduled(ends: date | None, version: int = 2) -> Grant.Rescheduled:
    about = {"person_id": BEN, "role": LEAD, "team_id": MARKETING}
    return fact(Grant.Rescheduled, GIVEN, version, **about, ends=ends)  # type: ignore[return-value]


def administered(world: World, *history: Command | date) -> World:
    """Ann was made administrator on the machine, then this happened."""
    first = GrantRole(ANN, ADMINISTRATOR, id=ADMIN)
    world.execute(first, origin="cli", reason="the first one")
    given(world, *history)
    return world


def asked(world: World, command: Command, **context: Any) -> When:
    return given(world).when(command, **{"reason": "so it is", **context})


class TestGrantRole:
    @pytest.mark.parametrize(
        ("command", "fields"),
        [
            (LEADS_MARKETING, {"team_id": MARKETING}),
            (GrantRole(BEN, HR, id=GIVEN), {}),
            (AUDITS, {"purpose": "audit 7"}),
            (replace(AUDITS, team_id=COMPANY), {"team_id": COMPANY, "purpose": "audit 7"}),
            (GrantRole(BEN, HR, starts=TODAY, ends=TODAY, id=GIVEN), {"ends": TODAY}),
            (
                GrantRole(BEN, HR, starts=TOMORROW, ends=LATER, id=GIVEN),
                {"starts": TOMORROW, "ends": LATER},
            ),
        ],
        ids=["lead", "hr", "auditor", "auditor-of-a-team", "for-a-day", "later"],
    )
    def test_a_role_is_given(
        self, command: GrantRole, fields: dict[str, Any], world: World
    ) -> None:
        given(world).when(command, reason="the board decided").then(
            was_given(BEN, command.role, **fields)
        )

    def test_the_first_administrator_is_made_on_the_machine(self, world_on_both: World) -> None:
        given(world_on_both).when(
            GrantRole(ANN, ADMINISTRATOR, id=ADMIN), origin="cli", reason="the first one"
        ).then(was_given(ANN, ADMINISTRATOR, id=ADMIN))

    def test_others_by_an_administrator(self, world: World) -> None:
        asked(administered(world), GrantRole(BEN, ADMINISTRATOR, id=GIVEN)).then(
            was_given(BEN, ADMINISTRATOR)
        )

    @pytest.mark.parametrize(
        ("command", "field"),
        [
            (GrantRole(BEN, LEAD), "team_id"),
            (GrantRole(BEN, HR, MARKETING), "team_id"),
            (GrantRole(BEN, ADMINISTRATOR, MARKETING), "team_id"),
            (GrantRole(BEN, AUDITOR), "purpose"),
            (GrantRole(BEN, AUDITOR, purpose=" "), "purpose"),
            (GrantRole(BEN, HR, purpose="x"), "purpose"),
            (GrantRole(BEN, HR, starts=EVE), "starts"),
            (GrantRole(BEN, HR, starts=date(3000, 1, 1)), "starts"),
            (GrantRole(BEN, HR, starts=LATER, ends=TOMORROW), "ends"),
            (GrantRole(BEN, HR, ends=EVE), "ends"),
        ],
        ids=[
            "lead-of-nothing", "hr-of-a-team", "administrator-of-a-team", "audit-for-nothing",
            "audit-for-blanks", "purpose-of-others", "yesterday", "never", "backwards", "over",
        ],
    )  # fmt: skip
    def test_not_what_makes_no_sense(self, command: GrantRole, field: str, world: World) -> None:
        asked(world, command).then_refused(Invalid, field=field)

    @pytest.mark.parametrize("reason", [None, "", " "])
    def test_not_without_a_reason(self, reason: str | None, world: World) -> None:
        given(world).when(GrantRole(BEN, HR), reason=reason).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_to_oneself(self, world: World) -> None:
        given(world).when(GrantRole(ANN, HR), reason="x").then_refused(
            GrantIsYourOwn, field="person_id"
        )
        given(world).when(GrantRole(ANN, HR), reason="x", origin="cli").then_refused(
            GrantIsYourOwn, field="person_id"
        )
        administered(world)
        given(world).when(
            GrantRole(ANN, ADMINISTRATOR, starts=LATER), reason="x", origin="cli"
        ).then_refused(GrantIsThere, field="starts")

    def test_not_to_the_person_one_acts_for(self, world: World) -> None:
        given(world).when(GrantRole(BEN, HR), reason="x", on_behalf_of=BEN).then_refused(
            GrantIsYourOwn, field="person_id"
        )

    def test_not_as_the_second_administrator_to_oneself(self, world: World) -> None:
        given(administered(world)).when(
            GrantRole(BEN, ADMINISTRATOR), by=BEN, reason="x", origin="cli"
        ).then_refused(GrantIsYourOwn, field="person_id")

    @pytest.mark.parametrize("origin", ["api", "page", "import", "job"])
    def test_no_first_administrator_from_elsewhere(self, origin: str, world: World) -> None:
        given(world).when(GrantRole(BEN, ADMINISTRATOR), origin=origin, reason="x").then_refused(
            NobodyAdministers, field="role"
        )

    @pytest.mark.parametrize(
        ("days", "field"), [({"starts": TOMORROW}, "starts"), ({"ends": YEARS}, "ends")],
        ids=["later", "for-a-while"],
    )  # fmt: skip
    def test_no_first_administrator_but_from_today_and_for_good(
        self, days: dict[str, date], field: str, world: World
    ) -> None:
        given(world).when(
            GrantRole(BEN, ADMINISTRATOR, **days), origin="cli", reason="x"
        ).then_refused(LastAdministrator, field=field)

    def test_not_to_who_is_not_there(self, world: World) -> None:
        asked(world, GrantRole(NOBODY, HR)).then_refused(PersonIsUnknown, field="person_id")
        given(world, DeactivatePerson(BEN))
        asked(world, GrantRole(BEN, HR)).then_refused(PersonIsInactive, field="person_id")

    def test_not_for_a_team_that_is_not_there(self, world: World) -> None:
        asked(world, GrantRole(BEN, LEAD, NOBODY)).then_refused(NotFound, field="team_id")
        given(world, FormTeam("Shop", id=SECOND), DisbandTeam(SECOND))
        asked(world, GrantRole(BEN, LEAD, SECOND)).then_refused(TeamIsDisbanded, field="team_id")

    def test_not_under_an_id_that_is_taken(self, world: World) -> None:
        asked(world, GrantRole(BEN, HR, id=GIVEN)).then(was_given(BEN, HR))
        asked(world, LEADS_MARKETING).then_refused(AlreadyExists, field="id")

    @pytest.mark.parametrize(
        ("starts", "ends", "there"),
        [
            (TODAY, TOMORROW, False), (TODAY, date(2025, 8, 13), False), (TODAY, LATER, True),
            (date(2025, 9, 1), YEARS, True), (date(2025, 9, 30), None, True),
            (date(2025, 10, 1), None, False), (TODAY, None, True),
        ],
        ids=["before", "to-the-eve", "to-the-first-day", "within", "last-day", "after", "around"],
    )  # fmt: skip
    def test_not_the_same_twice_on_a_day(
        self, starts: date, ends: date | None, there: bool, world: World
    ) -> None:
        given(world, replace(LEADS_MARKETING, starts=LATER, ends=date(2025, 9, 30)))
        again = GrantRole(BEN, LEAD, MARKETING, starts, ends, id=SECOND)
        if there:
            asked(world, again).then_refused(GrantIsThere, field="starts")
        else:
            days = {"starts": starts, "ends": ends}
            asked(world, again).then(was_given(BEN, LEAD, team_id=MARKETING, id=SECOND, **days))

    def test_but_for_another_team_or_another_person(self, world: World) -> None:
        given(world, LEADS_MARKETING, RegisterPerson("Cleo", id=CLEO))
        asked(world, GrantRole(BEN, LEAD, PRODUCT, id=SECOND)).then(
            was_given(BEN, LEAD, team_id=PRODUCT, id=SECOND)
        )
        asked(world, GrantRole(CLEO, LEAD, MARKETING, id=ADMIN)).then(
            was_given(CLEO, LEAD, team_id=MARKETING, id=ADMIN)
        )

    @pytest.mark.parametrize(
        "changing",
        [GrantRole(BEN, LEAD, PRODUCT), GrantRole(BEN, HR), GrantRole(BEN, ADMINISTRATOR)],
        ids=["lead", "hr", "administrator"],
    )
    def test_no_auditor_changes_on_the_same_day(self, changing: GrantRole, world: World) -> None:
        administered(world, replace(AUDITS, ends=LATER))
        asked(world, changing).then_refused(AuditorsChangeNothing, field="role")
        asked(world, replace(changing, starts=LATER)).then_refused(
            AuditorsChangeNothing, field="role"
        )
        after = LATER + timedelta(days=1)
        asked(world, replace(changing, starts=after, id=SECOND)).then(
            was_given(BEN, changing.role, team_id=changing.team_id, starts=after, id=SECOND)
        )
        given(world).when(replace(AUDITS, starts=YEARS, id=NOBODY), reason="x").then_refused(
            AuditorsChangeNothing, field="role"
        )


class TestRescheduleGrant:
    @pytest.mark.parametrize("ends", [TODAY, TOMORROW, YEARS])
    def test_it_gets_another_last_day(self, ends: date, world: World) -> None:
        given(world, replace(LEADS_MARKETING, ends=LATER)).when(
            RescheduleGrant(GIVEN, ends), reason="the project goes on"
        ).then(was_rescheduled(ends))

    def test_or_none(self, world: World) -> None:
        given(world, replace(LEADS_MARKETING, ends=LATER)).when(
            RescheduleGrant(GIVEN, None), reason="x"
        ).then(was_rescheduled(None))

    def test_also_one_that_is_to_end(self, world: World) -> None:
        given(world, LEADS_MARKETING, EndGrant(GIVEN, LATER)).when(
            RescheduleGrant(GIVEN, None), reason="x"
        ).then(was_rescheduled(None, 3))

    def test_the_day_it_has_is_no_news(self, world: World) -> None:
        given(world, replace(LEADS_MARKETING, ends=LATER)).when(
            RescheduleGrant(GIVEN, LATER)
        ).then_nothing()

    @pytest.mark.parametrize("reason", [None, "", " "])
    def test_not_without_a_reason(self, reason: str | None, world: World) -> None:
        given(world, LEADS_MARKETING).when(
            RescheduleGrant(GIVEN, LATER), reason=reason
        ).then_refused(ReasonIsMissing, field="reason")

    def test_not_by_who_has_it(self, world: World) -> None:
        given(world, LEADS_MARKETING).when(
            RescheduleGrant(GIVEN, LATER), by=BEN, reason="x"
        ).then_refused(GrantIsYourOwn, field="grant_id")

    @pytest.mark.parametrize("ends", [EVE, date(1899, 12, 31)])
    def test_not_to_a_day_that_is_past(self, ends: date, world: World) -> None:
        given(world, LEADS_MARKETING)
        asked(world, RescheduleGrant(GIVEN, ends)).then_refused(Invalid, field="ends")

    def test_not_to_a_day_before_it_begins_or_that_is_past_since(self, world: World) -> None:
        given(world, replace(LEADS_MARKETING, starts=LATER))
        asked(world, RescheduleGrant(GIVEN, TOMORROW)).then_refused(Invalid, field="ends")
        given(world, YEARS)
        asked(world, RescheduleGrant(GIVEN, LATER)).then_refused(Invalid, field="ends")

    def test_not_once_it_is_over(self, world: World) -> None:
        given(world, replace(LEADS_MARKETING, ends=TOMORROW), LATER)
        asked(world, RescheduleGrant(GIVEN, None)).then_refused(GrantIsOver, field="grant_id")

    def test_not_into_days_of_another(self, world: World) -> None:
        given(
            world,
            replace(LEADS_MARKETING, ends=TOMORROW),
            replace(LEADS_MARKETING, starts=LATER, id=SECOND),
        )
        asked(world, RescheduleGrant(GIVEN, LATER)).then_refused(GrantIsThere, field="ends")
        eve = LATER - timedelta(days=1)
        asked(world, RescheduleGrant(GIVEN, eve)).then(was_rescheduled(eve))

    def test_not_into_days_of_an_audit(self, world: World) -> None:
        given(
            world,
            replace(LEADS_MARKETING, ends=TOMORROW),
            replace(AUDITS, starts=LATER, id=SECOND),
        )
        asked(world, RescheduleGrant(GIVEN, LATER)).then_refused(
            AuditorsChangeNothing, field="role"
        )

    def test_not_for_who_left_or_a_team_that_is_gone(self, world: World) -> None:
        given(
            world,
            FormTeam("Shop", id=SECOND),
            GrantRole(BEN, LEAD, SECOND, id=GIVEN),
            DisbandTeam(SECOND),
        )
        asked(world, RescheduleGrant(GIVEN, LATER)).then_refused(TeamIsDisbanded, field="team_id")
        given(world, DeactivatePerson(BEN))
        asked(world, RescheduleGrant(GIVEN, LATER)).then_refused(PersonIsInactive, field="grant_id")

    def test_not_what_is_not_there(self, world: World) -> None:
        asked(world, RescheduleGrant(NOBODY, LATER)).then_refused(NotFound, field="grant_id")
        asked(world, RescheduleGrant(BEN, LATER)).then_refused(NotFound, field="grant_id")


class TestEndGrant:
    @pytest.mark.parametrize("effective", [None, TODAY, TOMORROW, LATER])
    def test_it_ends(self, effective: date | None, world: World) -> None:
        given(world, LEADS_MARKETING).when(EndGrant(GIVEN, effective), reason="x").then(
            was_ended(LEAD, effective or TODAY)
        )

    def test_also_by_who_has_it(self, world: World) -> None:
        given(world, LEADS_MARKETING).when(EndGrant(GIVEN), by=BEN, reason="enough").then(
            was_ended(LEAD, TODAY)
        )

    def test_and_before_it_begins(self, world: World) -> None:
        given(world, replace(LEADS_MARKETING, starts=LATER)).when(
            EndGrant(GIVEN, TOMORROW), reason="x"
        ).then(was_ended(LEAD, TOMORROW))
        asked(world, replace(LEADS_MARKETING, id=SECOND)).then(
            was_given(BEN, LEAD, team_id=MARKETING, id=SECOND)
        )

    def test_the_day_it_ends_is_no_news(self, world: World) -> None:
        given(world, LEADS_MARKETING, EndGrant(GIVEN)).when(EndGrant(GIVEN)).then_nothing()
        given(world, replace(AUDITS, ends=EVE + timedelta(days=2), id=SECOND))
        given(world).when(EndGrant(SECOND, LATER - timedelta(days=28))).then_nothing()

    @pytest.mark.parametrize("reason", [None, "", " "])
    def test_not_without_a_reason(self, reason: str | None, world: World) -> None:
        given(world, LEADS_MARKETING).when(EndGrant(GIVEN), reason=reason).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_from_a_day_that_is_past(self, world: World) -> None:
        given(world, LEADS_MARKETING)
        asked(world, EndGrant(GIVEN, EVE)).then_refused(Invalid, field="effective")

    def test_not_later_than_it_ends(self, world: World) -> None:
        given(world, replace(LEADS_MARKETING, ends=TOMORROW))
        asked(world, EndGrant(GIVEN, LATER)).then_refused(GrantIsOver, field="effective")
        given(world, LATER)
        asked(world, EndGrant(GIVEN)).then_refused(GrantIsOver, field="effective")

    def test_not_what_is_not_there(self, world: World) -> None:
        asked(world, EndGrant(NOBODY)).then_refused(NotFound, field="grant_id")

    def test_what_ended_can_be_given_again(self, world: World) -> None:
        given(world, LEADS_MARKETING, EndGrant(GIVEN, LATER))
        asked(world, replace(LEADS_MARKETING, starts=LATER, id=SECOND)).then(
            was_given(BEN, LEAD, team_id=MARKETING, starts=LATER, id=SECOND)
        )


LASTS: list[tuple[Command, str]] = [
    (EndGrant(ADMIN), "grant_id"),
    (EndGrant(ADMIN, LATER), "grant_id"),
    (RescheduleGrant(ADMIN, YEARS), "ends"),
    (DeactivatePerson(ANN), "person_id"),
    (DeactivatePerson(ANN, EVE), "person_id"),
    (ErasePerson(ANN, "GDPR 17"), "person_id"),
]
IDS = ["ended", "ended-later", "with-a-last-day", "gone", "gone-since", "erased"]


class TestTheLastAdministrator:
    @pytest.mark.parametrize(("command", "field"), LASTS, ids=IDS)
    def test_stays(self, command: Command, field: str, world: World) -> None:
        asked(administered(world), command, by=BEN).then_refused(LastAdministrator, field=field)

    @pytest.mark.parametrize(("command", "field"), LASTS, ids=IDS)
    def test_also_where_others_are_gone_or_run_out_or_come_later(
        self, command: Command, field: str, world: World
    ) -> None:
        administered(
            world,
            RegisterPerson("Cleo", id=CLEO),
            GrantRole(CLEO, ADMINISTRATOR),
            DeactivatePerson(CLEO),
            GrantRole(BEN, ADMINISTRATOR, ends=TOMORROW),
            GrantRole(BEN, ADMINISTRATOR, starts=YEARS + timedelta(days=2)),
        )
        asked(world, command, by=BEN).then_refused(LastAdministrator, field=field)

    @pytest.mark.parametrize(("command", "_"), LASTS, ids=IDS)
    def test_may_go_once_another_stays(self, command: Command, _: str, world: World) -> None:
        administered(world, GrantRole(BEN, ADMINISTRATOR))
        assert world.execute(command, by=BEN, reason="x").last_position

    def test_may_go_once_others_follow_each_other(self, world: World) -> None:
        administered(
            world,
            GrantRole(BEN, ADMINISTRATOR, ends=LATER),
            GrantRole(BEN, ADMINISTRATOR, starts=LATER + timedelta(days=1)),
        )
        assert world.execute(EndGrant(ADMIN), by=BEN, reason="x").last_position

    def test_but_not_with_a_day_between_them(self, world: World) -> None:
        administered(
            world,
            GrantRole(BEN, ADMINISTRATOR, ends=LATER),
            GrantRole(BEN, ADMINISTRATOR, starts=LATER + timedelta(days=2)),
        )
        refusal = asked(world, EndGrant(ADMIN), by=BEN).then_refused(
            LastAdministrator, field="grant_id"
        )
        assert str(LATER + timedelta(days=1)) in refusal.message

    def test_a_role_of_who_left_and_is_back_counts(self, world: World) -> None:
        administered(
            world, GrantRole(BEN, ADMINISTRATOR), DeactivatePerson(BEN), ReactivatePerson(BEN)
        )
        assert world.execute(EndGrant(ADMIN), reason="x").last_position

    def test_is_erased_again_by_a_restore_all_the_same(self, world: World) -> None:
        administered(world)
        erased = world.execute(ErasePerson(ANN, "GDPR 17"), by=BEN, origin="job", reason="x")
        assert erased.last_position
        given(world).when(GrantRole(BEN, ADMINISTRATOR), by=BEN, reason="x").then_refused(
            NobodyAdministers, field="role"
        )
        again = GrantRole(BEN, ADMINISTRATOR, id=GIVEN)
        given(world).when(again, by=BEN, origin="cli", reason="x").then(
            was_given(BEN, ADMINISTRATOR)
        )

    @pytest.mark.parametrize("other", [EndGrant(ADMIN), DeactivatePerson(ANN)], ids=["end", "gone"])
    def test_two_do_not_go_at_the_same_time(self, other: Command, world_on_both: World) -> None:
        """Each command is decided while the other administrator is still there."""
        world = administered(world_on_both, GrantRole(BEN, ADMINISTRATOR, id=GIVEN))
        decide, went = world.okr.work, []

        def work(*how: Any) -> Any:
            found = decide(*how)
            if not went:
                went.append(world.okr)
                found.fetch({ANN, BEN, ADMIN, GIVEN})
                world.okr.execute(other, Context(BEN, "so it is"))
            return found

        world.okr.work = work  # type: ignore[method-assign]
        with refused(LastAdministrator, "grant_id"):
            world.execute(EndGrant(GIVEN), by=BEN, reason="so it is")


class TestWhatHangsOnIt:
    def test_somebody_who_leaves_has_roles(self, world: World) -> None:
        given(
            world,
            LEADS_MARKETING,
            GrantRole(BEN, LEAD, PRODUCT, starts=LATER),
            GrantRole(BEN, LEAD, COMPANY, ends=TODAY),
            TOMORROW,
        )
        receipt = world.execute(DeactivatePerson(BEN), reason="x")
        (warning,) = [each for each in receipt.warnings if each.code == "still_has_roles"]
        assert warning.count == 2
        assert {each.kind for each in warning.things} == {"grant"}

    def test_and_so_has_somebody_who_is_erased(self, world: World) -> None:
        given(world, AUDITS)
        receipt = world.execute(ErasePerson(BEN, "GDPR 17"), reason="x")
        (warning,) = [each for each in receipt.warnings if each.code == "still_has_roles"]
        assert [each.id for each in warning.things] == [GIVEN]

    def test_a_team_that_is_disbanded_has_leads(self, world: World) -> None:
        given(world, FormTeam("Shop", id=SECOND), GrantRole(BEN, LEAD, SECOND, id=GIVEN))
        receipt = world.execute(DisbandTeam(SECOND))
        (warning,) = receipt.warnings
        assert (warning.code, [each.id for each in warning.things]) == (
            "roles_stay_with_it",
            [GIVEN],
        )

    def test_no_word_of_roles_that_are_over(self, world: World) -> None:
        given(
            world,
            FormTeam("Shop", id=SECOND),
            GrantRole(BEN, LEAD, SECOND, ends=TODAY),
            TOMORROW,
        )
        assert world.execute(DisbandTeam(SECOND)).warnings == ()
