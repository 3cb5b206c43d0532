"""The key that checkpoints are signed with."""

from __future__ import annotations

from uuid import UUID

from okr_es import commands as c
from okr_es.domain.refusals import NotFound
from okr_es.domain.signing_key import SEALING, SealingKey
from okr_es.handlers.registry import handle
from okr_es.handlers.unit_of_work import Work


@handle.register
def _(_: c.RotateSealingKey, work: Work) -> UUID:
    living = work.living_children(SEALING, SealingKey)
    if not living:
        raise NotFound("Nothing was sealed yet, so there is no key to rotate.")
    before = work.load(SealingKey, living[0], "key")
    after = SealingKey.adopt(public_key=work.new_sealing_key(), origin=before.origin)
    before.retire(after.id, work.reason)
    work.save(after, before)
    return after.id
