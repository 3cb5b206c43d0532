"""Every query with its address, on one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from projections.api_keys_answers import ApiKeysAnswer
from projections.audit_log.answers import (
    AccessLogAnswer,
    ApprovalAnswer,
    ApprovalsAnswer,
    AuditLogAnswer,
    HistoryAnswer,
    RetentionAnswer,
)
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
from projections.goals.trends_answers import TrendsAnswer
from projections.grants_answers import GrantsAnswer, WhoCouldAnswer
from projections.held_data_answers import HeldLine
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
from projections.patterns.answers import PatternsAnswer
from projections.retrospect.answers import (
    ResultsAnswer,
)
from projections.retrospect.changes_by_day_answers import ChangesByDayAnswer
from projections.retrospect.explanation_answers import ExplanationAnswer
from projections.retrospect.plan_answers import PlanAnswer
from projections.retrospect.plan_vs_actual_answers import (
    KeyResultPlanAndActualAnswer,
    KpiPlanAndActualAnswer,
    ObjectivePlanAndActualAnswer,
)
from projections.retrospect.replay_answers import ReplayLine
from projections.retrospect.review_answers import ReviewAnswer
from projections.retrospect.scoreboard_answers import CompareAnswer, ScoreboardAnswer
from projections.templates_answers import TemplatesAnswer
from web.api.list_parameters import (
    BOARD,
    CYCLE_LIST,
    KEY_RESULTS,
    KPIS,
    OBJECTIVES,
    PEOPLE_LIST,
    TEAM_LIST,
    TREE,
)
from web.api.openapi.components import AnswerType
from web.api.parameters import (
    AUDIT_LOG,
    BEFORE,
    BY,
    COLUMNS,
    CYCLE,
    DAYS,
    GOAL_ID,
    KNOWN_AT,
    LANGUAGE,
    LAST_DAYS,
    LIMIT,
    MAY,
    MOMENTS,
    OBJECTIVE_ID,
    OWNER,
    PAGE,
    PART,
    PERSON_ID,
    READ_ON,
    REPLAYED_BY,
    ROLE,
    SENTENCES_IN,
    SIDES,
    SPAN,
    STATE,
    STEP,
    TEAM,
    THEN,
    THRESHOLDS,
    WEEK,
    WHAT,
    WITH_SCOREBOARD,
    Parameter,
)


@dataclass(frozen=True)
class Route:
    """GET of this path asks this question."""

    path: str
    question: str
    answer: AnswerType
    summary: str
    parameters: tuple[Parameter, ...] = ()
    tagged: bool = True  # False where the directory, outside the log, has a say in the answer
    streamed: bool = False  # line by line
    cached: bool = False  # now, the question returns one object as long as nothing changes
    recorded: str | None = None  # the word of okr_es/access_log.py under which a read is recorded
    recorded_with: str | None = None  # only where this parameter is given (as it is passed)

    def records(self, asked: Mapping[str, Any]) -> bool:
        """Return whether a read with these parameters is recorded."""
        if self.recorded is None:
            return False
        return self.recorded_with is None or self.recorded_with in asked

    @property
    def recorded_with_name(self) -> str | None:
        """The name of the parameter with which alone a read is recorded."""
        found = (each.name for each in self.parameters if each.passed_as == self.recorded_with)
        return next(found, None)

    @property
    def about(self) -> str:
        """What the id in its path is an id of."""
        kind = self.path.split("/")[1].replace("-", "_")
        return "person_id" if kind == "people" else f"{kind.removesuffix('s')}_id"


ROUTES = (
    Route(
        "/calendar", "calendar", CalendarAnswer,
        "The organisation's calendar: zone, working days, holidays.", THEN,
    ),
    Route(
        "/scoring-policy", "scoring_policy", ScoringPolicyAnswer,
        "The scoring policy in force: thresholds of pace and of grades.", THEN,
    ),
    Route("/cycles", "cycles", CyclesAnswer, "Cycles, by their first day.", (*CYCLE_LIST, *THEN)),
    Route("/cycles/<cycle:id>", "cycle", OneCycleAnswer, "A cycle.", THEN),
    Route(
        "/cycles/<cycle:id>/board", "board", BoardAnswer,
        "A cycle's goals, their scores and status.", (*BOARD, *THEN),
        recorded="goals_of_a_person", recorded_with="owner_id",
    ),
    Route(
        "/cycles/<cycle:id>/tree", "tree", TreeAnswer,
        "Which objective is aligned to which, in a cycle.", (*TREE, *THEN),
        recorded="goals_of_a_person", recorded_with="owner_id",
    ),
    Route(
        "/objectives", "objectives", ObjectivesAnswer,
        "Objectives of any cycles, a page at a time.", (*OBJECTIVES, *THEN),
        recorded="goals_of_a_person", recorded_with="owner_id",
    ),
    Route(
        "/key-results", "key_results", KeyResultsAnswer,
        "Key results of any cycles, a page at a time.", (*KEY_RESULTS, *THEN),
        recorded="goals_of_a_person", recorded_with="owner_id",
    ),
    Route(
        "/objectives/<uuid:id>", "objective", ObjectiveAnswer,
        "An objective with its key results.", THEN, cached=True,
    ),
    Route("/key-results/<uuid:id>", "key_result", KeyResultAnswer, "A key result.", THEN),
    Route(
        "/kpis", "kpis", KpisAnswer, "KPIs, a page at a time.", (*KPIS, *THEN),
        recorded="goals_of_a_person", recorded_with="owner_id",
    ),
    Route("/kpis/<uuid:id>", "kpi", KpiAnswer, "A KPI: its spans, their values, met or not.", THEN),
    Route(
        "/kpis/<uuid:id>/readings", "readings", ReadingsAnswer,
        "Readings of a KPI, newest first.", (*PAGE, *THEN),
    ),
    Route(
        "/key-results/<uuid:id>/readings", "readings", ReadingsAnswer,
        "Check-ins of a key result, newest first.",
        (*PAGE, *THEN),
    ),
    Route(
        "/readings/<uuid:id>", "reading", OneReadingAnswer,
        "A reading or check-in: what it says, who recorded it, and its corrections.",
        THEN, tagged=False, recorded="history",
    ),
    Route(
        "/goals/<uuid:id>/history", "history", HistoryAnswer,
        "Who changed it, when, and why.", (*PAGE, SENTENCES_IN), tagged=False,
        recorded="history",
    ),
    Route(
        "/cycles/<cycle:id>/plan", "plan", PlanAnswer,
        "The committed plan of a cycle, and its revisions.",
        (LIMIT, BEFORE, KNOWN_AT), tagged=False, recorded="plan",
    ),
    Route(
        "/cycles/<cycle:id>/results", "results", ResultsAnswer,
        "What was published, and what is known since.",
        (KNOWN_AT,), tagged=False, recorded="results",
    ),
    Route(
        "/cycles/<cycle:id>/review", "review", ReviewAnswer,
        "Promised, ended as, what came out, for whom.",
        (TEAM, PERSON_ID, OBJECTIVE_ID, KNOWN_AT), recorded="review",
    ),
    Route(
        "/cycles/<cycle:id>/replay", "replay", ReplayLine,
        "A cycle step by step, a line of JSON each.",
        (STEP, REPLAYED_BY, *DAYS, KNOWN_AT, *THRESHOLDS), streamed=True,
    ),
    Route(
        "/scoreboard", "scoreboard", ScoreboardAnswer,
        "The figures of cycles, or of moments of them, side by side.",
        (COLUMNS, MOMENTS, TEAM, PERSON_ID), tagged=False, recorded="scoreboard",
    ),
    Route(
        "/cycles/<cycle:id>/changes-by-day", "changes_by_day", ChangesByDayAnswer,
        "On which days something of a cycle was changed, and how much.",
        (TEAM, OWNER, GOAL_ID, KNOWN_AT),
        recorded="goals_of_a_person", recorded_with="owner_id",
    ),
    Route(
        "/cycles/<cycle:id>/trends", "trends", TrendsAnswer,
        "How progress of its key results went, reading by reading.", THEN,
    ),
    Route(
        "/check-ins", "check_ins", CheckInsAnswer,
        "What is to be read in a week, with last values: the form that check-ins fill.",
        (WEEK, PERSON_ID, TEAM, KNOWN_AT), recorded="check_ins",
    ),
    Route(
        "/people/<uuid:id>/needs", "needs", NeedsAnswer,
        "What needs a person: readings, requests to decide, grades, drafts.",
        tagged=False, recorded="needs",
    ),
    Route(
        "/templates", "templates", TemplatesAnswer,
        "The templates by which goals and KPIs are written.", (LANGUAGE,),
    ),
    Route(
        "/compare", "compare", CompareAnswer,
        "What differs between two moments, two cycles, or one of each: then of that cycle.",
        (*SIDES, CYCLE, TEAM, PERSON_ID, GOAL_ID, WITH_SCOREBOARD),
        recorded="goals_of_a_person", recorded_with="person_id",
    ),
    Route(
        "/objectives/<uuid:id>/explanation", "explanation", ExplanationAnswer,
        "Why its score changed, by key result and event: from its promise to now, or else.", SPAN,
    ),
    Route(
        "/objectives/<uuid:id>/plan-and-actual",
        "objective_plan_and_actual", ObjectivePlanAndActualAnswer,
        "Planned and actual progress, and what was changed.", THEN,
    ),
    Route(
        "/key-results/<uuid:id>/plan-and-actual",
        "key_result_plan_and_actual", KeyResultPlanAndActualAnswer,
        "Planned trajectories, readings, and what was changed.", THEN,
    ),
    Route(
        "/kpis/<uuid:id>/plan-and-actual", "kpi_plan_and_actual", KpiPlanAndActualAnswer,
        "Targets, readings, and what was changed.", THEN,
    ),
    Route(
        "/cycles/<cycle:id>/patterns", "patterns", PatternsAnswer,
        "Corrections and patterns for an auditor to check.", (LAST_DAYS, KNOWN_AT), tagged=False,
        recorded="patterns",
    ),
    Route(
        "/approvals", "approvals", ApprovalsAnswer, "Requests for approval, the last asked first.",
        (*PAGE, CYCLE, STATE, PERSON_ID), tagged=False,
        recorded="requests_of_a_person", recorded_with="person_id",
    ),
    Route(
        "/approvals/<uuid:id>", "approval", ApprovalAnswer,
        "Who asked for what, and what became of it.",
        tagged=False,
    ),
    Route(
        "/audit-log", "audit_log", AuditLogAnswer,
        "The audit log, searched: who did what, in sentences.",
        AUDIT_LOG,
        tagged=False, recorded="audit_log",
    ),
    Route(
        "/teams", "teams", TeamsAnswer, "Teams of a day: `parent` makes them a tree.",
        (*TEAM_LIST, *THEN),
    ),
    Route("/teams/<uuid:id>", "team", TeamAnswer, "A team of a day, and those below it.", THEN),
    Route(
        "/people", "people", PeopleAnswer, "People, a page at a time.", (*PEOPLE_LIST, *THEN),
        tagged=False, recorded="people",
    ),
    Route(
        "/people/<uuid:id>", "person", PersonAnswer, "A person.", THEN, tagged=False,
        recorded="people",
    ),
    Route(
        "/people/<uuid:id>/held-data", "held_data", HeldLine,
        "All that is held about a person, a line of JSON each.",
        tagged=False, streamed=True, recorded="held_data",
    ),
    Route(
        "/grants", "grants", GrantsAnswer, "The roles of people; with `at` those that hold then.",
        (PERSON_ID, ROLE, TEAM, *THEN),
        recorded="roles_of_a_person", recorded_with="person_id",
    ),
    Route("/keys", "keys", ApiKeysAnswer, "The api keys of programs.", THEN, tagged=False),
    Route(
        "/who-could", "who_could", WhoCouldAnswer,
        "Who could do what a line of the table of rights says, about something, on a day.",
        (MAY, PART, GOAL_ID, TEAM, PERSON_ID, *THEN),
    ),
    Route(
        "/access-log", "access_log", AccessLogAnswer,
        "Who read what about people, and who exported evidence.",
        (BY, PERSON_ID, GOAL_ID, CYCLE, TEAM, WHAT, *READ_ON, *PAGE), tagged=False,
        recorded="access_log",
    ),
    Route(
        "/retention", "retention", RetentionAnswer,
        "For how many years what is about people is kept.",
    ),
)  # fmt: skip
