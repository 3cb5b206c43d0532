"""A cycle whose days are corrected: they hold as if they had always been so, once that is known."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from tests.projections.retrospect.test_explanation import explained, parts
from tests.support.story import BEN, ENDS, NOW, STARTS, Story, day


@pytest.fixture
def win(story: Story) -> UUID:
    """An objective of a committed plan, read at 10 on day 5 and at 40 on day 40."""
    win = story.objective()
    leads = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.checks_in(leads, "10", day(5))
    story.checks_in(leads, "40", day(40))
    return win


def shown(answer: dict[str, Any]) -> tuple[str, str]:
    return str(answer["score"]), str(answer["expected"])


def test_readings_outside_count_no_longer_and_what_is_expected_follows(
    story: Story, win: UUID
) -> None:
    assert shown(story.queries.objective(win)) == ("0.4000", "0.5000")
    story.does(c.RescheduleCycle(NOW, ends=day(200)))
    assert shown(story.queries.objective(win)) == ("0.4000", "0.2500")
    story.does(c.RescheduleCycle(NOW, day(41), day(60)))
    answer = story.queries.board(NOW)
    assert shown(answer["objectives"][0]) == ("None", "0.5000")
    assert (answer["cycle"]["starts"], answer["cycle"]["ends"]) == tuple(
        each.isoformat() for each in (day(41), day(60))
    )
    story.does(c.RescheduleCycle(NOW, STARTS))
    assert shown(story.queries.objective(win))[0] == "0.4000"


def test_a_past_day_has_the_days_that_are_known_now(story: Story, win: UUID) -> None:
    then, past = str(story.okr.log.head()), day(20).isoformat()
    story.does(c.RescheduleCycle(NOW, ends=day(200)))
    assert shown(story.queries.objective(win, at=past)) == ("0.1000", "0.1000")
    assert shown(story.queries.objective(win, known_at=then, at=past)) == ("0.1000", "0.2000")
    board = story.queries.board(NOW, at=past)
    assert board["cycle"]["ends"] == day(200).isoformat()
    assert shown(board["objectives"][0]) == ("0.1000", "0.1000")
    assert story.queries.board(NOW, known_at=then)["cycle"]["ends"] == ENDS.isoformat()


def test_the_plan_as_committed_is_measured_by_them_too(story: Story, win: UUID) -> None:
    story.does(c.RescheduleCycle(NOW, ends=day(30)))
    (goal,) = story.queries.review(NOW)["goals"]
    assert tuple(goal["scores"][name]["score"] for name in ("committed", "ended")) == (
        Decimal("0.1000"),
        Decimal("0.1000"),
    )


def test_what_was_published_stays_and_the_restatement_follows(story: Story, win: UUID) -> None:
    story.on(day(102))
    story.does(c.CloseCycle(NOW))
    (published,) = story.queries.results(NOW)["closings"]
    story.does(c.RescheduleCycle(NOW, ends=day(30)))
    answer = story.queries.results(NOW)
    assert answer["closings"] == [published]
    (restated,) = answer["restatement"]["objectives"]
    assert (restated["published"]["score"], restated["restated"]["score"]) == (
        Decimal("0.4000"),
        Decimal("0.1000"),
    )
    (goal,) = story.queries.review(NOW)["goals"]
    assert goal["scores"]["ended"]["score"] == Decimal("0.4000")


def test_the_end_of_a_cycle_is_the_corrected_one(story: Story, win: UUID) -> None:
    story.on(day(120))
    assert story.queries.objective(win, at="now:cycle-end")["day"] == ENDS
    story.does(c.RescheduleCycle(NOW, ends=day(110)))
    answer = story.queries.objective(win, at="cycle-end")
    assert (answer["day"], answer["fixed"]) == (day(110), False)


def test_the_change_of_a_score_has_a_part_for_it(story: Story, win: UUID) -> None:
    then = story.okr.log.head()
    story.does(c.RescheduleCycle(NOW, ends=day(30)))
    answer = explained(story, win, then)
    assert parts(answer) == {"dates": Fraction("-0.3")}


def test_a_replay_goes_by_what_was_known_on_each_day(story: Story, win: UUID) -> None:
    story.does(c.RescheduleCycle(NOW, ends=day(30)))
    story.on(day(51))
    _, *days = story.queries.replay(NOW, "day", day(49), day(50))
    scores = [step["changed"][0]["score"] for step in days if step["changed"]]
    assert scores[-1] == Decimal("0.1000")


def test_holders_have_days_from_the_corrected_first_one_on(story: Story, win: UUID) -> None:
    story.does(c.ReassignObjective(win, BEN, effective=day(10)))
    story.does(c.RescheduleCycle(NOW, day(31)))
    (goal,) = story.queries.review(NOW)["goals"]
    assert [(each["owner"]["id"], each["from"]) for each in goal["owners"]] == [(str(BEN), day(31))]


def test_history_and_sentences_have_the_old_days(story: Story) -> None:
    story.does(c.RescheduleCycle(NOW, ends=day(90)))
    entry = story.queries.history(NOW)["entries"][0]
    assert entry["changes"] == [
        {"field": "ends", "before": ENDS.isoformat(), "after": day(90).isoformat()}
    ]
    story.does(c.RenameCycle(NOW, "spring"))
    english, swedish = (
        [
            each["sentence"]
            for each in story.queries.audit_log(limit=2, language=language)["entries"]
        ]
        for language in ("en", "sv")
    )
    assert [each.partition(" on 19 ")[0] for each in english] == [
        "Ann Example renamed the cycle now to spring",
        (
            "Ann Example corrected the days of the cycle now (last day from 10 April 2025 to 31"
            " March 2025)"
        ),
    ]
    assert [each.partition(" den 19 ")[0] for each in swedish] == [
        "Ann Example döpte om cykeln now till spring",
        (
            "Ann Example rättade dagarna för cykeln now (sista dag från den 10 april 2025 till den"
            " 31 mars 2025)"
        ),
    ]
    assert story.queries.history(NOW)["entries"][0]["changes"][0]["before"] == "now"
