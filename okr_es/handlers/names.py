"""Names of cycles in commands: which cycle one refers to, and whether one is free."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from okr_es.commands import Command
from okr_es.database.database import Database
from okr_es.domain.cycle import Cycle, CycleName
from okr_es.domain.refusals import AlreadyExists
from okr_es.domain.values import folded
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.names import CYCLE, NAMING, Name, holder, names_of

C = TypeVar("C", bound=Command)


def require_free(work: UnitOfWork, name: str, but: UUID | None = None) -> None:
    """Refuse the name of a cycle that another cycle has, or had; its own earlier ones are free.

    Where another takes it before this one is recorded, the append is refused as stale.
    """
    work.guard_types.update(NAMING)
    taken = holder(work.database, CYCLE, folded(name))
    if taken is not None and taken.stream != but:
        cycle = work.load(Cycle, taken.stream, "name")
        was = "" if folded(cycle.name) == folded(name) else f" that was called {name}"
        raise AlreadyExists(f"There is a cycle {cycle.name}{was}.", field="name")


def names_taken(work: UnitOfWork) -> list[Name]:
    """Return the names that streams take by what was decided, without those they had before."""
    return [
        each
        for each in names_of(work.events)
        if holder(work.database, each.kind, each.name) is None
    ]


def resolved(command: C, database: Database) -> C:
    """Return a command with the ids of the cycles it names.

    A name that no cycle has stays, for the handler to refuse it. A command that names no
    cycle costs no statement.
    """
    named = {field: v for field, v in vars(command).items() if isinstance(v, CycleName)}
    if not named:
        return command
    found = {field: holder(database, CYCLE, each.folded) for field, each in named.items()}
    return replace(command, **{field: each.stream for field, each in found.items() if each})
