"""The precondition of a command: at which versions the thing may be that it is sent to."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from okr_es import commands as c
from okr_es.context import Context, Precondition
from okr_es.domain.base import Aggregate
from okr_es.domain.calendar import CALENDAR_ID
from okr_es.domain.people_figures import PEOPLE_FIGURES_ID
from okr_es.domain.policy import POLICY_ID
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import Conflict, NotFound, PreconditionFailed, Refusal
from okr_es.domain.retention import RETENTION_ID
from okr_es.handlers.unit_of_work import UnitOfWork

# What a command is sent to that names nothing, because there is one of it.
ONLY_ONE: dict[type[c.Command], UUID] = {
    c.SetCalendar: CALENDAR_ID,
    c.AdoptScoringPolicy: POLICY_ID,
    c.ChoosePeopleFigures: PEOPLE_FIGURES_ID,
    c.SetRetention: RETENTION_ID,
}
CHANGED_FIRST = "Someone else changed the same thing first: look at what changed and decide again."
# What is sent to something that it leaves as it is: the field that names that.
SENT_TO: dict[type[c.Command], str] = {
    c.AddKeyResult: "objective_id",
    c.CheckIn: "key_result_id",
    c.RecordReading: "kpi_id",
}
NO_VERSION = "What this is sent to has no version: none can be expected."


def require_precondition(command: c.Command, work: UnitOfWork) -> None:
    """Refuse a command where the thing it is sent to is at another version than it may be.

    What the handler decides later rests on the version seen here. A thing that does not exist is
    left to the handler, which says so by its own name.
    """
    for asked in preconditions(command, work.context):
        require(asked, command, work)


def preconditions(command: c.Command, context: Context) -> Iterator[Precondition]:
    """Yield what has to hold of things before a command is handled.

    A version that is expected of what a command changes is seen to when that is saved; of what it
    leaves as it is, here.
    """
    stated, expected = context.precondition, context.expected_version
    if stated is not None:
        yield stated
    field = SENT_TO.get(type(command))
    if field is not None and expected is not None and not (stated and stated.is_expected):
        yield Precondition(field, frozenset({expected}), is_expected=True)


def require(asked: Precondition, command: c.Command, work: UnitOfWork) -> None:
    """Refuse a command where the thing it is sent to is not as a precondition asks."""
    if asked.versions is None:
        return
    id_ = id_in(command, asked)
    if id_ is None:
        raise failed(asked, NO_VERSION)
    found = thing(work, id_)
    if found is None and type(command) not in ONLY_ONE:
        return
    version = 0 if found is None else found.version
    if version not in asked.versions:
        wanted = ", ".join(map(str, sorted(asked.versions))) or "one that is named"
        message = (
            f"It is at version {version}, not {wanted}: look at what changed and decide again."
        )
        raise failed(asked, message, current_version=version)


def failed(asked: Precondition, message: str, **facts: int) -> Refusal:
    """Return the refusal of a command on a thing that is at another version than it may be."""
    if asked.is_expected:
        return Conflict(message, field="expected_version", **facts)
    return PreconditionFailed(message, field="precondition", **facts)


def id_in(command: c.Command, asked: Precondition) -> UUID | None:
    """Return the id of the thing a command is sent to; None where that has no version."""
    if asked.field is None:
        return ONLY_ONE.get(type(command))
    found = getattr(command, asked.field)
    return found if isinstance(found, UUID) else None


def thing(work: UnitOfWork, id_: UUID) -> Aggregate | None:
    """Return the thing of an id, None if there is none. Readings are folded from their events."""
    found = work.find(Aggregate, id_)
    if found is not None:
        return found
    try:
        reading: Reading = work.reading(id_)
    except NotFound:
        return None
    return reading


def changed_first(context: Context) -> Refusal:
    """Return the refusal of a command whose thing somebody else changed while it was recorded."""
    if context.precondition is None or context.precondition.is_expected:
        return Conflict(CHANGED_FIRST)
    return PreconditionFailed(CHANGED_FIRST, field="precondition")
