"""The organisation's calendar on the command line."""

from __future__ import annotations

from collections.abc import Iterator

import click

from web.cli.commands.asking import Asking
from web.cli.commands.groups import group
from web.cli.text.goals import Names, Row

MOST_SHOWN = 20


calendar = group(
    "calendar", "The organisation's calendar: time zone, working days, holidays, periods, grace."
)


def add_to(above: click.Group) -> None:
    """Add the group to another."""
    above.add_command(calendar)


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
    Asking("show", "calendar", calendar_lines, "Show the calendar, also as it is on another day.")
)
