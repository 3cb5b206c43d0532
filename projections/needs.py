"""What needs a person: readings, requests to decide, grades, drafts, and requests of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from okr_es.domain.values import State
from projections.as_of.answers import GoalKind
from projections.as_of.references import goal_ref, ref
from projections.as_of.rows import columns
from projections.as_of.view import View, as_of_fields
from projections.audit_log.request_effects import SUBJECTS
from projections.goals.check_ins import week_of
from projections.goals.due_answers import DueIn
from projections.goals.due_readings import Due, Whose, due_readings
from projections.goals.goal import Goal
from projections.goals.key_result_scores import decoded
from projections.goals.overdue import RUNNING
from projections.needs_answers import Need, NeedsAnswer, What
from projections.read_model.tables import FOREVER, Row, plain

Picks = Callable[[Sequence[Row]], list[Row]]

ONE_DAY = timedelta(days=1)
GOALS: Mapping[str, GoalKind] = {
    "objective": "objective", "key_result": "key_result", "kpi": "kpi",
}  # fmt: skip
ORDER: tuple[What, ...] = (
    "reading_overdue", "reading_due", "approval", "grade", "draft", "request",
)  # fmt: skip
STANDS_IN = f"""
  SELECT id FROM person WHERE known_until = {FOREVER} AND deputy_id = :id
    AND deputy_starts <= :day AND deputy_ends >= :day ORDER BY id
"""
PENDING = f"""
  SELECT {columns("approval")} FROM approval WHERE known_until = {FOREVER}
    AND decision = 'pending' ORDER BY first_position
"""


def needs(
    view: View,
    person_id: UUID,
    may_decide: Picks,
    shown: Picks,
) -> NeedsAnswer:
    """Return what needs a person today; nothing of somebody who left. Raises NotFound.

    `view` is of now. `may_decide` picks the requests for approval that the person may decide,
    `shown` those that the viewer is shown.
    """
    person = view.one("person", person_id, "person")
    id_ = str(person_id)
    found: list[Need] = []
    if person["active"] and not person["erased"]:
        absent = [row[0] for row in view.rows(STANDS_IN, id=id_, day=view.moment.day.isoformat())]
        due = due_readings(view, week_of(view.moment.day), Whose(frozenset({id_, *absent})))
        found += readings(due, id_, view.moment.day)
        found += grades(due.goals, id_, view.moment.day)
        found += drafts(view, due.goals, id_)
        found += requests(view, id_, may_decide, shown)
    found.sort(key=urgency)
    return {**as_of_fields(view), "person": ref(id_), "needs": found}


def urgency(need: Need) -> tuple[int, date, date]:
    """Return by what needs are sorted: what it is, by which day, and since when."""
    return ORDER.index(need["what"]), need["by_day"] or date.max, need["since"] or date.max


def made(what: What, *, goal: Any = None, **more: Any) -> Need:
    """Return a need; what is not given is null."""
    found: Need = {
        "what": what, "goal": goal, "cycle": None, "approval_id": None, "on_behalf_of": None,
        "since": None, "by_day": None,
    }  # fmt: skip
    return {**found, **more}  # type: ignore[typeddict-item]


# ---- readings ---------------------------------------------------------------------------


def readings(due: Due, id_: str, day: date) -> Iterator[Need]:
    """Yield the readings that are overdue or due; not what is recorded already."""
    for each in due.key_results:
        if (what := waiting(each["due"], each["overdue"], each["recorded"])) is not None:
            yield made(
                what,
                goal=goal_ref("key_result", each["id"]),
                cycle=ref(each["cycle"]["id"]),
                **whose(each["person"]["id"], id_),
                **days_of(each["late_since"], due.waits.get(each["id"]), day),
            )
    for kpi in due.kpis:
        if (what := waiting(kpi["due"], kpi["overdue"], kpi["recorded"])) is not None:
            yield made(
                what,
                goal=goal_ref("kpi", kpi["id"]),
                **whose(kpi["owner"]["id"], id_),
                **days_of(kpi["late_since"], due.waits.get(kpi["id"]), day),
            )


def waiting(due: DueIn | None, overdue: bool, recorded: bool) -> What | None:  # noqa: FBT001
    """Return whether a reading is overdue or due; None where it waits for nothing."""
    if overdue:
        return "reading_overdue"
    return None if due is None or recorded else "reading_due"


def whose(owner: str, id_: str) -> dict[str, Any]:
    """Return for whom a reading of an owner is recorded; null: for oneself."""
    return {"on_behalf_of": None if owner == id_ else ref(owner)}


def days_of(late_since: date | None, waits: DueIn | None, day: date) -> dict[str, Any]:
    """Return since when a reading waits, and by which day it is due, or was."""
    if late_since is not None:
        return {"since": late_since, "by_day": late_since - ONE_DAY}
    if waits is None:
        return {}
    return {"since": waits["first"] if waits["first"] <= day else None, "by_day": waits["by"]}


# ---- goals ------------------------------------------------------------------------------


def of_objective(goal: Goal) -> dict[str, Any]:
    """Return what a need says of an objective."""
    return {
        "goal": goal_ref("objective", goal.row["id"]),
        "cycle": ref(goal.row["cycle_id"]),
    }


def grades(goals: Iterable[Goal], id_: str, day: date) -> Iterator[Need]:
    """Yield the objectives of somebody without a grade in cycles that have ended."""
    for goal in goals:
        row, ends = goal.row, date.fromisoformat(goal.cycle["ends"])
        is_running = row["state"] in RUNNING and not row["graded"]
        if is_running and row["owner_id"] == id_ and ends < day:
            yield made("grade", **of_objective(goal), since=ends + ONE_DAY)


def drafts(view: View, goals: Iterable[Goal], id_: str) -> Iterator[Need]:
    """Yield the drafts of somebody in cycles that are open."""
    mine = [
        goal for goal in goals if goal.row["state"] == State.DRAFT and goal.row["owner_id"] == id_
    ]
    days = view.days(goal.row["first_position"] for goal in mine)
    for goal in mine:
        yield made("draft", **of_objective(goal), since=days[goal.row["first_position"]])


# ---- requests ---------------------------------------------------------------------------


def requests(view: View, id_: str, may_decide: Picks, shown: Picks) -> Iterator[Need]:
    """Yield the requests that somebody may decide, and those they wait for, as far as shown."""
    waiting = [plain("approval", each) for each in view.rows(PENDING)]
    theirs = {row["id"] for row in may_decide([row for row in waiting if not is_of(row, id_)])}
    rows = shown([row for row in waiting if row["id"] in theirs or is_of(row, id_)])
    days = view.days(row["first_position"] for row in rows)
    for row in rows:
        yield made(
            "request" if is_of(row, id_) else "approval",
            goal=goal_of(row),
            cycle=ref(row["cycle_id"]),
            approval_id=row["id"],
            since=days[row["first_position"]],
        )


def is_of(row: Row, id_: str) -> bool:
    """Return whether somebody made a request, or it was made on their behalf."""
    return id_ in (row["asked_by"], row["asked_for"])


def goal_of(row: Row) -> Any:
    """Return the goal a request is about; None where it is about none."""
    kind = GOALS.get(SUBJECTS.get(row["command"], ""))
    if kind is None:
        return None
    return goal_ref(kind, str(decoded(row["fields"])[f"{kind}_id"]))
