"""What belongs to a goal, a team or a cycle, each thing from when to when.

A span is a thing and the positions from which to which what happens to it counts, both included:
the event that takes something away is about what it is taken from as well. What hangs below
something counts only while it hangs there: see `links` in `read_model/tables.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from okr_es.database.database import Database, Row
from okr_es.domain.cycle import as_written
from okr_es.domain.refusals import NotFound
from projections.as_of.rows import among, many
from projections.read_model.tables import FOREVER

GOALS = ("objective", "key_result", "kpi")
MEASURES = ("key_result", "kpi")
BEGINNING = 1


class Span(NamedTuple):
    """A thing, and the positions from which to which what happens to it counts."""

    kind: str
    id: str
    first: int
    last: int

    def within(self, other: Span) -> Span:
        """Return the part of it that lies within another."""
        return self._replace(first=max(self.first, other.first), last=min(self.last, other.last))

    def covers(self, other: Span) -> bool:
        """Return whether another lies within it."""
        return self.first <= other.first and other.last <= self.last


def of_goal(database: Database, id_: UUID) -> list[Span]:
    """Return an objective, key result or KPI, and all that hung below it while it did."""
    for kind in GOALS:
        if is_there(database, kind, id_):
            return with_all_below(database, [Span(kind, str(id_), BEGINNING, FOREVER)], GOALS)
    raise NotFound(f"There is no goal {id_}.", field="goal_id")


def measured_by(database: Database, spans: list[Span]) -> list[Span]:
    """Return objectives and key results with all below that measured them, while it did."""
    goals = counted(database, with_all_below(database, spans, ("objective", "key_result")))
    return with_all_below(database, goals, ("kpi",))


def counted(database: Database, spans: list[Span]) -> list[Span]:
    """Return spans, those of key results up to where they were dropped and ceased to count."""
    ids = [span.id for span in spans if span.kind == "key_result"]
    asked = {"ids": many(database, ids)}
    rows = database.rows(DROPPED.format(among(database, "ids")), asked)
    dropped = {str(id_): int(position) for id_, position in rows}
    ends = [min(span.last, dropped.get(span.id, FOREVER)) for span in spans]
    return [span._replace(last=end) for span, end in zip(spans, ends, strict=True)]


def of_cycle(database: Database, id_: UUID) -> list[Span]:
    """Return a cycle, its objectives and key results, and the KPIs that fed these while they did.

    None of them ever leaves its cycle.
    """
    if not is_there(database, "cycle", id_):
        raise NotFound(f"There is no cycle {as_written(id_)}.", field="cycle")
    members = [
        Span(kind, member, first, FOREVER)
        for kind in ("objective", "key_result")
        for member, first in database.rows(OF_CYCLE.format(kind=kind), {"id": str(id_)})
    ]
    cycle = Span("cycle", str(id_), BEGINNING, FOREVER)
    return [cycle, *with_all_below(database, members, ("kpi",))]


def of_team(database: Database, id_: UUID) -> list[Span]:
    """Return a team and all below it, their goals while they were theirs, and what feeds these."""
    if not is_there(database, "team", id_):
        raise NotFound(f"There is no team {id_}.", field="team_id")
    teams = subtree(database, id_)
    goals = [*objectives_of(database, teams), *kpis_of(database, teams)]
    return [*teams, *with_all_below(database, goals, MEASURES)]


def is_there(database: Database, kind: str, id_: UUID) -> bool:
    """Return whether there ever was a thing of that kind."""
    return bool(
        database.rows(f"SELECT 1 FROM {kind} WHERE id = :id AND known_until = {FOREVER}",
                      {"id": str(id_)})
    )  # fmt: skip


OF_CYCLE = (
    "SELECT id, first_position FROM {kind} "
    f"WHERE cycle_id = :id AND known_until = {FOREVER}"
)  # fmt: skip
DROPPED = "SELECT id, min(known_from) FROM key_result WHERE id {} AND dropped GROUP BY id"
BELOW = "SELECT parent_id, kind, child_id, known_from, known_until FROM links WHERE parent_id {}"
TEAMS = "SELECT parent_id, id, known_from, known_until FROM team WHERE parent_id IS NOT NULL"
KPIS = f"SELECT team_id, id, first_position FROM kpi WHERE known_until = {FOREVER} AND team_id {{}}"
# A team had an objective all the time from the first version to the last, if they leave no gap.
THEIRS = """
  SELECT team_id, id, min(known_from), max(known_until), sum(known_until - known_from)
  FROM objective WHERE team_id {} GROUP BY team_id, id
"""
VERSIONS = "SELECT known_from, known_until FROM objective WHERE id = :id AND team_id = :team"


def with_all_below(database: Database, spans: list[Span], kinds: Sequence[str]) -> list[Span]:
    """Return spans, and those of all that hung below them, however deep, of these kinds."""
    known, fresh = Known(spans), spans
    while fresh:
        asked = {"ids": many(database, sorted({span.id for span in fresh}))}
        hanging: dict[str, list[Span]] = defaultdict(list)
        for above, *span in database.rows(BELOW.format(among(database, "ids")), asked):
            if span[0] in kinds:
                hanging[above].append(Span(*span))
        fresh = known.new(below.within(span) for span in fresh for below in hanging[span.id])
    return known.spans


class Known:
    """Spans that are known, so that none is followed twice."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self.spans: list[Span] = []
        self.by_id: dict[str, list[Span]] = defaultdict(list)
        self.new(spans)

    def new(self, spans: Iterable[Span]) -> list[Span]:
        """Take spans in; return those that tell something new."""
        found = [span for span in spans if self.takes(span)]
        self.spans += found
        return found

    def takes(self, span: Span) -> bool:
        """Take a span in, unless it is empty or lies within a known one."""
        others = self.by_id[span.id]
        if span.first > span.last or any(other.covers(span) for other in others):
            return False
        others.append(span)
        return True


def subtree(database: Database, id_: UUID) -> list[Span]:
    """Return a team and all below it, each while it was."""
    hanging: dict[str, list[Span]] = defaultdict(list)
    for above, *span in database.rows(TEAMS, {}):
        hanging[above].append(Span("team", *span))
    known, fresh = Known([]), [Span("team", str(id_), BEGINNING, FOREVER)]
    while fresh := known.new(fresh):
        fresh = [below.within(span) for span in fresh for below in hanging[span.id]]
    return known.spans


def objectives_of(database: Database, teams: list[Span]) -> list[Span]:
    """Return the objectives of teams, each while it was theirs."""
    owned: dict[str, list[Span]] = defaultdict(list)
    for team, id_, first, last, whole in of_teams(database, THEIRS, teams):
        spans = [(first, last)]
        if int(whole) != last - first:
            spans = together(database.rows(VERSIONS, {"id": id_, "team": team}))
        owned[team] += [Span("objective", id_, *span) for span in spans]
    return [each.within(team) for team in teams for each in owned[team.id]]


def kpis_of(database: Database, teams: list[Span]) -> list[Span]:
    """Return the KPIs of teams, which never leave them."""
    owned: dict[str, list[Span]] = defaultdict(list)
    for team, id_, first in of_teams(database, KPIS, teams):
        owned[team].append(Span("kpi", id_, first, FOREVER))
    return [each.within(team) for team in teams for each in owned[team.id]]


def of_teams(database: Database, statement: str, teams: list[Span]) -> list[Row]:
    """Return the rows of a statement about some teams."""
    ids = many(database, sorted({team.id for team in teams}))
    return database.rows(statement.format(among(database, "ids")), {"ids": ids})


def together(versions: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return versions as spans: those that follow one another are one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(versions):
        if found and found[-1][1] == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found
