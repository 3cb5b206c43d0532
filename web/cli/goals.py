"""The questions about goals, now and in the past, on the command line."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

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
    scope,
)
from web.cli.output import as_json, change_line, print_result, print_text, progress
from web.cli.session import Session, reading, recording_reads
from web.cli.text.goals import (
    Names,
    actors,
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
from web.cli.text.replay import replay_lines
from web.cli.text.review import review_lines
from web.cli.things import CYCLE, Thing

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
@thresholds
@as_json
@click.pass_obj
def replay(
    session: Session,
    /,
    cycle: CycleRef,
    step: str,
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
        steps = queries.replay(cycle, step, *span, move, **policy)
        lines = (encode(row).decode() for row in steps)
        rows = (msgspec.to_builtins(row, enc_hook=written_out) for row in steps)
        for line in lines if as_json else replay_lines(rows):
            print_text(line)


@click.command()
@click.argument("ref", metavar="ID", type=Thing("about"))
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@reading
@as_json
@click.pass_obj
def history(session: Session, ref: UUID, limit: int, by: UUID | None, as_json: bool) -> None:
    """Show who changed a goal or a cycle, when, and why."""
    with session.queries(by) as queries, recording_reads(queries, by, "history") as record:
        found = record(queries.history(ref, limit=limit), goal_id=ref, limit=limit)
        names = {row["id"]: row["name"] for row in queries.people()["people"]}
    print_result(
        found, [line for each in found["entries"] for line in entry_lines(each, names)], as_json
    )


def entry_lines(entry: EntryAnswer, names: Names) -> list[str]:
    """Return an entry of a history, line by line."""
    who = actors(entry, names)
    why = f" – {entry['reason']}" if entry["reason"] else ""
    changes = [f"    {change_line(each, names)}" for each in entry["changes"]]
    return [f"{entry['position']}  {entry['recorded_at']}  {entry['type']}  {who}{why}", *changes]


KPI_LIST = made(
    "list", "List all KPIs.", lambda q, **asked: q.kpis(**asked), kpi_lines, known_at, at
)
COMMANDS = (
    made(
        "board", "The board of a cycle.", lambda q, cycle, **asked: q.board(cycle, **asked),
        board_lines, cycle_argument, known_at, at,
    ),
    made(
        "tree", "Which objective is aligned to which.",
        lambda q, cycle, **asked: q.tree(cycle, **asked), tree_lines, cycle_argument, known_at, at,
    ),
    made(
        "goal", "An objective, a key result or a KPI.",
        lambda q, id_, **asked: of_kind(q, id_, "", **asked), goal_lines, id_argument, known_at, at,
    ),
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
        click.option("--cycle", type=CYCLE, help="Of this cycle only."),
        scope("team"), scope("person"), scope("goal"),
    ),
    made(
        "review", "The review of a cycle: what was promised, what it ended as, what was reached.",
        lambda q, cycle, **asked: q.review(cycle, **asked), review_lines, cycle_argument,
        known_at, scope("team"), scope("person"), scope("objective"), recorded="review",
    ),
    made(
        "actual", "Plan against actual of an objective, a key result or a KPI.",
        lambda q, id_, **asked: of_kind(q, id_, "_plan_and_actual", **asked), actual_lines,
        id_argument, known_at, at,
    ),
    made(
        "explain", "Why an objective's score changed between two moments.",
        lambda q, id_, from_, to: q.explanation(id_, from_, to), explain_lines, id_argument,
        click.argument("from_", metavar="FROM"), click.argument("to"),
    ),
    replay,
    history,
)  # fmt: skip
