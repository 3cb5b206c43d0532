"""How long what is about people is kept, and what is destroyed by that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.options import made
from web.cli.output import as_json, print_result
from web.cli.receipts import carried_out
from web.cli.session import Session, acting
from web.cli.text.goals import Names

if TYPE_CHECKING:
    from projections.audit_log.answers import RetentionAnswer

YEARS = click.IntRange(1, 100)
KEPT = {
    "person_texts": "texts about people, from the closing of their cycle on",
    "client_info": "network address and client of commands",
    "access_log": "reads of the access log",
}


@click.group(invoke_without_command=True)
@click.option("--dry-run", "only_look", is_flag=True, help="Only say what would be destroyed.")
@as_json
@click.pass_context
def retention(context: click.Context, only_look: bool, as_json: bool) -> None:
    """Destroy what was kept long enough, as the worker does once a day; legal holds are kept."""
    if context.invoked_subcommand is not None:
        return
    from okr_es.operations.retention import NotCut, carry_out, due

    with context.obj.okr() as okr:
        try:
            found = due(okr) if only_look else carry_out(okr, origin="cli")
        except NotCut as error:
            raise click.ClickException(f"{error} Run `okr-es audit verify`.") from error
    counts, checkpoint = found.counts(), found.cut.checkpoint
    lines = [f"{'would be destroyed' if only_look else 'destroyed'}: {counted(counts)}"]
    if checkpoint is not None:
        is_cut = "would be cut" if only_look else "is cut"
        at = f"{checkpoint.size}, signed {checkpoint.signed_at}"
        lines.append(f"the access log {is_cut} at {at}")
    cut_at = None if checkpoint is None else checkpoint.size
    print_result({**counts, "access_log_cut_at": cut_at}, lines, as_json)


def counted(counts: Mapping[str, int]) -> str:
    """Return in words how much is destroyed by retention, and stays for a legal hold."""
    return (
        "{person_texts} texts about people, client info of {client_info} commands, {reads} reads "
        "of the access log; for a legal hold stay {held} texts and {reads_held} reads"
    ).format(**counts)


@retention.command(name="set")
@click.option("--person-texts", type=YEARS, help="Years of texts about people of closed cycles.")
@click.option("--person-texts-for-ever", is_flag=True, help="Keep them for ever.")
@click.option("--client-info", type=YEARS, help="Years of network address and client.")
@click.option("--client-info-for-ever", is_flag=True, help="Keep them for ever.")
@click.option("--access-log", type=YEARS, help="Years of the access log.")
@click.option("--access-log-for-ever", is_flag=True, help="Keep it for ever.")
@click.option("--reason", required=True, help="Why. It is encrypted.")
@acting
@as_json
@click.pass_obj
def set_(
    session: Session,
    person_texts: int | None,
    person_texts_for_ever: bool,
    client_info: int | None,
    client_info_for_ever: bool,
    access_log: int | None,
    access_log_for_ever: bool,
    reason: str,
    by: UUID | None,
    as_json: bool,
) -> None:
    """Set for how many years it is kept; what is left out stays as it is."""
    from okr_es.commands import SetRetention

    named: dict[str, Any] = {}
    if person_texts is not None or person_texts_for_ever:
        named["person_texts_years"] = person_texts
    if client_info is not None or client_info_for_ever:
        named["client_info_years"] = client_info
    if access_log is not None or access_log_for_ever:
        named["access_log_years"] = access_log
    command = SetRetention(**named)
    carried_out(session, lambda _: command, by, as_json, lambda _: ["it is set"], reason=reason)


def kept_lines(found: RetentionAnswer, _: Names) -> Iterator[str]:
    """Yield for how long each is kept, and where the access log was cut."""
    for what, words in KEPT.items():
        years = found[f"{what}_years"]  # type: ignore[literal-required]
        kept = "for ever" if years is None else "1 year" if years == 1 else f"{years} years"
        yield f"{words}: {kept}"
    if found["set_at"] is not None:
        yield f"set on {found['set_at'][:10]} (event {found['set_by_event']})"
    if (cut := found["access_log_cut"]) is not None:
        on, event = cut["recorded_at"][:10], cut["event"]
        yield f"all reads up to {cut['at']} were destroyed on {on} (event {event})"


retention.add_command(
    made(
        "show",
        "Show for how many years what is about people is kept.",
        lambda queries: queries.retention(),
        kept_lines,
    )
)


def add_to(group: click.Group) -> None:
    """Add the group to another."""
    group.add_command(retention)
