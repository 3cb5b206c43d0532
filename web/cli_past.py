"""The questions about goals as they stand or stood, on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import click

from .past_lines import (
    Names,
    Row,
    actual_lines,
    board_lines,
    compare_lines,
    explain_lines,
    goal_lines,
    kpi_lines,
    plan_lines,
    results_lines,
    tree_lines,
)
from .replay_lines import replay_lines
from .review_lines import review_lines
from .terminal import Session, as_json, on_record, reading, say, tell

MOMENT = (
    "An instant, a date, a position, or a word of a cycle: plan-committed, cycle-end, published, "
    "published-N (its Nth closing), with or without 2025-Q3: in front."
)
known_at = click.option("--known-at", metavar="MOMENT", help=f"What was known by then. {MOMENT}")
at = click.option("--at", metavar="MOMENT", help=f"The day it is about. {MOMENT}")


class CycleName(click.ParamType[UUID]):
    """A cycle by name or id."""

    name = "cycle"

    def convert(self, value: Any, param: Any, ctx: Any) -> UUID:
        """Return the id of the cycle."""
        from .fields import cycle_by

        found = value if isinstance(value, UUID) else cycle_by(value)
        if found is None:
            self.fail("neither the UUID nor the name of a cycle", param, ctx)
        return found


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


CYCLE, SHARE = CycleName(), Threshold()
cycle_argument = click.argument("cycle", type=CYCLE)
id_argument = click.argument("id_", metavar="ID", type=click.UUID)
DAY = click.DateTime(["%Y-%m-%d"])


def answered(
    ask: Callable[..., Row], lines: Callable[[Row, Names], Iterable[str]], recorded: str | None
) -> Any:
    """Return a command that asks a question and prints its answer, recorded first under a word."""

    def command(session: Session, /, as_json: bool, by: UUID | None = None, **asked: Any) -> None:
        with session.queries() as queries:
            if recorded is None:
                found = ask(queries, **asked)
            else:
                with on_record(queries, by, recorded) as record:
                    found = record(ask(queries, **asked), **named(asked))
            names = {} if as_json else names_of(queries)
        tell(found, list(lines(found, names)) if not as_json else [], as_json)

    return click.pass_obj(as_json(command if recorded is None else reading(command)))


def named(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what was asked for as the API names it, for the log of reads."""
    cycle = {"cycle_id": asked["cycle"]} if "cycle" in asked else {}
    return cycle | {name: value for name, value in asked.items() if name != "cycle"}


def names_of(queries: Any) -> Names:
    """Return the names of people, teams and cycles by id."""
    kinds = ("people", "teams", "cycles")
    return {row["id"]: row["name"] for kind in kinds for row in getattr(queries, kind)()[kind]}


def of_kind(queries: Any, id_: UUID, suffix: str, **asked: Any) -> Row:
    """Ask the question of that ending about whatever goal has the id."""
    found: Row = getattr(queries, queries.kind_of(id_) + suffix)(id_, **asked)
    return found


def day_of(value: datetime | None) -> Any:
    """Return the date of an option."""
    return None if value is None else value.date()


# ---- the commands -----------------------------------------------------------------------


def add_to(group: click.Group) -> None:
    """Add the commands to a group."""
    for command in COMMANDS:
        group.add_command(command)


def made(
    name: str, text: str, ask: Any, lines: Any, *decorators: Any, recorded: str | None = None
) -> click.Command:
    """Return a command of a question."""
    function = answered(ask, lines, recorded)
    for decorator in reversed(decorators):
        function = decorator(function)
    return click.command(name, help=text)(function)


def scope(name: str) -> Any:
    """Return an option that limits a question to something by id."""
    return click.option(f"--{name}", f"{name}_id", type=click.UUID, help=f"Of this {name} alone.")


THRESHOLDS = {
    "on-track": "On track from this pace",
    "at-risk": "At risk from this pace",
    "yellow-from": "Yellow from this grade",
    "green-from": "Green from this grade",
    "committed-expected": "The grade expected of committed goals",
    "aspirational-expected": "The grade expected of aspirational goals",
}


def thresholds(command: Any) -> Any:
    """Add an option for each threshold of a scoring policy."""
    for name, text in reversed(THRESHOLDS.items()):
        said = f"{text}; if not given, as in the policy valid at each step."
        command = click.option(f"--{name}", type=SHARE, help=said)(command)
    return command


@click.command(
    "replay",
    help="Step through a cycle, by day or by event. Thresholds that are given take the place of "
    "those of the scoring policy valid at each step; all others stay as they were then.",
)
@cycle_argument
@click.option("--step", type=click.Choice(["day", "event"]), default="day", show_default=True)
@click.option("--from", "from_", type=DAY, help="The first day; that of the cycle if not given.")
@click.option("--to", type=DAY, help="The last day; that of the cycle, or today, if not given.")
@thresholds
@as_json
@click.pass_obj
def replay(
    session: Session,
    /,
    cycle: UUID,
    step: str,
    from_: datetime | None,
    to: datetime | None,
    as_json: bool,
    **shares: Decimal | None,
) -> None:
    """Print each step as it comes."""
    import msgspec

    from .exact import encode
    from .terminal import progress

    policy: Any = {name: value for name, value in shares.items() if value is not None}
    with session.queries() as queries, progress("Replaying") as move:
        span = (day_of(from_), day_of(to))
        steps = queries.replay(cycle, step, *span, move, **policy)
        told = (encode(row).decode() for row in steps)
        for line in told if as_json else replay_lines(map(msgspec.to_builtins, steps)):
            say(line)


COMMANDS = (
    made(
        "board", "The board of a cycle.", lambda q, cycle, **asked: q.board(cycle, **asked),
        board_lines, cycle_argument, known_at, at,
    ),
    made(
        "tree", "Which objective serves which.", lambda q, cycle, **asked: q.tree(cycle, **asked),
        tree_lines, cycle_argument, known_at, at,
    ),
    made(
        "goal", "An objective, a key result or a KPI.",
        lambda q, id_, **asked: of_kind(q, id_, "", **asked), goal_lines, id_argument, known_at, at,
    ),
    made("kpis", "All KPIs.", lambda q, **asked: q.kpis(**asked), kpi_lines, known_at, at),
    made(
        "plan", "The committed plan of a cycle, and every revision of it.",
        lambda q, cycle, **asked: q.plan(cycle, **asked), plan_lines, cycle_argument, known_at,
        click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000)),
        recorded="plan",
    ),
    made(
        "results", "What was published of a cycle, and what is known since.",
        lambda q, cycle, **asked: q.results(cycle, **asked), results_lines, cycle_argument,
        known_at, recorded="results",
    ),
    made(
        "compare", "What differs between two moments, two cycles (cycle:NAME), or one of each: "
        "then both are of that cycle.",
        lambda q, from_, to, **asked: q.compare(from_, to, **asked), compare_lines,
        click.argument("from_", metavar="FROM"), click.argument("to"),
        click.option("--cycle", type=CYCLE, help="Of this cycle alone."),
        scope("team"), scope("person"), scope("goal"),
    ),
    made(
        "review", "The review of a cycle: promised, ended as, what came out.",
        lambda q, cycle, **asked: q.review(cycle, **asked), review_lines, cycle_argument,
        known_at, scope("team"), scope("person"), scope("objective"), recorded="review",
    ),
    made(
        "actual", "Plan against actual of an objective, a key result or a KPI.",
        lambda q, id_, **asked: of_kind(q, id_, "_plan_and_actual", **asked), actual_lines,
        id_argument, known_at, at,
    ),
    made(
        "explain", "Why an objective's progress changed between two moments.",
        lambda q, id_, from_, to: q.explanation(id_, from_, to), explain_lines, id_argument,
        click.argument("from_", metavar="FROM"), click.argument("to"),
    ),
    replay,
)  # fmt: skip
