"""How long what is about people is kept."""

from __future__ import annotations

from uuid import UUID

from msgspec import UNSET

from okr_es import commands as c
from okr_es.domain.retention import FOR_EVER, RETENTION_ID, Retention, Years
from okr_es.handlers.registry import handle, saved
from okr_es.handlers.unit_of_work import UnitOfWork


@handle.register
def _(command: c.SetRetention, work: UnitOfWork) -> UUID:
    before = work.find(Retention, RETENTION_ID)
    named = {field: getattr(command, field) for field in Years._fields}
    kept = (FOR_EVER if before is None else before.years)._replace(
        **{field: value for field, value in named.items() if value is not UNSET}
    )
    if before is None:
        return saved(work, Retention.choose(kept, work.reason))
    before.replace(kept, work.reason)
    return saved(work, before)
