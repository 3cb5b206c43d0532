"""The server's clock, and instants as they are stored."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the server's time."""
    return datetime.now(UTC)


def instant(moment: datetime) -> str:
    """Return an aware datetime as the log writes it: UTC, to the microsecond."""
    if moment.tzinfo is None:
        raise ValueError("A time without a time zone cannot be placed.")
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"


def years_before(now: datetime, years: int) -> datetime:
    """Return the same time so many years before; of the 29th of February the 28th."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)
