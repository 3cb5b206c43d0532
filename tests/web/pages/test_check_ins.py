"""A week's check-ins on one page: row by row, once, and nothing typed is lost."""

from __future__ import annotations

from flask.testing import FlaskClient

from okr_es import commands as c
from okr_es.context import Context
from okr_es.domain.measure import Measure
from okr_es.domain.values import Kind
from tests.support.company_of_roles import HERE, id_of
from tests.web.pages.conftest import Pages, form_of

KEY_RESULT, KPI = id_of("member", "key result"), id_of("member", "kpi")
STEPS = id_of("member", "steps")
WEEK = "/check-ins?week=2025-W34"


def form(browser: FlaskClient, **typed: str) -> dict[str, str]:
    """The form as it was shown, with what was typed: `value_kpi` into the row of the KPI."""
    rows = {"kpi": KPI, "key_result": KEY_RESULT}
    named = {}
    for name, text in typed.items():
        field, _, row = name.partition("_of_")
        named[f"{field}.{rows[row]}"] = text
    return form_of(browser, WEEK) | named


def test_what_one_owns_stands_on_it_with_the_last_value(pages: Pages) -> None:
    page = pages.browser("member").get(WEEK).text
    for words in (
        "Leads",
        "member</a>",
        "2\N{NO-BREAK SPACE}leads",
        "no value yet of 10",
        "Week before",
    ):
        assert words in page
    assert "hr</a>" not in page


def test_rows_are_recorded_each_once_and_what_is_empty_stays(fresh_pages: Pages) -> None:
    browser = fresh_pages.browser("member")
    sent = form(browser, value_of_key_result="4", confidence_of_key_result="8", value_of_kpi="3")
    page = browser.post(WEEK, data=sent)
    assert page.status_code == 200
    assert "2 recorded" in page.text
    head = fresh_pages.okr.log.head()
    assert "2 recorded" in browser.post(WEEK, data=sent).text
    assert fresh_pages.okr.log.head() == head
    found = fresh_pages.queries.key_result(KEY_RESULT)
    assert (str(found["value"]), found["confidence"]) == ("4", 8)
    assert str(fresh_pages.queries.kpi(KPI)["reading"]["value"]) == "3"


def test_a_bad_row_keeps_what_was_typed_and_the_good_ones_are_recorded(
    fresh_pages: Pages,
) -> None:
    browser = fresh_pages.browser("member")
    sent = form(browser, value_of_key_result="lots", comment_of_key_result="Of <it>",
                value_of_kpi="3")  # fmt: skip
    page = browser.post(WEEK, data=sent)
    assert page.status_code == 422
    for words in ("1 recorded", "1 row was not recorded.", 'value="lots"', "Of &lt;it&gt;"):
        assert words in page.text
    assert fresh_pages.queries.key_result(KEY_RESULT)["value"] is None
    assert str(fresh_pages.queries.kpi(KPI)["reading"]["value"]) == "3"


def test_steps_that_stay_as_they_are_record_nothing(fresh_pages: Pages) -> None:
    measure = Measure(Kind.MILESTONE, steps=("a", "b", "c"))
    add = c.AddKeyResult(id_of("member", "objective"), "Two steps", measure, id=STEPS)
    asked = fresh_pages.okr.execute(add, Context(id_of("other"), reason="So it is."))
    for command, by in ((c.ApproveRequest(asked.approval_id), "lead of all"),
                        (c.CheckIn(STEPS, done_steps=("a",)), "member")):  # fmt: skip
        fresh_pages.okr.execute(command, Context(id_of(by), reason="So it is."))
    browser, head = fresh_pages.browser("member"), fresh_pages.okr.log.head()
    name = f"done_steps.{STEPS}"
    browser.post(WEEK, data=form_of(browser, WEEK) | {name: ["a"]})
    assert fresh_pages.okr.log.head() == head
    browser.post(WEEK, data=form_of(browser, WEEK) | {name: ["a", "b"]})
    found = fresh_pages.queries.key_result(STEPS)
    assert found["reading"]["done_steps"] == ["a", "b"]
    browser.post(WEEK, data=form_of(browser, WEEK))
    assert fresh_pages.queries.key_result(STEPS)["reading"]["done_steps"] == []


def test_a_lead_sees_the_week_of_the_team(pages: Pages) -> None:
    page = pages.browser("lead").get(f"{WEEK}&team={HERE}").text
    assert "hr</a>" in page
    assert pages.browser("member").get("/check-ins?week=nothing").status_code == 422
