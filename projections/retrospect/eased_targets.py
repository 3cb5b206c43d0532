"""Which targets of a cycle were made easier once they were promised: of key results, and of KPIs.

A target of a KPI counts where it is for days of the cycle and the KPI fed a promise of it then.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from okr_es.database.dialect import Dialect
from projections.as_of.corrected import row_as_known
from projections.as_of.hierarchy import Link
from projections.as_of.view import View
from projections.goals.cycle_members import Members
from projections.goals.loading_sql import named
from projections.read_model.tables import Row
from projections.retrospect.eased import Eased, eased_target, is_eased

Versions = dict[str, list[Row]]
MEASURE = (
    "kind", "baseline", "target", "minimum", "maximum", "direction", "steps", "zones", "corrected",
    "revisions",
)  # fmt: skip


# ---- of key results -----------------------------------------------------------------------


def eased_promises(
    view: View, retargeted: Collection[tuple[str, int]]
) -> Iterator[tuple[str, int]]:
    """Yield those of some changed targets of key results, by id and position, that were eased.

    Before it was promised nothing is.
    """
    if not retargeted:
        return
    pairs = json.dumps(sorted(retargeted))
    known, width = view.moment.known, len(MEASURE)
    for id_, position, *measures in view.rows(measures_statement(view.dialect), pairs=pairs):
        before, after = (
            row_as_known(dict(zip(MEASURE, each, strict=True)), known)
            for each in (measures[:width], measures[width:])
        )
        if after["revisions"] > before["revisions"] and is_eased(before, after):
            yield id_, int(position)


@cache
def measures_statement(dialect: Dialect) -> str:
    """Return the statement of what key results promised before some events and after them."""
    pairs = dialect.relation("pairs", id="text", position="bigint")
    return f"""
      SELECT p.id, p.position, {named("b", MEASURE)}, {named("a", MEASURE)}
      FROM {pairs} AS p CROSS JOIN key_result AS a CROSS JOIN key_result AS b
      WHERE a.id = p.id AND a.known_from = p.position AND b.id = p.id AND b.known_from = (
        SELECT max(u.known_from) FROM key_result u WHERE u.id = p.id AND u.known_from < p.position)
    """


# ---- of KPIs ------------------------------------------------------------------------------


class KpiTargets(NamedTuple):
    """The KPIs that fed the key results of a cycle, with all versions, the oldest first, by id."""

    found: Members
    links: list[Link]
    kpis: Versions
    targets: Versions
    definitions: Versions


class EasedTarget(NamedTuple):
    """A target of a KPI that was made easier, by how much, and the promises it fed then.

    Not comparable: the KPI was defined otherwise between both targets, so by how much is unknown.
    """

    kpi_id: str
    position: int
    eased: Eased
    is_comparable: bool
    key_results: list[str]


def kpi_targets(view: View, found: Members, links: list[Link]) -> KpiTargets:
    """Return the KPIs of a cycle, by three statements; by none where no KPI fed it."""
    ids = sorted({link.child_id for link in links})
    if not ids:
        return KpiTargets(found, links, {}, {}, {})
    return KpiTargets(
        found,
        links,
        kpis=by_id(view.versions("kpi", ids)),
        targets=by_id(view.versions("kpi_target", ids, by="kpi_id")),
        definitions=by_id(view.versions("kpi_definition", ids, by="kpi_id")),
    )


def by_id(rows: Iterable[Row]) -> Versions:
    """Return versions by what they are of."""
    versions: Versions = defaultdict(list)
    for row in rows:
        versions[row["id"]].append(row)
    return dict(versions)


def eased_kpi_targets(data: KpiTargets) -> Iterator[EasedTarget]:
    """Yield targets of KPIs that were made easier while they fed a promised key result."""
    for before, after in moved_targets(data.targets):
        kpi = data.kpis[after["kpi_id"]][-1]
        eased = eased_target(kpi["direction"], kpi["baseline"], before, after)
        if eased and (fed := promises_fed(data, after)):
            is_comparable = not is_redefined(data.definitions, before, after)
            found = eased if is_comparable else Eased(None, None)
            yield EasedTarget(kpi["id"], after["known_from"], found, is_comparable, fed)


def moved_targets(targets: Versions) -> Iterator[tuple[Row, Row]]:
    """Yield each change of a KPI's target: before and after, also of days split from a span."""
    first = (rows[0] for rows in targets.values())
    begun = {(row["kpi_id"], row["known_from"]): row for row in first}
    for rows in targets.values():
        for before, after in pairwise(rows):
            place = after["kpi_id"], after["known_from"]
            yield before, begun[place] if after["ends"] < before["ends"] else after


def is_redefined(definitions: Versions, before: Row, after: Row) -> bool:
    """Return whether a KPI was defined otherwise between two of its targets."""
    return any(
        row["kpi_id"] == after["kpi_id"]
        and before["known_from"] < row["known_from"] <= after["known_from"]
        for rows in definitions.values()
        for row in rows
    )


def promises_fed(data: KpiTargets, target: Row) -> list[str]:
    """Return the promised key results a KPI fed then, if its target is for days of the cycle."""
    position, cycle = target["known_from"], data.found.cycle
    if not (target["starts"] <= cycle["ends"] and cycle["starts"] <= target["ends"]):
        return []
    return [
        each.parent_id
        for each in data.links
        if each.child_id == target["kpi_id"]
        and each.known_from < position <= each.known_until
        and is_promised(data.found, each.parent_id, position)
    ]


def is_promised(found: Members, key_result_id: str, position: int) -> bool:
    """Return whether a key result, or the objective it belonged to, was promised by then."""
    promised_at = found.promising(found.key_results[key_result_id])["promised_at"]
    return promised_at is not None and promised_at < position
