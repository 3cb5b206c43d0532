"""The table of rights, asked over HTTP: every command, question and page, as every role.

People and api keys ask about things on both sides of their scope, nobody asks for every route. What
is answered otherwise than the table written by hand says is wrong. The control changes each cell of
the table in turn, and asks what the cell decides: it must be found.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, cast
from unittest.mock import patch
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from okr_es import commands as c
from okr_es.access import rights
from okr_es.access.links import Links, Purpose
from okr_es.access.rights import Line
from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.domain.api_key import KeyRole
from okr_es.domain.approval import approval_id
from okr_es.evidence.signer import Signer
from projections.queries import Queries
from tests.okr_es.access.test_rights import ALONE, NO, Cell, Scene, meant
from tests.okr_es.access.test_rights import wrong_cells as unlike_the_copy
from tests.support.company_of_roles import (
    COMPANY,
    HERE,
    NOW,
    ROLES,
    Company,
    begin_roles,
    id_of,
)
from tests.web import test_rights_of_commands as commands
from tests.web import test_rights_of_questions as questions
from tests.web.test_rights_of_commands import COPY
from web.api.entrance import Mode
from web.app import PREFIX, create_app

# Each api key has a role, for a team or for all. That which only records is for one KPI.
INGEST = "ingest key"
KEYS: dict[str, tuple[str, UUID | None]] = {
    INGEST: ("ingest_key", None),
    "key of a member": ("member", None),
    "key of a lead": ("lead", HERE),
    "key of the lead of all": ("lead", COMPANY),
    "key of hr": ("hr", None),
    "key of an auditor": ("auditor", HERE),
    "key of the auditor of all": ("auditor", None),
    "key of an administrator": ("administrator", None),
}
ITS_KPI = "other"  # whose KPI the ingest key is for
# By hand: what no key does whatever its role is, and all that an ingest key does and asks.
OF_PEOPLE_ALONE = {
    "ApproveRequest", "RefuseRequest", "GrantRole", "RescheduleGrant", "EndGrant", "CreateApiKey",
    "ReplaceEmail", "SetRetention", "DeactivatePerson", "ReactivatePerson", "PlaceLegalHold",
    "LiftLegalHold", "RedactText", "GradeObjective",
}  # fmt: skip
RECORDS = {"RecordReading", "RecordReadings", "CorrectReading", "RetractReading"}
ASKS = {"/kpis/{kpi}", "/kpis/{kpi}/readings", "/kpis/{kpi}/plan-and-actual"}
# By hand: what shows the words of a confidential objective, or of its key result.
CONFIDENTIAL = (
    "/objectives/{}",
    "/key-results/{}",
    "/goals/{}/history",
    "/key-results/{}?at=2025-08-15",
)
OPEN_TO_ALL = re.compile(
    rf"/$|/static/|/problems|/health/|/metrics|/sign-(in|out)|{PREFIX}(/openapi\.json|/docs/|$)"
)
# Pages of one question that is not for everybody: a page is answered as that is.
ASKED_BY_PAGES = {"/audit/patterns/1": f"{PREFIX}/cycles/1/patterns"}
UUID_IN_PATH = re.compile(r"<uuid:[^>]+>")
STRANGER = "nobody"


class Try(NamedTuple):
    """Who asks for what; what the copy of the table says, and what the server does."""

    line: str  # of the table; empty where no cell decides
    who: str
    what: str
    expected: Callable[[], int]
    answered: Callable[[], int]

    def is_wrong(self) -> bool:
        """Whether the server answers otherwise than the copy says."""
        return self.answered() != self.expected()


class Bearers:
    """A client that sends the api key of who is named, in place of the name."""

    def __init__(self, client: FlaskClient, secrets: dict[str, str]) -> None:
        self.client, self.secrets = client, secrets

    def open(self, path: str, *, headers: dict[str, str], **sent: Any) -> TestResponse:
        """Send a request."""
        rest = {name: value for name, value in headers.items() if name != "Okr-Actor"}
        secret = self.secrets[headers["Okr-Actor"]]
        return self.client.open(path, headers=rest | {"Authorization": f"Bearer {secret}"}, **sent)

    def post(self, path: str, **sent: Any) -> TestResponse:
        """Send a command."""
        return self.open(path, method="POST", **sent)


class World(NamedTuple):
    """The company of roles behind two servers: one for people, and one for api keys."""

    people: questions.Asker
    keys: questions.Asker
    strict: Flask  # the one where people sign in, and keys are sent
    sessions: Sessions

    def signed_in(self, name: str) -> FlaskClient:
        """Return the browser of somebody who signed in."""
        browser = self.strict.test_client()
        link = Links(self.sessions).make(id_of(name), Purpose.SIGN_IN)
        assert browser.post("/sign-in", data={"link": link}).status_code == 303
        return browser


@contextmanager
def world(url: str) -> Iterator[World]:
    """Open the company of a database, and make its api keys."""
    with closing(Okr(url, clock=lambda: NOW)) as okr, closing(Sessions(url, okr.clock)) as sessions:
        sessions.create()
        Company(okr).keep_confidential()
        secrets = {str(id_of(name)): make_key(okr, name) for name in KEYS}
        Signer(okr).sign()
        queries = Queries(okr)
        of_people, of_keys = questions.Asker(okr, queries), questions.Asker(okr, queries)
        strict = create_app(okr, queries, sessions=sessions, mode=Mode.SIGN_IN)
        of_keys.client = cast("FlaskClient", Bearers(strict.test_client(), secrets))
        of_people.size = of_keys.size = okr.log.head()
        yield World(of_people, of_keys, strict, sessions)
        queries.runner.close()


def make_key(okr: Okr, name: str) -> str:
    """Make an api key on the machine; return its secret."""
    role, team = KEYS[name]
    kpis = (id_of(ITS_KPI, "kpi"),) if name == INGEST else ()
    made = Company(okr).does(c.CreateApiKey(name, KeyRole(role), team, kpis, id=id_of(name)))
    return str(made.secret)


# ---- what is asked ----------------------------------------------------------------------


def people(of: World) -> Iterator[Try]:
    """Every command and question as people with each role."""
    for actor, name in product(ROLES, commands.LINES):
        for side in commands.sides(actor, commands.LINES[name][2]):
            yield Try(
                commands.LINES[name][0], actor, f"{name} {side.name}",
                partial(commands.expected, actor, name, side),
                partial(commands.answered, of.people.client, actor, name, side),
            )  # fmt: skip
    for actor, case in product(ROLES, questions.CASES):
        for at in questions.sides(actor, case.about):
            yield Try(
                case.line, actor, f"{case.address} {at.name}",
                partial(questions.expected, actor, case.line, case.part, case.about, at),
                partial(of.people.may, actor, case.address, at),
            )  # fmt: skip
    for actor, address in product(ROLES, questions.SEEN):
        answered = partial(of.people.may, actor, address, questions.OTHERS)
        yield Try("", actor, address, lambda: ALONE, answered)


def keys(of: World) -> Iterator[Try]:
    """Every command and question as api keys with each role: nothing is their own."""
    for key, (name, (line, part, kind)) in product(KEYS, commands.LINES.items()):
        in_a_team = kind in {commands.GOAL, commands.KPI, commands.TEAM, commands.REQUEST}
        for side in commands.sides("member", kind):
            is_its = name in RECORDS and side.name == ITS_KPI
            never = name.split()[0] in OF_PEOPLE_ALONE or (key == INGEST and not is_its)
            above = {side.team, COMPANY} if in_a_team else set()
            yield Try(
                line, key, f"{name} {side.name}",
                partial(of_key, key, line, part, above, its=is_its, never=never),
                partial(commands.answered, of.keys.client, key, name, side),
            )  # fmt: skip
    seen = [questions.Case(address, "see", None, "goal") for address in questions.SEEN]
    for key, case in product(KEYS, [*questions.CASES, *seen]):
        for at in questions.sides("member", case.about):
            is_its = case.address in ASKS and at.name == ITS_KPI
            above = {at.team, COMPANY} if "team" in case.about or "goal" in case.about else set()
            above |= {COMPANY} if case.about == "all" else set()
            never = (key == INGEST and not is_its) or case.line == "personal"
            yield Try(
                case.line, key, f"{case.address} {at.name}",
                partial(of_key, key, case.line, case.part, above, its=is_its, never=never, two=NO),
                partial(of.keys.may, key, case.address, at),
            )  # fmt: skip


def of_key(
    key: str, line: str, part: str | None, above: set[UUID], *, its: bool, never: bool,
    two: int | None = None,
) -> int:  # fmt: skip
    """What the copy says of a key; `two` in place of what it may only with somebody else."""
    role, team = KEYS[key]
    scene = Scene(
        own=False, asked=False, deputy=False, whole=team is None, below=team in above, kpi=its,
        part=part, figures="own_and_leads",
    )  # fmt: skip
    found = NO if never else meant(COPY[line, role], scene)
    return found if two is None or found == ALONE else two


def requests(of: World) -> Iterator[Try]:
    """Each request for approval: shown to who asked, may decide, or may read the log about it."""
    audited = {"plan": "plan", "grade": "people", "policy": "configuration"}
    for actor, (part, of_log) in product(ROLES, audited.items()):
        about = "nothing" if part == "policy" else "goal"
        for side in questions.sides(actor, "goal"):
            lines = [("audit", of_log), ("approve", part)]
            allowed = side.own or ALONE in {
                questions.expected(actor, *each, about, side) for each in lines
            }
            address = f"/approvals/{approval_id(id_of(side.name, part))}"
            status = partial(status_of, of.people, actor, address, side)
            yield Try(
                "", actor, f"{part} {side.name}", partial(int, 200 if allowed else 404), status
            )
    for actor, (part, kind) in product(
        ROLES, {"change": commands.ABOUT, "erasure": commands.ERASED}.items()
    ):
        for side in commands.sides(actor, kind):
            at = questions.Side(*side)
            allowed = (
                actor == commands.asker_of(kind, side)
                or questions.expected(actor, "personal", "read", "person", at) == ALONE
                or commands.expected(actor, f"ApproveRequest of {A[part]}", side) == ALONE
            )
            address = f"/approvals/{approval_id(id_of(side.name, part))}"
            yield Try(
                "", actor, f"{part} of {side.name}", partial(int, 200 if allowed else 404),
                partial(status_of, of.people, actor, address, at),
            )  # fmt: skip


A = {"change": "a change", "erasure": "an erasure"}


def confidential(of: World) -> Iterator[Try]:
    """The words of each confidential objective: for those whom the line of reviews gives it."""
    for actor, address in product(ROLES, CONFIDENTIAL):
        for side in questions.sides(actor, "goal"):
            yield Try(
                "reviews", actor, f"words of {address} {side.name}",
                partial(questions.expected, actor, "reviews", "read", "goal", side),
                partial(reads, of.people, actor, address, side),
            )  # fmt: skip
    for key, address in product(KEYS, CONFIDENTIAL):
        for side in questions.sides("member", "goal"):
            above, never = {side.team, COMPANY}, key == INGEST
            yield Try(
                "reviews", key, f"words of {address} {side.name}",
                partial(of_key, key, "reviews", "read", above, its=False, never=never),
                partial(reads, of.keys, key, address, side),
            )  # fmt: skip


def reads(asker: questions.Asker, who: str, address: str, side: questions.Side) -> int:
    """Return ALONE where an answer has the words of what it is about, NO where it has none."""
    kind = "key result" if address.startswith("/key") else "objective"
    asked = address.format(id_of(side.name, "confidential", kind))
    answer = asker.ask(id_of(who), asked, side)
    if answer.status_code == 403:
        return NO
    found = answer.json["entries"][0] if "entries" in answer.json else answer.json
    words = [found[name] for name in ("title", "description", "reason", "measure") if name in found]
    assert answer.status_code == 200, answer.text
    assert words, answer.text
    return NO if all(each is None for each in words) else ALONE


def status_of(asker: questions.Asker, actor: str, address: str, side: questions.Side) -> int:
    """Return the status of the answer to a question."""
    return asker.ask(id_of(actor), address, side).status_code


def pages(of: World) -> Iterator[Try]:
    """Every route without anybody who calls; each page as every role, the same as to a member."""
    stranger = of.strict.test_client()
    browsers = {name: of.signed_in(name) for name in ROLES}
    for route in routes(of.strict):
        is_open = OPEN_TO_ALL.match(route.path) is not None
        yield Try(
            "", STRANGER, " ".join(route), partial(bool, is_open),
            partial(is_answered, stranger, route),
        )  # fmt: skip
        for name, browser in browsers.items() if route.is_page else ():
            asked = ASKED_BY_PAGES.get(route.path)
            like = (browsers["member"], route) if asked is None else (browser, Route("GET", asked))
            yield Try("", name, route.path, partial(status, *like), partial(status, browser, route))


def status(client: FlaskClient, route: Route) -> int:
    """Return the status of what a browser is answered."""
    return client.open(route.path, method=route.method).status_code


def is_answered(client: FlaskClient, route: Route) -> bool:
    """Return whether somebody need not sign in first: a page leads there whom it does not know."""
    answer = client.open(route.path, method=route.method)
    is_led_in = answer.status_code == 303 and answer.location.startswith(("/sign-in?", "/choose?"))
    return answer.status_code != 401 and not is_led_in


class Route(NamedTuple):
    """A method, and a path in which everything that varies is filled in."""

    method: str
    path: str

    @property
    def is_page(self) -> bool:
        """Whether it is no part of the API."""
        return self.method == "GET" and not self.path.startswith(PREFIX)


def routes(app: Flask) -> list[Route]:
    """Return every route of an application."""
    return [
        Route(method, re.sub(r"<[^>]+>", "1", UUID_IN_PATH.sub(str(COMPANY), rule.rule)))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & {"GET", "POST", "DELETE"})
    ]


FAMILIES: dict[str, Callable[[World], Iterator[Try]]] = {
    "people": people, "keys": keys, "requests": requests, "pages": pages,
    "confidential": confidential,
}  # fmt: skip


def wrong(tries: list[Try]) -> list[tuple[str, str]]:
    """Who could do or see what otherwise than the copy of the table says."""
    return [(each.who, each.what) for each in tries if each.is_wrong()]


# ---- the control: each cell of the table in turn is another one ---------------------------------


class Planted(NamedTuple):
    """What became of wrong cells: those that something asks about, and those not found."""

    tried: int
    asked: int
    missed: list[tuple[str, str, str]]


def planted(tries: list[Try]) -> Planted:
    """Put each other word into each cell: the copy must find it, and so must who asks."""
    tried, asked, missed = 0, 0, []
    for line, role in product(Line, rights.COLUMNS):
        for word in sorted(set(rights.CELLS) - {rights.word_of(line, role)}):
            tried += 1
            with changed(line, role, word):
                if unlike_the_copy(line) != [(line, role)]:
                    missed.append((str(line), role, word))
        for word in sorted({"yes", "no"} - {rights.word_of(line, role)}):
            decided = decided_by(tries, line, role, word)
            asked += bool(decided)
            with changed(line, role, word):
                if decided and not any(each.is_wrong() for each in decided):
                    missed.append((str(line), role, f"{word}, asked over HTTP"))
    return Planted(tried, asked, missed)


def changed(line: Line, role: str, word: str) -> Any:
    """Change a cell of the table for as long as the context lasts."""
    row, number = rights.TABLE[line], rights.COLUMNS.index(role)
    return patch.dict(rights.TABLE, {line: cast("Any", (*row[:number], word, *row[number + 1 :]))})


def decided_by(tries: list[Try], line: str, role: str, word: str) -> list[Try]:
    """Return what a cell decides: where the copy says something else with another word in it."""
    of_line = [each for each in tries if each.line == line]
    before = [each.expected() for each in of_line]
    with patch.dict(COPY, {(line, role): Cell(line, role, word)}):
        after = [each.expected() for each in of_line]
    return [each for each, one, other in zip(of_line, before, after, strict=True) if one != other]


def main() -> int:
    """Ask everything; write it into build/faults.json."""
    from tests.faults.results import report

    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="okr-es-matrix-") as folder:
        url = f"sqlite:///{Path(folder)}/okr.db"
        begin_roles(url)
        with world(url) as of:
            for name, family in FAMILIES.items():
                tries = list(family(of))
                these = wrong(tries)
                print(*these[:20], sep="\n", file=sys.stderr)
                found[f"access.matrix.{name}"] = {
                    "tried": len(tries), "wrong": len(these), "holds": not these
                }  # fmt: skip
            control = planted([*people(of), *keys(of), *confidential(of)])
    print(*control.missed, sep="\n", file=sys.stderr)
    found["access.matrix.planted"] = {
        "tried": control.tried + control.asked, "wrong": len(control.missed),
        "asked_over_http": control.asked, "holds": not control.missed,
    }  # fmt: skip
    return report("access.matrix: the table of rights, asked by everybody", found)


if __name__ == "__main__":
    sys.exit(main())
