"""The person: an opaque id. Names and e-mail live in the directory, outside the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.activity import Turn, overrides, turned
from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import (
    Invalid,
    PersonIsHeld,
    PersonIsInactive,
    PersonIsNotHeld,
    PersonIsUnknown,
)


@dataclass(frozen=True)
class Deputy:
    """Who stands in for a person, from the first to the last day."""

    deputy_id: UUID
    starts: date
    ends: date


class Person(Aggregate):
    """Someone who owns or acts; `turns` are the days from which they had left, or were back."""

    TOPIC = "person"
    STATE = {
        "erased": bool,
        "holds": tuple[str, ...],
        "turns": tuple[Turn, ...],
        "deputy": Deputy | None,
    }
    LATER = {"turns": (), "deputy": None}

    class Registered(Beginning):
        """Someone registered a person; the event has an opaque id only."""

        TOPIC = "person.registered"

    class Renamed(Change):
        """Someone corrected the name of a person in the directory; the event does not say it.

        Not raised for the name they have.
        """

        TOPIC = "person.renamed"

    class EmailReplaced(Change):
        """Someone corrected the e-mail of a person in the directory, or took it out; the event
        does not say it. Not raised for the one they have.
        """

        TOPIC = "person.email_replaced"

    class DeputyNamed(Change):
        """Someone named who stands in for a person, from the first to the last day, in place of
        the one who was named before. Not raised for the same deputy and days.
        """

        TOPIC = "person.deputy_named"
        deputy_id: UUID
        starts: date
        ends: date

    class DeputyWithdrawn(Change):
        """Someone withdrew the deputy of a person. Not raised where there is none."""

        TOPIC = "person.deputy_withdrawn"
        deputy_id: UUID

    class Deactivated(Change):
        """Someone recorded that a person left: from the day `effective` on they act no more.

        Also that it was another day than was recorded. Not raised for the same day.
        """

        TOPIC = "person.deactivated"
        effective: date

    class Reactivated(Change):
        """Someone recorded that a person is back from the day `effective` on.

        Also that it was another day than was recorded. Not raised for the same day, or where they
        never left.
        """

        TOPIC = "person.reactivated"
        effective: date

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
        self.turns: tuple[Turn, ...] = ()
        self.deputy: Deputy | None = None

    @classmethod
    def register(cls, *, id: UUID) -> Person:
        """Register a person."""
        return cls._create(cls.Registered, id=id)

    def rename(self) -> None:
        """Record that the name in the directory was corrected."""
        self.require_known("person_id")
        self._renamed()

    def replace_email(self) -> None:
        """Record that the e-mail in the directory was corrected."""
        self.require_known("person_id")
        self._email_replaced()

    def name_deputy(
        self, deputy_id: UUID, starts: date | None, ends: date | None, today: date
    ) -> None:
        """Name who stands in from the first to the last day, in place of the one named before.

        What is left out stays where the same deputy is named before their last day, also a first
        day still to come; else they begin today.
        """
        self.require_known("person_id")
        if deputy_id == self.id:
            raise Invalid("Nobody is their own deputy.", field="deputy_id")
        before = self.deputy
        if before is not None and before.deputy_id == deputy_id and before.ends >= today:
            starts, ends = starts or before.starts, ends or before.ends
        if ends is None:
            raise Invalid("A deputy is named until a last day; ends is needed.", field="ends")
        starts, ends = values.span(starts or today, ends)
        if Deputy(deputy_id, starts, ends) != self.deputy:
            self._deputy_named(deputy_id, starts, ends)

    def withdraw_deputy(self) -> None:
        """Withdraw the deputy, if there is one."""
        self.require_known("person_id")
        if self.deputy is not None:
            self._deputy_withdrawn(self.deputy.deputy_id)

    def deactivate(self, effective: date | None, today: date) -> None:
        """Record that they left, on a day up to today; None: today, unless they had left."""
        day = self.day_of_turn(effective, today)
        if self.turns_by(effective, Turn(day, active=False), today):
            self._deactivated(day)

    def reactivate(self, effective: date | None, today: date) -> None:
        """Record that they are back, from a day up to today on; None: today, unless they were."""
        day = self.day_of_turn(effective, today)
        if self.turns_by(effective, Turn(day, active=True), today):
            self._reactivated(day)

    def turns_by(self, named: date | None, turn: Turn, today: date) -> bool:
        """Return whether a turn says something new; unnamed, the day of one that stands stays."""
        stands = [each for each in self.turns[-1:] if each.day <= turn.day]
        if named is None and stands and stands[0].active == turn.active:
            return False
        self.require_none_lost(turn, today)
        return turned(self.turns, turn) != self.turns

    def require_none_lost(self, turn: Turn, today: date) -> None:
        """Refuse a day before one on which they turned the other way: that would be lost.

        Old streams have some in the future, which nobody can name any more; they may go.
        """
        turns = [each for each in self.turns if each.day <= today]
        lost = next((each for each in reversed(turns) if overrides(turn, each)), None)
        if lost is not None:
            raise Invalid(
                f"They {'were back' if lost.active else 'left'} on {lost.day}, which an earlier "
                f"day would lose. Take that back first, by naming {lost.day}, and record it again "
                "after.",
                field="effective",
            )

    def day_of_turn(self, effective: date | None, today: date) -> date:
        """Return the day from which it holds; refuse one in the future, and someone erased."""
        self.require_known("person_id")
        return values.effective_day(effective, today) or today

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

    def require_active(self, field: str) -> None:
        """Refuse a person who left: they own and did what they did, and act no more."""
        if not self.is_active:
            raise PersonIsInactive(
                f"That person left on {self.turns[-1].day}: they act no more and own nothing new.",
                field=field,
            )

    @property
    def is_active(self) -> bool:
        """False once they left, until they are back."""
        return not self.turns or self.turns[-1].active

    @property
    def is_there(self) -> bool:
        """False once they left, until they are back, and once erased."""
        return self.is_active and not self.erased

    @property
    def is_living(self) -> bool:
        """False once erased."""
        return not self.erased

    @event(Renamed)
    def _renamed(self) -> None:
        pass

    @event(EmailReplaced)
    def _email_replaced(self) -> None:
        pass

    @event(DeputyNamed)
    def _deputy_named(self, deputy_id: UUID, starts: date, ends: date) -> None:
        self.deputy = Deputy(deputy_id, starts, ends)

    @event(DeputyWithdrawn)
    def _deputy_withdrawn(self, deputy_id: UUID) -> None:
        self.deputy = None

    @event(Deactivated)
    def _deactivated(self, effective: date) -> None:
        self.turns = turned(self.turns, Turn(effective, active=False))

    @event(Reactivated)
    def _reactivated(self, effective: date) -> None:
        self.turns = turned(self.turns, Turn(effective, active=True))

    @event(Erased)
    def _erased(self, legal_ground: str) -> None:
        self.erased = True

    @event(HoldPlaced)
    def _hold_placed(self, matter: str) -> None:
        self.holds = (*self.holds, matter)

    @event(HoldLifted)
    def _hold_lifted(self, matter: str) -> None:
        self.holds = tuple(each for each in self.holds if each != matter)
