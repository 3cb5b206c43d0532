"""Two states of the organisation side by side: what was added, dropped, carried over or changed.

A side is an instant, or a cycle as it stands: as published where it was closed, else as it is now.
Goals are the same by their id, or by lineage: what a goal of a later cycle was carried over from.
A comparison is complete: applied to the state on one side it gives the state on the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.refusals import Invalid, NotFound
from okr_es.log.database import Database

from .asking import Asking
from .differences import Key, Lineage, State, counted, entry, moves
from .goals import Goal, Row, Scoring
from .loading import linked
from .members import Scope, subtree
from .moments import Moment, is_moment, named
from .rows import among, many
from .schema import FOREVER

CYCLE_MARK = "cycle:"


class Side(NamedTuple):
    """One side of a comparison: its moment, the cycle it is about, and all it says of goals."""

    text: str
    moment: Moment
    cycle_id: UUID | None
    state: State
    scope: AbstractSet[Key]


class Asked(NamedTuple):
    """What a comparison is limited to."""

    cycle: UUID | None = None
    team_id: UUID | None = None
    person_id: UUID | None = None
    goal_id: UUID | None = None


def compare(asking: Asking, from_: str, to: str, asked: Asked) -> Row:
    """Return what differs between two sides, goal by goal, and how statuses and scores moved."""
    # While the database finds the goals of one side, those of the other are scored.
    with ThreadPoolExecutor(max_workers=1) as beside:
        later = beside.submit(side, asking, to, "to", asked)
        before = side(asking, from_, "from", asked)
        after = later.result()
    carried = lineages(asking, before, after)
    entries = [
        found
        for one, other in matched(before, after, carried)
        if (one in before.scope or other in after.scope)
        and (found := entry(before.state, after.state, one, other, carried)) is not None
    ]
    return {
        "position": max(before.moment.known, after.moment.known),
        "fixed": before.moment.is_fixed and after.moment.is_fixed,
        "from": told(before),
        "to": told(after),
        "counts": counted(entries),
        "statuses": moves(entries),
        "entries": entries,
    }


def told(one: Side) -> Row:
    """Return what a side stands on."""
    moment = one.moment
    return {
        "asked": one.text,
        "cycle_id": one.cycle_id and str(one.cycle_id),
        "position": moment.known,
        "day": moment.day,
    }


# ---- sides ------------------------------------------------------------------------------


def side(asking: Asking, text: str, field: str, asked: Asked) -> Side:
    """Return the side a text names: a moment of all cycles or the one asked for, or a cycle."""
    cycle = None if is_moment(text) else named(text.removeprefix(CYCLE_MARK), field)
    if cycle is None:
        moment = asking.moments.past(text, field, asked.cycle).moment
    elif asked.cycle is not None:
        raise Invalid("A cycle on one side names its goals already.", field="cycle")
    else:
        moment = result_of(asking, cycle, field)
    goals = goals_at(asking, moment, cycle or asked.cycle)
    state = dict(records(goals.values(), Scoring(moment.day)))
    limited = (asked.team_id, asked.person_id, asked.goal_id) != (None, None, None)
    scope = set(scoped(asking, goals, moment, asked)) if limited else state.keys()
    return Side(text, moment, cycle, state, scope)


def result_of(asking: Asking, cycle: UUID, field: str) -> Moment:
    """Return the moment of a cycle's result: its last closing, or now while it is open."""
    versions = asking.moments.cycle_versions(cycle)
    if not versions:
        raise NotFound("It names neither a moment nor a cycle there is.", field=field)
    if not versions[-1]["closed"]:
        return asking.moments.present().moment
    point = asking.moments.at_position(versions[-1]["closed_at"], field)
    return point.moment._replace(is_fixed=False)  # it may be reopened and closed anew


CYCLES = f"SELECT id FROM cycle WHERE known_until = {FOREVER} AND first_position <= :plan"


def goals_at(asking: Asking, moment: Moment, cycle: UUID | None) -> dict[str, Goal]:
    """Return the goals of a cycle, or of all cycles, as of a moment."""
    if cycle is not None:
        try:
            board = asking.board_at(cycle, moment)
        except NotFound as refusal:
            raise NotFound(refusal.message, field="cycle") from None
        return {i: g for i, g in board.goals.items() if g.row["cycle_id"] == str(cycle)}
    database = asking.caught_up(moment)
    goals: dict[str, Goal] = {}
    for (id_,) in database.rows(CYCLES, {"plan": moment.plan}):
        goals |= asking.board_at(UUID(id_), moment).goals
    for goal in goals.values():
        goal.aligned.clear()
    return linked(goals)


def records(goals: Iterable[Goal], scoring: Scoring) -> Iterator[tuple[Key, Row]]:
    """Yield what a state says of each goal, by kind and id."""
    for goal in goals:
        answer = scoring.answer(goal)
        for each in answer["key_results"]:
            yield ("key_result", each["id"]), each
        yield ("objective", answer["id"]), answer


def scoped(asking: Asking, goals: dict[str, Goal], moment: Moment, asked: Asked) -> Iterator[Key]:
    """Yield the goals a comparison is limited to."""
    database = asking.caught_up(moment)
    teams = None if asked.team_id is None else subtree(database, asked.team_id, moment.plan)
    scope = Scope(teams, text_of(asked.person_id))
    wanted = text_of(asked.goal_id)
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


# ---- which goal is which ----------------------------------------------------------------


def lineages(asking: Asking, before: Side, after: Side) -> Lineage:
    """Return which goal of the other side each goal goes on from, or is gone on with."""
    database = asking.caught_up(after.moment)
    forth = lineage(database, after.state, before.state)
    return forth | {a: b for b, a in lineage(database, before.state, after.state).items()}


def matched(before: Side, after: Side, carried: Lineage) -> Iterator[tuple[Key | None, Key | None]]:
    """Yield each goal of either side with its like on the other: by id, else by lineage."""
    taken = set(carried.values())
    for key in before.state:
        if key in after.state:
            yield key, key
        elif key not in taken:
            yield key, None
    for key in after.state:
        if key not in before.state:
            yield carried.get(key), key


def lineage(database: Database, later: State, earlier: State) -> Lineage:
    """Return of which earlier goal each later one goes on, directly or through others."""
    found: Lineage = {}
    for kind in ("objective", "key_result"):
        wanted = {
            row["carried_from"]: key[1]
            for key, row in later.items()
            if key[0] == kind and row["carried_from"] is not None and key not in earlier
        }
        while wanted:
            gone = {i for i in wanted if (kind, i) in earlier and (kind, i) not in later}
            found |= {(kind, wanted[id_]): (kind, id_) for id_ in gone}
            missing = [id_ for id_ in wanted if id_ not in gone]
            before = carried_from(database, kind, missing) if missing else {}
            wanted = {before[id_]: wanted[id_] for id_ in before}
    return found


def carried_from(database: Database, table: str, ids: list[str]) -> dict[str, str]:
    """Return what some goals were carried over from."""
    statement = (
        f"SELECT id, carried_from FROM {table} WHERE known_until = {FOREVER} "
        f"AND carried_from IS NOT NULL AND id {among(database, 'ids')}"
    )
    return {row[0]: row[1] for row in database.rows(statement, {"ids": many(database, ids)})}
