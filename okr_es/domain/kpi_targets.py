"""What a KPI decides about its targets: set, moved, or corrected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from okr_es.domain.corrections import Versions
from okr_es.domain.kpi_target import Target, require_free_days, span_around
from okr_es.domain.values import needs_reason

ONE_DAY = timedelta(days=1)


class Targets:
    """The targets of a KPI, one for each span of days."""

    version: int
    targets: tuple[Target, ...]
    require_fit: Callable[[Target], None]
    _target_set: Any
    _retargeted: Any
    _span_split: Any
    _target_corrected: Any

    def set_target(self, target: Target) -> None:
        """Set a target for days that have none; the same target again changes nothing."""
        self.require_fit(target)
        if target in self.targets:
            return
        require_free_days(self.targets, target)
        self._target_set(target)

    def retarget(self, target: Target, reason: str | None) -> None:
        """Move the target of a span that has one, or of its days from one of them to its last."""
        self.require_fit(target)
        if (target.starts, target.ends) not in {(t.starts, t.ends) for t in self.targets}:
            self.split(target, reason)
        elif target not in self.targets:
            needs_reason(reason, "retarget a KPI")
            self._retargeted(target)

    def split(self, target: Target, reason: str | None) -> None:
        """Move the target from a day inside a span to its last day; the days before keep theirs."""
        span = span_around(self.targets, target)
        if target.numbers != span.numbers:
            needs_reason(reason, "retarget a KPI")
            self._span_split(replace(span, ends=target.starts - ONE_DAY), target)

    def correct_target(
        self, meant: Target, versions: Versions, number: int | None, reason: str | None
    ) -> None:
        """Correct the target of a span in one of its versions; None: the one in force."""
        self.require_fit(meant)
        place = versions.place(number, self.version)
        for wrong in versions.wrong(place, {"numbers": meant.numbers}):
            needs_reason(reason, "correct the target of a KPI")
            said = Target(meant.starts, meant.ends, *wrong.said["numbers"])
            now = meant if wrong.until is None else self.target_from(meant.starts)
            self._target_corrected(wrong.since, wrong.until, said, meant, now)

    def target_from(self, starts: date) -> Target:
        """Return the target of the span that begins on a day."""
        return next(each for each in self.targets if each.starts == starts)
