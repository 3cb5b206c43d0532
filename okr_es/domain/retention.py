"""Retention: for how many years what is about people is kept, and what was destroyed by that."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import needs_reason

RETENTION_ID = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c15")
MOST_YEARS = 100


class Years(NamedTuple):
    """For how many years each is kept; None is for ever."""

    person_texts_years: int | None
    client_info_years: int | None
    access_log_years: int | None


FOR_EVER = Years(None, None, None)


class Retention(Aggregate):
    """For how many years it is kept; null is for ever, as long as nothing is set."""

    TOPIC = "retention"
    STATE = {"cut_at": int}
    LATER = {"access_log_years": None, "cut_at": 0}

    class Chosen(Beginning):
        """Someone set for the first time how many years texts about people of closed cycles,
        client info and the access log are kept, with a reason; null: for ever.
        """

        TOPIC = "retention.chosen"
        class_version = 2
        person_texts_years: int | None
        client_info_years: int | None
        access_log_years: int | None

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """The access log was kept for ever."""
            state["access_log_years"] = None

    class Replaced(Change):
        """Someone set again how many years it is kept, with a reason. Not raised for the same."""

        TOPIC = "retention.replaced"
        class_version = 2
        person_texts_years: int | None
        client_info_years: int | None
        access_log_years: int | None

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """The access log was kept for ever."""
            state["access_log_years"] = None

    class AccessLogCut(Change):
        """A job destroyed the oldest reads of the access log: all up to the position `cut_at`.

        `root` is the hash of the tree over them, in hexadecimal, as a checkpoint of that size was
        signed over it. Recorded before they are destroyed.
        """

        TOPIC = "retention.access_log_cut"
        cut_at: int
        root: str

    def __init__(
        self,
        person_texts_years: int | None,
        client_info_years: int | None,
        access_log_years: int | None,
    ) -> None:
        self.person_texts_years = person_texts_years
        self.client_info_years = client_info_years
        self.access_log_years = access_log_years
        self.cut_at = 0

    @classmethod
    def choose(cls, kept: Years, reason: str | None) -> Retention:
        """Set it for the first time; needs a reason."""
        needs_reason(reason, "set how long it is kept")
        require_years(kept)
        return cls._create(cls.Chosen, id=RETENTION_ID, **kept._asdict())

    @property
    def years(self) -> Years:
        """What is set."""
        return Years(self.person_texts_years, self.client_info_years, self.access_log_years)

    def replace(self, kept: Years, reason: str | None) -> None:
        """Set it again; needs a reason."""
        require_years(kept)
        if kept != self.years:
            needs_reason(reason, "set how long it is kept")
            self._replaced(*kept)

    def cut_access_log(self, *, cut_at: int, root: str) -> None:
        """Record up to where the access log is destroyed, before it is; further than before.

        Raises Invalid where no years are set for it, or it was cut there already.
        """
        if self.access_log_years is None:
            raise Invalid("The access log is kept for ever.", field="access_log_years")
        if cut_at <= self.cut_at:
            raise Invalid(f"The access log was cut at {self.cut_at} already.", field="cut_at")
        self._cut(cut_at, root)

    @event(Replaced)
    def _replaced(
        self,
        person_texts_years: int | None,
        client_info_years: int | None,
        access_log_years: int | None,
    ) -> None:
        self.person_texts_years = person_texts_years
        self.client_info_years = client_info_years
        self.access_log_years = access_log_years

    @event(AccessLogCut)
    def _cut(self, cut_at: int, root: str) -> None:
        self.cut_at = cut_at


class RetentionRun(Aggregate):
    """That what was kept long enough is destroyed."""

    TOPIC = "retention_run"
    LATER = {"reads": 0, "reads_held": 0}

    class CarriedOut(Beginning):
        """A job destroyed what was kept long enough: so many texts about people, the client info of
        so many commands, and reads of the access log; `held` texts and `reads_held` reads that are
        as old stay for a legal hold. Not raised for nothing.
        """

        TOPIC = "retention_run.carried_out"
        class_version = 2
        person_texts: int
        client_info: int
        held: int
        reads: int
        reads_held: int

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """The access log was kept for ever."""
            state.update(reads=0, reads_held=0)

    def __init__(
        self, person_texts: int, client_info: int, held: int, reads: int, reads_held: int
    ) -> None:
        self.person_texts = person_texts
        self.client_info = client_info
        self.held = held
        self.reads = reads
        self.reads_held = reads_held

    @classmethod
    def carry_out(cls, *, id: UUID, **counts: int) -> RetentionRun:
        """Record what is destroyed, before it is."""
        return cls._create(cls.CarriedOut, id=id, **counts)

    @property
    def parent_stream(self) -> UUID:
        """One parent of all runs, by which they are listed."""
        return RETENTION_ID


def require_years(kept: Years) -> None:
    """Refuse numbers of years that make no sense."""
    for field, value in kept._asdict().items():
        if value is not None and not 1 <= value <= MOST_YEARS:
            raise Invalid(f"Years are from 1 to {MOST_YEARS}.", field=field)
