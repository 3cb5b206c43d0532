"""Asks what a route is about, and answers: with a tag, from a cache, or recorded as a read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Response, request
from flask_smorest import Blueprint

from okr_es.application import Okr
from web.access_log import record
from web.api.asking import VARY, Asked, ask
from web.api.caller import id_in_header
from web.api.command_ids import ACTOR
from web.api.entrance import entrance
from web.api.exact_json import JSON, encode
from web.api.foreign_pages import recording
from web.api.given import for_access_log, given, named_as_given
from web.api.ndjson import streamed
from web.api.openapi.operations import (
    Document,
    describe,
    query_document,
    stream_document,
    with_reader,
)
from web.api.parameters import Parameter
from web.api.queries import ROUTES, Route
from web.api.selection import NAME as FIELDS
from web.api.selection import Wanted, fields_parameter, paths, selected
from web.api.tags import FOLLOWED, Standing, Tagged, is_match, tagged, tagged_once

if TYPE_CHECKING:
    from okr_es.domain.cycle import CycleRef
    from projections.queries import Queries

Answer = dict[str, Any]
NOT_MODIFIED = 304
WHOLE = {"known_at", "at"}  # of an answer that is asked for with these alone nothing is left out
# What names no person, is the same for all who may see it, and can become confidential to none.
STAYS_THE_SAME = frozenset({
    "calendar", "retention", "scoring_policy", "cycles", "cycle", "teams", "team",
    "changes_by_day", "templates",
})  # fmt: skip
ROUTE_OF = {route.question: route for route in ROUTES}
FOR_EVER = "private, max-age=31536000, immutable"


def blueprint(okr: Okr, queries: Queries, prefix: str) -> Blueprint:
    """Return the routes of all queries."""
    made = Blueprint("queries", __name__, url_prefix=prefix)
    for route in ROUTES:
        tags = [route.path.split("/")[1]]
        name = f"{tags[0]}_{route.question}"
        made.add_url_rule(route.path, name, view(okr, queries, route, name), tags=tags)
    return made


class Asking(NamedTuple):
    """A request: about what, with which filters, by whom, the tag held; whether it is recorded."""

    path: dict[str, CycleRef]
    by_caller: Asked
    held: str | None
    is_recorded: bool
    fields: Wanted | None = None  # None: all

    @property
    def who_asks_what(self) -> tuple[Any, ...]:
        """What two requests have in common that have the same answer as long as nothing changes."""
        asked = self.by_caller
        fields = None if self.fields is None else tuple(sorted(paths(self.fields)))
        return (*self.path.values(), *asked.filters.items(), asked.by, asked.of_viewer, fields)


def view(okr: Okr, queries: Queries, route: Route, name: str) -> Callable[..., Response]:
    """Return the view function of a route."""
    needs = any(each.required or each.otherwise for each in route.parameters)
    takes = parameters_of(route)
    standing = Standing(queries, route.question) if route.question in FOLLOWED else None
    respond = responding(okr, queries, route)

    def asked(**path: CycleRef) -> Response:
        filters = given(takes) if needs or request.environ.get("QUERY_STRING") else {}
        fields = filters.pop(FIELDS, None)
        recorded, held = route.records(filters), request.environ.get("HTTP_IF_NONE_MATCH")
        if route.recorded is not None:
            id_in_header(ACTOR)  # what is no id is refused, also where this read is not recorded
        with named_as_given(route.parameters):
            by_caller = ask(
                okr, queries, route.question, path.get("id"), filters, recorded=recorded
            )
            asking = Asking(path, by_caller, held, recorded, fields)
            return answered(asking)

    def answered(asking: Asking) -> Response:
        if standing is None or asking.held is None or not asking.by_caller.filters.keys() <= WHOLE:
            return respond(asking)
        known = standing.known()
        if known is None:
            return respond(asking)
        tag = standing.still(asking.who_asks_what, known)
        if tag is not None and is_match(tag, asking.held):
            return not_modified(tag, known.position)
        sent = respond(asking)
        if sent.status_code == NOT_MODIFIED:
            standing.note(asking.who_asks_what, known, sent.headers["ETag"])
        return sent

    describe(asked, route.summary, document(route, name))
    return asked if route.recorded is None else recording(asked, route.recorded_with_name)


def responding(okr: Okr, queries: Queries, route: Route) -> Callable[[Asking], Response]:
    """Return what makes the answers of a route."""

    def respond(asking: Asking) -> Response:
        path, by_caller = asking.path, asking.by_caller
        theirs, asked = by_caller.queries, by_caller.filters
        found = getattr(theirs, route.question)(*path.values(), **asked)
        made = None
        hides = entrance().mode.enforces and theirs.hides
        if route.cached and not asked and asking.fields is None and not hides:
            held = theirs.held(found)
            found, made = held.answer, tagged_once(held)
        else:
            found = as_shown(theirs, route.question, found, path.get("id"))
        if route.streamed:
            return stream(okr, route, asking, found)
        if asking.is_recorded:
            note_read(okr, queries, route, asking, found)
        shown = found if asking.fields is None else selected(found, asking.fields)
        if made is None and route.tagged:
            made = tagged(found, shown)
        for_ever = (
            route.question in STAYS_THE_SAME
            and not by_caller.of_viewer
            and not asking.is_recorded  # each look is
        )
        return answer(shown, made, for_ever=for_ever)

    return respond


def as_shown(theirs: Queries, question: str, found: Any, about: Any) -> Any:
    """Return an answer as who calls is shown it: with names, without words that are not theirs."""
    found = theirs.named(question, found)
    return theirs.without_hidden(found, about) if entrance().mode.enforces else found


def note_read(okr: Okr, queries: Queries, route: Route, asking: Asking, found: Answer) -> None:
    """Record that who calls reads an answer, where a read of the route is recorded at all."""
    if route.recorded is not None:
        asked = for_access_log(route.parameters, asking.by_caller.filters)
        about = {route.about: asking.path.get("id"), **asked}
        record(okr, asking.by_caller.by, route.recorded, found, queries.with_ids(about))


def answer_for_caller(
    okr: Okr, queries: Queries, question: str, *about: Any, **filters: Any
) -> Any:
    """Return what the API answers who calls: by the same rights, and recorded as there.

    `about` is what the path names, `filters` are the parameters as the question takes them; those
    that are None are left out. Raises the refusals of the question, and NotAllowed.
    """
    route = ROUTE_OF[question]
    path = dict(zip(("id",), about, strict=False))
    given_ = {name: value for name, value in filters.items() if value is not None}
    recorded = route.records(given_)
    by_caller = ask(okr, queries, question, path.get("id"), given_, recorded=recorded)
    theirs = by_caller.queries
    found = getattr(theirs, question)(*about, **by_caller.filters)
    shown = as_shown(theirs, question, found, path.get("id"))
    if recorded:
        note_read(okr, queries, route, Asking(path, by_caller, None, is_recorded=True), shown)
    return shown


def stream(okr: Okr, route: Route, asking: Asking, lines: Any) -> Response:
    """Return an answer that comes line by line."""
    sent = streamed(lines)
    if route.recorded is not None:
        sent.headers["Position"] = position = str(okr.log.head())
        about = {route.about: asking.path["id"]}
        record(okr, asking.by_caller.by, route.recorded, {"position": position}, about)
    return sent


def parameters_of(route: Route) -> tuple[Parameter, ...]:
    """Return the parameters of a route; of all but a stream the fields can be chosen."""
    return route.parameters + (() if route.streamed else (fields_parameter(route.answer),))


def document(route: Route, name: str) -> Document:
    """Return what OpenAPI says of a route."""
    parameters = [parameter.document for parameter in parameters_of(route)]
    recorded = route.recorded is not None
    if route.streamed:
        found = stream_document(name, route.answer, parameters)
        return with_reader(found) if recorded else found
    found = query_document(name, route.answer, parameters, tagged=route.tagged)
    return with_reader(found, route.recorded_with_name) if recorded else found


def answer(found: Answer, made: Tagged | None, *, for_ever: bool) -> Response:
    """Return an answer as a response with its tag, or 304 where If-None-Match names that.

    One about a fixed past may be cached `for_ever` where no name, right or erasure can change it.
    Answers with texts of people have no tag and are never cached: these disappear when the person
    is erased.
    """
    position = found["position"]
    if made is None:
        headers = [("Position", str(position)), ("Cache-Control", "no-store")]
        return Response(encode(found), 200, headers, content_type=JSON)
    is_kept = for_ever and bool(found.get("fixed"))
    sent = request.environ.get("HTTP_IF_NONE_MATCH")
    if sent is not None and is_match(made.tag, sent):
        return not_modified(made.tag, position, is_kept=is_kept)
    headers = headers_of(made.tag, position, is_kept=is_kept)
    return Response(made.body, 200, headers, content_type=JSON)


def not_modified(tag: str, position: int, *, is_kept: bool = False) -> Response:
    """Return that the answer is the one whose tag was sent, as of a position of the log."""
    return Response(None, NOT_MODIFIED, headers_of(tag, position, is_kept=is_kept))


def headers_of(tag: str, position: int, *, is_kept: bool) -> list[tuple[str, str]]:
    """Return the headers of an answer with a tag; `is_kept`: it stays the same for ever."""
    cached = FOR_EVER if is_kept else "private, no-cache"
    headers = [("ETag", tag), ("Position", str(position)), ("Cache-Control", cached)]
    return [*headers, VARY] if entrance().mode.enforces else headers
