"""Retention: for how many years what is about people is kept, and what was destroyed by that."""

from __future__ import annotations

from uuid import UUID

from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import needs_reason

RETENTION_ID = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c15")
MOST_YEARS = 100


class Retention(Aggregate):
    """For how many years it is kept; null is for ever, as long as nothing is set."""

    TOPIC = "retention"

    class Chosen(Beginning):
        """Someone set for the first time how many years texts about people of closed cycles, and
        client info, are kept, with a reason; null: for ever.
        """

        TOPIC = "retention.chosen"
        person_texts_years: int | None
        client_info_years: int | None

    class Replaced(Change):
        """Someone set again how many years it is kept, with a reason. Not raised for the same."""

        TOPIC = "retention.replaced"
        person_texts_years: int | None
        client_info_years: int | None

    def __init__(self, person_texts_years: int | None, client_info_years: int | None) -> None:
        self.person_texts_years = person_texts_years
        self.client_info_years = client_info_years

    @classmethod
    def choose(
        cls, person_texts_years: int | None, client_info_years: int | None, reason: str | None
    ) -> Retention:
        """Set it for the first time; needs a reason."""
        needs_reason(reason, "set how long it is kept")
        return cls._create(
            cls.Chosen,
            id=RETENTION_ID,
            person_texts_years=years(person_texts_years, "person_texts_years"),
            client_info_years=years(client_info_years, "client_info_years"),
        )

    def replace(
        self, person_texts_years: int | None, client_info_years: int | None, reason: str | None
    ) -> None:
        """Set it again; needs a reason."""
        found = (
            years(person_texts_years, "person_texts_years"),
            years(client_info_years, "client_info_years"),
        )
        if found != (self.person_texts_years, self.client_info_years):
            needs_reason(reason, "set how long it is kept")
            self._replaced(*found)

    @event(Replaced)
    def _replaced(self, person_texts_years: int | None, client_info_years: int | None) -> None:
        self.person_texts_years = person_texts_years
        self.client_info_years = client_info_years


class RetentionRun(Aggregate):
    """That what was kept long enough is destroyed."""

    TOPIC = "retention_run"

    class CarriedOut(Beginning):
        """A job destroyed what was kept long enough: so many texts about people, and the client
        info of so many commands; `held` texts stay for a legal hold. Not raised for nothing.
        """

        TOPIC = "retention_run.carried_out"
        person_texts: int
        client_info: int
        held: int

    def __init__(self, person_texts: int, client_info: int, held: int) -> None:
        self.person_texts = person_texts
        self.client_info = client_info
        self.held = held

    @classmethod
    def carry_out(cls, *, id: UUID, person_texts: int, client_info: int, held: int) -> RetentionRun:
        """Record what is destroyed, before it is."""
        return cls._create(
            cls.CarriedOut, id=id, person_texts=person_texts, client_info=client_info, held=held
        )

    @property
    def parent_stream(self) -> UUID:
        """One parent of all runs, by which they are listed."""
        return RETENTION_ID


def years(value: int | None, field: str) -> int | None:
    """Return a number of years, or None for ever; refuse others."""
    if value is not None and not 1 <= value <= MOST_YEARS:
        raise Invalid(f"Years are from 1 to {MOST_YEARS}.", field=field)
    return value
