"""A view stays at its moment, for its viewer, whatever is recorded meanwhile."""

from datetime import date

import pytest

from okr_es import commands as c
from okr_es.database.database import Database
from okr_es.domain.refusals import NotFound
from projections.as_of.dates import Dates
from projections.goals.reader import Reader
from tests.support.story import ANN, BEN, NOW, SALES, Story, day


def names(rows: list[dict[str, object]]) -> set[object]:
    return {row["name"] for row in rows}


def test_a_view_is_of_all_that_is_recorded_by_then(story: Story) -> None:
    before = story.okr.log.head()
    view = story.queries.reader.now()
    assert (view.head, view.moment.known, view.moment.day) == (before, before, day(50))
    story.does(c.RenameTeam(SALES, "Markets"))
    assert names(view.all_rows("team")) == {"Company", "Sales"}
    assert view.one("team", SALES, "team")["name"] == "Sales"
    assert [row["name"] for row in view.versions("team", [str(SALES)])] == ["Sales"]
    view = story.queries.reader.now()
    assert names(view.all_rows("team")) == {"Company", "Markets"}
    assert [row["name"] for row in view.versions("team", [str(SALES)])] == ["Sales", "Markets"]


def test_what_began_later_is_not_there(story: Story) -> None:
    before = story.queries.reader.now()
    team = story.does(c.FormTeam("Support"))
    story.queries.reader.now()
    with pytest.raises(NotFound, match=f"There is no team {team} by then") as refusal:
        before.one("team", team, "team", field="team_id")
    assert refusal.value.field == "team_id"


def test_a_moment_behind_what_was_caught_up_is_caught_up_with(story: Story) -> None:
    reader = story.queries.reader
    view = reader.now()
    story.does(c.RenameTeam(SALES, "Markets"))
    later = reader.back(view, reader.moments.moment(str(story.okr.log.head()), None))
    assert later.one("team", SALES, "team")["name"] == "Markets"


def test_every_view_of_a_reader_is_of_its_viewer(story: Story) -> None:
    goal, position = story.objective(), str(story.okr.log.head())
    nobody = story.queries.reader
    readers = {None: nobody, ANN: nobody.for_viewer(ANN), BEN: nobody.for_viewer(BEN)}
    for viewer, reader in readers.items():
        views = (
            reader.now(),
            reader.at(position),
            reader.about(goal, position, None),
            reader.of_cycle(NOW, position)[0],
            reader.between(goal, "1", position)[0],
        )
        assert {view.viewer for view in views} == {viewer}
        assert {view.at(view.moment).viewer for view in views} == {viewer}


def test_a_question_of_a_person_is_asked_of_views_of_theirs(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewers, now = [], Reader.now
    monkeypatch.setattr(Reader, "now", lambda self: viewers.append(self.viewer) or now(self))
    story.queries.for_viewer(ANN).board(NOW)
    story.queries.for_viewer(BEN).audit_log()
    assert story.queries.for_viewer(BEN).audit_logs.reader.viewer == BEN
    story.queries.board(NOW)
    assert viewers == [ANN, BEN, None]


def test_days_of_positions_come_by_one_statement_and_are_cached(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = story.okr.log.head() + 1
    story.on(day(51))
    story.does(c.RenameTeam(SALES, "Markets"))
    story.on(day(53))
    story.does(c.RenameTeam(SALES, "Sales"))
    dates, sent, rows = Dates(story.okr), [], Database.rows
    monkeypatch.setattr(Database, "rows", lambda *asked: sent.append(asked) or rows(*asked))
    assert dates.days([first, first + 1]) == {first: day(51), first + 1: day(53)}
    assert (dates.day(first), dates.day(first + 1), len(sent)) == (day(51), day(53), 1)


def test_ends_of_days_are_the_last_positions_before_midnight(story: Story) -> None:
    head = story.okr.log.head()
    story.on(day(51))
    story.does(c.RenameTeam(SALES, "Markets"))
    story.on(day(53))
    story.does(c.RenameTeam(SALES, "Sales"))
    ends = Dates(story.okr).ends([date(2000, 1, 1), day(50), day(51), day(52), day(53), day(99)])
    assert list(ends.values()) == [0, head, head + 1, head + 1, head + 2, head + 2]


def test_days_are_right_when_the_cache_is_full(
    story_on_sqlite: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.as_of.dates.MOST_CACHED", 3)
    dates, positions = Dates(story_on_sqlite.okr), list(range(1, 7))
    all_days = Dates(story_on_sqlite.okr).days(positions)
    assert dates.days([1, 2, 3]) == {each: all_days[each] for each in (1, 2, 3)}
    assert dates.days([2, 3, 4, 5]) == {each: all_days[each] for each in (2, 3, 4, 5)}
    assert (dates.day(1), len(dates.times)) == (all_days[1], 3)
