"""The feed: what is recorded, as pages of CloudEvents, for those who follow the log.

It is the audit log, the oldest first, in another form: who calls is shown the same events of it,
and of each the same. Where to go on is said also where nothing on a page is for who calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict
from urllib.parse import urlencode

from flask import Response, request
from flask_smorest import Blueprint
from msgspec import Meta

from okr_es.application import Okr
from okr_es.domain.refusals import Invalid
from projections.as_of.answers import EventId, Instant, doc
from projections.audit_log.answers import AuditLogEntry
from projections.audit_log.search import OLDEST
from web.access_log import record
from web.api.asking import VARY, ask
from web.api.entrance import entrance
from web.api.exact_json import encode
from web.api.foreign_pages import recording
from web.api.given import for_access_log, given, named_as_given
from web.api.openapi.components import PREFIX, component_name
from web.api.openapi.operations import (
    COUNT,
    POSITION,
    READER,
    Document,
    describe,
    problems,
)
from web.api.parameters import FEED

if TYPE_CHECKING:
    from projections.queries import Queries

BATCH = "application/cloudevents-batch+json"
NEXT_AFTER = "Next-After"
QUESTION = "audit_log"
DIGITS = 19  # of a position as text, so that texts have the order of positions
SOURCE_DIGITS = 32


class FeedEventAnswer(TypedDict):
    """An event as a CloudEvent 1.0, with the extension `sequence`."""

    specversion: Annotated[Literal["1.0"], doc("The version of CloudEvents.")]
    id: EventId
    source: Annotated[str, doc("Which log: a URN made from the hash of its first event.")]
    type: Annotated[
        str,
        Meta(pattern=r"^okr-es\.", description="The type of the event, and the form of `data`."),
    ]
    subject: Annotated[str, doc("What it is about: the kind of thing, a slash, and its id.")]
    time: Instant
    datacontenttype: Annotated[Literal["application/json"], doc("What `data` is written in.")]
    sequence: Annotated[
        str, Meta(pattern="^[0-9]{19}$", description="Its position in the log, in 19 digits.")
    ]
    data: Annotated[AuditLogEntry, doc("What the audit log shows of it to who calls.")]


DOCUMENT: Document = {
    "operationId": "events",
    "description": (
        "The oldest first. A page that shows events is recorded, under the person named in "
        "Okr-Actor. Go on behind the position in Next-After, also where a page is empty."
    ),
    "parameters": [READER, *(each.document for each in FEED)],
    "responses": {
        200: {
            "description": "The events behind a position, as a batch of CloudEvents.",
            "headers": {
                "Position": POSITION,
                NEXT_AFTER: {"description": "Where to go on: `after` of the next page.",
                             "schema": COUNT},
                "Link": {"description": "The next page, as rel=next.",
                         "schema": {"type": "string"}},
            },
            "content": {
                BATCH: {
                    "schema": {
                        "type": "array",
                        "items": {"$ref": PREFIX + component_name(FeedEventAnswer)},
                    }
                }
            },
        }
    }
    | problems(401, 403, 404, 422, 503),
}  # fmt: skip


def blueprint(okr: Okr, queries: Queries, prefix: str) -> Blueprint:
    """Return the route of the feed."""
    made = Blueprint("feed", __name__, url_prefix=prefix)

    def events() -> Response:
        asked = given(FEED)
        with named_as_given(FEED):
            by_caller = ask(okr, queries, QUESTION, None, asked, recorded=True)
            theirs = by_caller.queries
            page: Any = theirs.audit_log(order=OLDEST, **by_caller.filters)
        next_after = place_after(page, asked.get("after", 0))
        page = theirs.named(QUESTION, page)
        if entrance().mode.enforces:
            page = theirs.without_hidden(page)
        if page["entries"]:
            about = for_access_log(FEED, by_caller.filters)
            record(okr, by_caller.by, QUESTION, page, queries.with_ids(about))
        source = source_of(okr)
        found = [cloud_event(entry, source) for entry in page["entries"]]
        headers = {
            "Position": str(page["position"]),
            NEXT_AFTER: str(next_after),
            "Link": next_page(next_after),
            "Cache-Control": "no-store",
        } | dict([VARY])
        return Response(encode(found), 200, headers, content_type=BATCH)

    describe(events, "What is recorded, to follow: CloudEvents, the oldest first.", DOCUMENT)
    made.add_url_rule("/events", "events", recording(events), tags=["events"])
    return made


def place_after(page: Any, after: int) -> int:
    """Return where to go on behind a page of the audit log that began behind a position.

    Raises Invalid for a position that the log does not have: who follows a log that was restored
    would miss, in silence, what takes the place of what they have seen.
    """
    if after > page["position"]:
        raise Invalid(
            f"The log has {page['position']} events: after is of another log, or of one that was "
            "restored.",
            field="after",
        )
    return int(page["next_after"] or page["position"])


def source_of(okr: Okr) -> str:
    """Return the name of the log: the same for ever, and no other log has it."""
    digest = okr.log.hashes([1]).get(1, b"").hex()
    return f"urn:okr-es:log:{digest[:SOURCE_DIGITS]}"


def cloud_event(entry: dict[str, Any], source: str) -> FeedEventAnswer:
    """Return an entry of the audit log as a CloudEvent."""
    id_, kind = entry["id"], entry["type"].partition(".")[0]
    return {
        "specversion": "1.0",
        "id": id_,
        "source": source,
        "type": f"okr-es.{entry['type']}.v1",
        "subject": f"{kind}/{id_.partition('/')[0]}",
        "time": entry["recorded_at"],
        "datacontenttype": "application/json",
        "sequence": f"{entry['position']:0{DIGITS}}",
        "data": entry,  # type: ignore[typeddict-item]
    }


def next_page(after: int) -> str:
    """Return the link to the next page: the same question, behind a position."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "after"]
    return f'<{request.path}?{urlencode([*asked, ("after", after)])}>; rel="next"'
