"""The scoreboard: the figures of any cycles, or of moments of them, side by side.

A column is a cycle as its review has it: as of its last closing, or as known at a moment or now.
Its figures are those of the review, by the same functions, formed exactly: the change from one
column to the next is a difference of exact figures, rounded last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.cycle import CycleRef
from okr_es.domain.refusals import Invalid
from projections.as_of.effective import Tree
from projections.as_of.hierarchy import team_subtree
from projections.as_of.references import cycle_answer, ref
from projections.as_of.team_names import team_names
from projections.as_of.view import View, as_of_fields
from projections.goals.reader import Reader
from projections.read_model.tables import Row
from projections.retrospect.ownership import (
    Held,
    Sums,
    add_of_person,
    add_of_team,
    held_by_team,
    owned_by,
    owners_by_team,
)
from projections.retrospect.people_figures import Shown
from projections.retrospect.people_figures import shown as shown_about_people
from projections.retrospect.reviewed import (
    as_of_closing,
    both_plans,
    exact_total_of_cycle,
    held_goals,
    is_in_scope,
)
from projections.retrospect.scoreboard_answers import (
    InColumns,
    ScoreboardAnswer,
    ScoreboardBody,
    ScoreboardColumn,
)
from projections.retrospect.scoreboard_kpis import Covers, KpiInCycle, in_columns, kpis_in_cycle
from projections.retrospect.totals import ExactTotal, change, shown

MOST_COLUMNS = 40
Add = Callable[[Sums, str, list[Held]], None]


class Asked(NamedTuple):
    """A column that is asked for: a cycle in a view, and the text that named its moment."""

    cycle_id: UUID
    view: View
    text: str | None


class Part(NamedTuple):
    """What a scoreboard is limited to: a team with all below it, a person; None: nothing."""

    team: UUID | None = None
    person: UUID | None = None

    @property
    def texts(self) -> tuple[str | None, str | None]:
        """Both ids as they stand in rows."""
        return tuple(None if each is None else str(each) for each in self)  # type: ignore[return-value]


class Figures(NamedTuple):
    """The figures of a column, exact: of all, and of teams, people and KPIs by id."""

    view: View
    cycle: Row
    asked: str | None
    total: ExactTotal | None
    teams: Mapping[str, ExactTotal]
    people: Mapping[str, ExactTotal]
    kpis: dict[str, KpiInCycle]


def scoreboard(
    reader: Reader, cycles: Sequence[CycleRef], moments: Sequence[str], part: Part
) -> ScoreboardAnswer:
    """Return the figures of some cycles side by side, each as known at each of some moments.

    Without moments each is as its review has it. Raises Invalid for no column and for too many, and
    NotFound, with the field, for a cycle, team or person there is not by then.
    """
    if not cycles:
        raise Invalid("No cycle is named: a scoreboard has a column for each.", field="cycle")
    number = len(cycles) * max(len(moments), 1)
    if number > MOST_COLUMNS:
        raise Invalid(
            f"{number} columns were asked for, and {MOST_COLUMNS} are the most: cycles times "
            "moments.",
            field="cycle",
        )
    asked = columns(reader, cycles, moments, part.team)
    latest = latest_of(each.view for each in asked)
    for kind, id_ in (("team", part.team), ("person", part.person)):
        if id_ is not None:
            latest.one(kind, id_, kind, f"{kind}_id")
    is_fixed = all(each.view.moment.is_fixed for each in asked)
    people_figures = shown_about_people(latest)
    found = [figures(each, part, people_figures, with_people=True) for each in asked]
    people = sorted(ids_of(each.people for each in found))
    return {
        **as_of_fields(latest),
        "fixed": is_fixed,
        **body(found, part),
        "people_figures": people_figures.people_figures,
        "people": [
            {"person": ref(id_), **beside([each.people.get(id_) for each in found])}
            for id_ in people
        ],
    }


def without_people(asked: Sequence[Asked], team: UUID | None) -> ScoreboardBody:
    """Return the figures of some columns side by side, but none of people."""
    part, people_figures = Part(team), shown_about_people(asked[0].view)
    found = [figures(each, part, people_figures, with_people=False) for each in asked]
    return body(found, part)


def columns(
    reader: Reader, cycles: Sequence[CycleRef], moments: Sequence[str], team: UUID | None
) -> list[Asked]:
    """Return the columns of some cycles, each at each of some moments; of none as known now.

    The word `plan-committed` is about the plan of the team that is asked for, if one is.
    """
    now, found = reader.now(), list[Asked]()
    texts: Sequence[str | None] = moments or [None]
    for cycle in cycles:
        for text in texts:
            id_ = reader.moments.cycle(cycle, "cycle")
            view = now
            if text is not None:
                commit = team and reader.moments.of_team(text, team, id_, "known_at")
                known_at = str(commit.position) if commit else text
                view = reader.back(now, reader.moments.moment(known_at, None, id_))
                id_ = reader.moments.cycle(cycle, "cycle", view.moment)
            found.append(Asked(id_, as_of_closing(view, id_, "cycle"), text))
    return found


def latest_of(views: Iterable[View]) -> View:
    """Return the view that knows most; of two that know the same, the one about the later day."""
    return max(views, key=lambda view: (view.moment.known, view.moment.plan, view.moment.day))


def body(found: Sequence[Figures], part: Part) -> ScoreboardBody:
    """Return the figures of some columns side by side, but those of people."""
    teams = by_tree(latest_of(each.view for each in found), ids_of(each.teams for each in found))
    return {
        "columns": [column(each) for each in found],
        "total": None if part != Part() else beside([each.total for each in found]),
        "teams": [
            {"team": ref(id_), **beside([each.teams.get(id_) for each in found])} for id_ in teams
        ],
        "kpis": in_columns([each.kpis for each in found]),
    }


def figures(asked: Asked, part: Part, shown_people: Shown, *, with_people: bool) -> Figures:
    """Return the figures of a column."""
    view = asked.view
    team, person = part.texts
    reviewed = both_plans(view, asked.cycle_id, with_confidence=False)
    cycle = reviewed.found.cycle
    all_held = held_goals(reviewed, with_ends=False)
    held = [each for each in all_held if is_in_scope(each, team, person, None)]
    owners = owners_by_team(held)
    by_team = held_by_team(held, team) if person is None else {}
    by_person = owned_by(held, shown_people, person, team) if with_people else {}
    return Figures(
        view,
        cycle,
        asked.text,
        exact_total_of_cycle(held, shown_people) if part == Part() else None,
        {
            id_: summed(id_, goals, add_of_team, shown_people.has_discipline_of(owners[id_]))
            for id_, goals in by_team.items()
            if goals
        },
        {id_: summed(id_, goals, add_of_person, True) for id_, goals in by_person.items()},  # noqa: FBT003
        kpis_in_cycle(view, cycle, covering(view, part)),
    )


def summed(id_: str, goals: list[Held], add: Add, has_discipline: bool) -> ExactTotal:  # noqa: FBT001
    """Return the total of a team or a person."""
    found = Sums(has_discipline=has_discipline)
    add(found, id_, goals)
    return found.total


def covering(view: View, part: Part) -> Covers:
    """Return what says of a KPI whether it is of the part that is asked for."""
    _, person = part.texts
    teams = None if part.team is None else team_subtree(view, part.team)
    return lambda row: (
        person in (None, row["owner_id"]) and (teams is None or row["team_id"] in teams)
    )


# ---- side by side ---------------------------------------------------------------------------


def column(found: Figures) -> ScoreboardColumn:
    """Return what says which cycle a column is, and as of when."""
    return {
        **as_of_fields(found.view),
        "cycle": cycle_answer(found.cycle),
        "asked": found.asked,
    }


def beside(totals: Sequence[ExactTotal | None]) -> InColumns:
    """Return totals side by side, with the change from each column to the next."""
    return {
        "totals": [None if each is None else shown(each) for each in totals],
        "changes": [
            None,
            *(
                None if before is None or after is None else change(before, after)
                for before, after in pairwise(totals)
            ),
        ],
    }


def ids_of(columns: Iterable[Mapping[str, ExactTotal]]) -> set[str]:
    """Return the ids of what any column has figures of."""
    return {id_ for each in columns for id_ in each}


def by_tree(view: View, ids: Iterable[str]) -> list[str]:
    """Return teams in the order of the tree, those above first, beside each other by name."""
    tree, names = Tree(view), team_names(view)

    def place(id_: str) -> list[tuple[str, str]]:
        path = tree.teams(id_, view.moment.day)
        return [(names.get(each, "").casefold(), each) for each in reversed(path)]

    return sorted(ids, key=place)
