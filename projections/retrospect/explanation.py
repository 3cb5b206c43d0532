"""Why an objective's progress changed between two moments: a part for every event between them.

The events are taken in the order they were recorded; the part of each is the progress right after
it less the progress right before it, so the parts sum exactly to the whole.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.refusals import NotFound
from okr_es.scoring import formulas
from projections.as_of.moments import Moment
from projections.as_of.rows import among, many
from projections.audit_log.history import History
from projections.goals.reader import Reader
from projections.goals.scoring import Row

CAUSES = {
    "reading.recorded": "readings",
    "reading.checked_in": "readings",
    "reading.corrected": "corrections",
    "reading.retracted": "corrections",
    "key_result.retargeted": "targets",
    "key_result.linked": "links",
    "key_result.unlinked": "links",
    "key_result.reweighted": "weights",
    "objective.realigned": "realignments",
    "key_result.moved": "realignments",
    "key_result.added": "added",
    "objective.drafted": "added",
    "objective.reopened": "added",
    "key_result.dropped": "dropped",
    "objective.abandoned": "dropped",
}
OTHER = "other"
BY_TIME = "time"

# All that ever hung below an objective, at any time, by kind.
EVER_BELOW = """
  WITH RECURSIVE ids(id, kind) AS (
    SELECT o.id, 'objective' FROM objective o WHERE o.id = :id AND o.first_position = o.known_from
    UNION
    SELECT b.child_id, b.kind FROM ids JOIN links b ON b.parent_id = ids.id
  )
  SELECT id, kind FROM ids
"""


def explain(asking: Reader, records: History, id_: UUID, from_: str, to: str) -> Row:
    """Return the change of an objective's rolled-up progress from one moment to another.

    Each part names its cause and its events. Progress that is not measured counts as 0 in the
    sum, and `before` or `after` says that it was not measured.
    """
    cycle = asking.cycle_of(id_, from_, to)
    first, last = asking.span(from_, to, ("from", "to"), cycle)
    database = asking.caught_up(last.moment)
    before = progress(asking, id_, first.moment)
    after = progress(asking, id_, last.moment)
    if not asking.goals_at(id_, last.moment):
        raise NotFound(f"There is no objective {id_} by then.", field="id")
    positions = touching(database, id_, first.position, last.position)
    parts = steps(asking, id_, first.moment, last.moment, positions)
    return {
        "position": last.position,
        "fixed": first.is_fixed and last.is_fixed,
        "id": str(id_),
        "from": {"position": first.position, "day": first.day},
        "to": {"position": last.position, "day": last.day},
        "before": formulas.shown(before),
        "after": formulas.shown(after),
        "change": number((after or Fraction(0)) - (before or Fraction(0))),
        "causes": causes(records, parts),
    }


def progress(asking: Reader, id_: UUID, moment: Moment) -> Fraction | None:
    """Return the exact rolled-up progress of an objective as of a moment."""
    score = asking.score_at(id_, moment)
    return None if score is None else score.whole


def touching(database: Database, id_: UUID, first: int, last: int) -> list[int]:
    """Return the positions behind one, up to another, of all events that may have moved it."""
    ids: dict[str, set[str]] = defaultdict(set)
    for child_id, kind in database.rows(EVER_BELOW, {"id": str(id_)}):
        ids[kind].add(child_id)
    measured = ids["key_result"] | ids["kpi"]
    found: set[int] = set()
    for table, column, wanted in (
        ("objective", "id", ids["objective"]),
        ("key_result", "id", ids["key_result"]),
        ("reading", "measured_id", measured),
    ):
        rows = database.rows(
            f"SELECT known_from FROM {table} WHERE {column} {among(database, 'ids')} "
            "AND known_from > :first AND known_from <= :last",
            {"ids": many(database, sorted(wanted)), "first": first, "last": last},
        )
        found.update(row[0] for row in rows)
    return sorted(found)


def steps(
    asking: Reader, id_: UUID, first: Moment, last: Moment, positions: list[int]
) -> list[tuple[int | None, Fraction]]:
    """Return by how much each event moved the progress; those that did not are left out.

    All steps are taken on the last day, so that a day that passes has a part of its own, without
    an event; it is none unless a reading was about a day still to come.
    """
    before = progress(asking, id_, first) or Fraction(0)
    parts: list[tuple[int | None, Fraction]] = []
    for position in (None, *positions):
        known = first.known if position is None else position
        moment = Moment(known, known, last.day, last.read_until)
        after = progress(asking, id_, moment) or Fraction(0)
        if after != before:
            parts.append((position, after - before))
        before = after
    return parts


def causes(records: History, parts: list[tuple[int | None, Fraction]]) -> list[Row]:
    """Return the parts by cause, each with its events."""
    happened = records.headings([position for position, _ in parts if position is not None])
    found: dict[str, list[tuple[Row | None, Fraction]]] = defaultdict(list)
    for position, part in parts:
        event = None if position is None else happened[position]
        found[BY_TIME if event is None else CAUSES.get(event["type"], OTHER)].append((event, part))
    return [
        {
            "cause": cause,
            "change": number(sum((part for _, part in each), Fraction(0))),
            "events": [event | {"change": number(part)} for event, part in each if event],
        }
        for cause, each in sorted(found.items())
    ]


def number(exact: Fraction) -> dict[str, Any]:
    """Return a number exact, as numerator/denominator, and rounded."""
    return {
        "exact": f"{exact.numerator}/{exact.denominator}",
        "rounded": formulas.shown(exact),
    }
