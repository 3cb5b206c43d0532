"""What an OpenAPI document says of paths, statuses, parameters and fields, in a form to compare.

`python -m tests.support.openapi_fields DOCUMENT` prints it of a document, compact: the fields of a
body or response that many operations have stand once, under the name of its component.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Document = dict[str, Any]
Fields = dict[str, dict[str, set[str]]]  # operation -> part of it -> dotted paths

METHODS = {"get", "post", "put", "patch", "delete"}


def compact(document: Document) -> Document:
    """Each operation's parameters, and the shapes of its body and responses, by name."""
    operations: dict[str, dict[str, Any]] = {}
    shapes: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in sorted(METHODS & set(item)):
            parts = {"body": item[method].get("requestBody", {})}
            parts |= {f"response {s}": each for s, each in item[method]["responses"].items()}
            parameters = [*item.get("parameters", ()), *item[method].get("parameters", ())]
            operations[f"{method} {path}"] = {
                "parameters": sorted(parameter(each, document) for each in parameters),
                "shapes": {
                    part: shape(resolved(each, document), document, shapes)
                    for part, each in sorted(parts.items())
                },
            }
    return {"operations": operations, "shapes": shapes}


def expanded(found: Document) -> Fields:
    """Each operation's parameters, and the fields of its body and responses."""
    return {
        operation: {"parameters": set(said["parameters"])}
        | {part: set(found["shapes"][name]) for part, name in said["shapes"].items()}
        for operation, said in found["operations"].items()
    }


def parameter(said: Document, document: Document) -> str:
    found = resolved(said, document)
    return f"{found['in']}.{found['name']}"


def shape(carrier: Document, document: Document, shapes: dict[str, list[str]]) -> str:
    """The name of what a body or response holds, after its fields were put under that name."""
    for content in carrier.get("content", {}).values():
        schema = content["schema"]
        name = schema.get("$ref", schema.get("title", "text")).rpartition("/")[2]
        shapes[name] = sorted(set(fields(schema, document)))
        return name
    shapes["nothing"] = []
    return "nothing"


def fields(
    schema: Document, document: Document, before: str = "", inside: tuple[str, ...] = ()
) -> Iterator[str]:
    """Yield the dotted paths of all fields; what is part of itself is not looked into again."""
    if (reference := schema.get("$ref")) is not None:
        if reference not in inside:
            there = resolved(schema, document)
            yield from fields(there, document, before, (*inside, reference))
        return
    for name, each in schema.get("properties", {}).items():
        yield before + name
        yield from fields(each, document, f"{before}{name}.", inside)
    items = [schema["items"]] if "items" in schema else []
    for each in (*items, *schema.get("anyOf", ())):
        yield from fields(each, document, before, inside)


def resolved(schema: Document, document: Document) -> Document:
    """What a reference leads to, or the schema itself."""
    found: Document = schema
    while (reference := found.get("$ref")) is not None:
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    return found


if __name__ == "__main__":
    print(json.dumps(compact(json.loads(Path(sys.argv[1]).read_text())), indent=0))
