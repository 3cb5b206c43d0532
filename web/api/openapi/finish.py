"""What the description gets once all operations are in it: what no single one can say of itself.

One path for each address, introduction, servers, who calls, tags, examples, and links from what
begins something to what that is used for.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from okr_es import commands as c
from web.api.openapi.introduction import INTRODUCTION, TAGS
from web.api.signed_in import COOKIE

Document = dict[str, Any]
EXAMPLES = "examples.json"
LICENSE = {"name": "MIT", "identifier": "MIT"}
METHODS = ("get", "post", "delete")
IN_PATH = re.compile(r"\{(\w+)\}")
API_KEY, SESSION, ACTOR = "apiKey", "session", "actor"
SCHEMES: dict[str, Document] = {
    API_KEY: {"type": "http", "scheme": "bearer", "description": "The api key of a program."},
    SESSION: {
        "type": "apiKey", "in": "cookie", "name": f"__Host-{COOKIE}",
        "description": (
            "The session of who signed in; a command needs CSRF-Token beside it. Over plain HTTP "
            f"the name is {COOKIE} and the port."
        ),
    },
    ACTOR: {
        "type": "apiKey", "in": "header", "name": "Okr-Actor",
        "description": "In development mode: the id of the person who acts or reads.",
    },
}  # fmt: skip
# What a path begins with -> the name of the id behind it, where commands name it.
NAME_OF_ID = {
    "approvals": "approval_id", "cycles": "cycle_id", "goals": "goal_id", "grants": "grant_id",
    "key-results": "key_result_id", "keys": "key_id", "kpis": "kpi_id",
    "objectives": "objective_id", "people": "person_id", "readings": "reading_id",
    "teams": "team_id",
}  # fmt: skip
# What a command begins, by the last fixed part of its path: others are named as it begins.
BEGINS = {"check-ins": "reading_id", "readings": "reading_id", "carry-over": "objective_id"}
# Commands that are refused without a reason whatever they change. Others need one at times.
NEEDS_REASON: frozenset[type[c.Command]] = frozenset({
    c.AbandonObjective, c.AcceptClock, c.AdoptScoringPolicy, c.ChoosePeopleFigures,
    c.CorrectKeyResult, c.CorrectKpi, c.CorrectKpiTarget, c.CorrectObjective, c.CorrectReading,
    c.CreateApiKey, c.EndGrant, c.ErasePerson, c.GrantRole, c.LiftLegalHold, c.PlaceLegalHold,
    c.RedactText, c.RedefineKpi, c.RefuseRequest, c.ReinstateKpi, c.ReopenCycle,
    c.ReopenObjective, c.RescheduleGrant, c.RetargetKpi, c.RetractReading, c.RevokeApiKey,
    c.RotateSigningKey, c.SetCalendar, c.SetRetention,
})  # fmt: skip


def finish(document: Document, prefix: str) -> Document:
    """Return the description, finished; it is changed in place."""
    document["info"] |= {"description": INTRODUCTION, "license": LICENSE}
    document["servers"] = [{"url": "/", "description": "This server."}]
    document["components"]["securitySchemes"] = SCHEMES
    document["security"] = [{name: []} for name in SCHEMES]
    document["paths"] = one_path_per_address(document["paths"])
    used = {tag for _, _, operation in operations(document) for tag in operation["tags"]}
    document["tags"] = [
        {"name": name, "description": TAGS.get(name, name)} for name in sorted(used)
    ]
    require_reasons(document)
    for path, method, operation in operations(document):
        name_examples(path, operation)
        if method == "post":
            add_example(operation)
            add_links(document, path.removeprefix(prefix), operation)
    first = document["paths"][f"{prefix}/people"]["post"]
    first["security"] = [*document["security"], {}]  # the first person of an empty log
    return document


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Yield path, method and operation of all operations."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


# ---- one path for each address ----------------------------------------------------------------


def one_path_per_address(paths: Document) -> Document:
    """Return paths in which each address stands once, whatever its ids are called in the code."""
    found: dict[str, Document] = defaultdict(dict)
    by_shape: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        by_shape[IN_PATH.sub("{}", path)].append(path)
    for same in by_shape.values():
        path = min(same, key=lambda each: "{id}" in each)
        for each in same:
            found[path] |= renamed(paths[each], each, path)
    return dict(found)


def renamed(item: Document, path: str, to: str) -> Document:
    """Return what is said of a path, with the names of ids that another path of it has."""
    names = dict(zip(IN_PATH.findall(path), IN_PATH.findall(to), strict=True))

    def parameter(said: Any) -> Any:
        if isinstance(said, dict) and said.get("in") == "path":
            return said | {"name": names[said["name"]]}
        return said

    def part(said: Any) -> Any:
        if isinstance(said, list):
            return [parameter(each) for each in said]
        return said | {"parameters": part(said["parameters"])} if "parameters" in said else said

    return {name: part(said) for name, said in item.items()}


# ---- reasons, examples ------------------------------------------------------------------------


def require_reasons(document: Document) -> None:
    """Say of which commands the reason is mandatory."""
    schemas = document["components"]["schemas"]
    for command in NEEDS_REASON:
        schema = schemas[command.__name__]
        schema["required"] = sorted({*schema.get("required", ()), "reason"})
        schema["properties"]["reason"] = {
            "type": "string", "minLength": 1, "maxLength": 2_000, "description": "Why.",
        }  # fmt: skip


@cache
def examples() -> dict[str, Any]:
    """Return a body for each command, by its name, and ids by the names of parameters, as `ids`."""
    text = (resources.files(__package__) / EXAMPLES).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def name_examples(path: str, operation: Document) -> None:
    """Give each id in a path an example."""
    ids = examples()["ids"]
    kind = path.split("/")[3]
    for parameter in operation.get("parameters", ()):
        if parameter.get("in") == "path":
            name = parameter["name"]
            example = ids.get(NAME_OF_ID.get(kind, name) if name == "id" else name)
            if example is not None:
                parameter["example"] = example


def add_example(operation: Document) -> None:
    """Give the body of a command its example."""
    name = operation["operationId"]
    example = examples().get(name[0].upper() + name[1:])
    if example is not None:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example


# ---- links ------------------------------------------------------------------------------------


def add_links(document: Document, path: str, operation: Document) -> None:
    """Link what a command begins to all that is about it, and requests to their decisions."""
    responses = operation["responses"]
    if "201" in responses and (begun := begins(path)) is not None:
        responses["201"] = responses["201"] | {"links": links_to(document, begun, "id")}
    if "202" in responses:
        links = links_to(document, "approval_id", "approval_id")
        responses["202"] = responses["202"] | {"links": links}


def begins(path: str) -> str | None:
    """Return the name of the id of what a POST to a path begins, None if nothing is about it."""
    last = path.rstrip("/").rpartition("/")[2]
    return BEGINS.get(last) or NAME_OF_ID.get(last)


def links_to(document: Document, name: str, field: str) -> Document:
    """Return links to the operations with this id in their path; `field` of a receipt has it."""
    found = {}
    for path, _, operation in operations(document):
        kind, *rest = path.split("/")[3:]
        if not rest or not IN_PATH.fullmatch(rest[0]) or NAME_OF_ID.get(kind) != name:
            continue
        found[operation["operationId"]] = {
            "operationId": operation["operationId"],
            "parameters": {IN_PATH.findall(rest[0])[0]: f"$response.body#/{field}"},
        }
    return found
