"""A link to sign in by, sent to who asks for it with their e-mail address.

The answer is always the same: whether there is such a person is found out, and the mail sent,
after it was given. Nobody gets many links at once, however many ask for them, and none of them ends
one that was sent before; no client address asks all the time.
"""

from __future__ import annotations

import logging
import threading
from http import HTTPStatus
from queue import Full, Queue
from typing import NamedTuple
from uuid import UUID

from flask import Blueprint, Response, request

from okr_es.access.links import Links, Purpose
from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.people.addresses import people_with
from web.access_log import record_sign_in
from web.api.parameters import accepted_language
from web.api.signed_in import is_there
from web.api.throttle import Failures, retry_after
from web.mail import LONGEST_ADDRESS, Mailer, send_link
from web.pages.refusals import Refusals
from web.pages.sign_in import LONGEST_FORM, page

MOST_ASKED, MOST_IN_AN_HOUR = 5, 30  # of one client address, in a minute and in an hour
HOUR = 3_600.0  # seconds
MOST_WAITING = 100
log = logging.getLogger("okr_es.mail")


class Post(NamedTuple):
    """What sending links needs: a mailer, and where the server answers."""

    mailer: Mailer
    url: str


def blueprint(okr: Okr, sessions: Sessions, post: Post) -> Blueprint:
    """Return the page that takes an e-mail address."""
    made = Blueprint("link_by_mail", __name__)
    asked, in_an_hour = Failures(MOST_ASKED), Failures(MOST_IN_AN_HOUR, HOUR)
    desk = Desk(okr, sessions, post)

    @made.post("/sign-in/link")
    def ask() -> Response:
        """Take an address, and say what happens if it is somebody's."""
        request.max_content_length = LONGEST_FORM
        email = request.form.get("email", "")
        client = request.remote_addr
        if seconds := asked.note(client) or in_an_hour.note(client):
            answer = page("too_often", HTTPStatus.TOO_MANY_REQUESTS)
            answer.headers.update(retry_after(seconds))
            return answer
        if 0 < len(email) <= LONGEST_ADDRESS:
            desk.send_later(Asked(email, accepted_language(), client))
        return page("on_its_way", HTTPStatus.OK)

    made.record(lambda state: state.app.extensions.update({"okr_es_links_by_mail": desk}))
    return made


class Asked(NamedTuple):
    """An address somebody asked for a link with, the language, and the client's own address."""

    email: str
    language: str
    client: str | None


class Desk:
    """Sends links one after the other, in a thread of its own."""

    def __init__(self, okr: Okr, sessions: Sessions, post: Post) -> None:
        self.okr, self.post = okr, post
        self.links, self.refusals = Links(sessions), Refusals(okr)
        self.waiting: Queue[Asked] = Queue(MOST_WAITING)
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def send_later(self, asked: Asked) -> None:
        """Send a link to an address, if it is somebody's; nothing where too many wait."""
        try:
            self.waiting.put_nowait(asked)
        except Full:
            log.warning("Too many ask for a link at once: one gets none")
            return
        with self.lock:
            if self.thread is None:
                self.thread = threading.Thread(target=self.work, daemon=True)
                self.thread.start()

    def work(self) -> None:
        """Send what waits, for as long as the process lives."""
        while True:
            asked = self.waiting.get()
            try:
                self.send(asked)
            except Exception as error:  # noqa: BLE001  - the next one has nothing to do with it
                log.warning("A link that somebody asked for was not sent: %s", error)
            finally:
                self.waiting.task_done()

    def send(self, asked: Asked) -> None:
        """Send a link to an address, if it is that of exactly one person who is there."""
        found = people_with(self.okr.directory, asked.email)
        people = [each for each in found if is_there(self.okr, each)]
        if len(people) != 1:
            why = "email-of-several" if people else "unknown"
            self.refusals.record(asked.client, None, {"how": "mail", "why": why})
            return
        self.send_to(people[0], asked.language)

    def send_to(self, person: UUID, language: str) -> None:
        """Send a link to a person, unless they were just sent several."""
        ends = self.links.ends(Purpose.SIGN_IN)
        secret = self.links.make_another(person)
        if secret is None:
            return
        about = {"person_id": str(person), "purpose": Purpose.SIGN_IN.value, "how": "mail"}
        record_sign_in(self.okr, None, "link_made", about)
        entry = self.okr.directory.entries([person])[person]
        send_link(self.post.mailer, entry, f"{self.post.url}/sign-in?link={secret}", ends, language)
