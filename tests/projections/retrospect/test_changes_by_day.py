"""The dots of a time bar: how much was changed on each day, of each kind, by a plain count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import NotFound
from projections.audit_log.languages import TYPES
from projections.queries import Queries
from projections.retrospect.changes_by_day import ALL, KINDS
from tests.support.history_of_rights import ruled
from tests.support.random_history import Told
from tests.support.search_oracle import Event, aboves, events, is_about_cycle, is_about_team
from tests.support.story import ANN, BEN, NOW, SALES, Story, day, metric, wanted

Every = Callable[..., None]
SHARE = {"sqlite": 12, "postgresql": 4}
NOUNS = {"cycle", "objective", "key_result", "kpi", "reading", "approval"}
# By hand: what the words of the answer promise, by the end of a type's name.
COUNTED_AS = {
    "plan_commits": {"cycle.plan_committed"},
    "closings": {"cycle.closed", "cycle.reopened"},
    "grades": {"objective.graded"},
    "hand_overs": {"objective.reassigned", "key_result.reassigned", "kpi.reassigned"},
    "check_ins": {"reading.checked_in"},
    "readings": {"reading.recorded"},
}


# ---- by a plain fold ------------------------------------------------------------------------


def is_of_a_kpi(event: Event) -> bool:
    things = list(event.things)
    return bool(things) and all(thing in event.after["kpi"] for thing in things)


def is_wanted(event: Event, log: list[Event], cycle: UUID, filters: dict[str, UUID]) -> bool:
    """Whether an event is of a cycle, and of the team and owner that are asked for."""
    row = log[-1].after["cycle"][str(cycle)]
    last = row["closings"][-1] if row["closed"] else None
    if is_of_a_kpi(event) and last is not None and event.row["position"] > last:
        return False
    return (
        is_about_cycle(event, cycle)
        and ("team_id" not in filters or is_about_team(event, filters["team_id"]))
        and ("owner_id" not in filters or is_owned(event, str(filters["owner_id"])))
    )


def is_owned(event: Event, owner: str) -> bool:
    """Whether it is about a goal of an owner, or about what belongs to one."""
    return any(owner in owners_of(rows, thing) for rows in event.around() for thing in event.things)


def owners_of(rows: Any, id_: str) -> set[str]:
    if id_ in rows["objective"]:
        return {rows["objective"][id_]["owner_id"]}
    found = {rows["key_result"][id_]["owner_id"]} if id_ in rows["key_result"] else set()
    return found.union(*(owners_of(rows, each) for each in aboves(rows, id_)))


def rose(event: Event) -> bool:
    """Whether it revised a committed plan: the count of a goal of its own rose."""
    return any(
        row["revisions"] > event.before[table][id_]["revisions"]
        for table in ("objective", "key_result")
        for id_, row in event.after[table].items()
        if id_ in event.before[table]
    )


def test_each_day_counts_what_a_plain_fold_finds(every_history: Every) -> None:
    def holds(told: Told, sequel: list[Any]) -> None:
        told.plays(sequel)
        log, queries = events(told), Queries(told.okr, told.runner)
        cycles = sorted(log[-1].after["cycle"])
        some = [{}, *({"team_id": UUID(each)} for each in sorted(log[-1].after["team"])[:3])]
        some += [{"owner_id": UUID(each)} for each in sorted(log[-1].after["person"])[:2]]
        for cycle in cycles:
            for filters in some:
                mine = [e for e in log if is_wanted(e, log, UUID(cycle), filters)]
                found = queries.changes_by_day(UUID(cycle), **filters)["days"]
                days = Counter(on(told, event) for event in mine)
                revised = Counter(on(told, event) for event in mine if rose(event))
                assert {each["day"]: each["events"] for each in found} == days, (cycle, filters)
                assert {d["day"]: d["revisions"] for d in found if d["revisions"]} == revised
                for kind, types in COUNTED_AS.items():
                    expected = Counter(on(told, e) for e in mine if e.row["type"] in types)
                    counted = {d["day"]: d["kinds"][kind] for d in found if d["kinds"][kind]}
                    assert counted == expected, (kind, cycle, filters)
                assert all(sum(each["kinds"].values()) == each["events"] for each in found)

    every_history(holds, SHARE, sequel=ruled)


def on(told: Told, event: Event) -> date:
    return datetime.fromisoformat(event.row["recorded_at"]).astimezone(told.zone).date()


# ---- by hand --------------------------------------------------------------------------------


def days_of(story: Story, **filters: Any) -> dict[date, dict[str, int]]:
    """The kinds that are not 0, by day."""
    found = story.queries.changes_by_day(NOW, **filters)["days"]
    return {d["day"]: {k: n for k, n in d["kinds"].items() if n} for d in found}


def test_a_quarter_has_its_days_with_what_was_changed(story: Story) -> None:
    goal = story.objective()
    number = story.key_result(goal)
    story.does(c.CommitPlan(NOW))
    story.on(day(52))
    story.checks_in(number, "40")
    story.does(c.RetargetKeyResult(number, metric("0", "80")))
    story.on(day(60))
    story.does(c.ReassignObjective(goal, owner_id=BEN))
    assert days_of(story) == {
        day(1): {"new_goals": 3, "others": 1},  # the cycle is opened
        day(50): {"plan_commits": 1},
        day(52): {"check_ins": 1, "retargets": 1},
        day(60): {"hand_overs": 1},
    }
    revisions = {d["day"]: d["revisions"] for d in story.queries.changes_by_day(NOW)["days"]}
    assert revisions == {day(1): 0, day(50): 0, day(52): 1, day(60): 1}
    assert list(days_of(story, known_at=day(55).isoformat())) == [day(1), day(50), day(52)]
    assert days_of(story, owner_id=BEN) == {day(60): {"hand_overs": 1}}
    assert day(60) in days_of(story, owner_id=ANN)  # what takes it away is of who had it as well
    assert days_of(story, team_id=SALES) == {}


def test_a_kpi_counts_while_it_feeds_and_up_to_the_closing(story: Story) -> None:
    goal, kpi = story.objective(), story.kpi("increase", wanted("80", 1, 200))
    number = story.key_result(goal)
    story.does(c.LinkKeyResult(number, kpi))
    story.on(day(90))
    story.reads(kpi, "10")
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    story.on(day(120))
    story.reads(kpi, "20")
    found = days_of(story)
    assert found[day(90)] == {"readings": 1}
    assert day(120) not in found


@pytest.mark.parametrize("name", ["team_id", "owner_id", "goal_id"])
def test_a_filter_that_names_nothing_is_refused(story: Story, name: str) -> None:
    with pytest.raises(NotFound) as refusal:
        story.queries.changes_by_day(NOW, **{name: UUID(int=0xFFF)})
    assert refusal.value.field == name


def test_every_type_of_event_has_a_kind_of_its_own_or_is_among_the_others() -> None:
    assert set(KINDS.values()) | {"others"} == set(ALL)
    assert set(KINDS) <= set(TYPES)
    others = {each for each in TYPES if each.partition(".")[0] in NOUNS} - set(KINDS)
    assert others == {
        "cycle.approval_required", "cycle.opened", "cycle.renamed",
        "key_result.cadence_replaced", "key_result.described", "key_result.linked",
        "key_result.moved", "key_result.rebased", "key_result.retitled",
        "key_result.reweighted", "key_result.unlinked", "kpi.cadence_replaced",
        "kpi.purpose_replaced", "kpi.redefined", "kpi.renamed", "kpi.source_replaced",
        "objective.commitment_replaced", "objective.described", "objective.kept_confidential",
        "objective.opened_to_all", "objective.rescheduled", "objective.retitled",
    }  # fmt: skip
