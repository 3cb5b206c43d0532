"""The schema of a command, derived from its dataclass, and the fields every command has."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, new_class
from typing import Any, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, post_load
from msgspec import UnsetType

from okr_es.commands import Command, Drafts
from okr_es.domain.cycle import CycleRef
from web.api.fields import Cycle, Day, Exact, Flag, Id, Text, Whole
from web.api.fields import Drafts as DraftsField
from web.api.limits import ITEMS, MOST_ROWS, limits_of
from web.api.problems import invalid

FIELDS: dict[type, type[fields.Field[Any]]] = {
    str: Text,
    bool: Flag,
    int: Whole,
    Decimal: Exact,
    date: Day,
    UUID: Id,
}
NOTHING_TO_TAKE = {"null": "Nothing can be taken away here: leave it out, and it stays."}
UNIONS: dict[Any, type[fields.Field[Any]]] = {CycleRef: Cycle, Drafts: DraftsField}
MOST_ERRORS = 100
LEFT_OUT = "_left_out"  # in the errors of many rows: how many bad ones are not named
UNREADABLE = (ValidationError, TypeError, KeyError, AttributeError)
COMMON = ("reason", "comment", "on_behalf_of", "expected_version", "dry_run")


class Strict(Schema):
    """A schema that names every field it does not know."""

    class Meta:
        unknown = RAISE


class CommonSchema(Strict):
    """What may go with every command."""

    reason = Text(allow_none=True, metadata={"description": "Why. Mandatory for some commands."})
    comment = Text(allow_none=True)
    on_behalf_of = Id(allow_none=True, metadata={"description": "The person it is done for."})
    expected_version = Whole(
        allow_none=True,
        metadata={"minimum": 0, "description": "The version of the thing as you last saw it."},
    )
    dry_run = Flag(metadata={"description": "Answer what would be recorded; nothing is."})


def schema_of(command: type[Command], in_path: frozenset[str] = frozenset()) -> Schema:
    """Return the schema of a command's body: its fields but those in the path, and the common."""
    return schema_class(command, CommonSchema, in_path)()


def schema_class(
    cls: type, base: type[Schema], left_out: frozenset[str] = frozenset(), name: str | None = None
) -> type[Schema]:
    """Return the marshmallow schema of a dataclass."""
    hints = get_type_hints(cls)
    found = {
        each.name: field_of(cls, hints[each.name], each)
        for each in dataclasses.fields(cls)
        if each.name not in left_out
    }
    return subclass(name or cls.__name__, base, {"__doc__": cls.__doc__, **found})


def subclass(name: str, base: type[Schema], body: dict[str, Any]) -> type[Schema]:
    """Return a schema class, written out."""
    return cast(type[Schema], new_class(name, (base,), exec_body=lambda space: space.update(body)))


@cache
def nested_schema(cls: Any) -> type[Schema]:
    """Return the schema of a dataclass inside a command; loading it makes the dataclass."""
    made = subclass("Made", Strict, {"make": post_load(lambda _, found, **__: cls(**found))})
    name = f"{cls.__name__}Row" if issubclass(cls, Command) else cls.__name__
    return schema_class(cls, made, name=name)


def field_of(cls: type, hint: Any, of: dataclasses.Field[Any]) -> fields.Field[Any]:
    """Return the marshmallow field of a field of a dataclass, with its limits.

    Where it may be left out and nothing can be taken away, null is refused; it empties a list.
    """
    inner, others = without(hint)
    has_no_default = of.default is of.default_factory is dataclasses.MISSING
    required = has_no_default or bool(of.metadata.get("required"))
    limits = dict(limits_of(cls, of.name, inner))
    if UnsetType not in others:
        return maker(inner)(required=required, allow_none=NoneType in others, metadata=limits)
    nullable = NoneType in others or get_origin(inner) is tuple
    return maker(inner)(allow_none=nullable, metadata=limits, error_messages=NOTHING_TO_TAKE)


def without(hint: Any) -> tuple[Any, set[Any]]:
    """Return a type without its `| None` and `| UnsetType`, and which of them it had."""
    others = {NoneType, UnsetType} & set(get_args(hint))
    if not others:
        return hint, others
    (inner,) = (each for each in get_args(hint) if each not in others)
    return inner, others


def maker(hint: Any) -> Callable[..., fields.Field[Any]]:
    """Return what makes the field of a type."""
    if hint in UNIONS:
        return UNIONS[hint]
    if get_origin(hint) is tuple:
        inner: type = get_args(hint)[0]
        if dataclasses.is_dataclass(inner):
            return lambda **options: Rows(inner, **options)
        return lambda metadata, **options: Tuple(
            maker(inner)(metadata=metadata.pop(ITEMS, {})), metadata=metadata, **options
        )
    is_nested: bool = dataclasses.is_dataclass(hint)
    if is_nested:
        return lambda **options: fields.Nested(nested_schema(hint), **options)
    if issubclass(hint, Enum):
        return lambda **options: fields.Enum(hint, by_value=fields.String, **options)
    return FIELDS[hint]


class Tuple(fields.List[Any]):
    """A list that is loaded as a tuple; null, where it may be, as an empty one."""

    def deserialize(self, *args: Any, **kwargs: Any) -> Any:
        """Return the tuple."""
        found = super().deserialize(*args, **kwargs)
        return () if found is None else found

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(*args, **kwargs))


class Rows(Tuple):
    """Many rows of one dataclass. Good rows take a short way, a tenth of marshmallow's.

    Of bad ones marshmallow names every field, up to a hundred rows; the others are counted.
    """

    def __init__(self, made: type, **options: Any) -> None:
        self.made = made
        super().__init__(fields.Nested(nested_schema(made)), **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        made, read = self.made, readers(self.made)
        if isinstance(value, list) and len(value) > MOST_ROWS:
            raise ValidationError(f"At most {MOST_ROWS} go in one request.")
        try:
            return tuple(
                [made(**{name: read[name](cell, name, row) for name, cell in row.items()})
                 for row in value]
            )  # fmt: skip
        except UNREADABLE:
            return self.with_errors(value)

    def with_errors(self, value: Any) -> Any:
        """Return the rows; raise ValidationError, which names some bad rows and counts the rest."""
        if not isinstance(value, list):
            raise self.make_error("invalid")
        made, read, nested = self.made, readers(self.made), nested_schema(self.made)()
        rows: list[Any] = []
        errors: dict[Any, Any] = {}
        left_out = 0
        for number, row in enumerate(value):
            try:
                rows.append(
                    made(**{name: read[name](cell, name, row) for name, cell in row.items()})
                )
            except UNREADABLE:
                if len(errors) >= MOST_ERRORS:
                    left_out += 1
                    continue
                try:
                    rows.append(nested.load(row))
                except ValidationError as error:
                    errors[number] = error.messages
        if errors:
            raise ValidationError(errors | {LEFT_OUT: left_out})
        return tuple(rows)


@cache
def readers(cls: type) -> dict[str, Callable[..., Any]]:
    """Return what reads each field of a dataclass."""
    return {name: each.deserialize for name, each in nested_schema(cls)().load_fields.items()}


def load(schema: Schema, given: Any) -> dict[str, Any]:
    """Return what was given as typed values; raise a Problem that names the bad fields."""
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        raise invalid(*some_of(flat(error.messages))) from None
    return loaded


def some_of(found: Iterator[tuple[str, list[str]]]) -> tuple[dict[str, list[str]], int]:
    """Return a hundred bad fields with their messages, and how many others there are."""
    named: dict[str, list[str]] = {}
    left_out = 0
    for name, messages in found:
        if name.rpartition(".")[2] == LEFT_OUT:
            left_out += int(messages[0])
        elif len(named) < MOST_ERRORS:
            named[name] = messages
        else:
            left_out += 1
    return named, left_out


def flat(messages: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield the dotted name of every bad field with its messages."""
    if not isinstance(messages, dict):
        said = messages if isinstance(messages, list) else [messages]
        yield path or "body", [str(message) for message in said]
        return
    for key, inner in messages.items():
        name = path if key == "_schema" else f"{path}.{key}" if path else str(key)
        yield from flat(inner, name)
