"""The list of api keys of programs on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from web.cli.commands.asking import Asking
from web.cli.commands.groups import group
from web.cli.text.goals import Names, name_of
from web.cli.text.instants import instant
from web.cli.text.values import id_column

if TYPE_CHECKING:
    from projections.api_keys_answers import ApiKeyAnswer, ApiKeysAnswer

keys = group("keys", "Api keys of programs: create one, list them, revoke one.")


def keys_lines(found: ApiKeysAnswer, names: Names) -> Iterator[str]:
    """Yield a line for each api key."""
    short = id_column(found["keys"])
    for each in found["keys"]:
        yield f"{short(each)}  {key_line(each, names)}"


def key_line(each: ApiKeyAnswer, names: Names) -> str:
    """Return what an api key is for, what it may, until when, and who made it."""
    team = "" if each["team"] is None else f" of {name_of(dict(each['team']), names)}"
    count = len(each["kpis"])
    kpis = "" if not count else " of 1 KPI" if count == 1 else f" of {count} KPIs"
    by = name_of(dict(each["created_by"]), names)
    state = "" if each["works"] else "  (revoked)" if each["revoked"] else "  (over)"
    used = f"used last at {instant(each['last_used'])}" if each["last_used"] else "not used"
    used += ", idle for over 90 days: is it needed?" if each["idle"] else ""
    of = f"{each['name']}: {each['role']}{team}{kpis}"
    return f"{of} to {each['ends']}, made by {by}, {used}{state}"


keys.add_command(Asking("list", "keys", keys_lines, "List the api keys of programs."))


def add_to(above: click.Group) -> None:
    """Add the group to another."""
    above.add_command(keys)
