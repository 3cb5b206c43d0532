"""The read model and the plan follow the one list of what revises a committed plan."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain import plan_revisions
from okr_es.domain.base import Change
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.values import Commitment
from okr_es.log.mapper import topic_of
from projections.read_model.changes import CHANGES
from projections.read_model.revisions import RETURNS, REVISIONS
from tests.support.story import BEN, NOW, SALES, Story, day, metric


class Planned:
    """A committed plan: an objective with a number that a KPI feeds; beside it a draft."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.objective = story.objective()
        self.number = story.key_result(self.objective)
        self.fed = story.key_result(self.objective, metric())
        self.kpi = story.kpi()
        self.retired = story.kpi()
        self.other = story.objective("other")
        story.does(c.LinkKeyResult(self.fed, self.kpi))
        self.draft = story.does(c.DraftObjective(NOW, SALES, BEN, "draft"))
        self.given_up = story.objective("given up")
        story.does(c.CommitPlan(NOW))
        story.does(c.RetireKpi(self.retired))
        story.does(c.AbandonObjective(self.given_up))

    def dropped(self) -> UUID:
        """A key result that was dropped since."""
        return self.story.does(c.DropKeyResult(self.number))


BY_EVENT: dict[type[Change], Callable[[Planned], c.Command]] = {
    Objective.Committed: lambda at: c.CommitObjective(at.draft),
    Objective.Retitled: lambda at: c.RetitleObjective(at.objective, "win more"),
    Objective.Rescheduled: lambda at: c.RescheduleObjective(at.objective, day(60)),
    Objective.CommitmentReplaced: lambda at: c.ReplaceObjectiveCommitment(
        at.objective, Commitment.ASPIRATIONAL
    ),
    Objective.Reassigned: lambda at: c.ReassignObjective(at.objective, owner_id=BEN),
    Objective.Realigned: lambda at: c.RealignObjective(at.objective, at.other),
    Objective.Abandoned: lambda at: c.AbandonObjective(at.objective),
    Objective.Reopened: lambda at: c.ReopenObjective(at.given_up),
    KeyResult.Added: lambda at: c.AddKeyResult(at.objective, "more", metric()),
    KeyResult.Retitled: lambda at: c.RetitleKeyResult(at.number, "more leads"),
    KeyResult.Reassigned: lambda at: c.ReassignKeyResult(at.number, BEN),
    KeyResult.Retargeted: lambda at: c.RetargetKeyResult(at.number, metric("0", "80")),
    KeyResult.Reweighted: lambda at: c.ReweightKeyResult(at.number, Decimal(2)),
    KeyResult.Linked: lambda at: c.LinkKeyResult(at.number, at.kpi),
    KeyResult.Unlinked: lambda at: c.LinkKeyResult(at.fed, None),
    KeyResult.Moved: lambda at: c.MoveKeyResult(at.number, at.other),
    KeyResult.Dropped: lambda at: c.DropKeyResult(at.number),
    Kpi.Retired: lambda at: c.RetireKpi(at.kpi),
    KeyResult.Reinstated: lambda at: c.ReinstateKeyResult(at.dropped()),
    Kpi.Reinstated: lambda at: c.ReinstateKpi(at.retired),
    Cycle.Rescheduled: lambda at: c.RescheduleCycle(NOW, ends=day(90)),
}


def plan_after(story: Story, event: type[Change]) -> tuple[UUID, dict[str, Any]]:
    """Commit a plan and let an event happen to it; return its goal and the plan."""
    goal = story.does(BY_EVENT[event](Planned(story)))
    (last,) = story.facts(story.okr.log.head() - 1)
    assert type(last) is event
    return goal, story.queries.plan(NOW)


def topics(plan: dict[str, Any]) -> list[str]:
    """The changes of a plan, without the abandoning it began with."""
    *found, begins = [each["type"] for each in plan["changes"]]
    assert begins == "objective.abandoned"
    return found


def test_the_list_is_what_the_read_model_counts() -> None:
    assert set(map(topic_of, plan_revisions.CHANGES)) == REVISIONS
    assert set(map(topic_of, plan_revisions.RETURNS)) == RETURNS
    assert CHANGES.keys() > REVISIONS | RETURNS
    assert set(BY_EVENT) == plan_revisions.PLAN_REVISIONS


@pytest.mark.parametrize("event", sorted(plan_revisions.CHANGES, key=topic_of), ids=topic_of)
def test_a_change_is_counted_as_a_revision_of_its_goal(event: type[Change], story: Story) -> None:
    goal, plan = plan_after(story, event)
    assert topics(plan) == [topic_of(event)]
    assert (plan["revisions"], plan["added"], plan["returned"]) == (2, 0, 0)
    counted = {each["id"]: each["revisions"] for each in plan["goals"] if each["revisions"]}
    assert counted.pop(str(goal)) == 1
    assert list(counted.values()) == [1]


@pytest.mark.parametrize("event", sorted(plan_revisions.ADDITIONS, key=topic_of), ids=topic_of)
def test_an_addition_is_shown_and_counted_as_added(event: type[Change], story: Story) -> None:
    _, plan = plan_after(story, event)
    assert topics(plan) == [topic_of(event)]
    assert (plan["revisions"], plan["added"], plan["returned"]) == (1, 1, 0)


@pytest.mark.parametrize("event", sorted(plan_revisions.RETURNS, key=topic_of), ids=topic_of)
def test_a_return_is_shown_and_counted_as_returned(event: type[Change], story: Story) -> None:
    goal, plan = plan_after(story, event)
    dropped = ["key_result.dropped"] if event is KeyResult.Reinstated else []
    assert topics(plan) == [topic_of(event), *dropped]
    assert (plan["revisions"], plan["added"], plan["returned"]) == (1 + len(dropped), 0, 1)
    assert {each["id"] for each in plan["goals"] if each["returns"]} == {str(goal)}


OF_NO_GOAL = plan_revisions.SWITCHED | plan_revisions.OTHER_DAYS


@pytest.mark.parametrize("event", sorted(OF_NO_GOAL, key=topic_of), ids=topic_of)
def test_what_is_of_a_kpi_or_the_cycle_is_counted_of_no_goal(
    event: type[Change], story: Story
) -> None:
    _, plan = plan_after(story, event)
    assert topics(plan) == []
    assert (plan["revisions"], plan["added"], plan["returned"]) == (1, 0, 0)
