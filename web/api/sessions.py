"""The sessions of who is signed in: listed, and ended one by one or all."""

from __future__ import annotations

from typing import Annotated, TypedDict
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from msgspec import Meta

from okr_es.access.sessions import Session, Sessions
from okr_es.application import Okr
from okr_es.domain.refusals import NotFound
from web.access_log import record_sign_in
from web.api.entrance import entrance
from web.api.exact_json import JSON, encode
from web.api.if_match import require_whatever_is_there
from web.api.openapi.components import component_name
from web.api.openapi.operations import Document, describe, problems
from web.api.signed_in import SignedIn, forget_cookie, nobody_is_signed_in, signed_in


class SessionAnswer(TypedDict):
    """A session of a person. Times are UTC."""

    id: Annotated[UUID, Meta(description="Its id.")]
    how: Annotated[
        str, Meta(description="How they signed in: link, development, or oidc: with the provider.")
    ]
    began_at: Annotated[str, Meta(description="When they signed in.")]
    seen_at: Annotated[str, Meta(description="When it was used last, to the minute.")]
    ends_at: Annotated[str, Meta(description="When it ends, however much it is used.")]


class SessionsAnswer(TypedDict):
    """Who is signed in, and all their sessions."""

    person_id: Annotated[UUID, Meta(description="Who is signed in.")]
    current: Annotated[UUID, Meta(description="The id of the session that asks.")]
    csrf_token: Annotated[str, Meta(description="To send as CSRF-Token with every change.")]
    sessions: Annotated[list[SessionAnswer], Meta(description="Theirs, the newest first.")]


FOUND: Document = {
    "description": "Who is signed in.",
    "content": {JSON: {"schema": component_name(SessionsAnswer)}},
}
ENDED: Document = {"description": "It is over."}


def blueprint(okr: Okr, prefix: str) -> Blueprint:
    """Return the routes of sessions."""
    made = Blueprint("sessions", __name__, url_prefix=prefix)

    def list_() -> Response:
        kept, found = required()
        answer = encode(listed(kept, found))
        return Response(answer, 200, {"Cache-Control": "no-store"}, content_type=JSON)

    def end(id: UUID) -> Response:
        kept, found = required()
        require_whatever_is_there()
        person = found.session.person_id
        if id not in {each.id for each in kept.of(person)}:
            raise NotFound("No session of yours has that id.", field="id")
        end_one(okr, kept, person, id)
        return over(is_own=id == found.session.id)

    def end_each() -> Response:
        kept, found = required()
        require_whatever_is_there()
        end_all(okr, kept, found.session.person_id)
        return over(is_own=True)

    describe(list_, "Who is signed in, and their sessions.", document("sessions", {200: FOUND}))
    describe(end, "End a session of yours.", changing("endSession", 404))
    describe(end_each, "Sign out everywhere.", changing("endSessions"))
    made.add_url_rule("/sessions", "list", list_, methods=["GET"], tags=["sessions"])
    made.add_url_rule("/sessions", "end_all", end_each, methods=["DELETE"], tags=["sessions"])
    made.add_url_rule("/sessions/<uuid:id>", "end", end, methods=["DELETE"], tags=["sessions"])
    return made


def end_one(okr: Okr, kept: Sessions, person: UUID, id_: UUID) -> None:
    """End a session of a person who asks for it; recorded first."""
    record_sign_in(okr, person, "sign_out", {"session": str(id_)})
    kept.end(id_, person)


def end_all(okr: Okr, kept: Sessions, person: UUID) -> None:
    """End all sessions of a person who asks for it; recorded first."""
    record_sign_in(okr, person, "sign_out", {"sessions": str(len(kept.of(person)))})
    kept.end_all(person)


def document(name: str, responses: dict[int, Document], *statuses: int) -> Document:
    """Return what OpenAPI says of a route of sessions; `statuses` are further problems."""
    all_of_them = responses | problems(401, 403, *statuses)
    return {"operationId": name, "parameters": [], "responses": all_of_them}


def changing(name: str, *statuses: int) -> Document:
    """Return what OpenAPI says of a route that ends sessions."""
    return document(name, {204: ENDED}, *statuses) | {"parameters": ["CSRF-Token"]}


def listed(kept: Sessions, found: SignedIn) -> SessionsAnswer:
    """Return who is signed in, and all their sessions."""
    return {
        "person_id": found.session.person_id,
        "current": found.session.id,
        "csrf_token": found.token,
        "sessions": [answer_of(each) for each in kept.of(found.session.person_id)],
    }


def required() -> tuple[Sessions, SignedIn]:
    """Return the sessions, and who is signed in. Raises a Problem where nobody is."""
    kept, found = entrance().sessions, signed_in()
    if kept is None or found is None:
        raise nobody_is_signed_in()
    return kept, found


def answer_of(session: Session) -> SessionAnswer:
    """Return a session as the API answers with it."""
    return {
        "id": session.id,
        "how": session.how,
        "began_at": session.began_at,
        "seen_at": session.seen_at,
        "ends_at": session.ends_at,
    }


def over(*, is_own: bool) -> Response:
    """Return the answer to an end; the cookie goes with the session that asked."""
    answer = Response(status=204)
    if is_own:
        forget_cookie(answer)
    return answer
