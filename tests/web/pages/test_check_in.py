"""The form of a check-in: what was typed is recorded once, or stays with what is wrong."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from okr_es import commands as c
from okr_es.context import Context
from tests.support.company_of_roles import id_of
from tests.web.pages.conftest import Pages, form_of

KEY_RESULT = id_of("member", "key result")
ADDRESS = f"/key-results/{KEY_RESULT}/check-in"


def send(pages: Pages, who: str = "member", language: str = "en", **typed: str) -> TestResponse:
    browser = pages.browser(who, language)
    return browser.post(ADDRESS, data=form_of(browser, ADDRESS, **typed))


def head(pages: Pages) -> int:
    return pages.okr.log.head()


@pytest.mark.parametrize(
    ("language", "typed", "value"),
    [("en", "1,234.5", "1234.5"), ("sv", "1 234,5", "1234.5"), ("sv", "7.5", "7.5"),
     ("en", "-3", "-3"), ("en", "\N{MINUS SIGN}3", "-3")],
)  # fmt: skip
def test_a_value_is_read_as_the_language_writes_it(
    fresh_pages: Pages, language: str, typed: str, value: str
) -> None:
    answer = send(fresh_pages, language=language, value=typed, confidence="7", comment="So far.")
    assert answer.status_code == 303
    found = fresh_pages.queries.key_result(KEY_RESULT)
    assert (str(found["value"]), found["confidence"]) == (value, 7)
    page = fresh_pages.browser("member").get(answer.location).text
    assert "Recorded." in page


@pytest.mark.parametrize("typed", ["abc", "1,5", "12,34", "1e400", "1 2 x"])
def test_what_is_no_number_stays_with_what_is_wrong_and_nothing_is_recorded(
    fresh_pages: Pages, typed: str
) -> None:
    before = head(fresh_pages)
    answer = send(fresh_pages, value=typed, comment="Kept <b>")
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert "Kept &lt;b&gt;" in answer.text
    assert 'aria-invalid="true" aria-describedby="value-wrong"' in answer.text
    assert head(fresh_pages) == before


def test_a_form_that_is_sent_twice_is_recorded_once(fresh_pages: Pages) -> None:
    browser = fresh_pages.browser("member")
    form = form_of(browser, ADDRESS, value="3")
    first = browser.post(ADDRESS, data=form)
    after = head(fresh_pages)
    again = browser.post(ADDRESS, data=form)
    assert (first.status_code, again.location) == (303, first.location)
    assert head(fresh_pages) == after


def test_it_is_tried_out_and_nothing_is_recorded(fresh_pages: Pages) -> None:
    before = head(fresh_pages)
    answer = send(fresh_pages, value="3", **{"try": "1"})
    assert answer.status_code == 200
    assert "1 event would be recorded." in answer.text
    assert 'value="3"' in answer.text
    assert head(fresh_pages) == before


def test_what_somebody_changed_meanwhile_is_not_overwritten(fresh_pages: Pages) -> None:
    browser = fresh_pages.browser("member")
    form = form_of(browser, ADDRESS, value="3")
    describe = c.DescribeKeyResult(KEY_RESULT, "Counted in another way.")
    fresh_pages.okr.execute(describe, Context(id_of("member")))
    before = head(fresh_pages)
    answer = browser.post(ADDRESS, data=form)
    assert answer.status_code in {409, 412}
    assert 'value="3"' in answer.text
    assert head(fresh_pages) == before


def test_who_may_not_check_in_is_refused_in_words(fresh_pages: Pages) -> None:
    before = head(fresh_pages)
    answer = send(fresh_pages, "auditor", value="3")
    assert answer.status_code == 403
    assert "Nothing was recorded." in answer.text
    assert head(fresh_pages) == before


def test_a_form_of_another_site_records_nothing(fresh_pages: Pages) -> None:
    browser = fresh_pages.browser("member")
    form = form_of(browser, ADDRESS, value="3")
    before = head(fresh_pages)
    foreign = browser.post(ADDRESS, data=form, headers={"Origin": "https://evil.example"})
    without = browser.post(ADDRESS, data=form | {"csrf_token": ""})
    assert (foreign.status_code, without.status_code) == (403, 403)
    assert head(fresh_pages) == before


def test_what_is_recorded_on_a_page_says_so(fresh_pages: Pages) -> None:
    send(fresh_pages, value="3")
    found = fresh_pages.queries.audit_log(limit=1)["entries"]
    assert found[0]["origin"] == "page"
