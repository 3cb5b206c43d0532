"""The reading: one value about a date, of a KPI or (then a check-in) of a key result.

Each reading is a stream of its own. So recording one costs the same whether it is the
first or the millionth, and two people recording at once never collide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, begun, event
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import (
    CycleHasNotStarted,
    Invalid,
    KeyResultIsLinked,
    ObjectiveIsNotCommitted,
    ReadingIsAboutTheFuture,
    ReadingIsOutsideTheCycle,
    ReadingIsRetracted,
)
from okr_es.domain.values import State, Zone, needs_reason

HIGHEST_CONFIDENCE = 10
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Evidence:
    """The document a reading was taken from: a link to it, and its SHA-256 in hexadecimal."""

    link: str
    sha256: str

    def checked(self) -> Evidence:
        """Return it trimmed, in small letters; refuse an empty link or what is no SHA-256."""
        digest = self.sha256.strip().lower()
        if SHA256.fullmatch(digest) is None:
            raise Invalid("A SHA-256 is 64 hexadecimal digits.", field="evidence")
        return Evidence(values.text(self.link, "evidence"), digest)


class Reading(Aggregate):
    """One value about a day. A correction or retraction never hides what was recorded first."""

    TOPIC = "reading"
    STATE = {"retracted": bool}

    class Recorded(Beginning):
        """Someone recorded one value of a KPI about a day, perhaps of one of several subjects."""

        TOPIC = "reading.recorded"
        class_version = 2
        kpi_id: UUID
        as_of: date
        value: Decimal
        subject: str | None = None
        evidence: Evidence | None = None

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Add what was not asked for: of no subject in particular, without evidence."""
            state["subject"] = state["evidence"] = None

    class CheckedIn(Beginning):
        """Someone checked in on a key result: value or zone about a day, and confidence."""

        TOPIC = "reading.checked_in"
        key_result_id: UUID
        as_of: date
        value: Decimal | None
        zone: Zone | None
        confidence: int

    class Corrected(Change):
        """Someone corrected this reading, with a reason. Not raised for the same value."""

        TOPIC = "reading.corrected"
        value: Decimal | None
        zone: Zone | None

    class Retracted(Change):
        """Someone retracted this reading, with a reason."""

        TOPIC = "reading.retracted"

    def __init__(
        self,
        as_of: date,
        value: Decimal | None,
        zone: Zone | None = None,
        kpi_id: UUID | None = None,
        key_result_id: UUID | None = None,
        confidence: int | None = None,
        subject: str | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        self.as_of = as_of
        self.value = value
        self.zone = zone
        self.kpi_id = kpi_id
        self.key_result_id = key_result_id
        self.confidence = confidence
        self.subject = subject
        self.evidence = evidence
        self.retracted = False

    @classmethod
    def record(
        cls,
        *,
        id: UUID,
        kpi: Kpi,
        as_of: date,
        value: Decimal,
        today: date,
        subject: str | None = None,
        evidence: Evidence | None = None,
    ) -> Recorded:
        """Record a reading of a living KPI about today or before.

        Returns the first event of its stream, without an aggregate: an import records a hundred
        thousand in one command.
        """
        kpi.require_living()
        require_past(as_of, today)
        return begun(
            cls.Recorded,
            originator_id=id,
            originator_version=cls.INITIAL_VERSION,
            originator_topic=cls.TOPIC,
            kpi_id=kpi.id,
            as_of=as_of,
            value=values.exact(value, "value"),
            subject=None if subject is None else values.name(subject, "subject"),
            evidence=None if evidence is None else evidence.checked(),
        )

    @classmethod
    def check_in(
        cls,
        *,
        id: UUID,
        key_result: KeyResult,
        objective: Objective,
        cycle: Cycle,
        as_of: date,
        value: Decimal | None,
        zone: Zone | None,
        confidence: int,
        today: date,
    ) -> CheckedIn:
        """Check in on a key result of a committed objective.

        A closed cycle still takes check-ins about its own days, which are marked as late.
        """
        require_past(as_of, today)
        require_checkable(key_result, objective, cycle, as_of, today)
        if not 0 <= confidence <= HIGHEST_CONFIDENCE:
            raise Invalid("Confidence lies within 0..10.", field="confidence")
        if key_result.kpi_id is None:
            key_result.measure.require_fit(value, zone)
        elif value is not None or zone is not None:
            raise KeyResultIsLinked("Its KPI gives the value; leave it out.", field="value")
        return cls.CheckedIn(
            originator_id=id,
            originator_version=cls.INITIAL_VERSION,
            originator_topic=cls.TOPIC,
            key_result_id=key_result.id,
            as_of=as_of,
            value=value,
            zone=zone,
            confidence=confidence,
        )

    def correct(
        self,
        value: Decimal | None,
        zone: Zone | None,
        key_result: KeyResult | None,
        reason: str | None,
    ) -> None:
        """Replace its value or zone; `key_result` is the one it is a check-in of, if any."""
        self.require_not_retracted()
        if key_result is not None:
            if self.value is None and self.zone is None:
                raise KeyResultIsLinked("Its KPI gives the value.", field="value")
            key_result.measure.require_fit(value, zone)
        elif value is None or zone is not None:
            raise Invalid("A reading of a KPI has a value.", field="value")
        needs_reason(reason, "correct a reading")
        value = values.maybe_exact(value, "value")
        if (value, zone) != (self.value, self.zone):
            self._corrected(value, zone)

    def retract(self, reason: str | None) -> None:
        """Retract it, with a reason: it counts no more."""
        self.require_not_retracted()
        needs_reason(reason, "retract a reading")
        self._retracted()

    def require_not_retracted(self) -> None:
        """Refuse changes of a retracted reading."""
        if self.retracted:
            raise ReadingIsRetracted("The reading was retracted.")

    @event(Corrected)
    def _corrected(self, value: Decimal | None, zone: Zone | None) -> None:
        self.value = value
        self.zone = zone

    @event(Retracted)
    def _retracted(self) -> None:
        self.retracted = True


def require_past(as_of: date, today: date) -> None:
    """Refuse a reading about a day in the future."""
    if values.day(as_of, "as_of") > today:
        raise ReadingIsAboutTheFuture(f"{as_of} is in the future.", field="as_of")


def require_checkable(
    key_result: KeyResult, objective: Objective, cycle: Cycle, as_of: date, today: date
) -> None:
    """Refuse a check-in before the cycle starts, outside it, or on an uncommitted objective."""
    if today < cycle.starts:
        raise CycleHasNotStarted(f"{cycle.name} starts on {cycle.starts}.", field="as_of")
    if not cycle.starts <= as_of <= max(cycle.ends, objective.due or cycle.ends):
        raise ReadingIsOutsideTheCycle(
            f"{cycle.name} runs from {cycle.starts} to {cycle.ends}.", field="as_of"
        )
    key_result.require_not_dropped()
    if objective.state not in {State.COMMITTED, State.CARRIED_OVER}:
        raise ObjectiveIsNotCommitted(f"The objective is {objective.state}.")
