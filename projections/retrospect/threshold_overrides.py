"""Another scoring policy for a replay: what is named of it, the rest as it was valid then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from okr_es.domain.policy import POLICY_ID, require_shares
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import NotMeasured
from okr_es.scoring.formulas import Policy
from projections.as_of.view import View
from projections.goals.scoring import BUILT_IN, POLICY_FIELDS, SHARES, policy_of
from projections.read_model.tables import FOREVER, Row
from projections.retrospect.replay_answers import ReplayPolicy

AT_MOST = (("at_risk", "on_track"),)
BELOW = (("yellow_from", "committed_expected"), ("yellow_from", "aspirational_expected"))

Named = Mapping[str, Any]  # thresholds as decimals, and `not_measured` as one of its words
Positions = tuple[int, int]


def to_dict(named: Named) -> ReplayPolicy:
    """Return the policy as a heading shows it: what is overridden, and what the rest is."""
    shown = {name: text_of(named[name]) for name in POLICY_FIELDS if name in named}
    return {"base": "valid_then", "overridden": shown}


def require_fit(view: View, named: Named, cycle: list[Row], first: int, last: int) -> None:
    """Refuse thresholds that are impossible, alone or with the rest of a policy of the cycle.

    Those are the policies the cycle was scored by at some position between two.
    """
    require_shares({name: named[name] for name in SHARES if name in named})
    require_word(named)
    pairs = [pair for pair in (*AT_MOST, *BELOW) if not named.keys().isdisjoint(pair)]
    for policy in judging(view, cycle, first, last) if pairs else ():
        for lower, upper in pairs:
            require_order(replace(policy, **named), lower, upper, named)


def require_word(named: Named) -> None:
    """Refuse a word for what is not measured that there is not."""
    word = named.get("not_measured")
    if word is not None and word not in set(NotMeasured):
        words = " or ".join(NotMeasured)
        raise Invalid(f"not_measured is {words}.", field="not_measured")


def text_of(value: Decimal | str) -> str:
    """Return a threshold in plain notation, or a word."""
    return value if isinstance(value, str) else format(value, "f")


def require_order(policy: Policy, lower: str, upper: str, named: Named) -> None:
    """Refuse a lower threshold above its upper one, or at it; the field is one that was named."""
    low, high = getattr(policy, lower), getattr(policy, upper)
    if low < high or (low == high and (lower, upper) in AT_MOST):
        return
    how = "above" if (lower, upper) in AT_MOST else "not below"
    message = f"{lower} {low:f} lies {how} {upper} {high:f}"
    other = next((name for name in (lower, upper) if name not in named), None)
    if other is not None:
        message += f": {other} is not named, so it is that of a policy valid then"
    raise Invalid(f"{message}.", field=lower if lower in named else upper)


def judging(view: View, cycle: list[Row], first: int, last: int) -> Iterator[Policy]:
    """Yield the policies a cycle was judged by at some position between two, both included."""
    spans = spans_of(cycle, first, last)
    adopted = view.versions("scoring_policy", [str(POLICY_ID)])
    begun = [row["known_from"] for row in adopted]
    policies = [BUILT_IN, *(policy_of(*(row[name] for name in POLICY_FIELDS)) for row in adopted)]
    for policy, start, next_one in zip(policies, (0, *begun), (*begun, FOREVER), strict=True):
        if any(start <= end and begin < next_one for begin, end in spans):
            yield policy


def spans_of(cycle: list[Row], first: int, last: int) -> list[Positions]:
    """Return the positions whose policies a cycle was judged by between two.

    While it is closed it is that of its closing. Before it was opened nothing is judged; what is
    named still has to fit what was valid then.
    """
    valid = [row for row in cycle if row["known_until"] > first]
    return [
        (row["closing_position"],) * 2
        if row["closed"]
        else (max(row["known_from"], first), min(row["known_until"] - 1, last))
        for row in valid
    ] or [(first, last)]
