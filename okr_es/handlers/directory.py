"""What commands change in the directory, around the append that records that they did."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from okr_es import commands as c
from okr_es.domain import values
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.recorder import LogRecorder
from okr_es.people.corrections import Correction
from okr_es.people.directory import Directory


def nothing() -> None:
    """Leave all as it is."""


def make_ready(
    directory: Directory, log: LogRecorder, command: c.Command, work: UnitOfWork
) -> Callable[[], None]:
    """Do what must be there before the append; return what takes it back.

    It is taken back only where nothing was recorded for certain. Both may be done again: by the
    same command, or by the next process where one stopped.
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
    """Add a newly registered person; what is returned removes them, unless they were recorded."""
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


def personal_fields(command: c.Command) -> dict[str, Any]:
    """Return the fields of a command that are personal."""
    return {
        each.name: getattr(command, each.name)
        for each in dataclasses.fields(command)
        if each.metadata.get("personal")
    }
