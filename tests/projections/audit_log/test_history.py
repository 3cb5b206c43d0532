"""The history: who, when, what before and after, and why."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from okr_es import commands as c
from projections.audit_log.history import span_by_span
from tests.support.story import ANN, BEN, COMPANY, NOW, SALES, Story, day, metric, wanted

Changes = list[tuple[str, dict[str, tuple[Any, Any]]]]


def history(story: Story, id_: UUID) -> Changes:
    """Each entry's event with what changed, the newest first; of first versions nothing."""
    return [
        (
            entry["type"],
            {
                change["field"]: (change["before"], change["after"])
                for change in entry["changes"]
                if not begins(entry)
            },
        )
        for entry in story.queries.history(id_)["entries"]
    ]


def begins(entry: dict[str, Any]) -> bool:
    return entry["id"].endswith("/1")


def test_the_history_of_an_objective_shows_each_change(story: Story) -> None:
    goal, other = story.objective("win"), story.objective("other")
    story.does(c.RetitleObjective(goal, "win more"))
    story.does(c.ReassignObjective(goal, BEN, SALES))
    story.aligns(goal, "2", aligned_to_objective_id=other)
    story.does(c.GradeObjective(goal, Decimal("0.8")))
    assert history(story, goal) == [
        ("objective.graded", {"graded": (False, True), "adjusted_grade": (None, "0.8")}),
        (
            "objective.realigned",
            {"aligned_to_objective_id": (None, str(other)), "weight": ("1", "2")},
        ),
        (
            "objective.reassigned",
            {"owner_id": (str(ANN), str(BEN)), "team_id": (str(COMPANY), str(SALES))},
        ),
        ("objective.retitled", {"title": ("win", "win more")}),
        ("objective.committed", {"state": ("draft", "committed")}),
        ("objective.drafted", {}),
    ]


def test_the_first_entry_shows_all_that_was_set_at_first(story: Story) -> None:
    goal = story.objective("win")
    first = story.queries.history(goal)["entries"][-1]
    said = {change["field"]: change["after"] for change in first["changes"]}
    assert all(change["before"] is None for change in first["changes"])
    assert (said["title"], said["state"], said["cycle_id"]) == ("win", "draft", str(NOW))
    assert not {"version", "known_from", "known_until", "parent_objective_id"} & said.keys()


def test_the_history_of_an_objective_has_its_key_results_and_check_ins(story: Story) -> None:
    goal, other = story.objective(), story.objective()
    leads = story.key_result(goal)
    reading = story.checks_in(leads, "1")
    story.does(c.CorrectReading(reading, Decimal(2)))
    story.does(c.MoveKeyResult(leads, other))
    assert history(story, goal)[:4] == [
        ("key_result.moved", {"objective_id": (str(goal), str(other))}),
        ("reading.corrected", {"value": ("1", "2")}),
        ("reading.checked_in", {}),
        ("key_result.added", {}),
    ]
    assert history(story, other)[0][0] == "key_result.moved"


def test_what_is_caught_up_while_a_history_is_read_is_in_it(
    story_on_sqlite: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite reads first which key results there are; another question may catch up then."""
    story = story_on_sqlite
    goal = story.objective()
    story.key_result(goal)
    story.queries.runner.fresh()
    story.key_result(goal)

    def then_caught_up(*asked: Any) -> Any:
        found = span_by_span(*asked)
        story.queries.runner.fresh()
        return found

    monkeypatch.setattr("projections.audit_log.history.span_by_span", then_caught_up)
    answer = story.queries.history(goal)
    assert answer["entries"][0]["type"] == "key_result.added"
    assert answer["entries"][0]["position"] == answer["position"]


def test_the_history_of_a_key_result_shows_each_change(story: Story) -> None:
    leads, kpi = story.key_result(story.objective()), story.kpi("increase")
    story.does(c.RetargetKeyResult(leads, metric("0", "50")))
    story.does(c.ReweightKeyResult(leads, Decimal(3)))
    story.does(c.LinkKeyResult(leads, kpi))
    story.does(c.LinkKeyResult(leads, None))
    story.does(c.RetractReading(story.checks_in(leads, "1")))
    story.does(c.DropKeyResult(leads))
    assert history(story, leads) == [
        ("key_result.dropped", {"dropped": (False, True)}),
        ("reading.retracted", {"retracted": (False, True)}),
        ("reading.checked_in", {}),
        ("key_result.unlinked", {"kpi_id": (str(kpi), None)}),
        ("key_result.linked", {"kpi_id": (None, str(kpi))}),
        ("key_result.reweighted", {"weight": ("1", "3")}),
        ("key_result.retargeted", {"target": ("100", "50")}),
        ("key_result.added", {}),
    ]


def test_the_history_of_a_kpi_shows_its_targets_and_readings(story: Story) -> None:
    kpi = story.kpi("increase")
    story.does(c.RetargetKpi(kpi, wanted("85")))
    story.reads(kpi, "1")
    story.does(c.ReplaceKpiSource(kpi, "ERP"))
    story.does(c.RetireKpi(kpi))
    found = history(story, kpi)
    assert found[:4] == [
        ("kpi.retired", {"retired": (False, True)}),
        ("kpi.source_replaced", {"source": ("CRM", "ERP")}),
        ("reading.recorded", {}),
        ("kpi.retargeted", {"target": ("80", "85")}),
    ]
    assert found[4][0] == "kpi.target_set"
    assert found[4][1]["target"] == (None, "80")
    assert found[5] == ("kpi.defined", {})


def test_cycles_and_teams_have_histories_too(story: Story) -> None:
    story.objective()
    story.does(c.CommitPlan(NOW))
    story.does(c.CloseCycle(NOW))
    story.does(c.ReopenCycle(NOW))
    assert history(story, NOW) == [
        ("cycle.reopened", {"closed": (True, False)}),
        (
            "cycle.closed",
            {"closed": (False, True)},
        ),
        ("cycle.plan_committed", {"plan_committed": (False, True)}),
        ("cycle.opened", {}),
    ]  # fmt: skip
    story.does(c.RenameTeam(SALES, "Growth"))
    story.does(c.MoveTeam(SALES, None))
    story.does(c.DisbandTeam(SALES))
    assert history(story, SALES) == [
        ("team.disbanded", {"disbanded": (False, True)}),
        ("team.moved", {"parent_id": (str(COMPANY), None)}),
        ("team.renamed", {"name": ("Sales", "Growth")}),
        ("team.formed", {}),
    ]


def test_an_entry_says_who_when_on_whose_behalf_where_from_and_why(story: Story) -> None:
    goal, command_id = story.objective(), uuid4()
    story.clock.now += timedelta(minutes=5)
    story.does(
        c.RetitleObjective(goal, "win more"),
        reason="the market moved", comment="as agreed", by=BEN, on_behalf_of=ANN,
        origin="page", command_id=command_id,
    )  # fmt: skip
    entry = story.queries.history(goal)["entries"][0]
    told = {name: entry[name] for name in ("by", "on_behalf_of", "reason", "comment", "origin")}
    assert told == {
        "by": {"id": BEN}, "on_behalf_of": {"id": ANN}, "reason": "the market moved",
        "comment": "as agreed", "origin": "page",
    }  # fmt: skip
    assert entry["recorded_at"] == f"{day(50)}T12:05:00.000000Z"
    assert (entry["command_id"], entry["id"]) == (str(command_id), f"{goal}/3")
    assert entry["position"] == story.okr.log.head()


def test_what_is_about_an_erased_person_can_no_longer_be_read(story: Story) -> None:
    """What they wrote about goals can, and says by whom in an id alone."""
    goal = story.objective()
    story.does(c.RetitleObjective(goal, "win more"), by=BEN, reason="why", comment="see there")
    story.does(c.DeactivatePerson(BEN), reason="private", comment="secret")
    story.does(c.ErasePerson(BEN, "on request"))
    left = story.queries.history(BEN)["entries"][1]
    assert (left["type"], left["reason"], left["comment"]) == ("person.deactivated", None, None)
    changed, committed = story.queries.history(goal)["entries"][:2]
    assert (changed["reason"], changed["comment"]) == ("why", "see there")
    assert changed["by"] == {"id": BEN}
    assert changed["changes"] == [{"field": "title", "before": "win", "after": "win more"}]
    assert committed["reason"] == "so it was"
    erased = story.queries.history(BEN)["entries"][0]
    assert (erased["type"], erased["reason"]) == ("person.erased", "so it was")


@pytest.mark.parametrize("limit", [2, 7])
def test_a_history_is_read_page_by_page(story_on_sqlite: Story, limit: int) -> None:
    story = story_on_sqlite
    goal = story.objective("0")
    for number in range(1, 6):
        story.does(c.RetitleObjective(goal, str(number)))
    whole = story.queries.history(goal)["entries"]
    pages, before = [], None
    while True:
        page = story.queries.history(goal, limit, before)
        assert len(page["entries"]) <= limit
        pages += page["entries"]
        before = page["next_before"]
        if before is None:
            break
    assert pages == whole
    assert len(whole) == 7


def test_a_page_before_the_beginning_is_empty(story: Story) -> None:
    goal = story.objective()
    first = story.queries.history(goal)["entries"][-1]["position"]
    found = story.queries.history(goal, before=first)
    assert (found["entries"], found["next_before"]) == ([], None)


def test_only_the_event_that_is_backdated_shows_its_day(story: Story) -> None:
    goal = story.objective("win")
    story.does(c.ReassignObjective(goal, BEN, effective=day(40)))
    story.does(c.RetitleObjective(goal, "win more"))
    story.does(c.ReassignObjective(goal, ANN, effective=day(40)))
    story.does(c.ReassignObjective(goal, BEN))
    entries = story.queries.history(goal)["entries"]
    days = [
        [
            (each["before"], each["after"])
            for each in entry["changes"]
            if each["field"] == "effective"
        ]
        for entry in entries
    ]
    held = (None, str(day(40)))
    assert days == [[], [held], [], [held], *([] for _ in entries[4:])]
    assert [each["field"] for each in entries[2]["changes"]] == ["title"]
