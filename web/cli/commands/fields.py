"""The fields of a command as options, typed as its schema is, and the body they make."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints
from uuid import UUID

import click
from msgspec import UnsetType

from okr_es.commands import Drafts
from okr_es.domain.cycle import CycleName, CycleRef
from web.api.command_schemas import without
from web.cli.commands.helps import HELP
from web.cli.commands.naming import option_of
from web.cli.commands.rows import Row
from web.cli.things import CYCLE, Thing

if TYPE_CHECKING:
    from web.api.commands import Route

CONVERTER = re.compile(r"<(\w+):(\w+)>")
THINGS = {  # what a field holds the id of, where its name does not say it
    "acted_by": "person", "by": "person", "owner": "person", "deputy": "person",
    "on_behalf_of": "person", "parent": "team",
    "into_cycle": "cycle", "to_objective": "objective", "aligned_to_objective": "objective",
    "aligned_to_key_result": "key_result",
}  # fmt: skip
WITHOUT_PREFIX = frozenset({"measure", "target", "evidence"})  # their parts say what they are
NULL = "null_of_"


@dataclass(frozen=True)
class Leaf:
    """A field, or a part of one, that is one option: where it goes, and what it may hold."""

    path: tuple[str, ...]
    hint: Any
    required: bool = False
    takes_away: bool = False

    @property
    def option(self) -> str:
        """The name of the option, without its dashes."""
        kept = [each for each in self.path[:-1] if each not in WITHOUT_PREFIX]
        return "-".join(option_of(each) for each in (*kept, self.path[-1]))

    @property
    def parameter(self) -> str:
        """Under which name click passes what is given."""
        return "__".join(self.path)

    @property
    def is_many(self) -> bool:
        """It can be given more than once."""
        return get_origin(self.hint) is tuple or self.hint == Drafts


def leaves_of(cls: Any, left_out: frozenset[str] = frozenset()) -> Iterator[Leaf]:
    """Yield the options of a command, or of a part of one: those of its parts one by one."""
    hints = get_type_hints(cls)
    for each in dataclasses.fields(cls):
        if each.name in left_out:
            continue
        inner, others = without(hints[each.name])
        has_none = each.default is each.default_factory is dataclasses.MISSING
        required = has_none or bool(each.metadata.get("required"))
        empties = NoneType in others or (get_origin(inner) is tuple and UnsetType in others)
        takes_away = empties and (required or UnsetType in others)
        if not dataclasses.is_dataclass(inner) or inner is CycleName:
            yield Leaf((each.name,), inner, required and not takes_away, takes_away)
            continue
        if takes_away:
            yield Leaf((each.name,), NoneType, takes_away=True)
        for part in leaves_of(inner):
            yield dataclasses.replace(
                part, path=(each.name, *part.path), required=required and part.required
            )


def arguments_of(route: Route) -> Iterator[click.Argument]:
    """Yield what the address names: an argument each."""
    for converter, name in CONVERTER.findall(route.path):
        wanted: Any = {"cycle": CYCLE, "int": click.IntRange(min=1)}.get(converter)
        yield click.Argument([name], type=wanted or thing_of(name), metavar=metavar_of(name))


def metavar_of(field: str) -> str:
    """Return how help calls what is named by an argument or option."""
    return option_of(field).upper().replace("-", "_")


def options_of(leaves: Iterable[Leaf]) -> Iterator[click.Option]:
    """Yield the options of fields; one that can be taken away has a second, `--no-…`."""
    for leaf in leaves:
        if leaf.hint is not NoneType:
            yield option_for(leaf)
        if leaf.takes_away:
            help_text = "Take it away." if leaf.hint is NoneType else f"Without --{leaf.option}."
            yield click.Option(
                [f"--no-{leaf.option}", f"{NULL}{leaf.parameter}"], is_flag=True, help=help_text
            )


def option_for(leaf: Leaf) -> click.Option:
    """Return the option of a field."""
    help_text = HELP.get(leaf.option) or HELP.get(leaf.path[-1]) or f"The {leaf.option}."
    # An empty list may be meant: it is not asked for.
    more: dict[str, Any] = {"required": leaf.required and not leaf.is_many, "help": help_text}
    if leaf.hint is bool:
        no = f"--no-{leaf.option}".replace("--no-with-", "--without-")
        return click.Option([f"--{leaf.option}/{no}", leaf.parameter], default=None, **more)
    if leaf.is_many:
        more |= {"multiple": True, "help": f"{help_text} May be repeated."}
    return click.Option(
        [f"--{leaf.option}", leaf.parameter], type=type_of(leaf), metavar=shown_as(leaf), **more
    )


def type_of(leaf: Leaf) -> click.ParamType[Any]:
    """Return what reads the text of an option; the schema checks numbers and days."""
    hint: Any = get_args(leaf.hint)[0] if get_origin(leaf.hint) is tuple else leaf.hint
    if isinstance(hint, type) and issubclass(hint, Enum):
        return click.Choice([str(each.value) for each in hint])
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return Row(hint)
    if hint is UUID:
        return thing_of(leaf.path[-1])
    named: dict[Any, click.ParamType[Any]] = {
        Drafts: AllOr(Thing("objective")), CycleRef: CYCLE, int: click.INT
    }  # fmt: skip
    return named.get(hint, click.STRING)


def shown_as(leaf: Leaf) -> str | None:
    """Return how help shows the value of an option; None where its type says it."""
    hint = get_args(leaf.hint)[0] if get_origin(leaf.hint) is tuple else leaf.hint
    named = {date: "YYYY-MM-DD", Decimal: "NUMBER", int: "NUMBER", str: "TEXT"}
    if isinstance(hint, type) and hint in named:
        return named[hint]
    return metavar_of(leaf.path[-1]) if hint in {UUID, CycleRef} or hint == Drafts else None


def thing_of(field: str) -> click.ParamType[UUID]:
    """Return what reads the id of a thing; that of a new one is written out in full."""
    name = field.removesuffix("_id").removesuffix("_ids")
    return click.UUID if field == "id" else Thing(THINGS.get(name, name))


class AllOr(click.ParamType[Any]):
    """The word `all`, or a thing."""

    name = "drafts"

    def __init__(self, thing: Thing) -> None:
        self.thing = thing

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the word, or the id."""
        return value if value == "all" else self.thing.convert(value, param, ctx)


def body_of(leaves: Iterable[Leaf], given: dict[str, Any]) -> dict[str, Any]:
    """Return the body that options make: what is not given is left out, `--no-…` is null."""
    body: dict[str, Any] = {}
    for leaf in leaves:
        value = given.pop(leaf.parameter, None)
        null = given.pop(f"{NULL}{leaf.parameter}", False)
        if null and value not in (None, ()):
            raise click.UsageError(f"It is --{leaf.option} or --no-{leaf.option}, not both.")
        if null:
            put(body, leaf.path, None)
        elif value is not None and value != ():
            put(body, leaf.path, as_json(value, is_all=leaf.hint == Drafts))
        elif leaf.required and leaf.is_many:
            put(body, leaf.path, [])
    return body


def as_json(value: Any, *, is_all: bool = False) -> Any:
    """Return a value as JSON has it."""
    if is_all and "all" in value:
        return "all"
    if isinstance(value, tuple):
        return [
            row for each in value for row in (each if isinstance(each, list) else [as_json(each)])
        ]
    return str(value) if isinstance(value, UUID | CycleName) else value


def put(body: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Put a value where its path leads, also into a part."""
    for name in path[:-1]:
        inner = body.setdefault(name, {})
        if inner is None:
            raise click.UsageError(f"{name} is taken away: nothing of it can be named.")
        body = inner
    body[path[-1]] = value
