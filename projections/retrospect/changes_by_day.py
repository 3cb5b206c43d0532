"""The days on which something of a cycle was changed, and how much: the dots of a time bar.

An event counts on the day it was recorded on, as the organisation's calendar has it. What is of a
cycle is what the audit log finds by it; a KPI's events are, while it feeds a key result of it, up
to the closing of the cycle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID

from projections.as_of.hierarchy import Span, with_all_below
from projections.as_of.references import cycle_answer
from projections.as_of.view import View, as_of_fields
from projections.audit_log.event_finder import Criteria, Finder
from projections.audit_log.scopes import scopes_of
from projections.goals.loading import unpacked_cycle
from projections.read_model.tables import FOREVER, Row
from projections.retrospect.changes_by_day_answers import (
    ChangeCounts,
    ChangesByDayAnswer,
    DayOfChanges,
)

# The kind of each type of event; all others are `others`.
KINDS: dict[str, str] = {
    "cycle.plan_committed": "plan_commits",
    "cycle.closed": "closings",
    "cycle.reopened": "closings",
    "objective.graded": "grades",
    "objective.reassigned": "hand_overs",
    "key_result.reassigned": "hand_overs",
    "kpi.reassigned": "hand_overs",
    "objective.realigned": "realignments",
    "key_result.retargeted": "retargets",
    "kpi.retargeted": "retargets",
    "kpi.target_set": "retargets",
    "kpi.span_split": "retargets",
    "cycle.rescheduled": "corrections",
    "objective.corrected": "corrections",
    "key_result.corrected": "corrections",
    "kpi.corrected": "corrections",
    "kpi.target_corrected": "corrections",
    "reading.corrected": "corrections",
    "reading.confidence_corrected": "corrections",
    "reading.comment_corrected": "corrections",
    "reading.evidence_corrected": "corrections",
    "reading.subject_corrected": "corrections",
    "reading.retracted": "corrections",
    "objective.abandoned": "endings",
    "objective.carried_over": "endings",
    "key_result.dropped": "endings",
    "kpi.retired": "endings",
    "objective.reopened": "returns",
    "key_result.reinstated": "returns",
    "kpi.reinstated": "returns",
    "reading.recorded": "readings",
    "reading.checked_in": "check_ins",
    "approval.requested": "approvals",
    "approval.approved": "approvals",
    "approval.refused": "approvals",
    "approval.withdrawn": "approvals",
    "objective.drafted": "new_goals",
    "objective.committed": "new_goals",
    "key_result.added": "new_goals",
    "kpi.defined": "new_goals",
}
ALL = tuple(ChangeCounts.__annotations__)
MINUTE = len("2025-07-01T12:00")
# Where the number of revisions of a goal rose.
REVISED = """
  SELECT v.known_from FROM {table} v JOIN {table} b ON b.id = v.id AND b.known_until = v.known_from
  WHERE v.cycle_id = :of_cycle AND v.revisions > b.revisions
"""
# Days begin at a full minute in every time zone.
COUNT = f"""
  WITH revised(position) AS (
    {REVISED.format(table="objective")} UNION {REVISED.format(table="key_result")}
  )
  SELECT e.type, CASE WHEN r.position IS NULL THEN 0 ELSE 1 END,
         substr(CAST(e.recorded_at AS text), 1, {MINUTE}), count(*)
  FROM {{source}} LEFT JOIN revised r ON r.position = e.position
  WHERE e.position BETWEEN :low AND :high
  GROUP BY 1, 2, 3
"""
OWNED = f"""
  SELECT 'objective', id, known_from, known_until FROM objective WHERE owner_id = :owner
  UNION ALL SELECT 'key_result', id, known_from, known_until FROM key_result
    WHERE owner_id = :owner
  UNION ALL SELECT 'person', id, known_from, known_until FROM person
    WHERE id = :owner AND known_until = {FOREVER}
"""


class Filters(NamedTuple):
    """What of a cycle is wanted: of a team with those below, of an owner, of a goal."""

    team_id: UUID | None = None
    owner_id: UUID | None = None
    goal_id: UUID | None = None


class Counted(NamedTuple):
    """How many events of a type were recorded in a minute, and whether they revised a plan."""

    type: str
    is_revision: bool
    minute: str
    events: int


def changes_by_day(view: View, cycle_id: UUID, filters: Filters) -> ChangesByDayAnswer:
    """Return the days on which something of a cycle was changed; raise NotFound for a filter."""
    cycle = unpacked_cycle(view.one("cycle", cycle_id, "cycle"))
    days: dict[date, list[Counted]] = defaultdict(list)
    for each in counted(view, cycle["id"], scopes(view, cycle, filters)):
        days[view.dates.day_of(f"{each.minute}:00Z")].append(each)
    return {
        **as_of_fields(view),
        "cycle": cycle_answer(cycle),
        "days": [day_of(day, days[day]) for day in sorted(days)],
    }


def day_of(day: date, found: Iterable[Counted]) -> DayOfChanges:
    """Return a day with what was recorded on it, by kind."""
    kinds, events, revisions = dict.fromkeys(ALL, 0), 0, 0
    for each in found:
        kinds[KINDS.get(each.type, "others")] += each.events
        events += each.events
        revisions += each.events if each.is_revision else 0
    return {"day": day, "events": events, "revisions": revisions, "kinds": ChangeCounts(**kinds)}  # type: ignore[typeddict-item]


# ---- what is wanted ---------------------------------------------------------------------


def scopes(view: View, cycle: Row, filters: Filters) -> tuple[list[Span], ...]:
    """Return the spans an event has to lie in, one of each list; raise NotFound with the field."""
    wanted = {"cycle": UUID(cycle["id"]), "team_id": filters.team_id, "goal_id": filters.goal_id}
    found = scopes_of(view.database, {name: id_ for name, id_ in wanted.items() if id_ is not None})
    last = closed_at(cycle)
    found = tuple([until(each, last) for each in spans] for spans in found)
    return found if filters.owner_id is None else (*found, owned(view, filters.owner_id))


def closed_at(cycle: Row) -> int:
    """Return the position a cycle was closed at, if it is."""
    return int(cycle["closings"][-1]["position"]) if cycle["closed"] else FOREVER


def until(span: Span, last: int) -> Span:
    """Return a span of a KPI up to a position; all others as they are."""
    return span._replace(last=min(span.last, last)) if span.kind == "kpi" else span


def owned(view: View, owner: UUID) -> list[Span]:
    """Return the goals of an owner while they were theirs, with all below them."""
    spans = [Span(*row) for row in view.rows(OWNED, owner=str(owner))]
    if not spans:
        view.one("person", owner, "person", "owner_id")
    goals = [span for span in spans if span.kind != "person"]
    return with_all_below(view.database, goals, ("key_result", "kpi"))


# ---- counting ---------------------------------------------------------------------------


def counted(view: View, cycle_id: str, wanted: tuple[list[Span], ...]) -> Iterator[Counted]:
    """Yield how many events lie in spans of each list, by type and minute, by one statement."""
    source, parameters = Finder(view.database, Criteria(wanted)).source(1, view.moment.known)
    rows = view.rows(
        COUNT.format(source=source), **parameters, low=1, high=view.moment.known, of_cycle=cycle_id
    )
    for type_, is_revision, minute, count in rows:
        yield Counted(type_, bool(is_revision), minute, int(count))
