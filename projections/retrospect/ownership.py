"""Ownership by interval, for people and teams alike, and the summaries of both.

Each holder of a goal has the days held, progress and expectation at both ends of them, and what
happened in them. A summary has two lists: goals ended with, and goals handed on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from okr_es.domain.effective_days import Since
from okr_es.scoring.shown import cut_down
from projections.as_of.hierarchy import below_objectives
from projections.as_of.moments import Moment
from projections.as_of.references import ref
from projections.as_of.view import View
from projections.goals.goal_history import GoalHistory
from projections.goals.timeline import Timeline
from projections.retrospect.activity import Happening, counts
from projections.retrospect.holders import ONE_DAY, Holders, Interval, Stretch, intervals
from projections.retrospect.people_figures import Shown, without_discipline
from projections.retrospect.review_answers import (
    EndedGoal,
    HeldGoal,
    HeldInterval,
    Passing,
    ReviewedPerson,
    ReviewedTeam,
    Summed,
)
from projections.retrospect.review_answers import Ownership as OwnershipAnswer
from projections.retrospect.review_answers import TeamInterval as TeamIntervalAnswer
from projections.retrospect.totals import Counted, ExactTotal, exact_total
from projections.retrospect.totals import shown as shown_total

# Who held a goal for less than this part of its own days is not judged by it.
LEAST_SHARE = 5

Holds = Callable[[Stretch], bool]
Holder = Callable[[Stretch], Since[str]]


class AtEnd(NamedTuple):
    """Progress and expectation of a goal at the end of a day, as shown; None: not there."""

    progress: Decimal | None
    expected: Decimal | None


NOT_THERE = AtEnd(None, None)
BEGINNING = AtEnd(None, cut_down(0))


class Held(NamedTuple):
    """A goal with all its stretches, what happened in each, and how it stood at days' ends."""

    id: str
    stretches: list[Stretch]
    happened: list[list[Happening]]
    counted: Counted
    at_ends: dict[tuple[str, date], AtEnd]
    in_the_end: AtEnd = NOT_THERE

    @property
    def days(self) -> int:
        """How many days of its own it has had."""
        return sum(each.days for each in self.stretches)

    def intervals(self, is_held: Holds) -> list[Interval]:
        """Return the intervals in which it is held so."""
        return intervals(self.stretches, is_held)

    def happened_in(self, held: Iterable[Interval]) -> list[Happening]:
        """Return what happened in some intervals."""
        return [each for one in held for n in one.numbers for each in self.happened[n]]

    def eve(self, first: date) -> AtEnd:
        """Return how it stood on the eve of a day; before its own first day: at its beginning."""
        if first == self.stretches[0].first:
            return BEGINNING
        return self.at_ends.get((self.id, first - ONE_DAY), NOT_THERE)


def at_ends_of(view: View, holders: Holders) -> dict[tuple[str, date], AtEnd]:
    """Return how goals stood at the end of each stretch but that of the cycle's or today's end.

    The plan of a day is the version in force on it; readings are those about the day and those
    before it, as known at the view's moment.
    """
    eves = sorted(
        (each.last, id_)
        for id_, held in holders.of.items()
        for each in held
        if each is not held[-1] or each.last < holders.last
    )
    if not eves:
        return {}
    moment = view.moment
    days = sorted({day for day, _ in eves})
    ends = view.dates.ends(days)
    first = min(ends[days[0]], moment.plan)
    closure = below_objectives(view, sorted({id_ for _, id_ in eves}))
    history = GoalHistory(view, closure, first, moment.known, days[0])
    timeline = Timeline(history, Moment(first, moment.known, days[0], days[0]))
    found = {}
    for day, id_ in eves:
        timeline.move(Moment(min(ends[day], moment.plan), moment.known, day, day))
        score = timeline.score(id_)
        if score is not None:
            found[id_, day] = AtEnd(cut_down(score.exact), cut_down(score.expected))
    return found


def by_stretch(stretches: list[Stretch], happened: Iterable[Happening]) -> list[list[Happening]]:
    """Return what happened in each stretch, by days; what came later belongs to the last."""
    if len(stretches) == 1:
        return [list(happened)]
    shares: list[list[Happening]] = [[] for _ in stretches]
    firsts = [each.first for each in stretches]
    for each in happened:
        shares[max(bisect_right(firsts, each.day) - 1, 0)].append(each)
    return shares


# ---- the holders of a goal ------------------------------------------------------------------


def owners_of(held: Held, shown: Shown) -> list[OwnershipAnswer]:
    """Return who owned an objective, each from when to when, in order.

    What happened in their days is a figure of a person: only who may see those is shown it.
    """
    found: list[OwnershipAnswer] = []
    for each in all_intervals(held, owner_of):
        id_ = owner_of(each.stretches[0]).value
        has_counts = shown.has_figures_of(id_)
        found.append({"owner": ref(id_), **passing(held, each, owner_of, has_counts=has_counts)})
    return found


def teams_of(held: Held, with_discipline: Collection[str]) -> list[TeamIntervalAnswer]:
    """Return which teams had an objective, each from when to when, in order.

    `with_discipline` are the teams of which readings late or missing are shown.
    """
    found: list[TeamIntervalAnswer] = []
    for each in all_intervals(held, team_of):
        id_ = team_of(each.stretches[0]).value
        answer: TeamIntervalAnswer = {"team": ref(id_), **passing(held, each, team_of)}
        if id_ not in with_discipline and answer["counts"] is not None:
            answer["counts"] = without_discipline(answer["counts"])
        found.append(answer)
    return found


def owner_of(stretch: Stretch) -> Since[str]:
    """Return who owned a goal in a stretch, since when."""
    return stretch.owner


def team_of(stretch: Stretch) -> Since[str]:
    """Return which team had a goal in a stretch, since when."""
    return stretch.team


def all_intervals(held: Held, holder: Holder) -> list[Interval]:
    """Return the intervals of all holders of a goal, in order."""
    found: list[Interval] = []
    for id_ in dict.fromkeys(holder(each).value for each in held.stretches):
        found += held.intervals(lambda stretch, id_=id_: holder(stretch).value == id_)  # type: ignore[misc]
    return sorted(found, key=lambda interval: interval.numbers)


def passing(held: Held, interval: Interval, holder: Holder, *, has_counts: bool = True) -> Passing:
    """Return an interval with the events by which the goal came to its holder and went on."""
    since = holder(interval.stretches[0])
    following = None if interval.after is None else holder(interval.after)
    return {
        **interval_answer(held, interval, holder, has_counts=has_counts),
        "from_position": since.position,
        "until_position": None if following is None else following.position,
        "recorded_later": recorded_later(interval, holder),
    }


def recorded_later(interval: Interval, holder: Holder) -> date | None:
    """Return when it was last recorded, after a day of an interval, who held the goal in it."""
    days = (holder(each).recorded_later(each.first) for each in interval.stretches)
    return max((day for day in days if day is not None), default=None)


def interval_answer(
    held: Held, interval: Interval, holder: Holder, *, has_counts: bool = True
) -> HeldInterval:
    """Return days, progress, expectation and what happened of an interval of an owner or team."""
    after = interval.after
    starts = held.eve(interval.first)
    ends = held.in_the_end if after is None else held.eve(after.first)
    return {
        "from": interval.first,
        "until": None if after is None else after.first,
        "to": None if after is None else ref(holder(after).value),
        "days": interval.days,
        "progress_at_start": starts.progress,
        "progress_at_end": ends.progress,
        "expected_at_start": starts.expected,
        "expected_at_end": ends.expected,
        "counts": counts(held.happened_in([interval])) if has_counts else None,
    }


# ---- summaries ------------------------------------------------------------------------------


class Sums:
    """What came out of the goals that a person or team held, as they are collected."""

    def __init__(self, *, has_discipline: bool) -> None:
        self.has_discipline = has_discipline
        self.counted: list[Counted] = []
        self.happened: list[Happening] = []

    def add(self, goal: Held, held: list[Interval], *, in_mean: bool, weight: int = 1) -> None:
        """Add a goal with the intervals in which it was theirs; the mean is of those ended with."""
        self.happened += goal.happened_in(held)
        if held[-1].after is None and in_mean:
            self.counted.append(goal.counted._replace(weight=weight))

    @property
    def total(self) -> ExactTotal:
        """The total of the goals ended with that are in the mean, with exact shares."""
        return exact_total(self.counted, self.happened, has_discipline=self.has_discipline)


class Summary(Sums):
    """The same with both lists of the goals, each with the intervals in which it was theirs."""

    def __init__(self, holder: Holder, *, has_discipline: bool) -> None:
        super().__init__(has_discipline=has_discipline)
        self.holder = holder
        self.ended_with: list[EndedGoal] = []
        self.handed_on: list[HeldGoal] = []

    def add(self, goal: Held, held: list[Interval], *, in_mean: bool, weight: int = 1) -> None:
        """Add a goal, once to each list it belongs to."""
        super().add(goal, held, in_mean=in_mean, weight=weight)
        if held[-1].after is None:
            self.ended_with.append({**self.held_goal(goal, held), "in_mean": in_mean})
        if passed_on := [each for each in held if each.after is not None]:
            self.handed_on.append(self.held_goal(goal, passed_on))

    def held_goal(self, goal: Held, held: list[Interval]) -> HeldGoal:
        """Return a goal with the intervals in which it was theirs."""
        answers = [interval_answer(goal, each, self.holder) for each in held]
        for answer in answers:
            if not self.has_discipline and answer["counts"] is not None:
                answer["counts"] = without_discipline(answer["counts"])
        days = sum(each.days for each in held)
        return {"objective": ref(goal.id), "days": days, "intervals": answers}

    @property
    def answer(self) -> Summed:
        """Both lists, and the total of the goals ended with that are in the mean."""
        return {
            "ended_with": self.ended_with,
            "handed_on": self.handed_on,
            **shown_total(self.total),
        }


def people(
    goals: list[Held], shown: Shown, only: str | None, within: str | None
) -> list[ReviewedPerson]:
    """Return the summary of each person whose figures are shown, or of one, by id."""
    owned = owned_by(goals, shown, only, within)
    return [person(id_, each) for id_, each in sorted(owned.items())]


def person(id_: str, goals: list[Held]) -> ReviewedPerson:
    """Return the summary of a person."""
    found = Summary(owner_of, has_discipline=True)
    add_of_person(found, id_, goals)
    return {"person": ref(id_), **found.answer}


def teams(
    goals: list[Held], with_discipline: Collection[str], within: str | None
) -> list[ReviewedTeam]:
    """Return the summary of each team, with all below it; or of one team and those below it."""
    held = held_by_team(goals, within)
    return [team(id_, held[id_], has_discipline=id_ in with_discipline) for id_ in sorted(held)]


def team(id_: str, goals: list[Held], *, has_discipline: bool) -> ReviewedTeam:
    """Return the summary of a team with all below it, in the tree of each day."""
    found = Summary(team_of, has_discipline=has_discipline)
    add_of_team(found, id_, goals)
    return {"team": ref(id_), **found.answer}


# ---- whose goals count for whom -------------------------------------------------------------


def owned_by(
    goals: list[Held], shown: Shown, only: str | None, within: str | None
) -> dict[str, list[Held]]:
    """Return the goals of each person whose figures are shown, or of one, by the person's id.

    In the review of a team those who owned a goal while it was `within` it.
    """
    owned: dict[str, list[Held]] = defaultdict(list)
    for goal in goals:
        theirs = [each for each in goal.stretches if within is None or within in each.teams]
        for id_ in dict.fromkeys(each.owner.value for each in theirs):
            if only in (None, id_) and shown.has_figures_of(id_):
                owned[id_].append(goal)
    return owned


def add_of_person(found: Sums, id_: str, goals: list[Held]) -> None:
    """Add the goals of a person: they weigh by the days the person had them.

    A goal ended with that was theirs for less than a fifth of its own days is not in the means.
    """
    for goal in goals:
        held = goal.intervals(lambda stretch: stretch.owner.value == id_)
        days = sum(each.days for each in held)
        found.add(goal, held, in_mean=days * LEAST_SHARE >= goal.days, weight=days)


def owners_by_team(goals: list[Held]) -> dict[str, set[str]]:
    """Return who owned goals of each team, and of all below it, while they were its own."""
    found: dict[str, set[str]] = defaultdict(set)
    for goal in goals:
        for each in goal.stretches:
            for id_ in each.teams:
                found[id_].add(each.owner.value)
    return found


def held_by_team(goals: list[Held], within: str | None) -> dict[str, list[Held]]:
    """Return the goals of each team with all below it, by id; of one team and those below it."""
    found: dict[str, dict[str, Held]] = defaultdict(dict)
    ids = set() if within is None else {within}
    for goal in goals:
        for each in goal.stretches:
            ids.update(up_to(each.teams, within))
            for id_ in each.teams:
                found[id_][goal.id] = goal
    return {id_: list(found[id_].values()) for id_ in ids}


def up_to(teams: tuple[str, ...], within: str | None) -> tuple[str, ...]:
    """Return those of a team and all above it that lie within another; None: all."""
    if within is None:
        return teams
    return teams[: teams.index(within) + 1] if within in teams else ()


def add_of_team(found: Sums, id_: str, goals: list[Held]) -> None:
    """Add the goals of a team with all below it, in the tree of each day.

    Each objective counts once, for the team that held it at its end.
    """
    for goal in goals:
        if held := goal.intervals(lambda stretch: id_ in stretch.teams):
            found.add(goal, held, in_mean=True)
