"""The signing key: which key signs the checkpoints of the log, from when to when."""

from __future__ import annotations

import re
from uuid import UUID, uuid5

from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import needs_reason

SIGNING = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c06")
ORIGIN = re.compile(r"[!-*,-~]{1,100}")


def require_origin(origin: str) -> str:
    """Return the name of a log; refuse one that no signed note can carry."""
    if ORIGIN.fullmatch(origin) is None:
        raise Invalid(
            "The name of a log (OKR_ES_ORIGIN) is 1 to 100 ASCII letters or signs, without blanks "
            "or plus.",
            field="origin",
        )
    return origin


def id_of_key(public_key: str) -> UUID:
    """Return the id of a signing key."""
    return uuid5(SIGNING, public_key)


class SigningKey(Aggregate):
    """A public key of the log; the private one lies outside it."""

    TOPIC = "signing_key"
    STATE = {"retired": bool}

    class Adopted(Beginning):
        """The signer, or someone who rotated the key, adopted a key to sign checkpoints with."""

        TOPIC = "signing_key.adopted"
        public_key: str
        origin: str

    class Retired(Change):
        """Someone replaced the key, with a reason; it signs a last time, together with the new."""

        TOPIC = "signing_key.retired"
        replaced_by: UUID

    def __init__(self, public_key: str, origin: str) -> None:
        self.public_key = public_key
        self.origin = origin
        self.retired = False

    @classmethod
    def adopt(cls, *, public_key: str, origin: str) -> SigningKey:
        """Adopt a key (Ed25519, base64) for the log of that name: printable, no blank, no plus."""
        require_origin(origin)
        return cls._create(
            cls.Adopted, id=id_of_key(public_key), public_key=public_key, origin=origin
        )

    def retire(self, replaced_by: UUID, reason: str | None) -> None:
        """Retire it in favour of a new key, with a reason."""
        needs_reason(reason, "rotate the signing key")
        self._retired(replaced_by)

    @property
    def parent_stream(self) -> UUID:
        """One parent of all signing keys, by which they are listed."""
        return SIGNING

    @property
    def is_living(self) -> bool:
        """False once retired."""
        return not self.retired

    @event(Retired)
    def _retired(self, replaced_by: UUID) -> None:
        self.retired = True
