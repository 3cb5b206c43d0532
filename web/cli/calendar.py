"""The organisation's calendar on the command line: shown, and set from a day on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.options import DAY, at, day_of, given, known_at, made
from web.cli.output import as_json
from web.cli.receipts import carried_out
from web.cli.session import OneLineErrors, Session, acting
from web.cli.text.goals import Names, Row

if TYPE_CHECKING:
    from okr_es.domain.calendar import Holiday

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CADENCES = (
    "daily", "weekly", "every_two_weeks", "monthly", "quarterly", "half_yearly", "yearly",
)  # fmt: skip
MOST_SHOWN = 20


class NamedDays(click.ParamType["Holiday"]):
    """A holiday: a day or FIRST..LAST, an equals sign, and its name."""

    name = "holiday"

    def convert(self, value: Any, param: Any, ctx: Any) -> Holiday:
        """Return the holiday."""
        from okr_es.domain.calendar import Holiday

        days, _, called = value.partition("=")
        first, _, last = days.partition("..")
        try:
            starts, ends = date.fromisoformat(first), date.fromisoformat(last) if last else None
        except ValueError:
            self.fail(
                "write 2026-12-24=Christmas Eve, or 2026-07-06..2026-07-31=Summer", param, ctx
            )
        if not called.strip():
            self.fail("it has no name: write 2026-12-24=Christmas Eve", param, ctx)
        return Holiday(starts, called, ends)


class CadenceDays(click.ParamType[tuple[str, int]]):
    """A cadence, an equals sign, and a number of working days."""

    name = "grace"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, int]:
        """Return the cadence and the days."""
        cadence, _, days = value.partition("=")
        if cadence not in CADENCES or not days.isdigit():
            self.fail(f"write weekly=3; cadences are {', '.join(CADENCES)}", param, ctx)
        return cadence, int(days)


HOLIDAY, GRACE = NamedDays(), CadenceDays()


@click.group(cls=OneLineErrors)
def calendar() -> None:
    """The organisation's calendar: time zone, working days, holidays, periods, grace."""


def add_to(group: click.Group) -> None:
    """Add the group to another."""
    group.add_command(calendar)


@calendar.command("set")
@click.option(
    "--from", "valid_from", type=DAY, help="The first day it is valid on; today if not given."
)
@click.option("--zone", help="The time zone: Europe/Stockholm.")
@click.option(
    "--working-day",
    "working_days",
    multiple=True,
    type=click.Choice(WEEK),
    help="A working day of the week, in place of those there were; may be repeated.",
)
@click.option(
    "--holidays-of",
    metavar="PLACE",
    help="Add the holidays of a country (SE) or a part of it (DE-BY).",
)
@click.option(
    "--preset-from", type=int, help="The first year of these; that of --from if not given."
)
@click.option("--preset-to", type=int, help="The last year of these; ten years if not given.")
@click.option(
    "--holiday",
    "add_holidays",
    multiple=True,
    type=HOLIDAY,
    metavar="DAYS=NAME",
    help="Add a holiday: 2026-12-24=Christmas Eve, or with FIRST..LAST; may be repeated.",
)
@click.option(
    "--no-holiday",
    "remove_holidays",
    multiple=True,
    type=DAY,
    help="Take the holiday away that begins on a day; may be repeated.",
)
@click.option("--first-month", type=click.IntRange(1, 12), help="The first month of the year.")
@click.option("--two-weeks-from", type=DAY, help="A Monday on which a two-week period begins.")
@click.option(
    "--grace",
    multiple=True,
    type=GRACE,
    metavar="CADENCE=DAYS",
    help="Working days until a reading is due: weekly=3; may be repeated.",
)
@acting
@click.option("--reason", help="Why.")
@click.option("--comment", help="Anything else there is to say.")
@as_json
@click.pass_obj
def set_(
    session: Session,
    /,
    by: UUID | None,
    as_json: bool,
    reason: str | None,
    comment: str | None,
    **said: Any,
) -> None:
    """Set the calendar from a day on; what is left out stays."""
    from okr_es.changes import GraceChanges
    from okr_es.domain.values import Weekday

    fields = {name: plain(value) for name, value in given(said).items()}
    if said["grace"]:
        fields["grace"] = GraceChanges(**dict(said["grace"]))
    if said["working_days"]:
        fields["working_days"] = tuple(map(Weekday, said["working_days"]))
    carried_out(
        session, lambda c: c.SetCalendar(**fields), by, as_json, reason=reason, comment=comment
    )


def plain(value: Any) -> Any:
    """Return the value of an option with dates in place of the start of days."""
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    return day_of(value) if isinstance(value, datetime) else value


def calendar_lines(found: Row, _: Names) -> Iterator[str]:
    """Yield the lines of a calendar."""
    since = "on all days" if found["valid_from"] is None else f"from {found['valid_from']} on"
    yield f"{found['zone']}, valid {since}, as of {found['day']}"
    yield f"working days: {', '.join(found['working_days'])}"
    yield f"the year begins with month {found['first_month']}"
    yield f"two-week periods are counted from {found['two_weeks_from']}"
    yield "grace in working days: " + ", ".join(
        f"{k} {v}" for k, v in found["grace"].items()
    ).replace("_", " ")
    coming = [each for each in found["holidays"] if each["ends"] >= found["day"]]
    yield f"holidays: {len(found['holidays'])}, {len(coming)} of them from {found['day']} on"
    for each in coming[:MOST_SHOWN]:
        last = "" if each["ends"] == each["starts"] else f" to {each['ends']}"
        yield f"  {each['starts']}{last}  {each['name']}"
    if len(coming) > MOST_SHOWN:
        yield f"  … and {len(coming) - MOST_SHOWN} more, the last on {coming[-1]['ends']}"
    for each in found["versions"]:
        if each["valid_from"] is not None and each["valid_from"] > found["day"]:
            yield f"another is valid from {each['valid_from']} on"


calendar.add_command(
    made(
        "show",
        "Show the calendar, also as it is on another day.",
        lambda queries, **asked: queries.calendar(**asked),
        calendar_lines,
        known_at,
        at,
    )
)
