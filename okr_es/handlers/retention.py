"""How long what is about people is kept."""

from __future__ import annotations

from uuid import UUID

from msgspec import UNSET

from okr_es import commands as c
from okr_es.domain.retention import RETENTION_ID, Retention
from okr_es.handlers.registry import handle, saved
from okr_es.handlers.unit_of_work import UnitOfWork


@handle.register
def _(command: c.SetRetention, work: UnitOfWork) -> UUID:
    before = work.find(Retention, RETENTION_ID)
    texts, info = command.person_texts_years, command.client_info_years
    if texts is UNSET:
        texts = None if before is None else before.person_texts_years
    if info is UNSET:
        info = None if before is None else before.client_info_years
    if before is None:
        return saved(work, Retention.choose(texts, info, work.reason))
    before.replace(texts, info, work.reason)
    return saved(work, before)
