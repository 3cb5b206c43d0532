"""A refused question names the filters with which it may be asked, and all of them work."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.company_of_roles import HERE, ROLES, THERE, id_of
from tests.web.test_rights_of_questions import (
    ADMINISTRATOR,
    CASES,
    HR,
    LEAD,
    MEMBER,
    OTHERS,
    Asker,
    asker,  # noqa: F401  - the fixture
)

REFUSED = sorted({case.address.partition("?")[0] for case in CASES})
BOUNDED = ("/audit-log", "/grants", "/access-log", "/cycles/2025-Q3/review", "/scoreboard",
           "POST /evidence")  # fmt: skip
NEEDED = {"/compare": "from=2025-Q3&to=2025-Q4", "/who-could": "may=plans",
          "/scoreboard": "cycle=2025-Q3"}  # fmt: skip


def question(path: str, **filters: str) -> str:
    return f"{path}?{'&'.join(filter(None, (NEEDED.get(path), urlencode(filters))))}"


def filters_of(asker: Asker, who: str, address: str, **headers: str) -> Any:  # noqa: F811
    answer = asker.ask(who, address, OTHERS, **headers)
    assert answer.status_code == 403, answer.text
    return [(each["name"], each["value"]) for each in answer.json["filters"]]


@pytest.mark.parametrize("path", REFUSED)
def test_each_filter_that_a_refusal_names_is_answered(path: str, asker: Asker) -> None:  # noqa: F811
    for actor in ROLES:
        refused = asker.ask(id_of(actor), question(path, person_id=str(id_of("other"))), OTHERS)
        for each in refused.json["filters"] if refused.status_code == 403 else ():
            allowed = asker.ask(
                id_of(actor), question(path, **{each["name"]: each["value"]}), OTHERS
            )
            assert allowed.status_code == 200, (actor, each)


def test_who_may_see_a_part_of_the_audit_log_is_told_by_which_filter(asker: Asker) -> None:  # noqa: F811
    of_hr = asker.ask(HR, "/audit-log", OTHERS).json
    assert of_hr["detail"].endswith(
        f"You may ask for a part of it, with person_id={HR} or type=person."
    )
    swedish = asker.ask(HR, "/audit-log", OTHERS, Accept_Language="sv").json["detail"]
    assert swedish.endswith(
        f"Du får fråga efter en del av det, med person_id={HR} eller type=person."
    )
    named = filters_of(asker, ADMINISTRATOR, "/audit-log")
    assert named[0] == ("person_id", ADMINISTRATOR)
    assert ("type", "cycle") in named
    assert ("type", "person") not in named


@pytest.mark.parametrize("path", BOUNDED)
def test_a_member_and_a_lead_are_told_of_themselves_and_of_their_team(
    path: str,
    asker: Asker,  # noqa: F811
) -> None:
    elsewhere = question(path, team=str(THERE))
    own = "by" if path == "/access-log" else "person_id"
    assert filters_of(asker, MEMBER, elsewhere) == [(own, MEMBER)]
    of_team = [] if path == "/access-log" else [("team", str(HERE))]
    assert filters_of(asker, LEAD, elsewhere) == [(own, LEAD), *of_team]


def test_what_has_no_filter_names_none(asker: Asker) -> None:  # noqa: F811
    for address in ("/cycles/2025-Q3/patterns", "/keys", "/people/{person}/held-data"):
        assert filters_of(asker, MEMBER, address) == [], address
