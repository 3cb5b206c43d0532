"""Cycles, teams and people; and what is said of something that is not there."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import NotFound
from projections.queries import Queries
from tests.support.story import ANN, BEN, COMPANY, NOW, SALES, Story, day

NOBODY = UUID(int=0xFFFF)
ABOUT_SOMETHING: dict[str, Callable[[Queries, UUID], dict[str, Any]]] = {
    "objective": Queries.objective,
    "board": Queries.board,
    "tree": Queries.tree,
    "key_result": Queries.key_result,
    "kpi": Queries.kpi,
    "readings": Queries.readings,
    "history": Queries.history,
}


def test_what_is_not_there_is_not_found(story: Story) -> None:
    for ask in ABOUT_SOMETHING.values():
        with pytest.raises(NotFound) as refused:
            ask(story.queries, NOBODY)
        assert refused.value.field == "id"


def test_what_is_something_else_is_not_found_either(story: Story) -> None:
    for name in ABOUT_SOMETHING.keys() - {"history", "board", "tree"}:
        with pytest.raises(NotFound):
            ABOUT_SOMETHING[name](story.queries, NOW)
    for name in ("board", "tree"):
        with pytest.raises(NotFound):
            ABOUT_SOMETHING[name](story.queries, COMPANY)


def test_an_empty_log_has_nothing_to_tell(untold: Story) -> None:
    queries = untold.queries
    now = {"position": 0, "plan_position": 0, "day": day(1), "zone": "UTC", "fixed": False}
    for name in ("kpis", "cycles", "teams", "people"):
        assert getattr(queries, name)() == now | {name: [], "next": None}
    assert queries.position() == {"log": 0, "read_model": 0, "behind": 0}


def test_cycles_are_listed_by_their_first_day(story: Story) -> None:
    story.does(c.OpenCycle("before", day(-99), day(0)))
    story.objective()
    story.does(c.CommitPlan(NOW))
    cycles = story.queries.cycles()["cycles"]
    assert [(each["name"], each["plan_committed"], each["closed"]) for each in cycles] == [
        ("before", False, False),
        ("now", True, False),
        ("next", False, False),
    ]
    assert (cycles[1]["starts"], cycles[1]["ends"]) == (str(day(1)), str(day(100)))


@pytest.mark.parametrize("sort", ["name", "-name"])
@pytest.mark.parametrize("name", ["kpis", "cycles", "teams", "people"])
def test_a_cursor_of_a_list_by_names_holds_none(story: Story, name: str, sort: str) -> None:
    for each in ("Kappa", "Lambda"):
        story.kpi(name=each)
        story.does(c.FormTeam(each))
    story.does(c.OpenCycle("Kappa", day(201), day(300)))
    story.does(c.RegisterPerson("Kappa"))
    whole = getattr(story.queries, name)(sort=sort)[name]
    found, after = list[Any](), None
    while page := getattr(story.queries, name)(sort=sort, limit=1, after=after):
        found += page[name]
        if (after := page["next"]) is None:
            break
        held = decoded(after)
        assert (held["value"].isdigit(), held["id"]) == (True, found[-1]["id"])
    assert found == whole
    assert len(whole) >= 2


def test_who_is_renamed_or_erased_in_a_walk_moves_alone(story: Story) -> None:
    others = [story.does(c.RegisterPerson(each)) for each in ("Cid", "Dan", "Eva", "Fay")]
    first = story.queries.people(sort="name", limit=3)
    assert [each["name"] for each in first["people"]] == ["Ann Example", "Ben Example", "Cid"]
    story.does(c.RenamePerson(others[0], "Zoe"))
    rest = story.queries.people(sort="name", limit=3, after=first["next"])["people"]
    assert [each["name"] for each in rest] == ["Eva", "Fay", "Zoe"]


def decoded(cursor: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return found


def test_teams_name_the_team_above_them(story: Story) -> None:
    story.does(c.RenameTeam(SALES, "Growth"))
    teams = story.queries.teams()["teams"]
    assert [(each["name"], each["parent"], each["disbanded"]) for each in teams] == [
        ("Company", None, False),
        ("Growth", {"id": str(COMPANY), "name": "Company"}, False),
    ]


def test_people_have_names_until_they_are_erased(story: Story) -> None:
    story.does(c.ErasePerson(BEN, "on request"))
    people = {each["id"]: each for each in story.queries.people()["people"]}
    ann, ben = people[str(ANN)], people[str(BEN)]
    assert (ann["name"], ann["email"], ann["erased"]) == ("Ann Example", "ann@example.org", False)
    assert (ben["name"], ben["email"], ben["erased"]) == ("former colleague", None, True)
    assert ben["legal_ground"] == "on request"


def test_people_tell_which_matters_hold_them(story: Story) -> None:
    def holds() -> list[list[str]]:
        return [each["holds"] for each in story.queries.people()["people"]]

    story.does(c.PlaceLegalHold(BEN, "T 1"))
    assert holds() == [[], ["T 1"]]
    story.does(c.PlaceLegalHold(BEN, "T 2"))
    assert holds() == [[], ["T 1", "T 2"]]
    story.does(c.LiftLegalHold(BEN, "T 1"))
    assert holds() == [[], ["T 2"]]
    story.does(c.LiftLegalHold(BEN, "T 2"))
    assert holds() == [[], []]
    changes = [each["changes"] for each in story.queries.history(BEN)["entries"]]
    assert changes[0] == [{"field": "holds", "before": '["T 2"]', "after": None}]
    assert changes[2] == [{"field": "holds", "before": '["T 1"]', "after": '["T 1","T 2"]'}]


def test_people_tell_who_stands_in_for_them(story: Story) -> None:
    named = c.NameDeputy(ANN, BEN, day(60), day(70))
    story.does(named, reason=None)
    people = {each["id"]: each for each in story.queries.people()["people"]}
    assert people[str(ANN)]["deputy"] == {
        "person": {"id": str(BEN), "name": "Ben Example"},
        "starts": str(day(60)), "ends": str(day(70)),
    }  # fmt: skip
    assert people[str(BEN)]["deputy"] is None
    (entry,) = story.queries.history(ANN)["entries"][:1]
    assert {each["field"]: each["after"] for each in entry["changes"]} == {
        "deputy_id": str(BEN), "deputy_starts": str(day(60)), "deputy_ends": str(day(70)),
    }  # fmt: skip
    story.does(c.NameDeputy(ANN, None), reason=None)
    people = {each["id"]: each for each in story.queries.people()["people"]}
    assert people[str(ANN)]["deputy"] is None


def test_people_were_active_by_the_day_and_by_what_was_known(story: Story) -> None:
    def ben(**moment: str) -> tuple[bool, date | None]:
        found = story.queries.people(**moment)["people"]
        (row,) = [each for each in found if each["id"] == str(BEN)]
        return row["active"], row["since"]

    before = str(story.okr.log.head())
    story.does(c.DeactivatePerson(BEN, day(40)))
    left = str(story.okr.log.head())
    assert ben() == (False, day(40))
    assert ben(at=str(day(40))) == ben(at=str(day(45))) == (False, day(40))
    assert ben(at=str(day(39))) == (True, None)
    assert ben(known_at=before) == (True, None)
    story.does(c.ReactivatePerson(BEN, day(44)))
    assert ben() == (True, day(44))
    assert ben(at=str(day(43))) == (False, day(40))
    assert ben(known_at=left) == (False, day(40))
    (entry,) = story.queries.history(BEN)["entries"][:1]
    assert entry["changes"] == [
        {"field": "effective", "before": None, "after": str(day(44))},
        {"field": "active", "before": False, "after": True},
    ]


def test_a_corrected_name_is_that_of_all_days(story: Story) -> None:
    before = str(story.okr.log.head())
    story.does(c.RenamePerson(BEN, "Benno"))
    for moment in ({}, {"known_at": before}, {"at": str(day(2))}):
        names = {each["id"]: each["name"] for each in story.queries.people(**moment)["people"]}
        assert names[str(BEN)] == "Benno"
    assert story.queries.history(BEN)["entries"][0]["changes"] == []


def test_an_empty_board_is_still_a_board(story: Story) -> None:
    found = story.queries.board(NOW)
    assert (found["objectives"], found["day"]) == ([], day(50))
    assert found["cycle"]["name"] == "now"
    assert story.queries.tree(NOW)["objectives"] == []


# ---- finding --------------------------------------------------------------------------------


def names(page: dict[str, Any], of: str) -> list[str]:
    return [each["name"] for each in page[of]]


def paged(ask: Callable[..., dict[str, Any]], of: str, **asked: Any) -> list[str]:
    """The names on all pages, one item on each."""
    page = ask(limit=1, **asked)
    found = names(page, of)
    while page["next"] is not None:
        page = ask(limit=1, after=page["next"], **asked)
        found += names(page, of)
    return found


def test_cycles_teams_and_people_are_found_and_paged(story: Story) -> None:
    queries = story.queries
    assert paged(queries.cycles, "cycles") == ["now", "next"]
    assert paged(queries.cycles, "cycles", sort="name") == ["next", "now"]
    assert names(queries.cycles(text="NOW", state="open"), "cycles") == ["now"]
    assert names(queries.cycles(state="closed"), "cycles") == []
    story.does(c.RenameTeam(SALES, "Försäljning"))
    story.does(c.FormTeam("Elsewhere", id=UUID(int=0xB9)))
    assert paged(queries.teams, "teams") == ["Company", "Elsewhere", "Försäljning"]
    assert paged(queries.teams, "teams", sort="-name") == ["Försäljning", "Elsewhere", "Company"]
    assert names(queries.teams(team_id=COMPANY), "teams") == ["Company", "Försäljning"]
    assert names(queries.teams(text="forsaljning", state="living"), "teams") == ["Försäljning"]
    assert names(queries.teams(state="disbanded"), "teams") == []
    assert paged(queries.people, "people", sort="-name") == ["Ben Example", "Ann Example"]
    assert names(queries.people(text="ANN@"), "people") == ["Ann Example"]
    story.does(c.DeactivatePerson(BEN, effective=day(40)), by=ANN)
    assert names(queries.people(state="gone"), "people") == ["Ben Example"]
    assert names(queries.people(state="gone", at=str(day(39))), "people") == []
    with pytest.raises(NotFound) as refused:
        queries.teams(team_id=NOBODY)
    assert refused.value.field == "team_id"


def test_kpis_are_found_by_what_is_stored_and_by_what_is_computed(story: Story) -> None:
    queries = story.queries
    cost = story.kpi("increase", name="Kostnad", team_id=SALES, purpose="så att vi vet")
    story.kpi("increase", name="reach", owner_id=BEN)
    story.kpi("increase", name="Speed", team_id=COMPANY)
    assert paged(queries.kpis, "kpis") == ["Kostnad", "reach", "Speed"]
    assert paged(queries.kpis, "kpis", sort="-created") == ["Speed", "reach", "Kostnad"]
    assert names(queries.kpis(COMPANY), "kpis") == ["Kostnad", "Speed"]
    assert names(queries.kpis(owner_id=BEN), "kpis") == ["reach"]
    assert names(queries.kpis(text="SA ATT"), "kpis") == ["Kostnad"]
    story.reads(cost, "1")
    assert names(queries.kpis(status="off_track"), "kpis") == ["Kostnad"]
    assert paged(queries.kpis, "kpis", status="not_measured") == ["reach", "Speed"]
    story.does(c.RetireKpi(cost))
    assert names(queries.kpis(state="retired"), "kpis") == ["Kostnad"]
    assert names(queries.kpis(state="in_use"), "kpis") == ["reach", "Speed"]


def test_all_pages_are_of_the_moment_of_the_first(story: Story) -> None:
    first = story.queries.teams(limit=1)
    story.does(c.RenameTeam(SALES, "Z"))
    story.does(c.FormTeam("Later"))
    second = story.queries.teams(after=first["next"])
    assert names(second, "teams") == ["Sales"]
    assert second["position"] == first["position"]
