"""A log that was replaced is noticed: an older one put back, or another, also while it is in use.

What was put in its place stands for any way to do it: rows, or files on SQLite. Nothing that was
cached of the log before, and no read model of it, answers a question or decides a command.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from contextlib import closing
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError

from okr_es import commands as c
from okr_es.domain.cycle import parse_cycle
from okr_es.domain.refusals import NotFound
from okr_es.log.course import Seen
from projections.read_model.catching_up import Start
from projections.read_model.generations import Model
from projections.read_model.runner import Positions, Runner
from tests.support.other_course import Kept, kept, put_back
from tests.support.story import NEXT, NOW, Story, day


@pytest.fixture
def older(story: Story) -> Kept:
    """The log as it was, before a goal was looked at that it does not have."""
    story.objective("known to both")
    story.queries.board(NOW)
    found = kept(story.okr.database)
    story.objective("known to one")
    assert "known to one" in story.board()
    return found


@pytest.fixture
def errors(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The lines of error that were logged so far."""
    return lambda: [each.message for each in caplog.records if each.levelno >= logging.ERROR]


def test_an_older_log_put_back_is_read_again_from_its_beginning(
    story: Story, older: Kept, errors: Callable[[], list[str]]
) -> None:
    old = story.queries.runner.model.generation
    put_back(story.okr.database, older)
    for _ in range(3):
        assert story.board().keys() == {"known to both"}
        assert story.queries.position()["behind"] == 0
    assert story.queries.runner.model.generation != old
    story.objective("recorded afterwards")
    assert story.board().keys() == {"known to both", "recorded afterwards"}
    assert [line.partition(":")[0] for line in errors()] == [
        "The log was replaced",
        f"The read model {Model(story.url, old).name} is set aside and built again",
    ]
    assert story.queries.runner.figures() == {
        "log_replaced": 1, "set_aside": 1, "built": 1, "failed": 0,
    }  # fmt: skip


def test_a_new_process_notices_an_older_log_too(story: Story, older: Kept) -> None:
    put_back(story.okr.database, older)
    with closing(story.again()) as other:
        assert other.board().keys() == {"known to both"}


def test_another_log_of_the_same_length_is_noticed(story: Story, older: Kept) -> None:
    length = story.okr.log.head()
    put_back(story.okr.database, older)
    with closing(story.again()) as other:
        other.objective("known to the other")
        assert other.okr.log.head() == length
    assert story.board().keys() == {"known to both", "known to the other"}


def test_a_longer_log_of_another_course_is_noticed(story: Story, older: Kept) -> None:
    length = story.okr.log.head()
    put_back(story.okr.database, older)
    with closing(story.again()) as other:
        for number in range(3):
            other.objective(f"other {number}")
        assert other.okr.log.head() > length
    assert "known to one" not in story.board()


def test_a_log_put_back_that_the_read_model_has_not_gone_past_is_the_same_course(
    story: Story,
) -> None:
    story.objective("known to both")
    model = story.queries.runner.fresh().generation
    found = kept(story.okr.database)
    story.objective("seen by nobody")
    put_back(story.okr.database, found)
    assert story.board().keys() == {"known to both"}
    assert story.queries.runner.model.generation == model


@pytest.fixture
def retitled(story: Story) -> tuple[Story, UUID]:
    """A goal with another title in another log of the same length; each was looked at."""
    goal = story.objective("known to both")
    story.queries.objective(goal)
    before = kept(story.okr.database)
    story.does(c.RetitleObjective(goal, "one title"))
    assert story.queries.objective(goal)["title"] == "one title"
    assert story.queries.objective(goal, known_at=str(story.okr.log.head()))
    put_back(story.okr.database, before)
    with closing(story.again()) as other:
        other.does(c.RetitleObjective(goal, "another title"))
        assert other.queries.objective(goal)["title"] == "another title"
    return story, goal


def test_no_cached_answer_of_another_log_is_given(retitled: tuple[Story, UUID]) -> None:
    """Another process has built a new read model: nothing but the cache is of the old log."""
    story, goal = retitled
    assert story.queries.objective(goal)["title"] == "another title"
    head = str(story.okr.log.head())
    assert story.queries.objective(goal, known_at=head)["title"] == "another title"


def test_the_first_question_may_be_about_the_past(retitled: tuple[Story, UUID]) -> None:
    story, goal = retitled
    head = str(story.okr.log.head())
    assert story.queries.objective(goal, known_at=head)["title"] == "another title"


def test_a_history_of_another_log_is_not_shown(retitled: tuple[Story, UUID]) -> None:
    story, goal = retitled
    titles = [
        change["after"]
        for entry in story.queries.history(goal)["entries"]
        for change in entry["changes"]
        if change["field"] == "title"
    ]
    assert "another title" in titles
    assert "one title" not in titles


def test_a_name_and_a_day_are_those_of_the_log_there_is(story: Story) -> None:
    before, name = kept(story.okr.database), parse_cycle("later", "id")
    story.does(c.OpenCycle("later", day(201), day(300), id=uuid4()))
    story.queries.board(name, known_at=str(day(50)))
    put_back(story.okr.database, before)
    with closing(story.again()) as other:
        theirs = other.does(c.OpenCycle("later", day(201), day(300), id=uuid4()))
        other.queries.board(theirs)
    assert story.queries.board(name)["cycle"]["id"] == str(theirs)
    assert story.queries.board(name, known_at=str(day(50)))["cycle"]["id"] == str(theirs)


def test_the_calendar_is_that_of_the_log_there_is(story: Story) -> None:
    before = kept(story.okr.database)
    story.does(c.SetCalendar(zone="Pacific/Auckland"))
    assert story.queries.calendar()["position"] == story.okr.log.head()
    zone = story.okr.calendars.version
    put_back(story.okr.database, before)
    story.queries.calendar()
    assert story.okr.calendars.version == zone - 1


def test_no_command_is_decided_on_what_was_cached_of_another_log(story: Story) -> None:
    before = kept(story.okr.database)
    kpi = story.kpi()
    for value in ("1", "2"):  # from the cache, the second time
        story.reads(kpi, value)
    put_back(story.okr.database, before)
    with pytest.raises(NotFound):
        story.reads(kpi, "3")
    assert story.okr.log.head() == before["counter"][0][1]


def test_nor_on_what_was_cached_of_a_longer_one(story: Story) -> None:
    """The KPI is there in both, in another unit: what it is must not be remembered."""
    before = kept(story.okr.database)
    id_ = uuid4()
    story.kpi(id=id_, name="ours")
    for value in ("1", "2"):
        story.reads(id_, value)
    put_back(story.okr.database, before)
    with closing(story.again()) as other:
        other.kpi(id=id_, name="theirs")
        other.does(c.RetireKpi(id_))
        for number in range(5):
            other.objective(f"so it is longer {number}")
    with pytest.raises(Exception, match="retired"):
        story.reads(id_, "3")


def test_nor_while_it_is_being_decided(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is replaced between the decision and its append; the decision is made again."""
    before = kept(story.okr.database)
    kpi = story.kpi()
    append, replaced = story.okr.append, []

    def too_late(*args: object) -> object:
        if not replaced:
            replaced.append(put_back(story.okr.database, before))
        return append(*args)

    monkeypatch.setattr(story.okr, "append", too_late)
    with pytest.raises(NotFound):
        story.does(c.RedefineKpi(kpi, counts="leads of this year"))
    assert replaced


def test_a_read_model_put_back_with_its_log_is_not_mixed_with_what_was_cached(
    story: Story,
) -> None:
    """As a copy of the whole database does: the read model fits the log, the caches do not."""
    goal = story.objective("known to both")
    model = story.queries.runner.fresh()
    log_before, model_before = kept(story.okr.database), kept(model.database)
    story.does(c.RetitleObjective(goal, "one title"))
    at = str(story.okr.log.head())
    assert story.queries.objective(goal, known_at=at)["title"] == "one title"
    put_back(model.database, model_before)
    put_back(story.okr.database, log_before)
    with closing(story.again()) as other:
        other.does(c.RetitleObjective(goal, "another title"))
        assert other.queries.objective(goal)["title"] == "another title"
    assert story.queries.objective(goal)["title"] == "another title"
    assert story.queries.objective(goal, known_at=at)["title"] == "another title"


def test_without_the_check_wrong_answers_are_given(
    story: Story, older: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a read model and caches that only remember positions show what is not there."""
    monkeypatch.setattr(Seen, "is_in", lambda *_: True)
    monkeypatch.setattr(Start, "require", lambda *_: None)
    monkeypatch.setattr(Runner, "positions_in", positions_alone)
    put_back(story.okr.database, older)
    assert "known to one" in story.board()
    with closing(story.again()) as other:
        other.objective("known to the other")
    assert "known to the other" not in story.board()


def positions_alone(runner: Runner, model: Model) -> Positions:
    """Where read model and log stand, by their positions alone."""
    return Positions(model.position(), max(model.position(), runner.okr.log.head()))


# ---- files of SQLite that are replaced while they are open ----------------------------------


def copied(story: Story, to: str) -> None:
    """Copy all files of a SQLite database that is at rest."""
    path = story.okr.database.path
    path.with_name(to).mkdir()
    for file in path.parent.glob(f"{path.stem}.*"):
        if file.is_file():
            shutil.copy(file, path.with_name(to) / file.name)


@pytest.fixture
def replaced(story_on_sqlite: Story) -> Story:
    """A story whose files can be replaced by those of before, while it goes on."""
    story = story_on_sqlite
    story.objective("known to both")
    story.queries.board(NOW)
    with closing(story.again()):
        pass
    path = story.okr.database.path
    assert story.okr.database.complete_file(1)
    assert story.queries.runner.model.database.complete_file(1)
    copied(story, "before")
    story.objective("known to one")
    assert "known to one" in story.board()
    assert path.exists()
    return story


def replace(story: Story, also: str = "") -> None:
    """Put the files of before in the place of the log's, and of those that `also` names."""
    path = story.okr.database.path
    for file in path.with_name("before").iterdir():
        if file.name == path.name or (also and also in file.name):
            there = path.with_name(file.name)
            shutil.copyfile(file, there.with_suffix(".new"))
            for suffix in ("-wal", "-shm"):
                path.with_name(file.name + suffix).unlink(missing_ok=True)
            there.with_suffix(".new").replace(there)


@pytest.mark.parametrize("also", ["", ".goals_"], ids=["the log", "log and read model"])
def test_files_that_are_replaced_while_open_are_opened_again(replaced: Story, also: str) -> None:
    replace(replaced, also)
    assert replaced.board().keys() == {"known to both"}
    replaced.objective("recorded afterwards")
    assert replaced.board().keys() == {"known to both", "recorded afterwards"}
    with closing(replaced.again()) as other:
        assert other.board().keys() == {"known to both", "recorded afterwards"}


def test_a_command_is_recorded_in_the_file_there_is(replaced: Story) -> None:
    replace(replaced)
    replaced.objective("recorded afterwards")
    with closing(replaced.again()) as other:
        assert other.board().keys() == {"known to both", "recorded afterwards"}


def test_nothing_is_recorded_in_a_log_that_is_gone(replaced: Story) -> None:
    replaced.okr.database.path.unlink()
    for _ in range(2):
        with pytest.raises(OperationalError, match="gone"):
            replaced.objective("recorded in nothing")
        with pytest.raises(OperationalError, match="gone"):
            replaced.board()
    assert not replaced.okr.database.path.exists()


def test_reading_goes_on_from_other_cycles(replaced: Story) -> None:
    """Nothing that was cached of a cycle is of the file that was there before."""
    replaced.does(c.RenameCycle(NEXT, "renamed"))
    replace(replaced)
    names = {each["name"] for each in replaced.queries.cycles()["cycles"]}
    assert names == {"now", "next"}
