"""Finding goals by what is stored of them, as of a moment: ids in order, a page at a time.

The current rows are found in order by an index, those that have ended since by the interval tree
(`read_model/interval_tree.py`); so a page of any day reads few rows more than it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.domain.refusals import Invalid
from projections.as_of.about import as_known
from projections.as_of.effective import HeldThen, Tree
from projections.as_of.pages import Last, Sort
from projections.as_of.view import View
from projections.goals.loading_sql import version
from projections.read_model.folding import folded
from projections.read_model.interval_tree import path
from projections.read_model.tables import FOREVER

SORTED_BY = {"created": "k.first_position", "title": "k.title_key"}
OF_OBJECTIVE = "JOIN objective o ON o.id = k.objective_id AND o.known_from = {}"
ALL_CYCLES = f"SELECT id FROM cycle WHERE known_until = {FOREVER}"
NO_IDS = frozenset[str]()


class GoalFilters(NamedTuple):
    """What goals must meet: all that is given. Of a key result, state and team are its objective's.

    `team_id` is a team with all below it in the tree of the day, `text` is looked for in title and
    description. `status`, `overdue` and `outcome` are as the answers have them.
    """

    cycles: tuple[UUID, ...] = ()
    team_id: UUID | None = None
    owner_id: UUID | None = None
    state: str | None = None
    text: str | None = None
    status: str | None = None
    overdue: bool | None = None
    outcome: str | None = None

    @property
    def is_computed(self) -> bool:
        """Whether goals have to be scored to be found."""
        return (self.status, self.overdue, self.outcome) != (None, None, None)

    def meets(self, answer: Mapping[str, Any]) -> bool:
        """Return whether the answer about a goal is what was asked for."""
        return (
            (self.status is None or answer["status"] == self.status)
            and (self.overdue is None or bool(answer["overdue"]) == self.overdue)
            and (self.outcome is None or answer["outcome"] == self.outcome)
        )


class Found(NamedTuple):
    """A goal that was found: its id, its objective's, and what it is sorted by."""

    id: str
    objective_id: str
    value: str | int


class Finding(NamedTuple):
    """What is looked for in a table, as SQL over its rows `k`, with its parameters."""

    table: str
    conditions: list[str]
    parameters: dict[str, Any]
    joins: str
    value: str

    @property
    def objective(self) -> str:
        """The column of the objective."""
        return "k.id" if self.table == "objective" else "k.objective_id"


def found(
    view: View,
    table: str,
    filters: GoalFilters,
    sort: Sort,
    held: Mapping[str, HeldThen],
    hidden: frozenset[str] = NO_IDS,
    last: Last | None = None,
    limit: int | None = None,
) -> list[Found]:
    """Return the goals of a table that meet what is stored of the filters, in order.

    `held` is who held objectives on the day where others were believed to. Of what is hidden no
    word is looked at. A sort by what is computed leaves them in the order they were made. Those
    after `last` are found, so many at most; None: all.
    """
    finding = finding_of(view, table, filters, sort, held, hidden)
    down = sort.descending
    if last is not None:
        sign = "<" if down else ">"
        finding.conditions.append(f"({finding.value}, k.id) {sign} (:last_value, :last_id)")
        finding.parameters.update(last_value=last.value, last_id=last.id)
    order = "ORDER BY 3 DESC, 1 DESC" if down else "ORDER BY 3, 1"
    if limit is not None:
        finding.parameters["most"] = limit
        order += " LIMIT :most"
    parts = [
        f"SELECT * FROM (SELECT k.id, {finding.objective} AS objective_id, "
        f"{finding.value} AS value FROM {table} k {index} {finding.joins} WHERE "
        f"{' AND '.join([*rows, *finding.conditions])} {order}) AS part{number}"
        for number, (index, rows) in enumerate(places(view, finding, filters))
    ]
    statement = f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS parts {order}"
    return [Found(*row) for row in view.rows_for_values(statement, **finding.parameters)]


def places(view: View, finding: Finding, filters: GoalFilters) -> Iterator[tuple[str, list[str]]]:
    """Yield where rows of the moment are: the hint of an index, and the conditions for it.

    Of each cycle the current rows are a part of their own: so an index has them in order.
    """
    dialect = view.dialect
    upto, beyond = path(view.moment.plan, view.head)
    finding.parameters.update(
        plan=view.moment.plan, upto=view.array(upto), beyond=view.array(beyond)
    )
    current = [f"k.known_until = {FOREVER}", "k.known_from <= :plan"]
    cycles = filters.cycles or [row[0] for row in view.rows(ALL_CYCLES)]
    finding.parameters["cycles"] = view.array(cycles)
    of_cycles = f"k.cycle_id {dialect.in_array('cycles')}"
    if not filters.cycles:
        yield "", current
    for number, cycle_id in enumerate(filters.cycles):
        finding.parameters[f"cycle{number}"] = str(cycle_id)
        yield "", [f"k.cycle_id = :cycle{number}", *current]
    for bound, nodes, holds in (
        ("known_until", "upto", f"k.known_until > :plan AND k.known_until < {FOREVER}"),
        ("known_from", "beyond", f"k.known_from <= :plan AND k.known_until < {FOREVER}"),
    ):
        index = dialect.by_index(f"{finding.table}_then_by_{bound}")
        yield index, [of_cycles, f"k.node {dialect.in_array(nodes, 'bigint')}", holds]


def finding_of(
    view: View,
    table: str,
    filters: GoalFilters,
    sort: Sort,
    held: Mapping[str, HeldThen],
    hidden: frozenset[str],
) -> Finding:
    """Return what is looked for, as SQL."""
    value = SORTED_BY.get(sort.name, SORTED_BY["created"])
    found = Finding(table, [], {}, "", value)
    dialect, own = view.dialect, table == "objective"
    objective = "k" if own else "o"
    if not own:
        found.conditions.append("NOT k.dropped")
    if filters.state is not None:
        found.conditions.append(f"{objective}.state = :state")
        found.parameters["state"] = filters.state
    if filters.team_id is not None:
        teams = subtree(view, filters.team_id)
        found.parameters["teams"] = view.array(sorted(teams))
        is_theirs = f"{objective}.team_id {dialect.in_array('teams')}"
        there = {id_ for id_, each in held.items() if each.team_id in teams}
        found.conditions.append(of_the_day(view, found, "team", is_theirs, held, there))
    if filters.owner_id is not None:
        found.parameters["owner"] = owner = str(filters.owner_id)
        there = {id_ for id_, each in held.items() if each.owner_id == owner}
        is_theirs = of_the_day(view, found, "owner", f"{objective}.owner_id = :owner", held, there)
        is_own = "k.owner_id = :owner OR (k.owner_id IS NULL AND {})"
        found.conditions.append(is_theirs if own else f"({is_own.format(is_theirs)})")
    if hidden and (filters.text is not None or sort.name == "title"):
        found.parameters["hidden"] = view.array(sorted(hidden))
        is_hidden = f"k.id {dialect.in_array('hidden')}"
        if filters.text is not None:
            found.conditions.append(f"NOT ({is_hidden})")
        found = found._replace(value=f"CASE WHEN {is_hidden} THEN '' ELSE {value} END"
                               if sort.name == "title" else value)  # fmt: skip
    if filters.text is not None:
        found.conditions.append(dialect.holds("k.words", "text"))
        found.parameters["text"] = folded(filters.text)
    if not own and any("o." in each for each in found.conditions):
        found = found._replace(joins=OF_OBJECTIVE.format(version("objective", "k.objective_id")))
    return found


def of_the_day(
    view: View,
    finding: Finding,
    name: str,
    condition: str,
    held: Mapping[str, HeldThen],
    there: set[str],
) -> str:
    """Return a condition on what holds an objective, of the day: `there` are those it met then."""
    if not held:
        return condition
    finding.parameters["elsewhere"] = view.array(sorted(held))
    finding.parameters[f"{name}_there"] = view.array(sorted(there))
    among = view.dialect.in_array
    id_ = finding.objective
    return f"(({condition} AND NOT ({id_} {among('elsewhere')})) OR {id_} {among(f'{name}_there')})"


def subtree(view: View, team_id: UUID) -> frozenset[str]:
    """Return a team and all below it on the day, as known at the moment."""
    tree = Tree(as_known(view), view.moment.plan)
    return frozenset(
        {str(team_id)}
        | {each for each in tree.parents if str(team_id) in tree.teams(each, view.moment.day)}
    )


def require_there(view: View, team_id: UUID | None, owner_id: UUID | None) -> None:
    """Raise NotFound, with the field, for a team or a person that was not there by then.

    What is known counts: what a goal or a KPI is about may be older than its team.
    """
    known = as_known(view)
    if team_id is not None:
        known.one("team", team_id, "team", "team_id")
    if owner_id is not None:
        known.one("person", owner_id, "person", "owner_id")


def require_text(text: str | None) -> None:
    """Refuse to search for nothing."""
    if text is not None and not folded(text):
        raise Invalid("text is empty.", field="text")
