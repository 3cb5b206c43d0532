"""`fields=`: which fields of an answer are wanted, by their dotted names, also inside lists."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from okr_es.domain.refusals import Invalid
from web.api.parameters import Parameter

Wanted = Mapping[str, Any]  # the fields, each with those wanted of it: none for the whole
NAME = "fields"
LONGEST = 2_000
# What says on what an answer is based stays in any.
ALWAYS = ("position", "plan_position", "day", "zone", "fixed", "from", "to")
DESCRIPTION = (
    "The fields that are wanted, separated by commas; those inside others with points, also inside "
    "lists: cycle.name,objectives.title,objectives.owner. The moment of the answer always stays."
)


@cache
def fields_parameter(answer: Any) -> Parameter:
    """Return the parameter of questions that answer with a type."""
    schema = {
        "type": "string",
        "description": DESCRIPTION,
        "maxLength": LONGEST,
        "pattern": r"^[a-z_]+(\.[a-z_]+)*(,[a-z_]+(\.[a-z_]+)*)*$",
    }
    return Parameter(NAME, lambda text: wanted(text, answer), "names of fields", schema, NAME)


def wanted(text: str, answer: Any) -> Wanted:
    """Return the fields that a text names; raise Invalid for one that the answer does not have."""
    if len(text) > LONGEST:
        raise Invalid(f"It has more than {LONGEST} characters.", field=NAME)
    found: dict[str, Any] = {}
    for path in text.split(","):
        inside, types = found, types_in(answer)
        for name in path.split("."):
            if types is not None:
                hints = [each[name] for each in map(hints_of, types) if name in each]
                if not hints:
                    raise Invalid(f"{path or repr(path)} is no field of this answer.", field=NAME)
                types = types_in(*hints)
            inside = inside.setdefault(name, {})
    return found


def types_in(*hints: Any) -> list[Any] | None:
    """Return the types of objects in annotations; None where there may be anything."""
    found: list[Any] = []
    for hint in hints:
        if hint is Any:
            return None
        if is_typeddict(hint):
            found.append(hint)
        elif get_origin(hint) in (Annotated, list, Union, UnionType):
            inside = get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint)
            if (inner := types_in(*inside)) is None:
                return None
            found += inner
    return found


@cache
def hints_of(answer: Any) -> dict[str, Any]:
    """Return the fields of a type with their annotations."""
    return get_type_hints(answer, include_extras=True)


def selected(found: Any, fields: Wanted, *, at_top: bool = True) -> Any:
    """Return an answer, or a part of one, with the wanted fields alone, in its order."""
    if isinstance(found, list | tuple):
        return [selected(each, fields, at_top=False) for each in found]
    if not isinstance(found, dict) or not fields:
        return found
    return {
        name: selected(value, fields.get(name, {}), at_top=False)
        for name, value in found.items()
        if name in fields or (at_top and name in ALWAYS)
    }


def paths(fields: Wanted, above: str = "") -> list[str]:
    """Return the dotted names of fields."""
    return [
        path
        for name, inside in fields.items()
        for path in (paths(inside, f"{above}{name}.") if inside else [f"{above}{name}"])
    ]
