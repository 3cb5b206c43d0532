"""The API's description: valid, complete, true, and readable offline."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema_rs import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from okr_es.application import Okr
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.conftest import ADA, NOW
from web.api.commands import ROUTES as COMMANDS
from web.api.entrance import Mode
from web.api.exact_json import encode
from web.api.ndjson import NDJSON
from web.api.queries import ROUTES as QUERIES
from web.app import PREFIX, create_app

OTHERS = (
    "/checkpoints", "/checkpoints/latest", "/checkpoints/{size}", "/checkpoints/{size}/consistency",
    "/events", "/events/{position}/proof", "/evidence/verifier", "/evidence/sample",
    "/people/{id}/preferences", "/commands/{command_id}", "/sessions",
)  # fmt: skip
NO_COMMANDS = ("/evidence", "/evidence/sample", "/imports/kpis/preview", "/commands")


@pytest.fixture
def page(client: FlaskClient) -> dict[str, Any]:
    return client.get(f"{PREFIX}/openapi.json").json


def test_it_is_openapi_3_1_with_every_route(page: dict[str, Any]):
    assert page["openapi"] == "3.1.0"
    described = {(m, p) for p, methods in page["paths"].items() for m in methods}
    wanted = {("post", bare(route.path)) for route in COMMANDS}
    wanted |= {("get", bare(route.path)) for route in QUERIES}
    wanted |= {("get", PREFIX + path) for path in OTHERS}
    wanted |= {("post", PREFIX + path) for path in NO_COMMANDS}
    assert wanted == {(m, p) for m, p in described if m in {"get", "post"}}


def bare(path: str) -> str:
    """The path as OpenAPI writes it: once, where a command has another name for the id in it."""
    found = PREFIX + re.sub(r"<\w+:(\w+)>", r"{\1}", path)
    return found.replace("/kpis/{id}/readings", "/kpis/{kpi_id}/readings")


def test_every_operation_has_a_name_of_its_own_and_a_summary(page: dict[str, Any]):
    operations = [
        operation
        for methods in page["paths"].values()
        for method, operation in methods.items()
        if method in {"get", "post"}
    ]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(operation["summary"].endswith(".") for operation in operations)


def test_every_schema_is_valid_json_schema(page: dict[str, Any]):
    for schema in page["components"]["schemas"].values():
        Draft202012Validator({**schema, "components": page["components"]})


def test_a_date_or_number_that_is_refused_does_not_fit_its_schema(page: dict[str, Any]):
    schema = page["components"]["schemas"]["RecordReading"]
    fits = Draft202012Validator({**schema, "components": page["components"]}).is_valid
    assert fits({"as_of": "2025-08-01", "value": "0.1"})
    assert fits({"as_of": "2025-08-01", "value": 0.1})
    assert not fits({"as_of": "0000-01-01", "value": "0.1"})
    assert not fits({"as_of": "2025-08-01", "value": "1_0"})
    assert not fits({"as_of": "2025-08-01", "value": "0.1", "colour": "red"})


def test_the_documentation_page_fetches_nothing_from_elsewhere(client: FlaskClient):
    response = client.get(f"{PREFIX}/docs/")
    assert response.status_code == 200
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", response.text)
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self' 'sha256-" in policy
    assert "'unsafe-inline'" not in policy.partition("style-src")[0]
    for asset in re.findall(r"(?:src|href)=\"([^\"]+)\"", response.text):
        with client.get(asset) as found:
            assert found.status_code == 200


# A schema cannot say all that the domain asks for: 422 is a fair answer to what fits the schema.
# Nor that the bytes of a header are UTF-8: others are no text, and 400.
# Nobody is signed in: of sessions and preferences 401 is fair as well.
EXAMPLES = 3  # `python -m tests.faults.api` asks more often
CONFIG = """
[generation]
with-security-parameters = false  # who calls is not made up

[checks]
ignored_auth.enabled = false  # here everybody may do everything
positive_data_acceptance.expected-statuses = [
  "2xx", "304", "400", "403", "404", "409", "412", "422", "428",
]
negative_data_rejection.expected-statuses = ["4xx"]

[[operations]]
include-path-regex = "/(sessions|preferences)"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "403", "404", "422"]

[[operations]]
include-path-regex = "/commands$"  # a bad line has a verdict of its own
checks.negative_data_rejection.expected-statuses = ["200", "4xx"]
"""


@schemathesis.serializer(NDJSON)
def as_lines(_: Any, value: Any) -> bytes:
    """A line of JSON for each of several bodies."""
    return b"".join(
        encode(each) + b"\n" for each in (value if isinstance(value, list) else [value])
    )


@pytest.fixture(scope="module")
def described(
    tmp_path_factory: pytest.TempPathFactory, founded: tuple[Path, dict[str, str]]
) -> Iterator[Any]:
    """The schema as schemathesis reads it, from an app in this process, on a company's log."""
    folder = tmp_path_factory.mktemp("described") / "company"
    shutil.copytree(founded[0], folder)
    okr = Okr(f"sqlite:///{folder}/okr.db", clock=lambda: NOW)
    runner = Runner(okr)
    app = create_app(okr, Queries(okr, runner), default_actor=UUID(ADA), mode=Mode.OPEN)
    config = SchemathesisConfig.from_str(CONFIG)
    yield schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", app, config=config)
    runner.close()
    okr.close()


OPERATIONS = [
    *(("POST", bare(route.path)) for route in COMMANDS),
    *(("GET", bare(route.path)) for route in QUERIES),
]


# What is neither a command nor a question of the read side. Without sessions nobody has any.
ASKED_ELSE = [
    *(("GET", PREFIX + path) for path in OTHERS),
    *(("POST", PREFIX + path) for path in NO_COMMANDS),
    ("PUT", f"{PREFIX}/people/{{id}}/preferences"),
    ("DELETE", f"{PREFIX}/sessions"),
    ("DELETE", f"{PREFIX}/sessions/{{id}}"),
]
GOOD, BAD = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
NOTHING_TO_GET_WRONG = {
    ("GET", f"{PREFIX}/{name}") for name in (
        "cycles", "teams", "people", "retention", "checkpoints/latest", "evidence/verifier",
        "sessions",
    )
} | {("DELETE", f"{PREFIX}/sessions"), ("POST", f"{PREFIX}/retention")}  # fmt: skip
ASKED = [
    *((*operation, GOOD) for operation in (*OPERATIONS, *ASKED_ELSE)),
    *(
        (*operation, BAD)
        for operation in (*OPERATIONS, *ASKED_ELSE)
        if operation not in NOTHING_TO_GET_WRONG
    ),
]


@pytest.mark.parametrize(("method", "path", "mode"), ASKED)
def test_whatever_is_asked_the_answer_is_as_described(
    method: str, path: str, mode: GenerationMode, described: Any
):
    cases = described[path][method].as_strategy(generation_mode=mode)

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def holds(case: schemathesis.Case) -> None:
        case.call_and_validate()

    holds()
