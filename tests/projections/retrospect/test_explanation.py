"""A change in score is split over the events between two moments; the parts sum exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import Invalid, NotFound
from okr_es.domain.values import Zone
from tests.support.explained import every_part
from tests.support.story import ANN, COMPANY, NOW, ZONES, Story, day, metric


def parts(explained: dict[str, Any]) -> dict[str, Fraction]:
    return {each["cause"]: Fraction(each["change"]["exact"]) for each in explained["causes"]}


def explained(story: Story, id_: UUID, first: int) -> dict[str, Any]:
    answer = story.queries.explanation(id_, str(first), str(story.okr.log.head()))
    whole = Fraction(answer["change"]["exact"])
    assert whole == sum(parts(answer).values(), Fraction(0))
    assert whole == sum((exact(each) for each in every_part(answer)), Fraction(0))
    for part in every_part(answer):
        assert exact(part) == sum((exact(event) for event in part["events"]), Fraction(0))
    return answer


def exact(part: dict[str, Any]) -> Fraction:
    return Fraction(part["change"]["exact"])


def by_key_result(answer: dict[str, Any]) -> dict[str, Fraction]:
    """The part of each key result that moved the score."""
    return {
        each["key_result"]["id"]: exact(each) for each in answer["key_results"] if each["events"]
    }


def of(answer: dict[str, Any], key_result: UUID) -> dict[str, Any]:
    """What an explanation says of a key result."""
    (found,) = (e for e in answer["key_results"] if e["key_result"]["id"] == str(key_result))
    return dict(found)


def test_every_cause_has_its_part_and_names_its_events(story: Story) -> None:
    win = story.objective()
    first, second = story.key_result(win), story.key_result(win)
    reading = story.checks_in(first, "30")
    then = story.okr.log.head()
    story.checks_in(second, "90")  # 30 -> (30 + 90) / 2 = 60
    story.does(c.CorrectReading(reading, Decimal(50)))  # -> (50 + 90) / 2 = 70
    story.does(c.RetargetKeyResult(first, metric("0", "200")))  # -> (25 + 90) / 2 = 57.5
    story.does(c.ReweightKeyResult(second, Decimal(3)))  # -> (25 + 270) / 4 = 73.75
    story.does(c.DropKeyResult(first))  # -> 90
    answer = explained(story, win, then)
    assert parts(answer) == {
        "readings": Fraction("0.30"),
        "corrections": Fraction("0.10"),
        "targets": Fraction("-0.125"),
        "weights": Fraction("0.1625"),
        "dropped": Fraction("0.1625"),
    }
    assert (answer["before"], answer["after"]) == (Decimal("0.3000"), Decimal("0.9000"))
    assert by_key_result(answer) == {
        str(second): Fraction("0.30") + Fraction("0.1625"),
        str(first): Fraction("0.10") - Fraction("0.125") + Fraction("0.1625"),
    }
    corrected, *_ = answer["key_results"][1]["events"]
    assert (corrected["type"], corrected["id"]) == ("reading.corrected", f"{reading}/2")
    assert corrected["cause"] == "corrections"
    assert answer["key_results"][0]["key_result"] == {"id": str(second)}


def test_days_that_pass_alone_stand_apart(story: Story) -> None:
    """Once its cycle is over, what is not measured counts as nothing."""
    win = story.objective()
    first = story.key_result(win)
    story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.checks_in(first, "50")
    then = story.okr.log.head()
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    answer = story.queries.explanation(win, str(then), "published")
    change = {"exact": "-1/4", "rounded": Decimal("-0.2500")}
    assert answer["others"] == [{"what": "days", "change": change, "events": []}]
    assert by_key_result(answer) == {}
    assert answer["causes"] == [{"cause": "time", "change": change}]


def test_a_reading_of_a_kpi_is_split_over_the_key_results_it_moves(story: Story) -> None:
    win, kpi = story.objective(), story.kpi()
    whole = story.key_result(win, kpi_id=kpi)
    half = story.key_result(win, metric("0", "200"), kpi_id=kpi)
    left_alone = story.key_result(win)
    story.checks_in(left_alone, "0")
    story.reads(kpi, "10")
    then = story.okr.log.head()
    story.reads(kpi, "40")
    answer = explained(story, win, then)  # 0.05 + 0.1 of one, 0.2 of the other, of three
    assert by_key_result(answer) == {str(whole): Fraction(3, 30), str(half): Fraction(3, 60)}
    assert len({event["position"] for p in answer["key_results"] for event in p["events"]}) == 1


def test_a_kpi_whose_reading_moves_one_key_result_of_two_counts_for_that_one(story: Story) -> None:
    win, kpi = story.objective(), story.kpi()
    done = story.key_result(win, metric("0", "10"), kpi_id=kpi)
    open_ = story.key_result(win, metric("0", "100"), kpi_id=kpi)
    story.reads(kpi, "20")
    then = story.okr.log.head()
    story.reads(kpi, "30")
    assert by_key_result(explained(story, win, then)) == {str(open_): Fraction(1, 20)}
    assert done != open_


def test_a_goal_scored_by_others_names_their_key_results(story: Story) -> None:
    win, sell = story.objective(), story.objective("sell")
    story.aligns(sell, aligned_to_objective_id=win)
    customers = story.key_result(sell)
    then = story.okr.log.head()
    story.checks_in(customers, "30")
    answer = explained(story, win, then)
    assert (answer["key_results"], answer["others"]) == ([], [])
    (part,) = answer["aligned"]
    assert part["objective"] == {"id": str(sell)}
    assert (part["from"], part["to"]) == (None, Decimal("0.3000"))
    (event,) = part["events"]
    assert event["key_result"] == {"id": str(customers)}
    assert (event["value_before"], event["value_after"]) == (None, "30")


def test_what_is_aligned_through_others_belongs_to_the_one_next_below(story: Story) -> None:
    win, sell, base = story.objective(), story.objective("sell"), story.objective("base")
    story.aligns(sell, aligned_to_objective_id=win)
    story.aligns(base, aligned_to_objective_id=sell)
    customers = story.key_result(base)
    then = story.okr.log.head()
    story.checks_in(customers, "30")
    (part,) = explained(story, win, then)["aligned"]
    assert part["objective"] == {"id": str(sell)}
    assert exact(part) == Fraction("0.3")


def test_realignments_and_goals_below_have_their_parts(story: Story) -> None:
    """Of an objective that never had a key result, which is scored by those."""
    win, base, sell = story.objective(), story.objective("base"), story.objective("sell")
    story.checks_in(story.key_result(base), "40")
    story.checks_in(story.key_result(sell), "80")
    story.aligns(base, aligned_to_objective_id=win)
    then = story.okr.log.head()
    story.aligns(sell, aligned_to_objective_id=win)  # 40 -> (40 + 80) / 2 = 60
    story.does(c.AbandonObjective(sell))  # -> 40
    answer = explained(story, win, then)
    assert parts(answer) == {"realignments": Fraction("0.2"), "dropped": Fraction("-0.2")}
    (part,) = answer["aligned"]
    assert part["objective"] == {"id": str(sell)}
    assert [each["cause"] for each in part["events"]] == ["realignments", "dropped"]
    assert {each["key_result"] for each in part["events"]} == {None}


def test_a_moved_key_result_is_a_realignment(story: Story) -> None:
    win, sell = story.objective(), story.objective("sell")
    moved = story.key_result(win)
    story.checks_in(moved, "20")
    story.checks_in(story.key_result(win), "60")
    then = story.okr.log.head()
    story.does(c.MoveKeyResult(moved, sell))
    left, came = explained(story, win, then), explained(story, sell, then)
    assert parts(left) == parts(came) == {"realignments": Fraction("0.2")}
    assert (of(left, moved)["from"]["value"], of(left, moved)["to"]) == ("20", None)
    assert (of(came, moved)["from"], of(came, moved)["to"]["value"]) == (None, "20")


def test_readings_of_a_kpi_are_parts_of_what_it_feeds(story: Story) -> None:
    win, kpi = story.objective(), story.kpi()
    story.key_result(win, kpi_id=kpi)
    then = story.okr.log.head()
    story.reads(kpi, "25")
    answer = explained(story, win, then)
    assert parts(answer) == {"readings": Fraction("0.25")}
    assert (answer["before"], answer["after"]) == (None, Decimal("0.2500"))
    (part,) = answer["key_results"]
    assert (part["kpi"], part["events"][0]["kpi"]) == ({"id": str(kpi)}, {"id": str(kpi)})
    assert answer["kpis"] == [
        {"kpi": {"id": str(kpi)}, "key_results": [part["key_result"]], "change": part["change"]}
    ]


def test_what_feeds_a_key_result_is_a_link_and_no_target(story: Story) -> None:
    win, kpi = story.objective(), story.kpi()
    customers = story.key_result(win)
    story.checks_in(customers, "40")
    story.reads(kpi, "25")
    then = story.okr.log.head()
    story.does(c.LinkKeyResult(customers, kpi))
    assert parts(explained(story, win, then)) == {"links": Fraction("-0.15")}


def test_a_third_stays_a_third(story: Story) -> None:
    win = story.objective()
    customers = story.key_result(win, metric("0", "3"))
    then = story.okr.log.head()
    story.checks_in(customers, "1")
    answer = explained(story, win, then)
    assert answer["change"] == {"exact": "1/3", "rounded": Decimal("0.3333")}


def test_each_key_result_says_from_what_to_what_and_so_does_each_event(story: Story) -> None:
    """Also one that moved nothing, one that was added, and one that was dropped."""
    win = story.objective()
    first, still = story.key_result(win, title="first"), story.key_result(win, title="still")
    gone = story.key_result(win, title="gone")
    for each in (first, still, gone):
        story.checks_in(each, "30")
    then = story.okr.log.head()
    story.checks_in(first, "40")
    story.does(c.RetargetKeyResult(first, metric("0", "80")))
    story.does(c.DropKeyResult(gone))
    new = story.key_result(win, ZONES, title="new")
    story.checks_in(new, Zone.TARGET)
    answer = explained(story, win, then)
    assert [UUID(e["key_result"]["id"]) for e in answer["key_results"]] == [first, gone, new, still]
    moved = of(answer, first)
    assert (moved["kind"], moved["unit"], moved["kpi"]) == ("metric", "leads", None)
    assert {name: (moved["from"][name], moved["to"][name]) for name in moved["from"]} == {
        "value": ("30", "40"), "zone": (None, None), "baseline": ("0", "0"),
        "progress": (Decimal("0.3000"), Decimal("0.5000")), "target": ("100", "80"),
        "minimum": (None, None), "maximum": (None, None), "weight": ("1", "1"),
    }  # fmt: skip
    read, retargeted = moved["events"]
    assert (read["value_before"], read["value_after"]) == ("30", "40")
    assert (retargeted["value_before"], retargeted["value_after"]) == ("40", "40")
    assert (of(answer, gone)["from"]["value"], of(answer, gone)["to"]) == ("30", None)
    (came,) = of(answer, new)["events"]
    assert (came["value_before"], came["value_after"]) == (None, "target")
    assert (of(answer, new)["from"], of(answer, new)["to"]["zone"]) == (None, "target")
    assert (exact(of(answer, still)), of(answer, still)["events"]) == (0, [])


def test_a_weight_of_two_moments_stands_on_both_sides(story: Story) -> None:
    win = story.objective()
    heavy, light = story.key_result(win), story.key_result(win)
    story.checks_in(heavy, "90")
    story.checks_in(light, "0")
    then = story.okr.log.head()
    story.does(c.ReweightKeyResult(heavy, Decimal(3)))
    found = of(explained(story, win, then), heavy)
    assert (found["from"]["weight"], found["to"]["weight"]) == ("1", "3")


def test_it_is_from_the_goals_own_promise_to_now_unless_other_moments_are_given(
    story: Story,
) -> None:
    early = story.objective()
    first = story.key_result(early)
    story.does(c.CommitPlan(NOW))
    committed = story.okr.log.head()
    story.checks_in(first, "40")
    late = story.objective("late")
    own = story.okr.log.head()
    story.checks_in(story.key_result(late), "20")
    head = story.okr.log.head()
    for goal, promise in ((early, committed), (late, own)):
        answer = story.queries.explanation(goal)
        assert (answer["from"]["position"], answer["to"]["position"]) == (promise, head)
        assert (answer["to"]["day"], answer["fixed"]) == (day(50), False)
        assert answer == story.queries.explanation(goal, "plan-committed", str(head)) | {
            "fixed": False
        }


def test_of_a_draft_without_a_promise_it_needs_a_moment(story: Story) -> None:
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "perhaps"))
    with pytest.raises(Invalid) as refused:
        story.queries.explanation(draft)
    assert refused.value.field == "from"
    assert story.queries.explanation(draft, str(story.okr.log.head()))["id"] == str(draft)


def test_events_of_the_cycle_and_the_objective_itself_stand_apart(story: Story) -> None:
    win = story.objective()
    story.checks_in(story.key_result(win), "40", day(45))
    then = story.okr.log.head()
    story.does(c.RescheduleCycle(NOW, starts=day(48)))
    answer = explained(story, win, then)
    (other,) = answer["others"]
    assert (other["what"], other["events"][0]["type"]) == ("cycle", "cycle.rescheduled")
    then = story.okr.log.head()
    story.checks_in(UUID(answer["key_results"][0]["key_result"]["id"]), "60")
    assert explained(story, win, then)["others"] == []


def test_between_the_same_moment_nothing_happened(story: Story) -> None:
    win = story.objective()
    story.checks_in(story.key_result(win), "40")
    answer = explained(story, win, story.okr.log.head())
    assert (answer["causes"], answer["change"]["exact"]) == ([], "0/1")


def test_words_of_its_cycle_name_the_moments(story: Story) -> None:
    win = story.objective()
    customers = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.checks_in(customers, "40")
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    answer = story.queries.explanation(win, "plan-committed", "published")
    assert parts(answer) == {"readings": Fraction("0.4")}


def test_moments_that_cannot_be_are_refused(story: Story) -> None:
    win = story.objective()
    with pytest.raises(Invalid) as refused:
        story.queries.explanation(win, "5", "4")
    assert refused.value.field == "to"
    with pytest.raises(Invalid) as refused:
        story.queries.explanation(win, "5", "2999-01-01")
    assert refused.value.field == "to"
    with pytest.raises(NotFound):
        story.queries.explanation(NOW, "5", "6")
