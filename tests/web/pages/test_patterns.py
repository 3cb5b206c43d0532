"""The page of patterns: for whom it is, what stands on it, and what is no markup."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import escape

from okr_es import commands as c
from okr_es.context import Context
from tests.support.company_of_roles import OTHER, id_of
from tests.support.ids import cycle_uuid
from tests.web.pages.conftest import Pages
from web.pages.patterns import PATTERNS

ADDRESS = "/audit/patterns/2025-Q3"
MARKUP = "<script>alert('why')</script>"


@pytest.mark.parametrize("who", ["member", "hr", "administrator", "auditor"])
def test_who_may_not_look_reads_why(pages: Pages, who: str) -> None:
    refused = pages.browser(who).get(ADDRESS)
    assert refused.status_code == 403
    assert "This is not for you to see" in refused.text


@pytest.mark.parametrize("who", ["auditor of all", "lead of all"])
def test_each_pattern_that_was_found_has_its_count_and_its_events(pages: Pages, who: str) -> None:
    found: Any = pages.queries.patterns(cycle_uuid("2025-Q3"))
    page = pages.browser(who).get(ADDRESS).text
    for kind, count in found["counts"].items():
        heading = f'<h2>{escape(PATTERNS[kind])} <span class="quiet">{count}<'
        assert (heading in page) == (count > 0), kind
    for event in (event for each in found["findings"] for event in each["events"]):
        assert f">{event['position']}</a>" in page
    assert found["findings"]
    assert pages.browser(who).get("/audit/patterns/1999-Q1").status_code == 404


def test_a_name_with_markup_is_text(fresh_pages: Pages) -> None:
    rename = c.RenamePerson(OTHER, MARKUP)
    fresh_pages.okr.execute(rename, Context(id_of("administrator"), reason="It fits."))
    page = fresh_pages.browser("auditor of all").get(ADDRESS).text
    assert MARKUP not in page
    assert "&lt;script&gt;alert(" in page
