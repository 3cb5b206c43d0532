"""Every query with its address, on one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Response, request
from flask_smorest import Blueprint

from okr_es.application import Okr
from projections.api_keys_answers import ApiKeysAnswer
from projections.audit_log.answers import (
    AccessLogAnswer,
    ApprovalAnswer,
    ApprovalsAnswer,
    AuditLogAnswer,
    HistoryAnswer,
    RetentionAnswer,
)
from projections.goals.answers import BoardAnswer, KeyResultAnswer, ObjectiveAnswer, TreeAnswer
from projections.goals.kpi_answers import KpiAnswer, KpisAnswer, ReadingsAnswer
from projections.grants_answers import GrantsAnswer, WhoCouldAnswer
from projections.held_data_answers import HeldLine
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
    CompareAnswer,
    ExplanationAnswer,
    PlanAnswer,
    ResultsAnswer,
)
from projections.retrospect.plan_vs_actual_answers import (
    KeyResultPlanAndActualAnswer,
    KpiPlanAndActualAnswer,
    ObjectivePlanAndActualAnswer,
)
from projections.retrospect.replay_answers import ReplayLine
from projections.retrospect.review_answers import ReviewAnswer
from web.access_log import record
from web.api.asking import VARY, ask
from web.api.entrance import entrance
from web.api.exact_json import JSON, CachedJson, encode
from web.api.foreign_pages import recording
from web.api.ndjson import streamed
from web.api.openapi.components import AnswerType
from web.api.openapi.operations import (
    Document,
    describe,
    query_document,
    stream_document,
    with_reader,
)
from web.api.parameters import (
    AUDIT_LOG,
    BEFORE,
    BY,
    CYCLE,
    DAYS,
    GOAL_ID,
    KNOWN_AT,
    LAST_DAYS,
    LIMIT,
    MAY,
    OBJECTIVE_ID,
    OVERDUE,
    PAGE,
    PART,
    PERSON_ID,
    READ_ON,
    ROLE,
    SIDES,
    SPAN,
    STATE,
    STEP,
    TEAM_ID,
    THEN,
    THRESHOLDS,
    WHAT,
    Parameter,
    for_access_log,
    given,
)

if TYPE_CHECKING:
    from okr_es.domain.cycle import CycleRef
    from projections.queries import Queries

Answer = dict[str, Any]
Hashes = Callable[[Iterable[int]], dict[int, bytes]]
TAG_BYTES = 6
# What has nothing that could become confidential.
SAME_FOR_ALL = frozenset({
    "calendar", "retention", "scoring_policy", "cycles", "cycle", "teams", "team", "kpis", "kpi",
    "kpi_plan_and_actual",
})  # fmt: skip
FOR_EVER = "private, max-age=31536000, immutable"


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
    Route("/cycles", "cycles", CyclesAnswer, "All cycles.", THEN),
    Route("/cycles/<cycle:id>", "cycle", OneCycleAnswer, "A cycle.", THEN),
    Route(
        "/cycles/<cycle:id>/board", "board", BoardAnswer,
        "A cycle's goals, their scores and status.", THEN,
    ),
    Route(
        "/cycles/<cycle:id>/tree", "tree", TreeAnswer,
        "Which objective is aligned to which, in a cycle.", THEN,
    ),
    Route(
        "/objectives/<uuid:id>", "objective", ObjectiveAnswer,
        "An objective with its key results.", THEN, cached=True,
    ),
    Route("/key-results/<uuid:id>", "key_result", KeyResultAnswer, "A key result.", THEN),
    Route(
        "/kpis", "kpis", KpisAnswer, "All KPIs, or those of a team, or the overdue.",
        (TEAM_ID, OVERDUE, *THEN),
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
        "Who changed it, when, and why.", PAGE, tagged=False,
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
        (TEAM_ID, PERSON_ID, OBJECTIVE_ID, KNOWN_AT), recorded="review",
    ),
    Route(
        "/cycles/<cycle:id>/replay", "replay", ReplayLine,
        "A cycle step by step, a line of JSON each.",
        (STEP, *DAYS, *THRESHOLDS), streamed=True,
    ),
    Route(
        "/compare", "compare", CompareAnswer,
        "What differs between two moments, two cycles, or one of each: then of that cycle.",
        (*SIDES, CYCLE, TEAM_ID, PERSON_ID, GOAL_ID),
    ),
    Route(
        "/objectives/<uuid:id>/explanation", "explanation", ExplanationAnswer,
        "Why its score changed between two moments, event by event.", SPAN,
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
    Route("/teams", "teams", TeamsAnswer, "All teams of a day, as a tree.", THEN),
    Route("/teams/<uuid:id>", "team", TeamAnswer, "A team of a day, and those below it.", THEN),
    Route("/people", "people", PeopleAnswer, "All people.", THEN, tagged=False, recorded="people"),
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
        (PERSON_ID, ROLE, TEAM_ID, *THEN),
    ),
    Route("/keys", "keys", ApiKeysAnswer, "The api keys of programs.", THEN, tagged=False),
    Route(
        "/who-could", "who_could", WhoCouldAnswer,
        "Who could do what a line of the table of rights says, about something, on a day.",
        (MAY, PART, GOAL_ID, TEAM_ID, PERSON_ID, *THEN),
    ),
    Route(
        "/access-log", "access_log", AccessLogAnswer,
        "Who read what about people, and who exported evidence.",
        (BY, PERSON_ID, GOAL_ID, CYCLE, TEAM_ID, WHAT, *READ_ON, *PAGE), tagged=False,
        recorded="access_log",
    ),
    Route(
        "/retention", "retention", RetentionAnswer,
        "For how many years what is about people is kept.",
    ),
)  # fmt: skip


def blueprint(okr: Okr, queries: Queries, prefix: str) -> Blueprint:
    """Return the routes of all queries."""
    made = Blueprint("queries", __name__, url_prefix=prefix)
    for route in ROUTES:
        tags = [route.path.split("/")[1]]
        name = f"{tags[0]}_{route.question}"
        made.add_url_rule(route.path, name, view(okr, queries, route, name), tags=tags)
    return made


def view(okr: Okr, queries: Queries, route: Route, name: str) -> Callable[..., Response]:
    """Return the view function of a route."""
    needs = any(each.required or each.otherwise for each in route.parameters)
    cached = CachedJson() if route.cached else None

    def respond(**path: CycleRef) -> Response:
        asked = {}
        if needs or request.environ.get("QUERY_STRING"):
            asked = given(route.parameters)
        by_caller = ask(
            okr, queries, route.question, path.get("id"), asked, recorded=route.recorded is not None
        )
        asked = by_caller.filters
        theirs = by_caller.queries
        result = found = getattr(theirs, route.question)(*path.values(), **asked)
        enforced = entrance().mode.enforces
        if enforced:
            result = theirs.without_hidden(found, path.get("id"))
        if route.streamed:
            sent = streamed(result)
            if route.recorded is not None:
                sent.headers["Position"] = position = str(okr.log.head())
                about: Any = {route.about: path["id"]}
                record(okr, by_caller.by, route.recorded, {"position": position}, about)
            return sent

        def tag() -> str | None:
            if not route.tagged:
                return None
            of_viewer = by_caller.of_viewer + (theirs.mark if enforced else "")
            return tag_of(result, okr.today, queries.hashes, of_viewer)

        if route.recorded is None:
            can_close = enforced and route.question not in SAME_FOR_ALL
            for_ever = not by_caller.of_viewer and not can_close
            as_json = encode if cached is None or asked or result is not found else cached.encode
            return answer(result, tag(), for_ever=for_ever, as_json=as_json)
        about = {route.about: path.get("id"), **for_access_log(route.parameters, asked)}
        record(okr, by_caller.by, route.recorded, result, queries.with_ids(about))
        return answer(result, tag(), for_ever=False)

    describe(respond, route.summary, document(route, name))
    return respond if route.recorded is None else recording(respond)


def document(route: Route, name: str) -> Document:
    """Return what OpenAPI says of a route."""
    parameters = [parameter.document for parameter in route.parameters]
    recorded = route.recorded is not None
    if route.streamed:
        found = stream_document(name, route.answer, parameters)
        return with_reader(found) if recorded else found
    return query_document(name, route.answer, parameters, tagged=route.tagged, recorded=recorded)


def answer(
    found: Answer,
    tag: str | None,
    *,
    for_ever: bool,
    as_json: Callable[[Answer], bytes] = encode,
) -> Response:
    """Return an answer as a response, or 304 where If-None-Match has its tag.

    One about a fixed past may be cached `for_ever`, unless every read of it is recorded, it is
    another one for who has other rights, or could become confidential.
    Answers with names or texts of people have no tag and are never cached: these disappear when the
    person is erased.
    """
    position = str(found["position"])
    if tag is None:
        headers = [("Position", position), ("Cache-Control", "no-store")]
        return Response(encode(found), 200, headers, content_type=JSON)
    cached = FOR_EVER if for_ever and found.get("fixed") else "private, no-cache"
    headers = [("ETag", tag), ("Position", position), ("Cache-Control", cached)]
    if entrance().mode.enforces:
        headers.append(VARY)
    sent = request.environ.get("HTTP_IF_NONE_MATCH")
    if sent is not None and is_match(tag, sent):
        return Response(None, 304, headers)
    return Response(as_json(found), 200, headers, content_type=JSON)


def tag_of(found: Answer, today: Callable[[], date], hashes: Hashes, of_viewer: str = "") -> str:
    """Return the entity tag of an answer: the events and days it is based on, and for whom it is.

    Events are named by position and hash, since another log may be put in the place of this one.
    """
    sides = [found[name] for name in ("from", "to")] if "from" in found else [found]
    known = hashes(side["position"] for side in sides)
    parts = [
        f"{side['position']}-{side.get('plan_position', side['position'])}"
        f"-{side.get('day') or today()}-{known.get(side['position'], b'')[:TAG_BYTES].hex()}"
        for side in sides
    ]
    return f'W/"{".".join([*parts, *filter(None, [of_viewer])])}"'


def is_match(tag: str, sent: str) -> bool:
    """Return whether If-None-Match names the tag, weakly compared."""
    tags = {each.strip().removeprefix("W/") for each in sent.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags
