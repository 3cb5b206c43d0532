"""A firm that gets everything wrong once and puts it right, beside one that was right at once."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.changes import MeasureChanges
from okr_es.domain.values import PeopleFigures
from tests.support.story import ANN, BEN, COMPANY, SALES, Story, day, metric
from tests.support.world import d

Row = dict[str, Any]

QUARTER = UUID(int=0xE1)
CEM, TWICE = UUID(int=0xA3), UUID(int=0xA4)
SELL, BUILD = UUID(int=0xD1), UUID(int=0xD2)
CALLS, DEALS, TRIALS = UUID(int=0xF1), UUID(int=0xF2), UUID(int=0xF3)


def quarter_of(story: Story, *, slips: bool) -> Row:
    """The review of a quarter; `slips`: with each thing done wrong first, and put right."""
    prepares(story, slips=slips)
    plans(story, slips=slips)
    works(story, slips=slips)
    closes(story, slips=slips)
    return dict(story.queries.review(QUARTER))


def prepares(story: Story, *, slips: bool) -> None:
    """A wrong last day of the quarter, a person who is registered twice."""
    story.on(day(2))
    story.does(c.ChoosePeopleFigures(PeopleFigures.HR_TOO))
    story.does(c.RegisterPerson("Cem Example", "cem@example.org", id=CEM))
    story.does(c.OpenCycle("quarter", day(8), day(79 if slips else 97), id=QUARTER))
    if slips:
        again = story.execute(c.RegisterPerson("cem  example", "CEM@example.org", id=TWICE))
        assert {(each.code, each.things[0].id) for each in again.warnings} == {
            ("person_has_same_name", CEM),
            ("person_has_same_email", CEM),
        }
        story.does(c.DeactivatePerson(TWICE))
        story.does(c.RescheduleCycle(QUARTER, ends=day(97)))


def plans(story: Story, *, slips: bool) -> None:
    """A wrong owner, a typo in a target."""
    story.on(day(8))
    owner = BEN if slips else CEM
    story.does(c.DraftObjective(QUARTER, SALES, owner, "sell", id=SELL))
    story.does(c.DraftObjective(QUARTER, COMPANY, ANN, "build", id=BUILD))
    typed = metric("0", "1000" if slips else "100")
    story.does(c.AddKeyResult(SELL, "calls", metric(), id=CALLS))
    story.does(c.AddKeyResult(SELL, "deals", typed, id=DEALS))
    story.does(c.AddKeyResult(BUILD, "trials", metric(), id=TRIALS))
    for id_ in (SELL, BUILD):
        story.does(c.CommitObjective(id_))
    story.does(c.CommitPlan(QUARTER))
    story.on(day(10))
    if slips:
        story.does(c.CorrectKeyResult(DEALS, MeasureChanges(target=d("100"))))
        story.does(c.ReassignObjective(SELL, CEM, effective=day(8)))


def works(story: Story, *, slips: bool) -> None:
    """The wrong key result is dropped."""
    story.on(day(50))
    story.checks_in(CALLS, "40")
    story.checks_in(TRIALS, "30")
    if slips:
        story.does(c.DropKeyResult(TRIALS))
        story.does(c.ReinstateKeyResult(TRIALS))
    story.on(day(70))
    story.checks_in(DEALS, "60")


def closes(story: Story, *, slips: bool) -> None:
    """It is closed too early."""
    story.on(day(90))
    if slips:
        story.does(c.CloseCycle(QUARTER))
        story.does(c.ReopenCycle(QUARTER))
    story.checks_in(CALLS, "80")
    story.on(day(99))
    story.checks_in(TRIALS, "100", day(97))
    story.does(c.CloseCycle(QUARTER, grade_rest=True))


def outcome(review: Row) -> Row:
    """What a review says came out: of goals, people, teams and all of it."""
    return {
        "cycle": {name: review["cycle"][name] for name in ("starts", "ends", "closed")},
        "goals": {each["id"]: came_out(each) for each in review["goals"]},
        "people": {each["person"]["id"]: summed(each) for each in review["people"]
                   if each["ended_with"]},
        "teams": {each["team"]["id"]: summed(each) for each in review["teams"]},
        "total": totals(review["total"]),
    }  # fmt: skip


def came_out(goal: Row) -> Row:
    return {
        **{name: goal[name] for name in ("title", "scores", "outcome", "ended_by", "grade")},
        "owners": [(each["owner"], each["days"]) for each in goal["owners"] if each["days"]],
        "key_results": {
            each["title"]: (each["promised"], each["ended_as"], each["scores"], each["reading"])
            for each in map(without_ids, goal["key_results"])
        },
    }


def without_ids(key_result: Row) -> Row:
    """A key result with its reading without the id, which is another in each firm."""
    return {**key_result, "reading": {**key_result["reading"], "id": None}}


def summed(row: Row) -> Row:
    goals = [(each["objective"], each["days"]) for each in row["ended_with"]]
    return {**totals(row), "goals": goals}


def totals(row: Row) -> Row:
    """What is counted of goals, without what happened to them."""
    names = ("objectives", "scores", "not_measured", "added", "given_up", "outcomes", "ended_by")
    return {name: row[name] for name in names}


def test_its_review_reads_as_if_all_had_been_right(story: Story, story_on_sqlite: Story) -> None:
    put_right = quarter_of(story, slips=True)
    was_right = quarter_of(story_on_sqlite, slips=False)
    assert outcome(put_right) == outcome(was_right)
    sell = next(each for each in put_right["goals"] if each["title"] == "sell")
    assert [sell["scores"][plan]["score"] for plan in ("committed", "ended")] == [d("0.7")] * 2


@pytest.mark.parametrize(
    ("thing", "happened"),
    [
        (QUARTER, ["cycle.opened", "cycle.rescheduled", "cycle.closed", "cycle.reopened"]),
        (SELL, ["key_result.corrected", "objective.reassigned"]),
        (BUILD, ["key_result.dropped", "key_result.reinstated"]),
        (TWICE, ["person.registered", "person.deactivated"]),
    ],
    ids=["quarter", "sell", "build", "twice"],
)
def test_its_history_shows_every_step(thing: UUID, happened: list[str], story: Story) -> None:
    quarter_of(story, slips=True)
    entries = story.queries.history(thing)["entries"]
    types = [each["type"] for each in reversed(entries)]
    assert [each for each in types if each in happened][: len(happened)] == happened


def test_what_was_typed_at_first_stays_in_it(story: Story) -> None:
    quarter_of(story, slips=True)
    changed = {
        (each["type"], change["field"]): (change["before"], change["after"])
        for thing in (QUARTER, DEALS, SELL)
        for each in story.queries.history(thing)["entries"]
        for change in each["changes"]
    }
    assert changed["key_result.corrected", "target"] == ("1000", "100")
    assert changed["cycle.rescheduled", "ends"] == (str(day(79)), str(day(97)))
    assert changed["objective.reassigned", "owner_id"] == (str(BEN), str(CEM))


def test_by_what_was_known_before_it_was_otherwise(story: Story) -> None:
    """Nothing is hidden: what was typed is what was known, up to the day it was put right."""
    quarter_of(story, slips=True)
    before = story.queries.objective(SELL, known_at=str(day(9)))
    assert before["owner"] == {"id": str(BEN)}
    assert {each["title"]: each["target"] for each in before["key_results"]}["deals"] == "1000"
    assert date.fromisoformat(str(day(79))) == day(79)
