"""Two moments, or two cycles, side by side: what was added, dropped, carried over or changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import Invalid, NotFound
from tests.support.ids import cycle_uuid
from tests.support.story import BEN, COMPANY, NEXT, NOW, SALES, Story, day, metric

Row = dict[str, Any]
THIRD = cycle_uuid("third")


def what(answer: Row) -> dict[str, list[str]]:
    return {each["title"]: each["what"] for each in answer["entries"]}


def change(answer: Row, title: str, field: str) -> tuple[Any, Any]:
    (found,) = [each for each in answer["entries"] if each["title"] == title]
    (each,) = [each for each in found["changes"] if each["field"] == field]
    return each["before"], each["after"]


def since(story: Story, then: int, **asked: Any) -> Row:
    return story.queries.compare(str(then), str(story.okr.log.head()), **asked)


@pytest.fixture
def goals(story: Story) -> dict[str, UUID]:
    story.on(day(50))
    win, sell = story.objective(), story.objective("sell", team_id=SALES, owner_id=BEN)
    return {
        "win": win,
        "sell": sell,
        "customers": story.key_result(win, title="customers"),
        "calls": story.key_result(sell, title="calls"),
    }


def test_the_same_moment_twice_differs_in_nothing(story: Story, goals: dict[str, UUID]) -> None:
    answer = since(story, story.okr.log.head())
    assert (answer["entries"], answer["counts"], answer["statuses"]) == ([], [], [])


def test_each_kind_of_change_has_its_word(story: Story, goals: dict[str, UUID]) -> None:
    then = story.okr.log.head()
    story.does(c.RetitleObjective(goals["win"], "win more"))
    story.does(c.ReassignObjective(goals["win"], owner_id=BEN))
    story.aligns(goals["sell"], aligned_to_objective_id=goals["win"])
    story.does(c.RetargetKeyResult(goals["customers"], metric("0", "50")))
    story.does(c.ReweightKeyResult(goals["calls"], Decimal(2)))
    story.does(c.DropKeyResult(story.key_result(goals["win"], title="brief")))
    story.objective("new")
    answer = since(story, then)
    assert what(answer) == {
        "win more": ["reassigned", "retitled"],
        "sell": ["realigned"],
        "customers": ["retargeted"],
        "calls": ["reweighted"],
        "new": ["added"],
    }
    assert change(answer, "win more", "title") == ("win", "win more")
    assert change(answer, "customers", "target") == ("100", "50")
    assert {"what": "added", "goals": 1} in answer["counts"]


def test_what_was_dropped_or_given_up_is_shown(story: Story, goals: dict[str, UUID]) -> None:
    then = story.okr.log.head()
    story.does(c.DropKeyResult(goals["customers"]))
    story.does(c.AbandonObjective(goals["sell"]))
    answer = since(story, then)
    assert what(answer)["customers"] == ["dropped"]
    assert what(answer)["sell"] == ["dropped", "outcome_moved", "state_changed"]


def test_statuses_and_scores_that_moved_are_counted(story: Story, goals: dict[str, UUID]) -> None:
    then = story.okr.log.head()
    story.checks_in(goals["customers"], "60")
    answer = since(story, then)
    assert what(answer) == {
        "win": ["score_moved", "status_moved"],
        "customers": ["score_moved", "status_moved"],
    }
    assert answer["statuses"] == [
        {"kind": "key_result", "before": "not_measured", "after": "on_track", "goals": 1},
        {"kind": "objective", "before": "not_measured", "after": "on_track", "goals": 1},
    ]
    assert change(answer, "win", "rolled_up") == (None, Decimal("0.6000"))


def test_a_team_is_compared_with_all_below_it(story: Story, goals: dict[str, UUID]) -> None:
    then = story.okr.log.head()
    story.does(c.RetitleObjective(goals["win"], "win more"))
    story.does(c.RetitleObjective(goals["sell"], "sell more"))
    assert set(what(since(story, then, team_id=COMPANY))) == {"win more", "sell more"}
    assert set(what(since(story, then, team_id=SALES))) == {"sell more"}


def test_a_person_or_one_goal_alone_is_compared(story: Story, goals: dict[str, UUID]) -> None:
    then = story.okr.log.head()
    story.does(c.RetitleObjective(goals["win"], "win more"))
    story.does(c.RetitleObjective(goals["sell"], "sell more"))
    story.does(c.ReweightKeyResult(goals["calls"], Decimal(2)))
    assert set(what(since(story, then, person_id=BEN))) == {"sell more", "calls"}
    assert set(what(since(story, then, goal_id=goals["sell"]))) == {"sell more", "calls"}
    assert set(what(since(story, then, goal_id=goals["calls"]))) == {"calls"}


def test_who_had_a_goal_on_either_side_sees_it_change_hands(
    story: Story, goals: dict[str, UUID]
) -> None:
    then = story.okr.log.head()
    story.does(c.ReassignObjective(goals["win"], owner_id=BEN))
    for person in (BEN, story.actor):
        assert what(since(story, then, person_id=person)) == {"win": ["reassigned"]}


@pytest.fixture
def carried(story: Story, goals: dict[str, UUID]) -> dict[str, UUID]:
    """`win` and all of `sell`, which serves it, go on in the next cycle; `new` begins there."""
    story.aligns(goals["sell"], aligned_to_objective_id=goals["win"])
    story.checks_in(goals["customers"], "60")
    story.on(day(101))
    again = story.does(c.CarryOverObjective(goals["win"], NEXT))
    more = story.does(c.CarryOverObjective(goals["sell"], NEXT))
    story.objective("new", cycle_id=NEXT)
    story.does(c.CloseCycle(NOW))
    return goals | {"again": again, "more": more}


def test_two_cycles_compare_like_with_like_through_lineage(
    story: Story, carried: dict[str, UUID]
) -> None:
    answer = story.queries.compare("now", "next")
    assert what(answer) == {
        "win": [
            "carried_over",
            "outcome_moved",
            "score_moved",
            "state_changed",
            "status_moved",
        ],
        "customers": ["carried_over", "retargeted", "score_moved", "status_moved"],
        "sell": ["carried_over", "outcome_moved", "state_changed"],
        "calls": ["carried_over"],
        "new": ["not_in_the_other_cycle"],
    }
    (win,) = [each for each in answer["entries"] if each["title"] == "win"]
    assert (win["before"]["id"], win["after"]["id"]) == (str(carried["win"]), str(carried["again"]))
    assert (answer["from"]["cycle"]["id"], answer["to"]["cycle"]["id"]) == (str(NOW), str(NEXT))


def test_lineage_is_followed_backwards_too(story: Story, carried: dict[str, UUID]) -> None:
    answer = story.queries.compare("cycle:next", "cycle:now")
    assert what(answer)["new"] == ["not_in_the_other_cycle"]
    assert "carried_over" in what(answer)["win"]


def test_goals_of_a_lineage_come_first_an_objective_before_its_key_results(
    story: Story, carried: dict[str, UUID]
) -> None:
    answer = story.queries.compare("now", "next")
    titles = [each["title"] for each in answer["entries"]]
    assert titles[:4] in (
        ["win", "customers", "sell", "calls"], ["sell", "calls", "win", "customers"],
    )  # fmt: skip
    assert titles[4:] == ["new"]


def test_what_is_in_one_cycle_alone_was_dropped_only_if_it_was(story: Story) -> None:
    story.on(day(50))
    gone = story.objective("gone")
    story.objective("kept")
    story.does(c.AbandonObjective(gone))
    assert what(story.queries.compare("now", "next")) == {
        "gone": ["dropped", "not_in_the_other_cycle"], "kept": ["not_in_the_other_cycle"],
    }  # fmt: skip
    assert story.queries.compare("now", "next")["counts"] == [
        {"what": "dropped", "goals": 1}, {"what": "not_in_the_other_cycle", "goals": 2},
    ]  # fmt: skip


def test_lineage_reaches_over_a_cycle_in_between(story: Story, carried: dict[str, UUID]) -> None:
    story.does(c.OpenCycle("third", day(201), day(300), id=THIRD))
    story.does(c.CommitObjective(carried["again"]))
    third = UUID(story.queries.cycles()["cycles"][-1]["id"])
    last = story.does(c.CarryOverObjective(carried["again"], third))
    answer = story.queries.compare("now", "third")
    (win,) = [each for each in answer["entries"] if each["title"] == "win"]
    assert (win["before"]["id"], win["after"]["id"]) == (str(carried["win"]), str(last))


def test_a_closed_cycle_stands_as_it_was_published(story: Story, carried: dict[str, UUID]) -> None:
    before = story.queries.compare("now", "next")
    story.checks_in(carried["customers"], "90", on=day(99))
    after = story.queries.compare("now", "next")
    assert after["from"] == before["from"]
    assert change(after, "win", "rolled_up") == change(before, "win", "rolled_up")


def test_a_moment_against_a_cycle_is_of_that_cycle_alone(
    story: Story, carried: dict[str, UUID]
) -> None:
    story.does(c.CommitPlan(NEXT))
    story.does(c.RetitleObjective(carried["again"], "win more"))
    for from_, to in (
        ("next:plan-committed", "cycle:next"),
        ("plan-committed", "next"),
        ("cycle:next", "next:plan-committed"),
    ):
        answer = story.queries.compare(from_, to)
        assert list(what(answer).values()) == [["retitled"]]
        assert {answer[each]["cycle"]["id"] for each in ("from", "to")} == {str(NEXT)}


def test_a_cycle_that_was_not_open_yet_had_no_goals(story: Story, carried: dict[str, UUID]) -> None:
    for asked in (("1", "cycle:next"), ("2020-01-01", "cycle:next")):
        answer = story.queries.compare(*asked)
        assert {each["what"][0] for each in answer["entries"]} == {"added"}
        assert set(what(answer)) == {"win", "customers", "sell", "calls", "new"}


def test_instants_can_be_of_one_cycle(story: Story, carried: dict[str, UUID]) -> None:
    then, now = str(day(50)), str(story.okr.log.head())
    assert set(what(story.queries.compare(then, now, cycle=NEXT))) == {
        "win", "sell", "customers", "calls", "new",
    }  # fmt: skip
    everywhere = story.queries.compare(then, now)["entries"]
    assert len(everywhere) > len(story.queries.compare(then, now, cycle=NOW)["entries"])


@pytest.mark.parametrize(
    ("from_", "to", "field"),
    [
        ("nowhere", "5", "from"),
        ("5", "cycle:5", "to"),
        ("5", "2999-01-01", "to"),
        ("plan-committed", "5", "from"),
        ("2025-02-30", "5", "from"),
        ("5", "2025-01-01T12:00:00", "to"),
        ("99999", "5", "from"),
    ],
)
def test_a_side_that_is_nothing_is_refused(
    story: Story, goals: dict[str, UUID], from_: str, to: str, field: str
) -> None:
    with pytest.raises((Invalid, NotFound)) as refused:
        story.queries.compare(from_, to)
    assert refused.value.field == field


def test_a_cycle_asked_for_may_not_contradict_a_side(story: Story, goals: dict[str, UUID]) -> None:
    for from_, to in (("now", "next"), ("5", "cycle:next"), ("next", "5")):
        with pytest.raises(Invalid) as refused:
            story.queries.compare(from_, to, cycle=NOW)
        assert refused.value.field == "cycle"


def test_a_cycle_asked_for_may_be_that_of_a_side(story: Story, goals: dict[str, UUID]) -> None:
    for from_, to in (("5", "cycle:now"), ("now", "5"), ("now", "now")):
        asked = story.queries.compare(from_, to, cycle=NOW)
        assert asked == story.queries.compare(from_, to)


# ---- what is not there ------------------------------------------------------------------

NOBODY = UUID(int=7)


@pytest.mark.parametrize("field", ["cycle", "team_id", "person_id", "goal_id"])
def test_what_is_on_neither_side_is_not_found(
    story: Story, goals: dict[str, UUID], field: str
) -> None:
    with pytest.raises(NotFound, match="by then") as refused:
        story.queries.compare("5", "6", **{field: NOBODY})
    assert refused.value.field == field


def test_what_came_in_between_is_compared(story: Story) -> None:
    then, new = story.okr.log.head(), UUID(int=0xC1)
    story.does(c.OpenCycle("third", day(201), day(300), id=THIRD))
    story.does(c.FormTeam("Ops", parent_id=COMPANY, id=UUID(int=0xB3)))
    story.does(c.RegisterPerson("New Example", id=new))
    goal = story.objective(team_id=UUID(int=0xB3), owner_id=new, cycle_id=THIRD)
    for asked in (
        {"goal_id": goal},
        {"person_id": new},
        {"team_id": UUID(int=0xB3)},
        {"cycle": THIRD},
    ):
        assert what(since(story, then, **asked)) == {"win": ["added"]}
    with pytest.raises(NotFound):
        story.queries.compare("5", str(then), goal_id=goal)


def test_only_objectives_and_key_results_of_the_cycle_are_compared(
    story: Story, carried: dict[str, UUID]
) -> None:
    then, kpi = story.okr.log.head(), story.kpi()
    with pytest.raises(NotFound, match="is a KPI, no objective or key result") as refused:
        since(story, then, goal_id=kpi)
    assert refused.value.field == "goal_id"
    for goal in (carried["win"], carried["calls"]):
        with pytest.raises(NotFound, match="of another cycle, now") as refused:
            story.queries.compare("5", "cycle:next", goal_id=goal)
        assert refused.value.field == "goal_id"
        assert story.queries.compare("now", "next", goal_id=goal)["entries"]


def test_what_was_dropped_before_differs_in_nothing(story: Story, goals: dict[str, UUID]) -> None:
    story.does(c.DropKeyResult(goals["calls"]))
    assert since(story, story.okr.log.head(), goal_id=goals["calls"])["entries"] == []


def test_an_answer_says_what_both_sides_are_limited_to(
    story: Story, goals: dict[str, UUID]
) -> None:
    answer = story.queries.compare("5", "now", team_id=SALES, person_id=BEN)
    assert answer["limited_to"] == {
        "team": {"id": str(SALES)}, "person": {"id": str(BEN)}, "goal": None,
    }  # fmt: skip
    assert (answer["from"]["cycle"]["id"], answer["to"]["cycle"]["id"]) == (str(NOW), str(NOW))
