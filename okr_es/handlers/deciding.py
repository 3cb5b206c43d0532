"""How a command is decided: who calls is known and may do it, its handler runs, then the gate."""

from __future__ import annotations

from uuid import UUID

from okr_es.commands import Command, RegisterPerson
from okr_es.domain.refusals import PersonIsHeld
from okr_es.handlers import handle
from okr_es.handlers.api_keys import require_key_may
from okr_es.handlers.approval_gate import request_where_required
from okr_es.handlers.preconditions import require_precondition
from okr_es.handlers.rights import require_right, require_somebody_else, without_matters
from okr_es.handlers.unit_of_work import UnitOfWork, ids_in


def decide(command: Command, work: UnitOfWork) -> UUID | None:
    """Run a command's handler; return the id of what it began or changed."""
    work.fetch(ids_in(command) | {work.context.by})
    require_known(command, work)
    if work.context.enforced or work.context.by_key:  # a program is never the operator
        require_right(command, work)
    require_precondition(command, work)
    try:
        touched = request_where_required(command, work, handle(command, work))
    except PersonIsHeld as held:
        raise without_matters(held, work) from None
    if work.needs_another and work.approval_id is not None:
        require_somebody_else(command, work)
    return touched


def require_known(command: Command, work: UnitOfWork) -> None:
    """Refuse a person who is not registered, or what the api key that acts never does.

    The first person may register themself.
    """
    if work.context.by_key:
        require_key_may(work, command)
    elif not (isinstance(command, RegisterPerson) and command.id == work.context.by):
        work.person(work.context.by, "by")
    if work.context.on_behalf_of is not None:
        work.person(work.context.on_behalf_of, "on_behalf_of")
