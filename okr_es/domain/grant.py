"""The grant: which role a person has, for which teams, from one day to another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import AuditorsChangeNothing, GrantIsOver, GrantIsThere, Invalid
from okr_es.domain.values import Role, needs_reason

GRANTS = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c11")
DAY = timedelta(days=1)

# Which roles are for the subtree of a team, and which for the whole organisation.
FOR_A_TEAM = frozenset({Role.LEAD, Role.AUDITOR})
FOR_ALL = frozenset({Role.HR, Role.AUDITOR, Role.ADMINISTRATOR})


class Grant(Aggregate):
    """A role of a person, for the subtree of a team or, without one, the whole organisation."""

    TOPIC = "grant"

    class Given(Beginning):
        """Someone gave a person a role, with a reason, from a day on, perhaps to a last day.

        Without a team it is for the whole organisation. The purpose is that of an auditor.
        """

        TOPIC = "grant.given"
        person_id: UUID
        role: Role
        team_id: UUID | None
        starts: date
        ends: date | None
        purpose: str | None

    class Rescheduled(Change):
        """Someone gave a grant another last day, or none, with a reason. Not raised for the same
        day.
        """

        TOPIC = "grant.rescheduled"
        person_id: UUID
        role: Role
        team_id: UUID | None
        ends: date | None

    class Ended(Change):
        """Someone ended a grant, with a reason: from the day `effective` on it does not hold.

        Not raised where it ends on the day before already.
        """

        TOPIC = "grant.ended"
        person_id: UUID
        role: Role
        team_id: UUID | None
        effective: date

    def __init__(
        self,
        person_id: UUID,
        role: Role,
        team_id: UUID | None,
        starts: date,
        ends: date | None,
        purpose: str | None,
    ) -> None:
        self.person_id = person_id
        self.role = role
        self.team_id = team_id
        self.starts = starts
        self.ends = ends
        self.purpose = purpose

    @classmethod
    def give(
        cls,
        *,
        id: UUID,
        person_id: UUID,
        role: Role,
        team_id: UUID | None,
        days: tuple[date | None, date | None],
        purpose: str | None,
        today: date,
        others: Iterable[Grant],
        reason: str | None,
    ) -> Grant:
        """Give a role from a first day on, None: today, to a last one, None: none.

        `others` are the grants of the same person.
        """
        require_scope(role, team_id)
        starts, ends = days[0] or today, days[1]
        if values.day(starts, "starts") < today:
            raise Invalid(f"A role is given from today ({today}) on, or later.", field="starts")
        if ends is not None:
            values.span(starts, ends)
        needs_reason(reason, "give a role")
        found = cls._create(
            cls.Given,
            id=id,
            person_id=person_id,
            role=role,
            team_id=team_id,
            starts=starts,
            ends=ends,
            purpose=purpose_of(role, purpose),
        )
        found.require_compatible(others, ends, "starts")
        return found

    def reschedule(
        self, ends: date | None, today: date, others: Iterable[Grant], reason: str | None
    ) -> None:
        """Replace the last day, None: there is none; `others` are grants of the same person."""
        if ends == self.ends:
            return
        if self.is_over(today):
            raise GrantIsOver(f"It ended on {self.ends}; give another one.", field="grant_id")
        if ends is not None and max(values.span(self.starts, ends)) < today:
            raise Invalid(f"A last day is today ({today}), or later.", field="ends")
        self.require_compatible(others, ends, "ends")
        needs_reason(reason, "give a grant another last day")
        self._rescheduled(self.person_id, self.role, self.team_id, ends)

    def end(self, effective: date | None, today: date, reason: str | None) -> None:
        """End it from a day on; None: from today."""
        day = effective or today
        if values.day(day, "effective") < today:
            raise Invalid(f"A grant ends from today ({today}) on, or later.", field="effective")
        if self.ends == day - DAY:
            return
        if self.is_over(day):
            raise GrantIsOver(f"It ends on {self.ends} already.", field="effective")
        needs_reason(reason, "end a grant")
        self._ended(self.person_id, self.role, self.team_id, day)

    def require_compatible(self, others: Iterable[Grant], ends: date | None, field: str) -> None:
        """Refuse the same role for the same teams twice on a day, and an auditor who changes."""
        for other in others:
            if other.id == self.id or not other.shares_a_day(self.starts, ends):
                continue
            if (other.role, other.team_id) == (self.role, self.team_id):
                raise GrantIsThere(
                    f"They have that role from {other.starts} on already, by {other.id}.",
                    field=field,
                )
            if (other.role == Role.AUDITOR) != (self.role == Role.AUDITOR):
                raise AuditorsChangeNothing(
                    f"They are {other.role} on some of these days, by {other.id}: nobody audits "
                    "what they may change.",
                    field="role",
                )

    def shares_a_day(self, starts: date, ends: date | None) -> bool:
        """Return whether it holds on a day between two; None: without an end."""
        return max(starts, self.starts) <= min(ends or date.max, self.ends or date.max)

    def holds_on(self, day: date) -> bool:
        """Return whether it holds on a day."""
        return self.starts <= day <= (self.ends or date.max)

    def is_over(self, day: date) -> bool:
        """Return whether its last day lies before a day."""
        return self.ends is not None and self.ends < day

    @property
    def parent_stream(self) -> UUID:
        """One parent of all grants, by which they are listed."""
        return GRANTS

    @event(Rescheduled)
    def _rescheduled(
        self, person_id: UUID, role: Role, team_id: UUID | None, ends: date | None
    ) -> None:
        self.ends = ends

    @event(Ended)
    def _ended(self, person_id: UUID, role: Role, team_id: UUID | None, effective: date) -> None:
        self.ends = effective - DAY


def require_scope(role: Role, team_id: UUID | None) -> None:
    """Refuse a lead without a team, and a team for what is of the whole organisation."""
    if team_id is None and role not in FOR_ALL:
        raise Invalid(f"A {role} leads a team; team_id is needed.", field="team_id")
    if team_id is not None and role not in FOR_A_TEAM:
        raise Invalid(f"{role} is for the whole organisation, not for a team.", field="team_id")


def purpose_of(role: Role, purpose: str | None) -> str | None:
    """Return the purpose, which an auditor has and nobody else."""
    if (role == Role.AUDITOR) != (purpose is not None):
        raise Invalid("An auditor has a purpose, and nobody else has one.", field="purpose")
    return None if purpose is None else values.name(purpose, "purpose")


def first_day_without(grants: Iterable[Grant], day: date) -> date | None:
    """Return the first day, from a day on, on which none of some grants holds; None: no day."""
    for each in sorted(grants, key=lambda each: each.starts):
        if each.holds_on(day):
            if each.ends is None:
                return None
            day = each.ends + DAY
    return day
