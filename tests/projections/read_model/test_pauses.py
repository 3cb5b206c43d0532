"""A build that nobody waits for pauses while commands are recorded, and ends all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import repeat

import pytest

from projections.read_model.pauses import LONGEST, TIMES, Pauses
from projections.read_model.runner import Runner
from tests.support.story import Story

BATCH = 1_000


def pauses(story: Story, batch_took: float) -> tuple[Pauses, list[float]]:
    """Return pauses by a clock on which each batch takes so long, and the list of those made."""
    made: list[float] = []
    clock = times(batch_took)
    return Pauses(story.okr.log, sleep=made.append, clock=lambda: next(clock)), made


def times(batch_took: float) -> Iterator[float]:
    """Yield the time before a batch and after it, in turn: so long takes each, and a pause none."""
    now = 0.0
    for took in repeat(batch_took):
        yield now
        now += took
        yield now


def test_it_pauses_by_how_long_a_batch_took_while_a_command_was_recorded(story: Story) -> None:
    step, made = pauses(story, 0.5)
    story.objective("recorded meanwhile")
    step(BATCH, 10 * BATCH)
    assert made == [0.5 * TIMES]


def test_it_pauses_no_longer_than_it_may(story: Story) -> None:
    step, made = pauses(story, 60)
    story.objective("recorded meanwhile")
    step(BATCH, 10 * BATCH)
    assert made == [LONGEST]


def test_it_does_not_pause_while_nothing_is_recorded(story: Story) -> None:
    step, made = pauses(story, 0.5)
    step(BATCH, 10 * BATCH)
    story.objective("recorded meanwhile")
    step(2 * BATCH, 10 * BATCH)
    step(3 * BATCH, 10 * BATCH)
    assert made == [0.5 * TIMES]


@pytest.mark.parametrize(("share", "pauses_made"), [(3, 0), (2, 1)])
def test_it_does_not_pause_where_the_log_would_outgrow_it(
    story: Story, share: int, pauses_made: int
) -> None:
    before = story.okr.log.head()
    step, made = pauses(story, 0.5)
    story.objective("recorded meanwhile")
    recorded = story.okr.log.head() - before
    step(recorded * 4 // share, 10 * BATCH)
    assert len(made) == pauses_made


def test_a_build_with_pauses_has_all_that_was_recorded(story: Story) -> None:
    said: list[tuple[int, int]] = []
    recorded: list[object] = []

    def meanwhile(done: int, total: int) -> None:
        said.append((done, total))
        if not recorded:
            recorded.append(story.objective("recorded meanwhile"))

    made: list[float] = []
    step = Pauses(story.okr.log, meanwhile, sleep=made.append)
    with closing(Runner(story.okr, 5)) as runner:
        model = runner.rebuild(step)
        assert model.position() == story.okr.log.head()
    assert recorded
    assert said[-1][0] == story.okr.log.head()
