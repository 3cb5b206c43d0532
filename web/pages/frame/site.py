"""A page of somebody who is signed in: their questions, and the frame around what they see."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.context import Receipt
from okr_es.domain.values import exact_id
from okr_es.people.preferences import preferences_of
from web.api.answering import answer_for_caller
from web.api.entrance import Mode
from web.api.parameters import accepted_language
from web.api.signed_in import HOW_IN_DEVELOPMENT, is_there
from web.pages.current import Current, current
from web.pages.frame import language, places
from web.pages.frame.names import name_of
from web.pages.html import html

if TYPE_CHECKING:
    from projections.queries import Queries


@dataclass(frozen=True)
class Site:
    """What pages are made of: the log, the questions, and who may look."""

    okr: Okr
    queries: Queries
    sessions: Sessions
    mode: Mode

    @property
    def begins_at(self) -> str:
        """Where somebody comes in."""
        return "/choose" if self.mode is Mode.DEVELOPMENT else "/sign-in"

    def ask(self, question: str, *about: Any, **filters: Any) -> Any:
        """Return what the API answers who is signed in; raise what it refuses with."""
        return answer_for_caller(self.okr, self.queries, question, *about, **filters)

    def require_somebody(self) -> AnyResponse | None:
        """Note who looks, and their language; lead to where one signs in where it is nobody."""
        found = current(self.sessions)
        if found is None or not self.goes_on(found):
            wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
            return redirect(f"{self.begins_at}?{urlencode({'next': wanted})}", HTTPStatus.SEE_OTHER)
        g.visit, g.origin = found, "page"
        language.choose(preferences_of(self.okr.directory, found.session.person_id).language)
        return None

    def receipt_named(self) -> Receipt | None:
        """Return the receipt that the address names as `done`, if who looks sent the command."""
        command = exact_id(request.args.get("done", ""))
        sender = command and self.okr.log.sender_of(command)
        if command is None or (sender and sender.by != self.person):
            return None
        return self.okr.receipt(command, accepted_language())

    def goes_on(self, found: Current) -> bool:
        """Return whether a session is good here: its person is there, and was not just chosen."""
        is_chosen = found.session.how == HOW_IN_DEVELOPMENT
        return (self.mode.believes or not is_chosen) and is_there(self.okr, found.session.person_id)

    @property
    def person(self) -> UUID:
        """Who looks."""
        found: Current = g.visit
        return found.session.person_id

    def page(self, template: str, status: HTTPStatus = HTTPStatus.OK, /, **values: Any) -> Response:
        """Return a page within the frame."""
        return html(template, status, frame=self.frame(), **values)

    def frame(self) -> dict[str, Any]:
        """Return what stands around each page."""
        found: Current = g.visit
        return {
            "person": {"id": str(self.person), "name": name_of(self.okr, self.person)},
            "token": found.token,
            "places": places.of(self.queries, self.person),
            "done": self.receipt_named(),
            "development": self.mode is Mode.DEVELOPMENT,
            "here": request.full_path.rstrip("?") if request.method == "GET" else request.path,
        }
