"""The one place where the command line executes commands, or tries them out, and what it prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.naming import Called, names_in
from web.cli.output import as_json, print_result, warning_lines
from web.cli.session import Session

if TYPE_CHECKING:
    from okr_es.application import Okr
    from okr_es.commands import Command
    from okr_es.context import Context, Receipt
    from okr_es.dry_run import DryRun, Outcome, WouldRecord

Lines = Callable[["Receipt"], list[str]]


def required_actor(by: UUID | None, does: str = "acts") -> UUID:
    """Return who acts; refuse a call that names nobody."""
    if by is None:
        raise click.UsageError(f"Name who {does}: --by PERSON, or OKR_ES_DEFAULT_ACTOR.")
    return by


def executed(
    session: Session,
    okr: Okr,
    command: Command,
    context: Context,
    one_of: object = None,
    *,
    tries: bool | None = None,
) -> Outcome:
    """Execute a command, or try it out: as the call asked, where `tries` does not say it.

    Its id and its key are printed first, on standard error: so they are known whatever happens. It
    is the operator who acts on the database itself: the log says so, and the client info which user
    of the machine. `one_of`: which of several commands of the call it is; each has its own key.
    """
    key = session.key_of(one_of)
    named = replace(context, command_id=okr.command_id(context.by, key))
    if named.origin == "api":
        named = replace(named, origin="cli")
    if not (session.dry_run if tries is None else tries):
        click.echo(f"command {named.command_id}, key {key}", err=True)
        done = okr.execute(command, named)
        if done.last_position is not None:
            okr.client_info.note(done.command_id, named.by, None, user_of_machine())
        return done
    from okr_es.dry_run import dry_run

    return dry_run(okr, command, named)


def rehearsed(okr: Okr, command: Command, context: Context) -> Receipt:
    """Execute a command on a database that is thrown away."""
    return okr.execute(command, context)


def user_of_machine() -> str:
    """Return the program, and the user of the operating system who runs it."""
    from getpass import getuser

    try:
        return f"okr-es, user {getuser()}"
    except (OSError, KeyError, ImportError):
        return "okr-es, a user without a name"


def print_receipt(
    found: Outcome, as_json: bool, lines: Lines, *, warns_aside: bool = False
) -> None:
    """Print a receipt, by lines and then its warnings, or what a dry run found.

    `warns_aside`: warnings go to standard error, so that a script gets the lines alone.
    """
    from okr_es.dry_run import DryRun

    if isinstance(found, DryRun):
        print_result(found, [] if as_json else list(dry_run_lines(found)), as_json)
        return
    warned = [] if as_json else list(warning_lines(found.warnings, names_in(found)))
    print_result(found, [*lines(found), *([] if warns_aside else warned)], as_json)
    for line in warned if warns_aside and not as_json else ():
        click.echo(line, err=True)


def outcome(receipt: Receipt) -> list[str]:
    """Return what became of a command: a position, a request, or neither."""
    if receipt.approval_id is not None:
        return [f"request {receipt.approval_id}"]
    if receipt.last_position is not None:
        return [f"recorded at {receipt.last_position}"]
    return ["nothing had to change"]


@click.command()
@click.argument("command_id", metavar="COMMAND", type=click.UUID)
@as_json
@click.pass_obj
def receipt(session: Session, command_id: UUID, as_json: bool) -> None:
    """Show the receipt of a command, by its id; it exits with 1 where none is recorded."""
    from okr_es.domain.refusals import NotFound

    if session.server is not None:
        print_receipt(session.remote().receipt(command_id), as_json, outcome)
        return
    with session.okr() as okr:
        found = okr.receipt(command_id)
    if found is None:
        raise NotFound(f"Nothing is recorded under {command_id} up to now.")
    print_receipt(found, as_json, outcome)


def dry_run_lines(tried: DryRun) -> Iterator[str]:
    """Yield what a command would record, field by field, then its warnings."""
    yield "dry run: nothing is recorded"
    if tried.earlier_receipt is not None:
        yield from (f"done before: {each}" for each in outcome(tried.earlier_receipt))
        return
    if not tried.count:
        yield "nothing would have to change"
    names = names_in(tried)
    for event in tried.would_record:
        yield from event_lines(event, names)
    if tried.count > len(tried.would_record):
        yield f"… {tried.count} events in all"
    yield from warning_lines(tried.warnings, names)


def event_lines(event: WouldRecord, names: Called) -> Iterator[str]:
    """Yield an event that would be recorded: its type, what it is about, and its fields."""
    about = event.about
    named = [about.kind.replace("_", " "), str(about.id or "(new)"), about.name]
    yield f"would record {event.type}: {' '.join(filter(None, named))}"
    for name, value in event.fields.items():
        called = f"  ({names[value]})" if isinstance(value, str) and value in names else ""
        yield f"    {name}: {shown(value)}{called}"


def shown(value: Any) -> str:
    """Return the value of a field in a line; lists and objects as JSON."""
    import msgspec

    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def add_to(group: click.Group) -> None:
    """Add the command to a group."""
    group.add_command(receipt)
