"""The calendars of the log: read once, and again only where the log has a newer one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from okr_es.database.database import Database
from okr_es.domain.calendar import CALENDAR_ID, Calendar, require_zone
from okr_es.domain.refusals import ZoneContradicts
from okr_es.log.mapper import decode
from okr_es.scoring.calendar import Calendars, Version

PROPOSED_ZONE = "UTC"
EVENTS = """
  SELECT position, recorded_at, type, schema_version, data FROM events
  WHERE stream = {stream} AND version > :version ORDER BY version
"""
# How many calendars the log has, as a column of a statement that asks for something else.
CALENDAR_VERSION = f"(SELECT cs.version FROM streams cs WHERE cs.stream = '{CALENDAR_ID}')"


class LoggedCalendars:
    """The calendars a log has; of one that has none yet, the calendar that is proposed to it."""

    def __init__(self, database: Database, proposed_zone: str | None) -> None:
        if proposed_zone is not None:
            require_zone(proposed_zone)
        self.database = database
        self.proposed = Calendar(proposed_zone or PROPOSED_ZONE)
        self.recorded: tuple[Version, ...] = ()
        self.current = Calendars((Version(self.proposed),))

    @property
    def version(self) -> int:
        """How many calendars of the log are known here; 0: the log has none."""
        return len(self.recorded)

    def read(self) -> Calendars:
        """Read the calendars recorded since the last time, by one statement, and return all."""
        known = self.recorded
        statement = EVENTS.format(stream=self.database.dialect.as_id("stream"))
        parameters = {"stream": str(CALENDAR_ID), "version": len(known)}
        if rows := self.database.rows(statement, parameters):
            self.recorded = (*known, *map(version_of, rows))
            self.current = Calendars(self.recorded)
        elif not known:
            self.current = Calendars((Version(self.proposed),))
        return self.current

    def forget(self) -> None:
        """Read all calendars again the next time: the log was replaced."""
        self.recorded = ()

    def up_to(self, version: int | None) -> Calendars:
        """Return all calendars where the log has so many, by a statement if some are new here."""
        return self.current if (version or 0) <= self.version else self.read()

    def require_zone_of(self, day: date, zone: str) -> None:
        """Refuse a time zone that is not the one the calendar has on a day."""
        valid = self.current.zone_on(day)
        if self.recorded and zone != valid:
            raise ZoneContradicts(
                f"The time zone of the setting is {zone}, but that of the organisation's calendar "
                f"is {valid}. The log decides: change the setting or leave it out, or set the "
                "calendar by a command."
            )


def version_of(row: Any) -> Version:
    """Return a version of the calendar from its event in the log."""
    position, recorded_at, kind, schema_version, data = row
    fields = decode(kind, schema_version, bytes(data))
    return Version(
        fields["calendar"],
        fields.get("valid_from"),
        position,
        datetime.fromisoformat(recorded_at),
    )
