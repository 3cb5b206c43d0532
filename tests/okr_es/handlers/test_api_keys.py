"""Api keys are made with no wider rights than one has, shown once, and do what programs may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from okr_es.access.bearer import bearer_of, read_bearer
from okr_es.access.rights import Held
from okr_es.access.secrets import Secret, hash_of
from okr_es.commands import (
    ApproveRequest,
    CheckIn,
    Command,
    CorrectReading,
    CreateApiKey,
    DeactivatePerson,
    DefineKpi,
    GrantRole,
    RecordReading,
    RecordReadings,
    RenameTeam,
    RetireKpi,
    RetractReading,
    RevokeApiKey,
)
from okr_es.context import Context
from okr_es.domain.api_key import ApiKey, KeyRole
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import (
    ApiKeyIsOver,
    ApiKeyIsWider,
    ApiKeyMayNot,
    CommandIdIsTaken,
    Invalid,
    KpiIsRetired,
    NotAllowed,
    NotFound,
    PersonIsUnknown,
    ReasonIsMissing,
)
from okr_es.domain.team import Team
from okr_es.domain.values import Cadence, Direction, Role
from tests.support.given import World, again, fact, given, refused
from tests.support.world import (
    ANN,
    BEN,
    COMPANY,
    CUSTOMERS,
    MARKETING,
    RESPONSE,
    TODAY,
    TWO_DAYS,
    d,
)

KEY, OTHER_KPI, READ = UUID(int=0xAE1), UUID(int=0xAE2), UUID(int=0xAE3)
SECRET = Secret("s" * 43, hash_of("s" * 43))
YEAR = timedelta(days=365)
LAKE = CreateApiKey("Lake", KeyRole.INGEST_KEY, kpi_ids=(RESPONSE,), id=KEY)
LEAD = CreateApiKey("Lead", KeyRole.LEAD, MARKETING, id=KEY)
BY_KEY: Any = {
    "by": KEY,
    "key_roles": (Held("ingest_key", None, frozenset({RESPONSE})),),
}
OTHER = DefineKpi(
    "Other", Direction.DECREASE, "leads", "CRM", Cadence.WEEKLY, ANN, TWO_DAYS, id=OTHER_KPI
)
THREE = RecordReading(RESPONSE, TODAY, d("3"), READ)


def was_made(role: KeyRole, **fields: Any) -> ApiKey.Created:
    stands = {
        "team_id": None, "kpi_ids": (), "ends": TODAY + timedelta(days=90), "created_by": ANN,
        "secret_hash": SECRET.hash.hex(),
    }  # fmt: skip
    return fact(ApiKey.Created, KEY, **{"role": role, **stands, **fields})  # type: ignore[return-value]


@pytest.fixture
def known(world: World) -> World:
    """A world whose next secret is known."""
    world.okr.new_secret = lambda: SECRET
    return world


class TestCreateApiKey:
    @pytest.mark.parametrize(
        ("command", "fields"),
        [
            (LAKE, {"kpi_ids": (RESPONSE,)}),
            (replace(LAKE, kpi_ids=(RESPONSE, RESPONSE)), {"kpi_ids": (RESPONSE,)}),
            (CreateApiKey("Lake", KeyRole.MEMBER, id=KEY), {}),
            (replace(LAKE, ends=TODAY), {"kpi_ids": (RESPONSE,), "ends": TODAY}),
            (replace(LAKE, ends=TODAY + YEAR), {"kpi_ids": (RESPONSE,), "ends": TODAY + YEAR}),
        ],
        ids=["ingest", "named-twice", "member", "for-today", "for-a-year"],
    )
    def test_it_is_made_with_the_hash_of_its_secret(
        self, command: CreateApiKey, fields: dict[str, Any], known: World
    ) -> None:
        receipt = (
            given(known).when(command, reason="nightly").then(was_made(command.role, **fields))
        )
        assert receipt.secret == bearer_of(KEY, SECRET)

    def test_on_both_engines(self, world_on_both: World) -> None:
        world_on_both.okr.new_secret = lambda: SECRET
        given(world_on_both).when(CreateApiKey("Lake", KeyRole.MEMBER, id=KEY), reason="x").then(
            was_made(KeyRole.MEMBER)
        )

    def test_it_is_made_with_an_id_and_a_secret_of_its_own(self, world: World) -> None:
        made = [
            given(world).when(CreateApiKey("Lake", KeyRole.MEMBER), reason="x").execute()
            for _ in range(2)
        ]
        shown = [read_bearer(str(each.secret)) for each in made]
        assert [each and each.key_id for each in shown] == [each.id for each in made]
        assert len({each and each.secret for each in shown}) == 2

    def test_the_secret_is_shown_to_the_first_who_asks_and_kept_nowhere(self, known: World) -> None:
        context = Context(ANN, "nightly")
        first = known.okr.execute(LAKE, context)
        second = known.okr.execute(LAKE, context)
        kept = known.okr.receipt(context.command_id)
        assert (first.secret, second.secret, second.repeated) == (
            bearer_of(KEY, SECRET), None, True,
        )  # fmt: skip
        assert (second.id, kept and kept.secret) == (KEY, None)
        assert SECRET.text not in str(known.snapshot())

    @pytest.mark.parametrize(
        ("command", "field"),
        [
            (CreateApiKey("x", KeyRole.INGEST_KEY), "kpi_ids"),
            (CreateApiKey("x", KeyRole.MEMBER, kpi_ids=(RESPONSE,)), "kpi_ids"),
            (CreateApiKey("x", KeyRole.MEMBER, MARKETING), "team_id"),
            (replace(LAKE, ends=TODAY - timedelta(days=1)), "ends"),
            (replace(LAKE, ends=TODAY + YEAR + timedelta(days=1)), "ends"),
            (replace(LAKE, name=" "), "name"),
        ],
        ids=["of-no-kpi", "kpis-of-others", "team-of-others", "over", "too-long", "nameless"],
    )
    def test_not_what_makes_no_sense(self, command: CreateApiKey, field: str, world: World) -> None:
        given(world).when(command, reason="x").then_refused(Invalid, field=field)

    def test_not_without_a_reason(self, world: World) -> None:
        given(world).when(CreateApiKey("x", KeyRole.MEMBER)).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_of_kpis_that_are_not_there_or_were_retired(self, world: World) -> None:
        unknown = CreateApiKey("x", KeyRole.INGEST_KEY, kpi_ids=(OTHER_KPI,))
        given(world).when(unknown, reason="x").then_refused(NotFound, field="kpi_ids")
        given(world, RetireKpi(RESPONSE)).when(LAKE, reason="x").then_refused(KpiIsRetired)

    def test_a_lead_needs_a_team(self, world: World) -> None:
        given(world).when(CreateApiKey("x", KeyRole.LEAD), origin="cli", reason="x").then_refused(
            Invalid, field="team_id"
        )

    @pytest.mark.parametrize("led", [MARKETING, COMPANY], ids=["their-team", "a-team-above"])
    def test_a_lead_makes_one_for_teams_they_lead(self, led: UUID, known: World) -> None:
        leads = GrantRole(BEN, Role.LEAD, led)
        given(known, leads).when(LEAD, by=BEN, reason="x").then(
            was_made(KeyRole.LEAD, team_id=MARKETING, created_by=BEN)
        )

    @pytest.mark.parametrize(
        ("command", "history"),
        [
            (LEAD, ()),
            (CreateApiKey("x", KeyRole.LEAD, COMPANY), (GrantRole(BEN, Role.LEAD, MARKETING),)),
            (CreateApiKey("x", KeyRole.HR), (GrantRole(BEN, Role.LEAD, COMPANY),)),
            (LEAD, (GrantRole(BEN, Role.LEAD, MARKETING, ends=TODAY), TODAY + timedelta(days=1))),
            (CreateApiKey("x", KeyRole.ADMINISTRATOR), ()),
        ],
        ids=["no-lead", "lead-below", "another-role", "no-more", "administrator"],
    )
    def test_nobody_makes_one_that_may_more_than_they_do(
        self, command: CreateApiKey, history: tuple[Command | date, ...], world: World
    ) -> None:
        given(world, *history).when(command, by=BEN, reason="x").then_refused(
            ApiKeyIsWider, field="role"
        )

    def test_on_the_machine_every_role_is_given(self, known: World) -> None:
        given(known).when(LEAD, origin="cli", reason="x").then(
            was_made(KeyRole.LEAD, team_id=MARKETING)
        )


class TestRevokeApiKey:
    def test_it_is_revoked(self, world: World) -> None:
        given(world, LAKE).when(RevokeApiKey(KEY), reason="lost").then(fact(ApiKey.Revoked, KEY, 2))

    def test_once(self, world: World) -> None:
        given(world, LAKE, RevokeApiKey(KEY)).when(RevokeApiKey(KEY)).then_nothing()

    def test_not_without_a_reason_nor_what_is_none(self, world: World) -> None:
        given(world, LAKE).when(RevokeApiKey(KEY)).then_refused(ReasonIsMissing, field="reason")
        given(world).when(RevokeApiKey(ANN), reason="x").then_refused(NotFound, field="key_id")


class TestWhatAKeyDoes:
    def test_its_readings_are_its_own_with_reason_and_comment(self, world: World) -> None:
        when = given(world, LAKE).when(THREE, comment="night of 14 July", **BY_KEY)
        when.then(fact(Reading.Recorded, READ, kpi_id=RESPONSE, as_of=TODAY, value=d("3"),
                       subject=None, evidence=None))  # fmt: skip
        given(world).when(CorrectReading(READ, d("4")), reason="late rows", **BY_KEY).then(
            fact(Reading.Corrected, READ, 2, value=d("4"), zone=None, done_steps=None)
        )

    def test_the_same_again_is_known(self, world: World) -> None:
        given(world, LAKE)
        context = Context(comment="night of 14 July", **BY_KEY)
        world.okr.execute(THREE, context)
        assert world.okr.execute(THREE, context).repeated
        with refused(CommandIdIsTaken, "command_id"):
            world.okr.execute(THREE, again(context, comment="another"))

    @pytest.mark.parametrize(
        "command",
        [
            RecordReading(OTHER_KPI, TODAY, d("3")),
            RecordReadings((THREE, RecordReading(OTHER_KPI, TODAY, d("3")))),
            CheckIn(CUSTOMERS, TODAY, d("3")),
            RenameTeam(COMPANY, "Ours"),
            RevokeApiKey(KEY),
        ],
        ids=["another-kpi", "one-of-them", "check-in", "team", "itself"],
    )
    def test_an_ingest_key_does_nothing_but_record_readings_of_its_kpis(
        self, command: Command, world: World
    ) -> None:
        when = given(world, OTHER, LAKE).when(command, **BY_KEY, reason="x")
        when.then_refused(NotAllowed)

    def test_nor_does_it_correct_those_of_others(self, world: World) -> None:
        read = RecordReading(OTHER_KPI, TODAY, d("3"), READ)
        given(world, OTHER, read, LAKE).when(
            RetractReading(READ), **BY_KEY, reason="x"
        ).then_refused(NotAllowed)

    @pytest.mark.parametrize(
        "command",
        [
            ApproveRequest(READ), GrantRole(BEN, Role.HR),
            CreateApiKey("another", KeyRole.MEMBER),
        ],
        ids=["approve", "grant", "make-a-key"],
    )  # fmt: skip
    def test_no_key_approves_grants_or_makes_keys(self, command: Command, world: World) -> None:
        world.execute(CreateApiKey("Own", KeyRole.ADMINISTRATOR, id=KEY), origin="cli", reason="x")
        given(world).when(command, **BY_KEY, reason="x").then_refused(ApiKeyMayNot, field="by")

    def test_no_key_acts_for_somebody(self, world: World) -> None:
        given(world, LAKE).when(THREE, **BY_KEY, on_behalf_of=BEN).then_refused(
            ApiKeyMayNot, field="on_behalf_of"
        )

    def test_another_role_does_what_people_do(self, world: World) -> None:
        world.execute(LEAD, origin="cli", reason="x")
        as_lead = BY_KEY | {"key_roles": (Held("lead", MARKETING),)}
        given(world).when(RenameTeam(MARKETING, "Ours"), **as_lead).then(
            fact(Team.Renamed, MARKETING, 2, name="Ours")
        )

    @pytest.mark.parametrize(
        "since",
        [(RevokeApiKey(KEY),), (TODAY + timedelta(days=91),)],
        ids=["revoked", "over"],
    )
    def test_one_that_works_no_more_does_nothing(
        self, since: tuple[Command | date, ...], world: World
    ) -> None:
        given(world, LAKE, *since).when(THREE, **BY_KEY).then_refused(ApiKeyIsOver, field="by")

    def test_it_works_to_the_end_of_its_last_day(self, world: World) -> None:
        last = TODAY + timedelta(days=90)
        given(world, LAKE, last)
        assert world.execute(THREE, **BY_KEY).last_position is not None

    def test_a_key_is_no_person_and_a_person_no_key(self, world: World) -> None:
        given(world, LAKE).when(THREE, by=KEY).then_refused(PersonIsUnknown, field="by")
        given(world).when(THREE, **BY_KEY | {"by": ANN}).then_refused(ApiKeyIsOver, field="by")


def test_who_leaves_is_warned_of_keys_that_work_on(world: World) -> None:
    lead = replace(LAKE, id=None)
    for key in (lead, lead, LAKE):
        world.execute(key, by=BEN, reason="x")
    given(world, RevokeApiKey(KEY))
    receipt = given(world).when(DeactivatePerson(BEN)).execute()
    (warned,) = [each for each in receipt.warnings if each.code == "made_api_keys"]
    assert warned.count == 2
    assert {each.kind for each in warned.things} == {"api_key"}


def test_retiring_a_kpi_warns_of_keys_that_record_it(world: World) -> None:
    given(world, LAKE)
    tried = given(world).when(RetireKpi(RESPONSE)).execute()
    (warned,) = [each for each in tried.warnings if each.code == "api_keys_name_it"]
    assert [each.id for each in warned.things] == [KEY]


def test_not_of_keys_that_work_no_more(world: World) -> None:
    given(world, LAKE, RevokeApiKey(KEY))
    tried = given(world).when(RetireKpi(RESPONSE)).execute()
    assert "api_keys_name_it" not in [each.code for each in tried.warnings]


def test_a_key_has_its_name_in_the_directory_and_is_nobody_there(world: World) -> None:
    given(world, LAKE)
    directory = world.okr.directory
    assert directory.entries([KEY])[KEY].name == "Lake"
    assert KEY not in directory.entries()
    assert world.okr.sweep(also_newer=True).people == 0
    assert directory.entries([KEY])


@pytest.mark.parametrize(
    "text", ["", "okres_", "okres_" + "é" * 65, "x" * 71, bearer_of(KEY, SECRET)[:-1]]
)
def test_what_cannot_be_a_key_is_none(text: str) -> None:
    assert read_bearer(text) is None


def test_a_secret_opens_its_own_hash_and_no_other() -> None:
    sent = read_bearer(bearer_of(KEY, SECRET))
    assert sent is not None
    assert sent.key_id == KEY
    assert sent.opens(SECRET.hash.hex())
    assert not sent.opens(hash_of("t" * 43).hex())
