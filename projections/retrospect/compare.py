"""Two states of the organisation side by side: what was added, dropped, carried over or changed.

A side is an instant, or a cycle as it stands: as published where it was closed, else as it is now.
Like is compared with like: against a cycle, an instant is limited to the goals of that cycle.
Goals are the same by their id, or by lineage: what a goal of a later cycle was carried over from.
A comparison is complete: applied to the state on one side it gives the state on the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.cycle import as_written
from okr_es.domain.refusals import Invalid, NotFound
from projections.as_of.known import require_goal
from projections.as_of.moments import Moment, is_moment, named
from projections.as_of.rows import among, many, one
from projections.goals.cycle_members import Scope, at_and_below
from projections.goals.loading import linked
from projections.goals.reader import Reader
from projections.goals.scoring import Goal, Row, Scoring
from projections.read_model.tables import FOREVER
from projections.retrospect.diff import Key, Lineage, Snapshot, counted, entry, moves

CYCLE_MARK = "cycle:"
GOALS = ("objective", "key_result")
LIMITS = ("team_id", "person_id", "goal_id")


class Side(NamedTuple):
    """One side of a comparison: its moment, the cycle it is limited to, what it says of goals."""

    text: str
    moment: Moment
    cycle_id: UUID | None
    state: Snapshot
    scope: AbstractSet[Key]


class Asked(NamedTuple):
    """What a comparison is limited to."""

    cycle: UUID | None = None
    team_id: UUID | None = None
    person_id: UUID | None = None
    goal_id: UUID | None = None


def compare(asking: Reader, from_: str, to: str, asked: Asked) -> Row:
    """Return what differs between two sides, goal by goal, and how statuses and scores moved."""
    limited_before, limited_after = like_with_like(from_, to, asked)
    # While the database finds the goals of one side, those of the other are scored.
    with ThreadPoolExecutor(max_workers=1) as beside:
        later = beside.submit(side, asking, to, "to", limited_after)
        before = side(asking, from_, "from", limited_before)
        after = later.result()
    require_known(asking, asked, before, after)
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
        "limited_to": {name: text_of(getattr(asked, name)) for name in LIMITS},
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


def like_with_like(from_: str, to: str, asked: Asked) -> tuple[Asked, Asked]:
    """Return what each side is limited to: beside a cycle, a moment is limited to its goals."""
    sides = {"from": cycle_in(from_, "from"), "to": cycle_in(to, "to")}
    for field, cycle in sides.items():
        if None not in (cycle, asked.cycle) and cycle != asked.cycle:
            raise Invalid(f"{field} is another cycle than the one asked for.", field="cycle")
    before, after = sides.values()
    return (
        asked._replace(cycle=before or after or asked.cycle),
        asked._replace(cycle=after or before or asked.cycle),
    )


def cycle_in(text: str, field: str) -> UUID | None:
    """Return the cycle that a side is; None for a moment."""
    return None if is_moment(text) else named(text.removeprefix(CYCLE_MARK), field)


def side(asking: Reader, text: str, field: str, limits: Asked) -> Side:
    """Return the side a text names: a moment of all cycles or of one, or a cycle as it stands."""
    if cycle := cycle_in(text, field):
        limits, moment = limits._replace(cycle=cycle), result_of(asking, cycle, field)
    else:
        moment = asking.moments.past(text, field, limits.cycle).moment
    goals = goals_at(asking, moment, limits.cycle)
    state = dict(records(goals.values(), Scoring(moment.day)))
    is_limited = (limits.team_id, limits.person_id, limits.goal_id) != (None, None, None)
    scope = set(scoped(asking, goals, moment, limits)) if is_limited else state.keys()
    return Side(text, moment, limits.cycle, state, scope)


def result_of(asking: Reader, cycle: UUID, field: str) -> Moment:
    """Return the moment of a cycle's result: its last closing, or now while it is open."""
    versions = asking.moments.cycle_versions(cycle)
    if not versions:
        said = f"{as_written(cycle)} is neither a moment nor a cycle there is."
        raise NotFound(said, field=field)
    if not versions[-1]["closed"]:
        return asking.moments.present().moment
    point = asking.moments.at_position(versions[-1]["closing_position"], field)
    return point.moment._replace(is_fixed=False)  # it may be reopened and closed anew


CYCLES = f"SELECT id FROM cycle WHERE known_until = {FOREVER} AND first_position <= :plan"


def goals_at(asking: Reader, moment: Moment, cycle: UUID | None) -> dict[str, Goal]:
    """Return the goals of a cycle, or of all cycles, as of a moment; none before it was opened."""
    if cycle is not None:
        try:
            board = asking.board_at(cycle, moment)
        except NotFound:
            return {}
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


def scoped(asking: Reader, goals: dict[str, Goal], moment: Moment, asked: Asked) -> Iterator[Key]:
    """Yield the goals a comparison is limited to."""
    database = asking.caught_up(moment)
    teams = None if asked.team_id is None else at_and_below(database, asked.team_id, moment.plan)
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


def require_known(asking: Reader, asked: Asked, before: Side, after: Side) -> None:
    """Refuse to compare what is not known on either side; raise NotFound with the field."""
    if asked == Asked():
        return
    later = max(before.moment, after.moment, key=lambda moment: moment.plan)
    database = asking.caught_up(later)
    for table, id_, field in (
        ("cycle", asked.cycle, "cycle"),
        ("team", asked.team_id, "team_id"),
        ("person", asked.person_id, "person_id"),
    ):
        if id_ is not None:
            one(database, table, id_, table, later.plan, field)
    if asked.goal_id is not None and not any(
        id_ == str(asked.goal_id) for each in (before, after) for _, id_ in each.state
    ):
        cycles = [before.cycle_id, after.cycle_id]
        require_goal(database, asked.goal_id, later.plan, "goal_id", GOALS, cycles)


# ---- which goal is which ----------------------------------------------------------------


def lineages(asking: Reader, before: Side, after: Side) -> Lineage:
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


def lineage(database: Database, later: Snapshot, earlier: Snapshot) -> Lineage:
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
