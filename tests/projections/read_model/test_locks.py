"""Reading and catching up never wait for the lock of those who write the log, nor hold it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

import pytest

from okr_es.database import engines
from projections.read_model import catching_up
from projections.read_model.projector import ToProject, project
from projections.read_model.runner import Runner
from projections.read_model.writers import Writer
from tests.support.story import NOW, Story


@pytest.fixture
def impatient(story: Story, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """A story on whose SQLite files a lock that is held fails soon, with a goal not seen yet."""
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 200)
    story.objective("seen by nobody yet")
    with closing(story.again()) as again:
        yield again


@pytest.mark.parametrize("way", ["catch_up", "rebuild"])
def test_a_command_is_recorded_in_the_middle_of_a_catch_up(
    impatient: Story, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    recorded = []

    def in_the_middle(writer: Writer, events: list[ToProject]) -> None:
        project(writer, events)
        if not recorded:
            recorded.append(impatient.objective("recorded meanwhile"))

    monkeypatch.setattr(catching_up, "project", in_the_middle)
    getattr(impatient.queries.runner, way)()
    assert recorded
    assert {"seen by nobody yet", "recorded meanwhile"} <= impatient.board().keys()


@pytest.mark.parametrize("way", ["catch_up", "rebuild"])
def test_a_catch_up_goes_on_while_a_command_is_being_recorded(impatient: Story, way: str) -> None:
    with impatient.okr.database.transaction():
        getattr(impatient.queries.runner, way)()
        assert "seen by nobody yet" in impatient.board()


def test_questions_are_answered_while_a_command_is_being_recorded(impatient: Story) -> None:
    with impatient.okr.database.transaction():
        goal = impatient.queries.board(NOW)["objectives"][-1]
        impatient.queries.history(UUID(goal["id"]))
    assert goal["title"] == "seen by nobody yet"


def test_a_first_read_model_is_made_while_a_command_is_being_recorded(impatient: Story) -> None:
    with closing(Runner(impatient.okr)) as first, impatient.okr.database.transaction():
        first.model.discard()
        first.forget(first.model)
        assert first.fresh().position() == impatient.okr.log.head()
