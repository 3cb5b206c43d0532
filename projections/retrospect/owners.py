"""Who was accountable for a goal, from when to when, and what came out for people and teams."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from okr_es.scoring import formulas
from projections.as_of.moments import Moment
from projections.as_of.rows import versions
from projections.goals.reader import Reader
from projections.goals.scoring import Row
from projections.retrospect.activity import Happening, by_owner, counted

Exact = tuple[Fraction | None, Fraction | None]  # against the plan as committed, and as it ended
ONE_DAY = timedelta(days=1)


def owners_of(
    asking: Reader, cycle: Row, objective: Row, moment: Moment, happened: list[Happening]
) -> list[Row]:
    """Return who owned an objective, each from when to when, with what came about in their time.

    Days are those of the cycle up to the moment; the day of a hand-over is the new owner's.
    """
    changes = handed_over(asking, objective["id"], moment)
    starts, end = date.fromisoformat(cycle["starts"]), last_day(cycle, objective, moment)
    positions = [position for position, _ in changes[1:]]
    found = []
    for (position, owner_id), until in zip(changes, [*positions, None], strict=True):
        first = max(asking.moments.day_at(position), starts)
        after = end + ONE_DAY if until is None else asking.moments.day_at(until)
        found.append({
            "owner_id": owner_id,
            "from": first,
            "until": None if until is None else after,
            "days": max((min(after, end + ONE_DAY) - first).days, 0),
            "from_position": position,
            "until_position": until,
            "progress_at_start": progress_at(asking, objective["id"], position),
            "progress_at_end": progress_at(asking, objective["id"], until, moment),
        })  # fmt: skip
    shares = zip(found, by_owner(found, happened), strict=True)
    return [owner | {"counts": counted(share)} for owner, share in shares]


def handed_over(asking: Reader, id_: str, moment: Moment) -> list[tuple[int, str]]:
    """Return the positions at which an objective got another owner, and who it was."""
    found: list[tuple[int, str]] = []
    for row in versions(asking.caught_up(moment), "objective", [id_], moment.plan):
        if not found or found[-1][1] != row["owner_id"]:
            found.append((row["known_from"], row["owner_id"]))
    return found


def last_day(cycle: Row, objective: Row, moment: Moment) -> date:
    """Return the last day an objective is accounted for."""
    return min(date.fromisoformat(objective["due"] or cycle["ends"]), moment.day)


def progress_at(
    asking: Reader, id_: str, position: int | None, moment: Moment | None = None
) -> object:
    """Return the rolled-up progress of an objective as believed right before a position, or in
    the end.
    """
    if position is not None:
        moment = asking.moments.at_position(max(position - 1, 1), "position").moment
    if moment is None:
        return None
    score = asking.score_at(UUID(id_), moment)
    return None if score is None else formulas.shown(score.whole)


def people(goals: list[Row], exact: dict[str, Exact], only: str | None) -> list[Row]:
    """Return what came out for each person, a goal counting for each by the days they had it."""
    held: dict[str, list[tuple[Row, Row]]] = defaultdict(list)
    for goal in goals:
        for owner in goal["owners"]:
            if only in (None, owner["owner_id"]):
                held[owner["owner_id"]].append((goal, owner))
    return [
        {
            "person_id": person_id,
            "goals": [{"objective_id": goal["id"], **owner} for goal, owner in each],
            **outcome((goal, exact[goal["id"]], owner["days"]) for goal, owner in each),
            "counts": summed(owner["counts"] for _, owner in each),
        }
        for person_id, each in sorted(held.items())
    ]


def teams(goals: list[Row], exact: dict[str, Exact]) -> list[Row]:
    """Return what came out for each team, by the team a goal ended with."""
    of: dict[str, list[Row]] = defaultdict(list)
    for goal in goals:
        of[goal["team_id"]].append(goal)
    return [
        {
            "team_id": team_id,
            "goals": [goal["id"] for goal in each],
            **outcome((goal, exact[goal["id"]], 1) for goal in each),
            "counts": summed(goal["counts"] for goal in each),
        }
        for team_id, each in sorted(of.items())
    ]


def outcome(parts: Iterable[tuple[Row, Exact, int]]) -> Row:
    """Return the weighted means of both scores of some goals.

    What was not measured, not promised or given up has no score: it is left out and counted.
    """
    each = list(parts)
    committed = [(score[0], weight) for _, score, weight in each if score[0] is not None]
    ended = [(score[1], weight) for _, score, weight in each if score[1] is not None]
    promised = sum(goal["planned"] for goal, _, _ in each)
    given_up = sum(goal["state"] == "abandoned" for goal, _, _ in each)
    return {
        "scores": {
            "committed": formulas.shown(formulas.weighted_mean(committed)),
            "ended": formulas.shown(formulas.weighted_mean(ended)),
        },
        "not_measured": {
            "committed": promised - len(committed),
            "ended": len(each) - given_up - len(ended),
        },
        "not_planned": len(each) - promised,
        "given_up": given_up,
    }


def summed(counts: Iterable[Row]) -> Row:
    """Return counts added up."""
    whole: Counter[str] = Counter()
    for each in counts:
        whole.update(each)
    return dict(whole)
