"""A view: the read model pinned to a moment, for one question of one viewer.

Bitemporal: the moment's `known` is transaction time, its `day` valid time. What versions say of a
position never changes, so several statements of one view agree without a common snapshot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.access.rights import Held
from okr_es.database.database import Database
from okr_es.database.database import Row as Stored
from okr_es.database.dialect import Dialect
from okr_es.domain.refusals import NotFound
from okr_es.scoring.calendar import Calendars
from projections.as_of.answers import AsOf
from projections.as_of.corrected import row_as_known
from projections.as_of.dates import Dates
from projections.as_of.moments import Moment
from projections.as_of.rows import VERSION_THEN, columns, public
from projections.read_model.tables import FOREVER, Row, plain

NOUNS = {"objective": "an objective", "key_result": "a key result", "kpi": "a KPI"}
CYCLES = {"objective": "cycle_id", "key_result": "cycle_id", "kpi": "NULL"}
GOALS = " UNION ALL ".join(
    f"SELECT '{kind}' AS kind, {cycle} AS cycle_id FROM {kind} "
    f"WHERE id = :id AND known_until = {FOREVER} AND first_position <= :plan"
    for kind, cycle in CYCLES.items()
)
GOAL = f"""
  SELECT g.kind, g.cycle_id, c.name FROM ({GOALS}) AS g
  LEFT JOIN cycle c ON c.id = g.cycle_id AND c.known_until = {FOREVER}
"""


DAYS = "SELECT id, starts, ends FROM cycle WHERE known_from <= :known AND known_until > :known"


class Rights(NamedTuple):
    """By which roles somebody asks, who it is, and in which teams all is that the answer shows."""

    viewer: UUID
    roles: tuple[Held, ...]
    teams: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class View:
    """The read model pinned to a moment.

    `head` is the position it was caught up to, `viewer` the person who asks; None: nobody named.
    `rights` are what the viewer may see; None: everything, nobody asks the table of rights.
    """

    database: Database
    moment: Moment
    dates: Dates
    head: int
    viewer: UUID | None = None
    rights: Rights | None = None

    def at(self, moment: Moment) -> View:
        """Return the view of another moment, no later than what the read model was caught up to."""
        return replace(self, moment=moment)

    # ---- statements ---------------------------------------------------------------------

    @property
    def dialect(self) -> Dialect:
        """How the engine writes what the two write differently."""
        return self.database.dialect

    def rows(self, statement: str, **parameters: Any) -> list[Stored]:
        """Return the rows of a statement with :named parameters."""
        return self.database.rows(statement, parameters)

    def rows_for_values(self, statement: str, **parameters: Any) -> list[Stored]:
        """Return the rows of a statement that is planned for its values."""
        return self.database.rows(statement, parameters, for_values=True)

    def array(self, values: Iterable[Any]) -> str:
        """Return a list as one parameter."""
        return self.dialect.array(values)

    # ---- rows ---------------------------------------------------------------------------

    def one(self, table: str, id_: UUID, noun: str, field: str = "id") -> Row:
        """Return the row of one thing; raise NotFound with the field."""
        rows = self.rows(
            f"SELECT {columns(table)} FROM {table} WHERE id = :id AND known_from <= :plan "
            "ORDER BY known_from DESC LIMIT 1",
            id=str(id_),
            plan=self.moment.plan,
        )
        if not rows:
            raise NotFound(f"There is no {noun} {id_} by then.", field=field)
        return public(self.as_known(table, [rows[0]])[0])

    def all_rows(self, table: str, where: str = "", **parameters: Any) -> list[Row]:
        """Return all rows of a table; `where` is about today's rows, `now`."""
        return [public(row) for row in self.bounded_rows(table, where, **parameters)]

    def bounded_rows(self, table: str, where: str = "", **parameters: Any) -> list[Row]:
        """Return what `all_rows` does, with the positions between which each row holds."""
        then = VERSION_THEN.format(table=table)
        rows = self.rows(
            f"SELECT {columns(table, 'old')} FROM {table} now JOIN {table} old "
            f"ON old.id = now.id AND old.known_from = {then} "
            f"WHERE now.known_until = {FOREVER} {where}",
            plan=self.moment.plan,
            **parameters,
        )
        return self.as_known(table, rows)

    def versions(self, table: str, ids: Sequence[str], by: str = "id") -> list[Row]:
        """Return all versions of some things begun by then, bounds included, the oldest first.

        `by` names the column that the ids are of, as it is today.
        """
        among = self.dialect.in_array("ids")
        if by != "id":
            now = f"SELECT now.id FROM {table} now WHERE now.known_until = {FOREVER}"
            among = f"IN ({now} AND now.{by} {among})"
        rows = self.rows(
            f"SELECT {columns(table)} FROM {table} WHERE id {among} "
            "AND known_from <= :plan ORDER BY known_from",
            ids=self.array(ids),
            plan=self.moment.plan,
        )
        return self.as_known(table, rows)

    def as_known(self, table: str, rows: Iterable[Stored]) -> list[Row]:
        """Return stored rows of a table as corrected by the moment."""
        found = [row_as_known(plain(table, row), self.moment.known) for row in rows]
        return self.corrected(table, found)

    def corrected(self, table: str, rows: list[Row]) -> list[Row]:
        """Return rows; those of cycles with the days that are known at the moment.

        A correction of them holds for all days, also where the plan is that of an earlier one.
        """
        if table != "cycle" or self.moment.plan == self.moment.known:
            return rows
        days = {
            id_: {"starts": starts, "ends": ends}
            for id_, starts, ends in self.rows(DAYS, known=self.moment.known)
        }
        return [row | days[row["id"]] for row in rows]

    def require_goal(
        self, id_: UUID, field: str, kinds: Collection[str], cycles: Collection[UUID | None]
    ) -> None:
        """Raise NotFound for an id that is no goal of these kinds and cycles; None: any cycle.

        Without this check an unknown id would give an answer: that nothing differs, for instance.
        """
        rows = self.rows(GOAL, id=str(id_), plan=self.moment.plan)
        nouns = " or ".join(NOUNS[kind].partition(" ")[2] for kind in kinds)
        if not rows:
            raise NotFound(f"There is no {nouns} {id_} by then.", field=field)
        kind, cycle, name = rows[0]
        if kind not in kinds:
            raise NotFound(f"{id_} is {NOUNS[kind]}, no {nouns}.", field=field)
        if None not in cycles and UUID(cycle) not in cycles:
            raise NotFound(f"{id_} is {NOUNS[kind]} of another cycle, {name}.", field=field)

    # ---- days ---------------------------------------------------------------------------

    @property
    def calendars(self) -> Calendars:
        """The organisation's calendars, as known at the moment."""
        return self.dates.okr.calendars.current.known_at(self.moment.known)

    def days(self, positions: Iterable[int]) -> dict[int, date]:
        """Return the days events were recorded on, by position; one statement for all."""
        return self.dates.days(positions)


def as_of_fields(view: View) -> AsOf:
    """Return the fields in which an answer names the moment it is based on."""
    moment = view.moment
    return {
        "position": moment.known,
        "plan_position": moment.plan,
        "day": moment.day,
        "zone": view.calendars.zone_on(moment.day),
        "fixed": moment.is_fixed,
    }
