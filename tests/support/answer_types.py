"""Whether an answer, as Python has it before it is written as JSON, is what its type says."""

from collections.abc import Iterator
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict


def misfits(value: Any, hint: Any, path: str = "answer") -> Iterator[str]:
    """Yield where a value is not what an annotation says, and how."""
    if is_typeddict(hint):
        yield from misfits_of_fields(value, get_type_hints(hint), path)
    elif get_origin(hint) in (Union, UnionType):
        yield from misfits_of_all(value, get_args(hint), path)
    elif get_origin(hint) is list and isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from misfits(each, get_args(hint)[0], f"{path}[{number}]")
    elif get_origin(hint) is dict and isinstance(value, dict):
        for name, each in value.items():
            yield from misfits(each, get_args(hint)[1], f"{path}.{name}")
    elif not is_plainly(value, hint):
        yield f"{path} is {value!r}, not {hint}"


def misfits_of_fields(value: Any, fields: dict[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is {value!r}, no object"
        return
    yield from (f"{path}.{name} is missing" for name in fields.keys() - value.keys())
    yield from (f"{path}.{name} is of no type" for name in value.keys() - fields.keys())
    for name in fields.keys() & value.keys():
        yield from misfits(value[name], fields[name], f"{path}.{name}")


def misfits_of_all(value: Any, hints: tuple[Any, ...], path: str) -> Iterator[str]:
    """The misfits of the alternative that fits best, none where one fits."""
    wanted = [hint for hint in hints if (value is None) == (hint is NoneType)] or hints
    yield from min((list(misfits(value, hint, path)) for hint in wanted), key=len)


def is_plainly(value: Any, hint: Any) -> bool:
    if hint is Any:
        return True
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return value in list(hint)
    return type(value) is hint
