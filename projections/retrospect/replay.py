"""A cycle replayed, day by day or event by event, also as other thresholds would judge it.

Nothing is recorded by a replay, and what was published stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.refusals import Invalid
from projections.as_of.moments import Point, require_year
from projections.audit_log.history import History
from projections.goals.cycle_members import members
from projections.goals.reader import Reader
from projections.goals.scoring import Goal, Row, Scoring
from projections.retrospect.event_replay import Live, by_event, statuses
from projections.retrospect.plan import public_cycle
from projections.retrospect.threshold_overrides import Named, require_fit, told

Progress = Callable[[int, int], None]

STEPS = ("day", "event")
SHOWN = ("progress", "rolled_up", "expected", "pace", "status", "state", "grade")
ONE_DAY = timedelta(days=1)
NOTHING = Point(0, date.min, is_fixed=True)


class Span(NamedTuple):
    """The part of a cycle that is replayed, and the thresholds overridden in the policies."""

    cycle: Row
    first: date
    last: date
    overridden: Named


def replay(
    asking: Reader,
    records: History,
    cycle_id: UUID,
    step: str,
    from_: date | None,
    to: date | None,
    overridden: Named,
    progress: Progress | None = None,
) -> Iterator[Row]:
    """Return the steps of a cycle: a heading, then one row for each day or each event.

    The first step tells of all objectives, the others of those that changed. The span is the
    cycle's days, as far as they have come, unless told otherwise. Thresholds that are not
    overridden stay those of the policy valid at each step. Raises Invalid or NotFound at once,
    before the first step.
    """
    if step not in STEPS:
        raise Invalid("A step is a day or an event.", field="step")
    span = span_of(asking, cycle_id, from_, to, overridden)
    before = asking.moments.end_of(span.first - ONE_DAY)
    last = asking.moments.at_day(span.last, "to")
    database = asking.caught_up(last.moment)
    require_fit(database, overridden, UUID(span.cycle["id"]), before.position, last.position)
    if step == "day":
        return headed(span, step, by_day(asking, span, before.position, progress))
    first = (
        before
        if before.position >= span.cycle["first_position"]
        else NOTHING._replace(day=before.day)
    )
    live = Live(asking, span.cycle["id"], first, span.overridden, shown)
    return headed(span, step, by_event(asking, records, live, first, last, progress))


def span_of(
    asking: Reader, cycle_id: UUID, from_: date | None, to: date | None, overridden: Named
) -> Span:
    """Return the part of a cycle to replay."""
    today = asking.okr.today()
    _, moment = asking.settled(asking.moment(None, None))
    cycle = members(asking.caught_up(moment), cycle_id, moment.plan).cycle
    first = from_ or date.fromisoformat(cycle["starts"])
    last = to or min(date.fromisoformat(cycle["ends"]), today)
    require_year(first, "from")
    if first > today:
        raise Invalid("It lies in the future: there is nothing to replay.", field="from")
    if last > today or last < first:
        raise Invalid(f"It lies outside {first} to {today}.", field="to")
    return Span(cycle, first, last, overridden)


def headed(span: Span, step: str, steps: Iterator[Row]) -> Iterator[Row]:
    """Yield a heading, then the steps."""
    yield {
        "cycle": public_cycle(span.cycle),
        "step": step,
        "from": span.first,
        "to": span.last,
        "policy": told(span.overridden),
    }
    yield from steps


# ---- day by day -------------------------------------------------------------------------


def by_day(asking: Reader, span: Span, before: int, progress: Progress | None) -> Iterator[Row]:
    """Yield the end of each day; `before` is the position the day before the first ended at."""
    known: dict[str, Row] = {}
    days = (span.last - span.first).days + 1
    for number in range(days):
        point = asking.moments.at_day(span.first + timedelta(days=number), "to")
        answers = board_of(asking, span, point)
        yield row_of(point, known, answers) | {"events": point.position - before}
        known, before = answers, point.position
        if progress is not None:
            progress(number + 1, days)


def board_of(asking: Reader, span: Span, point: Point) -> dict[str, Row]:
    """Return what is shown of each objective of the cycle at a point; none before it was opened."""
    if point.position < span.cycle["first_position"]:
        return {}
    cycle_id: str = span.cycle["id"]
    goals = asking.board_at(UUID(cycle_id), point.moment).goals
    scoring = Scoring(point.day, span.overridden)
    return {
        id_: shown(scoring, goal) for id_, goal in goals.items() if goal.row["cycle_id"] == cycle_id
    }


def shown(scoring: Scoring, goal: Goal) -> Row:
    """Return what a step shows of an objective."""
    answer = scoring.answer(goal)
    return {"id": answer["id"], "title": answer["title"]} | {n: answer[n] for n in SHOWN}


def row_of(point: Point, before: dict[str, Row], after: dict[str, Row]) -> Row:
    """Return a step: where it stands, how many goals have which status, and what changed."""
    return {
        "day": point.day,
        "position": point.position,
        "statuses": statuses(after),
        "changed": [row for id_, row in after.items() if before.get(id_) != row],
    }
