"""Lists of goals from a plain fold of the log: every goal there is, looked at one by one."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from okr_es.domain.refusals import NotFound
from tests.support.oracle import Oracle, View, without
from tests.support.plain import Row
from tests.support.random_history import CYCLES, PEOPLE, TEAMS

NESTED = ("key_results", "aligned", "rolled_up")
COMPUTED = {"status", "overdue", "outcome"}
STATUSES = ("not_measured", "on_track", "at_risk", "off_track")
OUTCOMES = ("met", "partly_met", "missed", "not_measured")
STATES = ("draft", "committed", "carried_over", "abandoned")

# Filters of a list, some of which find nothing.
filters = st.fixed_dictionaries({}, optional={
    "cycle": st.lists(st.sampled_from(CYCLES), min_size=1, max_size=3).map(tuple),
    "team_id": st.sampled_from(TEAMS[:3]),
    "owner_id": st.sampled_from(PEOPLE[:2]),
    "state": st.sampled_from(STATES),
    "text": st.sampled_from(["WIN", "Grów", "number", "a", "_", "%"]),
    "status": st.sampled_from(STATUSES),
    "overdue": st.booleans(),
})  # fmt: skip
outcomes = st.sampled_from([None, None, None, *OUTCOMES])
limits = st.sampled_from([1, 2, 3, 7])


def bare(text: str | None) -> str:
    """A text in lower case without the marks over its letters."""
    apart = unicodedata.normalize("NFD", (text or "").lower())
    return "".join(each for each in apart if not unicodedata.combining(each))


class Lists:
    """Lists as the log alone has them."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle

    def objectives(self, view: View, sort: str = "created", **asked: Any) -> list[Row]:
        """All objectives that meet what is asked, in order."""
        self.require(view, asked)
        rows = view.rows["objective"]
        found = [each for each in map(view.objective, rows) if self.meets(view, each, each, asked)]
        return in_order(found, rows, sort, asked)

    def key_results(self, view: View, sort: str = "created", **asked: Any) -> list[Row]:
        """All key results that meet what is asked, in order."""
        self.require(view, asked)
        rows, found = view.rows["key_result"], []
        for id_, row in rows.items():
            if not row["dropped"]:
                each, above = view.key_result(id_), view.objective(row["objective_id"])
                if self.meets(view, each, above, asked):
                    found.append(each)
        return in_order(found, rows, sort, asked)

    def meets(self, view: View, answer: Row, objective: Row, asked: Row) -> bool:
        """Whether a goal is what is asked for, by its answer and that about its objective."""
        owner = answer["owner"] or objective["owner"]
        wanted = {
            "cycle": lambda ids: objective["cycle"]["id"] in map(str, ids),
            "team_id": lambda id_: str(id_) in view.teams_above(objective["team"]["id"]),
            "owner_id": lambda id_: owner["id"] == str(id_),
            "state": lambda state: objective["state"] == state,
            "text": lambda text: any(
                bare(text) in bare(answer[name]) for name in ("title", "description")
            ),
            "status": lambda status: answer["status"] == status,
            "overdue": lambda overdue: (answer["overdue"] not in (0, False)) == overdue,
            "outcome": lambda outcome: answer["outcome"] == outcome,
        }
        return all(wanted[name](value) for name, value in asked.items())

    def require(self, view: View, asked: Row) -> None:
        """Refuse what names nothing."""
        for cycle in asked.get("cycle", ()):
            view.require("cycle", cycle, "cycle")
        for name, table in (("team_id", "team"), ("owner_id", "person")):
            if name in asked and str(asked[name]) not in view.known[table]:
                raise NotFound("There was none.", field=name)


def in_order(found: list[Row], rows: dict[str, Row], sort: str, asked: Row) -> list[Row]:
    """Answers as they are sorted; what has nothing to be sorted by comes last."""
    name, down = sort.removeprefix("-"), sort.startswith("-")
    by: dict[str, Callable[[Row], Any]] = {
        "created": lambda each: rows[each["id"]]["first_position"],
        "title": lambda each: bare(each["title"]),
        "score": lambda each: each["score"],
        "progress": lambda each: each["progress"],
    }
    there = [each for each in found if by[name](each) is not None]
    there.sort(key=lambda each: (by[name](each), each["id"]), reverse=down)
    without_any = [each for each in found if by[name](each) is None]
    without_any.sort(key=lambda each: each["id"], reverse=down)
    return [without(each, *NESTED) for each in [*there, *without_any]]


def is_computed(sort: str, asked: Row) -> bool:
    """Whether whole cycles have to be scored for it."""
    return not COMPUTED.isdisjoint(asked) or sort.removeprefix("-") in {"score", "progress"}


def one_cycle(asked: Row) -> UUID | None:
    """The cycle that a bare word is about."""
    cycles = set(asked.get("cycle", ()))
    return cycles.pop() if len(cycles) == 1 else None
