"""Every question on one page, one line each, by composition. Answers are plain dicts.

Each answer has the position it is based on. `known_at` looks only at what was recorded up to
then, `at` is the day the answer is about; without either it is as known now, about today (see
`as_of/moments.py`). Read-your-writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from okr_es.access.key_uses import last_uses
from okr_es.access.rights import Held
from okr_es.application import Okr
from okr_es.domain.cycle import CycleRef
from okr_es.domain.refusals import Invalid, NotFound
from okr_es.gc_pause import gc_paused
from projections import (
    api_keys,
    asking,
    grants,
    needs,
    one_reading,
    organisation,
    teams,
    templates,
    withholding,
)
from projections.about_requests import AboutRequests, roles_of
from projections.api_keys_answers import ApiKeysAnswer
from projections.as_of.about import Things
from projections.as_of.confidential import Confidential, Sight
from projections.audit_log import access, approvals, retention
from projections.audit_log.answers import (
    AccessLogAnswer,
    ApprovalAnswer,
    ApprovalsAnswer,
    AuditLogAnswer,
    HistoryAnswer,
    RetentionAnswer,
)
from projections.audit_log.history import History
from projections.audit_log.languages import DEFAULT
from projections.audit_log.search import NEWEST, AuditLog, Search
from projections.goals import check_ins, kpis, lists, objectives, readings
from projections.goals.answers import (
    BoardAnswer,
    KeyResultAnswer,
    KeyResultsAnswer,
    ObjectiveAnswer,
    ObjectivesAnswer,
    TreeAnswer,
)
from projections.goals.due_answers import CheckInsAnswer
from projections.goals.kpi_answers import KpiAnswer, KpisAnswer, ReadingsAnswer
from projections.goals.kpi_filters import KpiFilters
from projections.goals.list_requests import (
    ListRequest,
    cycles_of,
    goals_listed,
    listed,
    require_cycles,
)
from projections.goals.objective_cache import ObjectiveCache
from projections.goals.reader import Reader
from projections.goals.trends import trends
from projections.goals.trends_answers import TrendsAnswer
from projections.goals.unchanged import Unchanged
from projections.grants_answers import GrantsAnswer, WhoCouldAnswer
from projections.held_data import HeldData
from projections.held_data_answers import HeldLine
from projections.names.naming import Named, Naming
from projections.needs_answers import NeedsAnswer
from projections.one_reading_answers import OneReadingAnswer
from projections.organisation_answers import (
    CalendarAnswer,
    CyclesAnswer,
    OneCycleAnswer,
    PeopleAnswer,
    PersonAnswer,
    ScoringPolicyAnswer,
    TeamAnswer,
    TeamsAnswer,
)
from projections.patterns import report
from projections.patterns.answers import PatternsAnswer
from projections.read_model.recovery import all_asked_again
from projections.read_model.runner import Runner
from projections.retrospect import plan_vs_actual
from projections.retrospect.answers import (
    ResultsAnswer,
)
from projections.retrospect.changes_by_day import Filters, changes_by_day
from projections.retrospect.changes_by_day_answers import ChangesByDayAnswer
from projections.retrospect.compare import Limits, compare
from projections.retrospect.explanation import explanation
from projections.retrospect.explanation_answers import ExplanationAnswer
from projections.retrospect.plan import plan
from projections.retrospect.plan_answers import PlanAnswer
from projections.retrospect.plan_vs_actual_answers import (
    KeyResultPlanAndActualAnswer,
    KpiPlanAndActualAnswer,
    ObjectivePlanAndActualAnswer,
)
from projections.retrospect.replay import replay
from projections.retrospect.replay_answers import ReplayLine
from projections.retrospect.results import results
from projections.retrospect.review import review
from projections.retrospect.review_answers import ReviewAnswer
from projections.retrospect.scoreboard import Part, scoreboard
from projections.retrospect.scoreboard_answers import CompareAnswer, ScoreboardAnswer
from projections.templates_answers import TemplatesAnswer

Id = UUID | None
Cycle = CycleRef | None
Moment = str | None


@all_asked_again
class Queries:
    """All questions about goals, now and in the past, and about who changed and read what."""

    def __init__(self, okr: Okr, runner: Runner | None = None) -> None:
        self.okr = okr
        self.reader = Reader(okr, runner)
        self.runner = self.reader.runner
        self.objective_cache = ObjectiveCache(self.reader)
        self.unchanged = Unchanged(self.reader)
        self.histories = History(okr, self.reader)
        self.audit_logs = AuditLog(okr, self.reader)
        self.confidential = Confidential()
        self.naming = Naming(self.runner, okr.directory)

    def for_viewer(self, viewer: UUID) -> Queries:
        """Return the questions of one person, whose views carry their id; caches are shared."""
        queries = copy(self)
        queries.reader = self.reader.for_viewer(viewer)
        queries.objective_cache = self.objective_cache.for_reader(queries.reader)
        queries.histories = History(self.okr, queries.reader)
        queries.audit_logs = AuditLog(self.okr, queries.reader)
        return queries

    def permitted(
        self,
        caller: UUID,
        key_roles: tuple[Held, ...] | None,
        question: str,
        id_: CycleRef | int | None,
        asked: Mapping[str, Any],
        language: str = DEFAULT,
    ) -> tuple[Queries, dict[str, Any]]:
        """Return the questions of who calls, and the filters one may be asked with.

        `key_roles` are those of the key that calls, None where a person does. Raises NotAllowed.
        """
        theirs = self.for_viewer(caller)
        reader = theirs.reader
        reader.sight = Sight(
            reader.of_question,
            self.confidential,
            caller,
            lambda view: roles_of(view, caller) if key_roles is None else key_roles,
        )
        if key_roles is None and asking.is_for_all(question):
            return theirs, dict(asked)
        view = self.reader.at()
        roles = roles_of(view, caller) if key_roles is None else key_roles
        viewer = asking.Viewer(caller, roles, is_key=key_roles is not None)
        filters, reader.rights = asking.permitted(view, viewer, question, id_, asked, language)
        return theirs, filters

    @gc_paused(bulk=True)
    def named(self, question: str, found: Any) -> Any:
        """Return the answer of a question with the names of all that it refers to.

        Every answer goes this way, a stream line by line.
        """
        return self.naming.named(getattr(Queries, question), found)

    def held(self, found: ObjectiveAnswer) -> Named:
        """Return an objective as `objective` returned it, with names: one object, as that is."""
        return self.naming.held(Queries.objective, found)

    @property
    def hides(self) -> bool:
        """Whether there are words that are not for the viewer."""
        return self.reader.sight is not None and bool(self.reader.sight.hidden)

    def without_hidden(self, found: Any, about: Any = None) -> Any:
        """Return an answer without the words that are not for the viewer.

        Every answer to somebody who has not all rights goes this way. `about` is what the question
        was about, if that was one thing. A stream is looked through line by line.
        """
        sight = self.reader.sight
        if sight is None or not sight.hidden:
            return found
        if isinstance(found, Iterator):
            return (withholding.shown(each, sight.hidden_in(None)) for each in found)
        hidden = sight.hidden_in(found)
        within = withholding.is_hidden(about, hidden)
        moved_at = 0 if within else sight.moved_from_others.get(str(about), 0)
        return withholding.shown(found, hidden, within=within, moved_at=moved_at)

    def shows_words(self, position: int) -> bool:
        """Return whether the viewer is shown the words of what an event is about."""
        return self.audit_logs.not_hidden([position]) == [position]

    def shows_event(self, by: UUID | None, stream: UUID) -> bool:
        """Return whether an event of a stream, by somebody, is shown as the log has it."""
        return asking.shows_event(self.reader.at(), by, stream)

    # ---- goals --------------------------------------------------------------------------

    def objective(self, id_: UUID, known_at: Moment = None, at: Moment = None) -> ObjectiveAnswer:
        """Return an objective with its key results, progress, pace, status and roll-up."""
        if known_at is None and at is None:
            found = self.objective_cache.objective(id_)
        else:
            found = objectives.objective(self.reader.about(id_, known_at, at), id_)
        shown: ObjectiveAnswer = self.with_shown_requests(found)
        return shown

    def key_result(self, id_: UUID, known_at: Moment = None, at: Moment = None) -> KeyResultAnswer:
        """Return a key result with progress, pace and status."""
        found = objectives.key_result(self.reader.about(id_, known_at, at), id_)
        shown: KeyResultAnswer = self.with_shown_requests(found)
        return shown

    def with_shown_requests(self, found: Any) -> Any:
        """Return a goal with those of the requests about it that wait which the viewer is shown."""
        sight, waiting = self.reader.sight, found["pending_requests"]
        if sight is None or not waiting:
            return found
        view = self.reader.of_question()
        viewer = asking.Viewer(sight.viewer, sight.roles(view))
        shown = asking.shown_requests(view, viewer, [each["id"] for each in waiting])
        kept = [each for each in waiting if each["id"] in shown]
        return found if kept == waiting else {**found, "pending_requests": kept}

    @gc_paused(bulk=True)
    def objectives(
        self,
        *,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        known_at: Moment = None,
        at: Moment = None,
        **filters: Any,
    ) -> ObjectivesAnswer:
        """Return a page of objectives that meet `filters` (see GoalFilters), of any cycles."""
        asked = ListRequest("objectives", filters, sort, limit, after, known_at, at)
        return lists.objectives(*goals_listed(self.reader, asked))

    @gc_paused(bulk=True)
    def key_results(
        self,
        *,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        known_at: Moment = None,
        at: Moment = None,
        **filters: Any,
    ) -> KeyResultsAnswer:
        """Return a page of key results that meet `filters` (see GoalFilters), of any cycles."""
        asked = ListRequest("key_results", filters, sort, limit, after, known_at, at)
        return lists.key_results(*goals_listed(self.reader, asked))

    @gc_paused(bulk=True)
    def board(
        self,
        cycle: CycleRef,
        known_at: Moment = None,
        at: Moment = None,
        *,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        **filters: Any,
    ) -> BoardAnswer:
        """Return the board of a cycle: its objectives that meet `filters`, with their roll-up."""
        asked = ListRequest("board", filters, sort, limit, after, known_at, at)
        if asked.is_plain:
            return objectives.board_answer(*self.reader.of_cycle(cycle, known_at, at))
        return objectives.board_page(*goals_listed(self.reader, asked.about(cycle)))

    @gc_paused(bulk=True)
    def tree(
        self,
        cycle: CycleRef,
        known_at: Moment = None,
        at: Moment = None,
        *,
        limit: int | None = None,
        after: str | None = None,
        **filters: Any,
    ) -> TreeAnswer:
        """Return the alignment tree of a cycle: its goals, and all that is aligned to them.

        With `filters` what meets them, below all that it is aligned to.
        """
        asked = ListRequest("tree", filters, None, limit, after, known_at, at)
        if asked.is_plain:
            return objectives.tree_answer(*self.reader.of_cycle(cycle, known_at, at))
        return objectives.tree_page(*goals_listed(self.reader, asked.about(cycle)))

    def kpis(
        self,
        team_id: Id = None,
        *,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        known_at: Moment = None,
        at: Moment = None,
        **filters: Any,
    ) -> KpisAnswer:
        """Return KPIs that meet `filters` (see KpiFilters): last reading, target, met or not."""
        cycles = cycles_of(self.reader, filters.pop("cycle", ()), "cycle")
        asked = {"team_id": team_id, **filters, "cycles": cycles}
        request = ListRequest("kpis", asked, sort, limit, after, known_at, at)
        view, pages = listed(self.reader, request)
        require_cycles(view, cycles, "cycle")
        return kpis.kpis(view, pages, KpiFilters(**asked))

    def kpi(self, id_: UUID, known_at: Moment = None, at: Moment = None) -> KpiAnswer:
        """Return a KPI with all its targets."""
        return kpis.kpi(self.reader.at(known_at, at), id_)

    def readings(
        self,
        measured_id: UUID,
        limit: int = 100,
        before: int | None = None,
        known_at: Moment = None,
        at: Moment = None,
    ) -> ReadingsAnswer:
        """Return readings of a KPI or a key result, the last recorded first."""
        view = self.reader.at(known_at, at)
        return readings.readings(view, self.okr.directory, measured_id, limit, before)

    def reading(self, id_: UUID, known_at: Moment = None, at: Moment = None) -> OneReadingAnswer:
        """Return one reading: what it says now, who recorded it, and its corrections.

        Raises NotFound, also where its words are not for the viewer.
        """
        view = self.reader.at(known_at, at)
        return one_reading.reading(view, self.histories, id_, self.reader.sight)

    def kind_of(self, id_: UUID) -> str:
        """Return what a goal is: objective, key_result or kpi; raise NotFound."""
        return self.reader.kind_of(id_)

    # ---- the organisation ---------------------------------------------------------------

    def held_data(self, person_id: UUID) -> Iterator[HeldLine]:
        """Return all that is held about a person, line by line; raise NotFound before the first."""
        return HeldData(self.okr, self.reader, person_id).lines()

    def calendar(self, known_at: Moment = None, at: Moment = None) -> CalendarAnswer:
        """Return the organisation's calendar: zone, working days, holidays, periods, grace."""
        return organisation.calendar(self.reader.at(known_at, at))

    def scoring_policy(self, known_at: Moment = None, at: Moment = None) -> ScoringPolicyAnswer:
        """Return the scoring policy in force: thresholds of pace and of grades."""
        return organisation.scoring_policy(self.reader.at(known_at, at))

    def cycles(
        self,
        known_at: Moment = None,
        at: Moment = None,
        *,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        **filters: Any,
    ) -> CyclesAnswer:
        """Return cycles by their first day: those in a `state`, with a `text` in the name."""
        request = ListRequest("cycles", filters, sort, limit, after, known_at, at)
        return organisation.cycles(*listed(self.reader, request), **filters)

    def cycle(self, ref: CycleRef, known_at: Moment = None, at: Moment = None) -> OneCycleAnswer:
        """Return one cycle; raise NotFound."""
        return organisation.cycle(*self.reader.of_cycle(ref, known_at, at))

    def teams(
        self,
        known_at: Moment = None,
        at: Moment = None,
        *,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        **filters: Any,
    ) -> TeamsAnswer:
        """Return teams of a day by name; `parent` makes them a tree.

        Filters are `team_id` (with all below it), `state` and `text`.
        """
        request = ListRequest("teams", filters, sort, limit, after, known_at, at)
        return teams.teams(*listed(self.reader, request), **filters)

    def team(self, id_: UUID, known_at: Moment = None, at: Moment = None) -> TeamAnswer:
        """Return one team of a day, and those directly below it; raise NotFound."""
        return teams.team(self.reader.at(known_at, at), id_)

    def people(
        self,
        known_at: Moment = None,
        at: Moment = None,
        *,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        **filters: Any,
    ) -> PeopleAnswer:
        """Return people with what the directory still has of them, by `state` and `text`."""
        request = ListRequest("people", filters, sort, limit, after, known_at, at)
        view, pages = listed(self.reader, request)
        is_shown = partial(asking.shows_texts_about, view)
        return organisation.people(view, pages, self.okr.directory, is_shown, **filters)

    def person(self, id_: UUID, known_at: Moment = None, at: Moment = None) -> PersonAnswer:
        """Return one person with what the directory still has of them; raise NotFound."""
        view = self.reader.at(known_at, at)
        return organisation.person(
            view, self.okr.directory, id_, partial(asking.shows_texts_about, view)
        )

    def grants(
        self,
        person_id: Id = None,
        role: str | None = None,
        team_id: Id = None,
        known_at: Moment = None,
        at: Moment = None,
    ) -> GrantsAnswer:
        """Return the roles that people have; `at` a day only those that hold on it."""
        view = self.reader.at(known_at, at)
        filters = grants.Filters(person_id, role, team_id, holding=at is not None)
        return grants.grants(view, filters)

    def keys(self, known_at: Moment = None, at: Moment = None) -> ApiKeysAnswer:
        """Return the api keys of programs."""
        view, used = self.reader.at(known_at, at), last_uses(self.okr.database.url)
        return api_keys.api_keys(view, self.okr.directory, used)

    def who_could(
        self,
        may: str,
        part: str | None = None,
        *,
        goal_id: Id = None,
        team_id: Id = None,
        person_id: Id = None,
        known_at: Moment = None,
        at: Moment = None,
    ) -> WhoCouldAnswer:
        """Return who could do what a line of the table says, about something, on a day."""
        things = Things(goal_id, team_id, person_id)
        return grants.who_could(self.reader.at(known_at, at), may, part, things)

    # ---- what pages begin with ----------------------------------------------------------

    @gc_paused(bulk=True)
    def trends(self, cycle: CycleRef, known_at: Moment = None, at: Moment = None) -> TrendsAnswer:
        """Return how progress of the key results of a cycle went, reading by reading."""
        return trends(*self.reader.of_cycle(cycle, known_at, at))

    @gc_paused(bulk=True)
    def changes_by_day(
        self,
        cycle: CycleRef,
        team_id: Id = None,
        owner_id: Id = None,
        goal_id: Id = None,
        known_at: Moment = None,
    ) -> ChangesByDayAnswer:
        """Return on which days something of a cycle was changed, and how much."""
        view, id_ = self.reader.of_cycle(cycle, known_at)
        return changes_by_day(view, id_, Filters(team_id, owner_id, goal_id))

    @gc_paused(bulk=True)
    def check_ins(
        self,
        week: str | None = None,
        person_id: Id = None,
        team_id: Id = None,
        known_at: Moment = None,
    ) -> CheckInsAnswer:
        """Return what is to be read in an ISO week, this one if none is named."""
        return check_ins.check_ins(self.reader, week, person_id, team_id, known_at)

    @gc_paused(bulk=True)
    def needs(self, person_id: UUID) -> NeedsAnswer:
        """Return what needs a person today: readings, requests, grades, drafts."""
        view = self.reader.at()
        viewer = asking.Viewer(person_id, roles_of(view, person_id))
        requests = AboutRequests(view)
        may_decide = asking.may_decide(requests, viewer)
        return needs.needs(view, person_id, may_decide, asking.shows_requests(requests))

    def templates(self, language: str = DEFAULT) -> TemplatesAnswer:
        """Return the templates by which goals and KPIs are written."""
        return templates.templates(self.reader.at().head, language)

    # ---- who changed and read what ------------------------------------------------------

    def history(
        self,
        id_: CycleRef,
        limit: int = 100,
        before: int | None = None,
        language: str | None = None,
    ) -> HistoryAnswer:
        """Return the history of a goal or cycle: who, when, what before and after, and why.

        With a language each event has its sentence in it. Of a person, a team, a grant and the like
        to who may read it in the audit log. Raises NotFound, also to who may not.
        """
        found = self.histories.of(self.reader.moments.cycle(id_, "id"), limit, before)
        if language is not None:
            self.audit_logs.write_sentences(found["entries"], language)
        sight = self.reader.sight
        nouns = {each["type"].partition(".")[0] for each in found["entries"]} - asking.WITH_HISTORY
        if sight is not None and nouns:
            view = self.reader.at()
            viewer = asking.Viewer(sight.viewer, sight.roles(view))
            if all(asking.shows_history(view, viewer, noun, found["id"]) for noun in nouns):
                return found
            raise NotFound(f"There is nothing {found['id']}.", field="id")
        return found

    def audit_log(
        self,
        order: str = NEWEST,
        before: int | None = None,
        after: int | None = None,
        limit: int = 100,
        language: str = DEFAULT,
        **search: Any,
    ) -> AuditLogAnswer:
        """Return a page of the audit log: events that meet a search (its filters), in sentences."""
        filters = Search(**self.with_ids(search))
        viewer = None
        if self.reader.rights is not None and not asking.shows_clients(
            self.reader.at(), filters.team_id
        ):
            viewer = self.reader.viewer
        return self.audit_logs.page(filters, order, before, after, limit, language, viewer)

    def approvals(
        self,
        limit: int = 100,
        before: int | None = None,
        cycle: Cycle = None,
        decision: str | None = None,
        person_id: Id = None,
    ) -> ApprovalsAnswer:
        """Return requests for approval, the last asked first, of a cycle, decision or person."""
        filters, view = approvals.Filters(self.id_of(cycle), decision, person_id), self.reader.at()
        shown = asking.shows_requests(AboutRequests(view))
        return approvals.approvals(view, self.histories, limit, before, filters, shown)

    def approval(self, id_: UUID) -> ApprovalAnswer:
        """Return a request for approval: who asked, what it would change, and who decided."""
        view = self.reader.at()
        shown = asking.shows_requests(AboutRequests(view))
        return approvals.approval(view, self.histories, id_, shown)

    def access_log(
        self,
        by: Id = None,
        *,
        person_id: Id = None,
        goal_id: Id = None,
        cycle: Cycle = None,
        team_id: Id = None,
        what: str | None = None,
        from_: date | None = None,
        to: date | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> AccessLogAnswer:
        """Return who looked at what, the newest first: about all that is named, on these days."""
        ids = (person_id, goal_id, self.id_of(cycle), team_id)
        about = [id_ for id_ in ids if id_ is not None]
        return access.page(self.okr, by, about, what, (from_, to), limit, before)

    def retention(self) -> RetentionAnswer:
        """Return for how many years what is about people is kept, and where reads were cut."""
        return retention.retention(self.okr)

    # ---- how goals came to be what they are ---------------------------------------------

    def plan(
        self, cycle: CycleRef, limit: int = 100, before: int | None = None, known_at: Moment = None
    ) -> PlanAnswer:
        """Return the committed plan of a cycle, its revisions counted, and a page of them."""
        view, id_ = self.reader.of_cycle(cycle, known_at)
        return plan(view, self.histories, id_, limit, before)

    def results(self, cycle: CycleRef, known_at: Moment = None) -> ResultsAnswer:
        """Return all that was published of a cycle, and the restatement of the last closing."""
        view, id_ = self.reader.of_cycle(cycle, known_at)
        return results(view, self.histories, id_)

    @gc_paused(bulk=True)
    def compare(
        self,
        from_: str,
        to: str,
        *,
        cycle: Cycle = None,
        team_id: Id = None,
        person_id: Id = None,
        goal_id: Id = None,
        scoreboard: bool = True,
    ) -> CompareAnswer:
        """Return what differs between two moments, or two cycles: the figures, goal by goal."""
        limits = Limits(self.id_of(cycle), team_id, person_id, goal_id)
        may_review = scoreboard and asking.may_review(self.reader.at(), team_id)
        return compare(self.reader, from_, to, limits, with_scoreboard=may_review)

    @gc_paused(bulk=True)
    def review(
        self,
        cycle: CycleRef,
        *,
        team_id: Id = None,
        person_id: Id = None,
        objective_id: Id = None,
        known_at: Moment = None,
    ) -> ReviewAnswer:
        """Return the review of a cycle per goal, person and team, with both scores."""
        view, id_ = self.reader.of_cycle(cycle, known_at, goal=objective_id, team=team_id)
        return review(view, id_, team_id, person_id, objective_id)

    @gc_paused(bulk=True)
    def scoreboard(
        self,
        cycle: Sequence[CycleRef],
        known_at: Sequence[str] = (),
        *,
        team_id: Id = None,
        person_id: Id = None,
    ) -> ScoreboardAnswer:
        """Return the figures of cycles, each at each of some moments, side by side."""
        return scoreboard(self.reader, cycle, known_at, Part(team_id, person_id))

    @gc_paused(bulk=True)
    def patterns(
        self, cycle: CycleRef, last_days: int = report.TWO_WEEKS, known_at: Moment = None
    ) -> PatternsAnswer:
        """Return corrections and patterns of a cycle that an auditor should look at."""
        view, id_ = self.reader.of_cycle(cycle, known_at)
        return report.patterns(view, self.histories, id_, last_days)

    def objective_plan_and_actual(
        self, id_: UUID, known_at: Moment = None, at: Moment = None
    ) -> ObjectivePlanAndActualAnswer:
        """Return planned and actual progress of an objective, and what was changed on the way."""
        view = self.reader.about(id_, known_at, at)
        return plan_vs_actual.of_objective(view, self.histories, id_)

    def key_result_plan_and_actual(
        self, id_: UUID, known_at: Moment = None, at: Moment = None
    ) -> KeyResultPlanAndActualAnswer:
        """Return planned trajectories and readings of a key result, and what was changed."""
        view = self.reader.about(id_, known_at, at)
        return plan_vs_actual.of_key_result(view, self.histories, id_)

    def kpi_plan_and_actual(
        self, id_: UUID, known_at: Moment = None, at: Moment = None
    ) -> KpiPlanAndActualAnswer:
        """Return targets and readings of a KPI, and what was changed on the way."""
        return plan_vs_actual.of_kpi(self.reader.at(known_at, at), self.histories, id_)

    def explanation(self, id_: UUID, from_: Moment = None, to: Moment = None) -> ExplanationAnswer:
        """Return why an objective's score changed, by key result and the events in between.

        From its own promise to now, unless other moments are given.
        """
        view, first, last = self.reader.between(id_, from_, to)
        return explanation(view, self.histories, id_, first, last)

    def replay(
        self,
        cycle: CycleRef,
        step: str = "day",
        from_: date | None = None,
        to: date | None = None,
        progress: Callable[[int, int], None] | None = None,
        by: str = "recorded",
        known_at: Moment = None,
        **overridden: Decimal | str,
    ) -> Iterator[ReplayLine]:
        """Return a cycle's steps by day or by event, also judged by other thresholds.

        Thresholds that are not given stay those of the scoring policy valid at each step. By
        `as_of` each day is shown as it is known now, or at `known_at`.
        """
        if known_at is not None and by == "recorded":
            raise Invalid("By record each step knows what was recorded by then.", field="known_at")
        view, id_ = self.reader.of_cycle(cycle, known_at)
        return replay(view, self.histories, id_, step, from_, to, overridden, progress, by)

    # ---- names of cycles ----------------------------------------------------------------

    def with_ids(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return parameters of a question with ids for the cycles named; raise NotFound."""
        return self.reader.moments.with_ids(parameters)

    def id_of(self, cycle: Cycle) -> Id:
        """Return the id of the cycle a question is limited to, if it is."""
        return None if cycle is None else self.reader.moments.cycle(cycle, "cycle")

    # ---- the read model -----------------------------------------------------------------

    def position(self) -> dict[str, int]:
        """Return how far read model and log have come."""
        return self.runner.positions()
