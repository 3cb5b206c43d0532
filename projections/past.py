"""Every question about how goals came to be what they are, on one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from okr_es.application import Okr
from okr_es.gc_pause import gc_paused
from projections.audit_log import approvals
from projections.audit_log.history import History
from projections.audit_log.languages import DEFAULT
from projections.audit_log.search import NEWEST, AuditLog, Search
from projections.goals.reader import Reader
from projections.goals.scoring import Row
from projections.patterns.report import TWO_WEEKS, patterns
from projections.read_model.runner import Runner
from projections.retrospect import plan_vs_actual
from projections.retrospect.compare import Asked, compare
from projections.retrospect.explanation import explain
from projections.retrospect.plan import plan
from projections.retrospect.replay import replay
from projections.retrospect.results import results
from projections.retrospect.review import review


class Past(Reader):
    """Plans, results, comparisons, reviews, explanations and replays."""

    def __init__(self, okr: Okr, runner: Runner | None = None) -> None:
        super().__init__(okr, runner)
        self.records = History(okr, self.runner)
        self.audit_log_search = AuditLog(okr, self.runner)

    def audit_log(
        self,
        order: str = NEWEST,
        before: int | None = None,
        after: int | None = None,
        limit: int = 100,
        language: str = DEFAULT,
        **search: Any,
    ) -> Row:
        """Return a page of the audit log: events that meet a search (its filters), in sentences."""
        return self.audit_log_search.page(Search(**search), order, before, after, limit, language)

    def plan(
        self,
        cycle_id: UUID,
        limit: int = 100,
        before: int | None = None,
        known_at: str | None = None,
    ) -> Row:
        """Return the committed plan of a cycle, its revisions counted, and a page of them."""
        return plan(self, self.records, cycle_id, limit, before, known_at)

    def approvals(
        self,
        limit: int = 100,
        before: int | None = None,
        cycle: UUID | None = None,
        decision: str | None = None,
        person_id: UUID | None = None,
    ) -> Row:
        """Return requests for approval, the last asked first, of a cycle, decision or person."""
        named = (("cycle", cycle), ("decision", decision), ("person", person_id))
        filters = {name: value for name, value in named if value is not None}
        return approvals.approvals(self, self.records, limit, before, filters)

    def approval(self, id_: UUID) -> Row:
        """Return a request for approval: who asked, what it would change, and who decided."""
        return approvals.approval(self, self.records, id_)

    def results(self, cycle_id: UUID, known_at: str | None = None) -> Row:
        """Return all that was published of a cycle, and the restatement of the last closing."""
        return results(self, self.records, cycle_id, known_at)

    @gc_paused(bulk=True)
    def compare(
        self,
        from_: str,
        to: str,
        *,
        cycle: UUID | None = None,
        team_id: UUID | None = None,
        person_id: UUID | None = None,
        goal_id: UUID | None = None,
    ) -> Row:
        """Return what differs between two moments, or two cycles, goal by goal."""
        return compare(self, from_, to, Asked(cycle, team_id, person_id, goal_id))

    @gc_paused(bulk=True)
    def review(
        self,
        cycle_id: UUID,
        *,
        team_id: UUID | None = None,
        person_id: UUID | None = None,
        objective_id: UUID | None = None,
        known_at: str | None = None,
    ) -> Row:
        """Return the review of a cycle per goal, person and team, with both scores."""
        return review(self, cycle_id, known_at, team_id, person_id, objective_id)

    @gc_paused(bulk=True)
    def patterns(
        self, cycle_id: UUID, last_days: int = TWO_WEEKS, known_at: str | None = None
    ) -> Row:
        """Return corrections and patterns of a cycle that are worth an auditor's eye."""
        return patterns(self, self.records, cycle_id, last_days, known_at)

    def objective_plan_and_actual(
        self, id_: UUID, known_at: str | None = None, at: str | None = None
    ) -> Row:
        """Return planned and actual progress of an objective, and what was changed on the way."""
        return plan_vs_actual.of_objective(self, self.records, id_, known_at, at)

    def key_result_plan_and_actual(
        self, id_: UUID, known_at: str | None = None, at: str | None = None
    ) -> Row:
        """Return planned trajectories and readings of a key result, and what was changed."""
        return plan_vs_actual.of_key_result(self, self.records, id_, known_at, at)

    def kpi_plan_and_actual(
        self, id_: UUID, known_at: str | None = None, at: str | None = None
    ) -> Row:
        """Return targets and readings of a KPI, and what was changed on the way."""
        return plan_vs_actual.of_kpi(self, self.records, id_, known_at, at)

    def explanation(self, id_: UUID, from_: str, to: str) -> Row:
        """Return why an objective's progress changed, split over the events in between."""
        return explain(self, self.records, id_, from_, to)

    def replay(
        self,
        cycle_id: UUID,
        step: str = "day",
        from_: date | None = None,
        to: date | None = None,
        progress: Callable[[int, int], None] | None = None,
        **overridden: Decimal,
    ) -> Iterator[Row]:
        """Return a cycle's steps by day or by event, also judged by other thresholds.

        Thresholds that are not given stay those of the scoring policy valid at each step.
        """
        return replay(self, self.records, cycle_id, step, from_, to, overridden, progress)
