"""What a person prefers of pages: asked for and replaced by that person alone."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from msgspec import Meta

from okr_es.application import Okr
from okr_es.domain.refusals import NotAllowed
from okr_es.people.preferences import ALLOWED, Preferences, keep_preferences, preferences_of
from web.api.caller import caller, caller_is_missing
from web.api.entrance import entrance
from web.api.exact_json import JSON, body, encode
from web.api.if_match import require_whatever_is_there
from web.api.openapi.components import component_name
from web.api.openapi.operations import Document, describe, problems
from web.api.problems import invalid

MOST_BYTES = 1_024
PATH = "/people/<uuid:id>/preferences"


class PreferencesAnswer(TypedDict):
    """What a person prefers of pages; null: nothing is preferred."""

    language: Annotated[
        str | None,
        Meta(
            description="Of pages; null: what the browser accepts best.",
            extra_json_schema={"enum": [*ALLOWED["language"], None]},
        ),
    ]
    first_page: Annotated[
        str | None,
        Meta(
            description="The page that comes first; null: home.",
            extra_json_schema={"enum": [*ALLOWED["first_page"], None]},
        ),
    ]


ANSWERS = (PreferencesAnswer,)
FOUND: Document = {
    "description": "What the person prefers now.",
    "content": {JSON: {"schema": component_name(PreferencesAnswer)}},
}


def blueprint(okr: Okr, prefix: str) -> Blueprint:
    """Return the routes of preferences."""
    made = Blueprint("preferences", __name__, url_prefix=prefix)

    def preferences(id: UUID) -> Response:
        require_own(okr, id)
        return answer(preferences_of(okr.directory, id))

    def replace(id: UUID) -> Response:
        require_own(okr, id)
        require_whatever_is_there()
        preferred = preferred_in(body(MOST_BYTES))
        keep_preferences(okr.directory, id, preferred)
        return answer(preferred)

    describe(preferences, "What a person prefers of pages.", document("preferences", "Okr-Actor"))
    of_replacing = document(
        "replacePreferences", "Okr-Actor", "CSRF-Token", statuses=(413, 415, 422)
    )
    sent = {"schema": component_name(PreferencesAnswer)}
    of_replacing["requestBody"] = {"required": True, "content": {JSON: sent}}
    describe(replace, "Replace what a person prefers.", of_replacing)
    made.add_url_rule(PATH, "preferences", preferences, methods=["GET"], tags=["people"])
    made.add_url_rule(PATH, "replace", replace, methods=["PUT"], tags=["people"])
    return made


def require_own(okr: Okr, person_id: UUID) -> None:
    """Refuse who is not the person: preferences are nobody else's, and no key has any."""
    found = caller()
    if found is None:
        raise caller_is_missing(entrance().mode)
    if found.id != person_id or found.key_roles is not None:
        raise NotAllowed("What somebody prefers is theirs alone to see and to change.")
    okr.require_person(person_id)


def preferred_in(sent: Any) -> Preferences:
    """Return the preferences that a body names; refuse others, with their fields."""
    if not isinstance(sent, dict):
        raise invalid({"body": ["Not an object."]})
    wrong = {name: ["Unknown field."] for name in sorted(sent.keys() - ALLOWED)}
    for name, words in ALLOWED.items():
        if name not in sent:
            wrong[name] = ["Missing: null where nothing is preferred."]
        value = sent.get(name)
        if value is not None and value not in words:
            wrong[name] = [f"Not one of {', '.join(words)}, or null."]
    if wrong:
        raise invalid(wrong)
    return Preferences(**sent)


def answer(preferred: Preferences) -> Response:
    """Return preferences as the API answers with them."""
    found = encode(preferred._asdict())
    return Response(found, 200, {"Cache-Control": "no-store"}, content_type=JSON)


def document(name: str, *parameters: str, statuses: tuple[int, ...] = ()) -> Document:
    """Return what OpenAPI says of a route of preferences; `statuses` are further problems."""
    return {
        "operationId": name,
        "parameters": list(parameters),
        "responses": {200: FOUND} | problems(401, 403, *statuses),
    }
