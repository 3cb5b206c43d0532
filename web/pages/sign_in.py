"""Signing in, on a page without scripts: by a link, or at a provider of identity.

To open a link shows a page with a button; the button signs in. So a program that opens the links
of mails to look at them uses none up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, request

from okr_es.access.links import Links
from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from web.access_log import record_sign_in
from web.api.parameters import accepted_language
from web.api.signed_in import end_session_of_cookie, is_there, set_cookie
from web.api.throttle import Failures, retry_after
from web.pages.frame.names import name_of
from web.pages.html import html
from web.pages.local_paths import local_path, on_to
from web.pages.refusals import Refusals

LONGEST_FORM = 1_024  # bytes
TEXTS = {
    "en": {
        "title": "Sign in",
        "who": "Sign in to okr-es as {name}?",
        "button": "Sign in",
        "out": "Sign out",
        "everywhere": "Sign out everywhere",
        "leaving": "Do you want to sign out?",
        "signed_out": "You are signed out.",
        "nobody": "Nobody is signed in.",
        "there": "Sign out of {title} as well",
        "refused": "This link is over, or was used already. Ask for another one.",
        "too_many": "Too many links did not work. Wait a minute, then try again.",
        "no_link": "Open the link you were given.",
        "choose": "Choose how to sign in, or open the link you were given.",
        "email": "Your e-mail address",
        "send": "Send me a link",
        "on_its_way": "If this is the address of somebody here, a link is on its way to it.",
        "at": "Sign in with {title}",
        "connect": "Sign in with {title}, and connect the account",
        "not_signed_in": "You are not signed in. Try again, or ask who invited you.",
        "provider_fails": "{name} cannot be reached. Try again in a moment.",
        "no_provider": "There is no such way to sign in.",
        "too_often": "Too many attempts. Wait a minute, then try again.",
    },
    "sv": {
        "title": "Logga in",
        "who": "Vill du logga in i okr-es som {name}?",
        "button": "Logga in",
        "out": "Logga ut",
        "everywhere": "Logga ut överallt",
        "leaving": "Vill du logga ut?",
        "signed_out": "Du är utloggad.",
        "nobody": "Ingen är inloggad.",
        "there": "Logga ut från {title} också",
        "refused": "Länken gäller inte längre, eller har redan använts. Be om en ny.",
        "too_many": "För många länkar har inte fungerat. Vänta en minut och försök igen.",
        "no_link": "Öppna länken du har fått.",
        "choose": "Välj hur du vill logga in, eller öppna länken du har fått.",
        "email": "Din e-postadress",
        "send": "Skicka en länk till mig",
        "on_its_way": "Om det är en adress till någon här är en länk på väg dit.",
        "at": "Logga in med {title}",
        "connect": "Logga in med {title} och koppla kontot",
        "not_signed_in": "Du är inte inloggad. Försök igen, eller fråga den som bjöd in dig.",
        "provider_fails": "{name} kan inte nås. Försök igen om en stund.",
        "no_provider": "Det finns inget sådant sätt att logga in.",
        "too_often": "För många försök. Vänta en minut och försök igen.",
    },
}


class Way(NamedTuple):
    """A way to a provider: what its button says of it, and its address."""

    title: str
    address: str


class Ending(NamedTuple):
    """How somebody signs out at a provider: its title, and what finds the address, or None."""

    title: str
    address: Callable[[], str | None]


def blueprint(
    okr: Okr, sessions: Sessions, ways: Sequence[Way] = (), *, by_mail: bool = False
) -> Blueprint:
    """Return the pages on which somebody signs in by a link, or chooses a provider.

    `by_mail`: they can ask for a link.
    """
    made = Blueprint("sign_in", __name__, template_folder="templates")
    links, refusals, failures = Links(sessions), Refusals(okr), Failures()

    def refused(person: UUID | None) -> Response:
        """Answer that a link signs nobody in, and record it."""
        refusals.record(request.remote_addr, person, {"how": "link"})
        if seconds := failures.note(request.remote_addr):
            answer = page("too_many", HTTPStatus.TOO_MANY_REQUESTS)
            answer.headers.update(retry_after(seconds))
            return answer
        return page("refused", HTTPStatus.FORBIDDEN)

    @made.get("/sign-in")
    def look() -> Response:
        """Show who the link is for, and a button; without a link the providers."""
        next_ = local_path(request.args.get("next", ""))
        if not (secret := request.args.get("link", "")):
            buttons = buttons_of("at", ways, {"next": next_} if next_ else {})
            what = "choose" if ways or by_mail else "no_link"
            return page(what, HTTPStatus.OK, buttons=buttons, by_mail=by_mail)
        person = links.person_of(secret)
        if person is None or not is_there(okr, person):
            return refused(person)
        buttons = buttons_of("connect", ways, {"link": secret})
        return page(
            "who", HTTPStatus.OK, name=name_of(okr, person), link=secret, next_=next_,
            buttons=buttons,
        )  # fmt: skip

    @made.post("/sign-in")
    def sign_in() -> Response:
        """Use the link up, begin a session, and lead on."""
        request.max_content_length = LONGEST_FORM
        secret = request.form.get("link", "")
        person = links.person_of(secret)
        if person is None or not is_there(okr, person):
            return refused(person)
        record_sign_in(okr, person, "sign_in", {"how": "link"})
        if (begun := links.use(secret)) is None:
            return refused(person)
        end_session_of_cookie()
        answer = on_to(request.form.get("next", ""))
        set_cookie(answer, begun)
        return answer

    return made


def buttons_of(what: str, ways: Sequence[Way], parameters: Mapping[str, str]) -> list[Way]:
    """Return a button for each way, in the words of the language, with parameters."""
    text = TEXTS[accepted_language()][what]
    query = f"?{urlencode(parameters)}" if parameters else ""
    return [Way(text.format(title=each.title), f"{each.address}{query}") for each in ways]


def page(
    what: str,
    status: HTTPStatus,
    *,
    name: str = "",
    link: str = "",
    next_: str = "",
    buttons: Sequence[Way] = (),
    by_mail: bool = False,
    token: str = "",
) -> Response:
    """Return a page with a sentence, and a button where there is a link to use."""
    texts = TEXTS[accepted_language()]
    return html(
        "sign_in.html",
        status,
        title=texts["title"],
        sentence=texts[what].format(name=name),
        button=texts["button"],
        link=link,
        next=next_,
        buttons=buttons,
        by_mail=by_mail,
        token=token,
        out=texts["out"],
        everywhere=texts["everywhere"],
        email=texts["email"],
        send=texts["send"],
    )
