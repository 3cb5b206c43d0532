"""A command is tried out before it is executed: the dry run must foretell all that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from okr_es import access_log
from okr_es.application import Okr
from okr_es.commands import Command
from okr_es.context import Context, Receipt
from okr_es.domain.base import Beginning, Change
from okr_es.domain.refusals import Refusal
from okr_es.dry_run import DryRun, dry_run
from okr_es.log import schema as log
from okr_es.log.mapper import topic_of
from okr_es.people import tables as people

T = TypeVar("T")
AREAS = (log.AREA, people.AREA, access_log.AREA)


def executed_as_tried(okr: Okr, command: Command, context: Context) -> Receipt:
    """Try a command out, then execute it; what came of it, or its refusal, was foretold."""
    before, head = everything(okr), okr.log.head()
    tried = outcome(lambda: dry_run(okr, command, context))
    assert everything(okr) == before, "The dry run left something."
    done = outcome(lambda: okr.execute(command, context))
    if isinstance(done, Refusal):
        assert refused_like(tried) == refused_like(done)
        raise done
    assert isinstance(tried, DryRun), f"It was executed, but the dry run refused it: {tried!r}"
    require_foretold(tried, done, recorded(okr, head), given_ids(command) - {context.by})
    return done


def everything(okr: Okr) -> dict[str, list[str]]:
    """All rows of all tables: log, directory, keys, client info, access log."""
    databases = (okr.database, okr.directory.database, okr.access_log.database)
    return {
        table: sorted(map(str, database.rows(f"SELECT * FROM {table}", {})))
        for database, area in zip(databases, AREAS, strict=True)
        for table in area.metadata.tables
    }


def outcome(act: Callable[[], T]) -> T | Refusal:
    try:
        return act()
    except Refusal as refusal:
        return refusal


def refused_like(refusal: Any) -> Any:
    """All that the caller learns of a refusal."""
    return type(refusal), getattr(refusal, "message", refusal), vars(refusal)


def recorded(okr: Okr, head: int) -> list[Change]:
    """The events of a command; the first calendar comes before those of the first one."""
    found = okr.log.select_notifications(head, 100_000, inclusive_of_start=False)
    facts: list[Change] = [okr.mapper.to_domain_event(each) for each in found]  # type: ignore[misc]
    return [each for each in facts if topic_of(type(each)) != "calendar.adopted"]


def given_ids(command: Command) -> set[UUID]:
    """The ids that a command names."""
    parts = (command, *getattr(command, "readings", ()))
    return {value for part in parts for value in vars(part).values() if isinstance(value, UUID)}


def require_foretold(
    tried: DryRun, receipt: Receipt, facts: Sequence[Change], given: set[UUID]
) -> None:
    if tried.earlier_receipt is not None:
        assert (tried.earlier_receipt, list(facts)) == (receipt, [])
        return
    made = {str(e.originator_id) for e in facts if isinstance(e, Beginning)} - set(map(str, given))
    made |= {each.public_key for each in facts if hasattr(each, "public_key")}
    made |= {each.secret_hash for each in facts if hasattr(each, "secret_hash")}
    assert [each.type for each in tried.would_record] == [topic_of(type(each)) for each in facts]
    assert tried.count == len(facts)
    for told, fact in zip(tried.would_record, facts, strict=True):
        assert is_like(told.about.id and str(told.about.id), str(fact.originator_id), made)
        assert is_like(told.fields, fields_of(fact), made), (told.fields, fact)
    assert tried.waits_for_approval == (receipt.approval_id is not None)
    assert len(tried.warnings) == len(receipt.warnings)
    for foretold, came in zip(tried.warnings, receipt.warnings, strict=True):
        assert astuple(foretold)[:3] == astuple(came)[:3]
        there = {each for each in came.things if str(each.id) not in made}
        assert there <= set(foretold.things) <= set(came.things)


def fields_of(fact: Change) -> Any:
    """The fields of an event as its data has them."""
    identity = ("originator_id", "originator_version", "originator_topic")
    fields = {name: value for name, value in vars(fact).items() if name not in identity}
    return msgspec.json.decode(msgspec.json.encode(fields))


def is_like(told: Any, came: Any, made: set[str]) -> bool:
    """Whether a value is what was told; null stands for an id that was made."""
    if isinstance(came, dict):
        return told.keys() == came.keys() and all(
            is_like(told[name], value, made) for name, value in came.items()
        )
    if isinstance(came, list):
        return len(told) == len(came) and all(
            is_like(each, value, made) for each, value in zip(told, came, strict=True)
        )
    return bool(told == came or (told is None and came in made))
