"""What a list of KPIs is limited to."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from projections.as_of.view import View
from projections.goals.finding import require_text, require_there, subtree
from projections.goals.kpi_answers import KpiBody
from projections.goals.kpi_facts import KpiFacts
from projections.read_model.folding import folded

FEEDING = """
  SELECT DISTINCT kpi_id FROM key_result WHERE cycle_id {cycles} AND kpi_id IS NOT NULL
    AND NOT dropped AND known_from <= :plan AND known_until > :plan
"""
IN_USE, RETIRED = "in_use", "retired"


class KpiFilters(NamedTuple):
    """What KPIs must meet: all that is given. `team_id` is a team with all below it on the day.

    `text` is looked for in name, purpose, and what is counted. `cycles` are those in which it feeds
    a key result on the day: a KPI itself lives across cycles.
    """

    team_id: UUID | None = None
    owner_id: UUID | None = None
    state: str | None = None
    text: str | None = None
    status: str | None = None
    overdue: bool | None = None
    cycles: tuple[UUID, ...] = ()

    @property
    def is_computed(self) -> bool:
        """Whether KPIs have to be judged to be found."""
        return (self.status, self.overdue) != (None, None)

    def stored(self, view: View, kpis: list[KpiFacts]) -> list[KpiFacts]:
        """Return those KPIs that meet what is stored; raise NotFound for what was not there."""
        require_there(view, self.team_id, self.owner_id)
        require_text(self.text)
        teams = None if self.team_id is None else subtree(view, self.team_id)
        feeding = feeding_in(view, self.cycles) if self.cycles else None
        day = view.moment.day.isoformat()
        return [
            each
            for each in kpis
            if (feeding is None or each.row["id"] in feeding)
            and (teams is None or each.row["team_id"] in teams)
            and (self.owner_id is None or each.row["owner_id"] == str(self.owner_id))
            and (self.state is None or each.row["retired"] == (self.state == RETIRED))
            and (self.text is None or folded(self.text) in words_of(each, day))
        ]

    def meets(self, answer: KpiBody) -> bool:
        """Return whether the answer about a KPI is what was asked for."""
        return (self.status is None or answer["status"] == self.status) and (
            self.overdue is None or answer["overdue"] == self.overdue
        )


def feeding_in(view: View, cycles: tuple[UUID, ...]) -> frozenset[str]:
    """Return the KPIs that feed a key result of some cycles which is not dropped."""
    statement = FEEDING.format(cycles=view.dialect.in_array("cycles"))
    rows = view.rows(statement, cycles=view.array(cycles), plan=view.moment.plan)
    return frozenset(str(row[0]) for row in rows)


def words_of(facts: KpiFacts, day: str) -> str:
    """Return what a search looks through."""
    texts = (facts.row["name"], facts.row["purpose"], facts.definition(day).counts)
    return "\n".join(folded(each) for each in texts if each is not None)
