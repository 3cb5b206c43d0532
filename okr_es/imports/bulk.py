"""Recording an import: few commands, each with many readings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import NamedTuple
from uuid import UUID, uuid5

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context, Receipt, WarningAnswer
from okr_es.domain.refusals import AlreadyExists, CommandIdIsTaken, Invalid
from okr_es.handlers.fingerprints import fingerprint
from okr_es.handlers.warnings import together
from okr_es.imports.plan import ImportPlan
from okr_es.imports.recorded import reading_id
from okr_es.imports.recorded import readings as recorded_readings
from okr_es.imports.report import Report
from okr_es.imports.rows import Progress

IMPORTS = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c04")
BATCH = 20_000
RECORDED_ELSEWHERE = (
    "{} of the changes were recorded meanwhile by another import of the same, with its own reason."
)


class Bulk(NamedTuple):
    """The result of readings in bulk: how many are new, how many known, which of those differ.

    `warnings` are those of the receipts, alike ones as one.
    """

    recorded: int = 0
    known: int = 0
    differing: tuple[c.RecordReading, ...] = ()
    warnings: tuple[WarningAnswer, ...] = ()


def carry_out(okr: Okr, plan: ImportPlan, report: Report, progress: Progress | None = None) -> None:
    """Carry a plan out; the report says at any time what was appended, and what it warns of."""
    total, elsewhere = len(plan.commands) + len(plan.readings), 0
    for number, (command, version, _) in enumerate(plan.commands, 1):
        try:
            receipt = send(okr, command, plan.by, version, plan.reason)
        except CommandIdIsTaken:  # by the same command: the id is made of what it says
            elsewhere += 1
        else:
            report.appended += counted(receipt)
            report.warnings = together([report.warnings, warned(receipt)])
        if progress:
            progress(number, total)
    if elsewhere:
        report.notes.append(RECORDED_ELSEWHERE.format(elsewhere))
    before = len(plan.commands)

    def step(bulk: Bulk, done: int) -> None:
        report.appended += bulk.recorded
        report.warnings = together([report.warnings, bulk.warnings])
        if progress:
            progress(before + done, total)

    record_batches(okr, plan.readings, plan.by, step)


def import_readings(
    okr: Okr,
    readings: Sequence[c.RecordReading],
    *,
    by: UUID,
    progress: Progress | None = None,
) -> Bulk:
    """Record readings in bulk, a batch a command; what is recorded already stays as it is.

    A reading without an id gets that of its KPI and day. Each batch is all or nothing; should
    one fail, those before it stay, and the same call once more adds the rest.
    """
    total, found = len(readings), [Bulk()]

    def step(bulk: Bulk, done: int) -> None:
        found.append(bulk)
        if progress:
            progress(done, total)

    record_batches(okr, readings, by, step)
    return reduce(joined, found)


def record_batches(
    okr: Okr, readings: Sequence[c.RecordReading], by: UUID, step: Callable[[Bulk, int], None]
) -> None:
    """Record readings, a batch a command; a step takes each result and how many are done."""
    for start in range(0, len(readings), BATCH):
        batch = [identified(reading) for reading in readings[start : start + BATCH]]
        if len({reading.id for reading in batch}) < len(batch):
            raise Invalid("Two readings are about one KPI and day.", field="readings")
        step(import_batch(okr, batch, by), start + len(batch))


def import_batch(okr: Okr, batch: list[c.RecordReading], by: UUID) -> Bulk:
    """Record a batch; where that fails because some exist already, record the others."""
    try:
        receipt = send(okr, c.RecordReadings(tuple(batch)), by)
        recorded = counted(receipt)
        return Bulk(recorded, len(batch) - recorded, warnings=warned(receipt))
    except AlreadyExists:
        known = recorded_readings(okr, [reading.id for reading in batch if reading.id])
        if not known:
            raise
    fresh = tuple(reading for reading in batch if reading.id not in known)
    differing = tuple(
        reading
        for reading in batch
        if reading.id in known and known[reading.id].values[-1] != reading.value
    )
    if not fresh:
        return Bulk(0, len(batch), differing)
    receipt = send(okr, c.RecordReadings(fresh), by)
    recorded = counted(receipt)
    return Bulk(recorded, len(batch) - recorded, differing, warned(receipt))


def send(
    okr: Okr, command: c.Command, by: UUID, version: int = 0, reason: str | None = None
) -> Receipt:
    """Execute a command under an id made of its content and the version it is based on.

    The reason is left out of the id: a hash of it would outlive the erasure of its author.
    """
    content = f"{fingerprint(command).hex()} {version}"
    context = Context(by, reason, origin="import", command_id=uuid5(IMPORTS, content))
    return okr.execute(command, context)


def counted(receipt: Receipt) -> int:
    """Return how many events a command appended just now."""
    if receipt.repeated or receipt.first_position is None or receipt.last_position is None:
        return 0
    return receipt.last_position - receipt.first_position + 1


def warned(receipt: Receipt) -> tuple[WarningAnswer, ...]:
    """Return what a command warned of just now."""
    return () if receipt.repeated else receipt.warnings


def identified(reading: c.RecordReading) -> c.RecordReading:
    """Return a reading with an id; refuse one without a day, which would be another each time."""
    if reading.as_of is None:
        raise Invalid("In bulk, each reading names its day.", field="readings")
    if reading.id is not None:
        return reading
    id_ = reading_id(reading.kpi_id, reading.as_of)
    return c.RecordReading(reading.kpi_id, reading.as_of, reading.value, id_)


def joined(one: Bulk, other: Bulk) -> Bulk:
    """Return both together."""
    return Bulk(
        one.recorded + other.recorded,
        one.known + other.known,
        (*one.differing, *other.differing),
        tuple(together([one.warnings, other.warnings])),
    )
