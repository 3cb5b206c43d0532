"""The api key: by which a program is known, what it may, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import needs_reason

API_KEYS = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c12")
USUAL_DAYS, MOST_DAYS = timedelta(days=90), timedelta(days=365)
MOST_KPIS = 1_000


class KeyRole(StrEnum):
    """The role of an api key: to record readings of KPIs, or one that people have."""

    INGEST_KEY = "ingest_key"
    MEMBER = "member"
    LEAD = "lead"
    HR = "hr"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


FOR_A_TEAM = frozenset({KeyRole.LEAD, KeyRole.AUDITOR})


class ApiKey(Aggregate):
    """An api key. Its name lies in the directory, its secret nowhere."""

    TOPIC = "api_key"
    STATE = {"revoked": bool}

    class Created(Beginning):
        """Someone made an api key, with a reason: for KPIs, a team with all below it, or neither.

        It works to the end of its last day. `secret_hash` is the SHA-256 of its secret, in
        hexadecimal digits.
        """

        TOPIC = "api_key.created"
        role: KeyRole
        team_id: UUID | None
        kpi_ids: tuple[UUID, ...]
        ends: date
        created_by: UUID
        secret_hash: str

    class Revoked(Change):
        """Someone revoked an api key, with a reason: it works no more. Not raised twice."""

        TOPIC = "api_key.revoked"

    def __init__(
        self,
        role: KeyRole,
        team_id: UUID | None,
        kpi_ids: tuple[UUID, ...],
        ends: date,
        created_by: UUID,
        secret_hash: str,
    ) -> None:
        self.role = role
        self.team_id = team_id
        self.kpi_ids = kpi_ids
        self.ends = ends
        self.created_by = created_by
        self.secret_hash = secret_hash
        self.revoked = False

    @classmethod
    def create(
        cls,
        *,
        id: UUID,
        role: KeyRole,
        team_id: UUID | None,
        kpi_ids: Iterable[UUID],
        ends: date | None,
        today: date,
        created_by: UUID,
        secret_hash: str,
        reason: str | None,
    ) -> ApiKey:
        """Make an api key that works to the end of a last day; None: for 90 days."""
        named = tuple(dict.fromkeys(kpi_ids))
        require_scope(role, team_id, named)
        needs_reason(reason, "make an api key")
        return cls._create(
            cls.Created,
            id=id,
            role=role,
            team_id=team_id,
            kpi_ids=named,
            ends=last_day(ends, today),
            created_by=created_by,
            secret_hash=secret_hash,
        )

    def revoke(self, reason: str | None) -> None:
        """Revoke it for ever, with a reason."""
        if not self.revoked:
            needs_reason(reason, "revoke an api key")
            self._revoked()

    def works_on(self, day: date) -> bool:
        """Return whether it works on a day."""
        return not self.revoked and day <= self.ends

    @property
    def parent_stream(self) -> UUID:
        """One parent of all api keys, by which they are listed."""
        return API_KEYS

    @property
    def is_living(self) -> bool:
        """False once revoked."""
        return not self.revoked

    @event(Revoked)
    def _revoked(self) -> None:
        self.revoked = True


def require_scope(role: KeyRole, team_id: UUID | None, kpi_ids: tuple[UUID, ...]) -> None:
    """Refuse KPIs of a key that records no readings, a lead without a team, others with one."""
    if (role == KeyRole.INGEST_KEY) != bool(kpi_ids):
        raise Invalid("An ingest_key names its KPIs, and no other key does.", field="kpi_ids")
    if len(kpi_ids) > MOST_KPIS:
        raise Invalid(f"A key names {MOST_KPIS} KPIs at most.", field="kpi_ids")
    if team_id is None and role == KeyRole.LEAD:
        raise Invalid("A lead leads a team; team_id is needed.", field="team_id")
    if team_id is not None and role not in FOR_A_TEAM:
        raise Invalid(f"{role} is not for a team.", field="team_id")


def last_day(ends: date | None, today: date) -> date:
    """Return the last day of a new key; refuse one that is past, or over a year from today."""
    if ends is None:
        return today + USUAL_DAYS
    if not today <= values.day(ends, "ends") <= today + MOST_DAYS:
        raise Invalid(
            f"The last day of a key is from today ({today}) to {today + MOST_DAYS}.", field="ends"
        )
    return ends
