"""The hierarchy through time: goals aligned to goals, goals of teams and of cycles.

The read model keeps links (see `read_model/tables.py`): key results and aligned objectives below an
objective, the KPI that feeds a key result below that. A span is a thing and the positions between
which what happens to it counts, both included: the event that takes something away is about what
it is taken from as well. What is linked below something counts only while it is linked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.database.database import Row as Stored
from projections.as_of.view import View
from projections.read_model.tables import FOREVER

BEGINNING = 1

# The objectives of a cycle, as ids to begin with.
OF_A_CYCLE = f"SELECT id FROM objective WHERE cycle_id = :cycle AND known_until = {FOREVER}"


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


class Link(NamedTuple):
    """A child and its parent, linked from a position until before another."""

    parent_id: str
    child_id: str
    kind: str
    known_from: int
    known_until: int

    @property
    def span(self) -> Span:
        """The child, while it was linked; the event that unlinks it included."""
        return Span(self.kind, self.child_id, self.known_from, self.known_until)


# ---- all that was ever below ----------------------------------------------------------------


class Closure:
    """All objectives, key results and KPIs that were ever below some objectives, with the links."""

    def __init__(self, rows: Iterable[Stored]) -> None:
        self.roots: list[str] = []
        self.objectives: dict[str, None] = {}  # in a fixed order
        self.links: list[Link] = []
        for id_, is_objective, is_root, *link in rows:
            if is_root and id_ not in self.objectives:
                self.roots.append(id_)
            if is_objective:
                self.objectives[id_] = None
            if link[0] is not None:
                self.links.append(Link(id_, *link))

    @property
    def key_results(self) -> list[str]:
        """The key results, each once."""
        return self.children("key_result")

    @property
    def kpis(self) -> list[str]:
        """The KPIs that fed them, each once."""
        return self.children("kpi")

    def children(self, kind: str) -> list[str]:
        """Return what of a kind was below something, each once."""
        return list(dict.fromkeys(link.child_id for link in self.links if link.kind == kind))

    @property
    def spans(self) -> list[Span]:
        """The objectives it was made of and all below them, each while it was, however deep."""
        below: dict[str, list[Span]] = defaultdict(list)
        for link in self.links:
            below[link.parent_id].append(link.span)
        return spread((Span("objective", id_, BEGINNING, FOREVER) for id_ in self.roots), below)


def ever_below(database: Database, roots: str, **parameters: object) -> Closure:
    """Return all that was ever below some objectives, by one statement.

    `roots` is a query of their ids, `parameters` are those of that query.
    """
    rows = database.rows(
        f"""
      WITH RECURSIVE roots(id) AS ({roots}), ids(id, kind) AS (
        SELECT r.id, 'objective' FROM roots r
        UNION
        SELECT b.child_id, b.kind FROM ids JOIN links b ON b.parent_id = ids.id
      )
      SELECT ids.id, ids.kind = 'objective', ids.id IN (SELECT r.id FROM roots r),
             b.child_id, b.kind, b.known_from, b.known_until
      FROM ids LEFT JOIN links b ON b.parent_id = ids.id
    """,
        dict(parameters),
    )
    return Closure(rows)


def below_objectives(view: View, ids: Sequence[str]) -> Closure:
    """Return all that was ever below these objectives."""
    roots = view.dialect.unnest("ids")
    return ever_below(
        view.database, f"SELECT value AS id FROM ({roots}) AS listed", ids=view.array(ids)
    )


def below_cycle(view: View, cycle_id: str) -> Closure:
    """Return all that was ever below the objectives of a cycle."""
    return ever_below(view.database, OF_A_CYCLE, cycle=cycle_id)


# ---- spans ----------------------------------------------------------------------------------


def measured_by(database: Database, spans: list[Span]) -> list[Span]:
    """Return objectives and key results with all below that measured them, while it did."""
    goals = counted(database, with_all_below(database, spans, ("objective", "key_result")))
    return with_all_below(database, goals, ("kpi",))


def counted(database: Database, spans: list[Span]) -> list[Span]:
    """Return spans, those of key results without what lies between dropping and reinstating them.

    Both events are theirs, and nothing between.
    """
    ids = [span.id for span in spans if span.kind == "key_result"]
    rows = database.rows(
        "SELECT id, known_from, known_until FROM key_result "
        f"WHERE id {database.dialect.in_array('ids')} AND dropped ORDER BY known_from",
        {"ids": database.dialect.array(ids)},
    )
    dropped: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for id_, first, until in rows:
        dropped[id_].append((int(first), int(until)))
    return [part for span in spans for part in without(span, dropped.get(span.id, []))]


def without(span: Span, gaps: Iterable[tuple[int, int]]) -> list[Span]:
    """Return the parts of a span around some gaps, each with its ends: from one to the next."""
    parts, first = [], span.first
    for last, after in gaps:
        parts.append(span._replace(first=first, last=min(span.last, last)))
        first = max(span.first, after)
    parts.append(span._replace(first=first))
    return [part for part in parts if part.first <= part.last and part.first < FOREVER]


LINKS = """
  WITH RECURSIVE ids(id) AS (
    SELECT r.value FROM ({ids}) AS r
    UNION
    SELECT b.child_id FROM ids JOIN links b ON b.parent_id = ids.id AND b.kind {kinds}
  )
  SELECT b.parent_id, b.child_id, b.kind, b.known_from, b.known_until
  FROM ids JOIN links b ON b.parent_id = ids.id AND b.kind {kinds}
"""


def with_all_below(database: Database, spans: list[Span], kinds: Sequence[str]) -> list[Span]:
    """Return spans, and those of all that was linked below them, however deep, of these kinds."""
    dialect = database.dialect
    rows = database.rows(
        LINKS.format(ids=dialect.unnest("ids"), kinds=dialect.in_array("kinds")),
        {
            "ids": dialect.array(sorted({span.id for span in spans})),
            "kinds": dialect.array(kinds),
        },
    )
    below: dict[str, list[Span]] = defaultdict(list)
    for row in rows:
        link = Link(*row)
        below[link.parent_id].append(link.span)
    return spread(spans, below)


def spread(spans: Iterable[Span], below: dict[str, list[Span]]) -> list[Span]:
    """Return spans, and those of what is below them, each within that above; none twice."""
    known = SpanSet()
    fresh = known.add(spans)
    while fresh:
        fresh = known.add(child.within(span) for span in fresh for child in below.get(span.id, ()))
    return known.spans


class SpanSet:
    """Spans, none of which lies within another of the same thing."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.by_id: dict[str, list[Span]] = defaultdict(list)

    def add(self, spans: Iterable[Span]) -> list[Span]:
        """Add spans; return those that are not empty and lie within no other."""
        new = [span for span in spans if self.is_new(span)]
        self.spans += new
        return new

    def is_new(self, span: Span) -> bool:
        """Note a span, unless it is empty or lies within another; return whether."""
        others = self.by_id[span.id]
        if span.first > span.last or any(other.covers(span) for other in others):
            return False
        others.append(span)
        return True


# ---- teams ----------------------------------------------------------------------------------


def team_subtree(view: View, team_id: UUID) -> frozenset[str]:
    """Return a team, whether it was there or not, and all teams below it at the moment."""
    below: dict[str, list[str]] = defaultdict(list)
    for row in view.all_rows("team"):
        below[row["parent_id"]].append(row["id"])
    found, wanted = set(), [str(team_id)]
    while wanted:
        found.add(team := wanted.pop())
        wanted += below[team]
    return frozenset(found)


def feeding(view: View, key_results: Sequence[str]) -> list[Link]:
    """Return which KPIs fed some key results up to the moment, and when, in order."""
    rows = view.rows(
        "SELECT parent_id, child_id, kind, known_from, known_until FROM links "
        f"WHERE parent_id {view.dialect.in_array('ids')} AND kind = 'kpi' "
        "AND known_from <= :plan ORDER BY known_from, parent_id",
        ids=view.array(key_results),
        plan=view.moment.plan,
    )
    return [Link(*row) for row in rows]
