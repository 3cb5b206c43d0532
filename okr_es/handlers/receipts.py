"""Receipts: as they are stored with the outcome of a command, and as they are answered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from okr_es.context import Receipt
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.handlers.warnings import warnings_of
from okr_es.log.append import Appended


def version_of(work: UnitOfWork, touched: UUID | None) -> int | None:
    """Return the version of what the command touched, after it."""
    if touched is None:
        return None
    if touched in work.loaded:
        return work.loaded[touched].version
    return next((e.originator_version for e in work.events if e.originator_id == touched), None)


def stored_receipt(work: UnitOfWork, touched: UUID | None) -> bytes:
    """Return the receipt as it is stored, to answer the same command with when it is repeated."""
    fields = {
        "id": touched,
        "version": version_of(work, touched),
        "warnings": work.warnings.noted,
        "approval_id": work.approval_id,
    }
    return msgspec.json.encode(fields)


def receipt_of(command_id: UUID, stored: bytes, done: Appended, language: str) -> Receipt:
    """Return the receipt from its stored form: that of the first arrival, if this was not it."""
    fields: dict[str, Any] = msgspec.json.decode(done.earlier_receipt or stored)
    id_, approval_id = fields.get("id"), fields.get("approval_id")
    return Receipt(
        command_id,
        None if id_ is None else UUID(id_),
        fields.get("version"),
        done.first_position,
        done.last_position,
        done.recorded_at,
        warnings_of(fields.get("warnings", []), language),
        repeated=done.earlier_receipt is not None,
        approval_id=None if approval_id is None else UUID(approval_id),
    )
