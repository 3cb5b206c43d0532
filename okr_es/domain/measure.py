"""How a key result is measured: the three kinds and what fits them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from okr_es.domain import values
from okr_es.domain.refusals import Invalid, KindDoesNotFit, TargetEqualsBaseline
from okr_es.domain.values import Kind, Zone

MOST_STEPS = 100


@dataclass(frozen=True)
class Zones:
    """What it means, in words, to reach each zone of an ordinal key result."""

    commit: str
    target: str
    stretch: str


@dataclass(frozen=True)
class Said:
    """What a check-in says was reached: a value or zone, of a milestone perhaps the steps done."""

    value: Decimal | None = None
    zone: Zone | None = None
    done_steps: tuple[str, ...] | None = None

    @property
    def is_silent(self) -> bool:
        """True if it says nothing: confidence or a comment is all there is."""
        return self == Said()


@dataclass(frozen=True)
class Measure:
    """What is measured: a metric, a milestone or an ordinal.

    A metric has a baseline, a target and a unit; a milestone has steps (none: done or not);
    an ordinal has zones in words.
    """

    kind: Kind
    baseline: Decimal | None = None
    target: Decimal | None = None
    unit: str | None = None
    steps: tuple[str, ...] = ()
    zones: Zones | None = None

    def checked(self) -> Measure:
        """Return the measure with its texts trimmed; refuse what does not fit its kind."""
        return {Kind.METRIC: metric, Kind.MILESTONE: milestone, Kind.ORDINAL: ordinal}[self.kind](
            self
        )

    def fitting(self, said: Said) -> Said:
        """Return what a check-in says, steps done in order and counted; refuse what does not fit.

        A check-in of a milestone names the steps done or counts them, not both.
        """
        if said.done_steps is not None:
            said = self.counted(said)
        self.require_fit(said.value, said.zone)
        return said

    def counted(self, said: Said) -> Said:
        """Return what a check-in says that names the steps done, with their number."""
        named = said.done_steps or ()
        if self.kind != Kind.MILESTONE or not self.steps:
            raise KindDoesNotFit("Only a milestone has steps.", field="done_steps")
        if said.value is not None:
            raise KindDoesNotFit("Steps are named or counted, not both.", field="done_steps")
        if unknown := set(named) - set(self.steps):
            raise KindDoesNotFit(f"{min(unknown)} is none of its steps.", field="done_steps")
        done = tuple(step for step in self.steps if step in named)
        return Said(Decimal(len(done)), said.zone, done)

    def require_fit(self, value: Decimal | None, zone: Zone | None) -> None:
        """Refuse a check-in whose value or zone does not suit the kind."""
        if self.kind == Kind.ORDINAL:
            if zone is None or value is not None:
                raise KindDoesNotFit("A check-in of an ordinal names a zone.", field="zone")
            return
        if value is None or zone is not None:
            raise KindDoesNotFit(f"A check-in of a {self.kind} has a value.", field="value")
        values.exact(value, "value")
        most = max(len(self.steps), 1)
        if self.kind == Kind.MILESTONE and not (value == int(value) and 0 <= value <= most):
            raise KindDoesNotFit(
                f"The value is the number of steps done, 0 to {most}.", field="value"
            )


def metric(measure: Measure) -> Measure:
    """Check a metric."""
    require_absent(measure, "steps", "zones")
    if measure.baseline is None or measure.target is None:
        missing = "baseline" if measure.baseline is None else "target"
        raise Invalid(f"A metric needs a {missing}.", field=missing)
    baseline = values.exact(measure.baseline, "baseline")
    target = values.exact(measure.target, "target")
    if baseline == target:
        raise TargetEqualsBaseline("The target equals the baseline.", field="target")
    unit = None if measure.unit is None else values.name(measure.unit, "unit")
    return Measure(Kind.METRIC, baseline, target, unit)


def milestone(measure: Measure) -> Measure:
    """Check a milestone."""
    require_absent(measure, "baseline", "target", "unit", "zones")
    steps = tuple(values.name(step, "steps") for step in measure.steps)
    if len(steps) > MOST_STEPS or len(set(steps)) < len(steps):
        raise Invalid(f"Steps are at most {MOST_STEPS}, each named once.", field="steps")
    return Measure(Kind.MILESTONE, steps=steps)


def ordinal(measure: Measure) -> Measure:
    """Check an ordinal."""
    require_absent(measure, "baseline", "target", "unit", "steps")
    if measure.zones is None:
        raise Invalid("An ordinal needs its zones in words.", field="zones")
    zones = measure.zones
    return Measure(
        Kind.ORDINAL,
        zones=Zones(
            values.text(zones.commit, "zones"),
            values.text(zones.target, "zones"),
            values.text(zones.stretch, "zones"),
        ),
    )


def require_absent(measure: Measure, *fields: str) -> None:
    """Refuse fields that belong to another kind."""
    for field in fields:
        if getattr(measure, field) is not None and getattr(measure, field) != ():
            raise KindDoesNotFit(f"A {measure.kind} has no {field}.", field=field)
