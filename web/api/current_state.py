"""412: a command came too late, and the answer has the thing as it is now, for who may see it."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Flask, Response, request

from okr_es.application import Okr
from okr_es.domain.refusals import PreconditionFailed, Refusal
from web.api.asking import ask
from web.api.caller import PREFIX
from web.api.command_ids import COMMANDS
from web.api.entrance import entrance
from web.api.exact_json import encode
from web.api.problems import answer, problem_of
from web.api.queries import ROUTES, Route

if TYPE_CHECKING:
    from projections.queries import Queries

MOST_BYTES = 32 * 1024  # of a thing that goes into a problem; a larger one is only named
BY_PATH = {route.path: route for route in ROUTES if route.recorded is None}
ONLY_ONE = {"calendar", "scoring-policy", "retention"}  # what has a state, and no id in its address


def register(app: Flask, okr: Okr, queries: Queries) -> None:
    """Let a precondition that does not hold be answered with what there is."""
    app.register_error_handler(PreconditionFailed, partial(failed, okr, queries))


def failed(okr: Okr, queries: Queries, refusal: PreconditionFailed) -> Response:
    """Return the problem of a precondition, with the thing as its GET has it, and its version.

    Left out is what who calls may not see, or whose every read is recorded.
    """
    problem = problem_of(refusal)
    route = route_of_thing()
    if route is None:
        return answer(problem)
    found = state(okr, queries, route)
    if found is not None:
        problem.facts["current_version"] = found.get("version")
        encoded = encode(found)
        if len(encoded) <= MOST_BYTES:
            problem.facts["current"] = msgspec.Raw(encoded)
    problem.facts["current_at"] = address(route)
    return answer(problem)


def route_of_thing() -> Route | None:
    """Return the question that shows the thing a command is sent to, None if none does."""
    if request.blueprint != COMMANDS:
        return None
    rule = "" if request.url_rule is None else request.url_rule.rule
    _, kind, *rest = rule.removeprefix(PREFIX).split("/")
    if not request.view_args:
        return BY_PATH.get(f"/{kind}") if kind in ONLY_ONE else None
    return BY_PATH.get(re.sub(r":\w+>", ":id>", f"/{kind}/{rest[0]}"))


def state(okr: Okr, queries: Queries, route: Route) -> Any:
    """Return the answer to a question about what a command is sent to; None where it is refused."""
    path = list((request.view_args or {}).values())
    try:
        about = path[0] if path else None
        asked = ask(okr, queries, route.question, about, {}, recorded=False)
        found = getattr(asked.queries, route.question)(*path)
    except Refusal:
        return None
    found = asked.queries.named(route.question, found)
    return asked.queries.without_hidden(found, *path) if entrance().mode.enforces else found


def address(route: Route) -> str:
    """Return the address of the question about what a command is sent to."""
    id_ = str(next(iter((request.view_args or {}).values()), ""))
    return PREFIX + re.sub(r"<\w+:id>", id_, route.path)
