"""What commands change in the directory, around the append that records that they did."""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from okr_es import commands as c
from okr_es.domain import values
from okr_es.domain.refusals import PersonIsUnknown
from okr_es.handlers.fingerprints import fingerprint, fingerprint_before
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.append import Appended
from okr_es.log.recorder import LogRecorder
from okr_es.people.corrections import Correction
from okr_es.people.directory import Directory
from okr_es.people.encryption import text_key


def nothing() -> None:
    """Leave all as it is."""


def make_ready(
    directory: Directory, log: LogRecorder, command: c.Command, work: UnitOfWork
) -> Callable[[], None]:
    """Do what must be there before the append; return what settles it after that, or its failure.

    Both may be done again: by the same command, or by the next process where one stopped.
    """
    if isinstance(command, c.RegisterPerson):
        return add_person(directory, log, command, work)
    if not isinstance(command, c.RenamePerson | c.ReplaceEmail) or not work.events:
        return nothing
    (event,) = work.events
    version, command_id = event.originator_version, work.context.command_id
    correction = Correction(version, command_id, directory_texts(command))
    directory.make_ready(command.person_id, correction)
    return lambda: directory.settle(command.person_id, correction)


def add_person(
    directory: Directory, log: LogRecorder, command: c.RegisterPerson, work: UnitOfWork
) -> Callable[[], None]:
    """Add a newly registered person; what is returned removes them where they were not recorded."""
    (person_id,) = (event.originator_id for event in work.events)
    if not directory.add_person(person_id, **directory_texts(command)):
        return nothing

    def remove_unrecorded() -> None:
        if not log.select_events(person_id, limit=1):
            directory.remove(person_id)

    return remove_unrecorded


def finish(directory: Directory, command: c.Command) -> None:
    """Do what a recorded command changes in the directory; idempotent."""
    if isinstance(command, c.ErasePerson):
        directory.remove(command.person_id)
    elif isinstance(command, c.RenamePerson | c.ReplaceEmail):
        directory.settle(command.person_id)


def directory_texts(command: c.Command) -> dict[str, Any]:
    """Return the personal fields of a command as the directory has them; raise Invalid."""
    return {
        field: None if text is None else values.name(text, field)
        for field, text in personal_fields(command).items()
    }


# ---- the same command, or another? ------------------------------------------------------


def personal_fields(command: c.Command) -> dict[str, Any]:
    """Return the fields of a command that are personal, and so no part of its fingerprint."""
    return {
        each.name: getattr(command, each.name)
        for each in dataclasses.fields(command)
        if each.metadata.get("personal")
    }


def told_apart(directory: Directory, command: c.Command, work: UnitOfWork) -> bytes:
    """Return the fingerprint of a command to record: its personal fields make a difference."""
    public = fingerprint(command)
    personal = personal_fields(command)
    if not personal:
        return public
    is_new = isinstance(command, c.RegisterPerson)
    person_id = work.events[0].originator_id if is_new else vars(command)["person_id"]
    own = with_personal(public, directory, personal, work.context.command_id, person_id)
    if own is None:
        raise PersonIsUnknown("That person was erased.", field="person_id")
    return own


def with_personal(
    public: bytes,
    directory: Directory,
    personal: dict[str, Any],
    command_id: UUID,
    person_id: UUID,
) -> bytes | None:
    """Return the fingerprint of a command with personal fields.

    It is an HMAC under a key made from that of the person they are about. So it says
    nothing to anybody once they were erased, and then nothing can be compared: None.
    """
    key = directory.keys([person_id]).get(person_id)
    if key is None:
        return None
    return hmac.digest(text_key(key, f"command/{command_id}"), public + encoded(personal), "sha256")


def earlier_outcome(
    log: LogRecorder, directory: Directory, command: c.Command, command_id: UUID
) -> Appended | None:
    """Return the outcome of an earlier arrival of a command; None if there was none.

    None also where its personal fields cannot be compared: what they are about was erased. Receipts
    of before those were told apart stand for the command without them.
    """
    public = fingerprint(command), fingerprint_before(command)
    if personal := personal_fields(command):
        recorded = log.recorded_command(command_id)
        if recorded is None:
            return None
        if recorded.fingerprint not in public:
            id_ = UUID(msgspec.json.decode(recorded.receipt)["id"])
            own = with_personal(public[0], directory, personal, command_id, id_)
            return None if own is None else log.earlier_outcome(command_id, own)
    return log.earlier_outcome(command_id, *public)


def encoded(fields: dict[str, Any]) -> bytes:
    """Return fields as bytes; text that cannot be encoded will be refused, but not for that."""
    try:
        return msgspec.json.encode(fields)
    except UnicodeEncodeError:
        return repr(fields).encode()
