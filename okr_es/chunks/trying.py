"""One transaction in which commands are tried out, one after the other; nothing of it stays."""

from __future__ import annotations

from typing import Any

from okr_es import commands as c
from okr_es.chunks.lines import Answered, Verdict
from okr_es.chunks.recording import Outcome, Recording, Undone
from okr_es.context import Context, Receipt
from okr_es.dry_run import NO_KEY, NO_SECRET, DryRun, Foreseen
from okr_es.dry_run import answer as foretold
from okr_es.handlers.appending import envelope_of
from okr_es.handlers.directory import MadeReady, directory_texts, nothing
from okr_es.handlers.names import names_taken
from okr_es.handlers.texts import encrypted_texts
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.append import Append
from okr_es.log.stream_states import states_of


class Trying(Recording):
    """One transaction in which commands are tried out, one after the other; nothing stays."""

    def begin(self) -> None:
        """Look at no clock: nothing is stamped."""

    def work(self, context: Context, command: c.Command) -> UnitOfWork:
        """Return a unit of work that makes no key and no secret."""
        work = super().work(context, command)
        work.new_signing_key = lambda: NO_KEY
        work.new_secret = lambda: NO_SECRET
        return work

    def prepare(self, command: c.Command, *_: Any, **__: Any) -> MadeReady:
        """Refuse what could not be made ready; make nothing."""
        directory_texts(command)
        return MadeReady(None, nothing)

    def made(self, context: Context, work: UnitOfWork, *_: Any, **__: Any) -> Append:
        """Return what the lines behind are decided on."""
        return Append(
            envelope=envelope_of(context),
            encrypted=encrypted_texts(Foreseen(self.okr.directory.database), context, work),
            states=states_of(work.changed.values()),
            names=names_taken(work),
        )

    def note_refused(self, *_: Any, **__: Any) -> None:
        """Keep nothing."""

    def repeated(self, receipt: Receipt) -> Verdict:
        """Return that nothing more would happen."""
        return DryRun((), 0, (), waits_for_approval=False, earlier_receipt=receipt)

    def answer(self, outcome: Outcome, *_: Any, **__: Any) -> Verdict:
        """Return what a line would record."""
        return foretold(outcome.command, outcome.work, outcome.stored)

    def end(self, *_: Any, **__: Any) -> None:
        """Let nothing stay."""
        raise Undone

    def finished(self, answered: list[Answered]) -> list[Answered]:
        """Do nothing more."""
        return answered
