"""Boards, trees and lists, page by page, whatever happened: a look at everything finds the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import pytest
from hypothesis import strategies as st

from okr_es.domain.refusals import Refusal
from projections import organisation, teams
from projections.as_of.pages import Sort
from projections.goals import finding, kpi_filters, lists, objectives
from projections.queries import Queries
from tests.support.as_of_answers import Pair, exactly, oracle_of, pairs, texts
from tests.support.list_oracle import OTHERS, Lists, OtherLists, limits, on_board, outcomes
from tests.support.organisation_oracle import Organisation
from tests.support.random_history import CYCLES, PEOPLE, TEAMS, Told, sequels

Every = Callable[..., None]
MANY = {"sqlite": 20, "postgresql": 5}
MOST = 24
SORTS = ("created", "title", "score")


def sorts_of(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{sign}{name}" for name in names for sign in ("", "-")])


def walked(ask: Callable[..., dict[str, Any]], name: str, **asked: Any) -> list[Any]:
    """All items of all pages, one page after the other; all pages are of one moment."""
    found: list[Any] = []
    after = moment = None
    for _ in range(1_000):
        page = ask(**asked, after=after)
        assert 0 <= len(page[name]) <= asked["limit"]
        now = [page[each] for each in ("position", "plan_position", "day", "fixed")]
        assert moment in {None, *[tuple(now)]}
        moment, found = tuple(now), found + page[name]
        if (after := page["next"]) is None:
            return found
    raise AssertionError("The walk does not end.")


def refused_or(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Refusal as refusal:
        return {"refused": type(refusal).__name__, "field": refusal.field}


# ---- boards and trees -----------------------------------------------------------------------


def mismatch_on_board(question: str, told: Told, asked: Any, pair: list[Pair]) -> str | None:
    """What is asked of the first board, or tree, that is not what a look at every goal finds."""
    oracle, queries = oracle_of(told), Queries(told.okr, told.runner)
    of_log, wanted = Lists(oracle), {name: asked[name] for name in asked if name != "limit"}
    for when in (texts(each, oracle) for each in pair):
        for cycle in CYCLES:
            ask = partial(getattr(queries, question), cycle)
            expect = partial(getattr(of_log, question), cycle=cycle, **wanted)
            found = refused_or(partial(walked, ask, "objectives", **asked, **when))
            moment = when["known_at"], when["at"]
            expected = refused_or(lambda: expect(oracle.view(*moment, cycle)))  # noqa: B023
            if exactly(found) != exactly(expected):
                return f"{question} {cycle} {asked} {when}"
    return None


@pytest.mark.parametrize("question", ["board", "tree"])
def test_every_page_of_a_board_or_tree_is_what_a_look_at_every_goal_finds(
    every_history: Every, question: str
) -> None:
    def holds(told: Told, asked: Any, outcome: str | None, sort: str, pair: list[Pair],
              limit: int) -> None:  # fmt: skip
        more = {} if outcome is None else {"outcome": outcome}
        wanted = {**asked, **more, "limit": limit}
        if question == "board":
            wanted["sort"] = sort
        assert mismatch_on_board(question, told, wanted, pair) is None

    every_history(holds, MANY, asked=on_board, outcome=outcomes, sort=sorts_of(SORTS),
                  pair=pairs, limit=limits)  # fmt: skip


# ---- everything else ------------------------------------------------------------------------


def mismatch_in_list(question: str, told: Told, asked: Any, pair: list[Pair]) -> str | None:
    """What is asked of the first list that is not what a look at everything finds."""
    oracle, queries = oracle_of(told), Queries(told.okr, told.runner)
    names = {str(id_): each.name for id_, each in told.okr.directory.entries().items()}
    of_log = Lists(oracle) if question == "kpis" else OtherLists(Organisation(oracle, names))
    wanted = {name: asked[name] for name in asked if name != "limit"}
    for when in (texts(each, oracle) for each in pair):
        ask = getattr(queries, question)
        found = refused_or(partial(walked, ask, question, **asked, **when))
        expected = refused_or(
            lambda: getattr(of_log, question)(
                oracle.view(when["known_at"], when["at"]),  # noqa: B023
                **wanted,
            )
        )
        if exactly(found) != exactly(expected):
            return f"{question} {asked} {when}"
    return None


@pytest.mark.parametrize("question", sorted(OTHERS))
def test_every_page_of_a_list_is_what_a_look_at_everything_finds(
    every_history: Every, question: str
) -> None:
    asked, names = OTHERS[question]

    def holds(told: Told, sequel: list[Any], asked: Any, sort: str, pair: list[Pair],
              limit: int) -> None:  # fmt: skip
        told.plays(sequel)
        wanted = {**asked, "sort": sort, "limit": limit}
        assert mismatch_in_list(question, told, wanted, pair) is None

    every_history(holds, MANY, sequel=sequels, asked=asked, sort=sorts_of(names), pair=pairs,
                  limit=limits)  # fmt: skip


# ---- and it would be seen -------------------------------------------------------------------

FAULTS: dict[str, tuple[tuple[Any, str, Any], ...]] = {
    "a team is found without those below it": tuple(
        (each, "subtree", lambda _, team_id: frozenset({str(team_id)}))
        for each in (finding, kpi_filters)
    ),
    "owner and team are those that were believed": (
        (lists, "held_then", lambda _: {}), (objectives, "held_then", lambda _: {}),
    ),
    "upper case is found as it is written": tuple(
        (each, "folded", str) for each in (finding, kpi_filters, organisation, teams)
    ),
    "a page begins with the last of the page before": (
        (Sort, "is_after", lambda sort, value, id_, last: id_ >= last.id),
    ),
    "what is not overdue is not asked for": (
        (finding.GoalFilters, "meets", lambda filters, answer: not filters.overdue
         or bool(answer["overdue"])),
        (kpi_filters.KpiFilters, "meets", lambda filters, answer: not filters.overdue
         or answer["overdue"]),
    ),
    "a tree has what was not found": ((objectives, "pruned", list),),
}  # fmt: skip
ONE_BY_ONE: tuple[dict[str, Any], ...] = (
    {}, {"owner_id": PEOPLE[0]}, {"team_id": TEAMS[0]}, {"text": "WIN"}, {"overdue": False},
)  # fmt: skip


@pytest.mark.parametrize("every_history", ["sqlite"], indirect=True)
def test_planted_faults_are_seen(every_history: Every, monkeypatch: pytest.MonkeyPatch) -> None:
    unseen = set(FAULTS)

    def holds(told: Told, pair: list[Pair]) -> None:
        for name, asked in product(sorted(unseen), ONE_BY_ONE):
            if name in unseen and is_seen(told, FAULTS[name], asked | {"limit": 2}, pair):
                unseen.discard(name)

    def is_seen(told: Told, faults: Any, asked: Any, pair: list[Pair]) -> bool:
        with monkeypatch.context() as patch:
            for where, what, faulty in faults:
                patch.setattr(where, what, faulty)
            asked_of_people = {each: asked[each] for each in asked if each in {"text", "limit"}}
            return bool(
                mismatch_on_board("board", told, asked, pair)
                or mismatch_on_board("tree", told, asked, pair)
                or mismatch_in_list("kpis", told, asked, pair)
                or mismatch_in_list("people", told, asked_of_people, pair)
            )

    every_history(holds, {"sqlite": MOST}, lambda: not unseen, pair=pairs)
    assert not unseen
