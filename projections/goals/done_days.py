"""On which days a milestone was done, by its check-ins and the steps it had on each day.

Nothing is due meanwhile. A day is judged by its end: by the last check-in about a day up to it, and
by the steps the milestone had then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from okr_es.scoring import ratios
from okr_es.scoring.cadences import Pause
from okr_es.scoring.calendar import Calendars
from projections.as_of.dates import in_calendar
from projections.goals.key_result_scores import milestone_progress

earlier_steps_in = msgspec.json.Decoder(list[tuple[str, list[str]]]).decode


class CheckedIn(NamedTuple):
    """A check-in with a value: the day it is about, and the steps done of those there were."""

    as_of: str
    value: str
    done: str | None


def done_days(
    steps: str | None,
    earlier_steps: str | None,
    check_ins: Sequence[CheckedIn],
    calendars: Calendars,
    renamed: str | None,
) -> tuple[Pause, ...]:
    """Return the spans of days on which a milestone was done, the oldest first.

    Takes its steps, the earlier ones and those renamed as they are kept, and its check-ins in
    order.
    """
    if not check_ins:
        return ()
    changes = steps_by_day(steps, earlier_steps, calendars)
    days = {date.fromisoformat(each.as_of) for each in check_ins}
    first = min(days)
    spans: list[Pause] = []
    for day in sorted(days | {each for each, _ in changes if each > first}):
        last = [each for each in check_ins if each.as_of <= day.isoformat()][-1]
        held = [steps for since, steps in changes if since <= day][-1]
        is_done = milestone_progress(held, last.done, last.value, renamed) == ratios.WHOLE
        was_done = bool(spans) and spans[-1].until is None
        if is_done and not was_done:
            spans.append(Pause(day, None))
        elif was_done and not is_done:
            spans[-1] = Pause(spans[-1].first, day)
    return tuple(spans)


def steps_by_day(
    steps: str | None, earlier_steps: str | None, calendars: Calendars
) -> list[tuple[date, str | None]]:
    """Return the steps a milestone has had, each since the day from whose end on it had them."""
    since, found = date.min, []
    for until, before in earlier_steps_in(earlier_steps or "[]"):
        found.append((since, msgspec.json.encode(before).decode()))
        since = in_calendar(calendars, until)
    return [*found, (since, steps)]
