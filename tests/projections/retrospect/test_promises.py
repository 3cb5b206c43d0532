"""What a plan says was promised: each goal as of its own promise, with its targets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from okr_es import commands as c
from okr_es.changes import MeasureChanges
from okr_es.domain.values import Commitment, Controlled, Point
from tests.support.story import ANN, BEN, COMPANY, NOW, SALES, ZONES, Story, day, metric, steps


def promised(story: Story, **asked: Any) -> dict[str, dict[str, Any]]:
    """What each objective promised, by its id."""
    return {each["id"]: each for each in story.queries.plan(NOW, **asked)["promises"]}


def key_results(story: Story, objective: UUID) -> dict[str, dict[str, Any]]:
    """What the key results of an objective promised, by their ids."""
    found = promised(story)[str(objective)]
    return {each["id"]: each for each in found["key_results"]}


def test_a_plan_has_the_promised_targets_with_all_that_belongs_to_them(story: Story) -> None:
    above, win, kpi = story.objective("above", team_id=SALES), story.objective(), story.kpi()
    story.does(c.RescheduleObjective(win, day(90)))
    story.does(c.ReplaceObjectiveCommitment(win, Commitment.ASPIRATIONAL))
    story.aligns(win, "0.5", aligned_to_objective_id=above)
    points = (Point(day(50), Decimal("0.25")),)
    number = story.key_result(
        win, metric("5", "80"), title="leads", weight="2", owner_id=BEN, kpi_id=kpi,
        trajectory=points,
    )  # fmt: skip
    built, liked = story.key_result(win, steps("a", "b")), story.key_result(win, ZONES)
    story.does(c.CommitPlan(NOW))
    head = story.okr.log.head()
    found = promised(story)[str(win)]
    assert {name: found[name] for name in found if name != "key_results"} == {
        "id": str(win), "promised_at": head, "planned": True, "added_mid_cycle": False,
        "dropped_mid_cycle": False, "title": "win", "team": {"id": str(COMPANY)},
        "owner": {"id": str(ANN)}, "commitment": "aspirational", "due": str(day(90)),
        "weight": "0.5", "aligned_to": {"kind": "objective", "id": str(above)},
    }  # fmt: skip
    own = key_results(story, win)
    assert own[str(number)] == {
        "id": str(number), "promised_at": head, "planned": True, "added_mid_cycle": False,
        "dropped_mid_cycle": False, "title": "leads", "owner": {"id": str(BEN)}, "kind": "metric",
        "baseline": "5", "target": "80", "direction": None, "minimum": None, "maximum": None,
        "unit": "leads", "weight": "2", "cadence": "daily", "kpi": {"id": str(kpi)}, "steps": [],
        "zones": None, "trajectory": [{"on": str(day(50)), "share": "0.25"}],
    }  # fmt: skip
    assert own[str(built)]["steps"] == ["a", "b"]
    zones = {"commit": "known", "target": "liked", "stretch": "loved"}
    assert own[str(liked)]["zones"] == zones


def test_a_revision_changes_nothing_that_was_promised_and_a_correction_does(story: Story) -> None:
    win = story.objective()
    revised, corrected = story.key_result(win), story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.does(c.RetargetKeyResult(revised, metric("0", "80")))
    story.does(c.RetitleObjective(win, "lose"))
    story.does(c.CorrectKeyResult(corrected, MeasureChanges(target=Decimal(90))))
    own = key_results(story, win)
    assert promised(story)[str(win)]["title"] == "win"
    assert (own[str(revised)]["target"], own[str(corrected)]["target"]) == ("100", "90")
    before = str(story.okr.log.head() - 1)
    (then,) = promised(story, known_at=before).values()
    assert {each["target"] for each in then["key_results"]} == {"100"}


def test_what_came_later_is_promised_as_it_came_and_what_was_dropped_stays(story: Story) -> None:
    win = story.objective()
    gone = story.key_result(win)
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "perhaps"))
    story.does(c.CommitPlan(NOW))
    assert str(draft) not in promised(story)
    story.does(c.DropKeyResult(gone))
    added = story.key_result(win, metric("0", "30"))
    at = story.okr.log.head()
    story.does(c.RetargetKeyResult(added, metric("0", "20")))
    late = story.objective("late")
    own = key_results(story, win)
    assert own[str(gone)]["dropped_mid_cycle"]
    new = own[str(added)]
    assert (new["target"], new["promised_at"], new["added_mid_cycle"]) == ("30", at, True)
    assert (promised(story)[str(late)]["planned"], len(promised(story))) == (False, 2)


def test_a_key_result_that_was_moved_is_in_the_objective_that_promised_it(story: Story) -> None:
    win, other = story.objective(), story.objective("other")
    moved = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.does(c.MoveKeyResult(moved, other))
    assert str(moved) in key_results(story, win)
    assert key_results(story, other) == {}


def test_a_revision_shows_before_and_after_and_who_asked_and_approved(story: Story) -> None:
    number = story.key_result(story.objective())
    story.does(c.CommitPlan(NOW))
    story.does(c.RequireApproval(NOW, (Controlled.PLAN_REVISIONS,)))
    asked = story.execute(c.RetargetKeyResult(number, metric("0", "80")), reason="It shrank.")
    story.does(c.ApproveRequest(asked.approval_id), by=BEN, reason=None)
    (revision,) = story.queries.plan(NOW)["changes"]
    assert revision["changes"] == [{"field": "target", "before": "100", "after": "80"}]
    assert (revision["requester"], revision["approver"], revision["reason"]) == (
        {"id": ANN}, {"id": BEN}, "It shrank.",
    )  # fmt: skip


def test_before_anything_is_committed_nothing_is_promised(story: Story) -> None:
    story.key_result(story.objective())
    assert promised(story) == {}
