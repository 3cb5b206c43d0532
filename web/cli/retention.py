"""How long what is about people is kept, and what is destroyed by that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from web.cli.commands.asking import Asking
from web.cli.commands.groups import OfTheApi
from web.cli.output import as_json, print_result
from web.cli.text.goals import Names
from web.cli.text.instants import day, instant

if TYPE_CHECKING:
    from projections.audit_log.answers import RetentionAnswer

KEPT = {
    "person_texts": "texts about people, from the closing of their cycle on",
    "client_info": "network address and client of commands",
    "access_log": "reads of the access log",
}


@click.group(cls=OfTheApi, invoke_without_command=True)
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
        at = f"{checkpoint.size}, signed {instant(checkpoint.signed_at)}"
        lines.append(f"the access log {is_cut} at {at}")
    cut_at = None if checkpoint is None else checkpoint.size
    print_result({**counts, "access_log_cut_at": cut_at}, lines, as_json)


def counted(counts: Mapping[str, int]) -> str:
    """Return in words how much is destroyed by retention, and stays for a legal hold."""
    return (
        "{person_texts} texts about people, client info of {client_info} commands, {reads} reads "
        "of the access log; for a legal hold stay {held} texts and {reads_held} reads"
    ).format(**counts)


def kept_lines(found: RetentionAnswer, _: Names) -> Iterator[str]:
    """Yield for how long each is kept, and where the access log was cut."""
    for what, words in KEPT.items():
        years = found[f"{what}_years"]  # type: ignore[literal-required]
        kept = "for ever" if years is None else "1 year" if years == 1 else f"{years} years"
        yield f"{words}: {kept}"
    if found["set_at"] is not None:
        yield f"set on {day(found['set_at'])} (event {found['set_by_event']})"
    if (cut := found["access_log_cut"]) is not None:
        on, event = day(cut["recorded_at"]), cut["event"]
        yield f"all reads up to {cut['at']} were destroyed on {on} (event {event})"


retention.add_command(
    Asking(
        "show", "retention", kept_lines,
        "Show for how many years what is about people is kept.",
    )
)  # fmt: skip


def add_to(group: click.Group) -> None:
    """Add the group to another."""
    group.add_command(retention)
