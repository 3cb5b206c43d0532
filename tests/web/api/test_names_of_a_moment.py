"""What references are called: goals, teams and cycles as of the moment, people as of now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, TypedDict
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from okr_es.application import Okr
from okr_es.commands import RenameTeam
from okr_es.context import Context
from okr_es.domain.cycle import CycleName
from okr_es.people.directory import FORMER_COLLEAGUE
from projections.as_of.answers import AlignedTo, TitledGoal
from projections.names.loading import load
from projections.names.naming import LAST, Naming
from projections.names.shapes import Wanted, shape_of
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.support.begun import Begun
from tests.support.company_of_roles import NOW as LOOKED_AT
from tests.support.company_of_roles import ROLES, begin_roles
from tests.web.conftest import ADA, BO, Caller, client_of
from web.api.entrance import Mode
from web.app import PREFIX, create_app

Ids = dict[str, str]


@pytest.fixture
def reader(okr: Okr) -> Iterator[FlaskClient]:
    """A client of the API on the real read side."""
    runner = Runner(okr)
    yield client_of(okr, Queries(okr, runner))
    runner.close()


def got(client: FlaskClient, path: str, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(PREFIX + path, headers=named)


def test_teams_and_cycles_are_called_what_they_were_called_then(
    okr: Okr, reader: FlaskClient, company: Ids
) -> None:
    before, ada = okr.log.head(), Caller(reader)
    ada.done(f"/teams/{company['team_id']}/rename", {"name": "Umbrella"})
    ada.done("/cycles/2025-Q3/rename", {"name": "Autumn"})
    ada.done(f"/objectives/{company['objective_id']}/retitle", {"title": "Win"})
    path = f"/objectives/{company['objective_id']}"
    now, then = got(reader, path).json, got(reader, f"{path}?known_at={before}").json
    assert (now["team"]["name"], now["cycle"]["name"]) == ("Umbrella", "Autumn")
    assert (then["team"]["name"], then["cycle"]["name"]) == ("Acme", "2025-Q3")
    for at, title in ((now, "Win"), (then, "Lead the market")):
        assert {each["objective"]["title"] for each in at["key_results"]} == {title}


def test_a_thing_is_called_as_at_the_position_and_before_it_began_as_it_was_first(
    okr: Okr, company: Ids
) -> None:
    team, positions = company["team_id"], [okr.log.head()]
    for name in ("Umbrella", "Cyberdyne"):
        okr.execute(RenameTeam(UUID(team), name), Context(by=UUID(ADA)))
        positions.append(okr.log.head())
    runner = Runner(okr)
    try:
        database = runner.fresh().database
        wanted = [Wanted("team", team, at) for at in (1, *positions, LAST)]
        found = load(database, wanted, ())
        assert [found[each].name for each in wanted] == [
            "Acme", "Acme", "Umbrella", "Cyberdyne", "Cyberdyne",
        ]  # fmt: skip
    finally:
        runner.close()


class Line(TypedDict):
    """A line of a stream, with a goal and what something is aligned to."""

    goal: TitledGoal | None
    above: AlignedTo | None


def test_what_is_aligned_to_has_cycle_and_owner_also_where_it_is_referred_to_otherwise(
    okr: Okr, company: Ids
) -> None:
    runner, shape = Runner(okr), shape_of(Line)
    assert shape is not None
    goal = {"id": company["objective_id"]}
    above = {"kind": "objective", **goal}
    both = [{"goal": goal, "above": above}]
    in_turn = [{"goal": goal, "above": None}, {"goal": None, "above": above}]
    try:
        runner.fresh()
        for lines in (both, in_turn):
            *_, last = Naming(runner, okr.directory).named_lines(shape, iter(lines))
            assert last["above"]["title"] == "Lead the market"
            assert last["above"]["cycle"]["name"] == "2025-Q3"
            assert last["above"]["owner"] == {"id": ADA, "name": "Ada"}
    finally:
        runner.close()


def test_each_side_of_a_comparison_has_the_names_of_its_own_moment(
    okr: Okr, reader: FlaskClient, company: Ids
) -> None:
    ada, kpi = Caller(reader), company["kpi_id"]
    ada.done(f"/key-results/{company['key_result_id']}/link", {"kpi_id": kpi})
    before = okr.log.head()
    ada.done(f"/teams/{company['team_id']}/rename", {"name": "Umbrella"})
    ada.done(f"/objectives/{company['objective_id']}/reassign",
             {"team_id": company["other_team_id"], "owner_id": BO})  # fmt: skip
    found = got(reader, f"/compare?from={before}&to={okr.log.head()}").json
    (entry,) = [each for each in found["entries"] if each["kind"] == "objective"]
    changes = {each["field"]: each for each in entry["changes"]}
    assert changes["team"]["before"] == {"id": company["team_id"], "name": "Acme"}
    assert changes["team"]["after"] == {"id": company["other_team_id"], "name": "Web"}
    assert (changes["owner"]["before"]["name"], changes["owner"]["after"]["name"]) == ("Ada", "Bo")


def test_what_is_aligned_to_is_named_with_its_cycle_and_owner(
    reader: FlaskClient, company: Ids
) -> None:
    ada, below = Caller(reader), f"/objectives/{company['draft_id']}"
    cycle, owner = {"name": "2025-Q3"}, {"id": ADA, "name": "Ada"}
    for kind, title in (("key_result", "New customers"), ("objective", "Lead the market")):
        ada.done(f"{below}/realign", {f"aligned_to_{kind}_id": company[f"{kind}_id"],
                                      "reason": "It fits."})  # fmt: skip
        for path in (below, "/cycles/2025-Q3/board"):
            found = got(reader, path).json
            each = next((o for o in found.get("objectives", [])
                         if o["id"] == company["draft_id"]), found)  # fmt: skip
            above = each["aligned_to"]
            assert (above["kind"], above["title"], above["owner"]) == (kind, title, owner)
            assert above["cycle"]["name"] == cycle["name"]


def test_a_corrected_name_is_there_at_once_also_in_the_past_and_in_tags(
    okr: Okr, reader: FlaskClient, company: Ids
) -> None:
    """Where the events are the same and the answer is another, the tag is another one too."""
    Caller(reader).done(f"/objectives/{company['objective_id']}/reassign", {"owner_id": BO})
    objective, at = f"/objectives/{company['objective_id']}", okr.log.head()
    paths = (objective, f"{objective}?known_at={at}", f"/cycles/2025-Q3/board?known_at={at}")
    before = [got(reader, path) for path in paths]
    assert all('"Bo"' in each.text for each in before)
    again = [
        got(reader, p, If_None_Match=b.headers["ETag"]) for p, b in zip(paths, before, strict=True)
    ]
    assert [each.status_code for each in again] == [304] * 3
    Caller(reader).done(f"/people/{BO}/rename", {"name": "Bodil"})
    for path, old in zip(paths, before, strict=True):
        found = got(reader, path, If_None_Match=old.headers["ETag"])
        assert (found.status_code, '"Bodil"' in found.text) == (200, True), path


def test_who_is_erased_has_no_name_any_more_in_another_process_too(
    okr: Okr, reader: FlaskClient, company: Ids
) -> None:
    Caller(reader).done(f"/objectives/{company['objective_id']}/reassign", {"owner_id": BO})
    path, url = f"/objectives/{company['objective_id']}", okr.database.url.render_as_string()
    other = Okr(url, clock=okr.clock)
    queries = Queries(other)
    elsewhere = create_app(other, queries, mode=Mode.OPEN).test_client()
    assert got(elsewhere, path).json["owner"]["name"] == "Bo"
    Caller(reader).done(f"/people/{BO}/erase", {"legal_ground": "their wish", "reason": "So."})
    for client in (reader, elsewhere):
        assert got(client, path).json["owner"] == {"id": BO, "name": FORMER_COLLEAGUE}
    assert "'Bo'" not in repr(queries.naming.kept)
    queries.runner.close()
    other.close()


def test_the_names_are_the_same_on_both_engines(begun: Begun) -> None:
    """All kinds of things, in one answer."""
    with (
        begun.fresh("company of roles", begin_roles) as url,
        closing(Okr(url, clock=lambda: LOOKED_AT)) as okr,
    ):
        queries = Queries(okr)
        board = queries.named("board", queries.board(CycleName("2025-Q3")))
        assert {each["team"]["name"] for each in board["objectives"]} == {"Here", "There"}
        assert {each["cycle"]["name"] for each in board["objectives"]} == {"2025-Q3"}
        assert {each["owner"]["name"] for each in board["objectives"]} == {*ROLES, "Other"}
        key_results = [each for row in board["objectives"] for each in row["key_results"]]
        assert {each["objective"]["title"] for each in key_results} >= {"hr objective"}
        queries.runner.close()
