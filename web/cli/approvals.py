"""Approvals on the command line: what needs one, who requested what, and the decision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.options import CYCLE as CYCLE_NAME
from web.cli.options import cycle_argument, id_argument, made
from web.cli.output import as_json, change_line
from web.cli.receipts import carried_out
from web.cli.session import OneLineErrors, Session, acting
from web.cli.text.goals import Names, Row, actors, name_of

if TYPE_CHECKING:
    from okr_es.domain.cycle import CycleRef
    from projections.audit_log.answers import Attribution
    from projections.patterns.answers import AuditedEvent

CONTROLLED = ("closing", "adjusted_grades", "plan_revisions")
STATES = ("pending", "approved", "refused", "withdrawn")
reason = click.option("--reason", help="Why.")
comment = click.option("--comment", help="Anything else there is to say.")


@click.group(cls=OneLineErrors)
def cycles() -> None:
    """Cycles, and what of them needs approval."""


@click.group(cls=OneLineErrors)
def approvals() -> None:
    """Requests for approval by someone else, and what was decided."""


def add_to(group: click.Group) -> None:
    """Add the commands to a group."""
    group.add_command(cycles)
    group.add_command(approvals)


@cycles.command("require-approval")
@cycle_argument
@click.option(
    "--of", multiple=True, type=click.Choice(CONTROLLED),
    help="What needs approval from now on; may be repeated. Without it, nothing does.",
)  # fmt: skip
@acting
@reason
@comment
@as_json
@click.pass_obj
def require_approval(session: Session, /, cycle: CycleRef, of: tuple[str, ...], **how: Any) -> None:
    """Set what in a cycle needs approval by someone else."""
    from okr_es.domain.values import Controlled

    wanted = tuple(map(Controlled, of))
    carried_out(session, lambda c: c.RequireApproval(cycle, wanted), **how)


def decision(name: str, command: str, text: str) -> click.Command:
    """Return a command that decides about a request."""

    def decide(session: Session, /, id_: UUID, **how: Any) -> None:
        carried_out(session, lambda c: getattr(c, command)(id_), **how)

    function = click.pass_obj(decide)
    for decorator in (as_json, comment, reason, acting, id_argument):
        function = decorator(function)
    return click.command(name, help=text)(function)


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
        click.option("--cycle", type=CYCLE_NAME, help="Of this cycle alone."),
        click.option("--state", "decision", type=click.Choice(STATES), help="Of these alone."),
        click.option(
            "--person", "person_id", type=click.UUID, help="Who asked, for whom, or who decided."
        ),
        click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000)),
    )
)  # fmt: skip
approvals.add_command(
    made("show", "A request.", lambda q, id_: q.approval(id_), request_lines, id_argument)
)
approvals.add_command(
    decision("approve", "ApproveRequest", "Approve a request of someone else: it is executed.")
)
approvals.add_command(
    decision("refuse", "RefuseRequest", "Refuse a request of someone else, with a reason.")
)
approvals.add_command(decision("withdraw", "WithdrawRequest", "Withdraw your own request."))
