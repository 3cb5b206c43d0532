"""Asks what a route is about, and answers: with a tag, from a cache, or recorded as a read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Response, request
from flask_smorest import Blueprint

from okr_es.application import Okr
from web.access_log import record
from web.api.asking import VARY, ask
from web.api.entrance import entrance
from web.api.exact_json import JSON, CachedJson, encode
from web.api.foreign_pages import recording
from web.api.ndjson import streamed
from web.api.openapi.operations import (
    Document,
    describe,
    query_document,
    stream_document,
    with_reader,
)
from web.api.parameters import for_access_log, given
from web.api.queries import ROUTES, Route

if TYPE_CHECKING:
    from okr_es.domain.cycle import CycleRef
    from projections.queries import Queries

Answer = dict[str, Any]
AsJson = Callable[[Answer], bytes]
Hashes = Callable[[Iterable[int]], dict[int, bytes]]
TAG_BYTES = 6
# What has nothing that could become confidential, and names no person.
STAYS_THE_SAME = frozenset({
    "calendar", "retention", "scoring_policy", "cycles", "cycle", "teams", "team",
})  # fmt: skip
FOR_EVER = "private, max-age=31536000, immutable"


def blueprint(okr: Okr, queries: Queries, prefix: str) -> Blueprint:
    """Return the routes of all queries."""
    made = Blueprint("queries", __name__, url_prefix=prefix)
    for route in ROUTES:
        tags = [route.path.split("/")[1]]
        name = f"{tags[0]}_{route.question}"
        made.add_url_rule(route.path, name, view(okr, queries, route, name), tags=tags)
    return made


def view(okr: Okr, queries: Queries, route: Route, name: str) -> Callable[..., Response]:
    """Return the view function of a route."""
    needs = any(each.required or each.otherwise for each in route.parameters)
    cached = CachedJson() if route.cached else None

    def respond(**path: CycleRef) -> Response:
        asked = {}
        if needs or request.environ.get("QUERY_STRING"):
            asked = given(route.parameters)
        by_caller = ask(
            okr, queries, route.question, path.get("id"), asked, recorded=route.recorded is not None
        )
        asked = by_caller.filters
        theirs = by_caller.queries
        found = getattr(theirs, route.question)(*path.values(), **asked)
        enforced = entrance().mode.enforces
        if cached is not None and not asked and not (enforced and theirs.hides):
            found, mark, as_json = from_cache(theirs, cached, found)
        else:
            (found, mark), as_json = theirs.named(route.question, found), encode
            if enforced:
                found = theirs.without_hidden(found, path.get("id"))
        if route.streamed:
            sent = streamed(found)
            if route.recorded is not None:
                sent.headers["Position"] = position = str(okr.log.head())
                about: Any = {route.about: path["id"]}
                record(okr, by_caller.by, route.recorded, {"position": position}, about)
            return sent

        def tag() -> str | None:
            if not route.tagged:
                return None
            of_viewer = by_caller.of_viewer + (theirs.mark if enforced else "")
            return tag_of(found, okr.today, queries.hashes, of_viewer, mark)

        if route.recorded is None:
            for_ever = not by_caller.of_viewer and route.question in STAYS_THE_SAME
            return answer(found, tag(), for_ever=for_ever, as_json=as_json)
        about = {route.about: path.get("id"), **for_access_log(route.parameters, asked)}
        record(okr, by_caller.by, route.recorded, found, queries.with_ids(about))
        return answer(found, tag(), for_ever=False)

    describe(respond, route.summary, document(route, name))
    return respond if route.recorded is None else recording(respond)


def from_cache(queries: Queries, cached: CachedJson, found: Any) -> tuple[Answer, str, AsJson]:
    """Return an answer with names, the mark of its people, and what returns its cached JSON."""
    whole = queries.with_holes(found)
    names = queries.present_names(whole.people)
    return whole.answer, names.mark, partial(cached.encode, names=names.by_id)


def document(route: Route, name: str) -> Document:
    """Return what OpenAPI says of a route."""
    parameters = [parameter.document for parameter in route.parameters]
    recorded = route.recorded is not None
    if route.streamed:
        found = stream_document(name, route.answer, parameters)
        return with_reader(found) if recorded else found
    return query_document(name, route.answer, parameters, tagged=route.tagged, recorded=recorded)


def answer(
    found: Answer,
    tag: str | None,
    *,
    for_ever: bool,
    as_json: AsJson = encode,
) -> Response:
    """Return an answer as a response, or 304 where If-None-Match has its tag.

    One about a fixed past may be cached `for_ever`, unless every read of it is recorded, it is
    another one for who has other rights, names people or could become confidential.
    Answers with names or texts of people have no tag and are never cached: these disappear when the
    person is erased.
    """
    position = str(found["position"])
    if tag is None:
        headers = [("Position", position), ("Cache-Control", "no-store")]
        return Response(encode(found), 200, headers, content_type=JSON)
    cached = FOR_EVER if for_ever and found.get("fixed") else "private, no-cache"
    headers = [("ETag", tag), ("Position", position), ("Cache-Control", cached)]
    if entrance().mode.enforces:
        headers.append(VARY)
    sent = request.environ.get("HTTP_IF_NONE_MATCH")
    if sent is not None and is_match(tag, sent):
        return Response(None, 304, headers)
    return Response(as_json(found), 200, headers, content_type=JSON)


def tag_of(
    found: Answer,
    today: Callable[[], date],
    hashes: Hashes,
    of_viewer: str = "",
    of_names: str = "",
) -> str:
    """Return the entity tag of an answer: the events and days it is based on, and for whom it is.

    Events are named by position and hash, since another log may be put in the place of this one.
    `of_names` differs where people are called otherwise; positions of a past do not say so.
    """
    sides = [found[name] for name in ("from", "to")] if "from" in found else [found]
    known = hashes(side["position"] for side in sides)
    parts = [
        f"{side['position']}-{side.get('plan_position', side['position'])}"
        f"-{side.get('day') or today()}-{known.get(side['position'], b'')[:TAG_BYTES].hex()}"
        for side in sides
    ]
    names = of_names and f"n{of_names}"
    return f'W/"{".".join([*parts, *filter(None, [of_viewer, names])])}"'


def is_match(tag: str, sent: str) -> bool:
    """Return whether If-None-Match names the tag, weakly compared."""
    tags = {each.strip().removeprefix("W/") for each in sent.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags
