"""Warnings: codes, ids and plain facts in the log of commands; texts are made when answered."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from okr_es.commands import (
    CarryOverObjective,
    CloseCycle,
    CommitPlan,
    LinkKeyResult,
    OpenCycle,
    RenameTeam,
    RequireApproval,
    RetargetKeyResult,
    RetireKpi,
)
from okr_es.context import Thing, WarningAnswer
from okr_es.domain.measure import Measure
from okr_es.domain.values import Controlled, Kind
from okr_es.handlers.fingerprints import fingerprint
from okr_es.handlers.warnings import MOST_THINGS, Warnings, as_stored, warnings_of
from okr_es.log.append import Append
from okr_es.log.canonical import Envelope
from okr_es.log.schema import commands
from okr_es.warning_catalogue import POINTS, WARNINGS
from projections.audit_log.languages import LANGUAGES
from tests.support.given import World
from tests.support.world import (
    ANN,
    COMPANY,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    NEW,
    Q3,
    Q4,
    RESPONSE,
    d,
)

LONG = OpenCycle("long", date(2025, 1, 1), date(2026, 12, 31), id=NEW)
KEY = UUID(int=7)


def stored(world: World, command_id: UUID) -> dict[str, Any]:
    """The receipt as it is stored."""
    with world.okr.database.reader.connect() as connection:
        row = connection.execute(select(commands).where(commands.c.command_id == command_id)).one()
    found: dict[str, Any] = json.loads(bytes(row.receipt))
    return found


def collected(*added: tuple[str, list[Thing], int | None, dict[str, Any]]) -> list[WarningAnswer]:
    warnings = Warnings()
    for each in added:
        warnings.add(*each)
    return list(warnings_of(as_stored(warnings.noted), "en"))


class TestReceipt:
    def test_it_names_what_the_warning_is_about(self, world: World) -> None:
        (warning,) = world.execute(LONG).warnings
        text = "The cycle is longer than a year."
        assert warning == WarningAnswer("cycle_is_long", text, 1, (Thing("cycle", NEW),))

    def test_what_is_stored_has_the_code_and_no_text(self, world: World) -> None:
        world.execute(LONG, command_id=KEY)
        assert stored(world, KEY)["warnings"] == [
            {
                "code": "cycle_is_long",
                "count": 1,
                "things": [{"kind": "cycle", "id": str(NEW)}],
                "facts": {},
            }
        ]

    def test_facts_are_written_into_the_sentence(self, world: World) -> None:
        receipt = world.execute(CloseCycle(Q3), command_id=KEY)
        texts = {each.code: each.text for each in receipt.warnings}
        assert texts["closed_before_its_end"] == "The cycle runs until 2025-09-30."
        assert stored(world, KEY)["warnings"][1]["facts"] == {"ends": "2025-09-30"}

    def test_sent_again_it_warns_again_in_the_language_of_then(self, world: World) -> None:
        first = world.execute(LONG, command_id=KEY)
        assert world.execute(LONG, command_id=KEY) == replace(first, repeated=True)
        (warning,) = world.execute(LONG, command_id=KEY, language="sv").warnings
        assert warning.text == "Cykeln är längre än ett år."

    def test_a_receipt_of_before_has_its_text_as_other(self, world: World) -> None:
        """Stored while warnings were texts; personal ones stand in it as they were written."""
        old = {"id": str(COMPANY), "version": 1, "warnings": ["The KPI that fed “x” was retired."]}
        command = RenameTeam(COMPANY, "Company")
        world.okr.log.append(
            [],
            Append(
                Envelope(by=ANN, origin="api", command_id=KEY),
                fingerprint=fingerprint(command),
                receipt=json.dumps(old).encode(),
            ),
        )
        for language in ("en", "sv"):
            receipt = world.execute(command, command_id=KEY, language=language)
            assert receipt.warnings == (
                WarningAnswer("other", "The KPI that fed “x” was retired.", 1),
            )
            assert receipt.repeated

    def test_titles_are_no_part_of_it(self, world: World) -> None:
        """A key result is carried over whose KPI was retired: the warning names it by its id."""
        for each in (CUSTOMERS, LEADS):
            world.execute(LinkKeyResult(each, RESPONSE), reason="x")
        world.execute(RetireKpi(RESPONSE), reason="x")
        receipt = world.execute(CarryOverObjective(GROW, Q4, NEW), command_id=KEY)
        found = {each.code: each for each in receipt.warnings}
        warning = found["kpi_not_carried"]
        assert warning.count == 1
        assert [each.kind for each in warning.things] == ["key_result", "kpi"]
        assert warning.things[1].id == RESPONSE
        assert "customers" not in json.dumps(stored(world, KEY))

    def test_what_waits_names_its_request(self, world: World) -> None:
        world.execute(CommitPlan(Q3))
        world.execute(RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)), reason="x")
        asked = [
            world.execute(
                RetargetKeyResult(CUSTOMERS, Measure(Kind.METRIC, d("0"), d(target), "leads")),
                reason="x",
            )
            for target in ("900", "800")
        ]
        requests = tuple(Thing("approval", each.approval_id) for each in asked if each.approval_id)
        assert [each.warnings[0].things for each in asked] == [(each,) for each in requests]
        closed = world.execute(CloseCycle(Q3))
        (still,) = (each for each in closed.warnings if each.code == "requests_still_wait")
        assert (still.count, set(still.things)) == (2, set(requests))
        assert still.text.startswith("2 requests wait for approval;")


class TestCollected:
    def test_alike_ones_become_one(self) -> None:
        things = [Thing("key_result", CUSTOMERS), Thing("key_result", LAUNCH)]
        (one,) = collected(
            ("kpi_not_carried", things[:1], None, {}), ("kpi_not_carried", things, 4, {})
        )
        assert (one.count, one.things) == (5, tuple(things))
        assert one.text.startswith("The KPIs that fed 5 key results")

    def test_other_facts_make_another(self) -> None:
        days = (date(2025, 1, 1), date(2025, 1, 2))
        found = collected(*(("closed_before_its_end", [], 1, {"ends": day}) for day in days))
        assert [each.text[-11:] for each in found] == ["2025-01-01.", "2025-01-02."]

    def test_things_are_a_hundred_at_most_and_the_count_says_all(self) -> None:
        things = [Thing("objective", UUID(int=n)) for n in range(MOST_THINGS + 1)]
        (one,) = collected(("no_key_results", things, None, {}))
        assert (len(one.things), one.count) == (MOST_THINGS, MOST_THINGS + 1)

    def test_an_unknown_code_is_an_error_of_ours(self) -> None:
        with pytest.raises(KeyError):
            Warnings().add("weather", [], None, {})


class TestCatalogue:
    def test_it_has_the_languages_of_the_audit_log(self) -> None:
        assert set(POINTS) == set(LANGUAGES)
        assert all(getattr(kind, code) for name, kind in WARNINGS.items()
                   for code in POINTS if name != "other")  # fmt: skip
