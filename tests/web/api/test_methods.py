"""HEAD and OPTIONS of every address: what GET would say of itself, and what may be asked there."""

from collections import defaultdict
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from okr_es.application import Okr
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.api.test_foreign_pages import requests_of
from tests.web.api.test_queries import address
from tests.web.conftest import ADA, client_of
from web.api.queries import ROUTES, Route
from web.app import PREFIX

BY = {"Okr-Actor": ADA}
EACH_ITS_OWN = {"Date", "Content-Length"}  # a stream has no length, and HEAD none of what follows


@pytest.fixture
def reader(okr: Okr) -> Iterator[FlaskClient]:
    runner = Runner(okr)
    yield client_of(okr, Queries(okr, runner))
    runner.close()


def test_head_is_get_without_the_body(
    okr: Okr, reader: FlaskClient, company: dict[str, str]
) -> None:
    """One test for all, since they only look; what is recorded is so for both."""
    others = ["/", "/health/live", "/health/ready", "/problems", f"{PREFIX}/openapi.json"]
    for path in [*others, *(address(route.path, company) for route in ROUTES)]:
        before = okr.access_log.head()
        with reader.get(path, headers=BY) as got:
            said = {name: text for name, text in got.headers if name not in EACH_ITS_OWN}
            status = got.status_code
        between = okr.access_log.head()
        head = reader.head(path, headers=BY)
        assert (head.status_code, head.data) == (status, b""), path
        assert {n: text for n, text in head.headers if n not in EACH_ITS_OWN} == said, path
        assert okr.access_log.head() - between == between - before, path


def test_head_has_the_length_that_get_would_have(
    reader: FlaskClient, company: dict[str, str]
) -> None:
    path = address("/objectives/<uuid:id>", company)
    assert reader.head(path).content_length == len(reader.get(path).data) > 0


def test_options_say_what_may_be_asked(okr: Okr, reader: FlaskClient) -> None:
    before, asked = okr.log.head(), defaultdict[str, set[str]](set)
    for method, path, _ in requests_of(reader):
        asked[path].add(method)
    assert len(asked) > 110
    for path, methods in asked.items():
        said = reader.options(path, headers=BY)
        assert (said.status_code, said.data, set(said.allow)) == (200, b"", methods), path
    assert okr.log.head() == before


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_a_question_is_not_put_or_deleted(
    route: Route, reader: FlaskClient, company: dict[str, str]
) -> None:
    refused = reader.put(address(route.path, company).partition("?")[0], headers=BY)
    assert refused.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} <= set(refused.allow)
