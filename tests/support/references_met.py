"""Which references of an answer's type were met in answers, each with a name."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from projections.as_of.answers import Filled

Types = tuple[Any, ...]


def references_in(hint: Any, path: str = "", above: Types = ()) -> Iterator[str]:
    """Yield where a type has a name that is filled in; an object in one of its kind once."""
    inner, metadata = bare(hint)
    if any(isinstance(each, Filled) for each in metadata):
        yield path
    elif get_origin(inner) in (Union, UnionType, list):
        for each in get_args(inner):
            yield from references_in(each, path, above)
    elif is_typeddict(inner) and inner not in above:
        for name, each in get_type_hints(inner, include_extras=True).items():
            yield from references_in(each, f"{path}.{name}", (*above, inner))


def met_in(value: Any, hint: Any, path: str = "", above: Types = ()) -> Iterator[str]:
    """Yield those that an answer has with a name, by the same paths."""
    inner, metadata = bare(hint)
    if value is None:
        return
    if any(isinstance(each, Filled) for each in metadata):
        yield path
    elif get_origin(inner) in (Union, UnionType):
        for each in get_args(inner):
            yield from met_in(value, each, path, above)
    elif isinstance(value, list) and get_origin(inner) is list:
        for each in value:
            yield from met_in(each, get_args(inner)[0], path, above)
    elif isinstance(value, dict) and is_typeddict(inner) and inner not in above:
        for name, each in get_type_hints(inner, include_extras=True).items():
            yield from met_in(value.get(name), each, f"{path}.{name}", (*above, inner))


def bare(hint: Any) -> tuple[Any, list[Any]]:
    """An annotation without what is annotated, and that."""
    found: list[Any] = []
    while get_origin(hint) is Annotated:
        hint, *metadata = get_args(hint)
        found += metadata
    return hint, found
