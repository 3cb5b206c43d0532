"""Who had a goal when, by effective days: intervals, both lists of a summary, and totals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from msgspec import UNSET

from okr_es import commands as c
from okr_es.domain.effective_days import Since, in_force, on
from okr_es.domain.objective import Objective
from okr_es.domain.values import Cadence, PeopleFigures
from projections.queries import Queries
from tests.support.given import fact
from tests.support.random_history import CYCLES, Told, hand_overs
from tests.support.story import ANN, BEN, COMPANY, NEXT, NOW, SALES, Story, day, metric

Row = dict[str, Any]
ONE_DAY = timedelta(days=1)
CLEO = UUID(int=0xA3)
EAST, WEST, NORTH = UUID(int=0xB3), UUID(int=0xB4), UUID(int=0xB5)
# Histories hand few goals over; these days are added to each.
HANDED_ON = st.lists(hand_overs | st.integers(1, 9), min_size=8, max_size=16)


@pytest.fixture
def story(story: Story) -> Story:
    """Figures per person are shown to all who ask."""
    story.does(c.ChoosePeopleFigures(PeopleFigures.HR_TOO))
    return story


def goal(answer: Row, title: str = "win") -> Row:
    (found,) = [each for each in answer["goals"] if each["title"] == title]
    return found


def of(rows: list[Row], id_: UUID, kind: str) -> Row:
    (found,) = [each for each in rows if each[kind] == {"id": str(id_)}]
    return found


def person(answer: Row, id_: UUID) -> Row:
    return of(answer["people"], id_, "person")


def team(answer: Row, id_: UUID) -> Row:
    return of(answer["teams"], id_, "team")


def titles(answer: Row, listed: list[Row]) -> list[str]:
    """The titles of the goals in a list of a summary."""
    named = {each["id"]: each["title"] for each in answer["goals"]}
    return [named[each["objective"]["id"]] for each in listed]


def lists(answer: Row, summary: Row) -> tuple[list[str], list[str]]:
    """The goals ended with, and those handed on."""
    return titles(answer, summary["ended_with"]), titles(answer, summary["handed_on"])


def span(row: Row) -> tuple[date, date | None, int]:
    return row["from"], row["until"], row["days"]


def progress(row: Row) -> tuple[str | None, str | None]:
    ends = row["progress_at_start"], row["progress_at_end"]
    return tuple(None if each is None else f"{each:.2f}" for each in ends)  # type: ignore[return-value]


def ended(row: Row) -> str | None:
    score = row["scores"]["ended"]
    return None if score is None else f"{score:.2f}"


@pytest.fixture
def at_first(story: Story) -> Story:
    """It is the cycle's first day; there are Cleo, and two teams below sales."""
    story.does(c.RegisterPerson("Cleo Example", id=CLEO))
    for name, id_ in (("East", EAST), ("West", WEST)):
        story.does(c.FormTeam(name, parent_id=SALES, id=id_))
    story.does(c.FormTeam("North", parent_id=COMPANY, id=NORTH))
    return story


# ---- people ---------------------------------------------------------------------------------


def test_a_leaver_recorded_late_keeps_what_was_reached_by_then(story: Story) -> None:
    customers = story.key_result(win := story.objective())
    story.does(c.CommitPlan(NOW))
    story.on(day(60))
    story.checks_in(customers, "35")
    story.on(day(70))
    story.checks_in(customers, "60")
    story.does(c.ReassignObjective(win, BEN, effective=day(66)), reason="Ann left.")
    story.on(day(101))
    ann, ben = goal(story.queries.review(NOW))["owners"]
    assert (span(ann), progress(ann)) == ((day(50), day(66), 16), (None, "0.35"))
    assert (span(ben), progress(ben)) == ((day(66), None, 35), ("0.35", "0.60"))
    assert (ann["recorded_later"], ben["recorded_later"]) == (None, day(70))


def test_days_and_what_was_expected_in_them_are_shown_at_both_ends(story: Story) -> None:
    story.key_result(win := story.objective(), metric("0", "100"))
    story.on(day(76))
    story.does(c.ReassignObjective(win, BEN))
    story.on(day(101))
    ann, ben = goal(story.queries.review(NOW))["owners"]
    assert ann["expected_at_start"] == 0
    assert ann["expected_at_end"] == ben["expected_at_start"]
    assert 0 < ann["expected_at_end"] < ben["expected_at_end"] == 1


def test_a_reading_that_came_late_counts_for_the_days_it_is_about(story: Story) -> None:
    customers = story.key_result(win := story.objective())
    story.on(day(70))
    story.does(c.ReassignObjective(win, BEN))
    story.on(day(80))
    story.checks_in(customers, "40", on=day(69))
    story.checks_in(customers, "50", on=day(70))
    ann, ben = goal(story.queries.review(NOW))["owners"]
    assert (progress(ann), progress(ben)) == ((None, "0.40"), ("0.40", "0.50"))


def test_who_hands_on_and_takes_back_counts_once_in_each_list(story: Story) -> None:
    customers = story.key_result(win := story.objective())
    story.does(c.CommitPlan(NOW))
    for number, owner, value in ((60, BEN, "20"), (70, ANN, "30")):
        story.on(day(number))
        story.checks_in(customers, value, on=day(number - 1))
        story.does(c.ReassignObjective(win, owner))
    story.on(day(101))
    review = story.queries.review(NOW)
    ann, ben = person(review, ANN), person(review, BEN)
    assert lists(review, ann) == (["win"], ["win"])
    assert lists(review, ben) == ([], ["win"])
    assert [span(each) for each in ann["ended_with"][0]["intervals"]] == [
        (day(50), day(60), 10), (day(70), None, 31),
    ]  # fmt: skip
    (handed,) = ann["handed_on"]
    assert [progress(each) for each in handed["intervals"]] == [(None, "0.20")]
    assert handed["intervals"][0]["to"] == {"id": str(BEN)}
    assert (ann["objectives"], ann["ended_with"][0]["days"]) == (1, 41)
    assert ended(ann) == "0.30"


LEFT_OUT = ["not_planned", "not_measured", "given_up", "added"]


@pytest.mark.parametrize("how", LEFT_OUT)
def test_nor_is_what_is_left_out_counted_twice(story: Story, how: str) -> None:
    if how == "added":
        story.objective("promised", owner_id=BEN)
        story.does(c.CommitPlan(NOW))
    win = story.objective()
    for number, owner in ((60, BEN), (70, ANN)):
        story.on(day(number))
        story.does(c.ReassignObjective(win, owner))
    story.on(day(80))
    if how == "given_up":
        story.does(c.AbandonObjective(win))
    ann = person(story.queries.review(NOW), ANN)
    number = ann[how]["ended"] if how == "not_measured" else ann[how]
    assert (ann["objectives"], number) == (1, 1)


def test_a_goal_had_for_under_a_fifth_of_its_days_is_listed_and_not_in_the_mean(
    story: Story,
) -> None:
    """The goal has 51 days of its own: a fifth is 10.2."""
    short, enough = story.objective("short"), story.objective("enough")
    story.checks_in(story.key_result(short), "100")
    story.checks_in(story.key_result(enough), "20")
    for number, each in ((90, enough), (91, short)):  # 11 and 10 days
        story.on(day(number))
        story.does(c.ReassignObjective(each, BEN))
    story.on(day(101))
    review = story.queries.review(NOW)
    ben = person(review, BEN)
    assert lists(review, ben) == (["short", "enough"], [])
    assert [(each["days"], each["in_mean"]) for each in ben["ended_with"]] == [
        (10, False), (11, True),
    ]  # fmt: skip
    assert (ben["objectives"], ended(ben)) == (1, "0.20")


def test_due_moves_nobody_s_days(story: Story) -> None:
    win = story.objective(due=day(70))
    story.on(day(80))
    story.does(c.ReassignObjective(win, BEN))
    story.on(day(101))
    ann, ben = goal(story.queries.review(NOW))["owners"]
    assert (span(ann), span(ben)) == ((day(50), day(80), 30), (day(80), None, 21))


@pytest.mark.parametrize("effective", [None, 101, 103])
def test_who_comes_after_the_cycle_s_end_had_no_day(story: Story, effective: int | None) -> None:
    """Today `until` lay before `from`."""
    win = story.objective()
    story.on(day(105))
    story.does(c.ReassignObjective(win, BEN, effective=effective and day(effective)))
    review = story.queries.review(NOW)
    assert [span(each) for each in goal(review)["owners"]] == [(day(50), None, 51)]
    assert [each["person"]["id"] for each in review["people"]] == [str(ANN)]


def test_but_backdated_into_the_cycle_it_counts(story: Story) -> None:
    win = story.objective()
    story.on(day(105))
    story.does(c.ReassignObjective(win, BEN, effective=day(100)))
    assert [span(each) for each in goal(story.queries.review(NOW))["owners"]] == [
        (day(50), day(100), 50), (day(100), None, 1),
    ]  # fmt: skip


def test_a_draft_handed_over_before_its_commit_was_nobody_else_s(story: Story) -> None:
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "win"))
    story.on(day(60))
    story.does(c.ReassignObjective(draft, BEN))
    story.does(c.CommitObjective(draft))
    story.on(day(101))
    assert [span(each) for each in goal(story.queries.review(NOW))["owners"]] == [
        (day(60), None, 41)
    ]


def test_what_is_recorded_last_holds_from_its_day_on(story: Story) -> None:
    story.does(c.RegisterPerson("Cleo Example", id=CLEO))
    win = story.objective()
    for number, owner, effective in ((70, BEN, 60), (80, CLEO, 55), (90, BEN, 75)):
        story.on(day(number))
        story.does(c.ReassignObjective(win, owner, effective=day(effective)))
    story.on(day(101))
    held = [
        (each["owner"]["id"], *span(each)[:2]) for each in goal(story.queries.review(NOW))["owners"]
    ]
    assert held == [
        (str(ANN), day(50), day(55)), (str(CLEO), day(55), day(75)), (str(BEN), day(75), None),
    ]  # fmt: skip


def test_who_got_it_back_from_an_earlier_day_shows_when_that_was_recorded(story: Story) -> None:
    win = story.objective()
    story.on(day(70))
    story.does(c.ReassignObjective(win, BEN))
    story.on(day(80))
    story.does(c.ReassignObjective(win, ANN, effective=day(65)))
    story.on(day(90))
    (goal,) = story.queries.review(NOW)["goals"]
    (ann,) = goal["owners"]
    assert (ann["owner"], ann["recorded_later"]) == ({"id": str(ANN)}, day(80))
    then = story.queries.objective(win, at=str(day(75)))
    assert (then["owner"], then["recorded_later"]) == ({"id": str(ANN)}, day(80))


def test_a_day_put_right_moves_the_last_hand_over_alone(story: Story) -> None:
    win = story.objective()
    story.on(day(60))
    story.does(c.ReassignObjective(win, team_id=SALES))
    story.on(day(70))
    story.does(c.ReassignObjective(win, BEN))
    story.does(c.ReassignObjective(win, effective=day(55)))
    story.on(day(101))
    win_ = goal(story.queries.review(NOW))
    assert [span(each)[0] for each in win_["owners"]] == [day(50), day(55)]
    assert [span(each)[0] for each in win_["teams"]] == [day(50), day(60)]


@pytest.mark.parametrize("named", ["owner", "team", "both"])
def test_a_day_put_right_moves_those_named_alone(named: str, story: Story) -> None:
    """Ben and the sales team have had it since day 60, of one hand-over."""
    win = story.objective()
    story.on(day(60))
    story.does(c.ReassignObjective(win, BEN, SALES))
    story.on(day(70))
    story.does(
        c.ReassignObjective(
            win,
            UNSET if named == "team" else BEN,
            UNSET if named == "owner" else SALES,
            effective=day(55),
        )
    )
    win_ = goal(story.queries.review(NOW))
    for kind, stays in (("owners", "team"), ("teams", "owner")):
        second = win_[kind][1]
        later = None if named == stays else day(70)
        expected = (day(60) if named == stays else day(55), later)
        assert (second["from"], second["recorded_later"]) == expected
    then = story.queries.objective(win, at=str(day(57)))
    assert then["owner"] == {"id": str(ANN if named == "team" else BEN)}
    assert then["team"] == {"id": str(COMPANY if named == "owner" else SALES)}


def test_who_always_owned_it_moves_no_team(story: Story) -> None:
    win = story.objective()
    story.on(day(60))
    story.does(c.ReassignObjective(win, team_id=SALES))
    story.on(day(70))
    story.does(c.ReassignObjective(win, ANN, effective=day(55)))
    assert [each["from"] for each in goal(story.queries.review(NOW))["teams"]] == [day(50), day(60)]


@pytest.mark.parametrize("redated", [None, ()])
def test_before_version_3_one_of_nobody_moved_what_was_handed_over_before(
    redated: tuple[str, ...] | None, story: Story
) -> None:
    win = story.objective()
    story.on(day(60))
    story.does(c.ReassignObjective(win, BEN))
    story.on(day(70))
    old = {"owner_id": BEN, "team_id": COMPANY, "effective": day(55), "redated": redated}
    story.record(fact(Objective.Reassigned, win, 4, **old))
    owners = goal(story.queries.review(NOW))["owners"]
    assert owners[1]["from"] == day(60 if redated == () else 55)


def test_an_event_of_the_first_schema_holds_from_the_day_it_was_recorded(story: Story) -> None:
    win = story.objective()
    story.on(day(70))
    story.record(fact(Objective.Reassigned, win, 3, owner_id=BEN, team_id=COMPANY))
    story.on(day(101))
    ann, ben = goal(story.queries.review(NOW))["owners"]
    assert (span(ann)[1], ben["recorded_later"]) == (day(70), None)


def test_what_happened_sums_to_the_whole(story: Story) -> None:
    customers = story.key_result(win := story.objective(), cadence=Cadence.WEEKLY)
    story.does(c.CommitPlan(NOW))
    for number in (55, 65, 75, 102):
        story.on(day(number))
        story.does(c.RetargetKeyResult(customers, metric("0", str(100 + number))))
    story.does(c.ReassignObjective(win, BEN, SALES, effective=day(65)))
    review = story.queries.for_viewer(BEN).review(NOW)
    whole = goal(review)["counts"]
    for parts in (goal(review)["owners"], goal(review)["teams"], review["people"]):
        assert added_up([each["counts"] for each in parts]) == whole
    assert whole["discipline"]["due"]
    assert [each["counts"]["retargets"] for each in goal(review)["owners"]] == [1, 3]
    assert review["total"]["counts"] == whole


def added_up(each: list[Row]) -> Row:
    """Counts added up, name by name, also those in them."""
    return {
        name: added_up([one[name] for one in each])
        if isinstance(first, dict)
        else sum(one[name] for one in each)
        for name, first in each[0].items()
    }


# ---- teams ----------------------------------------------------------------------------------


def test_a_team_that_passed_a_goal_on_is_reviewed_until_then(at_first: Story) -> None:
    story = at_first
    customers = story.key_result(sell := story.objective("sell", team_id=EAST))
    story.does(c.CommitPlan(NOW))
    story.on(day(65))
    story.checks_in(customers, "40")
    story.on(day(66))
    story.does(c.ReassignObjective(sell, team_id=NORTH))
    story.on(day(90))
    story.checks_in(customers, "90")
    story.on(day(101))
    east, north = (story.queries.review(NOW, team_id=id_) for id_ in (EAST, NORTH))
    assert lists(east, team(east, EAST)) == ([], ["sell"])
    (passed,) = team(east, EAST)["handed_on"]
    assert [(span(each), progress(each)) for each in passed["intervals"]] == [
        ((day(50), day(66), 16), (None, "0.40"))
    ]
    assert passed["intervals"][0]["to"] == {"id": str(NORTH)}
    assert lists(north, team(north, NORTH)) == (["sell"], [])
    assert ended(team(north, NORTH)) == "0.90"
    assert (team(east, EAST)["objectives"], ended(team(east, EAST))) == (0, None)


def test_within_a_department_a_goal_is_not_handed_on(at_first: Story) -> None:
    story = at_first
    sell = story.objective("sell", team_id=EAST)
    story.on(day(60))
    story.does(c.ReassignObjective(sell, team_id=WEST))
    story.on(day(101))
    review = story.queries.review(NOW, team_id=SALES)
    assert [each["team"]["id"] for each in review["teams"]] == [str(i) for i in (SALES, EAST, WEST)]
    assert lists(review, team(review, SALES)) == (["sell"], [])
    assert lists(review, team(review, EAST)) == ([], ["sell"])
    assert lists(review, team(review, WEST)) == (["sell"], [])


def test_totals_are_means_over_objectives_and_never_of_means(at_first: Story) -> None:
    story = at_first
    for title, whose, value in (
        ("one", EAST, "100"), ("two", EAST, "100"), ("three", EAST, "100"), ("four", WEST, "0"),
        ("five", SALES, "50"), ("six", COMPANY, "10"),
    ):  # fmt: skip
        story.checks_in(story.key_result(story.objective(title, team_id=whose)), value)
    story.does(c.CommitPlan(NOW))
    story.on(day(101))
    review = story.queries.review(NOW)
    assert [ended(team(review, id_)) for id_ in (EAST, WEST, SALES, COMPANY)] == [
        "1.00", "0.00", "0.70", "0.60",
    ]  # fmt: skip
    assert (review["total"]["objectives"], ended(review["total"])) == (6, "0.60")
    assert review["total"]["scores"]["committed"] == review["total"]["scores"]["ended"]
    sales = story.queries.review(NOW, team_id=SALES)
    assert [ended(team(sales, id_)) for id_ in (SALES, EAST, WEST)] == ["0.70", "1.00", "0.00"]
    assert sales["total"] is None
    assert {str(COMPANY), str(NORTH)} & {each["team"]["id"] for each in sales["teams"]} == set()


@pytest.mark.parametrize("moves", ["before its end", "late, from before its end", "after its end"])
def test_a_goal_counts_where_its_team_was_at_its_end(at_first: Story, moves: str) -> None:
    story = at_first
    story.checks_in(story.key_result(story.objective("sell", team_id=EAST)), "80")
    story.on(day(90 if moves == "before its end" else 105))
    effective = day(95) if moves == "late, from before its end" else None
    story.does(c.MoveTeam(EAST, NORTH, effective))
    story.on(day(106))
    review = story.queries.review(NOW)
    is_north = moves != "after its end"
    assert (str(NORTH) in {each["team"]["id"] for each in review["teams"]}) == is_north
    assert lists(review, team(review, SALES)) == (([], ["sell"]) if is_north else (["sell"], []))
    if is_north:
        first = day(90) if effective is None else effective
        assert team(review, SALES)["handed_on"][0]["intervals"][0]["until"] == first
        assert ended(team(review, NORTH)) == "0.80"
    assert lists(review, team(review, EAST)) == (["sell"], [])


def test_while_it_runs_a_goal_counts_where_it_is_today(at_first: Story) -> None:
    story = at_first
    sell = story.objective("sell", team_id=EAST)
    story.on(day(60))
    story.does(c.ReassignObjective(sell, team_id=NORTH))
    review = story.queries.review(NOW)
    assert lists(review, team(review, NORTH)) == (["sell"], [])
    assert lists(review, team(review, EAST)) == ([], ["sell"])


def test_what_was_abandoned_counts_for_those_who_had_it_then(at_first: Story) -> None:
    story = at_first
    customers = story.key_result(sell := story.objective("sell", team_id=EAST))
    story.checks_in(customers, "40")
    story.does(c.DraftObjective(NOW, EAST, ANN, "perhaps"))
    story.does(c.CommitPlan(NOW))
    story.on(day(60))
    story.does(c.AbandonObjective(sell))
    story.on(day(70))
    story.does(c.MoveTeam(EAST, NORTH))
    story.on(day(101))
    review = story.queries.review(NOW)
    sales = team(review, SALES)
    assert lists(review, sales) == (["sell"], [])
    assert (sales["objectives"], sales["given_up"], ended(sales)) == (1, 1, None)
    assert sales["scores"]["committed"] == Decimal("0.4000")
    assert [span(each) for each in goal(review, "sell")["owners"]] == [(day(50), None, 11)]
    assert review["total"]["objectives"] == 1


def test_a_review_of_one_person_or_goal_has_no_totals(story: Story) -> None:
    win = story.objective()
    for limit in ({"person_id": ANN}, {"objective_id": win}):
        review = story.queries.review(NOW, **limit)
        assert (len(review["goals"]), review["teams"], review["total"]) == (1, [], None)


def test_a_cycle_that_has_not_begun_has_holders_without_days(story: Story) -> None:
    story.objective("later", cycle_id=NEXT)
    review = story.queries.review(NEXT)
    (owner,) = goal(review, "later")["owners"]
    assert (owner["owner"], owner["days"], owner["until"]) == ({"id": str(ANN)}, 0, None)
    assert person(review, ANN)["scores"]["ended"] is None


# ---- what holds from which day on -----------------------------------------------------------


def test_every_day_belongs_to_what_was_recorded_last_about_it(
    every_history: Callable[..., None],
) -> None:
    """The intervals are those a look at every event and every day gives."""

    def holds(told: Told, handed_on: list[Any]) -> None:
        told.plays(handed_on)
        queries = Queries(told.okr, told.runner)
        days = queries.reader.dates.days(range(1, told.okr.log.head() + 1))
        for cycle in CYCLES:
            review = queries.review(cycle)
            until = min(review["day"], date.fromisoformat(review["cycle"]["ends"]))
            for each in review["goals"]:
                said = spread(each["owners"], "owner", until), spread(each["teams"], "team", until)
                looked_up = looked_up_in(
                    told.facts()[: review["position"]], days, each["id"], said[0]
                )
                assert said == looked_up

    every_history(holds, handed_on=HANDED_ON)


def spread(held: list[Row], kind: str, last: date) -> dict[date, str]:
    """Who or what held a goal, day by day."""
    return {
        each["from"] + n * ONE_DAY: each[kind]["id"] for each in held for n in range(each["days"])
    }


def looked_up_in(
    facts: list[Any], days: dict[int, date], id_: str, wanted: dict[date, str]
) -> tuple[dict[date, str], dict[date, str]]:
    """Owner and team of a goal for each of some days, by a look at every event."""
    found: tuple[dict[date, str], dict[date, str]] = ({}, {})
    for each_day in wanted:
        owner = team_ = ""
        now: tuple[str, str] = ("", "")
        passed = (True, True)
        for position, event in enumerate(facts, 1):
            if str(event.originator_id) != id_:
                continue
            if isinstance(event, Objective.Drafted):
                owner, team_ = now = str(event.owner_id), str(event.team_id)
            elif isinstance(event, Objective.Reassigned):
                after = str(event.owner_id), str(event.team_id)
                differs = after[0] != now[0], after[1] != now[1]
                if event.redated is not None:
                    passed = (
                        differs[0] or "owner_id" in event.redated,
                        differs[1] or "team_id" in event.redated,
                    )
                elif any(differs):
                    passed = differs
                now = after
                if (event.effective or days[position]) <= each_day:
                    owner = after[0] if passed[0] else owner
                    team_ = after[1] if passed[1] else team_
        found[0][each_day], found[1][each_day] = owner, team_
    return found


def test_in_force_and_on_by_hand() -> None:
    first, second, third = (
        Since(day_, value, position, day(position))
        for day_, value, position in ((date.min, "a", 1), (day(9), "b", 9), (day(5), "c", 10))
    )
    assert in_force([first, second]) == [first, second]
    assert in_force([first, second, third]) == [first, third]
    assert on([first, second], day(8)) is first
    assert on([first, second], day(9)) is second
    assert third.recorded_later(day(5)) == day(10)
    assert third.recorded_later(day(10)) is None
    assert second.recorded_later(day(9)) is None
