"""How a key result is measured: the three kinds and what fits them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from okr_es.domain import values
from okr_es.domain.look_alike import look_alike
from okr_es.domain.refusals import Invalid, KindDoesNotFit, TargetEqualsBaseline
from okr_es.domain.values import TO_KEEP, Direction, Kind, Zone

MOST_STEPS = 100
OF_A_METRIC = ("baseline", "target", "unit", "direction", "minimum", "maximum")


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

    A metric to reach has a baseline, a target and a unit. One to keep has a direction and a
    target (`at_least`, `at_most`) or bounds (`within`), and perhaps a baseline. A milestone has
    steps (none: done or not), an ordinal has zones in words.
    """

    kind: Kind
    baseline: Decimal | None = None
    target: Decimal | None = None
    unit: str | None = None
    steps: tuple[str, ...] = ()
    zones: Zones | None = None
    direction: Direction | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None

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
        meant = {self.step(name) for name in named}
        done = tuple(step for step in self.steps if step in meant)
        return Said(Decimal(len(done)), said.zone, done)

    def step(self, name: str) -> str:
        """Return the step of that name, or else the one that looks like it."""
        if name in self.steps:
            return name
        alike = [step for step in self.steps if look_alike(step) == look_alike(name)]
        if len(alike) != 1:
            problem = "is none of its steps" if not alike else "may be several of its steps"
            steps = ", ".join(self.steps)
            raise KindDoesNotFit(f"{name} {problem}; they are: {steps}.", field="done_steps")
        return alike[0]

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
    if measure.direction is not None:
        return metric_to_keep(measure, measure.direction)
    require_absent(measure, "minimum", "maximum")
    if measure.baseline is None or measure.target is None:
        missing = "baseline" if measure.baseline is None else "target"
        raise Invalid(f"A metric needs a {missing}.", field=missing)
    baseline = values.exact(measure.baseline, "baseline")
    target = values.exact(measure.target, "target")
    if baseline == target:
        raise TargetEqualsBaseline("The target equals the baseline.", field="target")
    return Measure(Kind.METRIC, baseline, target, unit_of(measure))


def metric_to_keep(measure: Measure, direction: Direction) -> Measure:
    """Check a metric that is to stay at least, at most or within; its baseline may be missing."""
    if direction not in TO_KEEP:
        raise KindDoesNotFit(
            "A metric to reach has a baseline and a target, which give its direction.",
            field="direction",
        )
    require_bounds(direction, measure.target, measure.minimum, measure.maximum)
    baseline = values.maybe_exact(measure.baseline, "baseline")
    if baseline is not None and baseline == measure.target:
        raise TargetEqualsBaseline("The target equals the baseline.", field="target")
    return Measure(
        Kind.METRIC,
        baseline,
        values.maybe_exact(measure.target, "target"),
        unit_of(measure),
        direction=direction,
        minimum=values.maybe_exact(measure.minimum, "minimum"),
        maximum=values.maybe_exact(measure.maximum, "maximum"),
    )


def unit_of(measure: Measure) -> str | None:
    """Return the unit of a metric, None where it has none."""
    return None if measure.unit is None else values.name(measure.unit, "unit")


def require_bounds(
    direction: Direction, target: Decimal | None, minimum: Decimal | None, maximum: Decimal | None
) -> None:
    """Refuse what does not fit a direction: bounds go with `within`, a target with all others."""
    for field, number in (("target", target), ("minimum", minimum), ("maximum", maximum)):
        values.maybe_exact(number, field)
    if direction != Direction.WITHIN:
        if target is None:
            raise Invalid("The target is missing.", field="target")
        if minimum is not None or maximum is not None:
            field = "minimum" if minimum is not None else "maximum"
            raise KindDoesNotFit(f"Bounds go with `within`, not {direction}.", field=field)
        return
    if minimum is None or maximum is None:
        field = "minimum" if minimum is None else "maximum"
        raise Invalid(f"A range needs its {field}.", field=field)
    if minimum > maximum:
        raise Invalid("The minimum lies above the maximum.", field="minimum")
    if target is not None:
        raise KindDoesNotFit("A range has bounds, no target.", field="target")


def milestone(measure: Measure) -> Measure:
    """Check a milestone."""
    require_absent(measure, *OF_A_METRIC, "zones")
    steps = tuple(values.name(step, "steps") for step in measure.steps)
    if len(steps) > MOST_STEPS or len(set(steps)) < len(steps):
        raise Invalid(f"Steps are at most {MOST_STEPS}, each named once.", field="steps")
    return Measure(Kind.MILESTONE, steps=steps)


def ordinal(measure: Measure) -> Measure:
    """Check an ordinal."""
    require_absent(measure, *OF_A_METRIC, "steps")
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
