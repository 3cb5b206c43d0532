"""Home: what needs who is signed in, their goals, their teams."""

from __future__ import annotations

from datetime import timedelta

from tests.support.company_of_roles import NOW, id_of
from tests.support.ids import cycle_uuid
from tests.web.pages.conftest import Pages


def section(page: str, heading: str) -> str:
    """What stands below a heading."""
    return page.partition(f"<h2>{heading}</h2>")[2].partition("<h2>")[0]


def test_it_shows_own_goals_and_teams_and_nobody_elses(pages: Pages) -> None:
    page = pages.browser("member").get("/home").text
    goals = section(page, "My goals")
    assert "member objective" in goals
    assert "hr objective" not in goals
    assert "Here</a>" in section(page, "My teams")
    assert ">Company</a>" in section(pages.browser("lead of all").get("/home").text, "My teams")


def test_a_request_that_waits_leads_to_where_it_is_decided(pages: Pages) -> None:
    needs = section(pages.browser("lead of all").get("/home").text, "Needs you")
    assert "request to decide" in needs
    assert '<a href="/approvals/' in needs


def test_a_cycle_that_ended_is_to_close_for_administrators(fresh_pages: Pages) -> None:
    address = f"/settings/cycles/{cycle_uuid('2025-Q3')}/close"
    assert address not in fresh_pages.browser("administrator").get("/home").text
    fresh_pages.okr.clock = lambda: NOW + timedelta(days=60)
    assert address in fresh_pages.browser("administrator").get("/home").text
    assert address not in fresh_pages.browser("member").get("/home").text
    commit = f"/settings/cycles/{cycle_uuid('2025-Q4')}/commit"
    assert commit in fresh_pages.browser("administrator").get("/home").text


def test_where_nothing_waits_it_says_what_will_stand_there(pages: Pages) -> None:
    page = pages.browser(id_of("second administrator")).get("/home").text
    assert "You own no goal in a cycle that is open." in page
