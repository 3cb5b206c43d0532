"""Plan against actual: what was planned, first and after each revision, and what was read.

Readings are told as they were believed when they were recorded, and as they are known by now.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.refusals import NotFound
from okr_es.scoring import formulas
from projections.as_of.hierarchy import BEGINNING, Span, measured_by
from projections.as_of.moments import Moment
from projections.as_of.rows import one, versions
from projections.audit_log.history import History
from projections.goals.key_result_scores import expected_by
from projections.goals.reader import Reader, standing_on
from projections.goals.scoring import Row, Score, lists_of
from projections.read_model.tables import FOREVER
from projections.retrospect.markers import changed, corrections, markers, readings, told

MOST_DAYS = 800


def of_objective(
    asking: Reader, records: History, id_: UUID, known_at: str | None, at: str | None
) -> Row:
    """Return the planned and the actual progress of an objective, day by day where it changed."""
    cycle_id = asking.cycle_of(id_, known_at, at)
    database, moment = asking.settled(asking.moment(known_at, at, cycle_id))
    goals = asking.goals_at(id_, moment)
    if not goals:
        raise NotFound(f"There is no objective {id_} by then.", field="id")
    goal = goals[str(id_)]
    scope = measured_by(database, [Span("objective", str(id_), BEGINNING, FOREVER)])
    positions = changed(database, scope, moment.known)
    headings = records.headings(positions)
    begun = first_position(database, "objective", id_)
    days = days_of(asking, goal.cycle, goal.horizon, moment, headings.values(), begun)
    committed = committed_at(goal.cycle, goal.row)
    return standing_on(moment) | {
        "id": str(id_),
        "kind": "objective",
        "committed_position": committed,
        "series": [point_of(asking, id_, moment, day, committed) for day in days],
        "markers": markers(asking, headings.values()),
    }


def committed_at(cycle: Row, objective: Row) -> int | None:
    """Return the position of the plan as it was first promised."""
    promised: int | None = objective["committed_at"]
    return promised and max(promised, cycle["plan_commit_position"] or 0)


def first_position(database: Database, table: str, id_: UUID) -> int:
    """Return the position at which something began."""
    (row,) = versions(database, table, [str(id_)], 2**62)[:1]
    return int(row["first_position"])


def days_of(
    asking: Reader,
    cycle: Row,
    horizon: str,
    moment: Moment,
    headings: Iterable[Row],
    begun: int,
) -> list[date]:
    """Return the days of a goal on which something happened, with its first and its last."""
    first = max(date.fromisoformat(cycle["starts"]), asking.moments.day_at(begun))
    last = min(date.fromisoformat(horizon), moment.day)
    days = {asking.moments.day_of(each["recorded_at"]) for each in headings}
    found = sorted({first, last, *(day for day in days if first <= day <= last)})
    return [day for day in found if day <= last][-MOST_DAYS:]


def point_of(asking: Reader, id_: UUID, moment: Moment, day: date, committed: int | None) -> Row:
    """Return what was planned for a day, first and as revised by then, and what came out."""
    point = asking.moments.at_day(day, "at")
    then = min(point.position, moment.known)
    believed = Moment(then, then, day, day)
    known = believed._replace(known=moment.known)
    original = None
    if committed is not None and committed <= moment.known:
        original = known._replace(plan=committed)
    believed_score = asking.score_at(id_, believed)
    return {
        "day": day,
        "position": then,
        "believed": whole(believed_score),
        "known": whole(asking.score_at(id_, known)),
        "expected_original": expected(original and asking.score_at(id_, original)),
        "expected_revised": expected(believed_score),
    }


def whole(score: Score | None) -> Any:
    """Return the rolled-up progress of a score, as shown."""
    return None if score is None else formulas.shown(score.whole)


def expected(score: Score | None) -> Any:
    """Return what was expected, as shown."""
    return None if score is None else formulas.shown(score.expected)


def of_key_result(
    asking: Reader, records: History, id_: UUID, known_at: str | None, at: str | None
) -> Row:
    """Return the planned trajectories of a key result, its readings, and what was changed."""
    cycle_id = asking.cycle_of(id_, known_at, at)
    database, moment = asking.settled(asking.moment(known_at, at, cycle_id))
    now = one(database, "key_result", id_, "key result", moment.plan)
    cycle = one(database, "cycle", UUID(now["cycle_id"]), "cycle", moment.plan)
    rows = versions(database, "key_result", [str(id_)], moment.plan)
    measured = sorted({row["kpi_id"] for row in rows if row["kpi_id"]} | {str(id_)})
    found = readings(database, measured, moment, cycle)
    itself = Span("key_result", str(id_), BEGINNING, FOREVER)
    own = [itself, *measured_by(database, [itself])]
    positions = [row["known_from"] for row in rows] + corrections(found, own)
    return standing_on(moment) | {
        "id": str(id_),
        "kind": now["kind"],
        "unit": now["unit"],
        "planned": trajectories(asking, rows, cycle),
        "readings": [told(asking, each) for each in found],
        "markers": markers(asking, records.headings(sorted(set(positions))).values()),
    }


def trajectories(asking: Reader, rows: list[Row], cycle: Row) -> list[Row]:
    """Return each trajectory that was planned, the original first, with where it began to hold.

    The original is the one that held when the plan was committed, or the first.
    """
    names = ("baseline", "target", "steps", "zones", "trajectory")
    plan_commit_position = cycle["plan_commit_position"] or 0
    found: list[Row] = []
    for row in rows:
        if found and all(row[name] == found[-1][name] for name in names):
            continue
        if found and row["known_from"] <= plan_commit_position:
            found.clear()
        found.append(row)
    return [
        {
            "position": row["known_from"],
            "day": asking.moments.day_at(row["known_from"]),
            "original": number == 0,
            "baseline": row["baseline"],
            "target": row["target"],
            **lists_of(row["steps"], row["zones"], row["trajectory"]),
            "points": points(row, cycle),
        }
        for number, row in enumerate(found)
    ]


def points(row: Row, cycle: Row) -> list[Row]:
    """Return the planned share, and of a metric the value, at each turn of a trajectory."""
    starts, ends = cycle["starts"], cycle["ends"]
    turns = [point["on"] for point in lists_of(None, None, row["trajectory"])["trajectory"]]
    days = sorted({starts, ends, *(day for day in turns if starts <= day <= ends)})
    return [
        point(row, expected_by(starts, ends, date.fromisoformat(day), row["trajectory"]), day)
        for day in days
    ]


def point(row: Row, share: Fraction, day: str) -> Row:
    """Return a planned point."""
    value = None
    if row["kind"] == "metric":
        baseline, target = Fraction(row["baseline"]), Fraction(row["target"])
        value = formulas.shown(baseline + share * (target - baseline))
    return {"on": day, "share": formulas.shown(share), "value": value}


def of_kpi(
    asking: Reader, records: History, id_: UUID, known_at: str | None, at: str | None
) -> Row:
    """Return the targets of a KPI, planned and moved, its readings, and what was changed."""
    database, moment = asking.then(known_at, at)
    now = one(database, "kpi", id_, "KPI", moment.plan)
    found = readings(database, [str(id_)], moment, None)
    positions = [row["known_from"] for row in versions(database, "kpi", [str(id_)], moment.plan)]
    positions += corrections(found, [Span("kpi", str(id_), BEGINNING, FOREVER)])
    return standing_on(moment) | {
        "id": str(id_),
        "kind": "kpi",
        "unit": now["unit"],
        "direction": now["direction"],
        "planned": targets(asking, database, id_, moment),
        "readings": [told(asking, each) for each in found],
        "markers": markers(asking, records.headings(positions).values()),
    }


def targets(asking: Reader, database: Database, id_: UUID, moment: Moment) -> list[Row]:
    """Return each target a KPI was given for a span, the first of a span being the original."""
    rows = database.rows(
        "SELECT DISTINCT id FROM kpi_target WHERE kpi_id = :id AND known_until > :plan "
        "AND known_from <= :plan",
        {"id": str(id_), "plan": moment.plan},
    )
    found = versions(database, "kpi_target", [row[0] for row in rows], moment.plan)
    found.sort(key=lambda row: (row["starts"], row["known_from"]))
    names = ("starts", "ends", "target", "minimum", "maximum")
    return [
        {
            "position": row["known_from"],
            "day": asking.moments.day_at(row["known_from"]),
            "original": row["known_from"] == row["first_position"],
            **{name: row[name] for name in names},
        }
        for row in found
    ]
