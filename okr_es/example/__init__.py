"""The example company: four quarters of a software firm, recorded by ordinary commands.

Kestrelly makes planning software for small firms and wants to become the market leader. What
happens stands in the modules beside this one, a quarter each, and can be read as a story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from uuid import UUID, uuid5

from okr_es.application import Okr
from okr_es.commands import Command
from okr_es.context import Context
from okr_es.example import (
    company,
    days_off,
    new_year,
    quarter_1,
    quarter_2,
    quarter_3,
    quarter_4,
    readings,
)
from okr_es.example.naming import EXAMPLE, cycle, key_result, kpi, objective, person, team
from okr_es.example.words import Step

DAY_STARTS, DAY_SECONDS = time(9, tzinfo=UTC), 8 * 60 * 60

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Example:
    """The ids of the main things: who to be, and where to look first."""

    person_id: UUID
    company_id: UUID
    year_id: UUID
    running_cycle_id: UUID
    last_closed_cycle_id: UUID
    objective_id: UUID
    key_result_id: UUID
    kpi_id: UUID


def build(okr: Okr, progress: Progress | None = None) -> Example:
    """Record the story in an empty log; complete it if it was interrupted; else change nothing."""
    steps = story()
    if okr.earlier_receipt(*steps[-1]) is None:
        execute_steps(okr, steps, progress)
    elif progress:
        progress(len(steps), len(steps))
    return Example(
        person_id=person("mara"),
        company_id=team("company"),
        year_id=cycle("25"),
        running_cycle_id=cycle("26Q1"),
        last_closed_cycle_id=cycle("25Q4"),
        objective_id=objective("25Q3/customers"),
        key_result_id=key_result("25Q3/customers/new"),
        kpi_id=kpi("response"),
    )


def execute_steps(
    okr: Okr, steps: Sequence[tuple[Command, Context]], progress: Progress | None = None
) -> None:
    """Carry the commands out in order; what was carried out before is not repeated."""
    for number, (command, context) in enumerate(steps, 1):
        okr.execute(command, context)
        if progress:
            progress(number, len(steps))


def story() -> list[tuple[Command, Context]]:
    """Return every command of the story with its context, in the order of time."""
    steps = sorted(
        [
            *readings.STORY,
            *company.STORY,
            *days_off.STORY,
            *quarter_1.STORY,
            *quarter_2.STORY,
            *quarter_3.STORY,
            *quarter_4.STORY,
            *new_year.STORY,
        ],
        key=lambda step: step.day,
    )
    return [(step.command, context(step, at)) for step, at in timed(steps)]


def timed(steps: Sequence[Step]) -> Iterator[tuple[Step, datetime]]:
    """Yield each step with its time: in office hours, in order, at no round minute."""
    for day, group in groupby(steps, key=lambda step: step.day):
        todays = list(group)
        slot = DAY_SECONDS // len(todays)
        for number, step in enumerate(todays):
            yield step, moment(day, number * slot + (day.toordinal() * 397 + number * 61) % slot)


def moment(day: date, seconds: int) -> datetime:
    """Return the time of a day so many seconds after work has begun."""
    return datetime.combine(day, DAY_STARTS) + timedelta(seconds=seconds)


def context(step: Step, at: datetime) -> Context:
    """Return what goes with a step: it is a seed, and brings its time."""
    return Context(
        by=person(step.by),
        reason=step.because,
        comment=step.comment,
        on_behalf_of=None if step.for_whom is None else person(step.for_whom),
        origin="seed",
        command_id=uuid5(EXAMPLE, f"{type(step.command).__name__} at {at.isoformat()}"),
        seed_time=at,
    )
