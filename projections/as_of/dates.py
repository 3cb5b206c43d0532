"""Days and times of positions, and positions of the ends of days, each by one statement."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

from okr_es.application import Okr
from okr_es.database.clock import instant
from okr_es.database.dialect import Dialect
from okr_es.scoring.calendar import Calendars
from projections.as_of.bounded_cache import BoundedCache

MOST_CACHED = 100_000


class Dates:
    """Days are those of the organisation's calendar. What the log says never changes: cached."""

    def __init__(self, okr: Okr) -> None:
        self.okr = okr
        self.forget()
        okr.course.on_change.append(self.forget)

    def forget(self) -> None:
        """Forget everything: the log was replaced."""
        self.times: BoundedCache[int, str] = BoundedCache(MOST_CACHED)

    def recorded(self, positions: Iterable[int]) -> dict[int, str]:
        """Return the times of record of positions; those not cached come by one statement.

        What is returned does not depend on what other threads cache meanwhile.
        """
        wanted, known = set(positions), self.times
        cached = {each: known.get(each) for each in wanted}
        times = {each: time for each, time in cached.items() if time is not None}
        missing = sorted(wanted - times.keys())
        if missing:
            found = self.read(missing)
            known.put(found)
            times |= found
        return times

    def read(self, positions: list[int]) -> dict[int, str]:
        """Return the times of record of positions as the log has them."""
        dialect = self.okr.database.dialect
        rows = self.okr.database.rows(
            "SELECT position, recorded_at FROM events "
            f"WHERE position {dialect.in_array('positions', 'bigint')}",
            {"positions": dialect.array(positions)},
        )
        return {int(position): recorded_at for position, recorded_at in rows}

    def days(self, positions: Iterable[int]) -> dict[int, date]:
        """Return the days events were recorded on, by position."""
        return {position: self.day_of(at) for position, at in self.recorded(positions).items()}

    def day(self, position: int) -> date:
        """Return the day an event was recorded on."""
        return self.days((position,))[position]

    def time(self, position: int) -> str:
        """Return when an event was recorded: UTC, as the log writes it."""
        return self.recorded((position,))[position]

    def day_of(self, recorded_at: str) -> date:
        """Return the day of a time of record."""
        return in_calendar(self.okr.calendars.current, recorded_at)

    def ends(self, days: Sequence[date]) -> dict[date, int]:
        """Return the last position recorded up to the end of each day, by one statement."""
        start_of = self.okr.calendars.current.start_of
        ends = [instant(start_of(day + timedelta(days=1))) for day in days]
        statement = last_before(self.okr.database.dialect)
        rows = self.okr.database.rows(statement, {"ends": json.dumps(list(enumerate(ends)))})
        return {days[int(number)]: int(position) for number, position in rows}


@lru_cache(maxsize=65_536)
def in_calendar(calendars: Calendars, recorded_at: str) -> date:
    """Return the day of a time of record; remembered, because one question asks again and again."""
    return calendars.day_of(datetime.fromisoformat(recorded_at))


@cache
def last_before(dialect: Dialect) -> str:
    """Return the statement of the last positions before some instants: searches by halves.

    The log's times never go backwards, so no index is needed.
    """
    ends = dialect.relation("ends", number="bigint", moment="text")
    is_before = f"e.recorded_at < {dialect.bytewise('s.moment')}"
    return f"""
      WITH RECURSIVE search(number, moment, low, high) AS (
        SELECT d.number, d.moment, CAST(0 AS bigint), c.position FROM {ends} AS d, counter c
        UNION ALL
        SELECT s.number, s.moment,
               CASE WHEN {is_before} THEN e.position ELSE s.low END,
               CASE WHEN {is_before} THEN s.high ELSE e.position - 1 END
        FROM search s JOIN events e ON e.position = (s.low + s.high + 1) / 2 WHERE s.low < s.high
      )
      SELECT number, low FROM search WHERE low = high
    """
