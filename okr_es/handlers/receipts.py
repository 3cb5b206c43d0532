"""Receipts: as they are stored with the outcome of a command, and as they are answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from okr_es.context import Receipt
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.handlers.warnings import Warned, warnings_of
from okr_es.log.append import Appended


@dataclass
class StoredReceipt:
    """A receipt as it is stored with the outcome of a command.

    Receipts of earlier versions hold the texts of their warnings, those of jobs nothing.
    """

    id: UUID | None = None
    version: int | None = None
    warnings: list[Warned | str] = field(default_factory=list)
    approval_id: UUID | None = None


decode_receipt = msgspec.json.Decoder(StoredReceipt).decode
encode_receipt = msgspec.json.Encoder().encode


def version_of(work: UnitOfWork, touched: UUID | None) -> int | None:
    """Return the version of what the command touched, after it."""
    if touched is None:
        return None
    if touched in work.loaded:
        return work.loaded[touched].version
    return next((e.originator_version for e in work.events if e.originator_id == touched), None)


def stored_receipt(work: UnitOfWork, touched: UUID | None) -> bytes:
    """Return the receipt as it is stored, to answer the same command with when it is repeated."""
    noted: list[Warned | str] = [*work.warnings.noted]
    return encode_receipt(
        StoredReceipt(touched, version_of(work, touched), noted, work.approval_id)
    )


def receipt_of(
    command_id: UUID, stored: bytes, done: Appended, language: str, secret: str | None = None
) -> Receipt:
    """Return the receipt from its stored form: that of the first arrival, if this was not it.

    Only the first shows the secret of a new api key.
    """
    receipt = decode_receipt(done.earlier_receipt or stored)
    is_repeated = done.earlier_receipt is not None
    return Receipt(
        command_id,
        receipt.id,
        receipt.version,
        done.first_position,
        done.last_position,
        done.recorded_at,
        warnings_of(receipt.warnings, language),
        repeated=is_repeated,
        approval_id=receipt.approval_id,
        secret=None if is_repeated else secret,
    )
