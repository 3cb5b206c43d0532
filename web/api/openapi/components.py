"""Components of the API's description, derived from the types of answers.

`msgspec` reads the types. What it leaves open is closed here: an object has all of its fields, in
the order of its type, and no others; one whose type lets a field be absent may have further ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from types import UnionType
from typing import Any, get_args, get_type_hints, is_typeddict

import msgspec

from projections.goals.answers import KeyResultAnswer
from projections.retrospect.replay_answers import ReplayLine
from web.api.bulk_answers import LineVerdict
from web.api.representation import Done, Outcome

Schema = dict[str, Any]
AnswerType = type | UnionType

PREFIX = "#/components/schemas/"
SUFFIX = "Answer"
JSON_TYPES = {bool: "boolean", str: "string"}
# A union has no name of its own.
UNIONS: dict[UnionType, str] = {
    Done: "Done",
    LineVerdict: "LineVerdict",
    KeyResultAnswer: "KeyResult",
    Outcome: "Outcome",
    ReplayLine: "ReplayLine",
}


def component_name(answer: AnswerType) -> str:
    """Return the name of the component that a type of answers becomes."""
    if isinstance(answer, UnionType):
        return UNIONS[answer]
    return answer.__name__.removesuffix(SUFFIX)


def components(answers: Iterable[AnswerType]) -> dict[str, Schema]:
    """Return the components of answers and of all they consist of, by name.

    Raises ValueError where two types would become one component.
    """
    roots = list(answers)
    types = objects_in(roots)
    _, schemas = msgspec.json.schema_components(types.values(), ref_template="{name}")
    words = {name: schema for name, schema in schemas.items() if name not in types}
    names = {name: component_name(each) for name, each in types.items()}
    found = {
        names[name]: closed(each, rewritten(schemas[name], names, words))
        for name, each in types.items()
    }
    if len(found) != len(types):
        raise ValueError("Two types of answers would become one component.")
    unions = (each for each in roots if isinstance(each, UnionType))
    return found | {component_name(union): any_of(union) for union in unions}


def objects_in(annotations: Iterable[Any]) -> dict[str, type]:
    """Return the types of objects in annotations, and of those in their fields, by name."""
    found: dict[str, type] = {}
    left = list(annotations)
    for each in left:  # which grows on the way
        if not (is_typeddict(each) or is_dataclass(each)):
            left += get_args(each)
        elif each.__name__ not in found:
            found[each.__name__] = each
            left += get_type_hints(each).values()
        elif found[each.__name__] is not each:
            raise ValueError(f"Two types of answers are named {each.__name__}.")
    return found


def any_of(union: UnionType) -> Schema:
    """Return the schema of what is one of several answers."""
    return {"anyOf": [{"$ref": PREFIX + component_name(each)} for each in get_args(union)]}


def rewritten(schema: Any, names: Mapping[str, str], words: Mapping[str, Schema]) -> Any:
    """Return a schema with references to components; `words` are written out where they stand."""
    if isinstance(schema, list):
        return [rewritten(each, names, words) for each in schema]
    if not isinstance(schema, dict):
        return schema
    here = {name: rewritten(each, names, words) for name, each in schema.items()}
    if (target := here.pop("$ref", None)) in words:
        here = {"enum": words[target]["enum"]} | here
    elif target is not None:
        here["$ref"] = PREFIX + names[target]
    if "enum" in here:
        kind = JSON_TYPES[type(here["enum"][0])]
        if None in here["enum"]:
            here.pop("anyOf", None)  # of text and null: the type says so
        here = {"type": [kind, "null"] if None in here["enum"] else kind} | here
    return here


def closed(answer: type, schema: Schema) -> Schema:
    """Return the schema of an object with its fields in the order of its type, and no others."""
    order = list(get_type_hints(answer))
    properties = {name: schema["properties"][name] for name in order}
    for each in properties.values():
        each.pop("default", None)  # of a dataclass: an answer has the field all the same
    found = {
        "type": "object",
        "description": " ".join(schema["description"].split()),
        "required": order,
        "properties": properties,
        "additionalProperties": False,
    }
    if is_typeddict(answer) and set(schema["required"]) != set(order):
        del found["additionalProperties"]
        found["required"] = [name for name in order if name in schema["required"]]
    return found
