"""How a line is measured: the subject and its yardstick take turns, and a ratio comes out."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Timed = Callable[[], float]


@dataclass(frozen=True)
class Line:
    """One measured promise. `ratio` is subject / yardstick: smaller is better."""

    name: str
    ratio: float
    goal: float
    subject: float
    yardstick: float
    unit: str
    spread: tuple[float, float]

    @property
    def holds(self) -> bool:
        """True if the promise was kept in this run."""
        return self.ratio <= self.goal

    def as_json(self) -> dict[str, object]:
        """Return the line as it stands in build/bench.json."""
        return {
            "ratio": round(self.ratio, 3),
            "goal": self.goal,
            "holds": self.holds,
            "subject": self.subject,
            "yardstick": self.yardstick,
            "unit": self.unit,
            "rounds": [round(value, 3) for value in self.spread],
        }


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes, on the wall clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def interleaved(
    name: str, goal: float, subject: Timed, yardstick: Timed, *, rounds: int, unit: str = "s"
) -> Line:
    """Measure both in turns, who goes first alternating; the ratio is the median of the rounds'.

    A round's two measurements are neighbours in time, so what slows the machine for a while
    slows both. A few rounds before the first are thrown away.
    """
    ours: list[float] = []
    theirs: list[float] = []
    warm = max(1, rounds // 10)
    for number in range(warm + rounds):
        order = [(subject, ours), (yardstick, theirs)]
        for measure, into in order if number % 2 else reversed(order):
            taken = measure()
            if number >= warm:
                into.append(taken)
    each = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    return Line(
        name,
        statistics.median(each),
        goal,
        statistics.median(ours),
        statistics.median(theirs),
        unit,
        (each[len(each) // 4], each[-1 - len(each) // 4]),
    )
