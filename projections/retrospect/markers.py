"""What was read of a goal, and what was changed on the way: the marks beside plan and actual.

A change is a goal's while what it is about was: readings of a KPI from its link until its unlink,
those of a key result until it was dropped, and what hangs below a goal while it hangs there.
"""

from __future__ import annotations

from collections.abc import Iterable

from okr_es.database.database import Database
from projections.as_of.hierarchy import BEGINNING, Span
from projections.as_of.moments import Moment
from projections.as_of.rows import among, many
from projections.audit_log.event_finder import HAPPENED, happened
from projections.goals.reader import Reader
from projections.goals.scoring import Row
from projections.read_model.tables import FIELDS, plain

MARKED = {
    "key_result.added": "added",
    "key_result.retargeted": "retargeted",
    "key_result.reweighted": "reweighted",
    "key_result.linked": "linked",
    "key_result.unlinked": "unlinked",
    "key_result.moved": "moved",
    "key_result.dropped": "dropped",
    "objective.realigned": "realigned",
    "objective.reassigned": "reassigned",
    "objective.abandoned": "abandoned",
    "objective.reopened": "reopened",
    "objective.carried_over": "carried_over",
    "kpi.target_set": "target_set",
    "kpi.retargeted": "retargeted",
    "kpi.source_replaced": "source_replaced",
    "kpi.cadence_replaced": "cadence_replaced",
    "kpi.retired": "retired",
    "reading.corrected": "corrected",
    "reading.retracted": "retracted",
}
# A KPI that is moved moves no objective; its readings do.
TOUCHING = HAPPENED | {"kpi": (("reading", "measured_id"),)}


def changed(database: Database, scope: list[Span], last: int) -> list[int]:
    """Return the positions up to one at which something in a scope was changed, in order."""
    asked = {"low": BEGINNING, "high": last}
    statement, more = happened(database, "scope", scope, (BEGINNING, last), TOUCHING)
    return sorted(row[0] for row in database.rows(statement, asked | more))


def readings(
    database: Database, measured: list[str], moment: Moment, cycle: Row | None
) -> list[list[Row]]:
    """Return the readings of some things by their day, each with all its versions."""
    names = ", ".join(FIELDS["reading"])
    rows = database.rows(
        f"SELECT {names} FROM reading WHERE measured_id {among(database, 'ids')} "
        "AND known_from <= :known AND as_of <= :until AND as_of >= :first ORDER BY known_from",
        {
            "ids": many(database, measured),
            "known": moment.known,
            "until": moment.read_until.isoformat(),
            "first": "0000" if cycle is None else cycle["starts"],
        },
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


def told(asking: Reader, each: list[Row]) -> Row:
    """Return a reading as it was believed when it was recorded, and as it is known."""
    first, last = each[0], each[-1]
    values = ("value", "zone")
    return {
        "id": first["id"],
        "measured_id": first["measured_id"],
        "as_of": first["as_of"],
        "position": first["first_position"],
        "recorded_on": asking.moments.day_at(first["first_position"]),
        "believed": {name: first[name] for name in values},
        "known": None if last["retracted"] else {name: last[name] for name in values},
        "confidence": first["confidence"],
    }


def markers(asking: Reader, headings: Iterable[Row]) -> list[Row]:
    """Return what was changed on the way, apart from readings that came in."""
    return [
        {"what": MARKED[each["type"]], "day": asking.moments.day_of(each["recorded_at"])} | each
        for each in sorted(headings, key=lambda each: int(each["position"]))
        if each["type"] in MARKED
    ]
