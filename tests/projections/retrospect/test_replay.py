"""A cycle replayed by day or by event, also under another policy; nothing published changes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import Invalid, NotFound
from tests.support.story import COMPANY, NEXT, NOW, Story, day, metric

Row = dict[str, Any]
NONE = dict.fromkeys(("on_track", "at_risk", "off_track", "not_measured"), 0)


@pytest.fixture
def replayed(story: Story) -> Story:
    """Check-ins on days 50 and 60, a retarget between, a goal added on day 70; it is day 80."""
    win = story.objective()
    customers = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.checks_in(customers, "40")
    story.on(day(55))
    story.does(c.ReweightKeyResult(customers, Decimal(2)))
    story.on(day(60))
    story.checks_in(customers, "60")
    story.on(day(70))
    sell = story.objective("sell")
    story.aligns(sell, aligned_to_objective_id=win)
    story.checks_in(story.key_result(sell), "0")
    story.on(day(80))
    return story


def state(rows: list[Row]) -> dict[str, Row]:
    """What is shown in the end, step applied to step."""
    found: dict[str, Row] = {}
    for row in rows:
        found |= {each["id"]: each for each in row["changed"]}
    return found


def test_a_day_is_a_step_with_what_changed_on_it(replayed: Story) -> None:
    heading, *steps = replayed.queries.replay(NOW)
    assert (heading["step"], heading["from"], heading["to"]) == ("day", day(1), day(80))
    assert [row["day"] for row in steps] == [day(number) for number in range(1, 81)]
    by_day = {row["day"]: row for row in steps}
    assert [each["score"] for each in by_day[day(49)]["changed"]] == [None]
    (win,) = by_day[day(50)]["changed"]
    assert (win["rolled_up"], win["expected"]) == (Decimal("0.4000"), Decimal("0.5000"))
    assert by_day[day(60)]["changed"][0]["rolled_up"] == Decimal("0.6000")
    assert by_day[day(70)]["statuses"] == NONE | {"at_risk": 1, "off_track": 1}
    assert sum(row["events"] for row in steps) == replayed.okr.log.head()


def test_each_day_is_the_board_of_that_day(replayed: Story) -> None:
    _, *steps = replayed.queries.replay(NOW)
    for number in (50, 57, 60, 70, 80):
        shown = state([row for row in steps if row["day"] <= day(number)])
        board = replayed.queries.board(NOW, known_at=str(day(number)))["objectives"]
        assert {each["id"]: each["rolled_up"] for each in board} == {
            id_: row["rolled_up"] for id_, row in shown.items()
        }
        assert {each["id"]: each["status"] for each in board} == {
            id_: row["status"] for id_, row in shown.items()
        }


def test_an_event_is_a_step_with_its_heading(replayed: Story) -> None:
    _, first, *steps = replayed.queries.replay(NOW, step="event")
    assert (first["event"], first["changed"]) == (None, [])
    kinds = [row["event"]["type"] for row in steps]
    assert kinds.count("reading.checked_in") == 3
    assert "objective.realigned" in kinds
    assert [row["position"] for row in steps] == sorted({row["position"] for row in steps})
    checked_in = [row for row in steps if row["event"]["type"] == "reading.checked_in"]
    assert [[each["title"] for each in row["changed"]] for row in checked_in] == [
        ["win"],
        ["win"],
        ["win", "sell"],
    ]


def test_a_cycle_that_was_opened_late_begins_with_what_its_first_day_began_with(
    story: Story,
) -> None:
    """What was recorded on earlier days is none of its steps, though it is about its goals."""
    story.does(c.AdoptScoringPolicy(on_track=Decimal("0.8")))
    kpi, other = story.kpi(), story.objective("other")
    story.reads(kpi, "10", day(49))
    story.checks_in(story.key_result(other), "30", day(49))
    eve = story.okr.log.head()
    story.on(day(53))
    late = story.does(c.OpenCycle("late", day(51), day(90)))
    win = story.objective(cycle_id=late)
    story.key_result(win, kpi_id=kpi)
    story.aligns(other, aligned_to_objective_id=win)
    story.reads(kpi, "20", day(52))
    _, first, *steps = story.queries.replay(late, step="event")
    assert (first["day"], first["position"], first["event"]) == (day(50), eve, None)
    assert [step["position"] for step in steps] == list(range(eve + 1, story.okr.log.head() + 1))
    _, *days = story.queries.replay(late)
    assert state(steps) == state(days)
    assert sum(row["events"] for row in days) == len(steps)


def test_what_happens_to_a_thing_is_a_step_while_it_is_below_a_goal_of_the_cycle(
    story: Story,
) -> None:
    """A KPI from its link until its unlink, an objective of another cycle while it is aligned."""
    win, kpi, other = story.objective(), story.kpi(), story.objective("other", cycle_id=NEXT)
    customers = story.key_result(win)
    elsewhere = story.key_result(story.objective("elsewhere", cycle_id=NEXT))
    story.does(c.LinkKeyResult(elsewhere, kpi))
    start = story.okr.log.head()
    outside, inside = [], []
    for linked in (outside, inside, outside):
        if linked is inside:
            story.does(c.LinkKeyResult(customers, kpi))
            story.aligns(other, aligned_to_objective_id=win)
        elif inside:
            story.does(c.LinkKeyResult(customers, None))
            story.aligns(other)
        for happen in (
            lambda: story.reads(kpi, "30"),
            lambda: story.does(c.RetitleObjective(other, f"take {story.okr.log.head()}")),
        ):
            happen()
            linked.append(story.okr.log.head())
    _, _, *steps = story.queries.replay(NOW, step="event")
    found = [step["position"] for step in steps if step["position"] > start]
    assert set(inside) < set(found)
    assert not set(outside) & set(found)
    links = {step["event"]["type"] for step in steps if step["position"] in set(found) - {*inside}}
    assert links == {"key_result.linked", "key_result.unlinked", "objective.realigned"}


def test_after_each_event_it_is_the_board_at_its_position(replayed: Story) -> None:
    _, *steps = replayed.queries.replay(NOW, step="event")
    shown: dict[str, Row] = {}
    for row in steps[1:]:
        shown |= {each["id"]: each for each in row["changed"]}
        board = replayed.queries.board(NOW, known_at=str(row["position"]))["objectives"]
        assert {each["id"]: (each["rolled_up"], each["status"]) for each in board} == {
            id_: (each["rolled_up"], each["status"]) for id_, each in shown.items()
        }


def test_days_and_events_end_alike(replayed: Story) -> None:
    _, *days = replayed.queries.replay(NOW)
    _, *events = replayed.queries.replay(NOW, step="event", to=day(70))
    _, *until = replayed.queries.replay(NOW, to=day(70))
    assert state(events) == state(until)
    assert state(days).keys() == state(events).keys()


def spans(story: Story, step: str) -> tuple[date, date, str | None]:
    """From which to which day the cycle is replayed, and what the last step is."""
    heading, *steps = story.queries.replay(NOW, step=step)
    last = steps[-1]["event"]["type"] if step == "event" else None
    return heading["from"], heading["to"], last


@pytest.mark.parametrize("step", ["day", "event"])
def test_it_goes_to_the_last_closing_however_late_that_came(story: Story, step: str) -> None:
    """What was graded, corrected and closed after the end is part of it, what came later is not."""
    win = story.objective()
    reading = story.checks_in(story.key_result(win), "40")
    story.on(day(105))
    assert spans(story, step)[:2] == (day(1), day(100))
    story.on(day(111))
    story.does(c.CorrectReading(reading, Decimal(45)))
    story.does(c.GradeObjective(win))
    story.does(c.CloseCycle(NOW))
    story.on(day(130))
    closed = {"day": None, "event": "cycle.closed"}[step]
    assert spans(story, step) == (day(1), day(111), closed)
    _, *steps = story.queries.replay(NOW, step=step)
    (shown,) = state(steps).values()
    assert (shown["rolled_up"], shown["grade"]["computed"]) == (Decimal("0.4500"),) * 2
    story.does(c.RetractReading(reading))
    assert spans(story, step) == (day(1), day(111), closed)
    story.on(day(140))
    story.does(c.ReopenCycle(NOW))
    assert spans(story, step)[:2] == (day(1), day(111))
    story.on(day(141))
    story.does(c.CloseCycle(NOW))
    assert spans(story, step) == (day(1), day(141), closed)


def test_a_cycle_that_was_closed_early_ends_there_until_it_is_reopened(story: Story) -> None:
    story.on(day(60))
    story.does(c.CloseCycle(NOW))
    story.on(day(80))
    assert spans(story, "day")[:2] == (day(1), day(60))
    story.does(c.ReopenCycle(NOW))
    assert spans(story, "day")[:2] == (day(1), day(80))


def test_another_policy_judges_the_replay_and_nothing_that_was_published(replayed: Story) -> None:
    replayed.on(day(101))
    replayed.does(c.CloseCycle(NOW))
    published = replayed.queries.results(NOW)
    head = replayed.okr.log.head()
    _, *strict = replayed.queries.replay(NOW, on_track=Decimal(1), at_risk=Decimal(1))
    _, *usual = replayed.queries.replay(NOW)
    lenient = list(replayed.queries.replay(NOW, at_risk=Decimal("0.0001")))
    overridden = {"base": "valid_then", "overridden": {"at_risk": "0.0001"}}
    assert lenient[0]["policy"] == overridden
    assert usual[59]["statuses"] == NONE | {"on_track": 1}
    assert strict[59]["statuses"] == NONE | {"on_track": 1}
    assert usual[64]["statuses"] == NONE | {"on_track": 1}
    assert strict[64]["statuses"] == NONE | {"off_track": 1}
    assert lenient[-1]["statuses"] == NONE | {"at_risk": 1, "off_track": 1}
    assert replayed.queries.results(NOW) == published
    assert replayed.okr.log.head() == head


@pytest.fixture
def eased(story: Story) -> Story:
    """60 leads from day 60 on, fewer than wanted by day 88; an easier policy holds from day 89."""
    customers = story.key_result(story.objective())
    story.on(day(60))
    story.checks_in(customers, "60")
    story.on(day(88))
    story.does(c.ReweightKeyResult(customers, Decimal(2)))
    story.on(day(89))
    story.does(c.AdoptScoringPolicy(on_track=Decimal("0.6"), at_risk=Decimal("0.5")))
    story.on(day(90))
    return story


@pytest.mark.parametrize("step", ["day", "event"])
def test_thresholds_that_are_not_named_stay_those_valid_at_each_step(
    eased: Story, step: str
) -> None:
    def statuses(**named: Decimal) -> list[str]:
        """Of the goal on days 60, 88 and 89."""
        _, *steps = eased.queries.replay(NOW, step=step, **named)
        ends = [[row for row in steps if row["day"] <= day(end)] for end in (60, 88, 89)]
        return [next(iter(state(rows).values()))["status"] for rows in ends]

    assert statuses() == ["on_track", "off_track", "on_track"]
    assert statuses(on_track=Decimal("0.95")) == ["on_track", "off_track", "at_risk"]
    assert statuses(at_risk=Decimal("0.55")) == ["on_track", "at_risk", "on_track"]
    assert statuses(yellow_from=Decimal("0.3"), not_measured="left_out") == statuses()


def test_the_heading_says_which_thresholds_are_overridden(eased: Story) -> None:
    for named in ({}, {"on_track": Decimal("0.95"), "committed_expected": Decimal("9E-1")}):
        heading = next(eased.queries.replay(NOW, **named))
        shown = {name: format(value, "f") for name, value in named.items()}
        assert heading["policy"] == {"base": "valid_then", "overridden": shown}


def test_a_threshold_has_to_fit_the_policies_it_comes_to_judge_by(eased: Story) -> None:
    lower = {"on_track": Decimal("0.65")}  # below 0.7, at risk in the built-in policy
    with pytest.raises(Invalid, match=r"at_risk 0.7 lies above on_track 0.65: .* valid") as refused:
        eased.queries.replay(NOW, **lower)
    assert refused.value.field == "on_track"
    assert next(eased.queries.replay(NOW, from_=day(90), **lower))
    assert next(eased.queries.replay(NOW, **lower, at_risk=Decimal("0.6")))


def test_a_closed_cycle_is_judged_by_the_rest_of_the_policy_it_was_closed_under(
    eased: Story,
) -> None:
    eased.on(day(101))
    eased.does(c.CloseCycle(NOW))
    eased.on(day(102))
    eased.does(c.AdoptScoringPolicy(on_track=Decimal(1), at_risk=Decimal("0.9")))
    eased.on(day(103))
    asked = {"from_": day(103), "to": day(103), "on_track": Decimal("0.65")}
    (_, last) = eased.queries.replay(NOW, **asked)
    assert last["statuses"] == NONE | {"at_risk": 1}


@pytest.mark.parametrize("step", ["day", "event"])
def test_the_first_day_there_can_be_is_replayed_like_any_other(replayed: Story, step: str) -> None:
    first, second = date(1900, 1, 1), date(1900, 1, 2)
    heading, *steps = replayed.queries.replay(NOW, step=step, from_=first, to=second)
    assert (heading["from"], heading["to"]) == (first, second)
    assert [row["day"] for row in steps] == {
        "day": [second],  # and the first, on which there was no objective either
        "event": [date(1899, 12, 31)],  # the state before the first event, of which there is none
    }[step]
    assert {(row["position"], *row["statuses"].values()) for row in steps} == {(0, 0, 0, 0, 0)}


@pytest.fixture
def entered_late(story: Story) -> Story:
    """An objective of day 60 with readings about days 62 and 70, which were entered on day 80."""
    win = story.does(c.OpenCycle("late", day(51), day(90)))
    story.on(day(60))
    customers = story.key_result(story.objective(cycle_id=win))
    story.on(day(80))
    story.checks_in(customers, "20", day(62))
    story.checks_in(customers, "60", day(70))
    return story


def late(story: Story) -> UUID:
    return next(UUID(e["id"]) for e in story.queries.cycles()["cycles"] if e["name"] == "late")


def test_days_without_any_objective_are_said_once(entered_late: Story) -> None:
    story = entered_late
    for by in ("recorded", "as_of"):
        _, empty, *steps = story.queries.replay(late(story), by=by)
        assert (empty["since"], empty["day"]) == (day(51), day(59)), by
        assert (empty["statuses"], empty["changed"]) == (NONE, [])
        assert [row["day"] for row in steps] == [day(number) for number in range(60, 81)]
        assert all(row["since"] == row["day"] for row in steps)
        assert empty["position"] + sum(row["events"] for row in steps) == story.okr.log.head()


@pytest.fixture
def quarter_entered_late(story: Story) -> Story:
    """A cycle of last year, entered as a whole and closed five months after its end."""
    story.on(day(150))
    late = story.does(c.OpenCycle("late", date(2024, 7, 1), date(2024, 9, 30)))
    customers = story.key_result(story.objective(cycle_id=late))
    story.does(c.CommitPlan(late))
    story.checks_in(customers, "20", date(2024, 7, 10))
    story.checks_in(customers, "60", date(2024, 9, 1))
    story.on(day(152))
    story.does(c.RetargetKeyResult(customers, metric("0", "60")))
    story.does(c.CloseCycle(late))
    return story


def test_a_quarter_entered_late_is_replayed_by_the_days_it_is_about(
    quarter_entered_late: Story,
) -> None:
    """With the plan it was entered with; by record there is one row for the whole quarter."""
    story = quarter_entered_late
    heading, first, *steps = story.queries.replay(late(story), by="as_of")
    assert (first["since"], first["day"]) == (date(2024, 7, 1), date(2024, 7, 1))
    shown = {row["day"]: row["changed"][0] for row in (first, *steps) if row["changed"]}
    scores = [
        shown[each]["score"]
        for each in (date(2024, 7, 9), date(2024, 7, 10), date(2024, 8, 31), date(2024, 9, 1))
    ]
    assert scores == [None, Decimal("0.2000"), Decimal("0.2000"), Decimal("0.6000")]
    assert shown[date(2024, 7, 10)]["status"] == "on_track"
    assert shown[date(2024, 7, 15)]["status"] == "on_track"
    assert shown[date(2024, 8, 31)]["status"] == "off_track"
    assert {row["state"] for row in shown.values()} == {"committed"}
    assert shown[day(152)]["score"] == Decimal("1.0000")  # by the target of that day
    assert heading["plan_from"] < heading["known_at"]
    heading, only, *_ = story.queries.replay(late(story))
    assert (only["since"], only["day"], only["changed"]) == (date(2024, 7, 1), day(149), [])
    assert heading["plan_from"] is None


def test_days_before_a_quarter_entered_late_have_none_of_its_goals(
    quarter_entered_late: Story,
) -> None:
    asked: dict[str, Any] = {"by": "as_of", "from_": date(2024, 6, 1), "to": date(2024, 7, 2)}
    _, before, *steps = quarter_entered_late.queries.replay(late(quarter_entered_late), **asked)
    assert (before["day"], before["changed"]) == (date(2024, 6, 30), [])
    assert [row["day"] for row in steps] == [date(2024, 7, 1), date(2024, 7, 2)]
    assert len(steps[0]["changed"]) == 1


def test_a_quarter_of_which_one_goal_was_there_in_time_was_not_entered_late(story: Story) -> None:
    story.objective()
    story.on(day(120))
    story.objective("late one")
    heading, first, *_ = story.queries.replay(NOW, by="as_of")
    assert (heading["plan_from"], len(first["changed"])) == (None, 1)


def test_where_there_is_none_on_any_day_one_row_says_so(story: Story) -> None:
    _, empty = story.queries.replay(NOW)
    assert (empty["since"], empty["day"], empty["changed"]) == (day(1), day(50), [])
    assert empty["events"] == story.okr.log.head()


def test_by_the_days_things_are_about_a_day_is_as_it_is_known_now(entered_late: Story) -> None:
    story = entered_late

    def scores(**asked: Any) -> dict[date, str]:
        _, *steps = story.queries.replay(late(story), **asked)
        return {row["day"]: str(row["changed"][0]["score"]) for row in steps if row["changed"]}

    recorded, about = scores(), scores(by="as_of")
    assert (recorded[day(62)], recorded[day(79)], recorded[day(80)]) == ("None", "None", "0.6000")
    assert (about[day(61)], about[day(62)], about[day(69)]) == ("None", "0.2000", "0.2000")
    assert (about[day(70)], about[day(80)]) == ("0.6000", "0.6000")
    before = str(story.okr.log.head() - 1)
    assert scores(by="as_of", known_at=before)[day(80)] == "0.2000"


def test_the_heading_says_by_which_clock_it_is(entered_late: Story) -> None:
    heading = next(entered_late.queries.replay(late(entered_late)))
    assert (heading["by"], heading["known_at"]) == ("recorded", None)
    heading = next(entered_late.queries.replay(late(entered_late), by="as_of"))
    assert (heading["by"], heading["known_at"]) == ("as_of", entered_late.okr.log.head())


@pytest.mark.parametrize("step", ["day", "event"])
def test_progress_is_reported_on_the_way(replayed: Story, step: str) -> None:
    steps: list[tuple[int, int]] = []
    list(replayed.queries.replay(NOW, step=step, progress=lambda *at: steps.append(at)))
    assert steps
    assert steps[-1][0] == steps[-1][1]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"step": "hour"}, "step"),
        ({"by": "day"}, "by"),
        ({"by": "as_of", "step": "event"}, "step"),
        ({"known_at": "5"}, "known_at"),
        ({"from_": day(90)}, "from"),
        ({"from_": date(1899, 12, 31)}, "from"),
        ({"from_": date.min, "step": "event"}, "from"),
        ({"to": day(99)}, "to"),
        ({"from_": day(60), "to": day(50)}, "to"),
        ({"on_track": Decimal(2)}, "on_track"),
        ({"at_risk": Decimal(1)}, "at_risk"),
        ({"on_track": Decimal("0.6")}, "on_track"),
        ({"on_track": Decimal("0.6"), "at_risk": Decimal("0.61")}, "at_risk"),
        ({"committed_expected": Decimal("0.4")}, "committed_expected"),
        ({"at_risk": Decimal("0.69995")}, "at_risk"),
        ({"not_measured": "perhaps"}, "not_measured"),
        ({"yellow_from": Decimal("0.8")}, "yellow_from"),
        ({"aspirational_expected": Decimal(0)}, "aspirational_expected"),
    ],
)
def test_what_cannot_be_replayed_is_refused_at_once(
    replayed: Story, asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        replayed.queries.replay(NOW, **asked)
    assert refused.value.field == field


def test_an_unknown_cycle_or_one_to_come_is_refused(replayed: Story) -> None:
    with pytest.raises(NotFound):
        replayed.queries.replay(COMPANY)
    with pytest.raises(Invalid):
        replayed.queries.replay(NEXT)
