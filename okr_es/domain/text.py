"""The text that was written with a command: somebody may have it destroyed, alone."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID, uuid5

from okr_es.domain.base import Aggregate, Beginning
from okr_es.domain.values import needs_reason

TEXTS = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c14")


class RedactionGround(StrEnum):
    """Why a text must go, by article 17 of the GDPR."""

    NOT_NEEDED = "not_needed"  # 17 (1) (a)
    CONSENT_WITHDRAWN = "consent_withdrawn"  # (b)
    OBJECTION = "objection"  # (c)
    UNLAWFUL = "unlawful"  # (d)
    LEGAL_DUTY = "legal_duty"  # (e)


def redaction_id(command_id: UUID) -> UUID:
    """Return the id of the redaction of what a command says; there is one at most."""
    return uuid5(TEXTS, command_id.hex)


class RedactedText(Aggregate):
    """What a command says, reason and comment, once it is destroyed."""

    TOPIC = "text"

    class Redacted(Beginning):
        """Someone had a text destroyed, on a legal ground and with a reason: all that the command
        `text_of` says, with each of its events. `at_position` is that of the event they named.
        """

        TOPIC = "text.redacted"
        text_of: UUID
        at_position: int
        legal_ground: RedactionGround

    def __init__(self, text_of: UUID, at_position: int, legal_ground: RedactionGround) -> None:
        self.text_of = text_of
        self.at_position = at_position
        self.legal_ground = legal_ground

    @classmethod
    def redact(
        cls, text_of: UUID, at_position: int, legal_ground: RedactionGround, reason: str | None
    ) -> RedactedText:
        """Have a text destroyed; needs a reason."""
        needs_reason(reason, "redact a text")
        return cls._create(
            cls.Redacted,
            id=redaction_id(text_of),
            text_of=text_of,
            at_position=at_position,
            legal_ground=RedactionGround(legal_ground),
        )

    @property
    def parent_stream(self) -> UUID:
        """One parent of all of them, by which they are listed."""
        return TEXTS
