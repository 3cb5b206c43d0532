"""Readings of a goal, and the changes since its plan: the markers of plan against actual.

A change is a goal's while what it is about was: readings of a KPI from its link until its unlink,
those of a key result until it was dropped, and what is below a goal while it is linked.
"""

from __future__ import annotations

from collections.abc import Iterable

from projections.as_of.hierarchy import BEGINNING, Span
from projections.as_of.references import goal_ref
from projections.as_of.rows import columns
from projections.as_of.view import View
from projections.audit_log.answers import Heading
from projections.audit_log.event_finder import EVENT_TABLES, events_of
from projections.read_model.tables import Row, plain
from projections.retrospect.plan_vs_actual_answers import Marker, ReadValue, TracedReading

MARKED = {
    "key_result.added": "added",
    "key_result.retargeted": "retargeted",
    "key_result.corrected": "corrected",
    "key_result.rebased": "rebased",
    "key_result.reweighted": "reweighted",
    "key_result.linked": "linked",
    "key_result.unlinked": "unlinked",
    "key_result.moved": "moved",
    "key_result.reassigned": "reassigned",
    "key_result.cadence_replaced": "cadence_replaced",
    "key_result.dropped": "dropped",
    "key_result.reinstated": "reinstated",
    "objective.realigned": "realigned",
    "objective.corrected": "corrected",
    "objective.reassigned": "reassigned",
    "objective.rescheduled": "rescheduled",
    "objective.commitment_replaced": "commitment_replaced",
    "objective.abandoned": "abandoned",
    "objective.reopened": "reopened",
    "objective.carried_over": "carried_over",
    "kpi.target_set": "target_set",
    "kpi.retargeted": "retargeted",
    "kpi.span_split": "retargeted",
    "kpi.target_corrected": "corrected",
    "kpi.redefined": "redefined",
    "kpi.corrected": "corrected",
    "kpi.source_replaced": "source_replaced",
    "kpi.cadence_replaced": "cadence_replaced",
    "kpi.retired": "retired",
    "kpi.reinstated": "reinstated",
    "reading.corrected": "corrected",
    "reading.confidence_corrected": "corrected",
    "reading.comment_corrected": "corrected",
    "reading.evidence_corrected": "corrected",
    "reading.subject_corrected": "corrected",
    "reading.retracted": "retracted",
}
# A KPI that is changed changes no objective; its readings do.
TOUCHING = EVENT_TABLES | {"kpi": (("reading", "measured_id"),)}


def changed(view: View, scope: list[Span]) -> list[int]:
    """Return the positions up to the moment at which something in a scope was changed, in order."""
    bounds = (BEGINNING, view.moment.known)
    statement, more = events_of(view.dialect, "scope", scope, bounds, TOUCHING)
    return sorted(row[0] for row in view.rows(statement, low=bounds[0], high=bounds[1], **more))


def readings(view: View, measured: list[str], cycle: Row | None) -> list[list[Row]]:
    """Return the readings of some things by their day, each with all its versions."""
    rows = view.rows(
        f"SELECT {columns('reading')} FROM reading "
        f"WHERE measured_id {view.dialect.in_array('ids')} "
        "AND known_from <= :known AND as_of <= :until AND as_of >= :first ORDER BY known_from",
        ids=view.array(measured),
        known=view.moment.known,
        until=view.moment.read_until.isoformat(),
        first="0000" if cycle is None else cycle["starts"],
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        each = plain("reading", row)
        found.setdefault(each["id"], []).append(each)
    return sorted(found.values(), key=lambda each: (each[0]["as_of"], each[0]["first_position"]))


def corrections(found: list[list[Row]], spans: list[Span]) -> list[int]:
    """Return where readings were corrected or retracted while they were of what spans name."""
    return [
        row["known_from"]
        for each in found
        for row in each[1:]
        if any(
            span.id == row["measured_id"] and span.first <= row["known_from"] <= span.last
            for span in spans
        )
    ]


def traced(view: View, found: list[list[Row]], key_result_id: str | None) -> list[TracedReading]:
    """Return readings as they were believed when they were recorded, and as they are known.

    `key_result_id` is set on check-ins, and None on readings of KPIs.
    """
    days = view.days(each[0]["first_position"] for each in found)
    return [
        {
            "id": first["id"],
            "measured": goal_ref(
                "key_result" if first["measured_id"] == key_result_id else "kpi",
                first["measured_id"],
            ),
            "as_of": first["as_of"],
            "position": first["first_position"],
            "recorded_on": days[first["first_position"]],
            "believed": value_of(first),
            "known": None if last["retracted"] else value_of(last),
            "confidence": first["confidence"],
        }
        for first, *_, last in ([*each, each[-1]] for each in found)
    ]


def value_of(reading: Row) -> ReadValue:
    """Return the value or zone of a reading."""
    return {"value": reading["value"], "zone": reading["zone"]}


def markers(view: View, headings: Iterable[Heading]) -> list[Marker]:
    """Return the changes in a scope, apart from readings that were recorded."""
    return [
        {"what": MARKED[each["type"]], "day": view.dates.day_of(each["recorded_at"]), **each}
        for each in sorted(headings, key=lambda each: each["position"])
        if each["type"] in MARKED
    ]
