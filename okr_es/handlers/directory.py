"""What commands change in the directory, around the append that records that they did."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from okr_es import commands as c
from okr_es.database.database import Database
from okr_es.database.outages import reason_of
from okr_es.domain import values
from okr_es.domain.approval import Approval
from okr_es.domain.refusals import Invalid, PersonIsUnknown
from okr_es.handlers.approval_gate import command_of
from okr_es.handlers.fingerprints import fields_of
from okr_es.handlers.sweeping import remove_unrecorded
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.recorder import LogRecorder
from okr_es.log.redactions import complete_redactions
from okr_es.log.signing_keys import SigningKeys
from okr_es.people.corrections import Correction
from okr_es.people.directory import Directory

logger = logging.getLogger("okr_es")
DESTROYING = (c.ErasePerson, c.RedactText)  # what they destroy is gone when they are answered


class MadeReady(NamedTuple):
    """What was made ready outside the log: whether it is there, and how it is taken back.

    `is_there` is None where nothing has to be.
    """

    is_there: Callable[[], bool] | None
    take_back: Callable[[], None]

    def was_swept(self, error: Exception) -> bool:
        """Return whether a command was refused because this was swept before the append began."""
        if self.is_there is None or not isinstance(error, PersonIsUnknown):
            return False
        return not self.is_there()


def nothing() -> None:
    """Leave all as it is."""


def make_ready(
    directory: Directory,
    log: LogRecorder,
    signing_keys: SigningKeys,
    command: c.Command,
    work: UnitOfWork,
) -> MadeReady:
    """Do what must be there before the append; return what takes it back.

    It is taken back only where nothing was recorded for certain. Both may be done again: by the
    same command, or by the next process where one stopped.
    """
    if isinstance(command, c.RegisterPerson | c.CreateApiKey):
        (person_id,) = (event.originator_id for event in work.events)
        is_program = isinstance(command, c.CreateApiKey)
        texts = directory_texts(command)
        directory.add_person(person_id, position=work.after, is_program=is_program, **texts)
        return MadeReady(
            lambda: bool(directory.keys([person_id])),
            lambda: taken_back(log, directory, signing_keys, [person_id]),
        )
    if isinstance(command, c.RenamePerson | c.ReplaceEmail) and work.events:
        (event,) = work.events
        version, command_id = event.originator_version, work.context.command_id
        correction = Correction(version, command_id, directory_texts(command))
        directory.make_ready(command.person_id, correction)
        return MadeReady(
            lambda: directory.is_ready(command.person_id, correction),
            lambda: later_if_it_fails(directory.settle, command.person_id, correction),
        )
    if keys := work.signing_keys:
        return MadeReady(
            lambda: all(map(signing_keys.is_there, keys)),
            lambda: taken_back(log, directory, signing_keys, keys=keys),
        )
    return MadeReady(None, nothing)


def taken_back(
    log: LogRecorder,
    directory: Directory,
    signing_keys: SigningKeys,
    people: Sequence[UUID] = (),
    keys: Sequence[str] = (),
) -> None:
    """Remove what a command made ready, unless it was recorded."""
    later_if_it_fails(remove_unrecorded, log, directory, signing_keys, people, keys)


def later_if_it_fails(take_back: Callable[..., Any], *arguments: Any) -> None:
    """Take back what a refused command made ready; what fails is swept later."""
    try:
        take_back(*arguments)
    except (DBAPIError, PoolTimeout) as error:
        reason = reason_of(error)
        logger.error("What a refused command had made ready is removed later: %s", reason)


def carried_out(command: c.Command, work: UnitOfWork) -> c.Command:
    """Return what a recorded command carried out: of an approval, what had been asked for."""
    if not isinstance(command, c.ApproveRequest):
        return command
    request = work.load(Approval, command.approval_id, "approval_id")
    try:
        return command_of(request.command, request.fields)
    except Invalid:  # a command of an earlier version
        return command


def finish(directory: Directory, log: Database, command: c.Command) -> None:
    """Do what a recorded command changes in the directory; idempotent.

    Where an erasure was only asked for, nothing is done.
    """
    if isinstance(command, c.RedactText):
        complete_redactions(log, directory)
    elif isinstance(command, c.ErasePerson):
        directory.remove_erased(log, command.person_id)
    elif isinstance(command, c.RenamePerson | c.ReplaceEmail):
        directory.settle(command.person_id)


def directory_texts(command: c.Command) -> dict[str, Any]:
    """Return the personal fields of a command as the directory has them; raise Invalid."""
    return {
        field: None if text is None else values.name(text, field)
        for field, text in personal_fields(command).items()
    }


def personal_fields(command: c.Command) -> dict[str, Any]:
    """Return the fields of a command that are personal."""
    return {
        each.name: getattr(command, each.name)
        for each in fields_of(command)
        if each.metadata.get("personal")
    }
