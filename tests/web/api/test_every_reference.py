"""Every reference that an answer can have comes with its name, and each is met in some answer.

Without the second the first could be true of answers that refer to nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from okr_es.application import Okr
from okr_es.example.naming import kpi, person, team
from projections.retrospect.explanation_answers import ExplanationAnswer
from tests.support.begun import OnSqlite, begin_example
from tests.support.nameless import nameless
from tests.support.references_met import met_in, references_in
from tests.web.api.test_answers import LOOKED_AT, ROUTES, Company, asked_of
from tests.web.api.test_named_answers import WITHOUT_NAMES
from tests.web.conftest import Caller
from web.app import PREFIX

MARA, NOAH, HANNE = (str(person(name)) for name in ("mara", "noah", "hanne"))
MARKETING, PRODUCT, COST = str(team("marketing")), str(team("product")), str(kpi("cost"))
Q1 = "/cycles/2026-Q1"
ROUTES_OF = [route for route in ROUTES if route.path not in WITHOUT_NAMES]
# With what questions are asked as well; {goal} is what campaigns pay for, a goal of Noah's.
ALSO: dict[str, list[str]] = {
    "compare": [
        f"from=2026-Q1:plan-committed&to=cycle:2026-Q1&{limit}"
        for limit in (f"team={MARKETING}", f"person_id={NOAH}", "goal_id={goal}")
    ] + ["from=cycle:2025-Q3&to=cycle:2025-Q4"],
    "explanation": [""],
    "check_ins": ["", "week=2026-W06", "week=2025-W40"],
    "who_could": [
        f"may=plans&{about}" for about in (f"team={PRODUCT}", "goal_id={goal}", f"person_id={NOAH}")
    ],
    "scoreboard": ["cycle=2026-Q1&cycle=2025-Q4", f"cycle=2025-Q4&team={MARKETING}"],
}  # fmt: skip
# What no answer has here, by the end of its path, and why. All else must be met.
NOT_MET = {
    r"\.decided\.on_behalf_of\.name": "a request is decided in no one else's name",
    r"\.corrected_along\.title": "nobody asks for another unit of a KPI",
    r"\.request\..+": "of entries of a history or a plan; those of the audit log are met",
    r"/replay\.event\..+": "the steps are days, unless events are asked for",
    r"\.markers\.(approver|requester|on_behalf_of)\.name": "no marker here was asked for",
    r"/explanation\.(aligned|others)\..+": "no score here moves by what is aligned, or by else",
    r"/explanation\.key_results\.events\.(approver|requester)\.name": "nor by what was asked for",
    r"/access-log\.entries\.by\.name": "who asks is not named here",
    r"/check-ins\.key_results\.(kpi|owner)\.name": "a week has KPIs in place of what they feed",
    r"/patterns\.findings\.moved\.objective\.title": "no grade was moved",
    r"/results\.restatement\.objectives\.title": "nothing published was corrected",
}


class Told(Company):
    """The example company, in which more refers to other things."""

    def goal(self, title: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = self.answer(f"{Q1}/board")["objectives"]
        return next(each for each in found if each["title"].startswith(title))

    def asked(self, route: Any) -> set[str]:
        """What is asked of a route: about each thing, and with what it is asked as well."""
        bare, more = self.addresses(route), ALSO.get(route.question, [])
        goal = self.goal("run campaigns")["id"]
        found = [f"{each.partition('?')[0]}?{asked}" for each in bare for asked in more]
        if route.question == "explanation":
            found.append(f"/objectives/{goal}/explanation")
        return {*bare, *(each.replace("{goal}", goal) for each in found)}


def tell(company: Told) -> None:
    """What happens on top of the example."""
    mara, noah, hanne = (Caller(company.client, each) for each in (MARA, NOAH, HANNE))
    why, today = {"reason": "So we agreed."}, LOOKED_AT.date().isoformat()
    goal, other = company.goal("run campaigns"), company.goal("be found in a second")
    fed, leads = (each["id"] for each in goal["key_results"])
    pages = other["key_results"][0]["id"]
    for_noah = {"on_behalf_of": NOAH}
    mara.done(f"/kpis/{COST}/readings", {"as_of": "2026-02-12", "value": "2.7", **for_noah})
    mara.done(f"/key-results/{leads}/check-ins", {"value": "900", **for_noah})
    mara.done(f"/key-results/{leads}/reweight", {"weight": "2", **why, **for_noah})
    mara.done("/keys", {"name": "reader", "role": "ingest_key", "kpi_ids": [COST], **why})
    mara.done("/keys", {"name": "lister", "role": "lead", "team_id": MARKETING, **why})
    mara.done(f"/people/{HANNE}/deputy", {"deputy_id": NOAH, "starts": today, "ends": today})
    for owner, team_id, day in ((HANNE, PRODUCT, "2026-01-20"), (NOAH, MARKETING, "2026-02-02")):
        hand_over = {"owner_id": owner, "team_id": team_id, "effective": day}
        mara.done(f"/objectives/{goal['id']}/reassign", {**hand_over, **why})
    mara.done(f"/key-results/{fed}/reassign", {"owner_id": HANNE, **why})
    mara.done(
        f"/kpis/{COST}/redefine", {"counts": "All that was spent.", "effective": today, **why}
    )
    mara.done(f"{Q1}/require-approval", {"of": ["closing", "plan_revisions"]})
    realign = {"aligned_to_objective_id": other["id"], **why, "on_behalf_of": MARA}
    asked = noah.done(f"/objectives/{goal['id']}/realign", realign)["approval_id"]
    hanne.done(f"/approvals/{asked}/approve")
    for path in (f"/key-results/{pages}", f"/objectives/{other['id']}"):
        noah.done(f"{path}/reassign", {"owner_id": NOAH, **why})
    company.client.get(f"{PREFIX}/people", headers={"Okr-Actor": MARA})


@pytest.fixture(scope="module")
def told(begun_on_sqlite: OnSqlite) -> Iterator[Told]:
    with begun_on_sqlite.fresh("example", begin_example) as url:
        okr = Okr(url, clock=lambda: LOOKED_AT)
        for each in asked_of(okr):
            company = Told(each.client, each.kinds)
            tell(company)
            events = okr.log.rows(0, 10_000, ["stream", "type"])
            company.kinds = {str(row[1]): row[2].partition(".")[0] for row in events}
            yield company


def test_each_reference_is_met_and_has_its_name(told: Told) -> None:
    """Asked about everything there is; nothing is confidential, so no name is withheld."""
    lacking, wanted, met = set[str](), set[str](), set[str]()
    for route in ROUTES_OF:
        wanted |= {route.path + path for path in references_in(route.answer)}
        for address in told.asked(route):
            response = told.client.get(PREFIX + address)
            assert response.status_code == 200, (address, response.text)
            for line in response.text.splitlines():
                part = json.loads(line)
                lacking |= {f"{route.path}: {path}" for path in nameless(part)}
                met |= {route.path + path for path in met_in(part, route.answer)}
    assert lacking == set()
    unmet = wanted - met
    excused = {end: {each for each in unmet if re.search(f"{end}$", each)} for end in NOT_MET}
    assert sorted(unmet.difference(*excused.values())) == []
    assert [end for end, paths in excused.items() if not paths] == []


def test_a_reference_that_is_not_met_is_found() -> None:
    """The planted violations: an empty list, and a name that is not there."""
    kpis = {path for path in references_in(ExplanationAnswer) if path.startswith(".kpis")}
    assert kpis == {".kpis.kpi.name", ".kpis.key_results.title"}
    whole = {"kpis": [{"kpi": {"id": COST, "name": "Cost"}, "key_results": []}]}
    assert set(met_in(whole, ExplanationAnswer)) == {".kpis.kpi.name"}
