"""Plan against actual: what was planned, first and after each revision, and the readings.

Readings are shown as they were believed when they were recorded, and as they are known by now.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from okr_es.domain.refusals import NotFound
from okr_es.scoring.shown import PLACES, cut_down, trimmed, value_text
from projections.as_of.hierarchy import BEGINNING, Span, below_objectives, measured_by
from projections.as_of.moments import Moment
from projections.as_of.promises import promise_of
from projections.as_of.references import ref
from projections.as_of.view import View, as_of_fields
from projections.audit_log.answers import Heading
from projections.audit_log.history import History
from projections.goals.breaks import DatedBreak, breaks_between, is_broken
from projections.goals.goal import Goal
from projections.goals.goal_history import GoalHistory
from projections.goals.key_result_answers import lists_of
from projections.goals.key_result_scores import expected_by
from projections.goals.kpi_facts import kpis_of
from projections.goals.kpis import target_answer
from projections.goals.loading import goal_tree
from projections.goals.scoring import Score
from projections.goals.timeline import Timeline
from projections.read_model.tables import FOREVER, Row
from projections.retrospect.markers import changed, corrections, markers, readings, traced
from projections.retrospect.plan_vs_actual_answers import (
    DefinitionBreak,
    KeyResultPlanAndActualAnswer,
    KpiPlanAndActualAnswer,
    ObjectiveDay,
    ObjectivePlanAndActualAnswer,
    PlannedTarget,
    Trajectory,
    TrajectoryPoint,
)

MOST_DAYS = 800
BOUNDS = ("baseline", "target", "direction", "minimum", "maximum")


def of_objective(view: View, history: History, id_: UUID) -> ObjectivePlanAndActualAnswer:
    """Return the planned and the actual progress of an objective, day by day where it changed."""
    goals = goal_tree(view, id_)
    if not goals:
        raise NotFound(f"There is no objective {id_} by then.", field="id")
    goal = goals[str(id_)]
    scope = measured_by(view.database, [Span("objective", str(id_), BEGINNING, FOREVER)])
    headings = history.headings(view, changed(view, scope)).values()
    days = days_of(view, goal, headings)
    last = min(goal.cycle["ends"], view.moment.read_until.isoformat())
    fed = [span.id for span in scope if span.kind == "kpi"]
    breaks = breaks_between(view, fed, goal.cycle["starts"], last)
    return {  # type: ignore[typeddict-item]  # named later
        **as_of_fields(view),
        "id": str(id_),
        "kind": "objective",
        "committed_position": committed_at(goal),
        "series": series(view, goal, days, breaks),
        "breaks": breaks_answer(breaks),
        "markers": markers(view, headings),
    }


def breaks_answer(breaks: list[DatedBreak]) -> list[DefinitionBreak]:
    """Return breaks of the definitions of KPIs as answers have them."""
    return [
        {"kpi": ref(kpi_id), "effective": effective, "position": position}
        for kpi_id, effective, position in breaks
    ]


def committed_at(goal: Goal) -> int | None:
    """Return the position of the plan as it was promised, or was committed to, if not yet."""
    promised: int | None = goal.row["promised_at"] or goal.row["committed_at"]
    return promised


def days_of(view: View, goal: Goal, headings: Iterable[Heading]) -> list[date]:
    """Return the days of a goal on which something happened, with its first and its last."""
    begun = goal.row["first_position"]
    first = max(date.fromisoformat(goal.cycle["starts"]), view.days((begun,))[begun])
    last = min(date.fromisoformat(goal.horizon), view.moment.day)
    days = {view.dates.day_of(each["recorded_at"]) for each in headings}
    found = sorted({first, last, *(day for day in days if first <= day <= last)})
    return [day for day in found if day <= last][-MOST_DAYS:]


def series(
    view: View, goal: Goal, days: list[date], breaks: list[DatedBreak]
) -> list[ObjectiveDay]:
    """Return what was planned for each day, first and as revised by then, and the progress.

    Three timelines go through the days: as believed then, as known now, and under the original
    plan as known now.
    """
    if not days:
        return []
    id_, known, original = goal.row["id"], view.moment.known, committed_at(goal)
    if original is not None and original > known:
        original = None
    ends = view.dates.ends(days)
    then = {day: min(ends[day], known) for day in days}
    plan = min(then[days[0]], then[days[0]] if original is None else original)
    closure = below_objectives(view, [id_])
    versions = GoalHistory(view, closure, plan, then[days[0]], days[0])
    late = GoalHistory(view, closure, plan, known, days[0])
    late.share_plan(versions)
    first = days[0]
    as_believed = Timeline(versions, Moment(then[first], then[first], first, first))
    as_known = Timeline(late, Moment(then[first], known, first, first))
    under_original = None
    if original is not None:
        under_original = Timeline(late, Moment(original, known, first, first))
    rows: list[ObjectiveDay] = []
    broken = [each.effective for each in breaks]
    for before, day in pairwise((days[0], *days)):
        as_believed.move(Moment(then[day], then[day], day, day))
        as_known.move(Moment(then[day], known, day, day))
        believed = as_believed.score(id_)
        expected_original = None
        if under_original is not None and original is not None:
            under_original.move(Moment(original, known, day, day))
            expected_original = expected(under_original.score(id_))
        rows.append({
            "day": day,
            "position": then[day],
            "comparable": not any(before.isoformat() < each <= day.isoformat() for each in broken),
            "believed": shown(believed),
            "known": shown(as_known.score(id_)),
            "expected_original": expected_original,
            "expected_revised": expected(believed),
        })  # fmt: skip
    return rows


def shown(score: Score | None) -> Decimal | None:
    """Return a score, as shown."""
    return None if score is None else cut_down(score.exact)


def expected(score: Score | None) -> Decimal | None:
    """Return what was expected, as shown."""
    return None if score is None else cut_down(score.expected)


def of_key_result(view: View, history: History, id_: UUID) -> KeyResultPlanAndActualAnswer:
    """Return the planned trajectories of a key result, its readings, and what was changed."""
    now = view.one("key_result", id_, "key result")
    cycle = view.one("cycle", UUID(now["cycle_id"]), "cycle")
    rows = view.versions("key_result", [str(id_)])
    measured = sorted({row["kpi_id"] for row in rows if row["kpi_id"]} | {str(id_)})
    found = readings(view, measured, cycle)
    itself = Span("key_result", str(id_), BEGINNING, FOREVER)
    own = [itself, *measured_by(view.database, [itself])]
    positions = {row["known_from"] for row in rows} | set(corrections(found, own))
    return {  # type: ignore[typeddict-item]  # named later
        **as_of_fields(view),
        "id": str(id_),
        "kind": now["kind"],
        "unit": now["unit"],
        "planned": trajectories(view, rows, cycle),
        "readings": traced(view, found, str(id_)),
        "breaks": breaks_answer(
            breaks_between(view, measured, cycle["starts"], last_day_of(view, cycle))
        ),
        "markers": markers(view, history.headings(view, sorted(positions)).values()),
    }


def last_day_of(view: View, cycle: Row) -> str:
    """Return the last day of a cycle about which readings count by the moment."""
    return min(str(cycle["ends"]), view.moment.read_until.isoformat())


def trajectories(view: View, rows: list[Row], cycle: Row) -> list[Trajectory]:
    """Return each trajectory that was planned, the original first, with where it became valid.

    The original is the one that was promised; while nothing is promised, the first.
    """
    names = (*BOUNDS, "steps", "zones", "trajectory")
    promised = promise_of(view.database, UUID(rows[0]["id"])) or 0
    planned = promised if promised <= view.moment.plan else 0
    found: list[Row] = []
    for row in rows:
        if found and all(row[name] == found[-1][name] for name in names):
            continue
        if found and row["known_from"] <= planned:
            found.clear()
        found.append(row)
    days = view.days(row["known_from"] for row in found)
    return [
        {
            "position": row["known_from"],
            "day": days[row["known_from"]],
            "original": number == 0,
            "baseline": row["baseline"],
            "target": row["target"],
            "direction": row["direction"],
            "minimum": row["minimum"],
            "maximum": row["maximum"],
            **lists_of(row["steps"], row["zones"], row["trajectory"]),
            "points": points(row, cycle),
        }
        for number, row in enumerate(found)
    ]


def points(row: Row, cycle: Row) -> list[TrajectoryPoint]:
    """Return the planned share, and of a metric the value, at each turn of a trajectory."""
    starts, ends = cycle["starts"], cycle["ends"]
    if row["direction"] is not None:
        return [kept_point(row, day) for day in (starts, ends)]
    turns = [point["on"] for point in lists_of(None, None, row["trajectory"])["trajectory"]]
    days = sorted({starts, ends, *(day for day in turns if starts <= day <= ends)})
    return [
        point(row, expected_by(starts, ends, date.fromisoformat(day), row["trajectory"]), day)
        for day in days
    ]


def kept_point(row: Row, day: str) -> TrajectoryPoint:
    """Return a planned point of a metric to keep: all of it is expected on every day."""
    target = None if row["target"] is None else Decimal(trimmed(row["target"], PLACES))
    return {"on": day, "share": cut_down(1), "value": target}


def point(row: Row, share: Fraction, day: str) -> TrajectoryPoint:
    """Return a planned point."""
    value = None
    if row["kind"] == "metric":
        baseline, target = Fraction(row["baseline"]), Fraction(row["target"])
        planned = value_text(baseline + share * (target - baseline), baseline, target)
        value = Decimal(trimmed(planned, PLACES))
    return {"on": day, "share": cut_down(share), "value": value}


def of_kpi(view: View, history: History, id_: UUID) -> KpiPlanAndActualAnswer:
    """Return the targets of a KPI, planned and moved, its readings, and what was changed."""
    kpis = kpis_of(view, id_)
    if not kpis:
        raise NotFound(f"There is no KPI {id_} by then.", field="id")
    now, moment, asked = kpis[0].row, view.moment, view
    found = readings(view, [str(id_)], None)
    if kpis[0].is_recorded_later:
        view = view.at(moment._replace(plan=moment.known))
    positions = {row["known_from"] for row in view.versions("kpi", [str(id_)])}
    breaks = breaks_between(view, [str(id_)])
    positions |= set(corrections(found, [Span("kpi", str(id_), BEGINNING, FOREVER)]))
    return {  # type: ignore[typeddict-item]  # named later
        **as_of_fields(asked),
        "id": str(id_),
        "kind": "kpi",
        "unit": now["unit"],
        "direction": now["direction"],
        "planned": targets(view, id_, breaks),
        "readings": traced(view, found, None),
        "breaks": breaks_answer(breaks),
        "markers": markers(view, history.headings(view, sorted(positions)).values()),
    }


def targets(view: View, id_: UUID, breaks: list[DatedBreak]) -> list[PlannedTarget]:
    """Return each target a KPI was given for a span, the first of a span being the original."""
    found = view.versions("kpi_target", [str(id_)], by="kpi_id")
    found = [row for row in found if row["corrects"] is None]
    found.sort(key=lambda row: (row["starts"], row["known_from"]))
    days = view.days(row["known_from"] for row in found)
    return [
        {
            "position": row["known_from"],
            "day": days[row["known_from"]],
            "original": row["known_from"] == row["first_position"],
            "comparable": not is_broken(breaks, [str(id_)], row["starts"], row["ends"]),
            **target_answer(row),
        }
        for row in found
    ]
