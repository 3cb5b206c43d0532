"""The reading: one value about a date, of a KPI or (then a check-in) of a key result.

Each reading is a stream of its own. So recording one costs the same whether it is the
first or the millionth, and two people recording at once never collide.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, begun, event
from okr_es.domain.evidence import Evidence, maybe_checked, none_named
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.measure import Said
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import (
    CheckInIsEmpty,
    Invalid,
    KeyResultIsLinked,
    ObjectiveIsNotCommitted,
    ReadingIsAboutTheFuture,
    ReadingIsRetracted,
)
from okr_es.domain.values import State, Zone, needs_reason

HIGHEST_CONFIDENCE = 10


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
        """Someone checked in on a key result: value or zone about a day, or confidence alone.

        Of a milestone `done_steps` are the steps done; null: the first `value` ones.
        """

        TOPIC = "reading.checked_in"
        class_version = 3
        key_result_id: UUID
        as_of: date
        value: Decimal | None
        zone: Zone | None
        confidence: int | None
        done_steps: tuple[str, ...] | None = None
        evidence: Evidence | None = None

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Steps were counted, never named."""
            state["done_steps"] = None

        upcast_v2_v3 = staticmethod(none_named)

    class Corrected(Change):
        """Someone corrected the value, zone or steps, with a reason. Not raised for the same."""

        TOPIC = "reading.corrected"
        class_version = 2
        value: Decimal | None
        zone: Zone | None
        done_steps: tuple[str, ...] | None = None

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Steps were counted, never named."""
            state["done_steps"] = None

    class ConfidenceCorrected(Change):
        """Someone corrected the confidence of this check-in, with a reason; null: took it away."""

        TOPIC = "reading.confidence_corrected"
        confidence: int | None

    class CommentCorrected(Change):
        """Someone corrected the comment, with a reason.

        The comment written with this event takes its place; without one it is taken away. Not
        raised for the same.
        """

        TOPIC = "reading.comment_corrected"

    class EvidenceCorrected(Change):
        """Someone corrected which document it was taken from, with a reason; null: none."""

        TOPIC = "reading.evidence_corrected"
        evidence: Evidence | None

    class SubjectCorrected(Change):
        """Someone corrected of which subject this reading is, with a reason; null: of none."""

        TOPIC = "reading.subject_corrected"
        subject: str | None

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
        done_steps: tuple[str, ...] | None = None,
        subject: str | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        self.as_of = as_of
        self.value = value
        self.zone = zone
        self.kpi_id = kpi_id
        self.key_result_id = key_result_id
        self.confidence = confidence
        self.done_steps = done_steps
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
            subject=None if subject is None else values.subject(subject),
            evidence=maybe_checked(evidence),
        )

    @classmethod
    def check_in(
        cls,
        *,
        id: UUID,
        key_result: KeyResult,
        objective: Objective,
        as_of: date,
        said: Said,
        confidence: int | None,
        comment: str | None,
        today: date,
        evidence: Evidence | None = None,
    ) -> CheckedIn:
        """Check in on a key result of a committed objective, or on one that is promised.

        One about a day outside the cycle, or about a closed cycle, is taken as well: the handler
        warns. It says a value or zone, a confidence or a comment, or several of these.
        """
        require_past(as_of, today)
        require_checkable(key_result, objective)
        require_confidence(confidence)
        if not said.is_silent:
            if key_result.kpi_id is not None:
                raise KeyResultIsLinked("Its KPI gives the value; leave it out.", field="value")
            said = key_result.measure.fitting(said)
        elif confidence is None and not (comment and comment.strip()):
            raise CheckInIsEmpty("A value, a confidence or a comment is needed.", field="value")
        return cls.CheckedIn(
            originator_id=id,
            originator_version=cls.INITIAL_VERSION,
            originator_topic=cls.TOPIC,
            key_result_id=key_result.id,
            as_of=as_of,
            value=said.value,
            zone=said.zone,
            confidence=confidence,
            done_steps=said.done_steps,
            evidence=maybe_checked(evidence),
        )

    def correct(
        self,
        said: Said | None,
        others: Mapping[str, Any],
        key_result: KeyResult | None,
        reason: str | None,
        *,
        has_comment: bool,
    ) -> None:
        """Replace what it says; `key_result` is the one it is a check-in of, if any.

        `said` is None where that stays. `others` has what else changes, by name: confidence,
        comment, evidence, subject. `has_comment` says whether it has a comment in the end.
        """
        self.require_not_retracted()
        said = self.said if said is None else self.fitting(said, key_result)
        needs_reason(reason, "correct a reading")
        confidence = self.corrected_confidence(others)
        subject = self.corrected_subject(others)
        evidence = maybe_checked(others.get("evidence", self.evidence))
        if said.is_silent and confidence is None and not has_comment:
            raise CheckInIsEmpty("Nothing would be left of it; retract it.", field="confidence")
        if said != self.said:
            self._corrected(values.maybe_exact(said.value, "value"), said.zone, said.done_steps)
        if confidence != self.confidence:
            self._confidence_corrected(confidence)
        if subject != self.subject:
            self._subject_corrected(subject)
        if evidence != self.evidence:
            self._evidence_corrected(evidence)
        if "comment" in others:
            self._comment_corrected()

    def retract(self, reason: str | None) -> None:
        """Retract it, with a reason: it counts no more."""
        self.require_not_retracted()
        needs_reason(reason, "retract a reading")
        self._retracted()

    @property
    def said(self) -> Said:
        """What it says was reached."""
        return Said(self.value, self.zone, self.done_steps)

    def fitting(self, said: Said, key_result: KeyResult | None) -> Said:
        """Return what it is to say was reached; refuse what does not fit."""
        if key_result is None:
            if said.value is None or said.zone is not None or said.done_steps is not None:
                raise Invalid("A reading of a KPI has a value and nothing else.", field="value")
            values.exact(said.value, "value")
            return said
        if self.value is None and self.zone is None:
            self.refuse_value(key_result)
        return key_result.measure.fitting(said)

    def corrected_confidence(self, others: Mapping[str, Any]) -> int | None:
        """Return its confidence after a correction; only a check-in has one."""
        confidence: int | None = others.get("confidence", self.confidence)
        require_confidence(confidence)
        if confidence is not None and self.kpi_id is not None:
            raise Invalid("Only a check-in has a confidence.", field="confidence")
        return confidence

    def corrected_subject(self, others: Mapping[str, Any]) -> str | None:
        """Return its subject after a correction; only a reading of a KPI has one."""
        subject: str | None = others.get("subject", self.subject)
        if subject is not None and self.kpi_id is None:
            raise Invalid("Only a reading of a KPI has a subject.", field="subject")
        return None if subject is None else values.subject(subject)

    def refuse_value(self, key_result: KeyResult) -> None:
        """Refuse to give a value to a check-in that had none."""
        if key_result.kpi_id is not None:
            raise KeyResultIsLinked("Its KPI gives the value.", field="value")
        raise CheckInIsEmpty("It has no value to correct; check in again.", field="value")

    def require_not_retracted(self) -> None:
        """Refuse changes of a retracted reading."""
        if self.retracted:
            raise ReadingIsRetracted("The reading was retracted.")

    @event(Corrected)
    def _corrected(
        self, value: Decimal | None, zone: Zone | None, done_steps: tuple[str, ...] | None
    ) -> None:
        self.value = value
        self.zone = zone
        self.done_steps = done_steps

    @event(ConfidenceCorrected)
    def _confidence_corrected(self, confidence: int | None) -> None:
        self.confidence = confidence

    @event(CommentCorrected)
    def _comment_corrected(self) -> None:
        """The comment is a text beside the event."""

    @event(EvidenceCorrected)
    def _evidence_corrected(self, evidence: Evidence | None) -> None:
        self.evidence = evidence

    @event(SubjectCorrected)
    def _subject_corrected(self, subject: str | None) -> None:
        self.subject = subject

    @event(Retracted)
    def _retracted(self) -> None:
        self.retracted = True


def require_past(as_of: date, today: date) -> None:
    """Refuse a reading about a day in the future."""
    if values.day(as_of, "as_of") > today:
        raise ReadingIsAboutTheFuture(f"{as_of} is in the future.", field="as_of")


def require_confidence(confidence: int | None) -> None:
    """Refuse a confidence that is not within 0..10."""
    if confidence is not None and not 0 <= confidence <= HIGHEST_CONFIDENCE:
        raise Invalid("Confidence lies within 0..10.", field="confidence")


def require_checkable(key_result: KeyResult, objective: Objective) -> None:
    """Refuse a check-in on a dropped key result, or on an uncommitted objective.

    What was promised before it was moved into a draft is measured there as well.
    """
    key_result.require_not_dropped()
    measured = {State.COMMITTED, State.CARRIED_OVER}
    if key_result.promised:
        measured.add(State.DRAFT)
    if objective.state not in measured:
        raise ObjectiveIsNotCommitted(f"The objective is {objective.state}.")
