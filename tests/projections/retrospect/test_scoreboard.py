"""Cycles and moments side by side: the figures of their reviews, exact, with the change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.kpi import Target
from okr_es.domain.refusals import Invalid, NotFound
from okr_es.domain.values import Aggregation, Cadence, Commitment, PeopleFigures
from tests.support.ids import cycle_uuid
from tests.support.story import ANN, BEN, COMPANY, NEXT, NOW, SALES, Story, day, metric, wanted

Row = dict[str, Any]
BOTH = [NOW, NEXT]


def total(story: Story, *cycles: UUID, **asked: Any) -> list[Row]:
    """The totals of all, side by side."""
    found: list[Row] = story.queries.scoreboard(list(cycles or [NOW]), **asked)["total"]["totals"]
    return found


def changes(story: Story, *cycles: UUID, **asked: Any) -> Row:
    """The change of the second column."""
    found: Row = story.queries.scoreboard(list(cycles), **asked)["total"]["changes"][1]
    return found


def goal(story: Story, value: str | None, cycle: UUID = NOW, **fields: Any) -> UUID:
    """An objective of which one key result of 0 to 100 has come to a value."""
    objective = story.objective(fields.pop("title", "win"), cycle_id=cycle, **fields)
    leads = story.key_result(objective)
    if value is not None:
        story.checks_in(leads, value, on=day(50 if cycle == NOW else 150))
    return objective


def two_cycles(story: Story) -> None:
    """Two goals this cycle, of a third and of a half; one in the next, of a sixth."""
    story.does(c.ChoosePeopleFigures(PeopleFigures.HR_TOO))
    goal(story, "40"), goal(story, "60", team_id=SALES, owner_id=BEN)
    story.does(c.CommitPlan(NOW))
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    story.on(day(150))
    goal(story, "90", NEXT)
    story.does(c.CommitPlan(NEXT))


def test_each_column_has_the_figures_of_its_review(story: Story) -> None:
    two_cycles(story)
    found = story.queries.scoreboard(BOTH)
    for number, cycle in enumerate(BOTH):
        review = story.queries.review(cycle)
        assert found["columns"][number]["position"] == review["position"]
        assert found["columns"][number]["cycle"] == review["cycle"]
        assert found["total"]["totals"][number] == review["total"]
        for each in found["teams"]:
            of_review = [row for row in review["teams"] if row["team"] == each["team"]]
            expected = [{name: row[name] for name in review["total"]} for row in of_review]
            assert each["totals"][number] == (expected[0] if expected else None)
    assert [each["team"]["id"] for each in found["teams"]] == [str(COMPANY), str(SALES)]
    assert [each["person"]["id"] for each in found["people"]] == [str(ANN), str(BEN)]


def test_any_moments_of_a_cycle_stand_side_by_side(story: Story) -> None:
    two_cycles(story)
    moments = ["plan-committed", str(day(60)), "published"]
    found = story.queries.scoreboard([NOW], moments)
    assert [each["asked"] for each in found["columns"]] == moments
    reviews = [story.queries.review(NOW, known_at=each)["total"] for each in moments]
    assert found["total"]["totals"] == reviews
    assert found["total"]["changes"][2]["ended_by"]["ungraded"] == 2


def test_several_cycles_at_several_moments_are_a_column_each(story: Story) -> None:
    two_cycles(story)
    found = story.queries.scoreboard(BOTH, ["opened", str(story.okr.log.head())])
    assert [(each["cycle"]["name"], each["asked"]) for each in found["columns"]] == [
        (name, text) for name in ("now", "next") for text in ("opened", str(story.okr.log.head()))
    ]
    assert [each["objectives"] for each in found["total"]["totals"]] == [0, 2, 0, 1]


def test_a_change_is_formed_exactly_and_rounded_last(story: Story) -> None:
    """Two thirds are shown cut down; to 1 it is a third, which is not what is shown apart."""
    for value in ("100", "100", "0"):
        goal(story, value)
    story.on(day(150))
    goal(story, "100", NEXT)
    shown = [each["scores"]["ended"] for each in total(story, *BOTH)]
    assert shown == [Decimal("0.6666"), Decimal("1.0000")]
    assert changes(story, *BOTH)["scores"]["ended"] == Decimal("0.3333")


def test_a_difference_that_is_not_nothing_is_never_shown_as_nothing(story: Story) -> None:
    goal(story, "50")
    story.on(day(150))
    goal(story, "50.0001", NEXT)
    assert changes(story, *BOTH)["scores"]["ended"] == Decimal("0.000001")


def test_without_a_score_on_one_side_there_is_no_change_of_it(story: Story) -> None:
    goal(story, "50")
    story.on(day(160))
    found = changes(story, *BOTH)
    assert (found["scores"]["ended"], found["objectives"]) == (None, -1)


def test_more_columns_than_a_page_holds_are_refused(story: Story) -> None:
    story.queries.scoreboard([NOW] * 8)
    with pytest.raises(Invalid, match="41 columns were asked for, and 40 are the most") as refused:
        story.queries.scoreboard([NOW] * 41)
    assert refused.value.field == "cycle"
    with pytest.raises(Invalid, match="42 columns"):
        story.queries.scoreboard([NOW] * 21, ["1", "2"])


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"cycle": [UUID(int=7)]}, "cycle"),
        ({"cycle": [NOW], "team_id": UUID(int=7)}, "team_id"),
        ({"cycle": [NOW], "person_id": UUID(int=7)}, "person_id"),
        ({"cycle": [NOW], "known_at": ["1"]}, "cycle"),
    ],
)
def test_what_there_is_not_is_not_found(story: Story, asked: Row, field: str) -> None:
    with pytest.raises(NotFound) as refused:
        story.queries.scoreboard(**asked)
    assert refused.value.field == field


def test_a_moment_to_come_is_refused(story: Story) -> None:
    with pytest.raises(Invalid) as refused:
        story.queries.scoreboard([NOW], ["2999-01-01"])
    assert refused.value.field == "known_at"


# ---- whose figures ----------------------------------------------------------------------


def test_a_team_that_was_not_there_has_nothing_in_that_column(story: Story) -> None:
    two_cycles(story)
    story.on(day(151))
    new = story.does(c.FormTeam("Atlas", parent_id=COMPANY))
    goal(story, None, NEXT, team_id=new)
    found = story.queries.scoreboard(BOTH, team_id=new)
    (team,) = found["teams"]
    assert [each and each["objectives"] for each in team["totals"]] == [None, 1]
    assert (team["changes"], found["total"]) == ([None, None], None)
    names = [each["team"]["id"] for each in story.queries.scoreboard(BOTH)["teams"]]
    assert names == [str(COMPANY), str(new), str(SALES)]


def test_a_department_has_all_below_it(story: Story) -> None:
    two_cycles(story)
    company, sales = story.queries.scoreboard([NOW])["teams"]
    assert company["totals"][0]["objectives"] == 2
    assert sales["totals"][0]["objectives"] == 1
    (alone,) = story.queries.scoreboard([NOW], team_id=SALES)["teams"]
    assert alone == sales


def test_a_person_alone_is_shown_without_teams(story: Story) -> None:
    two_cycles(story)
    found = story.queries.scoreboard(BOTH, person_id=BEN)
    assert (found["teams"], found["total"]) == ([], None)
    (ben,) = found["people"]
    assert [each and each["scores"]["ended"] for each in ben["totals"]] == [Decimal("0.6000"), None]


@pytest.mark.parametrize(
    ("chosen", "viewer", "people"),
    [
        (PeopleFigures.OFF, ANN, []),
        (PeopleFigures.OWN_AND_LEADS, ANN, [ANN]),
        (PeopleFigures.OWN_AND_LEADS, None, []),
        (PeopleFigures.HR_TOO, ANN, [ANN, BEN]),
    ],
)
def test_figures_of_people_are_there_as_the_organisation_chose(
    story: Story, chosen: PeopleFigures, viewer: UUID | None, people: list[UUID]
) -> None:
    two_cycles(story)
    story.does(c.ChoosePeopleFigures(chosen))
    queries = story.queries if viewer is None else story.queries.for_viewer(viewer)
    found = queries.scoreboard(BOTH)
    assert [each["person"]["id"] for each in found["people"]] == list(map(str, people))
    assert found["people_figures"] == chosen


def test_a_team_of_few_owners_shows_no_discipline_outside(story: Story) -> None:
    story.key_result(story.objective(), cadence=Cadence.WEEKLY)
    story.on(day(70))
    story.objective(cycle_id=NEXT)
    hidden = story.queries.scoreboard(BOTH)
    shown = story.queries.for_viewer(ANN).scoreboard(BOTH)
    for found, is_there in ((hidden, False), (shown, True)):
        for row in (found["total"], *found["teams"]):
            assert [each["counts"]["discipline"] is not None for each in row["totals"]] == [
                is_there, is_there,
            ]  # fmt: skip
            assert (row["changes"][1]["counts"]["discipline"] is not None) == is_there
    assert shown["total"]["totals"][0]["counts"]["discipline"]["missing"] > 0


# ---- the figures ------------------------------------------------------------------------


def test_what_a_total_has_is_counted(story: Story) -> None:
    """Each figure another number, so that none can stand for another."""
    values = {"aspiring": "70", "slow": "41", "adjusted": "10", "carried": "50", "gone": "90"}
    kind = {"aspiring": Commitment.ASPIRATIONAL}
    goals = {
        title: story.objective(title, commitment=kind.get(title, Commitment.COMMITTED))
        for title in (*values, "unread")
    }
    leads = {title: story.key_result(each) for title, each in goals.items()}
    story.key_result(goals["aspiring"], weight="0")
    for title, value in values.items():
        story.checks_in(leads[title], value)
    aspiring, adjusted = goals["aspiring"], goals["adjusted"]
    carried, given_up = goals["carried"], goals["gone"]
    story.does(c.CommitPlan(NOW))
    for each in (aspiring, carried):
        story.does(c.GradeObjective(each))
    story.does(c.GradeObjective(adjusted, Decimal("0.2")), reason="Against the wind.")
    story.does(c.CarryOverObjective(carried, NEXT))
    story.does(c.AbandonObjective(given_up))
    (found,) = total(story)
    assert (found["objectives"], found["key_results"], found["given_up"]) == (6, 7, 1)
    assert (found["carried_in"], found["carried_out"], found["adjusted_grades"]) == (0, 1, 1)
    assert found["bands"] == {"green": 1, "yellow": 1, "red": 1}
    assert found["statuses"] == {"on_track": 2, "at_risk": 1, "off_track": 1, "not_measured": 1}
    assert found["coverage"] == {"committed": Decimal("0.8333"), "ended": Decimal("0.8000")}
    assert found["outcomes"] == {"met": 1, "partly_met": 2, "missed": 1, "not_measured": 0}
    (after,) = total(story, NEXT)
    assert after["carried_in"] == 0  # still a draft
    story.does(c.CommitPlan(NEXT, with_drafts="all"))
    (after,) = total(story, NEXT)
    assert (after["objectives"], after["carried_in"]) == (1, 1)


def test_targets_made_easier_are_counted_and_those_made_harder_are_not(story: Story) -> None:
    win = story.objective()
    leads, calls = story.key_result(win), story.key_result(win)
    story.does(c.RetargetKeyResult(leads, metric("0", "90")))  # before the plan
    story.does(c.CommitPlan(NOW))
    story.does(c.RetargetKeyResult(leads, metric("0", "80")))
    story.does(c.RetargetKeyResult(leads, metric("0", "85")))
    story.does(c.RetargetKeyResult(calls, metric("0", "50")))
    (found,) = total(story)
    assert (found["counts"]["eased_targets"], found["counts"]["retargets"]) == (2, 3)
    (reviewed,) = story.queries.review(NOW)["goals"]
    by_title = [each["counts"]["eased_targets"] for each in reviewed["key_results"]]
    assert (reviewed["counts"]["eased_targets"], by_title) == (2, [1, 1])


def test_so_is_a_target_of_a_kpi_that_feeds_promises_once_in_a_total(story: Story) -> None:
    kpi = story.kpi("at_least", wanted("80"))
    for title in ("one", "two"):
        story.key_result(story.objective(title), kpi_id=kpi)
    story.does(c.RetargetKpi(kpi, wanted("70")))  # before the plan
    story.does(c.CommitPlan(NOW))
    story.does(c.RetargetKpi(kpi, wanted("60")))
    story.does(c.RetargetKpi(kpi, wanted("65")))
    (found,) = total(story)
    goals = story.queries.review(NOW)["goals"]
    assert found["counts"]["eased_targets"] == 1
    assert [each["counts"]["eased_targets"] for each in goals] == [1, 1]
    assert story.queries.patterns(NOW)["counts"]["lowered_target"] == 1


# ---- KPIs -------------------------------------------------------------------------------


def kpis(story: Story, *cycles: UUID, **asked: Any) -> list[Row]:
    found: list[Row] = story.queries.scoreboard(list(cycles or BOTH), **asked)["kpis"]
    return found


def test_a_kpi_has_its_value_its_target_and_whether_it_was_met(story: Story) -> None:
    story.kpi("increase", wanted("80"), wanted("90", 101, 200), name="Sign-ups", baseline="0")
    (kpi,) = story.queries.kpis()["kpis"]
    story.reads(UUID(kpi["id"]), "80", on=day(50))
    story.on(day(150))
    story.reads(UUID(kpi["id"]), "30", on=day(149))
    (found,) = kpis(story)
    assert (found["kpi"]["name"], found["unit"]) == ("Sign-ups", "leads")
    first, second = found["figures"]
    assert (first["value"], first["met"], first["status"]) == ("80", True, "met")
    assert first["span"]["target"] == "80"
    assert (second["value"], second["met"]) == ("30", None)
    assert found["changes"] == [None, {"value": "-50", "comparable": True}]


def test_a_kpi_of_a_year_is_judged_as_of_the_last_day_of_each_cycle(story: Story) -> None:
    kpi = story.kpi("at_least", wanted("100", 1, 300), aggregation=Aggregation.SUM)
    for number, value in ((50, "10"), (100, "20")):
        story.on(day(number))
        story.reads(kpi, value)
    story.on(day(150))
    story.reads(kpi, "70")
    story.on(day(210))
    (found,) = kpis(story)
    assert [each["value"] for each in found["figures"]] == ["30", "100"]
    assert found["changes"][1] == {"value": "70", "comparable": True}
    assert [each["met"] for each in found["figures"]] == [None, None]


def test_across_a_break_it_is_not_comparable(story: Story) -> None:
    kpi = story.kpi("increase", wanted("80"), wanted("90", 101, 200))
    story.reads(kpi, "40", on=day(50))
    story.on(day(120))
    story.does(c.RedefineKpi(kpi, counts="with trials", effective=day(110)))
    story.reads(kpi, "60")
    (found,) = kpis(story)
    assert found["changes"][1] == {"value": None, "comparable": False}


def test_hit_rates_are_those_of_the_kpi(story: Story) -> None:
    kpi = story.kpi("at_most", wanted("10"), cadence=Cadence.WEEKLY)
    for number, value in ((50, "9"), (57, "12")):
        story.on(day(number))
        story.reads(kpi, value)
    (found,) = kpis(story, NOW)
    (figures,) = found["figures"]
    assert figures["hit_rate"] == story.queries.kpi(kpi)["hit_rate"]
    assert (figures["hit_rate"]["inside"], figures["hit_rate"]["periods"]) == (1, 2)


def test_a_kpi_without_a_span_in_a_cycle_has_nothing_there(story: Story) -> None:
    kpi = story.kpi("increase", wanted("80"), Target(date(2024, 1, 1), date(2024, 1, 31)))
    story.reads(kpi, "40", on=day(50))
    story.on(day(150))
    (found,) = kpis(story)
    assert found["figures"][1] is None
    assert found["changes"] == [None, None]
    before = cycle_uuid("before")
    story.does(c.OpenCycle("before", date(2023, 1, 1), date(2023, 3, 31), id=before))
    assert kpis(story, before) == []


def test_kpis_are_those_of_the_part_that_is_asked_for(story: Story) -> None:
    names = {"of sales": SALES, "of the company": COMPANY}
    for name, team in names.items():
        story.kpi("increase", name=name, team_id=team)
    story.kpi("increase", name="of Ben", owner_id=BEN)

    def asked(**part: UUID) -> list[str]:
        return [each["kpi"]["name"] for each in kpis(story, NOW, **part)]

    assert asked() == ["of Ben", "of sales", "of the company"]
    assert asked(team_id=COMPANY) == ["of sales", "of the company"]
    assert asked(team_id=SALES) == ["of sales"]
    assert asked(person_id=BEN) == ["of Ben"]


# ---- in a comparison --------------------------------------------------------------------


def test_a_comparison_of_two_cycles_begins_with_the_same_figures(story: Story) -> None:
    two_cycles(story)
    compared = story.queries.compare("now", "next")["scoreboard"]
    found = story.queries.scoreboard(BOTH)
    assert {name: compared[name] for name in ("total", "teams", "kpis")} == {
        name: found[name] for name in ("total", "teams", "kpis")
    }
    assert "people" not in compared
    of_team = story.queries.compare("now", "next", team_id=SALES)["scoreboard"]
    assert of_team["teams"] == story.queries.scoreboard(BOTH, team_id=SALES)["teams"]


def test_so_does_one_of_two_moments_of_a_cycle(story: Story) -> None:
    two_cycles(story)
    moments = ["now:plan-committed", "now:published"]
    compared = story.queries.compare(*moments, cycle=NOW)["scoreboard"]
    assert compared["total"] == story.queries.scoreboard([NOW], moments)["total"]
    assert [each["asked"] for each in compared["columns"]] == moments


def test_others_have_none(story: Story) -> None:
    two_cycles(story)
    win = UUID(story.queries.board(NOW)["objectives"][0]["id"])
    asked: list[tuple[tuple[str, str], Row]] = [
        (("5", "6"), {}),
        (("1", "next"), {}),  # it was not open yet
        (("now", "next"), {"person_id": ANN}),
        (("now", "next"), {"goal_id": win}),
        (("now", "next"), {"scoreboard": False}),
    ]
    for sides, more in asked:
        assert story.queries.compare(*sides, **more)["scoreboard"] is None
