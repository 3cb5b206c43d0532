"""A rebuild holds a batch in memory, however long the log is."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from okr_es import commands as c
from projections.read_model.runner import Runner
from tests.support.story import Story

BATCH = 150
SHORT, LONG = 1_500, 4_500


def test_the_peak_memory_of_a_rebuild_does_not_grow_with_the_log(story_on_sqlite: Story) -> None:
    """Were rows kept, three times the events would take three times the memory."""
    story = story_on_sqlite
    kpi = story.kpi("increase")
    runner = Runner(story.okr, BATCH)
    runner.rebuild()  # what is loaded once and kept is not counted
    read(story, kpi, SHORT)
    short = peak_bytes(runner)
    read(story, kpi, LONG - SHORT)
    long = peak_bytes(runner)
    assert runner.model.position() > LONG
    runner.close()
    assert long < 1.25 * short


def read(story: Story, kpi: UUID, count: int) -> None:
    """AuditLog so many readings, some of them corrected later."""
    day, value = date(2025, 2, 1), Decimal("12.5")
    readings = tuple(c.RecordReading(kpi, day, value, uuid4(), f"{n}") for n in range(count))
    story.execute(c.RecordReadings(readings))
    for reading in readings[:: count // 20]:
        story.does(c.CorrectReading(reading.id or kpi, Decimal(13)))


def peak_bytes(runner: Runner) -> int:
    """The most that a rebuild held at once."""
    gc.collect()
    tracemalloc.start()
    try:
        runner.rebuild()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
