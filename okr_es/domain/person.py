"""The person: an opaque id. Names and e-mail live in the directory, outside the log."""

from __future__ import annotations

from uuid import UUID

from . import values
from .base import Aggregate, Beginning, Change, event
from .refusals import PersonIsUnknown


class Person(Aggregate):
    """Someone who owns or acts."""

    TOPIC = "person"
    STATE = {"erased": bool}

    class Registered(Beginning):
        """Someone entered a person into the directory; the event has an opaque id only."""

        TOPIC = "person.registered"

    class Erased(Change):
        """Someone had a person erased, on a legal ground and with a reason."""

        TOPIC = "person.erased"
        legal_ground: str

    def __init__(self) -> None:
        self.erased = False

    @classmethod
    def register(cls, *, id: UUID) -> Person:
        """Register a person."""
        return cls._create(cls.Registered, id=id)

    def erase(self, legal_ground: str, reason: str | None) -> None:
        """Decide that a person is erased."""
        self.require_known("person_id")
        values.needs_reason(reason, "erase a person")
        self._erased(values.text(legal_ground, "legal_ground", values.LONGEST_NAME))

    def require_known(self, field: str) -> None:
        """Refuse what needs a person who is still there."""
        if self.erased:
            raise PersonIsUnknown("That person was erased.", field=field)

    @property
    def is_living(self) -> bool:
        """False once erased."""
        return not self.erased

    @event(Erased)
    def _erased(self, legal_ground: str) -> None:
        self.erased = True
