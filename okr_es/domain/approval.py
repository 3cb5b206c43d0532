"""The approval: a command that waits for someone else to agree."""

from __future__ import annotations

from collections.abc import Set
from typing import Any
from uuid import UUID, uuid5

from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import (
    GoalIsYourOwn,
    NobodyDecidesForAnother,
    RequestIsDecided,
    RequestIsNotYours,
    RequestIsYourOwn,
)
from okr_es.domain.values import Action, Decision, needs_reason

APPROVALS = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c09")


def approval_id(command_id: UUID) -> UUID:
    """Return the id of the request that a command became, or would have."""
    return uuid5(APPROVALS, command_id.hex)


class Approval(Aggregate):
    """A command that is carried out only once someone else has approved it.

    `asked_by` requested it; `asked_for` is the person on whose behalf, if there is one. What is
    about a person is of no cycle.
    """

    TOPIC = "approval"
    STATE = {"decision": Decision}

    class Requested(Beginning):
        """Someone requested what needs approval: a command, as decided at position `known_at`."""

        TOPIC = "approval.requested"
        class_version = 2
        cycle_id: UUID | None
        action: Action
        command: str
        fields: dict[str, Any]
        asked_by: UUID
        asked_for: UUID | None
        known_at: int

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Leave it as it is: a request of then was of a cycle."""

    class Approved(Change):
        """Someone else approved the request; what was requested follows in the same command."""

        TOPIC = "approval.approved"

    class Refused(Change):
        """Someone else refused the request, with a reason; nothing of it is executed."""

        TOPIC = "approval.refused"

    class Withdrawn(Change):
        """The person who made the request withdrew it before it was decided."""

        TOPIC = "approval.withdrawn"

    def __init__(
        self,
        cycle_id: UUID | None,
        action: Action,
        command: str,
        fields: dict[str, Any],
        asked_by: UUID,
        asked_for: UUID | None,
        known_at: int,
    ) -> None:
        self.cycle_id = cycle_id
        self.action = action
        self.command = command
        self.fields = fields
        self.asked_by = asked_by
        self.asked_for = asked_for
        self.known_at = known_at
        self.decision = Decision.PENDING

    @classmethod
    def request(
        cls,
        *,
        id: UUID,
        cycle_id: UUID | None,
        action: Action,
        command: str,
        fields: dict[str, Any],
        asked_by: UUID,
        asked_for: UUID | None,
        known_at: int,
    ) -> Approval:
        """Request a command that was decided and needs approval by someone else."""
        return cls._create(
            cls.Requested,
            id=id,
            cycle_id=cycle_id,
            action=action,
            command=command,
            fields=fields,
            asked_by=asked_by,
            asked_for=asked_for,
            known_at=known_at,
        )

    def approve(self, by: UUID, on_behalf_of: UUID | None) -> None:
        """Approve it; refused to the person who requested it, and on anyone's behalf."""
        self.require_pending()
        self.require_someone_else(by, on_behalf_of)
        self._approved()

    def refuse(self, by: UUID, on_behalf_of: UUID | None, reason: str | None) -> None:
        """Refuse it, with a reason; the person who requested it withdraws it instead."""
        self.require_pending()
        self.require_someone_else(by, on_behalf_of)
        needs_reason(reason, "refuse a request")
        self._refused()

    def withdraw(self, by: UUID) -> None:
        """Withdraw it; only the person who requested it, or on whose behalf."""
        self.require_pending()
        if by not in self.parties:
            raise RequestIsNotYours("Only who asked withdraws a request.", field="by")
        self._withdrawn()

    def require_pending(self) -> None:
        """Refuse to decide a request twice."""
        if self.decision != Decision.PENDING:
            raise RequestIsDecided(f"The request was {self.decision}.")

    def require_someone_else(self, by: UUID, on_behalf_of: UUID | None) -> None:
        """Refuse a decision by those the request is from (see `parties`), or for another person."""
        if by in self.parties:
            raise RequestIsYourOwn("Someone else decides about a request.", field="by")
        if on_behalf_of is not None:
            raise NobodyDecidesForAnother(
                "A request is decided in no one else's name, but in one's own.",
                field="on_behalf_of",
            )

    def require_no_owner(self, by: UUID, owners: list[UUID]) -> None:
        """Refuse an approval by those who own what it changes, or did since; says who cannot."""
        if by in owners:
            barred = [str(id_) for id_ in sorted(self.parties | set(owners))]
            raise GoalIsYourOwn(
                "Neither who asked nor who owns what it changes, or did since then, approves it: "
                f"{', '.join(barred)} cannot.",
                field="by",
                cannot_approve=barred,
            )

    def require_not_concerned(self, by: UUID, concerned: Set[UUID]) -> None:
        """Refuse a decision by a person whom it is about."""
        if by in concerned:
            raise RequestIsYourOwn(
                "Nobody approves or refuses what is about themselves.", field="by"
            )

    @property
    def parties(self) -> set[UUID]:
        """The person who made the request, and the person it was made for."""
        return {self.asked_by} | ({self.asked_for} if self.asked_for else set())

    @property
    def parent_stream(self) -> UUID:
        """The cycle it is about, or one parent of all that are of none."""
        return self.cycle_id or APPROVALS

    @property
    def is_living(self) -> bool:
        """True while it is pending."""
        return self.decision == Decision.PENDING

    @event(Approved)
    def _approved(self) -> None:
        self.decision = Decision.APPROVED

    @event(Refused)
    def _refused(self) -> None:
        self.decision = Decision.REFUSED

    @event(Withdrawn)
    def _withdrawn(self) -> None:
        self.decision = Decision.WITHDRAWN
