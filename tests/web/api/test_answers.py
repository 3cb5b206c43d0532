"""What is documented of the answers is what they are, field by field, for the example company."""

import copy
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator, ValidationError

from okr_es.application import Okr
from okr_es.example.naming import person
from projections.organisation_answers import TeamsAnswer
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.support.answer_types import misfits
from tests.support.begun import OnSqlite, begin_example
from tests.web.conftest import Caller
from web.api import answering
from web.api.entrance import Mode
from web.api.openapi.components import components
from web.api.openapi.spec import ANSWERS
from web.api.queries import ROUTES, Route
from web.app import PREFIX, create_app

LOOKED_AT = datetime(2026, 2, 13, 12, tzinfo=UTC)  # the day after the last one of the story
ABOUT = {
    "cycles": ["cycle"],
    "objectives": ["objective"],
    "key-results": ["key_result"],
    "kpis": ["kpi"],
    "approvals": ["approval"],
    "people": ["person"],
    "teams": ["team"],
    "readings": ["reading"],
    "goals": ["cycle", "objective", "key_result", "kpi", "team", "person", "scoring_policy"],
}
ASKED = {
    "compare": "?from=2025-Q2:plan-committed&to=cycle:2025-Q3",
    "explanation": "?from=200&to=1400",
    "who_could": "?may=plans",
    "scoreboard": "?cycle=2025-Q2&cycle=2025-Q3&cycle=2025",
}  # what these cannot do without
BY_QUESTION = {route.question: route for route in ROUTES}


class Company:
    """The example company: all there is to ask of it, and what is documented."""

    def __init__(self, client: FlaskClient, kinds: dict[str, str]) -> None:
        self.client = client
        self.kinds = kinds
        self.page: dict[str, Any] = client.get(f"{PREFIX}/openapi.json").json

    def addresses(self, route: Route) -> list[str]:
        """A query about each thing it can be about."""
        asked = ASKED.get(route.question, "")
        if "<" not in route.path:
            return [route.path + asked]
        about = ABOUT[route.path.split("/")[1]]
        ids = [id_ for id_, kind in self.kinds.items() if kind in about]
        if route.question == "explanation":
            ids = [row["id"] for row in self.answer("/cycles/2025/board")["objectives"]]
        if route.question == "held_data":
            people = self.answer("/people")["people"]
            ids = [row["id"] for row in people if not row["erased"]][:2]
        if route.question == "replay":
            ids = [row["id"] for row in self.answer("/cycles")["cycles"]]
        return [re.sub(r"<.+>", id_, route.path) + asked for id_ in ids]

    def answer(self, address: str) -> Any:
        response = self.client.get(PREFIX + address)
        assert response.status_code == 200, (address, response.text)
        return response.json

    def documented(self, route: Route) -> dict[str, Any]:
        """What is documented of a query."""
        path = re.sub(r"<\w+:(\w+)>", r"{\1}", route.path)
        path = path.replace("/kpis/{id}/readings", "/kpis/{kpi_id}/readings")
        return self.page["paths"][PREFIX + path]["get"]

    def schema(self, route: Route) -> dict[str, Any]:
        """The schema of its answer, or of a line of it, with all that it refers to."""
        kind = "application/x-ndjson" if route.streamed else "application/json"
        found = self.documented(route)["responses"]["200"]["content"][kind]["schema"]
        return {**found, "components": self.page["components"]}

    def validator(self, route: Route) -> Draft202012Validator:
        return Draft202012Validator(self.schema(route), validate_formats=True)


@pytest.fixture(scope="module")
def built(begun_on_sqlite: OnSqlite) -> Iterator[Company]:
    """The example company on SQLite, built once, with one colleague erased; only for asking."""
    with begun_on_sqlite.fresh("example", begin_example) as url:
        yield from asked_of(Okr(url, clock=lambda: LOOKED_AT))


def asked_of(okr: Okr) -> Iterator[Company]:
    mara = str(person("mara"))
    runner = Runner(okr)
    client = create_app(okr, Queries(okr, runner), mode=Mode.OPEN).test_client()
    colleague = client.get(f"{PREFIX}/people").json["people"][0]["id"]
    ask_for_approval(Caller(client, mara), Caller(client, colleague))
    asked = {"legal_ground": "their wish", "reason": "They left."}
    Caller(client, mara).done(f"/people/{colleague}/erase", asked)
    events = okr.log.rows(0, 10_000, ["stream", "type"])
    yield Company(client, {str(row[1]): row[2].partition(".")[0] for row in events})
    runner.close()
    okr.close()


def ask_for_approval(mara: Caller, colleague: Caller) -> None:
    """Mara asks three times: it is approved, refused, and still waits."""
    cycle = "/cycles/2026-Q1"
    mara.done(f"{cycle}/require-approval", {"of": ["closing", "adjusted_grades"]})
    fewer = {"of": ["closing"], "reason": "Grades are settled in the meeting."}
    for path, body, decision in (
        ("require-approval", fewer, "approve"),
        ("close", {"comment": "All is done."}, "refuse"),
        ("close", None, None),
    ):
        request = mara.done(f"{cycle}/{path}", body)["approval_id"]
        if decision:
            colleague.done(f"/approvals/{request}/{decision}", {"reason": "So we agreed."})


def each(routes: Iterable[Route]) -> pytest.MarkDecorator:
    """A case for each route."""
    return pytest.mark.parametrize("route", routes, ids=lambda route: route.path)


WHOLE = [route for route in ROUTES if not route.streamed]
STREAMED = [route for route in ROUTES if route.streamed]
THEN = [route for route in WHOLE if any(p.name == "known_at" for p in route.parameters)]


@each(STREAMED)
@pytest.mark.parametrize("step", ["day", "event"])
def test_every_line_of_a_stream_is_as_documented(step: str, route: Route, built: Company) -> None:
    validate = built.validator(route).validate
    asked = f"?step={step}" if route.question == "replay" else ""
    for address in built.addresses(route):
        response = built.client.get(f"{PREFIX}{address}{asked}")
        assert response.content_type == "application/x-ndjson"
        lines = [json.loads(line) for line in response.text.splitlines()]
        assert len(lines) > 1
        for line in lines:
            validate(line)


@each(THEN)
def test_every_answer_about_a_past_position_is_as_documented(route: Route, built: Company) -> None:
    validate = built.validator(route).validate
    mark = "&" if route.question in ASKED else "?"
    addresses = [f"{PREFIX}{each}{mark}known_at=1100" for each in built.addresses(route)]
    found = [built.client.get(each) for each in addresses]
    for response in found:
        assert response.status_code in {200, 404}, response.text
        if response.status_code == 200:
            validate(response.json)
    assert any(response.status_code == 200 for response in found)


@each(WHOLE)
def test_every_answer_is_as_documented(route: Route, built: Company) -> None:
    """Asked about everything there is, no answer has a field too few, too many or of its own."""
    addresses = built.addresses(route)
    assert addresses
    validate = built.validator(route).validate
    for address in addresses:
        validate(built.answer(address))


@each(WHOLE)
def test_every_answer_is_of_its_type_before_it_is_json(
    route: Route, built: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dates, numbers and ids are of the types that whoever reads an answer in Python relies on."""
    addresses, answers, right = built.addresses(route), list[Any](), answering.answer

    def answer(found: Any, *more: Any, **named: Any) -> Any:
        answers.append(found)
        return right(found, *more, **named)

    monkeypatch.setattr(answering, "answer", answer)
    for address in addresses:
        built.answer(address)
    assert answers
    assert [each for found in answers for each in misfits(found, route.answer)] == []


def test_an_answer_of_another_type_is_found() -> None:
    """The planted violations."""
    team = {"id": "5", "version": 1, "name": "A", "kind": "team", "disbanded": False,
            "recorded_later": None}  # fmt: skip
    moment = {"plan_position": 5, "day": date(2025, 8, 1), "zone": "UTC", "fixed": True}
    good = {"position": 5, **moment, "teams": [{**team, "parent": {"id": "6", "name": "B"}}],
            "next": None}  # fmt: skip
    assert list(misfits(good, TeamsAnswer)) == []
    for spoiled in (
        moment | {"teams": good["teams"], "next": None},
        good | {"position": "5"},
        good | {"colour": "red"},
        good | {"teams": [{**team, "parent": "6"}]},
        good | {"teams": [{**team, "parent": None, "kind": "band"}]},
    ):
        assert len(list(misfits(spoiled, TeamsAnswer))) == 1


@pytest.mark.parametrize("question", ["readings", "history"])
def test_a_page_that_is_not_the_last_is_as_documented(question: str, built: Company) -> None:
    """It says where the next one begins."""
    route = BY_QUESTION[question]
    fits = built.validator(route)
    pages = [built.answer(f"{address}?limit=1") for address in built.addresses(route)]
    assert any(page["next_before"] for page in pages)
    for page in pages:
        fits.validate(page)


def test_every_case_of_a_key_result_is_among_them(built: Company) -> None:
    """The example has what the schema tells apart; else a part of it would never be tried."""
    found = [built.answer(address) for address in built.addresses(BY_QUESTION["key_result"])]
    assert {answer["kind"] for answer in found} == {"metric", "milestone", "ordinal"}
    assert {answer["dropped"] for answer in found} == {False, True}
    assert {"not_measured", "on_track", "off_track"} <= {answer["status"] for answer in found}


@each(WHOLE)
def test_an_answer_that_lacks_a_field_or_has_another_is_refused(
    route: Route, built: Company
) -> None:
    """The planted violations: at the top, and in the first thing of the first list."""
    fits, body = built.validator(route), built.answer(built.addresses(route)[0])
    for spoiled in spoilt(body):
        with pytest.raises(ValidationError):
            fits.validate(spoiled)


def spoilt(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The body with each field removed in turn, at the top and one list below; and one added."""
    below = next((name for name, value in body.items() if holds_objects(value)), None)
    for path in ((), (below, 0)) if below else ((),):
        for name in at(body, path):
            lacking = copy.deepcopy(body)
            del at(lacking, path)[name]
            yield lacking
        more = copy.deepcopy(body)
        at(more, path)["colour"] = "red"
        yield more


def holds_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        body = body[step]
    return body


def test_every_component_is_used_and_closed(built: Company) -> None:
    """A loose object would let the answer drift from what is said of it."""
    schemas = built.page["components"]["schemas"]
    seen: set[str] = set()
    wanted = [built.schema(route)["$ref"] for route in ROUTES]
    wanted += ["Checkpoints", "Consistency", "Proof"]  # of evidence, which is not a query
    wanted += ["Outcome", "Done", "LineVerdict", "FeedEvent", "Sessions"]
    wanted += ["Sample", "ImportPreview", "Preferences"]
    while wanted:
        name = wanted.pop().rpartition("/")[2]
        if name not in seen:
            seen.add(name)
            wanted += [each["$ref"] for each in parts(schemas[name]) if "$ref" in each]
    seen.discard("Problem")  # which may have further fields
    assert seen == components(ANSWERS).keys() - {"Problem"}
    for name in seen:
        for each in parts(schemas[name]):
            if "propertyNames" in each:  # a map, all of whose values are of one kind
                assert each["additionalProperties"] == {"type": "string"}, name
            elif each.get("type") in ("object", ["object", "null"]):
                assert each["additionalProperties"] is False, name
                assert each["required"] == list(each["properties"]), name


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every one inside it."""
    if isinstance(schema, dict):
        yield schema
    inside = schema.values() if isinstance(schema, dict) else schema
    for each in inside if isinstance(schema, dict | list) else ():
        yield from parts(each)


@each(WHOLE)
def test_a_tag_is_documented_where_there_is_one(route: Route, built: Company) -> None:
    """And it is documented of no answer in which the directory has a say."""
    documented = built.documented(route)
    asks = {"$ref": "#/components/parameters/If-None-Match"} in documented["parameters"]
    has = "ETag" in documented["responses"]["200"]["headers"]
    told = "ETag" in built.client.get(PREFIX + built.addresses(route)[0]).headers
    assert (asks, has, "304" in documented["responses"]) == (told,) * 3
    assert told == route.tagged
