"""Days from which KPIs were defined otherwise: across one, numbers are not comparable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from projections.as_of.view import View
from projections.read_model.tables import FIRST_DAY

BREAKS = """
  SELECT kpi_id, effective, known_from FROM kpi_definition WHERE kpi_id {among}
  AND effective > :first AND effective <= :last AND known_from <= :known AND known_until > :known
  ORDER BY effective, kpi_id
"""


class DatedBreak(NamedTuple):
    """A KPI, the day from which it was defined otherwise, and where that was recorded."""

    kpi_id: str
    effective: str
    position: int


def breaks_between(
    view: View, kpis: Iterable[str], first: str = FIRST_DAY, last: str = "9999-12-31"
) -> list[DatedBreak]:
    """Return the breaks of some KPIs behind a first day, up to a last one, by their days."""
    ids = sorted(set(kpis))
    if not ids:
        return []
    rows = view.rows(
        BREAKS.format(among=view.dialect.in_array("ids")),
        ids=view.array(ids),
        first=first,
        last=last,
        known=view.moment.known,
    )
    return [DatedBreak(*row) for row in rows]


def is_broken(
    breaks: Iterable[DatedBreak], kpis: Iterable[str | None], one: str, other: str
) -> bool:
    """Return whether one of some KPIs was defined otherwise between two days."""
    wanted, (first, last) = set(kpis), sorted((one, other))
    return any(each.kpi_id in wanted and first < each.effective <= last for each in breaks)
