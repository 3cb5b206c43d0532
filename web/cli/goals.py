"""The questions about goals, now and in the past, on the command line."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.commands.asking import Asking
from web.cli.commands.groups import KPIS
from web.cli.options import (
    DAY,
    SHARE,
    at,
    cycle_argument,
    day_of,
    id_argument,
    known_at,
    made,
    of_kind,
)
from web.cli.output import as_json, as_table, change_line, print_answer, print_text, progress
from web.cli.pages import every_page, say_there_is_more, with_all
from web.cli.session import Session, reading, recording_reads
from web.cli.text.compare import compare_lines
from web.cli.text.explain import explain_lines
from web.cli.text.goals import (
    Names,
    actors,
    actual_lines,
    board_lines,
    results_lines,
    tree_lines,
)
from web.cli.text.instants import instant
from web.cli.text.kpis import any_goal_lines, kpi_lines
from web.cli.text.plan import plan_lines
from web.cli.text.replay import replay_lines
from web.cli.text.review import review_lines
from web.cli.text.scoreboard import scoreboard_lines
from web.cli.things import Thing

if TYPE_CHECKING:
    from okr_es.domain.cycle import CycleRef
    from projections.audit_log.answers import EntryAnswer


def add_to(group: click.Group) -> None:
    """Add the commands to a group."""
    for command in COMMANDS:
        group.add_command(command)
    KPIS.add_command(KPI_LIST)


NOT_MEASURED = ("counts_zero", "left_out")
THRESHOLDS = {
    "on-track": "On track from this pace",
    "at-risk": "At risk from this pace",
    "yellow-from": "Yellow from this grade",
    "committed-expected": "The grade expected of committed goals, green from it",
    "aspirational-expected": "The grade expected of aspirational goals, green from it",
}


def thresholds(command: Any) -> Any:
    """Add an option for each part of a scoring policy."""
    text = "What is not measured, in grades and final scores; if not given, as valid at each step."
    command = click.option("--not-measured", type=click.Choice(NOT_MEASURED), help=text)(command)
    for name, text in reversed(THRESHOLDS.items()):
        help_text = f"{text}; if not given, as in the policy valid at each step."
        command = click.option(f"--{name}", type=SHARE, help=help_text)(command)
    return command


@click.command(
    "replay",
    help="Step through a cycle, by day or by event. Thresholds that are given take the place of "
    "those of the scoring policy valid at each step; all others stay as they were then.",
)
@cycle_argument
@click.option("--step", type=click.Choice(["day", "event"]), default="day", show_default=True)
@click.option("--from", "from_", type=DAY, help="The first day; that of the cycle if not given.")
@click.option(
    "--to",
    type=DAY,
    help="The last day; that of the last closing if not given, else of the cycle, or today.",
)
@click.option(
    "--by",
    type=click.Choice(["recorded", "as_of"]),
    default="recorded",
    show_default=True,
    help="Show each day as it was recorded by its end, or as it is known now, or at --known-at.",
)
@known_at
@thresholds
@as_json
@click.pass_obj
def replay(
    session: Session,
    /,
    cycle: CycleRef,
    step: str,
    by: str,
    known_at: str | None,
    from_: datetime | None,
    to: datetime | None,
    as_json: bool,
    **named: Decimal | str | None,
) -> None:
    """Print each step as it comes."""
    import msgspec

    from okr_es.scoring.shown import written_out
    from web.api.exact_json import encode

    policy: Any = {name: value for name, value in named.items() if value is not None}
    with session.queries() as queries, progress("Replaying") as move:
        span = (day_of(from_), day_of(to))
        steps = queries.replay(cycle, step, *span, move, by, known_at, **policy)
        lines = (encode(row).decode() for row in steps)
        rows = (msgspec.to_builtins(row, enc_hook=written_out) for row in steps)
        for line in lines if as_json else replay_lines(rows):
            print_text(line)


@click.command()
@click.argument("ref", metavar="ID", type=Thing("about"))
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--before", type=click.IntRange(1), help="Before this position.")
@with_all
@reading
@as_table
@click.pass_obj
def history(
    session: Session, ref: UUID, limit: int, before: int | None, by: UUID | None, as_json: bool
) -> None:
    """Show who changed a goal or a cycle, when, and why."""
    asked = {"limit": limit, **({} if before is None else {"before": before})}
    with session.queries(by) as queries, recording_reads(queries, by, "history") as record:
        found = every_page(
            session,
            lambda more: record(queries.history(ref, **more), goal_id=ref, **more),
            asked,
        )
    lines = [line for each in found["entries"] for line in entry_lines(each, {})]
    print_answer(session, found, lines, as_json, {})
    say_there_is_more(session, found)


def entry_lines(entry: EntryAnswer, names: Names) -> list[str]:
    """Return an entry of a history, line by line."""
    who = actors(entry, names)
    why = f" – {entry['reason']}" if entry["reason"] else ""
    changes = [f"    {change_line(each, names)}" for each in entry["changes"]]
    when = instant(entry["recorded_at"])
    return [f"{entry['position']}  {when}  {entry['type']}  {who}{why}", *changes]


KPI_LIST = Asking("list", "kpis", kpi_lines, "List KPIs.")
COMMANDS = (
    Asking("board", "board", board_lines, "The board of a cycle."),
    Asking("tree", "tree", tree_lines, "Which objective is aligned to which."),
    made(
        "goal", "An objective, a key result or a KPI.",
        lambda q, id_, **asked: of_kind(q, id_, "", **asked), any_goal_lines, id_argument,
        known_at, at,
    ),
    Asking(
        "plan", "plan", plan_lines, "The committed plan of a cycle, and every revision of it."
    ),
    Asking(
        "results", "results", results_lines,
        "What was published of a cycle, and what is known since.",
    ),
    Asking(
        "compare", "compare", compare_lines,
        "What differs between two moments, two cycles (cycle:NAME), or one of each: then both are "
        "of that cycle.",
    ),
    Asking(
        "review", "review", review_lines,
        "The review of a cycle: what was promised, what it ended as, what was reached.",
    ),
    Asking(
        "scoreboard", "scoreboard", scoreboard_lines,
        "The figures of cycles, or of moments of them, side by side.",
    ),
    made(
        "actual", "Plan against actual of an objective, a key result or a KPI.",
        lambda q, id_, **asked: of_kind(q, id_, "_plan_and_actual", **asked), actual_lines,
        id_argument, known_at, at,
    ),
    Asking(
        "explain", "explanation", explain_lines,
        "Why an objective's score changed, by key result: from its promise to now, or between "
        "other moments.",
    ),
    replay,
    history,
)  # fmt: skip
