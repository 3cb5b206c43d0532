"""What a check finds, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from okr_es.areas import AREAS
from okr_es.database.clock import utc_now
from okr_es.database.database import Database
from okr_es.database.outages import reason_of
from okr_es.log.clocks import ClockLimits

State = Literal["ok", "warning", "wrong"]


class Finding(msgspec.Struct, frozen=True):
    """One thing a check says: `wrong` should be mended now, `warning` should be looked at."""

    check: str
    state: State
    message: str


class Patient:
    """An installation: its database, its environment, and a clock with its limits."""

    def __init__(
        self,
        url: str,
        environment: Mapping[str, str],
        clock: Callable[[], datetime] = utc_now,
        clock_limits: ClockLimits | None = None,
    ) -> None:
        self.url = url
        self.environment = environment
        self.clock = clock
        self.clock_limits = clock_limits or ClockLimits()
        self.databases = {area.name: Database(url, name) for name, area in AREAS.items()}
        self.log = self.databases["log"]

    def close(self) -> None:
        """Close all connections."""
        for database in self.databases.values():
            database.dispose()


Said = tuple[State, str]
Check = Callable[[Patient], Iterable[Said]]


def examine(patient: Patient, checks: Mapping[str, Check]) -> list[Finding]:
    """Return what all checks find. A check that fails is wrong itself, and the others go on."""
    return [finding for name, check in checks.items() for finding in findings(patient, name, check)]


def findings(patient: Patient, name: str, check: Check) -> list[Finding]:
    """Return what one check finds."""
    try:
        return [Finding(name, state, message) for state, message in check(patient)]
    except Exception as error:  # noqa: BLE001  - what is broken is what the doctor looks for
        return [Finding(name, "wrong", f"This cannot be checked: {reason_of(error)}.")]
