"""The scoring policy: thresholds of statuses and bands of grades."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import exact

POLICY_ID = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c02")


class ScoringPolicy(Aggregate):
    """One policy for the organisation; its versions are its events."""

    TOPIC = "scoring_policy"

    class Adopted(Beginning):
        """Someone adopted a scoring policy in place of the built-in one."""

        TOPIC = "scoring_policy.adopted"
        on_track: Decimal
        at_risk: Decimal
        yellow_from: Decimal
        green_from: Decimal
        committed_expected: Decimal
        aspirational_expected: Decimal

    class Revised(Change):
        """Someone revised the scoring policy. Not raised when nothing differs."""

        TOPIC = "scoring_policy.revised"
        on_track: Decimal
        at_risk: Decimal
        yellow_from: Decimal
        green_from: Decimal
        committed_expected: Decimal
        aspirational_expected: Decimal

    def __init__(
        self,
        on_track: Decimal,
        at_risk: Decimal,
        yellow_from: Decimal,
        green_from: Decimal,
        committed_expected: Decimal,
        aspirational_expected: Decimal,
    ) -> None:
        self.on_track = on_track
        self.at_risk = at_risk
        self.yellow_from = yellow_from
        self.green_from = green_from
        self.committed_expected = committed_expected
        self.aspirational_expected = aspirational_expected

    @classmethod
    def adopt(cls, **thresholds: Decimal) -> ScoringPolicy:
        """Adopt the first policy of the organisation's own."""
        require_order(thresholds)
        return cls._create(cls.Adopted, id=POLICY_ID, **thresholds)

    def revise(self, **thresholds: Decimal) -> None:
        """Replace thresholds and bands from now on."""
        require_order(thresholds)
        if thresholds != {field: getattr(self, field) for field in thresholds}:
            self._revised(**thresholds)

    @event(Revised)
    def _revised(
        self,
        on_track: Decimal,
        at_risk: Decimal,
        yellow_from: Decimal,
        green_from: Decimal,
        committed_expected: Decimal,
        aspirational_expected: Decimal,
    ) -> None:
        self.on_track = on_track
        self.at_risk = at_risk
        self.yellow_from = yellow_from
        self.green_from = green_from
        self.committed_expected = committed_expected
        self.aspirational_expected = aspirational_expected


def require_order(thresholds: dict[str, Decimal]) -> None:
    """Refuse thresholds outside 0..1 and bands in the wrong order."""
    require_shares(thresholds)
    if thresholds["at_risk"] > thresholds["on_track"]:
        raise Invalid("at_risk lies above on_track.", field="at_risk")
    if thresholds["yellow_from"] > thresholds["green_from"]:
        raise Invalid("yellow_from lies above green_from.", field="yellow_from")


def require_shares(thresholds: dict[str, Decimal]) -> None:
    """Refuse thresholds outside 0..1."""
    for field, value in thresholds.items():
        if not 0 < exact(value, field) <= 1:
            raise Invalid(f"{field} lies outside 0..1.", field=field)
