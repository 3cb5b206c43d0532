"""Lists of objectives and key results: what they find, in which order, a page at a time."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st

from okr_es import commands as c
from okr_es.domain.refusals import Invalid, NotFound, Refusal
from projections.queries import Queries
from tests.support.as_of_answers import Pair, exactly, oracle_of, pairs, texts
from tests.support.grant_oracle import Fact, Moment
from tests.support.history_of_rights import ruled
from tests.support.list_oracle import Lists, filters, is_computed, limits, one_cycle, outcomes
from tests.support.random_history import CYCLES, Told
from tests.support.story import ANN, BEN, COMPANY, NEXT, NOW, SALES, Story, day

Every = Callable[..., None]
MANY = {"sqlite": 24, "postgresql": 6}
NOBODY = UUID(int=0xFFFF)


def titles(queries: Queries, question: str = "objectives", **asked: Any) -> list[str]:
    return [each["title"] for each in getattr(queries, question)(**asked)[question]]


def walked(ask: Callable[..., dict[str, Any]], name: str, **asked: Any) -> list[Any]:
    """All items of all pages, one page after the other."""
    found, after = [], None
    for _ in range(1_000):
        page = ask(**asked, after=after)
        assert len(page[name]) <= asked["limit"]
        found += page[name]
        if (after := page["next"]) is None:
            return found
    raise AssertionError("The walk does not end.")


# ---- whatever happened ----------------------------------------------------------------------


@pytest.mark.parametrize("question", ["objectives", "key_results"])
def test_every_page_is_what_a_look_at_every_goal_finds(every_history: Every, question: str) -> None:
    score = "score" if question == "objectives" else "progress"

    def holds(told: Told, asked: Any, outcome: str | None, sort: str, pair: list[Pair],
              limit: int) -> None:  # fmt: skip
        if outcome is not None and question == "objectives":
            asked = asked | {"outcome": outcome}
        oracle, queries = oracle_of(told), Queries(told.okr, told.runner)
        ask = getattr(queries, question)
        for when in (texts(each, oracle) for each in pair):
            wanted = {**asked, "sort": sort, "limit": limit, **when}
            if is_computed(sort, asked):
                wanted.setdefault("cycle", tuple(CYCLES))
            expected = refused_or(lambda: expected_of(oracle, question, wanted))  # noqa: B023
            found = refused_or(lambda: walked(ask, question, **wanted))  # noqa: B023
            assert exactly(found) == exactly(expected), wanted

    sorts = st.sampled_from([f"{sign}{name}" for name in ("created", "title", score)
                             for sign in ("", "-")])  # fmt: skip
    every_history(holds, MANY, asked=filters, outcome=outcomes, sort=sorts, pair=pairs,
                  limit=limits)  # fmt: skip


def test_by_words_each_viewer_finds_what_they_may_read(every_history: Every) -> None:
    """Of a confidential objective and its key results that is who may see the review of it."""
    closed = dict.fromkeys((True, False), 0)

    def holds(told: Told, more: list[Any], limit: int) -> None:
        told.plays(more)
        oracle, queries = oracle_of(told), Queries(told.okr, told.runner)
        now = oracle.view(None, None)
        rights = Moment([Fact(each.position, oracle.day_of(each.recorded_at), each.event)
                         for each in oracle.log], len(oracle.log), now.day)  # fmt: skip
        rows = now.rows["objective"]
        for viewer in rights.there():
            theirs, _ = queries.permitted(viewer, None, "objectives", None, {})
            for question in ("objectives", "key_results"):
                wanted = {"text": "R", "sort": "title", "limit": limit}
                found = walked(getattr(theirs, question), question, **wanted)
                expected = []
                for each in expected_of(oracle, question, wanted | {"known_at": None, "at": None}):
                    objective = each.get("objective", each)["id"]
                    thing = rights.goal(UUID(objective))
                    is_open = not rows[objective]["confidential"] or str(viewer) in (
                        rights.who_could("reviews", thing)
                    )
                    own = question == "key_results" and each["owner"] == {"id": str(viewer)}
                    closed[is_open or own] += 1
                    expected += [each["id"]] if is_open or own else []
                assert [each["id"] for each in found] == expected

    every_history(holds, {"sqlite": 20, "postgresql": 4}, more=ruled, limit=limits)
    assert closed[True] > closed[False] > 0


def expected_of(oracle: Any, question: str, wanted: dict[str, Any]) -> list[Any]:
    asked = {name: value for name, value in wanted.items() if name not in {"limit"}}
    known_at, at = asked.pop("known_at"), asked.pop("at")
    view = oracle.view(known_at, at, one_cycle(asked))
    found: list[Any] = getattr(Lists(oracle), question)(view, **asked)
    return found


def refused_or(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Refusal as refusal:
        return {"refused": type(refusal).__name__, "field": refusal.field}


# ---- by hand --------------------------------------------------------------------------------


def test_text_is_found_whatever_its_case_and_its_accents(story: Story) -> None:
    for title, description in (
        ("Ålesund wins", None), ("Cafe\u0301s open", None), ("Straße 5", None),
        ("100 % sure", None), ("plain", "Smörgås_bord\nwith ﬁsh"),
    ):  # fmt: skip
        story.objective(title, description=description)
    for text, found in {
        "alesund": ["Ålesund wins"], "CAFÉ": ["Cafe\u0301s open"], "STRASSE": ["Straße 5"],
        "%": ["100 % sure"], "_": ["plain"], "smorgas": ["plain"], "fish": ["plain"],
        "bord with": ["plain"], "plain smorgas": [],
        "s": ["Ålesund wins", "Cafe\u0301s open", "Straße 5", "100 % sure", "plain"],
    }.items():  # fmt: skip
        assert titles(story.queries, text=text) == found, text
    with pytest.raises(Invalid, match="text is empty"):
        story.queries.objectives(text=" ")


def test_a_team_is_found_with_all_below_it_in_the_tree_of_the_day(story: Story) -> None:
    for team, title in ((COMPANY, "of all"), (SALES, "of sales")):
        story.key_result(story.objective(title, team_id=team), title=f"number {title}")
    assert titles(story.queries, team_id=COMPANY) == ["of all", "of sales"]
    assert titles(story.queries, team_id=SALES) == ["of sales"]
    assert titles(story.queries, "key_results", team_id=SALES) == ["number of sales"]
    story.does(c.MoveTeam(SALES, None, effective=day(40)))
    assert titles(story.queries, team_id=COMPANY) == ["of all"]
    assert titles(story.queries, team_id=COMPANY, at=str(day(39))) == ["of all", "of sales"]
    with pytest.raises(NotFound) as refused:
        story.queries.objectives(team_id=NOBODY)
    assert refused.value.field == "team_id"


def test_an_owner_is_that_of_the_day_and_of_a_key_result_its_own(story: Story) -> None:
    goal = story.objective("win")
    story.key_result(goal, title="the owner's")
    story.key_result(goal, title="Ben's", owner_id=BEN)
    assert titles(story.queries, "key_results", owner_id=ANN) == ["the owner's"]
    assert titles(story.queries, "key_results", owner_id=BEN) == ["Ben's"]
    story.does(c.ReassignObjective(goal, owner_id=BEN, effective=day(40)))
    assert titles(story.queries, owner_id=BEN, at=str(day(40))) == ["win"]
    assert titles(story.queries, owner_id=ANN, at=str(day(40))) == []
    assert titles(story.queries, owner_id=ANN, at=str(day(39))) == ["win"]
    assert titles(story.queries, "key_results", owner_id=BEN) == ["the owner's", "Ben's"]


def test_a_walk_stays_at_the_moment_it_began(story: Story) -> None:
    for title in ("a", "b", "c"):
        story.objective(title)
    first = story.queries.objectives(limit=2, sort="title")
    story.objective("bb")
    story.does(c.AbandonObjective(UUID(first["objectives"][0]["id"])))
    second = story.queries.objectives(limit=2, sort="title", after=first["next"])
    assert [each["title"] for each in second["objectives"]] == ["c"]
    assert (second["position"], second["next"]) == (first["position"], None)
    assert titles(story.queries, sort="title") == ["a", "b", "bb", "c"]


@pytest.mark.parametrize("sort", ["title", "-title"])
@pytest.mark.parametrize("question", ["objectives", "key_results", "board", "scored"])
def test_a_cursor_of_a_list_by_titles_holds_none(story: Story, question: str, sort: str) -> None:
    for title in ("Kappa", "lambda", "Kappa", "Mu", "Äpfel"):
        story.key_result(story.objective(title), title=title)
    name = question if question == "key_results" else "objectives"
    ask = partial(story.queries.board, NOW) if question == "board" else getattr(story.queries, name)
    if question == "scored":
        ask = partial(ask, cycle=(NOW,), status="not_measured")
    whole, found, after = titles_in(ask(sort=sort), name), list[str](), None
    while page := ask(sort=sort, limit=1, after=after):
        found += titles_in(page, name)
        if after is None:
            story.objective("Kappb")
        if (after := page["next"]) is None:
            break
        held = json.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        assert held["value"] is None
        with pytest.raises(Invalid, match="no `next`"):
            ask(sort=sort, limit=1, after=encoded(held | {"id": str(NOBODY)}))
    assert found == whole
    assert sorted(found) == sorted(["Kappa", "lambda", "Kappa", "Mu", "Äpfel"])


def titles_in(page: dict[str, Any], name: str) -> list[str]:
    return [each["title"] for each in page[name]]


def encoded(held: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(held).encode()).decode().rstrip("=")


def test_a_cursor_is_of_one_list_alone(story_on_sqlite: Story) -> None:
    queries = story_on_sqlite.queries
    for title in ("a", "b", "c"):
        story_on_sqlite.objective(title)
    after = queries.objectives(limit=1, cycle=(NOW,))["next"]
    assert titles(queries, limit=2, cycle=(NOW,), after=after) == ["b", "c"]
    for other in (
        {},
        {"cycle": (NEXT,)},
        {"cycle": (NOW,), "sort": "-created"},
        {"cycle": (NOW,), "state": "draft"},
        {"cycle": (NOW,), "at": str(day(50))},
    ):
        with pytest.raises(Invalid, match="other filters") as refused:
            queries.objectives(after=after, **other)
        assert refused.value.field == "after"
    with pytest.raises(Invalid, match="other filters"):
        queries.key_results(after=after, cycle=(NOW,))


@pytest.mark.parametrize(
    "changed",
    [
        {"known": 10**9},
        {"plan": -1},
        {"kind": "str"},
        {"value": "x"},
        {"day": "soon"},
        {"a": 1},
        {"value": "9" * 30},
        {"value": "-1"},
        {"day": "9999-12-31"},
        {"id": "\0"},
    ],
)
def test_a_cursor_that_was_written_by_hand_is_refused(
    story_on_sqlite: Story, changed: dict[str, Any]
) -> None:
    for title in ("a", "b"):
        story_on_sqlite.objective(title)
    after = story_on_sqlite.queries.objectives(limit=1)["next"]
    held = json.loads(urlsafe_b64decode(after + "==")) | changed
    for text in (encoded(held), "", "nothing", "§"):
        with pytest.raises(Invalid) as refused:
            story_on_sqlite.queries.objectives(limit=1, after=text)
        assert refused.value.field == "after"


def test_what_is_computed_is_found_in_a_few_cycles_that_are_named(story_on_sqlite: Story) -> None:
    story, queries = story_on_sqlite, story_on_sqlite.queries
    behind, ahead = story.objective("behind"), story.objective("ahead")
    for goal, value in ((behind, "1"), (ahead, "90")):
        story.checks_in(story.key_result(goal), value)
    story.objective("nothing")
    assert titles(queries, cycle=(NOW,), status="off_track") == ["behind"]
    assert titles(queries, cycle=(NOW,), sort="-score") == ["ahead", "behind", "nothing"]
    assert titles(queries, cycle=(NOW,), sort="score") == ["behind", "ahead", "nothing"]
    with pytest.raises(Invalid, match="1 to 8 cycles") as refused:
        queries.objectives(status="off_track")
    assert refused.value.field == "cycle"
    with pytest.raises(Invalid, match="sort is not one of"):
        queries.objectives(sort="progress")


# ---- boards and trees -----------------------------------------------------------------------


def test_a_board_takes_the_filters_and_pages(story: Story) -> None:
    for title, team in (("a", COMPANY), ("b", SALES), ("c", SALES)):
        story.key_result(story.objective(title, team_id=team))
    story.objective("elsewhere", cycle_id=NEXT, team_id=SALES)
    whole = story.queries.board(NOW)
    assert whole["next"] is None
    found = story.queries.board(NOW, team_id=SALES)
    assert found["objectives"] == whole["objectives"][1:]
    assert walked(partial(story.queries.board, NOW), "objectives", limit=2) == whole["objectives"]
    by_title = story.queries.board(NOW, sort="-title", status="not_measured", limit=1)
    assert [each["title"] for each in by_title["objectives"]] == ["c"]
    with pytest.raises(NotFound) as refused:
        story.queries.board(NOBODY, team_id=SALES)
    assert refused.value.field == "id"


def test_a_tree_keeps_what_is_found_below_all_that_it_is_aligned_to(story: Story) -> None:
    top, other, middle = (story.objective(each) for each in ("top", "other", "middle"))
    leaf = story.objective("leaf", team_id=SALES, cycle_id=NEXT)
    story.objective("beside")
    story.aligns(middle, aligned_to_objective_id=top)
    story.aligns(leaf, aligned_to_objective_id=middle)

    def shape(branches: list[Any]) -> list[Any]:
        return [(each["title"], each["matches"], shape(each["aligned"])) for each in branches]

    found = story.queries.tree(NOW, team_id=SALES)
    assert shape(found["objectives"]) == [("top", False, [("middle", False, [("leaf", True, [])])])]
    whole = story.queries.tree(NOW)
    assert {each["title"] for each in whole["objectives"]} == {"top", "other", "beside"}
    assert walked(partial(story.queries.tree, NOW), "objectives", limit=1) == whole["objectives"]
    by_text = story.queries.tree(NOW, text="OTHER")
    assert [each["id"] for each in by_text["objectives"]] == [str(other)]
