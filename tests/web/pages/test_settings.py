"""Settings: opening, committing and closing cycles, teams and people; for who may."""

from __future__ import annotations

import pytest

from tests.support.company_of_roles import HERE, THERE, id_of
from tests.support.ids import cycle_uuid
from tests.web.pages.conftest import Pages, form_of


def head(pages: Pages) -> int:
    return pages.okr.log.head()


def test_an_administrator_opens_a_cycle_once(fresh_pages: Pages) -> None:
    admin = fresh_pages.browser("administrator")
    form = form_of(admin, "/settings", name="2026-Q1", starts="", ends="")
    for _ in range(2):
        answer = admin.post("/settings", data=form)
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/settings")
    page = admin.get(answer.location).text
    assert "Recorded." in page
    assert "1 Jan 2026 – 31 Mar 2026" in page
    names = [each["name"] for each in fresh_pages.queries.cycles()["cycles"]]
    assert names.count("2026-Q1") == 1


def test_what_is_wrong_keeps_what_was_typed_and_records_nothing(fresh_pages: Pages) -> None:
    admin, before = fresh_pages.browser("administrator"), head(fresh_pages)
    for typed in ({"name": "<Spring>"}, {"name": "2025-q3"}):
        answer = admin.post("/settings", data=form_of(admin, "/settings", **typed))
        assert answer.status_code in {409, 422}
        shown = typed["name"].replace("<", "&lt;").replace(">", "&gt;")
        assert f'value="{shown}"' in answer.text
        assert "Nothing was recorded." in answer.text
    assert head(fresh_pages) == before


@pytest.mark.parametrize("address", ["/settings", "/settings/teams", "/settings/people"])
def test_a_member_is_refused_and_nothing_is_recorded(fresh_pages: Pages, address: str) -> None:
    member, before = fresh_pages.browser("member"), head(fresh_pages)
    answer = member.post(address, data=form_of(member, address, name="2026-Q2"))
    assert answer.status_code == 403
    assert head(fresh_pages) == before


def test_a_cycle_is_closed_after_it_was_tried_out(fresh_pages: Pages) -> None:
    admin, cycle = fresh_pages.browser("administrator"), cycle_uuid("2025-Q3")
    address = f"/settings/cycles/{cycle}/close"
    page = admin.get(address).text
    for words in ("Close 2025-Q3", "Not graded yet", "Not measured", "Drafts"):
        assert words in page
    before = head(fresh_pages)
    typed = {"grade_rest": "true", "reason": "The quarter is over."}
    tried = admin.post(address, data=form_of(admin, address, **typed, **{"try": "1"}))
    assert tried.status_code == 200
    assert "would be recorded" in tried.text
    assert head(fresh_pages) == before
    closed = admin.post(address, data=form_of(admin, address, **typed))
    assert closed.status_code == 303
    assert fresh_pages.queries.cycle(cycle)["closed"] is True


def test_a_plan_is_committed_with_its_drafts(fresh_pages: Pages) -> None:
    admin, cycle = fresh_pages.browser("administrator"), cycle_uuid("2025-Q4")
    address = f"/settings/cycles/{cycle}/commit"
    assert "Commit the plan of 2025-Q4" in admin.get(address).text
    answer = admin.post(address, data=form_of(admin, address, all_drafts="true", reason="Ready."))
    assert answer.status_code == 303
    assert fresh_pages.queries.cycle(cycle)["plan_committed"] is True


def test_teams_are_formed_and_people_registered(fresh_pages: Pages) -> None:
    admin = fresh_pages.browser("administrator")
    form = form_of(admin, "/settings/teams", name="New team", kind="team", parent_id="")
    assert admin.post("/settings/teams", data=form).status_code == 303
    assert "New team" in admin.get("/settings/teams").text
    hr = fresh_pages.browser("hr")
    form = form_of(hr, "/settings/people", name="Nia", email="nia@example.org")
    assert hr.post("/settings/people", data=form).status_code == 303
    assert "Nia" in hr.get("/settings/people").text
    assert f"/people/{id_of('member')}" in hr.get("/settings/people").text


def test_teams_are_renamed_moved_and_disbanded(fresh_pages: Pages) -> None:
    admin = fresh_pages.browser("administrator")
    address = f"/settings/teams/{THERE}"
    for deed, typed in (("rename", {"name": "Thither"}), ("move", {"parent_id": str(HERE)})):
        form = form_of(admin, f"{address}/{deed}", reason="So it is.", **typed)
        assert admin.post(f"{address}/{deed}", data=form).status_code == 303
    found = fresh_pages.queries.team(THERE)
    assert (found["name"], str(found["parent"]["id"])) == ("Thither", str(HERE))
    refused = admin.post(
        f"{address}/disband", data=form_of(admin, f"{address}/disband", reason="It is over.")
    )
    assert refused.status_code == 409
    assert "Nothing was recorded." in refused.text
    assert fresh_pages.queries.team(THERE)["disbanded"] is False


def test_roles_are_given_and_ended_by_who_may(fresh_pages: Pages) -> None:
    admin, address = fresh_pages.browser("administrator"), "/settings/grants"
    form = form_of(admin, address, person_id=str(id_of("member")), role="lead",
                   team_id=str(THERE), reason="They begin.")  # fmt: skip
    assert admin.post(address, data=form).status_code == 303
    grants = fresh_pages.queries.grants(person_id=id_of("member"))["grants"]
    assert [(each["role"], each["holds"]) for each in grants] == [("lead", True)]
    end = f"{address}/{grants[0]['id']}/end"
    assert "member: lead" in admin.get(end).text
    assert admin.post(end, data=form_of(admin, end, reason="They end.")).status_code == 303
    assert fresh_pages.queries.grants(person_id=id_of("member"))["grants"][0]["holds"] is False


def test_nobody_gives_themselves_a_role(fresh_pages: Pages) -> None:
    admin, before = fresh_pages.browser("administrator"), head(fresh_pages)
    form = form_of(admin, "/settings/grants", person_id=str(id_of("administrator")), role="hr",
                   reason="Mine.")  # fmt: skip
    answer = admin.post("/settings/grants", data=form)
    assert answer.status_code == 403
    assert "Mine." in answer.text
    assert head(fresh_pages) == before


def test_a_person_is_renamed_and_deactivated_by_hr(fresh_pages: Pages) -> None:
    hr, address = fresh_pages.browser("hr"), f"/settings/people/{id_of('member')}"
    form = form_of(hr, f"{address}/rename", name="Another name")
    assert hr.post(f"{address}/rename", data=form).status_code == 303
    assert "Another name" in hr.get("/settings/people").text
    tried = form_of(hr, f"{address}/deactivate", reason="They left.", **{"try": "1"})
    assert "would" in hr.post(f"{address}/deactivate", data=tried).text
