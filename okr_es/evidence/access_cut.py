"""Where the access log was cut by retention: up to which read, when, and by which years.

A cut is an event of the log, so it is signed with it. A checkpoint of that size keeps the edge of
the tree, from which all that comes after it is proven. Reads that are gone elsewhere, or without
such an event, were not cut but lost.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from okr_es.database.clock import instant, years_before
from okr_es.database.database import Database
from okr_es.domain.retention import RETENTION_ID, Retention
from okr_es.log.mapper import decode_plain, topic_of

CUT = topic_of(Retention.AccessLogCut)
OF_RETENTION = """
  SELECT position, recorded_at, type, schema_version, data FROM events
  WHERE stream = {stream} ORDER BY version
"""


class Cut(NamedTuple):
    """A cut of the access log: the reads up to `size` are destroyed, or about to be.

    `root` is the hash of the tree over them; `position` and `recorded_at` are those of its event;
    `set_by` is the position of the event that had set the years, 0 where there is none.
    """

    size: int
    root: str
    position: int
    recorded_at: str
    years: int | None
    set_by: int

    @property
    def signed_before(self) -> str:
        """The time before which the checkpoint of the cut had to be signed; nothing: none could."""
        if self.years is None:
            return ""
        return instant(years_before(datetime.fromisoformat(self.recorded_at), self.years))

    def __str__(self) -> str:
        kept = "1 year" if self.years == 1 else f"{self.years} years"
        return (
            f"cut at {self.size} by retention on {self.recorded_at[:10]} (event {self.position}), "
            f"under event {self.set_by}, by which reads are kept for {kept}"
        )


def cuts_in(log: Database) -> list[Cut]:
    """Return all cuts that a log knows, the oldest first.

    Raises ValueError where an event of retention is not as any was recorded.
    """
    stream = log.dialect.as_id("stream")
    rows = log.rows(OF_RETENTION.format(stream=stream), {"stream": str(RETENTION_ID)})
    found: list[Cut] = []
    years, set_by = None, 0
    try:
        for position, recorded_at, kind, schema_version, data in rows:
            fields = decode_plain(kind, schema_version, bytes(data))
            if kind == CUT:
                size, root = int(fields["cut_at"]), str(fields["root"])
                found.append(Cut(size, root, position, recorded_at, years, set_by))
            else:
                years, set_by = fields["access_log_years"], position
    except (KeyError, AttributeError) as error:
        raise ValueError(f"Event {position} is none of retention.") from error
    return found


def cut_at(log: Database) -> int:
    """Return up to which read the access log was cut, 0 where it never was."""
    cut = last_cut(log)
    return 0 if cut is None else cut.size


def last_cut(log: Database, by: int | None = None) -> Cut | None:
    """Return the last cut that a log knows, or knew by a position."""
    known = (each for each in reversed(cuts_in(log)) if by is None or each.position <= by)
    return next(known, None)
