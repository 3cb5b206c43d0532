"""Lists of objectives and key results of any cycles, as of a moment, a page at a time.

What is stored is found by SQL; what is computed by scoring the cycles that are named, whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from okr_es.database.dialect import Dialect
from okr_es.domain.refusals import Invalid
from projections.as_of.effective import HeldThen, held_then
from projections.as_of.pages import Last, Value, Walk
from projections.as_of.view import View, as_of_fields
from projections.goals.answers import (
    KeyResultBody,
    KeyResultsAnswer,
    ObjectiveBody,
    ObjectiveItem,
    ObjectivesAnswer,
)
from projections.goals.finding import NO_IDS, Found, GoalFilters, found
from projections.goals.goal import Goal
from projections.goals.loading import Loaded, align, cycles_goals, goals_in
from projections.goals.loading_sql import goals_statement, linked
from projections.goals.more_readings import complete_readings
from projections.goals.scoring import Scoring
from projections.goals.span_readings import combine_readings
from projections.read_model.tables import FOREVER

MOST_SCORED = 8  # cycles, each of which is scored whole
NESTED = frozenset({"key_results", "aligned", "rolled_up"})  # what a list leaves out
BY_SCORE = {"objective": "score", "key_result": "progress"}


class Listing(NamedTuple):
    """Goals of a page in order, each with its answer and what it is sorted by; and what follows."""

    answers: list[Any]
    next: str | None


def objectives(
    view: View, filters: GoalFilters, walk: Walk, hidden: frozenset[str] = NO_IDS
) -> ObjectivesAnswer:
    """Return a page of objectives, without what they nest."""
    listing = listed(view, "objective", filters, walk, hidden)
    items = [item(each) for each in listing.answers]
    return {**as_of_fields(view), "objectives": items, "next": listing.next}


def key_results(
    view: View, filters: GoalFilters, walk: Walk, hidden: frozenset[str] = NO_IDS
) -> KeyResultsAnswer:
    """Return a page of key results that are not dropped."""
    listing = listed(view, "key_result", filters, walk, hidden)
    return {**as_of_fields(view), "key_results": listing.answers, "next": listing.next}


def item(answer: ObjectiveBody) -> ObjectiveItem:
    """Return an objective as a list has it."""
    return {name: value for name, value in answer.items() if name not in NESTED}  # type: ignore[return-value]


def listed(
    view: View, table: str, filters: GoalFilters, walk: Walk, hidden: frozenset[str]
) -> Listing:
    """Return a page of the goals of a table that meet the filters."""
    held = held_then(view)
    if filters.is_computed or walk.sort.name in BY_SCORE.values():
        require_few(filters)
        _, goals = cycles_goals(view, [str(each) for each in filters.cycles])
        return scored(view, table, filters, walk, hidden, goals, held)
    limit = None if walk.limit is None else walk.limit + 1
    there = found(view, table, filters, walk.sort, held, hidden, walk.last, limit)
    page, more = walk.cut(there)
    nested = table == "key_result"
    answers = answers_of(view, table, goals_of(view, page), page, held, nested=nested)
    following = walk.next(view.moment, Last(page[-1].value, page[-1].id)) if more else None
    return Listing([answers[each.id] for each in page], following)


def scored(
    view: View,
    table: str,
    filters: GoalFilters,
    walk: Walk,
    hidden: frozenset[str],
    goals: dict[str, Goal],
    held: Mapping[str, HeldThen],
) -> Listing:
    """Return a page of what meets the filters of whole cycles that are loaded."""
    by_score = walk.sort.name == BY_SCORE[table]
    there = found(view, table, filters, walk.sort, held, hidden)
    answers = answers_of(view, table, goals, there, held)
    values: dict[str, Value] = {each.id: each.value for each in there}
    if by_score:
        values = {id_: answer[BY_SCORE[table]] for id_, answer in answers.items()}
    page, following = walk.page_of(
        view.moment,
        (each for each in there if filters.meets(answers[each.id])),
        lambda each: values[each.id],
        lambda each: each.id,
    )
    return Listing([answers[each.id] for each in page], following)


def require_few(filters: GoalFilters) -> None:
    """Refuse to score cycles that nobody named, or more than are scored at once."""
    if not 1 <= len(filters.cycles) <= MOST_SCORED:
        raise Invalid(
            "What is computed (status, overdue, outcome, a sort by score or progress) is listed of "
            f"1 to {MOST_SCORED} cycles: name them.",
            field="cycle",
        )


def answers_of(
    view: View,
    table: str,
    goals: dict[str, Goal],
    wanted: Sequence[Found],
    held: Mapping[str, HeldThen],
    *,
    nested: bool = True,
) -> dict[str, Any]:
    """Return the answers about some goals by id; each objective is scored once."""
    for id_, each in held.items():
        if (goal := goals.get(id_)) is not None:
            goal.row |= each._asdict()
    scoring = Scoring(view.moment.day, view.calendars)
    scored = {
        id_: scoring.answer(goals[id_], nested=nested)
        for id_ in dict.fromkeys(each.objective_id for each in wanted)
    }
    if table == "objective":
        return dict(scored)
    return {each["id"]: each for each in key_results_in(scored.values())}


def key_results_in(answers: Iterable[ObjectiveBody]) -> Iterable[KeyResultBody]:
    """Yield the key results of some objectives."""
    for answer in answers:
        yield from answer["key_results"]


# ---- loading --------------------------------------------------------------------------------


def goals_of(view: View, wanted: Sequence[Found]) -> dict[str, Goal]:
    """Return the objectives of what is wanted, with those that they are scored by."""
    if not wanted:
        return {}
    ids = view.array(dict.fromkeys(each.objective_id for each in wanted))
    statement = goals_statement(view.dialect, some(view.dialect))
    rows = Loaded(view.rows(statement, **view.moment.parameters, ids=ids)).rows
    goals = align(goals_in(rows, view.calendars, view.moment.known))
    complete_readings(view, goals)
    combine_readings(view, goals)
    return goals


@cache
def some(dialect: Dialect) -> str:
    """Return the query of some objectives, and of those that score one without key results."""
    return f"""
      SELECT i.value FROM ({dialect.unnest("ids")}) AS i
      UNION
      SELECT b.child_id FROM ids
      JOIN objective n ON n.id = ids.id AND n.known_until = {FOREVER}
        AND (n.first_key_result IS NULL OR n.first_key_result > :plan)
      JOIN links b ON b.parent_id = ids.id AND {linked("objective")}
    """
