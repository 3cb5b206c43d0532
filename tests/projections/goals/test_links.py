"""A key result fed by a KPI takes its value from there, and its confidence from check-ins."""

from __future__ import annotations

from okr_es import commands as c
from okr_es.domain.values import Cadence
from tests.support.story import NEXT, Story, day, metric, shown


def test_a_fed_key_result_has_the_kpis_value_and_its_own_confidence(story: Story) -> None:
    kpi = story.kpi("increase")
    fed = story.key_result(story.objective(), kpi_id=kpi)
    story.reads(kpi, "25")
    story.checks_in(fed, confidence=3)
    found = story.queries.key_result(fed)
    assert shown(found, "progress", "pace") == ("0.2500", "0.5000")
    assert (found["confidence"], found["kpi"]) == (3, {"id": str(kpi)})
    assert found["reading"]["value"] == "25"


def test_a_link_made_later_replaces_check_ins_and_taken_away_brings_them_back(
    story: Story,
) -> None:
    kpi = story.kpi("increase")
    leads = story.key_result(story.objective())
    story.checks_in(leads, "60")
    story.reads(kpi, "25")
    story.does(c.LinkKeyResult(leads, kpi))
    assert str(story.queries.key_result(leads)["progress"]) == "0.2500"
    story.does(c.LinkKeyResult(leads, None))
    assert str(story.queries.key_result(leads)["progress"]) == "0.6000"


def test_confidence_alone_does_not_hide_an_earlier_value(story: Story) -> None:
    """Said while a KPI fed the key result, it has no value; the value said before counts."""
    kpi = story.kpi("increase")
    leads = story.key_result(story.objective(), cadence=Cadence.YEARLY)
    story.checks_in(leads, "60", on=day(40), confidence=9)
    story.does(c.LinkKeyResult(leads, kpi))
    story.checks_in(leads, on=day(50), confidence=2)
    assert story.queries.key_result(leads)["status"] == "not_measured"
    story.does(c.LinkKeyResult(leads, None))
    found = story.queries.key_result(leads)
    assert (str(found["progress"]), found["confidence"]) == ("0.6000", 2)
    assert found["reading"]["as_of"] == str(day(40))
    assert str(story.board()["win"]["rolled_up"]) == "0.6000"


def test_a_key_result_that_only_ever_had_confidence_is_not_measured(story: Story) -> None:
    kpi = story.kpi("increase")
    leads = story.key_result(story.objective(), kpi_id=kpi)
    story.checks_in(leads, confidence=2)
    story.does(c.LinkKeyResult(leads, None))
    found = story.queries.key_result(leads)
    assert (found["status"], found["reading"]) == ("not_measured", None)


def test_a_moved_key_result_brings_its_readings_along(story: Story) -> None:
    first, second = story.objective("first"), story.objective("second")
    leads = story.key_result(first)
    story.checks_in(leads, "40")
    story.does(c.MoveKeyResult(leads, second))
    board = story.board()
    assert shown(board["first"], "rolled_up") == (None,)
    assert shown(board["second"], "rolled_up") == ("0.4000",)


def test_a_dropped_key_result_is_off_the_board_but_can_be_asked_for(story: Story) -> None:
    goal = story.objective()
    leads, kept = story.key_result(goal), story.key_result(goal, metric("0", "10"))
    story.checks_in(leads, "100")
    story.checks_in(kept, "1")
    story.does(c.DropKeyResult(leads))
    found = story.board()["win"]
    assert [row["id"] for row in found["key_results"]] == [str(kept)]
    assert str(found["rolled_up"]) == "0.1000"
    dropped = story.queries.key_result(leads)
    assert (dropped["status"], dropped["dropped"], dropped["version"]) == ("dropped", True, 2)
    assert (dropped["steps"], dropped["zones"], dropped["trajectory"]) == ([], None, [])
    assert dropped["position"] == story.okr.log.head()


def test_a_carried_over_goal_begins_anew_in_the_next_cycle(story: Story) -> None:
    goal = story.objective()
    story.checks_in(story.key_result(goal), "40")
    successor = story.does(c.CarryOverObjective(goal, NEXT))
    old, new = story.queries.objective(goal), story.queries.objective(successor)
    assert (old["state"], old["carried_to"]) == ("carried_over", {"id": str(successor)})
    assert (new["state"], new["carried_from"]) == ("draft", {"id": str(goal)})
    assert (str(old["rolled_up"]), new["rolled_up"]) == ("0.4000", None)
    assert new["key_results"][0]["carried_from"] == {"id": old["key_results"][0]["id"]}
