"""Things by name, title or the beginning of their id, wherever the command line takes an id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, get_args
from uuid import UUID

import click
import pytest

from okr_es.application import Okr
from tests.web.cli.test_main import call
from tests.web.cli.test_server import Both, example, goals, own_folder, served
from tests.web.conftest import ADA, BO
from web.api.commands import ROUTES
from web.api.queries import ROUTES as QUESTIONS
from web.cli.commands.asking import holds_an_id, thing_named
from web.cli.commands.fields import leaves_of
from web.cli.short_ids import shortened
from web.cli.things import OF_KIND, Found, all_rows, look_up

__all__ = ["example", "goals", "own_folder"]

MARA, MARC = (f"0194aaaa-0000-7000-8000-00000000000{n}" for n in (1, 2))
ROWS = (
    Found(MARA, "Mara Lindqvist", "mara@example.org"),
    Found(MARC, "Marc", ""),
    Found("0194bbbb-0000-7000-8000-000000000003", "0194b", ""),
    Found("77771111-0000-7000-8000-000000000004", None, "lead from 2025-01-01"),
    Found("88881111-0000-7000-8000-000000000005", "Élodie", ""),
    Found("88882222-0000-7000-8000-000000000006", "Kim", "one"),
    Found("88883333-0000-7000-8000-000000000007", "KIM", "two"),
)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Marc", MARC),
        ("mara lindqvist", MARA),
        ("\u0065\u0301LODIE", ROWS[4].id),
        ("elodie", ROWS[4].id),
        ("0194b", ROWS[2].id),
        ("0194bbbb", ROWS[2].id),
        ("7777", ROWS[3].id),
        ("77771111-0000", ROWS[3].id),
        ("0194AAAA00007000800000000000000" + "2", MARC),
    ],
)
def test_a_name_or_the_beginning_of_an_id_is_enough(text: str, id_: str) -> None:
    assert look_up("person", text, ROWS) == id_


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mar", [
            "There is no person Mar. Is it one of these?",
            "  0194aaaa-0000-7000-8000-000000000001  Mara Lindqvist  mara@example.org",
            "  0194aaaa-0000-7000-8000-000000000002  Marc",
        ]),
        ("0194aaaa", [
            "0194aaaa may be each of these; give more of the id:",
            "  0194aaaa-0000-7000-8000-000000000001  Mara Lindqvist  mara@example.org",
            "  0194aaaa-0000-7000-8000-000000000002  Marc",
        ]),
        ("kim", [
            "kim may be each of these; give more of the id:",
            "  88882222  Kim  one", "  88883333  KIM  two",
        ]),
        ("Ki", [
            "There is no person Ki. Is it one of these?", "  88882222  Kim  one",
            "  88883333  KIM  two",
        ]),
        ("Elodie B", ["There is no person Elodie B. Is it one of these?", "  88881111  Élodie"]),
        ("777", ["There is no person 777."]),
        ("", ["There is no person ."]),
    ],
)  # fmt: skip
def test_what_names_nothing_or_too_much_is_refused_with_what_it_may_mean(
    text: str, said: list[str]
) -> None:
    with pytest.raises(click.ClickException) as refused:
        look_up("person", text, ROWS)
    assert refused.value.message.splitlines() == said


def test_not_more_than_ten_are_named() -> None:
    rows = [Found(f"{n:08}-0000-7000-8000-000000000000", "Twin") for n in range(1, 14)]
    with pytest.raises(click.ClickException) as refused:
        look_up("person", "twin", rows)
    assert refused.value.message.splitlines()[-1] == "  … and 3 more"


def test_ids_are_cut_where_no_other_begins_so() -> None:
    short = shortened([MARA, ROWS[2].id, "88881111-0000-7000-8000-000000000005"])
    assert [short(each) for each in (MARA, ROWS[2].id, ROWS[4].id)] == [
        "0194aaaa", "0194bbbb", "88881111",
    ]  # fmt: skip
    assert shortened([MARA, MARC])(MARC) == MARC


@pytest.fixture
def url(okr: Okr) -> str:
    return okr.database.url.render_as_string(hide_password=False)


class TestOfEachKind:
    """On a database and on a server, by name and by the beginning of an id."""

    @pytest.mark.parametrize(
        "words",
        [
            ("people", "show", "mara lindqvist"),
            ("teams", "show", "kestrelly"),
            ("grants", "list", "--person", "Mara Lindqvist"),
            ("compare", "2025-Q3:plan-committed", "2025-Q3:published", "--team", "KESTRELLY"),
            ("goal", "{kpi:.13}"),
            ("goal", "{objective:.13}"),
            ("goal", "{key_result:.13}"),
            ("history", "{objective:.13}", "--limit", "2"),
            ("cycles", "show", "{cycle:.13}"),
            ("readings", "show", "{reading:.30}"),
        ],
        ids=" ".join,
    )
    def test_it_is_found(
        self, words: tuple[str, ...], example: Both, goals: dict[str, str]
    ) -> None:
        asked = [each.format(**goals) for each in words]
        here, there = example.here(*asked), example.there(*asked)
        assert here.exit_code == 0, here.output
        assert (there.exit_code, there.output) == (0, here.output)


class TestTheReadIsRecorded:
    def reads(self, okr: Okr) -> Iterator[tuple[str, str | None]]:
        for each in okr.access_log.search():
            yield each.what, None if each.by is None else str(each.by)

    def test_by_who_is_named(self, url: str, okr: Okr) -> None:
        assert call("--database", url, "people", "deactivate", "Bo", "--by", ADA).exit_code == 0
        assert list(self.reads(okr)) == [("people", ADA)]

    def test_by_who_is_found_where_the_name_is_theirs(self, url: str, okr: Okr) -> None:
        done = call("--database", url, "people", "rename", BO, "--name", "Bo B", "--by", "ada")
        assert done.exit_code == 0, done.output
        assert list(self.reads(okr)) == [("people", ADA)]

    def test_also_where_nobody_is_found(self, url: str, okr: Okr) -> None:
        refused = call("--database", url, "review", "2025-Q3", "--by", "Zoe")
        assert refused.stderr == "Error: There is no person Zoe.\n"
        assert list(self.reads(okr)) == [("people", None)]

    def test_an_id_is_not_looked_up(self, url: str, okr: Okr) -> None:
        assert call("--database", url, "people", "deactivate", BO, "--by", ADA).exit_code == 0
        assert list(self.reads(okr)) == []

    def test_on_a_server_by_the_server(self, okr: Okr) -> None:
        with served(okr.database.url.render_as_string(hide_password=False)) as both:
            done = both.there("people", "deactivate", "Bo", "--by", ADA)
            assert done.exit_code == 0, done.output
            assert list(self.reads(both.okr)) == [("people", ADA)]


def test_two_goals_of_a_title_are_told_apart_by_their_cycle(url: str) -> None:
    refused = call("--database", url, "goal", "new customers")
    assert refused.exit_code == 1
    first, *candidates = refused.stderr.splitlines()
    assert first == "Error: new customers may be each of these; give more of the id:"
    assert [re.sub(r"^ +\S+", "", each) for each in candidates] == [
        "  New customers  2025-Q3, of Lead the market", "  New customers  2025-Q3, of Ship 2.0",
    ]  # fmt: skip


def test_what_is_found_is_what_is_acted_on(url: str, company: dict[str, str]) -> None:
    words = ("objectives", "describe", "SHIP 2.0", "--description", "x", "--by", "Ada", "--json")
    done = call("--database", url, *words)
    assert json.loads(done.stdout)["id"] == company["draft_id"]


def test_further_pages_are_looked_through() -> None:
    pages: dict[str | None, dict[str, Any]] = {
        None: {"people": [{"id": MARA, "name": "Mara"}], "next": "cursor"},
        "cursor": {"people": [{"id": MARC, "name": "Marc"}], "next": None},
    }
    asked = all_rows(lambda after=None: pages[after], "people")
    assert [row["name"] for row in asked] == ["Mara", "Marc"]


def test_each_id_is_of_a_kind_that_can_be_looked_up() -> None:
    fields = {
        leaf.path[-1]
        for route in ROUTES for leaf in leaves_of(route.command)
        if UUID in {leaf.hint, *get_args(leaf.hint)} and leaf.path[-1] != "id"
    }  # fmt: skip
    parameters = {
        each.name for route in QUESTIONS for each in route.parameters if holds_an_id(each)
    }
    about = {route.about for route in QUESTIONS if "<uuid:" in route.path}
    kinds = {name: getattr(thing_named(name), "kind", None) for name in fields | parameters | about}
    assert {name: kind for name, kind in kinds.items() if kind not in OF_KIND} == {}
    assert len(kinds) > 15
