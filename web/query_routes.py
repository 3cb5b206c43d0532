"""Every query with its address, on one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint

from okr_es.application import Okr

from .documents import describe, query_document
from .exact import JSON, encode
from .fields import BIGGEST_INTEGER, exactly_id
from .problems import invalid

if TYPE_CHECKING:
    from projections.queries import Queries

Answer = dict[str, Any]
MOST_ROWS = 1_000
LONGEST_MOMENT = 100
FOR_EVER = "private, max-age=31536000, immutable"
A_MOMENT = "an instant, a date, a position, or a word of a cycle such as 2025-Q3:published"
COUNT = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True)
class Parameter:
    """A parameter in the query string: how it is read, and what OpenAPI says of it."""

    read: Callable[[str], Any]
    wanted: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Route:
    """GET of this path asks this question."""

    path: str
    question: str
    summary: str
    parameters: tuple[str, ...] = ()
    tagged: bool = True  # False where the directory, outside the log, has a say in the answer


def truth(text: str) -> bool | None:
    """Return what true or false says, None for anything else."""
    return {"true": True, "false": False}.get(text)


def count(text: str) -> int | None:
    """Return a whole number from 1 that a database can hold, None for anything else."""
    found = int(text) if COUNT.fullmatch(text) else 0
    return found if 0 < found <= BIGGEST_INTEGER else None


def row_count(text: str) -> int | None:
    """Return a number of rows that one answer may hold."""
    found = count(text)
    return found if found is not None and found <= MOST_ROWS else None


def moment(text: str) -> str | None:
    """Return a text that may name a moment; the read side says which it is."""
    return text if text and len(text) <= LONGEST_MOMENT and text.isprintable() else None


PARAMETERS = {
    "team_id": Parameter(exactly_id, "a UUID", {"type": "string", "format": "uuid"}),
    "overdue": Parameter(truth, "true or false", {"type": "boolean"}),
    "limit": Parameter(
        row_count,
        f"a whole number from 1 to {MOST_ROWS}",
        {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": 100},
    ),
    "known_at": Parameter(
        moment, A_MOMENT, {"type": "string", "description": f"What was known by then: {A_MOMENT}."}
    ),
    "at": Parameter(
        moment, A_MOMENT, {"type": "string", "description": f"The day it is about: {A_MOMENT}."}
    ),
    "before": Parameter(
        count, "a position", {"type": "integer", "minimum": 1, "maximum": BIGGEST_INTEGER}
    ),
}
PAGE = ("limit", "before")
THEN = ("known_at", "at")

ROUTES = (
    Route("/cycles", "cycles", "All cycles."),
    Route("/cycles/<cycle:id>/board", "board", "A cycle's goals, their progress, status.", THEN),
    Route("/cycles/<cycle:id>/tree", "tree", "Which objective serves which, in a cycle.", THEN),
    Route("/objectives/<uuid:id>", "objective", "An objective with its key results.", THEN),
    Route("/key-results/<uuid:id>", "key_result", "A key result.", THEN),
    Route(
        "/kpis", "kpis", "All KPIs, or those of a team, or the overdue.",
        ("team_id", "overdue", *THEN),
    ),
    Route("/kpis/<uuid:id>", "kpi", "A KPI: last reading, target, met or not.", THEN),
    Route(
        "/kpis/<uuid:id>/readings", "readings", "Readings of a KPI, newest first.", (*PAGE, *THEN),
    ),
    Route(
        "/key-results/<uuid:id>/readings", "readings", "Check-ins of a key result, newest first.",
        (*PAGE, *THEN),
    ),
    Route(
        "/goals/<uuid:id>/history", "history", "Who changed it, when, and why.", PAGE, tagged=False,
    ),
    Route("/teams", "teams", "All teams."),
    Route("/people", "people", "All people.", tagged=False),
)  # fmt: skip


def blueprint(okr: Okr, queries: Queries, prefix: str) -> Blueprint:
    """Return the routes of all queries."""
    made = Blueprint("queries", __name__, url_prefix=prefix)
    for route in ROUTES:
        tags = [route.path.split("/")[1]]
        name = f"{tags[0]}_{route.question}"
        made.add_url_rule(route.path, name, view(okr, queries, route, name), tags=tags)
    return made


def view(okr: Okr, queries: Queries, route: Route, name: str) -> Callable[..., Response]:
    """Return what answers a GET of the route."""
    ask = getattr(queries, route.question)
    allowed = {name: PARAMETERS[name] for name in route.parameters}

    def day() -> date | None:
        return okr.today() if route.tagged else None

    def found(id: UUID | None = None) -> Response:
        about = () if id is None else (id,)
        if request.environ.get("QUERY_STRING"):
            return answer(ask(*about, **parameters(allowed)), day())
        return answer(ask(*about), day())

    documented = [{"in": "query", "name": n, "schema": p.schema} for n, p in allowed.items()]
    describe(found, route.summary, query_document(name, documented))
    return found


def parameters(allowed: dict[str, Parameter]) -> dict[str, Any]:
    """Return the parameters in the query string; raise a Problem that names every bad one."""
    given, errors = {}, {}
    for name, texts in request.args.lists():
        if name not in allowed:
            errors[name] = ["Unknown parameter."]
            continue
        given[name] = allowed[name].read(texts[0]) if len(texts) == 1 else None
        if given[name] is None:
            errors[name] = [f"Not {allowed[name].wanted}."]
    if errors:
        raise invalid(errors)
    return given


def answer(found: Answer, today: date | None) -> Response:
    """Return an answer, or 304 to who holds it: it depends on its moment, or the day, alone.

    One about a fixed past may be kept for ever. Without a day it carries no tag: names and sealed
    texts vanish with the directory's entry.
    """
    position = str(found["position"])
    if today is None:
        headers = [("Position", position), ("Cache-Control", "no-store")]
        return Response(encode(found), 200, headers, content_type=JSON)
    tag = f'W/"{position}-{found.get("plan_position", position)}-{found.get("day", today)}"'
    kept = FOR_EVER if found.get("fixed") else "private, no-cache"
    headers = [("ETag", tag), ("Position", position), ("Cache-Control", kept)]
    held = request.environ.get("HTTP_IF_NONE_MATCH")
    if held is not None and is_held(tag, held):
        return Response(None, 304, headers)
    return Response(encode(found), 200, headers, content_type=JSON)


def is_held(tag: str, held: str) -> bool:
    """Return whether If-None-Match names the tag, weakly compared."""
    tags = {each.strip().removeprefix("W/") for each in held.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags
