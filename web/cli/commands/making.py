"""Commands of the command line made from those of the API: arguments, options, what they do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from web.api.commands import ROUTES, Route
from web.cli.blaming import blaming
from web.cli.commands.carrying import Call, carry_out, options_by_field
from web.cli.commands.fields import (
    CONVERTER,
    Leaf,
    arguments_of,
    body_of,
    leaves_of,
    options_of,
    thing_of,
)
from web.cli.commands.helps import HELP
from web.cli.commands.naming import FINAL, words_of
from web.cli.output import as_json
from web.cli.receipts import dry_run_lines, outcome, print_receipt
from web.cli.session import Session, acting

if TYPE_CHECKING:
    from uuid import UUID

    from okr_es.context import Receipt

WITH_COMMAND = ("reason", "comment", "on_behalf_of", "expected_version")
CANNOT_ASK = (
    "This cannot be undone, and nobody can be asked here: --yes does it, --dry-run shows what "
    "would be recorded."
)


@cache
def by_group() -> dict[str, dict[str, Route]]:
    """Return the addresses by the group and the name of their commands."""
    found: dict[str, dict[str, Route]] = {}
    for route in ROUTES:
        group, name = words_of(route)
        found.setdefault(group, {})[name] = route
    return found


def commands_of(group: str) -> Iterator[click.Command]:
    """Yield the commands of a group."""
    for name, route in by_group().get(group, {}).items():
        yield command_of(name, route)


def command_of(name: str, route: Route) -> click.Command:
    """Return the command of an address."""
    leaves = list(leaves_of(route.command, route.in_path))
    is_final = route.command.__name__ in FINAL
    decorators = [as_json, acting]
    function: Any = click.pass_obj(doing(route, leaves, is_final=is_final))
    for decorate in decorators:
        function = decorate(function)
    made = click.command(name, help=help_of(route))(function)
    own = [*arguments_of(route), *options_of(leaves), *common_options(leaves)]
    if is_final:
        own.append(click.Option(["--yes"], is_flag=True, help="Do not ask first."))
    made.params = [*own, *made.params]
    return made


def help_of(route: Route) -> str:
    """Return what the command is for: what the API says of it, and where its address is."""
    text = route.command.__doc__ or ""
    return f"{text.rstrip()}\n\n    POST " + CONVERTER.sub(r"{\2}", route.path)


def common_options(leaves: Iterable[Leaf]) -> Iterator[click.Option]:
    """Yield the options that go with every command, but for fields of its own."""
    own = {leaf.path[0] for leaf in leaves}
    for name in WITH_COMMAND:
        if name not in own:
            option = f"--{name.replace('_', '-')}"
            kind: Any = {"on_behalf_of": thing_of(name), "expected_version": click.INT}.get(name)
            yield click.Option([option, name], type=kind, help=HELP[name])


def common_names() -> dict[str, str]:
    """Return the options that go with every command, by the fields they give."""
    return {name: f"--{name.replace('_', '-')}" for name in WITH_COMMAND}


def doing(route: Route, leaves: list[Leaf], *, is_final: bool) -> Callable[..., None]:
    """Return what a command of the command line does."""

    def command(session: Session, /, by: UUID | None, as_json: bool, **given: Any) -> None:
        says_yes = given.pop("yes", False)
        path = {name: given.pop(name) for name in route.in_path}
        body = body_of(leaves, given)
        body |= {name: str(each) if name == "on_behalf_of" else each
                 for name, each in given.items() if each is not None}  # fmt: skip
        call = Call(route, path, body)
        if is_final and not says_yes and not session.dry_run:
            confirm(session, call, by)
        begins = route.seen_at is not None
        with blaming(common_names() | options_by_field(route)):
            receipt = carry_out(session, call, by)
        print_receipt(receipt, as_json, made_lines if begins else outcome, warns_aside=begins)

    return command


def confirm(session: Session, call: Call, by: UUID | None) -> None:
    """Show what would be recorded, and ask; refuse where nobody can be asked."""
    if not is_terminal():
        raise click.ClickException(CANNOT_ASK)
    tried: Any = carry_out(session, call, by, dry_run=True)
    for line in dry_run_lines(tried):
        click.echo(line, err=True)
    click.confirm("This cannot be undone. Do it?", abort=True, err=True)


def is_terminal() -> bool:
    """Return whether somebody is there to be asked."""
    return sys.stdin.isatty()


def made_lines(receipt: Receipt) -> list[str]:
    """Return the id of what was made, so that a script gets it alone; of a key its secret too."""
    if receipt.id is None or receipt.approval_id is not None:
        return outcome(receipt)
    if receipt.secret is not None:
        return [str(receipt.id), f"secret {receipt.secret}"]
    return [str(receipt.id)]
