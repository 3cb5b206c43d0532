"""The review of a past cycle: promised, ended as, what came out, and who was accountable when."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Cadence, PeopleFigures
from tests.support.story import ANN, BEN, COMPANY, NEXT, NOW, SALES, Story, day, metric

Row = dict[str, Any]


@pytest.fixture
def story(story: Story) -> Story:
    """Figures per person are shown to all who ask."""
    story.does(c.ChoosePeopleFigures(PeopleFigures.HR_TOO))
    return story


def goal(answer: Row, title: str = "win") -> Row:
    (found,) = [each for each in answer["goals"] if each["title"] == title]
    return found


def scores(row: Row) -> tuple[Decimal | None, Decimal | None]:
    """Against the plan as committed, and as it ended."""
    both = (row["scores"]["committed"], row["scores"]["ended"])
    return tuple(each and each.get("score", each.get("progress")) for each in both)  # type: ignore[return-value]


def test_two_scores_stand_side_by_side(story: Story) -> None:
    win = story.objective()
    customers = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.does(c.RetargetKeyResult(customers, metric("0", "50")), reason="Too bold.")
    story.checks_in(customers, "40")
    review = goal(story.queries.review(NOW))
    assert scores(review) == (Decimal("0.4000"), Decimal("0.8000"))
    (key_result,) = review["key_results"]
    assert (key_result["promised"]["target"], key_result["ended_as"]["target"]) == ("100", "50")
    assert scores(key_result) == (Decimal("0.4000"), Decimal("0.8000"))
    assert review["counts"]["retargets"] == 1


def test_what_was_dropped_still_counts_against_what_was_promised(story: Story) -> None:
    win = story.objective()
    discipline, gone = story.key_result(win), story.key_result(win, title="gone")
    story.does(c.CommitPlan(NOW))
    story.checks_in(discipline, "80")
    story.checks_in(gone, "0")
    story.does(c.DropKeyResult(gone))
    review = goal(story.queries.review(NOW))
    assert scores(review) == (Decimal("0.4000"), Decimal("0.8000"))
    dropped = next(each for each in review["key_results"] if each["title"] == "gone")
    assert (dropped["planned"], dropped["dropped_mid_cycle"], dropped["ended_as"]) == (
        True, True, None,
    )  # fmt: skip


def test_what_was_added_has_both_scores_what_was_given_up_one(story: Story) -> None:
    lose = story.objective("lose")
    story.checks_in(story.key_result(lose), "10")
    story.does(c.CommitPlan(NOW))
    late = story.does(c.DraftObjective(NOW, COMPANY, ANN, "late"))
    number = story.key_result(late)
    story.does(c.CommitObjective(late))
    story.checks_in(number, "90")
    story.does(c.AbandonObjective(lose))
    review = story.queries.review(NOW)
    assert scores(goal(review, "lose")) == (Decimal("0.1000"), None)
    assert scores(goal(review, "late")) == (Decimal("0.9000"), Decimal("0.9000"))
    (company,) = review["teams"]
    assert len(company["ended_with"]) == company["objectives"] == 2
    assert company["scores"] == {"committed": Decimal("0.5000"), "ended": Decimal("0.9000")}
    assert (company["added"], company["not_planned"], company["given_up"]) == (1, 0, 1)
    assert company["not_measured"] == {"committed": 0, "ended": 0}


def test_not_measured_is_kept_apart_from_zero(story: Story) -> None:
    nothing, zero = story.objective("nothing"), story.objective("zero")
    story.key_result(nothing)
    story.checks_in(story.key_result(zero), "0")
    story.does(c.CommitPlan(NOW))
    review = story.queries.review(NOW)
    assert scores(goal(review, "nothing")) == (None, None)
    assert scores(goal(review, "zero")) == (Decimal("0.0000"), Decimal("0.0000"))
    (ann,) = review["people"]
    assert ann["scores"]["ended"] == Decimal("0.0000")
    assert ann["not_measured"] == {"committed": 1, "ended": 1}


def test_a_goal_handed_over_counts_for_each_owner_in_their_time(story: Story) -> None:
    story.on(day(50))
    win = story.objective()
    customers = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.on(day(60))
    story.checks_in(customers, "50")
    story.on(day(76))
    story.does(c.ReassignObjective(win, owner_id=BEN), reason="Ann leaves.")
    story.on(day(90))
    story.checks_in(customers, "80")
    story.on(day(101))
    review = story.queries.review(NOW)
    first, second = goal(review)["owners"]
    assert (first["owner"]["id"], first["from"], first["until"]) == (str(ANN), day(50), day(76))
    assert (second["owner"]["id"], second["from"], second["until"]) == (str(BEN), day(76), None)
    assert (first["days"], second["days"]) == (26, 25)
    assert (first["to"], second["to"]) == ({"id": str(BEN)}, None)
    assert (first["progress_at_start"], first["progress_at_end"]) == (None, Decimal("0.5000"))
    assert (second["progress_at_start"], second["progress_at_end"]) == (
        Decimal("0.5000"), Decimal("0.8000"),
    )  # fmt: skip
    assert [person["person"]["id"] for person in review["people"]] == [str(ANN), str(BEN)]
    alone = story.queries.review(NOW, person_id=BEN)
    assert [each["person"]["id"] for each in alone["people"]] == [str(BEN)]
    assert goal(alone)["id"] == str(win)


def test_what_happened_counts_for_its_owner_of_then(story: Story) -> None:
    win = story.objective()
    customers = story.key_result(win, cadence=Cadence.WEEKLY)
    story.does(c.CommitPlan(NOW))
    story.does(c.RetargetKeyResult(customers, metric("0", "90")))
    story.on(day(70))  # twelve days late
    wrong = story.checks_in(customers, "40")
    story.on(day(76))
    story.does(c.ReassignObjective(win, owner_id=BEN))
    story.does(c.CorrectReading(wrong, Decimal(30)))
    story.on(day(78))  # overdue since the 77th, in Ben's time
    story.checks_in(customers, "50")
    story.does(c.RetargetKeyResult(customers, metric("0", "80")))
    story.does(c.RetargetKeyResult(customers, metric("0", "70")))
    story.on(day(101))
    review = story.queries.review(NOW)
    told = [
        {name: number for name, number in each["counts"].items() if number}
        for each in goal(review)["owners"]
    ]
    assert told == [
        {"retargets": 1, "eased_targets": 1, "discipline": discipline(3, 0, 0, 3)},
        {
            "retargets": 2, "eased_targets": 2, "reassignments": 1, "corrections": 1,
            "discipline": discipline(4, 2, 0, 2),
        },
    ]  # fmt: skip
    assert [each["counts"] for each in review["people"]] == [
        each["counts"] for each in goal(review)["owners"]
    ]


def discipline(due: int, on_time: int, late: int, missing: int) -> dict[str, int]:
    return {"due": due, "on_time": on_time, "late": late, "missing": missing}


def test_goals_weigh_for_a_person_by_the_days_they_had_them(story: Story) -> None:
    story.on(day(50))
    long, short = story.objective("long"), story.objective("short", owner_id=BEN)
    story.checks_in(story.key_result(long), "100")
    story.checks_in(story.key_result(short), "0")
    story.does(c.CommitPlan(NOW))
    story.on(day(84))
    story.does(c.ReassignObjective(short, owner_id=ANN))
    story.on(day(100))
    ann, ben = story.queries.review(NOW)["people"]
    assert ann["scores"]["ended"] == Decimal("0.7500")  # 51 of 68 days
    assert (ben["objectives"], ben["scores"]["ended"]) == (0, None)  # it was handed on


def test_what_happened_on_the_way_is_counted(story: Story) -> None:
    story.on(day(50))
    win, sell = story.objective(), story.objective("sell")
    customers = story.key_result(win)
    story.does(c.RetargetKeyResult(customers, metric("0", "90")))  # before the plan: no count
    story.does(c.CommitPlan(NOW))
    story.does(c.RetargetKeyResult(customers, metric("0", "80")))
    story.does(c.ReweightKeyResult(customers, Decimal(2)))
    story.does(c.CorrectKeyResult(customers, weight=Decimal(3)))
    story.does(c.RetitleObjective(win, "win more"))
    story.aligns(sell, aligned_to_objective_id=win)
    reading = story.checks_in(customers, "10")
    story.does(c.CorrectReading(reading, Decimal(20)))
    story.does(c.RetractReading(reading))
    story.does(c.LinkKeyResult(customers, story.kpi()))
    story.does(c.LinkKeyResult(customers, None))
    counts = goal(story.queries.review(NOW), "win more")["counts"]
    assert counts == {
        "retitlings": 1, "reschedulings": 0, "commitment_changes": 0, "retargets": 1,
        "reweightings": 1, "realignments": 0, "reassignments": 0, "moves": 0, "links": 2,
        "eased_targets": 1,
        "promise_corrections": 1, "corrections": 1, "retractions": 1,
        "discipline": discipline(0, 0, 0, 0),
    }  # fmt: skip
    assert goal(story.queries.review(NOW), "sell")["counts"]["realignments"] == 1


def test_confidence_is_shown_over_time(story: Story) -> None:
    win = story.objective()
    customers = story.key_result(win)
    story.checks_in(customers, "40", confidence=7)
    story.on(day(60))
    taken_back = story.checks_in(customers, "41", confidence=1)
    story.checks_in(customers, "50", confidence=4)
    story.does(c.RetractReading(taken_back))
    (key_result,) = goal(story.queries.review(NOW))["key_results"]
    assert key_result["confidence"] == [
        {"as_of": str(day(50)), "recorded_on": day(50), "confidence": 7},
        {"as_of": str(day(60)), "recorded_on": day(60), "confidence": 4},
    ]


def test_grades_computed_and_adjusted_are_both_shown(story: Story) -> None:
    win = story.objective()
    story.checks_in(story.key_result(win), "40")
    story.does(c.GradeObjective(win, Decimal("0.6")), reason="Against the wind.")
    grade = goal(story.queries.review(NOW))["grade"]
    assert (grade["computed"], grade["adjusted"]) == (Decimal("0.4000"), "0.6")


def test_a_team_is_reviewed_with_all_below_it(story: Story) -> None:
    story.objective(), story.objective("sell", team_id=SALES)
    statements = [each["title"] for each in story.queries.review(NOW, team_id=SALES)["goals"]]
    assert statements == ["sell"]
    assert len(story.queries.review(NOW, team_id=COMPANY)["goals"]) == 2
    with pytest.raises(NotFound):
        story.queries.review(NOW, team_id=NOW)


def test_who_and_what_is_reviewed_alone_must_have_been_there(story: Story) -> None:
    closed(story)
    later = story.objective("later", cycle_id=NEXT)
    new = story.does(c.RegisterPerson("New Example", id=UUID(int=0xC1)))
    asked: tuple[tuple[str, UUID], ...] = (
        ("person_id", UUID(int=7)),
        ("person_id", new),
        ("team_id", UUID(int=7)),
        ("objective_id", UUID(int=7)),
        ("objective_id", later),
    )
    for field, id_ in asked:
        with pytest.raises(NotFound, match="by then") as refused:
            story.queries.review(NOW, **{field: id_})
        assert refused.value.field == field
    assert story.queries.review(NEXT, person_id=new)["goals"] == []


def test_only_an_objective_of_the_cycle_is_reviewed_alone(story: Story) -> None:
    win, later = story.objective(), story.objective("later", cycle_id=NEXT)
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "perhaps"))
    for id_, said in (
        (story.key_result(win), "is a key result, no objective"),
        (story.kpi(), "is a KPI, no objective"),
        (later, "is an objective of another cycle, next"),
        (draft, "is a draft"),
    ):
        with pytest.raises(NotFound, match=said) as refused:
            story.queries.review(NOW, objective_id=id_)
        assert refused.value.field == "objective_id"
    assert len(story.queries.review(NOW, objective_id=win)["goals"]) == 1


def closed(story: Story) -> dict[str, UUID]:
    win = story.objective()
    customers = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    reading = story.checks_in(customers, "40")
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    return {"win": win, "customers": customers, "reading": reading}


def test_the_review_of_a_closed_cycle_stays_the_same_for_ever(story: Story) -> None:
    goals = closed(story)
    before = story.queries.review(NOW)
    story.checks_in(goals["customers"], "100", on=day(99))
    story.does(c.CorrectReading(goals["reading"], Decimal(1)))
    story.does(c.AdoptScoringPolicy(on_track=Decimal("0.8")))
    story.does(c.FormTeam("Later"))
    story.on(day(150))
    assert story.queries.review(NOW) == before


def test_reopened_and_closed_anew_it_is_reviewed_as_of_the_last_closing(story: Story) -> None:
    goals = closed(story)
    first, before = story.okr.log.head(), story.queries.review(NOW)
    story.does(c.ReopenCycle(NOW))
    story.checks_in(goals["customers"], "90", on=day(98))
    story.does(c.CloseCycle(NOW))
    assert scores(goal(story.queries.review(NOW)))[1] == Decimal("0.9000")
    then = story.queries.review(NOW, known_at=str(first))
    assert {k: v for k, v in then.items() if k != "fixed"} == {
        k: v for k, v in before.items() if k != "fixed"
    }
    assert then["fixed"]
