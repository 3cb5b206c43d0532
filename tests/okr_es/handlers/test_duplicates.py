"""What has the same name in the same place warns, and names the first by its id alone."""

import unicodedata
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    CarryOverObjective,
    Command,
    CommitObjective,
    DeactivatePerson,
    DefineKpi,
    DisbandTeam,
    DraftObjective,
    DropKeyResult,
    ErasePerson,
    FormTeam,
    MoveKeyResult,
    MoveTeam,
    OpenCycle,
    ReassignObjective,
    RegisterPerson,
    RenamePerson,
    RenameTeam,
    ReplaceEmail,
    RetireKpi,
    RetitleObjective,
)
from okr_es.domain.kpi import Target
from okr_es.domain.refusals import AlreadyExists, Invalid
from okr_es.domain.values import Cadence, Direction
from okr_es.log.schema import commands as receipts
from tests.support.given import World, given
from tests.support.world import (
    ANN,
    BEN,
    COMPANY,
    CUSTOMERS,
    GROW,
    LEADS,
    MARKETING,
    NEW,
    OTHER,
    PRODUCT,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    Q4,
    REACH,
    RESPONSE,
    THIRD,
    TODAY,
    TWENTY,
    d,
)

SPAN = Target(Q3_STARTS, Q3_ENDS, d("1"))
REACHING = "reach people on all channels"
SAME_TITLE = DraftObjective(Q3, MARKETING, ANN, f" {REACHING.upper()} ", id=NEW)


def kpi(name: str, team: UUID | None = MARKETING, id: UUID = NEW) -> DefineKpi:
    return DefineKpi(
        name, Direction.INCREASE, "x", "x", Cadence.DAILY, ANN, SPAN, team_id=team, id=id
    )


def warned(world: World, command: Command, **context: Any) -> list[tuple[str, list[UUID]]]:
    """The warnings of a command: codes, and the ids of what they name."""
    receipt = world.execute(command, **context)
    return [(each.code, [thing.id for thing in each.things]) for each in receipt.warnings]


# Each: what is done before, the command that warns, the code, and the first it names.
DUPLICATES: list[tuple[list[Command], Command, str, UUID]] = [
    ([], RegisterPerson("ann  EXAMPLE"), "person_has_same_name", ANN),
    ([], RegisterPerson("Ann", "ANN@example.org"), "person_has_same_email", ANN),
    ([], RenamePerson(BEN, "Ann\N{NO-BREAK SPACE}Example"), "person_has_same_name", ANN),
    ([], ReplaceEmail(BEN, "Ann@Example.org "), "person_has_same_email", ANN),
    ([DeactivatePerson(BEN)], RegisterPerson("Ben Example"), "person_has_same_name", BEN),
    ([], FormTeam("MARKETING", parent_id=COMPANY), "team_has_same_name", MARKETING),
    ([], FormTeam(" company"), "team_has_same_name", COMPANY),
    ([], RenameTeam(PRODUCT, "marketing"), "team_has_same_name", MARKETING),
    (
        [FormTeam("Product", parent_id=MARKETING, id=NEW)],
        MoveTeam(NEW, COMPANY),
        "team_has_same_name",
        PRODUCT,
    ),
    ([], kpi("waiting  leads"), "kpi_has_same_name", RESPONSE),
    ([kpi("Ringing", None, OTHER)], kpi("RINGING", None), "kpi_has_same_name", OTHER),
    ([], SAME_TITLE, "objective_has_same_title", REACH),
    (
        [DraftObjective(Q3, MARKETING, ANN, "x", id=NEW)],
        RetitleObjective(NEW, REACHING),
        "objective_has_same_title",
        REACH,
    ),
    (
        [DraftObjective(Q3, PRODUCT, ANN, REACHING, id=NEW)],
        ReassignObjective(NEW, team_id=MARKETING),
        "objective_has_same_title",
        REACH,
    ),
    (
        [CommitObjective(REACH), DraftObjective(Q4, MARKETING, ANN, REACHING, id=OTHER)],
        CarryOverObjective(REACH, Q4, id=THIRD),
        "objective_has_same_title",
        OTHER,
    ),
    (
        [],
        AddKeyResult(GROW, "1,000 NEW customers", TWENTY),
        "key_result_has_same_title",
        CUSTOMERS,
    ),
    (
        [AddKeyResult(GROW, "20 inbound leads", TWENTY, id=NEW)],
        MoveKeyResult(NEW, REACH),
        "key_result_has_same_title",
        LEADS,
    ),
    ([], OpenCycle("2025q3", Q3_STARTS, Q3_ENDS), "cycle_looks_alike", Q3),
    ([], OpenCycle("Q3-2025", Q3_STARTS, Q3_ENDS), "cycle_looks_alike", Q3),
]


@pytest.mark.parametrize(
    ("before", "command", "code", "first"), DUPLICATES, ids=[repr(c[1])[:60] for c in DUPLICATES]
)
def test_the_first_is_named(
    before: list[Command], command: Command, code: str, first: UUID, world_on_both: World
) -> None:
    given(world_on_both, *before)
    assert (code, [first]) in warned(world_on_both, command, reason="so it is")


UNIQUE: list[tuple[list[Command], Command]] = [
    ([], RegisterPerson("Ånn Example", "ann@example.com")),
    ([], RenamePerson(ANN, "ANN EXAMPLE")),
    ([ErasePerson(BEN, "GDPR 17")], RegisterPerson("Ben Example")),
    ([], FormTeam("Marketing", parent_id=PRODUCT)),
    ([], FormTeam("Marketing")),
    ([DisbandTeam(PRODUCT)], FormTeam("Product", parent_id=COMPANY)),
    ([], RenameTeam(MARKETING, "MARKETING")),
    ([], RenameTeam(MARKETING, "Marketing ")),
    ([], kpi("Waiting leads", None)),
    ([], kpi("Waiting leads", PRODUCT)),
    ([], kpi("Wäiting leads")),
    ([RetireKpi(RESPONSE)], kpi("Waiting leads")),
    ([], DraftObjective(Q3, PRODUCT, ANN, REACHING)),
    ([], DraftObjective(Q4, MARKETING, ANN, REACHING)),
    ([AbandonObjective(REACH)], SAME_TITLE),
    ([], RetitleObjective(REACH, REACHING.upper())),
    ([SAME_TITLE], ReassignObjective(NEW, owner_id=BEN)),
    ([DropKeyResult(CUSTOMERS)], AddKeyResult(GROW, "1,000 new customers", TWENTY)),
    ([], AddKeyResult(REACH, "1,000 new customers", TWENTY)),
    ([], OpenCycle("2026-Q3")),
    ([], OpenCycle("2025-H2")),
]


@pytest.mark.parametrize(("before", "command"), UNIQUE, ids=[repr(c[1])[:60] for c in UNIQUE])
def test_elsewhere_or_otherwise_or_over_it_is_no_duplicate(
    before: list[Command], command: Command, world_on_both: World
) -> None:
    given(world_on_both, *before)
    assert warned(world_on_both, command, reason="so it is") == []


def test_the_first_is_that_which_was_begun_first(world: World) -> None:
    later, latest = UUID(int=9), UUID(int=5)
    for id_ in (later, latest):
        world.execute(RegisterPerson("Ann Example", id=id_))
    assert warned(world, RegisterPerson("Ann Example")) == [("person_has_same_name", [ANN])]
    assert warned(world, RenamePerson(ANN, "Ann E.")) == []
    assert warned(world, RegisterPerson("Ann Example")) == [("person_has_same_name", [later])]


def test_decomposed_letters_are_the_same(world: World) -> None:
    name = "Åsa Öberg"
    world.execute(RegisterPerson(name, id=NEW))
    decomposed = unicodedata.normalize("NFD", name)
    assert decomposed != name
    assert warned(world, RegisterPerson(decomposed)) == [("person_has_same_name", [NEW])]


def test_a_stored_receipt_has_ids_and_no_names(world: World) -> None:
    command = world.execute(RegisterPerson("ANN EXAMPLE", "ann@example.org", id=NEW)).command_id
    with world.okr.database.reader.connect() as connection:
        query = select(receipts.c.receipt).where(receipts.c.command_id == command)
        stored = bytes(connection.execute(query).scalar_one())
    assert b"example" not in stored.lower()
    noted = msgspec.json.decode(stored)["warnings"]
    assert [each["things"] for each in noted] == [[{"kind": "person", "id": str(ANN)}]] * 2


def test_an_import_compares_names_itself(world: World) -> None:
    assert warned(world, kpi("Waiting leads"), origin="import") == []


class TestNamesOfCycles:
    def test_the_same_but_for_case_is_refused_as_before(self, world: World) -> None:
        given(world).when(OpenCycle("2025-q3", Q3_STARTS, Q3_ENDS)).then_refused(
            AlreadyExists, field="name"
        )

    @pytest.mark.parametrize(
        ("days", "field"),
        [
            ({"starts": date(2028, 10, 1)}, "ends"),
            ({"starts": date(2029, 10, 2)}, "ends"),
            ({"ends": date(2030, 12, 31)}, "starts"),
        ],
    )
    def test_half_of_its_days_by_the_name_and_half_by_others_is_refused(
        self, days: dict[str, date], field: str, world: World
    ) -> None:
        refusal = given(world).when(OpenCycle("2029-Q4", **days)).then_refused(Invalid, field=field)
        assert "2029-Q4 stands for 2029-10-01 to 2029-12-31" in refusal.message

    def test_nor_do_they_run_backwards(self, world: World) -> None:
        given(world).when(OpenCycle("2029-Q4", ends=date(2028, 12, 31))).then_refused(
            Invalid, field="ends"
        )

    @pytest.mark.parametrize(
        "days",
        [
            {},
            {"starts": date(2029, 10, 1)},
            {"ends": date(2029, 12, 31)},
            {"starts": date(2029, 10, 1), "ends": date(2029, 12, 31)},
        ],
    )
    def test_the_days_it_stands_for_are_fine(self, days: dict[str, date], world: World) -> None:
        assert warned(world, OpenCycle("2029-Q4", **days)) == []

    @pytest.mark.parametrize("name", ["2028-Q4", "2028q4", "Q4-2028", "2028", "2028-H2"])
    def test_two_other_days_are_warned_of(self, name: str, world: World) -> None:
        starts, ends = date(2029, 7, 1), date(2029, 9, 30)
        receipt = world.execute(OpenCycle(name, starts, ends))
        (warning,) = receipt.warnings
        assert warning.code == "name_says_other_days"
        assert "stands for 2028-" in warning.text

    @pytest.mark.parametrize("name", ["spring", "fiscal-29", "2029-Q5"])
    def test_of_a_name_that_says_no_days_nothing_is_said(self, name: str, world: World) -> None:
        assert warned(world, OpenCycle(name, TODAY, Q3_ENDS)) == []
