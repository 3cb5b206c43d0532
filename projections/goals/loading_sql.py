"""The SQL that loads goals as of a moment: fragments, and the statements put together from them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from okr_es.database.dialect import Dialect
from okr_es.log.calendars import CALENDAR_VERSION
from okr_es.log.course import HASH_AT
from projections.goals.key_result_scores import KeyResultRow
from projections.goals.scoring import POLICY_FIELDS
from projections.goals.span_readings import combines
from projections.read_model.tables import FOREVER

OBJECTIVE = (
    "id", "version", "cycle_id", "team_id", "owner_id", "title", "description", "commitment",
    "due", "state", "graded", "adjusted_grade", "evidence", "aligned_to_objective_id",
    "aligned_to_key_result_id", "weight", "carried_from", "carried_to", "revisions",
    "parent_objective_id", "committed_at", "committed_time", "first_key_result", "lineage",
    "promised_at", "covered_by", "corrected", "first_position",
)  # fmt: skip
CYCLE = (
    "id", "version", "name", "starts", "ends", "plan_committed", "closed", "approval_required",
    "plan_commits", "closings", "closing_position", "first_position",
)  # fmt: skip
# A correction of the days of a cycle holds for all days: they are those known, not those planned.
DAYS = ("starts", "ends")
MEASURE = ("value", "zone", "as_of", "done", "evidence")
KEY_RESULT = KeyResultRow._fields


def known_readings(measured: str, days: str) -> str:
    """Return, from WHERE on, the SQL of the readings of something that are known, about days.

    They are found by their days; without the `+ 0`, PostgreSQL would rather read and sort all that
    were ever recorded up to the position.
    """
    return (
        f"WHERE r.measured_id = {measured} AND {days} "
        "AND r.known_from + 0 <= :known AND r.known_until > :known AND NOT r.retracted"
    )


def counting(measured: str, day: str, *conditions: str, since: str | None = None) -> str:
    """Return, from WHERE on, the SQL of the reading that counts: of the last day the last.

    Only readings about days up to `day` count, and from `since` on where it is given.
    """
    days = f"r.as_of <= {day}" if since is None else f"r.as_of <= {day} AND r.as_of >= {since}"
    where = " AND ".join([known_readings(measured, days), *conditions])
    return f"{where} ORDER BY r.as_of DESC, r.first_position DESC LIMIT 1"


# A check-in may be confidence or a comment alone: then it has no value.
WITH_VALUE = "coalesce(r.value, r.zone) IS NOT NULL"
# A check-in counts under the definition it was made under; a KPI has a definition of its own.
OF_DEFINITION = "r.definition = k.definition"
OF_FED_DEFINITION = f"(k.kpi_id IS NOT NULL OR {OF_DEFINITION})"


def version(table: str, of: str, at: str = ":plan") -> str:
    """Return the SQL of the position from which a row's version holds at another, :plan."""
    return f"(SELECT max(v.known_from) FROM {table} v WHERE v.id = {of} AND v.known_from <= {at})"


def valid(alias: str) -> str:
    """Return the SQL of whether a version or a link was valid at :plan."""
    return f"{alias}.known_from <= :plan AND {alias}.known_until > :plan"


def linked(kind: str) -> str:
    """Return the SQL of what of a kind was linked below something at :plan: b."""
    return f"b.kind = '{kind}' AND {valid('b')}"


def named(alias: str, names: Iterable[str]) -> str:
    """Return columns under an alias."""
    return ", ".join(f"{alias}.{name}" for name in names)


def cycle_columns() -> str:
    """Return the columns of a cycle, of y as planned and of d as known."""
    return ", ".join(f"{'d' if name in DAYS else 'y'}.{name}" for name in CYCLE)


def objective_columns(alias: str, plan: str = ":plan") -> str:
    """Return the columns of an objective; a promise made later than `plan` is not there yet."""
    cut = {
        name: f"CASE WHEN {alias}.promised_at <= {plan} THEN {alias}.{name} END AS {name}"
        for name in ("promised_at", "covered_by")
    }
    return ", ".join(cut.get(name, f"{alias}.{name}") for name in OBJECTIVE)


def key_result_columns(day: str, since: str) -> str:
    """Return the columns of a key result with its reading: k, and m for the reading.

    `since` and `day` are the first and the last day about which readings count.
    """
    own = counting("k.id", day, "r.confidence IS NOT NULL", OF_DEFINITION, since=since)
    before = started("k.kpi_id", since, day)
    special = {name: f"m.{name}" for name in MEASURE} | {
        "reading_id": "m.id",
        "confidence": f"""CASE WHEN k.kpi_id IS NULL THEN m.confidence
          ELSE (SELECT r.confidence FROM reading r {own}) END""",
        "started_at": f"CASE WHEN k.kpi_id IS NOT NULL THEN ({before}) END",
        "combines": combines("k"),
        "span": "NULL",
    }
    return ", ".join(special.get(name, f"k.{name}") for name in KEY_RESULT)


def started(measured: str, since: str, day: str) -> str:
    """Return the query of the last reading by a day and about one before the first, in one text.

    It is the id, the day and the value, which `started_at` in `key_result_scores.py` reads.
    """
    order = "ORDER BY r.as_of DESC, r.first_position DESC LIMIT 1"
    days = f"r.as_of < {since} AND r.as_of <= {day}"
    return (
        f"SELECT r.id || r.as_of || r.value FROM reading r {known_readings(measured, days)} {order}"
    )


def measured(dialect: Dialect, day: str, since: str) -> str:
    """Return the join of the reading that counts for a key result by a day: m."""
    which = counting(FED_BY, day, OF_FED_DEFINITION, since=since)
    return dialect.first_of("m", "reading", "r.*", which)


FED_BY = "coalesce(k.kpi_id, k.id)"
# Readings count about the days of the goal's own cycle, also after the day it is due.
SINCE = "d.starts"
UNTIL = "CASE WHEN d.ends < :day THEN d.ends ELSE :day END"
WITH_DAYS = f"JOIN cycle d ON d.id = y.id AND d.known_from = {version('cycle', 'y.id', ':known')}"
POLICY = """LEFT JOIN scoring_policy s ON s.known_from = (
    SELECT max(v.known_from) FROM scoring_policy v
    WHERE v.known_from <= CASE WHEN y.closed THEN y.closing_position ELSE :plan END)"""

# Of the last event of the log. It refers to nothing outside itself, so that it is looked up once
# and not for each row.
LAST_HASH = HASH_AT.format(position="(SELECT position FROM counter)")

# A goal and all that is aligned to it, directly or through others.
ONE = f"""
  SELECT f.id FROM objective f WHERE f.id = :id AND f.known_until = {FOREVER}
  UNION
  SELECT b.child_id FROM ids JOIN links b ON b.parent_id = ids.id AND {linked("objective")}
"""


@cache
def goals_statement(dialect: Dialect, ids: str) -> str:
    """Return the statement that loads objectives with key results, cycle and policy.

    `ids` is a (recursive) query of their ids.
    """
    columns = [objective_columns("o"), cycle_columns(), named("s", POLICY_FIELDS)]
    columns.append(key_result_columns(UNTIL, SINCE))
    return f"""
      WITH RECURSIVE ids(id) AS ({ids})
      SELECT p.position, p.retired, n.position, {CALENDAR_VERSION}, p.hash, {LAST_HASH},
        {", ".join(columns)}
      FROM ids CROSS JOIN progress p CROSS JOIN counter n
      JOIN objective o ON o.id = ids.id AND o.known_from = {version("objective", "ids.id")}
      JOIN cycle y ON y.id = o.cycle_id AND y.known_from = {version("cycle", "o.cycle_id")}
      {WITH_DAYS}
      {POLICY}
      LEFT JOIN links b ON b.parent_id = o.id AND {linked("key_result")}
      LEFT JOIN key_result k ON k.id = b.child_id AND NOT k.dropped
        AND k.known_from = {version("key_result", "b.child_id")}
      {measured(dialect, UNTIL, SINCE)}
      ORDER BY o.first_position, k.first_position
    """


# It returns a row when log and read model still end with the event of a cached answer.
STILL = f"""
  SELECT 1 FROM progress p CROSS JOIN counter n
  WHERE p.position = CAST(:cached AS bigint) AND n.position = p.position AND NOT p.retired
    AND p.hash = :hash AND p.hash = {LAST_HASH}
"""


@cache
def cycles_statement(dialect: Dialect) -> str:
    """Return the statement of cycles with their policies, and of the goals aligned from others.

    Those are all that was aligned, also through others, to goals of the cycles; their cycles are
    included. The last column is a list of their ids, in JSON.
    """
    aligned = linked("objective")
    has_others = f"EXISTS (SELECT 1 FROM links x WHERE x.other_cycle AND {valid('x')})"
    return f"""
      WITH RECURSIVE ids(id) AS (
        SELECT b.child_id FROM objective o JOIN links b ON b.parent_id = o.id AND {aligned}
        WHERE o.cycle_id {dialect.in_array("cycles")} AND o.known_until = {FOREVER} AND {has_others}
        UNION
        SELECT b.child_id FROM ids JOIN links b ON b.parent_id = ids.id AND {aligned}
      ), others(id, cycle_id) AS (
        SELECT o.id, o.cycle_id FROM ids JOIN objective o ON o.id = ids.id
        AND o.known_until = {FOREVER} AND NOT o.cycle_id {dialect.in_array("cycles")}
      )
      SELECT {cycle_columns()}, {named("s", POLICY_FIELDS)},
        (SELECT {dialect.json_list("id")} FROM others)
      FROM cycle y {WITH_DAYS} {POLICY}
      WHERE (y.id {dialect.in_array("cycles")} OR y.id IN (SELECT cycle_id FROM others))
        AND y.known_from = {version("cycle", "y.id")}
    """


@cache
def members_statement(
    dialect: Dialect, table: str, columns: str, joins: str = "", where: str = "", others: str = ""
) -> str:
    """Return the statement of all rows of some cycles that held at a position: k.

    Its parameters are cycles, plan, upto and beyond: see `read_model/interval_tree.py`. `others`
    is a condition on rows of other cycles that are included.
    """
    upto, beyond = (dialect.in_array(name, "bigint") for name in ("upto", "beyond"))
    of_cycles = f"cycle_id {dialect.in_array('cycles')}"
    parts = [
        f"{of_cycles} AND known_until = {FOREVER} AND known_from <= :plan",
        f"{of_cycles} AND node {upto} AND known_until > :plan AND known_until < {FOREVER}",
        f"{of_cycles} AND node {beyond} AND known_from <= :plan AND known_until < {FOREVER}",
    ]
    indexes = [
        "",
        *(dialect.by_index(f"{table}_then_by_{b}") for b in ("known_until", "known_from")),
    ]
    if others:
        parts.append(f"{others} AND known_from <= :plan AND known_until > :plan")
        indexes.append("")
    rows = " UNION ALL ".join(
        f"SELECT * FROM {table} {index} WHERE {part}"
        for index, part in zip(indexes, parts, strict=True)
    )
    return f"SELECT {columns} FROM ({rows}) AS k {joins} {where}"


WANTED = {
    "number": "bigint", "fed_by": "text", "own": "text", "definition": "text",
    "fed_definition": "text", "since": "text", "day": "text",
}  # fmt: skip


@cache
def readings_statement(dialect: Dialect) -> str:
    """Return the statement of the readings and the confidence that count, each by a day.

    Each wanted one says by what it is fed, its own id and definition, the definition its value
    needs (null: any, for a KPI), and the first and the last day.
    """
    wanted = dialect.relation("wanted", **WANTED)
    value = counting(
        "w.fed_by",
        "w.day",
        WITH_VALUE,
        "(w.fed_definition IS NULL OR r.definition = w.fed_definition)",
        since="w.since",
    )
    own = counting(
        "w.own",
        "w.day",
        "r.confidence IS NOT NULL",
        "r.definition = w.definition",
        since="w.since",
    )
    begun = f"CASE WHEN w.fed_by <> w.own THEN ({started('w.fed_by', 'w.since', 'w.day')}) END"
    return f"""
      SELECT w.number, m.value, m.zone, m.as_of, m.id, m.done, m.evidence, c.confidence,
        {begun} AS started_at
      FROM {wanted} AS w
      {dialect.first_of("m", "reading", "r.*", value)}
      {dialect.first_of("c", "reading", "r.*", own)}
    """
