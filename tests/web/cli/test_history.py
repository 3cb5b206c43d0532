"""Looking back on the command line, at the example company."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from okr_es.example.naming import person
from web.cli.main import main

Asks = Callable[..., Result]
FIGURES = ("people-figures", "choose", "--people-figures")
MARA = str(person("mara"))
NOBODY = "00000000-0000-0000-0000-000000000005"


@pytest.fixture
def asks(example_url: str) -> Asks:
    """Calls okr-es with words."""

    def ask(*words: str) -> Result:
        return CliRunner().invoke(main, ["--database", example_url, *words])

    return ask


def output(asks: Asks, *words: str) -> str:
    result = asks(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def as_json(asks: Asks, *words: str) -> Any:
    return json.loads(output(asks, *words, "--json"))


@pytest.fixture
def ids(asks: Asks) -> dict[str, str]:
    """An objective with two owners, a key result of it, and a KPI."""
    board = as_json(asks, "board", "2025-Q3")["objectives"]
    campaigns = next(row for row in board if "campaigns" in row["title"])
    kpi = as_json(asks, "kpis", "list")["kpis"][0]
    return {
        "objective": campaigns["id"],
        "key_result": campaigns["key_results"][0]["id"],
        "kpi": kpi["id"],
    }


@pytest.mark.parametrize("question", ["board", "plan", "review", "history"])
def test_a_cycle_goes_by_its_name_in_any_case(question: str, asks: Asks):
    assert as_json(asks, question, "2025-q3") == as_json(asks, question, "2025-Q3")


def test_a_board_of_a_past_day_is_shown_line_by_line(asks: Asks):
    first, heading, *rows = output(
        asks, "board", "2025-Q3", "--known-at", "2025-08-01"
    ).splitlines()
    assert first == "2025-Q3, as known at position 846, about 2025-08-01 (UTC)"
    assert heading.split() == ["status", "score", "pace", "id,", "goal"]
    assert any("run campaigns on three networks" in row for row in rows)


def test_the_help_of_the_clocks_lists_their_words(asks: Asks):
    said = " ".join(output(asks, "board", "--help").split()).replace("- ", "-")
    words = "or a word of a cycle: opened, plan-committed, cycle-end, published, published-N"
    assert said.count(words) == 2


def test_the_tree_and_kpis_take_both_clocks(asks: Asks):
    then = ("--known-at", "2025-09-01", "--at", "2025-08-01")
    assert "about 2025-08-01" in output(asks, "tree", "2025-Q3", *then)
    assert "about 2025-08-01" in output(asks, "kpis", "list", *then)


@pytest.mark.parametrize("kind", ["objective", "key_result", "kpi"])
def test_any_goal_is_shown_by_its_id_and_against_its_plan(
    kind: str, asks: Asks, ids: dict[str, str]
):
    assert "as known at position" in output(asks, "goal", ids[kind])
    assert as_json(asks, "goal", ids[kind])["id"] == ids[kind]
    assert "as known at position" in output(asks, "actual", ids[kind])
    assert as_json(asks, "actual", ids[kind])["id"] == ids[kind]


def test_a_plan_shows_its_revisions_with_their_reasons(asks: Asks):
    text = output(asks, "plan", "2025-Q3")
    assert "plan committed on 2025-07-09 at 757" in text
    assert "5 revisions, 0 corrected, 0 added, 0 dropped" in text
    assert "The owner leaves the company at the end of August." in text


def test_results_tell_each_closing_and_why_it_was_reopened(asks: Asks):
    text = output(asks, "results", "2025-Q2")
    assert "closing 1: 2025-07-11" in text
    assert "reopened on 2025-07-18" in text
    assert "closing 2: 2025-07-22" in text


def test_a_comparison_shows_a_line_for_each_change(asks: Asks):
    text = output(asks, "compare", "2025-08-01", "2025-09-01", "--cycle", "2025-Q3")
    assert "1 reassigned, 2 retargeted" in text
    assert "target: 25 → 22" in text
    assert output(asks, "compare", "5", "5").splitlines()[1] == "equal"


def test_a_moment_against_a_cycle_is_limited_to_that_cycle(asks: Asks):
    text = output(asks, "compare", "2025-Q3:plan-committed", "cycle:2025-Q3")
    first, *lines = text.splitlines()
    assert first.endswith(", limited to 2025-Q3")
    (counts,) = [each for each in lines if " retargeted, " in each]
    assert "dropped" not in counts


def test_two_cycles_are_compared_by_their_figures_and_then_by_their_goals(asks: Asks):
    lines = output(asks, "compare", "cycle:2025-Q2", "cycle:2025-Q3").splitlines()
    assert lines[1].split() == ["2025-Q2", "2025-Q3"]
    of_lineage, *_, last = [n for n, each in enumerate(lines) if each.startswith("carried over")]
    first, second = lines.index("only in 2025-Q2"), lines.index("only in 2025-Q3")
    assert lines.index("all") < of_lineage <= last < first < second
    given_up = lines.index("  be heard by owners of small firms  (dropped)")
    assert first < given_up < second
    assert lines[given_up + 1] == "    · Eight episodes of a podcast"
    assert not any(each.startswith(("dropped:", "added")) for each in lines)


def test_a_scoreboard_has_a_column_for_each_cycle_with_the_change(asks: Asks):
    text = output(asks, "scoreboard", "2025-Q2", "2025-Q3")
    lines = text.splitlines()
    assert lines[1].split() == ["2025-Q2", "2025-Q3"]
    (goals, *_) = [each for each in lines if each.startswith("  goals ")]
    (ended, *_) = [each for each in lines if each.startswith("  score as ended ")]
    assert goals.split()[-1].strip("(+-)").isdigit()
    assert ended.count("%") == 3
    assert "Marketing" in lines


def test_it_has_a_column_for_each_moment(asks: Asks):
    moments = ("plan-committed", "2025-08-15", "published")
    named = [word for each in moments for word in ("--known-at", each)]
    lines = output(asks, "scoreboard", "2025-Q3", *named).splitlines()
    assert lines[2].split() == list(moments)


def test_a_review_shows_both_scores_and_who_was_accountable_when(asks: Asks):
    text = output(asks, "review", "2025-Q3")
    assert "as committed  as ended" in text
    assert "Dario Weiss: 2025-07-07 to 2025-08-27, 51 days" in text
    assert "Noah Adeyemi: 2025-08-27 to the end, 35 days" in text
    assert " % → 90.13 % (expected 59.3 % → 100.0 %)" in text
    kept = "2 eased targets, 1 correction, 123 readings due (6 missing)"
    assert f"1 reassignment, 1 link, {kept}" in text
    assert "graded yellow 86.45 % → 95.0 %" in text
    assert "target: promised 25, ended as 22" in text
    assert "confidence 6 (2025-07-" in text


def test_a_review_shows_what_was_handed_on_and_the_totals(asks: Asks):
    lines = output(asks, "review", "2025-Q3").splitlines()
    (noah,) = [line for line in lines if "Noah Adeyemi: 2025-08-27 to the end" in line]
    assert ", recorded on 2025-08-29, " in noah
    handed = "handed on: run campaigns on three networks at a time, 2025-07-07 to 2025-08-27"
    assert [line.rpartition("to ")[2] for line in lines if handed in line] == [
        "Noah Adeyemi", "Content and Campaigns",
    ]  # fmt: skip
    assert any(" all: " in line for line in lines)
    assert any(" Marketing: " in line for line in lines)


def test_a_review_says_where_figures_per_person_are_not_shown(asks: Asks):
    output(asks, *FIGURES, "own_and_leads", "--reason", "So agreed.", "--by", MARA)
    text = output(asks, "review", "2025-Q3")
    assert "Figures per person are shown to people themselves and to their leads." in text
    output(asks, *FIGURES, "off", "--reason", "So agreed.", "--by", MARA)
    assert "Figures per person: none." in output(asks, "review", "2025-Q3")
    output(asks, *FIGURES, "hr_too", "--reason", "So it was.", "--by", MARA)
    assert "Figures per person" not in output(asks, "review", "2025-Q3")


def test_an_explanation_shows_key_results_with_their_events(asks: Asks, ids: dict[str, str]):
    text = output(
        asks, "explain", ids["objective"], "--from", "plan-committed", "--to", "published"
    )
    assert "by readings" in text
    assert "reading.checked_in" in text


def test_a_replay_prints_a_line_for_each_step(asks: Asks):
    first, *days = output(asks, "replay", "2025-Q3").splitlines()
    assert first == "2025-Q3 by day, 2025-07-01 to 2025-10-10 (UTC)"  # its closing
    assert days[0] == ("2025-07-01 to 2025-07-06     703  no goals")
    assert len(days) == 1 + 96
    heading, *steps = (
        json.loads(line)
        for line in output(
            asks, "replay", "2025-Q3", "--step", "event", "--on-track", "0.95", "--json"
        ).splitlines()
    )
    assert heading["policy"]["overridden"] == {"on_track": "0.95"}
    assert steps[0]["event"] is None
    assert steps[1]["event"]["position"] == steps[1]["position"]


def test_a_day_without_events_shows_only_what_time_alone_changed(asks: Asks):
    _, *days = output(asks, "replay", "2025-Q3").splitlines()
    said = {line.split()[0]: line for line in days}
    assert said["2025-08-02"] == "2025-08-02     846  1 on track, 3 at risk, 2 off track"
    assert said["2025-08-03"].endswith(
        " show every trade how it plans better with us 22.0 %, at risk → off track"
    )


def test_an_event_that_moved_nothing_says_so(asks: Asks):
    words = ("--step", "event", "--from", "2025-07-09", "--to", "2025-07-15")
    _, _, *steps = output(asks, "replay", "2025-Q3", *words).splitlines()
    assert any("cycle.plan_committed: no score or status changed" in line for line in steps)
    assert any("reading.recorded: be ready for three times as" in line for line in steps)
    assert not [line for line in steps if line.endswith(":")]


def test_a_replay_takes_every_threshold_and_says_which_it_was_given(asks: Asks):
    words = ("replay", "2025-Q3", "--to", "2025-07-01")
    given = {
        "on_track": "0.8", "at_risk": "0.6", "yellow_from": "0.3", "not_measured": "left_out",
        "committed_expected": "0.9", "aspirational_expected": "0.5",
    }  # fmt: skip
    options = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    heading = json.loads(output(asks, *words, *options, "--json").splitlines()[0])
    assert heading["policy"]["overridden"] == given
    heading, _ = output(asks, *words, "--on-track", "0.95").splitlines()
    assert heading.endswith("2025-07-01 (UTC), on_track 0.95, other thresholds as valid then")


def test_a_replay_from_the_first_day_there_can_be_is_shown_to_the_end(asks: Asks):
    words = ("replay", "2025-Q3", "--from", "1900-01-01", "--to", "1900-01-02")
    first, *days = output(asks, *words).splitlines()
    assert first == "2025-Q3 by day, 1900-01-01 to 1900-01-02 (UTC)"
    assert days == ["1900-01-01 to 1900-01-02       0  no goals"]
    _, line = output(asks, *words, "--by", "as_of").splitlines()
    assert line == "1900-01-01 to 1900-01-02       0  no goals"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("board", "2031"), 1, "There is no cycle 2031"),
        (("history", "2031"), 1, "There is no cycle, objective, key result or KPI 2031."),
        (("history", str(UUID(int=5))), 1, "There is nothing 0000"),
        (("board", "2025-Q3", "--known-at", "2031:published"), 1, "There is no cycle 2031."),
        (("board", "2025-Q3", "--known-at", "2031-01-01"), 1, "known_at lies in the future"),
        (("board", "a b"), 2, "a b is neither the UUID nor the name of a cycle."),
        (("goal", "5"), 1, "There is no objective, key result or KPI 5"),
        (("goal", "00000000-0000-0000-0000-000000000005"), 1, "There is no goal"),
        (("compare", "5", "nowhere"), 1, "neither a moment nor a cycle"),
        (("compare", "5", "6", "--goal", NOBODY), 1, "There is no objective or key result"),
        (("compare", "5", "6", "--person", NOBODY), 1, "There is no person"),
        (("compare", "5", "6", "--team", NOBODY), 1, "There is no team"),
        (("review", "2025-Q3", "--person", NOBODY), 1, "There is no person"),
        (("scoreboard", "2025-Q3", "--person", NOBODY), 1, "There is no person"),
        (("scoreboard", "2031-Q3"), 1, "There is no cycle 2031-Q3"),
        (("review", "2025-Q3", "--objective", NOBODY), 1, "There is no objective"),
        (("replay", "2025-Q3", "--from", "0001-01-01"), 1, "from is outside the years 1900–2999"),
        (("replay", "2025-Q3", "--on-track", "NaN"), 2, "not a finite number"),
        (("replay", "2025-Q3", "--on-track", "much"), 2, "not a number"),
        (("replay", "2025-Q3", "--on-track", "2"), 1, "on_track lies outside 0..1."),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_line(
    words: tuple[str, ...], code: int, said: str, asks: Asks
):
    result = asks(*words)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "words",
    [
        ("board", "2025-Q3"), ("tree", "2025-Q3"), ("kpis", "list"), ("review", "2025-Q3"),
        ("audit", "patterns", "2025-Q3"), ("plan", "2025-Q3"), ("results", "2025-Q3"),
        ("compare", "2025-Q2", "2025-Q3"), ("replay", "2025-Q3"),
        ("scoreboard", "2025-Q2", "2025-Q3"),
    ],
)  # fmt: skip
def test_days_are_shown_with_their_time_zone(asks: Asks, words: tuple[str, ...]):
    first, *_ = output(asks, *words).splitlines()
    assert "UTC" in first


def test_days_about_one_goal_are_shown_with_their_time_zone(asks: Asks, ids: dict[str, str]):
    moments = ("plan-committed", "published")
    for words in (
        ("goal", ids["kpi"]),
        ("actual", ids["kpi"]),
        ("explain", ids["objective"], "--from", moments[0], "--to", moments[1]),
    ):
        first, *_ = output(asks, *words).splitlines()
        assert "(UTC)" in first


def test_a_board_says_what_stands_behind_a_status(asks: Asks):
    text = output(asks, "board", "2025-Q3")
    assert "let visitors try before they buy  Yuki Tanabe  (partly met, 1 of 2 off track)" in text
    running = output(asks, "board", "2026-Q1", "--known-at", "2026-02-13")
    assert "1 of 3 not measured" in running
