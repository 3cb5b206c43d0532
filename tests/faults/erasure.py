"""`python -m tests.faults.erasure [CASES]`: words of each class and subject after random erasures.

In random histories people write about goals and about each other, a word of its own each time; some
of them are erased, and some texts redacted. Whatever is asked afterwards, and in every file, a word
that has to be gone must not be there, one that has to stay must be, and every proof stands. In the
control an erasure leaves the keys of texts about people where they are, which must be found.
"""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.text import RedactionGround
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification
from okr_es.operations.verify_beside import verify_beside
from okr_es.people import directory
from projections.queries import Queries
from tests.canary.scan import files, found_in
from tests.faults.__main__ import stores
from tests.faults.results import report
from tests.faults.stores import Store, file_of
from tests.support.files import read
from tests.support.world import ANN, GROW, PRODUCT, Q3, RESPONSE, TODAY, begin_world, d

CASES = 20
PEOPLE = [UUID(int=0xCA_0000 + number) for number in range(5)]
STEPS = 30
WITHOUT_TEXTS = tuple(table for table in directory.OF_PEOPLE if table != "personal_keys")


class Written(NamedTuple):
    """A word that was written: about whom, None where it is about a goal, and with which event."""

    word: str
    about: UUID | None
    position: int


class History:
    """A random history, and what of it has to be gone."""

    def __init__(self, okr: Okr, seed: int) -> None:
        self.okr = okr
        self.chance = random.Random(seed)
        self.words = 0
        self.names: dict[UUID, list[str]] = {}
        self.written: list[Written] = []
        self.erased: set[UUID] = set()
        self.redacted: set[int] = set()

    def word(self) -> str:
        """A word that was never written before."""
        self.words += 1
        return f"stieglitz{self.chance.getrandbits(60):015x}n{self.words}"

    def does(self, command: c.Command, by: UUID = ANN, reason: str = "so it is") -> int:
        """Let a command be carried out; return the position of its last event."""
        return self.okr.execute(command, Context(by, reason)).last_position or 0

    def living(self) -> list[UUID]:
        """Who is not erased."""
        return [each for each in PEOPLE if each not in self.erased]

    def goes_on(self) -> None:
        """Let people come, write, be erased, and texts be redacted."""
        for person in PEOPLE:
            self.names[person] = [self.word()]
            self.does(c.RegisterPerson(self.names[person][0], id=person))
        for _ in range(STEPS):
            self.writes()
            if self.chance.random() < 0.08 and len(self.erased) < 3:
                self.erases(self.chance.choice(self.living()))
            if self.chance.random() < 0.08:
                self.redacts(self.chance.choice(self.written))
        self.erases(self.chance.choice(self.living()))

    def erases(self, person: UUID) -> None:
        self.does(c.ErasePerson(person, "GDPR 17"), reason="asked")
        self.erased.add(person)

    def redacts(self, text: Written) -> None:
        if text.about not in self.erased:
            self.does(c.RedactText(text.position, RedactionGround.UNLAWFUL))
            self.redacted.add(text.position)

    def writes(self) -> None:
        """Let somebody write something about a goal or somebody."""
        by, about = self.chance.choice(self.living()), self.chance.choice(self.living())
        kind = self.chance.choice(
            ("team", "goal", "reading", "leaving", "hold", "release", "name", "grade")
        )
        word, matter = self.word(), f"T {self.words}"
        if kind == "team":
            self.notes(c.RenameTeam(PRODUCT, f"Team {self.words}"), by, word, None)
        elif kind == "goal":
            self.notes(c.RetitleObjective(GROW, f"Goal {self.words}"), by, word, None)
        elif kind == "reading":
            self.notes(c.RecordReading(RESPONSE, TODAY, d("1")), by, word, None)
        elif kind == "leaving":
            self.notes(c.DeactivatePerson(about), ANN, word, about)
            self.does(c.ReactivatePerson(about))
        elif kind == "hold":
            self.notes(c.PlaceLegalHold(about, matter), by, word, about)
            self.does(c.LiftLegalHold(about, matter))
        elif kind == "release":
            self.does(c.PlaceLegalHold(about, matter))
            self.notes(c.LiftLegalHold(about, matter), by, word, about)
        elif kind == "name":
            self.names[about].append(name := self.word())
            self.notes(c.RenamePerson(about, name), by, word, about)
        else:
            goal = UUID(int=self.chance.getrandbits(128))
            self.does(c.DraftObjective(Q3, PRODUCT, about, f"Goal {self.words}", id=goal))
            self.does(c.CommitObjective(goal))
            self.notes(c.GradeObjective(goal, d("0.5")), by, word, about)

    def notes(self, command: c.Command, by: UUID, word: str, about: UUID | None) -> None:
        self.written.append(Written(word, about, self.does(command, by, f"{word}, as agreed")))

    def gone(self) -> set[str]:
        """The words that have to be gone, names that were corrected among them."""
        texts = {
            each.word
            for each in self.written
            if each.about in self.erased or each.position in self.redacted
        }
        earlier = {name for names in self.names.values() for name in names[:-1]}
        return texts | earlier | {name for each in self.erased for name in self.names[each]}

    def kept(self) -> set[str]:
        """The words that have to stay."""
        everything = {each.word for each in self.written}
        everything |= {names[-1] for names in self.names.values()}
        return everything - self.gone()


def told(okr: Okr) -> str:
    """All that can be asked about events and people."""
    queries = Queries(okr)
    try:
        page = queries.audit_log(limit=10_000)
        found = [repr(page), repr(queries.people())]
        living = okr.directory.entries()
        found += [repr(list(queries.held_data(person))) for person in PEOPLE if person in living]
    finally:
        queries.runner.close()
    return "\n".join(found)


def wrong_in(okr: Okr, url: str, history: History) -> int:
    """How many words are where they must not be, or not where they must, and proofs that fell."""
    answers = told(okr)
    hits = sum(word in answers for word in history.gone())
    missing = sum(word not in answers for word in history.kept())
    if okr.database.is_sqlite:
        stored = b"".join(map(read, files(okr)))
        hits += sum(bool(found_in(stored, each.word)) for each in history.written)
    return hits + missing + len(Verification(okr.log).run().failures) + len(verify_beside(url))


def case(store: Store, seed: int) -> int:
    """What is wrong after a random history."""
    url = store.url()
    if store.name == "sqlite":
        file_of(url).parent.mkdir(parents=True)
    begin_world(url)
    with closing(Okr(url)) as okr:
        signer = Signer(okr, origin="okr-es.example")
        signer.sign()
        history = History(okr, seed)
        history.goes_on()
        signer.sign()
        return wrong_in(okr, url, history)


@contextmanager
def keys_left() -> Iterator[None]:
    """Let erasures leave the keys of texts about people, for a while."""
    before = directory.OF_PEOPLE
    directory.OF_PEOPLE = WITHOUT_TEXTS  # type: ignore[assignment]
    try:
        yield
    finally:
        directory.OF_PEOPLE = before


def tried(store: Store, cases: int) -> dict[str, dict[str, Any]]:
    """Try so many histories, and the control on two of them."""
    wrong = sum(case(store, seed) for seed in range(cases))
    with keys_left():
        missed = sum(case(store, seed) == 0 for seed in range(2))
    return {
        f"access.erasure_{store.name}": {
            "tried": cases, "wrong": wrong, "holds": cases > 0 and wrong == 0,
        },
        f"access.erasure_control_{store.name}": {"tried": 2, "wrong": missed, "holds": not missed},
    }  # fmt: skip


def main(arguments: list[str]) -> int:
    """Try so many histories on each engine; return 1 if something is wrong."""
    cases = int(arguments[0]) if arguments else CASES
    logging.disable(logging.CRITICAL)
    with stores() as both:
        found = {name: said for store in both for name, said in tried(store, cases).items()}
    return report("texts after erasures and redactions", found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
