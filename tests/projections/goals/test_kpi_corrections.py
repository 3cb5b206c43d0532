"""What a KPI is, as it was known: names and owners by days, corrections for all of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.kpi import Target
from okr_es.domain.values import Direction
from tests.support.story import ANN, BEN, COMPANY, SALES, Story, day, wanted


@pytest.fixture
def kpi(story: Story) -> UUID:
    """A KPI of Ann's in the company, wanted at 80 leads."""
    return story.kpi(team_id=COMPANY)


def test_name_owner_and_team_are_those_of_the_day(story: Story, kpi: UUID) -> None:
    story.does(c.RenameKpi(kpi, "customers"))
    story.does(c.ReassignKpi(kpi, BEN, SALES))
    story.does(c.ReplaceKpiPurpose(kpi, "to live"))
    names = ("name", "owner", "team", "purpose")
    now, then = story.queries.kpi(kpi), story.queries.kpi(kpi, at=day(20).isoformat())
    assert [now[name] for name in names] == [
        "customers", {"id": str(BEN)}, {"id": str(SALES)}, "to live",
    ]  # fmt: skip
    assert [then[name] for name in names] == [
        "increase", {"id": str(ANN)}, {"id": str(COMPANY)}, None,
    ]  # fmt: skip
    assert [each["id"] for each in story.queries.kpis(SALES)["kpis"]] == [str(kpi)]
    assert story.queries.kpis(SALES, at=day(20).isoformat())["kpis"] == []
    assert [each["id"] for each in story.queries.kpis(COMPANY)["kpis"]] == [str(kpi)]


def test_a_correction_holds_for_all_its_days(story: Story, kpi: UUID) -> None:
    then = str(story.okr.log.head())
    story.does(c.CorrectKpi(kpi, "deals", baseline=Decimal(20)))
    story.reads(kpi, "50", day(20))
    past = story.queries.kpi(kpi, at=day(20).isoformat())
    assert (past["unit"], past["baseline"], past["progress"]) == ("deals", "20", Decimal("0.5000"))
    assert story.queries.kpi(kpi, known_at=then)["unit"] == "leads"


@pytest.mark.parametrize(
    ("target", "corrected"),
    [
        (wanted(minimum="10", maximum="20"), {"direction": Direction.WITHIN}),
        (wanted("90"), {"baseline": Decimal(80)}),
    ],
)
def test_a_target_from_before_that_does_not_fit_judges_nothing(
    target: Target, corrected: dict[str, Any], story: Story, kpi: UUID
) -> None:
    story.does(c.RetargetKpi(kpi, Target(day(1), day(100))))
    story.does(c.CorrectKpi(kpi, **corrected))
    story.does(c.RetargetKpi(kpi, target))
    story.reads(kpi, "50", day(20))
    past = story.queries.kpi(kpi, at=day(20).isoformat())
    assert (past["status"], past["target"]["target"]) == ("no_target", None)
    assert story.queries.kpi(kpi)["status"] != "no_target"


def test_a_reinstated_one_takes_readings_again(story: Story, kpi: UUID) -> None:
    story.does(c.RetireKpi(kpi))
    story.does(c.ReinstateKpi(kpi))
    assert story.queries.kpi(kpi)["retired"] is False
    story.reads(kpi, "50")


def test_history_and_sentences_have_what_was_before(story: Story, kpi: UUID) -> None:
    for command in (
        c.RenameKpi(kpi, "customers"),
        c.ReassignKpi(kpi, BEN, None),
        c.ReplaceKpiPurpose(kpi, "to live"),
        c.CorrectKpi(kpi, "deals", Direction.AT_LEAST, Decimal(7)),
        c.RetireKpi(kpi),
        c.ReinstateKpi(kpi),
    ):
        story.does(command)
    english, swedish = (
        [
            each["sentence"].partition(" on 19 ")[0].partition(" den 19 ")[0]
            for each in story.queries.audit_log(limit=6, language=language)["entries"]
        ]
        for language in ("en", "sv")
    )
    assert english == [
        "Ann Example reinstated the KPI “customers”",
        "Ann Example retired the KPI “customers”",
        (
            "Ann Example corrected the KPI “customers” (direction from to increase to at least"
            " its target, unit from “leads” to “deals”, baseline 7)"
        ),
        "Ann Example changed what the KPI “customers” is for (purpose “to live”)",
        (
            "Ann Example handed over the KPI “customers” (owner from Ann Example to Ben Example, no"
            " team instead of “Company”)"
        ),
        "Ann Example renamed the KPI “increase” to “customers”",
    ]
    assert swedish[0] == "Ann Example återinförde nyckeltalet ”customers”"
    assert swedish[2:4] == [
        (
            "Ann Example rättade nyckeltalet ”customers” (riktning från ska öka till minst"
            " målvärdet, enhet från ”leads” till ”deals”, utgångsvärde 7)"
        ),
        "Ann Example ändrade vad nyckeltalet ”customers” är till för (syfte ”to live”)",
    ]
    changes = story.queries.history(kpi)["entries"][2]["changes"]
    assert {each["field"]: each["before"] for each in changes} == {
        "direction": "increase", "unit": "leads", "baseline": None,
    }  # fmt: skip


def test_what_happened_to_it_is_found_by_whom_it_was_with(story: Story, kpi: UUID) -> None:
    story.does(c.ReassignKpi(kpi, BEN, SALES), by=BEN)
    handed = story.okr.log.head()
    story.reads(kpi, "50")

    def found(**wanted: Any) -> list[int]:
        entries = story.queries.audit_log(**wanted)["entries"]
        return [each["position"] for each in entries if each["position"] >= handed]

    assert found(person_id=ANN)[-1] == handed
    assert found(team_id=SALES) == [handed + 1, handed]
