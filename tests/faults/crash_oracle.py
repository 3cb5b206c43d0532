"""What must be true of an installation after crashes, beside the ledgers of its clients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from uuid import UUID

from okr_es.application import Okr
from okr_es.database.database import Database
from okr_es.evidence.verify import Verification
from okr_es.evidence.verify_access import verify_accesses
from okr_es.evidence.verify_states import verify_states
from okr_es.operations.verify_beside import verify_beside
from projections.read_model.runner import Runner
from projections.read_model.verification import verify_read_model
from tests.faults.crash_clients import EVENTS, Entry

ROWS = "SELECT position, command_id, origin, type, stream FROM events ORDER BY position"
PEOPLE = "SELECT id FROM people"
NOTED = "SELECT command_id FROM client_info"
BEGUN, ERASED = "person.registered", "person.erased"
KEY_ADOPTED = "signing_key.adopted"
Row = tuple[int, UUID | None, str, str, UUID]


def faults_of(url: str, ledger: Iterable[Entry], imported: int) -> Iterator[str]:
    """Yield what is wrong, each with the word for it; all programs have ended."""
    with closing(Okr(url)) as okr:  # it sweeps
        log = list(rows_of(okr.database))
        yield from against_ledger(log, list(ledger))
        yield from of_positions(log)
        of_imports = sum(origin == "import" for _, _, origin, _, _ in log)
        if of_imports != imported:
            yield f"half done: {of_imports} events of imports that have {imported}"
        yield from of_directory(okr, log)
        with closing(Runner(okr)) as runner:
            yield from (f"read model: {each}" for each in verify_read_model(runner).failures)
        failures = [*Verification(okr.log).run().failures, *verify_accesses(okr.database).failures]
        failures += [*verify_states(okr.database), *verify_beside(url)]
        yield from (f"verify: {each}" for each in failures)


def rows_of(database: Database) -> Iterator[Row]:
    """Yield what of each event says whose it is."""
    for position, command_id, *words, stream in database.rows(ROWS, {}):
        sent = None if command_id is None else UUID(str(command_id))
        yield position, sent, *words, UUID(str(stream))


def of_positions(log: list[Row]) -> Iterator[str]:
    """Yield gaps."""
    for expected, (position, *_) in enumerate(log, 1):
        if position != expected:
            yield f"gap: {position} where {expected} should be"
            return


def against_ledger(log: list[Row], ledger: list[Entry]) -> Iterator[str]:
    """Yield what was acknowledged and is not there once, and what is there besides."""
    found = Counter(command_id for _, command_id, origin, _, _ in log if origin == "api")
    for entry in ledger:
        if entry.receipt is None:
            yield f"refused: {entry.kind} was never acknowledged"
            continue
        has, events = found.pop(entry.command_id, 0), EVENTS[entry.kind]
        if has == 0:
            yield f"lost: {entry.kind}, sent {entry.sent} times"
        elif has != events:
            word = "half done" if has < events else "twice"
            yield f"{word}: {entry.kind} has {has} events instead of {events}"
    for command_id, events in found.items():
        yield f"twice: {events} events of {command_id}, which stands in no ledger"


def of_directory(okr: Okr, log: list[Row]) -> Iterator[str]:
    """Yield what the directory has that the log does not know, and the other way round."""
    begun = {stream for _, _, _, type_, stream in log if type_ == BEGUN}
    living = begun - {stream for _, _, _, type_, stream in log if type_ == ERASED}
    here = ids(okr.directory.database, PEOPLE)
    if here != living:
        yield f"directory: {len(here - living)} people too many, {len(living - here)} too few"
    okr.sweep()
    unknown = ids(okr.directory.database, NOTED) - {command_id for _, command_id, *_ in log}
    if unknown:
        yield f"directory: {len(unknown)} commands that no event knows"
    adopted = sum(type_ == KEY_ADOPTED for _, _, _, type_, _ in log)
    if len(okr.signing_keys.all()) != adopted:
        yield f"directory: {len(okr.signing_keys.all())} keys, of which {adopted} were adopted"


def ids(database: Database, statement: str) -> set[UUID]:
    """Return the ids a statement finds."""
    return {UUID(str(id_)) for (id_,) in database.rows(statement, {})}
