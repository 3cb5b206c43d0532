"""Options, arguments and the making of commands that several groups share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import click

from web.cli.output import as_json, print_result
from web.cli.session import Session, reading, recording_reads
from web.cli.text.goals import Names, Row
from web.cli.things import CYCLE, GOAL, Thing

MOMENT = (
    "An instant, a date, a position, or a word of a cycle: opened, plan-committed, cycle-end, "
    "published, published-N (its Nth closing), with or without 2025-Q3: in front; plan-committed "
    "without it is that of the goal or team."
)
known_at = click.option("--known-at", metavar="MOMENT", help=f"What was known by then. {MOMENT}")
at = click.option("--at", metavar="MOMENT", help=f"The day it is about. {MOMENT}")


class Threshold(click.ParamType[Decimal]):
    """An exact share."""

    name = "decimal"

    def convert(self, value: Any, param: Any, ctx: Any) -> Decimal:
        """Return the number, digit by digit."""
        try:
            found = Decimal(value)
        except InvalidOperation:
            self.fail("not a number", param, ctx)
        if not found.is_finite():
            self.fail("not a finite number", param, ctx)
        return found


SHARE = Threshold()
cycle_argument = click.argument("cycle", type=CYCLE)
id_argument = click.argument("id_", metavar="ID", type=GOAL)
DAY = click.DateTime(["%Y-%m-%d"])


def answered(
    ask: Callable[..., Row], lines: Callable[[Row, Names], Iterable[str]], recorded: str | None
) -> Any:
    """Return a command that asks a question and prints its answer, recorded first under a word."""

    def command(session: Session, /, as_json: bool, by: UUID | None = None, **asked: Any) -> None:
        with session.queries(by) as queries:
            if recorded is None:
                found = ask(queries, **asked)
            else:
                with recording_reads(queries, by, recorded) as record:
                    found = record(ask(queries, **asked), **named(asked))
            names = {} if as_json else names_of(queries, found)
        print_result(found, list(lines(found, names)) if not as_json else [], as_json)

    return click.pass_obj(as_json(command if recorded is None else reading(command)))


def named(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what was asked for as the API names it, for the access log."""
    cycle = {"cycle_id": asked["cycle"]} if "cycle" in asked else {}
    return cycle | {name: value for name, value in asked.items() if name != "cycle"}


def names_of(queries: Any, found: Row | None = None) -> Names:
    """Return the names of people, teams, cycles and api keys by id.

    Teams and cycles are called what they were called at the moment of an answer, if it has one;
    what is recorded later is called what it is called now.
    """
    kinds = ("people", "teams", "cycles", "keys")
    names = {row["id"]: row["name"] for kind in kinds for row in rows_of(queries, kind)}
    side = (found or {}).get("to", found) or {}
    if side.get("plan_position"):
        then = {"known_at": str(side["position"]), "at": str(side["plan_position"])}
        for kind in ("teams", "cycles"):
            names |= {row["id"]: row["name"] for row in rows_of(queries, kind, **then)}
    return names


def rows_of(queries: Any, kind: str, **then: str) -> list[Row]:
    """Return the rows of a list; none where a server does not show it to this key."""
    try:
        found: list[Row] = getattr(queries, kind)(**then)[kind]
    except click.ClickException:
        return []
    return found


def of_kind(queries: Any, id_: UUID, suffix: str, **asked: Any) -> Row:
    """Ask the question of that ending about whatever goal has the id."""
    found: Row = getattr(queries, queries.kind_of(id_) + suffix)(id_, **asked)
    return found


def day_of(value: datetime | None) -> Any:
    """Return the date of an option."""
    return None if value is None else value.date()


def made(
    name: str, text: str, ask: Any, lines: Any, *decorators: Any, recorded: str | None = None
) -> click.Command:
    """Return a command of a question."""
    function = answered(ask, lines, recorded)
    for decorator in reversed(decorators):
        function = decorator(function)
    return click.command(name, help=text)(function)


def scope(name: str, text: str = "") -> Any:
    """Return an option that limits a question to something by name or id."""
    text = text or f"Of this {name} only."
    return click.option(
        f"--{name}", f"{name}_id", type=Thing(name), metavar=name.upper(), help=text
    )
