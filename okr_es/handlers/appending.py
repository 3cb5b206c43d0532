"""What goes into the log with what a command decided."""

from __future__ import annotations

from collections.abc import Callable

from okr_es.commands import AcceptClock, Command
from okr_es.context import ORIGINS, Context
from okr_es.database.clock import instant, utc_now
from okr_es.domain.refusals import Invalid
from okr_es.handlers.names import names_taken
from okr_es.handlers.same_command import recorded_fingerprint
from okr_es.handlers.texts import encrypted_texts
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.append import Append
from okr_es.log.canonical import Envelope
from okr_es.log.stream_states import states_of
from okr_es.people.directory import Directory


def append_of(
    directory: Directory,
    command: Command,
    context: Context,
    work: UnitOfWork,
    receipt: bytes,
    is_ready: Callable[[], bool] | None = None,
) -> Append:
    """Return what goes with the events of a unit of work; raise a Refusal for texts or people."""
    return Append(
        envelope=envelope_of(context),
        seed_time=context.seed_time,
        fingerprint=recorded_fingerprint(directory, command, context, work),
        receipt=receipt,
        after=work.after,
        seen=work.seen,
        guard_streams=work.read_set(),
        guard_types=tuple(sorted(work.guard_types)),
        encrypted=encrypted_texts(directory.texts, context, work),
        approved=approved_part(work),
        states=states_of(work.changed.values()),
        names=names_taken(work),
        is_ready=is_ready,
        accepts_clock=isinstance(command, AcceptClock),
    )


def approved_part(work: UnitOfWork) -> tuple[int, Envelope] | None:
    """Return the first event of an approved request, and the envelope from there on."""
    approved = work.approved
    return None if approved is None else (approved.first, envelope_of(approved.context))


def envelope_of(context: Context) -> Envelope:
    """Return the envelope of a command: who, on whose behalf, where from."""
    if context.seed_time is not None and context.seed_time > utc_now():
        raise Invalid("The time of a seed is in the future.", field="seed_time")
    if context.origin not in ORIGINS or (context.origin == "seed") != bool(context.seed_time):
        raise Invalid("Only a seed has the origin seed, and brings its time.", field="origin")
    return Envelope(
        by=context.by,
        on_behalf_of=context.on_behalf_of,
        origin=context.origin,
        command_id=context.command_id,
        correlation_id=context.correlation_id,
        causation_id=context.causation_id,
        written_at=instant(utc_now()) if context.seed_time else None,
    )
