"""What was put right of a goal, and what a look back makes of it: scores stay, history tells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.values import Cadence, Commitment
from tests.support.story import ANN, BEN, NEXT, NOW, Story, day

Row = dict[str, Any]
HALF, WHOLE, NOTHING = Decimal("0.5000"), Decimal("1.0000"), Decimal("0.0000")


def goal(story: Story, title: str = "win") -> Row:
    (found,) = [each for each in story.queries.review(NOW)["goals"] if each["title"] == title]
    return found


def scores(row: Row) -> tuple[Decimal | None, Decimal | None]:
    """Against the plan as committed, and as it ended."""
    both = (row["scores"]["committed"], row["scores"]["ended"])
    return tuple(each and each.get("score", each.get("progress")) for each in both)  # type: ignore[return-value]


def words(story: Story, from_: str, to: str = "now:cycle-end") -> dict[str, list[str]]:
    """What a comparison says became of each goal, by its title on the later side."""
    entries = story.queries.compare(from_, to)["entries"]
    return {each["title"]: each["what"] for each in entries}


@pytest.fixture
def promised(story: Story) -> Story:
    """A promised objective with two numbers, one at one half; the other was not measured."""
    win = story.objective()
    customers = story.key_result(win, title="custmers")
    story.key_result(win, title="partners", weight="0")
    story.does(c.CommitPlan(NOW))
    story.checks_in(customers, "50")
    return story


def number(story: Story, title: str) -> UUID:
    board = story.board()["win"]["key_results"]
    return next(UUID(each["id"]) for each in board if each["title"] == title)


class TestWords:
    def test_a_typo_in_a_title_moves_no_score(self, promised: Story) -> None:
        story, id_ = promised, number(promised, "custmers")
        before = str(story.okr.log.head())
        story.does(c.RetitleKeyResult(id_, "customers"))
        found = goal(story)
        assert scores(found) == (HALF, HALF)
        told = next(each for each in found["key_results"] if each["id"] == str(id_))
        assert (told["promised"]["title"], told["ended_as"]["title"]) == ("custmers", "customers")
        assert told["counts"]["retitlings"] == found["counts"]["retitlings"] == 1
        assert words(story, before, str(story.okr.log.head())) == {"customers": ["retitled"]}

    def test_words_are_shown_and_their_history_has_the_old_ones(self, promised: Story) -> None:
        story, id_ = promised, number(promised, "partners")
        win = UUID(story.board()["win"]["id"])
        before = str(story.okr.log.head())
        story.does(c.DescribeKeyResult(id_, "who sell for us"), reason=None)
        story.does(c.DescribeObjective(win, "in the north"), reason=None)
        assert story.queries.key_result(id_)["description"] == "who sell for us"
        assert story.queries.objective(win)["description"] == "in the north"
        assert story.board()["win"]["revisions"] == 0
        after = str(story.okr.log.head())
        assert words(story, before, after) == {"win": ["described"], "partners": ["described"]}
        story.does(c.DescribeObjective(win, None), reason=None)
        (change,) = story.queries.history(win, limit=1)["entries"][0]["changes"]
        assert (change["field"], change["before"], change["after"]) == (
            "description", "in the north", None,
        )  # fmt: skip


class TestOwners:
    def test_a_key_result_has_an_owner_of_its_own(self, promised: Story) -> None:
        story, id_ = promised, number(promised, "partners")
        assert story.queries.key_result(id_)["owner"] is None
        story.does(c.ReassignKeyResult(id_, BEN))
        assert story.queries.key_result(id_)["owner"] == {"id": str(BEN)}
        told = next(each for each in goal(story)["key_results"] if each["id"] == str(id_))
        assert (told["promised"]["owner"], told["ended_as"]["owner"]) == (None, {"id": str(BEN)})
        assert told["counts"]["reassignments"] == 1
        owners = {each["id"]: each["owner"] for each in story.queries.plan(NOW)["goals"]}
        assert owners[str(id_)] == {"id": str(BEN)}
        assert list(owners.values()).count({"id": str(ANN)}) == 2


class TestDueDays:
    def test_what_is_expected_follows_the_last_and_the_promise_keeps_its_own(
        self, promised: Story
    ) -> None:
        story, before = promised, str(promised.okr.log.head())
        win = UUID(story.board()["win"]["id"])
        story.does(c.RescheduleObjective(win, day(50)))
        assert story.board()["win"]["expected"] == WHOLE
        found = goal(story)
        assert (found["promised"]["due"], found["ended_as"]["due"]) == (None, str(day(50)))
        assert scores(found) == (HALF, HALF)
        assert found["counts"]["reschedulings"] == 1
        assert "rescheduled" in words(story, before, str(story.okr.log.head()))["win"]
        then = story.queries.objective(win, known_at=before)
        assert (then["expected"], then["due"]) == (HALF, None)
        series = story.queries.objective_plan_and_actual(win)
        assert [each["what"] for each in series["markers"]][-1] == "rescheduled"
        last = series["series"][-1]
        assert (last["expected_original"], last["expected_revised"]) == (HALF, WHOLE)

    def test_how_late_it_was_met_counts_from_the_last(self, promised: Story) -> None:
        story = promised
        win = UUID(story.board()["win"]["id"])
        story.does(c.RescheduleObjective(win, day(60)))
        story.on(day(80))
        story.checks_in(number(story, "custmers"), "100")
        story.does(c.RescheduleObjective(win, day(70)))
        story.does(c.GradeObjective(win))
        assert (goal(story)["outcome"], goal(story)["late_days"]) == ("met", 10)


class TestCommitments:
    def test_the_outcome_follows_the_last_and_no_score_moves(self, promised: Story) -> None:
        story = promised
        win = UUID(story.board()["win"]["id"])
        story.checks_in(number(story, "custmers"), "70")
        before = str(story.okr.log.head())
        story.does(c.ReplaceObjectiveCommitment(win, Commitment.ASPIRATIONAL))
        story.does(c.GradeObjective(win), reason=None)
        found = goal(story)
        assert (found["outcome"], found["grade"]["expected"]) == ("met", "0.7")
        assert scores(found) == (Decimal("0.7000"), Decimal("0.7000"))
        assert (found["promised"]["commitment"], found["ended_as"]["commitment"]) == (
            "committed", "aspirational",
        )  # fmt: skip
        assert found["counts"]["commitment_changes"] == 1
        assert "commitment_replaced" in words(story, before, str(story.okr.log.head()))["win"]


class TestReinstated:
    def test_it_counts_as_if_it_had_never_been_dropped(self, promised: Story) -> None:
        story, id_ = promised, number(promised, "custmers")
        story.does(c.DropKeyResult(id_))
        assert scores(goal(story)) == (HALF, None)
        story.does(c.ReinstateKeyResult(id_))
        found = goal(story)
        assert scores(found) == (HALF, HALF)
        told = next(each for each in found["key_results"] if each["id"] == str(id_))
        assert (told["planned"], told["added_mid_cycle"], told["dropped_mid_cycle"]) == (
            True, False, False,
        )  # fmt: skip
        assert story.queries.key_result(id_)["dropped"] is False
        story.checks_in(id_, "60")
        assert scores(goal(story)) == (Decimal("0.6000"), Decimal("0.6000"))

    def test_what_was_dropped_before_the_plan_comes_to_it(self, story: Story) -> None:
        win = story.objective()
        story.key_result(win, title="customers")
        gone = story.key_result(win, title="gone")
        story.does(c.DropKeyResult(gone))
        story.does(c.CommitPlan(NOW))
        story.does(c.ReinstateKeyResult(gone))
        position = story.okr.log.head()
        plan = story.queries.plan(NOW)
        told = next(each for each in plan["goals"] if each["id"] == str(gone))
        assert (told["planned"], told["added_mid_cycle"], told["promised_at"]) == (
            False, True, position,
        )  # fmt: skip
        assert (plan["added"], plan["returned"], plan["revisions"]) == (1, 0, 0)
        assert [each["position"] for each in plan["changes"]] == [position]
        assert story.queries.key_result(gone)["added_mid_cycle"] is True
        story.checks_in(gone, "50")
        assert scores(goal(story)) == (None, HALF)

    def test_what_is_aligned_to_it_rolls_up_again(self, promised: Story) -> None:
        story, id_ = promised, number(promised, "partners")
        below = story.objective("below", owner_id=BEN)
        story.checks_in(story.key_result(below), "100")
        story.aligns(below, aligned_to_key_result_id=id_)
        assert story.board()["win"]["rolled_up"] == Decimal("0.7500")
        story.does(c.DropKeyResult(id_))
        assert story.board()["win"]["rolled_up"] == HALF
        story.does(c.ReinstateKeyResult(id_))
        assert story.board()["win"]["rolled_up"] == Decimal("0.7500")

    def test_the_change_of_the_score_is_explained(self, promised: Story) -> None:
        story, id_ = promised, number(promised, "custmers")
        win = UUID(story.board()["win"]["id"])
        story.does(c.DropKeyResult(id_))
        before = str(story.okr.log.head())
        story.does(c.ReinstateKeyResult(id_))
        found = story.queries.explanation(win, before, str(story.okr.log.head()))
        assert [(each["cause"], each["change"]["rounded"]) for each in found["causes"]] == [
            ("added", HALF)
        ]

    def test_what_its_kpi_read_meanwhile_is_none_of_its_own(self, promised: Story) -> None:
        story = promised
        win = UUID(story.board()["win"]["id"])
        kpi = story.kpi()
        fed = story.key_result(win, title="fed", kpi_id=kpi)
        story.does(c.DropKeyResult(fed))
        dropped = story.okr.log.head()
        wrong = story.reads(kpi, "7")
        story.does(c.CorrectReading(wrong, Decimal(8)))
        story.does(c.ReinstateKeyResult(fed))
        reinstated = story.okr.log.head()
        right = story.reads(kpi, "9")
        story.does(c.CorrectReading(right, Decimal(10)))
        corrected = story.okr.log.head()
        markers = story.queries.key_result_plan_and_actual(fed)["markers"]
        assert [(each["what"], each["position"]) for each in markers[-3:]] == [
            ("dropped", dropped), ("reinstated", reinstated), ("corrected", corrected),
        ]  # fmt: skip


class TestCadences:
    def test_each_counts_on_its_own_days(self, story: Story) -> None:
        story.on(day(6))  # a Monday
        weekly = story.key_result(story.objective(), cadence=Cadence.WEEKLY)
        story.on(day(34))  # four weeks on
        story.does(c.ReplaceKeyResultCadence(weekly, Cadence.MONTHLY), reason=None)
        story.on(day(35))
        assert due(story) == 3  # the week before may be read until Wednesday
        story.on(day(75))
        assert due(story) == 4  # and February
        (change,) = story.queries.history(weekly, limit=1)["entries"][0]["changes"]
        assert (change["before"], change["after"]) == ("weekly", "monthly")

    def test_overdue_is_what_is_due_by_the_new_one(self, story: Story) -> None:
        story.on(day(6))
        id_ = story.key_result(story.objective(), cadence=Cadence.WEEKLY)
        story.on(day(8))  # a Wednesday
        story.does(c.ReplaceKeyResultCadence(id_, Cadence.DAILY))
        assert story.queries.key_result(id_)["overdue"] is False
        story.on(day(10))
        assert story.queries.key_result(id_)["overdue"] is True
        story.does(c.ReplaceKeyResultCadence(id_, Cadence.MONTHLY))
        assert story.queries.key_result(id_)["overdue"] is False
        story.on(day(75))
        assert story.queries.key_result(id_)["overdue"] is True

    def test_a_reading_is_late_by_the_one_it_had_then(self, story: Story) -> None:
        story.on(day(6))
        id_ = story.key_result(story.objective(), cadence=Cadence.WEEKLY)
        story.on(day(28))
        story.checks_in(id_, "1", on=day(8))
        story.does(c.ReplaceKeyResultCadence(id_, Cadence.MONTHLY))
        story.on(day(45))
        story.checks_in(id_, "2", on=day(30))
        found = story.queries.patterns(NOW)["findings"]
        assert [each["days_late"] for each in found if each["kind"] == "late_reading"] == [13]


def due(story: Story) -> int:
    return int(goal(story)["counts"]["discipline"]["due"])


def test_words_owner_and_cadence_go_on_in_the_next_cycle(promised: Story) -> None:
    story, id_ = promised, number(promised, "partners")
    win = UUID(story.board()["win"]["id"])
    story.does(c.DescribeObjective(win, "in the north"))
    story.does(c.DescribeKeyResult(id_, "who sell for us"))
    story.does(c.ReassignKeyResult(id_, BEN))
    story.does(c.CarryOverObjective(win, NEXT))
    carried = story.board(NEXT)["win"]
    told = next(each for each in carried["key_results"] if each["title"] == "partners")
    assert carried["description"] == "in the north"
    assert (told["description"], told["owner"]) == ("who sell for us", {"id": str(BEN)})
