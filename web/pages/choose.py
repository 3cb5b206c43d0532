"""Development mode: choosing who one is, from a list of all people, and a note on every page."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from markupsafe import escape

from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.domain.values import exact_id
from web.access_log import record, record_sign_in
from web.api.parameters import accepted_language
from web.api.signed_in import HOW_IN_DEVELOPMENT, end_session_of_cookie, is_there, set_cookie
from web.pages.html import html
from web.pages.local_paths import local_path, on_to
from web.pages.roles import by_person, in_words
from web.pages.sign_in import LONGEST_FORM

if TYPE_CHECKING:
    from projections.queries import Queries

MODE = "Okr-Mode"  # a header of each answer
TEXTS = {
    "en": {
        "title": "Choose who you are",
        "button": "Be {name}",
        "refused": "There is no such person any more.",
        "note": "Development mode: nobody has to sign in. Anybody can be anybody.",
        "docs": "The API",
    },
    "sv": {
        "title": "Välj vem du är",
        "button": "Var {name}",
        "refused": "Personen finns inte längre.",
        "note": "Utvecklingsläge: ingen behöver logga in. Vem som helst kan vara vem som helst.",
        "docs": "API:et",
    },
}


def blueprint(okr: Okr, queries: Queries, sessions: Sessions) -> Blueprint:
    """Return the page on which somebody chooses who they are. It is for development mode alone."""
    made = Blueprint("choose", __name__, template_folder="templates")
    made.after_app_request(say_mode)

    @made.get("/choose")
    def look() -> Response:
        """Show everybody who is there, with their roles, each with a button."""
        answer = queries.people()
        record(okr, None, "people", answer, {})
        there = [each for each in answer["people"] if each["active"] and not each["erased"]]
        next_ = local_path(request.args.get("next", ""))
        return page("title", HTTPStatus.OK, listed(queries, there), next_)

    @made.post("/choose")
    def choose() -> Response:
        """Begin a session of the person who was chosen, and lead them on."""
        request.max_content_length = LONGEST_FORM
        person = exact_id(request.form.get("person_id", ""))
        if person is None or not is_there(okr, person):
            return page("refused", HTTPStatus.FORBIDDEN)
        record_sign_in(okr, person, "sign_in", {"how": HOW_IN_DEVELOPMENT})
        end_session_of_cookie()
        begun = sessions.begin(person, HOW_IN_DEVELOPMENT)
        answer = on_to(request.form.get("next", ""))
        set_cookie(answer, begun)
        return answer

    return made


def listed(queries: Queries, people: list[Any]) -> list[dict[str, Any]]:
    """Return people by name, each with id, button, and roles in words."""
    button = TEXTS[accepted_language()]["button"]
    roles = by_person(queries.grants()["grants"], queries.teams()["teams"])
    return [
        {
            "id": each["id"],
            "roles": roles.get(each["id"], [in_words()]),
            "button": button.format(name=each["name"]),
        }
        for each in sorted(people, key=lambda each: (each["name"], each["id"]))
    ]


def page(
    what: str, status: HTTPStatus, people: Sequence[dict[str, Any]] = (), next_: str = ""
) -> Response:
    """Return the page with a sentence, and the list of people where there is one."""
    texts = TEXTS[accepted_language()]
    return html(
        "choose.html", status, title=texts["title"], sentence=texts[what], docs=texts["docs"],
        people=people, next=next_,
    )  # fmt: skip


def say_mode(answer: Response) -> Response:
    """Say that it is development mode: in a header of every answer, and on every page."""
    answer.headers[MODE] = "development"
    if answer.mimetype == "text/html" and answer.status_code != HTTPStatus.NOT_MODIFIED:
        note = f'<p role="note">{escape(TEXTS[accepted_language()]["note"])}</p>'
        answer.direct_passthrough = False
        answer.set_data(answer.get_data(as_text=True).replace("<body>", f"<body>\n{note}", 1))
    return answer
