"""Options, arguments and the making of commands that several groups share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import click

from web.cli.output import as_table, print_answer
from web.cli.session import Session
from web.cli.text.goals import Names, Row
from web.cli.things import CYCLE, GOAL

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


def answered(ask: Callable[..., Row], lines: Callable[[Row, Names], Iterable[str]]) -> Any:
    """Return a command that asks a question and prints its answer."""

    def command(session: Session, /, as_json: bool, **asked: Any) -> None:
        with session.queries() as queries:
            found = ask(queries, **asked)
        shown = [] if as_json else list(lines(found, {}))
        print_answer(session, found, shown, as_json, {})

    return click.pass_obj(as_table(command))


def of_kind(queries: Any, id_: UUID, suffix: str, **asked: Any) -> Row:
    """Ask the question of that ending about whatever goal has the id."""
    found: Row = getattr(queries, queries.kind_of(id_) + suffix)(id_, **asked)
    return found


def day_of(value: datetime | None) -> Any:
    """Return the date of an option."""
    return None if value is None else value.date()


def made(name: str, text: str, ask: Any, lines: Any, *decorators: Any) -> click.Command:
    """Return a command of a question."""
    function = answered(ask, lines)
    for decorator in reversed(decorators):
        function = decorator(function)
    return click.command(name, help=text)(function)
