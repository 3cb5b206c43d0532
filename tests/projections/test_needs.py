"""What needs somebody: readings, requests to decide, grades, drafts, and their own requests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Cadence, Controlled, Role
from tests.support.story import ANN, BEN, COMPANY, NEXT, NOW, SALES, Story, day, metric


def needs(story: Story, person: UUID = ANN) -> list[dict[str, Any]]:
    found = story.queries.needs(person)
    assert found["person"]["id"] == str(person)
    return list(found["needs"])


def words(story: Story, person: UUID = ANN) -> list[str]:
    return [each["what"] for each in needs(story, person)]


def test_where_there_is_nothing_to_do_there_is_nothing(story: Story) -> None:
    assert needs(story) == []


def test_a_reading_is_due_until_it_is_recorded(story: Story) -> None:
    number = story.key_result(story.objective())
    story.on(day(3))
    story.checks_in(number, "1")
    story.on(day(9))
    (need,) = needs(story)
    assert need["what"] == "reading_due"
    assert (need["goal"]["kind"], need["goal"]["id"]) == ("key_result", str(number))
    assert (need["cycle"]["id"], need["on_behalf_of"]) == (str(NOW), None)
    assert (need["since"], need["by_day"]) == (day(6), day(15))  # Monday; Wednesday a week later
    story.checks_in(number, "2")
    assert needs(story) == []


def test_a_daily_reading_is_due_each_day(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    kpi = story.kpi()
    for number in (48, 49):  # Monday and Tuesday
        story.on(day(number))
        story.reads(kpi, "5")
        assert needs(story) == []
        story.on(day(number + 1))
        (need,) = needs(story)
        assert need["what"] == "reading_due"
        assert (need["since"], need["by_day"]) == (day(number + 1), day(number + 2))


def test_a_daily_key_result_is_due_by_its_own_day(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    number = story.key_result(story.objective(), cadence=Cadence.DAILY)
    for each in (50, 51):  # Wednesday and Thursday
        story.on(day(each - 1))
        story.checks_in(number, "5")
        story.on(day(each))
        (need,) = needs(story)
        assert (need["what"], need["since"]) == ("reading_due", day(each))
        assert need["by_day"] == day(each + 1)


def test_what_is_overdue_comes_first(story: Story) -> None:
    goal = story.objective()
    late = story.key_result(goal, title="monthly", cadence=Cadence.MONTHLY)
    weekly = story.key_result(goal, title="weekly")
    story.on(day(44))
    story.checks_in(weekly, "1")
    story.on(day(50))
    found = needs(story)
    assert [each["what"] for each in found] == ["reading_overdue", "reading_due"]
    assert found[0]["goal"]["id"] == str(late)
    assert (found[0]["since"], found[0]["by_day"]) == (day(39), day(38))


def test_kpis_are_read_by_their_owner(story: Story) -> None:
    kpi = story.kpi(owner_id=BEN)
    assert [(n["what"], n["goal"]["id"]) for n in needs(story, BEN)] == [
        ("reading_overdue", str(kpi)),
    ]
    assert needs(story) == []


def test_who_stands_in_has_the_readings_of_the_other_and_nothing_else(story: Story) -> None:
    story.kpi(owner_id=BEN)
    story.does(c.DraftObjective(NOW, COMPANY, BEN, "draft"))
    story.execute(c.NameDeputy(BEN, ANN, day(50), day(51)), by=BEN)
    (need,) = needs(story)
    assert (need["what"], need["on_behalf_of"]["id"]) == ("reading_overdue", str(BEN))
    story.on(day(52))
    assert needs(story) == []


def test_a_draft_waits_until_it_is_committed(story: Story) -> None:
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "draft"))
    (need,) = needs(story)
    assert (need["what"], need["goal"]["id"], need["since"]) == ("draft", str(draft), day(1))
    story.does(c.CommitObjective(draft))
    assert needs(story) == []


def test_a_grade_waits_once_the_cycle_has_ended_until_it_is_closed(story: Story) -> None:
    goal = story.objective()
    story.on(day(100))
    assert needs(story) == []
    story.on(day(101))
    (need,) = needs(story)
    assert (need["what"], need["since"]) == ("grade", day(101))
    assert need["goal"] == {"kind": "objective", "id": str(goal)} | need["goal"]
    story.does(c.CloseCycle(NOW))
    assert needs(story) == []


class TestRequests:
    @pytest.fixture
    def waiting(self, story: Story) -> Story:
        """Ann owns a goal and asks to ease it; Ben leads the company."""
        number = story.key_result(story.objective())
        story.does(c.CommitPlan(NOW))
        story.does(c.GrantRole(BEN, Role.LEAD, COMPANY))
        story.does(c.RequireApproval(NOW, tuple(Controlled)))
        story.checks_in(number, "60")
        story.execute(c.RetargetKeyResult(number, metric("0", "80")), reason="The market shrank.")
        return story

    def test_who_asked_waits_and_who_may_decide_is_needed(self, waiting: Story) -> None:
        (mine,) = needs(waiting)
        (theirs,) = needs(waiting, BEN)
        assert (mine["what"], theirs["what"]) == ("request", "approval")
        assert mine["approval_id"] == theirs["approval_id"]
        assert (mine["goal"]["kind"], mine["cycle"]["id"]) == ("key_result", str(NOW))
        assert (mine["since"], mine["by_day"]) == (day(50), None)

    def test_a_lead_elsewhere_is_not_needed(self, waiting: Story) -> None:
        (role,) = waiting.queries.grants(BEN)["grants"]
        waiting.does(c.EndGrant(UUID(role["id"])))
        waiting.does(c.GrantRole(BEN, Role.LEAD, SALES))
        assert needs(waiting, BEN) == []

    def test_once_it_is_decided_nobody_is(self, waiting: Story) -> None:
        (need,) = needs(waiting, BEN)
        waiting.does(c.ApproveRequest(UUID(need["approval_id"])), by=BEN)
        assert (words(waiting), words(waiting, BEN)) == ([], [])


def test_of_who_has_left_nothing_is_needed(story: Story) -> None:
    story.kpi(owner_id=BEN)
    story.does(c.DeactivatePerson(BEN))
    assert needs(story, BEN) == []


def test_a_stranger_is_refused(story_on_sqlite: Story) -> None:
    with pytest.raises(NotFound):
        story_on_sqlite.queries.needs(UUID(int=0xFFF))


def test_closed_cycles_and_those_to_come_need_nobody(story: Story) -> None:
    story.key_result(story.objective(cycle_id=NEXT))
    assert needs(story) == []


def test_no_request_is_lost_among_many_of_others(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    number = story.key_result(story.objective())
    own = story.key_result(story.objective(owner_id=BEN), title="of ben")
    story.does(c.CommitPlan(NOW))
    story.does(c.RequireApproval(NOW, tuple(Controlled)))
    others = [c.RetargetKeyResult(number, metric("0", str(80 - n / 1000))) for n in range(501)]
    for command in others:
        story.execute(command, reason="The market shrank.")
    story.execute(c.RetargetKeyResult(own, metric("0", "80")), by=BEN, reason="So did this one.")
    assert "request" in words(story, BEN)
