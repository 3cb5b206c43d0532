"""The API before and after its words were changed: nothing is lost, and nothing came in silence.

`tests/data/openapi_before.json` is what the description said before (made by
`tests/support/openapi_fields.py`); the tables below are all that was changed on purpose.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.openapi_fields import Fields, compact, expanded
from web.app import PREFIX

BEFORE = Path(__file__).parents[2] / "data" / "openapi_before.json"

PATHS = {
    "/reads": "/access-log",
    "/record": "/audit-log",
    "/sealing-keys": "/signing-keys",
    "/reword": "/retitle",
    "{request_id}": "{approval_id}",
    "get /api/v1/kpis/{id}/readings": "get /api/v1/kpis/{kpi_id}/readings",
}

# The words of fields and parameters.
RENAMED = {
    "above_id": "parent_id",
    "after_told": "after_text",
    "before_told": "before_text",
    "reads": "entries",
    "request_id": "approval_id",
    "rewordings": "retitlings",
    "sealed_at": "signed_at",
    "serves_key_result_id": "aligned_to_key_result_id",
    "serves_objective_id": "aligned_to_objective_id",
    "stage": "state",
    "statement": "title",
}

# What refers to a thing is an object, in answers: the field, and what is in it. The longest end of
# a path that stands here counts.
ID, KIND_ID, POSITION_AT = ("id",), ("kind", "id"), ("position", "at")
REFERENCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "after_id": ("after", ID),
    "aligned_to_key_result_id": ("aligned_to", KIND_ID),
    "aligned_to_objective_id": ("aligned_to", KIND_ID),
    "before_id": ("before", ID),
    "by": ("by", ID),
    "carried_from": ("carried_from", ID),
    "carried_to": ("carried_to", ID),
    "closed_at": ("closings", POSITION_AT),
    "cycle_id": ("cycle", ID),
    "entries.goal.objective": ("objective", ("id", "title")),  # its title alone, before
    "entries.goal.objective_id": ("objective", ("id", "title")),
    "goal_id": ("goal", KIND_ID),
    "kpi_id": ("kpi", ID),
    "limited_to.goal_id": ("goal", ID),
    "measured_id": ("measured", KIND_ID),
    "objective_id": ("objective", ID),
    "on_behalf_of": ("on_behalf_of", ID),
    "owner_id": ("owner", ID),
    "parent_id": ("parent", ID),
    "person_id": ("person", ID),
    "planned_at": ("plan_commits", POSITION_AT),
    "team_id": ("team", ID),
    "teams.goals": ("goals", ID),  # ids alone, before
}

# What was added on purpose, as `test_what_is_added_is_found` writes it, and why.
BY_TEAM = "a plan is committed team by team"
RETURNED = "what was abandoned and came back is counted"
CORRECTED = "what was meant all along is counted apart from revisions"
ADDED: dict[str, str] = {
    f"get {PREFIX}/compare, parameters: query.scoreboard": "the figures first, unless not wanted",
    f"get {PREFIX}/goals/{{id}}/history, parameters: query.language": "sentences for pages",
    f"get {PREFIX}/goals/{{id}}/history, response 200: entries.sentence": "with a language",
    f"get {PREFIX}/kpis, parameters: query.cycle": "KPIs that feed a key result of a cycle",
    f"post {PREFIX}/objectives, body: confidential": "its words can be for few",
    f"post {PREFIX}/cycles, body: id": "a cycle has an id of its own, which its caller may give",
    f"post {PREFIX}/cycles/{{cycle_id}}/commit-plan, body: team_id": BY_TEAM,
    f"post {PREFIX}/cycles/{{cycle_id}}/commit-plan, body: with_teams_below": BY_TEAM,
    f"post {PREFIX}/cycles/{{cycle_id}}/close, body: grade_rest": (
        "what was not graded is graded as computed"
    ),
    f"post {PREFIX}/cycles/{{cycle_id}}/commit-plan, body: with_drafts": (
        "the commit of a plan may take drafts along"
    ),
    f"post {PREFIX}/objectives/{{objective_id}}/carry-over, body: with_reached": (
        "key results that reached their target are carried only if asked for"
    ),
    **{
        f"get {PREFIX}/access-log, response 200: cut{field}": "where it was cut by retention"
        for field in ("", ".at", ".recorded_at", ".event", ".years", ".set_by_event")
    },
    **{
        f"get {PREFIX}/approvals{answer}corrected_along{field}": "what a corrected KPI takes along"
        for answer in (", response 200: approvals.", "/{id}, response 200: ")
        for field in ("", ".id", ".kind", ".title")
    },
    **{
        f"get {PREFIX}/cycles/{{id}}/plan, response 200: {field}": BY_TEAM
        for field in (
            "teams.committed",
            "teams.committed.day",
            "teams.committed.position",
            "goals.promised_at",
        )
    },
    **{
        f"get {PREFIX}/cycles/{{id}}/plan, response 200: {field}": RETURNED
        for field in ("returned", "teams.returned", "goals.returns")
    },
    **{
        f"get {PREFIX}/cycles/{{id}}/plan, response 200: {field}": CORRECTED
        for field in ("corrected", "teams.corrected", "goals.corrections")
    },
    **{
        f"get {PREFIX}/cycles/{{id}}/patterns, response 200: findings.{field}": (
            "what was changed under a running cycle, and what that moved"
        )
        for field in (
            "days_back",
            "moved",
            "moved.after",
            "moved.before",
            "moved.objective",
            "moved.objective.id",
            "moved.title",
        )
    },
    **{
        f"post {PREFIX}/{path}, body: effective": "a hand-over may hold from an earlier day"
        for path in ("objectives/{objective_id}/reassign", "teams/{team_id}/move")
    },
    **{
        f"post {PREFIX}/{path}, body: done_steps": "a check-in of a milestone names the steps done"
        for path in ("key-results/{key_result_id}/check-ins", "readings/{reading_id}/correct")
    },
    f"post {PREFIX}/objectives/{{objective_id}}/carry-over, body: owner_id": (
        "what a leaver owned is carried over to another"
    ),
    f"post {PREFIX}/objectives/{{objective_id}}/carry-over, body: team_id": (
        "what a disbanded team had is carried over to another"
    ),
    f"post {PREFIX}/objectives, body: description": "goals are described in words",
    **{
        f"post {PREFIX}/objectives/{{objective_id}}/key-results, body: {field}": (
            "key results are described, and have owners of their own"
        )
        for field in ("description", "owner_id")
    },
    **{
        f"get {PREFIX}/key-results/{{id}}, response 200: {field}": "it has an owner of its own"
        for field in ("owner", "owner.id")
    },
    **{
        f"post {PREFIX}/{path}, body: evidence{part}": "where a value or a grade was taken from"
        for path in (
            "key-results/{key_result_id}/check-ins",
            "objectives/{objective_id}/grade",
            "readings/{reading_id}/correct",
        )
        for part in ("", ".link", ".sha256")
    },
    **{
        f"post {PREFIX}/readings/{{reading_id}}/correct, body: {field}": "each can be corrected"
        for field in ("confidence", "subject")
    },
    f"post {PREFIX}/scoring-policy, body: not_measured": "how what is not measured counts",
    **{
        f"get {PREFIX}/{path}": "owner and team of a day may have been recorded after it"
        for path in (
            "cycles/{id}/board, response 200: objectives.recorded_later",
            "cycles/{id}/tree, response 200: objectives.recorded_later",
            "objectives/{id}, response 200: recorded_later",
        )
    },
}

# Operations that are new, and parts of answers that were rebuilt on purpose, and why: their fields
# are not those of before.
REBUILT: dict[str, str] = {
    f"post {PREFIX}/kpis/{{kpi_id}}/retire, response 202": "it may switch a promise off",
    **{
        f"post {PREFIX}/people/{{person_id}}/{word}, response 202": "it may take somebody else"
        for word in ("erase", "hold", "release")
    },
    f"post {PREFIX}/people-figures": "which figures per person exist",
    f"get {PREFIX}/access-log, response 200: entries.about": "what a read was about is named",
    f"get {PREFIX}/people": "people on a day: active or not, and who stands in",
    f"post {PREFIX}/objectives/{{objective_id}}/correct": "what was meant all along",
    f"post {PREFIX}/key-results/{{key_result_id}}/correct": "what was meant all along",
    f"post {PREFIX}/kpis/{{kpi_id}}/targets/correct": "what was meant all along",
    **{
        f"post {PREFIX}/{goals}/{{{goal}_id}}/{word}": "what is said of a goal is put right"
        for goals, goal, put_right in (
            ("objectives", "objective", ("describe", "reschedule", "commitment")),
            (
                "key-results",
                "key_result",
                ("retitle", "describe", "reassign", "cadence", "reinstate"),
            ),
        )
        for word in put_right
    },
    **{
        f"post {PREFIX}/{path}": "what is wrong in KPIs, cycles and teams is put right"
        for path in (
            "cycles/{cycle_id}/rename",
            "cycles/{cycle_id}/reschedule",
            "kpis/{kpi_id}/correct",
            "kpis/{kpi_id}/purpose",
            "kpis/{kpi_id}/reassign",
            "kpis/{kpi_id}/reinstate",
            "kpis/{kpi_id}/rename",
            "teams/{team_id}/kind",
            "teams/{team_id}/reinstate",
        )
    },
    **{
        f"get {PREFIX}/objectives/{{id}}/explanation, response 200: {part}": "by key result"
        for part in ("causes", "key_results", "aligned", "others", "kpis", "title")
    },
    f"get {PREFIX}/compare, response 200: scoreboard": "the figures come first",
    **{
        f"get {PREFIX}/cycles/{{id}}/review, response 200: {part}": "ownership by interval, totals"
        for part in ("goals.owners", "goals.teams", "people", "people_figures", "teams", "total")
    },
}

# What every commit of a plan in an answer says more, and why: a plan is committed team by team.
IN_PLAN_COMMITS = {f"plan_commits.{field}" for field in ("team", "team.id", "with_teams_below")}
# What answers have more, by the last words of a field: a day names its time zone; key results have
# a flag beside their status; and the readings that were due are counted, in place of those overdue.
ADDED_TO_ANSWERS = {
    "zone", "key_results.overdue", "overdue", "scores.committed.overdue", "scores.ended.overdue",
    *(f"counts.discipline{each}" for each in ("", ".due", ".on_time", ".late", ".missing")),
    "counts.eased_targets",
}  # fmt: skip
# The score of an objective, how much of it is measured, what came out, and what of it counts.
SCORED = {
    "score", "coverage", "off_track", "outcome", "ended_by", "late_days", "aligned.counts",
    "grade.coverage", "grade.not_measured", "grade.of", "policy.not_measured", "query.not_measured",
}  # fmt: skip
# The document of a grade, the comment of a reading, and that a text was redacted.
SAID_BESIDE = {
    *(f"redacted{each}" for each in ("", ".position", ".recorded_at", ".legal_ground")),
    "readings.comment", *(f"grade.evidence{each}" for each in ("", ".link", ".sha256")),
}  # fmt: skip
# Which steps are done, and where a KPI stood before the cycle, and that a definition is new.
MEASURED = {
    "reading.done_steps", "redefined",
    *(f"started_at{each}" for each in ("", ".id", ".as_of", ".value")),
}  # fmt: skip
# Goals are described in words, and a key result may have an owner of its own.
DESCRIBED = {
    "description",
    *(f"{of}.owner{end}" for of in ("key_results", "promised", "ended_as") for end in ("", ".id")),
}  # fmt: skip
# The progress of an objective is its score, and green begins at the expected grade.
SCORE_BEFORE = {
    "aligned.rolled_up", "objectives.progress", "changed.progress", "published.progress",
    "restated.progress", "goals.scores.committed.progress", "goals.scores.ended.progress",
    "policy.green_from", "query.green_from",
}  # fmt: skip
OF_AN_OBJECTIVE = f"get {PREFIX}/objectives/{{id}}, response 200: progress"
GREEN = f"post {PREFIX}/scoring-policy, body: green_from"
GONE = {"counts.overdue_readings", "by_name", "on_behalf_of_name", *SCORE_BEFORE}
NEW_PATHS = {
    f"{PREFIX}/events",  # the feed
    f"{PREFIX}/commands",  # many commands in one body
    f"{PREFIX}/calendar",
    f"{PREFIX}/evidence/sample",
    f"{PREFIX}/imports/kpis/preview",
    f"{PREFIX}/cycles/{{id}}/changes-by-day",
    f"{PREFIX}/cycles/{{id}}/trends",
    f"{PREFIX}/check-ins",
    f"{PREFIX}/people/{{id}}/needs",
    f"{PREFIX}/templates",
    f"{PREFIX}/people/{{id}}/preferences",
    f"{PREFIX}/cycles/{{id}}",
    f"{PREFIX}/teams/{{id}}",
    f"{PREFIX}/people/{{id}}",
    f"{PREFIX}/readings/{{id}}",
    f"{PREFIX}/clock/accept",
    f"{PREFIX}/commands/{{command_id}}",
    f"{PREFIX}/texts/{{position}}/redact",
    f"{PREFIX}/retention",
    f"{PREFIX}/objectives/{{objective_id}}/keep-confidential",
    f"{PREFIX}/objectives/{{objective_id}}/open-to-all",
    f"{PREFIX}/people/{{id}}/held-data",
    f"{PREFIX}/grants",
    *(f"{PREFIX}/grants/{{grant_id}}/{word}" for word in ("reschedule", "end")),
    f"{PREFIX}/keys",
    f"{PREFIX}/keys/{{key_id}}/revoke",
    f"{PREFIX}/sessions",
    f"{PREFIX}/sessions/{{id}}",
    f"{PREFIX}/who-could",
    f"{PREFIX}/scoreboard",
    *(
        f"{PREFIX}/people/{{person_id}}/{word}"
        for word in ("rename", "email", "deputy", "deactivate", "reactivate")
    ),
}
NEW_QUESTIONS = {f"get {PREFIX}/{path}" for path in ("scoring-policy", "objectives", "key-results")}

# Lists of the organisation are of a day, and what they refer to has its name.
LISTS = {
    f"get {PREFIX}/teams": {"teams.parent.name", "teams.recorded_later"},
    f"get {PREFIX}/cycles": {"cycles.plan_commits.team.name"},
    f"get {PREFIX}/people": {"people.deputy.person.name"},
}
OF_A_DAY = {"plan_position", "day", "fixed", "query.known_at", "query.at"}

# What is said of requests for approval, of promises, and of who recorded a reading; and a replay by
# the days things are about.
TOLD = {"requester", "approver", "request", "pending_requests", "promises"}
TOLD_OF = {
    "readings.by", "readings.by.id", "readings.on_behalf_of", "readings.on_behalf_of.id",
    "readings.recorded_at", "readings.corrected",
    *(f"{event}.on_behalf_of{part}" for event in ("event", "events", "markers")
      for part in ("", ".id")),
}  # fmt: skip
REPLAY = f"get {PREFIX}/cycles/{{id}}/replay"
OF_REPLAYS = {"query.by", "query.known_at", "by", "known_at", "since", "plan_from"}

# What every receipt has more: a warning was a text before.
IN_RECEIPTS = {
    f"warnings.{field}" for field in ("code", "text", "count", "things", "things.kind", "things.id")
} | {"secret", "representation", "not_represented"}

# Every command can be tried out, and answers then what it would record.
OF_DRY_RUNS = {"count", "earlier_receipt", "waits_for_approval", "warnings", "would_record"}

# Values that several readings make: what a KPI counts and how, what a span has come to, when and
# of what a reading is, key results to keep, and where numbers are not comparable.
REDEFINE = f"post {PREFIX}/kpis/{{kpi_id}}/redefine"
OF_SPANS = {
    "aggregation", "breaks", "comparable", "counts", "direction", "evidence", "expected",
    "hit_rate", "inside", "maximum", "minimum", "pace", "recorded_later", "spans", "status",
    "subject", "subjects", "value",
}  # fmt: skip
OF_KPIS_AND_KEY_RESULTS = {"kpis", "key_results", "measure", "promised", "planned", "series",
                           "entries", "readings", "reading", "target", "targets", "findings",
                           "objectives", "aligned", "goals", "ended_as"}  # fmt: skip


def is_of_spans(statement: str) -> bool:
    """Whether it is a field about values of spans, or below one; or the command that redefines."""
    place, _, field = statement.partition(": ")
    if place.startswith(REDEFINE):
        return True
    words = field.split(".")
    first = next((n for n, word in enumerate(words) if word in OF_SPANS), None)
    return first is not None and set(words[:first]) <= OF_KPIS_AND_KEY_RESULTS


def wanted(before: Fields) -> Fields:
    """What was there before, in the words of now."""
    return {
        renamed_operation(operation): {
            part: set(renamed_fields(fields, operation, part)) for part, fields in parts.items()
        }
        for operation, parts in before.items()
    }


def renamed_operation(operation: str) -> str:
    for old, new in PATHS.items():
        operation = operation.replace(old, new)
    return operation


def renamed_fields(fields: set[str], operation: str, part: str) -> Iterator[str]:
    is_answer = operation.startswith("get ") and part == "response 200"
    if operation == f"get {PREFIX}/kpis/{{id}}/readings" and part == "parameters":
        fields = fields - {"path.id"} | {"path.kpi_id"}  # as the command at that address names it
    for written in fields:
        field = "query.team" if written == "query.team_id" else written
        *above, name = (RENAMED.get(word, word) for word in field.split("."))
        if is_answer and (reference := reference_in([*above, name])):
            name, inner = reference
            yield from (".".join([*above, name, each]) for each in inner)
        yield ".".join([*above, name])


def reference_in(words: list[str]) -> tuple[str, tuple[str, ...]] | None:
    ends = (".".join(words[start:]) for start in range(len(words)))
    return next((REFERENCES[end] for end in ends if end in REFERENCES), None)


def differences(document: dict[str, Any]) -> list[str]:
    """What the description has too few or too many."""
    before = set(statements(wanted(expanded(json.loads(BEFORE.read_text())))))
    now = set(statements(expanded(compact(document))))
    gone = {
        f"{each} is gone"
        for each in before - now - {OF_AN_OBJECTIVE, GREEN}
        if not ends_in(each, GONE)
    }
    new = {
        each
        for each in now - before - ADDED.keys()
        if not is_meant(each) and not is_of_plan_commits(each) and not is_of_spans(each)
    }
    found = gone | {f"{each} is new" for each in new}
    return sorted(each for each in found if not is_rebuilt(each))


def is_rebuilt(statement: str) -> bool:
    """Whether it is about a part of an answer that was rebuilt, or a field in one."""
    return any(statement.startswith(tuple(f"{part}{mark}" for mark in " .,:")) for part in REBUILT)


def is_meant(statement: str) -> bool:
    """Whether something was added on purpose."""
    operation = statement.partition(",")[0]
    is_new_path = operation.partition(" ")[2] in NEW_PATHS or operation in NEW_QUESTIONS
    return (
        is_new_path
        or is_of_the_day(statement)
        or is_of_rights(statement)
        or is_of_lists(statement)
        or is_of_receipts(statement)
        or is_of_dry_runs(statement)
        or is_of_preconditions(statement)
        or is_of_names(statement)
        or is_told(statement)
        or ends_in(statement, ADDED_TO_ANSWERS | SCORED | MEASURED | DESCRIBED | SAID_BESIDE)
    )


# What lists are found, sorted and paged by, and what a page says of itself.
OF_LISTS = {
    f"query.{name}"
    for name in ("team", "owner", "state", "text", "status", "overdue", "outcome", "sort", "limit",
                 "after", "acted_by")
} | {"next", "matches", "searched_to"}  # fmt: skip


def is_of_lists(statement: str) -> bool:
    """Whether it is a filter, a page, or that a read with a filter is recorded."""
    place, _, field = statement.partition(": ")
    operation, _, part = place.partition(", ")
    lists = (
        "/kpis",
        "/cycles/{id}/board",
        "/cycles/{id}/tree",
        "/compare",
        "/approvals",
        "/grants",
    )
    is_recorded = operation in {f"get {PREFIX}{path}" for path in lists} and (
        part == "response 503" or field == "header.Okr-Actor"
    )
    return is_recorded or field.rpartition(".")[2] == "matches" or field in OF_LISTS


def is_told(statement: str) -> bool:
    """Whether an answer says more of requests, promises or readings, or of a replay."""
    place, _, field = statement.partition(": ")
    if place.startswith(REPLAY) and field in OF_REPLAYS:
        return True
    return not TOLD.isdisjoint(field.split(".")) or ends_in(statement, TOLD_OF)


def is_of_the_day(statement: str) -> bool:
    """Whether a list of the organisation says of which day it is, or a name in it."""
    place, _, field = statement.partition(": ")
    more = LISTS.get(place.partition(",")[0])
    return more is not None and field in more | OF_A_DAY


def ends_in(statement: str, ends: set[str]) -> bool:
    """Whether it is a field of an answer with one of these ends."""
    place, _, field = statement.partition(": ")
    return place.startswith("get ") and any(
        field == end or field.endswith(f".{end}") for end in ends
    )


def is_of_rights(statement: str) -> bool:
    """Whether it is the token of a session, or an answer where who calls is unknown, or may not."""
    if statement.endswith(", parameters: header.CSRF-Token"):
        return True
    part = statement.partition(":")[0].partition(", ")[2]
    return part in {"response 401", "response 403"}


def is_of_preconditions(statement: str) -> bool:
    """Whether it is what a command was decided on, as a header or a refusal; or a preference."""
    place, _, what = statement.partition(": ")
    return place.startswith("post ") and (
        what in {"header.If-Match", "header.Prefer"} or place.endswith(", response 412")
    )


def is_of_receipts(statement: str) -> bool:
    """Whether it is a field that every receipt has more."""
    place, _, field = statement.partition(": ")
    is_meant = field in IN_RECEIPTS or field.startswith("representation.")
    return place.startswith("post ") and ", response 20" in place and is_meant


def is_of_dry_runs(statement: str) -> bool:
    """Whether it is what every command has more: the field, the answer, and what is in that."""
    place, _, field = statement.partition(": ")
    if not place.startswith("post "):
        return False
    if place.endswith(", response 200"):
        return not field or field.partition(".")[0] in OF_DRY_RUNS
    return place.endswith(", body") and field == "dry_run"


def is_of_names(statement: str) -> bool:
    """Whether it is what something is called that is referred to, or more of what is aligned to."""
    place, _, field = statement.partition(": ")
    above, _, last = field.rpartition(".")
    if not place.startswith("get "):
        return False
    if place.endswith(", parameters") and field == "query.fields":
        return True  # of every answer the fields can be chosen
    more = last in {"id", "kind", "title"} and above.endswith(("changes.before", "changes.after"))
    return last in {"name", "title"} or more or "aligned_to.cycle" in field or (
        "aligned_to.owner" in field
    )  # fmt: skip


def is_of_plan_commits(statement: str) -> bool:
    """Whether it is a field that every commit of a plan has more."""
    place, _, field = statement.partition(": ")
    return place.startswith("get ") and any(field.endswith(each) for each in IN_PLAN_COMMITS)


def statements(found: Fields) -> Iterator[str]:
    """Yield each operation, each part of it, and each field of that."""
    for operation, parts in found.items():
        yield operation
        for part, fields in parts.items():
            yield f"{operation}, {part}"
            yield from (f"{operation}, {part}: {field}" for field in fields)


@pytest.fixture
def page(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{PREFIX}/openapi.json").json
    return found


def test_paths_statuses_parameters_and_fields_are_those_of_before(page: dict[str, Any]) -> None:
    assert differences(page) == []


def test_every_word_of_the_tables_was_needed(page: dict[str, Any]) -> None:
    """Else a table could excuse what nobody meant."""
    now = set(statements(expanded(compact(page))))
    assert all(any(each.startswith(part) for each in now) for part in REBUILT)
    before = expanded(json.loads(BEFORE.read_text()))
    fields = {field for parts in before.values() for each in parts.values() for field in each}
    words = {word for field in fields for word in field.split(".")}
    assert RENAMED.keys() <= words
    assert {end.rpartition(".")[2] for end in REFERENCES} <= words | set(RENAMED.values())
    assert all(any(old in operation for operation in before) for old in PATHS)


COMPONENT = ("components", "schemas")


@pytest.mark.parametrize(
    ("place", "gone"),
    [
        ((*COMPONENT, "KeyResultBody", "properties", "pace"), "objectives.key_results.pace"),
        ((*COMPONENT, "Problem", "properties", "detail"), "detail"),
        ((*COMPONENT, "DraftObjective", "properties", "due"), "due"),
        (("paths", f"{PREFIX}/cycles/{{id}}/board", "get", "responses", "304"), "response 304"),
        (("paths", f"{PREFIX}/teams"), f"get {PREFIX}/teams"),
        (("components", "parameters", "Okr-Actor", "name"), "header.Okr-Actor"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_removed_is_found(page: dict[str, Any], place: tuple[str, ...], gone: str) -> None:
    """The planted violations."""
    spoiled = copy.deepcopy(page)
    *above, last = place
    inside = spoiled
    for step in above:
        inside = inside[step]
    if last == "name":
        inside[last] = "Another-Name"
    else:
        del inside[last]
    assert any(each.endswith(f"{gone} is gone") for each in differences(spoiled))


def test_what_is_added_is_found(page: dict[str, Any]) -> None:
    """The planted violation of the other kind."""
    page["components"]["schemas"]["TeamBody"]["properties"]["colour"] = {"type": "string"}
    assert differences(page) == [f"get {PREFIX}/teams, response 200: teams.colour is new"]
