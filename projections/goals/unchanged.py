"""Whether anything of a cycle was changed since an answer was made, without making it again.

What a process has asked about, it follows: of each event it notes which cycles and KPIs it touched.
An answer about a cycle rests on that, on the cycles whose goals are aligned to its goals or above
them, or carried from or to it, and on the KPIs of all of them. What is no goal and no reading (a
team, a person, a role, the calendar, a closing …) touches everything. Where it is in doubt,
something was touched: then the answer is made again, and may be the same.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.database.dialect import Dialect
from projections.goals.reader import Reader
from projections.read_model.tables import FOREVER

MOST_EVENTS = 2_000  # of more at once it is not looked up what they touched
GOALS = ("objective", "key_result")
EVENTS = """
  SELECT type, {stream} FROM events
  WHERE position > :after AND position <= :upto ORDER BY position LIMIT {most}
"""
MEASURED = """
  SELECT r.measured_id FROM reading r WHERE r.known_from > :after AND r.known_from <= :upto
"""
# The cycles and KPIs that answers about a cycle rest on, whatever moment: of objectives below,
# through all that was ever aligned; of those right above; of predecessors and successors.
RESTS = f"""
    WITH RECURSIVE own(id) AS (
      SELECT o.id FROM objective o WHERE o.cycle_id = :cycle AND o.known_until = {FOREVER}
    ), below(id) AS (
      SELECT id FROM own
      UNION SELECT l.child_id FROM below JOIN links l ON l.parent_id = below.id
        WHERE l.kind = 'objective'
    ), beside(id) AS (
      SELECT id FROM below
      UNION SELECT o.parent_objective_id FROM own JOIN objective o ON o.id = own.id
      UNION SELECT o.carried_to FROM below JOIN objective o ON o.id = below.id
      UNION SELECT o.carried_from FROM below JOIN objective o ON o.id = below.id
    ), cycles(id) AS (
      SELECT DISTINCT o.cycle_id FROM beside JOIN objective o ON o.id = beside.id
    )
    SELECT id FROM cycles
    UNION SELECT k.kpi_id FROM cycles JOIN key_result k ON k.cycle_id = cycles.id
      WHERE k.kpi_id IS NOT NULL
"""


class Known(NamedTuple):
    """Where the log stood, and on which course of it, when an answer was asked for."""

    position: int
    turn: int


class Rests(NamedTuple):
    """What an answer rests on: cycles and KPIs by id, as known somewhere, and the day."""

    known: Known
    day: date
    on: frozenset[str]


class Unchanged:
    """Follows the log for a process, and says of answers whether they still stand."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.known: Known | None = None  # how far it has followed
        self.touched: dict[str, int] = {}  # the position by which a cycle or KPI was touched last
        self.everything = 0  # … and all of them
        self.lock = Lock()

    def follow(self) -> Known:
        """Follow the log up to now; return where that is."""
        model, at = self.reader.runner.caught_up()
        known = Known(at.log, self.reader.okr.course.seen.turn)
        with self.lock:
            before = self.known
            if before is None or before.turn != known.turn or before.position > known.position:
                self.touched, self.everything, self.known = {}, known.position, known
            elif before.position < known.position:
                self.note(model.database, before.position, known.position)
                self.known = known
        return known

    def note(self, database: Database, after: int, upto: int) -> None:
        """Note what the events between two positions have touched."""
        dialect = database.dialect
        span = {"after": after, "upto": upto}
        stream = dialect.id_as_text("stream")
        events = database.rows(EVENTS.format(stream=stream, most=MOST_EVENTS + 1), span)
        kinds = {kind.partition(".")[0] for kind, _ in events}
        if len(events) > MOST_EVENTS or kinds - {*GOALS, "reading", "kpi"}:
            self.everything = upto
            return
        ids = {str(id_) for kind, id_ in events if not kind.startswith("reading.")}
        touched = {str(id_) for kind, id_ in events if kind.startswith("kpi.")}
        if "reading" in kinds:
            measured = {str(row[0]) for row in database.rows(MEASURED, span)}
            ids, touched = ids | measured, touched | measured
        found = database.rows(touched_statement(dialect), {"ids": dialect.array(ids)})
        self.touched.update(dict.fromkeys(touched | {str(row[0]) for row in found}, upto))

    def rests_of(self, known: Known, question: str, about: Any) -> Rests:
        """Return what the answer to a question rests on that was made after `known` was known.

        The question is about a cycle, or an objective: then it rests on what its cycle rests on.
        """
        if question == "objective":
            return self.rests(known, self.reader.goals_cycle(about))
        return self.rests(known, self.reader.moments.cycle(about, "id"))

    def rests(self, known: Known, cycle_id: UUID) -> Rests:
        """Return what an answer about a cycle rests on that was asked for when `known` was known.

        It is asked for after the answer was made; what is added to it since is another event.
        """
        database = self.reader.runner.fresh().database
        found = database.rows(RESTS, {"cycle": str(cycle_id)})
        on = frozenset({str(cycle_id), *(str(row[0]) for row in found)})
        return Rests(known, self.reader.today(), on)

    def still(self, rests: Rests, known: Known) -> bool:
        """Return whether nothing was touched that an answer rests on, up to what is known now."""
        since = rests.known.position
        if known.turn != rests.known.turn:
            return False
        with self.lock:
            stands = (
                self.known is not None
                and self.known.turn == known.turn
                and self.everything <= since
                and all(self.touched.get(each, 0) <= since for each in rests.on)
            )
        return stands and rests.day == self.reader.today()


@cache
def touched_statement(dialect: Dialect) -> str:
    """Return the query of the cycles that goals are in, or whose goals they were aligned to."""
    ids = dialect.in_array("ids")
    return f"""
      SELECT o.cycle_id FROM objective o WHERE o.id {ids}
      UNION SELECT p.cycle_id FROM objective o JOIN objective p ON p.id = o.parent_objective_id
        WHERE o.id {ids}
      UNION SELECT k.cycle_id FROM key_result k WHERE k.id {ids}
    """
