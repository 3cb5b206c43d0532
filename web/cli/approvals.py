"""Requests for approval on the command line: who asked for what, and what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from web.cli.commands.groups import group
from web.cli.options import made
from web.cli.output import change_line
from web.cli.text.goals import Names, Row, actors, name_of
from web.cli.things import CYCLE, PERSON, Thing

if TYPE_CHECKING:
    from projections.audit_log.answers import Attribution
    from projections.patterns.answers import AuditedEvent

STATES = ("pending", "approved", "refused", "withdrawn")
cycles = group("cycles", "Cycles: open, list, commit the plan, close, require approval.")
approvals = group("approvals", "Requests for approval by someone else: list, decide, withdraw.")


def add_to(above: click.Group) -> None:
    """Add the groups to another."""
    above.add_command(cycles)
    above.add_command(approvals)


def request_lines(found: Row, names: Names) -> Iterable[str]:
    """Yield requests: what is asked for by whom and why, what it would change, who decided."""
    for row in found.get("approvals", [found]):
        subject = row["subject"] or {"title": row["command"]}
        is_person = subject.get("kind") == "person"
        what = name_of(subject, names) if is_person else subject["title"] or "(confidential)"
        yield f"{row['id']}  {row['decision']:<9}  {row['what']}  {what}"
        yield f"    asked: {attribution_line(row['requested'], names)}"
        for change in row["changes"]:
            yield f"    {change_line(change, names)}"
        for each in row["corrected_along"]:
            yield f"    corrected along: {each['title'] or '(confidential)'}"
        if row["decided"] is not None:
            yield f"    {row['decision']}: {attribution_line(row['decided'], names)}"


def attribution_line(attribution: Attribution | AuditedEvent, names: Names) -> str:
    """Return who requested or decided, when and why, in a line."""
    who = actors(attribution, names)
    why = "; ".join(filter(None, (attribution["reason"], attribution["comment"])))
    return f"{attribution['recorded_at']}  {who}" + (f" – {why}" if why else "")


approvals.add_command(
    made(
        "list", "Requests, the last asked first.",
        lambda q, **asked: q.approvals(**asked), request_lines,
        click.option("--cycle", type=CYCLE, help="Of this cycle alone."),
        click.option("--state", "decision", type=click.Choice(STATES), help="Of these alone."),
        click.option(
            "--person", "person_id", type=PERSON, help="Who asked, for whom, or who decided."
        ),
        click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000)),
    )
)  # fmt: skip
approvals.add_command(
    made(
        "show",
        "A request.",
        lambda q, id_: q.approval(id_),
        request_lines,
        click.argument("id_", metavar="REQUEST", type=Thing("approval")),
    )
)
