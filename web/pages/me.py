"""Who is signed in: their name, their roles, and where to go from here."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from web.api.entrance import Mode
from web.api.parameters import accepted_language
from web.api.signed_in import HOW_IN_DEVELOPMENT, is_there
from web.pages.current import Current, current
from web.pages.frame.names import name_of
from web.pages.html import html
from web.pages.local_paths import ME
from web.pages.roles import RoleInWords, by_person, in_words
from web.pages.sign_in import Way

if TYPE_CHECKING:
    from projections.queries import Queries

TEXTS = {
    "en": {
        "title": "Who you are",
        "you": "You are signed in as {name}.",
        "your_roles": "Your roles",
        "where_to": "Where to go",
        "docs": "The API: all questions and commands, to read and to try",
        "sessions": "Your sessions ({count})",
        "out": "Sign out",
        "choose": "Be somebody else",
    },
    "sv": {
        "title": "Vem du är",
        "you": "Du är inloggad som {name}.",
        "your_roles": "Dina roller",
        "where_to": "Vart du kan gå",
        "docs": "API:et: alla frågor och kommandon, att läsa och prova",
        "sessions": "Dina sessioner ({count})",
        "out": "Logga ut",
        "choose": "Var någon annan",
    },
}


def blueprint(okr: Okr, queries: Queries, sessions: Sessions, mode: Mode) -> Blueprint:
    """Return the page that says who is signed in; others are led to where they sign in."""
    made = Blueprint("me", __name__, template_folder="templates")
    begins = "/choose" if mode is Mode.DEVELOPMENT else "/sign-in"

    @made.get(ME)
    def look() -> Response:
        """Show who is signed in."""
        found = current(sessions)
        if found is None or not goes_on(okr, found, mode):
            return redirect(f"{begins}?{urlencode({'next': ME})}", HTTPStatus.SEE_OTHER)
        person = found.session.person_id
        texts = TEXTS[accepted_language()]
        return html(
            "me.html", HTTPStatus.OK,
            title=texts["title"], sentence=texts["you"].format(name=name_of(okr, person)),
            your_roles=texts["your_roles"], roles=roles_of(queries, person),
            where_to=texts["where_to"], ways=ways(len(sessions.of(person)), mode),
        )  # fmt: skip

    return made


def goes_on(okr: Okr, found: Current, mode: Mode) -> bool:
    """Return whether a session is good here: its person is there, and was not just chosen."""
    is_chosen = found.session.how == HOW_IN_DEVELOPMENT
    return (mode.believes or not is_chosen) and is_there(okr, found.session.person_id)


def roles_of(queries: Queries, person: UUID) -> list[RoleInWords]:
    """Return the roles of a person today, in words."""
    grants = queries.grants(person_id=person)["grants"]
    return by_person(grants, queries.teams()["teams"]).get(str(person), [in_words()])


def ways(count: int, mode: Mode) -> list[Way]:
    """Return where to go from here; `count` is how many sessions the person has."""
    texts = TEXTS[accepted_language()]
    found = [
        Way(texts["docs"], "/api/v1/docs/"),
        Way(texts["sessions"].format(count=count), "/api/v1/sessions"),
        Way(texts["out"], "/sign-out"),
    ]
    return [Way(texts["choose"], "/choose"), *found] if mode is Mode.DEVELOPMENT else found
