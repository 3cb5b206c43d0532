"""A replay, line by line: what an onlooker sees change, and nothing that only time moves."""

from typing import Any

from web.cli.text.replay import replay_lines

GOAL = {
    "id": "1", "title": "win", "score": "0.4", "rolled_up": "0.4", "expected": "0.5",
    "pace": "0.8", "status": "at_risk", "state": "committed", "grade": None,
}  # fmt: skip
STATUSES = {"on_track": 0, "at_risk": 1, "off_track": 0, "not_measured": 0}


def day(number: int, *changed: dict[str, Any], **more: Any) -> dict[str, Any]:
    named = {"day": f"2025-01-0{number}", "position": 5, "statuses": STATUSES}
    return {**named, "changed": list(changed), **more}


def what(*steps: dict[str, Any]) -> list[str]:
    """What is told of each step, behind its statuses."""
    return [line.partition("at risk")[2].strip() for line in replay_lines(iter(steps))]


def test_what_only_time_moved_is_not_shown():
    later = GOAL | {"expected": "0.51", "pace": "0.78", "rolled_up": "0.41"}
    assert what(day(1, GOAL), day(2, later), day(3, later | {"score": "0.5"})) == [
        "win 40.0 %",
        "",
        "win 50.0 %",
    ]


def test_a_status_or_stage_is_shown_where_it_changes():
    late = GOAL | {"status": "off_track", "pace": "0.6"}
    ended = late | {"state": "abandoned"}
    assert what(day(1, GOAL), day(2, late), day(3, ended)) == [
        "win 40.0 %",
        "win 40.0 %, at risk → off track",
        "win 40.0 %, committed → abandoned",
    ]


def test_a_grade_is_shown_where_it_changes_though_the_score_stands():
    graded = GOAL | {"grade": {"computed": "0.4", "adjusted": "0.5", "band": "yellow"}}
    assert what(day(1, GOAL), day(2, graded), day(3, GOAL)) == [
        "win 40.0 %",
        "win 40.0 %, graded yellow 40.0 % → 50.0 %",
        "win 40.0 %, not graded",
    ]


def test_a_grade_of_what_was_never_measured_says_so():
    graded = GOAL | {"score": None, "grade": {"computed": "0", "adjusted": None, "band": None}}
    assert what(day(1, GOAL), day(2, graded))[1] == "win –, graded not measured 0.0 %"


def test_an_event_that_moved_nothing_says_so():
    event = {"type": "reading.recorded"}
    later = GOAL | {"expected": "0.51"}
    assert what(day(1, GOAL, event=event), day(2, later, event=event), day(2, event=event)) == [
        "reading.recorded: win 40.0 %",
        "reading.recorded: no score or status changed",
        "reading.recorded: no score or status changed",
    ]


def test_a_line_is_shown_before_the_next_step_is_made():
    made: list[int] = []

    def steps():
        for number in (1, 2):
            made.append(number)
            yield day(number)

    next(replay_lines(steps()))
    assert made == [1]


def test_a_score_has_the_digits_it_is_judged_by():
    near = GOAL | {"score": "0.6999"}
    tiny = GOAL | {"score": "0.00003"}
    assert what(day(1, near), day(2, tiny)) == ["win 69.99 %", "win 0.003 %"]


HEADING = {
    "cycle": {"name": "2024-Q3", "ends": "2024-09-30"}, "step": "day", "by": "recorded",
    "from": "2024-07-01", "to": "2024-12-31", "zone": "UTC", "known_at": None, "plan_from": None,
    "policy": {"overridden": {}},
}  # fmt: skip


def empty(since: str, until: str, **heading: Any) -> list[str]:
    """The lines of a replay of days without any goal."""
    row = day(1) | {"since": since, "day": until}
    return list(replay_lines(iter([HEADING | heading, row])))


def test_a_quarter_entered_late_hints_at_the_replay_that_shows_it():
    (_, line) = empty("2024-07-01", "2024-11-30")
    assert line.endswith("no goals; --by as_of shows each day as it is known now")
    for lines in (
        empty("2024-07-01", "2024-07-20"),
        empty("2024-07-01", "2024-11-30", by="as_of", known_at=9),
    ):
        assert lines[1].endswith("no goals")


def test_the_heading_says_with_which_plan_a_quarter_entered_late_is_shown():
    heading, _ = empty("2024-07-01", "2024-11-30", by="as_of", known_at=9, plan_from=7)
    assert heading.endswith(
        "each day as known at position 9, entered after its last day: with the plan as of "
        "position 7"
    )
