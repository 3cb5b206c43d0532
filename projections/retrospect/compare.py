"""Two states of the organisation side by side: what was added, dropped, carried over or changed.

A side is an instant, or a cycle as it stands: as published where it was closed, else as it is now.
Like is compared with like: against a cycle, an instant is limited to the goals of that cycle.
Goals are the same by their id, or by lineage: what a goal of a later cycle was carried over from.
A comparison is complete: applied to the state on one side it gives the state on the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.cycle import CycleRef, parse_cycle
from okr_es.domain.refusals import Invalid, NotFound
from projections.as_of.hierarchy import team_subtree
from projections.as_of.moments import Moment, Moments, is_moment
from projections.as_of.references import ref
from projections.as_of.view import View
from projections.goals.cycle_members import Scope
from projections.goals.goal import Goal
from projections.goals.loading import board, cycles_goals
from projections.goals.reader import Reader
from projections.goals.scoring import Scoring
from projections.read_model.tables import FOREVER
from projections.retrospect.answers import SideAnswer
from projections.retrospect.corrected_fields import Stored, corrected_fields
from projections.retrospect.diff import (
    Key,
    Pair,
    Record,
    Snapshot,
    by_lineage,
    entry,
    moves,
    what_counts,
)
from projections.retrospect.lineages import GOALS, lineages, matched
from projections.retrospect.reviewed import as_of_closing
from projections.retrospect.scoreboard import Asked, without_people
from projections.retrospect.scoreboard_answers import CompareAnswer, ScoreboardBody

CYCLE_MARK = "cycle:"
NOTHING: Mapping[str, bool] = {}
CYCLES = f"SELECT id FROM cycle WHERE known_until = {FOREVER} AND first_position <= :plan"


class Limits(NamedTuple):
    """What a comparison is limited to."""

    cycle: UUID | None = None
    team_id: UUID | None = None
    person_id: UUID | None = None
    goal_id: UUID | None = None

    @property
    def is_within_cycles(self) -> bool:
        """True if it is limited to some goals of its cycles."""
        return self[1:] != (None, None, None)


class Feeding(NamedTuple):
    """The last day about which readings of a KPI count for a goal, and the KPI's breaks."""

    last: str
    breaks: tuple[str, ...]


class Side(NamedTuple):
    """One side of a comparison: its moment, the cycle it is limited to, its goals."""

    text: str
    view: View
    cycle_id: UUID | None
    state: Snapshot
    scope: AbstractSet[Key]
    fed: dict[Key, dict[str, Feeding]]
    goals: dict[str, Goal]
    is_open: bool

    def feeding(self, key: Key | None) -> dict[str, Feeding]:
        """Return the KPIs that feed a goal on this side, by their ids."""
        return {} if key is None else self.fed.get(key, {})


def compare(
    reader: Reader, from_: str, to: str, limits: Limits, *, with_scoreboard: bool = True
) -> CompareAnswer:
    """Return what differs between two sides, goal by goal, and how statuses and scores moved.

    `with_scoreboard`: with the figures of both sides first, where each is of one cycle.
    """
    view = reader.now()
    limits_before, limits_after = like_with_like(reader.moments, from_, to, limits)
    first = moment_of(reader.moments, from_, "from", limits_before)
    last = moment_of(reader.moments, to, "to", limits_after)
    view = reader.back(view, last if last.known > first.known else first)
    before = side(view.at(first), from_, limits_before)
    after = side(view.at(last), to, limits_after)
    require_known(limits, before, after)
    carried = lineages(after.view, before.state, after.state)
    pairs = [
        (one, other)
        for one, other in matched(before.state, after.state, carried)
        if one in before.scope or other in after.scope
    ]
    is_fed, is_apart = bool(before.fed or after.fed), before.cycle_id != after.cycle_id
    corrected = corrected_between(before, after, pairs)
    found = (
        entry(
            before.state,
            after.state,
            one,
            other,
            carried,
            corrected=corrected.get((one, other), NOTHING) if corrected else NOTHING,
            comparable=not is_fed or is_comparable(before.feeding(one), after.feeding(other)),
            apart=is_apart,
        )
        for one, other in pairs
    )
    entries = [each for each in found if each is not None]
    figures = beside(before, after, limits) if with_scoreboard else None
    return {
        "position": max(first.known, last.known),
        "fixed": first.is_fixed and last.is_fixed,
        "from": to_dict(before),
        "to": to_dict(after),
        "limited_to": {
            "team": ref(text_of(limits.team_id)),
            "person": ref(text_of(limits.person_id)),
            "goal": ref(text_of(limits.goal_id)),
        },
        "scoreboard": figures,
        "counts": what_counts(entries),
        "statuses": moves(before.state, after.state, pairs),
        "entries": by_lineage(entries) if is_apart else entries,
    }


def beside(before: Side, after: Side, limits: Limits) -> ScoreboardBody | None:
    """Return the figures of both sides; None where one is of no cycle that was open by then.

    Nor of one person, whose figures are read in the scoreboard itself, nor of one goal.
    """
    if limits.person_id is not None or limits.goal_id is not None:
        return None
    asked = []
    for each in (before, after):
        if each.cycle_id is None or not each.is_open:
            return None
        view = as_of_closing(each.view, each.cycle_id)
        asked.append(Asked(each.cycle_id, view, each.text))
    return without_people(asked, limits.team_id)


def to_dict(one: Side) -> SideAnswer:
    """Return a side as the answer shows it."""
    moment = one.view.moment
    return {
        "asked": one.text,
        "cycle": ref(text_of(one.cycle_id)),
        "position": moment.known,
        "day": moment.day,
        "zone": one.view.calendars.zone_on(moment.day),
    }


# ---- sides ------------------------------------------------------------------------------


def like_with_like(moments: Moments, from_: str, to: str, limits: Limits) -> tuple[Limits, Limits]:
    """Return what each side is limited to: beside a cycle, a moment is limited to its goals."""
    sides = {field: cycle_in(moments, text, field) for field, text in (("from", from_), ("to", to))}
    for field, cycle in sides.items():
        if None not in (cycle, limits.cycle) and cycle != limits.cycle:
            raise Invalid(f"{field} is another cycle than the one asked for.", field="cycle")
    before, after = sides.values()
    return (
        limits._replace(cycle=before or after or limits.cycle),
        limits._replace(cycle=after or before or limits.cycle),
    )


def cycle_in(moments: Moments, text: str, field: str) -> UUID | None:
    """Return the cycle that a side is; None for a moment."""
    if is_moment(text):
        return None
    ref = parse_cycle(text.removeprefix(CYCLE_MARK), field)
    try:
        return moments.cycle(ref, field)
    except NotFound:
        raise no_side(ref, field) from None


def no_side(ref: CycleRef, field: str) -> NotFound:
    """Return the refusal of a side that is nothing."""
    return NotFound(f"{ref} is neither a moment nor a cycle there is.", field=field)


def moment_of(moments: Moments, text: str, field: str, limits: Limits) -> Moment:
    """Return the moment of a side: the one it names, or that of the result of its cycle."""
    if cycle := cycle_in(moments, text, field):
        return result_of(moments, cycle, field)
    if limits.goal_id is not None:
        text = moments.of_goal(text, limits.goal_id, field)
    elif limits.team_id is not None:
        commit = moments.of_team(text, limits.team_id, limits.cycle, field)
        if commit is not None:
            return commit.moment
    return moments.past(text, field, limits.cycle).moment


def result_of(moments: Moments, cycle: UUID, field: str) -> Moment:
    """Return the moment of a cycle's result: its last closing, or now while it is open."""
    versions = moments.cycle_versions(cycle)
    if not versions:
        raise no_side(cycle, field)
    if not versions[-1]["closed"]:
        return moments.present().moment
    # It may be reopened and closed again: is_fixed is false.
    return moments.at_word("published", cycle, field).moment


def side(view: View, text: str, limits: Limits) -> Side:
    """Return a side: the goals of a cycle, or of all cycles, at its moment."""
    found = goals_of(view, limits.cycle)
    goals = found or {}
    state = dict(records(goals.values(), Scoring(view.moment.day, view.calendars)))
    scope = set(scoped(view, goals, limits)) if limits.is_within_cycles else state.keys()
    fed = dict(feeding(view, goals.values()))
    return Side(text, view, limits.cycle, state, scope, fed, goals, found is not None)


def corrected_between(
    before: Side, after: Side, pairs: Iterable[Pair]
) -> dict[Pair, Mapping[str, bool]]:
    """Return the fields of goals that were corrected between both sides; is that all of each?"""
    known_before, known_after = before.view.moment.known, after.view.moment.known
    early = before if known_before <= known_after else after
    if not any(has_corrections(goal) for goal in early.goals.values()):
        return {}
    olds, news = dict(stored(before.goals.values())), dict(stored(after.goals.values()))
    found = {
        (one, other): corrected_fields(olds[one], known_before, news[other], known_after)
        for one, other in pairs
        if one and other
    }
    return {pair: fields for pair, fields in found.items() if fields}


def has_corrections(goal: Goal) -> bool:
    """Return whether an objective, or a key result of it, was ever corrected."""
    return goal.row["corrected"] is not None or any(
        each.corrected is not None for each in goal.key_results
    )


def stored(goals: Iterable[Goal]) -> Iterator[tuple[Key, Stored]]:
    """Yield each goal as it was loaded, by kind and id."""
    for goal in goals:
        yield ("objective", goal.row["id"]), goal.row
        for each in goal.key_results:
            yield ("key_result", each.id), each


def feeding(view: View, goals: Iterable[Goal]) -> Iterator[tuple[Key, dict[str, Feeding]]]:
    """Yield the KPIs that feed each goal, by kind and id; without those that never had a break."""
    until = view.moment.read_until.isoformat()
    for goal in goals:
        last, all_fed = min(goal.cycle["ends"], until), dict[str, Feeding]()
        for each in goal.key_results:
            if each.kpi_id is not None and each.span is not None:
                fed = {each.kpi_id: Feeding(last, each.span.breaks)}
                all_fed |= fed
                yield ("key_result", each.id), fed
        if all_fed:
            yield ("objective", goal.row["id"]), all_fed


def is_comparable(one: dict[str, Feeding], other: dict[str, Feeding]) -> bool:
    """Return whether all KPIs that feed a goal were defined alike on the last days of both sides.

    A KPI that feeds it on one side alone is compared with nothing. Where one side knows of no
    break, the other may.
    """
    if not one and not other:
        return True
    return not any(
        is_between(each, one.get(kpi), other.get(kpi))
        for kpi in one.keys() | other.keys()
        for feeding in (one.get(kpi), other.get(kpi))
        if feeding is not None
        for each in feeding.breaks
    )


def is_between(day: str, one: Feeding | None, other: Feeding | None) -> bool:
    """Return whether a break lies behind the last day of one side, up to that of the other."""
    ends = sorted(each.last for each in (one, other) if each is not None)
    return len(ends) > 1 and ends[0] < day <= ends[1]


def goals_of(view: View, cycle: UUID | None) -> dict[str, Goal] | None:
    """Return the goals of a cycle, or of all cycles; None before it was opened."""
    if cycle is None:
        ids = [row[0] for row in view.rows(CYCLES, plan=view.moment.plan)]
        return cycles_goals(view, ids)[1]
    try:
        return {goal.row["id"]: goal for goal in board(view, cycle).own}
    except NotFound:
        return None


def records(goals: Iterable[Goal], scoring: Scoring) -> Iterator[tuple[Key, Record]]:
    """Yield what a state says of each goal, by kind and id."""
    for goal in goals:
        answer = scoring.answer(goal)
        for each in answer["key_results"]:
            yield ("key_result", each["id"]), each
        yield ("objective", answer["id"]), answer


def scoped(view: View, goals: dict[str, Goal], limits: Limits) -> Iterator[Key]:
    """Yield the goals a comparison is limited to."""
    teams = None if limits.team_id is None else team_subtree(view, limits.team_id)
    scope = Scope(teams, text_of(limits.person_id))
    wanted = text_of(limits.goal_id)
    for id_, goal in goals.items():
        if not scope.covers(goal.row):
            continue
        if wanted in (None, id_):
            yield "objective", id_
        for each in goal.key_results:
            if wanted in (None, id_, each.id):
                yield "key_result", each.id


def text_of(id_: UUID | None) -> str | None:
    """Return an id as it stands in rows."""
    return None if id_ is None else str(id_)


def require_known(limits: Limits, before: Side, after: Side) -> None:
    """Refuse to compare what is not known on either side; raise NotFound with the field."""
    if limits == Limits():
        return
    view = max(before.view, after.view, key=lambda view: view.moment.plan)
    for table, id_, field in (
        ("cycle", limits.cycle, "cycle"),
        ("team", limits.team_id, "team_id"),
        ("person", limits.person_id, "person_id"),
    ):
        if id_ is not None:
            view.one(table, id_, table, field)
    if limits.goal_id is not None and not any(
        id_ == str(limits.goal_id) for each in (before, after) for _, id_ in each.state
    ):
        cycles = [before.cycle_id, after.cycle_id]
        view.require_goal(limits.goal_id, "goal_id", GOALS, cycles)
