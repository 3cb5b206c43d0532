"""An answer that is held costs one statement, names included, and says no name that is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from okr_es import commands as c
from okr_es.log.course import BEGINNING, Course
from okr_es.people.directory import FORMER_COLLEAGUE, Directory
from tests.projections.conftest import begin_story
from tests.support.begun import Begun
from tests.support.statements import Statements, by_text, watched
from tests.support.story import ANN, BEN, NOW, Story
from web.api.entrance import Mode
from web.app import PREFIX, create_app

ANNS, BENS = "Ann Example", "Ben Example"


class Office:
    """A process that answers over HTTP, about a goal of Ann's and one of Ben's."""

    def __init__(self, story: Story, statements: Statements, goals: tuple[UUID, UUID]) -> None:
        self.story, self.statements = story, statements
        self.app = create_app(story.okr, story.queries, mode=Mode.OPEN)
        self.client: FlaskClient = self.app.test_client()
        self.anns, self.bens = (f"/objectives/{each}" for each in goals)
        self.board = f"/cycles/{NOW}/board"
        self.then = f"{self.board}?known_at={story.okr.log.head()}"

    @property
    def paths(self) -> list[str]:
        return [self.bens, self.board, self.then]

    def asks(self, path: str, held: str | None = None) -> TestResponse:
        tags = {} if held is None else {"If-None-Match": held}
        return self.client.get(PREFIX + path, headers=tags)

    def statements_of(self, path: str, held: str | None = None) -> list[str]:
        return self.statements.sent_by(lambda: self.asks(path, held))

    def tag(self, path: str) -> str:
        """The tag of an answer, which from now on is held."""
        tag = self.asks(path).headers["ETag"]
        for _ in range(2):
            assert self.asks(path, tag).status_code == 304
        return tag

    @property
    def kept(self) -> str:
        """What is kept of names."""
        return repr(self.story.queries.naming.kept)


@pytest.fixture
def office(begun: Begun) -> Iterator[Office]:
    """The office, all of whose statements are counted."""
    with (
        watched() as statements,
        begun.fresh("story", begin_story) as url,
        closing(Story(url).goes_on()) as story,
    ):
        goals = story.objective("win"), story.objective("last", owner_id=BEN)
        yield Office(story, statements, goals)


@pytest.fixture
def elsewhere(office: Office) -> Iterator[Office]:
    """Another process on the same database."""
    with closing(office.story.again()) as story:
        goals = office.anns.rpartition("/")[2], office.bens.rpartition("/")[2]
        other = Office(story, office.statements, (UUID(goals[0]), UUID(goals[1])))
        other.then = office.then
        yield other


def retitles(office: Office) -> None:
    goal = UUID(office.anns.rpartition("/")[2])
    office.story.does(c.RetitleObjective(goal, "win it"))


# ---- how many statements ----------------------------------------------------------------------


def test_an_objective_that_is_held_takes_one_statement(office: Office) -> None:
    tag = office.tag(office.bens)
    for held in (None, tag):
        sent = office.statements_of(office.bens, held)
        assert len(sent) == 1, by_text(sent)


def test_who_may_see_what_of_it_takes_one_statement_more(office: Office) -> None:
    """Whether they are there; what is confidential is looked up once, as of the answer."""
    app = create_app(office.story.okr, office.story.queries, mode=Mode.DEVELOPMENT)
    client, who = app.test_client(), {"Okr-Actor": str(BEN)}
    for path in (office.bens, office.anns):
        assert client.get(PREFIX + path, headers=who).status_code == 200
        sent = office.statements.sent_by(lambda: client.get(PREFIX + path, headers=who))  # noqa: B023
        assert len(sent) == 2, by_text(sent)


def test_a_board_that_is_held_takes_one_statement(office: Office) -> None:
    for path in (office.board, office.then):
        tag = office.tag(path)
        sent = office.statements_of(path, tag)
        assert len(sent) == 1, by_text(sent)


def test_people_are_looked_up_once_for_all_answers_until_another_event_is_seen(
    office: Office,
) -> None:
    looked_up = [office.statements_of(path) for path in (office.board, office.bens, office.board)]
    retitles(office)
    looked_up.append(office.statements_of(office.anns))
    assert [sum("FROM people" in each for each in sent) for sent in looked_up] == [1, 0, 0, 1]


# ---- names that change ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (c.RenamePerson(BEN, "Bennet"), "Bennet"),
        (c.ErasePerson(BEN, "Article 17"), FORMER_COLLEAGUE),
    ],
    ids=["renamed", "erased"],
)
def test_a_name_that_changes_is_another_one_at_once_in_each_process(
    command: c.Command, name: str, office: Office, elsewhere: Office
) -> None:
    processes = (office, elsewhere)
    before = [(each, path, each.tag(path)) for each in processes for path in each.paths]
    assert all(BENS in each.kept for each in processes)

    elsewhere.story.does(command)

    assert BENS not in elsewhere.kept, "it has seen the event itself"
    for each, path, tag in before:
        found = each.asks(path, tag)
        assert (found.status_code, BENS in found.text, name in found.text) == (200, False, True)
        assert each.asks(path, found.headers["ETag"]).status_code == 304
        assert BENS not in each.kept
    assert len(office.statements_of(office.bens)) == 1


@pytest.mark.parametrize(
    "question",
    [lambda office: office.anns, lambda _: "/teams", lambda _: "/people", lambda _: "/cycles"],
    ids=["goal of another", "teams", "people", "cycles"],
)
def test_whatever_is_asked_after_an_erasure_nothing_is_kept_of_the_name(
    question: Callable[[Office], str], office: Office, elsewhere: Office
) -> None:
    office.tag(office.bens)
    assert BENS in office.kept
    elsewhere.story.does(c.ErasePerson(BEN, "Article 17"))
    assert office.asks(question(office)).status_code == 200
    assert BENS not in office.kept


def test_who_is_erased_is_nameless_before_the_entry_is_gone(
    office: Office, elsewhere: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So nothing changes when it goes: a tag from in between still stands, and may."""
    with monkeypatch.context() as stopped:
        stopped.setattr(Directory, "remove_erased", lambda *_: None)
        elsewhere.story.does(c.ErasePerson(BEN, "Article 17"))
    directory = office.story.okr.directory
    assert BEN in directory.entries([BEN]), "it stopped in between"
    between = [(each, path, each.tag(path)) for each in (office, elsewhere) for path in each.paths]
    assert BENS not in office.kept + elsewhere.kept
    directory.complete_erasures(office.story.okr.database)
    assert BEN not in directory.entries([BEN])
    for each, path, tag in between:
        assert each.asks(path, tag).status_code == 304
        assert FORMER_COLLEAGUE in each.asks(path).text


def test_another_owner_is_named_and_a_deputy_does_no_harm(
    office: Office, elsewhere: Office
) -> None:
    before = office.tag(office.bens)
    elsewhere.story.does(c.NameDeputy(BEN, ANN, ends=office.story.okr.today()), reason=None)
    assert office.asks(office.bens, before).status_code == 304
    goal = UUID(office.bens.rpartition("/")[2])
    elsewhere.story.does(c.ReassignObjective(goal, owner_id=ANN))
    found = office.asks(office.bens, before)
    assert (found.status_code, found.json["owner"]) == (200, {"id": str(ANN), "name": ANNS})


def test_an_answer_of_before_an_event_is_not_named_by_what_is_kept_since(office: Office) -> None:
    """A thread that is slow may name an answer when others have seen more."""
    queries = office.story.queries
    found = queries.board(NOW)
    office.story.does(c.RenamePerson(BEN, "Bennet"))
    office.asks(office.board)
    kept = queries.naming.kept
    assert queries.naming.kept_for(found) is not kept
    assert queries.naming.kept_for(queries.board(NOW)) is kept
    then: Any = queries.board(NOW, known_at=str(office.story.okr.log.head()))
    assert queries.naming.kept_for(then) is not kept


def test_what_is_to_be_forgotten_with_each_event_is_so_in_a_log_that_was_replaced_too() -> None:
    course, moves = Course(), list[int]()
    course.on_move.append(lambda: moves.append(course.seen.position))
    seen = course.advance(BEGINNING, 7, b"seven")
    course.advance(seen, 7, b"seven")
    assert moves == [7]
    assert not course.has(seen, b"other")
    assert moves == [7, 0]
