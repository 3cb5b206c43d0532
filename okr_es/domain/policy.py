"""The scoring policy: thresholds of statuses, bands of grades, and what is not measured."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import NotMeasured, exact, needs_reason

POLICY_ID = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c02")
THRESHOLD_DIGITS = 4
EXPECTED = ("committed_expected", "aspirational_expected")


class ScoringPolicy(Aggregate):
    """One policy for the organisation; its versions are its events."""

    TOPIC = "scoring_policy"
    LATER = {"not_measured": NotMeasured.COUNTS_ZERO}

    class Adopted(Beginning):
        """Someone adopted a scoring policy in place of the built-in one."""

        TOPIC = "scoring_policy.adopted"
        class_version = 2
        on_track: Decimal
        at_risk: Decimal
        yellow_from: Decimal
        committed_expected: Decimal
        aspirational_expected: Decimal
        not_measured: NotMeasured

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Green was from a grade of its own, and nothing was said of what is not measured."""
            without_green(state)

    class Revised(Change):
        """Someone revised the scoring policy. Not raised when nothing differs."""

        TOPIC = "scoring_policy.revised"
        class_version = 2
        on_track: Decimal
        at_risk: Decimal
        yellow_from: Decimal
        committed_expected: Decimal
        aspirational_expected: Decimal
        not_measured: NotMeasured

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Green was from a grade of its own, and nothing was said of what is not measured."""
            without_green(state)

    def __init__(
        self,
        on_track: Decimal,
        at_risk: Decimal,
        yellow_from: Decimal,
        committed_expected: Decimal,
        aspirational_expected: Decimal,
        not_measured: NotMeasured,
    ) -> None:
        self.on_track = on_track
        self.at_risk = at_risk
        self.yellow_from = yellow_from
        self.committed_expected = committed_expected
        self.aspirational_expected = aspirational_expected
        self.not_measured = not_measured

    @classmethod
    def adopt(
        cls, *, not_measured: NotMeasured, reason: str | None, **thresholds: Decimal
    ) -> ScoringPolicy:
        """Adopt the first policy of the organisation's own, with a reason."""
        require_order(thresholds)
        needs_reason(reason, "adopt a scoring policy")
        return cls._create(cls.Adopted, id=POLICY_ID, not_measured=not_measured, **thresholds)

    def revise(
        self, *, not_measured: NotMeasured, reason: str | None, **thresholds: Decimal
    ) -> None:
        """Replace thresholds, bands and what is not measured from now on, with a reason."""
        require_order(thresholds)
        before = {field: getattr(self, field) for field in thresholds}
        if (thresholds, not_measured) != (before, self.not_measured):
            needs_reason(reason, "revise the scoring policy")
            self._revised(not_measured=not_measured, **thresholds)

    @event(Revised)
    def _revised(
        self,
        on_track: Decimal,
        at_risk: Decimal,
        yellow_from: Decimal,
        committed_expected: Decimal,
        aspirational_expected: Decimal,
        not_measured: NotMeasured,
    ) -> None:
        self.on_track = on_track
        self.at_risk = at_risk
        self.yellow_from = yellow_from
        self.committed_expected = committed_expected
        self.aspirational_expected = aspirational_expected
        self.not_measured = not_measured


def without_green(state: dict[str, Any]) -> None:
    """Bring the fields of a first policy up to the second schema."""
    state.pop("green_from")
    state["not_measured"] = NotMeasured.COUNTS_ZERO.value


def require_order(thresholds: dict[str, Decimal]) -> None:
    """Refuse thresholds outside 0..1, of more than four digits, and bands in the wrong order."""
    require_shares(thresholds)
    if thresholds["at_risk"] > thresholds["on_track"]:
        raise Invalid("at_risk lies above on_track.", field="at_risk")
    for field in EXPECTED:
        if thresholds["yellow_from"] >= thresholds[field]:
            raise Invalid(f"yellow_from lies not below {field}.", field="yellow_from")


def require_shares(thresholds: dict[str, Decimal]) -> None:
    """Refuse thresholds outside 0..1, or with more than four digits after the point."""
    for field, value in thresholds.items():
        if not 0 < exact(value, field) <= 1:
            raise Invalid(f"{field} lies outside 0..1.", field=field)
        if value != round(value, THRESHOLD_DIGITS):
            raise Invalid(f"{field} has more than four digits after the point.", field=field)
