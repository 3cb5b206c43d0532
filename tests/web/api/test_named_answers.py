"""Every id in an answer comes with the name or title of what it is an id of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from okr_es.application import Okr
from okr_es.evidence.signer import Signer
from projections.queries import Queries
from tests.support.begun import OnSqlite
from tests.support.company_of_roles import NOW, ROLES, begin_roles, id_of
from tests.support.company_of_roles import Company as OfRoles
from tests.support.nameless import nameless
from tests.web.api.test_answers import ROUTES, Company, built, each
from tests.web.test_rights_of_questions import CASES, OTHERS, SEEN, Asker
from web.api.queries import Route
from web.app import PREFIX

__all__ = ["built"]

# Other people are no names there, but numbers: who asks for what is held about them gets no more.
WITHOUT_NAMES = {"/people/<uuid:id>/held-data"}
NAMED = [route for route in ROUTES if route.path not in WITHOUT_NAMES]


def parts(sent: str) -> list[Any]:
    """The answer, or the lines of a stream."""
    return [json.loads(line) for line in sent.splitlines()]


@each(NAMED)
def test_no_id_comes_without_its_name(route: Route, built: Company) -> None:
    """Asked about everything there is in the example company."""
    lacking = set[str]()
    for address in built.addresses(route):
        response = built.client.get(PREFIX + address)
        assert response.status_code == 200, (address, response.text)
        lacking |= {each for part in parts(response.text) for each in nameless(part)}
    assert lacking == set()


@pytest.fixture(scope="module")
def asker(begun_on_sqlite: OnSqlite) -> Iterator[Asker]:
    """The company with somebody for each role, and with what is confidential."""
    with (
        begun_on_sqlite.fresh("company of roles", begin_roles) as url,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        OfRoles(okr).keep_confidential()
        Signer(okr).sign()
        asker = Asker(okr, Queries(okr))
        asker.size = okr.log.head()
        yield asker
        asker.queries.runner.close()


@pytest.mark.parametrize("actor", ROLES)
def test_whoever_asks_no_id_comes_without_its_name(actor: str, asker: Asker) -> None:
    asked = [*SEEN, *(case.address for case in CASES), "/cycles/2025-Q4/board", "/approvals"]
    lacking = set[tuple[str, str]]()
    for address in asked:
        if address.startswith(("POST", "/evidence", "/checkpoints")) or "held-data" in address:
            continue
        response = asker.ask(id_of(actor), address, OTHERS)
        if response.status_code == 200:
            found = parts(response.text)
            lacking |= {(address, each) for part in found for each in nameless(part)}
    assert lacking == set()


@pytest.mark.parametrize(
    "spoiled",
    [
        {"owner": {"id": str(id_of("lead"))}},
        {"goals": [{"aligned": [{"id": str(id_of("lead")), "weight": "1"}]}]},
        {"goal_id": str(id_of("lead"))},
        {"about": {"person_id": str(id_of("lead"))}},
    ],
)
def test_an_id_without_a_name_is_found(spoiled: dict[str, Any]) -> None:
    """The planted violations."""
    assert len(list(nameless(spoiled))) == 1
