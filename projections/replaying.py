"""A cycle replayed, day by day or event by event, also as another scoring policy would judge it.

Nothing is recorded by a replay, and what was published stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from okr_es.arithmetic import Policy
from okr_es.domain.refusals import Invalid

from .asking import Asking
from .goals import Goal, Row, Scoring, thresholds_of
from .history import History
from .members import members
from .moments import Point, require_year
from .plans import public_cycle
from .stepping import Live, by_event, statuses

Progress = Callable[[int, int], None]

STEPS = ("day", "event")
SHOWN = ("progress", "rolled_up", "expected", "pace", "status", "stage", "grade")
ONE_DAY = timedelta(days=1)
NOTHING = Point(0, date.min, is_fixed=True)


class Span(NamedTuple):
    """The part of a cycle that is replayed, and by which policy it is judged."""

    cycle: Row
    first: date
    last: date
    policy: Policy | None


def replay(
    asking: Asking,
    records: History,
    cycle_id: UUID,
    step: str,
    from_: date | None,
    to: date | None,
    policy: Policy | None,
    progress: Progress | None = None,
) -> Iterator[Row]:
    """Return the steps of a cycle: a heading, then one row for each day or each event.

    The first step tells of all objectives, the others of those that changed. The span is the
    cycle's days, as far as they have come, unless told otherwise. Raises Invalid or NotFound at
    once, before the first step.
    """
    if step not in STEPS:
        raise Invalid("A step is a day or an event.", field="step")
    span = span_of(asking, cycle_id, from_, to, policy)
    if step == "day":
        return headed(span, step, by_day(asking, span, progress))
    before = asking.moments.end_of(span.first - ONE_DAY)
    first = (
        before
        if before.position >= span.cycle["first_position"]
        else NOTHING._replace(day=before.day)
    )
    live = Live(asking, span.cycle["id"], first, span.policy, shown)
    last = asking.moments.at_day(span.last, "to")
    return headed(span, step, by_event(asking, records, live, first, last, progress))


def span_of(
    asking: Asking, cycle_id: UUID, from_: date | None, to: date | None, policy: Policy | None
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
    return Span(cycle, first, last, policy)


def headed(span: Span, step: str, steps: Iterator[Row]) -> Iterator[Row]:
    """Yield a heading, then the steps."""
    yield {
        "cycle": public_cycle(span.cycle),
        "step": step,
        "from": span.first,
        "to": span.last,
        "policy": None if span.policy is None else thresholds_of(span.policy),
    }
    yield from steps


# ---- day by day -------------------------------------------------------------------------


def by_day(asking: Asking, span: Span, progress: Progress | None) -> Iterator[Row]:
    """Yield the end of each day."""
    told: dict[str, Row] = {}
    days = (span.last - span.first).days + 1
    before = asking.moments.end_of(span.first - ONE_DAY).position
    for number in range(days):
        point = asking.moments.at_day(span.first + timedelta(days=number), "to")
        answers = board_of(asking, span, point)
        yield row_of(point, told, answers) | {"events": point.position - before}
        told, before = answers, point.position
        if progress is not None:
            progress(number + 1, days)


def board_of(asking: Asking, span: Span, point: Point) -> dict[str, Row]:
    """Return what is shown of each objective of the cycle at a point; none before it was opened."""
    if point.position < span.cycle["first_position"]:
        return {}
    cycle_id: str = span.cycle["id"]
    goals = asking.board_at(UUID(cycle_id), point.moment).goals
    scoring = Scoring(point.day, span.policy)
    return {
        id_: shown(scoring, goal) for id_, goal in goals.items() if goal.row["cycle_id"] == cycle_id
    }


def shown(scoring: Scoring, goal: Goal) -> Row:
    """Return what a step shows of an objective."""
    answer = scoring.answer(goal)
    return {"id": answer["id"], "statement": answer["statement"]} | {n: answer[n] for n in SHOWN}


def row_of(point: Point, before: dict[str, Row], after: dict[str, Row]) -> Row:
    """Return a step: where it stands, how many goals have which status, and what changed."""
    return {
        "day": point.day,
        "position": point.position,
        "statuses": statuses(after),
        "changed": [row for id_, row in after.items() if before.get(id_) != row],
    }
