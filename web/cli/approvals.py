"""Requests for approval on the command line: who asked for what, and what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from web.cli.commands.asking import Asking
from web.cli.commands.groups import group
from web.cli.output import change_line
from web.cli.text.goals import Names, Row, actors, name_of
from web.cli.text.instants import instant
from web.cli.text.values import id_column

if TYPE_CHECKING:
    from projections.audit_log.answers import Attribution
    from projections.patterns.answers import AuditedEvent

cycles = group("cycles", "Cycles: open, list, commit the plan, close, require approval.")
approvals = group("approvals", "Requests for approval by someone else: list, decide, withdraw.")


def add_to(above: click.Group) -> None:
    """Add the groups to another."""
    above.add_command(cycles)
    above.add_command(approvals)


def request_lines(found: Row, names: Names) -> Iterable[str]:
    """Yield requests: what is asked for by whom and why, what it would change, who decided."""
    rows = found.get("approvals", [found])
    short = id_column(rows)
    for row in rows:
        subject = row["subject"] or {"title": row["command"]}
        is_person = subject.get("kind") == "person"
        what = name_of(subject, names) if is_person else subject["title"] or "(confidential)"
        yield f"{short(row)}  {row['decision']:<9}  {row['what']}  {what}"
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
    return f"{instant(attribution['recorded_at'])}  {who}" + (f" – {why}" if why else "")


approvals.add_command(
    Asking("list", "approvals", request_lines, "List requests, the last asked first.")
)
approvals.add_command(Asking("show", "approval", request_lines, "Show a request."))
