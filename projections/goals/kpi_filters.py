"""What a list of KPIs is limited to."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from projections.as_of.view import View
from projections.goals.finding import require_text, require_there, subtree
from projections.goals.kpi_answers import KpiBody
from projections.goals.kpi_facts import KpiFacts
from projections.read_model.folding import folded

IN_USE, RETIRED = "in_use", "retired"


class KpiFilters(NamedTuple):
    """What KPIs must meet: all that is given. `team_id` is a team with all below it on the day.

    `text` is looked for in name, purpose, and what is counted.
    """

    team_id: UUID | None = None
    owner_id: UUID | None = None
    state: str | None = None
    text: str | None = None
    status: str | None = None
    overdue: bool | None = None

    @property
    def is_computed(self) -> bool:
        """Whether KPIs have to be judged to be found."""
        return (self.status, self.overdue) != (None, None)

    def stored(self, view: View, kpis: list[KpiFacts]) -> list[KpiFacts]:
        """Return those KPIs that meet what is stored; raise NotFound for what was not there."""
        require_there(view, self.team_id, self.owner_id)
        require_text(self.text)
        teams = None if self.team_id is None else subtree(view, self.team_id)
        day = view.moment.day.isoformat()
        return [
            each
            for each in kpis
            if (teams is None or each.row["team_id"] in teams)
            and (self.owner_id is None or each.row["owner_id"] == str(self.owner_id))
            and (self.state is None or each.row["retired"] == (self.state == RETIRED))
            and (self.text is None or folded(self.text) in words_of(each, day))
        ]

    def meets(self, answer: KpiBody) -> bool:
        """Return whether the answer about a KPI is what was asked for."""
        return (self.status is None or answer["status"] == self.status) and (
            self.overdue is None or answer["overdue"] == self.overdue
        )


def words_of(facts: KpiFacts, day: str) -> str:
    """Return what a search looks through."""
    texts = (facts.row["name"], facts.row["purpose"], facts.definition(day).counts)
    return "\n".join(folded(each) for each in texts if each is not None)
