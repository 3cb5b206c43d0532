"""The person: an opaque id. Names and e-mail live in the directory, outside the log."""

from __future__ import annotations

from uuid import UUID

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import PersonIsHeld, PersonIsNotHeld, PersonIsUnknown


class Person(Aggregate):
    """Someone who owns or acts."""

    TOPIC = "person"
    STATE = {"erased": bool, "holds": tuple[str, ...]}

    class Registered(Beginning):
        """Someone registered a person; the event has an opaque id only."""

        TOPIC = "person.registered"

    class Erased(Change):
        """Someone had a person erased, on a legal ground and with a reason."""

        TOPIC = "person.erased"
        legal_ground: str

    class HoldPlaced(Change):
        """Someone placed a legal hold on a person for a matter, with a reason: no erasure
        while it stands. Not raised for a matter that holds them already."""

        TOPIC = "person.hold_placed"
        matter: str

    class HoldLifted(Change):
        """Someone lifted the legal hold of a matter, with a reason."""

        TOPIC = "person.hold_lifted"
        matter: str

    def __init__(self) -> None:
        self.erased = False
        self.holds: tuple[str, ...] = ()

    @classmethod
    def register(cls, *, id: UUID) -> Person:
        """Register a person."""
        return cls._create(cls.Registered, id=id)

    def erase(self, legal_ground: str, reason: str | None) -> None:
        """Record the erasure; the key and the directory entry are destroyed after the append."""
        self.require_known("person_id")
        self.require_not_held()
        values.needs_reason(reason, "erase a person")
        self._erased(values.text(legal_ground, "legal_ground", values.LONGEST_NAME))

    def place_hold(self, matter: str, reason: str | None) -> None:
        """Place a legal hold: no erasure while it is in force."""
        self.require_known("person_id")
        matter = values.name(matter, "matter")
        if matter not in self.holds:
            values.needs_reason(reason, "place a legal hold")
            self._hold_placed(matter)

    def lift_hold(self, matter: str, reason: str | None) -> None:
        """Lift the legal hold of a matter."""
        self.require_known("person_id")
        matter = values.name(matter, "matter")
        if matter not in self.holds:
            raise PersonIsNotHeld("There is no legal hold for that matter.", field="matter")
        values.needs_reason(reason, "lift a legal hold")
        self._hold_lifted(matter)

    def require_not_held(self) -> None:
        """Refuse an erasure while a legal hold is in force."""
        if self.holds:
            raise PersonIsHeld(
                f"There is a legal hold: {', '.join(self.holds)}.",
                field="person_id",
                matters=list(self.holds),
            )

    def require_known(self, field: str) -> None:
        """Refuse a person who was erased."""
        if self.erased:
            raise PersonIsUnknown("That person was erased.", field=field)

    @property
    def is_living(self) -> bool:
        """False once erased."""
        return not self.erased

    @event(Erased)
    def _erased(self, legal_ground: str) -> None:
        self.erased = True

    @event(HoldPlaced)
    def _hold_placed(self, matter: str) -> None:
        self.holds = (*self.holds, matter)

    @event(HoldLifted)
    def _hold_lifted(self, matter: str) -> None:
        self.holds = tuple(each for each in self.holds if each != matter)
