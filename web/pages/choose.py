"""Development mode: choosing who one is, from a list of all people, and a note on every page."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, render_template, request
from markupsafe import escape

from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.domain.values import exact_id
from web.access_log import record, record_sign_in
from web.api.parameters import accepted_language
from web.api.security_headers import POLICY
from web.api.signed_in import HOW_IN_DEVELOPMENT, end_session_of_cookie, is_there, set_cookie
from web.pages.sign_in import LONGEST_FORM, PAGE_POLICY, name_of

if TYPE_CHECKING:
    from projections.queries import Queries

MODE = "Okr-Mode"  # a header of each answer
TEXTS = {
    "en": {
        "title": "Choose who you are",
        "button": "Be {name}",
        "done": "You are {name} now.",
        "refused": "There is no such person any more.",
        "note": "Development mode: nobody has to sign in. Anybody can be anybody.",
        "docs": "The API",
        "member": "member",
        "lead": "leads {team}",
        "hr": "HR",
        "auditor": "audits {team}",
        "administrator": "administrator",
        "all": "everything",
    },
    "sv": {
        "title": "Välj vem du är",
        "button": "Var {name}",
        "done": "Du är nu {name}.",
        "refused": "Personen finns inte längre.",
        "note": "Utvecklingsläge: ingen behöver logga in. Vem som helst kan vara vem som helst.",
        "docs": "API:et",
        "member": "medlem",
        "lead": "leder {team}",
        "hr": "HR",
        "auditor": "granskar {team}",
        "administrator": "administratör",
        "all": "allt",
    },
}


def blueprint(okr: Okr, queries: Queries, sessions: Sessions) -> Blueprint:
    """Return the page on which somebody chooses who they are. It is for development mode alone."""
    made = Blueprint("choose", __name__, template_folder="templates")
    made.after_app_request(say_mode)

    @made.get("/")
    @made.get("/choose")
    def look() -> Response:
        """Show everybody who is there, with their roles, each with a button."""
        answer = queries.people()
        record(okr, None, "people", answer, {})
        there = [each for each in answer["people"] if each["active"] and not each["erased"]]
        return page("title", HTTPStatus.OK, people=listed(queries, there))

    @made.post("/choose")
    def choose() -> Response:
        """Begin a session of the person who was chosen."""
        request.max_content_length = LONGEST_FORM
        person = exact_id(request.form.get("person_id", ""))
        if person is None or not is_there(okr, person):
            return page("refused", HTTPStatus.FORBIDDEN)
        record_sign_in(okr, person, "sign_in", {"how": HOW_IN_DEVELOPMENT})
        end_session_of_cookie()
        begun = sessions.begin(person, HOW_IN_DEVELOPMENT)
        answer = page("done", HTTPStatus.OK, name=name_of(okr, person))
        set_cookie(answer, begun)
        return answer

    return made


def listed(queries: Queries, people: list[Any]) -> list[dict[str, str]]:
    """Return people by name, each with id, name and roles in words."""
    texts = TEXTS[accepted_language()]
    names = {each["id"]: each["name"] for each in queries.teams()["teams"]}
    roles: dict[str, list[str]] = {}
    for grant in queries.grants()["grants"]:
        if grant["holds"]:
            team = grant["team"] and grant["team"]["id"]
            words = in_words(grant["role"], team, names, texts)
            roles.setdefault(grant["person"]["id"], []).append(words)
    return [
        {
            "id": each["id"],
            "name": each["name"],
            "roles": ", ".join(sorted(roles.get(each["id"], [texts["member"]]))),
            "button": texts["button"].format(name=each["name"]),
        }
        for each in sorted(people, key=lambda each: (each["name"], each["id"]))
    ]


def in_words(
    role: str, team: str | None, names: Mapping[str, str], texts: Mapping[str, str]
) -> str:
    """Return a role in words, with the team it is for; None: the whole organisation."""
    of = texts["all"] if team is None else names.get(team, team)
    return texts[role].format(team=of)


def page(
    what: str, status: HTTPStatus, *, people: list[dict[str, str]] | None = None, name: str = ""
) -> Response:
    """Return the page with a sentence, and the list of people where there is one."""
    language = accepted_language()
    texts = TEXTS[language]
    text = render_template(
        "choose.html",
        language=language,
        title=texts["title"],
        sentence=texts[what].format(name=name),
        docs=texts["docs"],
        people=people or [],
    )
    headers = {
        "Cache-Control": "no-store",
        POLICY: PAGE_POLICY,
        "Referrer-Policy": "same-origin",
        "Vary": "Accept-Language",
    }
    return Response(text, status, headers, mimetype="text/html")


def say_mode(answer: Response) -> Response:
    """Say that it is development mode: in a header of every answer, and on every page."""
    answer.headers[MODE] = "development"
    if answer.mimetype == "text/html" and answer.status_code != HTTPStatus.NOT_MODIFIED:
        note = f'<p role="note">{escape(TEXTS[accepted_language()]["note"])}</p>'
        answer.direct_passthrough = False
        answer.set_data(answer.get_data(as_text=True).replace("<body>", f"<body>\n{note}", 1))
    return answer
