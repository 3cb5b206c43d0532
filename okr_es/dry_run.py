"""Dry runs: what a command would record, with its warnings or its refusal, and nothing is recorded.

It is decided like any command, then whether it would be appended is found by looking. Nothing is
written anywhere, so there is nothing to take back. Ids that would be made are not shown: the
command itself will make others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent
from msgspec import Meta

from okr_es.access.secrets import Secret
from okr_es.application import KEEPS_CHANGING, TRIES, Okr
from okr_es.commands import Command
from okr_es.context import Context, Receipt, WarningAnswer
from okr_es.domain.calendar import CALENDAR_ID, OrganisationCalendar
from okr_es.domain.people_figures import PEOPLE_FIGURES_ID
from okr_es.domain.policy import POLICY_ID
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import AlreadyExists, Conflict
from okr_es.handlers.appending import envelope_of
from okr_es.handlers.confidential import may_read
from okr_es.handlers.deciding import decide
from okr_es.handlers.directory import directory_texts
from okr_es.handlers.names import resolved
from okr_es.handlers.preconditions import changed_first
from okr_es.handlers.receipts import receipt_of
from okr_es.handlers.texts import encrypted_texts
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.handlers.warnings import Warned, as_stored, warnings_of
from okr_es.log.append import Append, StaleDecision
from okr_es.log.appendable import require_appendable
from okr_es.log.mapper import aggregate_topic, decode_json
from okr_es.people.encryption import new_key
from okr_es.people.texts import Texts

MOST_SHOWN = 1_000
FIXED = {CALENDAR_ID, PEOPLE_FIGURES_ID, POLICY_ID}  # of what there is one
NO_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="  # stands for a key that is not made
NO_SECRET = Secret("", bytes(32))  # and for its secret


@dataclass(frozen=True)
class NamedThing:
    """What an event would be about."""

    kind: Annotated[str, Meta(description="What kind of thing it is.")]
    id: Annotated[UUID | None, Meta(description="Its id; null: it would get one.")]
    name: Annotated[
        str | None,
        Meta(description="Its name or title, of a reading that of what it measures; null of none."),
    ]


@dataclass(frozen=True)
class WouldRecord:
    """An event that would be recorded."""

    type: Annotated[str, Meta(description="The type of the event.")]
    about: Annotated[NamedThing, Meta(description="What it would be about.")]
    fields: Annotated[
        Any, Meta(description="Its fields as the log would have them; ids still to be made: null.")
    ]


@dataclass(frozen=True)
class DryRun:
    """What a command would do; nothing of it was done.

    Where the same command was carried out under the same key before, it would do nothing more:
    `earlier_receipt` is its receipt.
    """

    would_record: Annotated[
        tuple[WouldRecord, ...],
        Meta(description=f"The events, in their order: the first {MOST_SHOWN} of them."),
    ]
    count: Annotated[int, Meta(description="How many events there would be.", ge=0)]
    warnings: Annotated[
        tuple[WarningAnswer, ...],
        Meta(description="As in the receipt; things still to be begun are counted, not listed."),
    ]
    waits_for_approval: Annotated[
        bool, Meta(description="Someone else would have to approve it: a request is recorded.")
    ]
    earlier_receipt: Annotated[
        Receipt | None, Meta(description="Of the command, if its key was used for it before.")
    ] = None


Outcome = Receipt | DryRun  # what a command that may be a dry run is answered with


def dry_run(okr: Okr, command: Command, context: Context) -> DryRun:
    """Return what a command would record; raises the Refusal that the command itself would."""
    command = resolved(command, okr.database)
    earlier = okr.earlier_outcome(command, context)
    if earlier is not None:
        receipt = receipt_of(context.command_id, b"", earlier, context.language)
        return DryRun((), 0, (), waits_for_approval=False, earlier_receipt=receipt)
    for _ in range(TRIES):
        work = unit_of_work(okr, context)
        try:
            decide(command, work)
            stored = [okr.mapper.to_stored_event(event) for event in work.events]
            require_recordable(okr, command, work, stored)
        except StaleDecision:
            continue
        return answer(command, work, stored)
    raise Conflict(KEEPS_CHANGING)


def unit_of_work(okr: Okr, context: Context) -> UnitOfWork:
    """Return a unit of work that makes no key, and has the calendar a new log would get first."""
    if not okr.calendars.version:
        okr.calendars.read()
    work = okr.work(context)
    work.new_signing_key = lambda: NO_KEY
    work.new_secret = lambda: NO_SECRET
    if not okr.calendars.version:
        adopted = OrganisationCalendar.adopt(okr.calendars.proposed)
        adopted.collect_events()
        work.loaded[CALENDAR_ID] = adopted
    return work


def require_recordable(
    okr: Okr,
    command: Command,
    work: UnitOfWork,
    stored: list[StoredEvent],
) -> None:
    """Refuse what is refused only as it is recorded; raise StaleDecision to have it redone."""
    directory_texts(command)
    context = work.context
    append = Append(
        envelope_of(context),
        seed_time=context.seed_time,
        after=work.after,
        seen=work.seen,
        guard_streams=(*work.loaded, CALENDAR_ID),
        guard_types=tuple(sorted(work.guard_types)),
        encrypted=encrypted_texts(Foreseen(okr.directory.database), context, work),
    )
    try:
        require_appendable(okr.log, stored, append)
    except IntegrityError as error:
        if existing := okr.existing_id(work):
            raise AlreadyExists(f"The id {existing} is taken.", field="id") from error
        raise changed_first(context) from error


class Foreseen(Texts):
    """Texts with keys about people that are not stored."""

    def personal_keys(self, about: Mapping[str, UUID]) -> dict[str, bytes]:
        """Return keys that open nothing."""
        return {event_id: new_key() for event_id in about}


def answer(command: Command, work: UnitOfWork, stored: list[StoredEvent]) -> DryRun:
    """Return what was decided, without the ids that were made up on the way."""
    made_up = made_up_ids(command, work, stored)
    warnings = as_stored(work.warnings.noted)
    for warning in warnings:
        if isinstance(warning, Warned):
            warning.things = [each for each in warning.things if str(each.id) not in made_up]
    return DryRun(
        tuple(would_record(each, work, made_up) for each in stored[:MOST_SHOWN]),
        len(stored),
        warnings_of(warnings, work.context.language),
        waits_for_approval=work.approval_id is not None,
    )


def made_up_ids(command: Command, work: UnitOfWork, stored: list[StoredEvent]) -> set[str]:
    """Return the ids of what begins that nobody gave, as texts.

    An approved request has given its ids; who registers themself may have got theirs on the way.
    """
    if work.approved is not None:
        return set()
    parts = (command, *getattr(command, "readings", ()))
    given = {each for part in parts for each in vars(part).values() if isinstance(each, UUID)}
    begun = {UUID(str(each.originator_id)) for each in stored if each.originator_version == 1}
    made = {NO_KEY, NO_SECRET.hash.hex()}
    return {str(id_) for id_ in begun - (given - {work.context.by}) - FIXED} | made


def would_record(event: StoredEvent, work: UnitOfWork, made_up: set[str]) -> WouldRecord:
    """Return an event that would be recorded."""
    fields = decode_json(event.state)
    id_ = UUID(str(event.originator_id))
    if not is_for_who_calls(work, id_, fields):
        return WouldRecord(event.topic, NamedThing(aggregate_topic(event.topic), id_, None), {})
    about = NamedThing(
        aggregate_topic(event.topic),
        None if str(id_) in made_up else id_,
        name_of(work, id_, fields),
    )
    return WouldRecord(event.topic, about, without(fields, made_up))


def is_for_who_calls(work: UnitOfWork, id_: UUID, fields: dict[str, Any]) -> bool:
    """Return whether who calls may read what an event says, also where it is of a reading."""
    measured = fields.get("key_result_id") or getattr(work.loaded.get(id_), "key_result_id", None)
    return all(may_read(work, each) for each in (id_, measured and UUID(str(measured))) if each)


def name_of(work: UnitOfWork, id_: UUID, fields: dict[str, Any]) -> str | None:
    """Return the name of a thing, of a reading that of what it measures.

    People are not named: who reads names is recorded, and a dry run is not.
    """
    thing = work.loaded.get(id_)
    if thing is None or isinstance(thing, Reading):
        named = fields if thing is None else vars(thing)
        measured = named.get("kpi_id") or named.get("key_result_id")
        thing = None if measured is None else work.loaded.get(UUID(str(measured)))
    found: str | None = getattr(thing, "title", None) or getattr(thing, "name", None)
    return found


def without(value: Any, made_up: set[str]) -> Any:
    """Return a value of JSON with null in the place of ids that were made up."""
    if isinstance(value, dict):
        return {name: without(each, made_up) for name, each in value.items()}
    if isinstance(value, list):
        return [without(each, made_up) for each in value]
    return None if isinstance(value, str) and value in made_up else value
