"""The board of a cycle, in numbers worked out by hand. Day 50 of 100 expects one half."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from okr_es import commands as c
from okr_es.domain.values import Cadence, Commitment, Point, Zone
from projections.goals import objective_cache
from tests.support.story import ANN, COMPANY, NEXT, NOW, ZONES, Story, day, metric, shown, steps


def test_a_key_result_has_progress_expectation_pace_and_status(story: Story) -> None:
    goal = story.objective()
    leads = story.key_result(goal, metric("20", "100"))
    story.checks_in(leads, "44", confidence=6)
    found = story.queries.key_result(leads)
    assert shown(found, "progress", "expected", "pace") == ("0.3000", "0.5000", "0.6000")
    assert (found["status"], found["confidence"]) == ("off_track", 6)
    assert (found["reading"]["value"], found["reading"]["as_of"]) == ("44", str(day(50)))
    goal_found = story.queries.objective(goal)
    assert shown(goal_found, "score", "rolled_up", "pace") == ("0.3000", "0.3000", "0.6000")
    assert goal_found["status"] == "off_track"


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("45", "on_track"),
        ("44.999", "at_risk"),
        ("35", "at_risk"),
        ("34.999", "off_track"),
        ("0", "off_track"),
        ("-10", "off_track"),
        ("200", "on_track"),
    ],
)
def test_the_status_turns_exactly_at_its_thresholds(
    story_on_sqlite: Story, value: str, status: str
) -> None:
    story = story_on_sqlite
    goal = story.objective()
    leads = story.key_result(goal)
    story.checks_in(leads, value)
    assert story.queries.key_result(leads)["status"] == status
    assert story.board()["win"]["status"] == status


def test_a_decrease_is_progress_and_passing_the_target_is_more_than_all(
    story_on_sqlite: Story,
) -> None:
    story = story_on_sqlite
    goal = story.objective()
    days = story.key_result(goal, metric("4", "2", "days"))
    story.checks_in(days, "1.5")
    assert shown(story.queries.key_result(days), "progress", "pace") == ("1.2500", "2.5000")
    assert shown(story.board()["win"], "score", "rolled_up") == ("1.0000", "1.0000")


def test_milestones_count_steps_and_ordinals_zones(story: Story) -> None:
    goal = story.objective()
    site = story.key_result(goal, steps("design", "build", "launch"))
    done = story.key_result(goal, steps())
    brand = story.key_result(goal, ZONES)
    story.checks_in(site, "2")
    story.checks_in(done, "1")
    story.checks_in(brand, Zone.TARGET)
    key_results = {k["id"]: str(k["progress"]) for k in story.board()["win"]["key_results"]}
    assert key_results == {str(site): "0.6666", str(done): "1.0000", str(brand): "0.7000"}
    assert str(story.board()["win"]["score"]) == "0.7888"  # (2/3 + 1 + 7/10) / 3


def test_a_milestone_with_fewer_steps_than_were_done_is_done(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    site = story.key_result(story.objective(), steps("design", "build", "launch"))
    story.checks_in(site, "3")
    story.does(c.RetargetKeyResult(site, steps("design", "build")))
    assert str(story.queries.key_result(site)["progress"]) == "1.0000"
    story.does(c.RetargetKeyResult(site, steps()))
    assert str(story.board()["win"]["rolled_up"]) == "1.0000"


def test_a_weight_of_nothing_leaves_out_and_a_missing_weight_is_one(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    goal = story.objective()
    for value, weight in (("100", {}), ("20", {"weight": "3"}), ("0", {"weight": "0"})):
        story.checks_in(story.key_result(goal, **weight), value)
    assert str(story.board()["win"]["rolled_up"]) == "0.4000"  # (1 * 1 + 0.2 * 3) / 4


def test_what_is_not_measured_is_left_out_and_counted(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    goal = story.objective()
    story.checks_in(story.key_result(goal), "60")
    story.key_result(goal)
    story.key_result(goal, ZONES)
    found = story.board()["win"]
    assert shown(found, "rolled_up", "pace") == ("0.6000", "1.2000")
    assert (found["status"], found["not_measured"]) == ("on_track", 2)


def test_a_goal_with_nothing_measured_has_no_number_at_all(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    goal = story.objective()
    story.key_result(goal)
    story.checks_in(story.key_result(goal, weight="0"), "50")
    found = story.board()["win"]
    assert shown(found, "score", "rolled_up", "pace") == (None, None, None)
    assert (found["status"], found["not_measured"]) == ("not_measured", 1)


def test_a_retracted_only_reading_leaves_a_key_result_not_measured(story: Story) -> None:
    leads = story.key_result(story.objective())
    reading = story.checks_in(leads, "60")
    story.does(c.RetractReading(reading))
    found = story.queries.key_result(leads)
    assert (found["status"], found["reading"], found["confidence"]) == ("not_measured", None, None)


def test_a_late_reading_does_not_hide_a_newer_day_and_a_correction_counts(story: Story) -> None:
    leads = story.key_result(story.objective())
    newest = story.checks_in(leads, "60", on=day(48))
    story.checks_in(leads, "10", on=day(40))
    assert str(story.queries.key_result(leads)["progress"]) == "0.6000"
    story.does(c.CorrectReading(newest, value=Decimal(55)))
    assert str(story.queries.key_result(leads)["progress"]) == "0.5500"
    story.does(c.RetractReading(newest))
    assert str(story.queries.key_result(leads)["progress"]) == "0.1000"


def test_of_one_day_the_last_recorded_counts(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    leads = story.key_result(story.objective())
    first = story.checks_in(leads, "60")
    story.checks_in(leads, "50")
    story.does(c.CorrectReading(first, value=Decimal(70)))
    assert str(story.queries.key_result(leads)["progress"]) == "0.5000"


def test_before_the_cycle_nothing_is_expected_and_nothing_counts_yet(
    story_on_sqlite: Story,
) -> None:
    story = story_on_sqlite
    story.on(day(1))
    kpi = story.kpi("increase")
    story.reads(kpi, "0")
    fed = story.key_result(story.objective(cycle_id=NEXT), kpi_id=kpi)
    found = story.queries.key_result(fed)
    assert shown(found, "progress", "expected", "pace") == (None, "0.0000", None)
    assert (found["status"], found["started_at"]["value"]) == ("not_measured", "0")
    story.on(day(100))
    assert str(story.queries.key_result(fed)["expected"]) == "0.0000"
    story.on(day(101))
    assert str(story.queries.key_result(fed)["expected"]) == "0.0100"


def test_after_the_last_day_all_is_expected_and_no_later_reading_counts(story: Story) -> None:
    kpi = story.kpi("increase", cadence=Cadence.WEEKLY)
    fed = story.key_result(story.objective(), kpi_id=kpi)
    story.reads(kpi, "80", on=day(50))
    story.on(day(130))
    story.reads(kpi, "30", on=day(100))
    story.reads(kpi, "99", on=day(101))
    found = story.queries.key_result(fed)
    assert shown(found, "progress", "expected", "pace") == ("0.3000", "1.0000", "0.3000")
    assert (found["reading"]["as_of"], found["status"]) == (str(day(100)), "off_track")


def test_a_fed_key_result_without_a_reading_in_its_time_is_not_measured(
    story_on_sqlite: Story,
) -> None:
    story = story_on_sqlite
    kpi = story.kpi("increase")
    fed = story.key_result(story.objective(), kpi_id=kpi)
    story.on(day(130))
    story.reads(kpi, "99")
    assert story.queries.key_result(fed)["status"] == "not_measured"
    assert story.board()["win"]["rolled_up"] is None


@pytest.mark.parametrize(("due", "expected"), [(25, "1.0000"), (50, "1.0000"), (200, "0.2500")])
def test_a_goal_with_a_day_of_its_own_is_expected_by_then(
    story_on_sqlite: Story, due: int, expected: str
) -> None:
    story = story_on_sqlite
    goal = story.objective(due=day(due))
    story.key_result(goal)
    assert str(story.board()["win"]["expected"]) == expected


def test_a_trajectory_says_what_is_expected(story: Story) -> None:
    points = (Point(day(40), Decimal("0.1")), Point(day(60), Decimal("0.5")))
    leads = story.key_result(story.objective(), trajectory=points)
    story.checks_in(leads, "30")
    found = story.queries.key_result(leads)
    assert shown(found, "progress", "expected", "pace") == ("0.3000", "0.3000", "1.0000")
    assert found["trajectory"] == [
        {"on": str(day(40)), "share": "0.1"},
        {"on": str(day(60)), "share": "0.5"},
    ]


def test_drafts_and_abandoned_goals_stay_on_the_board_and_say_so(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    story.does(c.DraftObjective(NOW, COMPANY, ANN, "perhaps"))
    story.does(c.AbandonObjective(story.objective("no more")))
    states = {words: goal["state"] for words, goal in story.board().items()}
    assert states == {"perhaps": "draft", "no more": "abandoned"}


def test_an_abandoned_goal_is_left_out_of_what_it_served(story: Story) -> None:
    top, low = story.objective("top"), story.objective("low")
    story.aligns(low, aligned_to_objective_id=top)
    story.checks_in(story.key_result(top), "80")
    story.checks_in(story.key_result(low), "20")
    assert str(story.board()["top"]["rolled_up"]) == "0.5000"
    story.does(c.AbandonObjective(low))
    top_found = story.board()["top"]
    assert (str(top_found["rolled_up"]), top_found["aligned"]) == ("0.8000", [])


@pytest.mark.parametrize(
    ("commitment", "value", "adjusted", "grade"),
    [
        (Commitment.COMMITTED, "70", None, ("0.7000", None, "yellow", "1")),
        (Commitment.COMMITTED, "100", None, ("1.0000", None, "green", "1")),
        (Commitment.ASPIRATIONAL, "70", None, ("0.7000", None, "green", "0.7")),
        (Commitment.ASPIRATIONAL, "69.99", None, ("0.6999", None, "yellow", "0.7")),
        (Commitment.COMMITTED, "40", None, ("0.4000", None, "yellow", "1")),
        (Commitment.COMMITTED, "39.99", None, ("0.3999", None, "red", "1")),
        (Commitment.COMMITTED, "39.99", "0.7", ("0.3999", "0.7", "yellow", "1")),
        (Commitment.COMMITTED, None, "0.4", ("0.0000", "0.4", "yellow", "1")),
        (Commitment.COMMITTED, None, None, ("0.0000", None, None, "1")),
        (Commitment.COMMITTED, "100", "0", ("1.0000", "0", "red", "1")),
    ],
)
def test_a_grade_is_computed_or_adjusted_and_both_are_kept(
    story_on_sqlite: Story,
    commitment: Commitment,
    value: str | None,
    adjusted: str | None,
    grade: tuple[str | None, ...],
) -> None:
    story = story_on_sqlite
    goal = story.objective(commitment=commitment)
    leads = story.key_result(goal)
    if value:
        story.checks_in(leads, value)
    assert story.board()["win"]["grade"] is None
    story.does(c.GradeObjective(goal, adjusted and Decimal(adjusted)))
    found = story.board()["win"]["grade"]
    assert shown(found, "computed", "adjusted", "band", "expected") == grade
    story.does(c.ReopenObjective(goal))
    assert story.board()["win"]["grade"] is None


def test_a_closed_cycle_keeps_the_policy_it_was_closed_under(story: Story) -> None:
    key_results = [story.key_result(story.objective(cycle_id=cycle)) for cycle in (NOW, NEXT)]
    for number, key_result in enumerate(key_results):
        story.on(day(100 * number + 50))
        story.checks_in(key_result, "45")
    story.does(c.CloseCycle(NOW))
    strict = {"on_track": "1", "at_risk": "0.95", "yellow_from": "0.5"}
    story.does(c.AdoptScoringPolicy(**{name: Decimal(value) for name, value in strict.items()}))
    story.clock.now = datetime(2025, 2, 19, 12, tzinfo=UTC)  # day 50, when 0.45 is just on track
    assert story.board()["win"]["status"] == "on_track"
    story.does(c.ReopenCycle(NOW))
    assert story.board()["win"]["status"] == "off_track"
    story.does(c.CloseCycle(NOW))
    story.does(c.AdoptScoringPolicy(Decimal("0.9"), Decimal("0.7"), Decimal("0.4")))
    assert story.board()["win"]["status"] == "off_track"
    story.does(c.ReopenCycle(NOW))
    assert story.board()["win"]["status"] == "on_track"


def test_an_answer_is_held_on_to_until_the_goal_itself_changes(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    goal, loaded = story.objective(), []
    story.key_result(goal)
    story.queries.objective(goal)
    one_goal = objective_cache.one_goal
    monkeypatch.setattr(
        objective_cache, "one_goal", lambda *asked: loaded.append(1) or one_goal(*asked)
    )
    story.queries.objective(goal)
    assert not loaded
    story.objective("another")
    story.queries.objective(goal)
    first, loaded[:] = len(loaded), []
    answer = story.queries.objective(goal)
    assert (first > 0, loaded) == (True, [])
    assert answer["position"] == story.okr.log.head()
    assert story.queries.objective(goal) is answer  # so who sends it can keep its JSON
    story.does(c.RetitleObjective(goal, "in other words"))
    assert story.queries.objective(goal)["title"] == "in other words"
