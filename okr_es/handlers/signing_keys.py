"""What operators decide: the key that checkpoints are signed with, and the clock."""

from __future__ import annotations

from uuid import UUID, uuid5

from okr_es import commands as c
from okr_es.domain.clock import CLOCK, ClockAcceptance
from okr_es.domain.refusals import NotFound
from okr_es.domain.signing_key import SIGNING, SigningKey
from okr_es.handlers.registry import handle, saved
from okr_es.handlers.unit_of_work import UnitOfWork


@handle.register
def _(_: c.RotateSigningKey, work: UnitOfWork) -> UUID:
    living = work.living_children(SIGNING, SigningKey)
    if not living:
        raise NotFound("Nothing was signed yet, so there is no key to rotate.")
    before = work.load(SigningKey, living[0], "key")
    after = SigningKey.adopt(public_key=work.make_signing_key(), origin=before.origin)
    before.retire(after.id, work.reason)
    work.save(after, before)
    return after.id


@handle.register
def _(_: c.AcceptClock, work: UnitOfWork) -> UUID:
    ahead = work.ahead_of_database()
    id_ = uuid5(CLOCK, work.context.command_id.hex)
    return saved(work, ClockAcceptance.accept(ahead, work.reason, id=id_))
