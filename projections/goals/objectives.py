"""Objectives and key results, boards and alignment trees, as of a moment."""

from __future__ import annotations

from uuid import UUID

from okr_es.domain.refusals import NotFound
from projections.as_of.effective import held_then
from projections.as_of.pages import Walk
from projections.as_of.references import cycle_answer, ref
from projections.as_of.view import View, as_of_fields
from projections.goals.answers import (
    BoardAnswer,
    DroppedKeyResult,
    KeyResultAnswer,
    ObjectiveAnswer,
    ObjectiveBody,
    TreeAnswer,
)
from projections.goals.finding import GoalFilters, found
from projections.goals.goal import Goal
from projections.goals.key_result_answers import lists_of
from projections.goals.lists import scored
from projections.goals.loading import board, goal_tree
from projections.goals.pending import pending_requests
from projections.goals.scoring import Scoring
from projections.goals.tree import pruned, tree
from projections.read_model.tables import Row


def objective(view: View, id_: UUID) -> ObjectiveAnswer:
    """Return an objective with its key results, score, pace, status and roll-up."""
    requests = pending_requests(view, str(id_))
    return {**body(view, id_), "pending_requests": requests, **as_of_fields(view)}


def body(view: View, id_: UUID) -> ObjectiveBody:
    """Return an objective as boards show it; raise NotFound."""
    goals = with_holders(view, goal_tree(view, id_))
    if not goals:
        raise NotFound(f"There is no objective {id_} by then.", field="id")
    return Scoring(view.moment.day, view.calendars).answer(goals[str(id_)])


def with_holders(view: View, goals: dict[str, Goal]) -> dict[str, Goal]:
    """Return goals with owner and team of the view's day, also where recorded after it."""
    for id_, held in held_then(view).items():
        if (goal := goals.get(id_)) is not None:
            goal.row |= held._asdict()
    return goals


def key_result(view: View, id_: UUID) -> KeyResultAnswer:
    """Return a key result with progress, pace and status; of a dropped one what it promised."""
    row = view.one("key_result", id_, "key result")
    if row["dropped"]:
        return dropped(view, row)
    whole = body(view, UUID(row["objective_id"]))
    own = next(each for each in whole["key_results"] if each["id"] == str(id_))
    return {**own, "pending_requests": pending_requests(view, str(id_)), **as_of_fields(view)}


def dropped(view: View, row: Row) -> DroppedKeyResult:
    """Return a dropped key result: it is measured no more."""
    return {
        "id": row["id"],
        "version": row["version"],
        "objective": ref(row["objective_id"]),
        "owner": ref(row["owner_id"]),
        "title": row["title"],
        "description": row["description"],
        "unit": row["unit"],
        "weight": row["weight"],
        "kpi": ref(row["kpi_id"]),
        "carried_from": ref(row["carried_from"]),
        "revisions": row["revisions"],
        "kind": row["kind"],
        "baseline": row["baseline"],
        "target": row["target"],
        "direction": row["direction"],
        "minimum": row["minimum"],
        "maximum": row["maximum"],
        "cadence": row["cadence"],
        "dropped": True,
        **lists_of(row["steps"], row["zones"], row["trajectory"]),
        "status": "dropped",
        "pending_requests": pending_requests(view, row["id"]),
        **as_of_fields(view),
    }


def board_answer(view: View, cycle_id: UUID) -> BoardAnswer:
    """Return the board of a cycle: its objectives, each with its roll-up."""
    whole, scoring = board(view, cycle_id), Scoring(view.moment.day, view.calendars)
    with_holders(view, whole.goals)
    return {
        **as_of_fields(view),
        "cycle": cycle_answer(whole.cycle),
        "objectives": [scoring.answer(goal) for goal in whole.own],
        "next": None,
    }


def board_page(view: View, filters: GoalFilters, walk: Walk, hidden: frozenset[str]) -> BoardAnswer:
    """Return a page of the objectives on a board that meet filters; its cycle is one of these."""
    whole, held = board(view, filters.cycles[0]), held_then(view)
    page = scored(view, "objective", filters, walk, hidden, whole.goals, held)
    return {
        **as_of_fields(view),
        "cycle": cycle_answer(whole.cycle),
        "objectives": page.answers,
        "next": page.next,
    }


def tree_answer(view: View, cycle_id: UUID) -> TreeAnswer:
    """Return the alignment tree of a cycle: its goals, and all that is aligned to them."""
    whole = board(view, cycle_id)
    with_holders(view, whole.goals)
    return {
        **as_of_fields(view),
        "cycle": cycle_answer(whole.cycle),
        "objectives": tree(whole.goals, Scoring(view.moment.day, view.calendars)),
        "next": None,
    }


def tree_page(view: View, filters: GoalFilters, walk: Walk, hidden: frozenset[str]) -> TreeAnswer:
    """Return a page of the alignment tree: what meets filters, below all that it is aligned to."""
    whole, held = board(view, filters.cycles[0]), held_then(view)
    with_holders(view, whole.goals)
    cycles = dict.fromkeys(UUID(goal.row["cycle_id"]) for goal in whole.goals.values())
    everywhere = filters._replace(cycles=tuple(cycles) or filters.cycles)
    there = {each.id for each in found(view, "objective", everywhere, walk.sort, held, hidden)}

    def is_met(answer: ObjectiveBody) -> bool:
        return answer["id"] in there and filters.meets(answer)

    scoring = Scoring(view.moment.day, view.calendars)
    roots, following = walk.page_of(
        view.moment,
        pruned(tree(whole.goals, scoring, is_met)),
        lambda branch: whole.goals[branch["id"]].row["first_position"],
        lambda branch: branch["id"],
    )
    return {
        **as_of_fields(view),
        "cycle": cycle_answer(whole.cycle),
        "objectives": roots,
        "next": following,
    }
