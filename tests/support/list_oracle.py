"""Lists from a plain fold of the log: everything there is, looked at one by one."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from okr_es.domain.refusals import NotFound
from tests.support.oracle import Oracle, View, without
from tests.support.organisation_oracle import Organisation
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
on_board = filters.map(lambda asked: {name: asked[name] for name in asked if name != "cycle"})
texts_of_names = st.sampled_from(["WIN", "health", "Crm", "first", "ELSE", "e", "_", "colleague"])
# What lists of everything else are asked for: filters, and the sorts they have.
OTHERS: dict[str, tuple[st.SearchStrategy[Row], tuple[str, ...]]] = {
    "kpis": (
        st.fixed_dictionaries({}, optional={
            "cycle": st.lists(st.sampled_from(CYCLES), min_size=1, max_size=3).map(tuple),
            "team_id": st.sampled_from(TEAMS[:3]), "owner_id": st.sampled_from(PEOPLE[:2]),
            "state": st.sampled_from(["in_use", "retired"]), "text": texts_of_names,
            "status": st.sampled_from([*STATUSES, "inside", "outside", "met", "missed"]),
            "overdue": st.booleans(),
        }), ("name", "created"),
    ),
    "cycles": (
        st.fixed_dictionaries({}, optional={
            "state": st.sampled_from(["open", "closed"]), "text": texts_of_names,
        }), ("starts", "name"),
    ),
    "teams": (
        st.fixed_dictionaries({}, optional={
            "team_id": st.sampled_from(TEAMS[:3]), "text": texts_of_names,
            "state": st.sampled_from(["living", "disbanded"]),
        }), ("name",),
    ),
    "people": (
        st.fixed_dictionaries({}, optional={
            "state": st.sampled_from(["active", "gone", "erased"]), "text": texts_of_names,
        }), ("id", "name"),
    ),
}  # fmt: skip
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
        return in_order(found, rows, sort)

    def key_results(self, view: View, sort: str = "created", **asked: Any) -> list[Row]:
        """All key results that meet what is asked, in order."""
        self.require(view, asked)
        rows, found = view.rows["key_result"], []
        for id_, row in rows.items():
            if not row["dropped"]:
                each, above = view.key_result(id_), view.objective(row["objective_id"])
                if self.meets(view, each, above, asked):
                    found.append(each)
        return in_order(found, rows, sort)

    def board(self, view: View, cycle: UUID, sort: str = "created", **asked: Any) -> list[Row]:
        """The objectives on a board that meet what is asked, in order, with all they have."""
        view.cycle(str(cycle))
        self.require(view, asked)
        whole = [view.objective(id_) for id_ in view.goals(str(cycle))]
        found = [each for each in whole if self.meets(view, each, each, asked)]
        return ordered(found, view.rows["objective"], sort)

    def tree(self, view: View, cycle: UUID, sort: str = "created", **asked: Any) -> list[Row]:
        """The branches of a tree that lead to what meets what is asked."""
        view.cycle(str(cycle))
        self.require(view, asked)
        return ordered(
            self.leading(view, view.tree(str(cycle)), asked), view.rows["objective"], sort
        )

    def leading(self, view: View, branches: list[Row], asked: Row) -> list[Row]:
        """Branches, without those that lead to nothing that is asked for."""
        found = []
        for each in branches:
            answer = view.objective(each["id"])
            matches = self.meets(view, answer, answer, asked)
            aligned = self.leading(view, each["aligned"], asked)
            if matches or aligned:
                found.append(each | {"matches": matches, "aligned": aligned})
        return found

    def kpis(self, view: View, sort: str = "name", **asked: Any) -> list[Row]:
        """All KPIs that meet what is asked, in order."""
        self.require(view, asked)
        found = [each for each in map(view.kpi, view.kpis()) if self.meets_kpi(view, each, asked)]
        return ordered(found, view.known["kpi"], sort)

    def meets_kpi(self, view: View, answer: Row, asked: Row) -> bool:
        """Whether a KPI is what is asked for, by its answer."""
        team = answer["team"]
        wanted = {
            "cycle": lambda ids: any(
                row["kpi_id"] == answer["id"]
                and not row["dropped"]
                and view.rows["objective"][row["objective_id"]]["cycle_id"] in map(str, ids)
                for row in view.rows["key_result"].values()
            ),
            "team_id": lambda id_: team and str(id_) in view.teams_above(team["id"]),
            "owner_id": lambda id_: answer["owner"]["id"] == str(id_),
            "state": lambda state: answer["retired"] == (state == "retired"),
            "text": lambda text: any(
                bare(text) in bare(answer[name]) for name in ("name", "purpose", "counts")
            ),
            "status": lambda status: answer["status"] == status,
            "overdue": lambda overdue: answer["overdue"] == overdue,
        }
        return all(wanted[name](value) for name, value in asked.items())

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


class OtherLists:
    """Lists of cycles, teams and people, as the log and the directory have them."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation

    def cycles(self, view: View, sort: str = "starts", **asked: Any) -> list[Row]:
        """All cycles that meet what is asked, in order."""
        rows = view.rows["cycle"]
        found = [self.organisation.cycle_of(view, id_) for id_ in rows]
        states = {True: "closed", False: "open"}
        return self.those(found, asked, sort, lambda each: states[each["closed"]])

    def teams(self, view: View, sort: str = "name", **asked: Any) -> list[Row]:
        """All teams of the day that meet what is asked, in order."""
        ids, above = self.organisation.ids(view), asked.pop("team_id", None)
        if above is not None and str(above) not in ids:
            raise NotFound("There was no such team.", field="team_id")
        found = [
            self.organisation.team_of(view, id_)
            for id_ in ids
            if above is None or str(above) in view.teams_above(id_)
        ]
        states = {True: "disbanded", False: "living"}
        return self.those(found, asked, sort, lambda each: states[each["disbanded"]])

    def people(self, view: View, sort: str = "id", **asked: Any) -> list[Row]:
        """All people that meet what is asked, in order."""
        found = [self.organisation.person_of(view, UUID(id_)) for id_ in view.rows["person"]]
        states = {True: "active", False: "gone"}
        return self.those(
            found,
            asked,
            sort,
            lambda each: "erased" if each["erased"] else states[each["active"]],
        )

    def those(
        self, found: list[Row], asked: Row, sort: str, state: Callable[[Row], str]
    ) -> list[Row]:
        """Those in a state, with a text in the name, in order."""
        wanted: dict[str, Callable[[Row, str], bool]] = {
            "state": lambda each, value: state(each) == value,
            "text": lambda each, value: bare(value) in bare(each["name"]),
        }
        met = [
            each
            for each in found
            if all(wanted[name](each, value) for name, value in asked.items())
        ]
        return ordered(met, {}, sort)


def in_order(found: list[Row], rows: dict[str, Row], sort: str) -> list[Row]:
    """Answers as they are sorted, as a list has them."""
    return [without(each, *NESTED) for each in ordered(found, rows, sort)]


def ordered(found: list[Row], rows: dict[str, Row], sort: str) -> list[Row]:
    """Answers as they are sorted; what has nothing to be sorted by comes last."""
    name, down = sort.removeprefix("-"), sort.startswith("-")
    by: dict[str, Callable[[Row], Any]] = {
        "created": lambda each: rows[each["id"]]["first_position"],
        "title": lambda each: bare(each["title"]),
        "name": lambda each: bare(each["name"]),
        "id": lambda each: each["id"],
        "starts": lambda each: each["starts"],
        "score": lambda each: each["score"],
        "progress": lambda each: each["progress"],
    }
    there = [each for each in found if by[name](each) is not None]
    there.sort(key=lambda each: (by[name](each), each["id"]), reverse=down)
    without_any = [each for each in found if by[name](each) is None]
    without_any.sort(key=lambda each: each["id"], reverse=down)
    return [*there, *without_any]


def is_computed(sort: str, asked: Row) -> bool:
    """Whether whole cycles have to be scored for it."""
    return not COMPUTED.isdisjoint(asked) or sort.removeprefix("-") in {"score", "progress"}


def one_cycle(asked: Row) -> UUID | None:
    """The cycle that a bare word is about."""
    cycles = set(asked.get("cycle", ()))
    return cycles.pop() if len(cycles) == 1 else None
