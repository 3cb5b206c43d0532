"""What a person prefers: theirs alone, outside the log, and gone with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.people.preferences import Preferences, keep_preferences, preferences_of
from projections.goals.reader import Reader
from projections.held_data import HeldData
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.conftest import ADA, client_of
from web.app import PREFIX

BEA = UUID("6a0c5f0e-5b1c-4d53-9a51-0d8a3f6d2f09")
NOTHING = {"language": None, "first_page": None}


@pytest.fixture
def bea(okr: Okr) -> UUID:
    """A colleague of Ada's."""
    okr.execute(c.RegisterPerson("Bea", "bea@example.org", id=BEA), Context(UUID(ADA)))
    return BEA


@pytest.fixture
def client(okr: Okr, bea: UUID) -> Iterator[FlaskClient]:
    """A client of the API on the real read side."""
    with closing(Runner(okr)) as runner:
        yield client_of(okr, Queries(okr, runner))


def path(person: object) -> str:
    return f"{PREFIX}/people/{person}/preferences"


def asked(client: FlaskClient, of: object, by: object) -> Any:
    return client.get(path(of), headers={"Okr-Actor": str(by)})


def sent(client: FlaskClient, of: object, by: object, preferred: Any) -> Any:
    """The answer to a PUT; what is left out of an object is null."""
    body = NOTHING | preferred if isinstance(preferred, dict) else preferred
    return client.put(path(of), json=body, headers={"Okr-Actor": str(by)})


def test_before_anything_is_preferred_there_is_nothing(client: FlaskClient) -> None:
    assert asked(client, BEA, BEA).json == NOTHING


def test_what_is_preferred_is_kept_and_no_event_says_so(client: FlaskClient, okr: Okr) -> None:
    before = okr.log.head()
    preferred = {"language": "sv", "first_page": "board"}
    assert sent(client, BEA, BEA, preferred).json == preferred
    assert asked(client, BEA, BEA).json == preferred
    assert asked(client, ADA, ADA).json == NOTHING
    assert okr.log.head() == before


def test_what_is_null_goes(client: FlaskClient, okr: Okr) -> None:
    sent(client, BEA, BEA, {"language": "sv", "first_page": "board"})
    assert sent(client, BEA, BEA, {"language": "en"}).json == NOTHING | {"language": "en"}
    assert sent(client, BEA, BEA, {"language": None}).json == NOTHING
    assert "preferences" not in okr.directory.texts_of([BEA])[BEA]


def test_name_and_address_stay_and_a_new_name_leaves_it(client: FlaskClient, okr: Okr) -> None:
    sent(client, BEA, BEA, {"language": "sv"})
    assert okr.directory.entries([BEA])[BEA][1:] == ("Bea", "bea@example.org")
    okr.execute(c.RenamePerson(BEA, "Beatrice"), Context(BEA, reason="married"))
    assert okr.directory.entries([BEA])[BEA].name == "Beatrice"
    assert asked(client, BEA, BEA).json["language"] == "sv"


def test_it_is_nobody_elses_to_see_or_to_change(client: FlaskClient) -> None:
    for refused in (asked(client, BEA, ADA), sent(client, BEA, ADA, {"language": "sv"})):
        assert (refused.status_code, refused.json["type"]) == (403, "/problems/not-allowed")
    assert client.get(path(BEA)).status_code == 401
    stranger = UUID(int=7)
    assert asked(client, stranger, stranger).status_code == 403


@pytest.mark.parametrize(
    ("preferred", "field"),
    [
        ({"language": "fr"}, "language"), ({"first_page": "moon"}, "first_page"),
        ({"language": 1}, "language"), ({"theme": "dark"}, "theme"), (["sv"], "body"),
        ({"language": ["sv"]}, "language"), ({"language": {}}, "language"),
    ],
    ids=["a-language", "a-page", "a-number", "a-field", "a-list", "a-list-in-it", "an-object"],
)  # fmt: skip
def test_what_cannot_be_preferred_is_refused(
    client: FlaskClient, preferred: Any, field: str
) -> None:
    refused = sent(client, BEA, BEA, preferred)
    assert (refused.status_code, refused.json["field"]) == (422, field)
    assert asked(client, BEA, BEA).json == NOTHING


def test_both_are_named(client: FlaskClient) -> None:
    refused = client.put(path(BEA), json={"language": "sv"}, headers={"Okr-Actor": str(BEA)})
    assert (refused.status_code, refused.json["field"]) == (422, "first_page")


def test_a_large_body_is_refused_with_the_limit(client: FlaskClient) -> None:
    refused = sent(client, BEA, BEA, {"language": "s" * 2_000})
    assert (refused.status_code, refused.json["most_bytes"]) == (413, 1_024)


def test_it_is_among_what_is_held_about_them(client: FlaskClient, okr: Okr) -> None:
    sent(client, BEA, BEA, {"language": "sv"})
    with closing(Runner(okr)) as runner:
        lines = list(HeldData(okr, Reader(okr, runner), BEA).lines())
    (entry,) = [each["item"] for each in lines if each["section"] == "directory"]
    assert entry["preferences"] == {"language": "sv", "first_page": None}


def test_it_goes_with_them(client: FlaskClient, okr: Okr) -> None:
    sent(client, BEA, BEA, {"language": "sv"})
    okr.directory.remove(BEA)
    assert preferences_of(okr.directory, BEA) == Preferences()
    keep_preferences(okr.directory, BEA, Preferences("sv"))
    assert okr.directory.texts_of([BEA]) == {}


def test_a_word_that_is_none_any_more_is_left_out(okr: Okr, bea: UUID) -> None:
    keep_preferences(okr.directory, bea, Preferences("sv", "a page of before"))
    assert preferences_of(okr.directory, bea) == Preferences("sv", None)


def test_they_have_no_version_so_no_tag_matches(client: FlaskClient, okr: Okr) -> None:
    headers = {"Okr-Actor": str(BEA)}
    for tag, status in (('"999"', 412), ('"0.a"', 412), ('W/"1"', 412), ("1", 422), ("*", 200)):
        put = client.put(
            path(BEA), json=NOTHING | {"language": "sv"}, headers=headers | {"If-Match": tag}
        )
        assert put.status_code == status, tag
        assert (preferences_of(okr.directory, BEA).language is None) == (status != 200), tag
        assert status != 412 or put.json["field"] == "If-Match"
