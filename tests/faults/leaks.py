"""`python -m tests.faults.leaks [HISTORIES]`: random stories, asked by everybody for all there is.

Every text has a word of its own. A word in an answer to somebody who may not read it is wrong. So
is an answer that differs where only such words differ: each viewer is asked the same in a second
world, in which all that is not for them is longer, and its numbers are ten times as large; status,
headers, body, sizes, counts, tags and cursors must be the same. In the control something that keeps
words back is taken out of the code, one thing after the other, and each must be found.
"""

from __future__ import annotations

import logging
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch
from zipfile import ZipFile

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.evidence.signer import Signer
from okr_es.handlers import duplicates
from projections import asking, withholding
from projections.as_of.confidential import Sight
from projections.audit_log.history import History
from projections.audit_log.search import AuditLog
from projections.queries import Queries
from tests.faults.leaks_questions import Ask, everything
from tests.faults.leaks_rights import Readers, Viewer, viewers
from tests.faults.leaks_story import FIRST_DAY, WORD, Story
from tests.faults.results import report
from tests.support.given import Clock
from tests.support.statements import Statements, watched
from web.api.entrance import Mode
from web.app import PREFIX, create_app

HISTORIES = 10
SHARE = 0.25  # of all there is to ask about a story
# What a hash or a signature is made of, in answers of evidence: it differs where what it is made
# from is encrypted, also between two tellings of the same. Its length is compared.
DIGEST = re.compile(rb"[0-9A-Za-z+/=_-]{40,}")
# An id that is made for the answer to a dry run; those of the story are made of words.
NEW_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[1-46-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# The part of a tag that is the hash of an event.
OF_EVENT = re.compile(r"-[0-9a-f]{12}(?=[.\"])")


class Answer(NamedTuple):
    """An answer as it is compared: what a client sees of it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    statements: int  # how many the databases were asked

    @property
    def text(self) -> str:
        """All that it says."""
        return self.body.decode("utf-8", "replace") + repr(self.headers)

    @property
    def ids(self) -> set[str]:
        """The ids in it."""
        return set(ID.findall(self.text))

    @property
    def words(self) -> set[int]:
        """The numbers of the words in it."""
        return {int(number) for number in WORD.findall(self.text)}


class Leak(NamedTuple):
    """What somebody is answered that is not for them: words, or that the worlds differ."""

    viewer: str
    asked: str
    what: str


class World:
    """A story that was told, in a folder that is copied for whoever asks."""

    def __init__(self, folder: Path, seed: int, changed: set[int]) -> None:
        self.folder = folder
        self.seed = seed
        with self.opened(folder) as (okr, clock):
            self.story = Story(okr, clock, seed, changed)
            self.story.tell()
            Signer(okr).sign()
            self.size = okr.log.head()
            ((self.signing_key,),) = okr.database.rows(
                f"SELECT {okr.database.dialect.id_as_text('stream')} FROM events "
                "WHERE type = 'signing_key.adopted'",
                {},
            )

    @contextmanager
    def opened(self, folder: Path) -> Iterator[tuple[Okr, Clock]]:
        """Open the database of a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        clock = Clock(FIRST_DAY)
        with closing(Okr(f"sqlite:///{folder}/okr.db", clock=clock)) as okr:
            yield okr, clock

    def answers(self, viewer: Viewer, asks: list[Ask]) -> list[Answer]:
        """Return what a viewer is answered, in a copy of the world in which nobody asked yet."""
        with tempfile.TemporaryDirectory(prefix="okr-es-leaks-") as folder:
            there = Path(folder) / "world"
            shutil.copytree(self.folder, there)
            with watched() as statements, self.opened(there) as (okr, clock):
                clock.now = self.story.clock.now
                found = asked(okr, self.story, viewer, asks, statements)
                return [self.without_key(each) for each in found]

    def without_key(self, answer: Answer) -> Answer:
        """Return an answer without the id of the key that signs: each world has its own."""
        return answer._replace(body=answer.body.replace(self.signing_key.encode(), b"signing key"))


def asked(
    okr: Okr, story: Story, viewer: Viewer, asks: list[Ask], statements: Statements
) -> Iterator[Answer]:
    """Ask as a viewer, one after the other."""
    queries = Queries(okr)
    sessions = Sessions(okr.database.url.render_as_string(), okr.clock)
    with closing(sessions):
        sessions.create()
        mode = Mode.SIGN_IN if viewer.is_key else Mode.DEVELOPMENT
        client = create_app(okr, queries, sessions=sessions, mode=mode).test_client()
        name = ({"Authorization": f"Bearer {story.secrets[viewer.name]}"} if viewer.is_key
                else {"Okr-Actor": str(viewer.id)})  # fmt: skip
        for number, each in enumerate(asks):
            before = len(statements.texts)
            response = send(client, each, name | {"Idempotency-Key": str(number)})
            headers, body = as_seen(response)
            sent = len(statements.texts) - before
            yield Answer(response.status_code, headers, body, sent)
    queries.runner.close()


def send(client: FlaskClient, ask: Ask, headers: dict[str, str]) -> TestResponse:
    """Send what is asked."""
    return client.open(PREFIX + ask.path, method=ask.method, json=ask.body, headers=headers)


def as_seen(response: TestResponse) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Return headers and body of an answer as they are compared."""
    headers = [(name, OF_EVENT.sub("-", value) if name == "ETag" else value)
               for name, value in response.headers if name not in {"Request-Id"}]  # fmt: skip
    body = response.get_data()
    if response.content_type == "application/zip":
        headers = [each for each in headers if each[0] != "Content-Length"]  # it is compressed
        body = unpacked(body)
    return tuple(headers), body


def unpacked(body: bytes) -> bytes:
    """Return the files of a bundle and of its workbook, one behind the other."""
    with ZipFile(BytesIO(body)) as files:
        return b"\n".join(
            name.encode() + b"\n"
            + (unpacked(files.read(name)) if name.endswith(".xlsx") else files.read(name))
            for name in files.namelist()
            if not name.endswith((".py", "docProps/core.xml"))  # the verifier; when it was written
        )  # fmt: skip


# ---- a history --------------------------------------------------------------------------


class Case:
    """A story, what is asked about it, and who may read what."""

    def __init__(self, folder: Path, seed: int, share: float = 1.0) -> None:
        self.folder, self.seed = folder, seed
        self.world = World(folder / "told", seed, set())
        self.readers = Readers(self.world.story)
        every = everything(self.world.story, self.world.size)
        chance = random.Random(seed)
        self.every = every
        self.asks = [each for each in every if chance.random() < share]
        self.viewers = viewers(self.world.story)
        self.others: dict[str, World] = {}

    def other(self, viewer: Viewer) -> World:
        """Return the world in which all that is not for a viewer has other words."""
        if viewer.name not in self.others:
            hidden = self.readers.hidden_from(viewer)
            self.others[viewer.name] = World(self.folder / viewer.name, self.seed, hidden)
        return self.others[viewer.name]

    def leaks(self, viewer: Viewer, asks: list[Ask]) -> Iterator[Leak]:
        """Yield what a viewer is answered that is not for them."""
        kept_back = self.readers.hidden_from(viewer)
        hidden_ids = self.readers.hidden_ids(viewer)
        told = self.world.answers(viewer, asks)
        others = self.other(viewer).answers(viewer, asks)
        for each, one, other in zip(asks, told, others, strict=True):
            of_file = self.readers.as_asked(viewer, each.path)
            hidden = kept_back if of_file == viewer else self.readers.hidden_from(of_file)
            asked_for = {int(number) for number in WORD.findall(str(each))}
            if found := (one.words & hidden) - asked_for:
                kinds = {self.world.story.words[number] for number in found}
                yield Leak(viewer.name, str(each), f"words: {kinds}")
            elif ids := shown_ids(each, one) & hidden_ids:
                yield Leak(viewer.name, str(each), f"ids: {ids}")
            elif of_file == viewer and compared(one) != compared(other):
                yield Leak(viewer.name, str(each), f"differs: {difference(one, other)}")


def shown_ids(ask: Ask, answer: Answer) -> set[str]:
    """Return the ids in the answer to a question that does not name them.

    A receipt names what hangs on what a command ends, to who may end it: its things are looked at
    by their own questions.
    """
    is_receipt = ask.is_command or ask.path.startswith("/commands/")
    return set() if is_receipt else answer.ids - set(ID.findall(str(ask)))


def compared(answer: Answer) -> Answer:
    """Return an answer without digests, whose lengths stay."""
    body = NEW_ID.sub(b"new", answer.body)
    return answer._replace(body=DIGEST.sub(lambda match: b"%d" % len(match[0]), body))


def difference(one: Answer, other: Answer) -> str:
    """Return where two answers differ first."""
    one, other = compared(one), compared(other)
    if one._replace(body=b"") != other._replace(body=b""):
        return f"{one._replace(body=b'')} | {other._replace(body=b'')}"
    at = next((at for at, (a, b) in enumerate(zip(one.body, other.body, strict=False)) if a != b),
              min(len(one.body), len(other.body)))  # fmt: skip
    return f"{one.body[max(0, at - 100) : at + 80]!r} | {other.body[max(0, at - 20) : at + 80]!r}"


# ---- the control ------------------------------------------------------------------------


class Planted(NamedTuple):
    """What is taken out of the code for a while, and what is asked to find it."""

    name: str
    where: Any
    attribute: str
    instead: Any
    asked: str  # what the addresses begin with that are asked

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Put it in place for as long as the context lasts."""
        with patch.object(self.where, self.attribute, self.instead):
            yield


def without(question: str) -> dict[str, Any]:
    """Return the rules of who may ask what without that of a question."""
    return {name: rule for name, rule in asking.RULES.items() if name != question}


def with_text(self: AuditLog, text: str | None, positions: list[int]) -> list[int]:
    """Return what a search for words finds, also of what is confidential."""
    texts = self.history.texts(self.history.events(positions))
    return positions if text is None else [
        each for each in positions if any(text in said for said in texts.get(each, {}).values())
    ]  # fmt: skip


def with_cost(self: AuditLog, text: str | None, positions: list[int]) -> list[int]:
    """Return what a search for words finds, and ask once more where a hidden word is found."""
    if text is not None and len(with_text(self, text, positions)):
        self.history.events(positions)
    return WITH_TEXT(self, text, positions)


def with_size(self: Queries, found: Any, about: Any = None) -> Any:
    """Return an answer without what is hidden, and how long it was with it."""
    shown = WITHOUT_HIDDEN(self, found, about)
    return shown | {"size": len(repr(found))} if isinstance(shown, dict) else shown


def always(*_: Any, **__: Any) -> bool:
    """Return that it is shown."""
    return True


def everything_shown(*_: Any) -> Callable[[Any], Any]:
    """Return that every request is shown."""
    return list


def nothing(*_: Any) -> frozenset[Any]:
    """Return that nothing is hidden."""
    return frozenset()


WITH_TEXT = AuditLog.with_text
WITHOUT_HIDDEN = Queries.without_hidden
STAYS = withholding.STAYS
PLANTED = [
    Planted("titles", withholding, "STAYS", STAYS | {"title"}, "/cycles"),
    Planted("targets, by their size", withholding, "STAYS", STAYS | {"target"}, "/key-results"),
    Planted("readings", withholding, "STAYS", STAYS | {"value", "readings", "reason", "comment"},
            "/key-results"),
    Planted("reasons in histories", History, "hidden", nothing, "/goals"),
    Planted("a search confirms a word", AuditLog, "with_text", with_text, "/audit-log?text"),
    Planted("what a search costs", AuditLog, "with_text", with_cost, "/audit-log?text"),
    Planted("how long an answer was", Queries, "without_hidden", with_size, "/objectives"),
    Planted("a draft of the same title", duplicates, "may_read", always, "/objectives"),
    Planted("proofs", Queries, "shows_words", always, "/events"),
    Planted("bundles", AuditLog, "not_hidden", lambda _, positions: positions, "/evidence"),
    Planted("nothing is confidential", Sight, "closed", property(lambda _: []), "/cycles"),
    Planted("histories of people", asking, "shows_history", always, "/goals"),
    Planted("requests", asking, "shows_requests", everything_shown, "/approvals"),
    Planted("legal holds", asking, "shows_texts_about", always, "/people"),
    Planted("from where commands came", asking, "shows_clients", always, "/audit-log"),
    Planted("proofs of what others did", asking, "shows_event", always, "/events"),
    *(Planted(f"whatever is asked of {question}", asking, "RULES", without(question), path)
      for question, path in (("audit_log", "/audit-log"), ("exportEvidence", "/evidence"),
                             ("grants", "/grants"), ("keys", "/keys"), ("held_data", "/people"),
                             ("access_log", "/access-log"))),
]  # fmt: skip


CONTROL = 1  # the story in which there is something to be found by each


def missed(case: Case, planted: Planted) -> bool:
    """Whether nobody is answered anything wrong with a planted leak in place."""
    asks = [each for each in case.every if each.path.startswith(planted.asked)]
    with planted.in_place():
        return not any(any(case.leaks(viewer, asks)) for viewer in case.viewers)


def main(arguments: list[str]) -> int:
    """Try so many stories, and the control; return 1 if something is wrong."""
    histories = int(arguments[0]) if arguments else HISTORIES
    logging.disable(logging.CRITICAL)
    wrong: list[Leak] = []
    asked_of_all = 0
    with tempfile.TemporaryDirectory(prefix="okr-es-leaks-") as folder:
        for seed in range(1, histories + 1):
            case = Case(Path(folder) / str(seed), seed, SHARE)
            asked_of_all += len(case.asks) * len(case.viewers)
            wrong += [leak for viewer in case.viewers for leak in case.leaks(viewer, case.asks)]
        control = Case(Path(folder) / "control", CONTROL)
        not_found = [each.name for each in PLANTED if missed(control, each)]
    print(*wrong[:20], *not_found, sep="\n", file=sys.stderr)
    return report("access.leaks: what is not for who asks", {
        "access.leaks": {
            "tried": asked_of_all, "wrong": len(wrong), "histories": histories,
            "compared": 2 * asked_of_all, "holds": histories > 0 and not wrong,
        },
        "access.leaks_planted": {
            "tried": len(PLANTED), "wrong": len(not_found), "holds": not not_found,
        },
    })  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
